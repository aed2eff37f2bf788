//! How a run ends badly, and with which exit code.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::file::{Error, WriteError};

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// Something in the arguments or the file cannot be understood: exit code 2, as clap's.
    Input(String),
    /// The result cannot be written: exit code 1.
    Output(String),
    /// Whoever read the output has left (`chop … | head`): nothing to say.
    ReaderGone,
}

impl Failure {
    /// Of a message about the arguments or the input.
    pub fn input(message: impl fmt::Display) -> Self {
        Self::Input(message.to_string())
    }

    /// Says what happened and gives the exit code.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        let (message, code) = match self {
            Self::Input(message) => (message, 2),
            Self::Output(message) => (message, 1),
            Self::ReaderGone => return ExitCode::SUCCESS,
        };
        use io::Write;
        let _ = writeln!(io::stderr(), "error: {message}");
        ExitCode::from(code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::input(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(message) => Self::Output(message),
            WriteError::ReaderGone => Self::ReaderGone,
        }
    }
}

/// Errors of writing; those of reading name their file and are made where they arise.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Output(format!("cannot write: {error}")),
        }
    }
}
