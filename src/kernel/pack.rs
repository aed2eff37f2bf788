//! Codes of k bits, 1 ≤ k ≤ 16, side by side in bytes: the least significant bits first, a code's
//! last bits in the next byte, as OCP MX and ONNX lay them out.
//!
//! Eight codes fill k bytes. They are brought together as numbers: neighbours in pairs, then pairs,
//! then fours, so that no bit is looked at alone.

use crate::format::Code;
use crate::level::{self, Work};
use crate::rounding::random::CHUNK;
use crate::slices;

/// Codes that go through a loop's body together: they fill 8·k bytes.
const BLOCK: usize = 64;

/// An integer type for codes of up to so many bits: `u8` or `u16`.
pub(crate) trait Packable: Code + Default {
    /// Codes of `k` bits, eight as one number, and back.
    fn join(codes: &[Self; 8], k: u32) -> u128;
    fn part(joined: u128, k: u32) -> [Self; 8];
    /// Whole blocks of codes to bytes and back, compiled in this crate.
    fn pack_blocks(bits: u32, codes: &[[Self; BLOCK]], bytes: &mut [u8]);
    fn unpack_blocks(bits: u32, bytes: &[u8], codes: &mut [[Self; BLOCK]]);
}

impl Packable for u8 {
    #[inline(always)]
    fn join(codes: &[Self; 8], k: u32) -> u128 {
        let x = u64::from_le_bytes(*codes);
        let x = x & 0x00ff_00ff_00ff_00ff | x >> (8 - k) & (0x00ff_00ff_00ff_00ff << k);
        let x = x & 0x0000_ffff_0000_ffff | x >> (16 - 2 * k) & (0x0000_ffff_0000_ffff << (2 * k));
        let x = x & 0xffff_ffff | x >> (32 - 4 * k) & (0xffff_ffff << (4 * k));
        x.into()
    }

    #[inline(always)]
    fn part(joined: u128, k: u32) -> [Self; 8] {
        let x = joined as u64;
        let fours = ones(4 * k);
        let x = x & fours | (x >> (4 * k) & fours) << 32;
        let twos = ones(2 * k) * 0x1_0000_0001;
        let x = x & twos | (x >> (2 * k) & twos) << 16;
        let one = ones(k) * 0x0001_0001_0001_0001;
        let x = x & one | (x >> k & one) << 8;
        x.to_le_bytes()
    }

    #[inline(never)]
    fn pack_blocks(bits: u32, codes: &[[Self; BLOCK]], bytes: &mut [u8]) {
        match bits {
            4 => level::run(PackHalves { codes: codes.as_flattened().as_chunks().0, bytes }),
            8 => slices::copy(codes.as_flattened(), bytes),
            _ => level::run(Pack { bits, codes, bytes }),
        }
    }

    #[inline(never)]
    fn unpack_blocks(bits: u32, bytes: &[u8], codes: &mut [[Self; BLOCK]]) {
        match bits {
            4 => {
                let codes = codes.as_flattened_mut().as_chunks_mut().0;
                level::run(UnpackHalves { bytes, codes });
            }
            8 => slices::copy(bytes, codes.as_flattened_mut()),
            _ => level::run(Unpack { bits, bytes, codes }),
        }
    }
}

impl Packable for u16 {
    #[inline(always)]
    fn join(codes: &[Self; 8], k: u32) -> u128 {
        let four = |i: usize| {
            let pair = |i: usize| u64::from(codes[i]) | u64::from(codes[i + 1]) << k;
            pair(i) | pair(i + 2) << (2 * k)
        };
        u128::from(four(0)) | u128::from(four(4)) << (4 * k)
    }

    #[inline(always)]
    fn part(joined: u128, k: u32) -> [Self; 8] {
        let (low, high) = (joined as u64, (joined >> (4 * k)) as u64);
        let mask = ones(k);
        core::array::from_fn(|i| {
            let four = if i < 4 { low } else { high };
            (four >> (i as u32 % 4 * k) & mask) as u16
        })
    }

    #[inline(never)]
    fn pack_blocks(bits: u32, codes: &[[Self; BLOCK]], bytes: &mut [u8]) {
        if bits < Self::BITS {
            return level::run(Pack { bits, codes, bytes });
        }
        for (code, bytes) in codes.as_flattened().iter().zip(bytes.as_chunks_mut().0) {
            *bytes = code.to_le_bytes();
        }
    }

    #[inline(never)]
    fn unpack_blocks(bits: u32, bytes: &[u8], codes: &mut [[Self; BLOCK]]) {
        if bits < Self::BITS {
            return level::run(Unpack { bits, bytes, codes });
        }
        for (code, bytes) in codes.as_flattened_mut().iter_mut().zip(bytes.as_chunks().0) {
            *code = Self::from_le_bytes(*bytes);
        }
    }
}

