//! The digest in words: what `decide::digest` arranged, worded for the owner, as values for the layout. Never here: what
//! stands in it; the layout (templates/digest.txt, templates/digest.html).
//!
//! What a client wrote is a value of a template whose escaping is the layout's; inside a sentence of the other writing direction it is isolated (UAX 9).
use super::digest_words::{Book, Values};
use super::phrase::{self, Relative};
use super::template::TemplateError;
use super::zone_name::zone_name;
use crate::calendar::{DayPhase, zone_at};
use crate::decide::digest::{DayLeft, Digest, Event, Fate, Item, OurMail, Part, Promised, Rest, Section, Unanswered};
use crate::decide::{Policy, UNTIL_RESUMED};
use crate::model::{Client, Code, Instant, Language, NoticeCode, PromiseState, Zone, text::clean};
use chrono::{NaiveTime, TimeDelta};
use serde::Serialize;

/// Longest value in characters.
const VALUE_MAX: usize = 160;
/// With less than this left, a promise is marked.
const SOON: TimeDelta = TimeDelta::hours(2);

/// What the layouts see.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page {
    language: &'static str,
    direction: &'static str,
    subject: String,
    intro: String,
    parts: Vec<PartView>,
    foot: String,
}

#[derive(Clone, Debug, Serialize)]
struct PartView {
    kind: &'static str,
    heading: String,
    items: Vec<Line>,
    more: String,
}

/// One item.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    title: String,
    /// `mid:` of the message (RFC 2392).
    link: String,
    badge: String,
    /// `late`, `soon` or nothing.
    tone: &'static str,
    /// The promised time.
    due: String,
    lines: Vec<String>,
    /// What to type to close it.
    command: String,
    /// The words before the command.
    hint: String,
}

/// The language of the digest: the owner's first.
#[must_use]
pub fn language(policy: &Policy) -> Language {
    policy.owner.languages.first().copied().unwrap_or(Language::En)
}

/// Words a digest.
pub(super) fn page(book: &Book, digest: &Digest, policy: &Policy) -> Result<Page, TemplateError> {
    let language = book.language();
    let writer = Writer { book, language, policy, now: digest.at, here: zone_at(&policy.owner, digest.at) };
    let subject = match (digest.promises, digest.first_by) {
        (0, _) | (_, None) => writer.say("subject.news", &[])?,
        (1, Some(by)) => writer.say("subject.one", &[("when", writer.when(by)?)])?,
        (n, Some(by)) => writer.say("subject.promises", &[("n", n.to_string()), ("when", writer.when(by)?)])?,
    };
    let intro = match digest.since {
        Some(since) => writer.say("intro.since", &[("when", writer.when(since)?)])?,
        None => writer.say("intro.first", &[])?,
    };
    let parts = digest.sections.iter().map(|section| writer.part(section, digest.ignored));
    Ok(Page {
        language: language.code(),
        direction: if language == Language::Ar { "rtl" } else { "ltr" },
        subject,
        intro,
        parts: parts.collect::<Result<_, _>>()?,
        foot: writer.say("foot", &[])?,
    })
}

/// A page that uses everything that a layout may use.
pub(super) fn sample(language: Language) -> Page {
    let text = || "x".to_owned();
    let item = Line { title: text(), lines: vec![text()], ..Line::default() };
    let full =
        Line { link: text(), badge: text(), due: text(), tone: "late", command: text(), hint: text(), ..item.clone() };
    let part = |more| PartView { kind: Part::Promises.as_str(), heading: text(), items: vec![item, full], more };
    Page {
        language: language.code(),
        direction: "ltr",
        subject: text(),
        intro: text(),
        parts: vec![part(text())],
        foot: text(),
    }
}

/// Everything that words depend on.
struct Writer<'a> {
    book: &'a Book,
    language: Language,
    policy: &'a Policy,
    now: Instant,
    here: &'a Zone,
}

type Said<T = String> = Result<T, TemplateError>;

