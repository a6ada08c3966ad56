//! The parts of fuseau that can be timed alone, through the library: one decision with its composed reply, and the
//! recording of one message in a small and in a large history. No server takes part.
use super::daemon::{Mailbox, Setup};
use super::lab::{disk, disk_words};
use super::lmtp::mail;
use super::multiply;
use super::table::{Row, Samples, ms};
use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use fuseau::compose::{Auto, Composer};
use fuseau::daemon::dial::Dialler;
use fuseau::daemon::intake::{Item, take_in};
use fuseau::daemon::{Desk, reply};
use fuseau::decide;
use fuseau::mailbox::parse;
use fuseau::model::{Incoming, Instant, Language, Past, Zones};
use fuseau::store::{Packed, Store};
use fuseau::system::{Clock, Ids};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

const USER: &str = "claire";
/// Decisions timed for each language.
const DECISIONS: usize = 2000;
/// Messages recorded one by one, each in a transaction of its own.
const RECORDINGS: usize = 1000;
/// Messages of a history that are recorded; a longer one is made of copies.
const MODEL: usize = 10_000;
/// Messages of one transaction while a history is filled.
const BATCH: usize = 500;
/// Clients who write what fills a history.
const CLIENTS: usize = 300;

/// The configuration of all figures as the library reads it.
fn desk(dir: &Path, store: Store) -> Result<Desk> {
    let setup = Setup::sending(dir.to_owned());
    let config = setup.write(&[Mailbox { user: USER, imap: 10143, smtp: 10587 }])?;
    let settings = fuseau::config::load(&config, &Zones::bundled()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    Ok(Desk {
        settings: Arc::new(settings),
        composer: Arc::new(Composer::built_in()?),
        store,
        clock: Clock::System,
        ids: Ids::seeded(5),
        instance: "figures".into(),
        dialler: Dialler::default(),
        calendars: fuseau::system::calendars::Held::default(),
        state: None,
    })
}

/// A client's mail as the mailbox hands it over.
fn incoming(author: &str, token: &str, automatic: bool, at: Instant) -> (Incoming, Vec<u8>) {
    let mark = if automatic { "Auto-Submitted: auto-generated\r\n" } else { "" };
    let text = format!("Return-Path: <{author}@client.example>\r\n{mark}{}", mail(USER, author, token));
    let context = parse::Context { arrived: at, ..parse::Context::default() };
    (parse::parse(text.as_bytes(), &context), text.into_bytes())
}

/// One decision with its composed reply, in every language.
pub fn decision(dir: &Path) -> Result<Vec<Row>> {
    let mut desk = desk(&dir.join("decision"), Store::in_memory()?)?;
    let now = chrono::Utc::now();
    let (mut decided, mut whole) = (Vec::new(), Vec::new());
    let mut slowest = (Duration::ZERO, Language::En);
    for language in Language::ALL {
        let settings = Arc::make_mut(&mut desk.settings);
        settings.policy.clients.iter_mut().for_each(|client| client.language = language);
        let (message, _) = incoming("anna", "decision", false, now);
        let mut here = Vec::with_capacity(DECISIONS);
        for round in 0..DECISIONS + 100 {
            let started = Moment::now();
            let decision = decide::answer(&message, USER, &Past::default(), desk.policy(), now);
            let judged = started.elapsed();
            let composed = compose(&desk, &message, &decision)?;
            let took = started.elapsed();
            std::hint::black_box(composed);
            // The first hundred warm up.
            if round >= 100 {
                decided.push(judged);
                here.push(took);
            }
        }
        let median = Samples::new(here.clone()).at(0.5);
        slowest = slowest.max((median, language));
        whole.extend(here);
    }
    let micros = |value: Duration| format!("{:.1} µs", value.as_secs_f64() * 1e6);
    let words = |samples: &Samples| format!("p50 {}, p99 {}", micros(samples.at(0.5)), micros(samples.at(0.99)));
    let (decided, whole) = (Samples::new(decided), Samples::new(whole));
    Ok(vec![
        Row::plain("one decision", words(&decided)),
        Row::plain("one decision with its composed reply, ten languages", words(&whole)),
        Row::plain(&format!("the slowest language ({})", slowest.1.code()), format!("p50 {}", micros(slowest.0))),
    ])
}

fn compose(desk: &Desk, message: &Incoming, decision: &decide::Decision) -> Result<reply::Reply> {
    let codes: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let order = reply::Order {
        policy: desk.policy(),
        identity: desk.identity(USER).context("no such mailbox")?,
        message,
        client: decision.client.as_deref(),
        to: decision.reply_to.as_ref().with_context(|| format!("not acknowledged: {codes:?}"))?,
        plan: decision.plan.as_ref().context("no plan")?,
        clocks: None,
    };
    let ids = reply::NewIds { exchange: "0190a0b0-0000-7000-8000-000000000001", instance: "figures" };
    Ok(reply::acknowledgement(&desk.composer, &order, ids, Auto::Replied)?)
}

/// A history that grows: five years with a mail every few minutes, a third of it automatic.
struct Book {
    desk: Desk,
    at: Instant,
    step: TimeDelta,
    uid: u32,
}

impl Book {
    fn open(dir: &Path, rows: usize) -> Result<Self> {
        let state = dir.join("state");
        std::fs::create_dir_all(&state)?;
        let step = TimeDelta::days(5 * 365) / i32::try_from(rows.clamp(1, MODEL))?;
        let desk = Desk { state: Some(state.clone()), ..desk(dir, Store::open(&state)?)? };
        Ok(Self { desk, at: chrono::Utc::now() - TimeDelta::days(5 * 365 + 30), step, uid: 0 })
    }

    fn item(&mut self, author: &str, automatic: bool) -> Result<Item> {
        self.uid += 1;
        let (incoming, raw) = incoming(author, &format!("m{}", self.uid), automatic, self.at);
        let raw = Packed::new(&raw, true)?;
        Ok(Item { folder: "INBOX".to_owned(), uidvalidity: 1, uid: self.uid, incoming, raw, rescan: false })
    }

    /// Fills a history: what it holds at most is recorded one by one, the rest are copies of that.
    fn fill(mut self, rows: usize) -> Result<Self> {
        self.take_in(rows.min(MODEL))?;
        let state = self.desk.state.clone().context("no state directory")?;
        self.desk.store.close()?;
        let copies = rows / MODEL.min(rows) - 1;
        multiply::history(&Store::path_in(&state), copies, MODEL.min(rows))?;
        self.uid += u32::try_from(copies * MODEL)?;
        self.desk.store = Store::open(&state)?;
        Ok(self)
    }

    fn take_in(&mut self, rows: usize) -> Result<()> {
        while usize::try_from(self.uid)? < rows {
            let items = (0..BATCH)
                .map(|number| {
                    self.at += self.step;
                    let author = format!("client{}", (usize::try_from(self.uid).unwrap_or(0) * 7) % CLIENTS);
                    Ok((self.item(&author, number % 3 == 0)?, self.at))
                })
                .collect::<Result<Vec<(Item, Instant)>>>()?;
            self.desk.store.write_blocking(|tx| {
                items.iter().try_for_each(|(item, at)| take_in(tx, &self.desk, USER, item, *at).map(|_| ()))
            })?;
        }
        Ok(())
    }

    /// Times the transaction that the daemon makes for one client's mail: recall, decide, compose, record.
    fn record(&mut self) -> Result<Samples> {
        let mut took = Vec::with_capacity(RECORDINGS);
        for _ in 0..RECORDINGS {
            self.at += TimeDelta::minutes(11);
            let author = format!("new{}", self.uid);
            let item = self.item(&author, false)?;
            let started = Moment::now();
            let taken = self.desk.store.write_blocking(|tx| {
                let taken = take_in(tx, &self.desk, USER, &item, self.at)?;
                tx.set_cursor(USER, "INBOX", 1, item.uid + 1)?;
                Ok(taken)
            })?;
            took.push(started.elapsed());
            ensure!(taken.send_at.is_some(), "not acknowledged: {:?}", taken.decision);
        }
        Ok(Samples::new(took))
    }
}

/// Records so many messages of clients in a new history, up to today: decisions, promises and replies among them.
pub fn recorded(dir: &Path, mails: usize) -> Result<()> {
    let mut book = Book::open(dir, mails)?;
    book.at = chrono::Utc::now() - TimeDelta::days(5 * 365);
    book.take_in(mails)?;
    Ok(book.desk.store.close()?)
}

/// Where a flush costs nothing; elsewhere the figures without one are left out.
fn memory_disk() -> Option<PathBuf> {
    let shared = Path::new("/dev/shm");
    shared.is_dir().then(|| shared.join(format!("fuseau-figures-{}", std::process::id())))
}

/// A folder that goes away with the figure.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Left-overs harm nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One message recorded at these numbers of rows, with and without the disk.
pub fn record(dir: &Path, sizes: &[usize]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut first: Option<Duration> = None;
    for &size in sizes {
        let away = Folder(memory_disk().unwrap_or_else(|| dir.join("record")));
        let started = Moment::now();
        let mut book = Book::open(&away.0, size)?.fill(size)?;
        let filled = started.elapsed();
        let quick = book.record()?;
        let (p50, p99) = (quick.at(0.5), quick.at(0.99));
        let smallest = *first.get_or_insert(p50);
        let within = p50 <= smallest * 2 && p99 <= Duration::from_millis(10);
        rows.push(Row::with_goal(
            &format!("one message recorded at {size} rows, in memory (no flush)"),
            format!("p50 {} / p99 {} ms (n={})", ms(p50), ms(p99), quick.len()),
            format!("p50 at most 2 x that of {} rows, p99 at most 10 ms", sizes.first().unwrap_or(&0)),
            within,
        ));
        let (uid, at) = (book.uid, book.at);
        book.desk.store.close()?;
        let bytes = std::fs::metadata(Store::path_in(&away.0.join("state")))?.len();

        let durable = Folder(dir.join(format!("record{size}")));
        std::fs::create_dir_all(durable.0.join("state"))?;
        std::fs::copy(Store::path_in(&away.0.join("state")), Store::path_in(&durable.0.join("state")))?;
        let mut book = Book { uid, at, ..Book::open(&durable.0, size)? };
        let writes = Samples::new(disk(&durable.0, 300)?);
        let slow = book.record()?;
        let (p50, p99) = (ms(slow.at(0.5)), ms(slow.at(0.99)));
        rows.push(Row::plain(
            &format!("one message recorded at {size} rows, on disk"),
            format!("p50 {p50} / p99 {p99} ms (n={})", slow.len()),
        ));
        rows.push(Row::plain("fdatasync", disk_words(&writes)));
        let each = bytes / u64::try_from(size.max(1))?;
        rows.push(Row::plain(
            "the history",
            format!("{} bytes a message, filled in {:.0} s", each, filled.as_secs_f64()),
        ));
    }
    Ok(rows)
}
