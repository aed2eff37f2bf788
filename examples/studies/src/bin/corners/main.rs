//! What lies beside the main loop: block formats of every shape, integers and fixed point, random bits, and arithmetic as
//! wide as the storage type, each as a multiple of a copy of the same bytes in the same run.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin corners
//! cargo run --release -p lowprec-studies --bin corners -- --level avx2
//! ```
//!
//! A time is the smallest of two hundred samples of 16,384 values, which stay in cache, in five passes over all rows, so
//! that a busy moment of the machine does not fall on one row alone; rounded in place after a copy, which is taken off.

#[path = "../../../../../benches/support/mod.rs"]
mod support;

mod single;

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use lowprec::quant::fixed::{Fixed, OutOfRange};
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
use lowprec::{
    Binary, BlockChop, BlockFormat, Chop, Format, Level, Rounding, Storage, Ternary, Unary,
};
use lowprec_studies::failure::Failure;
use support::{BETWEEN, Buffer, DESTINATION, SOURCE};

const N: usize = 16_384;

/// Block formats of every shape, integers, random bits, and arithmetic as wide
/// as the storage type, beside a copy of the same bytes; and operations one at a
/// time, beside an addition. Takes ten seconds.
#[derive(Debug, Parser)]
#[command(name = "corners", version, verbatim_doc_comment)]
struct Args {
    /// CPU level: portable, avx2, avx-512; the best there is if not given
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// Only rows with this in their name, in letters of either case
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// How often all rows are measured; the fastest counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    passes: u32,
}

fn level(text: &str) -> Result<Level, String> {
    match text.to_ascii_lowercase().as_str() {
        "portable" => Ok(Level::Portable),
        "avx2" => Ok(Level::Avx2),
        "avx-512" => Ok(Level::Avx512),
        _ => Err(format!("{text:?} given, portable, avx2 or avx-512 allowed")),
    }
}

/// A level as `--level` takes it.
fn name(level: Level) -> &'static str {
    match level {
        Level::Portable => "portable",
        Level::Avx2 => "avx2",
        Level::Avx512 => "avx-512",
        _ => "another level",
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

/// A time in nanoseconds a value, in one of the storage types.
#[derive(Clone, Copy)]
struct Cell {
    time: f64,
    /// Bytes of a value.
    bytes: usize,
    /// Whether it has a copy in it.
    copied: bool,
}

impl Cell {
    fn of<T>(time: f64) -> Self {
        Self { time, bytes: size_of::<T>(), copied: false }
    }

    fn in_place<T>(time: f64) -> Self {
        Self { copied: true, ..Self::of::<T>(time) }
    }
}

/// What is measured together: a title, the names of columns, rows by their names.
struct Table {
    title: &'static str,
    columns: &'static [&'static str],
    rows: Vec<(String, Vec<Cell>)>,
    /// What times are multiples of instead of a copy.
    base: Option<Cell>,
}

