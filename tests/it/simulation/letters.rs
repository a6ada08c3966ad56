//! Mails: what they say, into bytes and on their way.
use super::world::{Event, Kind, Mail, World};
use chrono::TimeDelta;
use std::fmt::Write as _;
use std::sync::Arc;

/// The owner's addresses, by account.
pub const OWN: [&str; 2] = ["claire@studio.example", "claire@shop.example"];

/// A letter before it is put into bytes.
pub struct Letter<'a> {
    pub person: usize,
    pub kind: Kind,
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub parent: Option<(String, Vec<String>)>,
    pub extra: &'a [(&'a str, &'a str)],
    pub return_path: &'a str,
    pub authentic: bool,
    pub token: bool,
}

impl World {
    /// Makes a mail; its number.
    pub fn letter(&mut self, letter: &Letter<'_>) -> usize {
        let number = self.mails.len();
        let domain = letter.from.rsplit_once('@').unwrap().1;
        let anonymous = letter.kind == Kind::Question && letter.parent.is_none() && self.rng.chance(20);
        let id = (!anonymous).then(|| format!("<{:012x}.{number}@{domain}>", self.rng.bits() >> 16));
        let token = format!("w{number}w");
        let mut text = String::new();
        let _ = write!(text, "Return-Path: <{}>\r\n", letter.return_path);
        let result = if letter.authentic { "pass" } else { "fail" };
        let _ = write!(text, "Authentication-Results: mx.studio.example; dmarc={result} header.from={domain}\r\n");
        let _ =
            write!(text, "From: Somebody <{}>\r\nTo: {}\r\nSubject: {}\r\n", letter.from, letter.to, letter.subject);
        if let Some(id) = &id {
            let _ = write!(text, "Message-ID: {id}\r\n");
        }
        let mut references = Vec::new();
        if let Some((parent, before)) = &letter.parent {
            references.clone_from(before);
            references.push(parent.clone());
            let _ = write!(text, "In-Reply-To: {parent}\r\nReferences: {}\r\n", references.join("\r\n "));
        }
        for (name, value) in letter.extra {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let token_line = if letter.token { token.as_str() } else { "" };
        let _ = write!(text, "\r\n{}\r\n{token_line}\r\n", letter.body);
        self.mails.push(Mail {
            id,
            from: letter.from.to_owned(),
            subject: letter.subject.to_owned(),
            kind: letter.kind,
            person: letter.person,
            bytes: Arc::new(text.into_bytes()),
            token: if letter.token { token } else { String::new() },
            references,
            answered_at: None,
            answered_from: None,
            gone_at: None,
            was_gone: false,
            before_us: false,
            recorded: false,
            exempt: false,
        });
        number
    }

    /// A mail travels.
    pub fn post(&mut self, mail: usize, accounts: &[usize], delay: TimeDelta) {
        let folder = if self.rng.chance(80) { "Clients" } else { "INBOX" };
        for account in accounts {
            let folder = if self.accounts[*account].folders.contains_key(folder) { folder } else { "INBOX" };
            let at = self.now() + delay + TimeDelta::seconds(self.rng.between(0, 40));
            self.plan(at, Event::Arrive { mail, accounts: vec![*account], folder });
        }
    }
}

/// A letter with nothing special.
pub fn plain<'a>(person: usize, from: &'a str, to: &'a str, subject: &'a str, body: &'a str) -> Letter<'a> {
    Letter {
        person,
        kind: Kind::Question,
        from,
        to,
        subject,
        body,
        parent: None,
        extra: &[],
        return_path: from,
        authentic: true,
        token: true,
    }
}
