//! Qm.n: codes and values of every mode, both policies, both storage types; seeded random bits.

use lowprec::quant::fixed::{Fixed, OutOfRange};
use lowprec::{Level, Rounding, Storage};
use num_bigint::BigInt;
use num_rational::BigRational;

use lowprec_oracles::at_levels;
use lowprec_oracles::whole::{Words, exact, int, modes, power, rounded};

/// Numbers on which rounding to multiples of 2^-n can go wrong, of both signs.
fn inputs(format: Fixed, words: &mut Words) -> Vec<f64> {
    let quantum = format.quantum();
    let mut codes: Vec<f64> = if format.bits() <= 6 {
        (2 * format.minimum_code() - 2..=2 * format.maximum_code() + 3).map(|k| k as f64).collect()
    } else {
        let ends = [format.minimum_code(), format.maximum_code(), 0, 1 << (format.bits() / 2)];
        ends.into_iter().flat_map(|end| (-3..=3).map(move |i| (end + i) as f64)).collect()
    };
    codes.extend((0..20).map(|_| (words.uniform() * 4.0 - 2.0) * format.maximum_code() as f64));
    let whole = codes.iter().flat_map(|k| [*k, k + 0.5, k + 0.25, k + words.uniform()]);
    let points: Vec<f64> = whole.map(|k| k * quantum).collect();
    let mut list: Vec<f64> = points.iter().flat_map(|x| [x.next_down(), *x, x.next_up()]).collect();
    let wide = 2_f64.powi(format.bits() as i32 + 20) * quantum;
    list.extend((0..20).map(|_| (words.uniform() - 0.5) * wide));
    list.extend([f64::MAX, 1e300, f64::MIN_POSITIVE, 5e-324, 0.0, f64::INFINITY, f64::NAN]);
    list.extend([1e19, 2_f64.powi(62), 2_f64.powi(63) + 4096.0, 2_f64.powi(52) + 1.0]);
    list.extend(list.clone().into_iter().map(|x| -x));
    list
}

/// The code of a finite x: rounded, then saturated or taken modulo 2^(m+n).
fn code(format: Fixed, x: f64, word: u32) -> i64 {
    let whole = rounded(&(exact(x) * power(format.fraction_bits())), format.rounding(), word);
    let (minimum, maximum) =
        (BigInt::from(format.minimum_code()), BigInt::from(format.maximum_code()));
    match format.out_of_range() {
        OutOfRange::Wrap => {
            let count = BigInt::from(1_i64) << format.bits();
            let residue = (((&whole - &minimum) % &count) + &count) % &count;
            int(&(residue + minimum))
        }
        _ => int(&whole.clamp(minimum, maximum)),
    }
}

/// What must come out for any x: a code, or none.
fn wanted(format: Fixed, x: f64, word: u32) -> Option<i64> {
    let wraps = format.out_of_range() == OutOfRange::Wrap;
    if x.is_finite() {
        Some(code(format, x, word))
    } else if x.is_nan() || wraps {
        None
    } else {
        Some(if x > 0.0 { format.maximum_code() } else { format.minimum_code() })
    }
}

/// The code's value in the storage type: the last of the range where that lacks it.
fn value<T: Storage>(format: Fixed, code: i64) -> T {
    let exact = BigRational::new(code.into(), BigInt::from(1_u64 << format.fraction_bits()));
    let value = code as f64 * format.quantum();
    assert_eq!(lowprec_oracles::whole::exact(value), exact);
    T::narrow(value).unwrap_or_else(|| {
        assert_eq!(code, format.maximum_code(), "only the end of the range can be missing");
        let units = 2_f64.powi(T::PRECISION as i32);
        T::narrow(
            (format.maximum() / 2_f64.powi(format.integer_bits() as i32 - 1) * units).floor()
                / units
                * 2_f64.powi(format.integer_bits() as i32 - 1),
        )
        .expect("a number of T")
    })
}

