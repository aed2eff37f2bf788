//! Bytes with a name: a file, standard input, or a text that the program brings.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use rawzip::ZipSliceArchive;

use super::error::{Error, escaped};
use super::kind::{HEAD, Kind};
use super::tensor::TensorFile;
use super::{npy, npz, safetensors};

/// Bytes, the name to call them by, and what they are.
#[derive(Debug)]
pub struct Source {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) backing: Backing,
}

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Backing {
    Memory(Vec<u8>),
    /// A regular file of this length, read in pieces.
    Disk(File, u64),
    /// A zip archive whose directory has been found.
    Archive(ZipSliceArchive<Vec<u8>>),
}

impl Backing {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(_, length) => *length,
            Self::Archive(archive) => archive.get_ref().len() as u64,
        }
    }

    /// Some of the bytes. The range has been held against the length; that it can still fail is because
    /// a file on disk may shrink.
    pub(super) fn read(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let beyond = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before");
        if range.start > range.end || range.end > self.len() {
            return Err(beyond());
        }
        let (start, length) = (range.start, range.end - range.start);
        match self {
            // Within a slice's length, so that these fit.
            Self::Memory(bytes) => Ok(Cow::Borrowed(&bytes[start as usize..range.end as usize])),
            Self::Archive(archive) => {
                Ok(Cow::Borrowed(&archive.get_ref()[start as usize..range.end as usize]))
            }
            Self::Disk(file, _) => {
                let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
                let mut file = file;
                file.seek(SeekFrom::Start(start))?;
                file.take(length as u64).read_to_end(&mut bytes)?;
                if bytes.len() < length { Err(beyond()) } else { Ok(Cow::Owned(bytes)) }
            }
        }
    }
}

impl Source {
    /// Opens a file; `-` is standard input. Of a `.npy` or `.safetensors` file on disk only the header is
    /// read now.
    ///
    /// # Errors
    ///
    /// If it cannot be opened or read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            let name = "standard input";
            read.map_err(|error| Error::of(name, format!("cannot be read: {error}")))?;
            return Ok(Self::of_bytes(name, bytes));
        }
        let name = escaped(&path.display().to_string());
        Self::on_disk(path, &name)
            .map_err(|error| Error::of(&name, format!("cannot be read: {error}")))
    }

    fn on_disk(path: &Path, name: &str) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::new();
        file.by_ref().take(HEAD as u64).read_to_end(&mut bytes)?;
        let kind = Kind::of(&bytes);
        // A pipe cannot be read in pieces.
        if metadata.is_file() && matches!(kind, Kind::Npy | Kind::Safetensors) {
            let backing = Backing::Disk(file, metadata.len());
            return Ok(Self { name: name.to_owned(), kind, backing });
        }
        // What is said about a foreign file is in its first bytes.
        if !matches!(kind, Kind::Foreign(_)) {
            let rest = metadata.len().saturating_sub(bytes.len() as u64);
            bytes.try_reserve_exact(usize::try_from(rest).unwrap_or(usize::MAX))?;
            file.read_to_end(&mut bytes)?;
        }
        Ok(Self::of_bytes(name, bytes))
    }

    /// Bytes that are there already.
    #[must_use]
    pub fn of_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), kind: Kind::of(&bytes), backing: Backing::Memory(bytes) }
    }

    /// What to call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes of a text.
    ///
    /// # Errors
    ///
    /// If it is none; the error says what it is, and what to do.
    pub fn into_text(self) -> Result<Vec<u8>, Error> {
        let Self { name, kind, backing } = self;
        match (kind, backing) {
            (Kind::Text, Backing::Memory(bytes)) => Ok(bytes),
            (Kind::Foreign(foreign), _) => {
                Err(Error::of(&name, format_args!("is {}; {}", foreign.what, foreign.hint)))
            }
            (kind, _) => Err(Error::of(&name, format_args!("is {}, and not text", kind.what()))),
        }
    }

    /// The tensors of a `.npy`, `.npz` or `.safetensors` file.
    ///
    /// # Errors
    ///
    /// If it is none of these; if its header is not as the format's text says, or does not fit the data.
    pub fn into_tensors(self) -> Result<TensorFile, Error> {
        match self.kind {
            Kind::Npy => npy::open(self),
            Kind::Npz => npz::open(self),
            Kind::Safetensors => safetensors::open(self),
            Kind::Text => Err(Error::of(
                &self.name,
                "is text, and has no tensors; .npy, .npz and .safetensors files have",
            )),
            Kind::Foreign(foreign) => {
                Err(Error::of(&self.name, format_args!("is {}; {}", foreign.what, foreign.hint)))
            }
        }
    }
}
