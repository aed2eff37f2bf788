//! The pictures as files: which formats, how the rows and axes are arranged, SVG and PNG alike.

use std::path::Path;

use lowprec::Format;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::axis::Axis;
use crate::strip::{self, NORMAL, ROW, SUBNORMAL, ZERO};
use lowprec_studies::drawing::{Area, Drawn, GRID, Label, PALE, Picture, TEXT};

const WIDTH: i32 = 2000;
const MARGIN: i32 = 40;
/// Room for the names, and beside the axis for the numbers at a row's ends.
const NAMES: i32 = 250;
const ENDS: i32 = 125;
const HEADER: i32 = 190;
const PANEL_TITLE: i32 = 60;
const AXIS: i32 = 130;

/// Drawn when no formats are named: small ones value by value, two wide ones as bars.
const SELECTION: [&str; 9] = [
    "e2m1fn",
    "e2m3fn",
    "e3m2fn",
    "e4m3fn",
    "e5m2",
    "binary8p3se",
    "e8m0fnu",
    "binary16",
    "bfloat16",
];

/// The formats of 8 bits, by mantissa bits.
const EIGHT_BIT: [&str; 13] = [
    "e8m0fnu",
    "e5m2",
    "e5m2fnuz",
    "cfloat8_1_5_2",
    "binary8p3se",
    "e4m3fn",
    "e4m3_ieee",
    "e4m3fnuz",
    "e4m3b11fnuz",
    "cfloat8_1_4_3",
    "binary8p4se",
    "e3m4",
    "binary8p5se",
];

/// What a picture shows.
struct Values {
    title: &'static str,
    subtitle: &'static str,
    formats: Vec<Format>,
    /// A linear axis too.
    linear: bool,
}

/// Draws `values` (of the formats given, or of a selection) and, if none are given, `eight_bit`.
/// Returns the files written.
pub(crate) fn draw_all(directory: &Path, formats: &[Format]) -> Result<Vec<String>, String> {
    if let Some(format) = formats.iter().find(|f| !is_drawable(f)) {
        return Err(format!("{format}: no value within the range of binary64, nothing to draw"));
    }
    let values = Values {
        title: "Where the values of low-precision formats lie",
        subtitle: "Zero and the positive values, the smallest and the largest as numbers; formats of \
                   more than 8 bits as bars. Under a name: bits of sign/exponent/mantissa.",
        formats: if formats.is_empty() { parse(&SELECTION)? } else { formats.to_vec() },
        linear: true,
    };
    let mut files = values.save(directory, "values")?;
    if formats.is_empty() {
        let eight_bit = Values {
            title: "Thirteen ways to spend eight bits",
            subtitle: "The positive values of each format, the smallest and the largest as numbers. \
                       Under a name: bits of sign/exponent/mantissa.",
            formats: parse(&EIGHT_BIT)?,
            linear: false,
        };
        files.extend(eight_bit.save(directory, "eight_bit")?);
    }
    Ok(files)
}

/// Whether binary64, in which pictures are measured, holds any of the format's nonzero numbers.
fn is_drawable(format: &Format) -> bool {
    format.largest_finite() > 0.0
}

fn parse(names: &[&str]) -> Result<Vec<Format>, String> {
    names.iter().map(|name| name.parse().map_err(|e| format!("{e}"))).collect()
}

impl Picture for Values {
    fn size(&self) -> (i32, i32) {
        (WIDTH, HEADER + self.panel_height() * if self.linear { 2 } else { 1 })
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        Label::new(50, TEXT, HPos::Left).bold().write(area, self.title, (MARGIN, 55))?;
        Label::new(28, PALE, HPos::Left).write(area, self.subtitle, (MARGIN, 108))?;
        self.legend(area, 155)?;
        let pixels = MARGIN + NAMES + ENDS..=WIDTH - MARGIN - ENDS;
        let logarithmic = Axis::logarithmic(&self.formats, pixels.clone());
        self.panel(area, "Logarithmic axis", &logarithmic, HEADER)?;
        if self.linear {
            let linear = Axis::linear(&self.formats, pixels);
            self.panel(area, "Linear axis", &linear, HEADER + self.panel_height())?;
        }
        area.present()
    }
}

impl Values {
    fn panel_height(&self) -> i32 {
        let rows = i32::try_from(self.formats.len()).expect("a list of formats fits the screen");
        PANEL_TITLE + rows * ROW + AXIS
    }

    fn legend<DB: DrawingBackend>(&self, area: &Area<DB>, y: i32) -> Drawn<DB> {
        let zero = self.linear.then_some((ZERO, "zero", 150));
        let rows = [(NORMAL, "normal", 180), (SUBNORMAL, "subnormal", 230)];
        let mut x = MARGIN;
        let label = Label::new(28, TEXT, HPos::Left);
        for (color, word, width) in rows.into_iter().chain(zero) {
            area.draw(&Rectangle::new([(x, y - 13), (x + 26, y + 13)], color.filled()))?;
            label.write(area, word, (x + 40, y))?;
            x += width;
        }
        let triangle = [(x, y - 12), (x + 20, y), (x, y + 12)];
        area.draw(&Polygon::new(triangle, NORMAL.filled()))?;
        label.write(area, "continues to the number beside it", (x + 34, y))
    }

    fn panel<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        title: &str,
        axis: &Axis,
        top: i32,
    ) -> Drawn<DB> {
        Label::new(32, TEXT, HPos::Left).bold().write(
            area,
            title,
            (*axis.pixels.start(), top + 30),
        )?;
        let first = top + PANEL_TITLE;
        let bottom = top + self.panel_height() - AXIS;
        grid(area, axis, first, bottom)?;
        for (format, y) in self.formats.iter().zip((first + ROW / 2..).step_by(ROW as usize)) {
            strip::draw(area, format, axis, MARGIN, y)?;
        }
        Ok(())
    }
}

/// Vertical lines with their numbers below.
fn grid<DB: DrawingBackend>(area: &Area<DB>, axis: &Axis, top: i32, bottom: i32) -> Drawn<DB> {
    let (label, small) = (Label::new(29, TEXT, HPos::Center), Label::new(24, PALE, HPos::Center));
    for (position, text, decimal) in axis.ticks() {
        let x = position.round() as i32;
        area.draw(&PathElement::new([(x, top), (x, bottom + 8)], GRID.stroke_width(2)))?;
        label.write(area, &text, (x, bottom + 30))?;
        small.write(area, &decimal, (x, bottom + 64))?;
    }
    Ok(())
}
