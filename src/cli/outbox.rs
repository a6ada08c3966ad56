//! `fuseau outbox`: what waits and why, with the gate's checks; hold, send, drop. What a check means: `decide::gate`.
mod waiting;

pub use waiting::{Waiting, both, far};

use super::args::{Cli, Outbox, OutboxAction};
use super::fail::Fail;
use super::out;
use crate::config::{self, Settings};
use crate::daemon::control::{self, Ask};
use crate::decide::gate::Due;
use crate::decide::{Check, Policy, Why};
use crate::model::{Instant, Promise};
use crate::store::{MailState, OutboxRow, Reader, Route, Store, StoreError};
use crate::system::{Clock, state};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How far back `--all` goes, and how many mails it shows at most.
const ALL: (TimeDelta, u32) = (TimeDelta::days(90), 1000);
/// The shortest beginning of an id that is shown.
const ID: usize = 8;

/// Runs the command.
pub fn run(cli: &Cli, outbox: &Outbox) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let desk = Counter { dir: out::state_dir(&settings), now: Clock::System.now(), settings };
    match &outbox.action {
        None => list(cli, &desk, outbox.all),
        Some(OutboxAction::Show { id }) => show(cli, &desk, id),
        Some(OutboxAction::Hold { id, span }) => hold(&desk, id, span.as_deref()),
        Some(OutboxAction::Send { id }) => send(&desk, id),
        Some(OutboxAction::Drop { id }) => take_out(&desk, id),
    }
}

/// What every action needs.
struct Counter {
    settings: Settings,
    dir: PathBuf,
    now: Instant,
}

impl Counter {
    fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    fn weighed(&self, tx: &Reader<'_>, row: OutboxRow) -> Result<Waiting, StoreError> {
        Waiting::new(tx, self.policy(), state::pause_file(&self.dir).exists(), row, self.now)
    }

    /// The database, for a change beside a running daemon.
    fn store(&self) -> Result<Store, Fail> {
        if !Store::path_in(&self.dir).exists() {
            return Err(Fail::Failed(format!("nothing is recorded in {} yet", self.dir.display())));
        }
        Ok(Store::open_beside(&self.dir)?)
    }

    /// Tells the daemon to look again; what to add for a person if there is none.
    fn nudge(&self) -> Result<&'static str, Fail> {
        let told = control::ask(&self.dir, Ask::Nudge)?;
        Ok(if told.is_some() { "" } else { "\n    no fuseau runs: it happens when one does" })
    }
}

fn list(cli: &Cli, desk: &Counter, all: bool) -> Result<(), Fail> {
    let store = out::open_history(&desk.settings)?;
    let mails = store.read_blocking(|tx| {
        let rows = if all { tx.outbox_since(desk.now - ALL.0, ALL.1)? } else { tx.outbox_waiting()? };
        rows.into_iter().map(|row| desk.weighed(tx, row)).collect::<Result<Vec<Waiting>, _>>()
    })?;
    if cli.json {
        out::json(&Value::Array(mails.iter().map(|mail| mail.json(desk.now)).collect()));
        return Ok(());
    }
    if mails.is_empty() {
        out::text(if all { "no mail was made in the last 90 days" } else { "nothing waits (`--all` shows what left)" });
        return Ok(());
    }
    let ids: Vec<&str> = mails.iter().map(|mail| mail.row.id.as_str()).collect();
    for mail in &mails {
        out::text(&entry(desk, mail, &ids));
    }
    Ok(())
}

/// One mail of the list.
fn entry(desk: &Counter, mail: &Waiting, ids: &[&str]) -> String {
    let Waiting { row, gate } = mail;
    let id = short(&row.id, ids);
    let way = if row.route == Route::Draft { " (into Drafts)" } else { "" };
    let mut text = format!("{}  {}{way} to {}: {}", out::bold(id), row.kind, row.envelope_to, row.subject);
    let indent = " ".repeat(id.len() + 2);
    match gate {
        Some(gate) => {
            for (check, _) in gate.decisive() {
                let _ = write!(text, "\n{indent}{}: {}", check.as_str(), check.text());
            }
            let next = mail.next_look(desk.now);
            let line = match gate.verdict {
                Due::Drop(_) => "it will be dropped".to_owned(),
                Due::Later(at) if far(at) => "until you say otherwise".to_owned(),
                Due::Later(_) => {
                    format!("next look {}", next.map(|at| both(desk.policy(), row, at)).unwrap_or_default())
                }
                Due::Send | Due::Renew => "leaves when the daemon next looks".to_owned(),
            };
            let _ = write!(text, "\n{indent}{line}");
        }
        None => {
            let at = row.finished_at.map(|at| format!(" {}", both(desk.policy(), row, at))).unwrap_or_default();
            let _ = write!(text, "\n{indent}{}{at}{}", row.state.shown(), fate(row));
        }
    }
    text
}

