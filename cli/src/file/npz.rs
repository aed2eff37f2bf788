//! NumPy's `.npz`: a zip archive of `.npy` files, stored or deflated.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use rawzip::{
    CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipArchiveWriter, ZipSliceArchive,
    ZipSliceEntry,
};

use super::error::Error;
use super::json;
use super::metadata::Metadata;
use super::npy;
use super::source::{Backing, Source};
use super::tensor::{Place, Tensor, TensorFile};

/// The member in which this program keeps what a safetensors file keeps in `__metadata__`.
pub(super) const METADATA: &str = "__metadata__.json";

/// A deflated member may hold at most so many bytes: 64 times the archive's length, or 256 MiB if that is
/// more. (Deflate reaches 1032 times; a megabyte of that would be a gigabyte.)
const fn limit(archive: u64) -> u64 {
    let (by_length, least) = (archive.saturating_mul(64), 1 << 28);
    if by_length > least { by_length } else { least }
}

/// Where a member is, how it is packed, and how many of its bytes come before the elements.
#[derive(Clone, Debug)]
pub(super) struct Member {
    at: ZipArchiveEntryWayfinder,
    deflated: bool,
    header: usize,
}

/// Opens an archive.
pub(super) fn open(source: Source) -> Result<TensorFile, Error> {
    let Source { name, kind, backing } = source;
    let Backing::Memory(bytes) = backing else {
        return Err(Error::of(&name, "an archive is read from memory"));
    };
    let whole = bytes.len() as u64;
    let broken = |error: rawzip::Error| Error::of(&name, format!("a broken archive: {error}"));
    let archive = ZipArchive::from_slice(bytes).map_err(broken)?;
    let (mut tensors, mut metadata) = (Vec::new(), Metadata::default());
    // Members that share bytes could make a small archive large.
    let mut packed = 0_u64;
    let mut other = None;
    for record in archive.entries() {
        let record = record.map_err(broken)?;
        let raw = record.file_path();
        let path = String::from_utf8_lossy(raw.as_bytes()).into_owned();
        if record.is_dir() {
            continue;
        }
        let refuse = |what: String| Error::of_tensor(&name, path.trim_end_matches(".npy"), what);
        let Some(tensor) = path.strip_suffix(".npy") else {
            let own = path == METADATA && record.compression_method() == CompressionMethod::STORE;
            if own {
                let entry = archive.get_entry(record.wayfinder()).map_err(broken)?;
                metadata = json::strings(entry.data()).map_err(refuse)?;
            } else {
                other.get_or_insert(path);
            }
            continue;
        };
        if record.flags().is_encrypted() {
            return Err(refuse("it is encrypted; unpack and pack it without".into()));
        }
        let deflated = match record.compression_method() {
            CompressionMethod::STORE => false,
            CompressionMethod::DEFLATE => true,
            method => {
                return Err(refuse(format!("packed by {method}; stored and deflated are read")));
            }
        };
        let at = record.wayfinder();
        packed = packed.saturating_add(at.compressed_size_hint());
        if packed > whole {
            return Err(refuse("members of the archive share bytes".into()));
        }
        let entry = archive.get_entry(at).map_err(broken)?;
        let declared = at.uncompressed_size_hint();
        if deflated && declared > limit(whole) {
            return Err(refuse(format!(
                "unpacks to {declared} bytes, at most {} allowed in an archive of {whole}; unpack it \
                 first",
                limit(whole)
            )));
        }
        if !deflated && declared != entry.data().len() as u64 {
            return Err(refuse(format!(
                "{declared} bytes stored in {}, by the archive's directory",
                entry.data().len()
            )));
        }
        let (header, length) = header(&entry, deflated).map_err(refuse)?;
        let rest = declared.checked_sub(length as u64);
        let rest = rest.ok_or_else(|| refuse("ends within its header".into()))?;
        header.check(rest).map_err(refuse)?;
        let member = Member { at, deflated, header: length };
        tensors.push(header.tensor(tensor, Place::Member(Box::new(member))));
    }
    if let (Some(other), true) = (other, tensors.is_empty()) {
        return Err(Error::of(&name, foreign(&other, &archive)));
    }
    check_names(&name, &tensors)?;
    let source = Source { name, kind, backing: Backing::Archive(archive) };
    Ok(TensorFile { source, tensors, metadata })
}

