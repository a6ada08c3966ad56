//! Where clients probably are: `tests/zone_evidence/cases.txt` through the scoring, and `fuseau zones` on an archive and
//! on the history.
use crate::support::program::{demo, run};
use chrono::NaiveDate;
use fuseau::decide::zone_clues::date_offset;
use fuseau::decide::zone_evidence::{Clues, Evidence, Stamp, offset, weigh};
use fuseau::model::Zones;
use std::fmt::Write as _;
use std::path::Path;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("no day: {text}"))
}

fn shown(evidence: &Evidence) -> Vec<String> {
    let zones: Vec<&str> = evidence.proposals.iter().map(|zone| zone.name()).collect();
    let (standing, confidence) = (evidence.standing.as_str(), evidence.confidence.as_str());
    let head = format!("=> {standing} {confidence} {}/{} {}", evidence.fitting, evidence.days, zones.join(" "));
    let mut lines = vec![head.trim_end().to_owned()];
    for away in &evidence.away {
        let like = away.like.as_ref().map_or("-", |zone| zone.name());
        let when = if away.current { "current" } else { "past" };
        let (from, to) = (away.from.date_naive(), away.to.date_naive());
        lines.push(format!("=> away {} {from} {to} {} {like} {when}", away.sender, offset(away.offset)));
    }
    lines.extend(evidence.reasons.iter().map(|reason| format!("=> says {reason}")));
    lines
}

#[test]
fn every_case_is_weighed_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zone_evidence/cases.txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let zones = Zones::bundled();
    let now = "2027-01-14T10:00:00Z".parse().unwrap();
    let (mut fresh, mut wrong, mut cases) = (String::new(), String::new(), 0);
    for block in text.split("\n\n") {
        let kept: Vec<&str> = block.lines().filter(|line| !line.starts_with("=> ")).collect();
        let Some(name) = kept.iter().find_map(|line| line.strip_prefix("case ")) else {
            write!(fresh, "{}\n\n", block.trim_end()).unwrap();
            continue;
        };
        cases += 1;
        let (mut clues, mut configured) = (Clues::default(), zones.utc());
        for line in &kept {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["configured", name] => configured = zones.get(name).unwrap(),
                ["domain", name] => clues.domains.push((*name).to_owned()),
                ["number", digits] => clues.numbers.push((*digits).to_owned()),
                ["mail", sender, span, offset] => {
                    let (from, to) = span.split_once("..").unwrap_or((span, span));
                    for date in day(from).iter_days().take_while(|date| *date <= day(to)) {
                        let at = date.and_hms_opt(12, 0, 0).unwrap().and_utc();
                        let offset = date_offset(&format!("x {offset}"));
                        clues.stamps.push(Stamp { at, offset, sender: (*sender).to_owned() });
                    }
                }
                ["case", ..] => {}
                _ => panic!("{name}: {line}"),
            }
        }
        let found = shown(&weigh(&clues, &configured, &zones, now));
        let expected: Vec<&str> = block.lines().filter(|line| line.starts_with("=> ")).collect();
        if expected != found {
            write!(wrong, "{name}\n  {}\n  -- but --\n  {}\n", expected.join("\n  "), found.join("\n  ")).unwrap();
        }
        write!(fresh, "{}\n{}\n\n", kept.join("\n"), found.join("\n")).unwrap();
    }
    assert!(cases > 20);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{}\n", fresh.trim_end())).unwrap();
    } else {
        assert!(wrong.is_empty(), "{wrong}\n(UPDATE=1 rewrites them)");
    }
}

/// An mbox in which a client of the demo writes from elsewhere; the owner's own number in a quotation is no clue.
#[test]
fn an_archive_is_read_and_nothing_is_changed() {
    let dir = demo();
    let mut mbox = String::new();
    for (n, date) in ["10 Jan", "12 Jan", "14 Jan", "10 Jul", "12 Jul", "14 Jul"].iter().enumerate() {
        let summer = date.ends_with("Jul");
        let offset = if summer { "+0200" } else { "+0100" };
        write!(
            mbox,
            "From x@acme.example Mon Jan 12 10:00:00 2026\nReceived: from a by b; {date} 2026 10:00:00 +0000\n\
             From: Anna <anna@acme.example>\nTo: claire@studio.example\nDate: {date} 2026 11:00:00 {offset}\n\
             Message-ID: <{n}@acme.example>\nSubject: Logo\n\nHello Claire\n\nAnna\nT +49 30 5550100\n\
             WhatsApp +65 5550 0100\n\n"
        )
        .unwrap();
    }
    std::fs::write(dir.path().join("old.mbox"), mbox).unwrap();
    let before = std::fs::read(dir.path().join("fuseau.toml")).unwrap();
    let told = run(dir.path(), &["zones", "acme", "--folder", "old.mbox"]).fine();
    for part in [
        "Asia/Singapore, but it looks like Europe/Berlin (sure)",
        "change in [client.acme]: zone = \"Europe/Berlin\"",
        "+49 (DE)",
        "6 of 6 days fit",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!told.contains("+65"), "the owner's own number is no clue\n{told}");
    let facts = run(dir.path(), &["zones", "--folder", "old.mbox", "--json"]).json();
    let list = facts.as_array().unwrap();
    assert_eq!(list.len(), 5, "every client: {facts}");
    let acme = list.iter().find(|it| it["client"] == "acme").unwrap();
    assert_eq!(acme["change"], "zone = \"Europe/Berlin\"");
    assert_eq!(acme["standing"], "differs");
    assert_eq!(std::fs::read(dir.path().join("fuseau.toml")).unwrap(), before, "nothing is applied");
}

#[test]
fn the_history_is_read() {
    let dir = demo();
    let facts = run(dir.path(), &["zones", "keller", "--json"]).json();
    let keller = &facts.as_array().unwrap()[0];
    assert_eq!(keller["configured"], "Europe/Zurich");
    assert_eq!((&keller["mails"], &keller["days"]), (&1.into(), &1.into()), "of each sender one mail a day: {facts}");
    run(dir.path(), &["zones", "nobody"]).failed(64);
    run(dir.path(), &["zones", "--folder", "no-such-folder"]).failed(1);
}
