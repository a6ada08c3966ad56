//! The small change of a digest: moments, lengths, names, who wrote, links. Never here: which items there are (items.rs).
use super::{Line, Said, VALUE_MAX, Writer};
use crate::compose::digest_words::Values;
use crate::compose::phrase::{self, Relative};
use crate::compose::zone_name::zone_name;
use crate::model::{Client, Instant, Language, Zone, text::clean};
use chrono::{NaiveTime, TimeDelta};

impl Writer<'_> {
    pub(super) fn say(&self, key: &str, values: &[(&'static str, String)]) -> Said {
        self.book.word(key, &values.iter().cloned().collect::<Values>())
    }

    /// `key` with nothing to fill in, if the language has it, else the word itself: codes of other parts of the program.
    pub(super) fn known(&self, family: &str, word: &str) -> Said {
        let key = format!("{family}.{word}");
        if self.book.has(&key) { self.say(&key, &[]) } else { Ok(self.value(word)) }
    }

    /// Text from outside, as it may stand in a sentence.
    pub(super) fn value(&self, text: &str) -> String {
        let text = clean(text, VALUE_MAX);
        let foreign = |c: char| match self.language {
            Language::Ar => c.is_alphabetic() && !is_right_to_left(c),
            _ => is_right_to_left(c),
        };
        if text.chars().any(foreign) { format!("\u{2068}{text}\u{2069}") } else { text }
    }

    /// An item about a message; `exchange` names it where its Message-ID cannot.
    pub(super) fn about(&self, subject: &str, message_id: Option<&str>, exchange: Option<&str>) -> Said<Line> {
        let subject = self.value(subject);
        let title = if subject.is_empty() { self.say("no-subject", &[])? } else { subject };
        let id = message_id.unwrap_or_default();
        let command = done(id, exchange.unwrap_or_default());
        Ok(Line { title, link: mid(id), command, hint: self.say("done", &[])?, ..Line::default() })
    }

    /// "Acme Pte Ltd · anna@acme.example · arrived today, 8:02 am".
    pub(super) fn who(&self, client: Option<&str>, from: Option<&str>, arrived: Option<Instant>) -> Said {
        let arrived = match arrived {
            Some(at) => Some(self.say("arrived", &[("when", self.when(at)?)])?),
            None => None,
        };
        // A stranger's promise has the address for a client.
        let client = client.filter(|client| Some(*client) != from).map(|client| self.name(client));
        Ok(joined(&[client, from.map(|from| self.value(from)), arrived].into_iter().flatten().collect::<Vec<_>>()))
    }

    pub(super) fn kind(&self, kind: &str) -> Said {
        let key = format!("kind.{kind}");
        if self.book.has(&key) { self.say(&key, &[]) } else { self.say("kind.other", &[("kind", self.value(kind))]) }
    }

    pub(super) fn client(&self, id: &str) -> Option<&Client> {
        self.policy.client(id)
    }

    pub(super) fn name(&self, client: &str) -> String {
        self.value(self.client(client).map_or(client, |client| &client.name))
    }

    /// "today, 4:30 pm", where the owner is at the moment of the digest.
    pub(super) fn when(&self, at: Instant) -> Said {
        self.moment(at, self.here)
    }

    /// The same where somebody else is, with the zone's name; the day only if it is another one there.
    pub(super) fn there(&self, at: Instant, zone: &Zone) -> Said {
        let (local, here) = (zone.local(at), self.here.local(at));
        let when = if local.date() == here.date() { self.clock(local.time()) } else { self.moment(at, zone)? };
        self.say("theirs", &[("when", when), ("zone", zone_name(self.language, zone, at))])
    }

    pub(super) fn moment(&self, at: Instant, zone: &Zone) -> Said {
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
    pub(super) fn clock(&self, time: NaiveTime) -> String {
        if self.language == Language::En && time == NaiveTime::MIN {
            return "00:00".to_owned();
        }
        phrase::time(self.language, time)
    }

    /// "1 h 20 min".
    pub(super) fn length(&self, length: TimeDelta) -> Said {
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

    pub(super) fn gap(&self, minutes: i64) -> Said {
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

/// What closes a promise from a shell. A Message-ID is the client's to choose: where there is none, or one that a shell
/// might read, the id of the exchange stands for it.
fn done(message_id: &str, exchange: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "@.-_+=".contains(c);
    let usable = |id: &&str| !id.is_empty() && id.len() <= 120 && !id.starts_with('-') && id.chars().all(harmless);
    let named = message_id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).filter(usable);
    named.or(Some(exchange).filter(usable)).map_or_else(String::new, |id| format!("fuseau done {id}"))
}
