//! The configuration that `init` writes, with comments, and the file of one more client. Values are quoted as TOML, whatever
//! somebody typed.
use crate::config::providers::{Endpoint, Found};
use crate::model::Tls;

/// The file with the JSON Schema, beside the configuration.
pub const SCHEMA: &str = "fuseau.schema.json";

/// How fuseau is to prove who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// What a command prints.
    Command(String),
    /// A private file.
    File(String),
    /// An environment variable.
    Env(String),
    /// A systemd credential.
    Credential(String),
    /// The owner's own client id at an authority.
    Client {
        /// Whose.
        provider: String,
        /// The id.
        id: String,
        /// A file with its secret.
        secret: Option<String>,
    },
    /// A command that prints tokens.
    TokenCommand {
        /// Whose.
        provider: String,
        /// The command.
        command: String,
    },
}

/// One client.
#[derive(Clone, Debug)]
pub struct ClientText {
    /// The key.
    pub id: String,
    /// The name, if it is known.
    pub name: Option<String>,
    /// An address, or `@domain`.
    pub contact: String,
    /// IANA name.
    pub zone: String,
    /// Code; `None`: the owner's first.
    pub language: Option<String>,
}

/// Everything that the questions brought.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The owner's name.
    pub name: String,
    /// The owner's zone.
    pub zone: String,
    /// Codes of languages.
    pub languages: Vec<String>,
    /// Lines of `[hours]`: days and windows.
    pub hours: Vec<(String, Vec<String>)>,
    /// The mailbox's key.
    pub mailbox: String,
    /// Its address.
    pub address: String,
    /// Its servers.
    pub found: Found,
    /// How it logs in.
    pub proof: Proof,
    /// Further roots to trust.
    pub ca_file: Option<String>,
    /// The first client.
    pub client: Option<ClientText>,
}

/// A TOML basic string.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
}

fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Command(line) => format!("password = {{ command = {} }}", quoted(line)),
        Proof::File(path) => format!("password = {{ file = {} }}", quoted(path)),
        Proof::Env(name) => format!("password = {{ env = {} }}", quoted(name)),
        Proof::Credential(name) => format!("password = {{ credential = {} }}", quoted(name)),
        Proof::Client { provider, id, secret } => {
            let secret = secret.as_ref().map(|it| format!(", client_secret = {{ file = {} }}", quoted(it)));
            let secret = secret.unwrap_or_default();
            format!("oauth2 = {{ provider = {}, client_id = {}{secret} }}", quoted(provider), quoted(id))
        }
        Proof::TokenCommand { provider, command } => {
            format!("oauth2 = {{ provider = {}, token_command = {} }}", quoted(provider), quoted(command))
        }
    }
}

fn server(end: &Endpoint, usual: (u16, u16), draft: &Draft) -> String {
    let (tls, port) = match end.tls {
        Tls::Implicit => ("implicit", usual.0),
        Tls::StartTls => ("starttls", usual.1),
        Tls::None => ("none", 0),
    };
    let mut parts = vec![format!("host = {}", quoted(&end.host))];
    if end.port != port {
        parts.push(format!("port = {}", end.port));
    }
    if end.tls != Tls::Implicit || end.port != port {
        parts.push(format!("tls = {}", quoted(tls)));
    }
    parts.push(format!("user = {}", quoted(&end.user)));
    parts.push(proof(&draft.proof));
    if let Some(ca) = &draft.ca_file {
        parts.push(format!("ca_file = {}", quoted(ca)));
    }
    format!("{{ {} }}", parts.join(", "))
}

impl Draft {
    /// The whole file.
    pub fn toml(&self) -> String {
        let hours: Vec<String> =
            self.hours.iter().map(|(days, windows)| format!("{days} = {}", list(windows))).collect();
        let mut text = format!(
            "#:schema ./{SCHEMA}\n# fuseau: see docs/reference/config.md for every option. `fuseau check` reads this file and says what is wrong.\n\n\
             [me]\nname      = {}\nzone      = {}\nlanguages = {}   # languages you can answer in; the first is the fallback\n\n\
             # When you read and answer mail, where you are. A single day beats a range; [] empties a day.\n\
             [hours]\n{}\n# holidays = [\"GB-ENG\"]              # public holidays that you keep: `fuseau holidays`\n\n\
             # [[closed]]                         # days off\n# from = 2026-12-24\n# to   = 2027-01-02\n\n\
             [mailbox.{}]\naddress = {}\n\
             # observe: nothing is sent, only noted (`fuseau status`, `fuseau history`). Then draft: replies wait in Drafts. Then send.\n\
             mode = \"observe\"\nimap = {}\nsmtp = {}\n",
            quoted(&self.name),
            quoted(&self.zone),
            list(&self.languages),
            hours.join("\n"),
            self.mailbox,
            quoted(&self.address),
            server(&self.found.imap, (993, 143), self),
            server(&self.found.smtp, (465, 587), self),
        );
        for line in &self.found.extra {
            text.push_str(line);
            text.push('\n');
        }
        match &self.client {
            Some(client) => text.push_str(&format!("\n{}", client.toml())),
            None => text.push_str(
                "\n# Clients: `fuseau client add anna@acme.example --zone Singapore` writes one into clients/.\n",
            ),
        }
        text
    }
}

impl ClientText {
    /// The table of one client.
    pub fn toml(&self) -> String {
        let mut text = format!("[client.{}]\n", self.id);
        if let Some(name) = &self.name {
            text.push_str(&format!("name     = {}\n", quoted(name)));
        }
        text.push_str(&format!("contacts = [{}]\nzone     = {}\n", quoted(&self.contact), quoted(&self.zone)));
        if let Some(language) = &self.language {
            text.push_str(&format!("language = {}\n", quoted(language)));
        }
        text.push_str("# tone     = \"familiar\"              # or \"formal\"\n# hours    = { mon-fri = [\"09:00-18:00\"] }   # decent hours there\n# holidays = [\"SG\"]\n# channels = [\"WhatsApp +65 5550 0100\"]       # what to use if it cannot wait\n");
        text
    }
}
