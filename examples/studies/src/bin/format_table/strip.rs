//! One format on an axis: a mark a value, or a bar where the values are too many.

use lowprec::{Format, format::Datum};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::axis::{Axis, Scale};
use crate::number::{exact, power, typeset};
use crate::table::{is_small, largest, sign_exponent_mantissa, smallest};
use lowprec_studies::drawing::{Area, BLUE, Drawn, GRID, Label, ORANGE, PALE, TEXT};

pub(crate) const NORMAL: RGBColor = BLUE;
pub(crate) const SUBNORMAL: RGBColor = ORANGE;
pub(crate) const ZERO: RGBColor = RGBColor(20, 20, 20);

/// Height of a row and of the marks in it.
pub(crate) const ROW: i32 = 68;
const MARK: i32 = 38;
/// Width of the arrow that says "goes on beyond the axis".
const ARROW: i32 = 18;
const GAP: i32 = 12;

/// Writes as the label does, on a white ground that hides the lines below.
fn write_over<DB: DrawingBackend>(
    label: &Label,
    area: &Area<DB>,
    text: &str,
    (x, y): (i32, i32),
) -> Drawn<DB> {
    let font = ("sans-serif", label.size, label.style).into_font();
    let width = font.box_size(text).map_or(0, |(width, _)| width.cast_signed()) + 8;
    let left = if matches!(label.anchor, HPos::Right) { x - width + 4 } else { x - 4 };
    rectangle(area, (left, left + width), y, label.size / 2, WHITE)?;
    label.write(area, text, (x, y))
}

/// The row of one format around the height `y`, with its name in the margin that begins at `margin`.
pub(crate) fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    format: &Format,
    axis: &Axis,
    margin: i32,
    y: i32,
) -> Drawn<DB> {
    let name = Label::new(32, TEXT, HPos::Left).bold();
    name.write(area, &abridged(&format.to_string()), (margin, y - 13))?;
    let fields = Label::new(25, PALE, HPos::Left);
    fields.write(area, &sign_exponent_mantissa(format), (margin, y + 17))?;

    area.draw(&PathElement::new(
        [(*axis.pixels.start(), y), (*axis.pixels.end(), y)],
        GRID.filled(),
    ))?;
    if is_small(format) {
        marks(area, format, axis, y)?
    } else {
        bars(area, format, axis, y)?
    }
    ends(area, format, axis, y)
}

/// A name that fits its margin.
fn abridged(name: &str) -> String {
    const FITS: usize = 16;
    if name.len() <= FITS { name.to_owned() } else { format!("{}…", &name[..FITS - 1]) }
}

/// A mark for every value on the axis.
fn marks<DB: DrawingBackend>(area: &Area<DB>, format: &Format, axis: &Axis, y: i32) -> Drawn<DB> {
    let width = mark_width(axis, format.precision());
    let mark = |x: f64, half: i32, width: i32, color: RGBColor| {
        let position = axis.position(x).round() as i32;
        if !axis.pixels.contains(&position) {
            return Ok(());
        }
        let left = position - width / 2;
        rectangle(area, (left, left + width), y, half, color)
    };
    for x in format.values().map(|(_, x)| x).filter(|x| x.is_finite() && *x > 0.0) {
        let subnormal = x < format.smallest_normal();
        mark(x, MARK / 2, width, if subnormal { SUBNORMAL } else { NORMAL })?;
    }
    // Last and longer, for in the crowd around it one could not see whether it is there.
    if axis.scale == Scale::Linear && format.has_zero() {
        mark(0.0, MARK / 2 + 5, 4, ZERO)?;
    }
    Ok(())
}

/// Half the distance of the closest neighbours on a logarithmic axis, within reason; thin where
/// values crowd around zero anyway.
fn mark_width(axis: &Axis, precision: u32) -> i32 {
    let below_two = 2.0 - 0.5_f64.powi(precision.cast_signed() - 1);
    match axis.scale {
        Scale::Logarithmic => {
            ((axis.position(2.0) - axis.position(below_two)) / 2.0).round().clamp(1.0, 4.0) as i32
        }
        Scale::Linear => 2,
    }
}

/// The range as a bar, the subnormal part in its own colour.
fn bars<DB: DrawingBackend>(area: &Area<DB>, format: &Format, axis: &Axis, y: i32) -> Drawn<DB> {
    let normal = axis.position(format.smallest_normal());
    let first = format.smallest_subnormal().map_or(normal, |x| axis.position(x));
    let last =
        if format.is_unbounded() { f64::INFINITY } else { axis.position(format.largest_finite()) };
    let clip = |x: f64| (x as i32).clamp(*axis.pixels.start(), *axis.pixels.end());
    rectangle(area, (clip(first), clip(normal)), y, MARK / 4, SUBNORMAL)?;
    rectangle(area, (clip(normal), clip(last)), y, MARK / 4, NORMAL)
}

fn rectangle<DB: DrawingBackend>(
    area: &Area<DB>,
    (left, right): (i32, i32),
    y: i32,
    half: i32,
    color: RGBColor,
) -> Drawn<DB> {
    if left == right {
        return Ok(());
    }
    area.draw(&Rectangle::new([(left, y - half), (right, y + half)], color.filled()))
}

/// The smallest and the largest number beside the row's ends; arrows where it goes on.
fn ends<DB: DrawingBackend>(area: &Area<DB>, format: &Format, axis: &Axis, y: i32) -> Drawn<DB> {
    let (left, right) = (*axis.pixels.start(), *axis.pixels.end());
    let text = |end: Option<Datum>| match end {
        Some(x) if !format.is_unbounded() => short(x),
        _ => "no limit".to_owned(),
    };
    if axis.scale == Scale::Logarithmic {
        let mut x = axis.position(format.smallest_positive()) as i32;
        if x < left || format.is_unbounded() {
            arrow(area, (left, y), -ARROW)?;
            x = left - ARROW;
        }
        write_over(
            &Label::new(25, PALE, HPos::Right),
            area,
            &text(smallest(format)),
            (x - GAP, y),
        )?;
    }
    let mut x = axis.position(format.largest_finite()).min(f64::from(right) + 1.0) as i32;
    if x > right || format.is_unbounded() {
        arrow(area, (right, y), ARROW)?;
        x = right + ARROW;
    }
    write_over(&Label::new(25, PALE, HPos::Left), area, &text(largest(format)), (x + GAP, y))
}

/// The number in few characters: in decimal, as a power of two, to two digits, or, where binary64 does
/// not hold it, the power of two below it.
fn short(x: Datum) -> String {
    let (exact, power) = (exact(x), power(x));
    let text = match x.to_f64() {
        _ if exact.len() <= 6 => exact,
        _ if power.len() <= 8 && power.starts_with("2^") => power,
        Some(x) => format!("{x:.1e}").replace('e', "·10^"),
        None => exact.rsplit('·').take(1).map(|power| format!("> {power}")).collect(),
    };
    typeset(&text)
}

/// A triangle from `x` on, pointing the way of its signed length.
fn arrow<DB: DrawingBackend>(area: &Area<DB>, (x, y): (i32, i32), length: i32) -> Drawn<DB> {
    let start = x + length / 4;
    let corners = [(start, y - 11), (start + length, y), (start, y + 11)];
    area.draw(&Polygon::new(corners, NORMAL.filled()))
}
