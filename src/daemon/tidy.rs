//! What is done behind the replies, in small steps: entries are indexed for the search and sealed into the chain.
//! Both could wait for ever without harm; neither is part of a reply's transaction.
use crate::mailbox::parse;
use crate::model::text::whole_words;
use crate::model::{Incoming, Instant, Party};
use crate::store::{Erasure, Index, Page, Store, StoreError, Tx, Unread, is_beginning};
use crate::system::Clock;
use chrono::TimeDelta;
use std::path::Path;
use tokio::sync::watch;

/// Entries indexed in one step.
const AT_ONCE: u32 = 200;

/// Called with how many entries were indexed, and how many there are.
pub type Show<'a> = &'a mut dyn FnMut(i64, i64);

/// Indexes all that is not in the index yet; how many entries.
///
/// # Errors
/// If history or index cannot be read or written.
pub fn index_all(store: &Store, index: &Index, show: Show<'_>) -> Result<usize, StoreError> {
    let mut all = 0;
    while let Some(done) = index_some(store, index, show)? {
        all += done;
    }
    Ok(all + index_moving(store, index)?)
}

/// Indexes mails of ours again that have changed since: drafts that were edited, mails that have left meanwhile.
///
/// # Errors
/// If history or index cannot be read or written.
pub fn index_moving(store: &Store, index: &Index) -> Result<usize, StoreError> {
    let moving = index.moving()?;
    if moving.is_empty() {
        return Ok(0);
    }
    let changed = store.read_blocking(|r| r.changed(&moving))?;
    if changed.is_empty() {
        return Ok(0);
    }
    index.renew(&changed.into_iter().map(page).collect::<Vec<_>>())
}

/// Indexes a portion; `None` if nothing is left.
///
/// # Errors
/// If history or index cannot be read or written.
pub fn index_some(store: &Store, index: &Index, show: Show<'_>) -> Result<Option<usize>, StoreError> {
    let (unread, reached, newest) = store.read_blocking(|r| {
        let reached = index.reaches(r)?;
        Ok((r.recorded_after(reached, AT_ONCE)?, reached, r.newest_seq()?))
    })?;
    if unread.is_empty() {
        return Ok(None);
    }
    let pages: Vec<Page> = unread.into_iter().map(page).collect();
    let done = index.add(&pages)?;
    show(pages.last().map_or(reached, |page| page.seq), newest);
    Ok(Some(done))
}

/// Indexes what was recorded just now; if anything else is missing before it, all of it from the history.
///
/// # Errors
/// If history or index cannot be read or written.
pub fn index_fresh(store: &Store, index: &Index, pages: &[Page]) -> Result<(), StoreError> {
    if !store.read_blocking(|r| index.follow(r, pages))? {
        index_all(store, index, &mut |_, _| ())?;
    }
    Ok(())
}

/// Seals all that can be sealed.
///
/// # Errors
/// If the history cannot be read or written.
pub fn seal_all(store: &Store) -> Result<(), StoreError> {
    while store.has_unsealed()? {
        store.write_blocking(|tx| tx.seal_some())?;
    }
    Ok(())
}

/// The text of an entry, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// It goes on; this is its beginning.
    pub cut: bool,
}

/// The text of an entry: of the whole message if its bytes are kept, else its beginning. `whole`: the bytes are all there were.
#[must_use]
pub fn text(bytes: Option<&[u8]>, whole: bool, excerpt: &str) -> Said {
    let context = parse::Context { size: if whole { 0 } else { u64::MAX }, ..parse::Context::default() };
    let read = bytes.map(|bytes| parse::parse_whole(bytes, &context).content);
    match read.filter(|read| !read.text.trim().is_empty()) {
        Some(read) => Said { text: read.text, cut: read.text_cut },
        None if is_beginning(excerpt) => Said { text: whole_words(excerpt).to_owned(), cut: true },
        None => Said { text: excerpt.to_owned(), cut: false },
    }
}

fn page(unread: Unread) -> Page {
    let mut page = Page {
        seq: unread.seq,
        id: unread.id,
        at: unread.at,
        subject: unread.subject,
        text: unread.excerpt,
        sender: unread.from.unwrap_or_default(),
        recipients: unread.to.unwrap_or_default(),
        attachments: Vec::new(),
        moving: unread.moving,
    };
    if let Some(bytes) = unread.bytes {
        let read = page_of(&parse::parse_whole(&bytes, &parse::Context::default()));
        page.attachments = read.attachments;
        for (known, read) in
            [(&mut page.text, read.text), (&mut page.sender, read.sender), (&mut page.recipients, read.recipients)]
        {
            if !read.trim().is_empty() {
                *known = read;
            }
        }
    }
    page
}

