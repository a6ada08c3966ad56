//! The ladder of trust while the daemon runs: the rung that counts now, falls, and words that the configuration has overtaken.
//! What makes somebody fall: `decide::ladder`. Raising by hand: the command line.
use super::desk::Desk;
use crate::decide::Policy;
use crate::decide::ladder::{self, By, SPAN, Scope, Word};
use crate::model::{Client, Identity, Instant, Mode, NoticeCode};
use crate::store::{NewNotice, Reader, StoreError, Tx};

/// The rung on which mail of a mailbox to a client is made: the lower of the two, with the owner's last word and with what
/// has fallen since.
///
/// # Errors
/// If the store cannot be read.
pub fn rung(tx: &Reader<'_>, policy: &Policy, identity: &Identity, client: Option<&str>) -> Result<Mode, StoreError> {
    let word = tx.trust_word(&Scope::Mailbox(identity.name.clone()))?;
    let client = client.and_then(|id| policy.client(id));
    let theirs = match client {
        Some(client) => tx.trust_word(&Scope::Client(client.id.clone()))?,
        None => None,
    };
    Ok(ladder::rung((identity, word.as_ref()), client.map(|client| (client, theirs.as_ref()))))
}

/// Everybody who stands on a rung, with what the configuration says of them.
pub fn everybody(policy: &Policy) -> impl Iterator<Item = (Scope, Option<Mode>)> + '_ {
    let mailboxes = policy.mailboxes.iter().map(|it| (Scope::Mailbox(it.name.clone()), Some(it.mode)));
    mailboxes.chain(policy.clients.iter().map(|it| (Scope::Client(it.id.clone()), it.mode)))
}

/// Ends the words beside which the configuration says something else now: its newer line counts. How many.
///
/// # Errors
/// If the rows cannot be written.
pub fn settle(tx: &Tx<'_>, policy: &Policy, now: Instant) -> Result<usize, StoreError> {
    let mut ended = 0;
    for (scope, written) in everybody(policy) {
        let Some(word) = tx.trust_word(&scope)? else { continue };
        if word.by != By::File && word.written != written {
            let was = word.rung.or(word.written).unwrap_or_default();
            tx.trust(&scope, &Word { rung: None, was, by: By::File, why: Vec::new(), written, at: now })?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Looks for anomalies in a mailbox that sends by itself, and in its clients; lowers who has fallen, and notes it for the
/// owner.
///
/// # Errors
/// If the store fails.
pub async fn watch(desk: &Desk, mailbox: &str) -> Result<(), StoreError> {
    let (here, name, now) = (desk.clone(), mailbox.to_owned(), desk.clock.now());
    let fallen = desk.store.read(move |tx| falls(tx, here.policy(), &name, now)).await?;
    for (scope, written, was, fall) in fallen {
        let said = ladder::reasons(&fall.why);
        tracing::warn!(
            kind = scope.kind(),
            name = scope.name(),
            rung = fall.to.as_str(),
            why = said,
            "trust was lowered; `fuseau trust NAME` says what it takes to raise it"
        );
        let mailbox = mailbox.to_owned();
        let first = fall.why.first().map_or("", |(anomaly, _)| anomaly.as_str());
        desk.store
            .write(move |tx| {
                let client = match &scope {
                    Scope::Client(id) => Some(id.as_str()),
                    Scope::Mailbox(_) => None,
                };
                tx.notice(&NewNotice {
                    code: NoticeCode::TrustLowered,
                    mailbox: Some(&mailbox),
                    client,
                    exchange: None,
                    values: &[("name", scope.name()), ("rung", fall.to.as_str()), ("why", first), ("error", &said)],
                    once: None,
                    now,
                })?;
                let word = Word { rung: Some(fall.to), was, by: By::Fall, why: fall.why, written, at: now };
                tx.trust(&scope, &word)
            })
            .await?;
    }
    Ok(())
}

type Fallen = (Scope, Option<Mode>, Mode, ladder::Fall);

/// Who has fallen: the mailbox, then its clients.
fn falls(tx: &Reader<'_>, policy: &Policy, mailbox: &str, now: Instant) -> Result<Vec<Fallen>, StoreError> {
    let mut fallen = Vec::new();
    let Some(identity) = policy.mailbox(mailbox) else { return Ok(fallen) };
    let scope = Scope::Mailbox(mailbox.to_owned());
    let word = tx.trust_word(&scope)?;
    let rung = ladder::own(Some(identity.mode), word.as_ref()).unwrap_or_default();
    if rung < Mode::Send {
        return Ok(fallen);
    }
    let signs = tx.signs(mailbox, None, since(word.as_ref(), now))?;
    if let Some(fall) = ladder::fall(&scope, rung, &signs) {
        fallen.push((scope, Some(identity.mode), rung, fall));
    }
    // What no client has, none of them falls for.
    let any = signs.returned + signs.in_doubt + signs.taken_back + signs.lapsed + signs.complaints > 0;
    for client in policy.clients.iter().filter(|_| any) {
        fallen.extend(client_falls(tx, client, mailbox, rung, now)?);
    }
    Ok(fallen)
}

fn client_falls(
    tx: &Reader<'_>,
    client: &Client,
    mailbox: &str,
    ceiling: Mode,
    now: Instant,
) -> Result<Option<Fallen>, StoreError> {
    let scope = Scope::Client(client.id.clone());
    let word = tx.trust_word(&scope)?;
    let rung = ladder::own(client.mode, word.as_ref()).map_or(ceiling, |own| own.min(ceiling));
    let signs = tx.signs(mailbox, Some(&client.id), since(word.as_ref(), now))?;
    Ok(ladder::fall(&scope, rung, &signs).map(|fall| (scope, client.mode, rung, fall)))
}

/// Signs from before the last word are not held against anybody again.
fn since(word: Option<&Word>, now: Instant) -> Instant {
    word.map_or(now - SPAN, |word| word.at.max(now - SPAN))
}
