//! The figures of a history, gathered: what the store holds goes to the pure count. For the command and for pages.
use crate::decide::asked::asked;
use crate::decide::stats::{Facts, Period, Stats, stats};
use crate::decide::{Policy, only_thanks};
use crate::model::Instant;
use crate::store::{Reader, StoreError};

/// Questions are looked for in so many of the newest mails.
const QUESTIONS: u32 = 5_000;

/// All figures: of one client, or of all.
///
/// # Errors
/// If the database cannot be read.
pub fn gather(
    tx: &Reader<'_>,
    policy: &Policy,
    client: Option<&str>,
    period: Period,
    now: Instant,
) -> Result<Stats, StoreError> {
    // Past mail was never judged: whether it wants an answer is asked now.
    let opens = |client: &str, text: &str| {
        let name = policy.client(client).map_or("", |client| client.name.as_str());
        !only_thanks(text, &[policy.owner.name.as_str(), name])
    };
    let entries = tx.figures(client, period, &opens)?;
    let promises = tx.promises_given(client, period)?;
    let facts = Facts { entries: &entries, promises: &promises, owner: &policy.owner, clients: &policy.clients, now };
    let questions = tx.asking(client, period, QUESTIONS)?;
    let asked = asked(&questions, &entries, &policy.clients, &policy.topics, &policy.owner.name);
    Ok(Stats { asked, ..stats(&facts, client, period) })
}
