//! Loops, bounces, lists and programs: what the header says about the maker (rules 1, 2, 4 to 7, 9 to 14,
//! 18). The subject's part: subject.rs. Every field is read in all its occurrences: the last one is the
//! sender's to forge.
use super::case::{Case, Findings, Way};
use super::envelope::{Envelope, unwrapped};
use super::fold::lower;
use crate::model::{Code, EmailAddress, ReturnPath};

/// Rules 1 and 2.
pub fn null_return_path(case: &Case<'_>, found: &mut Findings) {
    if case.envelope == Envelope::Null {
        found.say(Code::NullReturnPath);
    }
}

/// Rule 4: any `Auto-Submitted` whose keyword is not `no` (RFC 3834 5.2: comments and parameters do not count).
pub fn auto_submitted(case: &Case<'_>, found: &mut Findings) {
    let automatic = |value: &&str| {
        let plain = without_comments(value);
        let keyword = plain.split(';').next().unwrap_or_default().trim();
        !keyword.eq_ignore_ascii_case("no")
    };
    if let Some(value) = case.message.headers.all("auto-submitted").find(automatic) {
        found.say(Code::AutoSubmitted.with(value));
    }
}

/// Rule 5: reports by their top-level type; one further inside is for the owner to see.
pub fn report(case: &Case<'_>, found: &mut Findings) {
    let media_type = case.message.content.media_type.as_str();
    let top = matches!(
        media_type,
        "multipart/report" | "message/delivery-status" | "message/disposition-notification" | "message/feedback-report"
    );
    if top || media_type.starts_with("message/global-") {
        found.say(Code::Report.with(media_type));
    } else if case.message.content.report_part {
        found.say(Code::ReportInside);
    }
}

/// Rules 6 and 7, over From, Return-Path, Reply-To and Sender. A contact form or an own list writes under
/// such names in its own right: there, only the author counts.
pub fn machine_address(case: &Case<'_>, found: &mut Findings) {
    let named = named_addresses(case);
    if let Some(address) = named.iter().find(|a| is_system(a.local())) {
        found.say(Code::SystemAddress.with(&address.to_string()));
    }
    if let Some(address) = named.iter().find(|a| is_no_reply(a.local())) {
        found.say(Code::NoReply.with(&address.to_string()));
    }
}

fn named_addresses(case: &Case<'_>) -> Vec<EmailAddress> {
    if case.way != Way::Direct {
        return case.author.iter().cloned().collect();
    }
    let message = case.message;
    let mut named: Vec<EmailAddress> = message.from().map(|p| p.address.clone()).into_iter().collect();
    if let ReturnPath::Address(address) = &message.return_path {
        named.push(unwrapped(address));
    }
    named.extend(message.reply_to.iter().chain(&message.sender).map(|p| p.address.clone()));
    named
}

/// Rule 6.
fn is_system(local: &str) -> bool {
    let local = lower(local);
    let exact = [
        "mailer-daemon",
        "mailerdaemon",
        "mailer_daemon",
        "listserv",
        "majordomo",
        "nobody",
        "root",
        "www-data",
        "double-bounce",
        "bounce",
        "bounces",
    ];
    let tagged = ["bounce", "bounces"].iter().filter_map(|word| local.strip_prefix(word));
    exact.contains(&local.as_ref())
        || local.starts_with("owner-")
        || ["-request", "-owner", "-bounces", "-bounce"].iter().any(|end| local.ends_with(end))
        || tagged.into_iter().any(|rest| rest.starts_with(['+', '-', '=']))
}

/// Rule 7.
fn is_no_reply(local: &str) -> bool {
    let local = lower(local);
    let plain = local.split('+').next().unwrap_or_default();
    if ["notification", "notifications", "alert", "alerts", "automailer"].contains(&plain) {
        return true;
    }
    // Words joined by any separator, digits at their ends dropped: `drive-shares-noreply2` is `-drive-shares-noreply-`.
    let mut words = String::from("-");
    for word in local.split(['.', '_', '-', '+', '=']) {
        words.push_str(word.trim_end_matches(|c: char| c.is_ascii_digit()));
        words.push('-');
    }
    [
        "-noreply-",
        "-no-reply-",
        "-noreplies-",
        "-donotreply-",
        "-do-not-reply-",
        "-dontreply-",
        "-nepasrepondre-",
        "-ne-pas-repondre-",
        "-nichtantworten-",
        "-nicht-antworten-",
        "-noresponder-",
        "-no-responder-",
        "-nonrispondere-",
        "-non-rispondere-",
        "-naoresponda-",
        "-nao-responda-",
        "-naoresponder-",
        "-nao-responder-",
    ]
    .iter()
    .any(|phrase| words.contains(phrase))
}

/// Rule 9. A shared inbox of the owner stamps `Precedence: list` once on every mail.
pub fn precedence(case: &Case<'_>, found: &mut Findings) {
    let own = usize::from(matches!(case.way, Way::OwnList(_)));
    let headers = &case.message.headers;
    let marked = |value: &&str| {
        let plain = without_comments(value);
        ["bulk", "list", "junk", "auto_reply", "auto-reply"].iter().any(|word| plain.trim().eq_ignore_ascii_case(word))
    };
    let value = headers.all("precedence").filter(marked).nth(own).or_else(|| headers.all("x-precedence").find(marked));
    if let Some(value) = value {
        found.say(Code::Precedence.with(value));
    }
}

