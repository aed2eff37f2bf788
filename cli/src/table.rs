//! `lowprec table`: a format's values, code by code.

use clap::{Arg, ArgMatches, Command, value_parser};
use lowprec::{Chop, Format, Rounding, format::Datum};

use lowprec_cli::file;

use crate::failure::Failure;

/// Codes that are printed unasked.
const MOST: u64 = 4096;

const AFTER_HELP: &str = "\
Each line: the code in hexadecimal and in binary (sign, exponent and fraction
apart), the shortest decimal that tells the value apart, the value in full, and
what kind of number it is.

EXAMPLES
  lowprec table e2m1fn                            every value of FP4
  lowprec table binary16 --around 1               a few values about one
  lowprec table bfloat16 --range 0x3f7e..0x3f82   some codes

EXIT CODES
  0 done; 1 the output cannot be written; 2 something given cannot be understood";

/// The command line of the job.
pub(crate) fn command() -> Command {
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    Command::new("table")
        .about("Prints the values of a format, code by code")
        .after_help(AFTER_HELP)
        .args([
            Arg::new("format")
                .value_name("FORMAT")
                .required(true)
                .help("A format (lowprec formats lists them)")
                .value_parser(value_parser!(Format)),
            option("range", "FROM..TO", "Codes from one to another, in hexadecimal"),
            option("around", "VALUE", "The eight codes before a value's and after it")
                .allow_hyphen_values(true)
                .conflicts_with("range"),
        ])
}

pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    let format: Format = *given.get_one("format").expect("required");
    let bits = format.total_bits().ok_or_else(|| {
        Failure::input(format_args!("{format}: a format without codes; its exponent is unbounded"))
    })?;
    let last = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let (from, to) = match (given.get_one::<String>("range"), given.get_one::<String>("around")) {
        (Some(text), _) => range(text, last)?,
        (_, Some(text)) => {
            let chop = Chop::new(format, Rounding::NearestEven);
            let value = chop.parse::<f64>(text).map_err(Failure::input)?;
            let code = format.encode(value).map_err(Failure::input)?;
            (code.saturating_sub(8), code.saturating_add(8).min(last))
        }
        _ if last >= MOST => {
            return Err(Failure::input(format_args!(
                "{format} has 2^{bits} codes: ask for some by --range FROM..TO or --around VALUE"
            )));
        }
        _ => (0, last),
    };
    let (digits, width) = (bits.div_ceil(4) as usize, bits as usize);
    Ok(file::to_stdout(|out| {
        let heads = ["code", "bits", "shortest"];
        writeln!(
            out,
            "{:<d$}{:<w$}{:<13}value",
            heads[0],
            heads[1],
            heads[2],
            d = (digits + 4).max(6),
            w = width + 4 - usize::from(!format.has_sign())
        )?;
        (from..=to).try_for_each(|code| writeln!(out, "{}", row(&format, bits, code).trim_end()))
    })?)
}

fn range(text: &str, last: u64) -> Result<(u64, u64), Failure> {
    let code = |text: &str| {
        let digits = text.trim();
        let digits = digits.strip_prefix("0x").or(digits.strip_prefix("0X")).unwrap_or(digits);
        u64::from_str_radix(digits, 16).ok().filter(|code| *code <= last)
    };
    let ends = text.split_once("..").and_then(|(from, to)| Some((code(from)?, code(to)?)));
    match ends {
        Some((from, to)) if from <= to => Ok((from, to)),
        _ => Err(Failure::input(format_args!(
            "--range {text:?}: two codes up to {last:#x} such as 0x10..0x1f, the lower one first"
        ))),
    }
}

fn row(format: &Format, bits: u32, code: u64) -> String {
    let text = format!("{code:0width$b}", width = bits as usize);
    let (sign, rest) = text.split_at(usize::from(format.has_sign()));
    let (exponent, fraction) =
        rest.split_at(rest.len() - (format.mantissa_bits() as usize).min(rest.len()));
    let width = bits.div_ceil(4) as usize;
    let bits = [sign, exponent, fraction].join(" ");
    let head = format!("0x{code:0width$x}  {}  ", bits.trim_start());
    let Some(datum) = format.decode_exact(code) else {
        return head + "-";
    };
    let x = datum.to_f64().unwrap_or(f64::NAN);
    let full = Format::BINARY64.shortest(x);
    let kind = match datum {
        Datum::Nan { .. } => "NaN",
        Datum::Infinite { .. } => "infinite",
        Datum::Zero { .. } => "zero",
        Datum::Finite { .. } if format.classify(x) == std::num::FpCategory::Subnormal => {
            "subnormal"
        }
        Datum::Finite { .. } => "",
    };
    format!("{head}{:<12} {full:<24} {kind}", format.shortest(x))
}
