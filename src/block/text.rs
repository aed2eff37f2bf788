//! A `BlockFormat` as text: the name of a preset, or all that it is made of.

use core::fmt;
use core::str::FromStr;

use super::format::{BlockFormat, BlockShape, Coding, ScaleRule, Specials};
use crate::chop::top_level;
use crate::error::ParseError;

const TWOS: &str = " (two's complement)";
const TWOS_FULL: &str = " (two's complement, full)";
const OFFSET: &str = " (offset)";
const MINIMUM: &str = " + ";
const TENSOR_SCALE: &str = " x f32";

/// What a block format is read from, for messages.
fn forms() -> String {
    let names: Vec<_> = BlockFormat::PRESETS.iter().map(|row| row.0).collect();
    format!(
        "{}; or elements and scales, block and rule (e2m3fn x e8m0fnu, 64, rceil); either with another block \
         (64, 16x16, tensor), rule or treatment of NaN (nan, saturate) behind it",
        names.join(", ")
    )
}

impl fmt::Display for BlockShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Along(size) => write!(f, "{size}"),
            Self::Tile { rows, columns } => write!(f, "{rows}x{columns}"),
            Self::Tensor => f.write_str("tensor"),
        }
    }
}

fn read_shape(text: &str) -> Option<BlockShape> {
    if text == "tensor" {
        return Some(BlockShape::Tensor);
    }
    Some(match text.split_once('x') {
        Some((rows, columns)) => BlockShape::Tile {
            rows: rows.trim().parse().ok()?,
            columns: columns.trim().parse().ok()?,
        },
        None => BlockShape::Along(text.parse().ok()?),
    })
}

fn name(specials: Specials) -> &'static str {
    match specials {
        Specials::Nan => "nan",
        Specials::Saturate => "saturate",
    }
}

/// The name of a preset, else elements x scales, block, rule, and what NaN does where that is not the
/// default.
///
/// ```
/// use lowprec::BlockFormat;
/// use lowprec::block::ScaleRule;
/// assert_eq!(BlockFormat::NVFP4.to_string(), "nvfp4");
/// let rceil = BlockFormat::MXFP4.with_rule(ScaleRule::Rceil);
/// assert_eq!(rceil.to_string(), "e2m1fn x e8m0fnu, 32, rceil");
/// assert_eq!(rceil.to_string().parse(), Ok(rceil));
/// assert_eq!("mxfp4, rceil".parse(), Ok(rceil));
/// ```
impl fmt::Display for BlockFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = Self::PRESETS.iter().find(|row| row.1 == *self) {
            return f.pad(row.0);
        }
        let codes = match self.coding {
            Coding::Own => "",
            Coding::Twos => TWOS,
            Coding::TwosFull => TWOS_FULL,
            Coding::Offset => OFFSET,
        };
        let minimum = self.minimum.map_or(String::new(), |format| format!("{MINIMUM}{format}"));
        let second = if self.tensor_scale { TENSOR_SCALE } else { "" };
        let mut text = format!(
            "{}{codes} x {}{second}{minimum}, {}, {}",
            self.element, self.scale, self.block, self.rule
        );
        if self.specials != Self::default_specials(&self.scale) {
            text = format!("{text}, {}", name(self.specials));
        }
        f.pad(&text)
    }
}

/// The format that a first part names: a preset, or elements and scales, in blocks of 32 by `Floor`; with
/// whether the block has to be said.
fn read_head(text: &str) -> Option<Result<(BlockFormat, bool), ParseError>> {
    let preset = text.to_ascii_lowercase().replace('-', "_");
    if let Some(row) = BlockFormat::PRESETS.iter().find(|row| row.0 == preset) {
        return Some(Ok((row.1, false)));
    }
    let (element, scale) = text.split_once(" x ")?;
    let codings = [(TWOS, Coding::Twos), (TWOS_FULL, Coding::TwosFull), (OFFSET, Coding::Offset)];
    let coded = codings.iter().find_map(|(suffix, coding)| {
        element.strip_suffix(suffix).map(|element| (element, *coding))
    });
    let (element, coding) = coded.unwrap_or((element, Coding::Own));
    let (scale, minimum) = match scale.split_once(MINIMUM) {
        Some((scale, minimum)) => (scale, Some(minimum)),
        None => (scale, None),
    };
    let (scale, tensor_scale) = match scale.strip_suffix(TENSOR_SCALE) {
        Some(scale) => (scale, true),
        None => (scale, false),
    };
    let formats = element
        .parse()
        .and_then(|element| Ok((element, scale.parse()?, minimum.map(str::parse).transpose()?)));
    Some(formats.and_then(|(element, scale, minimum)| {
        BlockFormat::from_facts(
            element,
            coding,
            BlockShape::Along(32),
            scale,
            minimum,
            ScaleRule::Floor,
            tensor_scale,
            None,
        )
        .map(|format| (format, true))
        .map_err(|error| ParseError::new("block format", text, error.to_string()))
    }))
}

impl FromStr for BlockFormat {
    type Err = ParseError;

    /// Reads what `Display` prints; also a preset with another block, rule or treatment of NaN behind it.
    ///
    /// # Errors
    ///
    /// For a name that is unknown, a format that cannot be, and the rule `custom`, which is a function.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |allowed: &str| ParseError::new("block format", text, allowed);
        let mut parts = top_level(text);
        let head = read_head(parts.next().unwrap_or_default());
        let (mut format, mut needs_block) = head.ok_or_else(|| error(&forms()))??;
        let (mut blocks, mut rules, mut specials_given) = (0, 0, 0);
        for part in parts {
            let part = part.to_ascii_lowercase();
            let changed = if let Some(shape) = read_shape(&part) {
                needs_block = false;
                blocks += 1;
                format.with_block(shape)
            } else if let Some(rule) = ScaleRule::ALL.into_iter().find(|rule| rule.name() == part) {
                rules += 1;
                Ok(format.with_rule(rule))
            } else if let Some(specials) =
                [Specials::Nan, Specials::Saturate].into_iter().find(|s| name(*s) == part)
            {
                specials_given += 1;
                format.with_specials(specials)
            } else {
                let rules = ScaleRule::ALL.map(|rule| rule.name()).join(", ");
                let allowed =
                    format!("a block (64, 16x16, tensor), a rule ({rules}), nan, saturate");
                return Err(ParseError::new("part of a block format", &part, allowed));
            };
            format = changed.map_err(|reason| error(&reason.to_string()))?;
            if [blocks, rules, specials_given].contains(&2) {
                return Err(error(&format!("each part once, not twice: {}", forms())));
            }
        }
        if needs_block { Err(error(&forms())) } else { Ok(format) }
    }
}
