//! From a request to an answer: the guard, the session, the page or the act. How a page looks: pages/.
use super::ask::{Act, Ask, Behind, Look, Seek, Trouble};
use super::guard::{self, Refused};
use super::html::encoded;
use super::respond::{self, Answer};
use super::session::Receipt;
use super::session::{self, Sessions};
use super::{pages, words};
use crate::model::Language;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use std::fmt;
use std::sync::Arc;

/// The longest form.
const FORM_SIZE: usize = 8 * 1024;
/// The name of the cookie; the port is not part of a cookie's scope, so it is part of its name.
const COOKIE_NAME: &str = "fuseau_desk";

/// The desk.
pub struct Site {
    behind: Behind,
    sessions: Sessions,
    cookie: String,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

impl Site {
    /// A desk; `port` tells its cookies from those of another one on this machine.
    #[must_use]
    pub fn new(behind: Behind, port: Option<u16>) -> Arc<Self> {
        let cookie = port.map_or_else(|| COOKIE_NAME.to_owned(), |port| format!("{COOKIE_NAME}_{port}"));
        Arc::new(Self { behind, sessions: Sessions::default(), cookie })
    }

    /// Answers a request.
    pub async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Answer
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let host = match guard::host(&head.headers) {
            // A request with a whole address in it is meant for a proxy.
            Ok(host) if head.uri.authority().is_none() => host.to_owned(),
            _ => return refused(Refused::Host),
        };
        let path = head.uri.path();
        let query = head.uri.query().unwrap_or_default();
        match head.method {
            Method::GET => self.get(path, query, &head.headers).await,
            Method::POST => {
                if let Err(refusal) = guard::same_origin(&head.headers, &host) {
                    return refused(refusal);
                }
                let form = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
                if form.is_none_or(|kind| !kind.starts_with(b"application/x-www-form-urlencoded")) {
                    return respond::line(StatusCode::UNSUPPORTED_MEDIA_TYPE, "forms only");
                }
                match Limited::new(body, FORM_SIZE).collect().await {
                    Ok(body) => self.post(path, &head.headers, &body.to_bytes()).await,
                    Err(_) => respond::line(StatusCode::PAYLOAD_TOO_LARGE, "no form of this desk is so long"),
                }
            }
            _ => {
                let mut answer = respond::line(StatusCode::METHOD_NOT_ALLOWED, "GET and POST only");
                answer.headers_mut().insert(hyper::header::ALLOW, HeaderValue::from_static("GET, POST"));
                answer
            }
        }
    }

