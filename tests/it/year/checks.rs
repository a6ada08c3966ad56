//! What must hold of every automatic mail, and of every promise at the end.
use super::days::{Ends, decent};
use super::letters::language;
use super::people::PEOPLE;
use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use mail_parser::MessageParser;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;

type Instant = DateTime<Utc>;

/// The notice that a window must leave, and the caps: the documented defaults.
const NOTICE: TimeDelta = TimeDelta::minutes(30);
const PER_DAY: usize = 3;
const PER_WEEK: usize = 6;
const HOLDING_MAX: usize = 2;

/// A conversation as the people know it.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    pub person: usize,
    /// Message-IDs of the client's mails.
    pub messages: Vec<String>,
    /// Those that say nothing but thanks.
    pub thanks: Vec<String>,
    pub asked_at: Instant,
    pub answered_at: Option<Instant>,
}

impl Conversation {
    pub fn of(person: usize) -> Self {
        Self { person, ..Self::default() }
    }
}

/// An automatic mail that left.
#[derive(Clone, Debug)]
pub struct Left {
    pub at: Instant,
    pub person: usize,
    pub holding: bool,
    /// The window that it promises ends then.
    pub by: Instant,
    /// The promises that it renews were due then.
    pub renews: Vec<Instant>,
    /// Whose matters it speaks of, and the client's mails that it is about.
    pub about: Vec<(usize, String)>,
    pub text: String,
}

impl Left {
    /// The bytes that left, with what the database says they are about.
    pub fn read(state: &Path, conversations: &[Conversation], bytes: &[u8], at: Instant) -> Self {
        let parsed = MessageParser::default().parse(bytes).unwrap();
        let to = parsed.to().unwrap().first().unwrap().address().unwrap().to_owned();
        let id = format!("<{}>", parsed.message_id().unwrap());
        let db = open(state);
        let one = "SELECT o.exchange, o.kind, o.window_end FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.message_id = ?";
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?));
        let (mail, kind, by) = db.query_row(one, [&id], read).expect("it is in the outbox");
        let all = "SELECT x.message_id, old.by_at FROM promise p JOIN exchange x ON x.seq = p.exchange
                   LEFT JOIN promise old ON old.id = p.renews
                   WHERE p.id IN (SELECT promise FROM stated WHERE mail = ?1 UNION SELECT promise FROM outbox WHERE exchange = ?1)";
        let mut stated = db.prepare(all).unwrap();
        let rows =
            stated.query_map([mail], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))).unwrap();
        let rows: Vec<(String, Option<i64>)> = rows.map(Result::unwrap).collect();
        let of = |id: &str| {
            let id = id.trim_matches(['<', '>']).to_owned();
            (conversations.iter().position(|it| it.messages.contains(&id)).expect("somebody wrote it"), id)
        };
        Self {
            at,
            person: PEOPLE.iter().position(|it| it.address() == to).expect("a client of ours"),
            holding: kind == "holding",
            by: instant(by),
            renews: rows.iter().filter_map(|(_, old)| old.map(instant)).collect(),
            about: rows.iter().map(|(id, _)| of(id)).collect(),
            text: parsed.body_text(0).unwrap().replace("\r\n", "\n"),
        }
    }

    /// How it begins to say what it says: up to the first figure.
    fn wording(&self) -> String {
        let main = self.text.split("\n\n").nth(1).unwrap_or_default();
        main.chars().take_while(|c| !c.is_numeric()).take(24).collect()
    }
}

/// Judges, and remembers.
pub struct Checker {
    pub conversations: Vec<Conversation>,
    ends: Ends,
    left: Vec<Left>,
    whys: BTreeMap<String, u32>,
    faults: Vec<String>,
}

impl Checker {
    pub fn new(ends: Ends) -> Self {
        Self { conversations: Vec::new(), ends, left: Vec::new(), whys: BTreeMap::new(), faults: Vec::new() }
    }

    /// An automatic mail left.
    pub fn look(&mut self, mail: Left) {
        let found: Vec<String> =
            [self.timing(&mail), self.limits(&mail), self.matters(&mail), self.words(&mail)].concat();
        let person = PEOPLE[mail.person].key;
        self.faults.extend(found.into_iter().map(|fault| format!("{} to {person}: {fault}\n{}", mail.at, mail.text)));
        self.left.push(mail);
    }

    fn timing(&self, mail: &Left) -> Vec<String> {
        let mut faults = Vec::new();
        let base = mail.renews.iter().max().filter(|_| mail.holding).copied().unwrap_or(mail.at);
        let wanted = self.ends.first(base + NOTICE);
        if mail.by != wanted {
            faults.push(format!("promises {}, the calendar says {wanted}", mail.by));
        }
        if mail.holding {
            if let Err(when) = decent(&PEOPLE[mail.person], mail.at) {
                faults.push(format!("no decent hour: {when}"));
            }
            if mail.renews.is_empty() || mail.renews.iter().any(|old| *old <= mail.at) {
                faults.push(format!("after the promises of {:?}", mail.renews));
            }
        }
        faults
    }

