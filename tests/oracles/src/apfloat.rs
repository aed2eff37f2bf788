//! rustc_apfloat, a port of LLVM's APFloat, as an oracle for the formats it has or can be told of.

use lowprec::{Format, Rounding};
use rustc_apfloat::ieee::{Double, IeeeFloat, NonfiniteBehavior, Semantics};
use rustc_apfloat::{Float, FloatConvert, Round};

/// One format of theirs beside ours.
pub struct Peer {
    pub format: Format,
    /// A binary64 number to a code of the format.
    pub to_code: fn(f64, Round) -> u64,
    /// A code's value in binary64.
    pub of_code: fn(u64) -> f64,
}

/// The five modes of IEEE 754, ours and theirs.
pub const MODES: [(Rounding, Round); 5] = [
    (Rounding::NearestEven, Round::NearestTiesToEven),
    (Rounding::NearestAway, Round::NearestTiesToAway),
    (Rounding::Up, Round::TowardPositive),
    (Rounding::Down, Round::TowardNegative),
    (Rounding::TowardZero, Round::TowardZero),
];

fn to_code<S: Semantics>(x: f64, mode: Round) -> u64 {
    let double = Double::from_bits(u128::from(x.to_bits()));
    let rounded: IeeeFloat<S> = double.convert_r(mode, &mut false).value;
    rounded.to_bits() as u64
}

fn of_code<S: Semantics>(code: u64) -> f64 {
    let exact: Double = IeeeFloat::<S>::from_bits(u128::from(code)).convert(&mut false).value;
    f64::from_bits(exact.to_bits() as u64)
}

fn peer<S: Semantics>(format: Format) -> Peer {
    Peer { format, to_code: to_code::<S>, of_code: of_code::<S> }
}

/// A format by its widths, with IEEE infinities and NaN.
struct Ieee<const BITS: usize, const EXPONENT: usize>;

impl<const BITS: usize, const EXPONENT: usize> Semantics for Ieee<BITS, EXPONENT> {
    const BITS: usize = BITS;
    const EXP_BITS: usize = EXPONENT;
}

/// A format by its widths, with a single NaN of all ones and no infinity.
struct NanOnly<const BITS: usize, const EXPONENT: usize>;

impl<const BITS: usize, const EXPONENT: usize> Semantics for NanOnly<BITS, EXPONENT> {
    const BITS: usize = BITS;
    const EXP_BITS: usize = EXPONENT;
    const NONFINITE_BEHAVIOR: NonfiniteBehavior = NonfiniteBehavior::NanOnly;
}

/// All of them: the library's own, the rest of the catalogue that follows the same rules, and a few
/// more of other widths.
#[must_use]
pub fn peers() -> Vec<Peer> {
    use rustc_apfloat::ieee as theirs;
    let new = |e, m| Format::new(e, m).unwrap();
    let nan_only = |e, m, largest| {
        let base = new(e, m).with_infinities(false).unwrap();
        base.with_largest_finite(largest).unwrap()
    };
    vec![
        peer::<theirs::HalfS>(Format::BINARY16),
        peer::<theirs::SingleS>(Format::BINARY32),
        peer::<theirs::DoubleS>(Format::BINARY64),
        peer::<theirs::BFloatS>(Format::BFLOAT16),
        peer::<theirs::Float8E5M2S>(Format::OCP_E5M2),
        peer::<theirs::Float8E4M3FNS>(Format::OCP_E4M3),
        peer::<Ieee<19, 8>>(Format::TF32),
        peer::<Ieee<24, 8>>(Format::PXR24),
        peer::<Ieee<8, 4>>(Format::E4M3_IEEE),
        peer::<Ieee<8, 3>>(Format::E3M4),
        peer::<Ieee<4, 2>>(new(2, 1)),
        peer::<Ieee<6, 3>>(new(3, 2)),
        peer::<Ieee<12, 6>>(new(6, 5)),
        peer::<Ieee<16, 10>>(new(10, 5)),
        peer::<Ieee<33, 11>>(new(11, 21)),
        peer::<Ieee<48, 7>>(new(7, 40)),
        peer::<NanOnly<6, 3>>(nan_only(3, 2, 24.0)),
        peer::<NanOnly<12, 5>>(nan_only(5, 6, 65536.0 * (2.0 - 2.0 / 64.0))),
    ]
}
