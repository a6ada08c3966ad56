//! The history follows the configuration's `contacts`: at start, at reload, and before a command tells of a client. How:
//! `store::adopt`.
use super::desk::Desk;
use crate::decide::Policy;
use crate::store::{Contacts, Store, StoreError};
use tokio::sync::watch;

/// Whose address is whose, as the configuration says.
#[must_use]
pub fn contacts(policy: &Policy) -> Contacts {
    let forms = policy.mailboxes.iter().flat_map(|mailbox| &mailbox.contact_form_senders);
    Contacts {
        clients: policy.clients.iter().map(|client| (client.id.clone(), client.contacts.clone())).collect(),
        anybody: forms.map(crate::model::EmailAddress::folded).collect(),
        projects: policy.projects.iter().map(|project| (project.id.clone(), project.client.clone())).collect(),
    }
}

/// All of it at once; which keys were followed, from and to.
///
/// # Errors
/// If the history cannot be read or written.
pub fn all(store: &Store, policy: &Policy) -> Result<Vec<(String, String)>, StoreError> {
    let contacts = contacts(policy);
    let followed = store.follow_keys(&contacts)?;
    store.adopt(&contacts)?;
    Ok(followed)
}

/// Another key for the same people: before anything is done about their promises.
pub(super) async fn keys(desk: &Desk) {
    let (store, contacts) = (desk.store.clone(), contacts(desk.policy()));
    match tokio::task::spawn_blocking(move || store.follow_keys(&contacts)).await {
        Ok(Ok(followed)) => {
            for (gone, heir) in followed {
                tracing::info!(from = gone, to = heir, "the client has another key: its history goes along");
            }
        }
        Ok(Err(error)) => tracing::error!(%error, "the history could not follow the keys of clients"),
        Err(_) => {}
    }
}

/// Entries follow behind the replies, for each configuration that comes in.
pub(super) async fn keep_up(mut desks: watch::Receiver<Desk>) {
    loop {
        let desk = desks.borrow_and_update().clone();
        let contacts = contacts(desk.policy());
        match tokio::task::spawn_blocking(move || desk.store.adopt(&contacts)).await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(entries)) => tracing::info!(entries, "earlier mail belongs to clients now, by their contacts"),
            Ok(Err(error)) => tracing::warn!(%error, "the history could not follow the contacts; mail goes on"),
        }
        if desks.changed().await.is_err() {
            return;
        }
    }
}
