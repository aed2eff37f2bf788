//! The constants of `FloatConst`, against their digits rounded in rationals.

use lowprec::number::{Down, Ieee, NearestEven, Static, Up};
use lowprec::{Chop, Format, Rounding, Scoped};
use num_traits::FloatConst;

use crate::rational::{self, Mode};

type Constant = fn() -> Scoped;

/// To 50 significant digits, by mpmath 1.3.
const DIGITS: [(&str, Constant); 19] = [
    ("2.7182818284590452353602874713526624977572470936999", Scoped::E),
    ("0.31830988618379067153776752674502872406891929148091", Scoped::FRAC_1_PI),
    ("0.70710678118654752440084436210484903928483593768847", Scoped::FRAC_1_SQRT_2),
    ("0.63661977236758134307553505349005744813783858296183", Scoped::FRAC_2_PI),
    ("1.1283791670955125738961589031215451716881012586579", Scoped::FRAC_2_SQRT_PI),
    ("1.5707963267948966192313216916397514420985846996875", Scoped::FRAC_PI_2),
    ("1.0471975511965977461542144610931676280657231331250", Scoped::FRAC_PI_3),
    ("0.78539816339744830961566084581987572104929234984377", Scoped::FRAC_PI_4),
    ("0.52359877559829887307710723054658381403286156656251", Scoped::FRAC_PI_6),
    ("0.39269908169872415480783042290993786052464617492188", Scoped::FRAC_PI_8),
    ("2.3025850929940456840179914546843642076011014886287", Scoped::LN_10),
    ("0.69314718055994530941723212145817656807550013436025", Scoped::LN_2),
    ("0.43429448190325182765112891891660508229439700580366", Scoped::LOG10_E),
    ("1.4426950408889634073599246810018921374266459541529", Scoped::LOG2_E),
    ("3.1415926535897932384626433832795028841971693993751", Scoped::PI),
    ("1.4142135623730950488016887242096980785696718753769", Scoped::SQRT_2),
    ("6.2831853071795864769252867665590057683943387987502", Scoped::TAU),
    ("0.30102999566398119521373889472449302676818988146210", Scoped::LOG10_2),
    ("3.3219280948873623478703194294893901758648313930245", Scoped::LOG2_10),
];

#[test]
fn each_is_rounded_once_at_every_precision() {
    for p in 1..=53 {
        for (mode, expected) in [
            (Rounding::NearestEven, Mode::Even),
            (Rounding::Up, Mode::Up),
            (Rounding::Down, Mode::Down),
            (Rounding::TowardZero, Mode::Zero),
        ] {
            let chop = Chop::new(Format::unbounded(p).unwrap(), mode);
            let format = rational::Format { p: p.into(), emin: -1000, emax: 1000 };
            for (digits, constant) in DIGITS {
                let exact = format.round(&rational::of_text(digits), expected);
                let value = lowprec::with(&chop, constant).to_f64();
                assert_eq!(value, exact, "{digits} to {p} digits, {mode}");
            }
        }
    }
}

#[test]
fn the_types_have_them_too() {
    type Number<R> = lowprec::number::Number<Static<Ieee<5, 10>, R>>;
    assert_eq!(Number::<NearestEven>::PI().to_f64(), 3.140625);
    assert_eq!(Number::<Up>::PI().to_f64(), 3.142578125);
    assert_eq!(Number::<Down>::E().to_f64(), 2.716796875);
}