    async fn get(self: Arc<Self>, path: &str, query: &str, headers: &HeaderMap) -> Answer {
        match path {
            "/style.css" => {
                let style = format!("{}\n{}", pages::STYLE, self.behind.styles.concat());
                return respond::answer(StatusCode::OK, "text/css; charset=utf-8", style);
            }
            "/desk.js" => return respond::answer(StatusCode::OK, "text/javascript; charset=utf-8", pages::SCRIPT),
            "/icon.svg" => return respond::answer(StatusCode::OK, "image/svg+xml", pages::ICON),
            _ => {}
        }
        if let Some(token) = path.strip_prefix("/open/") {
            return self.open(token.to_owned()).await;
        }
        let language = (self.behind.language)();
        let Some((cookie, form)) = self.session(headers) else {
            return respond::page(StatusCode::UNAUTHORIZED, pages::locked(words(language)));
        };
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, it)| it.into_owned())
        };
        let id = || value("id").unwrap_or_default();
        let seek = |typing: bool| Seek {
            query: value("q").unwrap_or_default(),
            client: value("client").filter(|it| !it.is_empty()),
            page: value("page").and_then(|it| it.parse().ok()).unwrap_or(1),
            typing,
        };
        let ask = match path {
            "/" => Ask::Today,
            "/outbox" => Ask::Outbox(value("all").is_some()),
            "/mail" => Ask::Mail(id()),
            "/client" => Ask::Client(Look {
                id: id(),
                threads: value("by").is_some_and(|by| by == "thread"),
                shown: value("n").and_then(|it| it.parse().ok()).unwrap_or(0),
                query: value("q").unwrap_or_default(),
            }),
            "/message" => Ask::Message(id()),
            "/note" => Ask::Note(id()),
            "/search" => Ask::Search(seek(false)),
            "/found" => Ask::Search(seek(true)),
            "/stats" => Ask::Stats(value("client").filter(|it| !it.is_empty()), value("all").is_some()),
            "/source" => return self.source(id()).await,
            _ => return respond::page(StatusCode::NOT_FOUND, pages::trouble(words(language), "there is no such page")),
        };
        self.show(ask, cookie, form).await
    }

    async fn show(self: Arc<Self>, ask: Ask, cookie: String, form: String) -> Answer {
        let language = (self.behind.language)();
        let gathered = tokio::task::spawn_blocking(move || {
            // Somebody who types gets a part of a page; what was done is for a whole one.
            let part = matches!(&ask, Ask::Search(seek) if seek.typing);
            let (frame, page) = (self.behind.page)(&ask)?;
            if part {
                return Ok(pages::part(&frame, &page));
            }
            let receipt = self.sessions.receipt(&cookie);
            Ok(pages::whole(&frame, &page, &form, receipt.as_ref()))
        });
        match gathered.await {
            Ok(Ok(html)) => respond::page(StatusCode::OK, html),
            Ok(Err(trouble)) => troubled(language, &trouble),
            Err(_) => troubled(language, &Trouble::Failed("this page could not be made".to_owned())),
        }
    }

    async fn source(self: Arc<Self>, id: String) -> Answer {
        let language = (self.behind.language)();
        match tokio::task::spawn_blocking(move || (self.behind.source)(&id)).await {
            Ok(Ok(bytes)) => respond::download(bytes),
            Ok(Err(trouble)) => troubled(language, &trouble),
            Err(_) => troubled(language, &Trouble::Failed("this message could not be read".to_owned())),
        }
    }

    /// The one-time link: its token is exchanged for a cookie.
    async fn open(self: Arc<Self>, token: String) -> Answer {
        let language = (self.behind.language)();
        let this = Arc::clone(&self);
        let fine = token.len() <= 128
            && tokio::task::spawn_blocking(move || (this.behind.redeem)(&token)).await.unwrap_or(false);
        if !fine {
            return respond::page(StatusCode::FORBIDDEN, pages::stale(words(language)));
        }
        let cookie = (self.behind.secret)();
        self.sessions.begin(cookie.clone(), (self.behind.secret)(), (self.behind.clock)());
        let mut answer = respond::see("/");
        let set = format!("{}={cookie}; HttpOnly; SameSite=Strict; Path=/", self.cookie);
        if let Ok(set) = HeaderValue::from_str(&set) {
            answer.headers_mut().insert(SET_COOKIE, set);
        }
        answer
    }

    async fn post(self: Arc<Self>, path: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        let language = (self.behind.language)();
        let Some((cookie, token)) = self.session(headers) else {
            return respond::page(StatusCode::UNAUTHORIZED, pages::locked(words(language)));
        };
        let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let value =
            |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, it)| it.as_str()).unwrap_or_default();
        if !session::same(value("token"), &token) {
            return respond::line(
                StatusCode::FORBIDDEN,
                "this form is not from a page of this desk: load the page again",
            );
        }
        if path == "/leave" {
            self.sessions.end(&cookie);
            return respond::see("/");
        }
        if path != "/act" {
            return respond::line(StatusCode::NOT_FOUND, "there is no such act");
        }
        let Some(act) = Act::parse(value("act"), value("id"), value("for")) else {
            return respond::line(StatusCode::BAD_REQUEST, "there is no such act");
        };
        let back = back(value("back"));
        let this = Arc::clone(&self);
        let undo = act.back().map(|undo| (undo.word(), undo.id().to_owned()));
        let word = act.word();
        match tokio::task::spawn_blocking(move || (this.behind.act)(&act)).await {
            Ok(Ok(about)) => {
                self.sessions.note(&cookie, Receipt { act: word, about, undo });
                respond::see(&back)
            }
            Ok(Err(trouble)) => troubled(language, &trouble),
            Err(_) => troubled(language, &Trouble::Failed("this could not be done".to_owned())),
        }
    }

    fn cookie_of(&self, headers: &HeaderMap) -> Option<String> {
        let pairs =
            headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
        let mut ours = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == self.cookie);
        ours.next().map(|(_, value)| value.to_owned())
    }

    /// Cookie and form token of a session.
    fn session(&self, headers: &HeaderMap) -> Option<(String, String)> {
        let cookie = self.cookie_of(headers)?;
        let form = self.sessions.form_token(&cookie, (self.behind.clock)())?;
        Some((cookie, form))
    }
}

/// Back to the page that the form was on. Only pages of ours, with values that they know.
fn back(to: &str) -> String {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let path = if matches!(path, "/outbox" | "/mail" | "/client" | "/message" | "/note" | "/search" | "/stats") {
        path
    } else {
        "/"
    };
    let known = |key: &str| matches!(key, "id" | "all" | "by" | "n" | "q" | "client" | "page");
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| path != "/" && known(key));
    let kept: Vec<String> = kept.map(|(key, value)| format!("{key}={}", encoded(&value))).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn refused(refusal: Refused) -> Answer {
    match refusal {
        Refused::Host => respond::line(
            StatusCode::MISDIRECTED_REQUEST,
            "this desk answers to 127.0.0.1, localhost and [::1] only (Host)",
        ),
        Refused::Origin => respond::line(StatusCode::FORBIDDEN, "this did not come from a page of this desk (Origin)"),
    }
}

fn troubled(language: Language, trouble: &Trouble) -> Answer {
    let (status, text) = match trouble {
        Trouble::Missing(text) => (StatusCode::NOT_FOUND, text),
        Trouble::Refused(text) => (StatusCode::CONFLICT, text),
        Trouble::Failed(text) => (StatusCode::INTERNAL_SERVER_ERROR, text),
    };
    respond::page(status, pages::trouble(words(language), text))
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn the_way_back_stays_here() {
        assert_eq!(back("/client?id=acme&q=a%20b"), "/client?id=acme&q=a+b");
        assert_eq!(back("/outbox"), "/outbox");
        for bad in [
            "//evil.example/",
            "https://evil.example/",
            "/\\evil.example",
            "/open/x",
            "",
            "/source?id=1",
            "/style.css?id=1\r\nSet-Cookie: x",
        ] {
            assert_eq!(back(bad), "/", "{bad:?}");
        }
        let split = back("/client?id=1\r\nSet-Cookie: x");
        assert!(!split.contains(['\r', '\n', ' ']), "{split:?}");
    }
}
