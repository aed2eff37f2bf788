//! What is said when a file cannot be read or written.

use std::fmt;
use std::io;

/// Why a file was not read: one sentence that names the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    /// About a whole file.
    pub(super) fn of(file: &str, what: impl fmt::Display) -> Self {
        Self { message: format!("{file}: {what}") }
    }

    /// About one tensor; that of a `.npy` file has no name.
    pub(super) fn of_tensor(file: &str, tensor: &str, what: impl fmt::Display) -> Self {
        if tensor.is_empty() {
            return Self::of(file, what);
        }
        Self { message: format!("{file}, tensor {}: {what}", shown(tensor)) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Why nothing was written.
#[derive(Debug)]
pub enum WriteError {
    /// A sentence that names the file.
    Refused(String),
    /// Whoever read the output has left: nothing to say.
    ReaderGone,
}

impl WriteError {
    pub(super) fn of(target: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Refused(format!("cannot write {target}: {error}")),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) => f.write_str(message),
            Self::ReaderGone => f.write_str("the reader of the output has left"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Characters of a name that are shown.
const SHOWN: usize = 100;

/// A name from a file, made fit for a terminal: control characters, and those that turn the direction of
/// writing or are invisible, as escapes; no more than a hundred characters of it.
///
/// ```
/// use lowprec_cli::file::shown;
/// assert_eq!(shown("model.0.weight"), "model.0.weight");
/// assert_eq!(shown("\u{1b}[2Jw\0"), "\\u{1b}[2Jw\\0");
/// ```
#[must_use]
pub fn shown(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => escaped(&name[..end]) + "…",
        None => escaped(name),
    }
}

/// All of a text with such characters as escapes: for paths, whose end tells the most.
pub(super) fn escaped(text: &str) -> String {
    let mut fit = String::new();
    for character in text.chars() {
        let hidden = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if character.is_control() {
            fit.extend(character.escape_debug());
        } else if hidden {
            fit.extend(character.escape_unicode());
        } else {
            fit.push(character);
        }
    }
    fit
}
