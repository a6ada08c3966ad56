//! Wishes that the owner expresses by moving a message into a folder: what a folder's name means, and what follows for
//! one message. Pure; the folders are looked at and the wishes carried out in `daemon`.
use super::Plan;
use super::fold::fold_words;
use super::policy::Policy;
pub use super::refusal::Refusal;
use super::wish_names::{WEEK, Words, words};
use crate::calendar::{Window, next_morning, promised_window, windows};
use crate::model::{Client, EmailAddress, Instant, Language, Mode, Verdict};
use chrono::{Datelike, Days, TimeDelta, Weekday};

/// The longest that a client is asked to wait.
const LONGEST_DAYS: u32 = 60;
/// Recipients of a draft that is handed over.
const RECIPIENTS_MAX: usize = 100;
/// Octets of a draft that is handed over.
pub const DRAFT_MAX: usize = 20 * 1024 * 1024;

/// Until when somebody is asked to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// So many hours.
    Hours(u32),
    /// So many days.
    Days(u32),
    /// The next such day.
    Day(Weekday),
}

/// What the owner wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    /// The promise is kept.
    Done,
    /// No automatic mail to this sender, ever.
    Never,
    /// The client is told of a new date.
    Hold(Until),
    /// A draft goes out at the beginning of the client's next decent day.
    TheirMorning,
    /// A draft goes out at once.
    SendNow,
}

impl Wish {
    /// The stable word, used in receipts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Never => "never",
            Self::Hold(_) => "hold",
            Self::TheirMorning => "their-morning",
            Self::SendNow => "send-now",
        }
    }

    /// Whether it is about a draft of the owner's.
    #[must_use]
    pub fn wants_draft(self) -> bool {
        matches!(self, Self::TheirMorning | Self::SendNow)
    }

    /// Whether another folder already stands for it: any length of Hold stands for Hold.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Hold(one), Self::Hold(other)) => one == other,
            (one, other) => one == other,
        }
    }
}

/// What a folder below [`super::wish_names::ROOT`] means, in any shipped language.
///
/// # Errors
/// `UnknownFolder`, `UnknownTime`, `TimeOutOfRange`.
pub fn read(path: &[String]) -> Result<Wish, Refusal> {
    let [name] = path else { return Err(Refusal::UnknownFolder) };
    let name = fold_words(name);
    let all = || Language::ALL.into_iter().map(words);
    let is = |names: &[&str]| names.iter().any(|one| fold_words(one) == name);
    for words in all() {
        for (names, wish) in [
            (words.done, Wish::Done),
            (words.never, Wish::Never),
            (words.their_morning, Wish::TheirMorning),
            (words.send_now, Wish::SendNow),
        ] {
            if is(names) {
                return Ok(wish);
            }
        }
    }
    let rest = all().find_map(|words| words.hold.iter().find_map(|verb| without(&name, &fold_words(verb))));
    let Some(rest) = rest else { return Err(Refusal::UnknownFolder) };
    let until = all().find_map(|words| time(&rest, words)).ok_or(Refusal::UnknownTime)?;
    let fits = match until {
        Until::Hours(n) => (1..=LONGEST_DAYS * 24).contains(&n),
        Until::Days(n) => (1..=LONGEST_DAYS).contains(&n),
        Until::Day(_) => true,
    };
    if fits { Ok(Wish::Hold(until)) } else { Err(Refusal::TimeOutOfRange) }
}

/// What is left of a name without the verb at its beginning or end; `None` if it is not there as a word of its own.
fn without(name: &str, verb: &str) -> Option<String> {
    let wordy = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && c.is_ascii());
    if let Some(rest) = name.strip_prefix(verb).filter(|rest| !wordy(rest.chars().next())) {
        return Some(rest.trim().to_owned());
    }
    name.strip_suffix(verb).filter(|rest| !wordy(rest.chars().last())).map(|rest| rest.trim().to_owned())
}

