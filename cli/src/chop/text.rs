//! Numbers in text: where they stand, so that everything around them can be kept.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::Range;

use lowprec::{Chop, Format, Rounding};
use lowprec_cli::file::shown;

use super::columns::Columns;
use super::number::{self, Number};
use crate::failure::Failure;
use crate::progress::Progress;

/// Lines or numbers between two looks at the progress bar.
pub(crate) const STRIDE: usize = 4096;

/// What stands between two fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Byte(u8),
    Blanks,
}

/// A text and the places of its numbers.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
    /// Lines with numbers on them.
    pub(crate) rows: usize,
    /// Fields that are no numbers and were asked to be kept.
    pub(crate) bad: usize,
    /// Two whole numbers in every row, a comma between: or one number with a decimal comma.
    pub(crate) decimal_commas: bool,
    /// Bit patterns instead of decimal numbers.
    hex: bool,
}

/// How decimal text is to be read.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// The first row is kept whatever it is.
    pub(crate) header: bool,
    /// Which columns hold numbers; others are kept as they are.
    pub(crate) columns: Columns,
    /// Fields that are no numbers are kept as they are.
    pub(crate) skip_bad: bool,
}

impl Text {
    /// Reads separated decimal numbers: each the nearest of the storage type.
    pub(crate) fn decimal<T: Number>(
        name: &str,
        bytes: Vec<u8>,
        wanted: &Wanted,
        progress: &Progress,
    ) -> Result<(Self, Vec<T>), Failure> {
        let mut reader = Reader::new(name, &bytes, progress);
        let mut separator = None;
        let mut doubt = None;
        let mut numbers = Vec::new();
        let mut columns = wanted.columns.indices();
        let (mut bad, mut decimal_commas) = (0, true);
        while let Some(line) = reader.next_line() {
            let own = separator.unwrap_or_else(|| separator_of(line.bytes));
            let header = wanted.header || wanted.columns.has_names();
            if reader.is_first_row() && (header || is_header::<T>(line.bytes, own, &columns)) {
                // A text of one row without numbers is more likely a mistake than a header.
                let field = fields(line.bytes, own).next().filter(|_| !header);
                doubt = field.map(|(_, field)| reader.complaint(&line, &field, own));
                separator = Some(own).filter(|own| *own != Separator::Blanks);
                let names = fields(line.bytes, own).map(|(column, field)| {
                    (column, String::from_utf8_lossy(&line.bytes[field]).into_owned())
                });
                columns = wanted.columns.named(&names.collect::<Vec<_>>()).map_err(|message| {
                    Failure::input(format_args!("{name}, line {}: {message}", reader.line))
                })?;
                reader.rows = 0;
                reader.header = true;
                continue;
            }
            separator = Some(own);
            let first = numbers.len();
            let mut whole = own == Separator::Byte(b',') && !reader.header;
            for (column, field) in fields(line.bytes, own) {
                if columns.as_ref().is_some_and(|columns| !columns.contains(&column)) {
                    continue;
                }
                let text = &line.bytes[field.clone()];
                match decimal_number(text) {
                    Some(number) => numbers.push(number),
                    None if wanted.skip_bad => {
                        bad += 1;
                        continue;
                    }
                    None => return Err(reader.complaint(&line, &field, own)),
                }
                whole &= text.trim_ascii_start().trim_prefix_sign().iter().all(u8::is_ascii_digit);
                reader.places.push(line.start + field.start..line.start + field.end);
            }
            decimal_commas &= whole && numbers.len() == first + 2;
        }
        if let Some(complaint) = doubt.filter(|_| numbers.is_empty() && bad == 0) {
            return Err(complaint);
        }
        let Reader { places, rows, .. } = reader;
        decimal_commas &= !numbers.is_empty();
        Ok((Self { bytes, places, rows, bad, decimal_commas, hex: false }, numbers))
    }

