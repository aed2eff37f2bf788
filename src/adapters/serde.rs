//! serde: formats, modes and policies as their names, read back through their parsers.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::chop::Chop;
use crate::format::Format;
use crate::policy::{Overflow, Underflow};
use crate::rounding::Rounding;
use crate::rule::Rule;

macro_rules! by_name {
    ($($type:ty)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                name.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

by_name!(Format Rounding Overflow Underflow);

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

impl Serialize for Chop {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rule().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Chop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Rule::deserialize(deserializer).map(Chop::of_rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounding_goes_through_json() {
        let chop = Chop::new(Format::OCP_E4M3, Rounding::stochastic_a(8).unwrap())
            .with_overflow(Overflow::Saturate);
        let json = serde_json::to_string(&chop).unwrap();
        assert_eq!(
            json,
            r#"{"format":"e4m3fn","rounding":"stochastic-a:8","overflow":"saturate","underflow":"gradual"}"#
        );
        assert_eq!(serde_json::from_str::<Chop>(&json).unwrap(), chop);
        let short: Chop = serde_json::from_str(r#"{"format":"bf16","rounding":"rne"}"#).unwrap();
        assert_eq!(short, Chop::new(Format::BFLOAT16, Rounding::NearestEven));
    }

    #[test]
    fn bad_json_is_answered_with_what_is_allowed() {
        for (json, word) in [
            (r#"{"format":"e4m3","rounding":"rne"}"#, "e4m3_ieee"),
            (r#"{"format":"bf16","rounding":"sideways"}"#, "nearest-even"),
            (r#"{"format":"bf16","rounding":"rne","saturate":true}"#, "overflow"),
        ] {
            let message = serde_json::from_str::<Chop>(json).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }
}
