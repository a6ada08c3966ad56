//! Runs `mails/NAME.eml` against `mails/NAME.facts` (one oddity each, named by it), hostile mail from
//! generators, and random damage. `UPDATE=1` rewrites the facts: read the diff before you commit it.
use chrono::{TimeZone as _, Utc};
use fuseau::mailbox::parse::{Context, READ_CAP, arrival_guess, parse};
use fuseau::model::{Author, FolderRole, Incoming, Party, ReturnPath};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn context() -> Context {
    let arrived = Utc.with_ymd_and_hms(2027, 1, 14, 10, 2, 0).unwrap();
    Context { arrived, folder: FolderRole::Inbox, answered_flag: false, size: 0 }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails")
}

fn mails() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    all.sort();
    all
}

#[test]
fn every_oddity_has_its_facts() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for mail in mails() {
        let raw = std::fs::read(&mail).unwrap();
        let got = show(&parse(&raw, &context()), arrival_guess(&raw));
        let path = mail.with_extension("facts");
        let want = std::fs::read_to_string(&path).unwrap_or_default();
        if got != want {
            wrong.push(format!("--- {}\n{}", path.display(), first_difference(&want, &got)));
            if update {
                std::fs::write(&path, got).unwrap();
            }
        }
    }
    assert!(mails().len() >= 50);
    assert!(wrong.is_empty() || update, "{}\nUPDATE=1 rewrites the facts", wrong.join("\n"));
}

fn first_difference(want: &str, got: &str) -> String {
    let mut pairs = want.lines().zip(got.lines()).filter(|(a, b)| a != b);
    pairs.next().map_or_else(|| "longer or shorter".to_owned(), |(a, b)| format!("want {a}\n got {b}"))
}

/// A compact rendering: facts with their usual value are left out.
fn show(mail: &Incoming, arrival: Option<fuseau::model::Instant>) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            writeln!(out, "{name}: {value}").unwrap();
        }
    };
    let ids = |ids: &[fuseau::model::MessageId]| match ids {
        [first, .., last] if ids.len() > 10 => format!("{first} … {last} ({})", ids.len()),
        _ => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    let yes = |on: bool| if on { "yes".to_owned() } else { String::new() };
    line("unreadable", yes(mail.unreadable));
    line("key", mail.key.chars().take(12).collect());
    line("message-id", mail.message_id.iter().map(ToString::to_string).collect());
    line("in-reply-to", ids(&mail.in_reply_to));
    line("references", ids(&mail.references));
    line(
        "author",
        match &mail.author {
            Author::None => "none".to_owned(),
            Author::One(party) => format!("one {}", people(std::slice::from_ref(party))),
            Author::Several(all) => format!("several {}", people(all)),
        },
    );
    line("reply-to", people(&mail.reply_to));
    line("sender", mail.sender.iter().map(|party| people(std::slice::from_ref(party))).collect());
    line(
        "return-path",
        match &mail.return_path {
            ReturnPath::Address(address) => address.to_string(),
            other => format!("{other:?}").to_lowercase(),
        },
    );
    line("to", people(&mail.to));
    line("cc", people(&mail.cc));
    line("subject", format!("{:?}", mail.subject));
    line("date", mail.date.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339()));
    line("arrival-guess", arrival.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339()));
    line("fields", mail.headers.iter().map(|(name, _)| name).take(30).collect::<Vec<_>>().join(" "));
    for name in ["authentication-results", "auto-submitted", "precedence", "list-id", "thread-topic"] {
        mail.headers.all(name).for_each(|value| line(name, format!("{value:?}")));
    }
    line("media-type", mail.content.media_type.clone());
    line("calendar", mail.content.calendar_methods.iter().map(|method| format!("{method:?} ")).collect());
    line("attachments", mail.content.attachments.iter().map(|name| format!("{name:?} ")).collect());
    line("encrypted", yes(mail.content.encrypted));
    line("signed", yes(mail.content.signed));
    line("report-part", yes(mail.content.report_part));
    for address in &mail.content.undeliverable {
        line("undeliverable", address.to_string());
    }
    for id in &mail.content.complained_of {
        line("complained-of", id.as_str().to_owned());
    }
    line("truncated", yes(mail.content.truncated));
    line("text-cut", yes(mail.content.text_cut));
    line("parts-left", yes(mail.content.parts_left));
    for text in mail.content.text.lines().take(12) {
        line("|", format!("{text:?}"));
    }
    out
}

