//! The same look-ups in histories of several lengths: ten thousand messages are recorded with their replies or imported,
//! the rest are copies of them under other ids, in the history and in its index. Then another two thousand are imported into each: what a message
//! costs may not grow.
use super::catch_up::copy;
use super::daemon::{Mailbox, Setup};
use super::library;
use super::look_up::{CLIENT, Desk, QUESTIONS, bm25, fuseau, repeated, searched};
use super::mailbox::{self, RARE};
use super::multiply::{self, APART};
use super::peers::{measured, size_of};
use super::table::{Row, Samples, ms};
use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use fuseau::mailbox::parse;
use fuseau::model::Party;
use fuseau::store::{Index, Page, Store};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const USER: &str = "claire";
/// Entries of the shortest history; longer ones are made of copies.
const MODEL: usize = 10_000;
/// Messages of it that are recorded as the daemon does it, with decision, promise and reply; the rest is imported.
const RECORDED: usize = 3000;
/// Promises that are open.
const OPEN: u32 = 10;
/// Messages that are imported into each.
const FRESH: usize = 2000;
/// Pages of one step while the index is filled.
const PAGES: usize = 4000;
/// Longest time of one import.
const PATIENCE: Duration = Duration::from_secs(1800);

/// A place with a configuration.
fn setup(dir: PathBuf) -> Result<(PathBuf, PathBuf)> {
    let setup = Setup { mode: "observe", further: mailbox::clients(), ..Setup::sending(dir) };
    std::fs::create_dir_all(setup.state())?;
    Ok((setup.write(&[Mailbox { user: USER, imap: 10143, smtp: 10587 }])?, setup.state()))
}

/// Takes a Maildir in; what each of its messages cost.
async fn taken_in(config: &Path, mail: &Path, mails: usize) -> Result<(Duration, u64)> {
    let mut import = fuseau(config, &["import", "--all"]);
    import.arg(mail);
    let ran = measured(import, PATIENCE).await?;
    Ok((ran.took / u32::try_from(mails)?, ran.peak))
}

/// What is compared between the lengths.
#[derive(Default)]
struct First(Vec<(String, Duration)>);

impl First {
    /// A row whose goal is at most three times the first one of its name.
    fn row(&mut self, what: &str, size: usize, p50: Duration, value: String, factor: u32) -> Row {
        let name = format!("{what}, {size} messages");
        match self.0.iter().find(|(known, _)| known == what) {
            Some((_, first)) => {
                let goal = format!("at most {factor} x the first: {} ms", ms(*first * factor));
                Row::with_goal(&name, value, goal, p50 <= *first * factor)
            }
            None => {
                self.0.push((what.to_owned(), p50));
                Row::plain(&name, value)
            }
        }
    }
}

/// The figure.
pub async fn history(dir: &Path, sizes: &[usize]) -> Result<Vec<Row>> {
    let dir = dir.with_extension("long");
    std::fs::create_dir_all(&dir)?;
    let rows = compared(&dir, sizes).await;
    if std::env::var_os("FUSEAU_FIGURES_KEEP").is_none() {
        // Left-overs harm nobody.
        let _ = std::fs::remove_dir_all(&dir);
    }
    rows
}

async fn compared(dir: &Path, sizes: &[usize]) -> Result<Vec<Row>> {
    let (past, fresh) = (dir.join("past"), dir.join("fresh"));
    let to = format!("{USER}@lab.example");
    mailbox::fill_past(&fresh, &to, FRESH, 12)?;
    let of = dir.join("model");
    let booked = of.clone();
    let known = tokio::task::spawn_blocking(move || -> Result<usize> {
        library::recorded(&booked, RECORDED)?;
        let path = Store::path_in(&booked.join("state"));
        multiply::history(&path, 0, MODEL)?;
        let database = rusqlite::Connection::open(path)?;
        Ok(database.query_row("SELECT max(seq) FROM exchange", [], |row| row.get::<_, i64>(0))?.try_into()?)
    })
    .await??;
    let rest = MODEL.checked_sub(known).with_context(|| format!("{known} entries are recorded already"))?;
    mailbox::fill_past(&past, &to, rest, 11)?;
    let (config, model) = setup(of)?;
    taken_in(&config, &past, rest).await?;
    let mut first = First::default();
    let mut rows = Vec::new();
    for &size in sizes {
        let started = Instant::now();
        let (config, state) = setup(dir.join(format!("of{size}")))?;
        copy(&model, &state)?;
        let copies = (size / MODEL).saturating_sub(1);
        let made = state.clone();
        tokio::task::spawn_blocking(move || {
            grow(&made, copies)?;
            multiply::leave_open(&Store::path_in(&made), OPEN)
        })
        .await??;
        eprintln!("  {size} messages after {:.0} s ...", started.elapsed().as_secs_f64());
        rows.extend(looked_up(&config, &state, size, &mut first).await?);
        let (each, peak) = taken_in(&config, &fresh, FRESH).await?;
        let value = format!("{:.0} µs a message, peak {} MB", each.as_secs_f64() * 1e6, peak / 1_000_000);
        rows.push(first.row("2,000 more imported", size, each, value, 2));
        if std::env::var_os("FUSEAU_FIGURES_KEEP").is_none() {
            std::fs::remove_dir_all(&state)?;
        }
    }
    Ok(rows)
}

