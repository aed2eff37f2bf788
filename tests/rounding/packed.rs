//! `PackedArray`: every width and length there and back, bit by bit against a bit string written out,
//! and refusals of everything that is not whole.

use lowprec::{
    Format,
    block::{BitOrder, PackedArray},
    error::PackedError,
};

/// Codes of `bits` bits that differ from place to place.
fn codes(bits: u32, count: usize) -> Vec<u16> {
    let mut state = u64::from(bits) << 32 | count as u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u16 & (u16::MAX >> (16 - bits))
    };
    (0..count).map(|_| next()).collect()
}

/// The layout as its definition says it: bit b of code i is bit k·i + b of the whole.
fn bit_by_bit(bits: u32, codes: &[u16]) -> Vec<u8> {
    let k = bits as usize;
    let mut bytes = vec![0_u8; (codes.len() * k).div_ceil(8)];
    for (i, code) in codes.iter().enumerate() {
        for b in 0..k {
            let place = k * i + b;
            bytes[place / 8] |= ((code >> b & 1) as u8) << (place % 8);
        }
    }
    bytes
}

#[test]
fn packing_and_back_is_the_identity_for_every_width_and_length() {
    for bits in 1..=16 {
        for count in 0..=300 {
            let codes = codes(bits, count);
            let packed = PackedArray::from_codes(bits, &[count], &codes).unwrap();
            assert_eq!(packed.bytes(), bit_by_bit(bits, &codes), "{bits} bits, {count} codes");
            assert!(packed.iter().eq(codes.iter().copied()), "{bits} bits, {count} codes");
            let mut back = vec![0_u16; count];
            packed.codes_into(&mut back);
            assert_eq!(back, codes);
            assert_eq!(packed.get(count), None);
            let again = PackedArray::from_bytes(bits, &[count], packed.bytes().to_vec());
            assert_eq!(again.unwrap(), packed);
        }
    }
}

/// Bit by bit from the most significant one on: code i takes bits k·i to k·i + k - 1.
#[test]
fn the_other_order_begins_with_the_most_significant_bit() {
    for bits in 1..=16 {
        for count in (0..40).chain([511, 1000]) {
            let codes = codes(bits, count);
            let mut wanted = vec![0_u8; (count * bits as usize).div_ceil(8)];
            for (i, code) in codes.iter().enumerate() {
                for j in 0..bits as usize {
                    let bit = code >> (bits as usize - 1 - j) & 1;
                    let place = i * bits as usize + j;
                    wanted[place / 8] |= (bit as u8) << (7 - place % 8);
                }
            }
            let packed = PackedArray::from_codes(bits, &[count], &codes).unwrap();
            assert_eq!(packed.bytes_in(BitOrder::MsbFirst), wanted, "{bits} {count}");
            assert_eq!(packed.bytes_in(BitOrder::LsbFirst), packed.bytes());
            let back =
                PackedArray::from_bytes_in(BitOrder::MsbFirst, bits, &[count], wanted.clone());
            assert_eq!(back, Ok(packed));
            if !(count * bits as usize).is_multiple_of(8) {
                let last = wanted.len() - 1;
                wanted[last] |= 1;
                let error = PackedArray::from_bytes_in(BitOrder::MsbFirst, bits, &[count], wanted);
                assert!(error.is_err(), "{bits} {count}");
            }
        }
    }
}

#[test]
fn every_integer_type_holds_codes() {
    let packed = PackedArray::from_codes(7, &[3], &[1_u64, 127, 64]).unwrap();
    assert_eq!(packed, PackedArray::from_codes(7, &[3], &[1_u8, 127, 64]).unwrap());
    let mut wide = [0_u32; 3];
    packed.codes_into(&mut wide);
    assert_eq!(wide, [1, 127, 64]);
}

#[test]
fn bytes_cut_short_or_foreign_are_refused_at_every_length() {
    for bits in 1..=16 {
        for count in 1..=40 {
            let bytes = PackedArray::from_codes(bits, &[count], &codes(bits, count)).unwrap();
            let bytes = bytes.into_bytes();
            for given in (0..bytes.len() + 3).filter(|&given| given != bytes.len()) {
                let mut other = bytes.clone();
                other.resize(given, 0);
                let refused = PackedArray::from_bytes(bits, &[count], other).unwrap_err();
                assert_eq!(refused, PackedError::Length { given, needed: bytes.len() });
            }
            let used = count * bits as usize % 8;
            for bit in (used..8).filter(|_| used != 0) {
                let mut other = bytes.clone();
                *other.last_mut().unwrap() |= 1 << bit;
                let refused = PackedArray::from_bytes(bits, &[count], other).unwrap_err();
                assert!(matches!(refused, PackedError::Padding(_)), "{refused}");
            }
        }
    }
}