/// The server's last words, or why it was dropped.
pub fn fate(row: &OutboxRow) -> String {
    let Some(last) = &row.last_reply else { return String::new() };
    match Why::parse(last) {
        Some(why) if row.state == MailState::Dropped => format!(": {}", why.text()),
        _ => format!(": {last}"),
    }
}

/// As much of an id as tells it from the others.
fn short<'a>(id: &'a str, all: &[&str]) -> &'a str {
    let unique = |len: &usize| {
        let head = id.get(..*len);
        all.iter().filter(|other| other.get(..*len) == head).count() < 2
    };
    (ID..id.len()).find(unique).and_then(|len| id.get(..len)).unwrap_or(id)
}

/// The one mail whose id begins like this.
fn find(tx: &Reader<'_>, id: &str, now: Instant) -> Result<Result<OutboxRow, String>, StoreError> {
    if let Some(row) = tx.outbox_row(id)? {
        return Ok(Ok(row));
    }
    let fits = |row: &OutboxRow| id.len() >= 4 && row.id.starts_with(id);
    let mut found: Vec<OutboxRow> = tx.outbox_waiting()?.into_iter().filter(fits).collect();
    if found.is_empty() {
        found = tx.outbox_since(now - ALL.0, ALL.1)?.into_iter().filter(fits).collect();
    }
    Ok(match (found.len(), found.pop()) {
        (1, Some(row)) => Ok(row),
        (0, _) => Err(format!("no mail has an id that begins with {id:?}; `fuseau outbox --all` shows them")),
        (n, _) => Err(format!("{n} mails have an id that begins with {id:?}: write more of it")),
    })
}

fn show(cli: &Cli, desk: &Counter, id: &str) -> Result<(), Fail> {
    let store = out::open_history(&desk.settings)?;
    let found = store.read_blocking(|tx| match find(tx, id, desk.now)? {
        Ok(row) => desk.weighed(tx, row).map(Ok),
        Err(error) => Ok(Err(error)),
    })?;
    let mail = found.map_err(Fail::Usage)?;
    let message = super::explain::ours(&mail.row);
    let from = message.from().map(|party| party.address.to_string());
    if cli.json {
        let mut fact = mail.json(desk.now);
        if let Some(fact) = fact.as_object_mut() {
            fact.insert("from".to_owned(), json!(from));
            fact.insert("text".to_owned(), json!(message.content.text));
        }
        out::json(&fact);
        return Ok(());
    }
    let mut lines = vec![entry(desk, &mail, &[]), String::new()];
    lines.extend(mail.lines(desk.policy(), true).into_iter().map(|line| format!("  {line}")));
    if mail.gate.is_some() {
        lines.push(String::new());
    }
    let owner = &desk.policy().owner.name;
    let from = from.unwrap_or_default();
    lines.extend(super::judged::letter(
        owner,
        &from,
        &mail.row.envelope_to,
        message.cc.first().map(|party| party.address.to_string()).as_deref(),
        message.subject.as_str(),
        &message.content.text,
    ));
    out::text(&lines.join("\n"));
    Ok(())
}

/// Why something can no longer be done to a mail.
pub fn settled(row: &OutboxRow) -> Fail {
    let what = match row.state {
        MailState::Queued => "it waits",
        MailState::Sending | MailState::DotSent => "it is being sent right now",
        MailState::Drafted => "it lies in Drafts: send it or delete it there, with your mail program",
        MailState::Sent => "it was sent",
        MailState::Unknown => "nobody knows whether it arrived; it is never sent again",
        MailState::Failed => "it was refused for good",
        MailState::Dropped => "it was dropped",
        MailState::Observed => "it was only made to be looked at (`mode = \"observe\"`)",
    };
    Fail::Failed(format!("nothing can be changed about {}: {what}{}", row.id, fate(row)))
}

