//! Quantizers with a seed.

use super::engine::{Quantizer, Quantizes};
use super::fixed::Fixed;
use super::integer::{IntegerQuantizer, Requantizer};
use crate::chop::{Random, Seedable, Seeded, seeded};
use crate::rounding::Rounding;
use crate::rounding::random::{Given, Source};

macro_rules! quantizers {
    ($($type:ty)*) => {$(
        seeded!($type, |this| this.clone());

        impl Seedable for $type {
            fn rounding(&self) -> Rounding {
                self.rounding()
            }
        }
    )*};
}

quantizers! { Fixed IntegerQuantizer Requantizer }

impl<Q: Quantizer> Quantizes for Seeded<Q> {
    type Quantizer = Q;

    fn quantizer(&self) -> &Q {
        self.unseeded()
    }

    fn draw<R>(&self, count: u64, run: impl FnOnce(&mut dyn Source, u64) -> R) -> R {
        if self.quantizer().rounding().is_stochastic() {
            Random::draw(self, count, |source, origin| run(source, origin))
        } else {
            run(&mut Given(&[]), 0)
        }
    }
}
