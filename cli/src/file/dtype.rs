//! The types of elements that files name.

use std::fmt;

use lowprec::Format;

use super::kind::Kind;

/// An element's type as its file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dtype {
    pub(super) element: Element,
    pub(super) spelling: Spelling,
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    Bf16,
    E4m3,
    E5m2,
    E4m3Fnuz,
    E5m2Fnuz,
    E8m0,
    /// Two codes of e2m1fn a byte.
    F4,
    /// Bytes without a meaning of their own: as many as given.
    Void(u8),
    Signed(u8),
    Unsigned(u8),
    Bool,
    /// Elements of a known length in bits that are not read.
    Opaque(u8),
    /// Elements of a length that is not known here.
    Unknown,
}

/// How a file spells a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// A row of the table of safetensors' types.
    Safetensors(u8),
    /// NumPy's: byte order, kind, length in bytes.
    Npy(u8, u8, u8),
    /// Anything else, in the file's own words.
    Text(Box<str>),
}

/// Names of safetensors' types.
const SAFETENSORS: [(&str, Element); 22] = [
    ("BOOL", Element::Bool),
    ("F64", Element::F64),
    ("F32", Element::F32),
    ("F16", Element::F16),
    ("BF16", Element::Bf16),
    ("F8_E4M3", Element::E4m3),
    ("F8_E5M2", Element::E5m2),
    ("F8_E4M3FNUZ", Element::E4m3Fnuz),
    ("F8_E5M2FNUZ", Element::E5m2Fnuz),
    ("F8_E8M0", Element::E8m0),
    ("F4", Element::F4),
    // Packed, in an order of bits that no text states.
    ("F6_E2M3", Element::Opaque(6)),
    ("F6_E3M2", Element::Opaque(6)),
    ("C64", Element::Opaque(64)),
    ("I8", Element::Signed(1)),
    ("I16", Element::Signed(2)),
    ("I32", Element::Signed(4)),
    ("I64", Element::Signed(8)),
    ("U8", Element::Unsigned(1)),
    ("U16", Element::Unsigned(2)),
    ("U32", Element::Unsigned(4)),
    ("U64", Element::Unsigned(8)),
];

impl Dtype {
    pub(super) fn of_safetensors(name: &str) -> Self {
        match SAFETENSORS.iter().position(|row| row.0 == name) {
            Some(row) => Self::row(row),
            None => Self::unknown(name),
        }
    }

    fn row(row: usize) -> Self {
        Self { element: SAFETENSORS[row].1, spelling: Spelling::Safetensors(row as u8) }
    }

