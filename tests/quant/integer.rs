//! IntegerFormat codes against x / scale as a rational, rounded once, and their values rounded once.

use lowprec::quant::integer::{Codes, IntegerFormat, IntegerQuantizer, Layout, Parameters};
use lowprec::{Level, Rounding, Storage};
use num_bigint::BigInt;
use num_traits::ToPrimitive;

use lowprec_oracles::at_levels;
use lowprec_oracles::whole::{Words, exact, int, modes, nearest, rounded, whole};

/// A storage type's neighbours.
trait Neighbours: Storage {
    fn beside(self, up: bool) -> Self;
}

impl Neighbours for f32 {
    fn beside(self, up: bool) -> Self {
        if up { self.next_up() } else { self.next_down() }
    }
}

impl Neighbours for f64 {
    fn beside(self, up: bool) -> Self {
        if up { self.next_up() } else { self.next_down() }
    }
}

const SCALES: [f64; 8] = [1.0, 0.1, 1.0 / 3.0, 0.125, 3.1e-30, 7.7e20, 1e-300, 1e295];

/// Multiples and middles of the scale, in the storage type, with their neighbours; and the rest.
fn inputs<T: Neighbours>(integer: IntegerFormat, scale: f64, words: &mut Words) -> Vec<T> {
    let reach = f64::from(integer.maximum_code()) + 3.0;
    let mut steps: Vec<f64> = (-5..=5).map(f64::from).collect();
    steps.extend([-reach, reach, reach / 2.0].map(f64::floor));
    steps.extend((0..12).map(|_| ((words.uniform() * 4.0 - 2.0) * reach).floor()));
    let points = steps.iter().flat_map(|k| [*k, k + 0.5, k + words.uniform()]);
    let mut list: Vec<T> = points
        .map(|k| T::from(k * scale).unwrap())
        .flat_map(|x| [x.beside(false), x, x.beside(true)])
        .collect();
    list.extend(
        [5e-324, 1e-310, 1e-290, 1e300, f64::MAX, f64::INFINITY].map(|x| T::from(x).unwrap()),
    );
    list.extend([T::min_positive_value(), T::max_value(), T::zero(), T::nan()]);
    list.extend(list.clone().into_iter().map(|x| -x));
    list
}

fn code(integer: IntegerFormat, parameters: Parameters, x: f64, word: u32) -> Option<i64> {
    let (minimum, maximum) = (integer.minimum_code().into(), integer.maximum_code().into());
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { maximum } else { minimum });
    }
    let quotient = exact(x) / exact(parameters.scale);
    let code = rounded(&quotient, integer.rounding(), word) + parameters.zero_point;
    Some(int(&code.clamp(BigInt::from(minimum), BigInt::from(maximum))))
}

fn check<T: Neighbours>(
    integer: IntegerFormat,
    parameters: Parameters,
    words: &mut Words,
) -> usize {
    let quantizer = integer.with_parameters(parameters).unwrap();
    let list = inputs::<T>(integer, parameters.scale, words);
    let scaled = |x: &T| (x.widen() / parameters.scale).abs().fract();
    let bits: Vec<u32> = list.iter().map(|x| words.bits_for(scaled(x))).collect();
    let mut values = list.clone();
    quantizer.quantize_slice_words(&mut values, &bits);
    let finite: Vec<T> = list.iter().copied().filter(|x| !x.is_nan()).collect();
    let mut codes = vec![0_i32; finite.len()];
    quantizer.encode_slice(&finite, &mut codes).unwrap();
    let mut codes = codes.into_iter();
    for (i, (x, word)) in list.iter().zip(&bits).enumerate() {
        let what = || format!("{integer:?}, {parameters:?}, {x:?}, {word:#x}: {:?}", values[i]);
        let Some(code) = code(integer, parameters, x.widen(), *word) else {
            assert!(values[i].is_nan(), "{}", what());
            continue;
        };
        let product = whole(code - i64::from(parameters.zero_point)) * exact(parameters.scale);
        let limit = exact(T::max_value().widen());
        if product <= limit && product >= -limit {
            let want = nearest::<T>(&product, T::beside);
            assert_eq!(values[i].widen(), want.widen(), "{}, code {code}", what());
        }
        if values[i].is_zero() && code == i64::from(parameters.zero_point) {
            assert!(!values[i].is_sign_negative(), "{}", what());
        }
        let encoded = i64::from(codes.next().unwrap());
        if !integer.rounding().is_stochastic() {
            assert_eq!(encoded, code, "{}", what());
        }
    }
    list.len()
}

