//! Claims on drafts that were handed over, in the mailbox: put there, read, removed. Who goes on which claims:
//! `decide::claims`; why: docs/decisions/0023.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use crate::compose;
use crate::decide::claims::{Claim, FIELD, SOON, STALE, Step, step};
use crate::decide::wishes;
use crate::mailbox::{Branch, Folder, Listed, Raw, batches, parse};
use crate::model::{FolderRole, Instant};
use crate::store::{DraftPlace, StoreError};
use crate::system::failpoint;
use chrono::TimeDelta;

/// Larger messages are no claims: ours have 1 KiB, and servers may add fields.
const SIZE_MAX: u64 = 32 * 1024;
/// A claim on nothing that waits is left alone for so long.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);

/// One draft over which installations may contend.
pub(super) struct Contest<'a> {
    pub(super) desk: &'a Desk,
    pub(super) mailbox: &'a str,
    /// Where its claims lie.
    pub(super) arena: &'a Folder,
    /// Its identity (rule B6).
    pub(super) draft: &'a str,
    /// Where it lies.
    pub(super) place: &'a DraftPlace,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// We may go on, and nobody else does.
    Ours,
    /// Somebody else is at it.
    Wait(TimeDelta),
    /// Somebody else was at it and never said what became of it; now nobody else is.
    Stale(Instant),
    /// The server takes no claim.
    Refused(String),
}

/// Where the claims on all drafts lie: in one folder, whichever of them the draft is in, for it may be moved from one to
/// another at any moment. `None`: there is no such folder.
pub(super) fn arena(tree: &[Branch]) -> Option<&Folder> {
    let drafts = tree.iter().filter(|branch| wishes::read(&branch.path).is_ok_and(wishes::Wish::wants_draft));
    drafts.map(|branch| &branch.folder).min_by(|one, other| one.name.cmp(&other.name))
}

/// The claim that a message is.
pub(super) fn read(raw: &Raw) -> Option<Claim> {
    let message = parse::parse(&raw.bytes, &parse::Context::of(raw, FolderRole::Drafts));
    let value = message.headers.all(FIELD).next()?;
    Claim::read(value, raw.arrived)
}

/// Whether a claim on a draft that does not wait here any more may go: ours, after a death, or one of which everybody has
/// drawn their conclusions.
///
/// # Errors
/// If the store fails.
pub(super) async fn is_leftover(desk: &Desk, claim: &Claim) -> Result<bool, StoreError> {
    let (draft, token, now) = (claim.draft.clone(), claim.token.clone(), desk.clock.now());
    let ours = desk.store.read(move |tx| tx.claim_of(&draft)).await?.is_some_and(|known| known == token);
    if ours {
        let draft = claim.draft.clone();
        desk.store.write_soon(move |tx| tx.claim_over(&draft)).await?;
    }
    Ok(ours || now - claim.since > FORGOTTEN)
}

