//! The command line as typed. What each command does: the file of its name.
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Answers each client in their own time zone and language with your next answer window, and keeps the promise in sight.
#[derive(Debug, Parser)]
#[command(name = "fuseau", disable_version_flag = true, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The configuration [default: $FUSEAU_CONFIG, ./fuseau.toml, ~/.config/fuseau/fuseau.toml, /etc/fuseau/fuseau.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print facts as JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,

    /// Print the version (with --verbose: time-zone data and libraries too)
    #[arg(short = 'V', long)]
    pub version: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

const AFTER_HELP: &str = "\
First steps:
  fuseau demo                 see the whole loop, without a server or an account
  fuseau check                is my configuration right?
  fuseau explain mail.eml     what would it answer to this mail, and why?

Exit codes: 0 done, 1 failed, 64 usage, 75 try later, 78 configuration.";

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon in the foreground
    Run,
    /// Play the whole loop on an embedded mailbox: no server, no account
    Demo(Demo),
    /// Check the configuration, templates and credentials
    Check(Check),
    /// Show every rule that was checked for a message, the arithmetic in both zones and the mail that would go out
    Explain(Explain),
    /// Judge an archive: what would have been sent
    Replay(Replay),
    /// The next answer window for a client, in both zones
    When(When),
    /// The hours that you and your clients have in common, as a picture
    Hours(Hours),
    /// Public holidays by country and region, or what you and your clients keep
    Holidays(Holidays),
    /// What falls into the coming closures, trips, holidays and clock changes, and what to do now
    Forecast(Forecast),
    /// The days to come on a virtual clock: windows, and what mail would be promised
    Simulate(Simulate),
    /// What was promised and is still open
    Promises(Promises),
    /// A promise is kept: you answered by other means
    Done(Done),
    /// Everything that was exchanged with a client, and what became of each promise
    History(History),
    /// One message: its text, its attachments, what was decided about it and why
    Show(Show),
    /// Find what was said: words, "phrases", beginnings*, and filters such as from: client: after:
    Search(Search),
    /// A dossier of all that was exchanged with a client: html, md, mbox, json or csv
    Export(Export),
    /// Take past mail into the history; nothing is answered
    Import(Import),
    /// Check that no entry of the history was changed since it was sealed
    Verify(Verify),
    /// Copy the history into a file, while everything runs, and check the copy
    Backup(Backup),
    /// Put a copy of the history in its place; nothing old is answered afterwards
    Restore(Restore),
    /// Forget a client or an address: history, search index, outbox; then prove it
    Erase(Erase),
    /// Is it running, connected, paused?
    Status,
    /// Stop all automatic mail
    Pause,
    /// Let automatic mail go again
    Resume,
    /// Make the running daemon read its configuration again
    Reload,
    /// Install or show the systemd or launchd service
    Service(Service),
    /// Completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, for `man`
    Man,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the demo keeps its mailbox and state [default: ./fuseau-demo]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Also log in to both servers and look around, changing nothing
    #[arg(long)]
    pub online: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A Message-ID from the history, a file, or - for standard input
    #[arg(value_name = "MESSAGE-ID|FILE.eml|-")]
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

/// `promises`
#[derive(Debug, Args)]
pub struct Promises {
    /// Also those that are kept, lapsed or released
    #[arg(long)]
    pub all: bool,
}

/// `done`
#[derive(Debug, Args)]
pub struct Done {
    /// The client's message
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
}

/// `history`
#[derive(Debug, Args)]
pub struct History {
    /// The client's key in the configuration
    pub client: String,
    /// Nothing before this day where you are, or this instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Only the newest entries
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Conversation by conversation instead of one line of time
    #[arg(long, conflicts_with = "json")]
    pub threads: bool,
}

/// `show`
#[derive(Debug, Args)]
pub struct Show {
    /// An id from `search` or `history --json` (its beginning is enough), or a Message-ID
    #[arg(value_name = "ID|MESSAGE-ID")]
    pub id: String,
    /// The message as it came or left, byte for byte
    #[arg(long, conflicts_with = "json")]
    pub raw: bool,
}

/// `service`
#[derive(Debug, Args)]
pub struct Service {
    /// What to do with it
    #[command(subcommand)]
    pub action: ServiceAction,
}

/// What to do with the service.
#[derive(Debug, Subcommand)]
pub enum ServiceAction {
    /// Print the unit that `install` would write
    Show {
        /// For the whole machine instead of this user
        #[arg(long)]
        system: bool,
    },
    /// Write the unit and say how to start it; never overwrites a changed file
    Install {
        /// For the whole machine instead of this user
        #[arg(long)]
        system: bool,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// An mbox file, a Maildir, or a folder of messages or mbox files [default: from the server, with --mailbox]
    #[arg(value_name = "MBOX|MAILDIR|DIR", required_unless_present = "mailbox")]
    pub archive: Option<PathBuf>,
    /// Fetch from this mailbox; with an archive: the mailbox that it belongs to
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Which folder of the mailbox; may be given several times [default: its inboxes and Sent]
    #[arg(long, value_name = "FOLDER", requires = "mailbox", conflicts_with = "archive")]
    pub folder: Vec<String>,
    /// Nothing that arrived before this day where you are (2025-01-31), or this instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Also mail of people who are no clients
    #[arg(long)]
    pub all: bool,
}

/// `search`
#[derive(Debug, Args)]
#[command(after_help = SEARCH_HELP)]
pub struct Search {
    /// What to look for; several arguments are one query. In single quotes the shell leaves it alone
    #[arg(value_name = "QUERY", required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// How many hits at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

const SEARCH_HELP: &str = "\
Case and accents make no difference: reunion finds Réunion.
  logo flyer            both words              logo OR flyer      one of them
  \"trade fair\"          the phrase              invoi*             the beginning of a word
  'logo -draft'         without a word          subject:logo       in the subject
  from:anna to:claire   people                  client:acme        a client
  after:2027-01 before:2027-02-15 after:30d     days where you are
  in:sent kind:mail has:attachment is:open is:held is:in is:out

Hits in subjects and names stand first, then the newest.";

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// Check a copy instead
    #[arg(value_name = "FILE")]
    pub copy: Option<PathBuf>,
}

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// Where the copy goes; one that is there is replaced once the new one is whole
    #[arg(value_name = "FILE")]
    pub to: PathBuf,
}

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A copy that `backup` made, or one from the backups folder
    #[arg(value_name = "FILE")]
    pub from: PathBuf,
}

/// `erase`
#[derive(Debug, Args)]
pub struct Erase {
    /// The client's key in the configuration, or any address
    #[arg(value_name = "CLIENT|ADDRESS")]
    pub whom: String,
    /// Do it; without this it is only said what would be forgotten
    #[arg(long)]
    pub yes: bool,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// The client's key in the configuration; with --subject-access any address too
    #[arg(value_name = "CLIENT")]
    pub client: String,
    /// What kind of file
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub format: Format,
    /// Nothing before this day where you are, or this instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// To hand over: in the client's language and zone, without what is internal
    #[arg(long)]
    pub for_client: bool,
    /// Everything that is kept about a person, for their request under data protection law (as JSON)
    #[arg(long, conflicts_with_all = ["for_client", "since"])]
    pub subject_access: bool,
    /// Into this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Kinds of dossiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One page that prints well
    Html,
    /// Markdown
    Md,
    /// The messages themselves, for any mail program (mboxrd)
    Mbox,
    /// For programs
    Json,
    /// A table
    Csv,
}
