//! The figures of fuseau beside its peers, both sides in the same run: `cargo bench --bench figures [-- NAME...]`.
//! What each one means: docs/figures.md. fuseau itself is a black box here but for `library`.
#![allow(clippy::disallowed_methods, reason = "figures are measured with the clock")]
#![allow(clippy::indexing_slicing, reason = "tables of this program's own")]

#[path = "figures/catch_up.rs"]
mod catch_up;
#[path = "figures/crowd.rs"]
mod crowd;
#[path = "figures/daemon.rs"]
mod daemon;
#[path = "figures/floor.rs"]
mod floor;
#[path = "figures/idle.rs"]
mod idle;
#[path = "figures/import.rs"]
mod import;
#[path = "figures/lab.rs"]
mod lab;
#[path = "figures/library.rs"]
mod library;
#[path = "figures/lmtp.rs"]
mod lmtp;
#[path = "figures/long.rs"]
mod long;
#[path = "figures/look_up.rs"]
mod look_up;
#[path = "figures/mailbox.rs"]
mod mailbox;
#[path = "figures/multiply.rs"]
mod multiply;
#[path = "figures/noise.rs"]
mod noise;
#[path = "figures/peers.rs"]
mod peers;
#[path = "figures/proxy.rs"]
mod proxy;
#[path = "figures/reaction.rs"]
mod reaction;
#[path = "figures/sink.rs"]
mod sink;
#[path = "figures/table.rs"]
mod table;

use anyhow::{Context, Result};
use lab::Lab;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use table::Row;

/// Names for the command line, with titles.
const FIGURES: &[(&str, &str)] = &[
    ("size", "Size of the program"),
    ("reaction", "Reaction on loopback, grace 0"),
    ("trips", "Round trips, 20 ms each way"),
    ("backlog", "Backlog after an outage"),
    ("burst", "Burst while running"),
    ("catch-up", "Catch-up after an outage, nothing sent"),
    ("idle", "Idle cost"),
    ("decision", "One decision"),
    ("record", "One recording"),
    (MILLION, "One recording in a long history"),
    ("import", "10,000 past messages taken in"),
    ("import-large", "100,000 past messages taken in"),
    ("history", "Looking things up, 10,000 and 100,000 messages"),
    ("history-million", "Looking things up, up to 1,000,000 messages"),
];

/// Fills a database with a million messages first.
const MILLION: &str = "record-million";
/// They take long: only measured when they are named.
const NAMED: [&str; 3] = [MILLION, "import-large", "history-million"];

/// No figure may take longer than this.
const LIMIT: Duration = Duration::from_secs(2 * 3600);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` starts this too, without the word that `cargo bench` adds.
    if !arguments.iter().any(|word| word == "--bench") {
        println!("figures are measured by `cargo bench --bench figures`");
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let unknown = wanted.iter().find(|word| !FIGURES.iter().any(|(name, _)| name == *word));
    if let Some(word) = unknown {
        let names: Vec<&str> = FIGURES.iter().map(|(name, _)| *name).collect();
        eprintln!("no figure is named {word}; there are {}", names.join(", "));
        return ExitCode::from(64);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let run = async {
        tokio::select! {
            failed = all(&wanted) => failed,
            _ = tokio::signal::ctrl_c() => {
                eprintln!("interrupted");
                1
            }
        }
    };
    let failed = runtime.block_on(run);
    runtime.shutdown_background();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures what is wanted, everything if nothing is named; how many figures failed.
async fn all(wanted: &[&str]) -> usize {
    let mut failed = 0;
    let mut lab: Option<Lab> = None;
    for (name, title) in FIGURES.iter().filter(|(name, _)| is_wanted(name, wanted)) {
        eprintln!("measuring: {title} ...");
        let rows = match tokio::time::timeout(LIMIT, measure(name, &mut lab)).await {
            Ok(rows) => rows,
            Err(_) => Err(anyhow::anyhow!("it took longer than {LIMIT:?}")),
        };
        match rows {
            Ok(rows) => table::print(title, &rows),
            Err(error) => {
                failed += 1;
                table::print(title, &[Row::absent(name, "it failed, see below")]);
                eprintln!("{name}: {error:#}");
            }
        }
    }
    failed
}

fn is_wanted(name: &str, wanted: &[&str]) -> bool {
    if wanted.is_empty() { !NAMED.contains(&name) } else { wanted.contains(&name) }
}

async fn measure(name: &str, lab: &mut Option<Lab>) -> Result<Vec<Row>> {
    match name {
        "size" => return size(),
        "decision" => return aside(library::decision).await,
        "record" => return aside(|dir| library::record(dir, &[10_000])).await,
        MILLION => return aside(|dir| library::record(dir, &[10_000, 1_000_000])).await,
        "history" => return long::history(&lab::folder()?, &[10_000, 100_000]).await,
        "history-million" => return long::history(&lab::folder()?, &[10_000, 100_000, 1_000_000]).await,
        _ => {}
    }
    if lab.is_none() {
        *lab = Some(Lab::up().await.context("the lab does not start (tests/run installs what it needs)")?);
    }
    let lab = lab.as_ref().context("no lab")?;
    match name {
        "reaction" => reaction::reaction(lab).await,
        "trips" => reaction::round_trips(lab).await,
        "backlog" => crowd::backlog(lab).await,
        "burst" => crowd::burst(lab).await,
        "catch-up" => catch_up::catch_up(lab).await,
        "idle" => idle::idle(lab).await,
        "import" => import::import(lab, 10_000, 3).await,
        "import-large" => import::import(lab, 100_000, 1).await,
        other => anyhow::bail!("{other} is not measured"),
    }
}

/// Measures without a lab, on a thread of its own, so that the limit and Ctrl-C still work.
async fn aside(figure: impl FnOnce(&Path) -> Result<Vec<Row>> + Send + 'static) -> Result<Vec<Row>> {
    let dir = lab::folder()?.with_extension("library");
    std::fs::create_dir_all(&dir)?;
    tokio::task::spawn_blocking(move || {
        let rows = figure(&dir);
        // Left-overs harm nobody.
        let _ = std::fs::remove_dir_all(&dir);
        rows
    })
    .await?
}

fn size() -> Result<Vec<Row>> {
    let bytes = std::fs::metadata(daemon::PROGRAM)?.len();
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let megabytes = bytes as f64 / 1e6;
    Ok(vec![Row::plain("the stripped program", format!("{megabytes:.1} MB"))])
}
