//! `fuseau digest`: what the next digest would say. Reads the history, sends nothing, marks nothing as told.
use super::args::{Cli, Digest as Args};
use super::fail::Fail;
use super::out;
use super::target;
use crate::calendar::zone_at;
use crate::config::Settings;
use crate::decide::digest::{self, DayLeft, Digest, Item, Promised};
use crate::model::Instant;
use crate::system::Clock;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, args: &Args) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let composer = out::composer(&settings)?;
    let now = match &args.at {
        Some(text) => out::instant(text)?,
        None => Clock::System.now(),
    };
    let store = out::open_history(&settings)?;
    let facts = store.read_blocking(|tx| tx.digest_facts(now))?;
    let digest = digest::digest(&facts, &settings.policy, now);
    let next = digest::next_slot(&settings.policy.owner, &settings.digest.at, now);
    let letter = composer.digest(&digest, &settings.policy).map_err(|error| Fail::Configuration(error.to_string()))?;
    if let Some(path) = &args.html {
        let html = letter.html.as_deref().unwrap_or_default();
        if path.as_os_str() == "-" {
            out::text(html);
            return Ok(());
        }
        target::may_write_file(&settings, path)?;
        std::fs::write(path, html).map_err(|error| Fail::Failed(format!("{}: {error}", path.display())))?;
    }
    if cli.json {
        out::json(&json!({
            "at": out::rfc3339(now),
            "next": next.map(out::rfc3339),
            "to": settings.digest.to.as_ref().map(ToString::to_string),
            "empty": digest.is_empty(),
            "since": digest.since.map(out::rfc3339),
            "promises": digest.promises,
            "ignored": digest.ignored,
            "sections": digest.sections.iter().map(section).collect::<Vec<_>>(),
            "subject": letter.subject,
            "text": letter.text,
        }));
    } else if args.html.is_none() {
        out::text(&out::dim(&heading(&settings, next, &digest)));
        if !digest.is_empty() {
            out::text(&format!("{}\n\n{}", out::bold(&letter.subject), letter.text));
        }
    }
    Ok(())
}

/// When the next one comes, and where.
fn heading(settings: &Settings, next: Option<Instant>, digest: &Digest) -> String {
    let to = settings.digest.to.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let when = match next {
        Some(next) => format!("the next one: {}, to {to}", out::stamp(next, zone_at(&settings.policy.owner, next))),
        None => "no digest is coming: `[digest] at` is \"off\", or no window is in sight".to_owned(),
    };
    match digest.is_empty() {
        true => format!("nothing to say: no digest would go out now\n{when}"),
        false => format!("{when}\n"),
    }
}

fn section(section: &digest::Section) -> Value {
    json!({
        "part": section.part.as_str(),
        "items": section.items.iter().map(item).collect::<Vec<_>>(),
        "more": section.more,
    })
}

fn item(item: &Item) -> Value {
    match item {
        Item::Open(it, day) => promise("promise", it, day.as_ref()),
        Item::Ended(it) => promise(it.promise.state.as_str(), it, None),
        Item::Day(it) => json!({"kind": "day", "client": it.client, "phase": phase(it), "at": it.at.map(out::rfc3339)}),
        Item::Unanswered(it) => json!({
            "kind": "unanswered",
            "client": it.client,
            "from": it.from,
            "message_id": it.message_id,
            "subject": it.subject,
            "arrived": out::rfc3339(it.arrived),
            "verdict": it.verdict.as_str(),
            "reasons": it.reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>(),
        }),
        Item::Mail(it) => json!({
            "kind": it.kind,
            "client": it.client,
            "to": it.to,
            "message_id": it.message_id,
            "subject": it.subject,
            "state": it.fate.as_str(),
            "at": out::rfc3339(it.at),
            "promise_by": it.by.map(out::rfc3339),
            "why": it.why,
        }),
        Item::Event(it) => json!({
            "kind": it.notice.code.as_str(),
            "client": it.notice.client,
            "mailbox": it.notice.mailbox,
            "message_id": it.message_id,
            "subject": it.subject,
            "values": it.notice.values,
            "at": out::rfc3339(it.notice.at),
        }),
        Item::Rest(it) => {
            json!({"kind": "rest", "mailbox": it.mailbox, "until": out::rfc3339(it.until), "code": it.code})
        }
        Item::Clock(client, shift) => json!({
            "kind": "clock",
            "client": client,
            "at": out::rfc3339(shift.at),
            "before_minutes": shift.before_minutes,
            "after_minutes": shift.after_minutes,
            "whose": shift.whose.as_str(),
        }),
    }
}

fn promise(kind: &str, it: &Promised, day: Option<&DayLeft>) -> Value {
    json!({
        "kind": kind,
        "client": it.promise.client,
        "from": it.from,
        "message_id": it.promise.message_id,
        "subject": it.promise.subject.as_str(),
        "arrived": it.arrived.map(out::rfc3339),
        "promise_by": out::rfc3339(it.promise.by),
        "announced": it.promise.announced,
        "day_ends": day.filter(|day| phase(day) == "during").and_then(|day| day.at).map(out::rfc3339),
    })
}

fn phase(day: &DayLeft) -> &'static str {
    use crate::calendar::DayPhase;
    match day.phase {
        DayPhase::Before => "before",
        DayPhase::During => "during",
        DayPhase::After => "after",
        DayPhase::DayOff => "day-off",
    }
}
