//! Every named format and mode as types: `Lp` against `Chop`'s arithmetic in `f64`, which takes operands
//! of any kind and other ways.

use lowprec::number::*;
use lowprec::{Chop, Format, Lp, Overflow, Rounder, Rounding, Underflow, reference::Rule};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The same value, whatever the sign of NaN.
fn same(x: f64, y: f64) -> bool {
    x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
}

/// Pairs of codes: all of them, or so many at random.
fn pairs(bits: u32) -> Box<dyn Iterator<Item = (u64, u64)>> {
    if bits <= 8 {
        let count = 1_u64 << bits;
        return Box::new((0..count * count).map(move |i| (i / count, i % count)));
    }
    let mut rng = StdRng::seed_from_u64(bits.into());
    let mask = u64::MAX >> (64 - bits);
    Box::new((0..30_000).map(move |_| (rng.random::<u64>() & mask, rng.random::<u64>() & mask)))
}

fn check<F: StaticFormat, R: StaticRounding>() {
    let chop = Chop::from_rule(Rule {
        format: F::FORMAT,
        rounding: R::ROUNDING,
        overflow: F::OVERFLOW,
        underflow: F::UNDERFLOW,
    });
    for (i, j) in pairs(F::FORMAT.total_bits().expect("codes")) {
        let (Ok(x), Ok(y)) = (Lp::<F, R>::from_bits(i), Lp::<F, R>::from_bits(j)) else { continue };
        let (a, b) = (x.to_f64(), y.to_f64());
        let results = [
            x + y,
            x - y,
            x * y,
            x / y,
            x % y,
            x.remainder(y),
            x.sqrt(),
            x.mul_add(y, x),
            -x,
            Lp::from_f64(a * 1.1),
        ];
        compare(&chop, a, b, results.map(Lp::to_f64));
    }
}

/// The results of the operations against those of `Chop`. Not a part of the function above, which is
/// compiled for each of thirty types.
#[inline(never)]
fn compare(chop: &Chop, a: f64, b: f64, results: [f64; 10]) {
    let exact = [
        ("+", chop.add(a, b)),
        ("-", chop.sub(a, b)),
        ("*", chop.mul(a, b)),
        ("/", chop.div(a, b)),
        ("%", chop.fmod(a, b)),
        ("remainder", chop.remainder(a, b)),
        ("sqrt", chop.sqrt(a)),
        ("fma", chop.fma(a, b, a)),
        ("neg", if a == 0.0 && !chop.format().has_negative_zero() { 0.0 } else { chop.chop(-a) }),
        ("from", chop.chop(a * 1.1)),
    ];
    for (ours, (name, exact)) in results.into_iter().zip(exact) {
        assert!(same(ours, exact), "{chop:?}: {a:e} {name} {b:e} = {exact:e}, not {ours:e}");
    }
}

macro_rules! every {
    ($($test:ident { $($format:ty, $($mode:ident)*;)* })*) => {$(
        #[test]
        fn $test() {
            $($(check::<$format, $mode>();)*)*
        }
    )*};
}

// Every format and every mode; every pair of the two would take the compiler many minutes.
every! {
    wide {
        Binary64, Up;
        Binary32, NearestEven;
        Pxr24, NearestEven;
        Tf32, NearestEven;
    }
    sixteen {
        Binary16, NearestEven ToOdd;
        Bfloat16, NearestEven;
        Dlfloat16, NearestEven;
        Ieee<6, 9>, NearestEven;
    }
    eight {
        OcpE4m3, NearestEven NearestAway NearestZero NearestOdd Up Down TowardZero AwayFromZero;
        OcpE5m2, NearestEven;
        E4m3Ieee, NearestEven;
        E3m4, NearestEven;
        E4m3Fnuz, Down;
        E5m2Fnuz, NearestEven;
        E4m3B11Fnuz, NearestEven;
        Cfloat8E4m3, NearestEven;
        Cfloat8E5m2, NearestEven;
    }
    small {
        OcpE8m0, TowardZero;
        OcpE3m2, NearestEven;
        OcpE2m3, NearestEven;
        OcpE2m1, NearestEven AwayFromZero;
        Own, Up;
    }
}