#[test]
fn every_mode_divides_exactly_and_rounds_once() {
    let mut words = Words(5);
    let mut cases = 0;
    for (index, bits) in [2, 3, 4, 8, 16].into_iter().enumerate() {
        let levels = Level::available();
        at_levels(&levels[index % levels.len()..][..1], |_| {
            for codes in [Codes::Symmetric, Codes::Signed, Codes::Unsigned] {
                for rounding in modes() {
                    let integer = IntegerFormat::new(bits, codes).unwrap().with_rounding(rounding);
                    let random =
                        (words.uniform() + 0.01) * 2_f64.powi((words.next() % 80) as i32 - 40);
                    let pick = SCALES[words.next() as usize % SCALES.len()];
                    for scale in [pick, random, f64::from(random as f32)] {
                        let ends = [integer.minimum_code(), 0, integer.maximum_code() / 3];
                        let zero_point = match codes {
                            Codes::Symmetric => 0,
                            _ => ends[words.next() as usize % 3],
                        };
                        let parameters = Parameters { scale, zero_point };
                        cases += check::<f64>(integer, parameters, &mut words);
                        cases += check::<f32>(integer, parameters, &mut words);
                    }
                }
            }
        });
    }
    assert!(cases > 100_000, "{cases}");
}

/// A quotient beside a half by less than f64 sees: 53 bits of x, of the scale and of the quotient.
#[test]
fn quotients_that_f64_rounds_onto_a_tie_are_not_ties() {
    let mut words = Words(6);
    let integer = IntegerFormat::new(16, Codes::Symmetric).unwrap();
    let mut found = 0;
    while found < 200 {
        let scale = 1.0 + words.uniform();
        let k = (words.next() % 1000) as f64 + 0.5;
        let x = k * scale;
        let differs = exact(x) / exact(scale) != exact(k);
        if x / scale != k || !differs {
            continue;
        }
        found += 1;
        for rounding in Rounding::DETERMINISTIC {
            let integer = integer.with_rounding(rounding);
            let parameters = Parameters { scale, zero_point: 0 };
            let mut got = [0_i32; 2];
            integer.with_parameters(parameters).unwrap().encode_slice(&[x, -x], &mut got).unwrap();
            let want = [x, -x].map(|x| code(integer, parameters, x, 0).unwrap());
            assert_eq!(got.map(i64::from), want, "{rounding}: {x:e} / {scale:e}");
        }
    }
}

/// f64 multiples rounded to f64 and again to f32 would differ from the product rounded once.
#[test]
fn values_in_f32_are_rounded_once() {
    let mut words = Words(7);
    let integer = IntegerFormat::new(16, Codes::Symmetric).unwrap();
    let mut twice_differs = 0;
    for _ in 0..20_000 {
        // A scale so that code·scale lies close to the middle of two f32: (odd + tiny) / code.
        let code = (words.next() % 32_000 + 3) as i32;
        let middle = f64::from(1.0 + words.uniform() as f32) + 2_f64.powi(-24);
        let scale = middle / f64::from(code);
        let mut value = [0.0_f32];
        let parameters = Parameters { scale, zero_point: 0 };
        integer.with_parameters(parameters).unwrap().decode_slice(&[code], &mut value).unwrap();
        let product = whole(code.into()) * exact(scale);
        assert_eq!(value[0], nearest::<f32>(&product, f32::beside), "{code} · {scale:e}");
        twice_differs += u32::from((f64::from(code) * scale) as f32 != value[0]);
    }
    assert!(twice_differs > 100, "{twice_differs}");
}

