//! Delivery through a program and into a folder: exit codes, signals, silence, what the program sees, file names.
use fuseau::model::EmailAddress;
use fuseau::outbox::{Deliverer, Directory, Envelope, Outcome, Sendmail, Stage};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const MAIL: &[u8] =
    b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <a/b.1@studio.example>\r\n\r\n.\r\nhello\r\n";

type Program = Deliverer<tokio::io::DuplexStream>;

fn envelope() -> Envelope {
    Envelope {
        from: EmailAddress::parse("claire@studio.example"),
        to: EmailAddress::parse("anna@acme.example").unwrap(),
        also: Vec::new(),
    }
}

async fn recorded() -> Result<(), String> {
    Ok(())
}

/// A shell script in `folder`, which it knows as `$HERE`. Written by another process: a file that this one has
/// open for writing cannot be run, and a test that starts a program meanwhile would keep it open.
fn program(folder: &Path, script: &str) -> String {
    let path = folder.join("sendmail").to_str().unwrap().to_owned();
    let script = format!("#!/bin/sh\nHERE={}\n{script}\n", folder.display());
    let write = "printf %s \"$1\" >\"$0\" && chmod 700 \"$0\"";
    assert!(std::process::Command::new("/bin/sh").args(["-c", write, &path, &script]).status().unwrap().success());
    path
}

#[tokio::test]
async fn exit_codes_say_what_became_of_a_mail() {
    let refused = |permanent, reply: &str| Outcome::Refused { permanent, stage: Stage::Dot, reply: reply.to_owned() };
    for (script, want) in [
        ("cat >/dev/null", Outcome::Sent { reply: "exit code 0".to_owned() }),
        ("cat >/dev/null; echo busy >&2; exit 75", refused(false, "exit code 75 busy")),
        ("cat >/dev/null; exit 67", refused(true, "exit code 67")),
        ("printf 'no\\n\\033[31msuch' >&2; exit 1", refused(true, "exit code 1 no [31msuch")),
        // More on standard error than a pipe holds, before reading: neither side may block.
        (
            "head -c 300000 /dev/zero | tr '\\0' x >&2; cat >/dev/null",
            Outcome::Sent { reply: format!("exit code 0 {}", "x".repeat(188)) },
        ),
        // A helper keeps standard error open.
        ("cat >/dev/null; sleep 30 & exit 0", Outcome::Sent { reply: "exit code 0".to_owned() }),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut way = Program::Sendmail(Sendmail::new(vec![program(folder.path(), script)]));
        let long = [MAIL, &b"0123456789\r\n".repeat(20_000)].concat();
        assert_eq!(way.send(&envelope(), &long, recorded).await, want, "{script}");
    }
}

