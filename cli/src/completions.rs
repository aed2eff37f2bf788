//! `lowprec completions`: a shell's completions of this command line.

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use lowprec_cli::file;

use crate::failure::Failure;

const AFTER_HELP: &str = "\
EXAMPLES
  lowprec completions bash > ~/.local/share/bash-completion/completions/lowprec
  lowprec completions zsh > ~/.zfunc/_lowprec
  lowprec completions fish > ~/.config/fish/completions/lowprec.fish";

/// The command line of the job.
pub(crate) fn command() -> Command {
    let shell = Arg::new("shell").value_name("SHELL").required(true);
    Command::new("completions")
        .about("Prints completions of this command line for a shell")
        .after_help(AFTER_HELP)
        .arg(shell.help("The shell").value_parser(value_parser!(Shell)))
}

/// Prints the completions of `whole`.
pub(crate) fn run(given: &ArgMatches, mut whole: Command) -> Result<(), Failure> {
    let shell: Shell = *given.get_one("shell").expect("required");
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut whole, "lowprec", &mut script);
    Ok(file::to_stdout(|out| out.write_all(&script))?)
}
