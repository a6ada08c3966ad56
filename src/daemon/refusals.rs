//! Refused logins of one mailbox's outbox. They outlive the session with the mailbox, so that a wrong password is tried as
//! often as said and no more, however often that session is lost. Refused logins of the mailbox itself: backoff.rs.
use super::backoff::LOGIN_ATTEMPTS;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The end of what is said of an outbox that is left alone until the owner acts.
const RESTS: &str = "nothing is sent until this is mended and `fuseau reload` is run";

/// The refusals in a row, until the configuration is read again. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Row>>);

#[derive(Debug, Default)]
struct Row {
    count: u32,
    last: String,
    told: bool,
}

impl Refusals {
    fn row(&self) -> MutexGuard<'_, Row> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more; `hopeless` when another try could only bring the same.
    pub(super) fn one_more(&self, text: &str, hopeless: bool) {
        let mut row = self.row();
        row.count = if hopeless { LOGIN_ATTEMPTS } else { row.count.saturating_add(1) };
        text.clone_into(&mut row.last);
    }

    /// A login worked.
    pub(super) fn end(&self) {
        *self.row() = Row::default();
    }

    /// Why nothing is tried any more.
    #[must_use]
    pub fn rests(&self) -> Option<String> {
        let row = self.row();
        (row.count >= LOGIN_ATTEMPTS).then(|| format!("{}: {RESTS}", row.last))
    }

    /// The same, given out once: for the owner.
    pub(super) fn news(&self) -> Option<String> {
        let why = self.rests()?;
        (!std::mem::replace(&mut self.row().told, true)).then_some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_and_then_no_more() {
        let refusals = Refusals::default();
        for _ in 1..LOGIN_ATTEMPTS {
            refusals.clone().one_more("535 no", false);
            assert_eq!((refusals.rests(), refusals.news()), (None, None));
        }
        refusals.end();
        for n in 1..=LOGIN_ATTEMPTS {
            refusals.one_more("535 no", false);
            assert_eq!(refusals.rests().is_some(), n == LOGIN_ATTEMPTS);
        }
        assert!(refusals.news().unwrap().starts_with("535 no: nothing is sent until"));
        assert_eq!(refusals.news(), None, "told once");
        let hopeless = Refusals::default();
        hopeless.one_more("log in again", true);
        assert!(hopeless.rests().is_some());
    }
}