/// Fields that only lists and bulk senders set (RFC 2369, RFC 2919).
const LIST: &[&str] = &[
    "list-id",
    "list-post",
    "list-owner",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-archive",
    "mailing-list",
    "x-mailing-list",
    "x-ml-name",
    "x-beenthere",
    "x-mailman-version",
];

/// Rule 10. Of a shared inbox of the owner, the first occurrence of each field is the inbox's own; another
/// one was there before. The marks of sending services count only with a Return-Path that is not the
/// author's: some services stamp them on personal mail.
pub fn list(case: &Case<'_>, found: &mut Findings) {
    let own = matches!(case.way, Way::OwnList(_));
    let headers = &case.message.headers;
    let field = LIST.iter().copied().find(|name| headers.all(name).nth(usize::from(own)).is_some());
    let campaign = || headers.iter().map(|(name, _)| name).find(|name| name.starts_with("x-campaign"));
    let service = || {
        let aside = matches!(case.envelope, Envelope::Elsewhere(_)) && !own;
        headers.iter().map(|(name, _)| name).find(|name| aside && is_service_mark(name))
    };
    if let Some(name) = field.or_else(campaign).or_else(service) {
        found.say(Code::List.with(name));
    }
}

fn is_service_mark(name: &str) -> bool {
    matches!(name, "feedback-id" | "x-ses-outgoing" | "x-sg-eid") || name.starts_with("x-mailgun-")
}

/// Rule 11: `OOF`, `AutoReply` or `All` anywhere in the list; the other tokens are about reports.
pub fn suppress(case: &Case<'_>, found: &mut Findings) {
    let asks = |value: &&str| {
        value
            .split([',', ';', ' '])
            .any(|token| ["all", "oof", "autoreply"].iter().any(|word| token.trim().eq_ignore_ascii_case(word)))
    };
    if let Some(value) = case.message.headers.all("x-auto-response-suppress").find(asks) {
        found.say(Code::SuppressAsked.with(value));
    }
}

/// Fields that only automatic responders set.
const AUTOMATIC: &[&str] = &[
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoresponse",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-autogenerated",
    "x-auto-generated",
    "autoresponder",
    "x-ms-exchange-inbox-rules-loop",
    "x-ms-exchange-generated-message-source",
    "x-failed-recipients",
    "x-cron-env",
    "x-vacation",
];

/// Rule 12.
pub fn auto_header(case: &Case<'_>, found: &mut Findings) {
    let headers = &case.message.headers;
    let valued = |name: &'static str, fits: fn(&str) -> bool| headers.all(name).any(fits).then_some(name);
    let name = AUTOMATIC.iter().copied().find(|name| headers.has(name));
    let name = name
        .or_else(|| valued("x-fc-machinegenerated", |v| v.trim().eq_ignore_ascii_case("true")))
        .or_else(|| valued("x-post-messageclass", |v| v.trim().split([';', ' ']).next() == Some("9")))
        .or_else(|| valued("delivered-to", |v| v.trim().eq_ignore_ascii_case("autoresponder")))
        .or_else(|| valued("x-mailer", |v| v.trim().to_ascii_lowercase().starts_with("vacation")));
    if let Some(name) = name {
        found.say(Code::AutoHeader.with(name));
    }
}

/// Rule 13: iCloud's vacation reply carries nothing else.
pub fn apple_vacation(case: &Case<'_>, found: &mut Findings) {
    let action = case.message.headers.all("x-apple-action").any(|v| v.trim().eq_ignore_ascii_case("vacation"));
    let id = case.message.message_id.as_ref().and_then(|id| id.as_str().rsplit_once('@')).map(|(local, _)| local);
    if action || id.is_some_and(|local| local.to_ascii_lowercase().ends_with("-vac")) {
        found.say(Code::AppleVacation);
    }
}

/// Rule 14: another program's loop mark. `X-Loop` with an address is what some lists write: no effect.
pub fn loop_mark(case: &Case<'_>, found: &mut Findings) {
    let headers = &case.message.headers;
    let name = ["x-loop", "x-rt-loop-prevention", "x-otrs-loop"].into_iter().find(|name| {
        headers.all(name).any(|value| ["yes", "true"].iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
    });
    let name = name.or_else(|| (headers.has("x-fuseau-id") && !is_ours(case)).then_some("x-fuseau-id"));
    if let Some(name) = name {
        found.say(Code::LoopMark.with(name));
    }
}

/// Rules 14 and 18: a mail of our own that came back.
pub fn own_mark(case: &Case<'_>, found: &mut Findings) {
    if case.message.headers.has("x-fuseau-id") && is_ours(case) {
        found.say(Code::OwnLoop);
    }
}

/// Whether a message with a fuseau mark is our own and not that of somebody else who runs fuseau too, a colleague
/// under the same domain perhaps: the mark begins with the installation that made it. One of our addresses in From
/// says the same, if another installation watches this mailbox or the state directory was made anew.
fn is_ours(case: &Case<'_>) -> bool {
    let marks = || case.message.headers.all("x-fuseau-id").filter_map(|mark| mark.trim().split_once('/'));
    case.past.instance.as_deref().is_some_and(|own| marks().any(|(instance, _)| instance == own))
        || case.message.from().is_some_and(|party| case.policy.is_own(&party.address))
}

/// Rule 18 (RFC 5321 6.3).
pub fn hops(case: &Case<'_>, found: &mut Findings) {
    let hops = case.message.headers.all("received").count();
    if hops > 50 {
        found.say(Code::Hops.with(&format!("{hops} Received fields")));
    }
}

/// A value without RFC 5322 comments.
fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if depth > 0 => {
                chars.next();
            }
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
