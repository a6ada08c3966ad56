//! No secret is ever shown: every command runs with secrets that stand nowhere else, against servers that repeat what they heard, and
//! everything that the runs leave behind is searched for them.
use crate::support::authority::Authority;
use crate::support::lab::wait;
use crate::support::program::command;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};

/// One for each way to keep a secret.
const SECRETS: [(&str, &str); 6] = [
    ("text", "canary-Text-7vQx"),
    ("file", "canary-File-3kTz"),
    ("env", "canary-Env-9mWp"),
    ("command", "canary-Command-2hRd"),
    ("credential", "canary-Credential-8bNf"),
    ("token", "canary-Token-5jLs"),
];

/// A server that greets, refuses whatever it is told and repeats it, word by word and decoded.
fn parrot(greeting: &'static str, refuse: fn(&str, &str) -> String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream, greeting, refuse));
        }
    });
    port
}

fn serve(stream: TcpStream, greeting: &str, refuse: fn(&str, &str) -> String) -> Option<()> {
    let mut line = BufReader::new(stream);
    line.get_mut().write_all(format!("{greeting}\r\n").as_bytes()).ok()?;
    loop {
        let mut heard = String::new();
        if line.read_line(&mut heard).ok()? == 0 {
            return None;
        }
        let heard = heard.trim_end();
        let decoded: Vec<String> = heard
            .split_whitespace()
            .filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok())
            .map(|text| text.replace(['\0', '\u{1}'], " "))
            .collect();
        let answer = refuse(heard, &decoded.join(" "));
        line.get_mut().write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
}

fn imap() -> u16 {
    parrot("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] parrot", |heard, decoded| {
        let (tag, rest) = heard.split_once(' ').unwrap_or(("*", heard));
        match rest.split(' ').next().unwrap_or_default() {
            "CAPABILITY" => {
                format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR\r\n{tag} OK done")
            }
            "LOGOUT" => format!("* BYE\r\n{tag} OK"),
            _ => format!("* OK [ALERT] you said {rest} {decoded}\r\n{tag} NO [ALERT] wrong: {rest} ({decoded})"),
        }
    })
}

