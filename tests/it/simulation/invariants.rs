//! What must hold, whatever happened: the daemon's memory against what the servers saw. Reads the database by SQL of its
//! own, so that a mistake in the store's queries does not hide itself.
use super::oracle::Oracle;
use super::people::Manner;
use super::world::{Accepted, INBOXES, Instant, Kind, World};
use chrono::{DateTime, TimeDelta};
use fuseau::decide::Policy;
use rusqlite::{Connection, OpenFlags, params};
use std::collections::BTreeMap;
use std::path::Path;

/// The checker and what it remembers between two looks.
pub struct Checker {
    db: Connection,
    checked: usize,
    closed: BTreeMap<String, String>,
    faults: Vec<String>,
}

fn at(millis: i64) -> Instant {
    DateTime::from_timestamp_millis(millis).unwrap()
}

impl Checker {
    pub fn new(dir: &Path) -> Self {
        Self { db: open(dir), checked: 0, closed: BTreeMap::new(), faults: Vec::new() }
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    /// What was found since the last time this was asked.
    pub fn verdict(&mut self) -> Result<(), String> {
        if self.faults.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.faults).join("\n")) }
    }

    fn exchanges(&self, mail: &super::world::Mail) -> Vec<(i64, String)> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        match &mail.id {
            Some(id) => {
                let sql = "SELECT seq, conversation FROM exchange WHERE message_id = ? AND from_address = ?";
                let mut found = self.db.prepare_cached(sql).unwrap();
                found.query_map(params![id, mail.from], read).unwrap().map(Result::unwrap).collect()
            }
            None => {
                let sql = "SELECT seq, conversation FROM exchange WHERE message_id IS NULL AND excerpt LIKE ?";
                let mut found = self.db.prepare_cached(sql).unwrap();
                let pattern = format!("%{}%", mail.token);
                found.query_map(params![pattern], read).unwrap().map(Result::unwrap).collect()
            }
        }
    }

    fn set_aside(&self, mailbox: &str, folder: &str, uid: u32) -> bool {
        let sql =
            "SELECT count(*) FROM location l JOIN folder f ON f.id = l.folder JOIN exchange e ON e.seq = l.exchange
                   WHERE f.mailbox = ? AND f.name = ? AND l.uid = ? AND e.key LIKE 'unread:%' AND e.verdict = 'hold'";
        self.db.query_row(sql, params![mailbox, folder, uid], |row| row.get::<_, i64>(0)).unwrap() == 1
    }

    /// After a poll that went through: what lay there when it began is recorded, once.
    pub fn polled(&mut self, world: &mut World, account: usize) {
        let mut lay: Vec<(usize, Instant, &str, u32)> = Vec::new();
        for (name, folder) in &world.accounts[account].folders {
            if INBOXES.contains(name) || *name == "Sent" {
                let sql = "SELECT first_contact_at FROM folder WHERE mailbox = ? AND name = ?";
                let met = at(self.db.query_row(sql, [world.accounts[account].name, name], |row| row.get(0)).unwrap());
                lay.extend(
                    folder.lying.iter().map(|one| (one.mail, one.arrived, *name, one.uid)).filter(|one| one.1 > met),
                );
            }
        }
        for (mail, arrived, folder, uid) in lay {
            let it = &world.mails[mail];
            if it.recorded || it.before_us || arrived >= world.turn_at {
                continue;
            }
            if it.exempt && world.turn_at - arrived > TimeDelta::hours(24) {
                continue;
            }
            let found = self.exchanges(it).len();
            // Two deaths while it was being read: it is set aside, under its place.
            let aside = found == 0 && self.set_aside(world.accounts[account].name, folder, uid);
            if found != 1 && !aside {
                self.fault(format!("I1: mail {mail} ({:?} {:?}) has {found} exchanges", it.kind, it.id));
            }
            world.mails[mail].recorded = true;
        }
    }

    /// The mails that left since the last look.
    pub fn left(&mut self, world: &World, policy: &Policy, oracle: &Oracle) {
        if world.sent_while_paused > 0 {
            self.fault("I5: a mail left while everything was paused".to_owned());
        }
        for index in self.checked..world.accepted.len() {
            let it = world.accepted[index].clone();
            self.one(world, policy, oracle, &it, index);
        }
        self.checked = world.accepted.len();
    }

    fn one(&mut self, world: &World, policy: &Policy, oracle: &Oracle, it: &Accepted, index: usize) {
        let name = format!("{} to {} at {}", it.message_id, it.to, it.at);
        if world.accepted[..index].iter().any(|other| other.message_id == it.message_id) {
            self.fault(format!("I2: accepted twice: {name}"));
        }
        let address = fuseau::model::EmailAddress::parse(&it.to).unwrap();
        if policy.client_of(&address).is_none() {
            self.fault(format!("I4: to nobody's client: {name}"));
        }
        let sql = "SELECT o.answers, o.window_end, o.attempts, o.state, o.bytes, o.envelope_to, o.kind
                   FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.message_id = ?";
        let row = self.db.query_row(sql, [&it.message_id], |row| {
            Ok((
                row.get::<_, Option<i64>>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, u32>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, Vec<u8>>(4)?,
                row.get::<_, String>(5)?,
                row.get::<_, String>(6)?,
            ))
        });
        let Ok((answers, end, attempts, state, bytes, to, kind)) = row else {
            return self.fault(format!("I3: accepted, but not in the outbox: {name}"));
        };
        if !["sent", "dot_sent", "unknown"].contains(&state.as_str()) {
            self.fault(format!("I3: accepted, but {state}: {name}"));
        }
        if bytes != *it.bytes || to != it.to {
            self.fault(format!("I3: the outbox holds another mail than was sent: {name}"));
        }
        let by = at(end);
        // A retry keeps its words; only a first try is promised anew when its time has passed. A holding reply goes out
        // before the promise that it renews, and promises the next window after it.
        let old: Option<i64> = self.old_promise(&it.message_id);
        let least = if kind == "holding" { old.map_or(it.at, at) } else { it.at };
        let wanted = oracle.first_end(least + policy.replies.min_notice);
        if kind == "holding" && old.is_none_or(|old| at(old) < it.at) {
            self.fault(format!("I5: a holding reply after the promise had lapsed: {name}"));
        }
        if by <= it.at {
            self.fault(format!("I5: promised {by}, which is over: {name}"));
        } else if attempts <= 1 && wanted != Some(by) {
            self.fault(format!("I5: {kind} promised {by}, the calendar says {wanted:?}: {name}"));
        } else if !oracle.is_end(by) {
            self.fault(format!("I5: promised {by}, when no window ends: {name}"));
        }
        let Some(seq) = answers else { return self.fault(format!("answers nothing: {name}")) };
        let answered = self.mail_of(world, seq);
        let Some(answered) = answered else { return self.fault(format!("answers an unknown mail: {name}")) };
        let mail = &world.mails[answered];
        if matches!(mail.kind, Kind::Machine | Kind::Forged | Kind::Stranger | Kind::Owner | Kind::Thanks) {
            self.fault(format!("acknowledges mail {answered}, which is {:?}: {name}", mail.kind));
        }
        if mail.before_us {
            self.fault(format!("answers mail {answered}, which lay there before: {name}"));
        }
        // An answer from another mailbox shows at that one's next poll.
        if mail.answered_at.is_some_and(|at| at < it.turn_at) && mail.answered_from.is_none_or(|a| a == it.account) {
            self.fault(format!("mail {answered} was answered by the owner at {:?}: {name}", mail.answered_at));
        }
        // Put away is not answered: what was promised is still renewed.
        if kind != "holding" && mail.gone_at.is_some_and(|at| at < it.turn_at) {
            self.fault(format!("mail {answered} was taken away at {:?}: {name}", mail.gone_at));
        }
        let same = |other: &&Accepted| self.answers_of(&other.message_id) == Some((seq, kind.clone()));
        if kind != "holding" && world.accepted[..index].iter().any(|other| same(&other)) {
            self.fault(format!("I2: a second {kind} of mail {answered}: {name}"));
        }
    }

    /// The mail of the world that an exchange is.
    fn mail_of(&self, world: &World, seq: i64) -> Option<usize> {
        let sql = "SELECT coalesce(message_id, ''), coalesce(from_address, ''), excerpt FROM exchange WHERE seq = ?";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (id, from, excerpt): (String, String, String) =
            self.db.prepare_cached(sql).unwrap().query_row([seq], read).unwrap();
        world.mails.iter().position(|mail| match &mail.id {
            Some(own) => mail.kind != Kind::Copy && *own == id && mail.from == from,
            None => id.is_empty() && excerpt.contains(&mail.token),
        })
    }

    /// When the promise that a holding reply renews was due.
    fn old_promise(&self, message_id: &str) -> Option<i64> {
        let sql =
            "SELECT old.by_at FROM outbox o JOIN exchange e ON e.seq = o.exchange JOIN promise p ON p.id = o.promise
                   JOIN promise old ON old.id = p.renews WHERE e.message_id = ?";
        self.db.prepare_cached(sql).unwrap().query_row([message_id], |row| row.get(0)).ok()
    }

    fn answers_of(&self, message_id: &str) -> Option<(i64, String)> {
        let sql = "SELECT o.answers, o.kind FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.message_id = ?";
        self.db.prepare_cached(sql).unwrap().query_row([message_id], |row| Ok((row.get(0)?, row.get(1)?))).ok()
    }

    /// Everything at once.
    pub fn all(&mut self, world: &World, policy: &Policy) {
        self.outbox(world);
        self.dropped(world);
        self.conversations();
        self.limits(policy);
        self.promises();
        let sound: String = self.db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        if sound != "ok" {
            self.fault(format!("I7: {sound}"));
        }
        let orphans: i64 = self.count("SELECT count(*) FROM pragma_foreign_key_check");
        if orphans > 0 {
            self.fault(format!("I7: {orphans} orphans"));
        }
        let twice = self.count(
            "SELECT count(*) FROM (SELECT 1 FROM exchange WHERE direction = 'in' AND message_id IS NOT NULL
             GROUP BY message_id, from_folded HAVING count(*) > 1)",
        );
        let held = self.count("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM outbox WHERE kind = 'holding' AND state <> 'dropped' GROUP BY conversation)");
        if held > i64::from(policy.promises.holding_max) {
            self.fault(format!("{held} holding replies in one conversation"));
        }
        if twice > 0 {
            self.fault(format!("I1: {twice} messages have several exchanges"));
        }
    }

    fn count(&self, sql: &str) -> i64 {
        self.db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// I3: sent if and only if accepted.
    fn outbox(&mut self, world: &World) {
        let sql = "SELECT e.message_id, o.state, o.route FROM outbox o JOIN exchange e ON e.seq = o.exchange";
        let rows: Vec<(String, String, String)> = {
            let mut found = self.db.prepare_cached(sql).unwrap();
            let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        for (id, state, route) in rows {
            let accepted = world.accepted.iter().filter(|it| it.message_id == id).count();
            let wrong = match state.as_str() {
                "sent" => route == "send" && accepted != 1,
                "dot_sent" | "unknown" => accepted > 1,
                _ => accepted > 0,
            };
            if wrong {
                self.fault(format!("I3: {id} is {state} ({route}), accepted {accepted} times"));
            }
            let drafts = |it: &super::world::Account| {
                it.folders["Drafts"].lying.iter().filter(|one| world.mails[one.mail].id.as_deref() == Some(&id)).count()
            };
            if world.accounts.iter().map(drafts).sum::<usize>() > 1 {
                self.fault(format!("K12: two drafts of {id}"));
            }
            let copies = |it: &super::world::Account| {
                it.folders["Sent"].lying.iter().filter(|one| world.mails[one.mail].id.as_deref() == Some(&id)).count()
            };
            let copies: usize = world.accounts.iter().filter(|it| !it.renames).map(copies).sum();
            if copies > 1 {
                self.fault(format!("K11: {copies} copies of {id} in Sent"));
            }
        }
    }

    /// What was not sent had a true reason.
    fn dropped(&mut self, world: &World) {
        let sql = "SELECT o.answers, o.last_reply, coalesce(p.state, ''), e.message_id FROM outbox o
                   JOIN exchange e ON e.seq = o.exchange LEFT JOIN promise p ON p.id = o.promise
                   WHERE o.state = 'dropped' AND o.kind = 'acknowledgement'";
        let rows: Vec<(i64, String, String, String)> = {
            let mut found = self.db.prepare_cached(sql).unwrap();
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            found.query_map([], read).unwrap().map(Result::unwrap).collect()
        };
        for (answers, why, promise, name) in rows {
            let mail = self.mail_of(world, answers);
            if why == "gone" && mail.is_some_and(|mail| !world.mails[mail].was_gone) {
                self.fault(format!("dropped as gone, but mail {mail:?} was always there: {name}"));
            }
            if why == "answered" && promise != "kept" {
                self.fault(format!("dropped as answered, but the promise is {promise}: mail {mail:?}, {name}"));
            }
        }
    }

    /// D3: one automatic mail in a conversation until the owner wrote in it.
    fn conversations(&mut self) {
        let sql =
            "SELECT count(*) FROM outbox a JOIN outbox b ON a.conversation = b.conversation AND a.exchange < b.exchange
                   WHERE a.automatic AND b.kind = 'acknowledgement' AND a.state <> 'dropped' AND b.state <> 'dropped'
                   AND NOT EXISTS (SELECT 1 FROM exchange e WHERE e.conversation = a.conversation
                     AND e.written_by = 'owner' AND e.at >= a.created_at AND e.at <= b.created_at)";
        let wrong = self.count(sql);
        if wrong > 0 {
            self.fault(format!("D3: {wrong} pairs of automatic mails in one conversation without the owner between"));
        }
    }

    /// I6: intents within the caps.
    fn limits(&mut self, policy: &Policy) {
        let replies = &policy.replies;
        let caps = [
            ("1", TimeDelta::minutes(10), replies.total[0]),
            ("1", TimeDelta::minutes(60), replies.total[1]),
            ("1", TimeDelta::hours(24), replies.total[2]),
            ("to_folded", TimeDelta::hours(24), replies.per_sender_day),
            ("to_folded", TimeDelta::days(7), replies.per_sender_week),
            ("to_domain", TimeDelta::hours(24), replies.per_domain_day),
        ];
        for (by, span, most) in caps {
            let sql = format!(
                "SELECT max(n) FROM (SELECT (SELECT count(*) FROM outbox b WHERE b.automatic AND b.state <> 'dropped'
                   AND ({by} = 1 OR b.{column} = a.{column}) AND b.created_at <= a.created_at
                   AND b.created_at > a.created_at - ?) AS n FROM outbox a WHERE a.automatic AND a.state <> 'dropped')",
                column = if by == "1" { "kind" } else { by },
                by = if by == "1" { "1" } else { "0" },
            );
            let found: Option<u32> = self.db.query_row(&sql, [span.num_milliseconds()], |row| row.get(0)).unwrap();
            if found.is_some_and(|found| found > most) {
                self.fault(format!("I6: {found:?} automatic mails in {span}, at most {most} ({by})"));
            }
        }
    }

    /// A promise ends once; one that lapsed while its holding reply was on the way is renewed after all, and the renewal
    /// itself begins only when that reply is sent (until then it is closed as `unsent`).
    fn promises(&mut self) {
        let rows: Vec<(String, String)> = {
            let mut found = self
                .db
                .prepare_cached("SELECT id, state FROM promise WHERE state <> 'open' AND closed_by <> 'unsent'")
                .unwrap();
            let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        for (id, state) in rows {
            let before = self.closed.insert(id.clone(), state.clone());
            if before
                .as_ref()
                .is_some_and(|before| *before != state && (before.as_str(), state.as_str()) != ("lapsed", "renewed"))
            {
                self.fault(format!("promise {id} was {before:?} and is {state}"));
            }
        }
    }

    /// At the end of a calm time nothing is left hanging.
    pub fn settled(&mut self, now: Instant) {
        let stuck = self.count(&format!(
            "SELECT count(*) FROM outbox WHERE state IN ('sending', 'dot_sent') OR state = 'queued' AND next_attempt < {}",
            (now - TimeDelta::minutes(5)).timestamp_millis()
        ));
        if stuck > 0 {
            self.fault(format!("{stuck} mails hang"));
        }
        let late = self.count(&format!(
            "SELECT count(*) FROM promise WHERE state = 'open' AND by_at < {}",
            (now - TimeDelta::minutes(5)).timestamp_millis()
        ));
        if late > 0 {
            self.fault(format!("{late} promises neither kept nor lapsed"));
        }
    }

    /// What the people saw.
    pub fn figures(&self, world: &World) -> String {
        let states: Vec<String> = {
            let mut found = self.db.prepare("SELECT state, count(*) FROM outbox GROUP BY state").unwrap();
            let rows = found.query_map([], |row| Ok(format!("{} {}", row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
            rows.unwrap().map(Result::unwrap).collect()
        };
        let promises: Vec<String> = {
            let mut found = self.db.prepare("SELECT state, count(*) FROM promise GROUP BY state").unwrap();
            let rows = found.query_map([], |row| Ok(format!("{} {}", row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
            rows.unwrap().map(Result::unwrap).collect()
        };
        let loops = world.people.iter().filter(|p| matches!(p.manner, Manner::Echo | Manner::Ticket)).count();
        format!(
            "{} mails, {} accepted ({loops} loopers); outbox: {}; promises: {}",
            world.mails.len(),
            world.accepted.len(),
            states.join(", "),
            promises.join(", ")
        )
    }
}

fn open(dir: &Path) -> Connection {
    Connection::open_with_flags(dir.join("fuseau.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}
