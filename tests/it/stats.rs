//! The figures against figures worked out by hand: tests/stats/NAME.txt, whose lines tests/stats/README.md explains; a period from the
//! database is what the whole history says of it; the pictures of the demo.
use crate::support::pages::root;
use crate::support::program::{demo, run};
use chrono::{DateTime, Utc};
use fuseau::config::Settings;
use fuseau::decide::asked::{Mail, asked};
use fuseau::decide::stats::{Entry, Facts, Given, Hand, Period, Stats, stats};
use fuseau::model::{Instant, Promise, PromiseState, Zones};
use serde_json::Value;

#[derive(Default)]
struct Case {
    now: Option<Instant>,
    period: Period,
    client: Option<String>,
    entries: Vec<Entry>,
    promises: Vec<Given>,
    mails: Vec<Mail>,
    wanted: Vec<(String, String)>,
}

fn instant(text: &str) -> Instant {
    text.parse::<DateTime<Utc>>().unwrap_or_else(|_| panic!("{text} is no instant"))
}

impl Case {
    fn line(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap();
        let words: Vec<&str> = rest.split(' ').collect();
        let hand = match word {
            "in" => Hand::Client(true),
            "thanks" => Hand::Client(false),
            "out" => Hand::Owner,
            "auto" => Hand::Machine,
            "now" => {
                self.now = Some(instant(rest));
                return;
            }
            "period" => {
                self.period = Period { since: Some(instant(words[0])), until: Some(instant(words[1])) };
                return;
            }
            "about" => {
                self.client = Some(rest.to_owned());
                return;
            }
            "promise" => return self.promises.push(given(&words)),
            "=" => {
                let (path, value) = rest.split_once(' ').unwrap();
                self.wanted.push((path.to_owned(), value.to_owned()));
                return;
            }
            "ask" => {
                let (subject, text) =
                    words[3..].join(" ").split_once(" | ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
                let (client, conversation) = (words[0].to_owned(), words[1].to_owned());
                let id = format!("ask-{conversation}");
                self.mails.push(Mail { id, at: instant(words[2]), conversation, client, subject, text });
                return;
            }
            other => panic!("{other}: {line}"),
        };
        let of = self.entries.iter().filter(|it| &*it.conversation == words[1] && it.hand == hand).count() + 1;
        self.entries.push(Entry {
            id: format!("{word}-{}-{of}", words[1]).into(),
            at: instant(words[2]),
            conversation: words[1].into(),
            client: Some(words[0].into()),
            hand,
        });
    }
}

fn given(words: &[&str]) -> Given {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).map(instant);
    let states = ["open", "kept", "renewed", "lapsed", "released"];
    let state = words.iter().find(|word| states.contains(word)).unwrap();
    Given {
        promise: Promise {
            id: words[1].to_owned(),
            client: words[0].to_owned(),
            mailbox: "studio".to_owned(),
            conversation: words[1].to_owned(),
            message_id: None,
            subject: fuseau::model::HeaderText::default(),
            state: PromiseState::parse(state).unwrap(),
            by: value("by").unwrap(),
            zone: "UTC".to_owned(),
            made_at: value("asked").unwrap(),
            announced: !words.contains(&"untold"),
            closed_at: value("closed"),
            closed_by: None,
        },
        asked: value("asked").unwrap(),
        renewed_to: value("renewed"),
    }
}

fn counted(case: &Case, settings: &Settings) -> Stats {
    let policy = &settings.policy;
    let facts = Facts {
        entries: &case.entries,
        promises: &case.promises,
        owner: &policy.owner,
        clients: &policy.clients,
        now: case.now.unwrap(),
    };
    let asked = asked(&case.mails, &case.entries, &policy.clients, &policy.topics, &policy.owner.name);
    Stats { asked, ..stats(&facts, case.client.as_deref(), case.period) }
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, step| match step.parse::<usize>() {
        Ok(place) => &value[place],
        Err(_) => &value[step],
    })
}

