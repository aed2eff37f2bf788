//! The one way in which a file is written: beside its place, then moved there when it is complete.
//!
//! Whatever goes wrong before that (an error, a full disk, SIGINT, SIGTERM), the old file is as it was and
//! nothing else is left. A process that is killed outright (SIGKILL, a loss of power) removes nothing: then
//! a hidden file `.lowprec-….partial` may be left beside the old one, which is whole.

use std::borrow::Cow;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{WriteError, escaped};
use super::signals::Deferred;

/// Bytes between two looks at whether a signal has come.
const PIECE: usize = 1 << 16;

/// Hops from link to link, as many as Linux allows.
const LINKS: usize = 40;

/// Writes a file: a temporary one in the same folder, flushed to the disk and checked, then renamed over
/// `path`. Of an existing file the permissions and, where the system lets us, the owner stay; a symbolic
/// link stays and what it points to is written, whether that is there or not. Other hard links to an
/// existing file keep its old content. Pipes and devices are written as they are; `-` is standard output.
///
/// A signal that would end the process (SIGINT, SIGTERM, SIGHUP, SIGQUIT) ends it after the temporary file
/// has been removed, or after the complete one is in its place.
///
/// # Errors
///
/// If the folder is not there, the file may not be written, or writing fails at any point, in `write` too.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    if is_stdout(path) {
        return to_stdout(write);
    }
    let name = escaped(&path.display().to_string());
    replaced(path, write).map_err(|error| WriteError::of(&name, &error))
}

/// Writes to standard output, without `std`'s leniency towards one that cannot be written.
///
/// # Errors
///
/// If writing fails; [`WriteError::ReaderGone`] where the reader of a pipe has left.
pub fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    let done = stdout().and_then(|out| written(out, write).map(drop));
    done.map_err(|error| WriteError::of("standard output", &error))
}

/// The file behind standard output: `Stdout` would take an error for success where it is not open for
/// writing.
#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().flush()?;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
fn stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

fn is_stdout(path: &Path) -> bool {
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    names.iter().any(|name| path.as_os_str() == *name)
}

fn replaced(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = target_of(path)?;
    let existing = match fs::metadata(&target) {
        Ok(metadata) if !metadata.is_file() || is_descriptor(&target) => {
            // A folder is refused by its opening.
            let file = OpenOptions::new().append(true).open(&target)?;
            return written(file, write).map(drop);
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if existing.is_some() {
        // A rename would replace a file that may not be written as well as any other.
        OpenOptions::new().write(true).open(&target)?;
    }
    let signals = Deferred::new()?;
    // Declared after it, so that the temporary file is gone before a signal takes effect.
    let temporary = beside(&target)?;
    let watched = |out: &mut dyn Write| write(&mut Watched { out, signals: &signals });
    let temporary = written(temporary, watched)?;
    if let Some(metadata) = existing {
        keep(&metadata, temporary.path())?;
    }
    temporary.as_file().sync_all()?;
    signals.check()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// Where a path leads through links, the last of which may point to nothing. A path that leads to
/// something that is no file stays what it is: the links of open descriptors name no place.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(path.to_owned());
    }
    let mut target = Cow::Borrowed(path);
    for _ in 0..LINKS {
        if is_descriptor(&target) {
            break;
        }
        let Ok(next) = fs::read_link(&target) else { return Ok(target.into_owned()) };
        target = match target.parent() {
            Some(folder) => folder.join(next).into(),
            None => next.into(),
        };
    }
    if is_descriptor(&target) {
        return Ok(target.into_owned());
    }
    Err(io::Error::other("too many symbolic links"))
}

/// A file that another program has opened for us is written where it stands, not replaced.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix) && (path.starts_with("/dev/fd") || path.starts_with("/proc"))
}

/// A temporary file in the same folder, with the permissions of an ordinary new file.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lowprec-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less what the process's mask takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|error| {
        // Its own words name the temporary file, which nobody has asked for.
        let what = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no folder {}", folder.display()),
            kind => format!("no file can be made in {}: {kind}", folder.display()),
        };
        io::Error::new(error.kind(), what)
    })
}

/// Owner and permissions of the file that is there.
fn keep(existing: &Metadata, temporary: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = fs::metadata(temporary)?;
        if (own.uid(), own.gid()) != (existing.uid(), existing.gid()) {
            // Only root may give a file away; without, it is ours, as if made anew.
            let _ = std::os::unix::fs::chown(temporary, Some(existing.uid()), Some(existing.gid()));
        }
    }
    fs::set_permissions(temporary, existing.permissions())
}

fn written<W: Write>(
    file: W,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<W> {
    let mut buffered = BufWriter::with_capacity(PIECE, file);
    if let Err(error) = write(&mut buffered) {
        // Not flushed once more on its way out.
        drop(buffered.into_parts());
        return Err(error);
    }
    buffered.flush()?;
    buffered.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Writing that ends when a signal has come.
struct Watched<'a> {
    out: &'a mut dyn Write,
    signals: &'a Deferred,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.signals.check()?;
        self.out.write(&bytes[..bytes.len().min(PIECE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.signals.check()?;
        self.out.flush()
    }
}