    /// Reads bit patterns, one a line.
    pub(crate) fn hex<T: Number>(
        name: &str,
        bytes: Vec<u8>,
        progress: &Progress,
    ) -> Result<(Self, Vec<T>), Failure> {
        let mut reader = Reader::new(name, &bytes, progress);
        let mut numbers = Vec::new();
        while let Some(line) = reader.next_line() {
            let field = trimmed(line.bytes, 0..line.bytes.len());
            let number = pattern(&line.bytes[field.clone()]).ok_or_else(|| {
                let digits = T::WIDTH / 4;
                let what = format!(
                    "is not a bit pattern of {}, 1 to {digits} hexadecimal digits",
                    T::NAME
                );
                reader.at(&line, &field, &what)
            })?;
            numbers.push(number);
            reader.places.push(line.start + field.start..line.start + field.end);
        }
        let Reader { places, rows, .. } = reader;
        let (bad, decimal_commas) = (0, false);
        Ok((Self { bytes, places, rows, bad, decimal_commas, hex: true }, numbers))
    }

    /// The text of a number, where it is to be read as one.
    pub(crate) fn number(&self, index: usize) -> Option<&str> {
        let place = self.places.get(index).filter(|_| !self.hex)?;
        std::str::from_utf8(&self.bytes[place.clone()]).ok()
    }

    /// The text with other numbers in the places of its own; with the fewest digits that tell them apart in a format, or
    /// in the storage type.
    pub(crate) fn write<T: Number>(
        &self,
        numbers: &[T],
        shortest: Option<Format>,
        out: &mut dyn Write,
        progress: &Progress,
    ) -> io::Result<()> {
        progress.stage("writing", numbers.len());
        let mut kept = 0;
        for (index, (place, number)) in self.places.iter().zip(numbers).enumerate() {
            out.write_all(&self.bytes[kept..place.start])?;
            if self.hex {
                let digits = (T::WIDTH / 4) as usize;
                write!(out, "{:0digits$x}", number.pattern())?;
            } else if let Some(format) = &shortest {
                out.write_all(format.shortest(number.widen()).as_bytes())?;
            } else {
                number::print(*number, out)?;
            }
            kept = place.end;
            if index % STRIDE == STRIDE - 1 {
                progress.advance(STRIDE);
            }
        }
        out.write_all(&self.bytes[kept..])
    }
}

/// A line with something on it.
struct Line<'a> {
    bytes: &'a [u8],
    start: usize,
}

/// Goes through the lines and remembers where it is.
struct Reader<'a> {
    name: &'a str,
    bytes: &'a [u8],
    progress: &'a Progress,
    next: usize,
    line: usize,
    rows: usize,
    header: bool,
    places: Vec<Range<usize>>,
}

impl<'a> Reader<'a> {
    fn new(name: &'a str, bytes: &'a [u8], progress: &'a Progress) -> Self {
        progress.stage("reading", bytes.len());
        let next = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { name, bytes, progress, next, line: 0, rows: 0, header: false, places: Vec::new() }
    }

    /// The next line that is neither blank nor a comment.
    fn next_line(&mut self) -> Option<Line<'a>> {
        while self.next < self.bytes.len() {
            let start = self.next;
            let rest = &self.bytes[start..];
            let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            self.next = start + length + 1;
            self.line += 1;
            self.progress.advance(length + 1);
            let content = trimmed(rest, 0..length);
            if !content.is_empty() && rest[content.start] != b'#' {
                self.rows += 1;
                return Some(Line { bytes: &rest[..length], start });
            }
        }
        None
    }

    fn is_first_row(&self) -> bool {
        self.rows == 1 && !self.header
    }

    fn complaint(&self, line: &Line, field: &Range<usize>, separator: Separator) -> Failure {
        let given = String::from_utf8_lossy(&line.bytes[field.clone()]);
        let decimal_comma = separator != Separator::Byte(b',')
            && given.contains(',')
            && given.replacen(',', ".", 1).parse::<f64>().is_ok();
        let named = given.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"');
        let hint = if decimal_comma {
            "; decimals are written with a point"
        } else if self.is_first_row() && named {
            "; --header keeps the first row as it is"
        } else {
            "; --skip-bad keeps such fields as they are, --columns chooses others"
        };
        self.at(line, field, &format!("is not a number{hint}"))
    }

    fn at(&self, line: &Line, field: &Range<usize>, what: &str) -> Failure {
        let column = String::from_utf8_lossy(&line.bytes[..field.start]).chars().count() + 1;
        let given = shown(&String::from_utf8_lossy(&line.bytes[field.clone()]));
        Failure::input(format!(
            "{}, line {}, column {column}: \"{given}\" {what}",
            self.name, self.line
        ))
    }
}

