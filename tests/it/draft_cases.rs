//! When drafts lie there, and what they say: the cases of tests/drafts/*.txt, whose notation tests/drafts/README.md tells.
use crate::support::cases;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Weekday};
use fuseau::calendar;
use fuseau::compose::{Composer, DraftMail};
use fuseau::decide::occasion::{
    self, Contact, DraftFacts, DraftWhy, JournalEntry, Made, MadeState, Occasion, Question, Target,
};
use fuseau::decide::{DraftSettings, Policy};
use fuseau::model::{
    AddressPattern, Birthday, Client, ClientPolicy, Closure, DraftKind, EmailAddress, HeaderText, Instant, Invoice,
    Language, Milestone, Money, Owner, Project, Promise, PromiseState, Span, Terms, Tone, Trip, WaitingOn, WeeklyHours,
    Zone, Zones,
};
use std::collections::BTreeMap;

#[test]
fn cases() {
    let checked = cases::ask("drafts", Table::new);
    assert!(checked > 60, "only {checked} cases were found");
}

struct Table {
    policy: Policy,
    made: Vec<Made>,
    journal: Vec<JournalEntry>,
    contacts: Vec<Contact>,
    questions: Vec<Question>,
    promises: Vec<Promise>,
}

impl Table {
    fn new() -> Self {
        let zones = Zones::bundled();
        let owner = Owner {
            name: "Claire Martin".into(),
            zone: zone("Europe/London"),
            languages: vec![Language::En],
            hours: week("09:00-17:00"),
            holidays: vec![],
            closures: vec![],
            trips: vec![],
        };
        let policy = Policy {
            owner,
            clients: vec![],
            mailboxes: vec![],
            replies: fuseau::decide::Replies::default(),
            promises: fuseau::decide::Promises::default(),
            urgent: fuseau::decide::Urgent::default(),
            topics: vec![],
            projects: vec![],
            drafts: DraftSettings::default(),
            zones,
        };
        Self { policy, made: vec![], journal: vec![], contacts: vec![], questions: vec![], promises: vec![] }
    }

