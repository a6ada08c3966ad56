//! Entries of the history in words: what happened, what was promised and what became of it. Shared by `history`, `show`,
//! the dossier and the desk.
use crate::decide::{Policy, Why};
use crate::model::{Code, EmailAddress, Instant, Promise, PromiseState, Verdict, Zone};
use crate::store::{ByOwner, Entry, Told};

/// What an entry is, in a few words: `mail: acknowledge`, `acknowledgement: sent`, `answered by you`.
pub fn what(told: &Told, policy: &Policy) -> String {
    let entry = &told.it.entry;
    let by_hand = hand(entry, told.by_owner, policy).map(|hand| match hand {
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
pub fn hand(entry: &Entry, by_owner: ByOwner, policy: &Policy) -> Option<&'static str> {
    let ByOwner { answers, edited } = by_owner;
    if edited {
        return Some(if answers { "you_answered" } else { "you_wrote" });
    }
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

/// For whose words a mail that came in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// A person's, as far as anybody knows.
    Person,
    /// A program's on the sender's side.
    Program,
    /// Not the sender's: it is forged, or spam, or a server's report.
    Nobody,
}

/// Whose words a mail that came in is, by what the rules found.
pub fn voice(told: &Told) -> Voice {
    let entry = &told.it.entry;
    let ignored = entry.verdict == Some(Verdict::Ignore);
    let Some(decision) = &told.it.decision else { return if ignored { Voice::Nobody } else { Voice::Person } };
    let disowned = |code: Code| {
        let always = matches!(code, Code::AuthenticationFailed | Code::LookAlike);
        let report = Code::NullReturnPath == code || Code::Report == code || Code::SystemAddress == code;
        always || ignored && (report || matches!(code, Code::Junk | Code::NoAuthor))
    };
    if decision.reasons.iter().any(|reason| disowned(reason.code)) {
        return Voice::Nobody;
    }
    // People write through lists too, and to those who want no automatic mail for them.
    let person = |code: Code| matches!(code, Code::Never | Code::List | Code::SuppressAsked);
    let speaks = |code: Code| code.verdict() == Verdict::Ignore && !person(code);
    let program = ignored && decision.reasons.iter().any(|reason| speaks(reason.code));
    if program { Voice::Program } else { Voice::Person }
}

/// The codes of all reasons of a verdict: `client.known trust.passed to.me`.
pub fn codes(told: &Told) -> String {
    let reasons = told.it.decision.iter().flat_map(|decision| &decision.reasons);
    reasons.map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// What is to be said below an entry: promises, and why nothing was said or something did not leave.
pub fn notes(told: &Told, policy: &Policy, zone: &Zone) -> Vec<String> {
    let home = &policy.owner.zone;
    let mut notes: Vec<String> = told.promises.iter().map(|(promise, _)| promised(promise, zone, home)).collect();
    notes.extend(silence(told));
    notes
}

/// Why nothing was said to a mail that came in, or why a mail of ours did not leave.
pub fn silence(told: &Told) -> Vec<String> {
    let mut notes = Vec::new();
    let word = match told.it.entry.verdict {
        Some(Verdict::Hold) => "held",
        Some(Verdict::Ignore) => "ignored",
        Some(Verdict::Wait) => "nothing was sent",
        _ => "",
    };
    if let Some(decision) = told.it.decision.as_ref().filter(|_| !word.is_empty()) {
        let speaking = decision.reasons.iter().filter(|reason| Some(reason.code.verdict()) == told.it.entry.verdict);
        let why: Vec<String> = speaking.map(|it| format!("{} [{}]", it.text(), it.code.as_str())).collect();
        notes.push(format!("{word}: {}", why.join("; ")));
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
