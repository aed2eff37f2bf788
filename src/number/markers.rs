//! The named formats and the deterministic modes as types.

use super::fixed::{StaticFormat, StaticRounding, modes};
use crate::format::Format;
use crate::rounding::Rounding;

macro_rules! formats {
    ($($name:ident = $constant:ident in $storage:ty;)*) => {$(
        #[doc = concat!("[`Format::", stringify!($constant), "`], in `", stringify!($storage), "`.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name;

        impl StaticFormat for $name {
            type Storage = $storage;
            const FORMAT: Format = Format::$constant;
        }
    )*};
}

// f32 where it holds the products of the format's numbers, else f64: there the faster way of rounding
// is proven.
formats! {
    Binary64 = BINARY64 in f64;
    Binary32 = BINARY32 in f64;
    Pxr24 = PXR24 in f64;
    Tf32 = TF32 in f64;
    Binary16 = BINARY16 in f32;
    Bfloat16 = BFLOAT16 in f64;
    Dlfloat16 = DLFLOAT16 in f32;
    OcpE5m2 = OCP_E5M2 in f32;
    OcpE4m3 = OCP_E4M3 in f32;
    E4m3Ieee = E4M3_IEEE in f32;
    E3m4 = E3M4 in f32;
    E4m3Fnuz = E4M3_FNUZ in f32;
    E5m2Fnuz = E5M2_FNUZ in f32;
    E4m3B11Fnuz = E4M3_B11_FNUZ in f32;
    Cfloat8E4m3 = CFLOAT8_143 in f32;
    Cfloat8E5m2 = CFLOAT8_152 in f32;
    OcpE8m0 = OCP_E8M0 in f64;
    OcpE3m2 = OCP_E3M2 in f32;
    OcpE2m3 = OCP_E2M3 in f32;
    OcpE2m1 = OCP_E2M1 in f32;
}

/// A format by the rules of IEEE 754 with `E` exponent and `M` mantissa bits, [`Format::new`], in `f64`.
///
/// Limits: 2 ≤ E ≤ 16, 1 ≤ M ≤ 52, E + M ≤ 63. Others do not compile:
///
/// ```compile_fail,E0080
/// use lowprec::{Lp, number::Ieee};
/// let x = Lp::<Ieee<1, 7>>::from_f64(0.1);
/// ```
///
/// ```
/// use lowprec::{Lp, number::Ieee};
/// let third = Lp::<Ieee<6, 9>>::from_f64(1.0) / Lp::from_f64(3.0);
/// assert_eq!(third.to_f64(), 683.0 / 2048.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ieee<const E: u32, const M: u32>;

impl<const E: u32, const M: u32> StaticFormat for Ieee<E, M> {
    type Storage = f64;
    const FORMAT: Format = {
        assert!(E >= 2 && E <= 16, "Ieee<E, M>: exponent bits E: 2..=16 allowed");
        assert!(M >= 1 && M <= 52, "Ieee<E, M>: mantissa bits M: 1..=52 allowed");
        match Format::new(E, M) {
            Ok(format) => format,
            Err(_) => panic!("Ieee<E, M>: total bits 1 + E + M: at most 64 allowed"),
        }
    };
}

macro_rules! roundings {
    ($($name:ident)*) => {$(
        #[doc = concat!("[`Rounding::", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name;

        impl modes::Sealed for $name {}

        impl StaticRounding for $name {
            const ROUNDING: Rounding = Rounding::$name;
        }
    )*};
}

roundings! {
    NearestEven NearestAway NearestZero NearestOdd NearestUp NearestDown Up Down TowardZero AwayFromZero ToOdd
}