    fn facts(&self) -> DraftFacts<'_> {
        DraftFacts {
            policy: &self.policy,
            made: &self.made,
            journal: &self.journal,
            sources: &[],
            contacts: &self.contacts,
            questions: &self.questions,
            promises: &self.promises,
            meetings: &fuseau::decide::occasion::NO_MEETINGS,
        }
    }

    fn tell_of_made(&mut self, words: &[&str], at: Option<Instant>, place: &str) {
        self.made.retain(|it| it.key != words[1]);
        let kind = words[1].split(':').next().unwrap();
        let state = MadeState::parse(words[3]).unwrap_or_else(|| panic!("{place}"));
        self.made.push(Made {
            key: words[1].into(),
            kind: DraftKind::parse(kind).unwrap(),
            client: words[2].into(),
            project: None,
            state,
            asked: false,
            print: String::new(),
            made_at: at.unwrap_or_default(),
            ended_at: at,
        });
    }

    /// What the draft that was told of last said.
    fn told(&mut self, title: &str, due: Option<&str>) {
        let date = due.map(|it| it.parse().unwrap());
        self.made.last_mut().unwrap().print = format!("{:?}", occasion::Dated { title: title.into(), date });
    }

    fn tell_of_birthday(&mut self, words: &[&str]) {
        let rest = words[3..].join(" ");
        let (month, day) = words[2].split_once('-').unwrap();
        let (person, address) = match rest.split_once(" <") {
            Some((person, address)) => (person.to_owned(), EmailAddress::parse(address.trim_end_matches('>'))),
            None => (rest.clone(), None),
        };
        let (month, day) = (month.parse().unwrap(), day.parse().unwrap());
        let birthday = Birthday { person, address, month, day };
        self.client(words[1]).birthdays.push(birthday);
    }

    fn tell_of_contact(&mut self, client: &str, [last_in, last_out, last_by_hand]: [Option<Instant>; 3]) {
        self.contacts.retain(|it| it.client != client);
        self.contacts.push(Contact {
            client: client.into(),
            address: None,
            mailbox: None,
            last_in,
            last_out,
            last_by_hand,
            last_exchange: None,
            people: vec![],
        });
    }

    fn client(&mut self, id: &str) -> &mut Client {
        self.policy.clients.iter_mut().find(|client| client.id == id).unwrap_or_else(|| panic!("client {id}"))
    }

    fn project(&mut self, id: &str) -> &mut Project {
        self.policy.projects.iter_mut().find(|project| project.id == id).unwrap_or_else(|| panic!("project {id}"))
    }

    fn set(&mut self, word: &str, value: &str) {
        let drafts = &mut self.policy.drafts;
        match word {
            "follow_up" => drafts.follow_up = value.split(',').map(|day| day.parse().unwrap()).collect(),
            "payment" => drafts.payment = value.split(',').map(|day| day.parse().unwrap()).collect(),
            "check_in" => drafts.check_in = TimeDelta::days(value.parse().unwrap()),
            "before_absence" => drafts.before_absence = TimeDelta::days(value.parse().unwrap()),
            "closure_days" => drafts.closure_days = value.parse().unwrap(),
            "recap" => drafts.recap = value == "true",
            _ => panic!("{word} is no setting"),
        }
    }

    fn tell_of_project(&mut self, word: &str, words: &[&str], options: &BTreeMap<&str, &str>) {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let project = self.project(words[0]);
        match word {
            "ended" => project.ended = Some(date(words[1])),
            "milestone" => project.milestones.push(Milestone {
                title: words[1..].join(" "),
                due: options.get("due").map(|it| date(it)),
                done: options.get("done").map(|it| date(it)),
                waiting: options.get("waiting").map(|it| match *it {
                    "client" => WaitingOn::Client,
                    "owner" => WaitingOn::Owner,
                    _ => WaitingOn::Other,
                }),
                waiting_for: None,
            }),
            "scope" => project.scope.push(words[1..].join(" ")),
            "terms" => {
                project.terms = Terms {
                    fee: options.get("fee").map(|it| money(it)),
                    deposit: options.get("deposit").map(|it| money(it)),
                    deposit_paid: options.get("paid").map(|it| date(it)),
                    payment_days: options.get("days").map(|it| it.parse().unwrap()),
                    signed: options.get("signed").map(|it| date(it)),
                }
            }
            "invoice" => project.invoices.push(Invoice {
                number: words[1].to_owned(),
                amount: money(options["amount"]),
                sent: options.get("sent").map(|it| date(it)),
                due: date(options["due"]),
                paid: options.get("paid").map(|it| date(it)),
            }),
            _ => panic!("`{word}` is not known"),
        }
    }

    fn occasions(&self, kind: DraftKind, at: Instant) -> Vec<Occasion> {
        let plan = occasion::plan(&self.facts(), at);
        let all = plan.make.into_iter().chain(plan.replace.into_iter().map(|it| it.occasion)).chain(plan.coming);
        all.filter(|it| it.kind == kind).collect()
    }

    fn target(&self, id: &str) -> Target<'_> {
        let project = self.policy.project(id);
        let client = self.policy.client(project.map_or(id, |it| it.client.as_str())).unwrap();
        let theirs: Vec<_> = self.policy.projects.iter().filter(|it| it.client == client.id).collect();
        let only = if let [one] = theirs.as_slice() { Some(*one) } else { None };
        Target { client, project: project.or(only) }
    }

    /// The letter between salutation and closing.
    fn letter(&self, occasion: &Occasion, now: Instant) -> String {
        let client = self.policy.client(&occasion.client).unwrap();
        let mail = DraftMail {
            owner: &self.policy.owner,
            client,
            person: None,
            subject: None,
            content: &occasion.content,
            opening: None,
            now,
        };
        let letter = Composer::built_in().unwrap().draft(&mail).unwrap();
        let parts: Vec<&str> = letter.text.trim().split("\n\n").collect();
        parts[1..parts.len() - 1].join(" ").replace('\n', " ")
    }
}

