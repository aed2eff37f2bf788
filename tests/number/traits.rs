//! Every method of num-traits once, by its value; functions against `libm` and a rounding.

use std::cmp::Ordering;
use std::num::FpCategory;

use lowprec::number::{
    Bfloat16, Binary16, Binary64, Down, E4m3Fnuz, NearestEven, OcpE2m1, OcpE4m3, OcpE8m0, Up,
};
use lowprec::{Chop, Format, Lp};
use num_traits::float::{FloatCore, TotalOrder};
use num_traits::{
    Bounded, Float, FromPrimitive, Inv, MulAdd, MulAddAssign, Num, One, Pow, Signed, ToPrimitive,
    Zero,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

type Half = Lp<Binary16, NearestEven>;

fn half(x: f64) -> Half {
    let half = Half::from_f64(x);
    assert!(half.to_f64() == x || x.is_nan(), "{x} is a number of binary16");
    half
}

#[test]
fn operators_in_every_form() {
    let (x, y) = (half(7.5), half(2.0));
    macro_rules! all {
        ($($op:tt $assign:tt $value:literal;)*) => {$(
            for z in [x $op y, &x $op y, x $op &y, &x $op &y] {
                assert_eq!(z.to_f64(), $value);
            }
            let mut z = x;
            z $assign y;
            assert_eq!(z.to_f64(), $value);
            let mut z = x;
            z $assign &y;
            assert_eq!(z.to_f64(), $value);
        )*};
    }
    all! { + += 9.5; - -= 5.5; * *= 15.0; / /= 3.75; % %= 1.5; }
    assert_eq!(((-x).to_f64(), (-&x).to_f64()), (-7.5, -7.5));
    assert_eq!(x.remainder(y).to_f64(), -0.5);
    let list = [half(1.0), half(2.0), half(4.0)];
    assert_eq!(
        (list.iter().sum::<Half>().to_f64(), list.into_iter().sum::<Half>().to_f64()),
        (7.0, 7.0)
    );
    assert_eq!(list.iter().product::<Half>().to_f64(), 8.0);
    assert_eq!(list.into_iter().product::<Half>().to_f64(), 8.0);
    // From the left: 2048 + 1 = 2048, twice.
    let sum: Half = [2048.0, 1.0, 1.0].map(half).iter().sum();
    assert_eq!(sum.to_f64(), 2048.0);
    assert_eq!([].iter().sum::<Half>().to_f64().to_bits(), 0);
}

#[test]
fn comparisons() {
    let (small, large, nan) = (half(-1.0), half(2.0), Half::from_f64(f64::NAN));
    assert!(small < large && large >= small);
    assert_eq!(small.partial_cmp(&large), Some(Ordering::Less));
    assert_eq!(small, half(-1.0));
    assert_ne!(small, large);
    assert_ne!(nan, nan);
    assert!(nan.partial_cmp(&small).is_none() && small.partial_cmp(&nan).is_none());
    assert_eq!(half(0.0), half(-0.0));
    assert_eq!(half(-0.0).total_cmp(&half(0.0)), Ordering::Less);
    assert_eq!(TotalOrder::total_cmp(&nan, &large), Ordering::Greater);
}

#[test]
fn what_the_format_says() {
    assert_eq!(<Half as Float>::infinity().to_f64(), f64::INFINITY);
    assert_eq!(<Half as Float>::neg_infinity().to_f64(), f64::NEG_INFINITY);
    assert!(<Half as Float>::nan().is_nan());
    assert!(<Half as Float>::neg_zero().to_f64().is_sign_negative());
    assert_eq!(<Half as Float>::max_value().to_f64(), 65504.0);
    assert_eq!(<Half as Float>::min_value().to_f64(), -65504.0);
    assert_eq!(<Half as Bounded>::max_value().to_f64(), 65504.0);
    assert_eq!(<Half as Bounded>::min_value().to_f64(), -65504.0);
    assert_eq!(<Half as Float>::min_positive_value().to_f64(), 2f64.powi(-14));
    assert_eq!(<Half as Float>::epsilon().to_f64(), 2f64.powi(-10));
    assert!(<Lp<OcpE4m3> as Float>::infinity().is_nan());
    assert_eq!(<Lp<OcpE2m1> as Float>::infinity().to_f64(), 6.0);
    assert_eq!(<Lp<OcpE8m0> as Float>::min_value().to_f64(), 2f64.powi(-127));
    assert!(Lp::<OcpE8m0>::zero().is_nan());
    assert!(!<Lp<E4m3Fnuz> as Float>::neg_zero().to_f64().is_sign_negative());
    assert!(!(-Lp::<E4m3Fnuz>::zero()).to_f64().is_sign_negative());
}

#[test]
fn float_core_says_the_same() {
    assert_eq!(<Half as FloatCore>::infinity(), <Half as Float>::infinity());
    assert_eq!(<Half as FloatCore>::neg_infinity(), <Half as Float>::neg_infinity());
    assert!(<Half as FloatCore>::nan().is_nan());
    assert_eq!(<Half as FloatCore>::neg_zero().to_f64().to_bits(), (-0.0_f64).to_bits());
    assert_eq!(<Half as FloatCore>::min_value(), <Half as Float>::min_value());
    assert_eq!(<Half as FloatCore>::max_value(), <Half as Float>::max_value());
    assert_eq!(<Half as FloatCore>::min_positive_value(), <Half as Float>::min_positive_value());
    assert_eq!(<Half as FloatCore>::epsilon(), <Half as Float>::epsilon());
    assert_eq!(FloatCore::classify(half(1.0)), FpCategory::Normal);
    assert_eq!(FloatCore::to_degrees(half(1.0)), Float::to_degrees(half(1.0)));
    assert_eq!(FloatCore::to_radians(half(90.0)), Float::to_radians(half(90.0)));
    assert_eq!(FloatCore::integer_decode(half(1.0)), (1 << 52, -52, 1));
    assert_eq!(FloatCore::powi(half(3.0), 3).to_f64(), 27.0);
    assert_eq!(FloatCore::fract(half(2.75)).to_f64(), 0.75);
}

#[test]
fn kinds_of_numbers() {
    let tiny = half(2f64.powi(-24));
    assert_eq!(Float::classify(tiny), FpCategory::Subnormal);
    assert!(Float::is_subnormal(tiny) && !Float::is_normal(tiny) && Float::is_normal(half(1.0)));
    assert!(Float::is_infinite(half(f64::INFINITY)) && !Float::is_finite(half(f64::INFINITY)));
    assert!(Float::is_nan(Half::from_f64(f64::NAN)) && Float::is_finite(tiny));
    assert!(Float::is_sign_negative(half(-0.0)) && Float::is_sign_positive(half(0.0)));
    assert!(Signed::is_negative(&half(-1.0)) && Signed::is_positive(&half(1.0)));
    assert_eq!(Float::integer_decode(half(-1.5)), Float::integer_decode(-1.5_f64));
}

#[test]
fn integers_and_signs() {
    let x = half(-2.5);
    let rounded =
        [Float::floor(x), Float::ceil(x), Float::round(x), Float::trunc(x), Float::fract(x)];
    assert_eq!(rounded.map(f64::from), [-3.0, -2.0, -3.0, -2.0, -0.5]);
    assert_eq!((Float::abs(x).to_f64(), Signed::abs(&x).to_f64()), (2.5, 2.5));
    assert_eq!((Float::signum(x).to_f64(), Signed::signum(&x).to_f64()), (-1.0, -1.0));
    assert_eq!(Float::copysign(half(3.0), x).to_f64(), -3.0);
    assert_eq!(Float::copysign(x, x), x);
    assert_eq!(Float::max(x, half(1.0)).to_f64(), 1.0);
    assert_eq!(Float::min(x, half(1.0)), x);
    assert_eq!(Float::max(x, Half::from_f64(f64::NAN)), x);
    assert_eq!(Float::clamp(x, half(-1.0), half(1.0)).to_f64(), -1.0);
    assert_eq!(
        (Float::abs_sub(half(3.0), x).to_f64(), Signed::abs_sub(&x, &half(3.0)).to_f64()),
        (5.5, 0.0)
    );
}

/// Each function is the one of `libm`, rounded by the mode.
#[test]
fn functions_are_rounded_in_every_mode() {
    fn check<R: lowprec::number::StaticRounding>() {
        type N<R> = Lp<Bfloat16, R>;
        let chop = Chop::new(Format::BFLOAT16, R::ROUNDING);
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..2_000 {
            let x = N::<R>::from_f64(rng.random_range(-3.0..3.0));
            let y = N::<R>::from_f64(rng.random_range(-3.0..3.0));
            let (a, b) = (x.to_f64(), y.to_f64());
            let n = rng.random_range(-9..9);
            let pairs = [
                ("exp", Float::exp(x), libm::exp(a)),
                ("exp2", Float::exp2(x), libm::exp2(a)),
                ("exp_m1", Float::exp_m1(x), libm::expm1(a)),
                ("ln", Float::ln(x), libm::log(a)),
                ("log2", Float::log2(x), libm::log2(a)),
                ("log10", Float::log10(x), libm::log10(a)),
                ("ln_1p", Float::ln_1p(x), libm::log1p(a)),
                ("log", Float::log(x, y), libm::log(a) / libm::log(b)),
                ("cbrt", Float::cbrt(x), libm::cbrt(a)),
                ("hypot", Float::hypot(x, y), libm::hypot(a, b)),
                ("sin", Float::sin(x), libm::sin(a)),
                ("cos", Float::cos(x), libm::cos(a)),
                ("sin_cos", Float::sin_cos(x).0, libm::sin(a)),
                ("sin_cos", Float::sin_cos(x).1, libm::cos(a)),
                ("tan", Float::tan(x), libm::tan(a)),
                ("asin", Float::asin(x), libm::asin(a)),
                ("acos", Float::acos(x), libm::acos(a)),
                ("atan", Float::atan(x), libm::atan(a)),
                ("atan2", Float::atan2(x, y), libm::atan2(a, b)),
                ("sinh", Float::sinh(x), libm::sinh(a)),
                ("cosh", Float::cosh(x), libm::cosh(a)),
                ("tanh", Float::tanh(x), libm::tanh(a)),
                ("asinh", Float::asinh(x), libm::asinh(a)),
                ("acosh", Float::acosh(x), libm::acosh(a)),
                ("atanh", Float::atanh(x), libm::atanh(a)),
                ("powf", Float::powf(x, y), libm::pow(a, b)),
                ("powi", Float::powi(x, n), libm::pow(a, n.into())),
                ("to_degrees", Float::to_degrees(x), a.to_degrees()),
                ("to_radians", Float::to_radians(x), a.to_radians()),
                ("recip", Float::recip(x), 1.0 / a),
                ("sqrt", Float::sqrt(x), a.sqrt()),
            ];
            for (name, ours, exact) in pairs {
                let (ours, exact) = (ours.to_f64(), chop.chop(exact));
                assert!(
                    ours == exact || ours.is_nan() && exact.is_nan(),
                    "{name} {a} {b} {n}: {ours} {exact}"
                );
            }
        }
    }
    check::<NearestEven>();
    check::<Up>();
    check::<Down>();
}

/// Angles in binary64, whose last digit tells one rounding from two.
#[test]
fn angles_keep_their_last_digit() {
    // By mpmath.
    let degrees = Float::to_degrees(Lp::<Binary64>::from_f64(0.7));
    assert_eq!(degrees.to_f64(), 40.10704565915762);
    // The factor in one part gives 437.61062166572545.
    let degrees = Float::to_degrees(Lp::<Binary64>::from_f64(7.6377461897661405));
    assert_eq!(degrees.to_f64(), 437.6106216657254);
    let radians = Float::to_radians(Lp::<Binary64>::from_f64(40.0));
    assert_eq!(radians.to_f64(), 0.6981317007977318);
    assert_eq!(Float::to_degrees(Lp::<Binary64>::from_f64(f64::INFINITY)).to_f64(), f64::INFINITY);
    assert_eq!(
        Float::log(Lp::<Binary64>::from_f64(1000.0), Lp::from_f64(10.0)).to_f64(),
        libm::log10(1000.0)
    );
    assert_eq!(Float::log(Lp::<Binary64>::from_f64(8.0), Lp::from_f64(2.0)).to_f64(), 3.0);
}

#[test]
fn powers_and_products() {
    let x = half(3.0);
    assert_eq!(
        [
            Pow::pow(x, 4_i32),
            Pow::pow(&x, 4_i8),
            Pow::pow(x, 4_u8),
            Pow::pow(x, 4_u16),
            Pow::pow(x, 4_i16)
        ]
        .map(f64::from),
        [81.0; 5]
    );
    assert_eq!(
        (Pow::pow(half(4.0), half(0.5)).to_f64(), Pow::pow(&x, half(2.0)).to_f64()),
        (2.0, 9.0)
    );
    assert_eq!(Inv::inv(half(4.0)).to_f64(), 0.25);
    assert_eq!(MulAdd::mul_add(x, x, half(1.0)).to_f64(), 10.0);
    assert_eq!(Float::mul_add(x, x, half(1.0)).to_f64(), 10.0);
    let mut y = x;
    MulAddAssign::mul_add_assign(&mut y, x, half(1.0));
    assert_eq!(y.to_f64(), 10.0);
    assert!(Half::one().is_one() && Half::zero().is_zero());
    let mut z = x;
    z.set_zero();
    assert!(z.is_zero());
    z.set_one();
    assert!(z.is_one());
    assert_eq!(Half::from_str_radix("0.1", 10).unwrap(), Half::from_f64(0.1));
}

#[test]
fn integers_are_rounded_once() {
    type Double = Lp<Binary64, Up>;
    // 2^53 + 1 is no number of binary64; as an f64 it would be 2^53, which rounds up to itself.
    let above = (1_u64 << 53) + 2;
    let n = (1_u64 << 53) + 1;
    assert_eq!(<Double as num_traits::NumCast>::from(n).unwrap().to_f64(), above as f64);
    assert_eq!(<Double as FromPrimitive>::from_u64(n).unwrap().to_f64(), above as f64);
    assert_eq!(
        <Double as FromPrimitive>::from_i64(-(n as i64)).unwrap().to_f64(),
        -(2f64.powi(53))
    );
    assert_eq!(<Double as FromPrimitive>::from_i128(n.into()).unwrap().to_f64(), above as f64);
    assert_eq!(<Double as FromPrimitive>::from_u128(u128::MAX).unwrap().to_f64(), 2f64.powi(128));
    assert_eq!(<Double as num_traits::NumCast>::from(u128::MAX).unwrap().to_f64(), 2f64.powi(128));
    assert_eq!(Double::from_integer(n).to_f64(), above as f64);
    assert_eq!(<Half as FromPrimitive>::from_i32(2049).unwrap().to_f64(), 2048.0);
    assert_eq!(<Half as FromPrimitive>::from_u8(7).unwrap().to_f64(), 7.0);
    assert_eq!(<Half as FromPrimitive>::from_f32(0.1).unwrap(), Half::from_f32(0.1));
    assert_eq!(<Half as FromPrimitive>::from_f64(0.1).unwrap(), Half::from_f64(0.1));
    assert_eq!(<Half as num_traits::NumCast>::from(1e300).unwrap().to_f64(), f64::INFINITY);
    assert_eq!(
        <Half as num_traits::NumCast>::from(f32::NEG_INFINITY).unwrap().to_f64(),
        f64::NEG_INFINITY
    );
    assert!(<Half as num_traits::NumCast>::from(f64::NAN).unwrap().is_nan());
    assert_eq!(<f32 as num_traits::NumCast>::from(half(1.5)), Some(1.5));
}

#[test]
fn out_of_the_type() {
    let x = half(-7.75);
    assert_eq!((x.to_i8(), x.to_i16(), x.to_i32()), (Some(-7), Some(-7), Some(-7)));
    assert_eq!((x.to_i64(), x.to_i128(), x.to_isize()), (Some(-7), Some(-7), Some(-7)));
    let x = half(300.5);
    assert_eq!((x.to_u8(), x.to_u16(), x.to_u32()), (None, Some(300), Some(300)));
    assert_eq!((x.to_u64(), x.to_u128(), x.to_usize()), (Some(300), Some(300), Some(300)));
    assert_eq!(half(f64::INFINITY).to_i64(), None);
    assert_eq!((ToPrimitive::to_f32(&x), ToPrimitive::to_f64(&x)), (Some(300.5), Some(300.5)));
    assert_eq!((f64::from(x), f32::from(x)), (300.5, 300.5));
    assert_eq!(x.convert::<lowprec::number::Static<OcpE4m3, NearestEven>>().to_f64(), 288.0);
}

#[test]
fn exact_or_refused() {
    assert_eq!(Half::try_exact(0.5).unwrap().to_f64(), 0.5);
    assert!(Half::try_exact(f64::NAN).unwrap().is_nan());
    assert_eq!(Half::try_exact(0.1).unwrap_err().given(), 0.1);
    assert!(Half::try_exact(65520.0).is_err() && Lp::<OcpE2m1>::try_exact(f64::NAN).is_err());
}

/// The sign of a NaN that an operation makes differs from processor to processor; ours does not.
#[test]
fn nan_from_numbers_is_positive() {
    let (x, zero) = (half(std::hint::black_box(-2.0)), half(0.0));
    let infinity = half(f64::INFINITY);
    let all = [
        Float::sqrt(x),
        Float::ln(x),
        Float::log2(x),
        Float::log10(x),
        Float::ln_1p(x),
        Float::asin(x),
        Float::acos(x),
        Float::acosh(x),
        Float::atanh(x),
        Float::powf(x, half(0.5)),
        zero / zero,
        x % zero,
        infinity - infinity,
        Float::sin(infinity),
    ];
    for (place, nan) in all.into_iter().enumerate() {
        assert!(nan.is_nan(), "{place}: {nan}");
        assert!(!nan.to_f64().is_sign_negative(), "{place}");
    }
}