    fn limits(&self, mail: &Left) -> Vec<String> {
        let mut faults = Vec::new();
        let to_them = || self.left.iter().filter(|it| it.person == mail.person);
        for (span, most) in [(TimeDelta::days(1), PER_DAY), (TimeDelta::days(7), PER_WEEK)] {
            let before = to_them().filter(|it| mail.at - it.at < span).count();
            if before >= most {
                faults.push(format!("number {} within {span}", before + 1));
            }
        }
        let number = self.ends.number(mail.at);
        if mail.holding && to_them().any(|it| it.holding && self.ends.number(it.at) == number) {
            faults.push("the second holding reply between two ends of windows".to_owned());
        }
        faults
    }

    fn matters(&self, mail: &Left) -> Vec<String> {
        let mut faults = Vec::new();
        for (number, id) in &mail.about {
            let it = &self.conversations[*number];
            if it.person != mail.person {
                faults.push(format!("speaks of {id}, which is of {}", PEOPLE[it.person].key));
            }
            if it.answered_at.is_some_and(|at| at >= it.asked_at && at <= mail.at) {
                faults.push(format!("{id} was answered by hand at {:?}", it.answered_at));
            }
            if it.thanks.contains(id) {
                faults.push(format!("{id} was nothing but thanks"));
            }
            let before = self.held(*number).count();
            if mail.holding && before >= HOLDING_MAX {
                faults.push(format!("holding reply number {} about {id}", before + 1));
            }
            if mail.holding && self.held(*number).any(|other| other.wording() == mail.wording()) {
                faults.push(format!("the same words again about {id}: {}", mail.wording()));
            }
        }
        if mail.about.is_empty() {
            faults.push("about nothing".to_owned());
        }
        faults
    }

    /// The holding replies that spoke of a conversation.
    fn held(&self, number: usize) -> impl Iterator<Item = &Left> {
        self.left.iter().filter(move |it| it.holding && it.about.iter().any(|(about, _)| *about == number))
    }

    fn words(&self, mail: &Left) -> Vec<String> {
        let (person, mut faults) = (&PEOPLE[mail.person], Vec::new());
        let spoken = language(&mail.text);
        if spoken != person.language {
            faults.push(format!("in {spoken}, not in {}", person.language));
        }
        // The hour of the promise where they are, in either way of counting.
        let hour = mail.by.with_timezone(&person.zone).hour();
        let digits = |c: char| c.to_digit(10).or_else(|| u32::from(c).checked_sub(0x660).filter(|d| *d < 10));
        let western: String =
            mail.text.chars().map(|c| digits(c).and_then(|d| char::from_digit(d, 10)).unwrap_or(c)).collect();
        let figures: Vec<u32> = western.split(|c: char| !c.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
        if !hour.is_multiple_of(12) && !figures.contains(&hour) && !figures.contains(&(hour % 12)) {
            faults.push(format!("{hour} o'clock is not named"));
        }
        faults
    }

    /// At the end: every promise that the client knew of was kept, renewed or released, or the owner heard in time that
    /// it would not be renewed.
    pub fn settled(&mut self, state: &Path, end: Instant) {
        let db = open(state);
        let sql =
            "SELECT p.id, x.id, x.message_id, p.by_at, p.state FROM promise p JOIN exchange x ON x.seq = p.exchange
                   WHERE p.announced AND p.state IN ('lapsed', 'open')";
        let mut lapsed = db.prepare(sql).unwrap();
        let rows = lapsed.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get(3)?,
                row.get::<_, String>(4)?,
            ))
        });
        for (promise, exchange, message, by, state) in rows.unwrap().map(Result::unwrap) {
            let by = instant(by);
            if state == "open" {
                if by < end {
                    self.faults.push(format!("{message}: still open, due {by}"));
                }
                continue;
            }
            let told = |code: &str| {
                let sql = "SELECT coalesce(json_extract(detail, '$.why'), '') FROM notice
                           WHERE code = ?1 AND at <= ?4 AND (once = 'unheld:' || ?2 OR exchange = ?3 OR exchange IN (
                             SELECT e.id FROM exchange e JOIN stated s ON s.mail = e.seq JOIN promise p ON p.id = s.promise
                             WHERE p.renews = ?2)) ORDER BY at DESC";
                let values = rusqlite::params![code, promise, exchange, by.timestamp_millis() + 60_000];
                db.query_row(sql, values, |row| row.get::<_, String>(0)).ok()
            };
            match told("promise.unheld").or_else(|| told("mail.skipped")) {
                None => self.faults.push(format!("{message}: lapsed at {by}, and nobody had heard of it")),
                Some(why) => {
                    let number =
                        self.conversations.iter().position(|it| it.messages.iter().any(|id| message.contains(id)));
                    let held = number.map_or(0, |number| self.held(number).count());
                    if why == "exhausted" && held < HOLDING_MAX {
                        self.faults.push(format!("{message}: exhausted after {held} holding replies"));
                    }
                    *self.whys.entry(why).or_default() += 1;
                }
            }
            if told("promise.lapsed").is_none() {
                self.faults.push(format!("{message}: lapsed at {by}, and the owner was not told"));
            }
        }
    }

    pub fn verdict(&self) -> Result<(), String> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults.join("\n")) }
    }

    pub fn figures(&self) -> String {
        let holding = self.left.iter().filter(|it| it.holding);
        let merged = holding.clone().filter(|it| it.about.len() > 1).count();
        let reached = PEOPLE.iter().enumerate().filter(|(n, _)| holding.clone().any(|it| it.person == *n)).count();
        format!(
            "{} conversations, {} mails, {} holding ({merged} merged, to {reached} clients), lapsed {:?}",
            self.conversations.len(),
            self.left.len(),
            holding.count(),
            self.whys
        )
    }
}

