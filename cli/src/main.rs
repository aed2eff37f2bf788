//! The program `lowprec`. Its job so far, and its first one without a name, is `chop`.
//!
//! ```text
//! cargo run --release                 # eight formats on a data set shipped with the program
//! cargo run --release -- --help
//! ```

mod chop;

use std::process::ExitCode;

use clap::Command;
use lowprec_cli::{failure, format_list, progress};

fn main() -> ExitCode {
    let given = command().get_matches();
    let done = match given.subcommand() {
        Some(("chop", given)) => chop::run(&chop::Args::of(given)),
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
    let job = "Rounds the numbers of a file; what is said without the name of a job";
    chop::Args::declared_on(Command::new("lowprec"))
        .version(env!("CARGO_PKG_VERSION"))
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .subcommand(chop::Args::declared_on(Command::new("chop")).about(job))
}
