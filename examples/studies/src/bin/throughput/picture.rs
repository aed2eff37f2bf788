//! The times in cache as bars: one panel a format, one row a mode, a bar a storage type.

use std::path::Path;

use lowprec::{Format, Rounding};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::args::Args;
use crate::figures::{Figures, Place, Shape, copy, row};
use crate::support::modes;
use crate::tables::grouped;
use lowprec_studies::drawing::{Area, BLUE, Drawn, GRID, Label, ORANGE, PALE, Picture, TEXT};

const COLORS: [(&str, RGBColor); 2] = [("f64", BLUE), ("f32", ORANGE)];

const WIDTH: i32 = 2000;
const MARGIN: i32 = 40;
const HEADER: i32 = 190;
/// Room for the names of the modes.
const NAMES: i32 = 230;
/// Panels beside each other.
const COLUMNS: usize = 3;
const GAP: i32 = 30;
const PANEL_TITLE: i32 = 50;
const ROW: i32 = 46;
const BAR: i32 = 16;
const AXIS: i32 = 70;
/// Room behind the longest bar for an arrow and its number.
const NUMBER: i32 = 84;

/// Draws `throughput.svg` and `.png`; returns the files written.
pub(crate) fn draw(
    directory: &Path,
    args: &Args,
    figures: &Figures,
) -> Result<Vec<String>, String> {
    Bars::new(args, figures).save(directory, "throughput")
}

struct Bars<'a> {
    args: &'a Args,
    figures: &'a Figures,
    formats: Vec<Format>,
    storages: Vec<(&'static str, RGBColor)>,
    modes: Vec<Rounding>,
    /// The end of the axes, in nanoseconds, beyond which a bar is cut off, and the distance of their marks.
    end: f64,
    step: f64,
}

impl<'a> Bars<'a> {
    fn new(args: &'a Args, figures: &'a Figures) -> Self {
        let mut picture = Self {
            args,
            figures,
            formats: args.formats(),
            storages: COLORS.into_iter().filter(|(name, _)| args.measures(name)).collect(),
            modes: modes(),
            end: 0.0,
            step: 0.0,
        };
        let times = picture.formats.iter().flat_map(|format| {
            let modes = picture.modes.iter().map(move |mode| (format, *mode));
            modes.flat_map(|(f, m)| picture.storages.iter().map(move |s| (s.0, f, m)))
        });
        let mut times: Vec<f64> = times.filter_map(|(s, f, m)| picture.time(s, f, m)).collect();
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(1.0);
        // A few rows many times as long as the rest would squeeze it.
        let longest = times.last().copied().unwrap_or(1.0).min(3.0 * median);
        let step = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
            .into_iter()
            .find(|step| longest / step <= 6.0);
        picture.step = step.unwrap_or(longest / 6.0);
        picture.end = longest;
        picture
    }

    fn time(&self, storage: &str, format: &Format, mode: Rounding) -> Option<f64> {
        let level = self.args.level();
        self.figures.get(&row(storage, Place::InCache, Shape::Into, level, format, mode))
    }

    fn rows(&self) -> i32 {
        self.formats.len().div_ceil(COLUMNS) as i32
    }

    fn panel_height(&self) -> i32 {
        PANEL_TITLE + self.modes.len() as i32 * ROW + AXIS
    }

    fn panel_width(&self) -> i32 {
        let columns = self.formats.len().min(COLUMNS) as i32;
        (WIDTH - 2 * MARGIN - NAMES - (columns - 1) * GAP) / columns
    }

