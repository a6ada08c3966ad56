//! Who writes, what, and how they take our mail: clients, the owner, robots, forgers.
use super::letters::{Letter, OWN, plain};
use super::world::{Event, Instant, Kind, World};
use chrono::TimeDelta;
use fuseau::mailbox::Flags;

/// How somebody takes mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Writes questions, says thank you, comes back.
    Human,
    /// Human, with a proper vacation responder.
    Away,
    /// Answers every mail at once with the same words and without any mark.
    Echo,
    /// Opens a ticket for every mail: a new subject and id each time, no mark, nothing referred to.
    Ticket,
    /// Human; but now and then mail to them bounces.
    Bounces,
    /// Sends newsletters and notices.
    Robot,
    /// Writes in a client's name.
    Forger,
    /// No client.
    Stranger,
}

/// Somebody who writes.
pub struct Person {
    pub address: &'static str,
    pub manner: Manner,
    /// The account they write to.
    pub account: usize,
    /// Hours between two mails of their own accord, on average.
    pub every: i64,
}

impl World {
    pub fn happen(&mut self, event: Event) {
        match event {
            Event::Write(person) => self.write(person),
            Event::Arrive { mail, accounts, folder } => self.arrive(mail, &accounts, folder),
            Event::Owner { mail, how } => self.owner(mail, how),
            Event::React { accepted } => self.react(accepted),
            Event::Answered { mail } => self.answered(mail),
            Event::Pause(on) => {
                let file = fuseau::system::state::pause_file(&self.dir);
                if on {
                    std::fs::write(file, "x").unwrap()
                } else {
                    drop(std::fs::remove_file(file))
                }
                self.say(if on { "PAUSE" } else { "RESUME" });
            }
            Event::Renumber { account, folder } => self.renumber(account, folder),
            Event::SendDraft { account } => self.send_draft(account),
        }
    }

    fn write(&mut self, person: usize) {
        let every = self.people[person].every;
        let wait = self.rng.between(every * 6, every * 110);
        self.plan(self.now() + TimeDelta::minutes(wait), Event::Write(person));
        let (address, manner, account) =
            (self.people[person].address, self.people[person].manner, self.people[person].account);
        let subject =
            *self.rng.pick(&["Plans for the lobby", "Logo", "Invoice of May", "Website", "Delivery", "Quote"]);
        match manner {
            Manner::Robot => self.robot(person),
            Manner::Forger => {
                let client = *self.rng.pick(&["anna@acme.example", "urs@keller.example", "rose@paris.example"]);
                let honest_path = self.rng.chance(500);
                let mail = self.letter(&Letter {
                    kind: Kind::Forged,
                    return_path: if honest_path { "x@evil.example" } else { client },
                    authentic: false,
                    ..plain(person, client, OWN[0], "Urgent payment", "Please answer at once, who are you?")
                });
                self.post(mail, &[0], TimeDelta::zero());
            }
            Manner::Stranger => {
                let mail = self.letter(&Letter {
                    kind: Kind::Stranger,
                    ..plain(person, address, OWN[account], subject, "Would you have time for a new project?")
                });
                self.post(mail, &[account], TimeDelta::zero());
            }
            _ => {
                // Sometimes to both of the owner's addresses at once.
                let both = self.rng.chance(120);
                let to = if both { "claire@studio.example, claire@shop.example" } else { OWN[account] };
                let mail = self.letter(&plain(
                    person,
                    address,
                    to,
                    subject,
                    "Hello Claire, could you look at this by Friday?",
                ));
                let accounts = if both { vec![0, 1] } else { vec![account] };
                self.post(mail, &accounts, TimeDelta::zero());
                if self.rng.chance(50) {
                    // The server delivers it twice.
                    self.post(mail, &accounts[..1], TimeDelta::minutes(3));
                }
            }
        }
    }

    fn robot(&mut self, person: usize) {
        let (address, account) = (self.people[person].address, self.people[person].account);
        let (extra, subject, path): (&[(&str, &str)], _, _) = match self.rng.below(5) {
            0 => (&[("List-Id", "<news.acme.example>"), ("Precedence", "bulk")], "News of the week", "x@acme.example"),
            1 => (&[("Auto-Submitted", "auto-generated")], "Backup finished", "ops@acme.example"),
            2 => (&[("Auto-Submitted", "auto-replied")], "Out of office: Logo", ""),
            3 => (&[("X-Auto-Response-Suppress", "All")], "Your ticket", "x@acme.example"),
            _ => (&[("Content-Type", "multipart/report; report-type=delivery-status; boundary=q")], "Undelivered", ""),
        };
        let mail = self.letter(&Letter {
            kind: Kind::Machine,
            extra,
            return_path: path,
            ..plain(person, address, OWN[account], subject, "This is generated.")
        });
        self.post(mail, &[account], TimeDelta::zero());
    }

    fn arrive(&mut self, mail: usize, accounts: &[usize], folder: &'static str) {
        self.mails[mail].gone_at = None;
        if self.mails[mail].answered_from.is_none() {
            // This copy carries no flag: nothing in this mailbox shows that another copy was answered.
            self.mails[mail].answered_at = None;
        }
        for account in accounts {
            self.put(*account, folder, mail, Flags::default());
            self.say(&format!(
                "{account} {folder}: mail {mail} {:?} from {} arrives",
                self.mails[mail].kind, self.mails[mail].from
            ));
            if folder == "INBOX" && self.rng.chance(700) {
                self.news.push(*account);
            }
        }
        if matches!(self.mails[mail].kind, Kind::Question | Kind::Thanks | Kind::Stranger) {
            let minutes = match self.rng.below(10) {
                0 | 1 => self.rng.between(0, 5),
                2..=4 => self.rng.between(5, 400),
                5 | 6 => self.rng.between(400, 2500),
                _ => return,
            };
            let how = u8::try_from(self.rng.below(10)).unwrap();
            self.plan(self.now() + TimeDelta::minutes(minutes), Event::Owner { mail, how });
        }
    }

