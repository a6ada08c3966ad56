//! Other people's mail, pointed at by `FUSEAU_CORPUS` (or found beside the checkout): never in this tree.
//! Prints names of files only, for they hold other people's text.
//!
//! The policy is the most generous one there is: every author is a client, every mail is addressed to us
//! and arrives now. What a mail says about itself is all that keeps the daemon silent.
use chrono::{TimeZone as _, Utc, Weekday};
use fuseau::decide::{self, Policy, Promises, Replies};
use fuseau::mailbox::parse::{Context, parse};
use fuseau::model::identity::EnvelopeSender;
use fuseau::model::{
    AddressPattern, Author, Client, ClientPolicy, Code, EmailAddress, FolderRole, Identity, Incoming, Language, Mode,
    Owner, Past, ReturnPath, SentCopy, Span, Tone, Verdict, WeeklyHours, Zones,
};
use std::path::{Path, PathBuf};

#[test]
fn no_machine_mail_is_acknowledged() {
    let Some(corpus) = corpus() else {
        eprintln!("SKIPPED: no corpus; set FUSEAU_CORPUS=DIR");
        return;
    };
    let mut files = Vec::new();
    collect(&corpus, &mut files);
    assert!(!files.is_empty(), "FUSEAU_CORPUS names an empty folder");
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&corpus).unwrap_or(file).display().to_string();
        let raw = std::fs::read(file).unwrap();
        let judged = std::panic::catch_unwind(|| judge(&raw));
        let Ok(decisions) = judged else {
            wrong.push(format!("{name}: panic"));
            continue;
        };
        for decision in decisions {
            if decision.reasons.is_empty() {
                wrong.push(format!("{name}: no reason"));
            }
            let machine = ["bsd", "dos", "mac", "err"].iter().any(|f| name.contains(&format!("bounces/{f}/")));
            if machine && decision.verdict == Verdict::Acknowledge {
                wrong.push(format!("{name}: acknowledged"));
            }
            let bounce = decision.reasons.iter().any(|reason| reason.code == Code::Report);
            if name.contains("bounces/not/") && bounce {
                wrong.push(format!("{name}: taken for a bounce"));
            }
        }
    }
    println!("{} files", files.len());
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("FUSEAU_CORPUS").map(PathBuf::from);
    named.or_else(|| {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
        beside.is_dir().then_some(beside)
    })
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, into);
        } else if entry.extension().is_some_and(|end| end == "eml") {
            into.push(entry);
        }
    }
}

/// The decision about a mail as it is, and about the same mail if its envelope agreed with its author.
fn judge(raw: &[u8]) -> Vec<decide::Decision> {
    let now = Utc.with_ymd_and_hms(2027, 1, 14, 10, 0, 0).unwrap();
    let context = Context { arrived: now, folder: FolderRole::Inbox, answered_flag: false, size: raw.len() as u64 };
    let mail = parse(raw, &context);
    let policy = generous(&mail);
    let mut all = vec![decide::answer(&mail, "studio", &Past::default(), &policy, now)];
    if let (ReturnPath::Absent | ReturnPath::Unreadable, Some(author)) = (&mail.return_path, mail.from()) {
        let return_path = ReturnPath::Address(author.address.clone());
        let agreed = Incoming { return_path, ..mail.clone() };
        all.push(decide::answer(&agreed, "studio", &Past::default(), &policy, now));
    }
    all
}

fn generous(mail: &Incoming) -> Policy {
    let authors: Vec<&EmailAddress> = match &mail.author {
        Author::One(party) => vec![&party.address],
        Author::Several(all) => all.iter().map(|party| &party.address).collect(),
        Author::None => Vec::new(),
    };
    let zones = Zones::bundled();
    let zone = zones.get("Europe/London").unwrap();
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let hours = WeeklyHours::on(&week, &[Span { open: time(14), close: time(15) }]);
    let client = Client {
        id: "everyone".to_owned(),
        name: "Everyone".to_owned(),
        contacts: authors.iter().map(|address| AddressPattern::Exact((*address).clone())).collect(),
        zone: zone.clone(),
        language: Language::parse("en").unwrap(),
        tone: Tone::Formal,
        hours: None,
        holidays: Vec::new(),
        channels: Vec::new(),
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    };
    let address = EmailAddress::parse("claire@studio.example").unwrap();
    let ours = mail.recipients().find(|to| !authors.contains(to)).cloned();
    let mailbox = Identity {
        name: "studio".to_owned(),
        address: ours.unwrap_or(address),
        aliases: Vec::new(),
        mode: Mode::Send,
        trusted_authserv: Vec::new(),
        provider: None,
        own_lists: Vec::new(),
        team: Vec::new(),
        contact_form_senders: Vec::new(),
        envelope_sender: EnvelopeSender::Account,
        sent_copy: SentCopy::Auto,
    };
    let owner = Owner {
        name: "Claire".to_owned(),
        zone,
        languages: vec![Language::parse("en").unwrap()],
        hours,
        holidays: Vec::new(),
        closures: Vec::new(),
        trips: Vec::new(),
    };
    Policy {
        owner,
        clients: vec![client],
        mailboxes: vec![mailbox],
        replies: Replies { when_in_copy: true, max_recipients: 1_000, ..Replies::default() },
        promises: Promises::default(),
        urgent: Default::default(),
        topics: Vec::new(),
        projects: Vec::new(),
        drafts: Default::default(),
        zones,
    }
}
