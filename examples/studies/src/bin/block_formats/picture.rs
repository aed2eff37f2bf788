//! The bar chart: signal to noise of each format, and the bits it takes.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::table::Row;
use lowprec_studies::drawing::{Area, BLUE, Drawn, GRID, Label, PALE, Picture, TEXT};

const WIDTH: i32 = 2000;
const MARGIN: i32 = 40;
const NAMES: i32 = 430;
const ENDS: i32 = 330;
const HEADER: i32 = 190;
const ROW: i32 = 64;
const FOOT: i32 = 110;

/// One bar a format.
pub(crate) struct Bars {
    title: String,
    rows: Vec<(String, f64, f64)>,
}

impl Bars {
    pub(crate) fn new(array: &str, rows: &[Row]) -> Self {
        let bar = |row: &Row| (row.name(), row.report.snr_db(), row.report.bits_per_value());
        // Without noise there is no bar to draw.
        let rows = rows.iter().map(bar).filter(|bar| bar.1.is_finite()).collect();
        Self { title: format!("Signal to noise: {array}"), rows }
    }

    pub(crate) fn save_all(&self, directory: &Path) -> Result<Vec<String>, String> {
        self.save(directory, "block_formats")
    }

    /// The end of the scale: a multiple of ten decibels.
    fn most(&self) -> f64 {
        let most = self.rows.iter().map(|row| row.1).fold(10.0, f64::max);
        (most / 10.0).ceil() * 10.0
    }

    fn across(&self, snr: f64) -> i32 {
        let room = f64::from(WIDTH - NAMES - ENDS - MARGIN);
        NAMES + (snr.max(0.0) / self.most() * room).round() as i32
    }
}

impl Picture for Bars {
    fn size(&self) -> (i32, i32) {
        (WIDTH, HEADER + ROW * self.rows.len() as i32 + FOOT)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        Label::new(48, TEXT, HPos::Left).bold().write(area, &self.title, (MARGIN, 60))?;
        let subtitle = "decibels, longer is better; beside each bar the bits a value takes";
        Label::new(32, PALE, HPos::Left).write(area, subtitle, (MARGIN, 120))?;
        let bottom = HEADER + ROW * self.rows.len() as i32;
        for tick in (0..=self.most() as i32).step_by(10) {
            let x = self.across(f64::from(tick));
            let line = [(x, HEADER - 10), (x, bottom + 10)];
            area.draw(&PathElement::new(line, GRID.stroke_width(2)))?;
            Label::new(28, PALE, HPos::Center).write(area, &tick.to_string(), (x, bottom + 45))?;
        }
        for (i, (name, snr, bits)) in self.rows.iter().enumerate() {
            let middle = HEADER + ROW * i as i32 + ROW / 2;
            Label::new(30, TEXT, HPos::Right).write(area, name, (NAMES - 20, middle))?;
            let bar = [(NAMES, middle - 20), (self.across(*snr), middle + 20)];
            area.draw(&Rectangle::new(bar, BLUE.filled()))?;
            let end = format!("{snr:.1} dB, {bits:.2} bits");
            let place = (self.across(*snr) + 14, middle);
            // No line of the grid through the text.
            let behind = [(place.0 - 8, middle - 20), (place.0 + ENDS - 40, middle + 20)];
            area.draw(&Rectangle::new(behind, WHITE.filled()))?;
            Label::new(28, PALE, HPos::Left).write(area, &end, place)?;
        }
        Ok(())
    }
}
