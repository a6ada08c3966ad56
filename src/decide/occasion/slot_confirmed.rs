//! The rule for confirming the meeting time that a client chose. Never here: words (`compose::draft`).
use super::{DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::Instant;

/// The chosen time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotConfirmed {}

/// What should lie there by itself.
pub(super) fn rule(_facts: &DraftFacts<'_>, _now: Instant) -> Vec<Ruling> {
    Vec::new()
}

/// One draft at the owner's word.
pub(super) fn asked(_facts: &DraftFacts<'_>, _target: &Target<'_>, _now: Instant) -> Result<Occasion, DraftWhy> {
    Err(DraftWhy::NothingToSay)
}
