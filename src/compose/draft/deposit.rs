//! What a template of this kind sees. Never here: when one is due (`decide::occasion::deposit`).
use super::{DraftMail, SampleContent};
use crate::compose::context::Variable;
use crate::decide::occasion::deposit::Deposit;
use crate::model::{Instant, Zone};
use serde::Serialize;

/// The values, below `deposit` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {}

/// What they are, for the reference.
pub(super) const VARIABLES: &[Variable] = &[];

pub(super) fn values(_mail: &DraftMail<'_>, _content: &Deposit) -> Values {
    Values {}
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(_zone: &Zone, _now: Instant) -> Vec<SampleContent> {
    Vec::new()
}