/// Changes one waiting mail and hands back what it is then, with the promises that it speaks of.
fn change(
    desk: &Counter,
    id: &str,
    work: impl FnOnce(&crate::store::Tx<'_>, &OutboxRow) -> Result<bool, StoreError>,
) -> Result<(Waiting, Vec<Promise>), Fail> {
    let store = desk.store()?;
    let changed = store.write_blocking(|tx| {
        let row = match find(tx, id, desk.now)? {
            Ok(row) => row,
            Err(error) => return Ok(Err(Fail::Usage(error))),
        };
        let promises = promises(tx, &row)?;
        if !work(tx, &row)? {
            return Ok(Err(settled(&row)));
        }
        let row = tx.outbox_row(&row.id)?.unwrap_or(row);
        Ok(Ok((desk.weighed(tx, row)?, promises)))
    })?;
    store.close()?;
    changed
}

/// The promises as the client knows them: those that a holding reply is to renew, or the one that is told first.
fn promises(tx: &Reader<'_>, row: &OutboxRow) -> Result<Vec<Promise>, StoreError> {
    let mut found = Vec::new();
    for id in tx.stated_by(&row.id)? {
        found.extend(tx.renewed_by(&id)?.or(tx.promise(&id)?));
    }
    Ok(found)
}

fn hold(desk: &Counter, id: &str, span: Option<&str>) -> Result<(), Fail> {
    let until = match span {
        None => crate::decide::UNTIL_RESUMED,
        Some(text) => {
            let span = config::duration(text).filter(|span| *span > TimeDelta::zero());
            let span =
                span.ok_or_else(|| Fail::Usage(format!("{text:?} is no duration; write it like 30m, 4h or 2d")))?;
            desk.now + span
        }
    };
    let (mail, promises) = change(desk, id, |tx, row| tx.hold(&row.id, until))?;
    let row = &mail.row;
    let mut text = match span {
        Some(_) => format!("held until {}", both(desk.policy(), row, until)),
        None => "held until you say otherwise (`fuseau outbox send`, `drop`)".to_owned(),
    };
    if let Some(promise) = promises.iter().min_by_key(|promise| promise.by).filter(|promise| promise.by <= until) {
        let by = both(desk.policy(), row, promise.by);
        let _ = match row.kind.as_str() {
            "holding" => {
                write!(text, "\n    the promise by {by} is the one that the client knows; it is not renewed meanwhile")
            }
            _ => write!(text, "\n    it promises an answer by {by}: if it leaves later, it promises another time"),
        };
    }
    out::text(&format!("{text}{}", desk.nudge()?));
    Ok(())
}

fn send(desk: &Counter, id: &str) -> Result<(), Fail> {
    let (mail, _) = change(desk, id, |tx, row| tx.hurry(&row.id, desk.now))?;
    let Some(gate) = &mail.gate else { return Err(settled(&mail.row)) };
    let waived: Vec<&str> = gate.waived().map(Check::as_str).collect();
    let mut text = match gate.verdict {
        Due::Send | Due::Renew if mail.row.route == Route::Draft => "it goes into Drafts now".to_owned(),
        Due::Send => "it leaves now".to_owned(),
        Due::Renew => "it leaves now, with a new promise".to_owned(),
        Due::Later(_) => "it leaves as soon as this is over:".to_owned(),
        Due::Drop(_) => "it does not leave:".to_owned(),
    };
    for (check, _) in gate.decisive().filter(|_| matches!(gate.verdict, Due::Later(_) | Due::Drop(_))) {
        let _ = write!(text, "\n    {}: {}", check.as_str(), check.text());
    }
    if !waived.is_empty() {
        let _ = write!(text, "\n    set aside, because you want it: {}", waived.join(", "));
    }
    let _ = write!(
        text,
        "\n    the mailbox is looked at once more before: has somebody answered, is it still there, are you typing"
    );
    out::text(&format!("{text}{}", desk.nudge()?));
    Ok(())
}

fn take_out(desk: &Counter, id: &str) -> Result<(), Fail> {
    let before = |row: &OutboxRow| matches!(row.state, MailState::Queued | MailState::Drafted);
    let drafted = std::cell::Cell::new(false);
    let (mail, promises) = change(desk, id, |tx, row| {
        drafted.set(row.state == MailState::Drafted);
        Ok(before(row) && tx.dropped(&row.id, Why::Withdrawn.as_str(), desk.now)?)
    })?;
    let mut text = "dropped: it is never sent".to_owned();
    if drafted.get() {
        text.push_str("\n    the draft itself stays in Drafts: delete it there");
    }
    for promise in promises {
        let by = both(desk.policy(), &mail.row, promise.by);
        let _ = match mail.row.kind.as_str() {
            "holding" => write!(
                text,
                "\n    the promise by {by} stays as the client knows it; no other holding reply is made for it"
            ),
            _ => write!(
                text,
                "\n    the client is not told; the answer by {by} stays in sight until you have given it{}",
                done(&promise)
            ),
        };
    }
    out::text(&format!("{text}{}", desk.nudge()?));
    Ok(())
}

fn done(promise: &Promise) -> String {
    promise.message_id.as_ref().map(|id| format!(" (or `fuseau done '{id}'`)")).unwrap_or_default()
}

/// The switch that stops everything, for commands without a desk.
pub fn paused(dir: &Path) -> bool {
    state::pause_file(dir).exists()
}
