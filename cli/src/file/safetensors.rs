//! safetensors: the length of a table, the table in JSON, and the tensors' bytes without a gap.
//!
//! The text of the format is that of its repository's README, which is followed to the letter: a table of at
//! most 100 MB, no key twice, offsets from zero to the end of the data in which no byte is left out or
//! belongs to two tensors, little-endian, row-major.

use std::io;

use serde_core::de::{Error as _, MapAccess};

use super::dtype::Dtype;
use super::error::Error;
use super::json::{self, Entries, Object, Shape, Sizes};
use super::metadata::Metadata;
use super::source::Source;
use super::tensor::{Place, Tensor, TensorFile, brackets, bytes_of, count};

/// The longest table that is read: the format's own limit.
const LONGEST: u64 = 100_000_000;

/// The table's entry that is no tensor.
const METADATA: &str = "__metadata__";

/// Opens a safetensors file.
pub(super) fn open(source: Source) -> Result<TensorFile, Error> {
    let refuse = |what: String| Error::of(&source.name, what);
    let unread = |error: io::Error| Error::of(&source.name, format!("cannot be read: {error}"));
    let whole = source.backing.len();
    let room = whole.checked_sub(8).ok_or_else(|| refuse("cut off in the first 8 bytes".into()))?;
    let length = source.backing.read(0..8).map_err(unread)?;
    let length = u64::from_le_bytes(length[..].try_into().unwrap_or([u8::MAX; 8]));
    if length > LONGEST || length > room {
        return Err(refuse(format!(
            "its table has {length} bytes by its first 8; {room} follow and {LONGEST} are allowed"
        )));
    }
    let start = 8 + length;
    let table = source.backing.read(8..start).map_err(unread)?;
    let mut sizes = TableSizes::default();
    json::read(&table, &mut sizes).map_err(|error| refuse(format!("its table: {error}")))?;
    let mut reader = Table {
        start,
        tensors: Vec::with_capacity(sizes.tensors),
        metadata: Metadata::with_room(sizes.metadata.entries, sizes.metadata.bytes),
    };
    json::read(&table, &mut reader).map_err(|error| refuse(format!("its table: {error}")))?;
    drop(table);
    let Table { mut tensors, mut metadata, .. } = reader;
    metadata
        .sort()
        .map_err(|key| refuse(format!("its metadata has {:?} twice", super::shown(&key))))?;
    let named = |(name, what): (&str, String)| Error::of_tensor(&source.name, name, what);
    check_names(&mut tensors).map_err(named)?;
    check_places(&mut tensors, start, whole).map_err(named)?;
    Ok(TensorFile { source, tensors, metadata })
}

/// What the table has, so that there is room for as much.
#[derive(Default)]
struct TableSizes {
    tensors: usize,
    metadata: Sizes,
    metadata_seen: bool,
}

impl Entries for TableSizes {
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        if key != METADATA {
            self.tensors += 1;
            return json::skip(map);
        }
        if std::mem::replace(&mut self.metadata_seen, true) {
            return Err(A::Error::custom("__metadata__ is there twice"));
        }
        map.next_value_seed(Object(&mut self.metadata))
    }
}

/// The table's entries.
struct Table {
    /// Where the data begins in the file.
    start: u64,
    tensors: Vec<Tensor>,
    metadata: Metadata,
}

impl Entries for Table {
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        if key == METADATA {
            return map.next_value_seed(Object(&mut self.metadata));
        }
        let mut row = Row::default();
        map.next_value_seed(Object(&mut row))?;
        let Row { dtype: Some(dtype), shape: Some(shape), offsets: Some((begin, end)) } = row
        else {
            return Err(A::Error::custom(format_args!(
                "tensor {} lacks one of dtype, shape and data_offsets",
                super::shown(&key)
            )));
        };
        let place = (|| Some(self.start.checked_add(begin)?..self.start.checked_add(end)?))();
        let place = place.ok_or_else(|| {
            A::Error::custom(format_args!(
                "tensor {} has offsets beyond any file's length",
                super::shown(&key)
            ))
        })?;
        let (name, place) = (key.into_boxed_str(), Place::Plain(place));
        self.tensors.push(Tensor { name, shape, dtype, fortran_order: false, place });
        Ok(())
    }
}

