//! Reading the configuration again. Until the old mailbox tasks have finished, the program listens: it says how it fares,
//! and goes down when it is told to. Never here: how tasks end (staff.rs), who asks (control.rs).
use super::caretaker::Guard;
use super::control::{self, Ask, Reply};
use super::desk::Desk;
use super::health::Health;
use super::run::{Reread, desk, recompute, status};
use super::staff::Staff;
use crate::system::signal::{Request, Signals};
use std::path::PathBuf;
use std::pin::pin;
use tokio::sync::{mpsc, oneshot};

/// Those who wait for the word that it was done.
pub(super) type Tell = Vec<oneshot::Sender<Reply>>;

/// Where words to the daemon come from.
pub(super) struct Ears {
    pub(super) signals: Signals,
    pub(super) asked: mpsc::Receiver<control::Request>,
}

/// Where the configuration comes from, and the state directory.
pub(super) struct Source {
    pub(super) reread: Reread,
    pub(super) dir: PathBuf,
}

/// What is to be done after a reload.
pub(super) enum Next {
    Work,
    /// It was asked for again meanwhile.
    Reload(Tell),
    /// The program was told to stop; the mailbox tasks have ended already.
    Stop,
}

/// What was heard while the old tasks finished.
#[derive(Default)]
struct Heard {
    stop: bool,
    again: Option<Tell>,
}

/// Reads the configuration again; keeps the old one if the new one is wrong.
pub(super) async fn now(
    current: &mut Desk,
    staff: &mut Staff,
    health: &Health,
    guard: &Guard,
    source: &Source,
    ears: &mut Ears,
    tell: Tell,
) -> Next {
    let read = (source.reread)().map_err(|faults| faults.to_string()).and_then(|settings| {
        desk(settings, current.store.clone(), &source.dir, current.ids.clone()).map_err(|error| error.to_string())
    });
    let mut heard = Heard::default();
    let reply = match read {
        Ok(new) => {
            heard = drained(current, staff, health, ears).await;
            if heard.stop {
                Reply::failed("fuseau was told to stop before it could go on with the new configuration")
            } else {
                *current = Desk { clock: current.clock.clone(), ..new };
                recompute(current).await;
                *staff = Staff::start(current, health, guard);
                tracing::info!("configuration read again");
                Reply { text: "configuration read again".to_owned(), ..Reply::done() }
            }
        }
        Err(text) => {
            tracing::error!("the new configuration is wrong, the old one stays in force");
            Reply::failed(&format!("the old configuration stays in force:\n{text}"))
        }
    };
    let tell = tell.into_iter().chain(heard.again.take_if(|_| heard.stop).into_iter().flatten());
    for tell in tell {
        let _ = tell.send(reply.clone());
    }
    match heard {
        Heard { stop: true, .. } => Next::Stop,
        Heard { again: Some(tell), .. } => Next::Reload(tell),
        Heard { .. } => Next::Work,
    }
}

/// Ends the mailbox tasks, and listens meanwhile.
async fn drained(desk: &Desk, staff: &mut Staff, health: &Health, ears: &mut Ears) -> Heard {
    let mut heard = Heard::default();
    let mut ended = pin!(staff.stop());
    loop {
        tokio::select! {
            () = &mut ended => return heard,
            request = ears.signals.next() => match request {
                Request::Stop => heard.stop = true,
                Request::Reload => drop(heard.again.get_or_insert_default()),
            },
            Some((ask, tell)) = ears.asked.recv() => match ask {
                // The file may have changed since it was read.
                Ask::Reload => heard.again.get_or_insert_default().push(tell),
                Ask::Status => drop(tell.send(status(desk, health).await)),
                // The new tasks begin with a look at everything.
                Ask::Nudge => drop(tell.send(Reply::done())),
            },
        }
    }
}
