//! Arguments of the commands around the record: taking mail in, finding, proving, handing over, forgetting. Never here:
//! what they do.
use clap::Args;
use std::path::PathBuf;

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// An mbox file, a Maildir, or a folder of messages or mbox files [default: from the server, with --mailbox]
    #[arg(value_name = "MBOX|MAILDIR|DIR")]
    pub archive: Option<PathBuf>,
    /// Fetch from this mailbox; with an archive: the mailbox that it belongs to
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Which folder of the mailbox; may be given several times [default: its inboxes and Sent]
    #[arg(long, value_name = "FOLDER", requires = "mailbox", conflicts_with = "archive")]
    pub folder: Vec<String>,
    /// Nothing that arrived before this day where you are (2025-01-31, 2025-01, 30d, yesterday), or this instant (RFC 3339)
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
  project:relaunch      a project               kind:journal kind:visit  what you wrote down
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
    /// Nothing before this day where you are (2025-01-31, 2025-01, 30d, yesterday), or this instant (RFC 3339)
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