impl Writer<'_> {
    fn say(&self, key: &str, values: &[(&'static str, String)]) -> Said {
        self.book.word(key, &values.iter().cloned().collect::<Values>())
    }

    /// `key` with nothing to fill in, if the language has it, else the word itself: codes of other parts of the program.
    fn known(&self, family: &str, word: &str) -> Said {
        let key = format!("{family}.{word}");
        if self.book.has(&key) { self.say(&key, &[]) } else { Ok(self.value(word)) }
    }

    /// Text from outside, as it may stand in a sentence.
    fn value(&self, text: &str) -> String {
        let text = clean(text, VALUE_MAX);
        let foreign = |c: char| match self.language {
            Language::Ar => c.is_alphabetic() && !is_right_to_left(c),
            _ => is_right_to_left(c),
        };
        if text.chars().any(foreign) { format!("\u{2068}{text}\u{2069}") } else { text }
    }

    fn part(&self, section: &Section, ignored: usize) -> Said<PartView> {
        let mut items = section.items.iter().map(|item| self.item(item)).collect::<Said<Vec<_>>>()?;
        if section.part == Part::Unanswered && ignored > 0 && section.more == 0 {
            let title = self.say("ignored", &[("n", ignored.to_string())])?;
            items.push(Line { title, ..Line::default() });
        }
        let more = match section.more {
            0 => String::new(),
            n => self.say("more", &[("n", n.to_string())])?,
        };
        let heading = self.say(&format!("part.{}", section.part.as_str()), &[])?;
        Ok(PartView { kind: section.part.as_str(), heading, items, more })
    }

    fn item(&self, item: &Item) -> Said<Line> {
        match item {
            Item::Open(promised, _) => self.open(promised),
            Item::Ended(promised) => self.ended(promised),
            Item::Day(day) => self.day_line(day),
            Item::Unanswered(mail) => self.unanswered(mail),
            Item::Mail(mail) => self.mail(mail),
            Item::Event(event) => self.event(event),
            Item::Rest(rest) => self.rest(rest),
            Item::Clock(client, shift) => {
                let values = [
                    ("when", self.when(shift.at)?),
                    ("before", self.gap(shift.before_minutes)?),
                    ("after", self.gap(shift.after_minutes)?),
                ];
                Ok(Line { title: self.name(client), lines: vec![self.say("clock", &values)?], ..Line::default() })
            }
        }
    }

    fn rest(&self, rest: &Rest) -> Said<Line> {
        let key = match rest.code.as_str() {
            "clock" => "rest.clock",
            "cli" => "rest",
            _ => "rest.breaker",
        };
        let until = if rest.until == UNTIL_RESUMED { String::new() } else { self.when(rest.until)? };
        let mailbox = self.value(rest.mailbox.as_deref().unwrap_or_default());
        let title = self.say(key, &[("until", until), ("mailbox", mailbox)])?;
        Ok(Line { title, tone: "late", ..Line::default() })
    }

    fn open(&self, it: &Promised) -> Said<Line> {
        let promise = &it.promise;
        let mut line = self.about(promise.subject.as_str(), promise.message_id.as_deref())?;
        let left = promise.by - self.now;
        let length = self.length(left.abs())?;
        (line.badge, line.tone) = match left {
            left if left <= TimeDelta::zero() => (self.say("over", &[("left", length)])?, "late"),
            left if left < SOON => (self.say("left", &[("left", length)])?, "soon"),
            _ => (self.say("left", &[("left", length)])?, ""),
        };
        let zone = self.policy.zones.get(&promise.zone).unwrap_or_else(|| self.here.clone());
        line.due = self.by(promise.by, &zone)?;
        line.lines.push(self.who(Some(&promise.client), it.from.as_deref(), it.arrived)?);
        if !promise.announced {
            line.lines.push(self.say("promise.untold", &[])?);
        }
        Ok(line)
    }

    /// The promise on both clocks, or on the one that both have.
    fn by(&self, by: Instant, theirs: &Zone) -> Said {
        let yours = self.when(by)?;
        if theirs.offset_seconds(by) == self.here.offset_seconds(by) {
            return self.say("promise.by", &[("yours", yours)]);
        }
        self.say("promise.both", &[("yours", yours), ("theirs", self.there(by, theirs)?)])
    }

    fn ended(&self, it: &Promised) -> Said<Line> {
        let promise = &it.promise;
        let mut line = self.about(promise.subject.as_str(), promise.message_id.as_deref())?;
        line.lines.push(self.who(Some(&promise.client), it.from.as_deref(), it.arrived)?);
        let lapsed = promise.state == PromiseState::Lapsed;
        let key = if lapsed { "event.promise.lapsed" } else { "event.promise.released" };
        let why = self.known("why", promise.closed_by.as_deref().unwrap_or_default())?;
        let values = [("when", self.when(promise.by)?), ("why", why)];
        line.lines.push(self.say(key, &values)?);
        if lapsed {
            line.tone = "late";
        } else {
            line.command.clear();
        }
        Ok(line)
    }

    fn day_line(&self, day: &DayLeft) -> Said<Line> {
        let badge = match (day.phase, day.at) {
            (DayPhase::During, Some(at)) => self.say("left", &[("left", self.length(at - self.now)?)])?,
            _ => String::new(),
        };
        let lines = vec![self.day(day)?];
        Ok(Line { title: self.name(&day.client), badge, lines, ..Line::default() })
    }

    /// "Singapore time: the day there ends in 1 h 20, at 6:30 pm".
    fn day(&self, day: &DayLeft) -> Said {
        let zone = self.client(&day.client).map_or(self.here, |client| &client.zone);
        let name = zone_name(self.language, zone, self.now);
        let Some(at) = day.at else { return self.say("day.none", &[("zone", name)]) };
        let time = phrase::time(self.language, zone.local(at).time());
        if day.phase == DayPhase::During {
            let left = self.length(at - self.now)?;
            return self.say("day.ends", &[("left", left), ("time", time), ("zone", name)]);
        }
        let values = [("when", self.when(at)?), ("theirs", self.there(at, zone)?), ("zone", name)];
        self.say("day.begins", &values)
    }

    fn unanswered(&self, mail: &Unanswered) -> Said<Line> {
        let mut line = self.about(&mail.subject, mail.message_id.as_deref())?;
        line.command.clear();
        line.lines.push(self.who(mail.client.as_deref(), mail.from.as_deref(), Some(mail.arrived))?);
        line.lines.push(self.known("why", mail.why().map_or("unsure", group))?);
        Ok(line)
    }

    fn mail(&self, mail: &OurMail) -> Said<Line> {
        let mut line = self.about(&mail.subject, Some(mail.message_id.as_str()))?;
        line.command.clear();
        let client = mail.client.as_deref().map(|client| self.name(client));
        let to = match client {
            Some(client) => format!("{client} ({})", self.value(&mail.to)),
            None => self.value(&mail.to),
        };
        let why = self.value(mail.why.as_deref().unwrap_or_default());
        let values = [("kind", self.kind(&mail.kind)?), ("to", to), ("when", self.when(mail.at)?), ("why", why)];
        let key = match mail.fate {
            Fate::Sent => "mail.sent",
            Fate::Observed => "mail.observed",
            Fate::Drafted => "mail.drafted",
            Fate::Failed => "mail.failed",
            Fate::Unknown => "mail.unknown",
        };
        if matches!(mail.fate, Fate::Failed | Fate::Unknown) {
            line.tone = "late";
        }
        line.lines.push(self.say(key, &values)?);
        Ok(line)
    }

    fn event(&self, event: &Event) -> Said<Line> {
        let notice = &event.notice;
        let value = |name: &str| notice.values.get(name).map_or_else(String::new, |text| self.value(text));
        let raw = |name: &str| notice.values.get(name).map_or("", String::as_str);
        let moment = |name: &str| match notice.values.get(name).and_then(|text| text.parse::<Instant>().ok()) {
            Some(at) => self.when(at),
            None => Ok(value(name)),
        };
        let family = match notice.code {
            NoticeCode::PromiseUnheld => "unheld",
            NoticeCode::MailSkipped => "skipped",
            NoticeCode::TrustLowered => "lowered",
            _ => "why",
        };
        let values = [
            ("when", self.when(notice.at)?),
            ("mailbox", self.value(notice.mailbox.as_deref().unwrap_or_default())),
            ("before", moment("from")?),
            ("after", moment("to")?),
            ("until", moment("by")?),
            ("why", self.known(family, raw("why"))?),
            ("kind", self.kind(raw("kind"))?),
            ("wish", self.known("wish", raw("wish"))?),
            ("hook", value("hook")),
            ("name", value("name")),
            ("to", self.known("rung", raw("rung"))?),
            ("error", value("error")),
        ];
        let key = if event.is_bare() { "promise.bare" } else { notice.code.as_str() };
        let said = self.say(&format!("event.{key}"), &values)?;
        // What a wish was about need not be recorded.
        let stated = |name: &str| notice.values.get(name).filter(|text| !text.is_empty()).cloned();
        let subject = event.subject.clone().or_else(|| stated("subject"));
        let wished = matches!(notice.code, NoticeCode::CommandDone | NoticeCode::CommandFailed);
        let from = event.from.clone().or_else(|| stated("from").filter(|_| wished));
        let mut line = match subject {
            Some(subject) => {
                let mut line = self.about(&subject, event.message_id.as_deref())?;
                if notice.client.is_some() || from.is_some() {
                    line.lines.push(self.who(notice.client.as_deref(), from.as_deref(), None)?);
                }
                line.lines.push(said);
                line
            }
            None => match &notice.client {
                Some(client) => Line { title: self.name(client), lines: vec![said], ..Line::default() },
                None => Line { title: said, ..Line::default() },
            },
        };
        let pressing = event.is_bare()
            || matches!(notice.code, NoticeCode::Urgent | NoticeCode::PromiseUnheld | NoticeCode::PromiseLapsed);
        if !pressing {
            line.command.clear();
        }
        if pressing || matches!(notice.code, NoticeCode::Login | NoticeCode::TrustLowered) {
            line.tone = "late";
        }
        Ok(line)
    }

    /// An item about a message.
    fn about(&self, subject: &str, message_id: Option<&str>) -> Said<Line> {
        let subject = self.value(subject);
        let title = if subject.is_empty() { self.say("no-subject", &[])? } else { subject };
        let id = message_id.unwrap_or_default();
        Ok(Line { title, link: mid(id), command: done(id), hint: self.say("done", &[])?, ..Line::default() })
    }

    /// "Acme Pte Ltd · anna@acme.example · arrived today, 8:02 am".
    fn who(&self, client: Option<&str>, from: Option<&str>, arrived: Option<Instant>) -> Said {
        let arrived = match arrived {
            Some(at) => Some(self.say("arrived", &[("when", self.when(at)?)])?),
            None => None,
        };
        // A stranger's promise has the address for a client.
        let client = client.filter(|client| Some(*client) != from).map(|client| self.name(client));
        Ok(joined(&[client, from.map(|from| self.value(from)), arrived].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn kind(&self, kind: &str) -> Said {
        let key = format!("kind.{kind}");
        if self.book.has(&key) { self.say(&key, &[]) } else { self.say("kind.other", &[("kind", self.value(kind))]) }
    }

    fn client(&self, id: &str) -> Option<&Client> {
        self.policy.client(id)
    }

    fn name(&self, client: &str) -> String {
        self.value(self.client(client).map_or(client, |client| &client.name))
    }

    /// "today, 4:30 pm", where the owner is at the moment of the digest.
    fn when(&self, at: Instant) -> Said {
        self.moment(at, self.here)
    }

    /// The same where somebody else is, with the zone's name; the day only if it is another one there.
    fn there(&self, at: Instant, zone: &Zone) -> Said {
        let (local, here) = (zone.local(at), self.here.local(at));
        let when = if local.date() == here.date() { self.clock(local.time()) } else { self.moment(at, zone)? };
        self.say("theirs", &[("when", when), ("zone", zone_name(self.language, zone, at))])
    }

    fn moment(&self, at: Instant, zone: &Zone) -> Said {
        // "Tomorrow" is the reader's, whose clock it ever is.
        let (local, today) = (zone.local(at), self.here.local(self.now).date());
        let relative = Relative::of(local.date(), today);
        let day = match (today - local.date()).num_days() {
            1 => self.say("yesterday", &[])?,
            // Elsewhere the small word before a day is written in the sentence; in Spanish every day has it.
            _ if self.language == Language::Es || matches!(relative, Relative::Today | Relative::Tomorrow) => {
                phrase::on(self.language, local.date(), today)
            }
            _ if relative == Relative::Weekday => phrase::weekday(self.language, local.date()),
            _ => phrase::date(self.language, local.date(), today),
        };
        self.say("when", &[("day", day), ("time", self.clock(local.time()))])
    }

    /// A time of day beside a day: there "midnight" would be read both ways.
    fn clock(&self, time: NaiveTime) -> String {
        if self.language == Language::En && time == NaiveTime::MIN {
            return "00:00".to_owned();
        }
        phrase::time(self.language, time)
    }

    /// "1 h 20 min".
    fn length(&self, length: TimeDelta) -> Said {
        let minutes = length.num_minutes();
        let (d, h, m) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
        let values = [("d", d.to_string()), ("h", h.to_string()), ("m", m.to_string())];
        self.say(
            if d > 0 {
                "length.days"
            } else if h > 0 {
                "length.hours"
            } else {
                "length.minutes"
            },
            &values,
        )
    }

    fn gap(&self, minutes: i64) -> Said {
        let key = match minutes {
            0 => return self.say("gap.same", &[]),
            minutes if minutes > 0 => "gap.ahead",
            _ => "gap.behind",
        };
        self.say(key, &[("left", self.length(TimeDelta::minutes(minutes.abs()))?)])
    }
}

fn joined(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// The link to a message (RFC 2392), empty without a usable id.
fn mid(message_id: &str) -> String {
    let Some(id) = message_id.strip_prefix('<').and_then(|id| id.strip_suffix('>')) else { return String::new() };
    let mut link = String::from("mid:");
    for byte in id.bytes() {
        match byte {
            b'@' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => link.push(char::from(byte)),
            other => link.push_str(&format!("%{other:02X}")),
        }
    }
    link
}

/// What closes a promise from a shell. An id is the client's to choose: one that a shell might read is not shown.
fn done(message_id: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "@.-_+=".contains(c);
    let id = message_id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
    if id.is_empty() || id.len() > 120 || id.starts_with('-') || !id.chars().all(harmless) {
        return String::new();
    }
    format!("fuseau done {id}")
}

/// Reasons that ask the same of the owner share their words.
pub(super) fn group(code: Code) -> &'static str {
    use Code as C;
    match code {
        C::Stranger => "stranger",
        C::LookAlike => "look-alike",
        C::ReplyToElsewhere => "reply-to",
        C::NotAuthenticated | C::ReturnPathElsewhere | C::NoReturnPath | C::SeveralAuthors | C::UnsupportedAddress => {
            "unproven"
        }
        C::NotToMe | C::OnlyCc | C::ManyRecipients => "many",
        C::AutoSubject | C::BounceSubject | C::ReportInside | C::MachineSuspected | C::Postmaster => "machine",
        C::Invitation => "invitation",
        C::Executable => "program",
        C::Empty => "empty",
        C::Unreadable | C::TooLarge => "unreadable",
        C::TooOld | C::Rescan => "late",
        C::LimitSender | C::LimitDomain | C::LimitConversation | C::LimitTotal | C::SameBody | C::PausedSender => {
            "limit"
        }
        C::Bounced => "bounced",
        C::NoWindow => "no-window",
        _ => "unsure",
    }
}
