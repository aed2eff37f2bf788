//! Quotients beside the middle of two codes, one at a time and among others, and products beside the middle of two
//! numbers: those that a reciprocal alone does not settle.

use lowprec::quant::integer::{Codes, IntegerFormat, IntegerQuantizer, Layout, Parameters};
use lowprec::{Level, Rounding, Storage};
use num_bigint::BigInt;

use lowprec_oracles::at_levels;
use lowprec_oracles::whole::{Words, exact, int, nearest, rounded, whole};

const NEAREST: [Rounding; 3] =
    [Rounding::NearestEven, Rounding::NearestAway, Rounding::NearestZero];

/// A scale: a power of two, one of `f32`, or any, of some size.
fn scale(words: &mut Words, index: usize) -> f64 {
    let exponent = match index % 16 {
        0 => -1022,
        1 => 900,
        2 => -140,
        3 => 110,
        _ => (words.next() % 60) as i32 - 30,
    };
    let significand = 1.0 + words.uniform();
    let significand = match index % 3 {
        0 => 1.0,
        1 => f64::from(significand as f32),
        _ => significand,
    };
    significand * 2_f64.powi(exponent)
}

fn code(integer: IntegerFormat, parameters: Parameters, x: f64) -> i64 {
    let ends = [integer.minimum_code(), integer.maximum_code()].map(BigInt::from);
    let quotient = exact(x) / exact(parameters.scale);
    let code = rounded(&quotient, integer.rounding(), 0) + parameters.zero_point;
    int(&code.clamp(ends[0].clone(), ends[1].clone()))
}

/// The codes and values of one quantizer, each value by itself and all together; how many.
fn check<T: Storage>(
    integer: IntegerFormat,
    parameters: Parameters,
    words: &mut Words,
    beside: impl Fn(T, i32) -> T + Copy,
) -> usize {
    let Parameters { scale, zero_point } = parameters;
    let span = (integer.maximum_code() - integer.minimum_code()) as u64 + 3;
    let mut list = Vec::new();
    for _ in 0..6 {
        let k = integer.minimum_code() - 1 + (words.next() % span) as i32 - zero_point;
        let middle = (f64::from(k) + 0.5) * scale;
        let Some(middle) = T::from(middle).filter(|x| x.is_finite() && !x.is_zero()) else {
            continue;
        };
        list.extend((-2..=2).map(|by| beside(middle, by)));
    }
    list.retain(|x| x.is_finite());
    let quantizer = integer.with_parameters(parameters).unwrap();
    let mut together = list.clone();
    quantizer.quantize_slice(&mut together);
    let mut into = list.clone();
    quantizer.quantize_into(&list, &mut into);
    for (i, x) in list.iter().enumerate() {
        let want = code(integer, parameters, x.widen());
        let mut codes = [0_i32];
        quantizer.encode_slice(&[*x], &mut codes).unwrap();
        assert_eq!(i64::from(codes[0]), want, "{integer:?}, {parameters:?}, {x:?}");
        let mut value = [*x];
        quantizer.quantize_slice(&mut value);
        let product = whole(want - i64::from(zero_point)) * exact(scale);
        let limit = exact(T::max_value().widen());
        if product <= limit && product >= -limit {
            let up = |x, up| beside(x, if up { 1 } else { -1 });
            let want = nearest::<T>(&product, up);
            for value in [value[0], together[i], into[i]] {
                assert!(
                    value.widen() == want.widen(),
                    "{integer:?}, {parameters:?}, {x:?}: {value:?} for {want:?}"
                );
            }
        }
    }
    list.len()
}

fn beside_single(x: f32, by: i32) -> f32 {
    f32::from_bits(x.to_bits().wrapping_add_signed(if x < 0.0 { -by } else { by }))
}

fn beside_double(x: f64, by: i32) -> f64 {
    f64::from_bits(x.to_bits().wrapping_add_signed(i64::from(if x < 0.0 { -by } else { by })))
}

