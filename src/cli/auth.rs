//! `fuseau auth login|status|logout`: permission to log in to a mailbox, given in the browser, kept in the state directory.
use super::args::{Auth, AuthAction, Cli, Login as LoginArgs};
use super::check::{Finding, bad, good};
use super::fail::Fail;
use super::out;
use crate::config::{MailboxSettings, Settings, nearest};
use crate::daemon::control::{self, Ask};
use crate::daemon::dial::Dialler;
use crate::daemon::tokens;
use crate::model::Credential;
use crate::model::account::{Grant, Incoming, Outgoing, Server};
use crate::system::oauth::{self, Known, Listener, OAuthError, Tokens};
use crate::system::{Clock, Ids, state};
use chrono::TimeDelta;
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long the owner may take in the browser.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

pub fn run(cli: &Cli, auth: &Auth) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    match &auth.action {
        AuthAction::Login(login) => self::login(&settings, login),
        AuthAction::Status => status(cli, &settings),
        AuthAction::Logout { mailbox } => logout(&settings, mailbox),
    }
}

/// Every client of an authority that a mailbox logs in with; the same one for fetching and sending counts once.
fn grants(mailbox: &MailboxSettings) -> Vec<&Server> {
    let incoming = match &mailbox.incoming {
        Incoming::Imap(account) => Some(&account.server),
        Incoming::Maildir(_) => None,
    };
    let outgoing = match &mailbox.outgoing {
        Some(Outgoing::Smtp(account)) => Some(&account.server),
        _ => None,
    };
    let mut servers: Vec<&Server> = incoming.into_iter().chain(outgoing).filter(|it| it.grant().is_some()).collect();
    servers.dedup_by(|later, first| later.grant() == first.grant());
    servers
}

fn mailbox<'a>(settings: &'a Settings, name: &str) -> Result<&'a MailboxSettings, Fail> {
    let found = settings.mailboxes.iter().find(|it| it.name == name).ok_or_else(|| {
        let known: Vec<&str> = settings.mailboxes.iter().map(|it| it.name.as_str()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("the configuration has: {}", known.join(", ")),
        };
        Fail::Usage(format!("no mailbox is called {name:?}\n    {hint}"))
    })?;
    if grants(found).is_empty() {
        return Err(Fail::Usage(format!(
            "{name} does not log in with tokens of an authority\n    write oauth2 = {{ provider = \"google\", client_id = \"…\" }} \
             in its imap and smtp tables (guide: \"Gmail and Microsoft 365\")"
        )));
    }
    Ok(found)
}

fn login(settings: &Settings, args: &LoginArgs) -> Result<(), Fail> {
    let dir = out::state_dir(settings);
    state::prepare(&dir)?;
    let mailbox = mailbox(settings, &args.mailbox)?;
    for server in grants(mailbox) {
        let (Some(grant), Some((user, _))) = (server.grant(), &server.login) else { continue };
        let known = tokens::known(grant).map_err(|error| Fail::Failed(error.to_string()))?;
        let tokens =
            if args.device { device(grant, &known) } else { browser(grant, &known, user, args) }.map_err(failed)?;
        if !tokens.lasts() {
            out::error("the authority gave no refresh token: this login will not outlast the hour");
        }
        prove(mailbox, server, user, &tokens, args)?;
        oauth::keep(grant, &tokens, &dir).map_err(failed)?;
        out::text(&format!(
            "{}: logged in at {} as {user}; the tokens are in {}",
            mailbox.name,
            grant.provider,
            if grant.keyring { "the keyring".to_owned() } else { dir.join("tokens").display().to_string() }
        ));
    }
    // A mailbox that rests for want of a login starts again.
    if let Some(reply) = control::ask(&dir, Ask::Reload)? {
        out::text(if reply.ok { "the running daemon goes on with it" } else { &reply.text });
    }
    Ok(())
}

/// The tokens are tried before they are kept: the browser may have been logged in as somebody else.
fn prove(
    mailbox: &MailboxSettings,
    server: &Server,
    user: &str,
    tokens: &Tokens,
    args: &LoginArgs,
) -> Result<(), Fail> {
    let imap = matches!(&mailbox.incoming, Incoming::Imap(account) if account.server == *server);
    let Some(token) = tokens.access(Clock::System.now()).filter(|_| imap && !args.untested) else { return Ok(()) };
    let credential = Credential::Token(token.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(Dialler::default().try_imap(server, user, &credential)) {
        Ok(()) => Ok(()),
        Err(error) if error.is_login() => Err(Fail::Failed(format!(
            "{} does not take this permission for {user}: {error}\n    was the browser logged in as somebody else? nothing \
             was kept; run it again and choose {user}",
            server.host
        ))),
        Err(error) => {
            out::error(&format!("the login could not be tried: {error}"));
            Ok(())
        }
    }
}

fn browser(grant: &Grant, known: &Known, user: &str, args: &LoginArgs) -> Result<Tokens, OAuthError> {
    let at =
        |error: std::io::Error| OAuthError::Browser(format!("no port of this machine could be listened on: {error}"));
    let listener = Listener::open(args.port.unwrap_or(0)).map_err(at)?;
    let redirect = listener.redirect(&grant.provider);
    let (url, proof) = oauth::begin(grant, &redirect, user, &Ids::random())?;
    out::text(&format!("Open this address in a browser and log in as {user}:\n\n  {url}\n"));
    let issuer = grant.endpoints.issuer.as_deref();
    let code = if args.paste {
        out::text(
            "Afterwards the browser shows a page that it cannot load. Copy its whole address here and press Enter:",
        );
        pasted(&proof, issuer)?
    } else {
        if !args.no_browser && !open(&url) {
            out::text("No browser could be opened here. On a machine without one, use --paste.");
        }
        listener.wait(&proof, issuer, PATIENCE)?
    };
    oauth::finish(grant, known, &code, &proof, Clock::System.now())
}

fn pasted(proof: &oauth::Proof, issuer: Option<&str>) -> Result<String, OAuthError> {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match oauth::code_of(&line, proof, issuer) {
            Ok(code) => return Ok(code),
            Err(oauth::Stray::Said(error)) => return Err(error),
            Err(oauth::Stray::Foreign) => {
                out::error("that is not the address; it begins with http:// and holds code= and state=")
            }
        }
    }
    Err(OAuthError::Browser("no address was pasted".to_owned()))
}

