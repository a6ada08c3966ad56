//! Listing and fetching messages, and looking one up. Only flat items are ever asked for (no ENVELOPE, no
//! BODYSTRUCTURE), and always with PEEK: nothing becomes `\Seen`.
use super::{Open, Session, talk::quoted};
use crate::{
    mailbox::{
        Flags, Folder, Listed, MailboxError, Raw,
        error::says_later,
        raw::{BYTES_MAX, portions},
        watch::Transport,
    },
    model::Instant,
};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use std::collections::BTreeMap;

/// More new messages than this are listed first and fetched in portions.
const FEW: u32 = 20;
/// Messages listed by one command.
const WINDOW: u32 = 5000;
/// Longest set of numbers in a command line (servers refuse lines of a few thousand octets).
const SET_MAX: usize = 800;
const ITEMS: &str = "UID FLAGS INTERNALDATE RFC822.SIZE";

/// What the replies said about one message so far; a server may spread it over several replies.
#[derive(Debug, Default)]
struct Pieces {
    flags: Option<Flags>,
    arrived: Option<Instant>,
    size: Option<u64>,
    /// `Some(None)`: the server says NIL.
    body: Option<Option<Vec<u8>>>,
}

impl<S: Transport> Session<S> {
    /// All messages with numbers from `from_uid` on, by number.
    ///
    /// # Errors
    /// `Renumbered`; else as every command.
    pub async fn list_uids(&mut self, folder: &Folder, from_uid: u32) -> Result<Vec<Listed>, MailboxError> {
        let open = self.enter(folder).await?;
        let exists = open.seen();
        let near = open.uid_next.is_some_and(|next| next.saturating_sub(from_uid) <= WINDOW);
        let mut found = BTreeMap::new();
        if exists <= WINDOW || near {
            let line = format!("UID FETCH {}:* ({ITEMS})", from_uid.max(1));
            self.run("UID FETCH", &line, |response| collect(&mut found, response)).await?;
        } else {
            self.list_windows(exists, from_uid, &mut found).await?;
        }
        found.retain(|uid, _| *uid >= from_uid);
        if let Some(open) = &mut self.open {
            found.keys().for_each(|uid| open.reached(*uid));
            open.sizes = found.iter().map(|(uid, pieces)| (*uid, pieces.size.unwrap_or(BYTES_MAX as u64))).collect();
        }
        Ok(found.into_iter().map(|(uid, pieces)| pieces.listed(uid)).collect())
    }

    /// From the newest downwards: a message removed meanwhile moves others down, into windows still to come.
    async fn list_windows(
        &mut self,
        exists: u32,
        from_uid: u32,
        found: &mut BTreeMap<u32, Pieces>,
    ) -> Result<(), MailboxError> {
        let mut top = exists;
        while top > 0 {
            let bottom = top.saturating_sub(WINDOW - 1).max(1);
            let mut lowest = u32::MAX;
            self.run("FETCH", &format!("FETCH {bottom}:{top} ({ITEMS})"), |response| {
                if let Response::Fetch(_, attributes) = response {
                    lowest = attributes.iter().filter_map(uid_of).min().unwrap_or(lowest).min(lowest);
                }
                collect(found, response);
            })
            .await?;
            if lowest < from_uid {
                break;
            }
            top = bottom - 1;
        }
        Ok(())
    }