/// What the table says about one tensor.
#[derive(Default)]
struct Row {
    dtype: Option<Dtype>,
    shape: Option<Box<[usize]>>,
    offsets: Option<(u64, u64)>,
}

impl Entries for Row {
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        let twice = match key.as_str() {
            "dtype" => {
                let name: String = map.next_value()?;
                self.dtype.replace(Dtype::of_safetensors(&name)).is_some()
            }
            "shape" => self.shape.replace(map.next_value_seed(Shape)?).is_some(),
            "data_offsets" => self.offsets.replace(map.next_value()?).is_some(),
            _ => {
                json::skip(map)?;
                false
            }
        };
        if twice { Err(A::Error::custom(format_args!("{key} is there twice"))) } else { Ok(()) }
    }
}

/// A tensor's name and what is wrong with it.
type Complaint<'a> = (&'a str, String);

/// Puts the tensors in order of their names, of which none may be there twice.
fn check_names(tensors: &mut [Tensor]) -> Result<(), Complaint<'_>> {
    tensors.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    match tensors.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err((pair[0].name(), "the name is there twice".into())),
        None => Ok(()),
    }
}

/// Each as long as its shape says, and together the whole of the data, in the order of which they are put.
fn check_places(tensors: &mut [Tensor], start: u64, whole: u64) -> Result<(), Complaint<'_>> {
    let place = |tensor: &Tensor| match &tensor.place {
        Place::Plain(range) => (range.start, range.end),
        Place::Member(_) => (u64::MAX, u64::MAX),
    };
    // Tensors without elements share a place: by name.
    tensors.sort_unstable_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name)));
    for tensor in &*tensors {
        let (begin, end) = place(tensor);
        let (given, of) = (end.saturating_sub(begin), (begin - start, end - start));
        let complain = |what| (tensor.name(), what);
        if end < begin || end > whole {
            return Err(complain(format!(
                "data_offsets {} to {} given, and there are {} bytes of data",
                of.0,
                of.1,
                whole - start
            )));
        }
        let count = count(tensor.shape()).map_err(complain)?;
        if let Some(bits) = tensor.dtype.bits() {
            let needed = bytes_of(count, bits).map_err(complain)?;
            if needed != given {
                return Err(complain(format!(
                    "shape {} of type {} needs {needed} bytes of data, {given} given",
                    brackets(tensor.shape()),
                    tensor.dtype
                )));
            }
        }
    }
    let mut reached = start;
    for tensor in &*tensors {
        let (begin, end) = place(tensor);
        if begin != reached {
            let what = if begin < reached { "overlaps" } else { "leaves a gap after" };
            return Err((
                tensor.name(),
                format!(
                    "begins at byte {} of the data, which {what} the tensor before, that ends at {}",
                    begin - start,
                    reached - start
                ),
            ));
        }
        reached = end;
    }
    if reached == whole {
        return Ok(());
    }
    Err(("", format!("its tensors end {} bytes before its data", whole - reached)))
}

/// A table: rows of name, type, shape and length in bytes, in the order of the data. Filled up with blanks
/// so that the data begins at a multiple of 8.
pub(super) fn table(
    rows: &[(&str, &str, &[usize], u64)],
    metadata: &[(String, String)],
) -> Vec<u8> {
    let mut entries = Vec::new();
    if !metadata.is_empty() {
        entries.push(format!("\"{METADATA}\":{}", json::object(metadata)));
    }
    let mut begin = 0;
    for (name, dtype, shape, length) in rows {
        let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
        let (name, lengths, end) = (json::quoted(name), lengths.join(","), begin + length);
        entries.push(format!(
            "{name}:{{\"dtype\":\"{dtype}\",\"shape\":[{lengths}],\"data_offsets\":[{begin},{end}]}}"
        ));
        begin = end;
    }
    let mut text = format!("{{{}}}", entries.join(","));
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}
