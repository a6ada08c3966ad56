//! The command line as typed. What each command does: the file of its name.
mod meet;
mod promise;
mod public;
mod record;
mod rehearse;
mod setup;
mod template;
mod work;

pub use meet::{Slots, SlotsAction, Visit, VisitAction};
pub use promise::{Digest, Done, Hold, Never, Outbox, OutboxAction, Promises};
pub use public::{Page, Stats};
pub use record::{Backup, Erase, Export, Format, Import, Restore, Search, Verify};
pub use rehearse::{Check, Explain, Forecast, Holidays, Hours, Replay, Simulate, When, Zones};
pub use setup::{Auth, AuthAction, ClientAction, ClientAdd, ClientCommand, Init, Login, Service, ServiceAction};
pub use template::{TemplateAction, TemplateCommand};
pub use work::{Draft, Drafts, DraftsAction, Note, Project};

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
  fuseau init                 write a first configuration: finds the servers, sends nothing
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
    /// Write a first configuration: finds the servers, tries both logins, shows what would be answered; sends nothing
    Init(Box<Init>),
    /// Add a client
    Client(ClientCommand),
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
    /// Where your clients probably are: their zones, with the evidence; changes nothing
    Zones(Zones),
    /// What falls into the coming closures, trips, holidays and clock changes, and what to do now
    Forecast(Forecast),
    /// The days to come on a virtual clock: windows, and what mail would be promised
    Simulate(Simulate),
    /// What was promised and is still open
    Promises(Promises),
    /// What the next digest would say; nothing is sent
    Digest(Digest),
    /// What waits to be sent and why; hold it back, send it now, drop it
    Outbox(Outbox),
    /// A promise is kept: you answered by other means
    Done(Done),
    /// Tell a client of a later date: a holding reply
    Hold(Hold),
    /// No automatic mail to an address, ever
    Never(Never),
    /// Write into the journal of a project
    Note(Note),
    /// Where a project stands: milestones, journal, invoices, what is drafted next
    Project(Project),
    /// Put a draft into your Drafts folder now
    Draft(Draft),
    /// The drafts that wait for you, what comes next, and why
    Drafts(Drafts),
    /// Propose meeting times that are decent for both, and see what became of them
    Slots(Slots),
    /// Clients near a place or a trip, in a sensible order; note a visit
    Visit(Visit),
    /// Everything that was exchanged with a client, and what became of each promise
    History(History),
    /// One message: its text, its attachments, what was decided about it and why
    Show(Show),
    /// How long clients waited, which promises were kept, when mail comes, what is asked again and again
    Stats(Stats),
    /// "How to reach me" as a static page, with a calendar of your windows and texts for signatures and contracts
    Page(Page),
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
    /// The desk in a browser: today, clients, outbox; on this machine only
    Web(Web),
    /// Stop all automatic mail
    Pause,
    /// Let automatic mail go again; end the rest of a sender, a domain, a conversation
    Resume(Resume),
    /// Make the running daemon read its configuration again
    Reload,
    /// Permission to log in to a mailbox, given in the browser (OAuth2)
    Auth(Auth),
    /// Install, remove or show the systemd or launchd service
    Service(Service),
    /// Look at everything that can be wrong, and say what to do; changes nothing
    Doctor,
    /// The rung of each mailbox and client (observe, draft, send), what was seen there, and how to change it
    Trust(Trust),
    /// The wording of your mails: list, show, change or preview a template
    Template(TemplateCommand),
    /// Completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, for `man`
    Man,
    /// Print the JSON Schema of the configuration, for editors
    Schema,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the demo keeps its mailbox and state [default: ./fuseau-demo]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `resume`
#[derive(Debug, Args)]
pub struct Resume {
    /// Only this rest, as `status` names it: @DOMAIN, ADDRESS, the id of a conversation, or a mailbox; a pause stays
    #[arg(value_name = "REST")]
    pub rest: Vec<String>,
    /// The rests of senders, domains and conversations too
    #[arg(long, conflicts_with = "rest")]
    pub rests: bool,
}

/// `history`
#[derive(Debug, Args)]
pub struct History {
    /// The client's key in the configuration
    pub client: String,
    /// Nothing before this day where you are (2025-01-31, 2025-01, 30d, yesterday), or this instant (RFC 3339)
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

/// `web`
#[derive(Debug, Args)]
pub struct Web {
    /// The port on 127.0.0.1 (0: any free one) [default: as `[web] listen` says, 8427]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Open it in the browser
    #[arg(long)]
    pub open: bool,
}

/// Whose service.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Scope {
    /// For this user (the default)
    #[arg(long, conflicts_with = "system")]
    pub user: bool,
    /// For the whole machine instead of this user
    #[arg(long)]
    pub system: bool,
}

/// `trust`
#[derive(Debug, Args)]
pub struct Trust {
    /// A mailbox or a client of the configuration [default: all]
    #[arg(value_name = "MAILBOX|CLIENT")]
    pub name: Option<String>,
    /// Put it on this rung from now on
    #[arg(value_name = "RUNG", value_enum)]
    pub rung: Option<Rung>,
    /// One rung higher
    #[arg(long, requires = "name", conflicts_with_all = ["rung", "lower", "as_written"])]
    pub raise: bool,
    /// One rung lower
    #[arg(long, requires = "name", conflicts_with_all = ["rung", "as_written"])]
    pub lower: bool,
    /// Take the word back: the configuration counts again
    #[arg(long, requires = "name", conflicts_with = "rung")]
    pub as_written: bool,
}

impl Trust {
    /// Whether a step is to be taken.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.rung.is_some() || self.raise || self.lower || self.as_written
    }
}

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rung {
    /// Only write down what would be sent
    Observe,
    /// Replies wait in Drafts
    Draft,
    /// Replies leave by themselves
    Send,
}
