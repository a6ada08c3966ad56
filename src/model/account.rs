//! Where a mailbox lives and how to log in. Secrets are named here, resolved by `config`, and never shown.
use std::{fmt, path::PathBuf};

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tls {
    /// TLS from the first byte (993, 465).
    Implicit,
    /// Upgraded by STARTTLS (143, 587); anything sent with the OK is an attack.
    StartTls,
    /// Loopback only.
    None,
}

/// Where a secret is found.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Written in the configuration file (refused if others can read it).
    Text(String),
    /// A file of the owner with mode 0600.
    File(PathBuf),
    /// What a command prints on its first line. One element: run by the shell; several: run as is.
    Command(Vec<String>),
    /// An environment variable.
    Env(String),
    /// A systemd credential, `$CREDENTIALS_DIRECTORY/NAME`.
    Credential(String),
    /// An entry of the system's keyring (an option of the build).
    Keyring(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Command(words) => write!(f, "Command({:?}, …)", words.first()),
            Self::Env(name) => write!(f, "Env({name})"),
            Self::Credential(name) => write!(f, "Credential({name})"),
            Self::Keyring(name) => write!(f, "Keyring({name})"),
        }
    }
}

/// How to prove who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// LOGIN or PLAIN.
    Password(Secret),
    /// XOAUTH2 or OAUTHBEARER with an access token.
    OAuth2(TokenSource),
}

/// Where access tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// What a command prints on its first line.
    Command(Secret),
    /// Fetched from the authority with what a login in the browser left, or with a refresh token of the configuration.
    Grant(Box<Grant>),
}

/// A client of an OAuth2 authority (RFC 6749) and what it may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Under this name the tokens are kept: the mailbox.
    pub key: String,
    /// The authority's name in the configuration: `google`, `microsoft`, `fastmail`, `other`.
    pub provider: String,
    /// The owner's own client id.
    pub client_id: String,
    /// The client's secret, where the authority wants one (Google does, even of desktop programs).
    pub client_secret: Option<Secret>,
    /// A refresh token got elsewhere.
    pub refresh_token: Option<Secret>,
    /// Where to ask.
    pub endpoints: Endpoints,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// For which services (RFC 8707), where the authority wants to know.
    pub resource: Vec<String>,
    /// The tokens are kept in the system's keyring instead of a file.
    pub keyring: bool,
}

/// Addresses of an authority, all https; plain http on loopback only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Where the browser goes (RFC 6749 3.1).
    pub authorize: Option<String>,
    /// Where tokens are fetched (RFC 6749 3.2).
    pub token: String,
    /// Where a machine without a browser asks for a code (RFC 8628 3.1).
    pub device: Option<String>,
    /// What the authority calls itself in its answers (RFC 9207); checked if known.
    pub issuer: Option<String>,
}

/// Whether secrets may go to this address: https, or plain http to this machine.
#[must_use]
pub fn is_protected(url: &str) -> bool {
    let host = host_of(url);
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let loopback = matches!(bare, "127.0.0.1" | "localhost" | "[::1]");
    let clean = url.chars().all(|c| c.is_ascii_graphic()) && !bare.is_empty();
    clean && (url.starts_with("https://") || url.starts_with("http://") && loopback)
}

/// Host and port of an address. Whoever writes `http://127.0.0.1@evil.example/` means evil.example.
#[must_use]
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

impl Endpoints {
    /// What an authority known by name wants to hear of the services that the token is for (RFC 8707): Fastmail's turns a
    /// login away without it, before it asks its user.
    #[must_use]
    pub fn resource(provider: &str) -> Vec<String> {
        match provider {
            "fastmail" => vec!["https://api.fastmail.com/jmap/session".to_owned()],
            _ => Vec::new(),
        }
    }

