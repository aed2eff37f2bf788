//! `lowprec codes`: values to a format's codes and back.

use std::ffi::OsString;
use std::io::{self, BufRead};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use lowprec::{Chop, Flags, Format, Overflow, Rounding, Underflow};

use lowprec_cli::file;

use crate::failure::Failure;

const AFTER_HELP: &str = "\
Each line: what was given, its code, the value that the code stands for (the
shortest decimal that tells it apart in the format, and in full where that
differs), and the IEEE exceptions that rounding to it raises.

EXAMPLES
  lowprec codes e4m3fn 0.1 465 nan          the bytes of three values
  lowprec codes bfloat16 0x1.8p-3 --binary  a hexadecimal number; binary codes
  lowprec codes e4m3fn --decode 1d 0x7e     codes to values
  seq 1 5 | lowprec codes e2m1fn            values from standard input
  lowprec codes binary16 --big-endian --bytes 1 2 3   bytes as a file has them

EXIT CODES
  0 done; 1 the output cannot be written; 2 something given cannot be understood";

/// The command line of the job.
pub(crate) fn command() -> Command {
    let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    Command::new("codes")
        .about("Prints the codes of values in a format, and the values of codes")
        .after_help(AFTER_HELP)
        .args([
            Arg::new("format")
                .value_name("FORMAT")
                .required(true)
                .help("A format (lowprec formats lists them)")
                .value_parser(value_parser!(Format)),
            Arg::new("values")
                .value_name("VALUE")
                .num_args(0..)
                .help("Decimal or hexadecimal numbers, inf, nan; standard input if none"),
            option("rounding", "MODE", "Rounding mode")
                .short('r')
                .default_value("nearest-even")
                .value_parser(value_parser!(Rounding)),
            option("overflow", "POLICY", "ieee, saturate or saturate-finite")
                .default_value("ieee")
                .value_parser(value_parser!(Overflow)),
            option("underflow", "POLICY", "gradual or flush-to-zero")
                .default_value("gradual")
                .value_parser(value_parser!(Underflow)),
            option("seed", "SEED", "Seed of the stochastic modes")
                .default_value("1")
                .value_parser(value_parser!(u64)),
            flag("decode", "Read codes: hexadecimal, or binary with 0b"),
            flag("binary", "Print sign, exponent, fraction in binary"),
            flag("bytes", "Print codes as bytes, the lowest first"),
            flag("big-endian", "With --bytes: the highest first").requires("bytes"),
        ])
}

/// Options that take a value.
const VALUED: [&str; 5] = ["-r", "--rounding", "--overflow", "--underflow", "--seed"];

/// The arguments of the job with options first and values behind `--`, so that negative numbers may stand anywhere.
pub(crate) fn arranged(arguments: Vec<OsString>) -> Vec<OsString> {
    let is_number = |text: &str| {
        let unsigned = text.strip_prefix('-').unwrap_or(text).to_ascii_lowercase();
        let number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        number || ["inf", "infinity", "nan"].contains(&unsigned.as_str())
    };
    if arguments.iter().any(|argument| argument == "--") {
        return arguments;
    }
    let (mut options, mut values) = (Vec::new(), Vec::new());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        if text.starts_with('-') && !is_number(&text) {
            options.push(argument);
            if VALUED.contains(&text.as_str()) {
                options.extend(arguments.next());
            }
        } else {
            values.push(argument);
        }
    }
    if !values.is_empty() {
        options.push("--".into());
    }
    options.extend(values);
    options
}

/// How codes are printed.
#[derive(Clone, Copy)]
struct Form {
    binary: bool,
    bytes: bool,
    big_endian: bool,
}

pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    let format: Format = *given.get_one("format").expect("required");
    let get = |name: &str| given.get_flag(name);
    let form = Form { binary: get("binary"), bytes: get("bytes"), big_endian: get("big-endian") };
    let bits = format.total_bits().ok_or_else(|| {
        Failure::input(format_args!("{format}: a format without codes; its exponent is unbounded"))
    })?;
    let chop = Chop::new(format, given.get_one("rounding").copied().unwrap_or_default())
        .with_overflow(given.get_one("overflow").copied().unwrap_or_default())
        .with_underflow(given.get_one("underflow").copied().unwrap_or_default());
    let stream = chop.stream(given.get_one("seed").copied().unwrap_or(1));
    let row = |text: &str| -> Result<String, Failure> {
        if get("decode") {
            return decoded(&format, bits, text);
        }
        let value = stream.parse::<f64>(text).map_err(Failure::input)?;
        let code = match format.encode(value) {
            Ok(code) => shown(code, &format, bits, form),
            Err(_) => "no code".to_owned(),
        };
        let flags = match raised(&chop, text) {
            flags if flags == Flags::NONE => "exact".to_owned(),
            flags => flags.to_string(),
        };
        Ok(format!("{text:<16} {code:<14} {:<28} {flags}", value_of(&format, value)))
    };
    if let Some(values) = given.get_many::<String>("values") {
        let rows: Vec<String> = values.map(|text| row(text)).collect::<Result<_, Failure>>()?;
        return print(&rows);
    }
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let refused = |what: &dyn std::fmt::Display| {
            Failure::input(format_args!("standard input, line {}: {what}", number + 1))
        };
        let line = line.map_err(|error| refused(&error))?;
        let rows = line.split_whitespace().map(|text| match row(text) {
            Err(Failure::Input(message)) => Err(refused(&message)),
            other => other,
        });
        print(&rows.collect::<Result<Vec<_>, Failure>>()?)?;
    }
    Ok(())
}

/// Prints rows at once: whoever types the values sees them.
fn print(rows: &[String]) -> Result<(), Failure> {
    Ok(file::to_stdout(|out| rows.iter().try_for_each(|row| writeln!(out, "{}", row.trim_end())))?)
}

/// What rounding the number raises: by the number rounded to odd, which lies as it does to every value of the
/// format and every middle of two.
fn raised(chop: &Chop, text: &str) -> Flags {
    let odd = Chop::new(Format::BINARY64, Rounding::ToOdd);
    match odd.parse::<f64>(text) {
        Ok(x) if chop.format().precision() <= 51 => chop.chop_flags(x).1,
        _ => raised_among_wide(chop, text),
    }
}

/// Of a format about as wide as binary64: by the numbers of the format around the one that the text says.
fn raised_among_wide(chop: &Chop, text: &str) -> Flags {
    let around = |mode| Chop::new(chop.format(), mode).parse::<f64>(text).unwrap_or(f64::NAN);
    let (inner, outer) = (around(Rounding::TowardZero), around(Rounding::AwayFromZero));
    let inexact = inner != outer && !inner.is_nan();
    let tiny = inner.abs() < chop.format().smallest_normal();
    Flags {
        inexact,
        overflow: inexact && outer.is_infinite(),
        underflow: inexact && tiny,
        ..Flags::NONE
    }
}

fn decoded(format: &Format, bits: u32, text: &str) -> Result<String, Failure> {
    let (digits, radix) = match text.strip_prefix("0b").or_else(|| text.strip_prefix("0B")) {
        Some(digits) => (digits, 2),
        None => (text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text), 16),
    };
    let refused = || {
        Failure::input(format_args!(
            "{text:?} is no code of {format}: up to {bits} bits in hexadecimal, or in binary with 0b"
        ))
    };
    let code = u64::from_str_radix(digits, radix).map_err(|_| refused())?;
    if bits < 64 && code >> bits != 0 {
        return Err(refused());
    }
    let datum = format.decode_exact(code).ok_or_else(|| {
        Failure::input(format_args!("{text}: a code of {format} that stands for nothing"))
    })?;
    let value = datum.to_f64().unwrap_or(f64::NAN);
    Ok(format!("{text:<16} {}", value_of(format, value)))
}

/// The shortest decimal, and all digits where they differ.
fn value_of(format: &Format, x: f64) -> String {
    let (short, full) = (format.shortest(x), Format::BINARY64.shortest(x));
    if short == full { short } else { format!("{short} ({full})") }
}

fn shown(code: u64, format: &Format, bits: u32, form: Form) -> String {
    if form.bytes {
        let count = bits.div_ceil(8) as usize;
        let mut bytes = code.to_le_bytes()[..count].to_vec();
        if form.big_endian {
            bytes.reverse();
        }
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        return bytes.join(" ");
    }
    if !form.binary {
        return format!("0x{code:0width$x}", width = bits.div_ceil(4) as usize);
    }
    let text = format!("{code:0width$b}", width = bits as usize);
    let (sign, rest) = text.split_at(usize::from(format.has_sign()));
    let (exponent, fraction) = rest.split_at(rest.len() - format.mantissa_bits() as usize);
    [sign, exponent, fraction]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}
