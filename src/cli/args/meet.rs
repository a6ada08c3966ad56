//! The commands of meetings: offered times, visits.
use clap::{Args, Subcommand};

/// `slots`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Slots {
    /// Propose times to this client of the configuration [default: list what is offered]
    pub client: Option<String>,
    /// How long the meeting is (30m, 1h) [default: as `[meetings] length` says]
    #[arg(long, value_name = "SPAN", requires = "client")]
    pub length: Option<String>,
    /// How many times [default: as `[meetings] count` says]
    #[arg(long, value_name = "N", requires = "client", value_parser = clap::value_parser!(u8).range(1..=9))]
    pub count: Option<u8>,
    /// Not before this day where you are, or this instant (RFC 3339)
    #[arg(long, value_name = "DATE", requires = "client")]
    pub from: Option<String>,
    /// The last day where you are, or over by this instant (RFC 3339)
    #[arg(long, value_name = "DATE", requires = "client")]
    pub to: Option<String>,
    /// Within so many days, instead of --to
    #[arg(long, value_name = "N", requires = "client", conflicts_with = "to", value_parser = clap::value_parser!(u16).range(1..=365))]
    pub days: Option<u16>,
    /// What it is about: a project of the configuration, named by its title
    #[arg(long, requires = "client")]
    pub project: Option<String>,
    /// What it is about, in your words
    #[arg(long, value_name = "TEXT", requires = "client", conflicts_with = "project")]
    pub about: Option<String>,
    /// Also times that are offered to somebody else: who chooses first has them
    #[arg(long, requires = "client")]
    pub overlap: bool,
    /// Only show it; nothing is recorded
    #[arg(long, requires = "client")]
    pub print: bool,
    /// Also offers that are over
    #[arg(long, conflicts_with = "client")]
    pub all: bool,
    /// What to do with an offer
    #[command(subcommand)]
    pub action: Option<SlotsAction>,
}

/// What to do with an offer.
#[derive(Debug, Subcommand)]
pub enum SlotsAction {
    /// Take an offer back: its draft goes if you have not touched it, and its times are free again
    Drop {
        /// Its key as `fuseau slots` shows it, or a client with one offer
        #[arg(value_name = "KEY|CLIENT")]
        key: String,
    },
}

/// `visit`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Visit {
    /// Clients near here: a city, or degrees north and east (45.76,4.84) [default: near the coming trips]
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub near: Option<String>,
    /// The first day [default: tomorrow]
    #[arg(long, value_name = "DATE", requires = "near")]
    pub from: Option<chrono::NaiveDate>,
    /// The last day [default: two weeks later]
    #[arg(long, value_name = "DATE", requires = "near")]
    pub to: Option<chrono::NaiveDate>,
    /// Up to this distance (200km) [default: as `[meetings] near` says]
    #[arg(long, value_name = "KM")]
    pub within: Option<String>,
    /// Put a draft for each client into Drafts that proposes a day
    #[arg(long)]
    pub draft: bool,
    /// What to do
    #[command(subcommand)]
    pub action: Option<VisitAction>,
}

/// What to do about visits.
#[derive(Debug, Subcommand)]
pub enum VisitAction {
    /// You met a client: what came up goes into the history
    Done {
        /// The client's key in the configuration
        client: String,
        /// What came up, in your words; - reads standard input
        #[arg(required_unless_present = "undo")]
        text: Option<String>,
        /// On which day, or at which instant (RFC 3339) [default: today, where you are]
        #[arg(long, value_name = "DATE", conflicts_with = "undo")]
        at: Option<String>,
        /// Take back the one that was noted last
        #[arg(long, conflicts_with = "text")]
        undo: bool,
    },
}
