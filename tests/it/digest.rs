//! The digest as its owner reads it: facts in tests/digest/*.toml, golden mails in the folders beside them.
use chrono::{DateTime, Utc};
use fuseau::compose::Composer;
use fuseau::config;
use fuseau::decide::digest::{Digest, DigestFacts, Event, Fate, OurMail, Promised, Unanswered, digest};
use fuseau::decide::{DigestTimes, Policy, digest as rules};
use fuseau::model::{Code, HeaderText, Notice, NoticeCode, Promise, PromiseState, Verdict, Zones};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

type Instant = DateTime<Utc>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/digest")
}

fn policy(language: &str) -> Policy {
    let path = root().join("fuseau.toml");
    let text = fs::read_to_string(&path).unwrap().replace("[\"en\"]", &format!("[\"{language}\"]"));
    config::parse(&text, &path, &Zones::bundled()).unwrap().policy
}

fn at(text: &str) -> Instant {
    text.parse().unwrap_or_else(|_| panic!("{text} is no instant"))
}

fn text(table: &Table, key: &str) -> Option<String> {
    Some(table.get(key)?.as_str().unwrap_or_else(|| panic!("{key} is no text")).to_owned())
}

fn moment(table: &Table, key: &str) -> Option<Instant> {
    text(table, key).map(|text| at(&text))
}

/// The entries of a list, each as often as `repeat` says.
fn entries<'a>(case: &'a Table, key: &str) -> Vec<&'a Table> {
    let list = case.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let tables = list.iter().map(|it| it.as_table().unwrap());
    let often = |it: &Table| usize::try_from(it.get("repeat").and_then(Value::as_integer).unwrap_or(1)).unwrap();
    tables.flat_map(|it| std::iter::repeat_n(it, often(it))).collect()
}

fn promised(it: &Table) -> Promised {
    let state = text(it, "state").map_or(PromiseState::Open, |word| PromiseState::parse(&word).unwrap());
    Promised {
        promise: Promise {
            id: "p".into(),
            client: text(it, "client").unwrap(),
            mailbox: "studio".into(),
            conversation: "c".into(),
            message_id: text(it, "message_id"),
            subject: HeaderText::new(&text(it, "subject").unwrap()),
            state,
            by: moment(it, "by").unwrap(),
            zone: policy("en").client(&text(it, "client").unwrap()).unwrap().zone.name().into(),
            made_at: moment(it, "arrived").unwrap(),
            announced: it.get("announced").is_none_or(|it| it.as_bool().unwrap()),
            closed_at: None,
            closed_by: text(it, "closed_by"),
        },
        from: text(it, "from"),
        arrived: moment(it, "arrived"),
        exchange: text(it, "exchange"),
    }
}

fn unanswered(it: &Table) -> Unanswered {
    let codes = it.get("reasons").and_then(Value::as_array).unwrap();
    Unanswered {
        exchange: "e".into(),
        message_id: text(it, "message_id"),
        from: text(it, "from"),
        client: text(it, "client"),
        subject: text(it, "subject").unwrap(),
        arrived: moment(it, "arrived").unwrap(),
        verdict: Verdict::parse(&text(it, "verdict").unwrap()).unwrap(),
        reasons: codes.iter().map(|code| Code::parse(code.as_str().unwrap()).unwrap().into()).collect(),
    }
}

fn mail(it: &Table) -> OurMail {
    let fates = [Fate::Sent, Fate::Observed, Fate::Drafted, Fate::Failed, Fate::Unknown];
    let word = text(it, "fate").unwrap();
    OurMail {
        exchange: text(it, "exchange").unwrap_or_else(|| "e".to_owned()),
        message_id: text(it, "message_id").unwrap(),
        kind: text(it, "kind").unwrap(),
        client: text(it, "client"),
        to: text(it, "to").unwrap(),
        subject: text(it, "subject").unwrap(),
        fate: fates.into_iter().find(|fate| fate.as_str() == word).unwrap(),
        at: moment(it, "at").unwrap(),
        by: moment(it, "by"),
        why: text(it, "why"),
    }
}

