//! What fuseau costs while nothing happens: memory with one and with a thousand IDLE mailboxes over TLS, and how often
//! it wakes up. Read from /proc, so on Linux only.
use super::daemon::{Daemon, Mailbox, Setup};
use super::lab::Lab;
use super::table::Row;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::time::sleep;

/// How long it is left alone before it is looked at: twenty seconds after the first contact was written, the index is kept
/// up once, and the thread that did it ends ten seconds later.
const SETTLE: Duration = Duration::from_secs(40);
/// How long wake-ups are counted.
const WATCH: Duration = Duration::from_secs(20);

struct Cost {
    resident_mb: f64,
    anonymous_mb: f64,
    wakeups: f64,
    threads: usize,
}

/// The figure.
pub async fn idle(lab: &Lab) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (count, allowed) in [(1, 12.0), (1000, 60.0)] {
        let what = if count == 1 { "1 mailbox".to_owned() } else { format!("{count} mailboxes") };
        let cost = cost(lab, count).await.with_context(|| what.clone())?;
        rows.push(Row::with_goal(
            &format!("resident memory, {what} idling over TLS"),
            format!(
                "{:.1} MB RSS, {:.1} MB of it its own (the rest is the program file), {} threads",
                cost.resident_mb, cost.anonymous_mb, cost.threads
            ),
            format!("at most {allowed:.0} MB RSS"),
            cost.resident_mb <= allowed,
        ));
        rows.push(Row::with_goal(
            &format!("wake-ups while idle, {what} (20 s)"),
            format!("{:.2} a second", cost.wakeups),
            "none (below 0.1 a second)",
            cost.wakeups < 0.1,
        ));
    }
    Ok(rows)
}

async fn cost(lab: &Lab, count: usize) -> Result<Cost> {
    let users: Vec<String> = (0..count).map(|n| format!("idle{count}x{n}")).collect();
    lab.add_users(users.iter().map(String::as_str)).await?;
    let setup = Setup {
        certificate: Some(lab.certificate()),
        // The poll is the safety net below IDLE; in this figure it shall not come in between.
        extra: "poll = \"1h\"",
        ..Setup::sending(lab.dir.join(format!("idle{count}")))
    };
    let mailboxes: Vec<Mailbox<'_>> =
        users.iter().map(|user| Mailbox { user, imap: lab.imaps, smtp: lab.sink.port }).collect();
    let mut daemon = Daemon::start(&setup.write(&mailboxes)?)?;
    daemon.connected(count, Duration::from_secs(180)).await?;
    sleep(SETTLE).await;
    let pid = daemon.pid()?;
    let before = switches(pid)?;
    sleep(WATCH).await;
    let after = switches(pid)?;
    let (resident_mb, anonymous_mb) = memory(pid)?;
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))?.count();
    daemon.stop().await?;
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let wakeups = after.saturating_sub(before) as f64 / WATCH.as_secs_f64();
    Ok(Cost { resident_mb, anonymous_mb, wakeups, threads })
}

/// Voluntary context switches of all threads: each is a sleep that ended.
fn switches(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while they are listed.
        let status = std::fs::read_to_string(task?.path().join("status")).unwrap_or_default();
        sum += field(&status, "voluntary_ctxt_switches:").unwrap_or(0);
    }
    Ok(sum)
}

/// RSS and its anonymous part in MB (of 1,000,000 bytes).
fn memory(pid: u32) -> Result<(f64, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    #[expect(clippy::cast_precision_loss, reason = "kilobytes of one process")]
    let megabytes = |name| field(&text, name).map(|kib| kib as f64 * 1024.0 / 1e6).context(name);
    Ok((megabytes("Rss:")?, megabytes("Anonymous:")?))
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}
