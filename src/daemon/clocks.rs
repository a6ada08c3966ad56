//! The sentence about a clock change to come: whether a mail says it. Once for a client and a change; a mail that never
//! left has said nothing. When a change is worth it: `calendar::coming_shift`; the words: the templates.
use crate::calendar::{self, Shift};
use crate::decide::{Plan, Policy};
use crate::store::{MailState, StoreError, Tx};

/// Where it is noted which mail told a client of which change.
const TOLD: &str = "clocks.told";

/// The change of which a mail that leaves as planned could tell a client; nothing to strangers, nothing if the owner
/// wants no such sentence.
#[must_use]
pub fn coming(policy: &Policy, client: Option<&str>, plan: &Plan) -> Option<Shift> {
    let client = client.and_then(|id| policy.client(id)).filter(|_| policy.replies.mention_clock_change)?;
    calendar::coming_shift(&policy.owner, &client.zone, plan.send_at, plan.by)
}

/// The same for a mail that is queued in this transaction under `mail`: it is noted as the one that tells of the change,
/// unless another one has told, or waits to.
///
/// # Errors
/// If the store fails.
pub fn claim(
    tx: &Tx<'_>,
    policy: &Policy,
    client: Option<&str>,
    plan: &Plan,
    mail: &str,
) -> Result<Option<Shift>, StoreError> {
    let (Some(client), Some(shift)) = (client, coming(policy, client, plan)) else { return Ok(None) };
    let key = format!("{TOLD}.{client}");
    let at = shift.at.timestamp().to_string();
    if let Some(note) = tx.meta(&key)?
        && let Some((told, by)) = note.split_once(' ')
        && told == at
        && by != mail
        && let Some(row) = tx.outbox_row(by)?
        && !matches!(row.state, MailState::Dropped | MailState::Failed | MailState::Observed)
    {
        return Ok(None);
    }
    tx.set_meta(&key, &format!("{at} {mail}"))?;
    Ok(Some(shift))
}
