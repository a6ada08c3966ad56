//! Arguments of `template`.
use clap::{Args, Subcommand};

/// `template`
#[derive(Debug, Args)]
pub struct TemplateCommand {
    /// What to do
    #[command(subcommand)]
    pub action: TemplateAction,
}

/// What to do with templates. A kind is a word such as `acknowledgement`, `progress` or `payment`.
#[derive(Debug, Subcommand)]
pub enum TemplateAction {
    /// Every kind, and which texts are yours
    List,
    /// Print a template: yours, else the built-in one
    Show {
        /// Which kind of mail
        kind: String,
        /// In the language of this client [default: the first of `me.languages`]
        client: Option<String>,
        /// In this language (en, fr, de, es, it, pt, nl, ja, zh, ar)
        #[arg(long, value_name = "CODE", conflicts_with = "client")]
        language: Option<String>,
        /// The built-in text, even if there is one of yours
        #[arg(long)]
        shipped: bool,
    },
    /// Open a template in $VISUAL or $EDITOR, a copy of the built-in text at first; then check it
    Edit {
        /// Which kind of mail
        kind: String,
        /// In the language of this client [default: the first of `me.languages`]
        client: Option<String>,
        /// In this language (en, fr, de, es, it, pt, nl, ja, zh, ar)
        #[arg(long, value_name = "CODE", conflicts_with = "client")]
        language: Option<String>,
    },
    /// The mail as this client would read it, from what the configuration says; sample values where it says nothing
    Preview {
        /// Which kind of mail
        kind: String,
        /// The client's key in the configuration
        client: String,
        /// Every case of the kind, with sample values
        #[arg(long)]
        all: bool,
        /// As if it were then (RFC 3339) [default: now]
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        /// Write a page with both faces of the mail, and open it
        #[arg(long)]
        browser: bool,
    },
}
