//! NumPy's `.npy`: magic, version, length, and a Python dictionary of three keys before the elements.
//!
//! The text of the format is NEP 1 and the documentation of `numpy.lib.format`.

use std::io;

use super::dtype::Dtype;
use super::error::Error;
use super::kind::Kind;
use super::metadata::Metadata;
use super::source::Source;
use super::tensor::{AXES, Place, Tensor, TensorFile, brackets, bytes_of, count};

/// Magic, version and the longer of the two lengths.
pub(super) const PREAMBLE: usize = 12;

/// The longest dictionary that is read; NumPy itself reads 10,000 bytes unless told to trust the file.
const LONGEST: usize = 1 << 16;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) fortran_order: bool,
    pub(super) shape: Box<[usize]>,
}

/// Opens a `.npy` file.
pub(super) fn open(source: Source) -> Result<TensorFile, Error> {
    let refuse = |what: String| Error::of(&source.name, what);
    let unread = |error: io::Error| Error::of(&source.name, format!("cannot be read: {error}"));
    let whole = source.backing.len();
    let preamble = source.backing.read(0..whole.min(PREAMBLE as u64)).map_err(unread)?;
    let length = header_length(&preamble).map_err(refuse)?;
    if length as u64 > whole {
        return Err(refuse(format!("a header of {length} bytes, the file has {whole}")));
    }
    let header = source.backing.read(0..length as u64).map_err(unread)?;
    let header = Header::read(&header).map_err(refuse)?;
    header.check(whole - length as u64).map_err(refuse)?;
    let place = Place::Plain(length as u64..whole);
    let tensor = header.tensor("", place);
    Ok(TensorFile { source, tensors: vec![tensor], metadata: Metadata::default() })
}

/// How long magic, version, length and dictionary are together, by the first twelve bytes.
pub(super) fn header_length(preamble: &[u8]) -> Result<usize, String> {
    let cut = || format!("a header cut off after {} bytes", preamble.len());
    let (magic, rest) = preamble.split_at_checked(6).ok_or_else(cut)?;
    if Kind::of(magic) != Kind::Npy {
        return Err("no NumPy array, which begins with \\x93NUMPY".into());
    }
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    let (start, length) = match version {
        [1, _] => {
            let length = rest.first_chunk().ok_or_else(cut)?;
            (10, u32::from(u16::from_le_bytes(*length)))
        }
        [2 | 3, _] => (12, u32::from_le_bytes(*rest.first_chunk().ok_or_else(cut)?)),
        [major, minor] => {
            return Err(format!("version {major}.{minor} of .npy given, 1 to 3 allowed"));
        }
    };
    match usize::try_from(length) {
        Ok(length) if length <= LONGEST => Ok(start + length),
        _ => Err(format!("a header of {length} bytes given, at most {LONGEST} allowed")),
    }
}

impl Header {
    /// Of all bytes before the elements.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let start = if bytes.get(6) == Some(&1) { 10 } else { PREAMBLE };
        let mut literal = Literal { bytes: bytes.get(start..).unwrap_or_default(), next: 0 };
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        literal.expect(b'{')?;
        while !literal.found(b'}') {
            let key = literal.string()?;
            literal.expect(b':')?;
            let twice = match key {
                b"descr" => descr.replace(literal.descr()?).is_some(),
                b"fortran_order" => fortran_order.replace(literal.truth()?).is_some(),
                b"shape" => shape.replace(literal.shape()?).is_some(),
                _ => {
                    let key = super::shown(&String::from_utf8_lossy(key));
                    return Err(format!(
                        "its header has a key {key:?}; descr, fortran_order and shape are allowed"
                    ));
                }
            };
            if twice {
                return Err(format!("its header has {} twice", String::from_utf8_lossy(key)));
            }
            if !literal.found(b',') {
                literal.expect(b'}')?;
                break;
            }
        }
        literal.end()?;
        match (descr, fortran_order, shape) {
            (Some(dtype), Some(fortran_order), Some(shape)) => {
                Ok(Self { dtype, fortran_order, shape })
            }
            _ => Err("its header lacks one of descr, fortran_order and shape".into()),
        }
    }

    /// Holds the shape against the length of the data.
    pub(super) fn check(&self, data: u64) -> Result<(), String> {
        let count = count(&self.shape)?;
        let Some(bits) = self.dtype.bits() else { return Ok(()) };
        let needed = bytes_of(count, bits)?;
        if needed == data {
            return Ok(());
        }
        Err(format!(
            "shape {} of type {} needs {needed} bytes of data, {data} given",
            brackets(&self.shape),
            self.dtype
        ))
    }

    pub(super) fn tensor(self, name: &str, place: Place) -> Tensor {
        let Self { dtype, fortran_order, shape } = self;
        Tensor { name: name.into(), shape, dtype, fortran_order, place }
    }
}