#[test]
fn figures_are_what_a_person_works_out() {
    let (mut files, mut checked, mut faults) = (0, 0, Vec::new());
    for path in std::fs::read_dir(root().join("tests/stats")).unwrap().map(|it| it.unwrap().path()) {
        if path.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (config, lines) = text.split_once("\n---\n").unwrap();
        let settings =
            fuseau::config::parse(config, &path, &Zones::bundled()).unwrap_or_else(|faults| panic!("{faults}"));
        let mut case = Case::default();
        lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).for_each(|line| case.line(line));
        // The order in which things were recorded counts for nothing.
        let forward = counted(&case, &settings);
        case.entries.reverse();
        case.promises.reverse();
        assert_eq!(counted(&case, &settings), forward, "{}", path.display());
        let value = serde_json::to_value(&forward).unwrap();
        for (wanted, said) in &case.wanted {
            let found = at(&value, wanted);
            let shown = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            if shown != *said {
                faults.push(format!("{}: {wanted} is {shown}, not {said}", path.file_name().unwrap().display()));
            }
            checked += 1;
        }
        files += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(files >= 5 && checked > 60, "{files} files, {checked} figures");
}

/// A path of `fuseau stats --json` as docs/reference/json.md calls it: what comes in many places has one name.
fn documented(path: &str) -> String {
    let path =
        path.strip_prefix("clients.answers.").map(|rest| format!("answers.{rest}")).unwrap_or_else(|| path.to_owned());
    let path = path.strip_prefix("clients.promises.").map(|rest| format!("promises.{rest}")).unwrap_or(path);
    let tally = ["promises.told.", "promises.untold."].iter().find_map(|start| path.strip_prefix(start));
    let path = tally.map(|rest| format!("tally.{rest}")).unwrap_or(path);
    let spreads =
        ["answers.working.", "answers.elapsed.", "tally.early.", "tally.late.", "tally.moved.", "tally.spared."];
    let spread = spreads.iter().find_map(|start| path.strip_prefix(start));
    spread.map(|rest| format!("spread.{rest}")).unwrap_or(path)
}

fn paths(value: &Value, at: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|it| paths(it, at, found)),
        Value::Object(map) => {
            for (key, value) in map {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                paths(value, &path, found);
                found.insert(documented(&path));
            }
        }
        _ => {}
    }
}