/// What an archive without arrays is.
fn foreign(first: &str, archive: &ZipSliceArchive<Vec<u8>>) -> String {
    let has = |wanted: &str| {
        let mut paths = archive.entries().flatten();
        paths.any(|record| record.file_path().as_bytes().ends_with(wanted.as_bytes()))
    };
    if has("data.pkl") {
        return "is a PyTorch file (torch.save); convert it to .safetensors".into();
    }
    if has("[Content_Types].xml") {
        return "is an Office document; save the sheet as CSV".into();
    }
    if has("model.json") || has(".weights.h5") || has("config.json") {
        return "is a Keras model; convert it to .safetensors or .npz".into();
    }
    let first = super::shown(first);
    format!("is a zip archive without .npy members (its first is {first:?}); unpack it first")
}

fn check_names(file: &str, tensors: &[Tensor]) -> Result<(), Error> {
    let mut names: Vec<&str> = tensors.iter().map(Tensor::name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::of_tensor(file, pair[0], "the name is there twice")),
        None => Ok(()),
    }
}

/// A member's header and how long it is; no more than that is unpacked.
fn header(entry: &ZipSliceEntry<'_>, deflated: bool) -> Result<(npy::Header, usize), String> {
    let mut stored = entry.data();
    let mut inflater;
    let reader: &mut dyn Read = if deflated {
        inflater = Inflater::new(entry.data());
        &mut inflater
    } else {
        &mut stored
    };
    let mut head = Vec::new();
    let unread = |error: io::Error| format!("cannot be unpacked: {error}");
    reader.take(npy::PREAMBLE as u64).read_to_end(&mut head).map_err(unread)?;
    let length = npy::header_length(&head)?;
    reader.take(length.saturating_sub(head.len()) as u64).read_to_end(&mut head).map_err(unread)?;
    let header = head.get(..length).ok_or("a header cut off")?;
    Ok((npy::Header::read(header)?, length))
}

/// A member's elements, held against the archive's checksum.
pub(super) fn data<'a>(
    archive: &'a ZipSliceArchive<Vec<u8>>,
    member: &Member,
) -> io::Result<Cow<'a, [u8]>> {
    let entry = archive.get_entry(member.at).map_err(io::Error::other)?;
    let stored = entry.data();
    let declared = member.at.uncompressed_size_hint();
    if !member.deflated {
        io::copy(&mut entry.verifying_reader(stored), &mut io::sink())?;
        return Ok(Cow::Borrowed(&stored[member.header..]));
    }
    let mut bytes = Vec::new();
    let mut reader = entry.verifying_reader(Inflater::new(stored));
    // The header first, thrown away, so that the elements need not be moved.
    let mut header = Vec::new();
    reader.by_ref().take(member.header as u64).read_to_end(&mut header)?;
    // One byte more than there should be, so that the reader comes to the end and verifies it.
    let rest = declared - member.header as u64;
    reader.take(rest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == rest {
        Ok(Cow::Owned(bytes))
    } else {
        Err(io::Error::other(format!(
            "unpacks to other than the {declared} bytes that are declared"
        )))
    }
}

/// Deflated bytes, unpacked as they are asked for.
struct Inflater<'a> {
    rest: &'a [u8],
    state: Box<InflateState>,
}

impl<'a> Inflater<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest, state: InflateState::new_boxed(DataFormat::Raw) }
    }
}

impl Read for Inflater<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        let step = inflate(&mut self.state, self.rest, to, MZFlush::None);
        self.rest = &self.rest[step.bytes_consumed..];
        match step.status {
            _ if step.bytes_written > 0 => Ok(step.bytes_written),
            Ok(MZStatus::StreamEnd) => Ok(0),
            Ok(_) | Err(MZError::Buf) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(_) => Err(io::Error::other("not deflated data")),
        }
    }
}

/// Whether a member of this name keeps it in an archive.
pub(super) fn keeps_name(name: &str) -> bool {
    rawzip::path::ZipFilePath::from_str(name).as_str() == name
}

/// Writes an archive of stored members: names and what writes each.
pub(super) fn write<'a>(
    out: &mut dyn Write,
    members: impl Iterator<Item = (String, Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'a>)>,
) -> io::Result<()> {
    let mut archive = ZipArchiveWriter::new(out);
    for (name, write) in members {
        let (mut entry, config) = archive.new_file(&name).start().map_err(io_error)?;
        let mut writer = config.wrap(&mut entry);
        write(&mut writer)?;
        let (_, descriptor) = writer.finish().map_err(io_error)?;
        entry.finish(descriptor).map_err(io_error)?;
    }
    archive.finish().map_err(io_error)?;
    Ok(())
}

/// The error of the writer below, if there is one, so that a closed pipe is known as such.
fn io_error(error: rawzip::Error) -> io::Error {
    match error.into_kind() {
        rawzip::ErrorKind::IO(error) => error,
        kind => io::Error::other(rawzip::Error::from(kind)),
    }
}
