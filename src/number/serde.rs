//! serde: a number as the `f64` that it is, checked on the way in.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::Number;
use super::context::Context;

/// As an `f64`. What cannot hold infinities or NaN, as JSON, does not bring these back.
impl<C: Context> Serialize for Number<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

/// From a number that is one of the format; any other is an error, not rounded.
impl<'de, C: Context> Deserialize<'de> for Number<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let x = f64::deserialize(deserializer)?;
        Self::try_exact(x).map_err(D::Error::custom)
    }
}
