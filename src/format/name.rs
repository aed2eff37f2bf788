//! Names of formats: parsed, printed, and the ambiguous ones refused with the choices.

use core::fmt;
use core::str::FromStr;

use super::{Domain, ExponentField, Format, Low, Nan, OverflowValue, Signedness};
use crate::error::ParseError;

/// Names that mean different things to different libraries, with what may have been meant.
const AMBIGUOUS: [(&[&str], &str); 4] = [
    (
        &["e4m3", "fp8-e4m3", "fp8_e4m3", "float8_e4m3", "fp8"],
        "e4m3fn (OCP, largest finite 448), e4m3_ieee (ml_dtypes float8_e4m3 and MATLAB chop, 240), \
         p4e-6:8 (the range of CPFloat's, 480), e4m3fnuz (240), e5m2",
    ),
    (
        &["e2m1"],
        "e2m1fn (OCP, every code finite, largest 6) or p2e0:1 (IEEE rules, largest finite 3)",
    ),
    (
        &["e3m2"],
        "e3m2fn (OCP, every code finite, largest 28) or p3e-2:3 (IEEE rules, largest finite 14)",
    ),
    (
        &["e2m3"],
        "e2m3fn (OCP, every code finite, largest 7.5) or p4e0:1 (IEEE rules, largest finite 3.75)",
    ),
];

const FORMS: &str = "e5m10 (IEEE rules, exponent and mantissa bits), p11e-14:15 (precision, emin:emax), \
     p11 (unbounded exponent), binary8p4se (IEEE P3109)";

impl FromStr for Format {
    type Err = ParseError;

    /// Reads a name of the catalogue ([`Format::CATALOGUE`]), a P3109 name (`binary8p4se`),
    /// `e5m10` (IEEE rules), `p11e-14:15` (precision and exponent range), `p11` (unbounded
    /// exponent), `cfloat8_1_4_3:9` (a bias), or whatever `Display` printed.
    ///
    /// Names that mean different formats to different libraries (`e4m3`, `fp8-e4m3`, `e2m1` …) are
    /// an error that lists the choices; the `from_…_name` functions follow each library's own table.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!("BF16".parse::<Format>()?, Format::BFLOAT16);
    /// let message = "e4m3".parse::<Format>().unwrap_err().to_string();
    /// assert!(message.contains("e4m3fn") && message.contains("e4m3_ieee"));
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let name = text.trim().to_ascii_lowercase();
        for (names, choices) in AMBIGUOUS {
            if names.contains(&name.as_str()) {
                return Err(ParseError::new("format: ambiguous name", text, choices));
            }
        }
        let named = Self::CATALOGUE
            .iter()
            .find(|row| row.name == name || row.aliases.contains(&name.as_str()));
        if let Some(row) = named {
            return Ok(row.format);
        }
        let refuse = |why: String| ParseError::new("format", text, why);
        match constructed(&name) {
            Some(Ok(format)) => Ok(format),
            Some(Err(why)) => Err(refuse(why)),
            None => {
                let names: Vec<&str> = Self::CATALOGUE.iter().map(|row| row.name).collect();
                Err(refuse(format!("{}; or {FORMS}", names.join(", "))))
            }
        }
    }
}

/// A name that carries parameters: `None` where it has none of the forms, an error where it has one
/// and the parameters are out of range.
fn constructed(name: &str) -> Option<Result<Format, String>> {
    if let Some(rest) = name.strip_prefix("binary") {
        return p3109(rest);
    }
    for (prefix, make) in [
        (
            "cfloat8_1_4_3:",
            Format::cfloat8_143 as fn(u32) -> Result<Format, crate::error::FormatError>,
        ),
        ("cfloat8_1_5_2:", Format::cfloat8_152),
    ] {
        if let Some(bias) = name.strip_prefix(prefix) {
            return bias.parse().ok().map(|bias| make(bias).map_err(|e| e.to_string()));
        }
    }
    if let Some((e, m)) = name.strip_prefix('e').and_then(|rest| rest.split_once('m')) {
        return Some(Format::new(e.parse().ok()?, m.parse().ok()?).map_err(|e| e.to_string()));
    }
    let (base, options) = match name.split_once('[') {
        Some((base, rest)) => (base, Some(rest.strip_suffix(']')?)),
        None => (name, None),
    };
    let digits = base.strip_prefix('p')?;
    let format = match digits.split_once('e') {
        None => Format::unbounded(digits.parse().ok()?),
        Some((p, range)) => {
            let (emin, emax) = range.split_once(':')?;
            let (p, emin, emax) = (p.parse().ok()?, emin.parse().ok()?, emax.parse().ok()?);
            match options {
                // The options say where the codes lie, so the range need not fit IEEE rules.
                Some(_) => Format::from_range(p, emin, emin).map(|f| Format { emax, ..f }),
                None => Format::from_range(p, emin, emax),
            }
        }
    };
    Some(match (format, options) {
        (Ok(format), Some(options)) => with_options(format, options),
        (format, _) => format.map_err(|e| e.to_string()),
    })
}

