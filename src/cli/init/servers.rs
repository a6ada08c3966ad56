//! Which servers belong to the owner's address: the table, a file, the network, in this order; the first that knows wins.
use crate::config::providers::{self, Found};
use crate::model::{EmailAddress, Tls};
use crate::system::discover;
use futures_util::future::join_all;

/// Where providers publish their settings, most of all their own.
fn documents(address: &EmailAddress) -> [String; 3] {
    let domain = address.domain();
    [
        format!("https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}"),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
        format!("https://autoconfig.thunderbird.net/v1.1/{domain}"),
    ]
}

/// Asks the network everything at once, and takes the most trustworthy answer: the provider behind the exchangers (we
/// know its ways), what the domain itself publishes, a port that answers at a usual name.
pub async fn ask(address: &EmailAddress) -> Option<Found> {
    let domain = address.domain().to_owned();
    let documents = join_all(documents(address).map(discover::document));
    let records = async {
        tokio::join!(
            discover::service("_imaps._tcp", &domain),
            discover::service("_imap._tcp", &domain),
            discover::service("_submissions._tcp", &domain),
            discover::service("_submission._tcp", &domain),
        )
    };
    let (exchangers, documents, records, guess) =
        tokio::join!(discover::exchangers(&domain), documents, records, guess(address));
    if let Some(found) = providers::by_exchangers(address, &exchangers) {
        return Some(found);
    }
    let published = documents.into_iter().flatten().find_map(|xml| providers::autoconfig(&xml, address).ok());
    if published.is_some() {
        return published;
    }
    let (imaps, imap, submissions, submission) = records;
    let with = |found: Option<(String, u16)>, tls: Tls| found.map(|(host, port)| (host, port, tls));
    let imap = with(imaps, Tls::Implicit).or(with(imap, Tls::StartTls));
    let smtp = with(submissions, Tls::Implicit).or(with(submission, Tls::StartTls));
    match (imap, smtp) {
        (Some(imap), Some(smtp)) => Some(providers::by_records(address, imap, smtp)),
        _ => guess,
    }
}

/// The first usual name at which somebody answers.
async fn guess(address: &EmailAddress) -> Option<Found> {
    let [imap, smtp] = providers::guesses(address.domain());
    let first = |all: Vec<(String, u16, Tls)>| async {
        let tries = all.iter().map(|(host, port, tls)| discover::listens(host, *port, *tls != Tls::Implicit));
        let answers = join_all(tries).await;
        all.into_iter().zip(answers).find_map(|(way, answers)| answers.then_some(way))
    };
    let (imap, smtp) = tokio::join!(first(imap), first(smtp));
    Some(Found { source: "a guess".to_owned(), ..providers::by_records(address, imap?, smtp?) })
}
