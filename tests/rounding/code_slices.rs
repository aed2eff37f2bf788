//! Slices of codes, plain and packed, against the definition one by one: `Format::encode_exact` and
//! `Format::decode_exact`.

use lowprec::{
    Chop, Format, Overflow, Rounder, Rounding, Storage, Underflow,
    error::CodeErrorKind,
    format::{Code, Datum, Domain, Signedness},
};
use lowprec_oracles::at_every_level;
use lowprec_oracles::formats::customs;

/// Every format with codes of at most 16 bits that the tests know.
fn small() -> Vec<Format> {
    let catalogue = Format::CATALOGUE.iter().map(|row| row.format);
    let all = catalogue.chain(Format::p3109_family()).chain(customs());
    all.filter(|f| f.total_bits().is_some_and(|bits| bits <= 16)).collect()
}

fn bits<T: Storage>(x: T) -> u64 {
    x.widen().to_bits()
}

/// What a code is worth in storage type `T`, or why nothing.
fn decoded<T: Storage>(format: &Format, code: u64) -> Result<T, CodeErrorKind> {
    let width = format.total_bits().unwrap();
    if width < 64 && code >> width != 0 {
        return Err(CodeErrorKind::TooWide { code, bits: width });
    }
    let exact = format.decode_exact(code).ok_or(CodeErrorKind::Unassigned(code))?;
    exact.to_f64().and_then(T::narrow).ok_or(CodeErrorKind::OutOfStorage(code))
}

/// The code of a value, or why none.
fn encoded<T: Storage>(format: &Format, x: T) -> Result<u64, CodeErrorKind> {
    format.encode_exact(Datum::from_f64(x.widen())).map_err(|e| match e.kind() {
        CodeErrorKind::NotAMember(_) => CodeErrorKind::NotAMember(x.widen()),
        kind => kind,
    })
}

/// Integers that hold codes, from any of the width.
trait Narrow: Code + TryFrom<u64> + Into<u64> + Default + std::fmt::Debug + PartialEq {}
impl<C: Code + TryFrom<u64> + Into<u64> + Default + std::fmt::Debug + PartialEq> Narrow for C {}

fn narrow<C: Narrow>(code: u64) -> C {
    C::try_from(code).ok().expect("a code of the width")
}

/// About `count` of the list, the ends always.
fn some<T: Copy>(list: &[T], count: usize) -> impl Iterator<Item = T> + '_ {
    list.iter().step_by(list.len() / count + 1).chain(list.last()).copied()
}

/// Decodes `codes` at once and holds the result to the definition.
fn hold_decode<T: Storage, C: Narrow>(format: &Format, codes: &[C]) {
    let mut values = vec![T::zero(); codes.len()];
    let result = format.decode_slice(codes, &mut values);
    let want: Vec<_> = codes.iter().map(|&c| decoded::<T>(format, c.into())).collect();
    let wrong = want.iter().position(Result::is_err);
    match wrong {
        None => assert_eq!(result, Ok(()), "{format}"),
        Some(index) => {
            let error = result.expect_err(&format.to_string());
            assert_eq!((error.index(), Err(error.kind())), (Some(index), want[index].map(bits)));
        }
    }
    for (i, x) in values.iter().enumerate().take(wrong.unwrap_or(codes.len())) {
        assert_eq!(bits(*x), bits(want[i].unwrap()), "{format} {:x?}", codes[i]);
    }
}

/// Encodes `values` at once and holds the result to the definition.
fn hold_encode<T: Storage, C: Narrow>(format: &Format, values: &[T]) {
    let mut codes = vec![C::default(); values.len()];
    let result = format.encode_slice(values, &mut codes);
    let want: Vec<_> = values.iter().map(|&x| encoded(format, x)).collect();
    let wrong = want.iter().position(Result::is_err);
    match wrong {
        None => assert_eq!(result, Ok(()), "{format}"),
        Some(index) => {
            let error = result.expect_err(&format.to_string());
            // By text, since the value that was refused may be NaN.
            let (got, want) = (error.kind(), want[index].unwrap_err());
            assert_eq!(error.index(), Some(index), "{format} {:?}", values[index]);
            assert_eq!(format!("{got:?}"), format!("{want:?}"), "{format}");
        }
    }
    for (i, code) in codes.iter().enumerate().take(wrong.unwrap_or(values.len())) {
        assert_eq!(*code, narrow(want[i].unwrap()), "{format} {:?}", values[i]);
    }
}

