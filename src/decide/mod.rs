//! The rules: facts + policy + now -> decision with reasons. The order of all rules on one screen.
//! Never here: text, SQL, async, logging as a side effect of deciding.
//!
//! A new rule is one function in the file of its family, one line in `RULES`, and its code in
//! `model/reason.rs`. Tests: rows in `tests/decisions/`.
pub mod asked;
pub mod authentication;
mod author;
mod case;
pub mod claims;
mod client;
mod content;
pub mod decision;
pub mod digest;
mod digest_facts;
mod digest_parts;
mod digest_times;
pub mod drafts;
pub mod due;
mod envelope;
pub mod fold;
mod free_mail;
pub mod gate;
mod gate_facts;
pub mod gate_words;
pub mod holding;
mod hops;
pub mod journal;
pub mod ladder;
mod limits;
mod look_alike;
mod machine;
pub mod moved;
pub mod near;
pub mod occasion;
pub mod offers;
pub mod own_words;
mod phrases;
pub mod policy;
mod recipient;
mod refusal;
pub mod rehearsal;
mod rest;
pub mod slot_choice;
pub mod stats;
mod subject;
mod taking;
mod thanks;
mod thread;
mod timing;
pub mod topics;
mod trust;
pub mod urgent;
pub mod wish_names;
pub mod wishes;
mod withdrawn;
pub mod wording;
pub mod zone_clues;
pub mod zone_evidence;
mod zone_standing;

pub use decision::{Decision, Pause, PauseScope, Plan, ReplyTo};
pub use digest::{Digest, DigestFacts, DigestTimes, digest};
pub use drafts::{Likeness, likeness};
pub use due::{lapsed, next_wakeup};
pub use gate::{Due, Fresh, Gate, Outcome, gate};
pub use gate_words::{Check, Why};
pub use holding::{Holding, Standing, WhyNot, holding, holding_within, outlook, together, window_began};
pub use limits::is_shared;
pub use moved::{Change, Given, Moved, moved};
pub use occasion::{DraftSettings, Unclear};
pub use policy::{Filed, Late, Policy, Promises, Replies, Strangers};
pub use rest::UNTIL_RESUMED;
pub use thanks::only_thanks;
pub use timing::{plan_at, promise};
pub use topics::{Topic, Topics, topics};
pub use urgent::{Urgent, alert, urgent};

use crate::model::{Code, Incoming, Instant, Past, Verdict};
use case::{Case, Findings};

