//! The rules' numbers: `[replies]`, `[promises]`, `[digest]`, `[history]`.
use super::Claims;
use crate::config::{
    Digest, Listen, Web,
    reader::{Field, Reader},
    value,
};
use crate::decide::{DigestTimes, Filed, Late, Promises, Replies, Strangers};
use crate::model::Keep;
use crate::model::keep::Form;
use chrono::{NaiveTime, TimeDelta};
use std::net::SocketAddr;
use toml::de::DeValue;

/// `[replies]` with its defaults.
pub(super) fn replies(main: &Reader<'_>) -> Option<Replies> {
    let table = main.section("replies")?;
    let duration = |name: &str| table.field(name).and_then(|field| field.duration());
    let count = |name: &str| table.field(name).and_then(|field| field.count());
    let (grace, grace_in_window) = (duration("grace"), duration("grace_in_window"));
    let (min_notice, max_age) = (duration("min_notice"), duration("max_age"));
    let (min_interval, owner_active) = (duration("min_interval"), duration("owner_active"));
    let after_bounce = duration("after_bounce");
    let (day, week) = (count("per_sender_day"), count("per_sender_week"));
    let (domain, free_mail) = (count("per_domain_day"), count("per_free_mail_domain_day"));
    let total = [count("total_10_minutes"), count("total_hour"), count("total_day")];
    let per_conversation_day = count("per_conversation_day");
    let merge = duration("merge");
    let mention_clock_change = table.field("mention_clock_change").and_then(|field| field.flag());
    let late = table.field("late").and_then(|field| field.choice());
    let max_recipients = count("max_recipients");
    let strangers = table.field("strangers").and_then(|field| field.choice());
    let when_in_copy = table.field("when_in_copy").and_then(|field| field.flag());
    for (name, delay) in [("grace", grace), ("grace_in_window", grace_in_window)] {
        report_too_late(&table, name, delay, max_age);
    }
    let [ten_minutes, hour, whole_day] = total;
    Some(Replies {
        grace: grace?,
        grace_in_window: grace_in_window?,
        min_notice: min_notice?,
        max_age: max_age?,
        min_interval: min_interval?,
        owner_active: owner_active?,
        strangers: if strangers? == "acknowledge" { Strangers::Acknowledge } else { Strangers::Hold },
        per_sender_day: day?,
        per_sender_week: week?,
        per_domain_day: domain?,
        per_free_mail_domain_day: free_mail?,
        total: [ten_minutes?, hour?, whole_day?],
        max_recipients: max_recipients?,
        when_in_copy: when_in_copy?,
        per_conversation_day: per_conversation_day?,
        late: match late? {
            "next-decent-hour" => Late::NextDecentHour,
            "skip" => Late::Skip,
            _ => Late::Send,
        },
        merge: merge?,
        mention_clock_change: mention_clock_change?,
        after_bounce: after_bounce?,
    })
}

/// A delay that is not shorter than the greatest age would silence everything.
fn report_too_late(table: &Reader<'_>, name: &str, delay: Option<TimeDelta>, max_age: Option<TimeDelta>) {
    if delay.zip(max_age).is_some_and(|(delay, max_age)| delay >= max_age) {
        // the one that is written is the one to change
        let written = if table.has(name) { name } else { "max_age" };
        let Some(field) = table.field(written) else { return };
        field.place.fault(
            "would silence every acknowledgement",
            format!("{name} must be shorter than max_age, the age from which mail gets none"),
        );
    }
}

/// `[promises]` with its defaults.
pub(super) fn promises(main: &Reader<'_>) -> Option<Promises> {
    let table = main.section("promises")?;
    let holding_before = table.field("holding_before").and_then(|field| field.duration());
    let holding_max = table.field("holding_max").and_then(|field| field.count());
    let filed = table.field("filed").and_then(|field| field.choice());
    Some(Promises {
        holding_before: holding_before?,
        holding_max: holding_max?,
        filed: if filed? == "release" { Filed::Release } else { Filed::Keep },
    })
}

/// `[history] retention`.
pub(super) fn retention(main: &Reader<'_>) -> Option<TimeDelta> {
    main.section("history")?.field("retention").and_then(|field| field.duration())
}

/// What `[history]` says is kept.
pub(super) fn keep(main: &Reader<'_>) -> Option<Keep> {
    let table = main.section("history")?;
    let form = table.field("keep").and_then(|field| field.choice());
    let attachments = table.field("attachments").and_then(|field| field.choice());
    let form = match form? {
        "text" => Form::Text,
        "headers" => Form::Headers,
        _ => Form::Raw,
    };
    Some(Keep { form, attachments: attachments? == "keep" })
}

/// `[digest]` with its defaults; it goes to the first mailbox unless said otherwise.
pub(super) fn digest(main: &Reader<'_>, claims: &Claims<'_>) -> Option<Digest> {
    let table = main.section("digest")?;
    let field = table.field("to");
    let to = match &field {
        Some(field) => Some(field.own_address()?),
        None => claims.own.first().map(|(address, ..)| address.clone()),
    };
    if let (Some(field), Some(to)) = (&field, &to) {
        let client = claims.contacts.iter().find(|(pattern, ..)| pattern.matches(to));
        if let Some((_, client, _)) = client {
            field.place.fault(
                format!("belongs to client {client}"),
                "the digest names all your clients; send it to yourself".to_owned(),
            );
        }
    }
    let at = table.field("at").and_then(|field| times(&field));
    Some(Digest { to, asked: field.is_some(), at: at? })
}

/// `[web]` with its defaults.
pub(super) fn web(main: &Reader<'_>) -> Option<Web> {
    let table = main.section("web")?;
    let serve = table.field("serve").and_then(|field| field.flag());
    let listen = table.field("listen").and_then(|field| {
        let text = field.text()?;
        if text.contains('/') {
            return Some(Listen::Unix(field.place.source.resolve(&text)));
        }
        let remedy = "write \"127.0.0.1:8427\", \"[::1]:8427\" or the path of a socket; from elsewhere: ssh -L 8427:127.0.0.1:8427 HOST";
        let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        match named.unwrap_or(text).parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Some(Listen::Tcp(address)),
            Ok(_) => {
                field.place.fault("would show your clients' mail to the network", remedy.to_owned());
                None
            }
            Err(_) => {
                field.place.fault("is no address with a port", remedy.to_owned());
                None
            }
        }
    });
    Some(Web { serve: serve?, listen: listen? })
}

fn times(field: &Field<'_>) -> Option<DigestTimes> {
    let remedy = || format!("write {}", field.key.kind.expected());
    match &field.value {
        DeValue::String(word) => match word.as_ref() {
            "window" => Some(DigestTimes::Window),
            "off" => Some(DigestTimes::Off),
            _ => {
                field.place.fault("is no time for the digest", remedy());
                None
            }
        },
        _ => {
            let mut times = field.each(time)?;
            times.sort_unstable();
            times.dedup();
            if times.is_empty() {
                field.place.fault("is empty", "write \"off\" for no digest".to_owned());
                return None;
            }
            Some(DigestTimes::At(times))
        }
    }
}

fn time(item: &Field<'_>) -> Option<NaiveTime> {
    let found = value::time(&item.text()?);
    if found.is_none() {
        item.place.fault("is no time of day", "write it as \"08:00\", in 24 hours".to_owned());
    }
    found
}
