//! What lies in Drafts under the Message-ID of an occasion, and what it means when nothing does. Never here: what is done
//! about it (lie.rs).
use crate::daemon::error::TurnError;
use crate::daemon::ports::Mailbox;
use crate::decide::occasion::MadeState;
use crate::decide::wish_names::ROOT;
use crate::mailbox::{Folder, Folders};
use crate::model::Instant;
use crate::store::{Lying, OutboxRow};

/// Beyond this a draft is none of ours.
const DRAFT_MAX: usize = 2 * 1024 * 1024;

/// What is found in Drafts under the Message-ID of an occasion.
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// Exactly these bytes, under this number.
    Same(u32),
    /// The bytes that are to be replaced.
    Before(u32),
    /// Something else, or more than one.
    Other,
}

/// Looks for the draft of an occasion.
///
/// # Errors
/// The mailbox failed.
pub(super) async fn find<M: Mailbox>(drafts: &Folder, lying: &Lying, server: &mut M) -> Result<Found, TurnError> {
    let row = &lying.row;
    let uids = server.find_all(drafts, "Message-ID", &row.message_id).await?;
    let marked = server.find_all(drafts, "X-Fuseau-Id", &row.fuseau_id).await?;
    let uid = match (uids.as_slice(), marked.as_slice()) {
        ([], []) => return Ok(Found::Nothing),
        ([uid], [marked]) if uid == marked => *uid,
        ([uid], []) => *uid,
        _ => return Ok(Found::Other),
    };
    let Some(bytes) = server.whole(drafts, uid, DRAFT_MAX).await? else { return Ok(Found::Other) };
    Ok(if same(&bytes, &row.bytes) {
        Found::Same(uid)
    } else if lying.replaced.as_ref().is_some_and(|before| same(&bytes, before)) {
        Found::Before(uid)
    } else {
        Found::Other
    })
}

/// The same octets; a Maildir keeps other line ends.
fn same(one: &[u8], other: &[u8]) -> bool {
    let plain = |bytes: &[u8]| -> Vec<u8> {
        let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
        text.trim_ascii_end().to_vec()
    };
    one == other || plain(one) == plain(other)
}

/// Whether a mail with this Message-ID or mark lies in Sent.
///
/// # Errors
/// The mailbox failed.
pub(super) async fn in_sent<M: Mailbox>(folders: &Folders, row: &OutboxRow, server: &mut M) -> Result<bool, TurnError> {
    lies_in(folders.sent.as_ref(), row, server).await
}

async fn lies_in<M: Mailbox>(folder: Option<&Folder>, row: &OutboxRow, server: &mut M) -> Result<bool, TurnError> {
    let Some(folder) = folder else { return Ok(false) };
    for (header, value) in [("Message-ID", &row.message_id), ("X-Fuseau-Id", &row.fuseau_id)] {
        if server.find(folder, header, value).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What it means that nothing lies in Drafts although something should.
pub(super) enum Absent {
    /// It was never there: it is to be put there.
    Missing,
    /// It was there, and this became of it.
    Over(MadeState),
    /// We stopped while we put it there, and messages that came into the folder since are gone: ours may be one of them.
    Doubtful,
}

/// Finds out why nothing lies there.
///
/// # Errors
/// The mailbox failed.
pub(super) async fn absent<M: Mailbox>(
    drafts: &Folder,
    folders: &Folders,
    lying: &Lying,
    restored: Option<Instant>,
    server: &mut M,
) -> Result<Absent, TurnError> {
    if in_sent(folders, &lying.row, server).await? {
        return Ok(Absent::Over(MadeState::Sent));
    }
    if lying.replaced.is_some() && !lying.removing {
        return Ok(Absent::Over(MadeState::Deleted));
    }
    // Deleted by the owner, whichever installation put it there. What we removed ourselves may lie there as well.
    let ours = lying.removing || lying.again || lying.made.asked;
    if !ours && lies_in(folders.trash.as_ref(), &lying.row, server).await? {
        return Ok(Absent::Over(MadeState::Deleted));
    }
    // Handed over by the owner, to another installation: nothing is to be made, and if it leaves, it is known from Sent.
    if !ours {
        for branch in server.below(ROOT).await?.iter().filter(|branch| branch.status.exists > 0) {
            if lies_in(Some(&branch.folder), &lying.row, server).await? {
                return Ok(Absent::Over(MadeState::Deleted));
            }
        }
    }
    if let Some(going) = lying.going
        && !never_arrived(drafts, going, server).await?
    {
        return Ok(Absent::Doubtful);
    }
    // It may have been made after the backup, and deleted by the owner.
    let old = restored.is_some_and(|at| lying.row.not_before < at && lying.made.made_at >= at);
    Ok(if old && !lying.made.asked { Absent::Over(MadeState::Expired) } else { Absent::Missing })
}

/// Whether nothing can have come into Drafts and left it again since it stood there: every number given since is still in
/// use, or none was given. UIDs ascend and are never given twice (RFC 9051 2.3.1.1).
async fn never_arrived<M: Mailbox>(
    drafts: &Folder,
    (uidvalidity, uid_next): (u32, u32),
    server: &mut M,
) -> Result<bool, TurnError> {
    let now = server.status(drafts).await?;
    let Some(next) = now.uid_next.filter(|_| now.uidvalidity == uidvalidity) else { return Ok(false) };
    if next <= uid_next {
        return Ok(true);
    }
    let given = server.list(drafts, uid_next).await?;
    let here = given.iter().filter(|one| (uid_next..next).contains(&one.uid)).count();
    Ok(u32::try_from(here).is_ok_and(|here| here == next - uid_next))
}

/// Whether two mails differ in nothing but when they were made: what changed is nothing that the letter says.
pub(super) fn same_but_for_date(one: &[u8], other: &[u8]) -> bool {
    // The field itself, not a line of the text that begins so.
    let lines = |mail| <[u8]>::split_inclusive(mail, |byte: &u8| *byte == b'\n');
    let before = |mail| lines(mail).take_while(|line| !line.starts_with(b"Date: "));
    let after = |mail| lines(mail).skip_while(|line| !line.starts_with(b"Date: ")).skip(1);
    before(one).eq(before(other)) && after(one).eq(after(other))
}

#[cfg(test)]
mod tests {
    use super::same_but_for_date;

    #[test]
    fn a_draft_made_anew_in_the_same_words_is_the_same() {
        let mail =
            |date: &str, text: &str| format!("From: a@x.example\r\nDate: {date}\r\nSubject: b\r\n\r\n{text}\r\n");
        let same = |one: String, other: String| same_but_for_date(one.as_bytes(), other.as_bytes());
        assert!(same(mail("Mon, 23 Nov", "c"), mail("Fri, 27 Nov", "c")));
        assert!(!same(mail("Mon, 23 Nov", "c"), mail("Mon, 23 Nov", "d")));
        assert!(!same(mail("Mon, 23 Nov", "Date: c"), mail("Mon, 23 Nov", "Date: d")));
        assert!(!same(mail("Mon, 23 Nov", "c").replace("Subject: b", "Subject: d"), mail("Mon, 23 Nov", "c")));
        assert!(!same(mail("Mon, 23 Nov", "c").replace("a@x", "b@x"), mail("Mon, 23 Nov", "c")));
    }
}