#[test]
fn the_reference_names_every_key() {
    let dir = demo();
    let mut found = std::collections::BTreeSet::new();
    paths(&run(dir.path(), &["stats", "--all", "--json"]).json(), "", &mut found);
    // Nobody asks twice in the demo.
    let text = std::fs::read_to_string(root().join("tests/stats/asked.txt")).unwrap();
    let (config, lines) = text.split_once("\n---\n").unwrap();
    let settings = fuseau::config::parse(config, &root().join("asked.toml"), &Zones::bundled()).unwrap();
    let mut case = Case::default();
    lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).for_each(|line| case.line(line));
    paths(&serde_json::to_value(counted(&case, &settings)).unwrap(), "", &mut found);
    let page = std::fs::read_to_string(root().join("docs/reference/json.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("stats\n")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let named: std::collections::BTreeSet<String> =
        rows.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect();
    assert_eq!(named, found);
}

/// Without a word the last twelve months are counted, and that is said.
#[test]
fn the_last_year_unless_something_else_is_asked_for() {
    let dir = demo();
    let now = fuseau::system::Clock::System.now();
    let mail = |id: &str, days: i64| {
        let at = (now - chrono::TimeDelta::days(days)).to_rfc2822();
        format!(
            "From x@y Mon Jan  6 10:00:00 2020\nDate: {at}\nFrom: anna@acme.example\nTo: claire@studio.example\n\
             Message-ID: <{id}@acme.example>\nSubject: Colours\n\nWhich blue is it?\n\n"
        )
    };
    let mails = [mail("new", 363), mail("old", 368), mail("older", 800)].concat();
    std::fs::write(dir.path().join("past.mbox"), mails).unwrap();
    run(dir.path(), &["import", "past.mbox"]).fine();
    let count = |words: &[&str]| run(dir.path(), &[&["stats", "--json"], words].concat()).json();
    for client in [&[][..], &["acme"]] {
        let (all, year) = (count(&[client, &["--all"]].concat()), count(client));
        let (since, until) = (instant(year["since"].as_str().unwrap()), &year["until"]);
        assert!((now - since).num_days().abs_diff(365) <= 1 && until.is_null() && all["since"].is_null(), "{year}");
        let received = |it: &Value| it["received"].as_i64().unwrap();
        // The demo plays in days to come or in the year that is counted, or in neither.
        let lately = count(&[client, &["--since", "2021-01-01", "--until", &since.to_rfc3339()]].concat());
        assert_eq!(received(&lately) + received(&year), received(&all));
        assert!(received(&lately) >= 2 && received(&year) >= 1, "{lately} {year}");
    }
    let said = run(dir.path(), &["stats"]).fine();
    assert!(said.contains("The last 12 months; `--all`"), "{said}");
    for words in [&["stats", "--all"][..], &["stats", "--since", "2020-01-01"], &["stats", "--until", "2040-01-01"]] {
        assert!(!run(dir.path(), words).fine().contains("12 months"), "{words:?}");
    }
    assert_eq!(run(dir.path(), &["stats", "--all", "--since", "2020-01-01"]).code, 64);
    let none = run(dir.path(), &["stats", "--until", "1999-01-01"]).fine();
    assert!(none.contains("Nothing was exchanged with clients in this time."), "{none}");
}

/// What a period costs follows from the period; what it says does not depend on how it was read.
#[test]
fn a_period_says_what_the_whole_history_says_of_it() {
    let dir = demo();
    let settings = fuseau::config::load(&dir.path().join("fuseau.toml"), &Zones::bundled()).unwrap();
    let store = fuseau::store::Store::open_read_only(&dir.path().join("state")).unwrap();
    let policy = &settings.policy;
    let now = instant("2027-02-01T00:00:00Z");
    let (mut periods, mut counted) = (0, 0);
    for since in 0..10 {
        for length in [1, 2, 5] {
            let day = |n: i64| instant("2027-01-08T00:00:00Z") + chrono::TimeDelta::days(n);
            let period = Period { since: Some(day(since)), until: Some(day(since + length)) };
            for client in [None, Some("acme"), Some("keller")] {
                let read = |limits: Period, client: Option<&str>| {
                    let entries = store.read_blocking(|tx| tx.figures(client, limits, &|_, _| true)).unwrap();
                    let promises = store.read_blocking(|tx| tx.promises_given(client, limits)).unwrap();
                    let facts = Facts {
                        entries: &entries,
                        promises: &promises,
                        owner: &policy.owner,
                        clients: &policy.clients,
                        now,
                    };
                    (entries.len(), stats(&facts, client, period))
                };
                let (few, of_period) = read(period, client);
                let (all, of_all) = read(Period::default(), client);
                assert_eq!(of_period, of_all, "{period:?} {client:?}");
                counted += usize::from(few < all);
                periods += usize::from(of_all.received > 0);
            }
        }
    }
    assert!(periods > 5 && counted > 10, "{periods} {counted}");
}

/// The pictures of `fuseau stats`, as they are drawn for the demo. UPDATE=1 writes them: look at them.
#[test]
fn pictures_are_drawn_as_before() {
    let dir = demo();
    let drawn = run(dir.path(), &["stats", "--svg", "-", "--until", "2027-02-01"]).fine();
    let path = root().join("tests/stats/demo.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    assert!(drawn == std::fs::read_to_string(&path).unwrap_or_default(), "UPDATE=1 writes tests/stats/demo.svg");
}
