//! The report: tables for a terminal, or in Markdown.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use lowprec::Level;

use crate::args::Args;
use crate::claims;
use crate::codes;
use crate::figures::{Figures, Place, Shape, copy, row};
use crate::scalar;
use crate::support::modes;

/// Columns of a terminal that tables are made for.
const WIDTH: u16 = 110;

/// Everything that was measured.
pub(crate) fn report(args: &Args, figures: &Figures) -> String {
    let mut report = String::new();
    if args.everything() {
        section(args, &mut report, "What was to be reached", CLAIMS_NOTE);
        report += &claims::table_of_claims(args, figures);
    }
    for storage in args.storages() {
        for level in args.levels() {
            let count = grouped(args.elements);
            let title = format!("{storage}, {count} values, in cache, {level}");
            section(args, &mut report, &title, IN_CACHE_NOTE);
            let into = [Shape::Into];
            report += &rounding(args, figures, storage, Place::InCache, &into, level);
        }
        if args.large > 0 {
            let title = format!("{storage}, {} values, out of cache", grouped(args.large));
            section(args, &mut report, &title, OUT_OF_CACHE_NOTE);
            let shapes = [Shape::Into, Shape::InPlace];
            report += &rounding(args, figures, storage, Place::OutOfCache, &shapes, args.level());
        }
    }
    if args.everything() {
        let copied = figures.get(&copy("f32", Place::InCache)).unwrap_or(0.0);
        let note = format!("{CODES_NOTE} Copying the `f32` values takes {copied:.3}.");
        section(args, &mut report, "Codes, and other crates", &note);
        report += &codes_table(args, figures);
        section(args, &mut report, "One value at a time, binary16", SCALAR_NOTE);
        report += &scalar_table(args, figures);
    }
    report
}

const CLAIMS_NOTE: &str = "\
The worst case of each row, with the format or mode it happens with.";
const IN_CACHE_NOTE: &str = "\
Nanoseconds an element, and how many times as long as the copy of the same bytes in the first row.";
const OUT_OF_CACHE_NOTE: &str = "\
How many times as long as the copy of the same bytes from one slice into another, whose nanoseconds an
element stand in the first row: from one slice into another / in place.";
const CODES_NOTE: &str = "\
Nanoseconds an element, in cache, to nearest even, after all had given the same codes.";
const SCALAR_NOTE: &str = "\
Nanoseconds a value: of values that do not depend on each other / of a chain x = round(x + step).";

fn section(args: &Args, report: &mut String, title: &str, note: &str) {
    let mark = if args.is_markdown() { "### " } else { "" };
    let gap = if report.is_empty() { "" } else { "\n" };
    let end = if args.is_markdown() { "\n" } else { "" };
    writeln!(report, "{gap}{mark}{title}\n{end}{note}\n").expect("a String takes all");
}

/// A table in the notation asked for, its columns after the first to the right.
pub(crate) fn table<H: Into<String>>(
    args: &Args,
    header: impl IntoIterator<Item = H>,
    rows: Vec<Vec<String>>,
) -> String {
    let mut table = Table::new();
    let preset =
        if args.is_markdown() { presets::ASCII_MARKDOWN } else { presets::UTF8_FULL_CONDENSED };
    table.load_preset(preset).set_header(header.into_iter().map(Into::into));
    if !args.is_markdown() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    }
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

fn rounding(
    args: &Args,
    figures: &Figures,
    storage: &str,
    place: Place,
    shapes: &[Shape],
    level: Level,
) -> String {
    let formats = args.formats();
    let copy = copy(storage, place);
    let copied = figures.get(&copy).map_or_else(String::new, |ns| format!("{ns:.3}"));
    let mut rows = vec![vec!["copy".to_owned()]];
    rows[0].extend(formats.iter().map(|_| copied.clone()));
    for mode in modes() {
        let cell = |format| {
            let names = shapes.iter().map(|&shape| row(storage, place, shape, level, format, mode));
            let text = |name: String| {
                let (ns, ratio) = (figures.get(&name)?, figures.ratio(&name, &copy)?);
                Some(match place {
                    Place::InCache => format!("{ns:.3} {ratio:.2}×"),
                    Place::OutOfCache => format!("{ratio:.2}"),
                })
            };
            names.filter_map(text).collect::<Vec<_>>().join(" / ")
        };
        rows.push(std::iter::once(mode.to_string()).chain(formats.iter().map(cell)).collect());
    }
    let header = std::iter::once(String::new()).chain(formats.iter().map(ToString::to_string));
    table(args, header, rows)
}

fn codes_table(args: &Args, figures: &Figures) -> String {
    let row = |work: &&str| {
        let cell = |who: &&str| number(figures.get(&codes::name(work, who)));
        std::iter::once((*work).to_owned()).chain(codes::WHO.iter().map(cell)).collect()
    };
    let header = std::iter::once("").chain(codes::WHO);
    table(args, header, codes::WORK.iter().map(row).collect())
}

fn scalar_table(args: &Args, figures: &Figures) -> String {
    let row = |row: &&str| {
        let cell = |storage: &str| {
            let alone = figures.get(&scalar::independent(storage, row))?;
            Some(format!("{alone:.2} / {:.2}", figures.get(&scalar::chain(storage, row))?))
        };
        let cells = ["f64", "f32"].map(|storage| cell(storage).unwrap_or_default());
        std::iter::once((*row).to_owned()).chain(cells).collect()
    };
    table(args, ["", "f64", "f32"], scalar::ROWS.iter().map(row).collect())
}

fn number(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(String::new, |ns| format!("{ns:.3}"))
}

/// `8,000,000`.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}
