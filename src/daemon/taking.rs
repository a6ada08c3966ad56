//! A batch of messages between the mailbox and the history: suspects are set apart, the rest is read in groups while the
//! groups before them are recorded. Never here: which messages (follow.rs), what one of them means (intake.rs).
use super::error::TurnError;
use super::intake::{self, Taken};
use super::ledger::{self, Claimed};
use super::reading::{Group, Mails, item};
use super::suspect::{self, Begun, Place};
use crate::mailbox::Raw;
use crate::store::{StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Messages recorded in one transaction: few commits for many, without holding up the other mailboxes.
const TOGETHER: usize = 100;
/// So few are recorded at once, by whoever waits for them.
const FEW: usize = 2;
/// In octets: what is larger may take long to read, and others wait on that thread.
const SMALL: usize = 32 * 1024;
/// What arrived within this time needs no second look before an acknowledgement without grace: nobody answers faster,
/// and the look would cost a round trip.
const FRESH: TimeDelta = TimeDelta::seconds(15);

/// What a batch brought.
#[derive(Debug, Default)]
pub struct News {
    /// Messages that were recorded.
    pub recorded: u32,
    /// An answer to one of them that is due at once, claimed.
    pub(super) claimed: Option<Claimed>,
}

/// Parses and records a batch. `begun`: its notes, if they were made ahead; `claim`: whether an answer that is due at once is
/// to be claimed where its message is recorded. Exchanges that arrived in this moment are added to `seen`.
///
/// # Errors
/// The store failed, or one of them cannot be read.
pub(super) async fn take<M>(
    place: Place<'_>,
    raws: Vec<Raw>,
    begun: Option<Begun>,
    claim: bool,
    seen: &mut M,
) -> Result<News, TurnError>
where
    M: Extend<String>,
{
    let mut news = News::default();
    if raws.is_empty() {
        return Ok(news);
    }
    let Place { desk, folder, cursor, .. } = place;
    let begun = match begun {
        Some(begun) => begun,
        None => place.begin(raws.iter().map(|raw| raw.uid).collect()).await?,
    };
    let Begun { suspects, noted } = begun;
    // Suspects last and each alone, so that none can take others with it.
    let (alone, together): (Vec<Raw>, Vec<Raw>) = raws.into_iter().partition(|raw| suspects.contains(&raw.uid));
    let mut waiting: BTreeSet<u32> = alone.iter().chain(&together).map(|raw| raw.uid).collect();
    let mut left = groups(together).into_iter().chain(alone.into_iter().map(|raw| vec![raw])).map(Group::unread);
    let mut next = left.next();
    while let Some(group) = next {
        let uids = group.uids.clone();
        let oldest = desk.clock.now() - FRESH;
        let fresh: Vec<bool> = group.arrived.iter().map(|arrived| *arrived >= oldest).collect();
        let claim = claim && news.claimed.is_none();
        waiting.retain(|uid| !uids.contains(uid));
        let mut aside = false;
        match &group.mails {
            Mails::Unread(raws) if matches!(raws.as_slice(), [one] if suspects.contains(&one.uid)) => {
                for one in raws {
                    aside = !place.survives(one).await?;
                }
            }
            // With a suspect among them each group is noted in its turn.
            _ if !noted => drop(place.note(uids.clone()).await?),
            _ => {}
        }
        // While these are recorded, the ones after them are read.
        let ahead = async {
            match left.next() {
                Some(group) if noted => group.read(folder, cursor, desk.settings.keep).await.map(Some),
                other => Ok(other),
            }
        };
        let (taken, ahead) =
            tokio::join!(record(place, group, aside, waiting.first().copied(), claim.then(|| fresh.clone())), ahead);
        let failed = match (taken, ahead) {
            (Ok((taken, claimed)), ahead) => {
                news.claimed = news.claimed.or(claimed);
                news.recorded += u32::try_from(taken.iter().filter(|one| !one.duplicate).count()).unwrap_or(u32::MAX);
                // Of one recorded before, only this copy's flags were read, and not kept: it is looked at again.
                let new = taken.into_iter().zip(fresh).filter(|(one, fresh)| *fresh && !one.duplicate);
                seen.extend(new.map(|(one, _)| one.exchange));
                match ahead {
                    Ok(ahead) => {
                        next = ahead;
                        continue;
                    }
                    Err(failed) => failed,
                }
            }
            (Err(error), _) => (uids, error),
        };
        let (uids, error) = failed;
        if noted {
            // Those that were still waiting have done nothing.
            waiting.retain(|uid| !uids.contains(uid));
            place.release(waiting.into_iter().collect()).await;
        }
        place.forgive(uids, &error).await;
        return Err(error.into());
    }
    Ok(news)
}

/// At most [`TOGETHER`] messages each.
fn groups(mut raws: Vec<Raw>) -> Vec<Vec<Raw>> {
    let mut all = Vec::new();
    while !raws.is_empty() {
        let tail = raws.split_off(raws.len().min(TOGETHER));
        all.push(std::mem::replace(&mut raws, tail));
    }
    all
}

/// Records a group, or sets it `aside` unread; without a flush of its own: until one comes (before anything is sent, at
/// the end of the turn at the latest) a power cut makes it new mail again. The cursor does not pass `waiting`, the
/// smallest UID that is still to be read: it would never be. `claim`: an answer that is due at once is claimed, if it is to
/// one of those that arrived in this moment.
async fn record(
    place: Place<'_>,
    group: Group,
    aside: bool,
    waiting: Option<u32>,
    claim: Option<Vec<bool>>,
) -> Result<(Vec<Taken>, Option<Claimed>), StoreError> {
    let Place { desk, mailbox, folder, cursor } = place;
    let (folder, desk_, mailbox_) = (folder.clone(), desk.clone(), mailbox.to_owned());
    failpoint::reach("K2");
    let now = desk.clock.now();
    let few = match &group.mails {
        Mails::Unread(raws) => raws.len() <= FEW && raws.iter().map(|raw| raw.bytes.len()).sum::<usize>() <= SMALL,
        Mails::Read(items) => items.len() <= FEW,
    };
    let work = move |tx: &Tx<'_>| {
        let mut taken = Vec::with_capacity(group.uids.len());
        let next = group.uids.iter().map(|uid| uid.saturating_add(1)).fold(cursor.uid_next, u32::max);
        match group.mails {
            Mails::Unread(raws) if aside => {
                for raw in &raws {
                    taken.push(suspect::set_aside(tx, &desk_, &mailbox_, &folder, cursor, raw, now)?);
                }
            }
            Mails::Unread(raws) => {
                for raw in raws {
                    let item = item(&folder, cursor, raw, desk_.settings.keep)?;
                    taken.push(intake::take_in(tx, &desk_, &mailbox_, &item, now)?);
                }
            }
            Mails::Read(items) => {
                for item in &items {
                    taken.push(intake::take_in(tx, &desk_, &mailbox_, item, now)?);
                }
            }
        }
        let next = waiting.map_or(next, |waiting| next.min(waiting));
        tx.set_cursor(&mailbox_, &folder.name, cursor.uidvalidity, next)?;
        failpoint::reach("K3");
        let arrived: Vec<&Taken> =
            taken.iter().zip(claim.unwrap_or_default()).filter_map(|(one, fresh)| fresh.then_some(one)).collect();
        let page = ledger::claim_answer(tx, &desk_, &mailbox_, &arrived, now)?;
        Ok((taken, page))
    };
    let (taken, page) = if few { desk.store.jot(work).await? } else { desk.store.write_soon(work).await? };
    failpoint::reach("K3b");
    for one in &taken {
        log(mailbox, one);
    }
    page.tell();
    Ok((taken, page.claimed))
}

/// One line an exchange: its id, the verdict, the codes. No address, no subject, no text.
fn log(mailbox: &str, taken: &Taken) {
    if let Some(trouble) = &taken.trouble {
        tracing::error!(mailbox, exchange = taken.exchange, trouble, "no reply could be written");
    }
    if taken.duplicate {
        return;
    }
    match &taken.decision {
        Some(decision) => {
            let codes: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
            let verdict = decision.verdict.as_str();
            tracing::info!(mailbox, exchange = taken.exchange, verdict, reasons = codes.join(" "), "seen");
            for pause in &decision.pauses {
                tracing::warn!(mailbox, exchange = taken.exchange, code = pause.code.as_str(), "automatic mail rests");
            }
        }
        None => tracing::info!(mailbox, exchange = taken.exchange, kept = taken.kept.len(), "own mail seen"),
    }
}