/// Every code there and back, and what stands beside codes and values.
fn hold_format<T: Storage, C: Narrow>(format: &Format) {
    let width = format.total_bits().unwrap();
    let all: Vec<C> = (0..1_u64 << width).map(narrow).collect();
    let (good, bad): (Vec<C>, Vec<C>) =
        all.iter().partition(|&&c| decoded::<T>(format, c.into()).is_ok());
    hold_decode::<T, C>(format, &all);
    hold_decode::<T, C>(format, &good);
    let spare = good.first().copied();
    for code in some(&bad, 300) {
        hold_decode::<T, C>(format, &[code]);
        if let Some(spare) = spare {
            // Within whole blocks, and behind them.
            let mut codes = vec![spare; 150];
            codes[130] = code;
            hold_decode::<T, C>(format, &codes);
            hold_decode::<T, C>(format, &codes[100..]);
        }
    }
    if C::BITS > width {
        for code in [1 << width, u64::MAX >> (64 - C::BITS)] {
            hold_decode::<T, C>(format, &[narrow(code)]);
        }
    }

    let mut values = vec![T::zero(); good.len()];
    format.decode_slice(&good, &mut values).unwrap();
    hold_encode::<T, C>(format, &values);
    let own = Chop::new(*format, Rounding::NearestEven);
    let mut codes = vec![C::default(); values.len()];
    assert_eq!(own.chop_into_codes(&values, &mut codes), Ok(()), "{format}");
    for (code, x) in codes.iter().zip(&values) {
        assert_eq!(*code, narrow(encoded(format, *x).unwrap()), "{format} {x:?}");
    }

    let one_ulp = if T::PRECISION == 24 { f64::from(f32::from_bits(1)) } else { 5e-324 };
    let special = [0.0, -0.0, f64::INFINITY, -f64::INFINITY, f64::NAN, -f64::NAN, one_ulp, 1.0];
    let special = special.into_iter().map(|x| T::narrow(x).unwrap());
    let top = [T::max_value(), T::min_value(), T::min_positive_value()];
    let ulp = T::one() + T::epsilon();
    let beside =
        some(&values, 300).flat_map(|x| [x, -x, x * ulp, x / ulp, x / (T::one() + T::one())]);
    for x in special.chain(top).chain(beside) {
        hold_encode::<T, C>(format, &[x]);
        if let Some(&member) = values.first() {
            let mut some = vec![member; 150];
            some[130] = x;
            hold_encode::<T, C>(format, &some);
        }
    }
}

fn hold_widths<T: Storage>(format: &Format) {
    if format.total_bits().unwrap() <= 8 {
        hold_format::<T, u8>(format);
    }
    hold_format::<T, u16>(format);
    if format.total_bits().unwrap() <= 10 {
        hold_format::<T, u32>(format);
        hold_format::<T, u64>(format);
    }
}

#[test]
fn every_code_of_every_small_format() {
    let formats = small();
    assert!(formats.len() > 520, "{}", formats.len());
    for format in &formats {
        hold_widths::<f32>(format);
        hold_widths::<f64>(format);
    }
}

/// Codes wider than 16 bits, sampled; as wide as the storage's patterns too.
#[test]
fn wide_formats() {
    for format in customs().into_iter().chain([Format::BINARY64, Format::BINARY32, Format::TF32]) {
        let Some(width) = format.total_bits().filter(|bits| *bits > 16) else { continue };
        let random =
            |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(i as u32) >> (64 - width);
        for code in (0..400).map(random).chain((0..width).flat_map(|i| [1 << i, (1 << i) - 1])) {
            hold_decode::<f32, u64>(&format, &[code]);
            hold_decode::<f64, u64>(&format, &[code; 65]);
            let exact = format.decode(code);
            hold_encode::<f64, u64>(&format, &[exact, exact, -exact, exact.next_up()]);
            hold_encode::<f32, u64>(&format, &[exact as f32]);
        }
    }
}

fn modes() -> [Rounding; 5] {
    use Rounding::{NearestEven, Stochastic, StochasticEqual, ToOdd, Up};
    [NearestEven, Up, ToOdd, Stochastic, StochasticEqual]
}

/// Formats of every kind: what is the code of NaN, of infinity, of zero, below the normal numbers.
fn kinds() -> Vec<Format> {
    let p3109 = |k, p, s| Format::p3109(k, p, s, Domain::Extended).unwrap();
    vec![
        Format::BINARY16,
        Format::BFLOAT16,
        Format::DLFLOAT16,
        Format::OCP_E5M2,
        Format::OCP_E4M3,
        Format::E4M3_FNUZ,
        Format::OCP_E8M0,
        Format::OCP_E3M2,
        Format::OCP_E2M1,
        p3109(16, 3, Signedness::Signed),
        p3109(9, 1, Signedness::Signed),
        p3109(5, 5, Signedness::Unsigned),
        Format::OCP_E5M2.with_subnormals(false).unwrap(),
        Format::from_range(4, -140, 3).unwrap(),
    ]
}