    fn legend<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let (mut x, y) = (MARGIN, 155);
        for (storage, color) in &self.storages {
            area.draw(&Rectangle::new([(x, y - 13), (x + 26, y + 13)], color.filled()))?;
            Label::new(28, TEXT, HPos::Left).write(area, storage, (x + 40, y))?;
            x += 105;
            let copied = self.figures.get(&copy(storage, Place::InCache)).unwrap_or(0.0);
            stroke(area, x + 12, (y - 16, y + 16))?;
            let text = format!("its copy, {copied:.2}");
            Label::new(28, TEXT, HPos::Left).write(area, &text, (x + 28, y))?;
            x += 270;
        }
        Ok(())
    }

    fn names<DB: DrawingBackend>(&self, area: &Area<DB>, top: i32) -> Drawn<DB> {
        for (mode, y) in self.modes.iter().zip(self.row_centers(top)) {
            let at = (MARGIN + NAMES - 16, y);
            Label::new(25, TEXT, HPos::Right).write(area, &mode.to_string(), at)?;
        }
        Ok(())
    }

    fn row_centers(&self, top: i32) -> impl Iterator<Item = i32> {
        (top + PANEL_TITLE + ROW / 2..).step_by(ROW as usize)
    }

    fn panel<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        format: &Format,
        (left, top): (i32, i32),
    ) -> Drawn<DB> {
        Label::new(32, TEXT, HPos::Left).bold().write(
            area,
            &format.to_string(),
            (left, top + 26),
        )?;
        let first = top + PANEL_TITLE;
        let bottom = first + self.modes.len() as i32 * ROW;
        let scale = f64::from(self.panel_width() - NUMBER) / self.end.max(f64::MIN_POSITIVE);
        let x_of = |ns: f64| left + (ns * scale).round() as i32;
        for mark in 0..=(self.end / self.step) as i32 {
            let ns = f64::from(mark) * self.step;
            let line = [(x_of(ns), first), (x_of(ns), bottom + 8)];
            area.draw(&PathElement::new(line, GRID.stroke_width(2)))?;
            let text = format!("{}", (ns * 100.0).round() / 100.0);
            Label::new(24, PALE, HPos::Center).write(area, &text, (x_of(ns), bottom + 30))?;
        }
        for (mode, y) in self.modes.iter().zip(self.row_centers(top)) {
            let bars = self.storages.len() as i32;
            for ((storage, color), bar) in self.storages.iter().zip(0..) {
                let Some(ns) = self.time(storage, format, *mode) else { continue };
                let copied = self.figures.get(&copy(storage, Place::InCache)).unwrap_or(0.0);
                let y = y - bars * (BAR + 2) / 2 + bar * (BAR + 2);
                let mut end = x_of(ns.min(self.end));
                area.draw(&Rectangle::new([(left, y), (end, y + BAR)], color.filled()))?;
                if ns > self.end {
                    let tip = end + BAR;
                    let corners = [(end, y - 2), (tip, y + BAR / 2), (end, y + BAR + 2)];
                    area.draw(&Polygon::new(corners, color.filled()))?;
                    end = tip;
                }
                stroke(area, x_of(copied.min(self.end)), (y, y + BAR))?;
                let at = (end.max(x_of(copied)) + 8, y + BAR / 2);
                Label::new(20, TEXT, HPos::Left).write(area, &format!("{ns:.2}"), at)?;
            }
        }
        Ok(())
    }
}

impl Picture for Bars<'_> {
    fn size(&self) -> (i32, i32) {
        (WIDTH, HEADER + self.rows() * self.panel_height() + MARGIN / 2)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        Label::new(50, TEXT, HPos::Left).bold().write(area, "What rounding costs", (MARGIN, 55))?;
        let subtitle = format!(
            "Nanoseconds an element, {} values in cache, one thread, level {}. \
             A stroke is the copy of the same bytes.",
            grouped(self.args.elements),
            self.args.level(),
        );
        Label::new(28, PALE, HPos::Left).write(area, &subtitle, (MARGIN, 108))?;
        self.legend(area)?;
        for (index, format) in self.formats.iter().enumerate() {
            let (column, row) = ((index % COLUMNS) as i32, (index / COLUMNS) as i32);
            let left = MARGIN + NAMES + column * (self.panel_width() + GAP);
            let top = HEADER + row * self.panel_height();
            if column == 0 {
                self.names(area, top)?;
            }
            self.panel(area, format, (left, top))?;
        }
        area.present()
    }
}

/// The stroke that stands for a copy, seen on bars and beside them.
fn stroke<DB: DrawingBackend>(area: &Area<DB>, x: i32, (top, bottom): (i32, i32)) -> Drawn<DB> {
    area.draw(&Rectangle::new([(x - 3, top), (x + 3, bottom)], WHITE.filled()))?;
    area.draw(&Rectangle::new([(x - 1, top), (x + 1, bottom)], TEXT.filled()))
}
