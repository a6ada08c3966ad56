//! `fuseau demo`: the whole loop with the production code, on an embedded Maildir and a clock that moves on. No server,
//! no account; everything stays in one folder that the other commands can be tried on afterwards.
use super::args::{Cli, Demo};
use super::fail::Fail;
use super::out;
use super::promises::left;
use super::say;
use crate::config::{self, Settings};
use crate::daemon::dial::{self, Courier};
use crate::daemon::run as daemon_run;
use crate::daemon::turn::{Cause, turn};
use crate::daemon::{Desk, holding};
use crate::decide;
use crate::mailbox::{Connection, Folders};
use crate::model::{Instant, Promise, PromiseState, Verdict};
use crate::store::{MailState, OutboxRow, Remembered, Store};
use crate::system::net::BoxedWire;
use crate::system::{Clock, Ids, state};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &str = include_str!("demo/demo.toml");
const MAILS: &str = include_str!("demo/mails.txt");
const MAILBOX: &str = "studio";

/// One mail of the script.
struct Scene<'a> {
    at: Instant,
    folder: &'a str,
    title: &'a str,
    mail: &'a str,
}

/// Runs the command.
pub fn run(_cli: &Cli, demo: &Demo) -> Result<(), Fail> {
    let dir = demo.dir.clone().unwrap_or_else(|| PathBuf::from("fuseau-demo"));
    let scenes = scenes()?;
    let start = scenes.first().map(|scene| scene.at).unwrap_or_default() - chrono::TimeDelta::hours(1);
    let (settings, state_dir) = lay_out(&dir)?;
    let (store, _lock) = daemon_run::open(&state_dir, start).map_err(|error| Fail::Failed(error.to_string()))?;
    let desk =
        daemon_run::desk(settings, store, &state_dir, Ids::seeded(7)).map_err(|e| Fail::Failed(e.to_string()))?;
    let desk = Desk { clock: Clock::standing_at(start), ..desk };
    out::text(&format!(
        "Claire works in London and reads mail at fixed hours. Five clients write to her; the clock is the demo's own.\n\
         Everything happens in {}/.\n\n",
        dir.display()
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fail::Failed(format!("the runtime could not be started: {error}")))?;
    runtime.block_on(play(&desk, &dir, &scenes))?;
    farewell(&dir);
    Ok(())
}

/// Makes the folder with its mailbox and configuration; a folder of an earlier demo is made anew.
fn lay_out(dir: &Path) -> Result<(Settings, PathBuf), Fail> {
    let config = dir.join("fuseau.toml");
    let empty = || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if dir.exists() && !empty() {
        // Only a folder that an earlier demo made is ever removed.
        let earlier = fs::read_to_string(&config).is_ok_and(|text| text == CONFIG);
        if !earlier {
            return Err(Fail::Usage(format!(
                "{} exists and is no earlier demo: name another folder with --dir",
                dir.display()
            )));
        }
        fs::remove_dir_all(dir)?;
    }
    for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(dir.join(folder).join(part))?;
        }
    }
    fs::create_dir_all(dir.join("outgoing"))?;
    fs::write(&config, CONFIG)?;
    state::make_private(&config)?;
    let settings = config::load(&config, &out::zones())?;
    let state_dir = out::state_dir(&settings);
    Ok((settings, state_dir))
}

/// The script: blocks that begin with `=== INSTANT FOLDER TITLE`.
fn scenes() -> Result<Vec<Scene<'static>>, Fail> {
    let broken = || Fail::Failed("the demo's script is broken".to_owned());
    MAILS
        .split("=== ")
        .filter(|block| !block.trim().is_empty())
        .map(|block| {
            let (head, mail) = block.split_once('\n').ok_or_else(broken)?;
            let mut words = head.splitn(3, ' ');
            let at = out::instant(words.next().unwrap_or_default())?;
            let folder = words.next().ok_or_else(broken)?;
            Ok(Scene { at, folder, title: words.next().unwrap_or_default(), mail })
        })
        .collect()
}