fn device(grant: &Grant, known: &Known) -> Result<Tokens, OAuthError> {
    let code = oauth::begin_device(grant)?;
    out::text(&format!("Open {} on any device and enter the code {}", code.page, code.user_code));
    let (mut pause, mut left) = (code.pause, code.lives);
    loop {
        std::thread::sleep(pause);
        match oauth::poll_device(grant, known, &code, Clock::System.now()) {
            Err(OAuthError::Pending { slower }) => {
                // RFC 8628 3.5: five seconds more for good.
                pause += Duration::from_secs(if slower { 5 } else { 0 });
                left = left.saturating_sub(pause);
                if left.is_zero() {
                    return Err(OAuthError::Browser("the code was not entered in time".to_owned()));
                }
            }
            other => return other,
        }
    }
}

/// Opens the owner's browser, if there is one; never waits for it.
pub fn open(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let shown = std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some();
    if !(cfg!(target_os = "macos") || shown) || !std::io::stdout().is_terminal() {
        return false;
    }
    let quiet = || Stdio::null();
    Command::new(program).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().is_ok()
}

fn status(cli: &Cli, settings: &Settings) -> Result<(), Fail> {
    let dir = out::state_dir(settings);
    let mut rows = Vec::new();
    for mailbox in &settings.mailboxes {
        for grant in grants(mailbox).into_iter().filter_map(Server::grant) {
            let kept = oauth::kept(grant, &dir);
            let (state, text) = state_of(grant, &kept);
            rows.push((mailbox.name.clone(), grant.provider.clone(), state, text));
        }
    }
    if cli.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(mailbox, provider, state, text)| json!({"mailbox": mailbox, "provider": provider, "state": state, "text": text}))
            .collect();
        out::json(&json!(rows));
        return Ok(());
    }
    if rows.is_empty() {
        out::text("no mailbox logs in with tokens of an authority");
    }
    for (mailbox, provider, state, text) in rows {
        out::text(&format!("{mailbox}  {provider}  {state}: {text}"));
    }
    Ok(())
}

/// A word for programs and a sentence for people.
fn state_of(grant: &Grant, kept: &Result<Option<Tokens>, OAuthError>) -> (&'static str, String) {
    let again = || format!("run: fuseau auth login {}", grant.key.trim_end_matches("-smtp"));
    match kept {
        Err(error) => ("unusable", error.to_string()),
        Ok(None) if grant.refresh_token.is_some() => {
            ("ready", "with the refresh token of the configuration".to_owned())
        }
        Ok(None) => ("missing", format!("nobody has logged in yet; {}", again())),
        Ok(Some(kept)) if kept.refused => ("refused", format!("the authority took its permission back; {}", again())),
        Ok(Some(kept)) => {
            let left = TimeDelta::seconds(kept.expires_at - Clock::System.now().timestamp());
            match (kept.lasts(), left > TimeDelta::zero()) {
                (true, true) => {
                    ("ready", format!("the access token is good for {} min, then it is refreshed", left.num_minutes()))
                }
                (true, false) => ("ready", "the access token has ended and is refreshed at the next login".to_owned()),
                (false, true) => ("ending", format!("good for {} min, without a refresh token", left.num_minutes())),
                (false, false) => ("ended", format!("the access token has ended; {}", again())),
            }
        }
    }
}

/// What `check` says about the tokens of a mailbox.
pub fn finding(what: &str, grant: &Grant, dir: &Path) -> Finding {
    let (state, text) = state_of(grant, &oauth::kept(grant, dir));
    match state {
        "ready" | "ending" => good(what, &text),
        _ => bad(what, &text),
    }
}

fn logout(settings: &Settings, name: &str) -> Result<(), Fail> {
    let dir = out::state_dir(settings);
    let mut gone = false;
    for grant in grants(mailbox(settings, name)?).into_iter().filter_map(Server::grant) {
        gone |= oauth::forget(grant, &dir).map_err(failed)?;
    }
    out::text(if gone {
        "the tokens are forgotten here; to withdraw the permission, remove fuseau in the security settings of your account"
    } else {
        "there were none"
    });
    Ok(())
}

fn failed(error: OAuthError) -> Fail {
    match error {
        OAuthError::Http(_) | OAuthError::Garbled { .. } => Fail::TryLater(error.to_string()),
        other => Fail::Failed(other.to_string()),
    }
}
