//! Arguments of the command that looks back: figures. Never here: what it does.
use clap::Args;
use std::path::PathBuf;

/// `stats`
#[derive(Debug, Args)]
pub struct Stats {
    /// The client's key in the configuration [default: all]
    pub client: Option<String>,
    /// Nothing before this day where you are at home, or this instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Nothing from this day on, or from this instant
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Draw it: into one file (NAME.svg, - for standard output), or as three pictures into a folder
    #[arg(long, value_name = "FILE.svg|DIR")]
    pub svg: Option<PathBuf>,
}