/// A format of one's own with policies, unsigned.
#[derive(Clone, Copy, Debug)]
struct Own;

impl StaticFormat for Own {
    type Storage = f32;
    const FORMAT: Format = match Format::new(3, 3) {
        Ok(format) => match format.with_sign(lowprec::format::Signedness::Unsigned) {
            Ok(format) => format,
            Err(_) => panic!("it has a zero"),
        },
        Err(_) => panic!("within the limits"),
    };
    const OVERFLOW: Overflow = Overflow::SaturateFinite;
    const UNDERFLOW: Underflow = Underflow::FlushToZero;
}

#[test]
fn the_named_formats_are_all_there() {
    let named = [
        Binary64::FORMAT,
        Binary32::FORMAT,
        Pxr24::FORMAT,
        Tf32::FORMAT,
        Binary16::FORMAT,
        Bfloat16::FORMAT,
        Dlfloat16::FORMAT,
        OcpE5m2::FORMAT,
        OcpE4m3::FORMAT,
        E4m3Ieee::FORMAT,
        E3m4::FORMAT,
        E4m3Fnuz::FORMAT,
        E5m2Fnuz::FORMAT,
        E4m3B11Fnuz::FORMAT,
        Cfloat8E4m3::FORMAT,
        Cfloat8E5m2::FORMAT,
        OcpE8m0::FORMAT,
        OcpE3m2::FORMAT,
        OcpE2m3::FORMAT,
        OcpE2m1::FORMAT,
    ];
    for entry in Format::CATALOGUE {
        assert!(named.contains(&entry.format), "{}", entry.name);
    }
}

/// A format that its storage type has not all of: the numbers of both.
#[test]
fn a_format_wider_than_its_storage() {
    #[derive(Clone, Copy, Debug)]
    struct Wide;
    impl StaticFormat for Wide {
        type Storage = f32;
        const FORMAT: Format = Format::BINARY64;
    }
    let chop = Chop::new(Format::BINARY64, Rounding::Up);
    let x = Lp::<Wide, Up>::from_f64(0.1);
    assert_eq!(x.value(), 0.1_f32);
    assert_eq!(Lp::<Wide, Up>::from_f64(1e-300).value(), f32::from_bits(1));
    assert_eq!(Lp::<Wide, Up>::from_f64(1e300).value(), f32::INFINITY);
    assert_eq!((x + x).value(), chop.add(0.1_f32, 0.1));
    assert!(Lp::<Wide>::try_exact(0.1).is_err());
    assert!(Lp::<Wide>::from_bits(0.1_f64.to_bits()).is_err());
    let pi: Lp<Wide, Down> = num_traits::FloatConst::PI();
    assert_eq!(pi.value(), std::f32::consts::PI.next_down());
}

#[test]
fn codes_that_do_not_exist_are_refused() {
    for (code, word) in [(0x100, "at most 8 bits"), (0xffff, "at most 8 bits")] {
        let error = Lp::<OcpE4m3>::from_bits(code).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    assert!(Lp::<OcpE2m1>::from_f64(f64::NAN).to_bits().is_err());
    assert_eq!(Lp::<OcpE2m1>::from_f64(6.5).to_bits(), Ok(7));
    assert_eq!(Lp::<Binary64>::from_bits(u64::MAX >> 1).unwrap().to_f64().to_bits(), 0x7ff8 << 48);
}

/// The arithmetic of `Chop` on operands that are not of the format is another thing: these are.
#[test]
fn operands_are_rounded_on_the_way_in() {
    let chop = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let x = 1.0 + 2f64.powi(-11) + 2f64.powi(-30);
    assert_eq!(Rounder::add(&chop, x, -1.0), 2f64.powi(-11) + 2f64.powi(-21) * 0.0);
    let sum = Lp::<Binary16>::from_f64(x) - Lp::from_f64(1.0);
    assert_eq!(sum.to_f64(), 2f64.powi(-10));
}
