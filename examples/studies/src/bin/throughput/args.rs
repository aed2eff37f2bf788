//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use lowprec::{Format, Level};

use crate::support::{IN_CACHE, OUT_OF_CACHE, formats};
use lowprec_studies::failure::Failure;
use lowprec_studies::format_list::FormatList;

/// Times every rounding mode beside a copy of the same bytes, in nanoseconds an element and as a
/// multiple of the copy. Without --format and --storage it also measures single values, codes and
/// other crates, and says which of the project's aims are reached.
#[derive(Debug, Parser)]
#[command(name = "throughput", version)]
pub(crate) struct Args {
    /// Formats to round to, several with commas or repeated: e4m3fn, p11 …; six
    /// if none is given
    #[arg(short, long, value_name = "FORMAT", verbatim_doc_comment)]
    format: Vec<FormatList>,

    /// Type that holds the values; both if not given
    #[arg(short, long, value_name = "TYPE")]
    storage: Option<Held>,

    /// CPU level: portable, avx2, avx-512; the best of this machine if not given
    #[arg(short, long, value_name = "LEVEL")]
    level: Option<String>,

    /// Values that stay in cache
    #[arg(long, value_name = "COUNT", default_value_t = IN_CACHE, value_parser = at_least_one)]
    pub(crate) elements: usize,

    /// Values beyond the cache; 0 leaves that part out
    #[arg(long, value_name = "COUNT", default_value_t = OUT_OF_CACHE)]
    pub(crate) large: usize,

    /// How often all rows are measured
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = at_least_one)]
    pub(crate) passes: usize,

    /// Processes to take the smallest times from, one after the other: the
    /// system places each one's memory anew
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 1,
        value_parser = at_least_one,
        overrides_with = "processes",
        verbatim_doc_comment
    )]
    pub(crate) processes: usize,

    /// Draw DIR/throughput.svg and .png
    #[arg(long, value_name = "DIR")]
    pub(crate) picture: Option<PathBuf>,

    /// Print the tables in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,

    /// Replace the tables of FILE, such as benches/RESULTS.md, by new ones
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<PathBuf>,

    /// Print times by name, one a line, for another process to read
    #[arg(long, hide = true)]
    pub(crate) raw: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Held {
    F32,
    F64,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number from 1 on".to_owned()),
        Ok(count) => Ok(count),
    }
}

impl Args {
    /// What clap cannot see.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Some(name) = &self.level else { return Ok(()) };
        if level_of(name).is_some() {
            return Ok(());
        }
        let here: Vec<String> = Level::available().iter().map(|l| written(*l)).collect();
        Err(Failure::input(format!("level {name:?}: this machine has {}", here.join(", "))))
    }

    pub(crate) fn formats(&self) -> Vec<Format> {
        if self.format.is_empty() {
            return formats().to_vec();
        }
        self.format.iter().flat_map(|list| list.0.iter().copied()).collect()
    }

    /// Whether a storage type is asked for.
    pub(crate) fn measures(&self, storage: &str) -> bool {
        match self.storage {
            Some(Held::F32) => storage == "f32",
            Some(Held::F64) => storage == "f64",
            None => true,
        }
    }

    pub(crate) fn storages(&self) -> Vec<&'static str> {
        ["f64", "f32"].into_iter().filter(|storage| self.measures(storage)).collect()
    }

    /// Whether nothing was left out, so that the aims can be judged.
    pub(crate) fn everything(&self) -> bool {
        self.format.is_empty() && self.storage.is_none()
    }

    /// The level that most rows are measured at.
    pub(crate) fn level(&self) -> Level {
        let best = Level::available().last().copied().unwrap_or(Level::Portable);
        self.level.as_deref().and_then(level_of).unwrap_or(best)
    }

    /// The levels of the tables in cache: for a results file all of them, the best first.
    pub(crate) fn levels(&self) -> Vec<Level> {
        if self.level.is_none() && self.is_markdown() {
            Level::available().iter().rev().copied().collect()
        } else {
            vec![self.level()]
        }
    }

    pub(crate) fn is_markdown(&self) -> bool {
        self.markdown || self.results.is_some()
    }
}

/// A level's name as an argument.
fn written(level: Level) -> String {
    level.to_string().to_lowercase()
}

/// The level of that name, where this machine has it; `avx512` is as good as `avx-512`.
fn level_of(name: &str) -> Option<Level> {
    let plain = |name: &str| name.to_lowercase().replace('-', "");
    Level::available().iter().copied().find(|level| plain(&written(*level)) == plain(name))
}
