//! The code that comes back from the browser: to a listener on loopback (RFC 8252 7.3), or pasted by the owner.
use super::{OAuthError, Proof};
use crate::model::text;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

/// A browser that says nothing for so long is not listened to.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer requests are not of a browser that we sent.
const GREATEST: u64 = 16 * 1024;

/// Waits on loopback for the browser to come back.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    port: u16,
}

impl Listener {
    /// Listens on a port of loopback; 0: any free one.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn open(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The address to which the authority is to send the browser. Microsoft takes any port of `localhost`, Google and
    /// most others any port of `127.0.0.1`.
    #[must_use]
    pub fn redirect(&self, provider: &str) -> String {
        let host = if provider == "microsoft" { "localhost" } else { "127.0.0.1" };
        format!("http://{host}:{}/", self.port)
    }

    /// The code that the browser brings within `limit`. Whatever else knocks (an icon is asked for, another program, an
    /// answer with another `state`) is sent away, and the waiting goes on.
    ///
    /// # Errors
    /// `Browser` if the owner said no, or nobody came.
    pub fn wait(self, proof: &Proof, issuer: Option<&str>, limit: Duration) -> Result<String, OAuthError> {
        let (tell, told) = mpsc::channel();
        let (proof, issuer) = (proof.clone(), issuer.map(str::to_owned));
        // The thread ends with the process, or with the first answer; a blocked accept has no deadline of its own.
        std::thread::spawn(move || {
            for stream in self.listener.incoming().flatten() {
                if let Some(answer) = receive(stream, &proof, issuer.as_deref()) {
                    let _ = tell.send(answer);
                    return;
                }
            }
        });
        told.recv_timeout(limit).unwrap_or_else(|_| {
            let minutes = limit.as_secs() / 60;
            Err(OAuthError::Browser(format!("nobody came back from the browser within {minutes} minutes")))
        })
    }
}

/// One visitor; `None` if it was not the browser that we wait for.
fn receive(stream: TcpStream, proof: &Proof, issuer: Option<&str>) -> Option<Result<String, OAuthError>> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?.take(GREATEST));
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut header = String::new();
    while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
        header.clear();
    }
    let target = line.strip_prefix("GET ")?.split(' ').next()?;
    let Some((_, query)) = target.split_once('?') else {
        answer(stream, "404 Not Found", "There is nothing here.");
        return None;
    };
    match code_of(query, proof, issuer) {
        Ok(code) => {
            answer(stream, "200 OK", "fuseau has what it needs. You can close this page and go back to the terminal.");
            Some(Ok(code))
        }
        Err(Stray::Foreign) => {
            answer(stream, "400 Bad Request", "This answer does not belong to the login that was begun.");
            None
        }
        Err(Stray::Said(error)) => {
            answer(stream, "200 OK", "The login was not completed; the terminal says why.");
            Some(Err(error))
        }
    }
}

fn answer(mut stream: TcpStream, status: &str, words: &str) {
    let body = format!("<!doctype html><meta charset=utf-8><title>fuseau</title><p>{words}</p>\n");
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
}

/// Why a query brings no code.
#[derive(Debug)]
pub enum Stray {
    /// Not an answer to our question.
    Foreign,
    /// An answer, but not the one hoped for.
    Said(OAuthError),
}

/// The code in the query of the address that the browser was sent to (RFC 6749 4.1.2), `state` and issuer checked
/// (RFC 9207 2.4). Also takes the whole address, as the owner pastes it.
///
/// # Errors
/// See [`Stray`].
pub fn code_of(pasted: &str, proof: &Proof, issuer: Option<&str>) -> Result<String, Stray> {
    let pasted = pasted.trim();
    let query = pasted.split_once('?').map_or(pasted, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let field = |wanted: &str| {
        let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted).map(|(_, v)| v);
        // A field that comes twice is an attempt to have two programs see two values.
        found.next().filter(|_| found.next().is_none())
    };
    if field("state").as_deref() != Some(proof.state.as_str()) {
        return Err(Stray::Foreign);
    }
    if let (Some(said), Some(known)) = (field("iss"), issuer)
        && said != known
    {
        return Err(Stray::Said(OAuthError::Browser(format!(
            "the answer comes from {}, not from {known}: another authority answered",
            text::clean(&said, 120)
        ))));
    }
    if let Some(error) = field("error") {
        let words = field("error_description").unwrap_or_default();
        let said = match (&*error, words.is_empty()) {
            ("access_denied", _) => "you (or your administrator) did not allow it".to_owned(),
            (_, true) => text::clean(&error, 200),
            (_, false) => format!("{}: {}", text::clean(&error, 80), text::clean(&words, 300)),
        };
        return Err(Stray::Said(OAuthError::Browser(format!("the authority says no: {said}"))));
    }
    match field("code") {
        Some(code) if !code.is_empty() => Ok(code.into_owned()),
        _ => Err(Stray::Said(OAuthError::Browser("the answer carries no code".to_owned()))),
    }
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