/// Plays the script: between two mails the clock stops wherever the production turn wants to be woken.
async fn play(desk: &Desk, dir: &Path, scenes: &[Scene<'_>]) -> Result<(), Fail> {
    let failed = |error: &dyn std::fmt::Display| Fail::Failed(error.to_string());
    let settings = desk.mailbox(MAILBOX).ok_or_else(|| Fail::Failed("the demo has no mailbox".into()))?.clone();
    let index = dial::index_dir(desk.state.as_deref(), MAILBOX);
    let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.map_err(|e| failed(&e))?;
    let folders = server.folders(&settings.folders).await.map_err(|e| failed(&e))?;
    let mut courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "studio.example");
    // First contact: what lies in the mailbox already would never be answered. Here it is empty.
    turn(desk, MAILBOX, &folders, Cause::Poll, &mut server, &mut courier).await.map_err(|e| failed(&e))?;
    for (n, scene) in scenes.iter().enumerate() {
        advance(desk, &folders, scene.at, &mut server, &mut courier).await?;
        deliver(&dir.join("Maildir"), scene, n)?;
        let since = desk.clock.now();
        turn(desk, MAILBOX, &folders, Cause::Poll, &mut server, &mut courier).await.map_err(|e| failed(&e))?;
        narrate(desk, scene, since).await?;
    }
    let end = scenes.last().map(|scene| scene.at).unwrap_or_default() + chrono::TimeDelta::minutes(20);
    advance(desk, &folders, end, &mut server, &mut courier).await?;
    Ok(())
}

/// Moves the clock to `to`, stopping for whatever is due on the way.
async fn advance(
    desk: &Desk,
    folders: &Folders,
    to: Instant,
    server: &mut Connection<BoxedWire>,
    courier: &mut Courier,
) -> Result<(), Fail> {
    loop {
        let name = MAILBOX.to_owned();
        let open = desk.store.read(|tx| tx.promises(true)).await?;
        let due = desk.store.read(move |tx| tx.next_due(&name)).await?;
        // The daemon sees a lapse at its next poll, within a minute.
        let lapses = open.iter().map(|promise| promise.by + chrono::TimeDelta::minutes(1)).min();
        let policy = desk.policy();
        let holding = decide::next_wakeup([], &open, policy, desk.clock.now());
        let due = due.into_iter().chain(lapses).chain(holding).min();
        let Some(at) = due.filter(|at| *at <= to) else { break };
        desk.clock.move_to(at.max(desk.clock.now()));
        let waiting = queued(&desk.store).await?;
        turn(desk, MAILBOX, folders, Cause::Poll, server, courier)
            .await
            .map_err(|error| Fail::Failed(error.to_string()))?;
        for row in waiting {
            let after = desk
                .store
                .read({
                    let id = row.id.clone();
                    move |tx| tx.outbox_row(&id)
                })
                .await?;
            if let Some(after) = after
                && after.state != MailState::Queued
            {
                tell_fate(desk, &after);
            }
        }
        // A holding reply is made and sent in one turn.
        let now = desk.clock.now();
        for row in desk.store.read(move |tx| tx.outbox_since(now, 50)).await? {
            if row.kind == holding::KIND && row.state != MailState::Queued {
                tell_fate(desk, &row);
            }
        }
        tell_lapsed(desk, open).await?;
    }
    desk.clock.move_to(to);
    Ok(())
}

async fn queued(store: &Store) -> Result<Vec<OutboxRow>, Fail> {
    Ok(store.read(|tx| tx.outbox_waiting()).await?.into_iter().filter(|row| row.state == MailState::Queued).collect())
}

/// Puts a mail into the Maildir under a name that carries its arrival.
fn deliver(maildir: &Path, scene: &Scene<'_>, n: usize) -> Result<(), Fail> {
    let (folder, info) = match scene.folder {
        "INBOX" => (maildir.join("new"), ""),
        other => (maildir.join(format!(".{other}")).join("cur"), ":2,S"),
    };
    let name = format!("{}.M{n}P1.demo{info}", scene.at.timestamp());
    let path = folder.join(name);
    fs::write(&path, scene.mail.replace('\n', "\r\n"))?;
    // Arrival in a Maildir is the file's own time; the script's clock runs ahead of the machine's.
    fs::File::options().write(true).open(&path)?.set_modified(scene.at.into())?;
    Ok(())
}

