//! cli
use std::process::ExitCode;

/// The program's entry.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