fn event(it: &Table) -> Event {
    let values = it.get("values").and_then(Value::as_table).into_iter().flatten();
    let values: BTreeMap<String, String> =
        values.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
    Event {
        notice: Notice {
            seq: 1,
            code: NoticeCode::parse(&text(it, "code").unwrap()).unwrap(),
            mailbox: text(it, "mailbox"),
            client: text(it, "client"),
            exchange: text(it, "exchange"),
            values,
            at: moment(it, "at").unwrap(),
        },
        subject: text(it, "subject"),
        from: text(it, "from"),
        message_id: text(it, "message_id"),
    }
}

fn facts(case: &Table) -> DigestFacts {
    let rest = |it: &Table| rules::Rest {
        mailbox: text(it, "mailbox"),
        until: moment(it, "until").unwrap(),
        code: text(it, "code").unwrap(),
    };
    DigestFacts {
        since: moment(case, "since"),
        open: entries(case, "open").into_iter().map(promised).collect(),
        ended: entries(case, "ended").into_iter().map(promised).collect(),
        unanswered: entries(case, "unanswered").into_iter().map(unanswered).collect(),
        mails: entries(case, "mail").into_iter().map(mail).collect(),
        events: entries(case, "event").into_iter().map(event).collect(),
        rests: entries(case, "rest").into_iter().map(rest).collect(),
    }
}

fn read(case: &str) -> Table {
    fs::read_to_string(root().join(case).with_extension("toml")).unwrap().parse().unwrap()
}

fn arranged(case: &str) -> Digest {
    let case = read(case);
    digest(&facts(&case), &policy("en"), moment(&case, "now").unwrap())
}

#[test]
fn digests_read_as_written() {
    let composer = Composer::built_in().unwrap();
    let update = std::env::var_os("UPDATE").is_some();
    let (mut faults, mut wanted, mut cases) = (Vec::new(), BTreeSet::new(), 0);
    for file in fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if file.extension().is_none_or(|it| it != "toml") || name == "fuseau" {
            continue;
        }
        cases += 1;
        let case = read(&name);
        let now = moment(&case, "now").unwrap();
        let empty = case.get("empty").is_some();
        for language in case["languages"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()) {
            let policy = policy(language);
            let digest = digest(&facts(&case), &policy, now);
            assert_eq!(digest.is_empty(), empty, "{name}");
            if empty {
                continue;
            }
            let letter = composer.digest(&digest, &policy).unwrap();
            let html = letter.html.clone().unwrap();
            harmless(&format!("{name}, {language}"), &letter.text, &html);
            let plain = format!("Subject: {}\n\n{}", letter.subject, letter.text);
            for (ending, mail) in [("txt", plain), ("html", html)] {
                // One language shows what all pages look like, the other one their mirror image.
                if ending == "html" && !["en", "ar"].contains(&language) {
                    continue;
                }
                let path = root().join(&name).join(format!("{language}.{ending}"));
                if fs::read_to_string(&path).ok().as_deref() != Some(mail.as_str()) {
                    faults.push(path.display().to_string());
                    if update {
                        fs::create_dir_all(path.parent().unwrap()).unwrap();
                        fs::write(&path, mail).unwrap();
                    }
                }
                wanted.insert(path);
            }
        }
    }
    assert!(cases >= 7, "only {cases} cases");
    for folder in fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if !wanted.contains(&file) {
                faults.push(format!("{} belongs to no case", file.display()));
            }
        }
    }
    assert!(update || faults.is_empty(), "differ (UPDATE=1 rewrites them):\n{}", faults.join("\n"));
}

