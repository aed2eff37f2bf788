//! Slices of codes: values into codes and back, codes packed side by side, and rounding straight into
//! either. What the kernel cannot do for a format, and finding the element that an error speaks of, is
//! left to `Format::encode` and `Format::decode_exact`.

use super::chop::Chop;
use super::values::{Draws, run_with};
use crate::error::{CodeError, CodeErrorKind};
use crate::format::{Code, Format};
use crate::kernel::code_plan::CodePlan;
use crate::kernel::{self, Packable};
use crate::rounding::random::{CHUNK, Given, Source};
use crate::slices::{self, same_length};
use crate::storage::Storage;

/// Slices of codes.
impl Format {
    /// The codes of a slice of values. Every NaN becomes the canonical one, as in
    /// [`Format::encode`].
    ///
    /// # Errors
    ///
    /// At the first value without a code, with its index: codes before it are written, others not.
    /// Before anything is written, if the integer type is narrower than the format.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::Format;
    /// let mut codes = [0_u8; 3];
    /// Format::OCP_E4M3.encode_slice(&[1.0_f32, -2.0, 448.0], &mut codes)?;
    /// assert_eq!(codes, [0x38, 0xc0, 0x7e]);
    /// let error = Format::OCP_E4M3.encode_slice(&[1.0_f32, 0.3], &mut codes[..2]).unwrap_err();
    /// assert_eq!(error.index(), Some(1));
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    #[track_caller]
    pub fn encode_slice<T: Storage, C: Code>(
        &self,
        values: &[T],
        codes: &mut [C],
    ) -> Result<(), CodeError> {
        same_length(values.len(), codes.len());
        let coder = Coder::new::<T>(self, C::BITS)?;
        let mut room = [C::narrow(0); CHUNK];
        for (i, (values, codes)) in values.chunks(CHUNK).zip(codes.chunks_mut(CHUNK)).enumerate() {
            let start = i * CHUNK;
            guarded(start, codes, &mut room, |codes| coder.encode(false, start, values, codes))?;
        }
        Ok(())
    }

    /// The values of a slice of codes.
    ///
    /// # Errors
    ///
    /// At the first code that is too wide, stands for nothing, or stands for a value that the
    /// storage type cannot hold, with its index: values before it are written, others not.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::Format;
    /// let mut values = [0_f32; 2];
    /// Format::OCP_E2M1.decode_slice(&[0x7_u8, 0x9], &mut values)?;
    /// assert_eq!(values, [6.0, -0.5]);
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    #[track_caller]
    pub fn decode_slice<C: Code, T: Storage>(
        &self,
        codes: &[C],
        values: &mut [T],
    ) -> Result<(), CodeError> {
        same_length(codes.len(), values.len());
        // A code type narrower than the format holds some of its codes.
        let coder = Coder::new::<T>(self, u64::BITS)?;
        if coder.decodes_all(C::BITS) {
            return coder.decode(0, codes, values);
        }
        let mut room = [T::zero(); CHUNK];
        for (i, (codes, values)) in codes.chunks(CHUNK).zip(values.chunks_mut(CHUNK)).enumerate() {
            let start = i * CHUNK;
            guarded(start, values, &mut room, |values| coder.decode(start, codes, values))?;
        }
        Ok(())
    }

    /// How many bytes `count` codes fill when packed: k bits each, side by side. `None` where codes
    /// have more than 16 bits or the format has none, and past the largest `usize`.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::OCP_E2M1.packed_len(5), Some(3));
    /// assert_eq!(Format::OCP_E3M2.packed_len(4), Some(3));
    /// assert_eq!(Format::BINARY32.packed_len(1), None);
    /// ```
    #[must_use]
    pub const fn packed_len(&self, count: usize) -> Option<usize> {
        match self.total_bits() {
            Some(bits) if bits <= PACKED => kernel::packed_len(bits, count),
            _ => None,
        }
    }

    /// The values of packed codes: of k bits each, side by side, the least significant bits first
    /// within a byte, as OCP MX and ONNX lay them out. `to` says how many there are. Bits of the last
    /// byte that belong to no code may have any value.
    ///
    /// # Errors
    ///
    /// At the first code that stands for nothing or for a value that the storage type cannot hold,
    /// with its index: values before it are written, others not. Before anything is written, if the
    /// format's codes have more than 16 bits or it has none.
    ///
    /// # Panics
    ///
    /// Unless `bytes` is as long as [`Format::packed_len`] says.
    ///
    /// ```
    /// use lowprec::Format;
    /// let mut values = [0_f32; 3];
    /// Format::OCP_E2M1.decode_packed(&[0x97, 0x02], &mut values)?;
    /// assert_eq!(values, [6.0, -0.5, 1.0]);
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    #[track_caller]
    pub fn decode_packed<T: Storage>(&self, bytes: &[u8], to: &mut [T]) -> Result<(), CodeError> {
        let coder = Coder::new::<T>(self, PACKED)?;
        right_length(self, to.len(), bytes.len());
        if coder.bits > u8::BITS {
            coder.decode_packed::<T, u16>(bytes, to)
        } else {
            coder.decode_packed::<T, u8>(bytes, to)
        }
    }
}

