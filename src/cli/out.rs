//! What commands share: reading the configuration, printing for people and for programs, stamps that name their zone.
use super::args::{Cli, Command};
use super::fail::Fail;
use crate::compose::Composer;
use crate::config::{self, Settings};
use crate::daemon::{adopt, search};
use crate::decide::Policy;
use crate::model::{Client, DraftKind, EmailAddress, Incoming, Instant, Zone, Zones};
use crate::store::{Store, StoreError};
use crate::system::{Clock, state, tzdata};
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

/// What is held back grows to so many octets.
const HELD: usize = 256 * 1024;

thread_local! {
    /// Lines that are printed together.
    static TOGETHER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Prints what `work` prints in few pieces: for long lists, of which each line would be a call of the system.
pub fn together<R>(work: impl FnOnce() -> R) -> R {
    TOGETHER.set(Some(String::new()));
    let done = work();
    if let Some(held) = TOGETHER.take().filter(|held| !held.is_empty()) {
        write(&held);
    }
    done
}

/// Prints a line or a block to standard output. A closed pipe is no error (`fuseau history acme | head`).
pub fn text(text: &str) {
    let full = TOGETHER.with_borrow_mut(|held| {
        let held = held.as_mut()?;
        held.push_str(text);
        if !text.ends_with('\n') {
            held.push('\n');
        }
        Some(if held.len() >= HELD { std::mem::take(held) } else { String::new() })
    });
    match full {
        Some(full) if full.is_empty() => {}
        Some(full) => write(&full),
        None => write(text),
    }
}

fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    if write!(out, "{text}{end}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Prints a JSON value on one line.
pub fn json(value: &serde_json::Value) {
    text(&value.to_string());
}

/// Prints to standard error.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "fuseau: {}", text.trim_end());
}

/// Prints to standard error what is no trouble: progress, a hint.
pub fn aside(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}

/// Whether somebody reads standard output on a terminal.
pub fn terminal() -> bool {
    static TERMINAL: OnceLock<bool> = OnceLock::new();
    *TERMINAL.get_or_init(|| std::io::stdout().is_terminal())
}

/// Whether standard output takes colours.
pub fn colours() -> bool {
    terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// `text` in bold, where that can be shown.
pub fn bold(text: &str) -> String {
    if colours() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// `text` dimmed, where that can be shown.
pub fn dim(text: &str) -> String {
    if colours() { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// `text` as a hit: bold and coloured, else between brackets.
pub fn marked(text: &str) -> String {
    if colours() { format!("\u{1b}[1;33m{text}\u{1b}[0m") } else { format!("[{text}]") }
}

/// `1 mail`, `2 mailboxes`: a count with its noun.
pub fn count(n: u64, noun: &str) -> String {
    let ending = match (n, noun.ends_with('x')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{n} {noun}{ending}")
}

/// The zone catalogue in use.
pub fn zones() -> Zones {
    tzdata::newest()
}

/// Reads the configuration that the command line names, or the first one found. A project with faults is left out, with a
/// word about it: the rest goes on.
pub fn settings(cli: &Cli) -> Result<Settings, Fail> {
    let path = config_path(cli)?;
    let (settings, spared) = config::load_sparing(&path, &zones())?;
    for fault in &spared {
        error(&fault.to_string());
    }
    if !spared.is_empty() {
        error("    this is left out until it is mended, and drafts for its client rest; everything else goes on");
    }
    warned(cli, settings)
}

/// The same, where every fault has to be mended first.
pub fn settings_without_fault(cli: &Cli) -> Result<Settings, Fail> {
    let path = config_path(cli)?;
    warned(cli, config::load(&path, &zones())?)
}

fn warned(cli: &Cli, settings: Settings) -> Result<Settings, Fail> {
    for warning in settings.warnings.iter().filter(|it| uses_busy_times(cli) || !it.path.starts_with("meetings.busy")) {
        error(&warning.to_string());
    }
    Ok(settings)
}

/// Whether a command needs to know when the owner is busy; who writes a note need not hear of a calendar that is not there.
fn uses_busy_times(cli: &Cli) -> bool {
    let drafted = |kind: &str| {
        matches!(DraftKind::parse(kind), Some(DraftKind::Slots | DraftKind::SlotConfirmed | DraftKind::Visit))
    };
    match &cli.command {
        Some(Command::Draft(draft)) => drafted(&draft.kind),
        Some(Command::Run | Command::Check(_) | Command::Reload | Command::Doctor) => true,
        Some(Command::Drafts(_) | Command::Slots(_) | Command::Visit(_)) => true,
        _ => false,
    }
}

/// The JSON Schema of the configuration.
pub fn schema() -> serde_json::Value {
    let zones = zones();
    config::json_schema(zones.names())
}

/// Where the configuration is.
pub fn config_path(cli: &Cli) -> Result<PathBuf, Fail> {
    config::find(cli.config.as_deref()).map_err(|error| Fail::Configuration(error.to_string()))
}

/// The state directory of a configuration.
pub fn state_dir(settings: &Settings) -> PathBuf {
    state::locate(settings.state.as_deref())
}

/// Opens the history for reading; it may be in use by a running daemon. One of an older version is brought to the newest first,
/// unless a daemon runs: that is an older one.
pub fn open_history(settings: &Settings) -> Result<Store, Fail> {
    let dir = state_dir(settings);
    let opened = match Store::open_read_only(&dir) {
        Err(older @ StoreError::Older { .. }) => match state::lock(&dir) {
            Ok(_lock) => Store::open_alone(&dir).and_then(Store::close).and_then(|()| Store::open_read_only(&dir)),
            Err(_) => Err(older),
        },
        opened => opened,
    };
    opened.map_err(|error| {
        let started = if Store::path_in(&dir).exists() { "" } else { "; has `fuseau run` been started?" };
        Fail::Failed(format!("{error}\n    the state directory is {}{started}", dir.display()))
    })
}

/// [`open_history`] to tell of clients: first it follows the configuration, where that has changed since, no daemon runs (which does
/// it by its own configuration) and it can be written.
pub fn open_followed_history(settings: &Settings) -> Result<Store, Fail> {
    let store = open_history(settings)?;
    let contacts = adopt::contacts(&settings.policy);
    if store.read_blocking(|r| r.contacts_changed(&contacts)).unwrap_or(false)
        && let Ok((writing, Some(_lock))) = change_history(settings)
    {
        // What cannot be written can still be read.
        match follow(&writing, settings).and_then(|()| writing.close()) {
            Ok(()) => {}
            Err(problem) => error(&format!("the history could not follow the contacts of clients: {problem}")),
        }
    }
    Ok(store)
}

/// Lets the history follow the configuration, and says whose key is another one now.
pub fn follow(store: &Store, settings: &Settings) -> Result<(), StoreError> {
    for (gone, heir) in adopt::all(store, &settings.policy)? {
        aside(&format!("the client {gone} is called {heir} now: its history goes along"));
    }
    Ok(())
}

/// Opens the history for reading, if there is one yet. One that cannot be read is no empty one: that is said.
pub fn recorded(settings: &Settings) -> Result<Option<Store>, Fail> {
    Store::path_in(&state_dir(settings)).exists().then(|| open_history(settings)).transpose()
}

/// Opens the history for changes, beside a running daemon or alone; made or brought to the newest version if no
/// daemon has done it yet. The lock keeps a daemon from starting meanwhile.
pub fn change_history(settings: &Settings) -> Result<(Store, Option<state::Lock>), Fail> {
    let dir = state_dir(settings);
    let failed = |error: std::io::Error| Fail::Failed(format!("{}: {error}", dir.display()));
    state::prepare(&dir).map_err(failed)?;
    match state::lock(&dir) {
        Ok(lock) => Ok((Store::open_alone(&dir)?, Some(lock))),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok((Store::open_beside(&dir)?, None)),
        Err(error) => Err(failed(error)),
    }
}

/// Opens the history for reading, beside a running daemon or alone; where nothing was recorded yet, an empty one is made.
pub fn look_into_history(settings: &Settings) -> Result<Store, Fail> {
    if Store::path_in(&state_dir(settings)).exists() {
        return open_history(settings);
    }
    change_history(settings).map(|(store, _)| store)
}

/// A day where the owner is (its beginning), or an RFC 3339 instant.
pub fn day(text: &str, zone: &Zone) -> Result<Instant, Fail> {
    match text.parse::<chrono::NaiveDate>() {
        Ok(date) => Ok(zone.instant(date.and_time(chrono::NaiveTime::MIN))),
        Err(_) => instant(text).map_err(|_| {
            Fail::Usage(format!(
                "{text:?} is no day; write it like 2027-01-14, or an instant like 2027-01-14T10:02:00Z"
            ))
        }),
    }
}

/// The beginning of a day of the past, of a month or a year, written as in `search after:`; or an RFC 3339 instant.
pub fn past_day(text: &str, zone: &Zone) -> Result<Instant, Fail> {
    search::day(text, zone, Clock::System.now())
        .or_else(|| instant(text).ok())
        .ok_or_else(|| Fail::Usage(format!("{text:?} is no day\n    {}", search::DAYS)))
}

/// A client by its key, with the nearest one named if there is none.
pub fn client<'a>(policy: &'a Policy, id: &str) -> Result<&'a Client, Fail> {
    policy.client(id).ok_or_else(|| {
        let known: Vec<&str> = policy.clients.iter().map(|c| c.id.as_str()).collect();
        let near = config::nearest(id, known.iter().copied());
        let theirs = EmailAddress::parse(id).and_then(|address| policy.client_of(&address));
        let hint = match (theirs, near) {
            (Some(client), _) => format!("it is an address of {}", client.id),
            (None, Some(near)) => format!("did you mean {near}?"),
            (None, None) => format!("the configuration has: {}", known.join(", ")),
        };
        Fail::Usage(format!("no client is called {id:?}\n    {hint}"))
    })
}

/// Reads an RFC 3339 instant from the command line.
pub fn instant(text: &str) -> Result<Instant, Fail> {
    chrono::DateTime::parse_from_rfc3339(text).map(|t| t.with_timezone(&chrono::Utc)).map_err(|_| {
        Fail::Usage(format!("{text:?} is no instant; write it like 2027-01-14T10:02:00Z or 2027-01-14T18:02:00+08:00"))
    })
}

/// An instant for programs: RFC 3339 in UTC.
pub fn rfc3339(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `Thu 14 Jan 2027 19:30 Asia/Singapore`
pub fn stamp(at: Instant, zone: &Zone) -> String {
    format!("{} {}", zone.local(at).format("%a %-d %b %Y %H:%M"), zone.name())
}

/// `Thu 14 Jan 19:30-20:00`
pub fn span(start: Instant, end: Instant, zone: &Zone) -> String {
    format!("{}-{}", zone.local(start).format("%a %-d %b %H:%M"), zone.local(end).format("%H:%M"))
}

/// `fuseau 0.1.0`, and with `verbose` what it was built with and which zone data it uses.
pub fn version(verbose: bool) -> Result<(), Fail> {
    let mut lines = format!("fuseau {}", env!("CARGO_PKG_VERSION"));
    if verbose {
        let zones = zones();
        let system = tzdata::system()
            .map_or_else(|| "none found".to_owned(), |(dir, version)| format!("{version} in {}", dir.display()));
        lines.push_str(&format!(
            "\ntime zones in use: {} ({})\n  bundled: {}\n  system: {system}\nSQLite: {}\nlanguages: {}",
            zones.version(),
            zones.origin(),
            Zones::bundled_version(),
            Store::engine_version(),
            crate::model::Language::ALL.map(crate::model::Language::code).join(" "),
        ));
    }
    text(&lines);
    Ok(())
}

/// The templates of a configuration, proven with sample data.
pub fn composer(settings: &Settings) -> Result<Composer, Fail> {
    let composer = Composer::with(&settings.templates).map_err(|error| Fail::Configuration(error.to_string()))?;
    let faults = composer.check();
    if faults.is_empty() {
        return Ok(composer);
    }
    Err(Fail::Configuration(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// The mailbox that a rehearsed message belongs to: the one named, else the one it is addressed to, else the first.
pub fn mailbox_for(settings: &Settings, named: Option<&str>, message: &Incoming) -> Result<String, Fail> {
    let mailboxes = &settings.policy.mailboxes;
    if let Some(named) = named {
        return match settings.policy.mailbox(named) {
            Some(mailbox) => Ok(mailbox.name.clone()),
            None => {
                let known: Vec<&str> = mailboxes.iter().map(|m| m.name.as_str()).collect();
                Err(Fail::Usage(format!("no mailbox is called {named:?}; there are: {}", known.join(", "))))
            }
        };
    }
    let addressed = settings.policy.addressed(message);
    addressed.or(mailboxes.first()).map(|mailbox| mailbox.name.clone()).ok_or_else(|| {
        Fail::Configuration("the configuration names no mailbox: add [mailbox.NAME] with an address".into())
    })
}
