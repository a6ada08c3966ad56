//! The world in which the cases play, and how one case changes it. The words: `tests/decisions/README.md`.
use super::reader;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use fuseau::decide::{Policy, Promises, Replies, Strangers};
use fuseau::model::{
    AddressPattern, Client, ClientPolicy, EmailAddress, FolderRole, HeaderText, Identity, Incoming, Instant, Language,
    Mode, Owner, Past, Provider, SentCopy, Span, Tone, WeeklyHours, Zones, identity::EnvelopeSender,
};

/// Thursday, 14 January 2027, 10:02 in London.
pub fn arrival() -> Instant {
    DateTime::<Utc>::from_timestamp(1_799_920_920, 0).unwrap()
}

const BASE: &[(&str, &str)] = &[
    ("Return-Path", "<anna@acme.example>"),
    ("From", "Anna Keller <anna@acme.example>"),
    ("To", "Claire Martin <claire@studio.example>"),
    ("Subject", "Plans for the lobby"),
    ("Message-ID", "<1@acme.example>"),
];

/// One case, read.
pub struct Case {
    pub name: String,
    pub message: Incoming,
    pub past: Past,
    pub policy: Policy,
    pub now: Instant,
    pub expected: Vec<String>,
}

impl Case {
    /// `None` for a block that holds only comments.
    pub fn read(block: &str) -> Option<Self> {
        let name = block.lines().find_map(|line| line.strip_prefix("case "))?.to_owned();
        let mut fields: Vec<(String, String)> = BASE.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        let mut body: Vec<String> = Vec::new();
        let (mut past, mut policy, mut now) = (Past::default(), policy(), arrival() + TimeDelta::minutes(1));
        let (mut facts, mut expected) = (Vec::new(), Vec::new());
        for line in block.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if line.starts_with("=> ") {
                expected.push(line.to_owned());
            } else if let Some(text) = line.strip_prefix('|') {
                body.push(text.strip_prefix(' ').unwrap_or(text).to_owned());
            } else if let Some(words) = line.strip_prefix("past ") {
                words.split_whitespace().for_each(|word| set_past(&mut past, word));
            } else if let Some(words) = line.strip_prefix("policy ") {
                words.split_whitespace().for_each(|word| set_policy(&mut policy, word));
            } else if let Some(words) = line.strip_prefix("facts ") {
                facts.extend(words.split_whitespace().map(str::to_owned));
            } else if let Some(when) = line.strip_prefix("now ") {
                now = time(when);
            } else if !line.starts_with("case ") {
                set_field(&mut fields, line);
            }
        }
        if body.is_empty() {
            body.push("Hello Claire, could you send me the plans by Friday?".to_owned());
        }
        let mut message = reader::message(&fields, &body.join("\n"), arrival());
        facts.iter().for_each(|word| set_fact(&mut message, word));
        Some(Self { name, message, past, policy, now, expected })
    }

    /// The block with its expected lines replaced.
    pub fn with_expected(&self, block: &str, found: &[String]) -> String {
        let kept = block.lines().filter(|line| !line.starts_with("=> ") && !line.is_empty());
        let lines: Vec<&str> = kept.chain(found.iter().map(String::as_str)).collect();
        format!("{}\n{}", lines.join("\n"), if block.ends_with("\n\n") { "\n" } else { "" })
    }
}

/// `Name: value` replaces the field or adds it at the end, `+Name: value` adds it on top, `-Name` removes it.
fn set_field(fields: &mut Vec<(String, String)>, line: &str) {
    if let Some(name) = line.strip_prefix('-') {
        return fields.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }
    let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("neither word nor field: {line}"));
    let value = value.trim().to_owned();
    if let Some(name) = name.strip_prefix('+') {
        // `+Received*51: x` adds a field many times.
        let (name, times) = name.split_once('*').map_or((name, 1), |(name, times)| (name, times.parse().unwrap()));
        for _ in 0..times {
            fields.insert(0, (name.to_owned(), value.clone()));
        }
    } else if let Some(field) = fields.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
        field.1 = value;
    } else {
        fields.push((name.to_owned(), value));
    }
}

/// `-5m`, `+2h`, `+3d`, `+30s`: relative to arrival.
fn time(word: &str) -> Instant {
    let (digits, unit) = word.split_at(word.len() - 1);
    let amount: i64 = digits.parse().unwrap_or_else(|_| panic!("no time: {word}"));
    arrival()
        + match unit {
            "s" => TimeDelta::seconds(amount),
            "m" => TimeDelta::minutes(amount),
            "h" => TimeDelta::hours(amount),
            "d" => TimeDelta::days(amount),
            _ => panic!("no unit of time: {word}"),
        }
}

fn pair(word: &str) -> (&str, &str) {
    word.split_once('=').unwrap_or((word, ""))
}

