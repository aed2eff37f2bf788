//! Values to standard output.

use std::io::{self, IsTerminal};

use lowprec_cli::file;

use super::input::Document;
use super::number::Number;
use crate::failure::Failure;
use crate::progress::Progress;

/// Writes the values to standard output; an array's bytes not onto a terminal.
pub(crate) fn to_stdout<T: Number>(
    document: Document<T>,
    values: &[T],
    progress: &Progress,
) -> Result<(), Failure> {
    if !document.is_text() && io::stdout().is_terminal() {
        return Err(Failure::input("a .npy file is not for reading on a terminal; give --output"));
    }
    Ok(file::to_stdout(|out| document.write(values, out, progress))?)
}
