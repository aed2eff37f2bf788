//! Objects in JSON, read entry by entry: what is kept, and how much, the reader of the entries decides.

use std::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::metadata::Metadata;
use super::tensor::AXES;

/// Takes an object's entries as they come.
pub(super) trait Entries {
    /// Reads the value that belongs to a key.
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error>;
}

/// An object whose entries go to a reader.
pub(super) struct Object<'a, E>(pub(super) &'a mut E);

impl<'de, E: Entries> DeserializeSeed<'de> for Object<'_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, E: Entries> Visitor<'de> for Object<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.entry(key, &mut map)?;
        }
        Ok(())
    }
}

/// Reads a whole text that is one object.
pub(super) fn read<E: Entries>(text: &[u8], entries: &mut E) -> Result<(), String> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Object(entries).deserialize(&mut deserializer).and_then(|()| deserializer.end()).map_err(
        |error| {
            // Its words quote the text, however long that is.
            let (line, column) = (error.line(), error.column());
            let words = error.to_string();
            match words.len() {
                0..300 => super::error::escaped(&words),
                _ => format!("{} at line {line} column {column}", super::shown(&words)),
            }
        },
    )
}

/// Counts an object's entries and how long their keys and values are, if those are strings.
#[derive(Default)]
pub(super) struct Sizes {
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

impl Entries for Sizes {
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        let value: String = map.next_value()?;
        self.entries += 1;
        self.bytes += key.len() + value.len();
        Ok(())
    }
}

impl Entries for Metadata {
    fn entry<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        let value: String = map.next_value()?;
        self.push(&key, &value).ok_or_else(|| A::Error::custom("more than 4 GiB of metadata"))
    }
}

/// An object of strings.
pub(super) fn strings(text: &[u8]) -> Result<Metadata, String> {
    let mut sizes = Sizes::default();
    read(text, &mut sizes)?;
    let mut metadata = Metadata::with_room(sizes.entries, sizes.bytes);
    read(text, &mut metadata)?;
    metadata.sort().map_err(|key| format!("key {:?} is there twice", super::shown(&key)))?;
    Ok(metadata)
}

/// The lengths of a tensor's axes.
pub(super) struct Shape;

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = Box<[usize]>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Box<[usize]>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Box<[usize]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of lengths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Box<[usize]>, A::Error> {
        let mut lengths = [0; AXES];
        let mut axes = 0;
        while let Some(length) = list.next_element()? {
            let place = lengths.get_mut(axes).ok_or_else(|| {
                A::Error::custom(format_args!("a shape of more than {AXES} axes"))
            })?;
            *place = length;
            axes += 1;
        }
        Ok(lengths[..axes].into())
    }
}

/// Whatever stands there, read over.
pub(super) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A string as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\u{1f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Strings as an object.
pub(super) fn object(pairs: &[(String, String)]) -> String {
    let entries: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
    format!("{{{}}}", entries.join(","))
}
