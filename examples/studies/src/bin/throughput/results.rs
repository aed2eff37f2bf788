//! The results file and the processes whose smallest times it holds.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::args::Args;
use crate::figures::Figures;
use lowprec_studies::failure::Failure;

/// The line of the file after which everything is generated.
const MARK: &str = "<!-- generated from here on -->";

/// What stands before the tables of the file: what is written by hand.
pub(crate) fn head(path: &Path) -> Result<String, Failure> {
    let at = |e: &dyn std::fmt::Display| Failure::input(format!("{}: {e}", path.display()));
    let text = fs::read_to_string(path).map_err(|e| at(&e))?;
    match text.split_once(MARK) {
        Some((head, _)) => Ok(head.to_owned()),
        None => Err(at(&format!("no line {MARK:?}"))),
    }
}

/// Puts new tables in place of those in the file.
pub(crate) fn replace_tables(path: &Path, tables: &str) -> Result<(), Failure> {
    let text = format!("{}{MARK}\n\n{tables}", head(path)?);
    fs::write(path, text).map_err(|e| Failure::Output(format!("{}: {e}", path.display())))
}

/// The smallest times of several processes, each of which does what this one was asked to.
pub(crate) fn several(args: &Args) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    for _ in 0..args.processes {
        let output = std::env::current_exe()
            .and_then(|program| {
                let mut command = Command::new(program);
                command.args(std::env::args_os().skip(1)).args(["--raw", "--processes", "1"]);
                command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()
            })
            .map_err(|e| Failure::Output(format!("cannot start another process: {e}")))?;
        if !output.status.success() {
            return Err(Failure::Output(format!("another process failed: {}", output.status)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        figures.read(&text).map_err(|line| Failure::Output(format!("not a time: {line}")))?;
    }
    Ok(figures)
}
