//! Looking things up in a written history: the whole command `fuseau search` and `fuseau history`, pages of the desk; and
//! the same questions to notmuch and mu, in turns.
use super::daemon::PROGRAM;
use super::mailbox::RARE;
use super::peers::{Mu, Notmuch, measured};
use super::table::{Row, Samples, ms};
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How often each question is asked, after one that warms up.
const RUNS: usize = 21;
/// Longest time of one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The client whose past is told: one of those who write most.
pub const CLIENT: &str = "c000";

/// A question; the share of the faster peer's time that fuseau may take.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// For people.
    pub name: &'static str,
    /// As it is asked, the same everywhere.
    pub query: &'static str,
    share: f64,
}

/// All of them.
pub const QUESTIONS: [Question; 4] = [
    Question { name: "a rare word", query: RARE, share: 0.75 },
    Question { name: "a common word", query: "project", share: 0.5 },
    Question { name: "a phrase of two common words", query: "\"please the\"", share: 0.5 },
    Question { name: "a word of every message", query: "studio", share: 0.5 },
];

/// `fuseau` with words and a configuration.
pub fn fuseau(config: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words).arg("--config").arg(config);
    command
}

/// The whole command `fuseau search`, asked several times.
pub async fn searched(config: &Path, question: &Question) -> Result<Samples> {
    let ask = || fuseau(config, &["search", question.query]);
    let output = ask().stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && said.contains("fuseau show"), "{} finds nothing: {said}", question.query);
    repeated(RUNS, ask).await
}

/// A command, several times.
pub async fn repeated(runs: usize, ask: impl Fn() -> Command) -> Result<Samples> {
    let mut took = Vec::with_capacity(runs);
    for _ in 0..runs {
        took.push(measured(ask(), PATIENCE).await?.took);
    }
    Ok(Samples::new(took))
}

/// The same questions to all who can answer them, in turns.
pub async fn beside_peers(config: &Path, notmuch: Option<&Notmuch>, mu: Option<&Mu>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for question in &QUESTIONS {
        // Warms up, and proves that there is something to find.
        searched(config, question).await?;
        let (mut ours, mut theirs, mut mus) = (vec![], vec![], vec![]);
        for _ in 0..RUNS {
            ours.push(measured(fuseau(config, &["search", question.query]), PATIENCE).await?.took);
            if let Some(notmuch) = notmuch {
                theirs.push(measured(notmuch.find(question.query), PATIENCE).await?.took);
            }
            if let Some(mu) = mu {
                mus.push(measured(mu.find(question.query), PATIENCE).await?.took);
            }
        }
        let ours = Samples::new(ours);
        let peers: Vec<(&str, Samples)> = [("notmuch search", theirs), ("mu find", mus)]
            .into_iter()
            .filter(|(_, took)| !took.is_empty())
            .map(|(name, took)| (name, Samples::new(took)))
            .collect();
        let what = format!("fuseau search, {}", question.name);
        rows.push(match peers.iter().map(|(_, took)| took.at(0.5)).min() {
            Some(fastest) => {
                let most = fastest.mul_f64(question.share);
                let goal = format!("p50 at most {} ms: {} x the faster peer", ms(most), question.share);
                Row::with_goal(&what, ours.millis(), goal, ours.at(0.5) <= most)
            }
            None => Row::plain(&what, ours.millis()),
        });
        for (name, took) in peers {
            rows.push(Row::plain(&format!("{name}, {}", question.name), took.millis()));
        }
    }
    // What starting the program costs, whatever it then does.
    rows.push(Row::plain("fuseau --version", repeated(RUNS, || version("fuseau")).await?.millis()));
    if notmuch.is_some() {
        rows.push(Row::plain("notmuch --version", repeated(RUNS, || version("notmuch")).await?.millis()));
    }
    Ok(rows)
}

fn version(program: &str) -> Command {
    let mut command = Command::new(if program == "fuseau" { PROGRAM } else { program });
    command.arg("--version");
    command
}

/// What ranking all matches by bm25 would cost on the same index, in process; milliseconds.
pub fn bm25(state: &Path, word: &str) -> Result<Duration> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let index = Connection::open_with_flags(state.join("search.db"), flags)?;
    let mut statement = index.prepare("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20")?;
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        let found = statement.query_map([word], |row| row.get::<_, i64>(0))?.count();
        ensure!(found == 20, "{found} found");
        best = best.min(started.elapsed());
    }
    Ok(best)
}

/// The desk as `fuseau web` serves it, and a browser that was let in; ends when dropped.
pub struct Desk {
    _child: Child,
    host: String,
    cookie: String,
}

impl Desk {
    /// Starts it and follows its one-time link.
    pub async fn open(config: &Path) -> Result<Self> {
        let mut command = fuseau(config, &["web", "--port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let link = timeout(PATIENCE, lines.next_line()).await??.context("no link")?;
        let rest = link.trim().strip_prefix("http://").with_context(|| link.clone())?;
        let (host, path) = rest.split_once('/').with_context(|| link.clone())?;
        let mut desk = Self { _child: child, host: host.to_owned(), cookie: String::new() };
        let (_, answer) = desk.get(&format!("/{path}")).await?;
        let cookie = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: "));
        let value = cookie.and_then(|line| line.get(12..)?.split(';').next()).with_context(|| answer.clone())?;
        desk.cookie = format!("Cookie: {value}\r\n");
        Ok(desk)
    }

    async fn get(&self, path: &str) -> Result<(Duration, String)> {
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}Connection: close\r\n\r\n", self.host, self.cookie);
        let started = Instant::now();
        let mut stream = TcpStream::connect(&self.host).await?;
        stream.write_all(ask.as_bytes()).await?;
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await??;
        Ok((started.elapsed(), String::from_utf8_lossy(&answer).into_owned()))
    }

    /// A page: the first time, and the times after that.
    pub async fn page(&self, path: &str) -> Result<(Duration, Samples)> {
        let mut took = Vec::with_capacity(RUNS);
        for _ in 0..=RUNS {
            let (time, answer) = self.get(path).await?;
            ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
            took.push(time);
        }
        Ok((took.remove(0), Samples::new(took)))
    }
}