    /// The public endpoints and scopes of an authority that is known by name.
    #[must_use]
    pub fn known(provider: &str) -> Option<(Self, Vec<String>)> {
        let text = |text: &str| Some(text.to_owned());
        let scopes = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        match provider {
            "google" => Some((
                Self {
                    authorize: text("https://accounts.google.com/o/oauth2/v2/auth"),
                    token: "https://oauth2.googleapis.com/token".to_owned(),
                    device: None,
                    issuer: text("https://accounts.google.com"),
                },
                scopes(&["https://mail.google.com/"]),
            )),
            "microsoft" => Some((
                Self {
                    authorize: text("https://login.microsoftonline.com/common/oauth2/v2.0/authorize"),
                    token: "https://login.microsoftonline.com/common/oauth2/v2.0/token".to_owned(),
                    device: text("https://login.microsoftonline.com/common/oauth2/v2.0/devicecode"),
                    // The issuer carries the tenant's number: not known beforehand.
                    issuer: None,
                },
                scopes(&[
                    "https://outlook.office.com/IMAP.AccessAsUser.All",
                    "https://outlook.office.com/SMTP.Send",
                    "offline_access",
                ]),
            )),
            "fastmail" => Some((
                Self {
                    authorize: text("https://api.fastmail.com/oauth/authorize"),
                    token: "https://api.fastmail.com/oauth/refresh".to_owned(),
                    device: None,
                    issuer: None,
                },
                scopes(&[
                    "https://www.fastmail.com/dev/protocol-imap",
                    "https://www.fastmail.com/dev/protocol-smtp",
                    "offline_access",
                ]),
            )),
            _ => None,
        }
    }
}

/// A resolved secret, ready for one login. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// For LOGIN or PLAIN.
    Password(String),
    /// An access token, for XOAUTH2 or OAUTHBEARER.
    Token(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// A server: the part that IMAP and SMTP share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// PEM file with further trusted roots.
    pub ca_file: Option<PathBuf>,
    /// User name and proof; `None` means no login (IMAP then fails, SMTP sends unauthenticated).
    pub login: Option<(String, Login)>,
}

impl Server {
    /// How its tokens are fetched, if it logs in with tokens of an authority.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match &self.login {
            Some((_, Login::OAuth2(TokenSource::Grant(grant)))) => Some(grant),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn grant_mut(&mut self) -> Option<&mut Grant> {
        match &mut self.login {
            Some((_, Login::OAuth2(TokenSource::Grant(grant)))) => Some(grant),
            _ => None,
        }
    }
}

/// An IMAP account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImapAccount {
    /// Server and login.
    pub server: Server,
}

/// A Maildir++ tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaildirAccount {
    /// The folder that holds `cur`, `new`, `tmp` (INBOX) and `.Sent`, `.Drafts`.
    pub root: PathBuf,
}

/// Where mail is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// IMAP.
    Imap(ImapAccount),
    /// A local Maildir.
    Maildir(MaildirAccount),
}

/// An SMTP submission account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpAccount {
    /// Server and login.
    pub server: Server,
}

/// Where mail is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// SMTP submission.
    Smtp(SmtpAccount),
    /// A sendmail-like program, fed the message on standard input, recipients as arguments.
    Sendmail(Vec<String>),
    /// A folder, one file a mail.
    Directory(PathBuf),
}

/// Folder names that the configuration fixes; otherwise found by SPECIAL-USE or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderNames {
    /// Folders in which clients' mail arrives.
    pub inboxes: Vec<String>,
    /// Sent.
    pub sent: Option<String>,
    /// Drafts.
    pub drafts: Option<String>,
    /// Junk.
    pub junk: Option<String>,
    /// Where messages go whose wish was carried out.
    pub filed: Option<String>,
}

impl Default for FolderNames {
    fn default() -> Self {
        Self { inboxes: vec!["INBOX".to_owned()], sent: None, drafts: None, junk: None, filed: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_over_https_or_stay_on_the_machine() {
        for good in ["https://a.example/token", "http://127.0.0.1:8080/token", "http://localhost/x", "http://[::1]:1/"]
        {
            assert!(is_protected(good), "{good}");
        }
        for bad in
            ["http://a.example/t", "http://127.0.0.1@evil.example/", "https://", "ftp://127.0.0.1/", "", "https://a b/"]
        {
            assert!(!is_protected(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_known_of_authorities_is_protected() {
        for name in ["google", "microsoft", "fastmail"] {
            let (endpoints, scopes) = Endpoints::known(name).unwrap();
            let all = [endpoints.authorize, Some(endpoints.token), endpoints.device];
            assert!(all.iter().flatten().all(|url| is_protected(url)) && !scopes.is_empty(), "{name}");
        }
    }
}
