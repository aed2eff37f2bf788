//! Several formats in one argument.

use std::str::FromStr;

use lowprec::{Format, error::ParseError};

/// Formats separated by commas; those inside brackets belong to a format's own name.
#[derive(Clone, Debug)]
pub struct FormatList(pub Vec<Format>);

impl FromStr for FormatList {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut depth = 0;
        let names = text.split(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            c == ',' && depth == 0
        });
        names.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}
