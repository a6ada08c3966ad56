//! The gate: the cases of tests/gate/*.txt. The syntax is described in tests/gate/README.md.
use chrono::{DateTime, NaiveTime, TimeDelta, Weekday};
use fuseau::decide::gate::{Due, Fresh, Gate, Kind, Mail, gate};
use fuseau::decide::{Check, Late, Outcome, PauseScope, Policy, Promises, Replies, Why};
use fuseau::model::{
    Client, ClientPolicy, Closure, Instant, Language, Mode, Owner, Span, Tone, WeeklyHours, Zone, Zones,
};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{fs, path::Path};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate");
    let update = std::env::var_os("UPDATE").is_some();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    let (mut checked, mut faults) = (0, String::new());
    let (mut decided, mut passed, mut words) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for path in files {
        let (mut table, mut fresh) = (Table::new("UTC"), String::new());
        for (n, whole) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let (line, remark) = whole.split_once('#').map_or((whole, None), |(line, rest)| (line, Some(rest)));
            let place = format!("{}:{}", path.file_name().unwrap().display(), n + 1);
            let Some((question, expected)) = line.split_once("->") else {
                if !line.trim().is_empty() {
                    table.tell(line.trim(), &place);
                }
                fresh += &format!("{whole}\n");
                continue;
            };
            checked += 1;
            let words_of: Vec<&str> = question.split_whitespace().collect();
            let said = table.ask(&words_of, &place);
            decided.extend(said.decisive().map(|(check, _)| check));
            passed.extend(said.checks.iter().filter(|(_, outcome)| *outcome == Outcome::Pass).map(|(check, _)| *check));
            if let Due::Drop(why) = said.verdict {
                words.insert(why);
            }
            let answer = show(&said);
            if answer != expected.trim() {
                let _ = writeln!(faults, "{place}: {question}\n  expected {}\n  but was  {answer}", expected.trim());
            }
            let remark = remark.map(|remark| format!("     #{remark}")).unwrap_or_default();
            fresh += &format!("{} -> {answer}{remark}\n", question.trim_end());
        }
        if update {
            fs::write(&path, fresh).unwrap();
        }
    }
    assert!(update || faults.is_empty(), "\n{faults}");
    assert!(checked >= 90, "only {checked} cases were found");
    for check in Check::ALL {
        assert!(decided.contains(&check), "no case in which {check:?} decides");
        assert!(passed.contains(&check), "no case in which {check:?} passes");
    }
    // Made by the daemon, not by a look.
    let untried: Vec<Why> = Why::ALL.into_iter().filter(|why| *why != Why::Regrouped && !words.contains(why)).collect();
    assert!(untried.is_empty(), "no case ends with {untried:?}");
}

#[test]
fn words_are_stable_and_read_back() {
    for check in Check::ALL {
        assert_eq!(Check::parse(check.as_str()), Some(check));
        assert!(!check.text().is_empty());
    }
    for why in Why::ALL {
        assert_eq!(Why::parse(why.as_str()), Some(why));
        assert!(!why.text().is_empty());
    }
    let words: BTreeSet<&str> = Check::ALL.iter().map(|check| check.as_str()).collect();
    assert_eq!(words.len(), Check::ALL.len());
}

fn show(gate: &Gate) -> String {
    let mut answer = match gate.verdict {
        Due::Send => "send".to_owned(),
        Due::Renew => "renew".to_owned(),
        Due::Later(at) => format!("later {}", at.format("%a %Y-%m-%dT%H:%MZ")),
        Due::Drop(why) => format!("drop {}", why.as_str()),
    };
    for (check, _) in gate.decisive() {
        let _ = write!(answer, " {}", check.as_str());
    }
    for check in gate.waived() {
        let _ = write!(answer, " [{}]", check.as_str());
    }
    answer
}

struct Table {
    policy: Policy,
    client: Client,
    mail: Mail,
}

impl Table {
    fn new(home: &str) -> Self {
        let owner = Owner {
            name: "Claire Martin".into(),
            zone: zone(home),
            languages: vec![],
            hours: WeeklyHours::default(),
            holidays: vec![],
            closures: vec![],
            trips: vec![],
        };
        let policy = Policy {
            urgent: Default::default(),
            topics: Vec::new(),
            projects: Vec::new(),
            drafts: Default::default(),
            owner,
            clients: Vec::new(),
            mailboxes: Vec::new(),
            replies: Replies::default(),
            promises: Promises::default(),
            zones: Zones::bundled(),
        };
        Self { policy, client: somebody("UTC"), mail: mail(&["other", "at=00:00"], "") }
    }

    fn tell(&mut self, line: &str, place: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        match word {
            "home" => *self = Self::new(rest),
            "hours" => set_hours(&mut self.policy.owner.hours, &words),
            "closed" => {
                let (from, to) = words[0].split_once("..").unwrap_or((words[0], words[0]));
                let closure = Closure { from: from.parse().unwrap(), to: to.parse().unwrap(), note: None };
                self.policy.owner.closures.push(closure);
            }
            "client" => self.client = somebody(rest),
            "works" => set_hours(self.client.hours.get_or_insert_default(), &words),
            "keeps" => self.client.holidays = words.iter().map(|&code| code.to_owned()).collect(),
            "late" => {
                self.policy.replies.late = match rest {
                    "send" => Late::Send,
                    "next-decent-hour" => Late::NextDecentHour,
                    "skip" => Late::Skip,
                    _ => panic!("{place}: {rest}"),
                }
            }
            "mail" => self.mail = mail(&words, place),
            _ => panic!("{place}: `{word}` is not known"),
        }
    }