    /// Of NumPy's type strings: `<f4`, `|V1`. A string that no simple type has, and a structure, are
    /// kept as text.
    pub(super) fn of_npy(descr: &str) -> Self {
        let [order @ (b'<' | b'>' | b'|' | b'='), kind, digits @ ..] = descr.as_bytes() else {
            return Self::unknown(descr);
        };
        let Some(length) = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok())
        else {
            return Self::unknown(descr);
        };
        let element = match (kind, length) {
            (b'f', 8) => Element::F64,
            (b'f', 4) => Element::F32,
            (b'f', 2) => Element::F16,
            // `f1` is what ml_dtypes calls its float8_e5m2.
            (b'V', 1 | 2 | 4 | 8) | (b'f', 1) => Element::Void(length),
            (b'i', 1 | 2 | 4 | 8) => Element::Signed(length),
            (b'u', 1 | 2 | 4 | 8) => Element::Unsigned(length),
            (b'b', 1) => Element::Bool,
            (b'c' | b'f' | b'M' | b'm' | b'S' | b'V', 0..32) => Element::Opaque(8 * length),
            _ => return Self::unknown(descr),
        };
        Self { element, spelling: Spelling::Npy(*order, *kind, length) }
    }

    /// Of text that stands where a type should.
    pub(super) fn unknown(text: &str) -> Self {
        let short: String = super::shown(text);
        Self { element: Element::Unknown, spelling: Spelling::Text(short.into()) }
    }

    /// How many bits an element has, where that is known.
    #[must_use]
    pub fn bits(&self) -> Option<u32> {
        Some(match self.element {
            Element::F64 => 64,
            Element::F32 => 32,
            Element::F16 | Element::Bf16 => 16,
            Element::E4m3 | Element::E5m2 | Element::E4m3Fnuz | Element::E5m2Fnuz => 8,
            Element::E8m0 | Element::Bool => 8,
            Element::F4 => 4,
            Element::Void(bytes) | Element::Signed(bytes) | Element::Unsigned(bytes) => {
                8 * u32::from(bytes)
            }
            Element::Opaque(bits) => bits.into(),
            Element::Unknown => return None,
        })
    }

    /// The format of which the elements are codes, where the type says so.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        Some(match self.element {
            Element::F64 => Format::BINARY64,
            Element::F32 => Format::BINARY32,
            Element::F16 => Format::BINARY16,
            Element::Bf16 => Format::BFLOAT16,
            Element::E4m3 => Format::OCP_E4M3,
            Element::E5m2 => Format::OCP_E5M2,
            Element::E4m3Fnuz => Format::E4M3_FNUZ,
            Element::E5m2Fnuz => Format::E5M2_FNUZ,
            Element::E8m0 => Format::OCP_E8M0,
            Element::F4 => Format::OCP_E2M1,
            _ => return None,
        })
    }

    /// Whether elements of this type are numbers or codes that can be read: by themselves, or with
    /// a format given.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        !matches!(self.element, Element::Bool | Element::Opaque(_) | Element::Unknown)
    }

    /// Whether its elements may be codes of a format that a user names.
    #[must_use]
    pub const fn takes_format(&self) -> bool {
        matches!(self.element, Element::Void(_) | Element::Unsigned(_))
    }

    /// The type as files of the kind spell it, the least significant byte first; `None` where they have none.
    pub(super) fn spelled_for(&self, kind: Kind) -> Option<Self> {
        let npy = |order, letter, length| Self {
            element: self.element,
            spelling: Spelling::Npy(order, letter, length),
        };
        let order = |length| if length == 1 { b'|' } else { b'<' };
        match (&self.spelling, kind) {
            (Spelling::Safetensors(_), Kind::Safetensors) => Some(self.clone()),
            (Spelling::Npy(_, letter, length), Kind::Npy | Kind::Npz) => {
                let swapped = !matches!(self.element, Element::Opaque(_));
                Some(if swapped { npy(order(*length), *letter, *length) } else { self.clone() })
            }
            (_, Kind::Safetensors) => {
                let opaque = matches!(self.element, Element::Opaque(_) | Element::Unknown);
                let row = SAFETENSORS.iter().position(|row| row.1 == self.element && !opaque);
                row.map(Self::row)
            }
            (_, Kind::Npy | Kind::Npz) => match self.element {
                Element::F64 => Some(npy(b'<', b'f', 8)),
                Element::F32 => Some(npy(b'<', b'f', 4)),
                Element::F16 => Some(npy(b'<', b'f', 2)),
                Element::Signed(length) => Some(npy(order(length), b'i', length)),
                Element::Unsigned(length) => Some(npy(order(length), b'u', length)),
                Element::Bool => Some(npy(b'|', b'b', 1)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the bytes of an element are those of one number, to be turned round in the other order.
    pub(super) const fn is_number(&self) -> bool {
        !matches!(self.element, Element::Opaque(_) | Element::Unknown | Element::F4)
    }

    /// Whether the most significant byte stands first.
    pub(super) fn is_big_endian(&self) -> bool {
        match self.spelling {
            Spelling::Npy(order, ..) => {
                order == b'>' || order == b'=' && cfg!(target_endian = "big")
            }
            _ => false,
        }
    }

    /// The name of safetensors' type for a format's codes.
    pub(super) fn safetensors_name(format: &Format) -> Option<&'static str> {
        let own = |row: &usize| Self::row(*row).format() == Some(*format);
        (0..SAFETENSORS.len()).find(own).map(|row| SAFETENSORS[row].0)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spelling {
            Spelling::Safetensors(row) => f.write_str(SAFETENSORS[usize::from(*row)].0),
            Spelling::Npy(order, kind, length) => {
                write!(f, "{}{}{length}", char::from(*order), char::from(*kind))
            }
            Spelling::Text(text) => f.write_str(text),
        }
    }
}
