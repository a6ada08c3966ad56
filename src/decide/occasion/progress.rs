//! The rule for progress updates by the cadence of a project. Never here: words (`compose::draft`).
use super::{DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::Instant;

/// Where a project stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {}

/// What should lie there by itself.
pub(super) fn rule(_facts: &DraftFacts<'_>, _now: Instant) -> Vec<Ruling> {
    Vec::new()
}

/// One draft at the owner's word.
pub(super) fn asked(_facts: &DraftFacts<'_>, _target: &Target<'_>, _now: Instant) -> Result<Occasion, DraftWhy> {
    Err(DraftWhy::NothingToSay)
}