/// A time in the words of one language: a number and a unit, a weekday, or a word for the whole.
fn time(text: &str, words: &Words) -> Option<Until> {
    let folded = |names: &[&str], word: &str| names.iter().any(|one| fold_words(one) == word);
    let mut rest = text.trim();
    // "until", "for", in front; まで behind.
    loop {
        let shorter = words.fillers.iter().find_map(|filler| {
            let filler = fold_words(filler);
            let spaced = filler.is_ascii();
            let front = rest.strip_prefix(filler.as_str()).filter(|left| !spaced || left.starts_with(' '));
            let back = || rest.strip_suffix(filler.as_str()).filter(|left| !spaced || left.ends_with(' '));
            front.or_else(back).map(str::trim).filter(|left| !left.is_empty())
        });
        match shorter {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    if let Some((_, until)) = words.whole.iter().find(|(word, _)| fold_words(word) == rest) {
        return Some(*until);
    }
    if let Some(day) = words.weekdays.iter().zip(WEEK).find(|(names, _)| folded(names, rest)) {
        return Some(Until::Day(day.1));
    }
    let (number, unit) = number(rest, words)?;
    match unit {
        unit if folded(words.hours, unit) => Some(Until::Hours(number)),
        unit if folded(words.days, unit) => Some(Until::Days(number)),
        unit if folded(words.weeks, unit) => Some(Until::Days(number.saturating_mul(7))),
        _ => None,
    }
}

/// A number at the beginning, in digits of any of our scripts or as the word for one, and what follows it.
fn number<'a>(text: &'a str, words: &Words) -> Option<(u32, &'a str)> {
    let digit = |c: char| match c {
        '0'..='9' => c.to_digit(10),
        '\u{660}'..='\u{669}' => Some(c as u32 - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(c as u32 - 0x6f0),
        _ => None,
    };
    let digits: Vec<u32> = text.chars().map_while(digit).collect();
    if !digits.is_empty() {
        let rest: usize = text.chars().take(digits.len()).map(char::len_utf8).sum();
        let number = digits.iter().take(6).fold(0_u32, |sum, digit| sum * 10 + digit);
        return Some((number, text.get(rest..)?.trim()));
    }
    let one = words.one.iter().find_map(|one| {
        let one = fold_words(one);
        text.strip_prefix(one.as_str()).filter(|rest| !one.is_ascii() || rest.starts_with(' '))
    });
    one.map(|rest| (1, rest.trim()))
}

/// What is known about a message that was moved into a folder.
#[derive(Clone, Debug, Default)]
pub struct Message<'a> {
    /// It is no e-mail.
    pub unreadable: bool,
    /// It carries `\Draft`.
    pub draft: bool,
    /// Its author is the owner.
    pub own: bool,
    /// Its author's address.
    pub author: Option<&'a EmailAddress>,
    /// Whose address that is.
    pub client: Option<&'a Client>,
    /// The author is silenced.
    pub never: bool,
    /// What the rules said about it when it came, if it was recorded.
    pub verdict: Option<Verdict>,
    /// Somebody has answered it.
    pub answered: bool,
    /// What the client was told in its conversation and still stands.
    pub promised: Option<Instant>,
    /// Automatic mails to the author in 24 hours and in 7 days.
    pub had: [u32; 2],
    /// What may be done for this client.
    pub mode: Mode,
}

/// What is known about a draft that was moved into a folder.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// It is no e-mail.
    pub unreadable: bool,
    /// Its author is an address of the mailbox.
    pub own: bool,
    /// It was sent before, or perhaps.
    pub sent: bool,
    /// Everybody whom it goes to.
    pub recipients: &'a [EmailAddress],
    /// Octets.
    pub size: u64,
    /// Mail can leave this mailbox.
    pub can_send: bool,
}

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Its promises are kept.
    Keep,
    /// Its author is silenced.
    Silence,
    /// The client is told of a new date.
    Hold(Plan),
}

