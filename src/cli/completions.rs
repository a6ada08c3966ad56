//! `fuseau completions SHELL`
use super::args::Cli;
use super::out;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

/// Prints the completion script of a shell.
pub fn run(shell: Shell) {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "fuseau", &mut script);
    out::text(&String::from_utf8_lossy(&script));
}
