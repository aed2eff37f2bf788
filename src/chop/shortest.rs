//! The shortest decimal that tells a value of a format apart from its neighbours.

use super::chop::Chop;
use crate::definition::real::Real;
use crate::definition::{Rule, reference, text};
use crate::format::Format;
use crate::rounding::Rounding;

/// Digits that tell any number of binary64 apart.
const ENOUGH: usize = 17;

impl Format {
    /// The shortest decimal that rounds to `x` in this format, to nearest even: bfloat16's 0.10009765625 is `0.1`, for
    /// no other value of bfloat16 is nearer to 0.1. Of several of that length it is the one nearest to `x`. From 1e-5
    /// to below 1e16 it is printed without an exponent. A number that is no value of the format is printed in the
    /// digits that tell it apart within binary64.
    ///
    /// The digits need not be the first ones of `x`: 448, in E4M3, is told from 416 and from what overflows by `450`.
    /// [`Chop::parse`] reads it back. (Steele and White, *How to print floating-point numbers accurately*, PLDI 1990.)
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let x = Chop::new(Format::BFLOAT16, Rounding::NearestEven).parse::<f64>("0.1")?;
    /// assert_eq!(x, 0.10009765625);
    /// assert_eq!(Format::BFLOAT16.shortest(x), "0.1");
    /// assert_eq!(Format::BINARY64.shortest(x), "0.10009765625");
    /// assert_eq!(Format::BINARY16.shortest(2f64.powi(-24)), "6e-8");
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    #[must_use]
    pub fn shortest(&self, x: f64) -> String {
        if !x.is_finite() {
            return if x.is_nan() { "NaN".to_owned() } else { x.to_string() };
        }
        if x == 0.0 {
            return if x.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
        }
        let format = if self.contains(x) { *self } else { Format::BINARY64 };
        let chop = Chop::new(format, Rounding::NearestEven);
        let magnitude = x.abs();
        // An unsigned format has no negative values, and a signed one as many as positive.
        let (digits, exponent) = (1..=ENOUGH)
            .find_map(|count| told_apart(&chop, magnitude, count))
            .unwrap_or_else(|| nearest(magnitude, ENOUGH));
        let sign = if x < 0.0 { "-" } else { "" };
        sign.to_owned() + &printed(&digits, exponent, magnitude)
    }
}

/// So many decimal digits nearest to x, and the exponent of the first.
fn nearest(x: f64, count: usize) -> (String, i32) {
    let text = format!("{x:.*e}", count - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// So many digits that round to x, those nearest to it, if there are any: on the other side of x too, for a value's
/// neighbours need not be equally far.
fn told_apart(chop: &Chop, x: f64, count: usize) -> Option<(String, i32)> {
    let near = nearest(x, count);
    if rounds_to(chop, &near, x) {
        return Some(near);
    }
    // The other one is a step away, up if these digits are below x.
    let (digits, exponent) = near;
    let n: i64 = digits.parse().ok()?;
    let below = is_below(&digits, exponent, x);
    let other = if below { n + 1 } else { n - 1 };
    let text = other.to_string();
    let far = if text.len() > count {
        (text[..count].to_owned(), exponent + 1)
    } else if text.len() < count {
        ("9".repeat(count), exponent - 1)
    } else {
        (text, exponent)
    };
    (other > 0 && rounds_to(chop, &far, x)).then_some(far)
}

fn scientific(digits: &str, exponent: i32) -> String {
    format!("{}.{}e{exponent}", &digits[..1], &digits[1..])
}

/// Whether digits are below x, exactly.
fn is_below(digits: &str, exponent: i32, x: f64) -> bool {
    let text = scientific(digits, exponent);
    let down = Rule::new(Format::BINARY64, Rounding::Down);
    let lower: f64 = read(&text, &down);
    // Rounded down they are below x unless they are at least x.
    lower < x
}

fn rounds_to(chop: &Chop, (digits, exponent): &(String, i32), x: f64) -> bool {
    read::<f64>(&scientific(digits, *exponent), &chop.rule()) == x
}

fn read<T: crate::storage::Storage>(given: &str, rule: &Rule) -> T {
    match text::exact(given) {
        Some(exact @ Real::Number { .. }) => reference::round_drawing(exact, rule, |_| None),
        _ => T::zero(),
    }
}

/// Digits with a point in its place, or with an exponent where the number is very large or small.
fn printed(digits: &str, exponent: i32, x: f64) -> String {
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    if !(1e-5..1e16).contains(&x) {
        let rest = if digits.len() > 1 { format!(".{}", &digits[1..]) } else { String::new() };
        return format!("{}{rest}e{exponent}", &digits[..1]);
    }
    let whole = exponent + 1;
    match usize::try_from(whole) {
        Err(_) | Ok(0) => format!("0.{}{digits}", "0".repeat(whole.unsigned_abs() as usize)),
        Ok(whole) if whole >= digits.len() => {
            format!("{digits}{}", "0".repeat(whole - digits.len()))
        }
        Ok(whole) => format!("{}.{}", &digits[..whole], &digits[whole..]),
    }
}
