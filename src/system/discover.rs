//! Asking the network which servers belong to a mail domain: SRV and MX records, documents, open ports. Everything has a
//! short deadline; silence is an answer. Never here: what the answers mean.
use super::http;
use domain::base::iana::Rtype;
use domain::base::name::Name;
use domain::rdata::{Mx, Srv};
use domain::resolv::StubResolver;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

/// How long each question may take.
const DEADLINE: Duration = Duration::from_secs(4);

/// Mail exchangers of a domain, the preferred first.
pub async fn exchangers(host: &str) -> Vec<String> {
    exchangers_by(&StubResolver::new(), host).await
}

async fn exchangers_by(resolver: &StubResolver, host: &str) -> Vec<String> {
    let Ok(name) = Name::<Vec<u8>>::from_chars(host.chars()) else { return Vec::new() };
    let Ok(Ok(answer)) = timeout(DEADLINE, resolver.query((name, Rtype::MX))).await else {
        return Vec::new();
    };
    let Ok(section) = answer.answer() else { return Vec::new() };
    let mut found: Vec<(u16, String)> = section
        .limit_to::<Mx<_>>()
        .flatten()
        .map(|record| (record.data().preference(), record.data().exchange().to_string()))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, host)| host).take(8).collect()
}

/// Host and port of a service (RFC 2782), the preferred; `None` if the domain names none.
pub async fn service(service: &str, host: &str) -> Option<(String, u16)> {
    service_by(&StubResolver::new(), service, host).await
}

async fn service_by(resolver: &StubResolver, service: &str, host: &str) -> Option<(String, u16)> {
    let name = Name::<Vec<u8>>::from_chars(format!("{service}.{host}").chars()).ok()?;
    let answer = timeout(DEADLINE, resolver.query((name, Rtype::SRV))).await.ok()?.ok()?;
    let mut found: Vec<(u16, String, u16)> = answer
        .answer()
        .ok()?
        .limit_to::<Srv<_>>()
        .flatten()
        .map(|record| (record.data().priority(), record.data().target().to_string(), record.data().port()))
        .collect();
    found.sort_unstable();
    let (_, target, port) = found.into_iter().next()?;
    let target = target.trim_end_matches('.').to_owned();
    // A lone dot says "decidedly not here".
    (!target.is_empty() && port != 0).then_some((target, port))
}

/// A document, if the server gives one within the deadline.
pub async fn document(url: String) -> Option<String> {
    let fetched = tokio::task::spawn_blocking(move || http::get(&url));
    let answer = timeout(DEADLINE, fetched).await.ok()?.ok()?.ok()?;
    (answer.status == 200).then_some(answer.body)
}

/// Whether somebody listens at a port; `greeting`: whether they have to speak first (without TLS), as mail servers do.
pub async fn listens(host: &str, port: u16, greeting: bool) -> bool {
    let knock = async {
        let mut stream = tokio::net::TcpStream::connect((host, port)).await.ok()?;
        if greeting {
            let mut first = [0_u8; 4];
            stream.read_exact(&mut first).await.ok()?;
            return (&first == b"* OK" || &first == b"220 " || &first == b"220-").then_some(());
        }
        Some(())
    };
    matches!(timeout(DEADLINE, knock).await, Ok(Some(())))
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