    /// A client got the owner's answer.
    fn answered(&mut self, answer: usize) {
        let person = self.mails[answer].person;
        if !matches!(self.people[person].manner, Manner::Human | Manner::Away | Manner::Bounces) {
            return;
        }
        let parent = (self.mails[answer].id.clone().unwrap(), self.mails[answer].references.clone());
        let subject = self.mails[answer].subject.clone();
        match self.rng.below(10) {
            0..=2 => self.reply(person, Kind::Thanks, parent, &subject, "Thank you very much!", 5),
            3..=5 => self.reply(person, Kind::Question, parent, &subject, "And what about the other one?", 200),
            _ => {}
        }
    }

    fn reply(
        &mut self,
        person: usize,
        kind: Kind,
        parent: (String, Vec<String>),
        subject: &str,
        body: &str,
        most: i64,
    ) {
        let (address, account) = (self.people[person].address, self.people[person].account);
        let mail = self.letter(&Letter {
            kind,
            parent: Some(parent),
            token: kind == Kind::Question,
            ..plain(person, address, OWN[account], subject, body)
        });
        let delay = TimeDelta::seconds(self.rng.between(1, most * 60));
        self.post(mail, &[account], delay);
    }

    /// Somebody got our automatic mail.
    fn react(&mut self, accepted: usize) {
        let got = self.accepted[accepted].clone();
        let Some(person) = self.people.iter().position(|p| p.address == got.to) else { return };
        let parent = (got.public_id.clone(), Vec::new());
        let subject = got.subject.clone();
        let (address, account) = (self.people[person].address, self.people[person].account);
        match self.people[person].manner {
            Manner::Human if self.rng.chance(200) => {
                self.reply(person, Kind::Thanks, parent, &subject, "Thanks, perfect", 60);
            }
            Manner::Human if self.rng.chance(200) => {
                self.reply(person, Kind::Question, parent, &subject, "One more thing: is Friday fine?", 300);
            }
            Manner::Away => {
                let mail = self.letter(&Letter {
                    kind: Kind::Machine,
                    extra: &[("Auto-Submitted", "auto-replied")],
                    parent: Some(parent),
                    return_path: "",
                    ..plain(person, address, OWN[account], &subject, "I am away until Monday.")
                });
                self.post(mail, &[account], TimeDelta::zero());
            }
            Manner::Echo => {
                self.reply(
                    person,
                    Kind::Unmarked,
                    parent,
                    &subject,
                    "We have received your message and will come back to you.",
                    1,
                );
            }
            Manner::Ticket => {
                let subject = format!("Case {} opened", self.mails.len());
                let mail = self.letter(&Letter {
                    kind: Kind::Unmarked,
                    ..plain(
                        person,
                        address,
                        OWN[account],
                        &subject,
                        "A case was opened for your request. Somebody will look at it.",
                    )
                });
                self.post(mail, &[account], TimeDelta::zero());
            }
            Manner::Bounces if self.rng.chance(300) => {
                let body = format!(
                    "--q\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--q--"
                );
                let mail = self.letter(&Letter {
                    kind: Kind::Machine,
                    extra: &[
                        ("MIME-Version", "1.0"),
                        ("Content-Type", "multipart/report; report-type=delivery-status; boundary=q"),
                    ],
                    return_path: "",
                    token: false,
                    ..plain(person, "mailer-daemon@mx.example", OWN[account], "Undelivered Mail", &body)
                });
                self.post(mail, &[account], TimeDelta::zero());
            }
            _ => {}
        }
    }

    fn renumber(&mut self, account: usize, folder: &'static str) {
        let Some(store) = self.accounts[account].folders.get_mut(folder) else { return };
        store.validity += 1;
        let mut next = 1 + store.next / 3;
        for one in &mut store.lying {
            one.uid = next;
            next += 1;
        }
        store.next = next;
        // What nobody has looked at by now may be too old when somebody does.
        let lying: Vec<usize> = store.lying.iter().map(|one| one.mail).collect();
        for mail in lying {
            self.mails[mail].exempt |= !self.mails[mail].recorded;
        }
        self.say(&format!("{account} {folder}: numbered anew"));
    }
}

/// The people of every life.
pub fn people() -> Vec<Person> {
    let person = |address, manner, account, every| Person { address, manner, account, every };
    vec![
        person("anna@acme.example", Manner::Human, 0, 20),
        person("ben@acme.example", Manner::Away, 0, 40),
        person("urs@keller.example", Manner::Human, 0, 24),
        person("joao@sampa.example", Manner::Bounces, 1, 40),
        person("viv@cascade.example", Manner::Human, 1, 30),
        person("rose@paris.example", Manner::Human, 0, 24),
        person("howie@island.example", Manner::Human, 1, 40),
        person("desk@tickets.example", Manner::Ticket, 0, 60),
        person("hello@echo.example", Manner::Echo, 1, 60),
        person("news@acme.example", Manner::Robot, 0, 20),
        person("x@evil.example", Manner::Forger, 0, 60),
        person("who@nowhere.example", Manner::Stranger, 1, 40),
    ]
}

/// When somebody begins.
pub fn begin(world: &mut World, start: Instant) {
    for person in 0..world.people.len() {
        let wait = world.rng.between(1, world.people[person].every * 60);
        world.plan(start + TimeDelta::minutes(wait), Event::Write(person));
    }
}