/// The `n` last bits, 1 ≤ n ≤ 64.
#[inline(always)]
const fn ones(n: u32) -> u64 {
    u64::MAX >> (64 - n)
}

struct Pack<'a, C> {
    bits: u32,
    codes: &'a [[C; BLOCK]],
    bytes: &'a mut [u8],
}

impl<C: Packable> Work for Pack<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let k = self.bits as usize;
        // Each group is written 16 bytes long; the next one overwrites what is too much.
        let mut block = [0; BLOCK / 8 * 16 + 16];
        for (codes, bytes) in self.codes.iter().zip(self.bytes.chunks_exact_mut(BLOCK / 8 * k)) {
            for (i, group) in codes.as_chunks().0.iter().enumerate() {
                block[i * k..][..16].copy_from_slice(&C::join(group, self.bits).to_le_bytes());
            }
            bytes.copy_from_slice(&block[..BLOCK / 8 * k]);
        }
    }
}

struct Unpack<'a, C> {
    bits: u32,
    bytes: &'a [u8],
    codes: &'a mut [[C; BLOCK]],
}

impl<C: Packable> Work for Unpack<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let k = self.bits as usize;
        let mut block = [0; BLOCK / 8 * 16 + 16];
        for (bytes, codes) in self.bytes.chunks_exact(BLOCK / 8 * k).zip(self.codes) {
            block[..BLOCK / 8 * k].copy_from_slice(bytes);
            for (i, group) in codes.as_chunks_mut().0.iter_mut().enumerate() {
                let mut joined = [0; 16];
                joined.copy_from_slice(&block[i * k..][..16]);
                *group = C::part(u128::from_le_bytes(joined), self.bits);
            }
        }
    }
}

/// Four bits: two codes a byte.
struct PackHalves<'a> {
    codes: &'a [[u8; 2]],
    bytes: &'a mut [u8],
}

impl Work for PackHalves<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (&codes, byte) in self.codes.iter().zip(self.bytes) {
            let pair = u16::from_le_bytes(codes);
            *byte = (pair | pair >> 4) as u8;
        }
    }
}

struct UnpackHalves<'a> {
    bytes: &'a [u8],
    codes: &'a mut [[u8; 2]],
}

impl Work for UnpackHalves<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (&byte, codes) in self.bytes.iter().zip(self.codes) {
            let pair = u16::from(byte);
            *codes = ((pair | pair << 4) & 0x0f0f).to_le_bytes();
        }
    }
}

/// How many bytes `count` codes of `bits` bits fill; `None` past the largest `usize`.
pub(crate) const fn packed_len(bits: u32, count: usize) -> Option<usize> {
    // Eight codes fill `bits` bytes, without an overflow on the way.
    let Some(whole) = (count / 8).checked_mul(bits as usize) else { return None };
    whole.checked_add((count % 8 * bits as usize).div_ceil(8))
}

/// How many bytes a chunk of codes of `bits` bits fills.
pub(crate) const fn packed_chunk(bits: u32) -> usize {
    CHUNK / 8 * bits as usize
}

/// Packs codes of `bits` bits; the last byte's unused bits are zero.
pub(crate) fn pack<C: Packable>(bits: u32, codes: &[C], bytes: &mut [u8]) {
    let (whole, rest) = codes.as_chunks::<BLOCK>();
    let (bytes, places) = bytes.split_at_mut(whole.len() * (BLOCK / 8 * bits as usize));
    C::pack_blocks(bits, whole, bytes);
    if !rest.is_empty() {
        let (mut codes, mut packed) = ([[C::default(); BLOCK]], [0; BLOCK * 2]);
        codes[0][..rest.len()].copy_from_slice(rest);
        C::pack_blocks(bits, &codes, &mut packed[..BLOCK / 8 * bits as usize]);
        places.copy_from_slice(&packed[..places.len()]);
    }
}

/// Unpacks codes of `bits` bits; the last byte's unused bits are not looked at.
pub(crate) fn unpack<C: Packable>(bits: u32, bytes: &[u8], codes: &mut [C]) {
    let (whole, places) = codes.as_chunks_mut::<BLOCK>();
    let (bytes, rest) = bytes.split_at(whole.len() * (BLOCK / 8 * bits as usize));
    C::unpack_blocks(bits, bytes, whole);
    if !places.is_empty() {
        let (mut codes, mut packed) = ([[C::default(); BLOCK]], [0; BLOCK * 2]);
        packed[..rest.len()].copy_from_slice(rest);
        C::unpack_blocks(bits, &packed[..BLOCK / 8 * bits as usize], &mut codes);
        places.copy_from_slice(&codes[0][..places.len()]);
    }
}
