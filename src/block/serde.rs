//! serde: block formats by their facts, tensors by their parts, read back through their checks.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use super::chop::BlockChop;
use super::format::{BlockFormat, BlockShape, Coding, ScaleRule, Specials};
use super::tensor::BlockTensor;
use crate::error::FormatError;
use crate::format::Format;
use crate::rounding::Rounding;

impl Serialize for ScaleRule {
    /// # Errors
    ///
    /// For a rule that is a function.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Custom(_) => Err(S::Error::custom("scale rule: a function cannot be written")),
            _ => serializer.serialize_str(self.name()),
        }
    }
}

impl<'de> Deserialize<'de> for ScaleRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|rule| rule.name()).join(", ");
            D::Error::custom(format!("scale rule: {name:?} given, {names} allowed"))
        })
    }
}

const fn own() -> Coding {
    Coding::Own
}

/// The eight facts; those that most formats do not choose may be left out.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "BlockFormat", deny_unknown_fields)]
struct Facts {
    element: Format,
    #[serde(default = "own")]
    coding: Coding,
    block: BlockShape,
    scale: Format,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minimum: Option<Format>,
    rule: ScaleRule,
    #[serde(default)]
    tensor_scale: bool,
    #[serde(default)]
    specials: Option<Specials>,
}

impl Facts {
    fn checked(self) -> Result<BlockFormat, FormatError> {
        let Self { element, coding, block, scale, minimum, rule, tensor_scale, specials } = self;
        BlockFormat::from_facts(
            element,
            coding,
            block,
            scale,
            minimum,
            rule,
            tensor_scale,
            specials,
        )
    }
}

impl Serialize for BlockFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { element, coding, block, scale, minimum, rule, tensor_scale, specials } = *self;
        let specials = Some(specials);
        Facts { element, coding, block, scale, minimum, rule, tensor_scale, specials }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BlockFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Facts::deserialize(deserializer)?.checked().map_err(D::Error::custom)
    }
}

const fn one() -> u32 {
    1
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "BlockChop", deny_unknown_fields)]
struct ChopFacts {
    format: BlockFormat,
    rounding: Rounding,
    #[serde(default = "one")]
    shared_bits: u32,
}

impl Serialize for BlockChop {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (format, rounding, shared_bits) = (self.format(), self.rounding(), self.shared_bits());
        ChopFacts { format, rounding, shared_bits }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BlockChop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ChopFacts { format, rounding, shared_bits } = ChopFacts::deserialize(deserializer)?;
        Self::new(format, rounding).with_shared_bits(shared_bits).map_err(D::Error::custom)
    }
}

/// Codes and scales as bytes; the tensor scale may be left out where there is none.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "BlockTensor", deny_unknown_fields)]
struct Parts {
    format: BlockFormat,
    shape: Vec<usize>,
    axis: usize,
    codes: Vec<u8>,
    scales: Vec<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    minima: Vec<u8>,
    #[serde(default = "no_tensor_scale")]
    tensor_scale: f32,
}

const fn no_tensor_scale() -> f32 {
    1.0
}

impl Serialize for BlockTensor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = Parts {
            format: self.format,
            shape: self.shape().to_vec(),
            axis: self.axis,
            codes: self.codes.bytes().to_vec(),
            scales: self.scale_bytes(),
            minima: self.minimum_bytes(),
            tensor_scale: self.tensor_scale,
        };
        parts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BlockTensor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Parts { format, shape, axis, codes, scales, minima, tensor_scale } =
            Parts::deserialize(deserializer)?;
        Self::from_parts_with_minima(format, &shape, axis, codes, &scales, &minima, tensor_scale)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: Serialize + for<'de> Deserialize<'de>>(value: &T) -> (String, T) {
        let json = serde_json::to_string(value).unwrap();
        let again = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{json}: {e}"));
        (json, again)
    }

    #[test]
    fn formats_in_use_and_others_go_through_json() {
        let tile = BlockShape::Tile { rows: 4, columns: 8 };
        let full = BlockFormat::MXINT8.with_lowest_code(true).unwrap().with_block(tile).unwrap();
        let others = [full, BlockFormat::MXFP4.with_specials(Specials::Saturate).unwrap()];
        for format in BlockFormat::PRESETS.iter().map(|row| row.1).chain(others) {
            assert_eq!(back(&format).1, format, "{format}");
        }
        assert_eq!(
            back(&BlockFormat::MXINT8).0,
            "{\"element\":\"".to_owned()
                + &BlockFormat::MXINT8.element().to_string()
                + "\",\"coding\":\"twos\",\"block\":{\"along\":32},\"scale\":\"e8m0fnu\",\
                   \"rule\":\"floor\",\"tensor_scale\":false,\"specials\":\"nan\"}"
        );
        let short = r#"{"element":"e2m1fn","block":{"along":32},"scale":"e8m0fnu","rule":"floor"}"#;
        assert_eq!(serde_json::from_str::<BlockFormat>(short).unwrap(), BlockFormat::MXFP4);
        let rule = BlockFormat::MXFP4.with_rule(ScaleRule::Custom(|_, _| 1.0));
        let error = serde_json::to_string(&rule).unwrap_err().to_string();
        assert!(error.contains("a function cannot be written"), "{error}");
    }

    #[test]
    fn roundings_and_tensors_go_through_json_and_their_checks() {
        let chop = BlockChop::new(BlockFormat::NVFP4, Rounding::NearestEven);
        let shared = chop.with_shared_bits(4).unwrap();
        assert_eq!(back(&shared).1, shared);
        let values: Vec<f32> = (0..40).map(|i| (i as f32).sin()).collect();
        let (json, again) = back(&chop.quantize(&values));
        assert_eq!(again, chop.quantize(&values));
        for (from, to, word) in [
            ("\"along\":16", "\"along\":0", "block size: 0 given, 1..=16777216 allowed"),
            ("\"along\":16", "\"along\":8", "scale codes"),
            ("[40]", "[41]", "element codes"),
            ("\"axis\":0", "\"axis\":1", "axis"),
            ("absmax", "largest", "least-squares"),
            ("\"own\"", "\"twos\"", "equally spaced"),
            ("\"codes\":[", "\"codes\":[1,", "element codes"),
        ] {
            let foreign = json.replacen(from, to, 1);
            assert_ne!(foreign, json, "{from}");
            let message = serde_json::from_str::<BlockTensor>(&foreign).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
    }
}
