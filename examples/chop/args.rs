//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
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

EXAMPLES  (chop stands for: cargo run --release --example chop --)
  chop                                         eight formats on the shipped data set
  chop data.csv                                the same on your own numbers
  chop data.csv -f bfloat16 -o small.csv       one format, into a file of the same kind
  chop weights.npy -f e4m3fn,e5m2,e3m4         three formats side by side
  chop weights.npy -f e4m3fn --overflow saturate -o weights_fp8.npy
  seq 0 0.1 1 | chop - -f e2m1fn -r stochastic --seed 42
  chop patterns.txt --hex --storage f32 -f binary16 > mine.txt; diff mine.txt theirs.txt";

/// Rounds the numbers of a text, CSV or .npy file to a low-precision format and reports what that
/// did: how many changed, overflowed, became subnormal or zero, and the relative errors.
#[derive(Debug, Parser)]
#[command(name = "chop", version, after_help = AFTER_HELP, verbatim_doc_comment)]
pub(crate) struct Args {
    /// Text, CSV or .npy file; - is standard input; none is the shipped data set wdbc.csv
    pub(crate) file: Option<PathBuf>,

    /// Format to round to, as --list names it; several with commas or
    /// repeated; eight usual ones if none is given
    #[arg(short, long, value_name = "FORMAT", verbatim_doc_comment)]
    pub(crate) format: Vec<FormatList>,

    /// nearest-even, nearest-away, nearest-zero, nearest-odd, up, down,
    /// toward-zero, away-from-zero, to-odd, stochastic, stochastic-equal,
    /// stochastic-a:N (N random bits; also b, c)
    #[arg(short, long, value_name = "MODE", default_value_t, verbatim_doc_comment)]
    pub(crate) rounding: Rounding,

    /// What lies beyond the largest finite number becomes: ieee (infinity,
    /// else NaN, as the mode says), saturate, saturate-finite
    #[arg(long, value_name = "POLICY", default_value_t, verbatim_doc_comment)]
    pub(crate) overflow: Overflow,

    /// Below the normal numbers: gradual, flush-to-zero
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub(crate) underflow: Underflow,

    /// Type that holds the values, f32 or f64; if not given, that of
    /// the .npy file, f64 for text
    #[arg(long, value_name = "TYPE", hide_possible_values = true, verbatim_doc_comment)]
    pub(crate) storage: Option<Held>,

    /// Seed of the stochastic modes: the same seed, the same result; a
    /// fresh one, reported, if none is given
    #[arg(long, verbatim_doc_comment)]
    pub(crate) seed: Option<u64>,

    /// Read and write bit patterns of the storage type, one a line
    #[arg(long)]
    pub(crate) hex: bool,

    /// Keep the first row as it is even if it has numbers in it
    #[arg(long)]
    pub(crate) header: bool,

    /// File for the rounded values, of the same kind as the input; an
    /// existing one is replaced only by a complete new one
    #[arg(short, long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) output: Option<PathBuf>,

    /// No report
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Print the catalogue of formats and exit
    #[arg(long)]
    pub(crate) list: bool,
}

/// The storage types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Held {
    F32,
    F64,
}

impl Args {
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
