//! Where values go: an output file replaced only by a complete one, or standard output.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::input::Document;
use super::number::Number;
use crate::failure::Failure;
use crate::progress::Progress;

/// Writes a file beside `path` and renames it when it is complete: whatever goes wrong before,
/// `path` is as it was.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let refuse =
        |error: io::Error| Failure::Output(format!("cannot write {}: {error}", path.display()));
    // Through a symbolic link, and not over a device such as /dev/null.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return File::create(&target)
            .and_then(|file| written(file, write).map(drop))
            .map_err(refuse);
    }
    let file = beside(&target).map_err(refuse)?;
    let file = written(file, write).map_err(refuse)?;
    if let Some(metadata) = existing {
        fs::set_permissions(file.path(), metadata.permissions()).map_err(refuse)?;
    }
    file.as_file().sync_all().map_err(refuse)?;
    file.persist(&target).map_err(|error| refuse(error.error))?;
    Ok(())
}

/// A temporary file in the same directory, with the permissions of an ordinary new file.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".chop-").tempfile_in(directory)
}

fn written<W: Write>(
    file: W,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<W> {
    let mut buffered = BufWriter::new(file);
    write(&mut buffered)?;
    buffered.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Writes the values to standard output; an array's bytes not onto a terminal.
pub(crate) fn to_stdout<T: Number>(
    document: Document<T>,
    values: &[T],
    progress: &Progress,
) -> Result<(), Failure> {
    let stdout = io::stdout().lock();
    if !document.is_text() && stdout.is_terminal() {
        return Err(Failure::input("a .npy file is not for reading on a terminal; give --output"));
    }
    written(stdout, |out| document.write(values, out, progress))?.flush()?;
    Ok(())
}
