//! What the desk's forms do: the same as the commands of that name.
use super::gather::Gatherer;
use crate::cli::fail::Fail;
use crate::cli::{done, hold, outbox, pause};
use crate::config;
use crate::daemon::control::{self, Ask};
use crate::decide::{UNTIL_RESUMED, Why};
use crate::store::{MailState, OutboxRow, Store, StoreError, Tx};
use crate::system::Clock;
use crate::web::{Act, Trouble};
use chrono::TimeDelta;

/// Does it.
pub fn perform(desk: &Gatherer, act: &Act) -> Result<(), Trouble> {
    let dir = desk.dir();
    let now = Clock::System.now();
    let done = match act {
        Act::Done(id) => done::keep(dir, id).map(drop),
        Act::Later(id, until) => hold::later((*desk.settings()).clone(), dir, id, until).map(drop),
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
        Act::Pause => pause::stop(dir).map(drop),
        Act::Resume => pause::go_on(dir).map(drop),
    };
    done.map_err(trouble)
}

/// Changes one mail that waits, by its whole id.
fn change(
    desk: &Gatherer,
    id: &str,
    work: impl FnOnce(&Tx<'_>, &OutboxRow) -> Result<bool, StoreError>,
) -> Result<(), Fail> {
    if !Store::path_in(desk.dir()).exists() {
        return Err(Fail::Usage("nothing is recorded yet".to_owned()));
    }
    let store = Store::open_beside(desk.dir())?;
    let changed = store.write_blocking(|tx| {
        let Some(row) = tx.outbox_row(id)? else { return Ok(Err(Fail::Usage("there is no such mail".to_owned()))) };
        Ok(if work(tx, &row)? { Ok(()) } else { Err(outbox::settled(&row)) })
    })?;
    store.close()?;
    changed?;
    control::ask(desk.dir(), Ask::Nudge)?;
    Ok(())
}

/// A command's failure, for the desk.
pub fn trouble(fail: Fail) -> Trouble {
    match fail {
        Fail::Failed(text) | Fail::Usage(text) | Fail::TryLater(text) => Trouble::Refused(text),
        Fail::Configuration(text) => Trouble::Failed(text),
    }
}
