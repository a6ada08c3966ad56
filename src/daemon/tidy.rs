//! What is done behind the replies, in small steps: entries are indexed for the search and sealed into the chain.
//! Both could wait for ever without harm; neither is part of a reply's transaction.
use crate::mailbox::parse;
use crate::model::{Incoming, Party};
use crate::store::{Index, Page, Store, StoreError, Unread};

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
    Ok(all)
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

/// The text of an entry: of the whole message if its bytes are kept, else its beginning.
#[must_use]
pub fn text(bytes: Option<&[u8]>, excerpt: &str) -> String {
    let whole = bytes.map(|bytes| parse::parse(bytes, &parse::Context::default()).content.text);
    whole.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| excerpt.to_owned())
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
    };
    if let Some(bytes) = unread.bytes {
        let Incoming { author, to, cc, content, .. } = parse::parse(&bytes, &parse::Context::default());
        if !content.text.trim().is_empty() {
            page.text = content.text;
        }
        page.attachments = content.attachments.iter().map(|name| name.as_str().to_owned()).collect();
        if let crate::model::Author::One(party) = &author {
            page.sender = named(std::slice::from_ref(party));
        }
        let recipients: Vec<Party> = to.into_iter().chain(cc).take(100).collect();
        if !recipients.is_empty() {
            page.recipients = named(&recipients);
        }
    }
    page
}

/// Names and addresses, one a line.
fn named(parties: &[Party]) -> String {
    let line = |party: &Party| match &party.name {
        Some(name) => format!("{} {}", name.as_str(), party.address),
        None => party.address.to_string(),
    };
    parties.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Keeps index and chain up with the history until the task is dropped. Steps are small and far between: a reply
/// waits for none of them.
pub async fn keep_up(store: Store, dir: std::path::PathBuf) {
    const REST: std::time::Duration = std::time::Duration::from_secs(20);
    const BREATH: std::time::Duration = std::time::Duration::from_millis(50);
    let mut index: Option<Index> = None;
    loop {
        tokio::time::sleep(REST).await;
        loop {
            let (opened, at, store) = (index.take(), dir.clone(), store.clone());
            let step = tokio::task::spawn_blocking(move || -> Result<(Index, bool), StoreError> {
                let index = match opened {
                    Some(index) if Index::path_in(&at).exists() => index,
                    _ => Index::open(&at)?,
                };
                let more = index_some(&store, &index, &mut |_, _| ())?.is_some();
                let unsealed = store.has_unsealed()?;
                if unsealed {
                    store.write_blocking(|tx| tx.seal_some())?;
                }
                Ok((index, more || unsealed))
            });
            match step.await {
                Ok(Ok((opened, more))) => {
                    index = Some(opened);
                    if !more {
                        break;
                    }
                }
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
