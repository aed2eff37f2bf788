//! serde: a number as decimal text or as the `f64` that it is, checked on the way in.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Number;
use super::context::Context;

/// In data that people read, JSON for instance, as decimal text: `"0.0999755859375"`, `"inf"`. Their
/// numbers know neither infinities nor NaN, and readers may round them (`serde_json` does, in the last
/// place). Elsewhere as an `f64`.
impl<C: Context> Serialize for Number<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        serializer.serialize_f64(self.to_f64())
    }
}

/// From text or a number, of which the nearest `f64` must be a number of the format: others are an
/// error, not rounded.
impl<'de, C: Context> Deserialize<'de> for Number<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let member = Member(PhantomData);
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(member)
        } else {
            deserializer.deserialize_f64(member)
        }
    }
}

struct Member<C>(PhantomData<C>);

impl<C: Context> Visitor<'_> for Member<C> {
    type Value = Number<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or one as text")
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<Number<C>, E> {
        Number::try_exact(x).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<Number<C>, E> {
        exact_integer(x.into())
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<Number<C>, E> {
        exact_integer(x.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number<C>, E> {
        match text.parse() {
            Ok(x) => self.visit_f64(x),
            Err(_) => Err(E::custom(format_args!("{text:?} given, decimal numbers allowed"))),
        }
    }
}

/// An integer that `f64` rounds is no number of any format here.
fn exact_integer<C: Context, E: Error>(x: i128) -> Result<Number<C>, E> {
    let near = x as f64;
    if near as i128 != x {
        return Err(E::custom(format_args!("{x} given, which binary64 does not hold")));
    }
    Number::try_exact(near).map_err(E::custom)
}
