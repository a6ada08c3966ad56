//! Who may ask: loopback names in Host (against DNS rebinding), the page's own origin for acts. Never here: sessions.
use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};
use std::net::{IpAddr, SocketAddr};

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was sent to another name than this machine's own: a foreign page may have pointed its name here.
    Host,
    /// A page from elsewhere sent it.
    Origin,
}

/// Whether an address can be reached from this machine alone.
#[must_use]
pub fn is_loopback(address: &SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback(),
    }
}

/// The one Host of a request, if it is a name of loopback; any port, because a tunnel may have another one.
///
/// # Errors
/// None, several, or another name.
pub fn host(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut all = headers.get_all(HOST).iter();
    let (Some(host), None) = (all.next(), all.next()) else { return Err(Refused::Host) };
    let host = host.to_str().map_err(|_| Refused::Host)?;
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port.strip_prefix(':').or(port.is_empty().then_some(""))),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("")),
        },
    };
    let port = port.ok_or(Refused::Host)?;
    let known = name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "::1";
    let number = port.is_empty() || (port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()));
    if known && number { Ok(host) } else { Err(Refused::Host) }
}

/// An act must come from a page of ours: its Origin names us, or, where a browser sends none, Sec-Fetch-Site says it.
///
/// # Errors
/// [`Refused::Origin`] for every other one.
pub fn same_origin(headers: &HeaderMap, host: &str) -> Result<(), Refused> {
    let fetch = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    if fetch.is_some_and(|site| site != b"same-origin") {
        return Err(Refused::Origin);
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) if fetch.is_some() => Ok(()),
        (Some(origin), None) if origin.to_str().is_ok_and(|it| it.strip_prefix("http://") == Some(host)) => Ok(()),
        _ => Err(Refused::Origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn hosts() {
        for fine in ["127.0.0.1:8427", "127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:8427", "[::1]"] {
            assert!(host(&headers(&[("host", fine)])).is_ok(), "{fine}");
        }
        for bad in [
            "evil.example",
            "evil.example:8427",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8427",
            "127.0.0.1:x",
            "127.0.0.1:8427@evil.example",
            "[::1]evil",
            "[::1].evil.example",
            "",
            "0.0.0.0:8427",
            "::1",
            "127.0.0.2",
            "localhost:123456",
        ] {
            assert_eq!(host(&headers(&[("host", bad)])), Err(Refused::Host), "{bad}");
        }
        assert!(host(&headers(&[])).is_err());
        assert!(host(&headers(&[("host", "localhost"), ("host", "localhost")])).is_err());
    }

    #[test]
    fn origins() {
        let here = "127.0.0.1:8427";
        let said = |list: &[(&'static str, &'static str)]| same_origin(&headers(list), here).is_ok();
        assert!(said(&[("origin", "http://127.0.0.1:8427")]));
        assert!(said(&[("origin", "http://127.0.0.1:8427"), ("sec-fetch-site", "same-origin")]));
        assert!(said(&[("sec-fetch-site", "same-origin")]));
        for bad in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://evil.example")],
            &[("origin", "http://127.0.0.1:9000")],
            &[("origin", "https://127.0.0.1:8427")],
            &[("origin", "http://127.0.0.1:8427.evil.example")],
            &[("origin", "http://127.0.0.1:8427"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://127.0.0.1:8427"), ("origin", "http://evil.example")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert!(!said(bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses() {
        for (address, loopback) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.168.1.2:1", false),
            ("[::ffff:10.0.0.1]:1", false),
        ] {
            assert_eq!(is_loopback(&address.parse().unwrap()), loopback, "{address}");
        }
    }
}
