//! `--columns`: which columns of a text hold the numbers.

use std::collections::BTreeSet;
use std::str::FromStr;

use lowprec_cli::file::shown;

/// Numbers from 1 on, ranges of them, and names of the header; all columns if none is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns(Vec<Column>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// From one to another, counted from 0, both included.
    Numbers(usize, usize),
    Name(String),
}

impl FromStr for Columns {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok();
        let column = |part: &str| {
            let part = part.trim();
            let ends = part.split_once('-').unwrap_or((part, part));
            match (number(ends.0.trim()), number(ends.1.trim())) {
                (Some(first), Some(last)) if 1 <= first && first <= last => {
                    Ok(Column::Numbers(first - 1, last - 1))
                }
                (Some(_), Some(_)) => Err(format!(
                    "{part:?} given, columns from 1 on such as 2 or 3-7 allowed, the lower one first"
                )),
                _ if part.is_empty() => Err("a column without number or name".to_owned()),
                _ => Ok(Column::Name(part.to_owned())),
            }
        };
        text.split(',').map(column).collect::<Result<_, _>>().map(Self)
    }
}

impl Columns {
    /// Whether a header is needed.
    pub(crate) fn has_names(&self) -> bool {
        self.0.iter().any(|column| matches!(column, Column::Name(_)))
    }

    /// The columns counted from 0, names left out; `None` for all.
    pub(crate) fn indices(&self) -> Option<BTreeSet<usize>> {
        self.named(&[]).ok().flatten().filter(|_| !self.has_names())
    }

    /// The columns counted from 0 by a header's names; `None` for all.
    pub(crate) fn named(
        &self,
        names: &[(usize, String)],
    ) -> Result<Option<BTreeSet<usize>>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut indices = BTreeSet::new();
        for column in &self.0 {
            match column {
                // No text has more columns than this.
                Column::Numbers(first, last) => {
                    indices.extend(*first..=(*last).min(first + 100_000))
                }
                Column::Name(name) => {
                    let Some((index, _)) = names.iter().find(|(_, known)| known == name) else {
                        let known: Vec<String> =
                            names.iter().take(20).map(|(_, known)| shown(known)).collect();
                        let more = if names.len() > 20 { ", …" } else { "" };
                        return Err(format!(
                            "no column {name:?}; the header has {}{more}",
                            known.join(", ")
                        ));
                    };
                    indices.insert(*index);
                }
            }
        }
        Ok(Some(indices))
    }
}
