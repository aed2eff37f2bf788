//! Tensors of a file by patterns of their names.

use lowprec_cli::file::{Tensor, TensorFile, shown};

use crate::failure::Failure;

/// Names that are said where none fits.
const SAID: usize = 8;

/// The tensors whose names fit one of the patterns; all if there are none.
pub(crate) fn wanted<'a>(
    file: &'a TensorFile,
    patterns: &[String],
) -> Result<Vec<&'a Tensor>, Failure> {
    let fits = |tensor: &&Tensor| {
        patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, tensor.name()))
    };
    let wanted: Vec<&Tensor> = file.tensors().iter().filter(fits).collect();
    if !wanted.is_empty() || patterns.is_empty() {
        return Ok(wanted);
    }
    let names = file.tensors().iter().take(SAID).map(|tensor| match tensor.name() {
        "" => "one without a name".to_owned(),
        name => shown(name),
    });
    let found = names.collect::<Vec<_>>().join(", ");
    let found = if found.is_empty() { "none".to_owned() } else { found };
    let more = if file.tensors().len() > SAID { ", …" } else { "" };
    Err(Failure::input(format_args!(
        "{}: no tensor named {}; it has: {found}{more}",
        file.name(),
        patterns.join(" or ")
    )))
}

/// Whether a name is of the pattern: `*` is any characters, `?` one.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // Where the last star was, and how much of the name it has taken.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks_stand_for_what_may_be_there() {
        for (pattern, name) in [
            ("*", ""),
            ("*.weight", "a.b.weight"),
            ("l?.w", "l1.w"),
            ("a*b*c", "aXbbYc"),
            ("a", "a"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("?", ""), ("*.weight", "a.weights"), ("l?.w", "l10.w"), ("a*b", "ac")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
