//! Numbers in text: where they stand, so that everything around them can be kept.

use std::io::{self, Write};
use std::ops::Range;

use super::decimal::{self, Residue};
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
    /// Bit patterns instead of decimal numbers.
    hex: bool,
}

/// The numbers of a text, in order.
pub(crate) type Numbers<T> = Vec<(T, Residue)>;

impl Text {
    /// Reads separated decimal numbers; with `header` the first row is kept whatever it is.
    pub(crate) fn decimal<T: Number>(
        name: &str,
        bytes: Vec<u8>,
        header: bool,
        progress: &Progress,
    ) -> Result<(Self, Numbers<T>), Failure> {
        let mut reader = Reader::new(name, &bytes, progress);
        let mut separator = None;
        let mut doubt = None;
        let mut numbers = Vec::new();
        while let Some(line) = reader.next_line() {
            let own = separator.unwrap_or_else(|| separator_of(line.bytes));
            if reader.is_first_row() && (header || is_header::<T>(line.bytes, own)) {
                // A text of one row without numbers is more likely a mistake than a header.
                let field = fields(line.bytes, own).next().filter(|_| !header);
                doubt = field.map(|field| reader.complaint(&line, &field, own));
                separator = Some(own).filter(|own| *own != Separator::Blanks);
                reader.rows = 0;
                reader.header = true;
                continue;
            }
            separator = Some(own);
            for field in fields(line.bytes, own) {
                let number = decimal_number(&line.bytes[field.clone()])
                    .ok_or_else(|| reader.complaint(&line, &field, own))?;
                numbers.push(number);
                reader.places.push(line.start + field.start..line.start + field.end);
            }
        }
        if let Some(complaint) = doubt.filter(|_| numbers.is_empty()) {
            return Err(complaint);
        }
        let Reader { places, rows, .. } = reader;
        Ok((Self { bytes, places, rows, hex: false }, numbers))
    }

    /// Reads bit patterns, one a line.
    pub(crate) fn hex<T: Number>(
        name: &str,
        bytes: Vec<u8>,
        progress: &Progress,
    ) -> Result<(Self, Numbers<T>), Failure> {
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
            numbers.push((number, Residue::Exact));
            reader.places.push(line.start + field.start..line.start + field.end);
        }
        let Reader { places, rows, .. } = reader;
        Ok((Self { bytes, places, rows, hex: true }, numbers))
    }

    /// The text with other numbers in the places of its own.
    pub(crate) fn write<T: Number>(
        &self,
        numbers: &[T],
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
        let hint = if decimal_comma {
            "; decimals are written with a point"
        } else if self.is_first_row() {
            "; --header keeps the first row as it is"
        } else {
            ""
        };
        self.at(line, field, &format!("is not a number{hint}"))
    }

    fn at(&self, line: &Line, field: &Range<usize>, what: &str) -> Failure {
        let column = String::from_utf8_lossy(&line.bytes[..field.start]).chars().count() + 1;
        let given = String::from_utf8_lossy(&line.bytes[field.clone()]);
        Failure::input(format!(
            "{}, line {}, column {column}: {given:?} {what}",
            self.name, self.line
        ))
    }
}

fn decimal_number<T: Number>(field: &[u8]) -> Option<(T, Residue)> {
    decimal::parse(std::str::from_utf8(field).ok()?)
}

/// A pattern with or without 0x before it.
fn pattern<T: Number>(field: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let fits = (1..=T::WIDTH as usize / 4).contains(&digits.len());
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    (fits && hexadecimal).then(|| u64::from_str_radix(digits, 16).ok().map(T::of_pattern))?
}

/// A first row is a header if it has fields and none of them is a number.
fn is_header<T: Number>(line: &[u8], separator: Separator) -> bool {
    let mut fields = fields(line, separator).peekable();
    fields.peek().is_some() && !fields.any(|field| decimal_number::<T>(&line[field]).is_some())
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

/// The nonempty fields of a line, without blanks and quotes around them.
fn fields(line: &[u8], separator: Separator) -> impl Iterator<Item = Range<usize>> {
    let ends = unquoted(line).filter(move |(_, byte)| match separator {
        Separator::Byte(separator) => *byte == separator,
        Separator::Blanks => byte.is_ascii_whitespace(),
    });
    let mut start = 0;
    let ends = ends.map(|(end, _)| end).chain([line.len()]);
    let all = ends.map(move |end| std::mem::replace(&mut start, end + 1)..end);
    all.map(|field| bare(line, field)).filter(|field| !field.is_empty())
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