fn p3109(rest: &str) -> Option<Result<Format, String>> {
    let (k, rest) = rest.split_once('p')?;
    let domain = match rest.chars().last()? {
        'e' => Domain::Extended,
        'f' => Domain::Finite,
        _ => return None,
    };
    let rest = &rest[..rest.len() - 1];
    let signedness = match rest.chars().last()? {
        's' => Signedness::Signed,
        'u' => Signedness::Unsigned,
        _ => return None,
    };
    let p = &rest[..rest.len() - 1];
    let made = Format::p3109(k.parse().ok()?, p.parse().ok()?, signedness, domain);
    Some(made.map_err(|e| e.to_string()))
}

/// The options that `Display` adds where a format deviates from the rules of `from_range`.
fn with_options(mut format: Format, options: &str) -> Result<Format, String> {
    for option in options.split(',') {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let known = match (key, value) {
            ("bits", n) => match n.parse() {
                Ok(n @ 1..=18) => {
                    format.exponent = ExponentField::Bits(n);
                    true
                }
                _ => false,
            },
            ("top", n) => n.parse().is_ok_and(|n| {
                format.top = n;
                true
            }),
            ("unsigned", "") => {
                format.signedness = Signedness::Unsigned;
                true
            }
            ("no-negative-zero", "") => {
                format.negative_zero = false;
                true
            }
            ("no-infinity", "") => {
                format.infinity = false;
                true
            }
            ("low", v) => choose(&LOW, v, &mut format.low),
            ("nan", v) => choose(&NAN, v, &mut format.nan),
            ("overflow", v) => choose(&OVERFLOW, v, &mut format.overflow),
            _ => false,
        };
        if !known {
            return Err(format!(
                "options bits=N, top=N, unsigned, no-negative-zero, no-infinity, \
                 low=subnormals|zero-field|zero-slot|no-zero, nan=top-field|all-ones|negative-zero|none, \
                 overflow=infinity|nan|largest (not {option:?})"
            ));
        }
    }
    format.consistent().map(|()| format).map_err(str::to_owned)
}

const LOW: [(Low, &str); 4] = [
    (Low::Subnormals, "subnormals"),
    (Low::ZeroField, "zero-field"),
    (Low::ZeroSlot, "zero-slot"),
    (Low::NoZero, "no-zero"),
];
const NAN: [(Nan, &str); 4] = [
    (Nan::TopField, "top-field"),
    (Nan::AllOnes, "all-ones"),
    (Nan::NegativeZero, "negative-zero"),
    (Nan::None, "none"),
];
const OVERFLOW: [(OverflowValue, &str); 3] = [
    (OverflowValue::Infinity, "infinity"),
    (OverflowValue::Nan, "nan"),
    (OverflowValue::Largest, "largest"),
];

fn choose<T: Copy>(table: &[(T, &str)], name: &str, into: &mut T) -> bool {
    table.iter().find(|row| row.1 == name).is_some_and(|row| {
        *into = row.0;
        true
    })
}

fn word<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|row| row.0 == *value).map_or("", |row| row.1)
}

