//! Rests of automatic mail and addresses that bounced. Never here: when to rest (that is a rule's).
use super::StoreError;
use super::memo::{Rests, What};
use super::notices::NewNotice;
use super::past::domains;
use super::rows::{At, Reader, Tx, at};
use crate::decide::PauseScope;
use crate::model::{EmailAddress, Instant, NoticeCode};
use rusqlite::params;
use std::rc::Rc;

/// How a scope is written in the database.
fn word(scope: &PauseScope) -> String {
    match scope {
        PauseScope::All => "all".to_owned(),
        PauseScope::Sender(folded) => format!("sender:{folded}"),
        PauseScope::Domain(domain) => format!("domain:{domain}"),
        PauseScope::Mailbox(name) => format!("mailbox:{name}"),
        PauseScope::Conversation(id) => format!("conversation:{id}"),
    }
}

/// The reverse of [`word`].
fn scope(word: &str) -> PauseScope {
    match word.split_once(':') {
        Some(("sender", folded)) => PauseScope::Sender(folded.to_owned()),
        Some(("mailbox", name)) => PauseScope::Mailbox(name.to_owned()),
        Some(("conversation", id)) => PauseScope::Conversation(id.to_owned()),
        Some((_, domain)) => PauseScope::Domain(domain.to_owned()),
        None => PauseScope::All,
    }
}

impl Reader<'_> {
    /// Until when one scope rests; `None` if it does not at `now`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn paused(&self, scope: &PauseScope, now: Instant) -> Result<Option<Instant>, StoreError> {
        Ok(self.all_rests()?.get(&word(scope)).copied().filter(|until| *until > now))
    }

    /// Every rest, read once: there are few, and each message asks about half a dozen.
    fn all_rests(&self) -> Result<Rc<Rests>, StoreError> {
        if let Some(known) = self.memo.rests() {
            return Ok(known);
        }
        let rests =
            self.many("SELECT scope, until_at FROM pause", [], |row| Ok((row.get(0)?, at(row, "until_at")?)))?;
        Ok(self.memo.keep_rests(rests.into_iter().collect()))
    }

    /// Until when everything rests (`fuseau pause`, the breaker).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn paused_all(&self, now: Instant) -> Result<Option<Instant>, StoreError> {
        self.paused(&PauseScope::All, now)
    }

    /// Until when mail to one author rests: the address, its domain or its organisation. Not [`PauseScope::All`].
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn paused_author(&self, author: &EmailAddress, now: Instant) -> Result<Option<Instant>, StoreError> {
        let mut until = self.paused(&PauseScope::Sender(author.folded()), now)?;
        for domain in domains(author) {
            until = until.max(self.paused(&PauseScope::Domain(domain.to_owned()), now)?);
        }
        Ok(until)
    }

    /// The rests that stand in the way of a mail at `now`, each with its end: everywhere, its mailbox, its recipient's
    /// domain and organisation, the recipient, the conversation.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn rests(
        &self,
        mailbox: &str,
        to: Option<&EmailAddress>,
        conversation: &str,
        now: Instant,
    ) -> Result<Vec<(PauseScope, Instant)>, StoreError> {
        let mut scopes = vec![PauseScope::All, PauseScope::Mailbox(mailbox.to_owned())];
        if let Some(to) = to {
            scopes.extend(domains(to).map(|domain| PauseScope::Domain(domain.to_owned())));
            scopes.push(PauseScope::Sender(to.folded()));
        }
        scopes.push(PauseScope::Conversation(conversation.to_owned()));
        let mut rests: Vec<(PauseScope, Instant)> = Vec::new();
        for scope in scopes {
            if let Some(until) = self.paused(&scope, now)?
                && !rests.iter().any(|(known, _)| *known == scope)
            {
                rests.push((scope, until));
            }
        }
        Ok(rests)
    }

    /// When an address last bounced for good (rule 56).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn bounced_at(&self, address: &EmailAddress) -> Result<Option<Instant>, StoreError> {
        let folded = address.folded();
        if self.memo.lacks(What::Bounce, &folded) {
            return Ok(None);
        }
        let bounced = self.value::<At>("SELECT at FROM bounce WHERE folded = ?", [&folded])?.map(|at| at.0);
        self.memo.keep_lack(What::Bounce, &folded, bounced.is_some());
        Ok(bounced)
    }

    /// Every rest that has not ended at `now`: scope, until when, the code that asked for it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn pauses(&self, now: Instant) -> Result<Vec<(PauseScope, Instant, String)>, StoreError> {
        self.many(
            "SELECT scope, until_at, code FROM pause WHERE until_at > ? ORDER BY scope",
            params![At(now)],
            |row| Ok((scope(&row.get::<_, String>("scope")?), at(row, "until_at")?, row.get("code")?)),
        )
    }
}

impl Reader<'_> {
    /// Whether a mail of ours went to an address in the last weeks: only then may a report about it be believed.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn mailed(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        let made = "SELECT 1 FROM outbox WHERE to_folded = ? AND automatic = 1 AND counted = 1 LIMIT 1";
        Ok(self.value::<i64>(made, [address.folded()])?.is_some())
    }
}

impl Tx<'_> {
    /// Lets automatic mail rest; a longer rest that stands already is not shortened. `code` is the reason's code,
    /// or `cli`. Where a whole mailbox or everything begins to rest by itself, the owner is to hear of it.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn pause(&self, scope: &PauseScope, until: Instant, code: &str, now: Instant) -> Result<(), StoreError> {
        let mailbox = match scope {
            PauseScope::Mailbox(name) => Some(name.as_str()),
            _ => None,
        };
        let wide = mailbox.is_some() || *scope == PauseScope::All;
        if wide && code != "cli" && until > now && self.paused(scope, now)?.is_none() {
            self.notice(&NewNotice {
                code: NoticeCode::Breaker,
                mailbox,
                client: None,
                exchange: None,
                values: &[("code", code), ("until", &until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))],
                once: None,
                now,
            })?;
        }
        self.change(
            "INSERT INTO pause (scope, until_at, code, made_at) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET until_at = excluded.until_at, code = excluded.code, made_at = excluded.made_at
             WHERE excluded.until_at > until_at",
            params![word(scope), At(until), code, At(now)],
        )?;
        self.memo.forget_rests();
        Ok(())
    }

    /// Ends a rest; whether there was one.
    ///
    /// # Errors
    /// If the row cannot be removed.
    pub fn unpause(&self, scope: &PauseScope) -> Result<bool, StoreError> {
        self.memo.forget_rests();
        Ok(self.change("DELETE FROM pause WHERE scope = ?", [word(scope)])? > 0)
    }

    /// Ends every rest that ended before `now` in the table too.
    ///
    /// # Errors
    /// If the rows cannot be removed.
    pub fn forget_pauses(&self, now: Instant) -> Result<usize, StoreError> {
        self.memo.forget_rests();
        self.change("DELETE FROM pause WHERE until_at <= ?", params![At(now)])
    }

    /// An address bounced for good (rule 56); the newest time is kept.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn bounce(&self, address: &EmailAddress, now: Instant) -> Result<(), StoreError> {
        self.memo.forget_lacks(What::Bounce);
        self.change(
            "INSERT INTO bounce (folded, at) VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            params![address.folded(), At(now)],
        )?;
        Ok(())
    }
}
