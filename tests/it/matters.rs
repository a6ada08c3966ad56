//! What mail is about and whether it says that it is urgent: `tests/topics`, `tests/urgent`; when the owner is alerted.
use fuseau::config;
use fuseau::decide::{self, Policy};
use fuseau::mailbox::parse;
use fuseau::model::{FolderRole, Incoming, Instant, Past, Zones};
use std::path::Path;

const CONFIG: &str = r#"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[mailbox.studio]
address = "claire@studio.example"
aliases = ["billing@studio.example", "press@studio.example"]
maildir = "/"
team = ["paul@studio.example"]
trusted_authserv = ["mx.studio.example"]
[client.acme]
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
policy = "first"
[client.calm]
contacts = ["@calm.example"]
zone = "Asia/Singapore"
[client.strict]
contacts = ["@strict.example"]
zone = "Asia/Singapore"
policy = "firm"
[urgent]
words = ["shop is down"]
hook = ["true"]
[[topic]]
name = "invoices"
words = ["invoice*", "payment reminder", "facture*", "請求書"]
addresses = ["billing@studio.example"]
contact = "Paul Baker"
channel = "paul@studio.example"
copy = "paul@studio.example"
[[topic]]
name = "hosting"
words = ["server", "domain name", "hosting"]
addresses = ["ops@acme.example"]
answer = { en = "The status page tells.", fr = "La page d'état le dit." }
[[topic]]
name = "press"
words = ["photo*", "press kit"]
addresses = ["press@studio.example"]
contact = "Paul Baker"
"#;