/// Whatever clients wrote: no markup but the layout's, nothing that a terminal obeys, no foreign resource, balanced isolates.
fn harmless(case: &str, text: &str, html: &str) {
    for face in [text, html] {
        let bad = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}' | '\u{2067}' | '\u{200E}' | '\u{200F}')
        };
        assert!(!face.contains(bad), "{case}: {:?}", face.chars().find(|c| bad(*c)));
        for line in face.lines() {
            let (open, close) = (line.matches('\u{2068}').count(), line.matches('\u{2069}').count());
            assert_eq!(open, close, "{case}: {line}");
        }
        assert!(!face.contains("{{") || case.starts_with("hostile"), "{case}");
    }
    assert!(html.len() < 100 * 1024, "{case}: {}", html.len());
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains("<b>") && !html.contains("<u>"),
        "{case}"
    );
    assert_eq!(html.matches("<style").count(), 1, "{case}");
    for tag in ["table", "tr", "td", "div", "span", "bdi", "a", "p", "h1", "h2"] {
        let opened = html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{case}: {tag}");
    }
    // Nothing is fetched, and links lead to messages only.
    for part in html.split("href=\"").skip(1) {
        assert!(part.starts_with("mid:"), "{case}: {}", part.lines().next().unwrap());
    }
    for foreign in ["src=", "url(", "@import", "http:", "https:"] {
        let shown = html.matches(foreign).count();
        assert_eq!(shown, if case.starts_with("hostile") && foreign == "src=" { 1 } else { 0 }, "{case}: {foreign}");
    }
}

