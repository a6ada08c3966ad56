//! A thousand mails at once: after an outage (backlog) and while it runs (burst). Three rounds, each with fresh
//! mailboxes, because a growing mailbox slows every delivery down.
use super::daemon::{Daemon, Mailbox, Setup};
use super::floor::{self, Imap};
use super::lab::{Lab, disk, disk_words};
use super::lmtp;
use super::proxy::Proxy;
use super::table::{Row, Samples, rate};
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};

/// Mails of a round.
const MAILS: usize = 1000;
/// Rounds; the median counts.
const ROUNDS: usize = 3;
/// LMTP connections of a burst.
const LANES: usize = 8;
/// Longest wait for the last reply.
const PATIENCE: Duration = Duration::from_secs(180);

/// Seconds with the range over the rounds.
fn seconds(samples: &Samples) -> String {
    let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| samples.at(part).as_secs_f64());
    format!("{middle:.2} s ({low:.2} to {high:.2})")
}

/// Starts a daemon and waits until it has seen its empty mailbox and idles.
async fn first_contact(setup: &Setup<'_>, lab: &Lab, user: &str) -> Result<Daemon> {
    let proxy = Proxy::open(lab.imap, Duration::ZERO).await?;
    let config = setup.write(&[Mailbox { user, imap: proxy.port, smtp: lab.sink.port }])?;
    let mut daemon = Daemon::start(&config)?;
    let idling = proxy.idling(Duration::from_secs(30)).await;
    daemon.alive()?;
    idling.context("fuseau")?;
    Ok(daemon)
}

/// Waits for all replies to what was cleared before `started`; how long the last one took.
async fn last_reply(lab: &Lab, started: Instant, daemon: Option<&mut Daemon>) -> Result<Duration> {
    let count = lab.sink.replies(MAILS, PATIENCE).await;
    if let Some(daemon) = daemon {
        daemon.alive()?;
    }
    let (total, last) = lab.sink.seen();
    ensure!(count >= MAILS, "only {count} of {MAILS} were answered within {PATIENCE:?}");
    ensure!(total == MAILS, "{total} replies to {MAILS} mails");
    Ok(last.context("no reply")? - started)
}

/// 1,000 mails waited while nobody was there.
pub async fn backlog(lab: &Lab) -> Result<Vec<Row>> {
    let (mut ours, mut floors, mut writes) = (vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let user = format!("backlog{round}");
        lab.add_users([user.as_str()]).await?;
        let setup = Setup::sending(lab.dir.join(&user));
        first_contact(&setup, lab, &user).await?.stop().await?;
        let (_, next) = Imap::open(lab.imap, &user).await?;
        lmtp::flood(lab.lmtp, &user, &format!("{user}x"), MAILS, LANES).await?;

        lab.sink.clear();
        let (took, count) = floor::drain(lab.imap, lab.sink.port, &user, next).await?;
        ensure!(count == MAILS, "the floor found {count} of {MAILS} mails");
        floors.push(took);

        writes.extend(disk(&lab.dir, 100)?);
        lab.sink.clear();
        let config = setup.write(&[Mailbox { user: &user, imap: lab.imap, smtp: lab.sink.port }])?;
        let started = Instant::now();
        let mut daemon = Daemon::start(&config)?;
        ours.push(last_reply(lab, started, Some(&mut daemon)).await?);
        daemon.stop().await?;
    }
    let (ours, floors) = (Samples::new(ours), Samples::new(floors));
    let (us, floor) = (rate(MAILS, ours.at(0.5)), rate(MAILS, floors.at(0.5)));
    Ok(vec![
        Row::with_goal(
            "fuseau, backlog of 1,000: process start -> last reply",
            format!("{us:.0} replies/s, {}", seconds(&ours)),
            format!("at least {:.0}/s: 0.25 x floor", floor * 0.25),
            us >= floor * 0.25,
        ),
        Row::plain("pipelined floor, the same mails", format!("{floor:.0} replies/s, {}", seconds(&floors))),
        Row::plain("fdatasync", disk_words(&Samples::new(writes))),
    ])
}

/// 1,000 mails arrive as fast as eight connections can bring them.
pub async fn burst(lab: &Lab) -> Result<Vec<Row>> {
    let (mut ours, mut sieves) = (vec![], vec![]);
    for round in 0..ROUNDS {
        let user = format!("burst{round}");
        lab.add_users([user.as_str()]).await?;
        let setup = Setup::sending(lab.dir.join(&user));
        let mut daemon = first_contact(&setup, lab, &user).await?;
        lab.sink.clear();
        let started = lmtp::flood(lab.lmtp, &user, &format!("{user}x"), MAILS, LANES).await?;
        ours.push(last_reply(lab, started, Some(&mut daemon)).await?);
        daemon.stop().await?;

        let user = format!("burstsieve{round}");
        lab.add_sieve_user(&user).await?;
        lab.sink.clear();
        let started = lmtp::flood(lab.lmtp, &user, &format!("{user}x"), MAILS, LANES).await?;
        sieves.push(last_reply(lab, started, None).await.context("Sieve")?);
    }
    let (ours, sieves) = (Samples::new(ours), Samples::new(sieves));
    Ok(vec![
        Row::with_goal(
            "fuseau, burst of 1,000: first send -> last reply",
            seconds(&ours),
            "sooner than Sieve",
            ours.at(0.5) < sieves.at(0.5),
        ),
        Row::plain("Sieve vacation, the same over 8 LMTP connections", seconds(&sieves)),
    ])
}
