//! `PackedArray`: codes of k bits side by side in bytes, with the shape they have and, where they have
//! one, the format they belong to.

use core::fmt;
use core::ops::Range;

use crate::error::{CodeError, CodeErrorKind, PackedError};
use crate::format::{Code, Format};
use crate::kernel::{self, Packable};
use crate::rounding::random::CHUNK;
use crate::storage::Storage;

/// An array of codes of k bits, 1 ≤ k ≤ 16, packed tight: code i takes the bits from k·i on, counted
/// from the least significant bit of the first byte, as OCP MX and ONNX lay them out. Unused bits of
/// the last byte are zero. Elements are in row-major order.
///
/// ```
/// use lowprec::{Format, block::PackedArray};
/// let codes = PackedArray::from_format(Format::OCP_E2M1, &[3], &[0x7_u8, 0x9, 0x2])?;
/// assert_eq!(codes.bytes(), [0x97, 0x02]);
/// assert_eq!(codes.get(1), Some(0x9));
/// let mut values = [0_f32; 3];
/// codes.decode_into(&mut values)?;
/// assert_eq!(values, [6.0, -0.5, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PackedArray {
    bits: u32,
    format: Option<Format>,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// In which order codes lie in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum BitOrder {
    /// The first code takes the least significant bits of the first byte: OCP MX, ONNX, PyTorch; of codes of four
    /// bits the first is the low half.
    #[default]
    LsbFirst,
    /// The first code takes the most significant bits of the first byte, each code's most significant bit first:
    /// `numpy.packbits`; of codes of four bits the first is the high half.
    MsbFirst,
}

/// The count of elements of a shape and the bytes they fill.
fn extent(bits: u32, shape: &[usize]) -> Result<(usize, usize), PackedError> {
    if !(1..=PackedArray::MAX_BITS).contains(&bits) {
        return Err(PackedError::Bits(bits));
    }
    let count = shape.iter().try_fold(1_usize, |count, &length| count.checked_mul(length));
    let bytes = count.and_then(|count| kernel::packed_len(bits, count));
    count.zip(bytes).ok_or_else(|| PackedError::Shape(shape.to_vec()))
}

fn bits_of(format: &Format) -> Result<u32, PackedError> {
    format.total_bits().ok_or(PackedError::NoCodes)
}

/// Made from codes or from bytes.
impl PackedArray {
    /// The widest codes.
    pub const MAX_BITS: u32 = 16;

    /// Packs codes of `bits` bits.
    ///
    /// # Errors
    ///
    /// Unless `bits` is 1 to 16, the shape has as many elements as there are codes, and every code
    /// fits.
    pub fn from_codes<C: Code>(
        bits: u32,
        shape: &[usize],
        codes: &[C],
    ) -> Result<Self, PackedError> {
        let (count, length) = extent(bits, shape)?;
        if codes.len() != count {
            return Err(PackedError::Count { given: codes.len(), needed: count });
        }
        if codes.iter().fold(0, |all, code| all | code.widen()) >> bits != 0 {
            let mut wide = codes.iter().map(|code| code.widen()).enumerate();
            if let Some((index, code)) = wide.find(|(_, code)| code >> bits != 0) {
                return Err(PackedError::TooWide { index, code, bits });
            }
        }
        let mut bytes = vec![0; length];
        if bits <= u8::BITS {
            pack_as::<C, u8>(bits, codes, &mut bytes);
        } else {
            pack_as::<C, u16>(bits, codes, &mut bytes);
        }
        Ok(Self { bits, format: None, shape: shape.to_vec(), bytes })
    }

    /// Packs codes of a format. Whether they all stand for values is not looked at: that is what
    /// [`PackedArray::decode_into`] does.
    ///
    /// # Errors
    ///
    /// For the reasons of [`PackedArray::from_codes`], and where the format has no codes.
    pub fn from_format<C: Code>(
        format: Format,
        shape: &[usize],
        codes: &[C],
    ) -> Result<Self, PackedError> {
        let packed = Self::from_codes(bits_of(&format)?, shape, codes)?;
        Ok(Self { format: Some(format), ..packed })
    }

