//! serde: a `Chop` as its rule; packed codes as their bytes, read back through their checks.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::{Chop, PackedArray};
use crate::definition::Rule;
use crate::format::Format;

impl Serialize for Chop {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rule().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Chop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Rule::deserialize(deserializer).map(Chop::from_rule)
    }
}

/// Packed codes; the format where one is known.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "PackedArray", deny_unknown_fields)]
struct PackedFacts {
    bits: u32,
    #[serde(default)]
    format: Option<Format>,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Serialize for PackedArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (shape, bytes) = (self.shape().to_vec(), self.bytes().to_vec());
        PackedFacts { bits: self.bits(), format: self.format(), shape, bytes }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PackedFacts { bits, format, shape, bytes } = PackedFacts::deserialize(deserializer)?;
        let packed = Self::from_bytes(bits, &shape, bytes).map_err(D::Error::custom)?;
        match format {
            Some(format) => packed.with_format(format).map_err(D::Error::custom),
            None => Ok(packed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounding::{Overflow, Rounding};

    #[test]
    fn packed_codes_go_through_json_and_their_checks() {
        let packed = PackedArray::from_format(Format::OCP_E2M3, &[1, 3], &[1_u8, 63, 5]).unwrap();
        let json = serde_json::to_string(&packed).unwrap();
        assert_eq!(json, r#"{"bits":6,"format":"e2m3fn","shape":[1,3],"bytes":[193,95,0]}"#);
        assert_eq!(serde_json::from_str::<PackedArray>(&json).unwrap(), packed);
        for (from, to, word) in [
            ("193,95,0", "193,95", "packed bytes: 2 given, 3 needed"),
            ("193,95,0", "193,95,4", "last byte: 0x04"),
            ("[1,3]", "[4611686018427387904,9]", "shape"),
            ("e2m3fn", "e4m3fn", "codes of 6 bits given, 8 needed"),
            ("\"bits\":6", "\"bits\":17", "17 given, 1..=16 allowed"),
        ] {
            let foreign = json.replace(from, to);
            let message = serde_json::from_str::<PackedArray>(&foreign).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }

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
