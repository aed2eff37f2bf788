//! `lowprec formats`: the catalogue, and one format in detail.

use std::str::FromStr;

use clap::{Arg, ArgMatches, Command, value_parser};
use lowprec::block::{BlockShape, Specials};
use lowprec::error::ParseError;
use lowprec::{BlockFormat, Format};

use lowprec_cli::file;

use crate::chop::catalogue;
use crate::failure::Failure;

const AFTER_HELP: &str = "\
EXAMPLES
  lowprec formats              every named format, the modes and the policies
  lowprec formats e4m3fn       one format in detail
  lowprec formats e6m9         one that exists only on paper
  lowprec formats nvfp4        a block format";

/// The command line of the job.
pub(crate) fn command() -> Command {
    Command::new("formats").about("Lists the formats, or describes one").after_help(AFTER_HELP).arg(
        Arg::new("format")
            .value_name("FORMAT")
            .help("A format, or a block format, to describe")
            .value_parser(value_parser!(Described)),
    )
}

pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    match given.get_one::<Described>("format") {
        Some(Described::Block(format)) => {
            Ok(file::to_stdout(|out| out.write_all(described_block(format).as_bytes()))?)
        }
        Some(Described::Plain(format)) => {
            Ok(file::to_stdout(|out| out.write_all(described(format).as_bytes()))?)
        }
        None => {
            let names: Vec<String> =
                BlockFormat::PRESETS.iter().map(|(name, _)| (*name).to_owned()).collect();
            let lines: Vec<String> = names.chunks(4).map(|line| line.join(", ")).collect();
            let lines = lines.join(",\n               ");
            Ok(file::to_stdout(|out| {
                catalogue::print(out)?;
                writeln!(out, "Block formats: {lines}")
            })?)
        }
    }
}

/// What is to be described.
#[derive(Clone, Debug)]
enum Described {
    Plain(Format),
    Block(BlockFormat),
}

impl FromStr for Described {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let plain = text.parse().map(Self::Plain);
        plain.or_else(|error| text.parse().map(Self::Block).map_err(|_| error))
    }
}

fn described_block(format: &BlockFormat) -> String {
    let yes = |fact: bool| if fact { "yes" } else { "no" }.to_owned();
    let block = match format.block() {
        BlockShape::Along(count) => format!("{count} values along an axis"),
        BlockShape::Tile { rows, columns } => format!("tiles of {rows} x {columns} values"),
        _ => "all values".to_owned(),
    };
    let bits = format.bits_per_value();
    let rows = [
        ("bits a value", bits.map_or("those of an element".to_owned(), |bits| bits.to_string())),
        ("element", format!("{}, {} bits", format.element(), format.element_bits())),
        ("block", block),
        ("scale", format!("{}, {} bits", format.scale(), format.scale_bits())),
        ("scale for the whole", yes(format.has_tensor_scale())),
        ("minimum", format.minimum().map_or("none".to_owned(), |minimum| minimum.to_string())),
        ("rule", format.rule().to_string()),
        (
            "NaN, infinity",
            if format.specials() == Specials::Nan { "make their block NaN" } else { "saturate" }
                .to_owned(),
        ),
    ];
    let lines = rows.iter().map(|(name, value)| format!("{name:<20} {value}\n"));
    format!("{format}\n\n{}", lines.collect::<String>())
}

fn described(format: &Format) -> String {
    let yes = |fact: bool| if fact { "yes" } else { "no" }.to_owned();
    let number = |x: f64| {
        let (short, full) = (format.shortest(x), Format::BINARY64.shortest(x));
        if short == full { full } else { format!("{full} (printed {short})") }
    };
    let source = Format::CATALOGUE.iter().find(|entry| entry.format == *format);
    let rows = [
        ("bits", format.total_bits().map_or("no codes".to_owned(), |bits| bits.to_string())),
        ("exponent bits", format.exponent_bits().map_or("-".to_owned(), |bits| bits.to_string())),
        ("precision p", format.precision().to_string()),
        ("emin, emax", format!("{}, {}", format.emin(), format.emax())),
        ("largest finite", number(format.largest_finite())),
        ("smallest normal", number(format.smallest_normal())),
        ("smallest subnormal", format.smallest_subnormal().map_or("none".to_owned(), number)),
        ("unit roundoff", format!("2^-{}", format.precision())),
        ("signed", yes(format.has_sign())),
        (
            "zero, minus zero",
            format!("{}, {}", yes(format.has_zero()), yes(format.has_negative_zero())),
        ),
        ("infinities", yes(format.has_infinity())),
        ("NaN", yes(format.has_nan())),
        ("source", source.map_or("-".to_owned(), |entry| entry.source.to_owned())),
    ];
    let lines = rows.iter().map(|(name, value)| format!("{name:<20} {value}\n"));
    format!("{format}\n\n{}", lines.collect::<String>())
}
