//! What an attacker tries (RELIABILITY.md 8): foreign names, forged forms, too much and too slow, hostile mail. All refused.
use super::Desk;
use crate::support::program::{command, demo, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

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
    // One that sends a head in time, and then its form a letter at a time.
    let mut drop_by_drop = TcpStream::connect(("127.0.0.1", desk.port)).unwrap();
    let head = format!(
        "POST /act HTTP/1.1\r\nHost: {}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nt",
        desk.host()
    );
    drop_by_drop.write_all(head.as_bytes()).unwrap();
    drop_by_drop.set_read_timeout(Some(Duration::from_secs(45))).unwrap();
    assert_eq!(visit.get("/").status, 200);
    for stream in &mut slow {
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        assert!(ended.is_ok(), "it was not let go: {ended:?}");
    }
    let mut rest = Vec::new();
    assert!(drop_by_drop.read_to_end(&mut rest).is_ok() && rest.is_empty(), "it was let go without an answer");
}

/// Puts a mail into the history, held.
fn record(dir: &std::path::Path, mail: &str, evidence: &str) {
    use fuseau::store::Store;
    let store = Store::open_beside(&dir.join("state")).unwrap();
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
        evidence: Some(fuseau::model::HeaderText::new(evidence)),
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
        raw: Some(&fuseau::store::Packed::new(mail.as_bytes(), true).unwrap()),
        decision: &decision,
        now,
    };
    store.write_blocking(|tx| tx.record(&new)).unwrap();
    store.close().unwrap();
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
    record(dir.path(), &mail, hostile);
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    let mut pages: Vec<_> = [
        "/",
        "/client?id=trails",
        "/client?id=trails&by=thread",
        "/search?q=%3Cscript%3E%22%27",
        "/search?q=alert",
        "/found?q=alert",
        "/search?q=client:%3Cimg+src=x%3E",
    ]
    .map(|path| visit.get(path))
    .into();
    let path = "/message?id=hostile".to_owned();
    pages.push(visit.get(&path));
    // Its source goes into a file, as it came: no browser shows it.
    let source = visit.get(&path.replace("/message", "/source"));
    assert_eq!(source.header("content-type"), Some("message/rfc822"));
    assert_eq!(source.header("content-disposition"), Some("attachment; filename=\"message.eml\""));
    assert!(source.header("content-security-policy").is_some_and(|it| it.contains("sandbox")));
    assert_eq!(source.header("x-content-type-options"), Some("nosniff"));
    assert!(source.body.contains("<script>alert(1)</script>"), "{path} {source:?}");
    let mut found = 0;
    for page in &pages {
        assert_eq!(page.status, 200);
        for never in ["<script", "<img", "<b>Jo", "onerror=alert(2)>", "' onload='", "\u{202e}", "href=\"javascript"] {
            let body = page.body.replacen("<script src=\"/desk.js\" defer></script>", "", 1);
            assert!(!body.contains(never), "{never}\n{body}");
        }
        found += page.body.matches("&lt;script&gt;").count();
    }
    assert!(found >= 3, "the subject is shown, as text: {found}");
    let evil = visit.get("/?said=%3Cscript%3E");
    assert!(evil.body.matches("<script").count() == 1 && evil.status == 200);
}

