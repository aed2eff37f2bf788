//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use lowprec::{Format, Overflow, Rounding, Underflow};

use crate::failure::Failure;
use crate::format_list::FormatList;

const AFTER_HELP: &str = "\
FILES
  Text and CSV: numbers separated by commas, semicolons, tabs or spaces, whichever the first line
  uses; inf and nan are numbers. A first row without numbers is a header. The header, comment lines
  (#), empty fields, separators and line ends are kept as they are. Numbers are printed with the
  fewest digits that read back.
  NumPy's .npy, f4 or f8, any shape: recognised by its first bytes, from standard input too.

DECIMAL TEXT IS ROUNDED ONCE
  The decimal number itself is rounded to the format; going through f64 first would round twice and
  may end on the wrong side. So it is with every deterministic mode; a stochastic mode sees the
  fraction cut off to the last bit of the storage type. Errors and changes in the report are those
  against the nearest f64 (or f32, as --storage says).

WHERE THE OUTPUT GOES
  One FILE, one --format: the rounded values to standard output, the report to standard error.
  With --output, with several formats, or without FILE: the report to standard output.
  Exit code 2: something in the arguments or the input cannot be understood. 1: cannot write.

EXAMPLES
  lowprec                                         eight formats on the shipped data set
  lowprec data.csv                                the same on your own numbers
  lowprec data.csv -f bfloat16 -o small.csv       one format, into a file of the same kind
  lowprec weights.npy -f e4m3fn,e5m2,e3m4         three formats side by side
  lowprec weights.npy -f e4m3fn --overflow saturate -o weights_fp8.npy
  seq 0 0.1 1 | lowprec - -f e2m1fn -r stochastic --seed 42
  lowprec patterns.txt --hex --storage f32 -f binary16 > mine.txt; diff mine.txt theirs.txt

lowprec chop ... does the same. In the repository, lowprec stands for: cargo run --release --";

const ABOUT: &str = "\
Rounds the numbers of a text, CSV or .npy file to a low-precision format and reports what that
did: how many changed, overflowed, became subnormal or zero, and the relative errors.";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) file: Option<PathBuf>,
    pub(crate) format: Vec<FormatList>,
    pub(crate) rounding: Rounding,
    pub(crate) overflow: Overflow,
    pub(crate) underflow: Underflow,
    pub(crate) storage: Option<Held>,
    pub(crate) seed: Option<u64>,
    pub(crate) hex: bool,
    pub(crate) header: bool,
    pub(crate) output: Option<PathBuf>,
    pub(crate) quiet: bool,
    pub(crate) list: bool,
}

/// The storage types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    F32,
    F64,
}

impl Held {
    fn parser() -> ValueParser {
        let names = PossibleValuesParser::new(["f32", "f64"]);
        names.map(|name| if name == "f32" { Self::F32 } else { Self::F64 }).into()
    }
}

impl Args {
    /// A command with these arguments.
    pub(crate) fn declared_on(command: Command) -> Command {
        let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
        let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
        let file =
            "Text, CSV or .npy file; - is standard input; none is the shipped data set wdbc.csv";
        let format = "\
Format to round to, as --list names it; several with commas or
repeated; eight usual ones if none is given";
        let rounding = "\
nearest-even, nearest-away, nearest-zero, nearest-odd,
nearest-up, nearest-down, up, down, toward-zero,
away-from-zero, to-odd, stochastic, stochastic-equal,
stochastic-a:N (N random bits; also b, c)";
        let overflow = "\
What lies beyond the largest finite number becomes: ieee (infinity,
else NaN, as the mode says), saturate, saturate-finite";
        let storage = "\
Type that holds the values, f32 or f64; if not given, that of
the .npy file, f64 for text";
        let seed = "\
Seed of the stochastic modes: the same seed, the same result; a
fresh one, reported, if none is given";
        let output = "\
File for the rounded values, of the same kind as the input; an
existing one is replaced only by a complete new one";
        command.about(ABOUT).after_help(AFTER_HELP).args([
            Arg::new("file").value_name("FILE").help(file).value_parser(value_parser!(PathBuf)),
            option("format", "FORMAT", format)
                .short('f')
                .action(ArgAction::Append)
                .value_parser(value_parser!(FormatList)),
            option("rounding", "MODE", rounding)
                .short('r')
                .default_value("nearest-even")
                .value_parser(value_parser!(Rounding)),
            option("overflow", "POLICY", overflow)
                .default_value("ieee")
                .value_parser(value_parser!(Overflow)),
            option("underflow", "POLICY", "Below the normal numbers: gradual, flush-to-zero")
                .default_value("gradual")
                .value_parser(value_parser!(Underflow)),
            option("storage", "TYPE", storage)
                .hide_possible_values(true)
                .value_parser(Held::parser()),
            option("seed", "SEED", seed).value_parser(value_parser!(u64)),
            flag("hex", "Read and write bit patterns of the storage type, one a line"),
            flag("header", "Keep the first row as it is even if it has numbers in it"),
            option("output", "FILE", output).short('o').value_parser(value_parser!(PathBuf)),
            flag("quiet", "No report").short('q'),
            flag("list", "Print the catalogue of formats and exit"),
        ])
    }

    /// The values of the arguments given.
    pub(crate) fn of(given: &ArgMatches) -> Self {
        Self {
            file: given.get_one("file").cloned(),
            format: given.get_many("format").unwrap_or_default().cloned().collect(),
            rounding: given.get_one("rounding").copied().unwrap_or_default(),
            overflow: given.get_one("overflow").copied().unwrap_or_default(),
            underflow: given.get_one("underflow").copied().unwrap_or_default(),
            storage: given.get_one("storage").copied(),
            seed: given.get_one("seed").copied(),
            hex: given.get_flag("hex"),
            header: given.get_flag("header"),
            output: given.get_one("output").cloned(),
            quiet: given.get_flag("quiet"),
            list: given.get_flag("list"),
        }
    }

    pub(crate) fn formats(&self) -> Vec<Format> {
        self.format.iter().flat_map(|list| list.0.iter().copied()).collect()
    }

    pub(crate) fn format_count(&self) -> usize {
        self.format.iter().map(|list| list.0.len()).sum()
    }

    /// What clap cannot see in one argument alone.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let formats = self.format_count();
        if self.output.is_some() && formats != 1 {
            return Err(Failure::input(format!("--output takes one --format, {formats} given")));
        }
        if self.hex && self.file.is_none() {
            return Err(Failure::input(
                "--hex needs a FILE of bit patterns, or - for standard input",
            ));
        }
        Ok(())
    }
}