/// Values that round, tie, overflow and underflow; every eleventh of them special where NaN has a code.
fn values<T: Storage>(format: &Format, n: usize) -> Vec<T> {
    const SPECIAL: [f64; 4] = [f64::NAN, f64::INFINITY, -0.0, f64::NEG_INFINITY];
    let value = |i: usize| {
        let random = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        // A few digits alone tie often.
        let kept = if i.is_multiple_of(3) { random >> 19 << 19 } else { random };
        let fraction = kept as f64 / 2f64.powi(22) - 2.0;
        if i % 11 == 5 && format.has_nan() {
            SPECIAL[i / 11 % 4]
        } else {
            fraction * 2f64.powi((random % 41) as i32 - 20)
        }
    };
    (0..n).map(|i| T::from(value(i)).unwrap()).collect()
}

/// `chop_into` and then the definition.
fn in_two_steps<T: Storage>(rounder: &impl Rounder, from: &[T]) -> Vec<u64> {
    let mut rounded = vec![T::zero(); from.len()];
    rounder.chop_into(from, &mut rounded);
    let format = rounder.rule().format;
    rounded.iter().map(|&x| encoded(&format, x).unwrap()).collect()
}

/// Codes laid side by side bit by bit.
fn packed(k: u32, codes: &[u64]) -> Vec<u8> {
    let mut bytes = vec![0; (codes.len() * k as usize).div_ceil(8)];
    for (i, code) in codes.iter().enumerate() {
        for bit in 0..k as usize {
            let place = i * k as usize + bit;
            bytes[place / 8] |= ((code >> bit & 1) as u8) << (place % 8);
        }
    }
    bytes
}

/// All calls that round or read slices, over lengths, starts, modes and streams.
fn hold_calls<T: Storage>() {
    for format in kinds() {
        let k = format.total_bits().unwrap();
        let whole = values::<T>(&format, 1400);
        for mode in modes() {
            let chop = Chop::new(format, mode);
            let lengths = (0..=130).map(|n| (n % 5, n)).chain([(0, 512), (1, 513), (3, 1300)]);
            for (start, n) in lengths {
                let from = &whole[start..start + n];
                let at = start as u64 + 7;
                let stream = || chop.stream(3).at(at);
                let want = in_two_steps(&stream(), from);

                let mut room = vec![0_u16; n + start];
                let moved = stream();
                moved.chop_into_codes(from, &mut room[start..]).unwrap();
                assert!(room[start..].iter().map(|c| u64::from(*c)).eq(want.iter().copied()));
                let taken = if mode.is_stochastic() { n as u64 } else { 0 };
                assert_eq!(moved.position(), at + taken, "{chop:?} {n}");
                let mut values = vec![T::zero(); n + start];
                format.decode_slice(&room[start..], &mut values[start..]).unwrap();
                let want_values: Vec<u64> =
                    want.iter().map(|&c| bits(decoded::<T>(&format, c).unwrap())).collect();
                assert!(values[start..].iter().map(|x| bits(*x)).eq(want_values.iter().copied()));
                let mut again = vec![0_u16; n];
                format.encode_slice(&values[start..], &mut again).unwrap();
                assert_eq!(again, room[start..]);

                let length = format.packed_len(n).unwrap();
                let mut bytes = vec![0xff; length + start];
                stream().chop_into_packed(from, &mut bytes[start..]).unwrap();
                assert_eq!(bytes[start..], packed(k, &want), "{chop:?} {n}");
                let mut values = vec![T::zero(); n + start];
                format.decode_packed(&bytes[start..], &mut values[start..]).unwrap();
                assert!(values[start..].iter().map(|x| bits(*x)).eq(want_values));

                if k <= 8 {
                    let mut bytes = vec![0_u8; n];
                    stream().chop_into_codes(from, &mut bytes).unwrap();
                    assert!(bytes.iter().map(|c| u64::from(*c)).eq(want.iter().copied()));
                }
                if !mode.is_stochastic() {
                    let mut wide = vec![0_u64; n];
                    chop.chop_into_codes(from, &mut wide).unwrap();
                    assert_eq!(wide, want);
                }
            }
        }
    }
}