fn policy() -> Policy {
    config::parse(CONFIG, Path::new("/nowhere/fuseau.toml"), &Zones::bundled()).unwrap().policy
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A mail as it would be fetched; `more` are further header lines.
fn mail(from: &str, to: &str, subject: &str, text: &str, more: &str) -> Incoming {
    let domain = from.split_once('@').unwrap().1;
    let raw = format!(
        "Return-Path: <{from}>\r\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\r\n{more}\
         From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <1@{domain}>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        text.replace("\\n", "\r\n")
    );
    let arrived = at("2027-01-14T10:02:00Z");
    let context = parse::Context { arrived, folder: FolderRole::Inbox, answered_flag: false, size: raw.len() as u64 };
    parse::parse(raw.as_bytes(), &context)
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)).unwrap();
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn urgent_words() {
    let policy = policy();
    let rows = rows("urgent/words.txt");
    assert!(rows.len() > 30);
    let mut wrong = Vec::new();
    for row in &rows {
        let [want, subject, text] = row.as_slice() else { panic!("{row:?}") };
        let found =
            decide::urgent(&mail("anna@acme.example", "claire@studio.example", subject, text, ""), &policy.urgent);
        if found.is_some() != (want == "yes") {
            wrong.push(format!("{row:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn topics() {
    let policy = policy();
    let rows = rows("topics/matches.txt");
    assert!(rows.len() > 20);
    let mut wrong = Vec::new();
    for row in &rows {
        let [want, from, to, subject, text] = row.as_slice() else { panic!("{row:?}") };
        let found = mail(from, to, subject, text, "");
        let said = decide::topics(&found, "studio", &policy).map_or("-".to_owned(), |topics| {
            let points: u32 =
                topics.best.evidence.iter().map(|it| it.chars().rev().nth(1).unwrap().to_digit(10).unwrap()).sum();
            assert_eq!(points, topics.best.score, "the evidence explains the score");
            let sure = if topics.sure { "sure" } else { "unsure" };
            format!("{} {} {sure}", topics.best.topic.name, topics.best.score)
        });
        if said != *want {
            wrong.push(format!("{row:?}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who is vouched for may ring; who is not, what is old and what machines say may not.
#[test]
fn alerts() {
    let policy = policy();
    let now = at("2027-01-14T10:03:00Z");
    let alert = |message: &Incoming, past: &Past| {
        let decision = decide::answer(message, "studio", past, &policy, now);
        (decision.verdict.as_str(), decide::alert(message, &decision, &policy).is_some())
    };
    let (claire, none) = ("claire@studio.example", Past::default());
    let urgent = |from: &str, more: &str| mail(from, claire, "URGENT", "Please call me about the order.", more);
    assert_eq!(alert(&urgent("anna@acme.example", ""), &none), ("acknowledge", true));
    assert_eq!(alert(&urgent("anna@calm.example", ""), &none), ("acknowledge", false));
    assert_eq!(alert(&urgent("anna@strict.example", ""), &none), ("acknowledge", false));
    assert!(!alert(&urgent("eve@evil.example", ""), &none).1);
    let calm = mail("anna@acme.example", claire, "Logo", "Hello, about the logo.", "X-Priority: 1 (Highest)\r\n");
    assert_eq!(alert(&calm, &none), ("acknowledge", true), "a flag is enough");
    // Covered by an open promise: still urgent.
    let later = at("2027-01-14T17:00:00Z");
    let covered = Past { open_promise_by: Some(later), automatic_since_owner: true, ..Past::default() };
    assert_eq!(alert(&urgent("anna@acme.example", ""), &covered), ("wait", true));
    // A promise cannot be made, but the owner is told.
    let bounced = Past { bounced_at: Some(now), ..Past::default() };
    assert_eq!(alert(&urgent("anna@acme.example", ""), &bounced), ("hold", true));
    for past in [
        Past { duplicate_of: Some("x".into()), ..Past::default() },
        Past { rescan: true, ..Past::default() },
        Past { answered: true, ..Past::default() },
    ] {
        assert!(!alert(&urgent("anna@acme.example", ""), &past).1, "{past:?}");
    }
    // Machines, lists, forgeries, and mail that went elsewhere.
    for more in ["Auto-Submitted: auto-generated\r\n", "List-Id: <x.acme.example>\r\n", "Precedence: bulk\r\n"] {
        assert!(!alert(&urgent("anna@acme.example", more), &none).1, "{more}");
    }
    let mut forged = urgent("anna@acme.example", "");
    forged.headers = fuseau::model::Headers::default();
    forged.headers.push("authentication-results", "mx.studio.example; dmarc=fail header.from=acme.example".into());
    assert_eq!(alert(&forged, &none), ("ignore", false));
    let elsewhere = mail("anna@acme.example", "bob@acme.example", "URGENT", "Please call me.", "");
    assert!(!alert(&elsewhere, &none).1);
}

/// Of encrypted mail nothing is hinted at but what its addresses say.
#[test]
fn encrypted_mail_has_no_words() {
    let policy = policy();
    let mut sealed = mail("anna@acme.example", "billing@studio.example", "invoice", "invoice, urgent", "");
    sealed.content.encrypted = true;
    let topics = decide::topics(&sealed, "studio", &policy).unwrap();
    assert_eq!((topics.best.score, topics.best.evidence), (4, vec!["to billing@studio.example (4)".to_owned()]));
    sealed.subject = "x".into();
    assert_eq!(decide::urgent(&sealed, &policy.urgent), None);
}

/// A hostile mail costs no more than its length.
#[test]
fn a_long_hostile_text_is_looked_through_quickly() {
    let policy = policy();
    let text = "not urgent ".repeat(5800);
    let message = mail("anna@acme.example", "claire@studio.example", "x", &text, "");
    assert_eq!(decide::urgent(&message, &policy.urgent), None);
    let text = "payment ".repeat(8000);
    let message = mail("anna@acme.example", "claire@studio.example", "x", &text, "");
    assert_eq!(decide::topics(&message, "studio", &policy), None);
}

/// The example of the guide does what the guide says.
#[test]
fn the_topic_of_the_guide_works() {
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/agency.md")).unwrap();
    let block =
        guide.split("```toml\n").map(|part| part.split("```").next().unwrap()).find(|part| part.contains("[[topic]]"));
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("Mail")).unwrap();
    let file = dir.path().join("fuseau.toml");
    let whole = format!(
        "{}\n[me]\nname = \"Claire Martin\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\nmon-fri = [\"09:00-09:30\"]\n\
         [client.acme]\ncontacts = [\"@acme.example\"]\nzone = \"Asia/Singapore\"\n",
        block.unwrap()
    );
    std::fs::write(&file, whole).unwrap();
    fuseau::system::state::make_private(&file).unwrap();
    let mail_of_acme = "From: anna@acme.example\nTo: claire@studio.example\nReturn-Path: <anna@acme.example>\nSubject: Your invoices\n\n\
                        They are urgent for us.\n";
    let told = crate::support::program::run_with(dir.path(), &["explain", "-"], mail_of_acme.as_bytes()).fine();
    for part in [
        "topic     invoices, score 3, sure: subject \"invoice*\" (3)",
        "urgent    text: \"urgent\"; policy normal: nothing follows",
        "Paul Baker can also help you with this: paul@studio.example.",
        "Invoices are payable within 30 days.",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
