//! Messages, decisions and mails for the tests of this module.
use super::*;
use crate::calendar::Window;
use crate::decide::{Decision, Plan};
use crate::model::{
    Author, Code, Content, EmailAddress, FolderRole, HeaderText, Incoming, Instant, MessageId, Party, Verdict, Zones,
};
use chrono::TimeDelta;

/// Minutes after the tests' beginning of time.
pub(super) fn minute(n: i64) -> Instant {
    Instant::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(n)
}

pub(super) fn address(raw: &str) -> EmailAddress {
    EmailAddress::parse(raw).unwrap()
}

pub(super) fn party(raw: &str) -> Party {
    Party { name: None, address: address(raw) }
}

pub(super) fn id(raw: &str) -> MessageId {
    MessageId::parse(&format!("{raw}@x.example")).unwrap()
}

/// A message `name` (its key and the left part of its Message-ID) that arrived in `at` minutes.
pub(super) fn message(name: &str, from: &str, subject: &str, at: i64) -> Incoming {
    Incoming {
        key: format!("key-{name}"),
        message_id: Some(id(name)),
        author: Author::One(party(from)),
        to: vec![party("claire@studio.example")],
        subject: HeaderText::new(subject),
        arrived: minute(at),
        size: 100,
        content: Content { text: format!("Text of {name}"), ..Content::default() },
        ..Incoming::default()
    }
}

/// A mail of the owner's in Sent.
pub(super) fn own(name: &str, to: &str, subject: &str, at: i64) -> Incoming {
    let mut mail = message(name, "claire@studio.example", subject, at);
    mail.to = vec![party(to)];
    mail.folder = FolderRole::Sent;
    mail
}

pub(super) fn answering(mut mail: Incoming, parents: &[&str]) -> Incoming {
    mail.in_reply_to = parents.iter().map(|p| id(p)).collect();
    mail
}

pub(super) fn referring(mut mail: Incoming, parents: &[&str]) -> Incoming {
    mail.references = parents.iter().map(|p| id(p)).collect();
    mail
}

pub(super) fn decision(verdict: Verdict) -> Decision {
    Decision {
        verdict,
        reasons: vec![Code::KnownClient.into(), Code::Precedence.with("bulk")],
        client: Some("acme".to_owned()),
        plan: None,
        reply_to: None,
        pauses: Vec::new(),
    }
}

pub(super) fn planned(by: i64) -> Decision {
    let zone = Zones::bundled().get("Asia/Singapore").unwrap();
    let window =
        Window { start: minute(by - 30), end: minute(by), date: zone.local(minute(by)).date(), zone, place: None };
    let plan = Plan { send_at: minute(5), by: minute(by), window, announced: true };
    Decision { plan: Some(plan), ..decision(Verdict::Acknowledge) }
}

impl Tx<'_> {
    /// The try with a mail that runs now.
    pub(super) fn held(&self, id: &str) -> Claim {
        self.outbox_row(id).unwrap().unwrap().claim()
    }
}

/// A store and what has happened in it, told in short sentences. The place of a message is made from its name.
pub(super) struct World {
    pub(super) store: Store,
    uid: std::cell::Cell<u32>,
}

impl World {
    pub(super) fn new() -> Self {
        Self { store: Store::in_memory().unwrap(), uid: 0.into() }
    }

    pub(super) fn next_uid(&self) -> u32 {
        self.uid.set(self.uid.get() + 1);
        self.uid.get()
    }

