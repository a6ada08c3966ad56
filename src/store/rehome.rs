//! A mail that waits goes over to another mailbox. Never here: why (`daemon::addressed`).
use super::outbox::{Route, WindowTimes};
use super::rows::{At, Reader, Tx};
use super::{StoreError, base_subject, text};
use crate::model::{EmailAddress, HeaderText, MessageId};
use rusqlite::{named_params, params};

/// A mail as another mailbox sends it.
#[derive(Clone, Copy, Debug)]
pub struct NewHome<'a> {
    /// Its exchange id, which stays.
    pub id: &'a str,
    /// The mailbox.
    pub mailbox: &'a str,
    /// How it leaves from there.
    pub route: Route,
    /// From.
    pub from: &'a EmailAddress,
    /// MAIL FROM; `None` for the null sender.
    pub envelope_from: Option<&'a EmailAddress>,
    /// Its Message-ID there.
    pub message_id: &'a MessageId,
    /// Its subject.
    pub subject: &'a HeaderText,
    /// Its text.
    pub text: &'a str,
    /// Its bytes, to be frozen.
    pub bytes: &'a [u8],
    /// The window that it promises.
    pub window: &'a WindowTimes,
}

impl Reader<'_> {
    /// Whether a mail is still a mailbox's.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn waits_at(&self, id: &str, mailbox: &str) -> Result<bool, StoreError> {
        let sql = "SELECT mailbox = ?2 FROM outbox WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)";
        Ok(self.value::<bool>(sql, [id, mailbox])? == Some(true))
    }
}

impl Tx<'_> {
    /// Gives a mail and the promise that it states to another mailbox; whether it did. Only before the first try: from then on
    /// every try sends the same bytes, or one mail could arrive in two versions.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn rehome(&self, new: &NewHome<'_>) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET mailbox = :mailbox, route = :route, envelope_from = :from, bytes = :bytes,
               window_start = :start, window_end = :end, window_zone = :zone
             WHERE exchange = (SELECT seq FROM exchange WHERE id = :id) AND state = 'queued' AND attempts = 0",
            named_params! {
                ":id": new.id,
                ":mailbox": new.mailbox,
                ":route": new.route,
                ":from": new.envelope_from.map(ToString::to_string),
                ":bytes": new.bytes,
                ":start": At(new.window.start),
                ":end": At(new.window.end),
                ":zone": new.window.zone,
            },
        )?;
        if changed == 0 {
            return Ok(false);
        }
        self.change(
            "UPDATE exchange SET mailbox = :mailbox, message_id = :message_id, from_address = :from, from_folded = :folded,
               from_domain = :domain, subject = :subject, base_subject = :base, excerpt = :excerpt, size = :size
             WHERE id = :id",
            named_params! {
                ":id": new.id,
                ":mailbox": new.mailbox,
                ":message_id": new.message_id.as_str(),
                ":from": new.from.to_string(),
                ":folded": new.from.folded(),
                ":domain": new.from.organisation(),
                ":subject": new.subject.as_str(),
                ":base": base_subject(new.subject.as_str()),
                ":excerpt": text::excerpt(new.text),
                ":size": i64::try_from(new.bytes.len()).unwrap_or(i64::MAX),
            },
        )?;
        let stated = "UPDATE promise SET mailbox = ?2
                      WHERE id = (SELECT o.promise FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.id = ?1)";
        self.change(stated, params![new.id, new.mailbox])?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MailState;
    use crate::store::fixture::*;
    use chrono::TimeDelta;

    /// Only before the first try; from then on everything stays where it is.
    #[test]
    fn a_mail_goes_over_before_its_first_try() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "Logo", 0));
        world.promise("m", "acme", 600);
        world.mail("m", "anna@acme.example", 1, |mail| mail.promise = Some("p-m"));
        let (from, id) = (address("office@other.example"), id("there"));
        let window = WindowTimes { start: minute(500), end: minute(530), zone: "Asia/Tokyo".to_owned() };
        let home = NewHome {
            id: "a-m",
            mailbox: "office",
            route: Route::Send,
            from: &from,
            envelope_from: Some(&from),
            message_id: &id,
            subject: &HeaderText::new("Re: Logo"),
            text: "From the office.",
            bytes: b"From: office\r\n\r\nhello\r\n",
            window: &window,
        };
        let at = |mailbox: &str| world.store.read_blocking(|r| r.waits_at("a-m", mailbox)).unwrap();
        assert!(at("studio") && !at("office"));
        assert!(world.tx(|tx| tx.rehome(&home)));
        assert!(at("office") && !at("studio"));
        let row = world.row("a-m");
        assert_eq!((row.state, &*row.mailbox, row.window), (MailState::Queued, "office", Some(window.clone())));
        assert_eq!(row.bytes, b"From: office\r\n\r\nhello\r\n");
        let promises = world.store.read_blocking(|r| r.promises(true)).unwrap();
        assert_eq!(promises[0].mailbox, "office");
        let due = |mailbox: &str| world.store.read_blocking(|r| r.outbox_due(mailbox, minute(9), 9)).unwrap().len();
        assert_eq!((due("studio"), due("office")), (0, 1));
        assert!(world.tx(|tx| tx.claim("a-m", minute(9), TimeDelta::minutes(5))));
        assert!(!world.tx(|tx| tx.rehome(&NewHome { mailbox: "studio", ..home })), "it may be on its way");
        assert!(at("office"));
    }
}
