//! Each kind of item of a digest, in words. Never here: how a moment is said (saying.rs), what stands in a digest.
use super::{Line, Said, Writer};
use crate::calendar::DayPhase;
use crate::compose::phrase;
use crate::compose::zone_name::zone_name;
use crate::decide::UNTIL_RESUMED;
use crate::decide::digest::{DayLeft, Event, Fate, OurMail, Promised, Rest, Unanswered};
use crate::model::{Code, Instant, NoticeCode, PromiseState, Zone};
use chrono::TimeDelta;

/// With less than this left, a promise is marked.
const SOON: TimeDelta = TimeDelta::hours(2);

impl Writer<'_> {
    pub(super) fn rest(&self, rest: &Rest) -> Said<Line> {
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

    pub(super) fn open(&self, it: &Promised) -> Said<Line> {
        let promise = &it.promise;
        let mut line = self.about(promise.subject.as_str(), promise.message_id.as_deref(), it.exchange.as_deref())?;
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
    pub(super) fn by(&self, by: Instant, theirs: &Zone) -> Said {
        let yours = self.when(by)?;
        if theirs.offset_seconds(by) == self.here.offset_seconds(by) {
            return self.say("promise.by", &[("yours", yours)]);
        }
        self.say("promise.both", &[("yours", yours), ("theirs", self.there(by, theirs)?)])
    }

    pub(super) fn ended(&self, it: &Promised) -> Said<Line> {
        let promise = &it.promise;
        let mut line = self.about(promise.subject.as_str(), promise.message_id.as_deref(), it.exchange.as_deref())?;
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

    pub(super) fn day_line(&self, day: &DayLeft) -> Said<Line> {
        let badge = match (day.phase, day.at) {
            (DayPhase::During, Some(at)) => self.say("left", &[("left", self.length(at - self.now)?)])?,
            _ => String::new(),
        };
        let lines = vec![self.day(day)?];
        Ok(Line { title: self.name(&day.client), badge, lines, ..Line::default() })
    }

    /// "Singapore time: the day there ends in 1 h 20, at 6:30 pm".
    pub(super) fn day(&self, day: &DayLeft) -> Said {
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

    pub(super) fn unanswered(&self, mail: &Unanswered) -> Said<Line> {
        let mut line = self.about(&mail.subject, mail.message_id.as_deref(), None)?;
        line.command.clear();
        line.lines.push(self.who(mail.client.as_deref(), mail.from.as_deref(), Some(mail.arrived))?);
        line.lines.push(self.known("why", mail.why().map_or("unsure", group))?);
        Ok(line)
    }

    pub(super) fn mail(&self, mail: &OurMail) -> Said<Line> {
        let mut line = self.about(&mail.subject, Some(mail.message_id.as_str()), None)?;
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

    pub(super) fn event(&self, event: &Event) -> Said<Line> {
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
                let mut line = self.about(&subject, event.message_id.as_deref(), event.notice.exchange.as_deref())?;
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
}

/// Reasons that ask the same of the owner share their words.
pub(in crate::compose) fn group(code: Code) -> &'static str {
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
        C::Unreadable | C::TooLarge | C::TooManyParts => "unreadable",
        C::TooOld | C::Rescan => "late",
        C::LimitSender | C::LimitDomain | C::LimitConversation | C::LimitTotal | C::SameBody | C::PausedSender => {
            "limit"
        }
        C::Bounced => "bounced",
        C::NoWindow => "no-window",
        _ => "unsure",
    }
}