/// Says what the rules said, and what was queued.
async fn narrate(desk: &Desk, scene: &Scene<'_>, since: Instant) -> Result<(), Fail> {
    let zone = &desk.policy().owner.zone;
    out::text(&format!("{}  {}", out::bold(&out::stamp(scene.at, zone)), out::bold(scene.title)));
    let seen: Vec<Remembered> = desk.store.read(move |tx| tx.recent(since, 10)).await?;
    for it in seen.iter().filter(|it| it.entry.kind == "mail") {
        let Some(judgement) = &it.decision else { continue };
        let client = judgement.client.as_deref().unwrap_or("nobody you know");
        out::text(&format!("    {}  ({client})", judgement.verdict.as_str()));
        for reason in &judgement.reasons {
            out::text(&out::dim(&format!("      {:<26} {}", reason.code.as_str(), reason.text())));
        }
        if let (Verdict::Acknowledge, Some(send_at), Some(by)) = (judgement.verdict, judgement.send_at, judgement.by) {
            let there = desk.policy().client(client).map_or(zone, |client| &client.zone);
            out::text(&format!(
                "      an answer is promised by {}; the note leaves at {}",
                out::stamp(by, there),
                zone.local(send_at).format("%H:%M")
            ));
        }
    }
    let kept = desk.store.read(|tx| tx.promises(false)).await?;
    for promise in kept.iter().filter(|p| p.state == PromiseState::Kept && p.closed_at >= Some(scene.at)) {
        if scene.folder == "Sent" {
            out::text(&format!(
                "    the promise to {} is kept, {} before it was due",
                promise.client,
                before(promise.by, scene.at)
            ));
        }
    }
    out::text("");
    Ok(())
}

fn before(by: Instant, at: Instant) -> String {
    left(by, at).trim_start_matches("in ").to_owned()
}

/// Says what became of a mail of ours.
fn tell_fate(desk: &Desk, row: &OutboxRow) {
    let now = out::stamp(desk.clock.now(), &desk.policy().owner.zone);
    if row.state != MailState::Sent {
        let why = row.last_reply.as_deref().unwrap_or("");
        out::text(&format!("{}  the note to {} is not sent: {why}\n", out::bold(&now), row.envelope_to));
        return;
    }
    let what = if row.kind == holding::KIND { "no answer yet: a holding reply is sent to" } else { "sent to" };
    out::text(&format!("{}  {what} {}", out::bold(&now), row.envelope_to));
    let message = super::explain::rehearsed(&row.bytes, row.created_at);
    out::text(&format!("    │ Subject: {}\n    │", message.subject));
    for line in message.content.text.trim_end().lines() {
        out::text(&say::barred("    │ ", line, out::terminal()).join("\n"));
    }
    out::text("");
}

/// Says which of the promises that were open have lapsed by now.
async fn tell_lapsed(desk: &Desk, open: Vec<Promise>) -> Result<(), Fail> {
    let now = out::stamp(desk.clock.now(), &desk.policy().owner.zone);
    for promise in open {
        let id = promise.id.clone();
        let after = desk.store.read(move |tx| tx.promise(&id)).await?;
        if after.is_some_and(|after| after.state == PromiseState::Lapsed) {
            out::text(&format!(
                "{}  the promise to {} lapses: Claire has not answered \"{}\"\n\n",
                out::bold(&now),
                promise.client,
                promise.subject
            ));
        }
    }
    Ok(())
}

fn farewell(dir: &Path) {
    let config = dir.join("fuseau.toml");
    let program = std::env::args().next().unwrap_or_else(|| "fuseau".to_owned());
    let at = config.display();
    out::text(&format!(
        "Now look around; all of these work on what the demo left behind:\n\n\
         {program} --config {at} promises\n\
         {program} --config {at} promises --all\n\
         {program} --config {at} outbox --all\n\
         {program} --config {at} history keller\n\
         {program} --config {at} explain '<logo-1@acme.example>'\n\
         {program} --config {at} explain '<urgent@cheap-hosting.example>'\n\
         {program} --config {at} when trails --at 2027-01-13T09:00:00Z\n\
         {program} --config {at} replay {}/Maildir\n\n\
         The mails that were sent lie in {}/outgoing, one file each.",
        dir.display(),
        dir.display()
    ));
}
