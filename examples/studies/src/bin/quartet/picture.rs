//! Two panels: the error over the clip; how averaging helps an estimate without bias, and one with.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::figures::{ESTIMATES, Figures, MODES};
use lowprec_studies::drawing::{Area, BLUE, Drawn, GRID, Label, ORANGE, PALE, Picture, TEXT};

const WIDTH: i32 = 2000;
const HEIGHT: i32 = 960;
const MARGIN: i32 = 40;
const TOP: i32 = 250;
const BOTTOM: i32 = HEIGHT - 130;
/// Panels from and to.
const PANELS: [(i32, i32); 2] = [(140, 940), (1140, 1940)];
const COLORS: [RGBColor; 2] = [BLUE, ORANGE];

/// Draws `quartet.svg` and `.png`; returns the files written.
pub(crate) fn draw(directory: &Path, figures: &Figures) -> Result<Vec<String>, String> {
    Panels(figures).save(directory, "quartet")
}

/// A panel's frame: where numbers lie on it.
struct Frame {
    pixels: (i32, i32),
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (i32, i32) {
        let share = |value: f64, (from, to): (f64, f64)| (value - from) / (to - from);
        let (left, right) = self.pixels;
        let column = f64::from(left) + share(x, self.x) * f64::from(right - left);
        let row = f64::from(BOTTOM) - share(y, self.y) * f64::from(BOTTOM - TOP);
        (column.round() as i32, row.round() as i32)
    }

    /// Lines with their numbers: to the left of the panel, and below it.
    fn grid<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        below: &[(f64, String)],
        beside: &[(f64, String)],
    ) -> Drawn<DB> {
        for (y, text) in beside {
            let ends = vec![self.at(self.x.0, *y), self.at(self.x.1, *y)];
            let (x, y) = ends[0];
            area.draw(&PathElement::new(ends, GRID.stroke_width(2)))?;
            Label::new(26, PALE, HPos::Right).write(area, text, (x - 14, y))?;
        }
        for (x, text) in below {
            let (x, y) = self.at(*x, self.y.0);
            area.draw(&PathElement::new(vec![(x, TOP), (x, y + 8)], GRID.stroke_width(2)))?;
            Label::new(26, PALE, HPos::Center).write(area, text, (x, y + 32))?;
        }
        Ok(())
    }

    fn curve<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        points: impl Iterator<Item = (f64, f64)>,
        color: RGBColor,
    ) -> Drawn<DB> {
        let points: Vec<(i32, i32)> = points.map(|(x, y)| self.at(x, y)).collect();
        area.draw(&PathElement::new(points, color.stroke_width(5)))
    }
}

struct Panels<'a>(&'a Figures);

impl Picture for Panels<'_> {
    fn size(&self) -> (i32, i32) {
        (WIDTH, HEIGHT)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        let title = "Two ways to four bits: clipped forward, without bias backward";
        Label::new(50, TEXT, HPos::Left).bold().write(area, title, (MARGIN, 55))?;
        let subtitle = "Quartet's quantizations to MXFP4 (arXiv 2505.14669).";
        Label::new(28, PALE, HPos::Left).write(area, subtitle, (MARGIN, 108))?;
        self.clips(area)?;
        self.averages(area)?;
        area.present()
    }
}

impl Panels<'_> {
    fn head<DB: DrawingBackend>(
        area: &Area<DB>,
        panel: usize,
        [title, note]: [&str; 2],
    ) -> Drawn<DB> {
        let left = PANELS[panel].0;
        Label::new(32, TEXT, HPos::Left).bold().write(area, title, (left, 172))?;
        Label::new(26, PALE, HPos::Left).write(area, note, (left, 212))
    }

    fn below<DB: DrawingBackend>(area: &Area<DB>, panel: usize, text: &str) -> Drawn<DB> {
        let (left, right) = PANELS[panel];
        let at = ((left + right) / 2, BOTTOM + 84);
        Label::new(28, TEXT, HPos::Center).write(area, text, at)
    }

    fn clips<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        Self::head(area, 0, ["Forward: where to clip", "Mean squared error of e2m1 on N(0, 1)"])?;
        let frame = Frame { pixels: PANELS[0], x: (2.0, 6.0), y: (0.0, 0.025) };
        let below: Vec<_> = (2..=6).map(|x| (f64::from(x), x.to_string())).collect();
        let beside: Vec<_> =
            (0..=5).map(|i| f64::from(i) / 200.0).map(|y| (y, format!("{y:.3}"))).collect();
        frame.grid(area, &below, &beside)?;
        let curve = self.0.clips.iter().map(|clip| (clip.clip, clip.error));
        frame.curve(area, curve, BLUE)?;
        let best = self.0.best;
        let (x, y) = frame.at(best.clip, best.error);
        area.draw(&Circle::new((x, y), 11, ORANGE.filled()))?;
        let text = format!("{:.7} at {:.5}", best.error, best.clip);
        Label::new(28, TEXT, HPos::Left).write(area, &text, (x - 60, y + 46))?;
        Self::below(area, 0, "clip, in standard deviations")
    }

    fn averages<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let note = "Distance of the mean of n estimates from the product, relative to it";
        Self::head(area, 1, ["Backward: stochastic against nearest", note])?;
        let marks = ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5"];
        let marks = marks.map(|text| (text.parse::<f64>().unwrap().log2(), text.to_owned()));
        let end = (ESTIMATES as f64).log2();
        let frame = Frame { pixels: PANELS[1], x: (0.0, end), y: (marks[0].0, marks[5].0) };
        let powers = (0..=ESTIMATES.ilog2()).step_by(2);
        let below: Vec<_> = powers.map(|e| (f64::from(e), (1 << e).to_string())).collect();
        frame.grid(area, &below, &marks)?;
        let legend = MODES.into_iter().zip(COLORS).zip((TOP + 26..).step_by(34));
        for (estimates, ((mode, color), y)) in self.0.estimates.iter().zip(legend) {
            let points = estimates.distances.iter().enumerate();
            let points = points.map(|(i, d)| (((i + 1) as f64).log2(), d.log2()));
            frame.curve(area, points, color)?;
            let text = format!("{mode}, alignment {:.4}", estimates.alignment().0);
            let at = (PANELS[1].1 - 24, y);
            Label::new(28, color, HPos::Right).bold().write(area, &text, at)?;
        }
        Self::below(area, 1, "estimates averaged")
    }
}