fn formats() -> Vec<Fixed> {
    let mut list: Vec<(u8, u8)> = (1..=4).flat_map(|m| (0..=2).map(move |n| (m, n))).collect();
    list.extend([(1, 3), (1, 7), (8, 0), (8, 8), (1, 15), (16, 16), (1, 24), (2, 24), (12, 29)]);
    list.extend([(1, 52), (53, 0), (27, 26)]);
    // Around where codes are counted in the storage type no more.
    list.extend([(1, 21), (11, 12), (1, 23), (1, 31), (17, 16)]);
    list.into_iter().map(|(m, n)| Fixed::new(m, n).unwrap()).collect()
}

/// One format, mode and policy against the oracle: values, and codes where no bits are drawn.
fn check<T: Storage>(format: Fixed, words: &mut Words) -> usize {
    let list: Vec<T> = inputs(format, words).into_iter().map(|x| T::from(x).unwrap()).collect();
    let scaled = |x: &T| x.widen().abs() / format.quantum();
    let bits: Vec<u32> = list.iter().map(|x| words.bits_for(scaled(x).fract())).collect();
    let mut values = list.clone();
    format.quantize_slice_words(&mut values, &bits);
    let mut into = list.clone();
    if !format.rounding().is_stochastic() {
        format.quantize_into(&list, &mut into);
    }
    let with_codes = list.iter().filter(|x| wanted(format, x.widen(), 0).is_some());
    let with_codes: Vec<T> = with_codes.copied().collect();
    let mut codes = vec![0_i64; with_codes.len()];
    if !format.rounding().is_stochastic() {
        format.encode_slice(&with_codes, &mut codes).unwrap();
        for (x, code) in with_codes.iter().zip(&codes) {
            assert_eq!(Some(*code), wanted(format, x.widen(), 0), "{format}, {format:?}, {x:?}");
        }
    }
    for (i, (x, word)) in list.iter().zip(&bits).enumerate() {
        let what = || format!("{format}, {:?}, {x:?}, {word:#x}", format);
        match wanted(format, x.widen(), *word) {
            None => {
                assert!(values[i].is_nan(), "{}", what());
                assert!(format.encode(*x).is_err(), "{}", what());
            }
            Some(code) => {
                let want = value::<T>(format, code).widen().to_bits();
                assert_eq!(values[i].widen().to_bits(), want, "{}", what());
                if !format.rounding().is_stochastic() {
                    assert_eq!(into[i].widen().to_bits(), want, "{}", what());
                    assert_eq!(format.encode(*x).unwrap(), code, "{}", what());
                }
            }
        }
    }
    list.len()
}

#[test]
fn every_mode_and_policy_rounds_once() {
    let mut words = Words(1);
    let mut cases = 0;
    for (index, format) in formats().into_iter().enumerate() {
        let levels = Level::available();
        at_levels(&levels[index % levels.len()..][..1], |_| {
            for rounding in modes() {
                for out_of_range in [OutOfRange::Saturate, OutOfRange::Wrap] {
                    let format = format.with_rounding(rounding).with_out_of_range(out_of_range);
                    cases += check::<f64>(format, &mut words) + check::<f32>(format, &mut words);
                }
            }
        });
    }
    assert!(cases > 200_000, "{cases}");
}

/// Both ways through every code of small formats, in the narrowest type that holds them.
#[test]
fn every_code_is_its_values_code() {
    for format in formats().into_iter().filter(|format| format.bits() <= 16) {
        let codes: Vec<i16> =
            (format.minimum_code()..=format.maximum_code()).map(|k| k as i16).collect();
        let mut values = vec![0.0_f32; codes.len()];
        format.decode_slice(&codes, &mut values).unwrap();
        for (code, value) in codes.iter().zip(&values) {
            assert_eq!(f64::from(*value), f64::from(*code) * format.quantum());
        }
        let mut back = vec![0_i16; codes.len()];
        format.encode_slice(&values, &mut back).unwrap();
        assert_eq!(back, codes, "{format}");
        assert_eq!(values[0], format.minimum() as f32);
        assert_eq!(*values.last().unwrap(), format.maximum() as f32);
    }
}