fn people(all: &[Party]) -> String {
    let one = |party: &Party| match &party.name {
        Some(name) => format!("{name:?} <{}>", party.address),
        None => party.address.to_string(),
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Nothing that reaches a header, a log line or a terminal may steer it.
fn check_clean(mail: &Incoming) {
    let mut lines: Vec<&str> = vec![mail.subject.as_str(), &mail.content.media_type, &mail.key];
    lines.extend(mail.headers.iter().flat_map(|(name, value)| [name, value]));
    lines.extend(mail.content.attachments.iter().map(|name| name.as_str()));
    lines.extend(mail.content.calendar_methods.iter().map(String::as_str));
    lines.extend(mail.references.iter().chain(&mail.in_reply_to).map(|id| id.as_str()));
    let authors = match &mail.author {
        Author::One(party) => std::slice::from_ref(party),
        Author::Several(all) => all,
        Author::None => &[],
    };
    let parties = authors.iter().chain(&mail.to).chain(&mail.cc).chain(&mail.reply_to).chain(&mail.sender);
    for party in parties {
        lines.extend(party.name.iter().map(|name| name.as_str()));
        lines.extend([party.address.local(), party.address.domain()]);
    }
    for line in lines {
        assert!(!line.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{line:?}");
    }
    let text = &mail.content.text;
    assert!(text.len() <= 64 * 1024);
    assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')));
}

const FROM: &str = "From: anna@acme.example\nTo: claire@studio.example\n";

fn count(times: usize, one: impl Fn(usize) -> String) -> String {
    (0..times).map(one).collect()
}

fn hostile_structures() -> Vec<(&'static str, String)> {
    let multipart = |body: String| format!("{FROM}Content-Type: multipart/mixed; boundary=b\n\n{body}");
    let nested = |depth| {
        FROM.to_owned() + &count(depth, |n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
    };
    let both = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n";
    let unclosed = "--b\nContent-Type: multipart/x; boundary=q\n\n";
    let names = "--b\nContent-Disposition: attachment; filename=\"a\u{202e}b\"\n\n";
    vec![
        ("nested multiparts", nested(40_000)),
        ("nested messages", FROM.to_owned() + &"Content-Type: message/rfc822\n\n".repeat(40_000)),
        ("both", FROM.to_owned() + &both.repeat(9_000)),
        ("empty parts", multipart("--b\n\n".repeat(60_000))),
        ("unclosed multiparts side by side", multipart(unclosed.repeat(6_000))),
        ("lines like delimiters", nested(90) + &"\n--x\n".repeat(40_000)),
        ("calendars", multipart("--b\nContent-Type: text/calendar\n\nMETHOD:\u{1b}X\n".repeat(5_000))),
        ("names", multipart(names.repeat(4_000))),
        ("no line end", "x".repeat(1_000_000)),
        ("carriage returns", format!("{FROM}\n{}", "\r".repeat(1_000_000))),
        ("NUL", "\0".repeat(1_000_000)),
    ]
}

fn hostile_fields() -> Vec<(&'static str, String)> {
    let field = |name: &str, value: String| format!("{FROM}{name}: {value}\n\nx");
    vec![
        ("brackets in From", format!("From: {}\n\nx", "<".repeat(1_000_000))),
        ("brackets in To", field("To", "(".repeat(1_000_000))),
        ("quotes in To", field("To", "\"\\".repeat(100_000))),
        ("addresses", field("To", "a@b.example, ".repeat(20_000))),
        ("groups", field("To", "a:b@c.example;".repeat(18_000))),
        ("From fields", "From: a@b.example\n".repeat(14_000)),
        ("header fields", FROM.to_owned() + &"a:\n".repeat(200_000) + "\nx"),
        ("folds", field("Subject", " a\n".repeat(80_000))),
        ("torn lines", FROM.to_owned() + &"x\nTo: a@b.example\n".repeat(14_000)),
        ("encoded words", field("Subject", "=?utf-8?q?=C3?= ".repeat(16_000))),
        ("encoded words in To", field("To", "=?utf-8?b?w6k=?= ".repeat(16_000))),
        ("half encoded words", field("To", "=?a?q?".repeat(40_000))),
        ("continuations", field("Content-Type", "text/plain".to_owned() + &count(20_000, |n| format!("; n*{n}=x")))),
        ("references", field("References", count(20_000, |n| format!("<{n}@x>")))),
        ("received", FROM.to_owned() + &"Received: from a by b; never\n".repeat(8_000) + "\nx"),
    ]
}

fn hostile_bodies() -> Vec<(&'static str, String)> {
    let html = |body: String| format!("{FROM}Content-Type: text/html\n\n{body}");
    let plain = |field: &str, body: String| format!("{FROM}{field}\n\n{body}");
    vec![
        ("nested divs", html("<div>".repeat(100_000))),
        ("open brackets in HTML", html("<".repeat(1_000_000))),
        ("entities", html("&amp;&#x41;&".repeat(20_000))),
        ("quoted-printable", plain("Content-Transfer-Encoding: quoted-printable", "=".repeat(260_000))),
        ("base64", plain("Content-Transfer-Encoding: base64", "A=".repeat(130_000))),
        ("UTF-7", plain("Content-Type: text/plain; charset=utf-7", "+AD0-".repeat(50_000))),
    ]
}

#[test]
fn hostile_mail_is_read_quickly_on_a_small_stack() {
    for (name, mail) in [hostile_structures(), hostile_fields(), hostile_bodies()].into_iter().flatten() {
        let work = move || {
            #[expect(clippy::disallowed_methods, reason = "measures itself; no fact depends on it")]
            let start = std::time::Instant::now();
            check_clean(&parse(mail.as_bytes(), &context()));
            let _ = arrival_guess(mail.as_bytes());
            start.elapsed()
        };
        let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap();
        let took = thread.join().unwrap_or_else(|_| panic!("{name}: panicked"));
        println!("{took:>10.1?} {name}");
        // A second in a debug build on an idle machine; more is granted to a busy one.
        assert!(took < Duration::from_secs(4), "{name}: {took:?}");
    }
}

#[test]
fn facts_beyond_the_caps() {
    let head = "From: anna@acme.example\nTo: claire@studio.example\n";
    let filler = "X-Filler: 1\n".repeat(3_000);
    let mail = parse(format!("{filler}{head}\nx").as_bytes(), &context());
    assert!(mail.from().is_some(), "the author is found below any number of fields");
    assert_eq!(mail.headers.iter().count(), 1_000);
    assert!(!mail.content.truncated);

    let long = parse(format!("{head}\n{}", "é line\n".repeat(60_000)).as_bytes(), &context());
    assert!(long.content.truncated);
    assert!(long.content.text.len() <= 64 * 1024 && long.content.text.len() > 63 * 1024);
    assert!(long.size > READ_CAP as u64);

    let beginning = parse(format!("{head}\nx").as_bytes(), &Context { size: 5_000_000, ..context() });
    assert!(beginning.content.truncated);
    assert_eq!(beginning.size, 5_000_000);
}

#[test]
fn one_message_has_one_key() {
    let key = |raw: &str| parse(raw.as_bytes(), &context()).key;
    let mail = "From: Anna <anna@acme.example>\nMessage-ID: <1@x>\nSubject: a\n\nx\n";
    assert_eq!(key(mail), key(&mail.replace('\n', "\r\n")));
    assert_eq!(key(mail), key(&format!("Received: by other; now\n{mail}\nfooter of a list")));
    assert_eq!(key(mail), key(&mail.replace("Anna <anna@acme", "A. <ANNA@ACME")));
    assert_ne!(key(mail), key(&mail.replace("anna@", "eve@")), "an id taken over by somebody else");
    let bare = mail.replace("Message-ID: <1@x>\n", "");
    assert_eq!(key(&bare), key(&bare.replace('\n', "\r\n")));
    assert_ne!(key(&bare), key(&bare.replace("x\n", "y\n")));
    assert_ne!(key(&bare), key(mail));
    assert_eq!(key(mail).len(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        check_clean(&parse(&raw, &context()));
        let _ = arrival_guess(&raw);
        fuseau::mailbox::parse::split_mbox(&raw).for_each(|mail| check_clean(&parse(mail, &context())));
    }

    #[test]
    fn random_header_values_are_survived(value in "[ -~\u{0}\r\n\t=?<>@\"(),;:é]{0,200}", which in 0usize..10) {
        let names = ["From", "To", "Subject", "Date", "Message-ID", "References", "Return-Path", "Content-Type",
            "Content-Disposition", "Received"];
        check_clean(&parse(format!("{}: {value}\r\n\r\nx", names[which]).as_bytes(), &context()));
    }

    #[test]
    fn damaged_mails_are_survived(
        which in any::<proptest::sample::Index>(),
        cuts in proptest::collection::vec((any::<proptest::sample::Index>(), 0usize..40, "[\\x00-\\xff=?<>@;:\r\n-]{0,6}"), 1..6),
    ) {
        let all = mails();
        let mut raw = std::fs::read(which.get(&all)).unwrap();
        for (at, length, put) in cuts {
            let from = at.index(raw.len() + 1);
            let to = (from + length).min(raw.len());
            raw.splice(from..to, put.bytes());
        }
        check_clean(&parse(&raw, &context()));
        let _ = arrival_guess(&raw);
    }
}
