//! Arguments of the commands around what was promised and what waits to be sent. Never here: what they do.
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `promises`
#[derive(Debug, Args)]
pub struct Promises {
    /// Also those that are kept, lapsed or released
    #[arg(long)]
    pub all: bool,
}

/// `digest`
#[derive(Debug, Args)]
pub struct Digest {
    /// As if it were then (RFC 3339) [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// Write its HTML face into a file (- for standard output)
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `outbox`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Outbox {
    /// Also what left, was dropped or refused in the last 90 days
    #[arg(long)]
    pub all: bool,
    /// What to do with one mail
    #[command(subcommand)]
    pub action: Option<OutboxAction>,
}

/// What to do with one mail of the outbox. The beginning of an id is enough, if it is the only one.
#[derive(Debug, Subcommand)]
pub enum OutboxAction {
    /// One mail as it would go, with every check of the gate
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Hold a mail back
    Hold {
        /// Its id, or the beginning of it
        id: String,
        /// For how long (30m, 4h, 2d) [default: until `send` or `drop`]
        #[arg(long = "for", value_name = "SPAN")]
        span: Option<String>,
    },
    /// Send a mail now: without its delay, outside decent hours; never against an answer, a pause or a limit
    Send {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Never send a mail
    Drop {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// `done`
#[derive(Debug, Args)]
pub struct Done {
    /// The client's message: its Message-ID, or an id of `promises --json` or `history --json`
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
}

/// `hold`
#[derive(Debug, Args)]
pub struct Hold {
    /// The client's message: its Message-ID, or an id of `promises --json` or `history --json`
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
    /// How long (3h, 2d, 1w) or until which day (friday)
    #[arg(long = "for", value_name = "TIME", default_value = "2d")]
    pub until: String,
}

/// `never`
#[derive(Debug, Args)]
pub struct Never {
    /// The address [default: list them]
    pub address: Option<String>,
    /// Take it back
    #[arg(long, requires = "address")]
    pub undo: bool,
    /// List the addresses
    #[arg(long, conflicts_with_all = ["address", "undo"])]
    pub list: bool,
}
