//! From a request to an answer: the guard, the session, the page or the act. How a page looks: pages/.
use super::guard::{self, Refused};
use super::html::encoded;
use super::respond::{self, Answer};
use super::session::{self, Sessions};
use super::view::{Frame, Page};
use super::{pages, words};
use crate::model::Language;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The longest form.
const FORM_SIZE: usize = 8 * 1024;
/// The name of the cookie; the port is not part of a cookie's scope, so it is part of its name.
const COOKIE_NAME: &str = "fuseau_desk";

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// How the day stands.
    Today,
    /// What waits, or with `true` what left too.
    Outbox(bool),
    /// One mail of ours.
    Mail(String),
    /// A client's timeline.
    Client(String),
    /// One message of the history.
    Message(String),
    /// What was found.
    Search(String),
}

/// What the owner wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A promise is kept: the owner answered by other means. The Message-ID.
    Done(String),
    /// The client is told of a later date: Message-ID, and how much later.
    Later(String, String),
    /// A mail is held back: its id, and for how long; `None` until told otherwise.
    Hold(String, Option<String>),
    /// A held mail goes its way again.
    Release(String),
    /// A mail is sent now.
    Send(String),
    /// A mail is never sent.
    Drop(String),
    /// Nothing automatic leaves.
    Pause,
    /// It goes again.
    Resume,
}

/// Why something is not shown or not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such thing.
    Missing(String),
    /// It makes no sense or comes too late.
    Refused(String),
    /// Something does not work.
    Failed(String),
}

/// Gathers a page.
pub type Gather = Box<dyn Fn(&Ask) -> Result<(Frame, Page), Trouble> + Send + Sync>;
/// Does something.
pub type Perform = Box<dyn Fn(&Act) -> Result<(), Trouble> + Send + Sync>;

/// What the floor above does for the desk.
pub struct Behind {
    /// The frame and content of a page.
    pub page: Gather,
    /// Does something.
    pub act: Perform,
    /// Whether this is the one-time link's token; true once for each.
    pub redeem: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// A new secret, at least 128 random bits in letters and digits.
    pub secret: Box<dyn Fn() -> String + Send + Sync>,
    /// Time that never jumps.
    pub clock: fn() -> Duration,
    /// The owner's language, for those who are not let in yet.
    pub language: Language,
    /// What a picture of ours needs in the style sheet.
    pub style: &'static str,
}

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
        if path == "/style.css" {
            let style = format!("{}\n{}", pages::STYLE, self.behind.style);
            return respond::answer(StatusCode::OK, "text/css; charset=utf-8", style);
        }
        if path == "/icon.svg" {
            return respond::answer(StatusCode::OK, "image/svg+xml", pages::ICON.to_owned());
        }
        if let Some(token) = path.strip_prefix("/open/") {
            return self.open(token.to_owned()).await;
        }
        let Some(form) = self.form_token(headers) else {
            return respond::page(StatusCode::UNAUTHORIZED, pages::locked(words(self.behind.language)));
        };
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, it)| it.into_owned())
        };
        let id = || value("id").unwrap_or_default();
        let ask = match path {
            "/" => Ask::Today,
            "/outbox" => Ask::Outbox(value("all").is_some()),
            "/mail" => Ask::Mail(id()),
            "/client" => Ask::Client(id()),
            "/message" => Ask::Message(id()),
            "/search" => Ask::Search(value("q").unwrap_or_default()),
            _ => return respond::line(StatusCode::NOT_FOUND, "there is no such page"),
        };
        let said = value("said").and_then(|word| pages::known_act(&word));
        self.show(ask, form, said).await
    }

    async fn show(self: Arc<Self>, ask: Ask, form: String, said: Option<&'static str>) -> Answer {
        let language = self.behind.language;
        let gathered = tokio::task::spawn_blocking(move || {
            (self.behind.page)(&ask).map(|(frame, page)| pages::whole(&frame, &page, &form, said))
        });
        match gathered.await {
            Ok(Ok(html)) => respond::page(StatusCode::OK, html),
            Ok(Err(trouble)) => troubled(language, &trouble),
            Err(_) => troubled(language, &Trouble::Failed("this page could not be made".to_owned())),
        }
    }

    /// The one-time link: its token is exchanged for a cookie.
    async fn open(self: Arc<Self>, token: String) -> Answer {
        let language = self.behind.language;
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
        let language = self.behind.language;
        let Some(token) = self.form_token(headers) else {
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
            if let Some(cookie) = self.cookie_of(headers) {
                self.sessions.end(&cookie);
            }
            return respond::see("/");
        }
        if path != "/act" {
            return respond::line(StatusCode::NOT_FOUND, "there is no such act");
        }
        let (word, id) = (value("act"), || value("id").to_owned());
        let span = Some(value("for")).filter(|span| !span.is_empty()).map(str::to_owned);
        let act = match word {
            "done" => Act::Done(id()),
            "later" => Act::Later(id(), span.unwrap_or_else(|| "2d".to_owned())),
            "hold" => Act::Hold(id(), span),
            "release" => Act::Release(id()),
            "send" => Act::Send(id()),
            "drop" => Act::Drop(id()),
            "pause" => Act::Pause,
            "resume" => Act::Resume,
            _ => return respond::line(StatusCode::BAD_REQUEST, "there is no such act"),
        };
        let back = back(value("back"), pages::known_act(word).unwrap_or_default());
        match tokio::task::spawn_blocking(move || (self.behind.act)(&act)).await {
            Ok(Ok(())) => respond::see(&back),
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

    fn form_token(&self, headers: &HeaderMap) -> Option<String> {
        self.sessions.form_token(&self.cookie_of(headers)?, (self.behind.clock)())
    }
}

/// Back to the page that the form was on, with the word of what was done. Only pages of ours.
fn back(to: &str, said: &str) -> String {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let path = if matches!(path, "/outbox" | "/mail" | "/client" | "/message") { path } else { "/" };
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| matches!(key.as_ref(), "id" | "all"));
    let kept: String = kept.map(|(key, value)| format!("&{key}={}", encoded(&value))).collect();
    format!("{path}?said={said}{kept}")
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
        assert_eq!(back("/client?id=acme", "done"), "/client?said=done&id=acme");
        for bad in [
            "//evil.example/",
            "https://evil.example/",
            "/\\evil.example",
            "/open/x",
            "",
            "/style.css?id=1\r\nSet-Cookie: x",
        ] {
            let to = back(bad, "done");
            assert!(to.starts_with("/?said=done") && !to.contains(['\r', '\n', '\\']), "{bad:?} {to:?}");
        }
    }
}