fn smtp() -> u16 {
    parrot("220 parrot", |heard, decoded| match heard.get(..4) {
        Some("EHLO") => "250-parrot\r\n250 AUTH PLAIN LOGIN XOAUTH2".to_owned(),
        Some("QUIT") => "221 bye".to_owned(),
        _ => format!("535 5.7.8 wrong: {heard} ({decoded})"),
    })
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The configuration: a mailbox for each way, one more that logs in with tokens of an authority.
fn house(dir: &Path, authority: &Authority) {
    let (imap, smtp) = (imap(), smtp());
    fs::create_dir_all(dir.join("kept/credentials")).unwrap();
    let mut text = "state = \"state\"\n[me]\nname = \"Claire\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
                    mon-fri = [\"09:00-10:00\"]\n[client.acme]\ncontacts = [\"anna@acme.example\"]\nzone = \"Asia/Singapore\"\n"
        .to_owned();
    let mut mailbox = |name: &str, login: &str| {
        let server = |port: u16| {
            format!("{{ host = \"127.0.0.1\", port = {port}, tls = \"none\", user = \"claire\", {login} }}")
        };
        text += &format!(
            "[mailbox.{name}]\naddress = \"{name}@studio.example\"\nimap = {}\nsmtp = {}\n",
            server(imap),
            server(smtp)
        );
    };
    for (way, secret) in SECRETS {
        let keep = dir.join("kept").join(way);
        let login = match way {
            "text" => format!("password = \"{secret}\""),
            "file" => {
                private(&keep, secret);
                "password = { file = \"kept/file\" }".to_owned()
            }
            "env" => "password = { env = \"CANARY\" }".to_owned(),
            "credential" => {
                private(&dir.join("kept/credentials/studio"), secret);
                "password = { credential = \"studio\" }".to_owned()
            }
            way => {
                private(&keep, secret);
                let words = format!("[\"cat\", \"{}\"]", keep.display());
                match way {
                    "token" => format!("oauth2 = {{ provider = \"google\", token_command = {words} }}"),
                    _ => format!("password = {{ command = {words} }}"),
                }
            }
        };
        mailbox(way, &login);
    }
    let refresh = authority.refresh_token("claire");
    private(&dir.join("kept/refresh"), &refresh);
    mailbox("grant", &format!("oauth2 = {}", authority.table(", refresh_token = { file = \"kept/refresh\" }")));
    private(&dir.join("fuseau.toml"), &text);
}

/// Runs the program; everything that it printed.
fn heard(dir: &Path, words: &[&str]) -> String {
    let mut program = command(dir);
    program.env("CANARY", SECRETS[2].1).env("CREDENTIALS_DIRECTORY", dir.join("kept/credentials"));
    let ran = program.args(words).env("FUSEAU_LOG", "trace").output().unwrap();
    String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned()
}

/// The daemon at its most talkative, until every mailbox was refused once.
fn daemon(dir: &Path) -> String {
    let log = dir.join("log");
    let mut program = command(dir);
    program.env("CANARY", SECRETS[2].1).env("CREDENTIALS_DIRECTORY", dir.join("kept/credentials"));
    let file = fs::File::create(&log).unwrap();
    program.arg("run").env("FUSEAU_LOG", "trace").stdout(Stdio::null()).stderr(file);
    let mut child = Running(program.spawn().unwrap());
    wait("every mailbox was refused", || {
        let status = heard(dir, &["status", "--json"]);
        if let Ok(Some(code)) = child.0.try_wait() {
            panic!("the daemon ended with {code}: {}", fs::read_to_string(&log).unwrap_or_default());
        }
        (status.matches("login refused").count() > SECRETS.len()).then_some(())
    });
    let asked = heard(dir, &["status"]) + &heard(dir, &["status", "--json"]);
    kill_process(Pid::from_child(&child.0), Signal::TERM).unwrap();
    child.0.wait().unwrap();
    asked
}

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Every way in which a secret could be read: as it is, and as logins encode it.
fn forms(secret: &str) -> Vec<String> {
    let sasl =
        [format!("\0claire\0{secret}"), format!("user=claire\u{1}auth=Bearer {secret}\u{1}\u{1}"), secret.to_owned()];
    let mut forms: Vec<String> =
        sasl.iter().map(|text| STANDARD.encode(text).trim_end_matches('=').to_owned()).collect();
    forms.push(secret.to_owned());
    // The part that no cutting in the middle takes away.
    forms.extend(secret.rsplit('-').next().filter(|end| end.len() >= 4).map(str::to_owned));
    forms
}

fn search(place: &str, bytes: &[u8], secrets: &[String]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in secrets {
        for form in forms(secret) {
            if let Some(at) = text.find(&form) {
                let around: String = text[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
                panic!("{place} shows {secret}, after: {around}");
            }
        }
    }
}

/// Everything below a folder, but what was put there to be secret.
fn search_files(dir: &Path, secrets: &[String]) -> usize {
    let mut searched = 0;
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "kept" || name == "fuseau.toml" || name == "tokens" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            searched += search_files(&path, secrets);
        } else if entry.file_type().unwrap().is_file() {
            search(&path.display().to_string(), &fs::read(&path).unwrap(), secrets);
            searched += 1;
        }
    }
    searched
}

#[test]
fn no_secret_is_left_behind_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::open(0);
    authority.logged_in("claire");
    house(dir.path(), &authority);
    let mut secrets: Vec<String> = SECRETS.iter().map(|(_, secret)| (*secret).to_owned()).collect();
    secrets.push(fs::read_to_string(dir.path().join("kept/refresh")).unwrap());
    secrets.extend(Authority::MARKS.map(str::to_owned));
    let mail = "From: anna@acme.example\r\nTo: text@studio.example\r\nSubject: Hi\r\nMessage-ID: <1@acme.example>\r\n\r\nHello\r\n";
    fs::write(dir.path().join("mail.eml"), mail).unwrap();
    let mut outputs = Vec::new();
    for words in [
        &["check"][..],
        &["check", "--online"],
        &["doctor"],
        &["explain", "mail.eml"],
        &["status"],
        &["trust"],
        &["auth", "status"],
        &["when", "acme"],
        &["service", "show"],
        &["service", "status"],
        &["history", "acme"],
        &["demo", "--dir", "demo"],
        &["nonsense"],
    ] {
        for more in [&[][..], &["--json"], &["--verbose"]] {
            let words = [words, more].concat();
            outputs.push((words.join(" "), heard(dir.path(), &words)));
        }
    }
    outputs.push(("status of the daemon".to_owned(), daemon(dir.path())));
    let online = &outputs.iter().find(|(words, _)| words == "check --online").unwrap().1;
    let refused = |words: &str| online.matches(words).count();
    let all = SECRETS.len() + 1;
    assert_eq!((refused("login refused"), refused("refused the login")), (all, all), "each was really sent: {online}");
    for (words, said) in &outputs {
        search(&format!("fuseau {words}"), said.as_bytes(), &secrets);
    }
    let searched = search_files(dir.path(), &secrets);
    assert!(searched > 10, "{searched} files: log, database, the demo's folder");
    // The tokens lie where they belong, for nobody else to read.
    for entry in fs::read_dir(dir.path().join("state/tokens")).unwrap().flatten() {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// The search itself can fail.
#[test]
fn a_planted_secret_is_found() {
    let found =
        |text: &str| std::panic::catch_unwind(|| search("x", text.as_bytes(), &[SECRETS[0].1.to_owned()])).is_err();
    assert!(found("password canary-Text-7vQx"));
    assert!(found(&STANDARD.encode("\0claire\0canary-Text-7vQx")));
    assert!(found("…7vQx"));
    assert!(!found("nothing"));
}
