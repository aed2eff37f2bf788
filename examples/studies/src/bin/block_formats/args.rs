//! The command line.

use std::path::PathBuf;

use clap::Parser;

const AFTER_HELP: &str = "\
COLUMNS
  SNR: 10 log10 of the sum of squares over that of the errors. clipped: values
  beyond the largest element times the scale. vanished: values that are zero
  afterwards and were not before.

EXAMPLES
  cargo run --release -p lowprec-studies --bin block_formats
  cargo run --release -p lowprec-studies --bin block_formats -- --picture .

For your own files: lowprec blocks";

/// Every block format in use on the shipped data set, side by side: size,
/// signal to noise, share clipped, largest error.
#[derive(Debug, Parser)]
#[command(name = "block_formats", version, after_help = AFTER_HELP, verbatim_doc_comment)]
pub(crate) struct Args {
    /// Directory for a bar chart, block_formats.svg and block_formats.png
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) picture: Option<PathBuf>,
}