fn client(words: &[&str], options: &BTreeMap<&str, &str>) -> Client {
    Client {
        id: words[1].into(),
        name: words[1].into(),
        contacts: options
            .get("contacts")
            .map(|it| it.split(',').map(|one| AddressPattern::parse(one).unwrap()).collect())
            .unwrap_or_default(),
        zone: zone(words[2]),
        language: options.get("language").map_or(Language::En, |it| Language::parse(it).unwrap()),
        tone: Tone::Formal,
        hours: match options.get("weekend") {
            Some(_) => Some(calendar::ordinary(&[Weekday::Fri, Weekday::Sat])),
            None => options.get("hours").map(|it| week(it)),
        },
        holidays: options.get("holidays").map(|it| vec![(*it).to_owned()]).unwrap_or_default(),
        channels: vec![],
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: vec![],
        since: options.get("since").map(|it| it.parse().unwrap()),
    }
}

impl cases::Table for Table {
    fn tell(&mut self, line: &str, place: &str) {
        let all: Vec<&str> = line.split_whitespace().collect();
        let is_option =
            |word: &&&str| word.split_once('=').is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase()));
        let options: BTreeMap<&str, &str> =
            all.iter().filter(is_option).filter_map(|word| word.split_once('=')).collect();
        let words: Vec<&str> = all.iter().filter(|word| !is_option(word)).copied().collect();
        let rest = |from: usize| words[from..].join(" ");
        let at = |key: &str| options.get(key).map(|it| instant(it));
        match words[0] {
            "fresh" => *self = Self::new(),
            "set" => self.set(words[1], words[2]),
            "home" => {
                self.policy.owner.zone = zone(words[1]);
                self.policy.owner.hours = week(options.get("hours").unwrap_or(&"09:00-17:00"));
            }
            "trip" => {
                let (from, to) = dates(words[1]);
                self.policy.owner.trips.push(Trip {
                    from,
                    to,
                    zone: zone(words[2]),
                    place: Some(rest(3)),
                    hours: None,
                });
            }
            "closed" => {
                let (from, to) = dates(words[1]);
                self.policy.owner.closures.push(Closure { from, to, note: None });
            }
            "client" => self.policy.clients.push(client(&words, &options)),
            "birthday" => {
                self.tell_of_birthday(&words);
            }
            "contact" => self.tell_of_contact(words[1], [at("in"), at("out"), at("hand")]),
            "person" => {
                let contact = self.contacts.iter_mut().find(|it| it.client == words[1]);
                let address = EmailAddress::parse(words[2]).unwrap();
                contact.unwrap_or_else(|| panic!("{place}")).people.push((address, rest(3)));
            }
            "told" => {
                self.tell_of_made(&[words[0], words[1], words[2], "sent"], at("at"), place);
                self.told(&rest(3), options.get("due").copied());
            }
            "question" => self.questions.push(Question {
                exchange: words[2].into(),
                message_id: None,
                client: words[1].into(),
                to: EmailAddress::parse("anna@acme.example").unwrap(),
                asked_at: instant(words[3]),
                subject: options.get("subject").unwrap_or(&"Logo").to_string(),
                sentence: rest(4),
            }),
            "promise" => self.promises.push(promise(words[1], words[2], instant(words[3]), &rest(4))),
            "project" => self.policy.projects.push(project(words[1], words[2], &rest(3))),
            "journal" => self.journal.push(JournalEntry {
                id: place.into(),
                project: words[1].into(),
                at: instant(words[2]),
                written: at("written").unwrap_or_else(|| instant(words[2])),
                text: rest(3),
            }),
            "made" => self.tell_of_made(&words, at("at"), place),
            word => self.tell_of_project(word, &words[1..], &options),
        }
    }

    fn answer(&mut self, question: &[&str], place: &str) -> String {
        let kind = |word: &str| DraftKind::parse(word).unwrap_or_else(|| panic!("{place}: {word}"));
        let due = |it: &Occasion| {
            let client = self.policy.client(&it.client).unwrap();
            let show = |at| client.zone.local(at).format("%a %Y-%m-%dT%H:%M").to_string();
            format!("{} {} until {}", it.key, show(it.due), it.until.map_or("ever".into(), show))
        };
        match question {
            // Everything that lies there or comes.
            [word, "at", at] => {
                let all: Vec<String> = self.occasions(kind(word), instant(at)).iter().map(due).collect();
                if all.is_empty() { "none".into() } else { all.join(" | ") }
            }
            // To whom.
            [word, "to", at] => {
                let one =
                    self.occasions(kind(word), instant(at)).into_iter().next().unwrap_or_else(|| panic!("{place}"));
                match (occasion::way(&self.facts(), &one), one.to) {
                    (Err(DraftWhy::WhoseAddress), _) => DraftWhy::WhoseAddress.code().into(),
                    (_, to) => to.map_or("the last writer".into(), |to| to.to_string()),
                }
            }
            // What the comparison does.
            [word, "plan", at] => {
                let plan = occasion::plan(&self.facts(), instant(at));
                let make = plan.make.iter().filter(|it| it.kind == kind(word)).map(|it| format!("make {}", it.key));
                let replace = plan.replace.iter().map(|it| &it.occasion).filter(|it| it.kind == kind(word));
                let replace = replace.map(|it| format!("replace {}", it.key));
                let withdraw = plan.withdraw.iter().map(|(key, state)| format!("{} {key}", state.as_str()));
                let spared = plan.spared.iter().filter(|it| it.kind == kind(word));
                let spared = spared.map(|it| format!("spared {} {}", it.client, it.why.code()));
                let all: Vec<String> = make.chain(replace).chain(withdraw).chain(spared).collect();
                if all.is_empty() { "nothing".into() } else { all.join(" | ") }
            }
            [word, "says", at] => {
                let at = instant(at);
                let found = self.occasions(kind(word), at);
                // What a draft says does not contain the hour.
                let print = |it: &Occasion| (it.key.clone(), it.print());
                let later = self.occasions(kind(word), at + TimeDelta::minutes(1));
                assert!(found.iter().map(print).eq(later.iter().map(print)), "{place}");
                found.iter().find(|it| it.due <= at).map_or("nothing".into(), |it| self.letter(it, at))
            }
            [word, "coming-says", at] => {
                let at = instant(at);
                let found = self.occasions(kind(word), at);
                found.iter().find(|it| it.due > at).map_or("nothing".into(), |it| self.letter(it, it.due))
            }
            [word, "asked", target, at] => {
                match occasion::asked(kind(word), &self.facts(), &self.target(target), instant(at)) {
                    Ok(occasion) => format!("{} {}", occasion.key, self.letter(&occasion, instant(at))),
                    Err(why) => why.code().to_owned(),
                }
            }
            _ => panic!("{place}: {question:?}"),
        }
    }
}

