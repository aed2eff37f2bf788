//! The prelude beside those of ndarray, rand, rayon and proptest and all of num-traits and nalgebra: every
//! name of ours used, none ambiguous.

#[allow(unused_imports)]
use nalgebra::*;
#[allow(unused_imports)]
use ndarray::prelude::*;
#[allow(unused_imports)]
use num_traits::*;
#[allow(unused_imports)]
use proptest::prelude::*;
#[allow(unused_imports)]
use rand::prelude::*;
#[allow(unused_imports)]
use rayon::prelude::*;

use lowprec::number::Binary16;
use lowprec::prelude::*;

/// Names of the prelude, as its source lists them.
fn names() -> Vec<String> {
    let source = include_str!("../../../src/prelude.rs");
    let list = source.split("pub use crate::{").nth(1).and_then(|rest| rest.split('}').next());
    let names = list.expect("one list of names").split(',').map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

macro_rules! used {
    ($($name:ident: $use:expr;)*) => {
        /// Every name in an expression that means ours.
        #[test]
        fn every_name_is_ours() {
            $(let _ = $use;)*
            assert_eq!(names(), [$(stringify!($name)),*]);
        }
    };
}

fn rounder<R: Rounder>(rounder: &R) -> f64 {
    rounder.add(0.5, 0.25)
}

used! {
    Binary: Binary::Add;
    BlockChop: BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
    BlockFormat: BlockFormat::NVFP4;
    Chop: Chop::new(Format::BINARY16, Rounding::Up).with_overflow(Overflow::Saturate);
    Flags: Flags::NONE;
    Format: Format::BFLOAT16;
    Lp: Lp::<Binary16>::from_f64(1.0);
    Overflow: Overflow::Ieee;
    Quaternary: Quaternary::Dot;
    Rounder: rounder(&Chop::new(Format::BINARY16, Rounding::Up));
    Rounding: Rounding::NearestEven;
    Scoped: lowprec::with(&Chop::new(Format::BINARY16, Rounding::Up), || Scoped::from_f64(1.0));
    Seeded: |seeded: &Seeded<BlockChop>| seeded.position();
    Stream: |stream: &Stream| stream.position();
    StreamState: StreamState::default();
    Ternary: Ternary::Fma;
    Unary: Unary::Sqrt;
    Underflow: Underflow::FlushToZero;
    chop: chop(0.1_f64, Format::BINARY16, Rounding::NearestEven);
}