/// Every mode and policy, in one step or two.
fn hold_rules<T: Storage>() {
    use {Overflow::*, Underflow::*};
    for format in kinds() {
        let from = values::<T>(&format, 1300);
        for mode in Rounding::DETERMINISTIC {
            for (overflow, underflow) in [
                (Ieee, Gradual),
                (Saturate, Gradual),
                (SaturateFinite, Gradual),
                (Ieee, FlushToZero),
            ] {
                let chop =
                    Chop::new(format, mode).with_overflow(overflow).with_underflow(underflow);
                let want = in_two_steps(&chop, &from);
                let mut codes = vec![0_u16; from.len()];
                chop.chop_into_codes(&from, &mut codes).unwrap();
                for ((x, code), want) in from.iter().zip(&codes).zip(&want) {
                    assert_eq!(u64::from(*code), *want, "{chop:?} {x:?}");
                }
                let mut bytes = vec![0; format.packed_len(from.len()).unwrap()];
                chop.chop_into_packed(&from, &mut bytes).unwrap();
                assert_eq!(bytes, packed(format.total_bits().unwrap(), &want), "{chop:?}");
            }
        }
    }
}

/// The cap is the process's: the other tests run at whatever level this one has set.
#[test]
fn every_call_at_every_level() {
    at_every_level(|_| {
        hold_calls::<f32>();
        hold_calls::<f64>();
        hold_rules::<f32>();
        hold_rules::<f64>();
        for format in kinds() {
            hold_widths::<f32>(&format);
            hold_widths::<f64>(&format);
        }
    });
}

/// No format has codes of one bit: the least are two, of an unsigned format with zero, one number,
/// infinity and NaN.
#[test]
fn packed_round_trip_for_every_width() {
    let two = Format::from_range(1, 0, 0).unwrap().with_sign(Signedness::Unsigned).unwrap();
    let others = (3..=16).map(|k| Format::p3109(k, k / 2, Signedness::Signed, Domain::Finite));
    for format in others.map(Result::unwrap).chain([two]) {
        let k = format.total_bits().unwrap();
        let assigned: Vec<u64> =
            (0..1 << k).filter(|&c| decoded::<f64>(&format, c).is_ok()).collect();
        for n in 0..=300 {
            let codes: Vec<u64> =
                (0..n).map(|i| assigned[(i * 7919 + n) % assigned.len()]).collect();
            let mut bytes = packed(k, &codes);
            assert_eq!(format.packed_len(n), Some(bytes.len()));
            // Bits that belong to no code are not looked at.
            if let Some(last) = bytes.last_mut() {
                *last |= !(0xff >> ((8 - n * k as usize % 8) % 8));
            }
            let mut values = vec![0_f64; n];
            format.decode_packed(&bytes, &mut values).unwrap();
            for (x, code) in values.iter().zip(&codes) {
                assert_eq!(bits(*x), bits(decoded::<f64>(&format, *code).unwrap()), "{format}");
            }
            let mut back = vec![0xff; bytes.len()];
            let chop = Chop::new(format, Rounding::NearestEven);
            chop.chop_into_packed(&values, &mut back).unwrap();
            let canonical: Vec<u64> = values.iter().map(|x| format.encode(*x).unwrap()).collect();
            assert_eq!(back, packed(k, &canonical), "{format} {n}");
        }
    }
    assert_eq!(Format::BINARY16.packed_len(usize::MAX), None);
    assert_eq!(Format::OCP_E2M1.packed_len(usize::MAX), Some(usize::MAX / 2 + 1));
    assert_eq!(Format::TF32.packed_len(0), None);
    assert_eq!(Format::unbounded(8).unwrap().packed_len(0), None);
}

