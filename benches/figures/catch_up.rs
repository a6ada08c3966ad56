//! Catching up after an outage: 10,000 waiting mails fetched, parsed, judged and recorded by fuseau, against mbsync that
//! pulls the same mailbox into files.
use super::daemon::{Daemon, Mailbox, Setup, decisions};
use super::floor::Imap;
use super::lab::{Lab, disk, disk_words};
use super::mailbox;
use super::peers::{self, Pull};
use super::proxy::Proxy;
use super::table::{Row, Samples, rate};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Waiting mails.
const MAILS: usize = 10_000;
/// Rounds; the median counts.
const ROUNDS: usize = 3;
/// Longest time of one pull.
const PATIENCE: Duration = Duration::from_secs(300);
const USER: &str = "catchup";

/// The figure.
pub async fn catch_up(lab: &Lab) -> Result<Vec<Row>> {
    lab.add_users([USER]).await?;
    let dir = lab.dir.join(USER);
    let contacts = (0..mailbox::DOMAINS).map(|n| format!("@c{n:03}.example")).collect();
    let setup = Setup { mode: "observe", contacts, ..Setup::sending(dir.clone()) };
    first_contact(lab, &setup).await?;
    let fresh = dir.join("state-at-first-contact");
    copy(&setup.state(), &fresh)?;

    let bytes = mailbox::fill(&lab.maildir(USER), &format!("{USER}@lab.example"), MAILS, 7)?;
    // The server reads every file once, so that no contestant pays for its indexes.
    let _ = raw(lab).await?;
    let config = setup.write(&[Mailbox { user: USER, imap: lab.imap, smtp: lab.sink.port }])?;

    let (mut raws, mut ours, mut synced, mut unsynced, mut writes) = (vec![], vec![], vec![], vec![], vec![]);
    let mbsync = peers::version("mbsync").await;
    let pull =
        |flush| Pull { port: lab.imap, user: USER, to: dir.join("mbsync"), flush, mails: MAILS, patience: PATIENCE };
    for _ in 0..ROUNDS {
        raws.push(raw(lab).await?);
        if mbsync.is_some() {
            synced.push(peers::mbsync(&pull(true)).await?.took);
            unsynced.push(peers::mbsync(&pull(false)).await?.took);
        }
        writes.extend(disk(&lab.dir, 100)?);
        std::fs::remove_dir_all(setup.state())?;
        copy(&fresh, &setup.state())?;
        ours.push(record(&config, &setup.state()).await?);
    }

    let speed = |took: &[Duration]| rate(MAILS, Samples::new(took.to_vec()).at(0.5));
    let words = |took: &[Duration]| {
        let samples = Samples::new(took.to_vec());
        let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| samples.at(part).as_secs_f64());
        format!("{:.0} messages/s, {middle:.2} s ({low:.2} to {high:.2})", speed(took))
    };
    let us = speed(&ours);
    let mut rows = vec![match mbsync.is_some() {
        true => Row::with_goal(
            "fuseau, 10,000 waiting: process start -> all recorded",
            words(&ours),
            format!("at least {:.0}/s: mbsync as it comes", speed(&synced)),
            us >= speed(&synced),
        ),
        false => Row::plain("fuseau, 10,000 waiting: process start -> all recorded", words(&ours)),
    }];
    rows.extend(match &mbsync {
        Some(version) => vec![
            Row::plain(&format!("{version}, as it comes (a flush per file)"), words(&synced)),
            Row::plain(&format!("{version}, FSync no"), words(&unsynced)),
        ],
        None => vec![Row::absent("mbsync", "not installed (package isync)")],
    });
    rows.push(Row::plain("one UID FETCH of everything, dropped", words(&raws)));
    #[expect(clippy::cast_precision_loss, reason = "some hundred megabytes")]
    rows.push(Row::plain("the mailbox", format!("{MAILS} mails, {:.0} MB", bytes as f64 / 1e6)));
    rows.push(Row::plain("fdatasync", disk_words(&Samples::new(writes))));
    Ok(rows)
}

/// An empty mailbox is met and left again: what comes later is new.
async fn first_contact(lab: &Lab, setup: &Setup<'_>) -> Result<()> {
    let proxy = Proxy::open(lab.imap, Duration::ZERO).await?;
    let config = setup.write(&[Mailbox { user: USER, imap: proxy.port, smtp: lab.sink.port }])?;
    let mut daemon = Daemon::start(&config)?;
    let idling = proxy.idling(Duration::from_secs(30)).await;
    daemon.alive()?;
    idling.context("fuseau")?;
    daemon.stop().await
}

/// How long fuseau needs until everything is in its database.
async fn record(config: &Path, state: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut daemon = Daemon::start(config)?;
    let took = loop {
        sleep(Duration::from_millis(50)).await;
        daemon.alive()?;
        let count = decisions(state)?;
        let took = started.elapsed();
        if count >= MAILS {
            break took;
        }
        ensure!(took < PATIENCE, "{count} of {MAILS} recorded after {PATIENCE:?}");
    };
    daemon.stop().await?;
    Ok(took)
}

/// The bytes alone.
async fn raw(lab: &Lab) -> Result<Duration> {
    let started = Instant::now();
    let (mut imap, _) = Imap::open(lab.imap, USER).await?;
    let mails = timeout(PATIENCE, imap.fetch(1, "BODY.PEEK[]")).await??;
    ensure!(mails.len() == MAILS, "the server has {} mails", mails.len());
    Ok(started.elapsed())
}

/// Copies a flat folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
