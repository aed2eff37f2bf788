//! The sums over n: those that stand still, and those rounded up.

use std::path::Path;

use lowprec::{Format, Rounding};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::series::{self, Ending, Run};
use lowprec_studies::drawing::{Area, BLUE, Drawn, GRID, Label, ORANGE, PALE, Picture, TEXT};

const SIZE: (i32, i32) = (2000, 1000);
const GREEN: RGBColor = RGBColor(27, 140, 92);
/// Pixels of both plots: left, right; top, bottom.
const PLOTS: [(f64, f64); 2] = [(130.0, 930.0), (1130.0, 1930.0)];
const TOP: f64 = 210.0;
const BOTTOM: f64 = 900.0;
/// The right end of the axes of n, as a power of ten.
const DECADES: f64 = 5.2;

/// Draws `harmonic.svg` and `.png`; returns the files written.
pub(crate) fn draw(directory: &Path) -> Result<Vec<String>, String> {
    Harmonic.save(directory, "harmonic")
}

struct Harmonic;

/// A plot: n on a logarithmic axis, the sum from 0 to `end`, or its logarithm.
struct Plot {
    left: f64,
    right: f64,
    end: f64,
    value: fn(f64) -> f64,
}

/// A curve: its sums, its name, and where that stands. The colour tells the format, the line the mode.
struct Curve {
    run: Run,
    color: RGBColor,
    line: Line,
    name: String,
    label: (i32, i32),
}

#[derive(Clone, Copy)]
enum Line {
    Solid,
    Dashed,
    Dotted,
}

fn color(format: Format) -> RGBColor {
    match format {
        Format::BINARY16 => BLUE,
        Format::BFLOAT16 => ORANGE,
        _ => GREEN,
    }
}

impl Plot {
    fn point(&self, n: f64, sum: f64) -> (i32, i32) {
        let x = self.left + (self.right - self.left) * n.log10() / DECADES;
        let y = BOTTOM - (BOTTOM - TOP) * (self.value)(sum) / self.end;
        (x.round() as i32, y.round() as i32)
    }

    /// The curve at a few hundred n, the first and the last among them; then a line where it stands.
    fn points(&self, run: &Run) -> Vec<(i32, i32)> {
        let mut points = Vec::new();
        for (i, &sum) in run.sums.iter().enumerate() {
            let point = self.point(i as f64 + 1.0, sum);
            if points.last().is_none_or(|&(x, _)| point.0 > x) || i + 1 == run.sums.len() {
                points.push(point);
            }
        }
        if run.ending == Ending::Still {
            points.push(self.point(10f64.powf(DECADES), run.sum));
        }
        points
    }

    fn curve<DB: DrawingBackend>(&self, area: &Area<DB>, curve: &Curve) -> Drawn<DB> {
        let (points, style) = (self.points(&curve.run), curve.color.stroke_width(4));
        let dashes = |length: u32, gap: u32| {
            plotters::element::DashedPathElement::new(points.iter().copied(), length, gap, style)
        };
        match curve.line {
            Line::Solid => area.draw(&PathElement::new(points, style))?,
            Line::Dashed => area.draw(&dashes(16, 10))?,
            Line::Dotted => area.draw(&dashes(5, 5))?,
        }
        let end = self.point(f64::from(curve.run.n), curve.run.sum);
        match curve.run.ending {
            Ending::Still => area.draw(&Circle::new(end, 9, curve.color.filled()))?,
            Ending::Overflow => area.draw(&Cross::new(end, 12, curve.color.stroke_width(5)))?,
            Ending::Open => {}
        }
        Label::new(27, curve.color, HPos::Left).write(area, &curve.name, curve.label)
    }

    fn axes<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        title: &str,
        marks: &[(f64, &str)],
    ) -> Drawn<DB> {
        Label::new(32, TEXT, HPos::Left).bold().write(
            area,
            title,
            (self.left as i32, TOP as i32 - 45),
        )?;
        for decade in 0..=DECADES as i32 {
            let (x, _) = self.point(10f64.powi(decade), 1.0);
            let line = [(x, TOP as i32), (x, BOTTOM as i32 + 8)];
            area.draw(&PathElement::new(line, GRID.stroke_width(2)))?;
            let text = grouped(10_u32.pow(decade as u32));
            Label::new(27, PALE, HPos::Center).write(area, &text, (x, BOTTOM as i32 + 34))?;
        }
        for &(sum, text) in marks {
            let (_, y) = self.point(1.0, sum);
            let line = [(self.left as i32, y), (self.right as i32, y)];
            area.draw(&PathElement::new(line, GRID.stroke_width(2)))?;
            Label::new(27, PALE, HPos::Right).write(area, text, (self.left as i32 - 14, y))?;
        }
        let middle = ((self.left + self.right) / 2.0) as i32;
        Label::new(27, TEXT, HPos::Center).write(area, "terms n", (middle, BOTTOM as i32 + 78))?;
        Label::new(27, TEXT, HPos::Right).write(
            area,
            "sum",
            (self.left as i32 - 14, TOP as i32 - 45),
        )
    }
}

