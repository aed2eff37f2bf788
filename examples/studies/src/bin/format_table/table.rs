//! The text tables: every value of small formats, the facts of any, the catalogue.

use std::num::FpCategory;

use comfy_table::{CellAlignment, Table, presets};
use lowprec::{Format, format::Datum};

use crate::number::{exact, exact_f64, power};

/// Widest format whose values are listed one by one.
const SMALL: u32 = 8;

/// Whether a format's values are listed one by one.
pub(crate) fn is_small(format: &Format) -> bool {
    format.total_bits().is_some_and(|bits| bits <= SMALL)
}

fn table(header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(header);
    table
}

/// Every code of every format, one a row, the formats side by side.
pub(crate) fn values(formats: &[Format]) -> String {
    let mut header = vec!["code".to_owned()];
    for format in formats {
        let fields = format!("{format}\n{}", fields(format));
        header.extend([fields, "\nvalue".to_owned(), "\nkind".to_owned()]);
    }
    let mut table = table(header);
    let widest = formats.iter().filter_map(Format::total_bits).max().unwrap_or(0);
    let digits = widest.div_ceil(4) as usize;
    for code in 0..1_u64 << widest {
        let cells = formats.iter().flat_map(|format| row(format, code));
        table.add_row(std::iter::once(format!("0x{code:0digits$x}")).chain(cells));
    }
    for column in (2..).step_by(3).take(formats.len()) {
        table.column_mut(column).expect("made above").set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// Bits, value and kind of a code; blanks where the format is narrower.
fn row(format: &Format, code: u64) -> [String; 3] {
    if format.total_bits().is_some_and(|bits| code >> bits != 0) {
        return [const { String::new() }; 3];
    }
    let Some(value) = format.decode_exact(code) else {
        return [bits(format, code), "-".to_owned(), "unused".to_owned()];
    };
    let again = format.encode_exact(value);
    let is_nan = matches!(value, Datum::Nan { .. });
    assert!(is_nan || again == Ok(code), "{format}: {code:#x} is {value:?}, encoded as {again:?}");
    [bits(format, code), exact(value), kind(format, value).to_owned()]
}

/// `s|eeee|mmm`, with the number of letters that the format has bits.
fn fields(format: &Format) -> String {
    let repeat = |letter: &str, count: u32| letter.repeat(count as usize);
    let fields = [
        repeat("s", u32::from(format.has_sign())),
        repeat("e", format.exponent_bits().unwrap_or(0)),
        repeat("m", format.mantissa_bits()),
    ];
    fields.iter().filter(|field| !field.is_empty()).cloned().collect::<Vec<_>>().join("|")
}

/// The code in binary, with the separators of [`fields`].
fn bits(format: &Format, code: u64) -> String {
    let mut position = format.total_bits().unwrap_or(0);
    let mut digit = |letter: char| match letter {
        '|' => '|',
        _ => {
            position -= 1;
            if code >> position & 1 == 1 { '1' } else { '0' }
        }
    };
    fields(format).chars().map(&mut digit).collect()
}

fn kind(format: &Format, value: Datum) -> &'static str {
    match value.to_f64().map(|x| format.classify(x)) {
        Some(FpCategory::Zero) => "zero",
        Some(FpCategory::Subnormal) => "subnormal",
        Some(FpCategory::Infinite) => "infinity",
        Some(FpCategory::Nan) => "NaN",
        Some(FpCategory::Normal) | None => "normal",
    }
}

/// The derived facts, one a row, one column a format.
pub(crate) fn facts(formats: &[Format]) -> String {
    let names = formats.iter().map(ToString::to_string);
    let mut table = table(std::iter::once(String::new()).chain(names).collect());
    for (name, fact) in FACTS {
        let cells = formats.iter().map(fact);
        table.add_row(std::iter::once((*name).to_owned()).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// A line of the facts table.
type Fact = (&'static str, fn(&Format) -> String);

const FACTS: &[Fact] = &[
    ("total bits", |f| count(f.total_bits())),
    ("exponent bits", |f| count(f.exponent_bits())),
    ("mantissa bits m", |f| f.mantissa_bits().to_string()),
    ("precision p = m + 1", |f| f.precision().to_string()),
    ("bias", |f| f.bias().map_or_else(|| "-".to_owned(), |bias| bias.to_string())),
    ("emin", |f| bounded(f, f.emin())),
    ("emax", |f| bounded(f, f.emax())),
    ("largest finite", |f| limit(f, largest(f), exact)),
    ("smallest normal", |f| limit(f, smallest_normal(f), power)),
    ("smallest subnormal", smallest_subnormal),
    ("machine epsilon 2^(1-p)", |f| power(Datum::from_f64(f.epsilon()))),
    ("unit roundoff u = 2^-p", |f| power(Datum::from_f64(f.unit_roundoff()))),
    ("infinity", |f| yes(f.has_infinity())),
    ("NaN", |f| yes(f.has_nan())),
    ("minus zero", |f| yes(f.has_negative_zero())),
    ("sign", |f| yes(f.has_sign())),
    ("subnormals", |f| yes(f.has_subnormals())),
    ("source", source),
];

fn count(bits: Option<u32>) -> String {
    bits.map_or_else(|| "unbounded".to_owned(), |bits| bits.to_string())
}

fn yes(fact: bool) -> String {
    if fact { "yes" } else { "no" }.to_owned()
}

fn bounded(format: &Format, exponent: i32) -> String {
    if format.is_unbounded() { "unbounded".to_owned() } else { exponent.to_string() }
}

/// An end of the range exactly, in the notation given, and in decimal where that is another.
fn limit(format: &Format, end: Option<Datum>, notation: fn(Datum) -> String) -> String {
    let (false, Some(end)) = (format.is_unbounded(), end) else { return "unbounded".to_owned() };
    let text = notation(end);
    match (text.contains('^'), end.to_f64()) {
        (false, _) => text,
        (true, Some(_)) if text != exact(end) => format!("{text} = {}", exact(end)),
        (true, Some(x)) => format!("{text}\n≈ {x:.5e}"),
        (true, None) => format!("{text}\nbeyond binary64"),
    }
}

/// The largest finite number, exact even where binary64 cannot hold it: the first significand at
/// emax, from the top, whose code is not taken by infinity or NaN.
pub(crate) fn largest(format: &Format) -> Option<Datum> {
    let m = format.mantissa_bits();
    let significands = (1 << m..2_u64 << m).rev().take(1 << 16);
    significands
        .map(|s| Datum::finite(false, s, format.emax() - m.cast_signed()))
        .find(|value| format.encode_exact(*value).is_ok())
}

fn smallest_normal(format: &Format) -> Option<Datum> {
    let power = Datum::finite(false, 1, format.emin());
    let is_value = format.encode_exact(power).is_ok();
    Some(if is_value { power } else { Datum::from_f64(format.smallest_normal()) })
}

/// The smallest positive number, exact as [`largest`].
pub(crate) fn smallest(format: &Format) -> Option<Datum> {
    let last = format.emin() - format.mantissa_bits().cast_signed();
    let subnormal = Some(Datum::finite(false, 1, last)).filter(|_| format.has_subnormals());
    subnormal.or_else(|| smallest_normal(format))
}

fn smallest_subnormal(format: &Format) -> String {
    if !format.has_subnormals() {
        return "none".to_owned();
    }
    limit(format, smallest(format), power)
}

fn source(format: &Format) -> String {
    let named = Format::CATALOGUE.iter().find(|row| row.format == *format);
    let p3109 = || Format::p3109_family().any(|member| member == *format);
    match named {
        Some(row) => wrapped(row.source),
        None if p3109() => wrapped("IEEE P3109 Interim Report v4.0 (draft)"),
        None => "custom".to_owned(),
    }
}

/// The words in lines of about twenty characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if lines[lines.len() - 1].len() + word.len() > 20 {
            lines.push(String::new());
        }
        let line = lines.last_mut().expect("never empty");
        *line = format!("{line} {word}").trim().to_owned();
    }
    lines.join("\n").trim().to_owned()
}

/// The catalogue, one row a format.
pub(crate) fn catalogue() -> String {
    let header =
        "format|bits|s/e/m|largest finite|smallest\nnormal|smallest\nsubnormal|u|special values";
    let mut table = table(header.split('|').map(str::to_owned).collect());
    for row in Format::CATALOGUE {
        let f = &row.format;
        table.add_row([
            row.name.to_owned(),
            count(f.total_bits()),
            sign_exponent_mantissa(f),
            exact_f64(f.largest_finite()),
            power(Datum::from_f64(f.smallest_normal())),
            f.smallest_subnormal().map_or_else(|| "none".to_owned(), |x| power(Datum::from_f64(x))),
            power(Datum::from_f64(f.unit_roundoff())),
            specials(f),
        ]);
    }
    for column in table.column_iter_mut().skip(1).take(6) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// `1/4/3`: bits of sign, exponent and mantissa.
pub(crate) fn sign_exponent_mantissa(format: &Format) -> String {
    let exponent = format.exponent_bits().map_or_else(|| "∞".to_owned(), |bits| bits.to_string());
    format!("{}/{exponent}/{}", u32::from(format.has_sign()), format.mantissa_bits())
}

fn specials(format: &Format) -> String {
    let all = [
        (format.has_infinity(), "Inf"),
        (format.has_nan(), "NaN"),
        (format.has_negative_zero(), "-0"),
        (!format.has_zero(), "(no zero)"),
    ];
    all.iter().filter(|row| row.0).map(|row| row.1).collect::<Vec<_>>().join(" ")
}
