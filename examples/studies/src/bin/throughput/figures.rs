//! The times, by name.

use std::collections::BTreeMap;
use std::fmt;

use lowprec::{Format, Level, Rounding};

/// Nanoseconds an element by name, the smallest seen.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub(crate) fn note(&mut self, name: &str, nanoseconds: f64) {
        let smallest = self.0.entry(name.to_owned()).or_insert(nanoseconds);
        *smallest = smallest.min(nanoseconds);
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// How many times the one takes longer than the other.
    pub(crate) fn ratio(&self, name: &str, to: &str) -> Option<f64> {
        Some(self.get(name)? / self.get(to)?)
    }

    /// Takes in what another process printed; the first line that is none, if there is one.
    pub(crate) fn read(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines() {
            let parts = line.split_once('\t').and_then(|(ns, name)| Some((ns.parse().ok()?, name)));
            let (nanoseconds, name) = parts.ok_or(line)?;
            self.note(name, nanoseconds);
        }
        Ok(())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, nanoseconds)| writeln!(f, "{nanoseconds}\t{name}"))
    }
}

/// Where the values lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    InCache,
    OutOfCache,
}

/// How a call takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Into,
    InPlace,
}

/// Name of a copy from one slice into another.
pub(crate) fn copy(storage: &str, place: Place) -> String {
    format!("{storage} {place:?} copy")
}

/// Name of a rounding.
pub(crate) fn row(
    storage: &str,
    place: Place,
    shape: Shape,
    level: Level,
    format: &Format,
    mode: Rounding,
) -> String {
    format!("{storage} {place:?} {shape:?} {level} {format} {mode}")
}
