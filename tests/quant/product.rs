//! Integers only: requantization against rationals, products against wide sums, limits.

use lowprec::quant::QuantError;
use lowprec::quant::integer::{
    Codes, Dyadic, IntegerFormat, Layout, Operand, Product, Requantizer,
};
use num_bigint::BigInt;
use num_rational::BigRational;

use lowprec_oracles::whole::{Words, exact, int, modes, rounded};

/// A factor of random length and shift; a power of two in one case of four, for ties.
fn factor(words: &mut Words) -> Dyadic {
    let word = words.next();
    let b = match word % 4 {
        0 => 1 << (word >> 8 & 31).min(30),
        _ => ((word >> 33) as i32 >> (word >> 8 & 31)).max(1),
    };
    Dyadic::new(b, (word >> 16 & 63).min(62) as u32).unwrap()
}

/// Accumulated integers of every length, so that results of every length come out.
fn accumulated(words: &mut Words) -> i32 {
    let word = words.next();
    match word % 64 {
        0 => i32::MIN,
        1 => i32::MAX,
        2 => 0,
        _ => (word >> 32) as i32 >> (word >> 8 & 31),
    }
}

/// 10^6 cases: acc·b / 2^c as a rational, rounded once; then the zero point and the clamp.
#[test]
fn requantization_is_the_rational_rounded_once() {
    const BATCH: usize = 10;
    let mut words = Words(11);
    let (modes, mut inside, mut inexact) = (modes(), 0, 0);
    for case in 0..100_000 {
        let rounding = modes[case % modes.len()];
        let codes = [Codes::Symmetric, Codes::Signed, Codes::Unsigned][case % 3];
        let integer = IntegerFormat::new(16 - (case % 15) as u8, codes).unwrap();
        let integer = integer.with_rounding(rounding);
        let zero_point = match codes {
            Codes::Symmetric => 0,
            _ => [integer.minimum_code(), 1, integer.maximum_code()][case % 5 % 3],
        };
        let factor = factor(&mut words);
        let accs: [i32; BATCH] = std::array::from_fn(|_| accumulated(&mut words));
        let bits = accs.map(|acc| {
            let product = acc.unsigned_abs() as u64 * factor.multiplier() as u64;
            let rest = product & ((1 << factor.shift()) - 1);
            words.bits_for(rest as f64 / (1_u64 << factor.shift()) as f64)
        });
        let mut got = [0_i32; BATCH];
        let requantizer =
            Requantizer::new(integer, zero_point, Layout::tensor(), vec![factor]).unwrap();
        requantizer.requantize_into_words(&accs, &mut got, &bits).unwrap();
        for i in 0..BATCH {
            let product = BigInt::from(accs[i]) * factor.multiplier();
            let real = BigRational::new(product, BigInt::from(1_u64 << factor.shift()));
            let whole = int(&rounded(&real, rounding, bits[i]));
            let code = whole + i64::from(zero_point);
            let want = code.clamp(integer.minimum_code().into(), integer.maximum_code().into());
            let what = || format!("{integer:?} {zero_point} {factor:?} {} {:#x}", accs[i], bits[i]);
            assert_eq!(i64::from(got[i]), want, "{}", what());
            if !rounding.is_stochastic() {
                assert_eq!(factor.apply(accs[i], rounding), whole, "{}", what());
            }
            inside += usize::from(code == want);
            inexact += usize::from(!real.is_integer());
        }
    }
    // The cases must be ones that can go wrong.
    assert!(inside > 300_000 && inexact > 300_000, "{inside} inside, {inexact} inexact");
}

#[test]
fn requantization_by_channel_and_from_a_seed() {
    let mut words = Words(12);
    let accs: Vec<i32> = (0..1200).map(|_| accumulated(&mut words) >> 12).collect();
    for rounding in modes() {
        let int8 = IntegerFormat::new(8, Codes::Signed).unwrap().with_rounding(rounding);
        let factors: Vec<Dyadic> = (1..=3).map(|b| Dyadic::new(b, 9).unwrap()).collect();
        let columns = Layout::channels(&[400, 3], 1).unwrap();
        let requantizer = Requantizer::new(int8, -5, columns, factors.clone()).unwrap();
        let mut all = vec![0_i8; 1200];
        requantizer.stream(4).requantize_into(&accs, &mut all).unwrap();
        for (column, factor) in factors.into_iter().enumerate() {
            let one = Requantizer::new(int8, -5, Layout::tensor(), vec![factor]).unwrap();
            for row in 0..400 {
                let at = 3 * row + column;
                let mut code = [0_i8];
                one.stream(4).at(at as u64).requantize_into(&accs[at..=at], &mut code).unwrap();
                assert_eq!(code[0], all[at], "{rounding}, row {row}, column {column}");
            }
        }
    }
}

#[test]
fn the_nearest_dyadic_is_nearest() {
    let mut words = Words(13);
    for case in 0..20_000 {
        let x = (1.0 + words.uniform()) * 2_f64.powi((words.next() % 60) as i32 - 31);
        // Beside a power of two, where b may round up to 2^31.
        let x = if case % 8 == 0 { (2.0_f64).powi(-(case % 20)).next_down() } else { x };
        let nearest = Dyadic::nearest(x).unwrap();
        let (b, c) = (i64::from(nearest.multiplier()), nearest.shift());
        let unit = BigRational::new(BigInt::from(1), BigInt::from(1_u64 << c));
        let off = exact(x) / &unit - BigRational::from_integer(b.into());
        let half = BigRational::new(1.into(), 2.into());
        assert!(off <= half && off >= -half, "{x:e}: {b} / 2^{c}");
        assert!(b >= 1 << 30 || c == 62, "{x:e}: {b} / 2^{c} has digits to spare");
        assert_eq!(nearest.value(), b as f64 / (1_u64 << c) as f64);
    }
    assert_eq!(Dyadic::nearest(1.0).unwrap(), Dyadic::new(1 << 30, 30).unwrap());
    assert_eq!(Dyadic::nearest(2_147_483_647.25).unwrap(), Dyadic::new(i32::MAX, 0).unwrap());
    for refused in [0.0, -1.0, f64::NAN, f64::INFINITY, 2_147_483_647.5, 2_f64.powi(-63), 1e-300] {
        assert!(Dyadic::nearest(refused).is_err(), "{refused:e}");
    }
    assert_eq!(Dyadic::nearest(2_f64.powi(-63).next_up()).unwrap(), Dyadic::new(1, 62).unwrap());
}

