//! `fuseau explain`: every rule that was checked for one message, the arithmetic in both zones, the mail.
use super::args::{Cli, Explain};
use super::fail::Fail;
use super::judged::{Judged, RecordedMail};
use super::life::{self, Life};
use super::out;
use super::outbox::Waiting;
use crate::compose::Composer;
use crate::config::Settings;
use crate::daemon::reply::Addressee;
use crate::decide::{self, Policy};
use crate::mailbox::parse;
use crate::model::{FolderRole, Incoming, Instant, MessageId, Past};
use crate::store::{AlertEnd, OutboxRow, Reader, Remembered, Store, StoreError};
use crate::system::Clock;
use std::fs;
use std::io::Read;
use std::path::Path;

/// A file beyond this size is not read whole: the rest is never looked at.
const READ: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub fn run(cli: &Cli, explain: &Explain) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let composer = out::composer(&settings)?;
    let path = Path::new(&explain.message);
    if explain.message != "-" && !path.exists() {
        let id = named(&explain.message)?;
        if explain.at.is_some() || explain.mailbox.is_some() {
            return Err(Fail::Usage(format!(
                "{id} is in the history or nowhere: --at and --mailbox are for a file\n    without them its recorded decision is shown"
            )));
        }
        let found = remembered(&settings, |tx| known(tx, &id))?;
        let found = found.ok_or_else(|| Fail::Failed(format!("{id} is not in the history")))?;
        return recorded(cli, &settings, &composer, &id, found);
    }
    if path.is_dir() {
        return Err(Fail::Usage(format!("{0} is a folder: `fuseau replay {0}` judges all of it", path.display())));
    }
    let (bytes, changed) = read(&explain.message)?;
    let arrived = match &explain.at {
        Some(text) => out::instant(text)?,
        None => parse::arrival_guess(&bytes).or(changed).unwrap_or_else(|| Clock::System.now()),
    };
    let message = rehearsed(&bytes, arrived);
    let mailbox = out::mailbox_for(&settings, explain.mailbox.as_deref(), &message)?;
    // What is recorded already counts, if there is anything; a rehearsal needs no connection and no daemon.
    let (past, without) = match past(&settings, &message, &mailbox, arrived) {
        Ok(past) => (past, None),
        Err(why) => (Past::default(), Some(why)),
    };
    if let Some(why) = &without {
        out::error(&format!(
            "the history cannot be read: {why}\n    judged without it, as if nothing had been exchanged, promised or sent before"
        ));
    }
    // A mail that was handled already: what was decided then, unless a rehearsal was asked for.
    let handled = past.duplicate_of.is_some();
    if let (Some(id), None, None) = (&past.duplicate_of, &explain.at, &explain.mailbox)
        && let Some((it, _, mails, alert, lives)) = remembered(&settings, |tx| tx.exchange(id))?
        && it.decision.is_some()
    {
        if !cli.json {
            out::text("it is in the history: this is what was decided when it came (--at TIME rehearses it anew)\n");
        }
        return recorded(cli, &settings, &composer, &explain.message, (it, bytes, mails, alert, lives));
    }
    // Rehearsed as if it were new: it would only be covered by its own promise.
    let past = if handled { Past::default() } else { past };
    // A rehearsal takes arrival as now.
    let decision = decide::answer(&message, &mailbox, &past, &settings.policy, arrived);
    let mut judged = Judged::new(explain.message.clone(), &mailbox, &message, &decision, &settings.policy, &composer)
        .map_err(|error| Fail::Failed(error.to_string()))?;
    judged.without_history = without;
    show(cli, &settings, &judged);
    if let (true, false, Some(id)) = (handled, cli.json, &message.message_id) {
        out::text(&format!("\nit is in the history: `fuseau explain '{id}'` shows what was decided when it came"));
    }
    Ok(())
}

/// The Message-ID, or what can be the id of an exchange or its beginning, as `show` takes them.
fn named(word: &str) -> Result<String, Fail> {
    let hexadecimal = word.len() >= 4 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    match MessageId::parse(word) {
        Some(id) => Ok(id.as_str().to_owned()),
        None if hexadecimal => Ok(word.to_lowercase()),
        None => Err(Fail::Usage(format!(
            "{word:?} is neither a file nor a Message-ID (those look like <abc@example.com>)\n    ids of `promises --json` and `history --json` are taken too"
        ))),
    }
}

/// What an id names. For a mail of fuseau's own, what it answers: that is explained, and the mail with it.
fn known(tx: &Reader<'_>, id: &str) -> Result<Option<Remembered>, StoreError> {
    let found = match tx.exchange_by_message_id(id)? {
        Some(found) => Some(found),
        None => tx.exchange_beginning(id)?.map(|id| tx.exchange(&id)).transpose()?.flatten(),
    };
    let Some(ours) = found.as_ref().filter(|it| it.decision.is_none()) else { return Ok(found) };
    match tx.outbox_row(&ours.entry.id)?.and_then(|row| row.answers) {
        Some(answers) => tx.exchange(&answers),
        None => Ok(found),
    }
}

/// The message as if it arrived at `arrived`.
pub fn rehearsed(bytes: &[u8], arrived: Instant) -> Incoming {
    let context = parse::Context { arrived, folder: FolderRole::Inbox, answered_flag: false, size: bytes.len() as u64 };
    parse::parse(bytes, &context)
}

/// A mail of ours as it was recorded: its own bytes are read again, with all of the text.
pub fn ours(mail: &OutboxRow) -> Incoming {
    parse::parse_whole(&mail.bytes, &parse::Context { arrived: mail.created_at, ..parse::Context::default() })
}