#[test]
fn middles_of_codes_round_as_the_quotient_does() {
    let mut words = Words(17);
    let mut count = 0;
    for index in 0..3000 {
        let levels = Level::available();
        at_levels(&levels[index % levels.len()..][..1], |_| {
            let bits = [2, 4, 7, 8, 8, 9, 12, 16][index / 3 % 8];
            let codes = [Codes::Symmetric, Codes::Signed, Codes::Unsigned][index / 24 % 3];
            let rounding = NEAREST[index / 72 % 3];
            let integer = IntegerFormat::new(bits, codes).unwrap().with_rounding(rounding);
            let zero_point = match codes {
                Codes::Symmetric => 0,
                _ if index % 40 == 0 => 100_000,
                _ => integer.minimum_code() + (words.next() % (1 << bits)) as i32,
            };
            let parameters = Parameters { scale: scale(&mut words, index), zero_point };
            count += check::<f32>(integer, parameters, &mut words, beside_single);
            count += check::<f64>(integer, parameters, &mut words, beside_double);
        });
    }
    assert!(count > 100_000, "{count}");
}

/// Scales of more digits than f32 has, all codes: some products lie beside the middle of two numbers of f32.
#[test]
fn products_are_rounded_once() {
    let mut words = Words(18);
    let uint8 = IntegerFormat::new(8, Codes::Unsigned).unwrap();
    let mut close = 0;
    for _ in 0..2000 {
        // A scale beside a middle divided by a code, so that for one code it is close.
        let middle = 1.0 + f64::from(words.next() as u32 >> 9) * 2_f64.powi(-23) + 2_f64.powi(-24);
        let code = 1 + words.next() % 255;
        let scale = f64::from_bits(
            (middle / f64::from(code as u32))
                .to_bits()
                .wrapping_add(words.next() % 5)
                .wrapping_sub(2),
        );
        let quantizer = uint8.with_parameters(Parameters { scale, zero_point: 0 }).unwrap();
        for k in [code, 1 + words.next() % 255] {
            let k = i64::from(k as u32);
            let mut value = [(k as f64 * scale) as f32];
            quantizer.quantize_slice(&mut value);
            let product = whole(k) * exact(scale);
            let up = |x, up| beside_single(x, if up { 1 } else { -1 });
            assert_eq!(value[0], nearest::<f32>(&product, up), "{k} times {scale:e}");
            let both = (k as f64 * scale).to_bits() << 35 >> 35;
            close += u32::from(both.abs_diff(1 << 28) < 8);
        }
    }
    assert!(close > 1000, "{close}");
}

/// Groups, channels and rows that end within a chunk, beside a quantizer for each part.
#[test]
fn runs_of_every_kind_have_their_own_scales() {
    let mut words = Words(19);
    let shapes = [[7, 96], [40, 33], [3, 700], [96, 5], [1, 2000], [600, 2]];
    for (index, shape) in shapes.into_iter().enumerate() {
        let layouts = [
            Layout::channels(&shape, 0),
            Layout::channels(&shape, 1),
            Layout::groups(&shape, 32),
            Layout::groups(&shape, 3),
            Layout::groups(&shape, 1),
        ];
        for layout in layouts.map(Result::unwrap) {
            let int8 = IntegerFormat::new(8, Codes::Signed).unwrap();
            let parameters: Vec<Parameters> = (0..layout.count())
                .map(|_| Parameters {
                    scale: scale(&mut words, index + 4),
                    zero_point: (words.next() % 9) as i32 - 4,
                })
                .collect();
            let quantizer = IntegerQuantizer::new(int8, layout, parameters.clone()).unwrap();
            let of = |i: usize| parameters[layout.parameter(i)];
            let values: Vec<f32> = (0..shape[0] * shape[1])
                .map(|i| (of(i).scale * (words.uniform() * 300.0 - 150.0)) as f32)
                .collect();
            let mut all = values.clone();
            quantizer.quantize_slice(&mut all);
            let mut codes = vec![0_i8; values.len()];
            quantizer.encode_slice(&values, &mut codes).unwrap();
            for (i, x) in values.iter().enumerate() {
                let alone = int8.with_parameters(of(i)).unwrap();
                let (mut value, mut code) = ([*x], [0_i8]);
                alone.quantize_slice(&mut value);
                alone.encode_slice(&[*x], &mut code).unwrap();
                assert_eq!(all[i].to_bits(), value[0].to_bits(), "{shape:?}, {layout:?}, {i}");
                assert_eq!(codes[i], code[0], "{shape:?}, {layout:?}, {i}");
            }
        }
    }
}
