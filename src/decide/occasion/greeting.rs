//! The rule for a word on a birthday or an anniversary of the collaboration. Never here: words (`compose::draft`).
use super::{DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::Instant;

/// A day worth a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {}

impl Greeting {
    /// Whose day it is, if it is a person's.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        None
    }
}

/// What should lie there by itself.
pub(super) fn rule(_facts: &DraftFacts<'_>, _now: Instant) -> Vec<Ruling> {
    Vec::new()
}

/// One draft at the owner's word.
pub(super) fn asked(_facts: &DraftFacts<'_>, _target: &Target<'_>, _now: Instant) -> Result<Occasion, DraftWhy> {
    Err(DraftWhy::NothingToSay)
}