/// What the history knows; blank where there is none yet. One that cannot be read is no empty one: why not.
fn past(settings: &Settings, message: &Incoming, mailbox: &str, at: Instant) -> Result<Past, String> {
    let dir = out::state_dir(settings);
    let path = Store::path_in(&dir);
    if !path.try_exists().map_err(|error| format!("{}: {error}", path.display()))? {
        return Ok(Past::default());
    }
    let read = Store::open_read_only(&dir).and_then(|store| store.read_blocking(|tx| tx.past(message, mailbox, at)));
    read.map_err(|error| error.to_string())
}

/// A message of the history with its bytes, the mails that were made for it, and the life of its promises.
type Found = (Remembered, Vec<u8>, Vec<(OutboxRow, Waiting)>, Option<AlertEnd>, Vec<Life>);

fn remembered(
    settings: &Settings,
    find: impl FnOnce(&Reader<'_>) -> Result<Option<Remembered>, StoreError>,
) -> Result<Option<Found>, Fail> {
    let store = out::open_history(settings)?;
    let (paused, now) = (super::outbox::paused(&out::state_dir(settings)), Clock::System.now());
    let found = store.read_blocking(|tx| {
        let Some(it) = find(tx)? else { return Ok(None) };
        let bytes = tx.raw(&it.entry.id)?.map(|(bytes, _)| bytes).unwrap_or_default();
        let weigh = |row: OutboxRow| Ok((row.clone(), Waiting::new(tx, &settings.policy, paused, row, now)?));
        let mails = tx.outbox_of(&it.entry.id)?.into_iter().map(weigh).collect::<Result<Vec<_>, StoreError>>()?;
        let alert = tx.alert_of(&it.entry.id)?;
        let lives = life::of(tx, &settings.policy, paused, &it.entry.id, now)?;
        Ok(Some((it, bytes, mails, alert, lives)))
    })?;
    Ok(found)
}

/// The bytes and, for a file, when it was last changed.
fn read(name: &str) -> Result<(Vec<u8>, Option<Instant>), Fail> {
    let mut bytes = Vec::new();
    if name == "-" {
        std::io::stdin().lock().take(READ).read_to_end(&mut bytes)?;
        return Ok((bytes, None));
    }
    let file = fs::File::open(name).map_err(|error| Fail::Failed(format!("{name}: {error}")))?;
    let changed = file.metadata().ok().and_then(|m| m.modified().ok()).map(Instant::from);
    file.take(READ).read_to_end(&mut bytes).map_err(|error| Fail::Failed(format!("{name}: {error}")))?;
    Ok((bytes, changed))
}

/// Explains a message of the history by what was recorded then.
fn recorded(cli: &Cli, settings: &Settings, composer: &Composer, name: &str, found: Found) -> Result<(), Fail> {
    let (it, bytes, mails, alert, lives) = found;
    let message = rehearsed(&bytes, it.entry.at);
    let Some(judgement) = it.decision else {
        return Err(Fail::Failed(format!("{name} is a mail of yours: nothing was decided about it")));
    };
    let plan = judgement.window.as_ref().zip(judgement.send_at).zip(judgement.by).map(|((window, send_at), by)| {
        let zone = settings.policy.zones.get(&window.zone).unwrap_or_else(|| settings.policy.zones.utc());
        decide::Plan {
            send_at,
            by,
            announced: judgement.announced,
            window: crate::calendar::Window {
                start: window.start,
                end: window.end,
                date: zone.local(window.start).date(),
                zone,
                place: None,
            },
        }
    });
    let decision = decide::Decision {
        verdict: judgement.verdict,
        reasons: judgement.reasons,
        client: judgement.client,
        plan,
        reply_to: None,
        pauses: Vec::new(),
    };
    let mut judged = Judged::new(name.to_owned(), &it.mailbox, &message, &decision, &settings.policy, composer)
        .map_err(|error| Fail::Failed(error.to_string()))?;
    judged.alert = alert;
    judged.past = true;
    judged.lives = lives;
    judged.recorded = Some(mails.iter().map(|(mail, waiting)| sent(&settings.policy, mail, waiting)).collect());
    show(cli, settings, &judged);
    Ok(())
}

/// A mail of ours, with what became of it.
fn sent(policy: &Policy, mail: &OutboxRow, waiting: &Waiting) -> RecordedMail {
    let message = ours(mail);
    RecordedMail {
        fate: format!("{} {}", mail.kind, life::fate(mail)),
        from: message.from().map(|party| party.address.to_string()),
        to: mail.envelope_to.clone(),
        copy: message.cc.first().map(|party| party.address.to_string()),
        subject: message.subject.to_string(),
        language: Addressee::of(policy, mail.client.as_deref()).language.code(),
        text: message.content.text,
        id: mail.id.clone(),
        kind: mail.kind.clone(),
        state: mail.state.shown(),
        last_reply: mail.last_reply.clone(),
        next_look: waiting.next_look(Clock::System.now()),
        checks: waiting.lines(policy, false),
    }
}

fn show(cli: &Cli, settings: &Settings, judged: &Judged<'_>) {
    if cli.json {
        let mut fact = judged.json(&settings.policy);
        if let serde_json::Value::Object(keys) = &mut fact {
            keys.insert("without_history".into(), serde_json::json!(judged.without_history));
        }
        out::json(&fact);
    } else {
        out::text(&judged.picture(&settings.policy));
    }
}
