//! Entries of the history in words: what happened, what was promised and what became of it. Shared by `history`, `show`,
//! the dossier and the desk.
use crate::decide::{Policy, Why};
use crate::model::{EmailAddress, Instant, Promise, PromiseState, Verdict, Zone};
use crate::store::{Entry, Told};

/// What an entry is, in a few words: `mail: acknowledge`, `acknowledgement: sent`, `answered by you`.
pub fn what(told: &Told, policy: &Policy) -> String {
    let entry = &told.it.entry;
    let by_hand = hand(entry, told.answers, policy).map(|hand| match hand {
        "you_answered" => "answered by you",
        "colleague_answered" => "answered by a colleague",
        "colleague_wrote" => "a colleague wrote",
        _ => "you wrote",
    });
    if let Some(words) = by_hand {
        return words.to_owned();
    }
    match (&entry.verdict, entry.state) {
        (Some(Verdict::Own), _) => format!("{} of yours", entry.kind),
        (Some(verdict), _) => format!("{}: {}", entry.kind, verdict.as_str()),
        (None, Some(state)) => format!("{}: {state}", entry.kind),
        (None, None) => entry.kind.clone(),
    }
}

/// Whose hand wrote a mail of the owner's side, and whether it answers, in a stable word of the desk; `None` for any other mail.
pub fn hand(entry: &Entry, answers: bool, policy: &Policy) -> Option<&'static str> {
    let colleague = entry.from.as_deref().and_then(EmailAddress::parse).is_some_and(|from| policy.is_team(&from));
    let ours = match entry.verdict {
        Some(verdict) => verdict == Verdict::Own,
        // What was imported was never judged.
        None => entry.state.is_none() && (entry.direction == "out" || colleague),
    };
    if !ours || entry.kind != "mail" {
        return None;
    }
    Some(match (colleague, answers) {
        (false, true) => "you_answered",
        (false, false) => "you_wrote",
        (true, true) => "colleague_answered",
        (true, false) => "colleague_wrote",
    })
}

/// What is to be said below an entry: promises, and why something was held or did not leave.
pub fn notes(told: &Told, policy: &Policy, zone: &Zone) -> Vec<String> {
    let home = &policy.owner.zone;
    let mut notes: Vec<String> = told.promises.iter().map(|(promise, _)| promised(promise, zone, home)).collect();
    let held = told.it.entry.verdict == Some(Verdict::Hold);
    if let Some(decision) = told.it.decision.as_ref().filter(|_| held) {
        let why: Vec<String> =
            decision.reasons.iter().filter(|reason| reason.code.verdict() == Verdict::Hold).map(|r| r.text()).collect();
        notes.push(format!("held: {}", why.join("; ")));
    }
    if let (Some(state @ ("dropped" | "failed" | "unknown" | "observed")), reply) = (told.it.entry.state, &told.reply) {
        let why = match (state, reply) {
            ("observed", _) => "not sent: this mailbox only observes".to_owned(),
            ("dropped", Some(why)) => {
                format!("withheld: {}", Why::parse(why).map_or_else(|| why.clone(), |why| why.text().to_owned()))
            }
            ("dropped", None) => "withheld".to_owned(),
            (_, Some(why)) => format!("{state}: {why}"),
            (_, None) => state.to_owned(),
        };
        notes.push(crate::model::text::clean(&why, 300));
    }
    notes
}

/// `promised by Tue 12 Jan 09:30 (08:30): kept, 18 min early`
pub fn promised(promise: &Promise, zone: &Zone, home: &Zone) -> String {
    let there = zone.local(promise.by).format("%a %-d %b %H:%M");
    let here = home.local(promise.by).format("%a %H:%M");
    let both = if zone.name() == home.name() { there.to_string() } else { format!("{there} ({here})") };
    let told = if promise.announced { "promised" } else { "aimed at, not told," };
    format!("{told} by {both}: {}", outcome(promise))
}

/// What became of a promise, and by how much.
pub fn outcome(promise: &Promise) -> String {
    match (promise.state, promise.closed_at) {
        (PromiseState::Kept, Some(at)) if at <= promise.by => format!("kept, {} early", span(promise.by, at)),
        (PromiseState::Kept, Some(at)) => format!("kept {} late", span(at, promise.by)),
        (PromiseState::Lapsed, Some(at)) => {
            // It lapses when its time is over; an answer that comes later does not undo that.
            if at > promise.by {
                format!("missed, noticed {} after it", span(at, promise.by))
            } else {
                "missed".to_owned()
            }
        }
        (state, _) => state.as_str().to_owned(),
    }
}

/// `3 h 05 min`
pub fn span(later: Instant, earlier: Instant) -> String {
    let minutes = (later - earlier).num_minutes().max(0);
    match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m:02} min"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}
