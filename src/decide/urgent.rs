//! Urgent mail: whether a client said so (words of a list, a header flag), and whether the owner hears of it at once.
//! Nothing is guessed from tone. Running the hook: daemon/hooks.rs; the lists: urgent.txt.
use super::decision::Decision;
use super::own_words::own_words;
use super::policy::Policy;
use super::subject;
use super::wording::{Phrase, Wording};
use crate::model::{ClientPolicy, Code, Incoming, Verdict, text::clean};
use std::sync::LazyLock;

/// Alerts that one client may set off within an hour; what comes beyond waits for the digest.
pub const PER_CLIENT_HOUR: u32 = 5;
/// Alerts in all within an hour.
pub const PER_HOUR: u32 = 20;

/// The owner's choices about urgent mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// Words and phrases of the owner's own.
    pub words: Vec<Phrase>,
    /// Whether the lists that fuseau brings along count too.
    pub shipped: bool,
    /// Whether there is a command by which the owner is told at once.
    pub hook: bool,
}

impl Default for Urgent {
    fn default() -> Self {
        Self { words: Vec::new(), shipped: true, hook: false }
    }
}

/// The shipped lists of all languages: what says urgent, and what says the opposite. Clients mix languages.
static SHIPPED: LazyLock<(Vec<Phrase>, Vec<Phrase>)> = LazyLock::new(|| {
    let (mut say, mut deny) = (Vec::new(), Vec::new());
    for line in include_str!("urgent.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((language, phrases)) = line.split_once(": ") else { continue };
        let list = if language.starts_with('!') { &mut deny } else { &mut say };
        list.extend(phrases.split('|').filter_map(Phrase::read));
    }
    // The longest first: "not so urgent" goes before "so urgent" could be looked at.
    deny.sort_by_key(|phrase: &Phrase| std::cmp::Reverse(phrase.folded().len()));
    (say, deny)
});

/// What marks a message as urgent: a header that says so, or the first phrase found in the subject or in what is new
/// in the text. `None`: nothing does.
#[must_use]
pub fn urgent(message: &Incoming, rules: &Urgent) -> Option<String> {
    if let Some(flag) = flag(message) {
        return Some(flag);
    }
    let (say, deny) = &*SHIPPED;
    let body = if message.content.encrypted { String::new() } else { own_words(&message.content.text) };
    // What an answer repeats in its subject was said before, and told before.
    let subject = if subject::is_repeated(message) { "" } else { message.subject.as_str() };
    for (place, text) in [("subject", subject), ("text", body.as_str())] {
        let mut wording = Wording::new(text);
        let own = rules.words.iter().find(|phrase| wording.has(phrase));
        for phrase in deny {
            wording.cut(phrase);
        }
        let shipped = || say.iter().filter(|_| rules.shipped).find(|phrase| wording.has(phrase));
        if let Some(phrase) = own.or_else(shipped) {
            return Some(format!("{place}: \"{}\"", phrase.shown));
        }
    }
    None
}

/// A header with which mail programs flag a message: X-Priority 1 or 2, Importance high, Priority urgent.
fn flag(message: &Incoming) -> Option<String> {
    let says = |name: &str, means: fn(&str) -> bool| {
        let value = message.headers.first(name)?.trim().to_ascii_lowercase();
        means(&value).then_some(value)
    };
    let high = |value: &str| value == "high" || value == "urgent";
    for (name, shown, means) in [
        (
            "x-priority",
            "X-Priority",
            (|value| value.starts_with(['1', '2']) && !value.starts_with("10")) as fn(&str) -> bool,
        ),
        ("importance", "Importance", high),
        ("priority", "Priority", high),
        ("x-msmail-priority", "X-MSMail-Priority", high),
    ] {
        if let Some(value) = says(name, means) {
            return Some(clean(&format!("{shown}: {value}"), 60));
        }
    }
    None
}

