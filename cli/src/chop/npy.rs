//! NumPy's `.npy` files: f4 and f8 of any shape, in C or Fortran order.
//!
//! A file is a magic string, two bytes of version, the header's length, the header (the text of a
//! Python dictionary) and the elements. Crates that read it bring parsers of all of Python's literals,
//! which take longer to compile than the rest of this program.

use std::io::{self, Write};

use super::args::Held;
use super::number::Number;
use crate::failure::Failure;

const MAGIC: &[u8] = b"\x93NUMPY";

pub(crate) fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The element type that the header names.
pub(crate) fn held(name: &str, bytes: &[u8]) -> Result<Held, Failure> {
    Header::read(name, bytes).map(|(header, _)| header.held)
}

/// How the elements are arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrangement {
    pub(crate) shape: Vec<usize>,
    /// The first index runs fastest in the file, not the last.
    fortran: bool,
}

impl Arrangement {
    /// The number of elements, unless it is beyond all memory.
    fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |count, length| count.checked_mul(*length))
    }

    /// Where the file has the elements, in logical order: the last index runs fastest.
    fn places(&self) -> Box<dyn Iterator<Item = usize>> {
        let count = self.count().unwrap_or(0);
        if !self.fortran {
            return Box::new(0..count);
        }
        let mut places = Vec::with_capacity(count);
        let (mut index, mut place) = (vec![0; self.shape.len()], 0);
        while places.len() < count {
            places.push(place);
            // The next index; the file's place moves by the lengths before the axis that moved.
            for axis in (0..self.shape.len()).rev() {
                let step: usize = self.shape[..axis].iter().product();
                index[axis] += 1;
                place += step;
                if index[axis] < self.shape[axis] {
                    break;
                }
                place -= step * index[axis];
                index[axis] = 0;
            }
        }
        Box::new(places.into_iter())
    }
}

/// The elements in logical order; f4 elements become f64 exactly where that is asked for. [`held`] and
/// the caller have seen to it that no f8 becomes an f32.
pub(crate) fn read<T: Number>(name: &str, bytes: &[u8]) -> Result<(Arrangement, Vec<T>), Failure> {
    let (header, data) = Header::read(name, bytes)?;
    let width = match header.held {
        Held::F32 => 4,
        Held::F64 => 8,
    };
    let arrangement = header.arrangement;
    let needed = arrangement.count().and_then(|count| count.checked_mul(width));
    if needed != Some(data.len()) {
        let shape = &arrangement.shape;
        let bytes = data.len();
        return Err(Failure::input(format!(
            "{name}: {bytes} bytes of elements for shape {shape:?}"
        )));
    }
    let element = |place: usize| {
        let bytes = &data[place * width..(place + 1) * width];
        let pattern = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
        let pattern = match header.big_endian {
            true => bytes.iter().fold(0, pattern),
            false => bytes.iter().rev().fold(0, pattern),
        };
        let wide = match header.held {
            Held::F32 => f32::of_pattern(pattern).into(),
            Held::F64 => f64::of_pattern(pattern),
        };
        T::narrow(wide).expect("a storage type at least as wide")
    };
    let elements = arrangement.places().map(element).collect();
    Ok((arrangement, elements))
}

