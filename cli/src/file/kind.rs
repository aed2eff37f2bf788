//! What a file is, by its first bytes.

use std::path::Path;

/// The kinds of file that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One NumPy array.
    Npy,
    /// A zip archive: of NumPy arrays, else [`Source::into_tensors`](super::Source::into_tensors) says
    /// what it looks like.
    Npz,
    /// Tensors by name after a table in JSON.
    Safetensors,
    /// What is none of the others.
    Text,
    /// Something else that is known by its first bytes, and not read.
    Foreign(&'static Foreign),
}

/// A kind of file that is not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it is, with its article.
    pub what: &'static str,
    /// What to do about it.
    pub hint: &'static str,
    offset: usize,
    magic: &'static [u8],
}

const PACKED: &str = "unpack it first";
const PICTURE: &str = "it holds a picture, no numbers";
const CONVERT: &str = "convert it to .safetensors, .npz or .npy";
const UTF16: &str = "save it as UTF-8";

const fn foreign(
    what: &'static str,
    hint: &'static str,
    offset: usize,
    magic: &'static [u8],
) -> Foreign {
    Foreign { what, hint, offset, magic }
}

/// The first bytes of what a user may well have at hand.
static FOREIGN: [Foreign; 29] = [
    foreign("a gzip archive", PACKED, 0, b"\x1f\x8b"),
    foreign("a bzip2 archive", PACKED, 4, b"1AY&SY"),
    foreign("an xz archive", PACKED, 0, b"\xfd7zXZ\0"),
    foreign("a Zstandard archive", PACKED, 0, b"\x28\xb5\x2f\xfd"),
    foreign("a 7z archive", PACKED, 0, b"7z\xbc\xaf\x27\x1c"),
    foreign("a tar archive", PACKED, 257, b"ustar"),
    foreign("a PNG picture", PICTURE, 0, b"\x89PNG\r\n\x1a\n"),
    foreign("a JPEG picture", PICTURE, 0, b"\xff\xd8\xff"),
    foreign("a GIF picture", PICTURE, 0, b"GIF8"),
    foreign("a TIFF picture", PICTURE, 0, b"II*\0"),
    foreign("a TIFF picture", PICTURE, 0, b"MM\0*"),
    foreign("a PDF document", "it holds pages, no numbers", 0, b"%PDF-"),
    foreign("a Python pickle, as torch.save once wrote", CONVERT, 0, b"\x80\x02"),
    foreign("a Python pickle", CONVERT, 0, b"\x80\x03"),
    foreign("a Python pickle", CONVERT, 0, b"\x80\x04\x95"),
    foreign("a Python pickle", CONVERT, 0, b"\x80\x05\x95"),
    foreign("a GGUF model", CONVERT, 0, b"GGUF"),
    foreign("a GGML model", CONVERT, 0, b"lmgg"),
    foreign("an HDF5 file, as Keras and MATLAB 7.3 write", CONVERT, 0, b"\x89HDF\r\n\x1a\n"),
    foreign(
        "an HDF5 file with a block before it, as MATLAB 7.3 writes",
        CONVERT,
        512,
        b"\x89HDF\r\n",
    ),
    foreign("a MATLAB file", CONVERT, 0, b"MATLAB 5.0 MAT-file"),
    foreign("a Parquet file", CONVERT, 0, b"PAR1"),
    foreign("an Arrow file", CONVERT, 0, b"ARROW1\0\0"),
    foreign("an SQLite database", CONVERT, 0, b"SQLite format 3\0"),
    foreign(
        "a spreadsheet or document of old Office",
        CONVERT,
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ),
    foreign("a TensorFlow Lite model", CONVERT, 4, b"TFL3"),
    foreign("a program", "it holds no numbers", 0, b"\x7fELF"),
    foreign("text in UTF-16", UTF16, 0, b"\xff\xfe"),
    foreign("text in UTF-16", UTF16, 0, b"\xfe\xff"),
];

/// Binary, and nothing that is known.
static BINARY: Foreign =
    foreign("binary data", "text, .npy, .npz and .safetensors are read", 0, b"\0");

/// How many bytes tell.
pub(super) const HEAD: usize = 1024;

const LONGEST_TABLE: u64 = 1 << 40;

impl Kind {
    /// Of a file's first bytes, a thousand of them if there are as many.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let head = &head[..head.len().min(HEAD)];
        if head.starts_with(b"\x93NUMPY") {
            return Self::Npy;
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Self::Npz;
        }
        // The length of the table, of which the upper bytes are zero, then the table.
        if let Some((length, [b'{', ..])) = head.split_first_chunk()
            && u64::from_le_bytes(*length) < LONGEST_TABLE
        {
            return Self::Safetensors;
        }
        let binary = head.contains(&0);
        let known = |foreign: &&Foreign| {
            let magic = foreign.magic;
            // A table may have a column called PAR1, but no zero byte.
            let certain = magic.len() > 4 || binary || !magic.iter().all(u8::is_ascii_graphic);
            certain && head.get(foreign.offset..).is_some_and(|rest| rest.starts_with(magic))
        };
        if let Some(foreign) = FOREIGN.iter().find(known) {
            return Self::Foreign(foreign);
        }
        if binary { Self::Foreign(&BINARY) } else { Self::Text }
    }

    /// Of a path's end, for a file that is to be written: `.npy`, `.npz` or `.safetensors`.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        match end.as_str() {
            "npy" => Some(Self::Npy),
            "npz" => Some(Self::Npz),
            "safetensors" => Some(Self::Safetensors),
            _ => None,
        }
    }

    /// What a file of this kind is, with its article.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Npy => "a .npy file",
            Self::Npz => "a zip archive, as .npz files are",
            Self::Safetensors => "a .safetensors file",
            Self::Text => "text",
            Self::Foreign(foreign) => foreign.what,
        }
    }
}