/// Channels and groups are what quantizers of their parts are.
#[test]
fn layouts_quantize_part_by_part() {
    let mut words = Words(8);
    let shape = [5, 7, 11];
    let values: Vec<f32> = (0..385).map(|_| words.normal() as f32).collect();
    let mut layouts: Vec<Layout> = (0..3).map(|a| Layout::channels(&shape, a).unwrap()).collect();
    layouts.extend([1, 4, 11, 100].map(|size| Layout::groups(&shape, size).unwrap()));
    layouts.push(Layout::tensor());
    for (index, layout) in layouts.into_iter().enumerate() {
        // Which parameters an element has, from its indices.
        let number = |i: usize| match index {
            0 => i / 77,
            1 => i / 11 % 7,
            2 => i % 11,
            3 => i,
            4 => i / 11 * 3 + i % 11 / 4,
            5 | 6 => i / 11,
            _ => 0,
        };
        let count = (0..385).map(number).max().unwrap() + 1;
        assert_eq!(layout.count(), count);
        let integer = IntegerFormat::new(5, Codes::Signed).unwrap();
        let parameters: Vec<Parameters> = (0..count)
            .map(|_| Parameters {
                scale: 0.01 + words.uniform(),
                zero_point: (words.next() % 32) as i32 - 16,
            })
            .collect();
        let quantizer = IntegerQuantizer::new(integer, layout, parameters.clone()).unwrap();
        let mut codes = vec![0_i8; 385];
        quantizer.encode_slice(&values, &mut codes).unwrap();
        let mut back = vec![0.0_f32; 385];
        quantizer.decode_slice(&codes, &mut back).unwrap();
        let mut fake = values.clone();
        quantizer.quantize_slice(&mut fake);
        assert_eq!(fake, back);
        for i in 0..385 {
            assert_eq!(layout.parameter(i), number(i), "layout {index}, element {i}");
            let parameters = parameters[number(i)];
            let want = code(integer, parameters, values[i].into(), 0).unwrap();
            assert_eq!(i64::from(codes[i]), want, "layout {index}, element {i}");
        }
    }
}

/// Zero is exact in every scheme, and -0 is zero.
#[test]
fn zero_is_its_zero_point() {
    for codes in [Codes::Symmetric, Codes::Signed, Codes::Unsigned] {
        for bits in 2..=16 {
            let integer = IntegerFormat::new(bits, codes).unwrap();
            for (minimum, maximum) in [(-1.0, 1.0), (0.3, 7.0), (-5.0, -1.0), (-0.1, 1e9)] {
                let range = lowprec::quant::integer::Range::new(minimum, maximum).unwrap();
                let quantizer = integer.with_parameters(integer.parameters(range)).unwrap();
                let mut values = [0.0_f32, -0.0];
                quantizer.quantize_slice(&mut values);
                assert_eq!(values.map(f32::to_bits), [0, 0]);
            }
        }
    }
}

/// N draws with probability p deviate by √(N·p·(1-p)); five of those are allowed.
#[test]
fn stochastic_probabilities_are_the_quotients_fractions() {
    const DRAWS: usize = 400_000;
    let integer = IntegerFormat::new(8, Codes::Signed).unwrap().with_rounding(Rounding::Stochastic);
    for (seed, x) in [0.37, -1.1, 2.0, 0.005].into_iter().enumerate() {
        let parameters = Parameters { scale: 0.3, zero_point: -4 };
        let quotient = exact(x) / exact(0.3);
        let nu = (&quotient - quotient.trunc()).to_f64().unwrap().abs();
        let mut codes = vec![0_i8; DRAWS];
        let quantizer = integer.with_parameters(parameters).unwrap();
        quantizer.stream(seed as u64).encode_slice(&vec![x; DRAWS], &mut codes).unwrap();
        let toward = quotient.trunc().to_f64().unwrap() - 4.0;
        let away = codes.iter().filter(|code| f64::from(**code) != toward).count() as f64;
        let draws = DRAWS as f64;
        let deviation = (away - nu * draws) / (draws * nu * (1.0 - nu)).sqrt();
        assert!(deviation.abs() < 5.0, "{x}: {deviation} standard deviations");
    }
}