#[test]
fn products_are_exact_sums() {
    let mut words = Words(14);
    let mut cases = 0;
    for (rows, terms, columns) in [(3, 5, 7), (1, 100, 40), (17, 1, 33), (0, 3, 2), (2, 0, 3)] {
        let (int8, uint4) = (
            Operand::new(IntegerFormat::new(8, Codes::Signed).unwrap(), -9).unwrap(),
            Operand::new(IntegerFormat::new(4, Codes::Unsigned).unwrap(), 3).unwrap(),
        );
        let a: Vec<i8> = (0..rows * terms).map(|_| words.next() as i8).collect();
        let b: Vec<u8> = (0..terms * columns).map(|_| words.next() as u8 & 15).collect();
        let mut sums = vec![i32::MAX; rows * columns];
        let product = Product::new(int8, uint4, terms).unwrap();
        product.multiply_into(&a, &b, rows, columns, &mut sums).unwrap();
        for i in 0..rows {
            for j in 0..columns {
                let term = |k: usize| {
                    (i64::from(a[i * terms + k]) + 9) * (i64::from(b[k * columns + j]) - 3)
                };
                assert_eq!(i64::from(sums[i * columns + j]), (0..terms).map(term).sum::<i64>());
                cases += 1;
            }
        }
    }
    assert!(cases > 500);
}

/// The largest number of terms gives the largest sum without overflow; one more is refused.
#[test]
fn sums_that_could_overflow_are_refused() {
    let operand =
        |bits, codes, zero| Operand::new(IntegerFormat::new(bits, codes).unwrap(), zero).unwrap();
    let int8 = operand(8, Codes::Signed, 0);
    assert_eq!(Product::limit(int8, int8), 131_071);
    assert!(Product::new(int8, int8, 131_071).is_ok());
    let error = Product::new(int8, int8, 131_072).unwrap_err();
    assert_eq!(error, QuantError::Terms { given: 131_072, limit: 131_071 });
    assert!(error.to_string().contains("131071"));
    for (operand, limit) in [
        (operand(8, Codes::Symmetric, 0), 133_144),
        (operand(8, Codes::Unsigned, 0), 33_025),
        (operand(8, Codes::Unsigned, 128), 131_071),
        (operand(16, Codes::Signed, 0), 1),
        (operand(16, Codes::Unsigned, 0), 0),
        (operand(2, Codes::Symmetric, 0), i32::MAX as usize),
    ] {
        assert_eq!(Product::limit(operand, operand), limit, "{operand:?}");
    }
    // All at the end of the range: the largest sum there is.
    let product = Product::new(int8, int8, 131_071).unwrap();
    let ends = vec![-128_i8; 131_071];
    let mut sum = [0_i32];
    product.multiply_into(&ends, &ends, 1, 1, &mut sum).unwrap();
    assert_eq!(sum[0], 131_071 * 16_384);
}

/// A number outside a side's bits would break the bound.
#[test]
fn products_refuse_what_is_no_code() {
    let int4 = Operand::new(IntegerFormat::new(4, Codes::Signed).unwrap(), 0).unwrap();
    let product = Product::new(int4, int4, 2).unwrap();
    let mut sums = [5_i32];
    let error = product.multiply_into(&[1_i8, 2], &[7_i8, 8], 1, 1, &mut sums).unwrap_err();
    assert_eq!(error.to_string(), "element 1: code 8 given, -8..=7 allowed");
    assert_eq!(sums, [5]);
}

/// A layer in integers: the same as its real arithmetic, rounded once at the end.
#[test]
fn a_layer_in_integers_is_the_real_one_rounded_once() {
    let mut words = Words(15);
    let (rows, terms, columns) = (8, 64, 12);
    let int8 = IntegerFormat::new(8, Codes::Signed).unwrap();
    let side = Operand::new(int8, 0).unwrap();
    let a: Vec<i8> = (0..rows * terms).map(|_| words.next() as i8).collect();
    let b: Vec<i8> = (0..terms * columns).map(|_| words.next() as i8).collect();
    let mut sums = vec![0_i32; rows * columns];
    let product = Product::new(side, side, terms).unwrap();
    product.multiply_into(&a, &b, rows, columns, &mut sums).unwrap();
    let factor = Dyadic::nearest(0.02 * 0.01 / 0.17).unwrap();
    let requantizer = Requantizer::new(int8, 7, Layout::tensor(), vec![factor]).unwrap();
    let mut codes = vec![0_i8; rows * columns];
    requantizer.requantize_into(&sums, &mut codes).unwrap();
    for (sum, code) in sums.iter().zip(codes) {
        // 31 bits of the factor leave 2^-32 of a sum below 2^20: no tie is near enough to tell.
        let real = f64::from(*sum) * (0.02 * 0.01 / 0.17) + 7.0;
        assert_eq!(f64::from(code), real.round_ties_even().clamp(-128.0, 127.0));
    }
}
