//! What a client is handed is theirs alone: no blind copy, no note of the owner's server, nothing forged in their name; and
//! what the owner's own copy says of the same mails.
use super::import;
use crate::holding_turns::{World, play};
use crate::support::program::{demo, run};
use std::fs;
use std::path::{Path, PathBuf};

const ANNA: &str = "anna@acme.example";
const FORMATS: [&str; 5] = ["html", "md", "csv", "json", "mbox"];

fn exported(dir: &Path, format: &str, more: &[&str]) -> String {
    exported_of(dir, "acme", format, more)
}

fn exported_of(dir: &Path, client: &str, format: &str, more: &[&str]) -> String {
    let ran = run(dir, &[&["export", client, "--format", format], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

#[test]
fn no_blind_copy_and_no_internal_field() {
    let dir = demo();
    let dir = dir.path();
    let body = "The offer.\nBcc: stands in the text\n\n--\nClaire\n";
    let mail = |id: &str, more: &str| {
        format!(
            "From x@y Mon Jan 06 10:00:00 2020\nReturn-Path: <claire@studio.example>\nDelivered-To: secret-box@studio.example\n\
             Received: from desk.home.example by mx.studio.example;\n\tMon, 06 Jan 2020 10:00:00 +0000\n\
             Authentication-Results: mx.studio.example; dmarc=pass\nDate: Mon, 06 Jan 2020 10:00:00 +0000\n\
             From: Claire <claire@studio.example>\n{more}X-Internal-Note: poor payer\nX-Spam-Score: 3.1\n\
             Message-ID: <{id}@studio.example>\nSubject: Offer {id}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
    };
    // The second one went to nobody in sight: the first address is a blind copy, too.
    let blind = "Bcc: other-client@rival.example,\n boss@rival.example, anna@acme.example\n";
    let mails = [
        mail("open", &format!("To: {ANNA}\n{blind}")),
        mail("blind", &format!("To: undisclosed-recipients:;\n{blind}")),
    ];
    fs::write(dir.join("sent.mbox"), mails.concat()).unwrap();
    assert_eq!(import(dir, &["sent.mbox"])["new"], 2);
    for format in FORMATS {
        let theirs = exported(dir, format, &["--for-client"]);
        assert!(theirs.contains("Offer open"), "{format}: {theirs}");
        for hidden in
            ["rival.example", "poor payer", "Spam-Score", "secret-box", "desk.home.example", "Authentication-Results"]
        {
            assert!(!theirs.contains(hidden), "{format}: {hidden}: {theirs}");
        }
    }
    let theirs = exported(dir, "mbox", &["--for-client"]);
    let want = format!(
        "Date: Mon, 06 Jan 2020 10:00:00 +0000\nFrom: Claire <claire@studio.example>\nTo: {ANNA}\nMessage-ID: <open@studio.example>\n\
         Subject: Offer open\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}"
    );
    assert!(theirs.contains(&want), "{theirs}");
    // The owner's own copy is the message as it is kept.
    let own = exported(dir, "mbox", &[]);
    assert!(own.contains("boss@rival.example") && own.contains("X-Internal-Note: poor payer"), "{own}");
}

#[test]
fn a_forged_mail_is_not_the_clients_word() {
    let dir = demo();
    let dir = dir.path();
    for format in FORMATS {
        let theirs = exported(dir, format, &["--for-client"]);
        assert!(!theirs.contains("bank account") && theirs.contains("Logo files"), "{format}: {theirs}");
        assert!(!theirs.contains("trust.") && !theirs.contains("client.known"), "{format}: {theirs}");
        let own = exported(dir, format, &[]);
        assert!(own.contains("New bank account"), "{format}: {own}");
        if format != "mbox" {
            for part in ["ignore", "trust.failed", "your mail server says that the sender is forged", "client.known"] {
                // Its text in the JSON stands beside the code.
                assert!(own.contains(part), "{format}: {part}: {own}");
            }
        }
    }
    let told = run(dir, &["history", "acme"]).fine();
    let lines: Vec<&str> = told.lines().collect();
    let place = lines.iter().position(|line| line.contains("New bank account")).unwrap();
    assert!(lines[place].contains("mail: ignore"), "{told}");
    let why = "ignored: your mail server says that the sender is forged (dmarc=fail";
    assert!(lines[place + 1].trim().starts_with(why) && lines[place + 1].ends_with("[trust.failed]"), "{told}");
    let csv = exported(dir, "csv", &[]);
    assert!(csv.starts_with("id,at,local,direction,kind,from,to,subject,promise_by,promise_state,attachments,text,verdict,reasons,state,why,text_cut\r\n"));
    assert!(exported(dir, "csv", &["--for-client"]).contains(",attachments,text,text_cut\r\n"));
}

/// A report about their mail is no word of theirs; what their programs wrote is marked; people who write through a list, or to
/// whom nothing automatic may go, are people.
#[test]
fn programs_and_servers_speak_for_themselves() {
    play(async {
        let mut world = World::new().await;
        let dir = world.dir.path().to_owned();
        world.until("10:02").await;
        for (id, more) in [
            ("person", "Return-Path: <anna@acme.example>\n"),
            ("away", "Return-Path: <anna@acme.example>\nAuto-Submitted: auto-replied\n"),
            ("bounced", "Return-Path: <>\n"),
            ("listed", "Return-Path: <anna@acme.example>\nList-Id: <team.acme.example>\n"),
        ] {
            let mail = format!(
                "{more}Authentication-Results: mx.studio.example; dmarc=pass header.from=acme.example\nFrom: Anna <{ANNA}>\n\
                 To: claire@studio.example\nSubject: About {id}\nMessage-ID: <{id}@acme.example>\n\nText of {id}.\n"
            );
            world.put("new", "", &mail);
        }
        world.until("10:30").await;
        let theirs = exported(&dir, "md", &["--for-client"]);
        for (id, who) in [
            ("person", Some("From you")),
            ("away", Some("Automatic note")),
            ("bounced", None),
            ("listed", Some("From you")),
        ] {
            let section = theirs.split("\n## ").find(|it| it.contains(&format!("Text of {id}.")));
            assert_eq!(section.is_some_and(|it| it.contains(who.unwrap_or_default())), who.is_some(), "{id}: {theirs}");
        }
        let json = exported(&dir, "json", &["--for-client"]);
        assert!(json.contains("Text of away") && !json.contains("Text of bounced"), "{json}");
    });
}

/// The owner wrote in the draft of an acknowledgement before sending it: it is their letter, for them and for the client. Sent as
/// it was, it is the note that it was.
#[test]
fn a_draft_that_the_owner_edited_is_the_owners_letter() {
    for edited in [true, false] {
        play(async move {
            let mut world = World::new().await;
            let dir = world.dir.path().to_owned();
            world.until("10:02").await;
            world.client_writes("eva@quiet.example", "logo");
            world.until("10:20").await;
            let drafts = dir.join("Maildir/.Drafts/cur");
            let found: Vec<PathBuf> = fs::read_dir(&drafts).unwrap().map(|it| it.unwrap().path()).collect();
            assert_eq!(found.len(), 1, "{found:?}");
            let mut text = fs::read_to_string(&found[0]).unwrap().replace("\r\n", "\n");
            if edited {
                let (head, _) = text.split_once("\n\n").unwrap();
                let plain = "Content-Transfer-Encoding";
                let head: Vec<&str> = head.lines().filter(|line| !line.starts_with(plain)).collect();
                text = format!("{}\n\nThe files are on their way, I looked at them myself.\n", head.join("\n"));
            }
            fs::remove_file(&found[0]).unwrap();
            world.put(".Sent/cur", ":2,S", &text);
            world.until("10:40").await;
            let (what, theirs) =
                if edited { ("answered by you", "From me") } else { ("acknowledgement: sent", "Automatic note") };
            let told = run(&dir, &["history", "quiet"]).fine();
            assert!(told.lines().any(|line| line.contains("→") && line.contains(&format!(" {what} "))), "{told}");
            let given = exported_of(&dir, "quiet", "md", &["--for-client"]);
            let section =
                given.split("\n## ").find(|it| it.starts_with("Re: Logo")).unwrap_or_else(|| panic!("{given}"));
            assert!(section.contains(theirs), "{given}");
            let page = exported_of(&dir, "quiet", "html", &["--for-client"]);
            assert_eq!(page.contains("article class=\"out\""), edited, "{page}");
            let own = exported_of(&dir, "quiet", "md", &[]);
            assert!(own.contains(what), "{own}");
        });
    }
}