async fn looked_up(config: &Path, state: &Path, size: usize, first: &mut First) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for question in &QUESTIONS {
        let took = searched(config, question).await?;
        rows.push(first.row(&format!("fuseau search, {}", question.name), size, took.at(0.5), took.millis(), 3));
    }
    let (index, word) = (state.to_owned(), QUESTIONS[1].query);
    let ranked = tokio::task::spawn_blocking(move || bm25(&index, word)).await??;
    rows.push(Row::plain(
        &format!("bm25 over all matches of the common word, {size} messages"),
        format!("{} ms in process", ms(ranked)),
    ));
    let newest = repeated(11, || fuseau(config, &["history", CLIENT, "--limit", "100"])).await?;
    rows.push(first.row("fuseau history CLIENT, the newest 100", size, newest.at(0.5), newest.millis(), 3));
    let whole = repeated(3, || fuseau(config, &["history", CLIENT])).await?;
    rows.push(Row::plain(&format!("fuseau history CLIENT, all of it, {size} messages"), whole.millis()));
    let desk = Desk::open(config).await?;
    for (what, path) in [
        ("the desk: Today", "/".to_owned()),
        ("the desk: Client", format!("/client?id={CLIENT}")),
        ("the desk: Search, the common word", format!("/search?q={word}")),
    ] {
        let (cold, warm): (Duration, Samples) = desk.page(&path).await?;
        let value = format!("first {} ms, then {}", ms(cold), warm.millis());
        rows.push(first.row(what, size, warm.at(0.5), value, 3));
    }
    rows.push(Row::plain(
        &format!("the state directory, {size} messages"),
        format!("{} bytes a message", size_of(state)? / u64::try_from(size)?),
    ));
    Ok(rows)
}

/// Adds copies of a history to itself and to its index.
fn grow(state: &Path, copies: usize) -> Result<()> {
    if copies == 0 {
        return Ok(());
    }
    let store = Store::open_read_only(state)?;
    let index = Index::open(state)?;
    let unread = store.read_blocking(|r| r.recorded_after(0, u32::MAX))?;
    ensure!(unread.len() == MODEL, "{} messages in the model", unread.len());
    let model: Vec<Page> = unread
        .into_iter()
        .map(|it| {
            let read = parse::parse(&it.bytes.unwrap_or_default(), &parse::Context::default());
            let named = |party: &Party| match &party.name {
                Some(name) => format!("{} {}", name.as_str(), party.address),
                None => party.address.to_string(),
            };
            let recipients: Vec<String> = read.to.iter().chain(&read.cc).map(named).collect();
            Page {
                seq: it.seq,
                id: it.id,
                at: it.at,
                // The rare word stays rare.
                subject: it.subject.replace(RARE, ""),
                text: read.content.text.clone(),
                sender: read.from().map(named).unwrap_or_default(),
                recipients: recipients.join("\n"),
                attachments: Vec::new(),
                moving: None,
            }
        })
        .collect();
    drop(store);
    multiply::history(&Store::path_in(state), copies, MODEL)?;
    let mut together = Vec::with_capacity(PAGES);
    for number in 1..=copies {
        let apart = i64::try_from(number)?;
        for page in &model {
            together.push(Page {
                seq: page.seq + apart * i64::try_from(MODEL)?,
                id: format!("{number:04}.{}", page.id),
                at: page.at + TimeDelta::seconds(APART * apart),
                ..page.clone()
            });
            if together.len() == PAGES {
                index.add(&together)?;
                together.clear();
            }
        }
    }
    index.add(&together)?;
    Ok(())
}