/// The faster of each two times.
fn merge(known: &mut [Table], more: Vec<Table>) {
    for (known, more) in known.iter_mut().zip(more) {
        if let (Some(known), Some(more)) = (&mut known.base, &more.base) {
            known.time = known.time.min(more.time);
        }
        for ((_, known), (_, more)) in known.rows.iter_mut().zip(more.rows) {
            known
                .iter_mut()
                .zip(more)
                .for_each(|(known, more)| known.time = known.time.min(more.time));
        }
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
fn values<T: Storage + Default>(count: usize) -> Buffer<T> {
    let value = |i: usize| (i as f64 * 0.7123).sin() * (i as f64 * 0.013).cos() * 3.0;
    Buffer::of(&(0..count).filter_map(|i| T::from(value(i))).collect::<Vec<T>>(), SOURCE)
}

/// Room for the results, which begins at another place of a page than the values.
fn results<T: Copy + Default>(count: usize) -> Buffer<T> {
    Buffer::new(count, DESTINATION)
}

fn copy<T: Storage + Default>() -> Cell {
    let from = values::<T>(N);
    let mut to = results(from.len());
    Cell::of::<T>(fastest(N, || {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }))
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

fn blocks<T: Storage + Default>(row: &Row) -> Result<Cell, Failure> {
    let &(_, format, mode, shape, axis, special) = row;
    let format: BlockFormat = format.parse().map_err(Failure::input)?;
    let count = shape.iter().product();
    let mut from = values::<T>(count);
    if let Some(special) = special.and_then(T::from) {
        from.iter_mut().step_by(32).for_each(|x| *x = special);
    }
    let stream = BlockChop::new(format, mode).stream(1);
    let mut to = results(from.len());
    let mut failed = None;
    let time = fastest(count, || {
        to.copy_from_slice(&from);
        failed = failed.take().or(stream.chop_shaped(black_box(&mut to), shape, axis).err());
    });
    failed.map_or(Ok(Cell::in_place::<T>(time)), |error| Err(Failure::input(error)))
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

/// Ranges of the least squared error.
const SEARCHED: &str = "int4 in 32, least squares";

fn searched<T: Storage + Default>() -> Result<Cell, Failure> {
    let format = IntegerFormat::new(4, Codes::Symmetric).map_err(Failure::input)?;
    let layout = Layout::groups(&[128, 128], 32).map_err(Failure::input)?;
    let from = values::<T>(N);
    let mut failed = None;
    let found = fastest(N, || {
        failed = format.ranges(black_box(&from), layout, Calibration::LeastSquares).err();
    });
    failed.map_or(Ok(Cell::of::<T>(found)), |error| Err(Failure::input(error)))
}

/// Values that codes stand for, and codes.
fn integers<T: Storage + Default>(row: &IntegerRow) -> Result<[Cell; 2], Failure> {
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
    let mut to = results(from.len());
    let in_place = fastest(N, || {
        to.copy_from_slice(&from);
        stream.quantize_slice(black_box(&mut to));
    });
    let mut codes = results::<i32>(N);
    let mut failed = None;
    let encoded = fastest(N, || {
        failed = failed.take().or(stream.encode_slice(black_box(&from), &mut codes).err());
    });
    let cells = [Cell::in_place::<T>(in_place), Cell::of::<T>(encoded)];
    failed.map_or(Ok(cells), |error| Err(Failure::input(error)))
}

/// Qm.n: values in place and codes.
fn fixed<T: Storage + Default>(overflow: OutOfRange) -> Result<[Cell; 2], Failure> {
    let fixed = Fixed::new(8, 8).map_err(Failure::input)?.with_out_of_range(overflow);
    let from = values::<T>(N);
    let mut to = results(from.len());
    let in_place = fastest(N, || {
        to.copy_from_slice(&from);
        fixed.quantize_slice(black_box(&mut to));
    });
    let mut codes = results::<i32>(N);
    let mut failed = None;
    let encoded = fastest(N, || {
        failed = failed.take().or(fixed.encode_slice(black_box(&from), &mut codes).err());
    });
    let cells = [Cell::in_place::<T>(in_place), Cell::of::<T>(encoded)];
    failed.map_or(Ok(cells), |error| Err(Failure::input(error)))
}

/// One by one with random bits: name, format, mode.
const DRAWN: [(&str, Format, &str); 5] = [
    ("bfloat16, stochastic", Format::BFLOAT16, "stochastic"),
    ("bfloat16, B of 24 bits", Format::BFLOAT16, "stochastic-b:24"),
    ("binary16, stochastic", Format::BINARY16, "stochastic"),
    ("binary16, B of 24 bits", Format::BINARY16, "stochastic-b:24"),
    ("E4M3, B of 32 bits", Format::OCP_E4M3, "stochastic-b:32"),
];

fn drawn<T: Storage + Default>(format: Format, mode: Rounding) -> Cell {
    let stream = Chop::new(format, mode).stream(1);
    let from = values::<T>(N);
    let mut to = results(from.len());
    Cell::in_place::<T>(fastest(N, || {
        to.copy_from_slice(&from);
        stream.chop_slice(black_box(&mut to));
    }))
}

/// The five operations in binary64.
fn arithmetic(mode: Rounding) -> Vec<Cell> {
    let stream = Chop::new(Format::BINARY64, mode).stream(1);
    let x = values::<f64>(N);
    let y = Buffer::of(&values::<f64>(N + 7)[7..], BETWEEN);
    let z = Buffer::of(&x.iter().rev().copied().collect::<Vec<f64>>(), BETWEEN + DESTINATION);
    let positive = Buffer::of(&x.iter().map(|x| x.abs()).collect::<Vec<f64>>(), SOURCE);
    let mut to = results(N);
    let mut binary = |op| fastest(N, || stream.map(op, [black_box(&x[..]), &y], &mut to));
    let [add, mul, div] = [Binary::Add, Binary::Mul, Binary::Div].map(&mut binary);
    let sqrt = fastest(N, || stream.map(Unary::Sqrt, [black_box(&positive[..])], &mut to));
    let fma = fastest(N, || stream.map(Ternary::Fma, [black_box(&x[..]), &y, &z], &mut to));
    [add, mul, div, sqrt, fma].map(Cell::of::<f64>).into()
}

/// Modes of the arithmetic that is as wide as its storage.
const MODES: [Rounding; 5] =
    [EVEN, Rounding::Up, Rounding::ToOdd, Rounding::Stochastic, Rounding::StochasticEqual];

const FIXED: [(&str, OutOfRange); 2] =
    [("Q8.8", OutOfRange::Saturate), ("Q8.8, wrapping", OutOfRange::Wrap)];

/// The names of all rows.
fn names() -> impl Iterator<Item = String> {
    let blocks = ROWS.iter().map(|row| row.0).chain(INTEGERS.iter().map(|row| row.0));
    let rest = FIXED.iter().map(|row| row.0).chain(DRAWN.iter().map(|row| row.0));
    let rest = rest.chain([SEARCHED]).chain(single::ROWS);
    blocks.chain(rest).map(str::to_owned).chain(MODES.iter().map(Rounding::to_string))
}

/// All rows once.
fn measure(args: &Args) -> Result<Vec<Table>, Failure> {
    let only = args.only.to_lowercase();
    let asked = |name: &str| name.to_lowercase().contains(&only);
    let mut tables = Vec::new();
    let rows = ROWS.iter().filter(|row| asked(row.0));
    let rows = rows.map(|row| Ok((row.0.into(), vec![blocks::<f32>(row)?, blocks::<f64>(row)?])));
    let rows = rows.collect::<Result<_, Failure>>()?;
    tables.push(Table { title: "blocks", columns: &["f32", "f64"], rows, base: None });

    let three = |[single, codes]: [Cell; 2], double: [Cell; 2]| vec![single, double[0], codes];
    let rows = INTEGERS.iter().filter(|row| asked(row.0));
    let rows =
        rows.map(|row| Ok((row.0.into(), three(integers::<f32>(row)?, integers::<f64>(row)?))));
    let mut rows = rows.collect::<Result<Vec<_>, Failure>>()?;
    for (name, beyond) in FIXED {
        if asked(name) {
            rows.push((name.into(), three(fixed::<f32>(beyond)?, fixed::<f64>(beyond)?)));
        }
    }
    let columns = &["f32", "f64", "f32 to i32"];
    tables.push(Table { title: "integers", columns, rows, base: None });

    let mut rows = Vec::new();
    if asked(SEARCHED) {
        rows.push((SEARCHED.into(), vec![searched::<f32>()?, searched::<f64>()?]));
    }
    tables.push(Table { title: "ranges", columns: &["f32", "f64"], rows, base: None });

    let mut rows = Vec::new();
    for (name, format, mode) in DRAWN.into_iter().filter(|row| asked(row.0)) {
        let mode: Rounding = mode.parse().map_err(Failure::input)?;
        rows.push((name.into(), vec![drawn::<f32>(format, mode), drawn::<f64>(format, mode)]));
    }
    tables.push(Table { title: "chop", columns: &["f32", "f64"], rows, base: None });

    let modes = MODES.into_iter().filter(|mode| asked(&mode.to_string()));
    let rows = modes.map(|mode| (mode.to_string(), arithmetic(mode))).collect();
    let columns = &["add", "mul", "div", "sqrt", "fma"];
    tables.push(Table { title: "binary64", columns, rows, base: None });

    let rows = single::ROWS.iter().filter(|row| asked(row));
    let rows: Vec<_> = rows.map(|row| ((*row).to_owned(), vec![single::measure(row)])).collect();
    let base = (!rows.is_empty()).then(|| single::measure(single::PLAIN));
    tables.push(Table { title: "one at a time, in a chain", columns: &["f64"], rows, base });
    Ok(tables)
}

fn run(args: &Args) -> Result<(), Failure> {
    if let Some(level) = args.level
        && level.cap() != level
    {
        return Err(Failure::input(format_args!("{level:?} is not to be had on this processor")));
    }
    let copies = || Table {
        title: "copy",
        columns: &["f32", "f64"],
        rows: vec![("copy".into(), vec![copy::<f32>(), copy::<f64>()])],
        base: None,
    };
    let names: Vec<String> = names().collect();
    let only = args.only.to_lowercase();
    if !names.iter().any(|name| name.to_lowercase().contains(&only)) {
        let (given, names) = (&args.only, names.join("; "));
        return Err(Failure::input(format_args!(
            "--only: no row has {given:?} in its name; rows are {names}"
        )));
    }
    let mut tables: Vec<Table> = Vec::new();
    for _ in 0..args.passes {
        let mut pass = vec![copies()];
        pass.extend(measure(args)?);
        if tables.is_empty() {
            tables = pass;
        } else {
            merge(&mut tables, pass);
        }
    }
    print(&tables, &mut io::stdout().lock()).map_err(Failure::from)
}

/// Each time and what multiple of a copy in the same storage type it is.
fn print(tables: &[Table], out: &mut impl io::Write) -> io::Result<()> {
    let copies: Vec<Cell> = tables[0].rows.iter().flat_map(|(_, cells)| cells).copied().collect();
    let level = name(Level::current());
    writeln!(out, "{level}: nanoseconds a value, and as a multiple of a copy, or of an addition")?;
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        write!(out, "\n{:28}", table.title)?;
        table.columns.iter().try_for_each(|column| write!(out, "{column:>18}"))?;
        writeln!(out)?;
        for (name, cells) in &table.rows {
            write!(out, "{name:28}")?;
            for cell in cells {
                let copy = copies.iter().find(|copy| copy.bytes == cell.bytes);
                let copy = table.base.as_ref().or(copy).map_or(f64::NAN, |copy| copy.time);
                let time = if cell.copied { cell.time - copy } else { cell.time };
                write!(out, "{time:>10.3} {:6.1}x", time / copy)?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}