    fn ask(&self, question: &[&str], place: &str) -> Gate {
        let (now, facts) = question.split_first().unwrap();
        let mut fresh = Fresh { client: Some(&self.client), ..Fresh::unchanged() };
        let mut mail = self.mail.clone();
        for fact in facts {
            let (key, value) = fact.split_once('=').unwrap_or((fact, ""));
            match key {
                "withdrawn" => fresh.withdrawn = true,
                "answered" => fresh.answered = true,
                "part" => fresh.answered_in_part = true,
                "gone" => fresh.gone = true,
                "stranger" => (fresh.known, fresh.client) = (false, None),
                "unboxed" => fresh.mailbox = false,
                "mode" => fresh.mode = if value == "draft" { Mode::Draft } else { Mode::Observe },
                "bounced" => fresh.bounced = true,
                "typing" => fresh.typing = true,
                "paused" => fresh.paused = true,
                "day" => fresh.to_client_day = value.parse().unwrap(),
                "week" => fresh.to_client_week = value.parse().unwrap(),
                "heard" => fresh.in_window = 1,
                "hurried" => mail.hurried = true,
                "rest.all" => fresh.rests.push((PauseScope::All, instant(value))),
                "rest.mailbox" => fresh.rests.push((PauseScope::Mailbox("studio".into()), instant(value))),
                "rest.domain" => fresh.rests.push((PauseScope::Domain("acme.example".into()), instant(value))),
                "rest.sender" => fresh.rests.push((PauseScope::Sender("a@acme.example".into()), instant(value))),
                "rest.conversation" => fresh.rests.push((PauseScope::Conversation("c".into()), instant(value))),
                _ => panic!("{place}: `{key}` is not known"),
            }
        }
        let now = instant(now);
        let said = gate(&mail, &fresh, &self.policy, now);
        // What holds always, whatever the case is about.
        assert_eq!(said.checks.iter().map(|(check, _)| *check).collect::<Vec<_>>(), Check::ALL, "{place}");
        assert!(said.next_look(now).is_none_or(|at| at >= now), "{place}");
        assert_eq!(said.decisive().count() == 0, said.verdict == Due::Send, "{place}");
        assert!(mail.hurried || said.waived().count() == 0, "{place}");
        said
    }
}

fn mail(words: &[&str], place: &str) -> Mail {
    let kind = match words[0] {
        "acknowledgement" => Kind::Acknowledgement,
        "holding" => Kind::Holding,
        "other" => Kind::Other,
        word => panic!("{place}: {word}"),
    };
    let mut mail = Mail {
        kind,
        automatic: kind != Kind::Other,
        draft: false,
        send_at: Instant::UNIX_EPOCH,
        due_at: Instant::UNIX_EPOCH,
        promise_by: None,
        good_until: None,
        attempts: 0,
        held_until: None,
        hurried: false,
    };
    for word in &words[1..] {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "at" => (mail.send_at, mail.due_at) = (instant(value), instant(value)),
            "due" => mail.due_at = instant(value),
            "by" => mail.promise_by = Some(instant(value)),
            "until" => mail.good_until = Some(instant(value)),
            "held" => mail.held_until = Some(instant(value)),
            "tries" => mail.attempts = value.parse().unwrap(),
            "draft" => mail.draft = true,
            "hurried" => mail.hurried = true,
            _ => panic!("{place}: `{key}` is not known"),
        }
    }
    mail
}

fn somebody(place: &str) -> Client {
    Client {
        id: "acme".into(),
        name: "Acme".into(),
        contacts: vec![],
        zone: zone(place),
        language: Language::En,
        tone: Tone::Formal,
        hours: None,
        holidays: vec![],
        channels: vec![],
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name.trim()).unwrap_or_else(|| panic!("zone {name}"))
}

/// A whole instant, or a time of Thursday, 14 January 2027, in UTC.
fn instant(text: &str) -> Instant {
    let whole = if text.contains('T') { text.to_owned() } else { format!("2027-01-14T{text}+00:00") };
    DateTime::parse_from_str(&whole, "%Y-%m-%dT%H:%M%:z").unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn set_hours(hours: &mut WeeklyHours, words: &[&str]) {
    let time = |text: &str| NaiveTime::parse_from_str(&text.replace("24:00", "00:00"), "%H:%M").unwrap();
    let spans = words[1..].iter().map(|span| {
        let (open, close) = span.split_once('-').unwrap();
        Span { open: time(open), close: time(close) }
    });
    let (first, last) = words[0].split_once('-').unwrap_or((words[0], words[0]));
    let (mut day, last): (Weekday, Weekday) = (first.parse().unwrap(), last.parse().unwrap());
    loop {
        hours.set(day, spans.clone().collect());
        if day == last {
            break;
        }
        day = day.succ();
    }
}

#[test]
fn a_mail_that_is_not_late_is_never_stopped_for_it() {
    let table = {
        let mut table = Table::new("Europe/London");
        table.tell("hours mon-sun 00:00-24:00", "");
        table
    };
    for late in [Late::Send, Late::NextDecentHour, Late::Skip] {
        for minutes in 0..=10 {
            let mut policy = table.policy.clone();
            policy.replies.late = late;
            let mail = mail(&["acknowledgement", "at=10:00", "by=2027-01-15T12:00+00:00"], "");
            let now = instant("10:00") + TimeDelta::minutes(minutes);
            let said = gate(&mail, &Fresh { client: Some(&table.client), ..Fresh::unchanged() }, &policy, now);
            assert_eq!(said.verdict, Due::Send, "{late:?} {minutes}");
        }
    }
}