/// Elements given in logical order, arranged in that way.
pub(crate) fn write<T: Number>(
    arrangement: &Arrangement,
    elements: &[T],
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = T::WIDTH as usize / 8;
    let lengths: String = arrangement.shape.iter().map(|length| format!("{length}, ")).collect();
    // Python's tuple of one is written with a comma, longer ones without a last one.
    let shape = if arrangement.shape.len() == 1 {
        lengths.trim_end()
    } else {
        lengths.trim_end_matches(", ")
    };
    let order = if arrangement.fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '<f{width}', 'fortran_order': {order}, 'shape': ({shape}), }}");
    // The elements begin at a multiple of 64 bytes, after a line end.
    let before = MAGIC.len() + 4;
    let length = (before + header.len() + 1).next_multiple_of(64) - before;
    header = format!("{header:0$}\n", length - 1);
    out.write_all(MAGIC)?;
    match u16::try_from(length) {
        Ok(length) => {
            out.write_all(&[1, 0])?;
            out.write_all(&length.to_le_bytes())?;
        }
        // An array of thousands of dimensions; NumPy has at most 64.
        Err(_) => return Err(io::Error::other("too many dimensions for a .npy header")),
    }
    out.write_all(header.as_bytes())?;
    let mut data = vec![0; elements.len() * width];
    for (place, element) in arrangement.places().zip(elements) {
        let pattern = element.pattern().to_le_bytes();
        data[place * width..(place + 1) * width].copy_from_slice(&pattern[..width]);
    }
    out.write_all(&data)
}

/// What the dictionary says.
struct Header {
    held: Held,
    big_endian: bool,
    arrangement: Arrangement,
}

impl Header {
    /// The header, and the bytes after it.
    fn read<'a>(name: &str, bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Failure> {
        let refuse = |what: &str| Failure::input(format!("{name}: {what}"));
        let cut = || refuse("ends within the header of a .npy file");
        let after_magic = bytes.get(MAGIC.len()..).ok_or_else(cut)?;
        let (&[major, _minor], rest) = after_magic.split_first_chunk().ok_or_else(cut)?;
        let (length, rest) = match major {
            1 => {
                let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
                (usize::from(u16::from_le_bytes(*length)), rest)
            }
            2 | 3 => {
                let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
                (u32::from_le_bytes(*length) as usize, rest)
            }
            _ => return Err(refuse(&format!("version {major} of .npy is not known"))),
        };
        let (text, data) = rest.split_at_checked(length).ok_or_else(cut)?;
        let text = str::from_utf8(text).map_err(|_| refuse("a header that is no text"))?;
        let strange = || refuse(&format!("cannot understand the header {:?}", text.trim_end()));
        let descr = entry(text, "descr").ok_or_else(strange)?;
        let (held, big_endian) = match unquoted(descr) {
            Some("<f4") => (Held::F32, false),
            Some("<f8") => (Held::F64, false),
            Some(">f4") => (Held::F32, true),
            Some(">f8") => (Held::F64, true),
            Some("=f4") => (Held::F32, cfg!(target_endian = "big")),
            Some("=f8") => (Held::F64, cfg!(target_endian = "big")),
            _ => {
                return Err(refuse(&format!("elements of type {descr}; f4 and f8 can be rounded")));
            }
        };
        let fortran = match entry(text, "fortran_order").ok_or_else(strange)? {
            "True" => true,
            "False" => false,
            _ => return Err(strange()),
        };
        let shape = entry(text, "shape").and_then(tuple).ok_or_else(strange)?;
        let arrangement = Arrangement { shape, fortran };
        Ok((Self { held, big_endian, arrangement }, data))
    }
}

/// The value of a key in the text of a dictionary: up to the comma that no bracket or quote encloses.
fn entry<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    let inside = dictionary.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (mut depth, mut quote, mut start) = (0, None, 0);
    let mut entries = Vec::new();
    for (place, c) in inside.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                entries.push(&inside[start..place]);
                start = place + 1;
            }
            (None, _) => {}
        }
    }
    entries.push(&inside[start..]);
    entries.into_iter().find_map(|entry| {
        let (name, value) = entry.split_once(':')?;
        (unquoted(name.trim()) == Some(key)).then(|| value.trim())
    })
}

/// What stands between quotes.
fn unquoted(text: &str) -> Option<&str> {
    ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
}

/// Whole numbers in brackets: `()`, `(3,)`, `(3, 4)`; a long integer of Python 2 ends in L.
fn tuple(text: &str) -> Option<Vec<usize>> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?.trim();
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    if inside.is_empty() {
        return Some(Vec::new());
    }
    inside.split(',').map(|number| number.trim().trim_end_matches('L').parse().ok()).collect()
}