/// A rule: it looks at the case and says what it found. It never sees what other rules said.
type Rule = fn(&Case<'_>, &mut Findings);

/// All rules in the order in which their reasons are listed: cheap disqualifiers, identity and
/// authenticity, content, state of the conversation, limits (D4). Every rule speaks, whatever was said
/// before; the strongest verdict wins.
const RULES: &[Rule] = &[
    author::own,               // 21, 22
    machine::own_mark,         // 14, 18
    machine::null_return_path, // 1, 2
    machine::auto_submitted,   // 4
    machine::report,           // 5
    machine::machine_address,  // 6, 7
    machine::precedence,       // 9
    machine::list,             // 10
    machine::suppress,         // 11
    machine::auto_header,      // 12
    machine::apple_vacation,   // 13
    machine::loop_mark,        // 14
    machine::hops,             // 18
    subject::growth,           // 17
    author::number,            // 19, 20
    author::postmaster,        // 8
    author::reply_to,          // 24
    author::return_path,       // 3, 25
    author::unsupported,       // 26, 27
    look_alike::look_alike,    // UTS 39
    recipient::to_me,          // 29, 30, 31
    recipient::many,           // 30
    client::client,            // D1
    trust::junk,               // 33
    trust::authentication,     // 34 to 37
    subject::phrases,          // 16
    content::calendar,         // 40, 41
    content::executable,       // 39
    content::empty,            // 43
    content::too_large,        // 45
    content::encrypted,        // 39, 46
    thanks::thanks,            // PRODUCT 2.5
    withdrawn::withdrawn,      // PRODUCT 1: `released`
    thread::freshness,         // 47
    thread::machine_suspected, // 15
    thread::duplicate,         // 32
    thread::owner_wrote,       // 48, 49
    thread::one_automatic,     // 50
    limits::interval,          // 51
    limits::sender,            // 52
    limits::domain,            // 53
    limits::conversation,      // 54, for one conversation
    limits::total,             // 54
    limits::same_body,         // 55
    limits::bounced,           // 56
    limits::paused,            // 15, 17, 53, 55
    limits::never,             // the owner's wish
];

/// Judges one incoming message of mailbox `mailbox` at `now`; see [`Decision`].
///
/// Pure and total: the same arguments give the same decision, and no message makes it fail. A mailbox
/// that the policy does not know yields `hold`.
pub fn answer(message: &Incoming, mailbox: &str, past: &Past, policy: &Policy, now: Instant) -> Decision {
    let case = Case::new(message, mailbox, past, policy, now);
    let mut found = Findings::default();
    if message.unreadable {
        // Nothing else was read, so no other rule has anything to look at.
        found.say(Code::Unreadable);
    } else {
        for rule in RULES {
            rule(&case, &mut found);
        }
    }
    conclude(&case, found)
}

/// From reasons to a decision: the strongest verdict, the promise, the addresses.
fn conclude(case: &Case<'_>, mut found: Findings) -> Decision {
    // Silence is no consent (D2): an answer needs a client, trust and an address of ours, each said aloud,
    // and a mailbox to answer from.
    let consent = [
        [Code::KnownClient, Code::StrangerAllowed],
        [Code::Authenticated, Code::EnvelopeAgrees],
        [Code::ToMe, Code::OwnList],
    ];
    let said = |either: &[Code; 2]| either.iter().any(|code| found.has(*code));
    let vouched = case.identity.is_some() && consent.iter().all(said);
    if !vouched && found.verdict().is_none_or(|verdict| verdict == Verdict::Acknowledge) {
        found.say(Code::Silent);
    }
    let before = found.verdict().unwrap_or(Verdict::Hold);
    let announced = before == Verdict::Acknowledge;
    let mut plan = None;
    if announced || (vouched && before == Verdict::Wait && opens_something(&found)) {
        match timing::plan(case, announced) {
            Some((made, code)) => {
                found.say(code);
                plan = Some(made);
            }
            None => found.say(Code::NoWindow),
        }
    }
    let verdict = found.verdict().unwrap_or(Verdict::Hold);
    let reply_to = if verdict == Verdict::Acknowledge { addresses(case) } else { None };
    let (reasons, pauses) = found.into_parts();
    Decision { verdict, reasons, client: client_of(case), plan, reply_to, pauses }
}

/// Whether a message that waits still leaves something to be answered that no promise covers: a further
/// conversation within the interval (rule 51), or a new question after a promise was released or lapsed.
fn opens_something(found: &Findings) -> bool {
    let mut waits = found.codes().filter(|code| code.verdict() == Verdict::Wait);
    waits.all(|code| matches!(code, Code::Interval | Code::OnePerConversation))
}

fn addresses(case: &Case<'_>) -> Option<ReplyTo> {
    let to = case.author.clone()?;
    let from = recipient::answering_address(case)?;
    Some(ReplyTo { to, from, repeat_subject: !case.message.content.encrypted })
}

/// Rules about the maker that need nothing but the header.
const MADE_BY_MACHINE: &[Rule] = &[
    machine::null_return_path,
    machine::auto_submitted,
    machine::report,
    machine::machine_address,
    machine::precedence,
    machine::list,
    machine::auto_header,
    machine::apple_vacation,
    machine::loop_mark,
];

/// Whether a message of the past would have been ignored because a program or a list made it: nobody waits for an answer to it.
#[must_use]
pub fn made_by_machine(message: &Incoming, mailbox: &str, policy: &Policy) -> bool {
    let (past, mut found) = (Past::default(), Findings::default());
    let case = Case::of_header(message, mailbox, &past, policy, message.arrived);
    MADE_BY_MACHINE.iter().for_each(|rule| rule(&case, &mut found));
    found.verdict() == Some(Verdict::Ignore)
}

/// The author's client; for the owner's own mail the client it was written to.
fn client_of(case: &Case<'_>) -> Option<String> {
    let written_to = || case.message.recipients().find_map(|address| case.policy.client_of(address));
    let ours = case.author.as_ref().is_some_and(|author| case.policy.is_own(author) || case.policy.is_team(author));
    let client = case.client.or_else(|| if ours { written_to() } else { None });
    client.map(|client| client.id.clone())
}