/// A cursor over the few Python literals that a header is made of.
struct Literal<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl<'a> Literal<'a> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.next).is_some_and(u8::is_ascii_whitespace) {
            self.next += 1;
        }
        self.bytes.get(self.next).copied()
    }

    fn found(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.found(byte) { Ok(()) } else { Err(self.unlike(&char::from(byte).to_string())) }
    }

    fn unlike(&mut self, wanted: &str) -> String {
        let given = match self.peek() {
            Some(byte) => format!("{:?}", char::from(byte)),
            None => "its end".into(),
        };
        format!("its header has {given} at byte {}, where {wanted} belongs", self.next)
    }

    fn end(&mut self) -> Result<(), String> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unlike("its end")) }
    }

    /// A string in either kind of quotes; none that a header has contains an escape.
    fn string(&mut self) -> Result<&'a [u8], String> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            return Err(self.unlike("a string"));
        };
        let start = self.next + 1;
        let rest = &self.bytes[start..];
        let length = rest.iter().position(|byte| *byte == quote).ok_or("a string without end")?;
        self.next = start + length + 1;
        Ok(&rest[..length])
    }

    /// A type's string, or a list that describes a structure, which is kept as text.
    fn descr(&mut self) -> Result<Dtype, String> {
        if !matches!(self.peek(), Some(b'[' | b'(')) {
            let descr = std::str::from_utf8(self.string()?).map_err(|error| error.to_string())?;
            return Ok(Dtype::of_npy(descr));
        }
        let start = self.next;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return Err("its header ends within descr".into()),
                Some(b'\'' | b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'[' | b'(') => depth += 1,
                Some(b']' | b')') => depth -= 1,
                Some(_) => {}
            }
            self.next += 1;
            if depth == 0 {
                return Ok(Dtype::unknown(&String::from_utf8_lossy(&self.bytes[start..self.next])));
            }
        }
    }

    fn truth(&mut self) -> Result<bool, String> {
        self.peek();
        for (word, truth) in [("True", true), ("False", false)] {
            if self.bytes[self.next..].starts_with(word.as_bytes()) {
                self.next += word.len();
                return Ok(truth);
            }
        }
        Err(self.unlike("True or False"))
    }

    fn shape(&mut self) -> Result<Box<[usize]>, String> {
        self.expect(b'(')?;
        let mut shape = Vec::new();
        while !self.found(b')') {
            if shape.len() == AXES {
                return Err(format!("its shape has more than {AXES} axes"));
            }
            shape.push(self.length()?);
            if !self.found(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(shape.into())
    }

    fn length(&mut self) -> Result<usize, String> {
        self.peek();
        let rest = &self.bytes[self.next..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(self.unlike("the length of an axis"));
        }
        let length = rest[..digits].iter().try_fold(0_usize, |length, digit| {
            length.checked_mul(10)?.checked_add(usize::from(digit - b'0'))
        });
        self.next += digits;
        // As Python 2 wrote a long integer.
        if self.bytes.get(self.next) == Some(&b'L') {
            self.next += 1;
        }
        length.ok_or_else(|| format!("its shape has a length beyond {}", usize::MAX))
    }
}

/// All bytes before the elements, as NumPy writes them: version 1, filled up to a multiple of 64.
pub(super) fn header(descr: &str, fortran_order: bool, shape: &[usize]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    let shape = match shape {
        [one] => format!("({one},)"),
        _ => brackets(shape),
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    let filled = (10 + text.len() + 1).next_multiple_of(64) - 10;
    text.extend(std::iter::repeat_n(' ', filled - 1 - text.len()));
    text.push('\n');
    // At most 64 axes of 20 digits.
    let length = u16::try_from(text.len()).expect("a header of a few lines");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}