#[test]
fn every_answer_has_its_guards() {
    let desk = Desk::serve(demo());
    let before = desk.get("/", "");
    let (visit, host) = (desk.visit(), desk.host());
    let origin = format!("{}Origin: http://{host}\r\n", visit.cookie);
    let mut answers = vec![
        before,
        desk.get("/open/x", ""),
        desk.get("/style.css", ""),
        desk.get("/desk.js", ""),
        desk.get("/icon.svg", ""),
    ];
    for path in
        ["/", "/outbox", "/search?q=logo", "/found?q=logo", "/nothing", "/client?id=nobody", "/source?id=x", "/act"]
    {
        answers.push(visit.get(path));
    }
    answers.push(visit.act("act=pause"));
    answers.push(visit.act("act=explode"));
    answers.push(desk.post("/act", &visit.cookie, "token=x&act=pause"));
    answers.push(desk.post("/leave", &origin, "token=x"));
    answers.push(desk.send(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
    for got in &answers {
        for (name, part) in [
            ("content-security-policy", "default-src 'none'"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert!(got.header(name).is_some_and(|value| value.contains(part)), "{name}: {got:?}");
        }
        let policy = got.header("content-security-policy").unwrap();
        for never in ["unsafe", "http:", "https:", "data:", "*"] {
            assert!(!policy.contains(never), "{policy}");
        }
        for never in ["access-control-allow-origin", "server", "x-powered-by"] {
            assert_eq!(got.header(never), None, "{got:?}");
        }
    }
    let script = desk.get("/desk.js", "");
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    for never in
        ["innerHTML", "eval(", "document.write", "insertAdjacentHTML", "http:", "https:", "localStorage", "cookie"]
    {
        assert!(!script.body.contains(never), "{never}");
    }
}

#[test]
fn links_cookies_and_methods() {
    let desk = Desk::serve(demo());
    let first = desk.get(&desk.link, "");
    let set = first.header("set-cookie").unwrap();
    let (pair, flags) = set.split_once("; ").unwrap();
    assert_eq!(flags, "HttpOnly; SameSite=Strict; Path=/", "no Domain, no Expires: it ends with the browser");
    let (name, secret) = pair.split_once('=').unwrap();
    assert!(name.ends_with(&desk.port.to_string()) && secret.len() >= 32, "{pair}");
    assert!(!desk.link.contains(secret), "the link is not the session");
    // The link is used up, for whoever has it in a history or a log.
    for _ in 0..2 {
        let again = desk.get(&desk.link, "");
        assert_eq!((again.status, again.header("set-cookie")), (403, None));
    }
    // A cookie that an attacker plants beforehand is not taken over.
    let link = run(desk.dir.path(), &["web", "--port", &desk.port.to_string()]).fine();
    let token = link.lines().next().unwrap().rsplit_once("/open/").unwrap().1.to_owned();
    let planted = desk.get(&format!("/open/{token}"), &format!("Cookie: {name}=planted\r\n"));
    assert!(planted.status == 303 && !planted.header("set-cookie").unwrap().contains("planted"));
    assert_eq!(desk.get("/", &format!("Cookie: {name}=planted\r\n")).status, 401);
    let cookie = format!("Cookie: {pair}\r\n");
    let page = desk.get("/", &cookie);
    assert_eq!(page.status, 200);
    // No page is an act, no act a page, whatever a header says about it.
    let headers = format!("{cookie}Origin: http://{}\r\n", desk.host());
    let form = format!("token={}&act=pause", page.token());
    for path in ["/", "/outbox", "/search", "/found", "/source", "/open/x", "/style.css"] {
        assert_eq!(desk.post(path, &headers, &form).status, 404, "{path}");
    }
    for more in ["X-HTTP-Method-Override: POST\r\n", "X-HTTP-Method: POST\r\n"] {
        assert_eq!(desk.get(&format!("/act?{form}"), &format!("{headers}{more}")).status, 404);
    }
    let paused = || run(desk.dir.path(), &["--json", "status"]).json()["paused"].as_bool().unwrap();
    assert!(!paused());
    // Another session's form token is of no use, nor is the same field twice.
    let link = run(desk.dir.path(), &["web", "--port", &desk.port.to_string()]).fine();
    let path = link.lines().next().unwrap().split_once(&desk.host()).unwrap().1.to_owned();
    let other = desk.get(&path, "");
    let other = format!("Cookie: {}\r\n", other.header("set-cookie").unwrap().split(';').next().unwrap());
    let foreign = desk.get("/", &other).token();
    assert_ne!(foreign, page.token());
    assert_eq!(desk.post("/act", &headers, &format!("token={foreign}&act=pause")).status, 403);
    assert_eq!(desk.post("/act", &headers, &format!("token=x&{form}")).status, 403);
    assert!(!paused());
    // Nothing gets into the head of an answer.
    let split =
        desk.post("/act", &headers, &format!("{form}&back=/client?id=a%0d%0aSet-Cookie:%20x=1%0d%0a%0d%0a%3Cb%3E"));
    assert_eq!((split.status, split.header("set-cookie")), (303, None), "{split:?}");
    for (back, to) in
        [("//evil.example", "/"), ("https://evil.example", "/"), ("/%5cevil.example", "/"), ("/open/x", "/")]
    {
        assert_eq!(desk.post("/act", &headers, &format!("{form}&back={back}")).header("location"), Some(to), "{back}");
    }
    // Two lengths, or a length and pieces, are two requests to somebody: refused.
    for lengths in ["Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"]
    {
        let smuggled = format!(
            "POST /act HTTP/1.1\r\nHost: {}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n{lengths}\r\n0\r\n\r\n",
            desk.host()
        );
        assert!(desk.send(smuggled.as_bytes()).status >= 400);
    }
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