/// What follows from a wish about a message.
///
/// # Errors
/// The reason why it cannot be carried out.
pub fn about_message(wish: Wish, message: &Message<'_>, policy: &Policy, now: Instant) -> Result<Order, Refusal> {
    let refuse = |applies: bool, why: Refusal| if applies { Err(why) } else { Ok(()) };
    refuse(message.unreadable, Refusal::Unreadable)?;
    refuse(message.draft, Refusal::IsDraft)?;
    match wish {
        Wish::Done => Ok(Order::Keep),
        Wish::Never => {
            refuse(message.own, Refusal::IsOwn)?;
            refuse(message.author.is_none(), Refusal::NoAuthor)?;
            Ok(Order::Silence)
        }
        Wish::Hold(until) => {
            refuse(message.own, Refusal::IsOwn)?;
            refuse(message.author.is_none_or(|author| !author.is_deliverable()), Refusal::NoAuthor)?;
            refuse(message.client.is_none(), Refusal::NoClient)?;
            refuse(message.never, Refusal::Never)?;
            refuse(message.verdict == Some(Verdict::Ignore), Refusal::Machine)?;
            refuse(message.mode == Mode::Observe, Refusal::Observes)?;
            refuse(message.answered, Refusal::Answered)?;
            let window = deadline(until, policy, now).ok_or(Refusal::NoWindow)?;
            refuse(message.promised.is_some_and(|by| by >= window.end), Refusal::NotLater)?;
            let [day, week] = message.had;
            let replies = &policy.replies;
            refuse(day >= replies.per_sender_day || week >= replies.per_sender_week, Refusal::Budget)?;
            Ok(Order::Hold(Plan { send_at: now, by: window.end, window, announced: true }))
        }
        Wish::TheirMorning | Wish::SendNow => Err(Refusal::NotOwn),
    }
}

/// When a draft goes out.
///
/// # Errors
/// The reason why it cannot.
pub fn about_draft(wish: Wish, draft: &Draft<'_>, policy: &Policy, now: Instant) -> Result<Instant, Refusal> {
    let checks = [
        (draft.unreadable, Refusal::Unreadable),
        (!draft.own, Refusal::NotOwn),
        (draft.sent, Refusal::AlreadySent),
        (draft.recipients.is_empty(), Refusal::NoRecipient),
        (draft.recipients.iter().any(|to| !to.is_deliverable()), Refusal::BadRecipient),
        (draft.recipients.len() > RECIPIENTS_MAX, Refusal::TooMany),
        (draft.size > DRAFT_MAX as u64, Refusal::TooLarge),
        (!draft.can_send, Refusal::Observes),
    ];
    if let Some((_, why)) = checks.into_iter().find(|(applies, _)| *applies) {
        return Err(why);
    }
    match wish {
        Wish::SendNow => Ok(now),
        // The first recipient who is a client: To comes before Cc.
        Wish::TheirMorning => {
            let client = draft.recipients.iter().find_map(|to| policy.client_of(to)).ok_or(Refusal::NoZone)?;
            next_morning(client, now).ok_or(Refusal::NoMorning)
        }
        Wish::Done | Wish::Never | Wish::Hold(_) => Err(Refusal::IsDraft),
    }
}

/// The answer window that a wait leads to: the first one that ends when the time is over or later; of a named day the
/// last one.
fn deadline(until: Until, policy: &Policy, now: Instant) -> Option<Window> {
    let owner = &policy.owner;
    let zone = &owner.zone;
    let today = zone.local(now);
    let at = match until {
        Until::Hours(hours) => now + TimeDelta::hours(i64::from(hours)),
        Until::Days(days) => zone.instant(today.checked_add_days(Days::new(u64::from(days)))?),
        Until::Day(weekday) => {
            let ahead = (weekday.num_days_from_monday() + 7 - today.weekday().num_days_from_monday() - 1) % 7 + 1;
            let date = today.date().checked_add_days(Days::new(u64::from(ahead)))?;
            let start = zone.instant(date.and_time(chrono::NaiveTime::MIN));
            let end = zone.instant(date.succ_opt()?.and_time(chrono::NaiveTime::MIN));
            let last = windows(owner, start, end).into_iter().rfind(|window| window.date == date);
            return last.or_else(|| promised_window(owner, end, TimeDelta::zero()));
        }
    };
    promised_window(owner, at, TimeDelta::zero())
}
