//! The rule for the terms of a project in writing. Never here: words (`compose::draft`).
use super::{DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::Instant;

/// The terms of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {}

/// What should lie there by itself.
pub(super) fn rule(_facts: &DraftFacts<'_>, _now: Instant) -> Vec<Ruling> {
    Vec::new()
}

/// One draft at the owner's word.
pub(super) fn asked(_facts: &DraftFacts<'_>, _target: &Target<'_>, _now: Instant) -> Result<Occasion, DraftWhy> {
    Err(DraftWhy::NothingToSay)
}