    /// Takes bytes that are packed already.
    ///
    /// # Errors
    ///
    /// Unless `bits` is 1 to 16, there are exactly as many bytes as the shape needs, and the unused
    /// bits of the last one are zero: bytes cut short or made for another shape are refused.
    ///
    /// ```
    /// use lowprec::block::PackedArray;
    /// let packed = PackedArray::from_bytes(6, &[2, 2], vec![0x41, 0x20, 0x0c])?;
    /// assert_eq!(packed.iter().collect::<Vec<_>>(), [1, 1, 2, 3]);
    /// let error = PackedArray::from_bytes(6, &[2, 2], vec![0x41, 0x20]).unwrap_err();
    /// assert_eq!(error.to_string(), "packed bytes: 2 given, 3 needed by the shape");
    /// # Ok::<(), lowprec::error::PackedError>(())
    /// ```
    pub fn from_bytes(bits: u32, shape: &[usize], bytes: Vec<u8>) -> Result<Self, PackedError> {
        let (count, needed) = extent(bits, shape)?;
        if bytes.len() != needed {
            return Err(PackedError::Length { given: bytes.len(), needed });
        }
        // Eight codes fill whole bytes; of the rest only the last byte can have bits to spare.
        let used = count % 8 * bits as usize % 8;
        match bytes.last() {
            Some(&last) if used != 0 && last >> used != 0 => Err(PackedError::Padding(last)),
            _ => Ok(Self { bits, format: None, shape: shape.to_vec(), bytes }),
        }
    }

    /// Takes bytes that are packed already, in either order.
    ///
    /// # Errors
    ///
    /// For the reasons of [`PackedArray::from_bytes`].
    ///
    /// ```
    /// use lowprec::block::{BitOrder, PackedArray};
    /// let packed = PackedArray::from_bytes_in(BitOrder::MsbFirst, 4, &[3], vec![0x12, 0x30])?;
    /// assert_eq!(packed.iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// assert_eq!(packed.bytes(), [0x21, 0x03]);
    /// # Ok::<(), lowprec::error::PackedError>(())
    /// ```
    pub fn from_bytes_in(
        order: BitOrder,
        bits: u32,
        shape: &[usize],
        mut bytes: Vec<u8>,
    ) -> Result<Self, PackedError> {
        if order == BitOrder::LsbFirst {
            return Self::from_bytes(bits, shape, bytes);
        }
        bytes.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        let turned = Self::from_bytes(bits, shape, bytes).map_err(|error| match error {
            PackedError::Padding(last) => PackedError::Padding(last.reverse_bits()),
            error => error,
        })?;
        Ok(turned.with_codes_turned())
    }

    /// Each code with its bits in the other order.
    fn with_codes_turned(self) -> Self {
        let unused = u16::BITS - self.bits;
        let codes: Vec<u16> = self.iter().map(|code| code.reverse_bits() >> unused).collect();
        match Self::from_codes(self.bits, &self.shape, &codes) {
            Ok(turned) => Self { format: self.format, ..turned },
            Err(error) => unreachable!("as many codes of as many bits: {error}"),
        }
    }

    /// These codes as those of a format.
    ///
    /// # Errors
    ///
    /// Where the format's codes have another width, or it has none.
    pub fn with_format(self, format: Format) -> Result<Self, PackedError> {
        match bits_of(&format)? {
            needed if needed == self.bits => Ok(Self { format: Some(format), ..self }),
            needed => Err(PackedError::OtherWidth { given: self.bits, needed }),
        }
    }

    /// These codes in another shape.
    ///
    /// # Errors
    ///
    /// Unless it has as many elements.
    pub fn with_shape(self, shape: &[usize]) -> Result<Self, PackedError> {
        let (count, _) = extent(self.bits, shape)?;
        if count != self.len() {
            return Err(PackedError::Count { given: self.len(), needed: count });
        }
        Ok(Self { shape: shape.to_vec(), ..self })
    }
}

/// What it holds.
impl PackedArray {
    /// k: bits of a code.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The format that the codes belong to, where one was given.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The length along each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many codes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, taken out.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes of the codes packed in an order: unused bits of the last byte are zero.
    ///
    /// ```
    /// use lowprec::{Format, block::{BitOrder, PackedArray}};
    /// let codes = PackedArray::from_format(Format::OCP_E3M2, &[2], &[0x01_u8, 0x3f])?;
    /// assert_eq!(codes.bytes_in(BitOrder::MsbFirst), [0b0000_0111, 0b1111_0000]);
    /// # Ok::<(), lowprec::error::PackedError>(())
    /// ```
    #[must_use]
    pub fn bytes_in(&self, order: BitOrder) -> Vec<u8> {
        match order {
            BitOrder::LsbFirst => self.bytes.clone(),
            BitOrder::MsbFirst => {
                let mut bytes = self.clone().with_codes_turned().bytes;
                bytes.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
                bytes
            }
        }
    }