#[test]
fn impossible_widths_shapes_and_codes_name_their_limit() {
    let message = |result: Result<PackedArray, PackedError>| result.unwrap_err().to_string();
    let none: [u8; 0] = [];
    for bits in [0, 17, u32::MAX] {
        let text = message(PackedArray::from_codes(bits, &[0], &none));
        assert_eq!(text, format!("bits of a code: {bits} given, 1..=16 allowed"));
        assert_eq!(text, message(PackedArray::from_bytes(bits, &[0], vec![])));
    }
    let text = message(PackedArray::from_codes(4, &[2, 2], &[1_u8, 2, 3]));
    assert_eq!(text, "codes: 3 given, 4 needed by the shape");
    let text = message(PackedArray::from_codes(4, &[2], &[15_u8, 16]));
    assert_eq!(text, "element 1: code 0x10 given, at most 4 bits allowed");
    let text = message(PackedArray::from_bytes(16, &[usize::MAX, 2], vec![]));
    assert!(text.starts_with("shape: ["), "{text}");
    let text = message(PackedArray::from_bytes(16, &[usize::MAX], vec![]));
    assert!(text.starts_with("shape: ["), "{text}");
    let unbounded = Format::unbounded(4).unwrap();
    assert!(message(PackedArray::from_format(unbounded, &[0], &none)).contains("unbounded"));
    let wide = PackedArray::from_codes(6, &[1], &[1_u8]).unwrap().with_format(Format::OCP_E2M1);
    assert_eq!(message(wide), "codes of 6 bits given, 4 needed by the format");
}

/// An axis of length zero, before and behind an absurd one.
#[test]
fn empty_arrays_are_arrays() {
    let packed = PackedArray::from_bytes(5, &[0, 7], vec![]).unwrap();
    assert!(packed.is_empty() && packed.iter().next().is_none());
    assert_eq!(packed.slice(0..0).unwrap(), []);
    let scalar = PackedArray::from_codes(5, &[], &[9_u8]).unwrap();
    assert_eq!((scalar.len(), scalar.get(0)), (1, Some(9)));
}

#[test]
fn slices_are_of_whole_bytes() {
    for bits in 1..=16 {
        let count = 37;
        let codes = codes(bits, count);
        let packed = PackedArray::from_codes(bits, &[count], &codes).unwrap();
        for start in 0..=count {
            for end in start..=count {
                let whole = |index: usize| (index * bits as usize).is_multiple_of(8);
                let expected = whole(start) && (whole(end) || end == count);
                let slice = packed.slice(start..end);
                assert_eq!(slice.is_ok(), expected, "{bits} bits, {start}..{end}");
                if let Ok(bytes) = slice {
                    let part = PackedArray::from_bytes(bits, &[end - start], bytes.to_vec());
                    assert!(part.unwrap().iter().eq(codes[start..end].iter().copied()));
                }
            }
        }
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = packed.slice(9..8);
        assert!(matches!(backwards, Err(PackedError::Range { .. })));
        assert!(matches!(packed.slice(0..38), Err(PackedError::Range { .. })));
    }
}

#[test]
fn values_are_those_of_the_format() {
    let codes: Vec<u8> = (0..64).collect();
    let packed = PackedArray::from_format(Format::OCP_E3M2, &[8, 8], &codes).unwrap();
    assert_eq!((packed.format(), packed.shape()), (Some(Format::OCP_E3M2), &[8, 8][..]));
    let mut values = [0_f64; 64];
    packed.decode_into(&mut values).unwrap();
    for (code, value) in codes.iter().zip(values) {
        assert_eq!(value.to_bits(), Format::OCP_E3M2.decode(u64::from(*code)).to_bits());
    }
    let bare = PackedArray::from_codes(6, &[64], &codes).unwrap();
    let refused = bare.decode_into(&mut values).unwrap_err();
    assert_eq!(refused.kind(), lowprec::error::CodeErrorKind::NoFormat);
    let reshaped = bare.with_format(Format::OCP_E3M2).unwrap().with_shape(&[8, 8]).unwrap();
    assert_eq!(reshaped, packed);
    assert!(reshaped.with_shape(&[63]).is_err());
}