#[tokio::test]
async fn a_program_that_dies_or_hangs_leaves_doubt() {
    for (script, word) in
        [("cat >/dev/null; kill -9 $$", "signal"), ("cat >/dev/null; exec sleep 30", "did not end within 1 s")]
    {
        let folder = tempfile::tempdir().unwrap();
        let way = Sendmail::new(vec![program(folder.path(), script)]).within(Duration::from_secs(1));
        match way.send(&envelope(), MAIL, recorded).await {
            Outcome::Unknown { text } => assert!(text.contains(word), "{text}"),
            other => panic!("{script}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_program_sees_arguments_local_line_ends_and_little_else() {
    let folder = tempfile::tempdir().unwrap();
    let script = "for a; do echo \"$a\"; done >$HERE/args; cat >$HERE/mail; env >$HERE/env";
    let path = program(folder.path(), script);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let null = Envelope { from: None, ..envelope() };
    for (words, envelope, args) in [
        (vec![path.clone()], envelope(), "-i\n-f\nclaire@studio.example\n--\nanna@acme.example\n"),
        (vec![path.clone()], null, "-i\n-f\n<>\n--\nanna@acme.example\n"),
        (vec![path.clone(), "-a".to_owned(), "x y".to_owned()], envelope(), "-a\nx y\nanna@acme.example\n"),
    ] {
        assert!(matches!(Sendmail::new(words).send(&envelope, MAIL, recorded).await, Outcome::Sent { .. }));
        assert_eq!(read("args"), args);
        assert_eq!(read("mail").as_bytes(), String::from_utf8_lossy(MAIL).replace('\r', "").as_bytes());
    }
    let copied = [b"Cc: paul@studio.example\r\n", MAIL].concat();
    assert!(matches!(
        Sendmail::new(vec![path.clone()]).send(&envelope(), &copied, recorded).await,
        Outcome::Sent { .. }
    ));
    assert_eq!(read("args"), "-i\n-f\nclaire@studio.example\n--\nanna@acme.example\npaul@studio.example\n");
    // Cargo sets this for tests; a password in the environment would go the same way.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!read("env").contains("CARGO_MANIFEST_DIR") && read("env").contains("PATH="));
}

#[tokio::test]
async fn a_program_is_not_started_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    let path = program(folder.path(), "touch $HERE/started; cat >/dev/null");
    let way = Sendmail::new(vec![path.clone()]);
    let to = |raw| Envelope { from: None, to: EmailAddress::parse(raw).unwrap(), also: Vec::new() };
    let held = way.send(&envelope(), MAIL, || async { Err("disk full") }).await;
    assert_eq!(held, Outcome::Lost { stage: Stage::Body, text: "held back: disk full".to_owned() });
    for (end, at) in [
        (way.send(&envelope(), b"a\nb", recorded).await, Stage::Body),
        (way.send(&to("-oQ/tmp/x@acme.example"), MAIL, recorded).await, Stage::Rcpt),
        (way.send(&to("\"a b\"@acme.example"), MAIL, recorded).await, Stage::Rcpt),
    ] {
        assert!(matches!(end, Outcome::Refused { permanent: true, stage, .. } if stage == at), "{end:?}");
    }
    assert!(!folder.path().join("started").exists());
    for words in [vec!["/no/such/program".to_owned()], vec!["no-such-program-here".to_owned()], vec![]] {
        let end = Sendmail::new(words).send(&envelope(), MAIL, recorded).await;
        assert!(matches!(end, Outcome::Lost { stage: Stage::Connect, .. }), "{end:?}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_folder_holds_each_mail_once() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("new/one");
    let mut way = Program::Directory(Directory::new(inner.clone()));
    for _ in 0..2 {
        assert!(matches!(way.send(&envelope(), MAIL, recorded).await, Outcome::Sent { .. }));
        assert_eq!(files(&inner).len(), 1);
    }
    let file = files(&inner).remove(0);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("20261123T090000Z-a_b.1_studio.example-") && name.ends_with(".eml"), "{name}");
    assert_eq!(std::fs::read(&file).unwrap(), MAIL);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    // Same name, other mail; ids that look alike once cleaned; no id at all.
    let other = [MAIL, b"more\r\n"].concat();
    assert!(matches!(way.send(&envelope(), &other, recorded).await, Outcome::Refused { permanent: true, .. }));
    for mail in [
        &b"Message-ID: <a_b.1@studio.example>\r\n\r\nx"[..],
        b"Subject: ../../etc\r\n\r\nx",
        b"Message-ID: <../x@y>\r\n\r\nx",
    ] {
        assert!(matches!(way.send(&envelope(), mail, recorded).await, Outcome::Sent { .. }));
    }
    assert_eq!(files(&inner).len(), 4);
    assert!(way.is_usable());
    way.quit().await;
}

#[tokio::test]
async fn a_folder_shows_nothing_that_was_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let way = Directory::new(folder.path().to_owned());
    let seen = || files(folder.path()).iter().filter(|f| f.extension().is_some_and(|e| e == "eml")).count();
    let held = || async {
        assert_eq!(seen(), 0, "the mail shows before the doubt is recorded");
        Err("disk full")
    };
    assert!(matches!(way.send(&envelope(), MAIL, held).await, Outcome::Lost { stage: Stage::Body, .. }));
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for place in [file.clone(), file.join("below")] {
        let end = Directory::new(place).send(&envelope(), MAIL, recorded).await;
        assert!(matches!(end, Outcome::Lost { .. }), "{end:?}");
    }
}