#[test]
fn the_first_thing_is_what_ends_first() {
    let digest = arranged("many");
    let parts: Vec<&str> = digest.sections.iter().map(|section| section.part.as_str()).collect();
    assert_eq!(parts, ["attention", "promises", "days", "unanswered", "drafts", "sent", "news"]);
    let names = |part: usize| -> Vec<&str> {
        digest.sections[part]
            .items
            .iter()
            .map(|item| match item {
                rules::Item::Open(it, _) => it.promise.client.as_str(),
                rules::Item::Day(it) => it.client.as_str(),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(names(1), ["acme", "keller", "brooklyn"]);
    // In Singapore it is 17:00, in Zurich 10:00, in New York 4:00, in Tokyo their day is over.
    assert_eq!(names(2), ["acme", "keller", "brooklyn", "hanabi"]);
    assert_eq!((digest.promises, digest.ignored), (3, 7));
}

#[test]
fn what_is_not_shown_is_counted() {
    let digest = arranged("crowd");
    for section in digest.sections.iter().filter(|section| section.more > 0) {
        let all = if section.part.as_str() == "attention" || section.part.as_str() == "sent" { 60 } else { 40 };
        assert_eq!(section.items.len() + section.more, all, "{:?}", section.part);
    }
    assert_eq!(digest.sections.iter().filter(|section| section.more > 0).count(), 4);
}

#[test]
fn a_digest_comes_at_the_opening_of_each_window_and_at_no_other_time() {
    let owner = policy("en").owner;
    let times = |list: &[&str]| DigestTimes::At(list.iter().map(|it| it.parse().unwrap()).collect());
    let fixed = times(&["08:00:00", "18:00:00"]);
    // now; the occasion that lasts; the next one
    for (choice, now, lasts, next) in [
        (&DigestTimes::Window, "2027-01-11T08:59:59Z", "", "2027-01-11T09:00:00Z"),
        (&DigestTimes::Window, "2027-01-11T09:00:00Z", "2027-01-11T09:00:00Z", "2027-01-11T11:30:00Z"),
        (&DigestTimes::Window, "2027-01-11T09:29:59Z", "2027-01-11T09:00:00Z", "2027-01-11T11:30:00Z"),
        (&DigestTimes::Window, "2027-01-11T09:30:00Z", "", "2027-01-11T11:30:00Z"),
        // Over the weekend, and over a closure with the Easter holiday behind it.
        (&DigestTimes::Window, "2027-01-15T17:00:00Z", "", "2027-01-18T09:00:00Z"),
        (&DigestTimes::Window, "2027-04-01T08:10:00Z", "", "2027-04-05T08:00:00Z"),
        // On the trip the windows are Tokyo's.
        (&DigestTimes::Window, "2027-05-03T00:10:00Z", "2027-05-03T00:00:00Z", "2027-05-03T02:30:00Z"),
        (&fixed, "2027-01-11T07:59:59Z", "", "2027-01-11T08:00:00Z"),
        (&fixed, "2027-01-11T08:00:00Z", "2027-01-11T08:00:00Z", "2027-01-11T18:00:00Z"),
        (&fixed, "2027-01-11T09:59:59Z", "2027-01-11T08:00:00Z", "2027-01-11T18:00:00Z"),
        (&fixed, "2027-01-11T10:00:00Z", "", "2027-01-11T18:00:00Z"),
        (&fixed, "2027-01-15T18:30:00Z", "2027-01-15T18:00:00Z", "2027-01-18T08:00:00Z"),
        (&fixed, "2027-04-01T07:30:00Z", "", "2027-04-05T07:00:00Z"),
        (&fixed, "2027-05-02T23:00:00Z", "2027-05-02T23:00:00Z", "2027-05-03T09:00:00Z"),
        (&DigestTimes::Off, "2027-01-11T09:00:00Z", "", ""),
    ] {
        let show = |at: Option<Instant>| at.map(|at| at.format("%FT%TZ").to_string()).unwrap_or_default();
        let slot = rules::slot(&owner, choice, at(now)).map(|slot| slot.start);
        let upcoming = rules::next_slot(&owner, choice, at(now));
        assert_eq!((show(slot).as_str(), show(upcoming).as_str()), (lasts, next), "{choice:?} at {now}");
    }
}

#[test]
fn the_guide_shows_what_is_written() {
    let page = fs::read_to_string(root().join("../../docs/guide/day-to-day.md")).unwrap();
    let mail = fs::read_to_string(root().join("one/en.txt")).unwrap();
    assert!(
        page.contains(&format!("```text\n{}\n```", mail.trim_end())),
        "docs/guide/day-to-day.md lacks tests/digest/one/en.txt as written"
    );
}

#[test]
fn single_words_can_be_replaced() {
    let with = |name: &str, text: &str| Composer::with(&[(name.to_owned(), text.to_owned())]);
    let letter = |composer: &Composer| composer.digest(&arranged("one"), &policy("en")).unwrap();
    let composer = with("en/digest-words.txt", "# mine\n\npromise.untold = x\nleft = {{ left }} to go\n").unwrap();
    assert!(letter(&composer).text.contains("[17 h to go]"), "{}", letter(&composer).text);
    assert!(letter(&composer).text.contains("Your clients' day"));
    let composer =
        with("en/digest.txt", "Subject: Mine\n\n{% for part in parts %}{{ part.kind }} {% endfor %}").unwrap();
    assert_eq!((letter(&composer).subject.as_str(), letter(&composer).text.as_str()), ("Mine", "promises days\n"));
    // What cannot work is named with its line.
    for (text, line, message) in [
        ("left = ok\nrigth = {{ left }}\n", 2, "there is no key rigth"),
        ("left\n", 1, "is no line such as"),
        ("\n\nleft = {{ left\n", 3, ""),
    ] {
        let fault = with("en/digest-words.txt", text).unwrap_err();
        assert_eq!((fault.template.as_str(), fault.line), ("en/digest-words.txt", Some(line)), "{fault}");
        assert!(fault.message.contains(message), "{fault}");
    }
    let faults = with("en/digest-words.txt", "left = {{ lef }}").unwrap().check();
    assert!(faults.len() == 1 && faults[0].to_string().contains("lef"), "{faults:?}");
}