    /// Messages by number, as far as they still exist. The caller's portions should be those of `mailbox::batches`;
    /// larger ones are cut here, but all of it is held in memory.
    ///
    /// # Errors
    /// `Renumbered`; else as every command. A single message that the server cannot give becomes a `fault`.
    pub async fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> Result<Vec<Raw>, MailboxError> {
        let open = self.enter(folder).await?;
        let mut wanted: Vec<u32> = uids.iter().copied().filter(|uid| *uid > 0).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let sizes: Vec<(u32, u64)> =
            wanted.iter().map(|uid| (*uid, open.sizes.get(uid).copied().unwrap_or(BYTES_MAX as u64))).collect();
        let mut all = Vec::with_capacity(wanted.len());
        for portion in portions(sizes.into_iter()) {
            for set in sets(&portion) {
                match self.fetch_set(&set).await {
                    Ok(mut found) => {
                        found.retain(|uid, _| portion.binary_search(uid).is_ok());
                        self.settle(found, &mut all).await?;
                    }
                    Err(MailboxError::Refused { .. }) => {
                        let found = members(&set).map(|uid| (uid, Pieces::default())).collect();
                        self.settle(found, &mut all).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(all)
    }

    /// The quick way from a hint to the bytes: one command for everything from `from_uid` on. `expected` is how
    /// many the caller expects; where more are likely they are listed first and fetched in portions.
    ///
    /// # Errors
    /// As `fetch`.
    pub async fn fetch_new(&mut self, folder: &Folder, from_uid: u32, expected: u32) -> Result<Vec<Raw>, MailboxError> {
        let from_uid = from_uid.max(1);
        let open = self.enter(folder).await?;
        let grown = open.exists.saturating_sub(open.exists_read);
        let ahead = open.uid_next.map_or(0, |next| next.saturating_sub(from_uid)).min(open.exists);
        open.seen();
        let few = expected.max(grown).max(ahead) <= FEW;
        match if few { self.fetch_set(&format!("{from_uid}:*")).await.map(Some) } else { Ok(None) } {
            Ok(Some(mut found)) => {
                // The last message answers to `n:*` even when its number is smaller (RFC 3501 6.4.8).
                found.retain(|uid, _| *uid >= from_uid);
                if let Some(open) = &mut self.open {
                    found.keys().for_each(|uid| open.reached(*uid));
                }
                let mut all = Vec::with_capacity(found.len());
                self.settle(found, &mut all).await?;
                Ok(all)
            }
            // Many, or one among them that the server cannot give.
            Ok(None) | Err(MailboxError::Refused { .. }) => {
                let uids: Vec<u32> = self.list_uids(folder, from_uid).await?.iter().map(|one| one.uid).collect();
                self.fetch(folder, &uids).await
            }
            Err(error) => Err(error),
        }
    }

    async fn fetch_set(&mut self, set: &str) -> Result<BTreeMap<u32, Pieces>, MailboxError> {
        let line = format!("UID FETCH {set} ({ITEMS} BODY.PEEK[]<0.{BYTES_MAX}>)");
        let mut found = BTreeMap::new();
        self.run("UID FETCH", &line, |response| collect(&mut found, response)).await?;
        Ok(found)
    }

    /// Turns pieces into messages; those without a body are asked for once more, each by itself.
    async fn settle(&mut self, found: BTreeMap<u32, Pieces>, all: &mut Vec<Raw>) -> Result<(), MailboxError> {
        for (uid, pieces) in found {
            if pieces.body.is_some() {
                all.push(pieces.raw(uid, "the server says that there is no text"));
                continue;
            }
            match self.fetch_set(&uid.to_string()).await {
                Ok(mut again) => {
                    all.extend(again.remove(&uid).map(|pieces| pieces.raw(uid, "the server sent no text")))
                }
                Err(MailboxError::Refused { text, .. }) if !says_later(&text) => {
                    all.extend(self.facts(uid).await?.map(|pieces| pieces.raw(uid, &text)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What the server says about a message whose text it refuses. When it refuses this too, the trouble is not the
    /// message's, and nothing may be concluded about it.
    async fn facts(&mut self, uid: u32) -> Result<Option<Pieces>, MailboxError> {
        let mut found = BTreeMap::new();
        self.run("UID FETCH", &format!("UID FETCH {uid} ({ITEMS})"), |response| collect(&mut found, response)).await?;
        Ok(found.remove(&uid))
    }

    /// The flags of one message; `None` when it is gone.
    ///
    /// # Errors
    /// `Renumbered`; else as every command.
    pub async fn flags(&mut self, folder: &Folder, uid: u32) -> Result<Option<Flags>, MailboxError> {
        self.refresh(folder).await?;
        let mut found = BTreeMap::new();
        self.run("UID FETCH", &format!("UID FETCH {uid} (UID FLAGS)"), |response| collect(&mut found, response))
            .await?;
        Ok(found.remove(&uid).and_then(|pieces: Pieces| pieces.flags))
    }

    /// The newest message with this header field (substring match, RFC 3501 6.4.4), for example `Message-ID`.
    ///
    /// # Errors
    /// `Invalid` for values with control or non-ASCII characters; `Renumbered`; else as every command.
    pub async fn find(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Option<u32>, MailboxError> {
        Ok(self.find_all(folder, header, value).await?.last().copied())
    }

    /// All of them, ascending.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub async fn find_all(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Vec<u32>, MailboxError> {
        let name_fits = !header.is_empty() && header.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !name_fits || value.is_empty() || !value.is_ascii() {
            return Err(MailboxError::Invalid { what: "search value" });
        }
        let line = format!("UID SEARCH HEADER {header} {}", quoted(value)?);
        self.refresh(folder).await?;
        let mut found: Vec<u32> = Vec::new();
        self.run("UID SEARCH", &line, |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend(uids);
            }
        })
        .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

impl Open {
    /// Marks all that was announced as looked at; how many messages there are.
    fn seen(&mut self) -> u32 {
        self.news = false;
        self.exists_read = self.exists;
        self.exists
    }

    /// The next number is at least one more than any that was seen.
    fn reached(&mut self, uid: u32) {
        self.uid_next = self.uid_next.map(|next| next.max(uid.saturating_add(1)));
    }
}

impl Pieces {
    fn listed(&self, uid: u32) -> Listed {
        let size = self.size.unwrap_or_default();
        Listed { uid, flags: self.flags.unwrap_or_default(), arrived: self.arrived.unwrap_or_default(), size }
    }

    fn raw(self, uid: u32, fault: &str) -> Raw {
        let Listed { flags, arrived, size, .. } = self.listed(uid);
        let body = self.body.flatten();
        let fault = body.is_none().then(|| fault.to_owned());
        let mut bytes = body.unwrap_or_default();
        bytes.truncate(BYTES_MAX);
        Raw { uid, flags, arrived, size: size.max(bytes.len() as u64), bytes, fault }
    }
}

/// Takes what a FETCH reply says; one without a number is news about some other message.
fn collect(found: &mut BTreeMap<u32, Pieces>, response: &Response<'_>) {
    let Response::Fetch(_, attributes) = response else { return };
    let Some(uid) = attributes.iter().find_map(uid_of) else { return };
    let pieces = found.entry(uid).or_default();
    for attribute in attributes {
        match attribute {
            AttributeValue::Flags(flags) => pieces.flags = Some(flags_of(flags.iter().map(AsRef::as_ref))),
            AttributeValue::InternalDate(text) => pieces.arrived = internal_date(text),
            AttributeValue::Rfc822Size(size) => pieces.size = Some(u64::from(*size)),
            AttributeValue::BodySection { section: None, data, .. } => {
                pieces.body = Some(data.as_ref().map(|bytes| bytes.to_vec()));
            }
            _ => {}
        }
    }
}

fn uid_of(attribute: &AttributeValue<'_>) -> Option<u32> {
    match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    }
}

fn flags_of<'a>(names: impl Iterator<Item = &'a str>) -> Flags {
    let mut flags = Flags::default();
    for name in names {
        match name.to_ascii_lowercase().as_str() {
            "\\answered" => flags.answered = true,
            "\\seen" => flags.seen = true,
            "\\draft" => flags.draft = true,
            "\\deleted" => flags.deleted = true,
            "\\flagged" => flags.flagged = true,
            _ => {}
        }
    }
    flags
}

/// `" 1-Feb-2025 01:02:03 +0100"` (RFC 3501 9, date-time).
fn internal_date(text: &str) -> Option<Instant> {
    chrono::DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|date| date.to_utc())
}

/// Numbers in ascending order as sets such as `1:3,7`, none longer than [`SET_MAX`] by much.
fn sets(uids: &[u32]) -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &uid in uids {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let mut sets: Vec<String> = Vec::new();
    for (first, last) in ranges {
        let range = if first == last { first.to_string() } else { format!("{first}:{last}") };
        match sets.last_mut() {
            Some(set) if set.len() < SET_MAX => {
                set.push(',');
                set.push_str(&range);
            }
            _ => sets.push(range),
        }
    }
    sets
}

/// The numbers in a set made by [`sets`].
fn members(set: &str) -> impl Iterator<Item = u32> + '_ {
    set.split(',').flat_map(|range| {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        first.parse().unwrap_or(1)..=last.parse().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_short_sets() {
        assert_eq!(sets(&[1, 2, 3, 7, 9, 10]), ["1:3,7,9:10"]);
        assert_eq!(sets(&[u32::MAX]), ["4294967295"]);
        assert!(sets(&[]).is_empty());
        let odd: Vec<u32> = (1_000_000..1_001_000).step_by(2).collect();
        let cut = sets(&odd);
        assert!(cut.len() > 1 && cut.iter().all(|set| set.len() < SET_MAX + 30));
        assert_eq!(cut.iter().flat_map(|set| members(set)).collect::<Vec<_>>(), odd);
    }

    #[test]
    fn dates_of_arrival_are_read() {
        for (text, want) in [
            (" 1-Feb-2025 01:02:03 +0100", Some("2025-02-01T00:02:03Z")),
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25Z")),
            ("01-Feb-2025 00:00:00 +0000", Some("2025-02-01T00:00:00Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(internal_date(text), want.map(|w| w.parse().unwrap()), "{text}");
        }
    }
}
