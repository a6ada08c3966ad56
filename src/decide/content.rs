//! What the mail holds (rules 39 to 41, 43, 45, 46). Thank-yous: thanks.rs; what is new in a text:
//! own_words.rs. Attachments are judged by name, never opened.
use super::case::{Case, Findings};
use crate::model::Code;

/// Names that a double click runs.
const EXECUTABLE: &[&str] = &[
    "exe", "scr", "com", "bat", "cmd", "pif", "js", "jse", "vbs", "vbe", "wsf", "wsh", "hta", "msi", "msp", "jar",
    "lnk", "ps1", "psm1", "iso", "img", "vhd", "vhdx", "reg", "cpl", "dll", "scf", "chm", "appx", "msix", "xll",
];

/// Rules 40 and 41 (RFC 5546): answers are made by the calendar program, requests await the owner's own.
pub fn calendar(case: &Case<'_>, found: &mut Findings) {
    let methods = &case.message.content.calendar_methods;
    let answers = ["REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "CANCEL"];
    let answer = methods.iter().find(|method| answers.contains(&method.as_str()));
    match (answer, methods.first()) {
        (Some(method), _) => found.say(Code::CalendarAnswer.with(method)),
        (None, Some(method)) if method.is_empty() => found.say(Code::Invitation),
        (None, Some(method)) => found.say(Code::Invitation.with(method)),
        (None, None) => {}
    }
}

/// Rule 39, the first half.
pub fn executable(case: &Case<'_>, found: &mut Findings) {
    let runs = |name: &&str| {
        let name = name.trim_end_matches(['.', ' ']);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        EXECUTABLE.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    if let Some(name) = case.message.content.attachments.iter().map(|name| name.as_str()).find(runs) {
        found.say(Code::Executable.with(name));
    }
}

/// Rule 43: nothing but quotation and signature. Where something is attached, that is the message.
pub fn empty(case: &Case<'_>, found: &mut Findings) {
    let content = &case.message.content;
    let holds_more = !content.attachments.is_empty() || !content.calendar_methods.is_empty() || content.encrypted;
    // What was not looked at is not known to be nothing.
    let holds_more = holds_more || content.parts_left;
    if case.words.is_empty() && !holds_more {
        found.say(Code::Empty);
    }
}

/// Rule 45: what is not read whole awaits the owner.
pub fn too_large(case: &Case<'_>, found: &mut Findings) {
    if case.message.content.truncated {
        found.say(Code::TooLarge.with(&format!("{} octets", case.message.size)));
    }
    if case.message.content.parts_left {
        found.say(Code::TooManyParts);
    }
}

/// Rules 39 and 46: may be answered, but nothing of it is repeated.
pub fn encrypted(case: &Case<'_>, found: &mut Findings) {
    if case.message.content.encrypted {
        found.say(Code::Encrypted);
    }
}
