//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use lowprec::{Chop, Format, Overflow, Rounding, Underflow};
use lowprec_cli::file::{Nibbles, Reading};

use super::FORMATS;
use super::columns::Columns;
use crate::failure::Failure;
use crate::format_list::FormatList;
use crate::help::wrapped;

const AFTER_HELP: &str = "\
FILES
  Text and CSV: numbers separated by commas, semicolons, tabs or spaces,
  whichever the first line uses; inf and nan are numbers. A first row without
  numbers is a header. The header, comment lines (#), empty fields, separators
  and line ends are kept as they are. Numbers are printed with the fewest digits
  that read back.
  .npy, .npz and .safetensors, recognised by their first bytes, from standard
  input too: F64 F32 F16 BF16 F8_E4M3 F8_E5M2 F8_E8M0 F4, f2 f4 f8 and integers
  of either endianness; V1, V2, u1, u2 with --code-format. Of a file of several
  tensors those of floating-point types are rounded, or those that --tensor
  names; the others are kept as they are.

DECIMAL TEXT IS ROUNDED ONCE
  The decimal number itself is rounded to the format, in every mode; going
  through f64 first would round twice and may end on the wrong side. Errors and
  changes in the report are those against the nearest f64 (or f32, as --storage
  says).

WHERE THE OUTPUT GOES
  One FILE, one --format: the rounded values to standard output, the report to
  standard error. With --output, with several formats, or without FILE: the
  report to standard output.

EXAMPLES
  lowprec                                    eight formats on the shipped data
  lowprec data.csv                           the same on your own numbers
  lowprec data.csv -f bfloat16 -o small.csv  one format, to a file of that kind
  lowprec data.csv --columns mass,3-5 -f e5m2 --skip-bad
  lowprec weights.npy -f e4m3fn,e5m2,e3m4    three formats side by side
  lowprec model.safetensors -t '*.weight' -f e4m3fn --codes -o f8.safetensors
  seq 0 0.1 1 | lowprec - -f e2m1fn -r stochastic --seed 42
  lowprec patterns.txt --hex --storage f32 -f binary16 | diff - theirs.txt

EXIT CODES
  0 done; 1 the output cannot be written; 2 something given cannot be understood

lowprec chop ... does the same. In the repository, lowprec stands for:
cargo run --release --";

const ABOUT: &str = "\
Rounds the numbers of a text, CSV, .npy, .npz or .safetensors file to a
low-precision format and reports what that did: how many changed, overflowed,
became subnormal or zero, and the relative errors.";

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
    pub(crate) columns: Columns,
    pub(crate) skip_bad: bool,
    pub(crate) tensors: Vec<String>,
    pub(crate) codes: bool,
    code_format: Option<Format>,
    nibbles: Option<Nibbles>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) shortest: bool,
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
        let flag =
            |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(wrapped(help));
        let option = |name, value, help| {
            Arg::new(name).long(name).value_name(value).help(wrapped(help)).hide_default_value(true)
        };
        let file = "\
Text, CSV, .npy, .npz or .safetensors; - is standard input;
none is the shipped data set wdbc.csv";
        let format = "\
Format to round to, as --list names it; several with
commas or repeated; eight usual ones if none is given";
        let rounding = "\
nearest-even, nearest-away, nearest-zero, nearest-odd,
nearest-up, nearest-down, up, down, toward-zero,
away-from-zero, to-odd, stochastic, stochastic-equal,
stochastic-a:N (N random bits; also b, c); nearest-even
if not given";
        let overflow = "\
What lies beyond the largest finite number becomes:
ieee (infinity, else NaN, as the mode says; if not
given), saturate, saturate-finite";
        let underflow = "\
Below the normal numbers: gradual (if not given),
flush-to-zero";
        let storage = "\
Type that holds the values, f32 or f64; if not given,
the narrower that holds a tensor, f64 for text";
        let seed = "\
Seed of the stochastic modes: the same seed, the same
result; a fresh one, reported, if none is given";
        let hex = "\
Read and write bit patterns of the storage type, one a
line";
        let header = "\
Keep the first row as it is even if it has numbers";
        let columns = "\
Columns of numbers, by name or number: 1,4-6,mass; the
others are kept as they are";
        let skip_bad = "\
Keep fields that are no numbers, and count them";
        let tensor = "\
Tensors by name, with * and ? for what may be there";
        let codes = "\
Write codes of the format (F8_E4M3, F4, u1 …), not
values";
        let code_format = "\
Format of codes that are read, where their type does
not say it";
        let nibbles = "\
Order of two F4 codes in a byte: low-first (if
not given), high-first";
        let shortest = "\
Write text with the fewest digits that tell a number apart
in the format: 0.1 in bfloat16, not 0.10009765625";
        let output = "\
File for the rounded values, of the kind of the input or,
for tensors, of its own ending; an existing one is
replaced only by a complete new one";
        command.about(ABOUT).after_help(AFTER_HELP).args([
            Arg::new("file")
                .value_name("FILE")
                .help(wrapped(file))
                .value_parser(value_parser!(PathBuf)),
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
            option("underflow", "POLICY", underflow)
                .default_value("gradual")
                .value_parser(value_parser!(Underflow)),
            option("storage", "TYPE", storage)
                .hide_possible_values(true)
                .value_parser(Held::parser()),
            option("seed", "SEED", seed).value_parser(value_parser!(u64)),
            flag("hex", hex),
            flag("header", header),
            option("columns", "LIST", columns)
                .conflicts_with("hex")
                .value_parser(value_parser!(Columns)),
            flag("skip-bad", skip_bad).conflicts_with("hex"),
            option("tensor", "PATTERN", tensor).short('t').action(ArgAction::Append),
            flag("codes", codes),
            option("code-format", "FORMAT", code_format).value_parser(value_parser!(Format)),
            option("nibbles", "ORDER", nibbles).value_parser(value_parser!(Nibbles)),
            option("output", "FILE", output).short('o').value_parser(value_parser!(PathBuf)),
            flag("shortest", shortest).conflicts_with("hex"),
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
            columns: given.get_one("columns").cloned().unwrap_or_default(),
            skip_bad: given.get_flag("skip-bad"),
            tensors: given.get_many("tensor").unwrap_or_default().cloned().collect(),
            codes: given.get_flag("codes"),
            code_format: given.get_one("code-format").copied(),
            nibbles: given.get_one("nibbles").copied(),
            output: given.get_one("output").cloned(),
            shortest: given.get_flag("shortest"),
            quiet: given.get_flag("quiet"),
            list: given.get_flag("list"),
        }
    }

    /// The roundings asked for: of the usual formats if none is named.
    pub(crate) fn chops(&self) -> Vec<Chop> {
        let mut formats: Vec<Format> = self.format.iter().flat_map(|list| list.0.clone()).collect();
        if formats.is_empty() {
            formats.extend(FORMATS);
        }
        let chop = |format| {
            Chop::new(format, self.rounding)
                .with_overflow(self.overflow)
                .with_underflow(self.underflow)
        };
        formats.into_iter().map(chop).collect()
    }

    pub(crate) fn format_count(&self) -> usize {
        self.format.iter().map(|list| list.0.len()).sum()
    }

    /// How elements of files are read.
    pub(crate) fn reading(&self) -> Reading {
        Reading { format: self.code_format, nibbles: self.nibbles.unwrap_or_default() }
    }

    /// An option given that is for the other kind of file: for text, or for tensors.
    pub(crate) fn of_the_other_kind(&self, tensors: bool) -> Option<&'static str> {
        let of_text = [
            ("hex", self.hex),
            ("header", self.header),
            ("columns", self.columns != Columns::default()),
            ("skip-bad", self.skip_bad),
            ("shortest", self.shortest),
        ];
        let of_tensors = [
            ("tensor", !self.tensors.is_empty()),
            ("codes", self.codes),
            ("code-format", self.code_format.is_some()),
            ("nibbles", self.nibbles.is_some()),
        ];
        let others = if tensors { &of_text[..] } else { &of_tensors };
        others.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }

    /// What clap cannot see in one argument alone.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let formats = self.format_count();
        for (option, given) in [("output", self.output.is_some()), ("codes", self.codes)] {
            if given && formats != 1 {
                let message = format!("--{option} takes one --format, {formats} given");
                return Err(Failure::input(message));
            }
        }
        if self.file.is_none()
            && let Some(option) = self.of_the_other_kind(true).or(self.of_the_other_kind(false))
        {
            return Err(Failure::input(format_args!(
                "--{option} needs a FILE, or - for standard input"
            )));
        }
        Ok(())
    }
}
