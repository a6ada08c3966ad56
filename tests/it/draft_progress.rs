//! Progress updates: the cases of tests/drafts/progress/*.toml, and a quarter with three projects in three zones on a
//! virtual clock. `UPDATE=1` rewrites what is expected: look at the difference.
use fuseau::config;
use fuseau::decide::Policy;
use fuseau::decide::occasion::{
    Contact, Content, DraftFacts, DraftPlan, JournalEntry, Made, MadeState, Occasion, SourceFact, plan, way,
};
use fuseau::model::{DraftKind, Instant, Zones};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

const BASE: &str = r#"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[mailbox.studio]
address = "claire@studio.example"
mode = "draft"
imap = { host = "imap.example.com", user = "claire", password = { env = "PW" } }
outgoing = "out"
[client.acme]
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
holidays = ["SG"]
"#;

fn policy(more: &str) -> Policy {
    let text = format!("{BASE}\n{more}");
    config::parse(&text, Path::new("/tmp/fuseau.toml"), &Zones::bundled()).unwrap_or_else(|e| panic!("{e}")).policy
}

fn at(text: &str) -> Instant {
    chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn text(table: &Table, key: &str) -> Option<String> {
    table.get(key).map(|value| value.as_str().unwrap().to_owned())
}

fn tables(case: &Table, key: &str) -> Vec<Table> {
    let list = case.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    list.into_iter().map(|one| one.as_table().unwrap().clone()).collect()
}

/// The facts of a case, owned.
#[derive(Default)]
struct World {
    made: Vec<Made>,
    journal: Vec<JournalEntry>,
    sources: Vec<SourceFact>,
    contacts: Vec<Contact>,
}

impl World {
    fn of(case: &Table) -> Self {
        let made = tables(case, "made").into_iter().map(|it| Made {
            key: text(&it, "key").unwrap(),
            kind: DraftKind::Progress,
            client: "acme".to_owned(),
            project: Some(text(&it, "project").unwrap_or_else(|| "relaunch".to_owned())),
            state: MadeState::parse(&text(&it, "state").unwrap()).unwrap(),
            asked: false,
            print: text(&it, "print").unwrap_or_default(),
            made_at: at(&text(&it, "at").unwrap()),
            ended_at: text(&it, "ended").map(|ended| at(&ended)),
        });
        let journal = tables(case, "journal").into_iter().enumerate().map(|(n, it)| JournalEntry {
            id: n.to_string(),
            project: text(&it, "project").unwrap_or_else(|| "relaunch".to_owned()),
            at: at(&text(&it, "at").unwrap()),
            written: at(&text(&it, "written").or(text(&it, "at")).unwrap()),
            text: text(&it, "text").unwrap(),
        });
        let sources = tables(case, "source").into_iter().map(|it| SourceFact {
            project: "relaunch".to_owned(),
            at: text(&it, "at").map(|it| at(&it)),
            done: it.get("done").and_then(Value::as_bool).unwrap_or_default(),
            text: text(&it, "text").unwrap(),
        });
        let contacts = tables(case, "contact").into_iter().map(|it| Contact {
            client: "acme".to_owned(),
            address: None,
            mailbox: text(&it, "mailbox"),
            last_in: text(&it, "last_in").map(|it| at(&it)),
            last_out: text(&it, "last_by_hand").map(|it| at(&it)),
            last_by_hand: text(&it, "last_by_hand").map(|it| at(&it)),
            last_exchange: None,
            people: vec![],
        });
        Self {
            made: made.collect(),
            journal: journal.collect(),
            sources: sources.collect(),
            contacts: contacts.collect(),
        }
    }

    fn facts<'a>(&'a self, policy: &'a Policy) -> DraftFacts<'a> {
        DraftFacts {
            policy,
            made: &self.made,
            journal: &self.journal,
            sources: &self.sources,
            contacts: &self.contacts,
            questions: &[],
            promises: &[],
            meetings: &fuseau::decide::occasion::NO_MEETINGS,
        }
    }
}

fn shown(facts: &DraftFacts<'_>, plan: &DraftPlan) -> String {
    let mut page = String::new();
    for one in &plan.make {
        occasion(&mut page, "make", facts, one);
    }
    for one in &plan.replace {
        occasion(&mut page, "replace", facts, &one.occasion);
    }
    for (key, state) in &plan.withdraw {
        writeln!(page, "withdraw {key} as {}", state.as_str()).unwrap();
    }
    for one in &plan.coming {
        writeln!(page, "coming {} {}", one.key, one.due.to_rfc3339()).unwrap();
    }
    for one in &plan.spared {
        writeln!(page, "spared {} {}", one.project.as_deref().unwrap_or_default(), one.why.code()).unwrap();
    }
    writeln!(page, "wake {}", plan.wake.map(|it| it.to_rfc3339()).unwrap_or_default()).unwrap();
    page
}

fn occasion(page: &mut String, word: &str, facts: &DraftFacts<'_>, one: &Occasion) {
    let why: Vec<&str> = one.why.iter().map(|why| why.code()).collect();
    let until = one.until.map(|it| it.to_rfc3339()).unwrap_or_default();
    writeln!(page, "{word} {} until {until} {}", one.key, why.join(" ")).unwrap();
    match way(facts, one) {
        Ok(way) => writeln!(page, "  in {} to {}", way.mailbox, way.to).unwrap(),
        Err(why) => writeln!(page, "  nowhere: {}", why.code()).unwrap(),
    }
    if let Some(opening) = one.opening {
        writeln!(page, "  opens {:?}", opening.known).unwrap();
    }
    let Content::Progress(it) = &one.content else { panic!("{one:?}") };
    if let Some(since) = it.since {
        writeln!(page, "  since {since}").unwrap();
    }
    for done in &it.done {
        writeln!(page, "  done {done}").unwrap();
    }
    for (word, steps) in [("next", &it.next), ("waiting", &it.waiting)] {
        for step in steps {
            let due = step.due.map(|due| format!(" by {due}")).unwrap_or_default();
            let holiday = if step.holiday { " (holiday)" } else { "" };
            let late = if step.late { " (late)" } else { "" };
            let needs = step.needs.as_deref().map(|needs| format!(" needs {needs}")).unwrap_or_default();
            writeln!(page, "  {word} {}{due}{late}{holiday}{needs}", step.title).unwrap();
        }
    }
}

#[test]
fn updates_lie_there_when_and_as_they_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drafts/progress");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    files.sort();
    assert!(files.len() >= 12, "{} cases", files.len());
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in files {
        let written = std::fs::read_to_string(&path).unwrap();
        let case: Table = written.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut policy = policy(&text(&case, "config").unwrap());
        // The other kinds have cases of their own.
        policy.drafts.off.extend(DraftKind::ALL.iter().filter(|kind| **kind != DraftKind::Progress));
        let world = World::of(&case);
        let facts = world.facts(&policy);
        let said = shown(&facts, &plan(&facts, at(&text(&case, "now").unwrap())));
        let want = text(&case, "want").unwrap_or_default();
        if said != want && update {
            let head = written.split("want = \"\"\"").next().unwrap().trim_end().to_owned();
            std::fs::write(&path, format!("{head}\nwant = \"\"\"\n{said}\"\"\"\n")).unwrap();
        } else if said != want {
            wrong.push(format!("{}\n--- wanted\n{want}--- said\n{said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\n(UPDATE=1 rewrites them)", wrong.join("\n"));
}

const THANKSGIVING: &str = r#"
[client.keller]
contacts = ["eva@keller.example"]
zone = "America/New_York"
holidays = ["US"]
[project.shop]
client = "keller"
cadence = "every monday 16:00"
"#;

/// Made on Monday: "Thursday, 26 November is a public holiday". On Friday it says that no more, if the owner has not touched it.
#[test]
fn an_opening_goes_when_its_day_is_past() {
    let mut policy = policy(THANKSGIVING);
    policy.drafts.off.extend(DraftKind::ALL.iter().filter(|kind| **kind != DraftKind::Progress));
    let mut world = World::default();
    let made = plan(&world.facts(&policy), at("2026-11-23T16:00:00Z"));
    assert_eq!(made.make.len(), 1);
    assert!(made.make[0].opening.is_some());
    carry_out(&mut world, &made, at("2026-11-23T16:00:00Z"));
    // Thursday in New York until five in the morning in London.
    let still = plan(&world.facts(&policy), at("2026-11-27T04:59:00Z"));
    assert!(still.make.is_empty() && still.replace.is_empty(), "{still:?}");
    let over = plan(&world.facts(&policy), at("2026-11-27T05:00:00Z"));
    let [replaced] = over.replace.as_slice() else { panic!("{over:?}") };
    assert_eq!((replaced.occasion.opening, &replaced.occasion.content), (None, &made.make[0].content));
    carry_out(&mut world, &over, at("2026-11-27T05:00:00Z"));
    assert!(plan(&world.facts(&policy), at("2026-11-27T05:00:00Z")).replace.is_empty());
    // Whoever wants no such lines gets none.
    policy.drafts.opening = false;
    assert_eq!(plan(&World::default().facts(&policy), at("2026-11-23T16:00:00Z")).make[0].opening, None);
}

/// From "next" to "done", round after round, with the prints that the ledger keeps.
#[test]
fn what_came_next_is_told_once_when_it_is_done() {
    let base = "[project.relaunch]\nclient = \"acme\"\ncadence = \"every thursday 16:00\"\n";
    let milestone = |done: &str| format!("{base}[[project.relaunch.milestone]]\ntitle = 'The \"hero\"'\n{done}\n");
    let mut world = World::default();
    let mut told = Vec::new();
    for (now, line, ticked) in [
        ("2027-01-07T16:00:00Z", "due = 2027-01-12", false),
        ("2027-01-14T16:00:00Z", "done = 2027-01-12", true),
        ("2027-01-21T16:00:00Z", "done = 2027-01-12", true),
    ] {
        let mut policy = policy(&milestone(line));
        policy.drafts.off.extend(DraftKind::ALL.iter().filter(|kind| **kind != DraftKind::Progress));
        world.sources = vec![SourceFact { project: "relaunch".into(), at: None, done: ticked, text: "Icons".into() }];
        let now = at(now);
        let planned = plan(&world.facts(&policy), now);
        let [one] = planned.make.as_slice() else { panic!("{planned:?}") };
        let Content::Progress(it) = &one.content else { panic!("{one:?}") };
        told.push((it.done.join(", "), it.next.len()));
        carry_out(&mut world, &planned, now);
        let made = world.made.last_mut().unwrap();
        (made.state, made.ended_at) = (MadeState::Sent, Some(now + chrono::TimeDelta::minutes(5)));
    }
    assert_eq!(told, [(String::new(), 2), ("The \"hero\", Icons".to_owned(), 0), (String::new(), 0)]);
}

const QUARTER: &str = r#"
[[trip]]
from = 2027-02-08
to = 2027-02-19
zone = "Asia/Singapore"
[client.keller]
contacts = ["eva@keller.example"]
zone = "America/New_York"
[client.boreal]
contacts = ["jo@boreal.example"]
zone = "Australia/Sydney"
[project.relaunch]
client = "acme"
cadence = "every thursday 16:00"
[[project.relaunch.invoice]]
number = "2027-001"
amount = "2400 EUR"
due = 2027-01-20
paid = 2027-01-18
[project.shop]
client = "keller"
cadence = "every 2 weeks monday 09:30"
ended = 2027-03-01
[project.app]
client = "boreal"
cadence = "every month tuesday 02:30"
"#;

/// A linear congruential generator: the same quarter in every run, the seed in the message.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Carries a plan out as the daemon does, in memory; what was made.
fn carry_out(world: &mut World, plan: &DraftPlan, now: Instant) -> Vec<Occasion> {
    for (key, state) in &plan.withdraw {
        let made = world.made.iter_mut().find(|made| made.key == *key).unwrap();
        (made.state, made.ended_at) = (*state, Some(now));
    }
    for one in &plan.replace {
        let made = world.made.iter_mut().find(|made| made.key == one.occasion.key).unwrap();
        made.print = one.occasion.print();
    }
    for one in &plan.make {
        world.made.retain(|made| made.key != one.key);
        world.made.push(Made {
            key: one.key.clone(),
            kind: one.kind,
            client: one.client.clone(),
            project: one.project.clone(),
            state: MadeState::Waiting,
            asked: false,
            print: one.print(),
            made_at: now,
            ended_at: None,
        });
    }
    plan.make.clone()
}

/// What people do in an hour: send, delete or touch a draft, note something, write by hand.
fn people_act(world: &mut World, dice: &mut Dice, over: &mut BTreeSet<String>, now: Instant) {
    let client = ["acme", "keller", "boreal"][usize::try_from(dice.roll(3)).unwrap()];
    match dice.roll(200) {
        0..30 => {
            let waiting = world.made.iter_mut().find(|made| made.state == MadeState::Waiting);
            if let Some(made) = waiting {
                let to = [MadeState::Sent, MadeState::Sent, MadeState::Deleted, MadeState::Touched];
                made.state = to[usize::try_from(dice.roll(4)).unwrap()];
                made.ended_at = Some(now);
                over.insert(made.key.clone());
            }
        }
        30..45 => world.journal.push(JournalEntry {
            id: now.to_string(),
            project: "relaunch".to_owned(),
            at: now,
            written: now,
            text: format!("something at {now}"),
        }),
        45 => {
            world.contacts.retain(|it| it.client != client);
            world.contacts.push(Contact {
                client: client.to_owned(),
                address: None,
                mailbox: None,
                last_in: None,
                last_out: Some(now),
                last_by_hand: Some(now),
                last_exchange: None,
                people: vec![],
            });
        }
        _ => {}
    }
}

#[test]
fn a_quarter_with_three_projects_in_three_zones() {
    let mut policy = policy(QUARTER);
    // On the production turn all kinds are lived through (simulation/quarter.rs).
    let wanted = [DraftKind::Progress, DraftKind::Payment];
    policy.drafts.off.extend(DraftKind::ALL.iter().filter(|kind| !wanted.contains(kind)));
    let zones = Zones::bundled();
    let (london, singapore) = (zones.get("Europe/London").unwrap(), zones.get("Asia/Singapore").unwrap());
    for seed in 0..12 {
        let (mut dice, mut world) = (Dice(seed), World::default());
        let mut over: BTreeSet<String> = BTreeSet::new();
        let mut rounds: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
        let mut now = at("2027-01-01T00:00:00Z");
        while now < at("2027-04-10T00:00:00Z") {
            let plan = {
                let facts = world.facts(&policy);
                plan(&facts, now)
            };
            for one in carry_out(&mut world, &plan, now) {
                let what = format!("seed {seed}, {now}: {}", one.key);
                assert!(!over.contains(&one.key), "{what}: made again");
                assert!(one.due <= now && one.until.is_none_or(|until| until > now), "{what}");
                assert_ne!(one.kind, DraftKind::Payment, "{what}: all is paid");
                if one.kind != DraftKind::Progress {
                    continue;
                }
                let project = one.project.clone().unwrap();
                if project == "shop" {
                    let there = zones.get("America/New_York").unwrap().local(now).date();
                    assert!(there < "2027-03-01".parse().unwrap(), "{what}: after its end");
                }
                // The wall clock where the owner is, over two changes of clocks and a trip.
                let date: chrono::NaiveDate = one.key.rsplit(':').next().unwrap().parse().unwrap();
                let away = ("2027-02-08".parse().unwrap()..="2027-02-19".parse().unwrap()).contains(&date);
                let wall = if away { &singapore } else { &london }.local(one.due);
                let want = match project.as_str() {
                    "relaunch" => "16:00",
                    "shop" => "09:30",
                    _ => "02:30",
                };
                assert_eq!((wall.date(), wall.format("%H:%M").to_string()), (date, want.to_owned()), "{what}");
                let known = rounds.entry(project).or_default();
                if known.last() != Some(&one.due) {
                    known.push(one.due);
                }
            }
            // Once more at the same instant: nothing.
            let again = {
                let facts = world.facts(&policy);
                fuseau::decide::occasion::plan(&facts, now)
            };
            assert!(
                again.make.is_empty() && again.replace.is_empty() && again.withdraw.is_empty(),
                "seed {seed}, {now}"
            );
            assert!(again.wake.is_some_and(|wake| wake > now), "seed {seed}, {now}");
            people_act(&mut world, &mut dice, &mut over, now);
            over.extend(world.made.iter().filter(|it| it.state == MadeState::Expired).map(|it| it.key.clone()));
            now += chrono::TimeDelta::minutes(60);
        }
        assert!(rounds["relaunch"].len() >= 6, "seed {seed}: {rounds:?}");
        assert!(rounds.values().all(|all| all.windows(2).all(|two| two[0] < two[1])), "seed {seed}");
    }
}
