//! What lies beside the main loop: block formats of every shape, integers and fixed point, random bits, and arithmetic as
//! wide as the storage type, each as a multiple of a copy of the same bytes in the same run.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin corners
//! cargo run --release -p lowprec-studies --bin corners -- --level avx2
//! ```
//!
//! A time is the smallest of forty samples of 16,384 values, which stay in cache; rounded in place after a copy, which
//! is taken off.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use lowprec::quant::fixed::{Fixed, OutOfRange};
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
use lowprec::{
    Binary, BlockChop, BlockFormat, Chop, Format, Level, Rounding, Storage, Ternary, Unary,
};
use lowprec_studies::failure::Failure;

const N: usize = 16_384;

/// Block formats of every shape, integers, random bits, and arithmetic as wide
/// as the storage type, beside a copy of the same bytes.
#[derive(Debug, Parser)]
#[command(name = "corners", version, verbatim_doc_comment)]
struct Args {
    /// CPU level: portable, avx2, avx-512; the best there is if not given
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// Only rows with this in their name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

fn level(text: &str) -> Result<Level, String> {
    match text {
        "portable" => Ok(Level::Portable),
        "avx2" => Ok(Level::Avx2),
        "avx-512" => Ok(Level::Avx512),
        _ => Err(format!("{text:?} given, portable, avx2 or avx-512 allowed")),
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

/// Nanoseconds a value of the fastest of many runs.
fn fastest(count: usize, mut run: impl FnMut()) -> f64 {
    const SAMPLES: usize = 40;
    const EACH: u32 = 4;
    let sample = |_| {
        let start = Instant::now();
        (0..EACH).for_each(|_| run());
        start.elapsed().as_nanos() as f64 / f64::from(EACH)
    };
    (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min) / count as f64
}

/// Values of a few binades, of both signs.
fn values<T: Storage>(count: usize) -> Vec<T> {
    let value = |i: usize| (i as f64 * 0.7123).sin() * (i as f64 * 0.013).cos() * 3.0;
    (0..count).filter_map(|i| T::from(value(i))).collect()
}

fn copy<T: Storage>() -> f64 {
    let from = values::<T>(N);
    let mut to = from.clone();
    fastest(N, || {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    })
}

/// A row of the blocks: name, format, mode, shape, axis, and what stands in every 32nd place.
type Row = (&'static str, &'static str, Rounding, &'static [usize], usize, Option<f64>);

const EVEN: Rounding = Rounding::NearestEven;
const ROWS: [Row; 24] = [
    ("NVFP4", "nvfp4", EVEN, &[N], 0, None),
    ("NVFP4, stochastic", "nvfp4", Rounding::Stochastic, &[N], 0, None),
    ("FP8, f32 scales, 1 x 128", "fp8_e4m3_1x128", EVEN, &[128, 128], 1, None),
    ("FP8, f32 scales, 128 x 128", "fp8_e4m3_128x128", EVEN, &[128, 128], 1, None),
    ("FP8, f32 scale for all", "fp8_e4m3_tensor", EVEN, &[N], 0, None),
    ("MSFP12", "msfp12", EVEN, &[N], 0, None),
    ("bfp16", "bfp16", EVEN, &[N], 0, None),
    ("MXFP4", "mxfp4", EVEN, &[N], 0, None),
    ("MXFP4, stochastic", "mxfp4", Rounding::Stochastic, &[N], 0, None),
    ("MXFP4, up", "mxfp4", Rounding::Up, &[N], 0, None),
    ("MXFP4, axis 0 of [512, 32]", "mxfp4", EVEN, &[512, 32], 0, None),
    ("MXFP4, rows of 33", "mxfp4", EVEN, &[496, 33], 1, None),
    ("MXFP4, rows of 3", "mxfp4", EVEN, &[5461, 3], 1, None),
    ("NVFP4, axis 0 of [512, 32]", "nvfp4", EVEN, &[512, 32], 0, None),
    ("NVFP4, rows of 33", "nvfp4", EVEN, &[496, 33], 1, None),
    ("NVFP4, rows of 3", "nvfp4", EVEN, &[5461, 3], 1, None),
    ("MXFP4, NaN in every block", "mxfp4", EVEN, &[N], 0, Some(f64::NAN)),
    ("MXFP4, infinities", "mxfp4", EVEN, &[N], 0, Some(f64::INFINITY)),
    ("MXFP4, 3e38 in every block", "mxfp4", EVEN, &[N], 0, Some(3e38)),
    ("Q8_0", "q8_0", EVEN, &[N], 0, None),
    ("Q4_0", "q4_0", EVEN, &[N], 0, None),
    ("Q4_1", "q4_1", EVEN, &[N], 0, None),
    ("NVFP4, least squares", "nvfp4, least-squares", EVEN, &[N], 0, None),
    ("MXFP4, least squares", "mxfp4, least-squares", EVEN, &[N], 0, None),
];

fn blocks<T: Storage>(row: &Row, of_copy: f64) -> Result<f64, Failure> {
    let &(_, format, mode, shape, axis, special) = row;
    let format: BlockFormat = format.parse().map_err(Failure::input)?;
    let count = shape.iter().product();
    let mut from = values::<T>(count);
    if let Some(special) = special.and_then(T::from) {
        from.iter_mut().step_by(32).for_each(|x| *x = special);
    }
    let stream = BlockChop::new(format, mode).stream(1);
    let mut to = from.clone();
    let mut failed = None;
    let time = fastest(count, || {
        to.copy_from_slice(&from);
        failed = failed.take().or(stream.chop_shaped(black_box(&mut to), shape, axis).err());
    });
    failed.map_or(Ok(time - of_copy), |error| Err(Failure::input(error)))
}

/// A row of the integers: name, bits, codes, mode, and which elements share a scale.
type IntegerRow = (&'static str, u8, Codes, Rounding, Share);

/// Which elements of [128, 128] share a scale.
#[derive(Clone, Copy)]
enum Share {
    All,
    Groups(usize),
    Channels(usize),
}

const INTEGERS: [IntegerRow; 7] = [
    ("int8, one scale", 8, Codes::Symmetric, EVEN, Share::All),
    ("int8, one scale, stochastic", 8, Codes::Symmetric, Rounding::Stochastic, Share::All),
    ("uint8, groups of 32", 8, Codes::Unsigned, EVEN, Share::Groups(32)),
    ("uint8, channels, axis 0", 8, Codes::Unsigned, EVEN, Share::Channels(0)),
    ("uint8, channels, axis 1", 8, Codes::Unsigned, EVEN, Share::Channels(1)),
    ("int4, groups of 32", 4, Codes::Symmetric, EVEN, Share::Groups(32)),
    ("int16, one scale", 16, Codes::Symmetric, EVEN, Share::All),
];

/// Values that codes stand for, and codes: nanoseconds a value.
fn integers<T: Storage>(row: &IntegerRow, of_copy: f64) -> Result<[f64; 2], Failure> {
    let &(_, bits, codes, mode, share) = row;
    let shape = [128, 128];
    let format = IntegerFormat::new(bits, codes).map_err(Failure::input)?.with_rounding(mode);
    let layout = match share {
        Share::All => Ok(Layout::tensor()),
        Share::Groups(size) => Layout::groups(&shape, size),
        Share::Channels(axis) => Layout::channels(&shape, axis),
    };
    let (from, layout) = (values::<T>(N), layout.map_err(Failure::input)?);
    let quantizer = format.calibrate(&from, layout, Calibration::MinMax).map_err(Failure::input)?;
    let stream = quantizer.stream(1);
    let mut to = from.clone();
    let in_place = fastest(N, || {
        to.copy_from_slice(&from);
        stream.quantize_slice(black_box(&mut to));
    });
    let mut codes = vec![0_i32; N];
    let mut failed = None;
    let encoded = fastest(N, || {
        failed = failed.take().or(stream.encode_slice(black_box(&from), &mut codes).err());
    });
    failed.map_or(Ok([in_place - of_copy, encoded]), |error| Err(Failure::input(error)))
}

/// Qm.n: values in place and codes, nanoseconds a value.
fn fixed<T: Storage>(overflow: OutOfRange, of_copy: f64) -> Result<[f64; 2], Failure> {
    let fixed = Fixed::new(8, 8).map_err(Failure::input)?.with_out_of_range(overflow);
    let from = values::<T>(N);
    let mut to = from.clone();
    let in_place = fastest(N, || {
        to.copy_from_slice(&from);
        fixed.quantize_slice(black_box(&mut to));
    });
    let mut codes = vec![0_i32; N];
    let mut failed = None;
    let encoded = fastest(N, || {
        failed = failed.take().or(fixed.encode_slice(black_box(&from), &mut codes).err());
    });
    failed.map_or(Ok([in_place - of_copy, encoded]), |error| Err(Failure::input(error)))
}

/// One by one with random bits: name, format, mode.
const DRAWN: [(&str, Format, &str); 5] = [
    ("bfloat16, stochastic", Format::BFLOAT16, "stochastic"),
    ("bfloat16, B of 24 bits", Format::BFLOAT16, "stochastic-b:24"),
    ("binary16, stochastic", Format::BINARY16, "stochastic"),
    ("binary16, B of 24 bits", Format::BINARY16, "stochastic-b:24"),
    ("E4M3, B of 32 bits", Format::OCP_E4M3, "stochastic-b:32"),
];

fn drawn<T: Storage>(format: Format, mode: Rounding, of_copy: f64) -> f64 {
    let stream = Chop::new(format, mode).stream(1);
    let from = values::<T>(N);
    let mut to = from.clone();
    let time = fastest(N, || {
        to.copy_from_slice(&from);
        stream.chop_slice(black_box(&mut to));
    });
    time - of_copy
}

/// The five operations in binary64, nanoseconds a value.
fn arithmetic(mode: Rounding) -> [f64; 5] {
    let stream = Chop::new(Format::BINARY64, mode).stream(1);
    let (x, y): (Vec<f64>, Vec<f64>) = (values(N), values::<f64>(N + 7)[7..].to_vec());
    let z: Vec<f64> = x.iter().rev().copied().collect();
    let positive: Vec<f64> = x.iter().map(|x| x.abs()).collect();
    let mut to = vec![0.0; N];
    let mut binary = |op| fastest(N, || stream.map(op, [black_box(&x[..]), &y], &mut to));
    let [add, mul, div] = [Binary::Add, Binary::Mul, Binary::Div].map(&mut binary);
    let sqrt = fastest(N, || stream.map(Unary::Sqrt, [black_box(&positive[..])], &mut to));
    let fma = fastest(N, || stream.map(Ternary::Fma, [black_box(&x[..]), &y, &z], &mut to));
    [add, mul, div, sqrt, fma]
}

fn run(args: &Args) -> Result<(), Failure> {
    if let Some(level) = args.level
        && level.cap() != level
    {
        return Err(Failure::input(format_args!("{level:?} is not to be had on this processor")));
    }
    let mut out = io::stdout().lock();
    let copies = [copy::<f32>(), copy::<f64>()];
    writeln!(
        out,
        "{:?}: nanoseconds a value, and as a multiple of a copy: {:.3} (f32), {:.3} (f64)\n",
        Level::current(),
        copies[0],
        copies[1]
    )?;
    writeln!(out, "{:28}{:>18}{:>20}", "blocks", "f32", "f64")?;
    for row in ROWS.iter().filter(|row| row.0.contains(&args.only)) {
        let (single, double) = (blocks::<f32>(row, copies[0])?, blocks::<f64>(row, copies[1])?);
        let of = |time: f64, copy: f64| format!("{time:8.3} {:6.1}x", time / copy);
        writeln!(out, "{:28}{:>18}{:>20}", row.0, of(single, copies[0]), of(double, copies[1]))?;
    }
    writeln!(out, "\n{:28}{:>18}{:>20}{:>20}", "integers", "f32", "f64", "f32 to i32")?;
    let line = |name: &str, [single, codes]: [f64; 2], double: f64| {
        let of = |time: f64, copy: f64| format!("{time:8.3} {:6.1}x", time / copy);
        let [single, codes] = [single, codes].map(|time| of(time, copies[0]));
        format!("{name:28}{single:>18}{:>20}{codes:>20}", of(double, copies[1]))
    };
    for row in INTEGERS.iter().filter(|row| row.0.contains(&args.only)) {
        let [single, double] = [integers::<f32>(row, copies[0])?, integers::<f64>(row, copies[1])?];
        writeln!(out, "{}", line(row.0, single, double[0]))?;
    }
    for (name, overflow) in [("Q8.8", OutOfRange::Saturate), ("Q8.8, wrapping", OutOfRange::Wrap)] {
        if name.contains(&args.only) {
            let [single, double] =
                [fixed::<f32>(overflow, copies[0])?, fixed::<f64>(overflow, copies[1])?];
            writeln!(out, "{}", line(name, single, double[0]))?;
        }
    }
    writeln!(out, "\n{:28}{:>18}{:>20}", "chop", "f32", "f64")?;
    for (name, format, mode) in DRAWN.iter().filter(|row| row.0.contains(&args.only)) {
        let mode: Rounding = mode.parse().map_err(Failure::input)?;
        let single = drawn::<f32>(*format, mode, copies[0]);
        let double = drawn::<f64>(*format, mode, copies[1]);
        let of = |time: f64, copy: f64| format!("{time:8.3} {:6.1}x", time / copy);
        writeln!(out, "{name:28}{:>18}{:>20}", of(single, copies[0]), of(double, copies[1]))?;
    }
    writeln!(
        out,
        "\n{:18}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "binary64, x copy", "add", "mul", "div", "sqrt", "fma"
    )?;
    for mode in
        [EVEN, Rounding::Up, Rounding::ToOdd, Rounding::Stochastic, Rounding::StochasticEqual]
    {
        let name = mode.to_string();
        if name.contains(&args.only) {
            let times = arithmetic(mode).map(|time| format!("{:.1}", time / copies[1]));
            let cells: String = times.iter().map(|time| format!("{time:>12}")).collect();
            writeln!(out, "{name:18}{cells}")?;
        }
    }
    Ok(())
}