impl Format {
    /// Whether facts read one by one fit together.
    fn consistent(&self) -> Result<(), &'static str> {
        let signed = self.has_sign();
        if self.top >> self.mantissa_bits() != 1 {
            return Err("a top significand of exactly p bits");
        }
        if self.is_unbounded() && self.top != (1 << self.precision()) - 1 {
            return Err("top=N only together with bits=N");
        }
        if self.emax < self.emin {
            return Err("emax at least emin");
        }
        if !self.is_unbounded() && self.emax > 1 << 16 {
            return Err("exponents in -65536..=65536");
        }
        // A code without a sign bit is as long as one with it: the constructors never make 64 below it.
        if self.exponent_bits().is_some_and(|bits| bits + self.mantissa_bits() > 63) {
            return Err("at most 63 bits beside the sign");
        }
        if self.nan == Nan::TopField && self.mantissa_bits() == 0 && !self.is_unbounded() {
            return Err("nan=all-ones, negative-zero or none with one bit of precision");
        }
        if self.nan == Nan::NegativeZero && (!signed || self.negative_zero) {
            return Err("nan=negative-zero only in a signed format without minus zero");
        }
        if !signed && self.negative_zero {
            return Err("no-negative-zero in an unsigned format");
        }
        if self.low == Low::NoZero && (signed || self.mantissa_bits() != 0) {
            return Err("low=no-zero only unsigned with one bit of precision");
        }
        if self.low == Low::ZeroSlot
            && (self.mantissa_bits() == 0 || self.emax == self.emin && self.top.is_power_of_two())
        {
            return Err("low=zero-slot only with a normal number beside it");
        }
        if self.overflow == OverflowValue::Infinity && !self.infinity {
            return Err("overflow=nan or largest without infinity");
        }
        if self.overflow == OverflowValue::Nan && self.nan == Nan::None {
            return Err("overflow=infinity or largest without NaN");
        }
        self.check_top().map_err(|_| "a largest finite number whose code is free")
    }
}

impl fmt::Display for Format {
    /// The name of the catalogue, else the P3109 name, else `e5m10`, `p11e-14:15` or `p11`, with
    /// options in brackets for facts that deviate from their rules. `FromStr` reads all of them back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Format {
    fn name(&self) -> String {
        if let Some(row) = Self::CATALOGUE.iter().find(|row| row.format == *self) {
            return row.name.to_owned();
        }
        if let Some((k, p, signedness, domain)) = self.p3109_parameters() {
            let s = if signedness == Signedness::Signed { 's' } else { 'u' };
            let d = if domain == Domain::Extended { 'e' } else { 'f' };
            return format!("binary{k}p{p}{s}{d}");
        }
        for (prefix, base) in
            [("cfloat8_1_4_3", Self::CFLOAT8_143), ("cfloat8_1_5_2", Self::CFLOAT8_152)]
        {
            if let Some(bias @ 0..=63) = self.bias()
                && base.with_bias(bias) == Ok(*self)
            {
                return format!("{prefix}:{bias}");
            }
        }
        let p = self.precision();
        if let ExponentField::Bits(e) = self.exponent {
            let m = self.mantissa_bits();
            let name = format!("e{e}m{m}");
            let ambiguous = AMBIGUOUS.iter().any(|(names, _)| names.contains(&name.as_str()));
            if Self::new(u32::from(e), m) == Ok(*self) && !ambiguous {
                return name;
            }
        }
        let (base, plain) = match self.exponent {
            ExponentField::Unbounded => (format!("p{p}"), Self::unbounded(p)),
            ExponentField::Bits(_) => (
                format!("p{p}e{}:{}", self.emin, self.emax),
                Self::from_range(p, self.emin, self.emax),
            ),
        };
        if plain.as_ref() == Ok(self) {
            return base;
        }
        format!("{base}[{}]", self.deviations())
    }

    /// What an unnamed format's name says in brackets: facts other than those of `from_range`, and
    /// where the codes lie.
    fn deviations(&self) -> String {
        let mut options = Vec::new();
        let one_bit = self.mantissa_bits() == 0 && !self.is_unbounded();
        if let ExponentField::Bits(e) = self.exponent {
            options.push(format!("bits={e}"));
            options.push(format!("top={}", self.top));
        }
        if !self.has_sign() {
            options.push("unsigned".to_owned());
        }
        if self.low != Low::Subnormals {
            options.push(format!("low={}", word(&LOW, &self.low)));
        }
        if !self.negative_zero {
            options.push("no-negative-zero".to_owned());
        }
        if !self.infinity {
            options.push("no-infinity".to_owned());
        }
        if self.nan != if one_bit { Nan::AllOnes } else { Nan::TopField } {
            options.push(format!("nan={}", word(&NAN, &self.nan)));
        }
        if self.overflow != OverflowValue::Infinity {
            options.push(format!("overflow={}", word(&OVERFLOW, &self.overflow)));
        }
        options.join(",")
    }
}
