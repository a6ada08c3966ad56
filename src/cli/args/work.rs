//! The commands of the work: journal, projects, drafts.
use clap::{Args, Subcommand};

const NOTE_HELP: &str = "\
Examples:
  fuseau note relaunch \"Two designs for the start page\"
  fuseau note relaunch \"Photos are chosen\" --at 2027-01-12
  fuseau note relaunch --list";
const PROJECT_HELP: &str = "\
Example:
  fuseau project relaunch    where it stands: dates where the client is, done, money, drafts that come";
const DRAFT_HELP: &str = "\
Examples:
  fuseau draft progress relaunch            into Drafts, now
  fuseau draft payment acme --print         only shown
  fuseau draft payment relaunch --invoice 2027-03
  fuseau draft trip acme --at 2027-01-14    as it would read on that day";
const DRAFTS_HELP: &str = "\
Examples:
  fuseau drafts
  fuseau drafts --all
  fuseau drafts drop progress:relaunch:2027-01-14";

/// `note`
#[derive(Debug, Args)]
#[command(after_help = NOTE_HELP)]
pub struct Note {
    /// The project's key in the configuration
    pub project: String,
    /// What was done, in your words; - reads standard input
    #[arg(required_unless_present_any = ["list", "undo"])]
    pub text: Option<String>,
    /// When it was (RFC 3339, or a day where you are) [default: now]
    #[arg(long, value_name = "INSTANT", conflicts_with_all = ["list", "undo"])]
    pub at: Option<String>,
    /// Show the journal
    #[arg(long, conflicts_with_all = ["text", "undo"])]
    pub list: bool,
    /// Take back the note that was written last
    #[arg(long, conflicts_with = "text")]
    pub undo: bool,
}

/// `project`
#[derive(Debug, Args)]
#[command(after_help = PROJECT_HELP)]
pub struct Project {
    /// The project's key in the configuration [default: all, a line each]
    pub project: Option<String>,
}

/// `draft`
#[derive(Debug, Args)]
#[command(after_help = DRAFT_HELP)]
pub struct Draft {
    /// progress, follow-up, check-in, trip, closure, visit, slots, contract, deposit, payment, greeting or recap
    pub kind: String,
    /// A project or a client of the configuration
    #[arg(value_name = "PROJECT|CLIENT")]
    pub target: String,
    /// As if it were then (RFC 3339, or a day where you are) [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// Of `payment`: about this invoice [default: the oldest that is not paid]
    #[arg(long, value_name = "NUMBER")]
    pub invoice: Option<String>,
    /// Only show it; nothing is recorded
    #[arg(long)]
    pub print: bool,
}

/// `drafts`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = DRAFTS_HELP)]
pub struct Drafts {
    /// Also those that ended in the last 90 days, and what is not written, and why
    #[arg(long)]
    pub all: bool,
    /// What to do with one of them
    #[command(subcommand)]
    pub action: Option<DraftsAction>,
}

/// What to do with one draft.
#[derive(Debug, Subcommand)]
pub enum DraftsAction {
    /// Remove a draft that you have not touched, or let one that comes never be made
    Drop {
        /// Its key, as `fuseau drafts` shows it
        key: String,
    },
}