/// Widest codes that are packed.
const PACKED: u32 = 16;

#[track_caller]
fn right_length(format: &Format, count: usize, bytes: usize) {
    let needed = format.packed_len(count);
    assert!(needed == Some(bytes), "{bytes} bytes for {count} packed codes, which need {needed:?}");
}

/// A format made ready to go between its codes and values of one storage type.
struct Coder {
    format: Format,
    bits: u32,
    /// `None` where no lane applies.
    plan: Option<CodePlan>,
}

impl Coder {
    /// # Errors
    ///
    /// If the format has no codes or they have more than `room` bits.
    fn new<T: Storage>(format: &Format, room: u32) -> Result<Self, CodeError> {
        match format.total_bits() {
            None => Err(CodeError::new(CodeErrorKind::NoCodes)),
            Some(needed) if needed > room => {
                Err(CodeError::new(CodeErrorKind::NarrowType { given: room, needed }))
            }
            Some(bits) => Ok(Self { format: *format, bits, plan: CodePlan::new::<T>(format) }),
        }
    }

    /// Whether every code of so many bits has a value, so that decoding cannot fail.
    fn decodes_all(&self, bits: u32) -> bool {
        bits <= self.bits && self.plan.is_some_and(|plan| plan.dense)
    }

    /// Whether every result of a rounding to the format has a code.
    fn encodes_all(&self) -> bool {
        self.format.has_nan()
    }

    /// Codes of values, the first being element `start`: from anywhere, or known to be results of a
    /// rounding to the format.
    fn encode<T: Storage, C: Code>(
        &self,
        known: bool,
        start: usize,
        values: &[T],
        codes: &mut [C],
    ) -> Result<(), CodeError> {
        match &self.plan {
            Some(plan) if kernel::encode(plan, known, values, codes) => Ok(()),
            _ => self.encode_one_by_one(start, values, codes),
        }
    }

    /// Rounds into codes in one step. False where that cannot be done.
    fn chop_encode<T: Storage, C: Code>(&self, chop: &Chop, from: &[T], to: &mut [C]) -> bool {
        match &self.plan {
            Some(plan) if !chop.rounding().is_stochastic() => {
                kernel::chop_encode(&chop.rule(), chop.plan::<T>(), plan, from, to)
            }
            _ => false,
        }
    }

    /// Values of codes, the first being element `start`.
    fn decode<C: Code, T: Storage>(
        &self,
        start: usize,
        codes: &[C],
        values: &mut [T],
    ) -> Result<(), CodeError> {
        match &self.plan {
            Some(plan) if kernel::decode(plan, codes, values) => Ok(()),
            _ => self.decode_one_by_one(start, codes, values),
        }
    }

    fn decode_packed<T: Storage, C: Packable>(
        &self,
        bytes: &[u8],
        to: &mut [T],
    ) -> Result<(), CodeError> {
        let (mut room, mut guard) = ([C::default(); CHUNK], [T::zero(); CHUNK]);
        let chunks = to.chunks_mut(CHUNK).zip(bytes.chunks(kernel::packed_chunk(self.bits)));
        for (index, (values, bytes)) in chunks.enumerate() {
            let codes = &mut room[..values.len()];
            kernel::unpack(self.bits, bytes, codes);
            let start = index * CHUNK;
            if self.decodes_all(self.bits) {
                self.decode(start, codes, values)?;
            } else {
                guarded(start, values, &mut guard, |values| self.decode(start, codes, values))?;
            }
        }
        Ok(())
    }

    #[cold]
    fn encode_one_by_one<T: Storage, C: Code>(
        &self,
        start: usize,
        values: &[T],
        codes: &mut [C],
    ) -> Result<(), CodeError> {
        for (index, (x, code)) in values.iter().zip(codes).enumerate() {
            *code = C::narrow(self.format.encode(x.widen()).map_err(|e| e.at(start + index))?);
        }
        Ok(())
    }

    #[cold]
    fn decode_one_by_one<C: Code, T: Storage>(
        &self,
        start: usize,
        codes: &[C],
        values: &mut [T],
    ) -> Result<(), CodeError> {
        for (index, (code, x)) in codes.iter().zip(values).enumerate() {
            let (code, bits) = (code.widen(), self.bits);
            let refuse = |kind| Err(CodeError::new(kind).at(start + index));
            if bits < 64 && code >> bits != 0 {
                return refuse(CodeErrorKind::TooWide { code, bits });
            }
            let Some(datum) = self.format.decode_exact(code) else {
                return refuse(CodeErrorKind::Unassigned(code));
            };
            match datum.to_f64().and_then(T::narrow) {
                Some(value) => *x = value,
                None => return refuse(CodeErrorKind::OutOfStorage(code)),
            }
        }
        Ok(())
    }
}

