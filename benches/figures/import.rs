//! Past mail taken in and made searchable by `fuseau import`, against mbsync with notmuch or mu: one mailbox on the lab's
//! server, one run. Then what lies on the disk, and the same questions to all of them.
use super::daemon::{Mailbox, Setup};
use super::floor::Imap;
use super::lab::{Lab, disk, disk_words};
use super::look_up::{CLIENT, Desk, beside_peers, fuseau, repeated};
use super::mailbox;
use super::peers::{self, Mu, Notmuch, Pull, Ran, measured, size_of};
use super::table::{Row, Samples, ms, rate};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Longest time of one command.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A folder that goes away with the figure.
struct Gone(PathBuf);

impl Drop for Gone {
    fn drop(&mut self) {
        // Left-overs harm nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where writing costs nothing, else beside the rest.
fn quick(lab: &Lab, user: &str) -> PathBuf {
    let shared = Path::new("/dev/shm");
    match shared.is_dir() {
        true => shared.join(format!("fuseau-figures-{}-{user}", std::process::id())),
        false => lab.dir.join(format!("{user}-quick")),
    }
}

/// One contestant's times.
#[derive(Default)]
struct Times(Vec<Ran>);

impl Times {
    fn all(&self) -> Samples {
        Samples::new(self.0.iter().map(|ran| ran.took).collect())
    }

    fn median(&self) -> Duration {
        self.all().at(0.5)
    }

    fn words(&self, mails: usize) -> String {
        let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| self.all().at(part).as_secs_f64());
        let range = if self.0.len() > 1 { format!(" ({low:.2} to {high:.2})") } else { String::new() };
        let peak = self.0.iter().map(|ran| ran.peak).max().filter(|peak| *peak > 0);
        let memory = peak.map_or_else(String::new, |peak| format!(", peak {}", megabytes(peak)));
        format!("{:.0} messages/s, {middle:.2} s{range}{memory}", rate(mails, self.median()))
    }
}

#[expect(clippy::cast_precision_loss, reason = "some gigabytes")]
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The figure. The indexers run once: they need minutes.
pub async fn import(lab: &Lab, mails: usize, rounds: usize) -> Result<Vec<Row>> {
    let user = format!("past{mails}");
    lab.add_users([user.as_str()]).await?;
    // The server makes the folder: what it cannot write in it would number anew each time.
    drop(Imap::open(lab.imap, &user).await?);
    eprintln!("  a mailbox of {mails} is written ...");
    let bytes = mailbox::fill_past(&lab.maildir(&user), &format!("{user}@lab.example"), mails, 11)?;
    let (dir, memory) = (lab.dir.join(&user), Gone(quick(lab, &user)));
    // The server reads every file once, so that no contestant pays for its indexes.
    let _ = raw(lab, &user, mails).await?;

    let mbsync = peers::version("mbsync").await;
    let (mut floor, mut ours, mut durable) = (Times::default(), Times::default(), Times::default());
    let (mut pulled, mut flushed) = (Times::default(), Times::default());
    let mut writes = Vec::new();
    let pull = |place: &Path, flush| Pull {
        port: lab.imap,
        user: &user,
        to: place.join("mbsync"),
        flush,
        mails,
        patience: PATIENCE,
    };
    for round in 0..rounds {
        eprintln!("  round {} of {rounds} ...", round + 1);
        floor.0.push(raw(lab, &user, mails).await?);
        ours.0.push(taken_in(lab, &user, &memory.0, mails).await?);
        if mbsync.is_some() {
            pulled.0.push(peers::mbsync(&pull(&memory.0, false)).await?);
        }
        writes.extend(disk(&lab.dir, 100)?);
        durable.0.push(taken_in(lab, &user, &dir, mails).await?);
        if mbsync.is_some() {
            flushed.0.push(peers::mbsync(&pull(&dir, true)).await?);
        }
    }
    let mut rows = vec![
        Row::with_goal(
            "fuseau import, in memory: start -> all searchable",
            ours.words(mails),
            format!("at most {:.2} s: 6 x the bytes alone", floor.median().as_secs_f64() * 6.0),
            ours.median() <= floor.median() * 6,
        ),
        Row::plain("one UID FETCH of everything, dropped", floor.words(mails)),
    ];
    let peak = ours.0.iter().chain(&durable.0).map(|ran| ran.peak).max().unwrap_or(0);
    rows.push(Row::with_goal(
        "fuseau import, most memory (RSS)",
        megabytes(peak),
        "at most 100 MB, whatever the number",
        peak <= 100_000_000,
    ));
    rows.extend(on_disk(mbsync.as_deref(), &durable, &flushed, mails));
    rows.push(Row::plain("fdatasync", disk_words(&Samples::new(writes))));
    if let Some(version) = &mbsync {
        rows.push(Row::plain(&format!("{version}, FSync no, in memory"), pulled.words(mails)));
    }
    let mail = memory.0.join("mbsync");
    let mut indexers = None;
    if mbsync.is_some() {
        indexers = Some(index(&mail, mails, &ours, &pulled, &mut rows).await?);
    }
    let (notmuch, mu) = indexers.unwrap_or((None, None));
    rows.extend(sizes(&memory.0, mails, notmuch.as_ref(), mu.as_ref(), mbsync.is_some().then_some(mail.as_path()))?);
    rows.push(Row::plain("the mailbox", format!("{mails} mails, {}", megabytes(bytes))));

    let config = memory.0.join("fuseau.toml");
    eprintln!("  questions ...");
    rows.extend(beside_peers(&config, notmuch.as_ref(), mu.as_ref()).await?);
    rows.extend(told(&config).await?);
    Ok(rows)
}

/// The bytes alone.
async fn raw(lab: &Lab, user: &str, mails: usize) -> Result<Ran> {
    let started = Instant::now();
    let (mut imap, _) = Imap::open(lab.imap, user).await?;
    let count = timeout(PATIENCE, imap.pass()).await??;
    ensure!(count == mails, "the server has {count} mails");
    Ok(Ran { took: started.elapsed(), peak: 0 })
}

/// `fuseau import` into an empty state directory.
async fn taken_in(lab: &Lab, user: &str, place: &Path, mails: usize) -> Result<Ran> {
    let further = mailbox::clients();
    let setup = Setup { mode: "observe", further, ..Setup::sending(place.to_owned()) };
    if setup.state().exists() {
        std::fs::remove_dir_all(setup.state())?;
    }
    let config = setup.write(&[Mailbox { user, imap: lab.imap, smtp: lab.sink.port }])?;
    let words = ["import", "--mailbox", user, "--folder", "INBOX", "--all"];
    let ran = measured(fuseau(&config, &words), PATIENCE).await?;
    let history = rusqlite::Connection::open(setup.state().join("fuseau.db"))?;
    let count: i64 = history.query_row("SELECT count(*) FROM exchange", [], |row| row.get(0))?;
    ensure!(usize::try_from(count)? == mails, "{count} of {mails} are in the history");
    let index = rusqlite::Connection::open(setup.state().join("search.db"))?;
    let count: i64 = index.query_row("SELECT count(*) FROM entry", [], |row| row.get(0))?;
    ensure!(usize::try_from(count)? == mails, "{count} of {mails} are in the index");
    Ok(ran)
}

fn on_disk(mbsync: Option<&str>, ours: &Times, flushed: &Times, mails: usize) -> Vec<Row> {
    let what = "fuseau import, on the disk";
    match mbsync {
        Some(version) => vec![
            Row::with_goal(
                what,
                ours.words(mails),
                format!("at most {:.2} s: a third of mbsync as it comes", flushed.median().as_secs_f64() / 3.0),
                ours.median() * 3 <= flushed.median(),
            ),
            Row::plain(&format!("{version}, as it comes (a flush per file), on the disk"), flushed.words(mails)),
        ],
        None => vec![Row::plain(what, ours.words(mails)), Row::absent("mbsync", "not installed (package isync)")],
    }
}

/// notmuch and mu over what mbsync pulled.
async fn index(
    mail: &Path,
    mails: usize,
    ours: &Times,
    pulled: &Times,
    rows: &mut Vec<Row>,
) -> Result<(Option<Notmuch>, Option<Mu>)> {
    let both = |ran: &Ran| pulled.median() + ran.took;
    let mut mu = None;
    match peers::version("mu").await {
        Some(version) => {
            eprintln!("  mu index ...");
            let made = Mu::over(mail).await?;
            let ran = made.index(PATIENCE).await?;
            rows.push(Row::with_goal(
                "fuseau import against mbsync + mu index, in memory",
                format!("{:.1} x faster", both(&ran).as_secs_f64() / ours.median().as_secs_f64()),
                "at least 8 x",
                both(&ran) >= ours.median() * 8,
            ));
            rows.push(Row::plain(&format!("{version}, index"), Times(vec![ran]).words(mails)));
            mu = Some(made);
        }
        None => rows.push(Row::absent("mu", "not installed (package maildir-utils)")),
    }
    let mut notmuch = None;
    match peers::version("notmuch").await {
        Some(version) => {
            eprintln!("  notmuch new ...");
            let made = Notmuch::over(mail)?;
            let ran = made.index(PATIENCE).await?;
            rows.push(Row::plain(
                "fuseau import against mbsync + notmuch new, in memory",
                format!("{:.1} x faster", both(&ran).as_secs_f64() / ours.median().as_secs_f64()),
            ));
            rows.push(Row::plain(&format!("{version}, new"), Times(vec![ran]).words(mails)));
            notmuch = Some(made);
        }
        None => rows.push(Row::absent("notmuch", "not installed")),
    }
    Ok((notmuch, mu))
}

/// What it takes on the disk, a message.
fn sizes(
    place: &Path,
    mails: usize,
    notmuch: Option<&Notmuch>,
    mu: Option<&Mu>,
    mail: Option<&Path>,
) -> Result<Vec<Row>> {
    let each = |bytes: u64| -> Result<u64> { Ok(bytes / u64::try_from(mails)?) };
    let ours = each(size_of(&place.join("state"))?)?;
    let part = |name: &str| each(std::fs::metadata(place.join("state").join(name))?.len());
    let value = format!("{ours} bytes a message: {} history, {} index", part("fuseau.db")?, part("search.db")?);
    let what = "fuseau, on the disk, text and headers included";
    let (notmuch, mu) =
        (notmuch.map(|it| it.size().and_then(each)).transpose()?, mu.map(|it| it.size().and_then(each)).transpose()?);
    let mut rows = vec![match (notmuch, mu) {
        (Some(notmuch), Some(mu)) => {
            let most = (mu * 65 / 100).min(notmuch * 30 / 100);
            let goal = format!("at most {most}: 0.65 x mu's, 0.3 x notmuch's index");
            Row::with_goal(what, value, goal, ours <= most)
        }
        _ => Row::plain(what, value),
    }];
    let inbox = mail.map(|mail| size_of(&mail.join("INBOX")).and_then(each)).transpose()?.unwrap_or(0);
    for (name, size) in [("mu", mu), ("notmuch", notmuch)] {
        let Some(size) = size else { continue };
        let whole = inbox + size;
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let ratio = ours as f64 / whole as f64;
        rows.push(Row::plain(
            &format!("Maildir + {name}"),
            format!("{whole} bytes a message: {inbox} mail, {size} index; fuseau is {ratio:.2} x that"),
        ));
    }
    Ok(rows)
}

/// A client's history in the terminal, and the first pages of the desk.
async fn told(config: &Path) -> Result<Vec<Row>> {
    let newest = repeated(11, || fuseau(config, &["history", CLIENT, "--limit", "100"])).await?;
    let whole = repeated(5, || fuseau(config, &["history", CLIENT])).await?;
    let desk = Desk::open(config).await?;
    let (first, today) = desk.page("/").await?;
    let (there, client) = desk.page(&format!("/client?id={CLIENT}")).await?;
    Ok(vec![
        Row::plain("fuseau history CLIENT, the newest 100", newest.millis()),
        Row::plain("fuseau history CLIENT, all of it", whole.millis()),
        Row::plain("the desk's first page: Today", format!("first {} ms, then {}", ms(first), today.millis())),
        Row::plain("the desk: Client", format!("first {} ms, then {}", ms(there), client.millis())),
    ])
}