    pub(super) fn tx<R>(&self, work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> R {
        self.store.write_blocking(work).unwrap()
    }

    /// A client's message comes in; its exchange id is `x-NAME`.
    pub(super) fn receive(&self, mail: &Incoming) -> Recorded {
        self.receive_in("studio", "INBOX", mail)
    }

    pub(super) fn receive_in(&self, mailbox: &str, folder: &str, mail: &Incoming) -> Recorded {
        let id = mail.key.replace("key-", "x-");
        let new = NewExchange {
            id: &id,
            mailbox,
            folder,
            uidvalidity: 7,
            uid: self.next_uid(),
            incoming: mail,
            raw: Some(&Packed::new(b"Subject: raw\r\n\r\n", true).unwrap()),
            decision: &decision(Verdict::Acknowledge),
            now: mail.arrived,
        };
        self.tx(|tx| tx.record(&new))
    }

    /// The owner's mail is seen in Sent.
    pub(super) fn see_sent(&self, mail: &Incoming, clients: &[&str]) -> RecordedOwn {
        self.see_own(mail, clients, OwnSource::Sent)
    }

    pub(super) fn see_own(&self, mail: &Incoming, clients: &[&str], source: OwnSource) -> RecordedOwn {
        self.see_draft(mail, clients, source, None)
    }

    pub(super) fn see_draft(
        &self,
        mail: &Incoming,
        clients: &[&str],
        source: OwnSource,
        draft: Option<SentDraft<'_>>,
    ) -> RecordedOwn {
        let clients: Vec<String> = clients.iter().map(ToString::to_string).collect();
        let id = mail.key.replace("key-", "x-");
        let new = NewOwn {
            id: &id,
            mailbox: "studio",
            folder: if source == OwnSource::Sent { "Sent" } else { "INBOX" },
            uidvalidity: 7,
            uid: self.next_uid(),
            incoming: mail,
            raw: None,
            source,
            clients: &clients,
            draft,
            decision: None,
            now: mail.arrived,
        };
        self.tx(|tx| tx.record_own(&new))
    }

    /// A promise `p-NAME` for the message `x-NAME`.
    pub(super) fn promise(&self, name: &str, client: &str, by: i64) {
        let zone = Zones::bundled().get("Asia/Singapore").unwrap();
        let (id, exchange) = (format!("p-{name}"), format!("x-{name}"));
        let new = NewPromise {
            id: &id,
            exchange: &exchange,
            client,
            mailbox: "studio",
            by: minute(by),
            zone: &zone,
            announced: true,
            renews: None,
            now: minute(0),
        };
        self.tx(|tx| tx.make_promise(&new));
    }

    /// An acknowledgement `a-NAME` in answer to `x-NAME`, made in minute `at`.
    pub(super) fn acknowledge(&self, name: &str, to: &str, at: i64) {
        self.mail(name, to, at, |_| ());
    }

    pub(super) fn mail(&self, name: &str, to: &str, at: i64, change: impl FnOnce(&mut NewMail<'_>)) -> Option<String> {
        with_mail(name, to, at, |new| {
            change(new);
            self.tx(|tx| tx.queue(new))
        })
    }

    pub(super) fn past(&self, mail: &Incoming, at: i64) -> crate::model::Past {
        self.store.read_blocking(|r| r.past(mail, "studio", minute(at))).unwrap()
    }

    /// Ids of the open promises.
    pub(super) fn open(&self) -> Vec<String> {
        let open = self.store.read_blocking(|r| r.promises(true)).unwrap();
        open.into_iter().map(|p| p.id).collect()
    }

    pub(super) fn row(&self, id: &str) -> OutboxRow {
        self.store.read_blocking(|r| r.outbox_row(id)).unwrap().unwrap()
    }
}

/// An acknowledgement of `x-NAME`, to be changed and queued.
pub(super) fn with_mail<R>(name: &str, to: &str, at: i64, work: impl for<'a> FnOnce(&mut NewMail<'a>) -> R) -> R {
    let (mail_id, answers, to) = (format!("a-{name}"), format!("x-{name}"), address(to));
    let (message_id, from) = (id(&mail_id), address("claire@studio.example"));
    let (mark, key) = (format!("instance/{mail_id}"), NewMail::answer_key("acknowledgement", &format!("key-{name}")));
    let subject = HeaderText::new("Re: Logo");
    let mut new = NewMail {
        id: &mail_id,
        mailbox: "studio",
        answers: Some(&answers),
        promise: None,
        client: Some("acme"),
        kind: "acknowledgement",
        automatic: true,
        route: Route::Send,
        not_before: minute(at),
        from: &from,
        envelope_from: Some(&from),
        to: &to,
        message_id: &message_id,
        fuseau_id: &mark,
        subject: &subject,
        text: "Your message has arrived.",
        bytes: b"From: claire\r\n\r\nhello\r\n",
        dedupe_key: &key,
        window: None,
        now: minute(at),
    };
    work(&mut new)
}