fn three(value: &str) -> [u32; 3] {
    let numbers: Vec<u32> = value.split(',').map(|n| n.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn set_past(past: &mut Past, word: &str) {
    let (key, value) = pair(word);
    match key {
        "duplicate_of" => past.duplicate_of = Some(value.to_owned()),
        "conversation" => past.conversation = Some(value.to_owned()),
        "answers_our_automatic" => past.answers_our_automatic = Some(time(value)),
        "automatic_since_owner" => past.automatic_since_owner = true,
        "open_promise_by" => past.open_promise_by = Some(time(value)),
        "owner_wrote_at" => past.owner_wrote_at = Some(time(value)),
        "answered" => past.answered = true,
        "written_to" => past.written_to = true,
        "last_acknowledgement" => past.last_acknowledgement = Some(time(value)),
        "to_sender_day" => past.to_sender_day = value.parse().unwrap(),
        "to_sender_week" => past.to_sender_week = value.parse().unwrap(),
        "to_domain_day" => past.to_domain_day = value.parse().unwrap(),
        "in_conversation_day" => past.in_conversation_day = value.parse().unwrap(),
        "same_body_hour" => past.same_body_hour = value.parse().unwrap(),
        "total" => past.total = three(value),
        "mailbox_total" => past.mailbox_total = three(value),
        "bounced_at" => past.bounced_at = Some(time(value)),
        "paused_until" => past.paused_until = Some(time(value)),
        "never" => past.never = true,
        "rescan" => past.rescan = true,
        "instance" => past.instance = Some(value.to_owned()),
        _ => panic!("unknown past: {word}"),
    }
}

fn set_policy(policy: &mut Policy, word: &str) {
    let (key, value) = pair(word);
    let studio = &mut policy.mailboxes[0];
    match key {
        "trusted" => studio.trusted_authserv.push(value.to_owned()),
        "microsoft365" => studio.provider = Some(Provider::Microsoft365),
        "google" => studio.provider = Some(Provider::Google),
        "own_list" => studio.own_lists.push(value.to_owned()),
        "form" => studio.contact_form_senders.push(EmailAddress::parse(value).unwrap()),
        "strangers" => policy.replies.strangers = Strangers::Acknowledge,
        "when_in_copy" => policy.replies.when_in_copy = true,
        "max_recipients" => policy.replies.max_recipients = value.parse().unwrap(),
        "no_hours" => policy.owner.hours = WeeklyHours::default(),
        _ => panic!("unknown policy: {word}"),
    }
}

fn set_fact(message: &mut Incoming, word: &str) {
    let (key, value) = pair(word);
    let content = &mut message.content;
    match key {
        "calendar" => content.calendar_methods.push(value.to_owned()),
        "attachment" => content.attachments.push(HeaderText::new(value)),
        "encrypted" => content.encrypted = true,
        "signed" => content.signed = true,
        "truncated" => content.truncated = true,
        "parts_left" => content.parts_left = true,
        "report_part" => content.report_part = true,
        "answered" => message.answered_flag = true,
        "unreadable" => message.unreadable = true,
        "arrived" => message.arrived = time(value),
        "folder" => {
            let roles = [FolderRole::Inbox, FolderRole::Sent, FolderRole::Drafts, FolderRole::Junk];
            message.folder = roles.into_iter().find(|role| role.as_str() == value).unwrap();
        }
        _ => panic!("unknown fact: {word}"),
    }
}

fn hours(days: &[Weekday], spans: &[(u32, u32, u32, u32)]) -> Vec<(Weekday, Vec<Span>)> {
    let clock = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
    let spans: Vec<Span> =
        spans.iter().map(|(a, b, c, d)| Span { open: clock(*a, *b), close: clock(*c, *d) }).collect();
    days.iter().map(|day| (*day, spans.clone())).collect()
}

/// The owner of PRODUCT's example, three clients, one mailbox and a second one.
pub fn policy() -> Policy {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let zones = Zones::bundled();
    let mut week = WeeklyHours::default();
    let long = [(9, 0, 9, 30), (11, 30, 12, 0), (14, 0, 14, 30), (16, 30, 17, 0)];
    for (day, spans) in hours(&[Mon, Tue, Wed, Thu], &long).into_iter().chain(hours(&[Fri], &long[..2])) {
        week.set(day, spans);
    }
    let client = |id: &str, name: &str, zone: &str, contacts: &[&str]| Client {
        id: id.to_owned(),
        name: name.to_owned(),
        contacts: contacts.iter().map(|c| AddressPattern::parse(c).unwrap()).collect(),
        zone: zones.get(zone).unwrap(),
        language: Language::En,
        tone: Tone::Formal,
        hours: None,
        holidays: Vec::new(),
        channels: Vec::new(),
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    };
    Policy {
        owner: Owner {
            name: "Claire Martin".to_owned(),
            zone: zones.get("Europe/London").unwrap(),
            languages: vec![Language::Fr, Language::En],
            hours: week,
            holidays: Vec::new(),
            closures: Vec::new(),
            trips: Vec::new(),
        },
        clients: vec![
            client("acme", "Acme Pte Ltd", "Asia/Singapore", &["anna@acme.example", "@acme.example"]),
            client("bell", "Bob Bell", "America/New_York", &["bob.bell@gmail.com"]),
            client("nord", "Nord AS", "Europe/Oslo", &["@.nord.example", "kari@nord-partner.example"]),
        ],
        mailboxes: vec![
            identity("studio", "claire@studio.example", &["hello@studio.example", "claire.m@gmail.com"]),
            identity("shop", "claire@shop.example", &[]),
        ],
        replies: Replies::default(),
        promises: Promises::default(),
        urgent: Default::default(),
        topics: Vec::new(),
        projects: Vec::new(),
        drafts: Default::default(),
        zones,
    }
}

fn identity(name: &str, address: &str, aliases: &[&str]) -> Identity {
    let parse = |raw: &str| EmailAddress::parse(raw).unwrap();
    Identity {
        name: name.to_owned(),
        address: parse(address),
        aliases: aliases.iter().map(|a| parse(a)).collect(),
        mode: Mode::Send,
        trusted_authserv: Vec::new(),
        provider: None,
        own_lists: Vec::new(),
        team: vec![parse("tom@studio.example")],
        contact_form_senders: Vec::new(),
        envelope_sender: EnvelopeSender::default(),
        sent_copy: SentCopy::default(),
    }
}
