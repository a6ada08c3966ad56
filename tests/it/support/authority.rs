//! A small OAuth2 authority on loopback: logs everybody in who comes with a browser, checks PKCE, rotates refresh tokens,
//! says to Dovecot whose token it is. It can be told to misbehave.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Books {
    /// Who is logged in in the browser.
    user: String,
    /// Code -> (challenge, user).
    codes: HashMap<String, (String, String)>,
    /// Refresh token -> user.
    refresh: BTreeMap<String, String>,
    /// Access token -> user.
    access: BTreeMap<String, String>,
    /// How long access tokens live, in seconds.
    lives: i64,
    /// Questions about a device code that are answered with "wait".
    patience: u32,
    /// What the token endpoint says to everybody, if anything.
    broken: Option<(u16, String)>,
    /// Another authority's name in the answer.
    issuer: Option<String>,
    /// Requests to the token endpoint.
    asked: u32,
    made: u32,
}

/// The authority.
#[derive(Clone)]
pub struct Authority {
    books: Arc<Mutex<Books>>,
    port: u16,
}

impl Authority {
    /// Opens for business; 0: on any free port.
    pub fn open(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let books = Arc::new(Mutex::new(Books { lives: 3600, ..Books::default() }));
        let authority = Self { books, port };
        let clerk = authority.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let clerk = clerk.clone();
                std::thread::spawn(move || clerk.serve(stream));
            }
        });
        authority
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The `oauth2` table of a configuration.
    pub fn table(&self, more: &str) -> String {
        format!(
            "{{ provider = \"other\", client_id = \"fuseau-test\", scopes = [\"mail\", \"offline_access\"], \
             authorize_url = \"{}\", token_url = \"{}\", device_url = \"{}\", issuer = \"{}\"{more} }}",
            self.url("/authorize"),
            self.url("/token"),
            self.url("/device"),
            self.url(""),
        )
    }

    pub fn logged_in(&self, user: &str) {
        self.books().user = user.to_owned();
    }

    pub fn lives(&self, seconds: i64) {
        self.books().lives = seconds;
    }

    pub fn patience(&self, questions: u32) {
        self.books().patience = questions;
    }

    pub fn broken(&self, answer: Option<(u16, &str)>) {
        self.books().broken = answer.map(|(status, body)| (status, body.to_owned()));
    }

    pub fn calls_itself(&self, issuer: &str) {
        self.books().issuer = Some(issuer.to_owned());
    }

    /// Takes every permission back; access tokens die too.
    pub fn revoke(&self) {
        let mut books = self.books();
        books.refresh.clear();
        books.access.clear();
    }

    /// Forgets the access tokens alone, before they end.
    pub fn forget_access(&self) {
        self.books().access.clear();
    }

    /// A refresh token got by other means.
    pub fn refresh_token(&self, user: &str) -> String {
        self.books().token("r", user)
    }

    /// Requests to the token endpoint so far.
    pub fn asked(&self) -> u32 {
        self.books().asked
    }

    /// Every token that was ever valid begins with one of these.
    pub const MARKS: [&'static str; 2] = ["r-canary-", "a-canary-"];

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn serve(&self, stream: TcpStream) {
        let Some((target, body)) = request(&stream) else { return };
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let of =
            |text: &str| -> HashMap<String, String> { form_urlencoded::parse(text.as_bytes()).into_owned().collect() };
        match path {
            "/authorize" => {
                let to = self.authorize(&of(query));
                respond(stream, 302, &format!("Location: {to}\r\n"), "");
            }
            "/token" => {
                let (status, answer) = self.token(&of(&body));
                respond(stream, status, "Content-Type: application/json\r\n", &answer);
            }
            "/device" => {
                let code = self.books().code("", "");
                let page = self.url("/enter");
                let answer = json!({"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": page,
                                    "expires_in": 60, "interval": 1});
                respond(stream, 200, "Content-Type: application/json\r\n", &answer.to_string());
            }
            "/introspect" => {
                let mut fields = of(query);
                fields.extend(of(&body));
                let user = fields.get("token").and_then(|token| self.books().access.get(token).cloned());
                let answer = match user {
                    Some(user) => json!({"active": true, "username": user}),
                    None => json!({"active": false}),
                };
                respond(stream, 200, "Content-Type: application/json\r\n", &answer.to_string());
            }
            _ => respond(stream, 404, "", ""),
        }
    }

    fn authorize(&self, query: &HashMap<String, String>) -> String {
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["code_challenge_method"], "S256");
        let mut books = self.books();
        let user = books.user.clone();
        let code = books.code(&query["code_challenge"], &user);
        let issuer = books.issuer.clone().unwrap_or_else(|| self.url(""));
        let answer = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", &code), ("state", &query["state"]), ("iss", &issuer)])
            .finish();
        format!("{}?{answer}", query["redirect_uri"])
    }

    fn token(&self, form: &HashMap<String, String>) -> (u16, String) {
        let mut books = self.books();
        books.asked += 1;
        if let Some((status, body)) = &books.broken {
            return (*status, body.clone());
        }
        assert_eq!(form["client_id"], "fuseau-test");
        let no = |error: &str| (400, json!({"error": error, "error_description": "as the test wants it"}).to_string());
        let user = match form["grant_type"].as_str() {
            "authorization_code" => {
                let Some((challenge, user)) = books.codes.remove(&form["code"]) else { return no("invalid_grant") };
                let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
                if proof != challenge {
                    return no("invalid_grant");
                }
                user
            }
            "refresh_token" => match books.refresh.remove(&form["refresh_token"]) {
                Some(user) => user,
                None => return no("invalid_grant"),
            },
            _ if books.patience > 0 => {
                books.patience -= 1;
                return no("authorization_pending");
            }
            _ => books.user.clone(),
        };
        // Every refresh token is good for one use.
        let (access, refresh) = (books.token("a", &user), books.token("r", &user));
        let lives = books.lives;
        let answer: Value = json!({"access_token": access, "token_type": "Bearer", "expires_in": lives,
                                   "refresh_token": refresh, "scope": "mail"});
        (200, answer.to_string())
    }
}

impl Books {
    fn code(&mut self, challenge: &str, user: &str) -> String {
        self.made += 1;
        let code = format!("code-{}", self.made);
        self.codes.insert(code.clone(), (challenge.to_owned(), user.to_owned()));
        code
    }

    fn token(&mut self, kind: &str, user: &str) -> String {
        self.made += 1;
        let token = format!("{kind}-canary-{}", self.made);
        let book = if kind == "a" { &mut self.access } else { &mut self.refresh };
        book.insert(token.clone(), user.to_owned());
        token
    }
}

/// What the browser does with the address: goes there, and where it is sent.
pub fn browse(url: &str) {
    let location = fetch(url).lines().find_map(|line| line.strip_prefix("Location: ").map(str::to_owned));
    fetch(&location.expect("a redirect"));
}

/// The address that the browser ends at, without going there.
pub fn ends_at(url: &str) -> String {
    fetch(url).lines().find_map(|line| line.strip_prefix("Location: ").map(str::to_owned)).expect("a redirect")
}

fn fetch(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.replace('\r', "")
}

fn request(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((target, String::from_utf8(body).ok()?))
}

fn respond(mut stream: TcpStream, status: u16, headers: &str, body: &str) {
    let _ = write!(
        stream,
        "HTTP/1.1 {status} as it is\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}