/// Fills `places`, the first of which is element `start`, by way of `room`, so that nothing is written
/// from an error on.
fn guarded<A: Copy>(
    start: usize,
    places: &mut [A],
    room: &mut [A],
    fill: impl FnOnce(&mut [A]) -> Result<(), CodeError>,
) -> Result<(), CodeError> {
    let room = &mut room[..places.len()];
    let result = fill(room);
    let index = result.as_ref().err().and_then(CodeError::index);
    let good = index.map_or(places.len(), |index| index - start);
    slices::copy(&room[..good], places);
    result
}

/// Rounds in parts of at most [`CHUNK`] values and hands each on with the index of its first. The
/// random bits are those of one call over all.
fn in_chunks<T: Storage>(
    rounder: &impl Draws,
    from: &[T],
    mut take: impl FnMut(usize, &[T]) -> Result<(), CodeError>,
) -> Result<(), CodeError> {
    let chop = rounder.chop_ref();
    let mut room = [T::zero(); CHUNK];
    let mut go = |source: &mut dyn Source, origin: u64| {
        for (index, values) in from.chunks(CHUNK).enumerate() {
            let start = index * CHUNK;
            let rounded = &mut room[..values.len()];
            let span = kernel::Span::Into(values, rounded);
            run_with(chop, source, origin.wrapping_add(start as u64), span);
            take(start, rounded)?;
        }
        Ok(())
    };
    if chop.rounding().is_stochastic() {
        rounder.draw(from.len() as u64, |source, origin| go(source, origin))
    } else {
        go(&mut Given(&[]), 0)
    }
}

/// Rounds into codes in one step, in parts of at most [`CHUNK`], and hands each on with its place.
/// False where that cannot be done for all of them.
fn in_one_step<'a, T: Storage, C: Code, P: 'a>(
    coder: &Coder,
    chop: &Chop,
    from: &[T],
    places: impl Iterator<Item = &'a mut [P]>,
    room: &mut [C; CHUNK],
    mut put: impl FnMut(&[C], &mut [P]),
) -> bool {
    from.chunks(CHUNK).zip(places).all(|(from, place)| {
        let codes = &mut room[..from.len()];
        let done = coder.chop_encode(chop, from, codes);
        if done {
            put(codes, place);
        }
        done
    })
}

#[track_caller]
pub(crate) fn into_codes<T: Storage, C: Code>(
    rounder: &impl Draws,
    from: &[T],
    to: &mut [C],
) -> Result<(), CodeError> {
    same_length(from.len(), to.len());
    let chop = rounder.chop_ref();
    let coder = Coder::new::<T>(&chop.format(), C::BITS)?;
    if coder.encodes_all() {
        if coder.chop_encode(chop, from, to) {
            return Ok(());
        }
        let mut places = to.chunks_mut(CHUNK);
        return in_chunks(rounder, from, |start, rounded| {
            places.next().map_or(Ok(()), |codes| coder.encode(true, start, rounded, codes))
        });
    }
    let mut room = [C::narrow(0); CHUNK];
    let copy = |codes: &[C], place: &mut [C]| slices::copy(codes, place);
    if in_one_step(&coder, chop, from, to.chunks_mut(CHUNK), &mut room, copy) {
        return Ok(());
    }
    let mut places = to.chunks_mut(CHUNK);
    in_chunks(rounder, from, |start, rounded| {
        let encode = |codes: &mut [C]| coder.encode(true, start, rounded, codes);
        places.next().map_or(Ok(()), |codes| guarded(start, codes, &mut room, encode))
    })
}

#[track_caller]
pub(crate) fn into_packed<T: Storage>(
    rounder: &impl Draws,
    from: &[T],
    to: &mut [u8],
) -> Result<(), CodeError> {
    let format = rounder.chop_ref().format();
    let coder = Coder::new::<T>(&format, PACKED)?;
    right_length(&format, from.len(), to.len());
    match coder.bits {
        u8::BITS => into_codes(rounder, from, to),
        ..u8::BITS => pack_chunks::<T, u8>(&coder, rounder, from, to),
        _ => pack_chunks::<T, u16>(&coder, rounder, from, to),
    }
}

fn pack_chunks<T: Storage, C: Packable>(
    coder: &Coder,
    rounder: &impl Draws,
    from: &[T],
    to: &mut [u8],
) -> Result<(), CodeError> {
    let mut room = [C::default(); CHUNK];
    let chunk = kernel::packed_chunk(coder.bits);
    let pack = |codes: &[C], bytes: &mut [u8]| kernel::pack(coder.bits, codes, bytes);
    let chop = rounder.chop_ref();
    if in_one_step(coder, chop, from, to.chunks_mut(chunk), &mut room, pack) {
        return Ok(());
    }
    let mut places = to.chunks_mut(chunk);
    in_chunks(rounder, from, |start, rounded| {
        let codes = &mut room[..rounded.len()];
        coder.encode(true, start, rounded, codes)?;
        if let Some(bytes) = places.next() {
            pack(codes, bytes);
        }
        Ok(())
    })
}
