//! The report.

use comfy_table::{CellAlignment, Table, presets};

use crate::experiment::{LENGTH, ROWS, Way};
use crate::figures::{ESTIMATES, Figures, MODES};

/// How many estimates are averaged in the columns.
const AVERAGED: [usize; 3] = [1, 16, ESTIMATES];

pub(crate) fn report(figures: &Figures) -> String {
    format!(
        "Where to clip: e2m1 to nearest on N(0, 1), mean squared error by exact\nintegration\n{}\n\n\
         Mean squared error relative to the mean square: 1,048,576 values of N(0, 1); the\n\
         same with deviations from 1 to 2, block by block; N(0, 1) with one value of\n\
         every 32 thirty times as large\n{}\n\
         The clip is that of a scale that is not rounded. Rounded down to a power of two\n\
         it clips at up to half of that, and loses more on N(0, 1) than plain MXFP4 does;\n\
         what it gains comes with outliers.\n\n\
         Estimates of a gradient: {ROWS} x {ROWS} sums of {LENGTH} products, {ESTIMATES} estimates a\n\
         mode; how they align with it, and how far the mean of so many is from it,\n\
         relative to it\n{}\n",
        clips(figures),
        errors(figures),
        alignments(figures),
    )
}

/// A table with its columns after the first to the right.
fn table(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_header(header).add_rows(rows);
    table
        .column_iter_mut()
        .skip(1)
        .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}

fn clips(figures: &Figures) -> Table {
    let shown = figures.clips.iter().step_by(20).map(|clip| (clip, ""));
    let mut rows: Vec<_> = shown.chain([(&figures.best, "  least")]).collect();
    rows.sort_by(|a, b| a.0.clip.total_cmp(&b.0.clip));
    let rows = rows
        .into_iter()
        .map(|(clip, note)| vec![format!("{:.5}{note}", clip.clip), format!("{:.7}", clip.error)]);
    table(vec!["clip, in deviations".into(), "error".into()], rows)
}

fn errors(figures: &Figures) -> Table {
    let rows = Way::ALL.into_iter().zip(&figures.errors).map(|(way, errors)| {
        let numbers = errors.iter().map(|error| format!("{error:.4}"));
        [way.name().to_owned()].into_iter().chain(numbers).collect()
    });
    table(["", "N(0, 1)", "deviations spread", "with outliers"].map(String::from).to_vec(), rows)
}

fn alignments(figures: &Figures) -> Table {
    let rows = MODES.iter().zip(&figures.estimates).map(|(mode, estimates)| {
        let (mean, error) = estimates.alignment();
        let alignment = format!("{mean:.4} ± {error:.4}");
        let distances = AVERAGED.map(|count| format!("{:.4}", estimates.distances[count - 1]));
        [(*mode).to_owned(), alignment].into_iter().chain(distances).collect()
    });
    let averaged = AVERAGED.map(|count| format!("mean of {count}"));
    let header = ["elements", "alignment"].map(String::from).into_iter().chain(averaged).collect();
    table(header, rows)
}
