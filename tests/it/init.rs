//! `fuseau init` and `client add`: from an address to a configuration that works, without a person at the keyboard.
use crate::support::lab::Lab;
use crate::support::letter::human;
use crate::support::program::{command, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const CLAIRE: [&str; 17] = [
    "init",
    "--yes",
    "--offline",
    "--name",
    "Claire \"C\" Martin",
    "--zone",
    "Genève",
    "--languages",
    "fr,en",
    "--hours",
    "mon-thu 09:00-09:30 16:30-17:00; fri 09:00-09:30",
    "--password-command",
    "pass show mail/\"x\"",
    "--client",
    "anna@acme.example",
    "--client-zone",
    "Singapore",
];

fn init(dir: &Path, more: &[&str]) -> crate::support::program::Ran {
    run(dir, &[&CLAIRE[..], more].concat())
}

#[test]
fn a_known_provider_needs_no_network() {
    let dir = tempfile::tempdir().unwrap();
    let ran = init(dir.path(), &["--email", "claire@icloud.com"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file = dir.path().join(".config/fuseau/fuseau.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    for part in [
        "name      = \"Claire \\\"C\\\" Martin\"",
        "zone      = \"Europe/Zurich\"",
        "fri = [\"09:00-09:30\"]",
        "host = \"imap.mail.me.com\", user = \"claire\"",
        "host = \"smtp.mail.me.com\", tls = \"starttls\", user = \"claire@icloud.com\"",
        "mode = \"observe\"",
        "[client.acme]",
        "zone     = \"Asia/Singapore\"",
        "command = \"pass show mail/\\\"x\\\"\"",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let when = run(dir.path(), &["when", "acme", "--json"]).json();
    assert_eq!(when["client"], "acme");
    // A second run leaves it alone.
    let again = init(dir.path(), &["--email", "other@gmail.com"]);
    assert_eq!(again.code, 64);
    assert!(again.err.contains("never written over"), "{}", again.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_is_missing_is_named_at_once_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(dir.path(), &["init", "--email", "claire@gmail.com", "--offline", "--zone", "London"]);
    assert_eq!(ran.code, 64);
    for flag in ["--name", "--password-command"] {
        assert!(ran.err.contains(flag), "{flag}: {}", ran.err);
    }
    for (more, words) in [
        (&["--email", "claire"][..], "no e-mail address"),
        (&["--email", "claire@studio.example"], "nothing is known of studio.example"),
        (&["--email", "claire@tuta.com"], "Tuta offers no IMAP"),
        (&["--email", "claire@gmail.com", "--imap", "h:1:2", "--smtp", "h"], "is no server"),
        (&["--email", "claire@gmail.com", "--autoconfig", "nothing.xml"], "nothing.xml"),
    ] {
        let ran = init(dir.path(), more);
        assert_ne!(ran.code, 0, "{more:?}");
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let wrong = run(dir.path(), &["init", "--yes", "--offline", "--email", "c@gmail.com", "--zone", "Lodnon"]);
    assert!(wrong.err.contains("did you mean Europe/London?"), "{}", wrong.err);
    assert!(!dir.path().join(".config").exists(), "nothing half-written");
}

#[test]
fn a_file_of_the_provider_is_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("config.xml"),
        "<clientConfig><emailProvider><incomingServer type=\"imap\"><hostname>imap.studio.example</hostname><port>993</port>\
         <socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer><outgoingServer type=\"smtp\">\
         <hostname>smtp.studio.example</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>\
         </emailProvider></clientConfig>",
    )
    .unwrap();
    let ran = init(dir.path(), &["--email", "claire@studio.example", "--autoconfig", "config.xml", "--print"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("imap = { host = \"imap.studio.example\", user = \"claire\""), "{}", ran.out);
    assert!(ran.out.contains("host = \"smtp.studio.example\", tls = \"starttls\""), "{}", ran.out);
}

#[test]
fn a_client_more_is_a_file_more() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(init(dir.path(), &["--email", "claire@gmail.com"]).code, 0);
    let file = dir.path().join(".config/fuseau/fuseau.toml");
    let before = fs::read_to_string(&file).unwrap();
    let added =
        run(dir.path(), &["client", "add", "@zen.example", "--zone", "tokyo", "--language", "en", "--name", "禅"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert_eq!(run(dir.path(), &["when", "zen", "--json"]).json()["client"], "zen");
    // The same people again: refused by the configuration's own check, and nothing is kept.
    let twice = run(dir.path(), &["client", "add", "anna@acme.example", "--zone", "Singapore", "--id", "again"]);
    assert_eq!(twice.code, 78, "{}", twice.err);
    assert!(!dir.path().join(".config/fuseau/clients/again.toml").exists());
    let nowhere = run(dir.path(), &["client", "add", "x@y.example", "--zone", "Atlantis"]);
    assert_eq!(nowhere.code, 64);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a bound of a minute on another program, by the real clock")]
fn both_logins_are_tried_and_the_last_days_are_judged() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    owner
        .get(&anna.address(), &human(&anna.address(), &owner.address(), "init1@client.example", "A question", "When?"));
    owner.wait_for(1);
    let dir = tempfile::tempdir().unwrap();
    let (imap, smtp) = (format!("127.0.0.1:{}/none", lab.port(10143)), format!("127.0.0.1:{}/none", lab.port(10587)));
    let words = [
        "init",
        "--yes",
        "--email",
        &owner.address(),
        "--name",
        "Claire",
        "--zone",
        "London",
        "--languages",
        "en",
        "--user",
        &owner.name,
        "--password-env",
        "PW",
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--client",
        &anna.address(),
        "--client-zone",
        "Singapore",
    ];
    let wrong = command(dir.path()).args(words).env("PW", "wrong").output().unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    let err = String::from_utf8(wrong.stderr).unwrap();
    assert!(err.contains("login refused") && err.contains("nothing was written"), "{err}");
    assert!(!dir.path().join(".config").exists());
    let begun = std::time::Instant::now();
    let right = command(dir.path()).args(words).env("PW", "secret").output().unwrap();
    let took = begun.elapsed();
    let (out, err) = (String::from_utf8(right.stdout).unwrap(), String::from_utf8(right.stderr).unwrap());
    assert!(right.status.success(), "{err}");
    assert!(err.contains("IMAP: logged in") && err.contains("SMTP: logged in"), "{err}");
    assert!(out.contains("together: 1 acknowledge") && out.contains("the first of these answers"), "{out}");
    // Goal of the issue: a minute of machine time from nothing to the preview.
    assert!(took.as_secs() < 60, "{took:?}");
    eprintln!("from nothing to the preview: {took:?}");
    assert!(!out.contains("secret") && !err.contains("secret"));
    // Nothing was marked, nothing was sent.
    assert!(anna.inbox().is_empty());
    let seen = fs::read_dir(owner.maildir().join("cur")).unwrap().flatten();
    assert!(seen.into_iter().all(|file| !file.file_name().to_string_lossy().contains('S')));
}
