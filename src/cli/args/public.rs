//! Arguments of the commands for others: figures, the public page. Never here: what they do.
use clap::Args;
use std::path::PathBuf;

/// `stats`
#[derive(Debug, Args)]
pub struct Stats {
    /// The client's key in the configuration [default: all]
    pub client: Option<String>,
    /// Nothing before this day where you are at home (2025-01-31, 2025-01, 30d, yesterday), or this instant (RFC 3339) [default: the last 12 months]
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Nothing from this day on, or from this instant
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// The whole history
    #[arg(long, conflicts_with_all = ["since", "until"])]
    pub all: bool,
    /// Draw it: into one file (NAME.svg, - for standard output), or as three pictures into a folder
    #[arg(long, value_name = "FILE.svg|DIR")]
    pub svg: Option<PathBuf>,
}

/// `page`
#[derive(Debug, Args)]
pub struct Page {
    /// The folder to write into [default: as `[page] out` says]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write nothing: say whether the folder holds what it should, byte by byte (exit code 1 if not)
    #[arg(long)]
    pub check: bool,
    /// Print the texts for signatures and contracts instead
    #[arg(long, conflicts_with_all = ["out", "check", "json"])]
    pub text: bool,
    /// As if it were then (RFC 3339) [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
}
