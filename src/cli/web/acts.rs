//! What the desk's forms do: the same as the commands of that name.
use super::gather::Gatherer;
use crate::cli::fail::Fail;
use crate::cli::{done, hold, outbox, pause};
use crate::config;
use crate::daemon::control::{self, Ask};
use crate::decide::{UNTIL_RESUMED, Why};
use crate::model::Instant;
use crate::store::{MailState, OutboxRow, Store, StoreError, Tx};
use crate::system::Clock;
use crate::web::{Act, Trouble};
use chrono::TimeDelta;
use std::path::Path;

/// So long `done` can be taken back.
const UNDONE: TimeDelta = TimeDelta::hours(1);

/// Does it; what it was done to.
pub fn perform(desk: &Gatherer, act: &Act) -> Result<String, Trouble> {
    let dir = desk.dir();
    let now = Clock::System.now();
    let done = match act {
        Act::Done(id) => match done::keep(dir, id) {
            Ok(0) => Err(Fail::Usage("nothing is open for this message any more".to_owned())),
            kept => kept.and_then(|_| subject(dir, id)),
        },
        Act::Undo(id) => undo(dir, id, now),
        Act::Later(id, until) => hold::later((*desk.settings()).clone(), dir, id, until).and_then(|_| subject(dir, id)),
        Act::Hold(id, span) => {
            let until = match span.as_deref() {
                None => Some(UNTIL_RESUMED),
                Some(text) => config::duration(text)
                    .filter(|it| *it > TimeDelta::zero())
                    .and_then(|it| now.checked_add_signed(it)),
            };
            match until {
                Some(until) => change(desk, id, |tx, row| tx.hold(&row.id, until)),
                None => Err(Fail::Usage("this is no duration; write it like 30m, 4h or 2d".to_owned())),
            }
        }
        Act::Release(id) => change(desk, id, |tx, row| tx.hold(&row.id, now)),
        Act::Send(id) => change(desk, id, |tx, row| tx.hurry(&row.id, now)),
        Act::Drop(id) => change(desk, id, |tx, row| {
            let before = matches!(row.state, MailState::Queued | MailState::Drafted);
            Ok(before && tx.dropped(&row.id, Why::Withdrawn.as_str(), now)?)
        }),
        Act::Pause => pause::stop(dir).map(|_| String::new()),
        Act::Resume => pause::go_on(dir).map(|_| String::new()),
    };
    done.map_err(trouble)
}

/// Changes one mail that waits, by its whole id.
fn change(
    desk: &Gatherer,
    id: &str,
    work: impl FnOnce(&Tx<'_>, &OutboxRow) -> Result<bool, StoreError>,
) -> Result<String, Fail> {
    if !Store::path_in(desk.dir()).exists() {
        return Err(Fail::Usage("nothing is recorded yet".to_owned()));
    }
    let store = Store::open_beside(desk.dir())?;
    let changed = store.write_blocking(|tx| {
        let Some(row) = tx.outbox_row(id)? else { return Ok(Err(Fail::Usage("there is no such mail".to_owned()))) };
        Ok(if work(tx, &row)? { Ok(row.subject) } else { Err(outbox::settled(&row)) })
    })?;
    store.close()?;
    let subject = changed?;
    control::ask(desk.dir(), Ask::Nudge)?;
    Ok(subject)
}

/// The subject of a message.
fn subject(dir: &Path, id: &str) -> Result<String, Fail> {
    let store = Store::open_read_only(dir)?;
    let it = store.read_blocking(|tx| done::named(tx, id))?;
    Ok(it.map(|it| it.entry.subject).unwrap_or_default())
}

/// Takes `done` back.
fn undo(dir: &Path, id: &str, now: Instant) -> Result<String, Fail> {
    let none = || Fail::Usage("nothing was marked as done for this message in the last hour".to_owned());
    if !Store::path_in(dir).exists() {
        return Err(none());
    }
    let store = Store::open_beside(dir)?;
    let undone = store.write_blocking(|tx| {
        let Some(it) = done::named(tx, id)? else { return Ok(None) };
        Ok(tx.undo_done(&it.entry.id, now - UNDONE, now)?.then_some(it.entry.subject))
    })?;
    store.close()?;
    let subject = undone.ok_or_else(none)?;
    control::ask(dir, Ask::Nudge)?;
    Ok(subject)
}

/// A command's failure, for the desk.
pub fn trouble(fail: Fail) -> Trouble {
    match fail {
        Fail::Failed(text) | Fail::Usage(text) | Fail::TryLater(text) => Trouble::Refused(text),
        Fail::Configuration(text) => Trouble::Failed(text),
    }
}
