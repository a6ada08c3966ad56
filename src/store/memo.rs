//! What one transaction has read and would read again for every message of a batch. It sees nobody else's changes, so it
//! follows its own and is right until it ends. Never here: statements.
use crate::decide::ladder::Word;
use crate::model::Instant;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Ends of rests, by scope as it is written in the database.
pub(super) type Rests = HashMap<String, Instant>;

/// How many automatic mails were made in the last ten minutes, hour and day.
pub(super) type Totals = [u32; 3];

/// The memory of one transaction.
#[derive(Debug, Default)]
pub(super) struct Memo {
    rests: RefCell<Option<Rc<Rests>>>,
    made: RefCell<Option<Made>>,
    lacking: RefCell<HashMap<What, HashSet<String>>>,
    trust: RefCell<HashMap<String, Option<Word>>>,
}

/// What is asked for several times on a message's way, and mostly is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// An exchange with an identity (rule B6).
    Identity,
    /// A message that names a Message-ID.
    Naming,
    /// A mail of the owner's to an address.
    Written,
    /// An address that bounced.
    Bounce,
    /// An address that gets nothing any more.
    Never,
}

/// Counts of automatic mails that were made and not dropped, seen from one instant.
#[derive(Debug)]
struct Made {
    now: Instant,
    mailbox: String,
    total: Totals,
    in_mailbox: Totals,
    /// To each domain in the last day, as far as it was asked for.
    to_domain: HashMap<String, u32>,
}

impl Memo {
    /// The rests, if they were read.
    pub(super) fn rests(&self) -> Option<Rc<Rests>> {
        self.rests.borrow().clone()
    }

    /// Keeps the rests that were read.
    pub(super) fn keep_rests(&self, rests: Rests) -> Rc<Rests> {
        let rests = Rc::new(rests);
        *self.rests.borrow_mut() = Some(Rc::clone(&rests));
        rests
    }

    /// A rest was made or ended.
    pub(super) fn forget_rests(&self) {
        *self.rests.borrow_mut() = None;
    }

    /// The totals of everything and of one mailbox, if they were counted for this instant.
    pub(super) fn totals(&self, mailbox: &str, now: Instant) -> Option<(Totals, Totals)> {
        let made = self.made.borrow();
        made.as_ref().filter(|made| made.now == now && made.mailbox == mailbox).map(|it| (it.total, it.in_mailbox))
    }

    /// Keeps totals that were counted.
    pub(super) fn keep_totals(&self, mailbox: &str, now: Instant, (total, in_mailbox): (Totals, Totals)) {
        let mut made = self.made.borrow_mut();
        let to_domain = made.take().filter(|made| made.now == now).map(|made| made.to_domain).unwrap_or_default();
        *made = Some(Made { now, mailbox: mailbox.to_owned(), total, in_mailbox, to_domain });
    }

    /// How many went to a domain in the last day, if that was counted for this instant.
    pub(super) fn to_domain(&self, domain: &str, now: Instant) -> Option<u32> {
        let made = self.made.borrow();
        made.as_ref().filter(|made| made.now == now)?.to_domain.get(domain).copied()
    }

    /// Keeps such a count; only beside totals of the same instant.
    pub(super) fn keep_to_domain(&self, domain: &str, now: Instant, count: u32) {
        if let Some(made) = self.made.borrow_mut().as_mut().filter(|made| made.now == now) {
            made.to_domain.insert(domain.to_owned(), count);
        }
    }

    /// One more automatic mail was made.
    pub(super) fn made(&self, mailbox: &str, domain: &str, now: Instant) {
        let mut made = self.made.borrow_mut();
        match made.as_mut().filter(|made| made.now == now) {
            Some(made) => {
                made.total = made.total.map(|count| count + 1);
                if made.mailbox == mailbox {
                    made.in_mailbox = made.in_mailbox.map(|count| count + 1);
                }
                if let Some(count) = made.to_domain.get_mut(domain) {
                    *count += 1;
                }
            }
            None => *made = None,
        }
    }

    /// Whether it was looked for and not found.
    pub(super) fn lacks(&self, what: What, key: &str) -> bool {
        self.lacking.borrow().get(&what).is_some_and(|keys| keys.contains(key))
    }

    /// Keeps what was looked for, where it was not `found`.
    pub(super) fn keep_lack(&self, what: What, key: &str, found: bool) {
        if !found {
            self.lacking.borrow_mut().entry(what).or_default().insert(key.to_owned());
        }
    }

    /// Something of this kind was written.
    pub(super) fn forget_lacks(&self, what: What) {
        if let Some(keys) = self.lacking.borrow_mut().get_mut(&what) {
            keys.clear();
        }
    }

    /// The last word on the rung of a scope, if it was read.
    pub(super) fn trust(&self, scope: &str) -> Option<Option<Word>> {
        self.trust.borrow().get(scope).cloned()
    }

    /// Keeps the last word on the rung of a scope.
    pub(super) fn keep_trust(&self, scope: String, word: Option<Word>) {
        self.trust.borrow_mut().insert(scope, word);
    }

    /// A rung was changed.
    pub(super) fn forget_trust(&self) {
        self.trust.borrow_mut().clear();
    }

    /// A mail was dropped, or is counted otherwise from now on.
    pub(super) fn forget_made(&self) {
        *self.made.borrow_mut() = None;
    }
}
