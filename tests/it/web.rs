//! The desk in a browser, as a browser and as an attacker meet it: a raw HTTP client against the program, the demo's state
//! behind it. One test looks through headless Chromium, where there is one; its screenshots are for people.
use crate::support::program::{command, demo, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A desk that is served.
struct Desk {
    dir: TempDir,
    child: Child,
    port: u16,
    /// The path of its one-time link.
    link: String,
    /// Its output stays open.
    _out: BufReader<std::process::ChildStdout>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The form token of a page.
    fn token(&self) -> String {
        self.body.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

/// A browser that was let in.
struct Visit<'a> {
    desk: &'a Desk,
    cookie: String,
    token: String,
}

impl Desk {
    fn serve(dir: TempDir) -> Self {
        let mut child = command(dir.path()).args(["web", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let rest = line.trim().strip_prefix("http://127.0.0.1:").unwrap_or_else(|| panic!("no link: {line:?}"));
        let (port, link) = rest.split_once('/').unwrap();
        let (port, link) = (port.parse().unwrap(), format!("/{link}"));
        Self { dir, child, port, link, _out: out }
    }

    fn send(&self, bytes: &[u8]) -> Got {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that has heard enough may close before everything is written.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let text = String::from_utf8_lossy(&all).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        Got { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn get(&self, path: &str, headers: &str) -> Got {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.host()).as_bytes())
    }

    fn post(&self, path: &str, headers: &str, form: &str) -> Got {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {}\r\n{kind}\r\nContent-Length: {}\r\n", self.host(), form.len());
        self.send(format!("{head}{headers}\r\n{form}").as_bytes())
    }

    fn visit(&self) -> Visit<'_> {
        let got = self.get(&self.link, "");
        assert_eq!((got.status, got.header("location")), (303, Some("/")), "{got:?}");
        let set = got.header("set-cookie").unwrap();
        assert!(set.contains("; HttpOnly; SameSite=Strict; Path=/"), "{set}");
        let cookie = format!("Cookie: theme=x; {}\r\n", set.split(';').next().unwrap());
        let token = self.get("/", &cookie).token();
        Visit { desk: self, cookie, token }
    }
}

impl Visit<'_> {
    fn get(&self, path: &str) -> Got {
        self.desk.get(path, &self.cookie)
    }

    fn act(&self, form: &str) -> Got {
        let headers = format!("{}Origin: http://{}\r\n", self.cookie, self.desk.host());
        self.desk.post("/act", &headers, &format!("token={}&{form}", self.token))
    }
}

/// The paths of a page's links that begin so.
fn links(page: &Got, start: &str) -> Vec<String> {
    let hrefs = page.body.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    hrefs.filter(|it| it.starts_with(start)).map(|it| it.replace("&amp;", "&")).collect()
}

#[test]
fn pages_show_the_demo() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let today = visit.get("/");
    assert_eq!(today.status, 200);
    // The demo's owner reads French first.
    for part in [
        "lang=\"fr\"",
        "Aujourd’hui",
        "Qui est debout",
        "Pacific Trails",
        "<svg class=\"fuseau\"",
        "Promesses",
        "name=\"viewport\"",
        "<main id=\"content\"",
        "studio",
    ] {
        assert!(today.body.contains(part), "{part}\n{}", today.body);
    }
    for never in ["<script", "<style", "style=", "onclick", "http://", "https://"] {
        let page = today.body.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assert!(!page.contains(never), "{never}\n{page}");
    }
    let mut seen = 0;
    for path in links(&today, "/client?id=").into_iter().chain([
        "/outbox".into(),
        "/outbox?all=1".into(),
        "/search?q=logo".into(),
    ]) {
        let page = visit.get(&path);
        assert_eq!(page.status, 200, "{path}\n{}", page.body);
        for path in links(&page, "/message?id=").iter().chain(&links(&page, "/mail?id=")) {
            let page = visit.get(path);
            assert_eq!(page.status, 200, "{path}\n{}", page.body);
            assert!(page.body.contains("class=\"letter\""), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
    let style = desk.get("/style.css", "");
    assert!(
        style.status == 200 && style.body.contains("prefers-color-scheme:dark") && style.body.contains("svg.fuseau")
    );
    for header in ["content-security-policy", "cache-control", "x-content-type-options", "x-frame-options"] {
        assert!(today.header(header).is_some(), "{header}: {}", today.head);
    }
    let policy = today.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
    assert_eq!(today.header("cache-control"), Some("no-store"));
}

#[test]
fn acts_do_what_the_commands_do() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let dir = desk.dir.path();
    let paused = || run(dir, &["--json", "status"]).json()["paused"].as_bool().unwrap();
    let got = visit.act("act=pause&back=/outbox");
    assert_eq!((got.status, got.header("location")), (303, Some("/outbox?said=pause")));
    assert!(paused());
    assert!(visit.get("/?said=pause").body.contains("Plus rien ne part"));
    assert_eq!(visit.act("act=resume").status, 303);
    assert!(!paused());
    let open = run(dir, &["--json", "promises"]).json();
    let open: Vec<&str> = open.as_array().unwrap().iter().filter_map(|it| it["message_id"].as_str()).collect();
    assert!(!open.is_empty());
    let id: String = open[0].replace('<', "%3C").replace('>', "%3E").replace('@', "%40");
    assert_eq!(visit.act(&format!("act=done&id={id}")).status, 303);
    let left = run(dir, &["--json", "promises"]).json();
    assert_eq!(left.as_array().unwrap().len(), open.len() - 1);
    // What makes no sense says so and changes nothing.
    for (form, status) in [
        ("act=explode", 400),
        ("act=done&id=nonsense", 409),
        ("act=done&id=%3Cnobody%40nowhere.example%3E", 409),
        ("act=send&id=none", 409),
        ("act=hold&id=none&for=soon", 409),
        ("act=drop&id=", 409),
    ] {
        assert_eq!(visit.act(form).status, status, "{form}");
    }
    // What was sent stays sent.
    let sent = links(&visit.get("/outbox?all=1"), "/mail?id=")[0].replace("/mail?id=", "");
    assert_eq!(visit.act(&format!("act=drop&id={sent}")).status, 409);
}

#[test]
fn attacks() {
    let desk = Desk::serve(demo());
    // Without a session: no page, no act, and nothing about clients.
    for path in ["/", "/outbox", "/client?id=acme", "/search?q=a", "/nothing"] {
        let got = desk.get(path, "");
        assert_eq!(got.status, 401, "{path}");
        assert!(!got.body.contains("Acme") && got.body.contains("fuseau web"), "{}", got.body);
    }
    for cookie in ["fuseau_desk", &format!("fuseau_desk_{}", desk.port)] {
        for value in ["", "x", "0000000000000000000000000000000000000000000000000000000000000000"] {
            assert_eq!(desk.get("/", &format!("Cookie: {cookie}={value}\r\n")).status, 401);
        }
    }
    // Guesses at the link burn nothing; the link works once; its token does not work in a query.
    assert_eq!(desk.get("/open/", "").status, 403);
    assert_eq!(desk.get(&format!("/open/{}", "0".repeat(64)), "").status, 403);
    assert_eq!(desk.get(&format!("/?token={}", desk.link.replace("/open/", "")), "").status, 401);
    // Another name on the way in (a foreign page whose name points here), also with the right link.
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.2", "0.0.0.0", ""] {
        let got = desk.send(format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", desk.link).as_bytes());
        assert!(matches!(got.status, 400 | 421), "{host}: {got:?}");
    }
    let host = desk.host();
    for head in [
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    ] {
        let got = desk.send(head.as_bytes());
        assert!(matches!(got.status, 400 | 421), "{head}: {got:?}");
    }
    desk.visit();
    assert_eq!(desk.get(&desk.link, "").status, 403, "a used link opens nothing");
}

#[test]
fn forged_forms() {
    let desk = Desk::serve(demo());
    let (visit, host) = (desk.visit(), desk.host());
    // Forged forms: no origin, a foreign one, another port; no token, a wrong one, that of the cookie.
    let origin = format!("Origin: http://{host}\r\n");
    let fine = format!("token={}&act=pause", visit.token);
    let post = |headers: &str, form: &str| desk.post("/act", headers, form).status;
    for foreign in [
        "",
        "Origin: null\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        assert_eq!(post(&format!("{}{foreign}", visit.cookie), &fine), 403, "{foreign}");
    }
    assert_eq!(post(&format!("{}{origin}Sec-Fetch-Site: cross-site\r\n", visit.cookie), &fine), 403);
    let secret = visit.cookie.split('=').next_back().unwrap().trim();
    for token in ["", "token=&", "token=0&", &format!("token={secret}&")] {
        assert_eq!(post(&format!("{}{origin}", visit.cookie), &format!("{token}act=pause")), 403, "{token}");
    }
    assert_eq!(post(&origin, &fine), 401, "the token alone is no session");
    let json = format!(
        "POST /act HTTP/1.1\r\nHost: {host}\r\n{}{origin}Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{fine}",
        visit.cookie,
        fine.len()
    );
    assert_eq!(desk.send(json.as_bytes()).status, 415);
    assert_eq!(visit.get("/act?act=pause").status, 404, "acts are no links");
    assert!(!run(desk.dir.path(), &["--json", "status"]).json()["paused"].as_bool().unwrap(), "nothing was done");
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "CONNECT"] {
        let got = desk.send(format!("{method} / HTTP/1.1\r\nHost: {host}\r\n{}\r\n", visit.cookie).as_bytes());
        assert!(got.status >= 400, "{method}: {got:?}");
    }
    // Paths lead nowhere but to pages.
    for path in [
        "/../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/style.css/../../fuseau.toml",
        "//evil.example/",
        "/state/fuseau.db",
        "/mail?id=../../x",
        "/message?id=%00",
        "/client?id=%ff%fe",
        "/client?id=acme%27--",
    ] {
        let got = visit.get(path);
        assert_eq!(got.status, 404, "{path}: {got:?}");
    }
    // The session ends when the owner says so.
    let left = desk.post("/leave", &format!("{}{origin}", visit.cookie), &format!("token={}", visit.token));
    assert_eq!((left.status, visit.get("/").status), (303, 401));
}

#[test]
fn too_much_and_too_slow() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let headers = format!("{}Origin: http://{}\r\n", visit.cookie, desk.host());
    assert_eq!(
        desk.post("/act", &headers, &format!("token={}&act=pause&x={}", visit.token, "a".repeat(9000))).status,
        413
    );
    let chunked = format!(
        "POST /act HTTP/1.1\r\nHost: {}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n{}\r\n0\r\n\r\n",
        desk.host(),
        "a".repeat(0x4000)
    );
    assert_eq!(desk.send(chunked.as_bytes()).status, 413);
    assert!(matches!(desk.get("/", &format!("X: {}\r\n", "a".repeat(64 * 1024))).status, 400 | 431), "a long head");
    assert!(matches!(desk.get(&format!("/{}", "a".repeat(64 * 1024)), "").status, 400 | 414 | 431), "a long path");
    assert_eq!(desk.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").status, 400, "TLS is no HTTP");
    // Clients that never finish are let go, and meanwhile others are served.
    let mut slow: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(("127.0.0.1", desk.port)).unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    }
    assert_eq!(visit.get("/").status, 200);
    for stream in &mut slow {
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        assert!(ended.is_ok(), "it was not let go: {ended:?}");
    }
}

#[test]
fn hostile_mail_stays_text() {
    let dir = demo();
    // What a client could write, in every field that a page shows.
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>' onload='x &lt; javascript:x";
    let mail = format!(
        "From: \"<b>Jo</b>\" <jo@trails.example>\r\nTo: claire@studio.example\r\nSubject: {hostile} \u{202e}gpj.exe\r\nMessage-ID: <hostile-\"'&@trails.example>\r\n\
         Date: Thu, 14 Jan 2027 10:00:00 +0000\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>{hostile}<a href=\"javascript:alert(3)\">x</a>\r\n"
    );
    {
        use fuseau::store::Store;
        let store = Store::open_beside(&dir.path().join("state")).unwrap();
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let context = fuseau::mailbox::parse::Context {
            arrived: now,
            folder: fuseau::model::FolderRole::Inbox,
            answered_flag: false,
            size: mail.len() as u64,
        };
        let message = fuseau::mailbox::parse::parse(mail.as_bytes(), &context);
        let reason = fuseau::model::Reason {
            code: fuseau::model::Code::parse("client.unknown").unwrap_or(fuseau::model::Code::ALL[0]),
            evidence: Some(fuseau::model::HeaderText::new(hostile)),
        };
        let decision = fuseau::decide::Decision {
            verdict: fuseau::model::Verdict::Hold,
            reasons: vec![reason],
            client: Some("trails".to_owned()),
            plan: None,
            reply_to: None,
            pauses: Vec::new(),
        };
        let new = fuseau::store::NewExchange {
            id: "hostile",
            mailbox: "studio",
            folder: "INBOX",
            uidvalidity: 1,
            uid: 4_000_000,
            incoming: &message,
            raw: Some(mail.as_bytes()),
            decision: &decision,
            now,
        };
        store.write_blocking(|tx| tx.record(&new)).unwrap();
        store.close().unwrap();
    }
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    let mut pages = vec![visit.get("/"), visit.get("/client?id=trails"), visit.get("/search?q=%3Cscript%3E%22%27")];
    let path = links(&pages[1], "/message?id=").into_iter().next().unwrap();
    pages.push(visit.get(&path));
    let mut found = 0;
    for page in &pages {
        assert_eq!(page.status, 200);
        for never in ["<script", "<img", "<b>Jo", "onerror=alert(2)>", "' onload='", "\u{202e}", "href=\"javascript"] {
            assert!(!page.body.contains(never), "{never}\n{}", page.body);
        }
        found += page.body.matches("&lt;script&gt;").count();
    }
    assert!(found >= 3, "the subject is shown, as text: {found}");
    let evil = visit.get("/?said=%3Cscript%3E");
    assert!(!evil.body.contains("<script") && evil.status == 200);
}

#[test]
fn only_this_machine() {
    let dir = demo();
    let config = dir.path().join("fuseau.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    for listen in ["0.0.0.0:8427", "[::]:8427", "192.0.2.7:8427", "desk.example:80", "8427"] {
        std::fs::write(&config, format!("{text}\n[web]\nlisten = \"{listen}\"\n")).unwrap();
        let said = run(dir.path(), &["web"]).failed(78);
        assert!(said.contains("127.0.0.1:8427"), "{listen}: {said}");
    }
    // A socket: only the owner's account can open it, and a tunnel's Host is fine.
    std::fs::write(&config, format!("{text}\n[web]\nlisten = \"./desk.sock\"\n")).unwrap();
    let mut child = command(dir.path()).arg("web").stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("/open/") {
        assert!(out.read_line(&mut said).unwrap() > 0, "{said}");
    }
    let socket = dir.path().join("desk.sock");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&socket).unwrap().permissions());
    let mut stream = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost:9000\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    // A second one finds the first and only prints a link.
    let second = run(dir.path(), &["web"]).fine();
    let _ = child.kill();
    let _ = child.wait();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(mode & 0o777, 0o600);
    assert!(second.contains("/open/"), "{second}");
}

