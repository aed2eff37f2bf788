//! Digests of results over formats, modes, policies, operations, storage types, blocks, integers, streams, codes
//! and text: a line each. One committed file of them holds on every processor and at every CPU level; `.ci/portability`
//! runs this on those for which it finds target, linker and runner.
//!
//! ```text
//! cargo run --release -p lowprec-portability                 # compares with digests.txt, at every level
//! cargo run --release -p lowprec-portability -- --print > tests/portability/digests.txt
//! ```
//!
//! Inputs are made of integers alone. Of a NaN the sign and the payload are part of the digest, for the library says
//! what they are.

use std::fmt::Write;
use std::process::ExitCode;

use lowprec::block::ScaleRule;
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
use lowprec::quant::{fixed::Fixed, hadamard::Hadamard};
use lowprec::{
    Binary, BlockChop, BlockFormat, Chop, Format, Level, Overflow, Quaternary, Rounding, Storage,
    Ternary, Unary, Underflow,
};

/// FNV-1a of 64 bits.
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, word: u64) {
        for byte in word.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn values<T: Input>(&mut self, values: &[T]) {
        values.iter().for_each(|x| self.add(x.word()));
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.add(byte.into()));
    }
}

/// SplitMix64.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

trait Input: Storage {
    const NAME: &'static str;
    fn of_word(word: u64) -> Self;
    fn word(self) -> u64;
    /// A number of a small exponent.
    fn near(word: u64) -> Self;
}

impl Input for f32 {
    const NAME: &'static str = "f32";
    fn of_word(word: u64) -> Self {
        Self::from_bits((word >> 32) as u32)
    }
    fn word(self) -> u64 {
        self.to_bits().into()
    }
    fn near(word: u64) -> Self {
        let bits = (word >> 32) as u32;
        Self::from_bits(bits & 0x807f_ffff | (117 + (word as u32 >> 8) % 20) << 23)
    }
}

impl Input for f64 {
    const NAME: &'static str = "f64";
    fn of_word(word: u64) -> Self {
        Self::from_bits(word)
    }
    fn word(self) -> u64 {
        self.to_bits()
    }
    fn near(word: u64) -> Self {
        Self::from_bits(word & 0x800f_ffff_ffff_ffff | (1013 + word % 20) << 52)
    }
}

/// Any bits, numbers near one with few and with many digits, specials.
fn inputs<T: Input>(seed: u64, count: usize) -> Vec<T> {
    let mut words = Words(seed);
    let specials =
        [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 464.0, 65520.0];
    let mut values: Vec<T> = specials.iter().filter_map(|x| T::from(*x)).collect();
    while values.len() < count {
        let word = words.next();
        values.push(match word % 5 {
            0 => T::of_word(words.next()),
            1 => T::near(words.next() & (u64::MAX << 44)),
            _ => T::near(words.next()),
        });
    }
    values
}

const COUNT: usize = 400;

fn modes() -> Vec<Rounding> {
    let mut modes = Rounding::DETERMINISTIC.to_vec();
    modes.extend([Rounding::Stochastic, Rounding::StochasticEqual]);
    for n in [0, 3, 16, 24] {
        modes.extend(
            [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)]
                .map(|mode| mode.expect("at most 32 bits")),
        );
    }
    modes
}

fn formats() -> Vec<Format> {
    let named = Format::CATALOGUE.iter().map(|entry| entry.format);
    let custom = [
        "binary8p3se",
        "binary8p4uf",
        "binary12p6sf",
        "binary8p1ue",
        "e6m9",
        "p4e0:1",
        "p11e-14:15",
        "p11",
        "p1",
        "p24e-10:10",
        "p36",
        "p52",
        "p53e-300:200",
        "e11m51",
    ];
    named.chain(custom.iter().map(|name| name.parse().unwrap_or_else(|e| panic!("{e}")))).collect()
}