/// Reasons after which an alert would be wrong, though the sender is vouched for: it was handled before, it is old, a
/// machine may be talking, nothing is asked.
const NO_ALERT: &[Code] = &[
    Code::Duplicate,
    Code::Rescan,
    Code::TooOld,
    Code::Answered,
    Code::Thanks,
    Code::Empty,
    Code::LookAlike,
    Code::AutoSubject,
    Code::BounceSubject,
    Code::MachineSuspected,
    Code::SameBody,
    Code::ReportInside,
    Code::ReplyToElsewhere,
];

/// Whether the owner is to hear of a message at once, and why: it is urgent, its client's policy is `first`, somebody
/// vouches for its sender, and it is addressed to the owner. The verdict may be `acknowledge`, `wait` or `hold`.
#[must_use]
pub fn alert(message: &Incoming, decision: &Decision, policy: &Policy) -> Option<String> {
    let client = decision.client.as_deref().and_then(|id| policy.client(id))?;
    let said = |either: &[Code]| decision.reasons.iter().any(|reason| either.contains(&reason.code));
    let vouched = said(&[Code::KnownClient])
        && said(&[Code::Authenticated, Code::EnvelopeAgrees])
        && said(&[Code::ToMe, Code::OwnList]);
    let open = matches!(decision.verdict, Verdict::Acknowledge | Verdict::Wait | Verdict::Hold);
    if client.policy != ClientPolicy::First || !vouched || !open || said(NO_ALERT) {
        return None;
    }
    urgent(message, &policy.urgent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HeaderText, Language};

    fn mail(subject: &str, text: &str) -> Incoming {
        let mut message = Incoming { subject: HeaderText::new(subject), ..Incoming::default() };
        message.content.text = text.to_owned();
        message
    }

    #[test]
    fn every_language_has_its_words_and_their_opposites() {
        for language in Language::ALL {
            for sign in ["", "!"] {
                let start = format!("{sign}{}: ", language.code());
                let line = include_str!("urgent.txt").lines().find(|line| line.starts_with(&start)).unwrap();
                assert!(line.split('|').count() >= 5, "{line}");
            }
        }
        // Each word of the lists is found, each of the opposites is not.
        let (say, deny) = &*SHIPPED;
        for phrase in say {
            let text = phrase.shown.trim_end_matches('*');
            assert!(urgent(&mail(text, ""), &Urgent::default()).is_some(), "{text}");
        }
        for phrase in deny {
            let text = phrase.shown.trim_end_matches('*');
            assert_eq!(urgent(&mail("x", text), &Urgent::default()), None, "{text}");
        }
    }

    #[test]
    fn flags_of_mail_programs() {
        for (name, value, want) in [
            ("x-priority", "1 (Highest)", true),
            ("x-priority", "2", true),
            ("x-priority", "3", false),
            ("x-priority", "10", false),
            ("importance", "High", true),
            ("importance", "normal", false),
            ("priority", "urgent", true),
            ("priority", "non-urgent", false),
            ("x-msmail-priority", "High", true),
        ] {
            let mut message = mail("Hello", "");
            message.headers.push(name, HeaderText::new(value));
            assert_eq!(urgent(&message, &Urgent::default()).is_some(), want, "{name}: {value}");
        }
    }

    #[test]
    fn own_words_count_and_the_lists_can_be_left_out() {
        let mine = Urgent { words: Phrase::read("shop down").into_iter().collect(), shipped: false, hook: true };
        assert_eq!(urgent(&mail("Shop-Down!", ""), &mine).as_deref(), Some("subject: \"shop down\""));
        assert_eq!(urgent(&mail("urgent", ""), &mine), None);
        // What is quoted or repeated was said before.
        let mut answer = mail("Re: URGENT: shop", "It works again, and one more question.");
        assert!(urgent(&answer, &Urgent::default()).is_some());
        answer.references = vec![crate::model::MessageId::parse("<1@acme.example>").unwrap()];
        assert_eq!(urgent(&answer, &Urgent::default()), None);
        answer.subject = HeaderText::new("URGENT: Re: shop");
        assert!(urgent(&answer, &Urgent::default()).is_some());
        assert_eq!(urgent(&mail("Re: x", "Fine.\n> this is urgent"), &Urgent::default()), None);
    }
}