/// Screenshots for people, in `target/tmp/desk`; for the machine: the pages load, and nothing but the desk is asked.
#[test]
fn chromium_shows_it() {
    let chromium = Path::new("/usr/bin/chromium");
    if !chromium.exists() {
        eprintln!("SKIPPED: no /usr/bin/chromium, no screenshots");
        return;
    }
    let desk = Desk::serve(demo());
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desk");
    let _ = std::fs::remove_dir_all(&shots);
    std::fs::create_dir_all(&shots).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let shoot = |name: &str, path: &str, size: &str, dark: bool| {
        let link = run(desk.dir.path(), &["web", "--port", &desk.port.to_string()]).fine();
        let url = link.lines().next().unwrap().to_owned();
        let picture = shots.join(name);
        let visit = if path == "/" { url } else { format!("http://127.0.0.1:{}{path}", desk.port) };
        let mut browser = Command::new(chromium);
        browser.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ]);
        browser.arg(format!("--user-data-dir={}", profile.path().display())).arg(format!("--window-size={size}"));
        if dark {
            browser.arg("--blink-settings=preferredColorScheme=0");
        }
        browser.arg(format!("--screenshot={}", picture.display())).arg(visit);
        let ran = browser.stdin(Stdio::null()).output().unwrap();
        let size = std::fs::metadata(&picture).map(|it| it.len()).unwrap_or(0);
        assert!(size > 10_000, "{name}: {size} bytes\n{}", String::from_utf8_lossy(&ran.stderr));
    };
    shoot("today-desktop.png", "/", "1280,2000", false);
    shoot("today-phone.png", "/", "500,3600", false);
    shoot("today-dark.png", "/", "1280,2000", true);
}