    /// The code at `index`, counted in row-major order; `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u16> {
        (index < self.len()).then(|| self.code(index))
    }

    /// The codes in row-major order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u16> + '_ {
        (0..self.len()).map(|index| self.code(index))
    }

    /// The code at an index known to be below the length.
    fn code(&self, index: usize) -> u16 {
        // Without a product of the index and the bits, which may exceed a `usize`.
        let start = index % 8 * self.bits as usize;
        let first = index / 8 * self.bits as usize + start / 8;
        let mut joined = [0; 4];
        let known = &self.bytes[first..self.bytes.len().min(first + 3)];
        joined[..known.len()].copy_from_slice(known);
        let word = u32::from_le_bytes(joined) >> (start % 8);
        (word & (u32::MAX >> (u32::BITS - self.bits))) as u16
    }

    /// The bytes of the codes in `range`, where these are whole bytes: what
    /// [`PackedArray::from_bytes`] takes to make an array of that part.
    ///
    /// # Errors
    ///
    /// Unless the range lies in the array, begins at a byte's first bit, and ends at a byte's last
    /// bit or with the array.
    ///
    /// ```
    /// use lowprec::block::PackedArray;
    /// let packed = PackedArray::from_codes(6, &[8], &[0_u8, 1, 2, 3, 4, 5, 6, 7])?;
    /// let half = PackedArray::from_bytes(6, &[4], packed.slice(4..8)?.to_vec())?;
    /// assert_eq!(half.iter().collect::<Vec<_>>(), [4, 5, 6, 7]);
    /// assert!(packed.slice(2..8).is_err());
    /// # Ok::<(), lowprec::error::PackedError>(())
    /// ```
    pub fn slice(&self, range: Range<usize>) -> Result<&[u8], PackedError> {
        let (bits, length) = (self.bits, self.len());
        let Range { start, end } = range;
        if start > end || end > length {
            return Err(PackedError::Range { start, end, length });
        }
        let whole = |index: usize| (index % 8 * bits as usize).is_multiple_of(8);
        if !whole(start) || !(whole(end) || end == length) {
            return Err(PackedError::PartOfByte { start, end, bits });
        }
        match (kernel::packed_len(bits, start), kernel::packed_len(bits, end)) {
            (Some(start), Some(end)) => Ok(&self.bytes[start..end]),
            _ => unreachable!("a part of bytes that exist"),
        }
    }

    /// Writes the codes into integers.
    ///
    /// # Panics
    ///
    /// Unless there is one place for each code, of at least `bits` bits.
    #[track_caller]
    pub fn codes_into<C: Code>(&self, to: &mut [C]) {
        assert!(self.len() == to.len(), "{} codes, {} places", self.len(), to.len());
        assert!(C::BITS >= self.bits, "codes of {} bits, places of {}", self.bits, C::BITS);
        if self.bits <= u8::BITS {
            unpack_as::<u8, C>(self.bits, &self.bytes, to);
        } else {
            unpack_as::<u16, C>(self.bits, &self.bytes, to);
        }
    }

    /// Writes the values of the codes.
    ///
    /// # Errors
    ///
    /// Where no format is known, and as [`Format::decode_packed`].
    ///
    /// # Panics
    ///
    /// Unless there is one place for each code.
    #[track_caller]
    pub fn decode_into<T: Storage>(&self, to: &mut [T]) -> Result<(), CodeError> {
        assert!(self.len() == to.len(), "{} codes, {} places", self.len(), to.len());
        match self.format {
            Some(format) => format.decode_packed(&self.bytes, to),
            None => Err(CodeError::new(CodeErrorKind::NoFormat)),
        }
    }
}

/// Packs by way of integers of the type that the kernel takes.
fn pack_as<C: Code, P: Packable>(bits: u32, codes: &[C], bytes: &mut [u8]) {
    let mut room = [P::default(); CHUNK];
    for (codes, bytes) in codes.chunks(CHUNK).zip(bytes.chunks_mut(kernel::packed_chunk(bits))) {
        let room = &mut room[..codes.len()];
        room.iter_mut().zip(codes).for_each(|(place, code)| *place = P::narrow(code.widen()));
        kernel::pack(bits, room, bytes);
    }
}

fn unpack_as<P: Packable, C: Code>(bits: u32, bytes: &[u8], codes: &mut [C]) {
    let mut room = [P::default(); CHUNK];
    for (codes, bytes) in codes.chunks_mut(CHUNK).zip(bytes.chunks(kernel::packed_chunk(bits))) {
        let room = &mut room[..codes.len()];
        kernel::unpack(bits, bytes, room);
        codes.iter_mut().zip(room).for_each(|(place, code)| *place = C::narrow(code.widen()));
    }
}

impl fmt::Debug for PackedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedArray")
            .field("bits", &self.bits)
            .field("format", &self.format)
            .field("shape", &self.shape)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
