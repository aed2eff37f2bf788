//! serde: a rule as its four facts.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::Rule;
use crate::format::Format;
use crate::rounding::{Overflow, Rounding, Underflow};

/// The four facts by name; policies may be left out for their defaults.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Chop", deny_unknown_fields)]
struct Facts {
    format: Format,
    rounding: Rounding,
    #[serde(default)]
    overflow: Overflow,
    #[serde(default)]
    underflow: Underflow,
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Rule { format, rounding, overflow, underflow } = *self;
        Facts { format, rounding, overflow, underflow }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Facts { format, rounding, overflow, underflow } = Facts::deserialize(deserializer)?;
        Ok(Rule { format, rounding, overflow, underflow })
    }
}