fn rounding<T: Input>(format: Format) -> u64 {
    let mut digest = Digest::new();
    let values = inputs::<T>(1, COUNT);
    for mode in modes() {
        for overflow in Overflow::ALL {
            for underflow in Underflow::ALL {
                let chop =
                    Chop::new(format, mode).with_overflow(overflow).with_underflow(underflow);
                let mut slice = values.clone();
                let stream = chop.stream(7).at(1000);
                stream.chop_slice(&mut slice);
                digest.values(&slice);
                digest.add(stream.position());
                for &x in &values[..40] {
                    digest.add(stream.chop(x).word());
                }
                if !mode.is_stochastic() {
                    for &x in &values[..40] {
                        let (y, flags) = chop.chop_flags(x);
                        digest.add(y.word());
                        digest.text(&flags.to_string());
                    }
                }
            }
        }
    }
    digest.0
}

fn arithmetic<T: Input>(format: Format) -> u64 {
    let mut digest = Digest::new();
    let columns: [Vec<T>; 4] = [2, 3, 4, 5].map(|seed| inputs(seed, COUNT / 2));
    let [a, b, c, d] = columns.each_ref().map(Vec::as_slice);
    let mut to = vec![T::zero(); a.len()];
    for mode in modes() {
        let chop = Chop::new(format, mode);
        let stream = chop.stream(11);
        for op in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Remainder] {
            stream.map(op, [a, b], &mut to);
            digest.values(&to);
        }
        stream.map(Unary::Sqrt, [a], &mut to);
        digest.values(&to);
        for op in [Ternary::Fma, Ternary::Sum] {
            stream.map(op, [a, b, c], &mut to);
            digest.values(&to);
        }
        stream.map(Quaternary::Dot, [a, b, c, d], &mut to);
        digest.values(&to);
        for i in 0..30 {
            digest.add(stream.add(a[i], b[i]).word());
            digest.add(stream.div(a[i], b[i]).word());
            digest.add(stream.fma(a[i], b[i], c[i]).word());
        }
    }
    digest.0
}

fn codes(format: Format) -> u64 {
    let mut digest = Digest::new();
    let Some(bits) = format.total_bits() else { return digest.0 };
    let mut words = Words(5);
    for i in 0..COUNT as u64 {
        let code = if bits <= 8 { i & ((1 << bits) - 1) } else { words.next() >> (64 - bits) };
        let x = format.decode(code);
        digest.add(x.to_bits());
        digest.add(format.encode(x).unwrap_or(u64::MAX));
        digest.text(&format.shortest(x));
    }
    digest.0
}

fn blocks<T: Input>(format: BlockFormat) -> u64 {
    let mut digest = Digest::new();
    let values: Vec<T> = inputs(6, 20 * 33);
    let rules = [
        ScaleRule::Floor,
        ScaleRule::Ceil,
        ScaleRule::Rceil,
        ScaleRule::Even,
        ScaleRule::MaxAbs,
        ScaleRule::Absmax,
        ScaleRule::LeastSquares,
    ];
    for rule in rules {
        for mode in
            [Rounding::NearestEven, Rounding::NearestUp, Rounding::Down, Rounding::Stochastic]
        {
            let chop = BlockChop::new(format.with_rule(rule), mode);
            for axis in 0..2 {
                let stream = chop.stream(3);
                let mut rounded = values.clone();
                if stream.chop_shaped(&mut rounded, &[20, 33], axis).is_ok() {
                    digest.values(&rounded);
                }
            }
            if !mode.is_stochastic() {
                let tensor = chop.quantize_shaped(&values, &[20, 33], 1).expect("two axes");
                tensor.codes().iter().for_each(|code| digest.add(code.into()));
                digest.values(&tensor.dequantize::<T>());
            }
        }
    }
    digest.0
}

/// Values rounded to integral ones, in every mode.
fn integral<T: Input>() -> u64 {
    let mut digest = Digest::new();
    for mode in Rounding::DETERMINISTIC.into_iter().chain([Rounding::Stochastic]) {
        let mut values = inputs::<T>(12, COUNT);
        Chop::new(Format::BINARY16, mode).stream(2).round_to_integral_slice(&mut values);
        digest.values(&values);
    }
    digest.0
}