fn instant(millis: i64) -> Instant {
    DateTime::from_timestamp_millis(millis).unwrap()
}

fn open(state: &Path) -> Connection {
    Connection::open_with_flags(state.join("fuseau.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Every check finds what it is for, and nothing in a mail that is right.
pub fn prove() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let first = NaiveDate::from_ymd_opt(2027, 6, 1).unwrap();
    let good = Left {
        at: at("2027-06-01T10:45:00Z"),
        person: 1,
        holding: true,
        by: at("2027-06-01T16:00:00Z"),
        renews: vec![at("2027-06-01T13:30:00Z")],
        about: vec![(0, "a@newyork.example".to_owned())],
        text: "Hello,\n\nYour message is not forgotten: you will have my answer by 12 noon.\n\nClaire\n".to_owned(),
    };
    let good = Left { at: at("2027-06-01T13:15:00Z"), ..good };
    let broken = |change: &dyn Fn(&mut Checker, &mut Left), part: &str| {
        let mut checker = Checker::new(Ends::new(first, first + TimeDelta::days(30)));
        let asked_at = at("2027-06-01T09:00:00Z");
        let messages = vec!["a@newyork.example".to_owned()];
        checker.conversations.push(Conversation { person: 1, messages, asked_at, ..Conversation::default() });
        let mut mail = good.clone();
        change(&mut checker, &mut mail);
        checker.look(mail);
        let said = checker.faults.join("\n");
        assert!(if part.is_empty() { said.is_empty() } else { said.contains(part) }, "{part:?}: {said}");
    };
    broken(&|_, _| {}, "");
    broken(&|_, mail| mail.by += TimeDelta::minutes(1), "the calendar says");
    broken(&|_, mail| mail.at = at("2027-06-01T12:59:00Z"), "no decent hour");
    broken(&|_, mail| mail.at = at("2027-06-01T13:31:00Z"), "after the promises");
    broken(
        &|_, mail| {
            mail.text =
                mail.text.replace("12 noon", "noon").replace("you will have my answer", "votre réponse est à la")
        },
        "in fr",
    );
    broken(&|it, _| it.conversations[0].answered_at = Some(at("2027-06-01T13:00:00Z")), "answered by hand");
    broken(&|it, _| it.conversations[0].thanks.push("a@newyork.example".to_owned()), "but thanks");
    broken(&|it, _| it.conversations[0].person = 2, "which is of paris");
    broken(&|it, mail| it.left.push(Left { about: Vec::new(), ..mail.clone() }), "the second holding reply");
    broken(&|it, mail| it.left.push(Left { at: mail.at - TimeDelta::days(9), ..mail.clone() }), "the same words");
    broken(
        &|it, mail| it.left.extend((0..2).map(|_| Left { at: mail.at - TimeDelta::days(9), ..mail.clone() })),
        "number 3 about",
    );
    broken(
        &|it, mail| {
            it.left.extend((1..4).map(|n| Left { at: mail.at - TimeDelta::hours(n), holding: false, ..mail.clone() }))
        },
        "number 4 within",
    );
    broken(
        &|it, mail| {
            it.left.extend((1..7).map(|n| Left { at: mail.at - TimeDelta::days(n), holding: false, ..mail.clone() }))
        },
        "number 7 within",
    );
    broken(
        &|_, mail| (mail.by, mail.renews) = (at("2027-06-02T08:30:00Z"), vec![at("2027-06-01T16:00:00Z")]),
        "o'clock is not named",
    );
}