impl Contest<'_> {
    /// Claims the draft, unless somebody else does.
    ///
    /// # Errors
    /// The mailbox or the store failed.
    pub(super) async fn enter<M: Mailbox>(&self, server: &mut M) -> Result<Standing, TurnError> {
        let token = self.token().await?;
        let mut staked = false;
        loop {
            let there = self.there(server).await?;
            let claims: Vec<Claim> = there.iter().map(|(_, claim)| claim.clone()).collect();
            let now = self.desk.clock.now();
            match step(&token, &claims, now) {
                Step::Go => {
                    let (draft, token) = (self.draft.to_owned(), token.clone());
                    self.desk.store.write_soon(move |tx| tx.claim_won(&draft, &token, now)).await?;
                    return Ok(Standing::Ours);
                }
                // It was put there and does not show.
                Step::Stake if staked => return Ok(Standing::Wait(SOON)),
                Step::Stake => {
                    if let Some(text) = self.stake(&token, now, server).await? {
                        return Ok(Standing::Refused(text));
                    }
                    staked = true;
                }
                Step::Renew => self.remove_own(&token, &there, server).await?,
                Step::Wait(time) => return Ok(Standing::Wait(time)),
                Step::Withdraw(time) => {
                    tracing::info!(mailbox = self.mailbox, "another installation sends this draft");
                    self.remove_own(&token, &there, server).await?;
                    return Ok(Standing::Wait(time));
                }
                Step::Stale(since) => return Ok(Standing::Stale(since)),
            }
        }
    }

    async fn remove_own<M: Mailbox>(
        &self,
        token: &str,
        there: &[(u32, Claim)],
        server: &mut M,
    ) -> Result<(), TurnError> {
        for (uid, _) in there.iter().filter(|(_, claim)| claim.token == token) {
            server.remove(self.arena, *uid).await?;
        }
        Ok(())
    }

    /// Our token for this draft; a new one is on the disk before anybody can see it.
    async fn token(&self) -> Result<String, TurnError> {
        let draft = self.draft.to_owned();
        if let Some(known) = self.desk.store.read(move |tx| tx.claim_of(&draft)).await? {
            return Ok(known);
        }
        let (draft, token) = (self.draft.to_owned(), self.desk.ids.next(self.desk.clock.now()));
        let new = token.clone();
        self.desk.store.write(move |tx| tx.claim_begins(&draft, &new)).await?;
        Ok(token)
    }

    /// Puts our claim there; the server's words if it takes none.
    async fn stake<M: Mailbox>(&self, token: &str, now: Instant, server: &mut M) -> Result<Option<String>, TurnError> {
        let Some(identity) = self.desk.identity(self.mailbox) else {
            return Ok(Some("the mailbox is not configured any more".to_owned()));
        };
        let place = format!("{}.{}", self.place.uidvalidity, self.place.uid);
        let claim = Claim { token: token.to_owned(), draft: self.draft.to_owned(), place, since: now };
        let bytes = compose::claim(&identity.address, token, &claim.value(), now);
        failpoint::reach("H5");
        let done = server.append(self.arena, &bytes, &["\\Seen"], now).await;
        failpoint::reach("H6");
        match done {
            Ok(()) => Ok(None),
            Err(error) if error.is_lost() => Err(error.into()),
            Err(error) => Ok(Some(error.to_string())),
        }
    }

    /// The claims on this draft, with their UIDs.
    async fn there<M: Mailbox>(&self, server: &mut M) -> Result<Vec<(u32, Claim)>, TurnError> {
        // Any word about the folder makes a session see what others put there.
        server.flags(self.arena, self.place.uid).await?;
        let listed = server.list(self.arena, 1).await?;
        let small: Vec<Listed> = listed.into_iter().filter(|one| !one.flags.deleted && one.size <= SIZE_MAX).collect();
        let mut found = Vec::new();
        for batch in batches(&small) {
            for raw in server.fetch(self.arena, &batch).await? {
                let claim = read(&raw).filter(|claim| claim.draft == self.draft);
                found.extend(claim.map(|claim| (raw.uid, claim)));
            }
        }
        Ok(found)
    }

    /// Whether a claim of ours may lie there.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub(super) async fn entered(&self) -> Result<bool, TurnError> {
        let draft = self.draft.to_owned();
        Ok(self.desk.store.read(move |tx| tx.claim_of(&draft)).await?.is_some())
    }

    /// Whether somebody else claims the draft who may still be at it.
    ///
    /// # Errors
    /// The mailbox or the store failed.
    pub(super) async fn others<M: Mailbox>(&self, server: &mut M) -> Result<bool, TurnError> {
        let draft = self.draft.to_owned();
        let known = self.desk.store.read(move |tx| tx.claim_of(&draft)).await?;
        let now = self.desk.clock.now();
        let there = self.there(server).await?;
        let other = |claim: &Claim| known.as_ref() != Some(&claim.token) && now - claim.since < STALE;
        Ok(there.iter().any(|(_, claim)| other(claim)))
    }

    /// Removes our claim; with `all`, because the draft is not there any more, those of others on it too.
    ///
    /// # Errors
    /// The mailbox or the store failed.
    pub(super) async fn leave<M: Mailbox>(&self, all: bool, server: &mut M) -> Result<(), TurnError> {
        let draft = self.draft.to_owned();
        let known = self.desk.store.read(move |tx| tx.claim_of(&draft)).await?;
        let place = format!("{}.{}", self.place.uidvalidity, self.place.uid);
        for (uid, claim) in self.there(server).await? {
            if known.as_ref() == Some(&claim.token) || (all && claim.place == place) {
                server.remove(self.arena, uid).await?;
            }
        }
        if known.is_some() {
            let draft = self.draft.to_owned();
            self.desk.store.write_soon(move |tx| tx.claim_over(&draft)).await?;
        }
        Ok(())
    }
}