/// U has the cut-off fraction's first 32 bits, and more: the refinement decides, and exact values stay.
#[test]
fn stochastic_takes_bits_as_they_are_given() {
    let format = Fixed::new(4, 4).unwrap().with_rounding(Rounding::Stochastic);
    let quarter = 1.0 + 0.25 / 16.0;
    let mut values = [quarter, quarter, 1.0, -quarter, -quarter, 2_f64.powi(-40)];
    format.quantize_slice_words(&mut values, &[0x3fff_ffff, 0x4000_0000, 0, 0, 0x4000_0000, 0]);
    assert_eq!(values, [1.0625, 1.0, 1.0, -1.0625, -1.0, 0.0]);
}

/// N draws with probability p deviate by √(N·p·(1-p)); five of those are allowed.
#[test]
fn stochastic_probabilities_are_the_fractions() {
    const DRAWS: usize = 400_000;
    for (seed, nu) in [0.5, 0.25, 0.001, 0.999, 1.0 / 3.0, 0.7].into_iter().enumerate() {
        for x in [nu, 5.0 + nu, -3.0 - nu] {
            let format = Fixed::new(8, 3).unwrap().with_rounding(Rounding::Stochastic);
            let x: f64 = x / 8.0;
            let nu = (x.abs() * 8.0).fract();
            let mut values = vec![x; DRAWS];
            format.stream(seed as u64).quantize_slice(&mut values);
            let away = values.iter().filter(|y| y.abs() > x.abs()).count() as f64;
            let (mean, draws) = (nu * DRAWS as f64, DRAWS as f64);
            let deviation = (away - mean) / (draws * nu * (1.0 - nu)).sqrt();
            assert!(deviation.abs() < 5.0, "{x}: {deviation} standard deviations");
        }
    }
}

/// A result depends on seed, position and value alone.
#[test]
fn one_stream_in_every_shape_of_call() {
    for rounding in modes().into_iter().filter(|mode| mode.is_stochastic()) {
        let format = Fixed::new(4, 2).unwrap().with_rounding(rounding);
        let mut words = Words(3);
        let values: Vec<f32> = (0..1500).map(|_| 3.0 * words.normal() as f32).collect();
        let mut whole = values.clone();
        let stream = format.stream(9);
        stream.quantize_slice(&mut whole);
        assert_eq!(stream.position(), 1500);
        let scalar = format.stream(9);
        let one_by_one: Vec<f32> = values.iter().map(|x| scalar.quantize(*x)).collect();
        assert_eq!(one_by_one, whole, "{rounding}");
        let mut shard = values[700..].to_vec();
        format.stream(9).at(700).quantize_slice(&mut shard);
        assert_eq!(shard, whole[700..], "{rounding}");
        let doubles: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
        let mut codes = vec![0_i8; 1500];
        format.stream(9).encode_slice(&doubles, &mut codes).unwrap();
        assert!(codes.iter().zip(&whole).all(|(k, y)| f32::from(*k) / 4.0 == *y), "{rounding}");
        let mut other = values.clone();
        format.stream(9).fork(1).quantize_slice(&mut other);
        if rounding.to_string() != "stochastic-a:0" && !rounding.to_string().ends_with(":0") {
            assert_ne!(other, whole, "{rounding}");
        }
    }
}

#[test]
fn codes_before_an_error_are_written() {
    let format = Fixed::new(4, 4).unwrap();
    let mut values = vec![1.0_f32; 1000];
    values[777] = f32::NAN;
    let mut codes = vec![-1_i16; 1000];
    let error = format.encode_slice(&values, &mut codes).unwrap_err();
    assert_eq!(error.to_string(), "element 777: NaN given, which no code stands for");
    assert!(codes[..777].iter().all(|k| *k == 16) && codes[777..].iter().all(|k| *k == -1));
    let mut values = vec![0.0_f64; 3];
    let error = format.decode_slice(&[5_i16, 128, 1], &mut values).unwrap_err();
    assert_eq!(error.to_string(), "element 1: code 128 given, -128..=127 allowed");
    assert_eq!(values, [0.3125, 0.0, 0.0]);
    let wrapping = format.with_out_of_range(OutOfRange::Wrap);
    assert!(wrapping.encode(f32::INFINITY).is_err());
    assert_eq!(format.encode(f32::INFINITY).unwrap(), 127);
}