fn project(id: &str, client: &str, title: &str) -> Project {
    Project {
        id: id.into(),
        client: client.into(),
        title: title.into(),
        mailbox: None,
        ended: None,
        milestones: vec![],
        deliverables: vec![],
        scope: vec![],
        terms: Terms::default(),
        invoices: vec![],
        cadence: None,
        sources: vec![],
    }
}

fn promise(client: &str, state: &str, by: Instant, subject: &str) -> Promise {
    Promise {
        id: String::new(),
        client: client.into(),
        mailbox: "studio".into(),
        conversation: String::new(),
        message_id: None,
        subject: HeaderText::new(subject),
        state: PromiseState::parse(state).unwrap(),
        by,
        zone: "UTC".into(),
        made_at: by - TimeDelta::hours(8),
        announced: true,
        closed_at: None,
        closed_by: None,
    }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap_or_else(|| panic!("zone {name}"))
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn dates(text: &str) -> (NaiveDate, NaiveDate) {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    (from.parse().unwrap(), to.parse().unwrap())
}

/// `480000EUR`
fn money(text: &str) -> Money {
    let (minor, currency) = text.split_at(text.len() - 3);
    Money { minor: minor.parse().unwrap(), currency: currency.into() }
}

/// The same spans from Monday to Friday: `09:00-12:00,13:00-17:00`.
fn week(spans: &str) -> WeeklyHours {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let span = |text: &str| {
        let (open, close) = text.split_once('-').unwrap();
        Span { open: time(open), close: time(close) }
    };
    let spans: Vec<Span> = spans.split(',').map(span).collect();
    WeeklyHours::on(&[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri], &spans)
}