/// 100,000.
fn grouped(n: u32) -> String {
    if n >= 1000 { format!("{},{:03}", n / 1000, n % 1000) } else { n.to_string() }
}

impl Picture for Harmonic {
    fn size(&self) -> (i32, i32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        Label::new(42, TEXT, HPos::Left).bold().write(
            area,
            "The harmonic series in low precision",
            (40, 56),
        )?;
        Label::new(29, PALE, HPos::Left).write(
            area,
            "s + 1/n for n = 1, 2, 3 …, quotient and sum rounded; a dot where the sum stands still, \
             a cross where it overflows",
            (40, 106),
        )?;
        still(area)?;
        rounded_up(area)
    }
}

fn curve(format: Format, mode: Rounding, line: Line, label: (i32, i32)) -> Curve {
    let run = series::sum(format, mode, 1, 10f64.powf(DECADES) as u32);
    Curve { run, color: color(format), line, name: format!("{format}, {mode}"), label }
}

/// To nearest, toward zero, stochastic, and exact.
fn still<DB: DrawingBackend>(area: &Area<DB>) -> Drawn<DB> {
    let (left, right) = PLOTS[0];
    let plot = Plot { left, right, end: 13.0, value: |sum| sum };
    let marks =
        [(0.0, "0"), (2.0, "2"), (4.0, "4"), (6.0, "6"), (8.0, "8"), (10.0, "10"), (12.0, "12")];
    plot.axes(area, "The terms fall below half a unit in the last place", &marks)?;
    let exact = (1..=104).scan((0.0, 0_u32), |(sum, n), i| {
        let next = (10f64.powf(f64::from(i) / 20.0)) as u32;
        *sum += (*n + 1..=next).map(|n| 1.0 / f64::from(n)).sum::<f64>();
        *n = next;
        Some(plot.point(f64::from(next), *sum))
    });
    area.draw(&PathElement::new(exact.collect::<Vec<_>>(), PALE.stroke_width(3)))?;
    Label::new(27, PALE, HPos::Right).write(area, "exact", plot.point(20_000.0, 11.2))?;
    let at = |n: f64, sum: f64| plot.point(n, sum);
    let (half, brain) = (Format::BINARY16, Format::BFLOAT16);
    for shown in [
        curve(brain, Rounding::Stochastic, Line::Dotted, at(60.0, 9.1)),
        curve(half, Rounding::NearestEven, Line::Solid, at(1900.0, 7.5)),
        curve(half, Rounding::TowardZero, Line::Dashed, at(1900.0, 6.15)),
        curve(brain, Rounding::NearestEven, Line::Solid, at(1900.0, 4.7)),
    ] {
        plot.curve(area, &shown)?;
    }
    Ok(())
}

/// Up: once rounded, and twice.
fn rounded_up<DB: DrawingBackend>(area: &Area<DB>) -> Drawn<DB> {
    let (left, right) = PLOTS[1];
    let plot = Plot { left, right, end: 40.0, value: f64::log10 };
    let marks = [(1.0, "1"), (1e10, "1e10"), (1e20, "1e20"), (1e30, "1e30"), (1e40, "1e40")];
    plot.axes(area, "Rounded up it overflows; rounded twice it stalls", &marks)?;
    let at = |n: f64, sum: f64| plot.point(n, sum);
    let brain = Format::BFLOAT16;
    let twice = Curve {
        run: series::twice_rounded(brain),
        color: color(brain),
        line: Line::Dashed,
        name: "bfloat16, the sum of binary64 rounded up".to_owned(),
        label: at(2.5, 1e14),
    };
    for shown in [
        curve(brain, Rounding::Up, Line::Solid, at(700.0, 1e37)),
        curve(Format::TF32, Rounding::Up, Line::Solid, at(17_000.0, 1e26)),
        curve(Format::BINARY16, Rounding::Up, Line::Solid, at(20_000.0, 1e4)),
        twice,
    ] {
        plot.curve(area, &shown)?;
    }
    Ok(())
}
