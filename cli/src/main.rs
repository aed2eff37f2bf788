//! The program `lowprec`. Its first job, which needs no name, is `chop`.
//!
//! ```text
//! cargo run --release                 # eight formats on a data set shipped with the program
//! cargo run --release -- --help
//! ```

mod blocks;
mod chop;
mod codes;
mod completions;
mod formats;
mod help;
mod selection;
mod shipped;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Command;
use lowprec_cli::{failure, format_list, progress};

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|job| job == "codes") {
        let rest = arguments.split_off(2);
        arguments.extend(codes::arranged(rest));
    }
    let given = command().get_matches_from(arguments);
    let done = match given.subcommand() {
        Some(("chop", given)) => chop::run(&chop::Args::of(given)),
        Some(("blocks", given)) => blocks::run(given),
        Some(("codes", given)) => codes::run(given),
        Some(("formats", given)) => formats::run(given),
        Some(("table", given)) => table::run(given),
        Some(("completions", given)) => completions::run(given, command()),
        // Without the name of a job.
        _ => chop::run(&chop::Args::of(&given)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

/// The command line. The arguments of `chop` stand at the top too, where its name may be left out.
fn command() -> Command {
    let job = "Rounds the numbers of a file; the job without a name";
    chop::Args::declared_on(Command::new("lowprec"))
        .version(env!("CARGO_PKG_VERSION"))
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .subcommand(chop::Args::declared_on(Command::new("chop")).about(job))
        .subcommand(blocks::command())
        .subcommand(codes::command())
        .subcommand(table::command())
        .subcommand(formats::command())
        .subcommand(completions::command())
}
