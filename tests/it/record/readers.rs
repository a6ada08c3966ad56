//! A dossier in the hands of other programs: mutt opens it, Python reads it, and both see the same messages. What a
//! dossier says of attachments.
use super::{import, mbox};
use crate::support::program::{demo, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a program can be started; where it must be there, it is.
pub(super) fn installed(name: &str, ask: &str) -> bool {
    let there = Command::new(name).arg(ask).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(there || std::env::var("CI").as_deref() != Ok("true"), "this test needs {name}");
    if !there {
        eprintln!("SKIPPED: {name} is not installed");
    }
    there
}

/// A message of a client with a line that begins with `From `, quoted ones, and no line end at its end.
const TRICKY: &str = "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: Anna <anna@acme.example>\nTo: claire@studio.example\n\
    Message-ID: <tricky@x.example>\nSubject: =?utf-8?q?R=C3=A9union_=E2=80=93_plan?=\nContent-Type: text/plain; charset=utf-8\n\n\
    From the first line on\n\nFrom anna@acme.example Mon Jan  6 10:00:00 2020\nSubject: not a message\n\n\
    >From once quoted\n>>From twice\nno line end";

#[test]
fn mutt_and_python_read_the_same_messages() {
    if !installed("mutt", "-v") || !installed("script", "--version") || !installed("python3", "--version") {
        return;
    }
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(12)).unwrap();
    fs::write(dir.path().join("tricky.eml"), TRICKY).unwrap();
    import(dir.path(), &["old.mbox"]);
    import(dir.path(), &["tricky.eml"]);
    run(dir.path(), &["export", "acme", "--format", "mbox", "--out", "acme.mbox"]).fine();
    let history = run(dir.path(), &["history", "acme", "--json"]).json();
    let wanted: Vec<String> =
        history.as_array().unwrap().iter().map(|it| it["subject"].as_str().unwrap().to_owned()).collect();
    assert!(wanted.len() >= 8 && wanted.contains(&"Réunion – plan".to_owned()), "{wanted:?}");

    let (subjects, bodies) = by_mutt(dir.path());
    assert_eq!(subjects, wanted, "mutt");
    let script = r#"
import email.header, mailbox
for m in mailbox.mbox("acme.mbox"):
    print(str(email.header.make_header(email.header.decode_header(m["Subject"] or ""))))
tricky = [m for m in mailbox.mbox("acme.mbox") if m["Message-ID"] == "<tricky@x.example>"][0]
open("tricky.body", "w").write(tricky.get_payload(decode=True).decode())
"#;
    let ran = Command::new("python3").args(["-c", script]).current_dir(dir.path()).output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(told.lines().collect::<Vec<_>>(), wanted, "Python: {}", String::from_utf8_lossy(&ran.stderr));

    // Quoted on the way out, one mark taken off on the way back: what was written.
    let sent = TRICKY.split_once("\n\n").unwrap().1;
    let of_mutt = bodies.iter().find(|body| body.contains("no line end")).unwrap();
    for body in [of_mutt.clone(), fs::read_to_string(dir.path().join("tricky.body")).unwrap()] {
        let lines = body.trim_end().lines().map(|line| {
            let marks = line.trim_start_matches('>');
            if marks.starts_with("From ") && line != marks { &line[1..] } else { line }
        });
        assert_eq!(lines.collect::<Vec<_>>().join("\n"), sent);
    }
    // And so does fuseau itself: nothing is new, nothing became two.
    let again = import(dir.path(), &["acme.mbox"]);
    assert_eq!((&again["read"], &again["new"]), (&wanted.len().into(), &0.into()));
}

/// The subjects that mutt shows, and each message's text as mutt hands it on.
fn by_mutt(dir: &Path) -> (Vec<String>, Vec<String>) {
    let settings = "set pipe_split=yes pipe_decode=no wait_key=no quit=yes confirmappend=no mark_old=no help=no beep=no\n\
        set sort=mailbox-order auto_tag=yes\n\
        push \"<tag-pattern>~A<enter><pipe-message>cat >> raw; echo @@END@@ >> raw<enter>\
        :set pipe_decode=yes<enter><tag-pattern>~A<enter><pipe-message>cat >> shown; echo @@END@@ >> shown<enter><quit>\"\n";
    fs::write(dir.join("muttrc"), settings).unwrap();
    let mut terminal = Command::new("script");
    terminal.args(["-qfec", "mutt -n -R -F muttrc -f acme.mbox", "/dev/null"]).current_dir(dir);
    terminal.env("HOME", dir).env("TERM", "xterm").env("LANG", "C.UTF-8").stdin(Stdio::null()).stderr(Stdio::null());
    let screen = terminal.output().unwrap();
    let pieces = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(dir.join(name))
            .unwrap_or_else(|_| panic!("mutt showed nothing: {}", String::from_utf8_lossy(&screen.stdout)));
        let mut pieces: Vec<String> = text.split("@@END@@\n").map(str::to_owned).collect();
        assert_eq!(pieces.pop().as_deref(), Some(""));
        pieces
    };
    let subject = |mail: &String| {
        let line = mail.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
        line.trim().to_owned()
    };
    let bodies = pieces("raw").iter().map(|mail| mail.split_once("\n\n").unwrap().1.to_owned()).collect();
    (pieces("shown").iter().map(subject).collect(), bodies)
}

/// Attachments are told by name, type, size and hash in every form, whether their bytes are kept or not.
#[test]
fn a_dossier_tells_of_attachments() {
    let dir = demo();
    let pdf = "JVBERi0xLjQK".repeat(400);
    let mail = format!(
        "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\nMessage-ID: <files@x.example>\n\
         Subject: Two files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhere\n\
         --b\nContent-Type: application/pdf; name=\"<b>offer.pdf\"\nContent-Transfer-Encoding: base64\n\n{pdf}\n\
         --b\nContent-Type: image/png\nContent-Disposition: attachment\n\ntiny\n--b--\n"
    );
    fs::write(dir.path().join("files.eml"), mail).unwrap();
    import(dir.path(), &["files.eml"]);
    let export = |words: &[&str]| run(dir.path(), &[&["export", "acme"], words].concat()).fine();
    for for_client in [&[][..], &["--for-client"]] {
        let json: Value = serde_json::from_str(&export(&[for_client, &["--format", "json"]].concat())).unwrap();
        let all = json["entries"].as_array().unwrap();
        let it = all.iter().find(|it| it["message_id"] == "<files@x.example>").unwrap();
        assert_eq!(it["attachments"], serde_json::json!(["<b>offer.pdf"]));
        let files = it["files"].as_array().unwrap();
        assert_eq!(files.len(), 2, "{files:?}");
        assert_eq!((&files[0]["size"], &files[0]["type"]), (&3600.into(), &"application/pdf".into()));
        assert_eq!((&files[0]["kept"], &files[0]["sha256"].as_str().map(str::len)), (&false.into(), &Some(64)));
        assert_eq!((&files[1]["type"], &files[1]["kept"]), (&"image/png".into(), &true.into()));
        let page = export(for_client);
        assert!(page.contains("&lt;b&gt;offer.pdf (4 KiB), image/png (1 KiB)"), "{page}");
        assert!(export(&[for_client, &["--format", "md"]].concat()).contains("\\<b\\>offer.pdf (4 KiB)"));
        assert!(export(&[for_client, &["--format", "csv"]].concat()).contains(",<b>offer.pdf,"));
    }
}
