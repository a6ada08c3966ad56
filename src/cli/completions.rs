//! `fuseau completions SHELL`
use super::args::Cli;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

/// Prints the completion script of a shell.
pub fn run(shell: Shell) {
    generate(shell, &mut Cli::command(), "fuseau", &mut std::io::stdout());
}
