//! The mailbox tasks: started together, and ended so that none of them goes on behind its successor's back. What one of
//! them does: worker.rs.
use super::caretaker::Guard;
use super::desk::Desk;
use super::entrance::Entrance;
use super::health::Health;
use super::worker::{self, Order};
use crate::system::failpoint;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long tasks may finish what is in hand: the service manager kills 45 s after it asked for a stop.
const DRAIN: Duration = Duration::from_secs(40);
/// How long a task that is cut off may take until it is gone: the system call that it is in.
const GONE: Duration = Duration::from_secs(3);

/// How long [`Staff::stop`] may take.
pub(super) fn longest_stop() -> Duration {
    drain() + GONE
}

fn drain() -> Duration {
    failpoint::lasts("FUSEAU_DRAIN", DRAIN)
}

/// The mailbox tasks.
pub(super) struct Staff {
    tasks: JoinSet<()>,
    orders: watch::Sender<Order>,
}

impl Staff {
    pub(super) fn start(desk: &Desk, health: &Health, guard: &Guard) -> Self {
        let (orders, receive) = watch::channel(Order::Work(0));
        let mut tasks = JoinSet::new();
        let entrance = Entrance::new();
        health.clear();
        for mailbox in &desk.settings.mailboxes {
            let mode = desk.identity(&mailbox.name).map_or("observe", |identity| identity.mode.as_str());
            health.note(&mailbox.name, |it| mode.clone_into(&mut it.mode));
            let (desk, mailbox, entrance) = (desk.clone(), mailbox.clone(), entrance.clone());
            tasks.spawn(worker::work(desk, mailbox, health.clone(), guard.clone(), entrance, receive.clone()));
        }
        Self { tasks, orders }
    }

    pub(super) fn nudge(&self) {
        self.orders.send_modify(|order| {
            if let Order::Work(n) = order {
                *n = n.wrapping_add(1);
            }
        });
    }

    /// Lets every task finish its turn. One that does not is cut off: its connections are closed where they stand, what it
    /// was sending is recorded and looked up by its successor. Only then does this return, so that no two tasks of one
    /// mailbox run; should one be stuck in the system all the same, its claims count no more (docs/decisions/0026).
    pub(super) async fn stop(&mut self) {
        self.orders.send_replace(Order::Stop);
        if timeout(drain(), self.ended()).await.is_ok() {
            return;
        }
        tracing::warn!("a mailbox did not finish in time and is cut off");
        self.tasks.abort_all();
        if timeout(GONE, self.ended()).await.is_err() {
            tracing::error!("a mailbox hangs in the system (a disk that does not answer?) and is left behind");
        }
    }

    async fn ended(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that a unit file gives to an option, in seconds.
    fn option(unit: &str, name: &str) -> u64 {
        let line = unit.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap();
        line.parse().unwrap()
    }

    #[test]
    fn a_stop_fits_into_the_time_that_the_service_manager_gives() {
        for unit in [
            include_str!("../../packaging/systemd/fuseau.service"),
            include_str!("../../packaging/systemd/user/fuseau.service"),
        ] {
            assert!(longest_stop() < Duration::from_secs(option(unit, "TimeoutStopSec")));
        }
    }
}
