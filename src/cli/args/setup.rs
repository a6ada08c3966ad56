//! Arguments of the commands that set things up: `init`, `client`, `auth`, `service`.
use super::Scope;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Your e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Your name, as it stands below your mails
    #[arg(long)]
    pub name: Option<String>,
    /// Languages you can answer in, the first is the fallback: fr,en [default: the machine's, and English]
    #[arg(long, value_name = "CODES")]
    pub languages: Option<String>,
    /// Where you are: a city or a zone [default: the machine's]
    #[arg(long, value_name = "PLACE")]
    pub zone: Option<String>,
    /// Days and answer windows: "mon-fri 09:00-09:30 16:30-17:00"; may be repeated
    #[arg(long, value_name = "WINDOWS")]
    pub hours: Vec<String>,
    /// A command that prints the password
    #[arg(long, value_name = "COMMAND")]
    pub password_command: Option<String>,
    /// A file of yours (mode 0600) with the password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// An environment variable with the password
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
    /// A systemd credential with the password
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// A command that prints an access token
    #[arg(long, value_name = "COMMAND")]
    pub token_command: Option<String>,
    /// Your client id with the provider, for `fuseau auth login`
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// A file of yours with the secret of the client id
    #[arg(long, value_name = "FILE", requires = "client_id")]
    pub client_secret_file: Option<PathBuf>,
    /// The user name at the servers, if it is not what the provider usually wants
    #[arg(long)]
    pub user: Option<String>,
    /// The IMAP server, as host, host:port or host:port/starttls [default: found out]
    #[arg(long, value_name = "SERVER", requires = "smtp")]
    pub imap: Option<String>,
    /// The submission server, alike
    #[arg(long, value_name = "SERVER", requires = "imap")]
    pub smtp: Option<String>,
    /// A PEM file with further roots to trust
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Settings that your provider gave you (autoconfig XML)
    #[arg(long, value_name = "FILE")]
    pub autoconfig: Option<PathBuf>,
    /// What the mailbox is called in the configuration
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// The first client: an address, or @domain
    #[arg(long, value_name = "CONTACT")]
    pub client: Option<String>,
    /// Where the client is: a city or a zone
    #[arg(long, value_name = "PLACE")]
    pub client_zone: Option<String>,
    /// The client's language
    #[arg(long, value_name = "CODE")]
    pub client_language: Option<String>,
    /// The client's name
    #[arg(long, value_name = "NAME")]
    pub client_name: Option<String>,
    /// Where to write [default: ~/.config/fuseau/fuseau.toml]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the configuration instead of writing it
    #[arg(long)]
    pub print: bool,
    /// Ask nothing: flags and defaults answer
    #[arg(long)]
    pub yes: bool,
    /// Neither look for servers nor log in
    #[arg(long)]
    pub offline: bool,
    /// Do not judge the last days' mail
    #[arg(long)]
    pub no_preview: bool,
    /// How many days of mail the preview judges
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=90))]
    pub days: u16,
}

/// `client`
#[derive(Debug, Args)]
pub struct ClientCommand {
    /// What to do
    #[command(subcommand)]
    pub action: ClientAction,
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientAction {
    /// Write one more client into clients/ beside the configuration
    Add(ClientAdd),
}

/// `client add`
#[derive(Debug, Args)]
pub struct ClientAdd {
    /// An address, or @domain
    pub contact: String,
    /// Where they are: a city or a zone
    #[arg(long, value_name = "PLACE")]
    pub zone: String,
    /// The key in the configuration [default: from the domain]
    #[arg(long)]
    pub id: Option<String>,
    /// The client's name
    #[arg(long)]
    pub name: Option<String>,
    /// The client's language
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
}

/// `auth`
#[derive(Debug, Args)]
pub struct Auth {
    /// What to do
    #[command(subcommand)]
    pub action: AuthAction,
}

/// What to do with permissions.
#[derive(Debug, Subcommand)]
pub enum AuthAction {
    /// Ask the authority for permission, in a browser or by a code
    Login(Login),
    /// Which mailboxes have permission, and for how long
    Status,
    /// Forget the tokens of a mailbox
    Logout {
        /// Which mailbox
        mailbox: String,
    },
}

/// `auth login`
#[derive(Debug, Args)]
pub struct Login {
    /// Which mailbox
    pub mailbox: String,
    /// By a code that is entered on another device (Microsoft)
    #[arg(long, conflicts_with_all = ["paste", "port", "no_browser"])]
    pub device: bool,
    /// Paste the address that the browser ends at: for machines without a browser
    #[arg(long)]
    pub paste: bool,
    /// Only print the address, open no browser
    #[arg(long)]
    pub no_browser: bool,
    /// The port that the browser comes back to, if the authority wants a fixed one [default: any free one]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Keep the tokens without trying them at the IMAP server
    #[arg(long)]
    pub untested: bool,
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
        /// Whose
        #[command(flatten)]
        scope: Scope,
    },
    /// Write the unit and say how to start it; never overwrites a changed file
    Install {
        /// Whose
        #[command(flatten)]
        scope: Scope,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        /// Replace a unit that differs; the old one is kept beside it as FILE.old
        #[arg(long)]
        replace: bool,
        /// Also let it run without a login (loginctl enable-linger)
        #[arg(long, conflicts_with = "system")]
        linger: bool,
    },
    /// Remove the unit; one that you changed is kept beside it as FILE.old
    Uninstall {
        /// Whose
        #[command(flatten)]
        scope: Scope,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Is it installed, enabled, running, hardened?
    Status {
        /// Whose
        #[command(flatten)]
        scope: Scope,
    },
}