/// A message as it is indexed; its place and id are the caller's to add.
pub(super) fn page_of(message: &Incoming) -> Page {
    let recipients: Vec<&Party> = message.to.iter().chain(&message.cc).take(100).collect();
    Page {
        seq: 0,
        id: String::new(),
        at: message.arrived,
        subject: message.subject.as_str().to_owned(),
        text: message.content.text.clone(),
        sender: message.from().map(|party| named(&[party])).unwrap_or_default(),
        recipients: named(&recipients),
        attachments: message.content.attachments.iter().map(|name| name.as_str().to_owned()).collect(),
        moving: None,
    }
}

/// Names and addresses, one a line.
fn named(parties: &[&Party]) -> String {
    let line = |party: &&Party| match &party.name {
        Some(name) => format!("{} {}", name.as_str(), party.address),
        None => party.address.to_string(),
    };
    parties.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// In the database: something was erased, and the file not rewritten since.
const UNSWEPT: &str = "unswept";

/// Erases what is older than it may be kept (`[history] retention`); how many entries. Afterwards the file is rewritten: pages
/// that were split keep old copies of rows where no statement reaches them. Where that fails it is made up for the next day.
///
/// # Errors
/// If history or index cannot be read or written.
pub fn forget_old(store: &Store, index: &Index, before: Instant) -> Result<usize, StoreError> {
    store.overwrite_deleted(true)?;
    let gone = forget_steps(store, index, before);
    store.overwrite_deleted(false)?;
    let gone = gone?;
    if store.read_blocking(|r| r.meta(UNSWEPT))?.as_deref() == Some("1") {
        store.compact()?;
        store.write_blocking(|tx| tx.set_meta(UNSWEPT, "0"))?;
    }
    Ok(gone)
}

fn forget_steps(store: &Store, index: &Index, before: Instant) -> Result<usize, StoreError> {
    let mut gone: Vec<i64> = Vec::new();
    let swept_later = |tx: &Tx<'_>| tx.set_meta(UNSWEPT, "1");
    for client in store.read_blocking(|r| r.clients_silent_since(before))? {
        let wanted = Erasure { client: Some(client), ..Erasure::default() };
        let erase = |tx: &Tx<'_>| swept_later(tx).and_then(|()| tx.erase_people(&wanted));
        gone.extend(store.write_blocking(erase)?.entries);
    }
    loop {
        let some = store.write_blocking(|tx| {
            let some = tx.erase_others_before(before)?;
            if !some.is_empty() {
                swept_later(tx)?;
            }
            Ok(some)
        })?;
        if some.is_empty() {
            break;
        }
        gone.extend(some);
    }
    if !gone.is_empty() {
        index.take_out(&gone)?;
    }
    Ok(gone.len())
}

/// Keeps index and chain up with the history until the task is dropped. Steps are small and far between: a reply
/// waits for none of them.
pub async fn keep_up(store: Store, dir: std::path::PathBuf, retention: watch::Receiver<Option<TimeDelta>>) {
    const REST: std::time::Duration = std::time::Duration::from_secs(20);
    const BREATH: std::time::Duration = std::time::Duration::from_millis(50);
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(10 * 60);
    let mut index: Option<Index> = None;
    let mut looked: Option<Instant> = None;
    loop {
        // An idle daemon sleeps; what another process wrote (an import) is found after a while.
        if looked.is_some() {
            let _ = tokio::time::timeout(LONGEST, store.changed()).await;
        }
        tokio::time::sleep(REST).await;
        let now = Clock::System.now();
        // Once a day, and at first.
        let due = looked.is_none_or(|at| now - at > TimeDelta::days(1));
        let mut before = (*retention.borrow()).filter(|_| due).map(|retention| now - retention);
        looked = if due { Some(now) } else { looked };
        loop {
            let (opened, at, store, forget) = (index.take(), dir.clone(), store.clone(), before.take());
            match tokio::task::spawn_blocking(move || step(&store, opened, &at, forget)).await {
                // Closed while there is nothing to do: an open database holds memory.
                Ok(Ok((_, false))) => break,
                Ok(Ok((opened, true))) => index = Some(opened),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the search index does not keep up; mail goes on");
                    break;
                }
                Err(_) => break,
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// One small step; whether there is more to do.
fn step(
    store: &Store,
    opened: Option<Index>,
    dir: &Path,
    forget: Option<Instant>,
) -> Result<(Index, bool), StoreError> {
    // Another process may have made the file anew.
    let index = match opened {
        Some(index) if Index::path_in(dir).exists() => index,
        _ => Index::open(dir)?,
    };
    if let Some(before) = forget {
        let gone = forget_old(store, &index, before)?;
        if gone > 0 {
            tracing::info!(entries = gone, "erased: nothing was exchanged for longer than `retention`");
        }
    }
    let more = index_some(store, &index, &mut |_, _| ())?.is_some();
    index_moving(store, &index)?;
    let unsealed = store.has_unsealed()?;
    if unsealed {
        store.write_blocking(|tx| tx.seal_some())?;
    }
    Ok((index, more || unsealed))
}