fn integers<T: Input>() -> u64 {
    let mut digest = Digest::new();
    let values: Vec<T> = inputs::<T>(8, 4 * COUNT)
        .into_iter()
        .filter(|x| x.is_finite() && x.abs() < T::one() + T::one())
        .collect();
    for mode in Rounding::DETERMINISTIC {
        for name in ["Q4.12", "Q8.8", "Q1.15"] {
            let fixed: Fixed = name.parse().expect("a fixed-point format");
            let mut rounded = values.clone();
            fixed.with_rounding(mode).quantize_slice(&mut rounded);
            digest.values(&rounded);
        }
        for calibration in
            [Calibration::MinMax, Calibration::Percentile(99.0), Calibration::LeastSquares]
        {
            for codes in [Codes::Symmetric, Codes::Signed, Codes::Unsigned] {
                let integer = IntegerFormat::new(8, codes).expect("8 bits").with_rounding(mode);
                let quantizer = integer
                    .calibrate(&values, Layout::tensor(), calibration)
                    .expect("finite values");
                let mut rounded = values.clone();
                quantizer.quantize_slice(&mut rounded);
                digest.values(&rounded);
            }
        }
    }
    let mut transformed = values[..values.len() / 32 * 32].to_vec();
    Hadamard::new(32).expect("a power of two").with_signs(9).transform(&mut transformed);
    digest.values(&transformed);
    digest.0
}

fn streams() -> u64 {
    let mut digest = Digest::new();
    let chop = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    for seed in [0, 1, u64::MAX] {
        let stream = chop.stream(seed);
        let forked = stream.fork(3).substream(4).at(1 << 40);
        for part in [&stream, &forked] {
            let mut values = vec![0.3_f64; 1500];
            part.chop_slice(&mut values);
            digest.values(&values);
            digest.text(&part.state().to_string());
        }
    }
    digest.0
}

fn text() -> u64 {
    let mut digest = Digest::new();
    let texts = [
        "0.1",
        "1e-400",
        "-3.7e5",
        "0x1.8p-3",
        "1.00048828125",
        "448.5",
        "6e-8",
        "1e38",
        "nan",
        "-inf",
    ];
    for format in formats() {
        for mode in Rounding::DETERMINISTIC {
            let chop = Chop::new(format, mode);
            digest.text(&chop.to_string());
            for text in texts {
                digest.add(chop.parse::<f64>(text).expect("a number").to_bits());
                digest.add(chop.parse::<f32>(text).expect("a number").to_bits().into());
            }
        }
    }
    digest.0
}

/// Every line at the level in use.
fn digests() -> String {
    let mut lines = String::new();
    let mut line = |name: String, digest: u64| {
        writeln!(lines, "{digest:016x} {name}").expect("text takes text");
    };
    for format in formats() {
        line(format!("chop {} {format}", f32::NAME), rounding::<f32>(format));
        line(format!("chop {} {format}", f64::NAME), rounding::<f64>(format));
        line(format!("operations {} {format}", f32::NAME), arithmetic::<f32>(format));
        line(format!("operations {} {format}", f64::NAME), arithmetic::<f64>(format));
        line(format!("codes {format}"), codes(format));
    }
    for (name, format) in BlockFormat::PRESETS {
        line(format!("blocks {} {name}", f32::NAME), blocks::<f32>(format));
        line(format!("blocks {} {name}", f64::NAME), blocks::<f64>(format));
    }
    line("integral f32".into(), integral::<f32>());
    line("integral f64".into(), integral::<f64>());
    line("integers f32".into(), integers::<f32>());
    line("integers f64".into(), integers::<f64>());
    line("streams".into(), streams());
    line("text".into(), text());
    lines
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--print") {
        print!("{}", digests());
        return ExitCode::SUCCESS;
    }
    let wanted = include_str!("../digests.txt");
    let mut wrong = 0;
    for level in Level::available() {
        level.cap();
        let got = digests();
        for (got, wanted) in got.lines().zip(wanted.lines()).filter(|(got, wanted)| got != wanted) {
            println!("{level}: {got}, not {wanted}");
            wrong += 1;
        }
        let (lines, needed) = (got.lines().count(), wanted.lines().count());
        wrong += lines.abs_diff(needed);
        println!("{level}: {lines} digests compared with {needed}, {wrong} differ");
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