/// The storage number nearest to a decimal or hexadecimal one.
fn decimal_number<T: Number>(field: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(field).ok()?;
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    Chop::new(T::FORMAT, Rounding::NearestEven).parse(text).ok()
}

/// A number's text without its sign.
trait Unsigned {
    fn trim_prefix_sign(&self) -> &Self;
}

impl Unsigned for [u8] {
    fn trim_prefix_sign(&self) -> &Self {
        self.strip_prefix(b"-").or_else(|| self.strip_prefix(b"+")).unwrap_or(self)
    }
}

/// A pattern with or without 0x before it.
fn pattern<T: Number>(field: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let fits = (1..=T::WIDTH as usize / 4).contains(&digits.len());
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    (fits && hexadecimal).then(|| u64::from_str_radix(digits, 16).ok().map(T::of_pattern))?
}

/// A first row is a header if it has fields and none of them is a number, or looks as if it were to be one
/// (`$5`, `1.2.3`): its first letter or digit is a digit.
fn is_header<T: Number>(
    line: &[u8],
    separator: Separator,
    columns: &Option<BTreeSet<usize>>,
) -> bool {
    let wanted = |column: &usize| columns.as_ref().is_none_or(|columns| columns.contains(column));
    let mut fields = fields(line, separator).filter(|(column, _)| wanted(column)).peekable();
    let numeric = |(_, field): (usize, Range<usize>)| {
        let text = &line[field];
        let first = text.iter().find(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        first.is_some_and(u8::is_ascii_digit) || decimal_number::<T>(text).is_some()
    };
    fields.peek().is_some() && !fields.any(numeric)
}

fn separator_of(line: &[u8]) -> Separator {
    let used = b";\t,".iter().find(|byte| unquoted(line).any(|(_, b)| b == **byte));
    used.map_or(Separator::Blanks, |byte| Separator::Byte(*byte))
}

/// The bytes outside quotes, with their positions.
fn unquoted(line: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut quoted = false;
    line.iter().copied().enumerate().filter(move |(_, byte)| {
        quoted ^= *byte == b'"';
        !quoted
    })
}

/// The nonempty fields of a line with their columns, without blanks and quotes around them.
fn fields(line: &[u8], separator: Separator) -> impl Iterator<Item = (usize, Range<usize>)> {
    let ends = unquoted(line).filter(move |(_, byte)| match separator {
        Separator::Byte(separator) => *byte == separator,
        Separator::Blanks => byte.is_ascii_whitespace(),
    });
    let mut start = 0;
    let ends = ends.map(|(end, _)| end).chain([line.len()]);
    let all = ends.map(move |end| std::mem::replace(&mut start, end + 1)..end);
    let mut column = 0;
    all.filter_map(move |field| {
        let field = bare(line, field);
        let filled = !field.is_empty();
        // Between blanks nothing is left out.
        let own = column;
        column += usize::from(filled || separator != Separator::Blanks);
        filled.then_some((own, field))
    })
}

fn bare(line: &[u8], field: Range<usize>) -> Range<usize> {
    let field = trimmed(line, field);
    match line[field.clone()] {
        [b'"', .., b'"'] => trimmed(line, field.start + 1..field.end - 1),
        _ => field,
    }
}

fn trimmed(line: &[u8], range: Range<usize>) -> Range<usize> {
    let blank = |b: &u8| b.is_ascii_whitespace();
    let part = &line[range.clone()];
    let start = range.start + part.iter().take_while(|b| blank(b)).count();
    let trailing = part.iter().rev().take_while(|b| blank(b)).count();
    start..(range.end - trailing).max(start)
}
