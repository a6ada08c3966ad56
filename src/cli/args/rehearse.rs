//! Arguments of the commands that only look at the configuration, the calendar and a mail at hand. Never here: what they do.
use clap::Args;
use std::path::PathBuf;

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Also log in to both servers and look around, changing nothing
    #[arg(long)]
    pub online: bool,
    /// Also run the hook for urgent mail once, with a sample
    #[arg(long)]
    pub hook: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A Message-ID from the history, an id that `promises --json` or `history --json` prints (its beginning is enough), a file,
    /// or - for standard input
    #[arg(value_name = "MESSAGE-ID|ID|FILE.eml|-")]
    pub message: String,
    /// When it arrived (RFC 3339) [default: its topmost Received, else its Date, else the file's own time]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// Which mailbox it came to [default: the one it is addressed to]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
}

/// `replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// An mbox file, a Maildir, or a folder of .eml files
    #[arg(value_name = "MBOX|MAILDIR|DIR")]
    pub archive: PathBuf,
    /// Judge every message alone, without a memory of those before it
    #[arg(long)]
    pub each: bool,
    /// Which mailbox the archive belongs to [default: the one each mail is addressed to]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
}

/// `when`
#[derive(Debug, Args)]
pub struct When {
    /// The client's key in the configuration
    pub client: String,
    /// As if a mail arrived then (RFC 3339) [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
}

/// `hours`
#[derive(Debug, Args)]
pub struct Hours {
    /// Keys of clients in the configuration [default: all]
    #[arg(value_name = "CLIENT")]
    pub clients: Vec<String>,
    /// Seven days instead of one
    #[arg(long)]
    pub week: bool,
    /// Which day, where you are (or an RFC 3339 instant, which is then marked as now) [default: today]
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
    /// Draw it into a file instead (- for standard output)
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// `holidays`
#[derive(Debug, Args)]
pub struct Holidays {
    /// Calendars (GB-ENG, SG) or keys of clients [default: all that the configuration keeps, in the next 12 months]
    #[arg(value_name = "CODE|CLIENT")]
    pub calendars: Vec<String>,
    /// Which year [default: this one]
    #[arg(long)]
    pub year: Option<i32>,
}

/// `zones`
#[derive(Debug, Args)]
pub struct Zones {
    /// Keys of clients in the configuration [default: all]
    #[arg(value_name = "CLIENT")]
    pub clients: Vec<String>,
    /// Look at an mbox file, a Maildir or a folder of .eml files instead of the history
    #[arg(long, value_name = "MBOX|MAILDIR|DIR")]
    pub folder: Option<PathBuf>,
}

/// `forecast`
#[derive(Debug, Args)]
pub struct Forecast {
    /// How many days ahead
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
    /// As if it were then (RFC 3339) [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
}

/// `simulate`
#[derive(Debug, Args)]
pub struct Simulate {
    /// The first day [default: today]
    #[arg(long, value_name = "DATE")]
    pub from: Option<chrono::NaiveDate>,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
    /// Only this client
    #[arg(long)]
    pub client: Option<String>,
}
