//! Numbers as text: exact, and short enough for a table cell.

use lowprec::format::Datum;

/// Numbers from 2^-6 to 2^34 are printed in decimal if they have few digits: the eight-bit formats'
/// values near 1 entirely, and those of very different magnitude by their power of two.
const DECIMAL: std::ops::Range<i32> = -6..34;

/// The value exactly: as a decimal where that is short (`0.375`, `57344`), else as a multiple of a
/// power of two (`2^-16`, `1.75·2^-14`, `(2 - 2^-23)·2^127`).
pub(crate) fn exact(value: Datum) -> String {
    let sign = |negative: bool| if negative { "-" } else { "" };
    match value {
        Datum::Zero { negative } => format!("{}0", sign(negative)),
        Datum::Infinite { negative } => format!("{}inf", sign(negative)),
        Datum::Nan { .. } => "NaN".to_owned(),
        Datum::Finite { negative, significand, exponent } => {
            format!("{}{}", sign(negative), magnitude(significand, exponent))
        }
    }
}

/// A binary64 number, exactly.
pub(crate) fn exact_f64(x: f64) -> String {
    exact(Datum::from_f64(x))
}

/// A power of two as such, whatever its size; anything else as [`exact`].
pub(crate) fn power(value: Datum) -> String {
    match value {
        Datum::Finite { negative: false, significand: 1, exponent } => format!("2^{exponent}"),
        other => exact(other),
    }
}

/// significand·2^exponent with an odd significand.
fn magnitude(significand: u64, exponent: i32) -> String {
    let last = i32::try_from(significand.ilog2()).expect("a bit index fits");
    let leading = exponent + last;
    // `{}` of binary64 stops at 17 digits; these have fewer.
    let few_digits = exponent >= 0 || exponent >= -12 && last <= 12;
    let short = DECIMAL.contains(&leading) && few_digits;
    if let (true, Some(x)) = (short, Datum::finite(false, significand, exponent).to_f64()) {
        return format!("{x}");
    }
    if significand == 1 {
        return format!("2^{leading}");
    }
    if last > 9 && significand.count_ones() == significand.ilog2() + 1 {
        return format!("(2 - 2^-{last})·2^{leading}");
    }
    match Datum::finite(false, significand, -last).to_f64() {
        Some(fraction) => format!("{fraction}·2^{leading}"),
        None => format!("{significand}·2^{exponent}"),
    }
}

/// An integer or fraction text with `2^-16` turned into `2⁻¹⁶` and minus signs typeset.
pub(crate) fn typeset(text: &str) -> String {
    let mut raised = false;
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32(0x2070 + u32::from(c) - u32::from('0')).unwrap_or(c),
        other => other,
    };
    let mut typeset = String::new();
    for c in text.chars() {
        raised = c == '^' || raised && (c == '-' || c.is_ascii_digit());
        match c {
            '^' => {}
            c if raised => typeset.push(superscript(c)),
            '-' => typeset.push('−'),
            c => typeset.push(c),
        }
    }
    typeset
}