#[test]
fn errors_say_where() {
    let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
    for at in [0, 1, 63, 64, 511, 512, 700, 1299] {
        let mut from = vec![1.0_f32; 1300];
        from[at] = f32::NAN;
        from[1299] = f32::NAN;
        // Codes and values before the error are written, others not.
        for mode in [Rounding::NearestEven, Rounding::Stochastic] {
            let mut codes = vec![9_u8; 1300];
            let fp4 = Chop::new(Format::OCP_E2M1, mode);
            let error = fp4.chop_into_codes(&from, &mut codes).unwrap_err();
            assert_eq!((error.index(), error.kind()), (Some(at), CodeErrorKind::NoNan));
            assert!(codes[..at].iter().all(|c| *c == 0x2));
            assert!(codes[at..].iter().all(|c| *c == 9));
        }
        let mut codes = vec![9_u8; 1300];
        let error = Format::OCP_E2M1.encode_slice(&from, &mut codes).unwrap_err();
        assert_eq!(error.index(), Some(at));
        assert!(codes.iter().enumerate().all(|(i, c)| *c == if i < at { 0x2 } else { 9 }));
        codes.fill(0x2);
        codes[at] = 0x12;
        let mut values = vec![-1.0_f64; 1300];
        let error = Format::OCP_E2M1.decode_slice(&codes, &mut values).unwrap_err();
        assert_eq!(error.kind(), CodeErrorKind::TooWide { code: 0x12, bits: 4 });
        assert!(values.iter().enumerate().all(|(i, x)| *x == if i < at { 1.0 } else { -1.0 }));
        let error = fp4.chop_into_packed(&from, &mut codes[..650]).unwrap_err();
        assert_eq!((error.index(), error.kind()), (Some(at), CodeErrorKind::NoNan));
        // The random bits are taken all the same.
        let stream = Chop::new(Format::OCP_E2M1, Rounding::Stochastic).stream(1);
        stream.chop_into_codes(&from, &mut codes).unwrap_err();
        assert_eq!(stream.position(), 1300);

        // A format that ends below its last code, 0x1f.
        let sparse = Format::OCP_E3M2.with_largest_finite(24.0).unwrap();
        let mut bytes = vec![0; sparse.packed_len(1300).unwrap()];
        for index in [at, 1299] {
            for bit in index * 6..index * 6 + 5 {
                bytes[bit / 8] |= 1 << (bit % 8);
            }
        }
        let mut values = vec![1.0_f64; 1300];
        let error = sparse.decode_packed(&bytes, &mut values).unwrap_err();
        assert_eq!((error.index(), error.kind()), (Some(at), CodeErrorKind::Unassigned(0x1f)));
        assert!(values.iter().enumerate().all(|(i, x)| *x == if i < at { 0.0 } else { 1.0 }));
    }
    let narrow = CodeErrorKind::NarrowType { given: 8, needed: 16 };
    let half = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let error = half.chop_into_codes(&[1.0_f32], &mut [0_u8]).unwrap_err();
    assert_eq!((error.index(), error.kind()), (None, narrow));
    let wide = CodeErrorKind::NarrowType { given: 16, needed: 19 };
    let error = Chop::new(Format::TF32, Rounding::Up).chop_into_packed(&[1.0_f32], &mut [0; 3]);
    assert_eq!(error.unwrap_err().kind(), wide);
    assert_eq!(Format::TF32.decode_packed(&[0; 3], &mut [0_f32]).unwrap_err().kind(), wide);
    let unbounded = Chop::new(Format::unbounded(8).unwrap(), Rounding::Up);
    let error = unbounded.chop_into_codes(&[1.0_f32], &mut [0_u8]).unwrap_err();
    assert_eq!(error.kind(), CodeErrorKind::NoCodes);
    let error = unbounded.chop_into_packed(&[1.0_f32], &mut [0_u8]).unwrap_err();
    assert_eq!(error.kind(), CodeErrorKind::NoCodes);
}

#[test]
#[should_panic(expected = "2 bytes for 5 packed codes")]
fn a_wrong_number_of_bytes_panics() {
    let _ = Format::OCP_E2M1.decode_packed(&[0, 0], &mut [0_f32; 5]);
}

#[test]
#[should_panic(expected = "3 bytes for 4 packed codes")]
fn a_wrong_number_of_bytes_to_write_panics() {
    let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
    let _ = fp4.chop_into_packed(&[0_f32; 4], &mut [0; 3]);
}

/// The types of the `half` crate hold the codes.
#[cfg(feature = "half")]
#[test]
fn halves_are_codes() {
    use half::{bf16, f16};
    use lowprec::number::HalfFloat;

    fn hold<T: Storage, H: HalfFloat>(zero: H, code: impl Fn(&H) -> u16) {
        let from = values::<T>(&H::FORMAT, 1300);
        for mode in modes() {
            let chop = Chop::new(H::FORMAT, mode);
            let (mut halves, mut codes) = (vec![zero; 1300], vec![0_u16; 1300]);
            chop.stream(5).chop_into_half(&from, &mut halves).unwrap();
            chop.stream(5).chop_into_codes(&from, &mut codes).unwrap();
            assert!(halves.iter().map(&code).eq(codes), "{chop:?}");
            let other = Chop::new(Format::OCP_E4M3, mode).chop_into_half(&from, &mut halves);
            assert_eq!(other.unwrap_err().kind(), CodeErrorKind::OtherFormat);
        }
    }
    hold::<f32, _>(f16::ZERO, |x| x.to_bits());
    hold::<f64, _>(f16::ZERO, |x| x.to_bits());
    hold::<f32, _>(bf16::ZERO, |x| x.to_bits());
    hold::<f64, _>(bf16::ZERO, |x| x.to_bits());
}
