//! The IMAP session against scripted servers, most of them rude. Time stands still: deadlines cost nothing.
use crate::support::script::Server;
use fuseau::{
    mailbox::{
        Connection, Folder, Hint, MailboxError, Raw,
        imap::{Opening, Session, starttls},
    },
    model::{Credential, FolderRole, Instant, account::FolderNames},
};
use std::{future::pending, time::Duration};
use tokio::io::DuplexStream;

type Imap = Connection<DuplexStream>;

const LOGIN: &str = "
    S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
    C: $ AUTHENTICATE PLAIN AHUAcEA6KQ==
    S: $ OK [CAPABILITY IMAP4rev1 IDLE] in
    C: $ LIST \"\" \"*\"
    S: * LIST (\\\\HasNoChildren) \"/\" INBOX
    S: * LIST (\\\\HasNoChildren) \"/\" Sent
    S: $ OK
";
const OPEN: &str = "
    C: $ EXAMINE \"INBOX\"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] valid
    S: * OK [UIDNEXT 10] next
    S: $ OK [READ-ONLY] open
";
const FETCH: &str = "C: $ UID FETCH 10:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.262144>)";
const MAIL: &str =
    "UID 10 FLAGS (\\\\Seen) INTERNALDATE \" 1-Feb-2025 01:02:03 +0100\" RFC822.SIZE 5 BODY[]<0> {5}\\r\\nhello";

/// A server that plays `script` after login and LIST, and the client's INBOX and Sent.
async fn client(script: &str) -> (Server, Imap, Folder, Folder) {
    let (server, stream) = Server::start(&format!("{LOGIN}{script}"));
    let mut imap = Connection::Imap(Box::new(Session::open(stream, Opening::Greeting).await.unwrap()));
    imap.login("u", &Credential::Password("p@:)".into())).await.unwrap();
    let folders = imap.folders(&FolderNames::default()).await.unwrap();
    let inbox = folders.inboxes[0].clone();
    (server, imap, inbox, folders.sent.unwrap())
}

fn uids(raws: &[Raw]) -> Vec<u32> {
    raws.iter().map(|raw| raw.uid).collect()
}

#[tokio::test(start_paused = true)]
async fn from_the_hint_to_the_bytes_in_two_round_trips() {
    let script = format!(
        "{OPEN}
        C: $ IDLE
        S: + idling
        wait 200
        S: * OK still here
        S: * 4 EXISTS
        C: DONE
        S: $ OK
        {FETCH}
        S: * 4 FETCH ({MAIL})
        S: $ OK
        C: $ LOGOUT
        S: * BYE
        S: $ OK
        close"
    );
    let (server, mut imap, inbox, _) = client(&script).await;
    assert_eq!(imap.idle(&inbox, Duration::from_secs(300), pending()).await.unwrap(), Hint::Changed);
    let raws = imap.fetch_new(&inbox, 10, 1).await.unwrap();
    assert_eq!((uids(&raws), raws[0].bytes.as_slice(), raws[0].size), (vec![10], b"hello".as_slice(), 5));
    assert!(raws[0].flags.seen && !raws[0].flags.answered);
    assert_eq!(raws[0].arrived.to_rfc3339(), "2025-02-01T00:02:03+00:00");
    imap.logout().await;
    server.done().await;
}

/// Every operation, for tests that treat all alike.
const CALLS: usize = 10;

async fn call(which: usize, imap: &mut Imap, inbox: &Folder) -> Result<(), MailboxError> {
    match which {
        0 => imap.status(inbox).await.map(|_| ()),
        1 => imap.list_uids(inbox, 1).await.map(|_| ()),
        2 => imap.fetch(inbox, &[1, 2]).await.map(|_| ()),
        3 => imap.fetch_new(inbox, 10, 1).await.map(|_| ()),
        4 => imap.flags(inbox, 1).await.map(|_| ()),
        5 => imap.find(inbox, "Message-ID", "<a@b>").await.map(|_| ()),
        6 => imap.append(inbox, b"x", &["\\Seen"], Instant::default()).await,
        7 => imap.folders(&FolderNames::default()).await.map(|_| ()),
        8 => imap.create("Drafts", FolderRole::Drafts).await.map(|_| ()),
        _ => imap.idle(inbox, Duration::from_secs(300), pending()).await.map(|_| ()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_never_a_success() {
    for answer in ["NO", "BAD", "NO [ALERT] nothing to see", "BAD command", "NO [UNAVAILABLE] later"] {
        for which in 0..CALLS {
            // Refused at the first command, and again with the folder open.
            for open in ["", OPEN] {
                let refusals = format!("C: $ ...\nS: $ {answer}\n").repeat(12);
                let (server, mut imap, inbox, _) = client(&format!("{open}{refusals}")).await;
                if open == OPEN && imap.idle(&inbox, Duration::ZERO, async {}).await.unwrap() != Hint::NotSupported {
                    panic!("IDLE was refused");
                }
                let outcome = call(which, &mut imap, &inbox).await;
                // A refused IDLE with the folder open is no failure: the caller polls.
                let poll = which == CALLS - 1 && open == OPEN;
                match outcome {
                    Err(MailboxError::Refused { .. }) => assert!(!poll),
                    other => assert!(poll && other.is_ok(), "{which} {answer} {open:?}: {other:?}"),
                }
                server.drop();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn silence_and_hanging_up_are_errors_at_every_step() {
    for (end, closed) in
        [("silent", false), ("close", true), ("S: * BYE see you\n silent", true), ("S| * 1 FET\nclose", true)]
    {
        for which in 0..CALLS {
            for before in ["", OPEN] {
                let (server, mut imap, inbox, _) = client(&format!("{before} C: $ ...\n{end}")).await;
                if matches!(which, 0 | 6..=8) && before == OPEN {
                    continue; // these do not begin with opening the folder, or end with it
                }
                let error = call(which, &mut imap, &inbox).await.unwrap_err();
                match error {
                    MailboxError::Closed { .. } => assert!(closed, "{which} {end}"),
                    MailboxError::TimedOut { .. } => assert!(!closed, "{which} {end}"),
                    other => panic!("{which} {end}: {other}"),
                }
                // A session that went out of step is of no further use.
                let again = call(which, &mut imap, &inbox).await.unwrap_err();
                assert!(again.is_lost() && again.to_string().contains("given up"), "{again}");
                imap.logout().await;
                server.drop();
            }
        }
    }
}

/// Silence and hanging up in the middle of an operation: each row is what went well before.
#[tokio::test(start_paused = true)]
#[expect(clippy::disallowed_methods, reason = "measures paused time")]
async fn silence_and_hanging_up_in_the_middle_of_an_operation() {
    let append = "C: $ APPEND \"INBOX\" ...\n";
    let listing = format!(
        "{OPEN}\n{FETCH}\nS: $ NO [SERVERBUG] internal error\nC: $ UID FETCH 10:* (UID FLAGS INTERNALDATE RFC822.SIZE)\n"
    );
    let listed = format!("{listing}S: * 4 FETCH (UID 10 FLAGS () RFC822.SIZE 5)\nS: $ OK\nC: $ UID FETCH 10 ...\n");
    let rows: [(usize, String); 7] = [
        // The literal is not asked for; it was brought; the folder was missing and is to be made.
        (6, append.to_owned()),
        (6, format!("{append}S: + go on\nC| 1\n")),
        (6, format!("{append}S: + go on\nC| 1\nS: $ NO [TRYCREATE] no such folder\nC: $ CREATE \"INBOX\"\n")),
        // A refused FETCH is followed by a listing, and that by one FETCH for each portion.
        (3, listing),
        (3, listed.clone()),
        (3, format!("{listed}S: $ NO cannot\nC: $ UID FETCH 10 ...\n")),
        // The search behind EXAMINE.
        (5, format!("{OPEN}\nC: $ UID SEARCH ...\n")),
    ];
    let faults =
        [("silent", 60), ("close", 0), ("S: * BYE see you\nsilent", 0), ("S| * 1 FET\nclose", 0), ("S| F\nsilent", 60)];
    for (which, before) in &rows {
        for (fault, seconds) in faults {
            let context = format!("{which} {fault} after {before}");
            let (server, mut imap, inbox, _) = client(&format!("{before}{fault}")).await;
            let began = tokio::time::Instant::now();
            match call(*which, &mut imap, &inbox).await.unwrap_err() {
                MailboxError::Closed { .. } => assert_eq!(seconds, 0, "{context}"),
                MailboxError::TimedOut { .. } => assert_eq!(seconds, 60, "{context}"),
                other => panic!("{context}: {other}"),
            }
            assert_eq!(began.elapsed().as_secs(), seconds, "{context}");
            let again = call(*which, &mut imap, &inbox).await.unwrap_err();
            assert!(again.is_lost() && again.to_string().contains("given up"), "{context}: {again}");
            imap.logout().await;
            server.drop();
        }
    }
    // STARTTLS: before the greeting, before the capabilities, between them and their OK, before the answer to the wish.
    let hello = "S: * OK hi\n";
    let asked = format!("{hello}C: $ CAPABILITY\n");
    let offered = format!("{asked}S: * CAPABILITY IMAP4rev1 STARTTLS\n");
    let wished = format!("{offered}S: $ OK\nC: $ STARTTLS\n");
    for before in ["", &asked, &offered, &wished] {
        for (fault, seconds) in faults {
            let (server, stream) = Server::start(&format!("{before}{fault}"));
            let began = tokio::time::Instant::now();
            let error = starttls(stream).await.unwrap_err();
            assert!(error.is_lost(), "{before}{fault}: {error}");
            assert!(began.elapsed().as_secs() <= 90, "{before}{fault}");
            assert_eq!(matches!(error, MailboxError::TimedOut { .. }), seconds > 0, "{before}{fault}: {error}");
            server.drop();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rude_replies_to_a_fetch() {
    for reply in [
        "S| * 4 FETCH (UID 10 BODY[] {500}\\r\\nhello\nclose",
        "S: * 4 FETCH (UID 10 BODY[] {400000000}\nsilent",
        "S: * 4 FETCH (UID 10 BODY[] {327681}\nsilent",
        "S: * 4 FETCH (BODYSTRUCTURE ((((\"TEXT\"))))\nsilent",
        "S: * 4 FETCH (INTERNALDATE NIL)\nsilent",
        "S: * 4 FETCH\nsilent",
        "S: * NO [ALERT]étrange\nsilent",
        "S: * OK [BADCHARSET (a]b)]é\nsilent",
        "S: * NAMESPACE NIL NIL NIL\nsilent",
        "S: * what is this\nsilent",
        "S: \nsilent",
        "S| * 4 EXISTS\\n\nsilent",
        "S: X1 OK not yours\nsilent",
        "S: + go on\nsilent",
        "S: * PREAUTH again\nsilent",
        "S: $ WHAT\nsilent",
    ] {
        let (server, mut imap, inbox, _) = client(&format!("{OPEN}\n{FETCH}\n{reply}")).await;
        let error = imap.fetch_new(&inbox, 10, 1).await.unwrap_err();
        assert!(error.is_lost() && !error.is_setup(), "{reply}: {error}");
        assert!(error.to_string().len() < 300 && !error.to_string().contains("hello"), "{error}");
        assert!(imap.fetch_new(&inbox, 10, 1).await.unwrap_err().is_lost());
        server.drop();
    }
}

#[tokio::test(start_paused = true)]
async fn a_trickle_is_cut_off() {
    // One octet a minute satisfies every read, but not the limit for the command.
    let trickle = "wait 50\nS| x\n".repeat(100);
    let (server, mut imap, inbox, _) = client(&format!("{OPEN}\n{FETCH}\nS| * OK \n{trickle}")).await;
    assert!(matches!(imap.fetch_new(&inbox, 10, 1).await, Err(MailboxError::TimedOut { .. })));
    server.drop();
}

#[tokio::test(start_paused = true)]
async fn odd_but_honest_replies_to_a_fetch() {
    let mail = |uid: u32| format!("UID {uid} FLAGS () RFC822.SIZE 5 BODY[]<0> {{5}}\\r\\nhello");
    for (replies, want) in [
        // `n:*` answers with the last message although its number is smaller (rule B9).
        (format!("S: * 3 FETCH ({})", mail(9)), vec![]),
        (String::new(), vec![]),
        // News about others, with and without numbers, in between; the text in two replies.
        (
            format!("S: * 1 FETCH (FLAGS (\\\\Seen))\nS: * 2 FETCH (UID 5 FLAGS ())\nS: * 4 FETCH ({})", mail(10)),
            vec![10],
        ),
        ("S: * 4 FETCH (UID 10 RFC822.SIZE 5)\nS: * 4 FETCH (UID 10 BODY[]<0> \"hello\")".into(), vec![10]),
        (format!("S: * 5 EXISTS\nS: * 1 EXPUNGE\nS: * 0 RECENT\nS: * OK hm\nS: * 4 FETCH ({} )", mail(11)), vec![11]),
        (format!("S: * 4 FETCH ({})\nS: * 4 FETCH ({})", mail(12), mail(10)), vec![10, 12]),
    ] {
        let (server, mut imap, inbox, _) = client(&format!("{OPEN}\n{FETCH}\n{replies}\nS: $ OK")).await;
        let raws = imap.fetch_new(&inbox, 10, 1).await.unwrap();
        assert_eq!(uids(&raws), want, "{replies}");
        assert!(raws.iter().all(|raw| raw.bytes == b"hello" && raw.fault.is_none()));
        drop(imap);
        server.done().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_message_does_not_hold_up_the_others() {
    let one = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.262144>)";
    let script = format!(
        "{OPEN}
        {FETCH}
        S: $ NO [SERVERBUG] internal error
        C: $ UID FETCH 10:* (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 4 FETCH (UID 10 FLAGS () RFC822.SIZE 5)
        S: * 5 FETCH (UID 12 FLAGS () RFC822.SIZE 5)
        S: $ OK
        C: $ UID FETCH 10,12 {one}
        S: $ NO cannot
        C: $ UID FETCH 10 {one}
        S: $ NO damaged
        C: $ UID FETCH 10 (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 4 FETCH (UID 10 FLAGS () RFC822.SIZE 5)
        S: $ OK
        C: $ UID FETCH 12 {one}
        S: * 5 FETCH (UID 12 BODY[] \"hello\")
        S: $ OK"
    );
    let (server, mut imap, inbox, _) = client(&script).await;
    let raws = imap.fetch_new(&inbox, 10, 1).await.unwrap();
    assert_eq!(uids(&raws), [10, 12]);
    assert_eq!((raws[0].fault.as_deref(), raws[1].fault.as_deref()), (Some("damaged"), None));
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn many_new_messages_come_in_portions() {
    let listed: String =
        (10..=45).map(|uid| format!("S: * {uid} FETCH (UID {uid} FLAGS () RFC822.SIZE 300000)\n")).collect();
    let fetched = |range: std::ops::RangeInclusive<u32>| -> String {
        range.map(|uid| format!("S: * {uid} FETCH (UID {uid} BODY[]<0> \"x\")\n")).collect()
    };
    let script = format!(
        "{OPEN}
        C: $ UID FETCH 10:* (UID FLAGS INTERNALDATE RFC822.SIZE)
        {listed}
        S: $ OK
        C: $ UID FETCH 10:41 ...
        {}
        S: $ OK
        C: $ UID FETCH 42:45 ...
        {}
        S: $ OK",
        fetched(10..=41),
        fetched(42..=45)
    );
    let (server, mut imap, inbox, _) = client(&script).await;
    assert_eq!(uids(&imap.fetch_new(&inbox, 10, 36).await.unwrap()), (10..=45).collect::<Vec<_>>());
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn large_folders_are_listed_in_windows() {
    let script = "
        C: $ EXAMINE \"INBOX\"
        S: * 12000 EXISTS
        S: * OK [UIDVALIDITY 7]
        S: * OK [UIDNEXT 90000]
        S: $ OK
        C: $ FETCH 7001:12000 (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 12000 FETCH (UID 80000 FLAGS () RFC822.SIZE 1)
        S: $ OK
        C: $ FETCH 2001:7000 (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 7000 FETCH (UID 70000 FLAGS () RFC822.SIZE 1)
        S: * 2001 FETCH (UID 300 FLAGS () RFC822.SIZE 1)
        S: $ OK";
    let (server, mut imap, inbox, _) = client(script).await;
    let listed = imap.list_uids(&inbox, 400).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.uid).collect::<Vec<_>>(), [70000, 80000]);
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn waiting_for_news() {
    let limit = Duration::from_secs(300);
    for (script, want) in [
        ("S: + idling\n wait 200\n C: DONE\n S: $ OK", Hint::Quiet),
        ("S: * 4 EXISTS\n S: + idling\n C: DONE\n S: $ OK", Hint::Changed),
        ("S: + idling\n S: * 1 EXPUNGE\n C: DONE\n S: $ OK", Hint::Changed),
        ("S: + idling\n S: * 1 FETCH (FLAGS (\\\\Answered))\n C: DONE\n S: $ OK", Hint::Changed),
        (
            "S: + idling\n S: * 0 RECENT\n S: * 3 EXISTS\n S: * OK still here\n C: DONE\n S: $ NO whatever",
            Hint::Changed,
        ),
        ("S: + idling\n C: DONE\n S: * 5 EXISTS\n S: $ OK", Hint::Changed),
        ("S: $ NO not today", Hint::NotSupported),
        ("S: $ BAD", Hint::NotSupported),
        ("S: $ OK done already", Hint::NotSupported),
        ("S: + idling\n S: $ OK enough", Hint::NotSupported),
    ] {
        let end = "C: $ LOGOUT\nS: * BYE\nS: $ OK\nclose";
        let (server, mut imap, inbox, _) = client(&format!("{OPEN}\nC: $ IDLE\n{script}\n{end}")).await;
        assert_eq!(imap.idle(&inbox, limit, pending()).await.unwrap(), want, "{script}");
        // After news, IDLE is ended by the next command.
        imap.logout().await;
        server.done().await;
    }
    for script in [
        "S: + idling\n close",
        "S: + idling\n S: * BYE timeout\n silent",
        "S: + idling\n C: DONE\n silent",
        "S: + idling\n S: nonsense\n silent",
        "silent",
        "close",
    ] {
        let (server, mut imap, inbox, _) = client(&format!("{OPEN}\nC: $ IDLE\n{script}")).await;
        let error = imap.idle(&inbox, limit, pending()).await.unwrap_err();
        assert!(error.is_lost(), "{script}: {error}");
        server.drop();
    }
    // News, and then nothing: the next command notices. One that is answered before IDLE is over is out of step.
    for script in ["silent", "close", "C: DONE\nC: $ NOOP\nS: $ OK\nsilent"] {
        let script = format!("{OPEN}\nC: $ IDLE\nS: + idling\nS: * 4 EXISTS\n{script}");
        let (server, mut imap, inbox, _) = client(&script).await;
        assert_eq!(imap.idle(&inbox, limit, pending()).await.unwrap(), Hint::Changed);
        let error = imap.flags(&inbox, 4).await.unwrap_err();
        assert!(error.is_lost(), "{script}: {error}");
        assert!(imap.flags(&inbox, 4).await.is_err(), "{script}");
        server.drop();
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_wait_leaves_the_session_usable() {
    let script = format!("{OPEN}\nC: $ IDLE\nS: + idling\nC: DONE\nS: * 4 EXISTS\nS: $ OK\n{FETCH}\nS: $ OK");
    let (server, mut imap, inbox, _) = client(&script).await;
    let soon = tokio::time::sleep(Duration::from_secs(2));
    assert_eq!(imap.idle(&inbox, Duration::from_secs(300), soon).await.unwrap(), Hint::Interrupted);
    // What was announced meanwhile is not lost.
    assert_eq!(imap.idle(&inbox, Duration::from_secs(300), pending()).await.unwrap(), Hint::Changed);
    assert!(imap.fetch_new(&inbox, 10, 1).await.unwrap().is_empty());
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn mail_between_status_and_the_wait_is_noticed() {
    let script = "
        C: $ STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS inbox (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7)
        S: $ OK";
    let (server, mut imap, inbox, _) = client(&format!("{script}{OPEN}")).await;
    assert_eq!(imap.status(&inbox).await.unwrap().uid_next, Some(9));
    assert_eq!(imap.idle(&inbox, Duration::from_secs(300), pending()).await.unwrap(), Hint::Changed);
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn coming_back_to_a_folder_is_no_news_by_itself() {
    let other = OPEN.replace("INBOX", "Sent");
    let mail = "S: * 4 FETCH (UID 10 BODY[]<0> \"x\")";
    let idle = "C: $ IDLE\nS: + idling";
    for (later, want) in
        [("4 EXISTS\nS: * OK [UIDNEXT 11]", Hint::Quiet), ("5 EXISTS\nS: * OK [UIDNEXT 12]", Hint::Changed)]
    {
        let back = format!("C: $ EXAMINE \"INBOX\"\nS: * {later}\nS: * OK [UIDVALIDITY 7]\nS: $ OK");
        let end = if want == Hint::Quiet { format!("{idle}\nC: DONE\nS: $ OK") } else { String::new() };
        let script = format!(
            "{OPEN}\n{idle}\nS: * 4 EXISTS\nC: DONE\nS: $ OK\n{FETCH}\n{mail}\nS: $ OK\n{other}\n{FETCH}\nS: $ OK\n{back}\n{end}"
        );
        let (server, mut imap, inbox, sent) = client(&script).await;
        imap.idle(&inbox, Duration::from_secs(300), pending()).await.unwrap();
        imap.fetch_new(&inbox, 10, 1).await.unwrap();
        imap.fetch_new(&sent, 10, 1).await.unwrap();
        assert_eq!(imap.idle(&inbox, Duration::from_secs(300), pending()).await.unwrap(), want);
        drop(imap);
        server.done().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_spoils_the_session_instead_of_shifting_replies() {
    let (server, mut imap, inbox, _) = client(&format!("{OPEN}\n{FETCH}\nwait 30\nS: $ NO late")).await;
    let cut = tokio::time::timeout(Duration::from_secs(1), imap.fetch_new(&inbox, 10, 1)).await;
    assert!(cut.is_err());
    assert!(imap.status(&inbox).await.unwrap_err().is_lost());
    server.drop();
}

#[tokio::test(start_paused = true)]
async fn where_a_folder_stands() {
    let status = "C: $ STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\n";
    for (script, want) in [
        ("S: * STATUS INBOX (MESSAGES 3 UIDNEXT 10 UIDVALIDITY 7)\nS: $ OK".to_owned(), Some(10)),
        (format!("S: * STATUS INBOX ()\nS: $ OK{OPEN}"), Some(10)),
        (format!("S: * STATUS Sent (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)\nS: $ OK{OPEN}"), Some(10)),
        (format!("S: $ OK{}", OPEN.replace("S: * OK [UIDNEXT 10] next", "")), None),
    ] {
        let (server, mut imap, inbox, _) = client(&format!("{status}{script}")).await;
        let got = imap.status(&inbox).await.unwrap();
        assert_eq!((got.uidvalidity, got.uid_next, got.exists), (7, want, 3));
        drop(imap);
        server.done().await;
    }
    let (server, mut imap, inbox, _) = client(&format!("{status}S: $ OK\nC: $ EXAMINE \"INBOX\"\nS: $ OK")).await;
    assert!(imap.status(&inbox).await.unwrap_err().is_lost());
    server.drop();
}

#[tokio::test(start_paused = true)]
async fn a_renumbered_folder_is_reported_before_any_number_is_used() {
    let other = OPEN.replace("INBOX", "Sent");
    let anew = OPEN.replace("UIDVALIDITY 7", "UIDVALIDITY 8");
    let script = format!("{OPEN}\n{FETCH}\nS: $ OK\n{other}\n{FETCH}\nS: $ OK\n{anew}");
    let (server, mut imap, inbox, sent) = client(&script).await;
    imap.fetch_new(&inbox, 10, 1).await.unwrap();
    imap.fetch_new(&sent, 10, 1).await.unwrap();
    let error = imap.fetch_new(&inbox, 10, 1).await.unwrap_err();
    assert!(matches!(error, MailboxError::Renumbered { .. }) && !error.is_lost(), "{error}");
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn folder_names_and_parts() {
    let script = "
        S: * OK hello
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 LIST-EXTENDED SPECIAL-USE ID
        S: $ OK
        C: $ LOGIN \"u\" \"p\\\\\\\"\"
        S: $ OK in
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 LIST-EXTENDED SPECIAL-USE ID
        S: $ OK
        C: $ ID (\"name\" \"fuseau\" ...
        S: * ID NIL
        S: $ OK
        C: $ LIST \"\" \"*\" RETURN (SPECIAL-USE)
        S: * LIST (\\\\Noselect) \".\" Folders
        S: * LIST () \".\" INBOX
        S: * LIST () \".\" \"INBOX.a\\\\\"b\\\\\\\\c\"
        S: * LIST (\\\\Sent) \".\" \"INBOX.Envoy&AOk-s\"
        S: * LIST () \".\" {15}\\r\\nINBOX.Entw&APw-
        S: * LIST () \".\" INBOX.Brouillons
        S: $ OK
        C: $ STATUS \"INBOX.Envoy&AOk-s\" (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS \"INBOX.Envoy&AOk-s\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 5)
        S: $ OK
        C: $ CREATE \"INBOX.Spam\"
        S: $ NO [ALREADYEXISTS] Mailbox already exists
        C: $ SUBSCRIBE \"INBOX.Spam\"
        S: $ NO";
    let (server, stream) = Server::start(script);
    let mut imap = Connection::Imap(Box::new(Session::open(stream, Opening::Greeting).await.unwrap()));
    imap.login("u", &Credential::Password("p\\\"".into())).await.unwrap();
    let folders = imap.folders(&FolderNames::default()).await.unwrap();
    assert_eq!(folders.sent.as_ref().unwrap().name, "INBOX.Envoyés");
    assert_eq!(folders.drafts.as_ref().unwrap().name, "INBOX.Brouillons");
    assert!(folders.all.contains(&"INBOX.a\"b\\c".to_owned()) && folders.all.contains(&"INBOX.Entwü".to_owned()));
    imap.status(&folders.sent.unwrap()).await.unwrap();
    assert_eq!(imap.create("Spam", FolderRole::Junk).await.unwrap().name, "INBOX.Spam");
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn copies_are_stored_and_found() {
    let append = "C: $ APPEND \"Sent\" (\\Seen) \" 1-Jan-1970 00:00:00 +0000\" {5}";
    let script = format!(
        "{append}
        S: * 4 EXISTS
        S: + go on
        C| 5
        S: $ NO [TRYCREATE] no such folder
        C: $ CREATE \"Sent\"
        S: $ OK
        C: $ SUBSCRIBE \"Sent\"
        S: $ OK
        {append}
        S: + go on
        C| 5
        S: * OK saved
        S: $ OK [APPENDUID 7 12] done
        {}
        C: $ UID SEARCH HEADER X-Fuseau-Id \"a\\\"b\"
        S: * SEARCH 3 12 4
        S: $ OK
        C: $ NOOP
        S: $ OK
        C: $ UID SEARCH HEADER Message-ID \"<a@b>\"
        S: * SEARCH
        S: $ OK",
        OPEN.replace("INBOX", "Sent")
    );
    let (server, mut imap, _, sent) = client(&script).await;
    imap.append(&sent, b"hello", &["\\Seen"], Instant::default()).await.unwrap();
    assert_eq!(imap.find(&sent, "X-Fuseau-Id", "a\"b").await.unwrap(), Some(12));
    assert_eq!(imap.find(&sent, "Message-ID", "<a@b>").await.unwrap(), None);
    for (header, value) in
        [("Message-ID", "x\r\nF9 LOGOUT"), ("Message-ID X", "x"), ("", "x"), ("Subject", "é"), ("Subject", "")]
    {
        let error = imap.find(&sent, header, value).await.unwrap_err();
        assert!(error.is_permanent() && !error.is_lost(), "{error}");
    }
    for flag in ["\\Seen)", "", "\\", "a b", "x\r\n"] {
        assert!(imap.append(&sent, b"x", &[flag], Instant::default()).await.unwrap_err().is_permanent());
    }
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn flags_of_one_message() {
    let script = format!(
        "{OPEN}
        C: $ UID FETCH 9 (UID FLAGS)
        S: * 3 FETCH (UID 9 FLAGS (\\\\Answered $Forwarded \\\\Flagged))
        S: $ OK
        C: $ NOOP
        S: * 3 EXPUNGE
        S: $ OK
        C: $ UID FETCH 9 (UID FLAGS)
        S: * 1 FETCH (FLAGS ())
        S: $ OK"
    );
    let (server, mut imap, inbox, _) = client(&script).await;
    let flags = imap.flags(&inbox, 9).await.unwrap().unwrap();
    assert!(flags.answered && flags.flagged && !flags.seen && !flags.draft && !flags.deleted);
    assert_eq!(imap.flags(&inbox, 9).await.unwrap(), None);
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn greetings() {
    for (script, good) in [
        ("S: * OK", true),
        ("S: * OK [ALERT] down at noon", true),
        ("S: * PREAUTH welcome back", false),
        ("S: * BYE full", false),
        ("S: * NO", false),
        ("S: HTTP/1.1 400 Bad Request", false),
        ("S: * 1 EXISTS", false),
        ("S: + hm", false),
        ("S| * OK\nclose", false),
        ("silent", false),
        ("close", false),
    ] {
        let (server, stream) = Server::start(script);
        let outcome = Session::open(stream, Opening::Greeting).await;
        assert_eq!(outcome.is_ok(), good, "{script}: {:?}", outcome.map(|_| ()));
        server.drop();
    }
}

fn caps(list: &str) -> String {
    format!("S: * OK [CAPABILITY {list} IMAP4rev1] hi\n").replace("Y  ", "Y ")
}

/// Logs in against a script: whether it went well, and that an error shows nothing of the secret.
async fn said_at_login(credential: &Credential, script: &str, want: &str) {
    let (server, stream) = Server::start(script);
    let mut session = Session::open(stream, Opening::Greeting).await.unwrap();
    match session.login("u", credential).await {
        Ok(()) => assert_eq!(want, "ok", "{script}"),
        Err(error) => {
            assert_eq!(if error.is_setup() { "setup" } else { "later" }, want, "{script}: {error}");
            let shown = format!("{error} {error:?} {session:?}");
            for secret in ["geheim", "Z2VoZWlt", "dXNlcj11AWF1dGg9", "bixhPXUsAWF1dGg9"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
    server.drop();
}

/// The standard's own mechanism where the older one is not offered (RFC 7628); its error is answered with a lone %x01.
#[tokio::test(start_paused = true)]
async fn logins_with_the_standards_own_mechanism() {
    let token = Credential::Token("ya29.geheim".into());
    // n,a=u,^Aauth=Bearer ya29.geheim^A^A
    let bearer = "bixhPXUsAWF1dGg9QmVhcmVyIHlhMjkuZ2VoZWltAQE=";
    let older = "dXNlcj11AWF1dGg9QmVhcmVyIHlhMjkuZ2VoZWltAQE=";
    let done = "S: $ OK [CAPABILITY IMAP4rev1] in\n";
    let ask = format!("C: $ AUTHENTICATE OAUTHBEARER {bearer}\n");
    let error = "S: + eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\nC: AQ==\nS: $ NO [AUTHENTICATIONFAILED] expired";
    for (offer, script, want) in [
        ("AUTH=OAUTHBEARER SASL-IR", format!("{ask}{done}"), "ok"),
        ("AUTH=OAUTHBEARER", format!("C: $ AUTHENTICATE OAUTHBEARER\nS: +\nC: {bearer}\n{done}"), "ok"),
        ("AUTH=OAUTHBEARER AUTH=XOAUTH2 SASL-IR", format!("C: $ AUTHENTICATE XOAUTH2 {older}\n{done}"), "ok"),
        ("AUTH=OAUTHBEARER SASL-IR", format!("{ask}{error}"), "setup"),
    ] {
        said_at_login(&token, &(caps(offer) + &script), want).await;
    }
}

#[tokio::test(start_paused = true)]
async fn logins() {
    let password = Credential::Password("geheim".into());
    let umlaut = Credential::Password("geheím".into());
    let token = Credential::Token("ya29.geheim".into());
    // user=u^Aauth=Bearer ya29.geheim^A^A
    let answer = "dXNlcj11AWF1dGg9QmVhcmVyIHlhMjkuZ2VoZWltAQE=";
    let done = "S: $ OK [CAPABILITY IMAP4rev1] in\n";
    for (credential, script, want) in [
        (&password, caps("AUTH=PLAIN") + "C: $ AUTHENTICATE PLAIN\nS: + \nC: AHUAZ2VoZWlt\n" + done, "ok"),
        (&password, caps("AUTH=PLAIN SASL-IR") + "C: $ AUTHENTICATE PLAIN AHUAZ2VoZWlt\n" + done, "ok"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\n" + done, "ok"),
        (&umlaut, caps("") + "C: $ LOGIN {1}\nS: + \nC: u {7}\nS: + \nC: geheím\n" + done, "ok"),
        (&token, caps("AUTH=XOAUTH2") + &format!("C: $ AUTHENTICATE XOAUTH2\nS: +\nC: {answer}\n") + done, "ok"),
        (&token, caps("AUTH=XOAUTH2 SASL-IR") + &format!("C: $ AUTHENTICATE XOAUTH2 {answer}\n") + done, "ok"),
        // The error challenge is answered with an empty line; it need not be base64.
        (
            &token,
            caps("SASL-IR")
                + &format!(
                    "C: $ AUTHENTICATE XOAUTH2 {answer}\nS: + eyJzdGF0dXMiOiI0MDAifQ==\nC: \nS: $ NO [AUTHENTICATIONFAILED] expired"
                ),
            "setup",
        ),
        (
            &token,
            caps("SASL-IR") + &format!("C: $ AUTHENTICATE XOAUTH2 {answer}\nS: + %%%\nC: \nS: $ NO expired"),
            "setup",
        ),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: $ NO [AUTHENTICATIONFAILED] wrong", "setup"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: $ BAD what is LOGIN u geheim?", "setup"),
        (
            &password,
            caps("AUTH=PLAIN SASL-IR") + "C: $ AUTHENTICATE PLAIN AHUAZ2VoZWlt\nS: $ NO AHUAZ2VoZWlt?",
            "setup",
        ),
        (&password, caps("LOGINDISABLED"), "setup"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: $ NO [UNAVAILABLE] backend down", "later"),
        (
            &password,
            caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: $ NO [ALERT] Too many simultaneous connections. (Failure)",
            "later",
        ),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: * BYE geheim\nclose", "later"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nS: geheim\nsilent", "later"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nclose", "later"),
        (&password, caps("") + "C: $ LOGIN \"u\" \"geheim\"\nsilent", "later"),
    ] {
        said_at_login(credential, &script, want).await;
    }
    for (user, secret) in [("u\r\n", "x"), ("u", "x\ny"), ("", "x"), ("u", "\0")] {
        let (server, stream) = Server::start("S: * OK");
        let mut session = Session::open(stream, Opening::Greeting).await.unwrap();
        assert!(session.login(user, &Credential::Password(secret.into())).await.unwrap_err().is_setup());
        server.drop();
    }
}

#[tokio::test(start_paused = true)]
async fn starttls_believes_nothing_that_follows() {
    let offer = "S: * OK hi\nC: $ CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: $ OK\nC: $ STARTTLS\n";
    for (script, good) in [
        (format!("{offer}S: $ OK begin"), true),
        (format!("{offer}S| $ OK begin\\r\\n* OK injected\\r\\n\nsilent"), false),
        (format!("{offer}S| $ OK begin\\r\\nx\nsilent"), false),
        (format!("{offer}S: $ NO"), false),
        (format!("{offer}S: $ BAD"), false),
        (format!("{offer}S: * BYE"), false),
        (format!("{offer}S: other OK"), false),
        (format!("{offer}silent"), false),
        (format!("{offer}close"), false),
        (format!("{offer}S: $ OK\nclose"), false),
        ("S: * OK hi\nC: $ CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $ OK".to_owned(), false),
        ("S: * OK hi\nC: $ CAPABILITY\nS: $ NO".to_owned(), false),
        ("S: * PREAUTH hi".to_owned(), false),
        ("S: * BYE".to_owned(), false),
        ("S: 220 smtp".to_owned(), false),
        (format!("S| {}\nsilent", "x".repeat(100_000)), false),
        ("silent".to_owned(), false),
    ] {
        let (server, stream) = Server::start(&script);
        let outcome = starttls(stream).await;
        assert_eq!(outcome.is_ok(), good, "{}: {:?}", &script[..script.len().min(200)], outcome.map(|_| ()));
        server.drop();
    }
    // After the upgrade no second greeting is waited for.
    let (server, stream) = Server::start("C: $ CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $ OK");
    let mut session = Session::open(stream, Opening::AfterStartTls).await.unwrap();
    assert_eq!(session.capabilities().await.unwrap(), ["IMAP4REV1"]);
    drop(session);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn alerts_are_given_out_once() {
    let (server, mut imap, inbox, _) =
        client(&OPEN.replace("[READ-ONLY] open", "[ALERT] disk \u{202e}nearly full")).await;
    imap.list_uids(&inbox, 10).await.unwrap_err();
    assert_eq!(imap.take_alerts(), ["disk nearly full"]);
    assert!(imap.take_alerts().is_empty());
    server.drop();
}

/// Each mailbox has its task: every call must be able to move between threads.
#[tokio::test(start_paused = true)]
async fn calls_can_run_in_a_task_of_their_own() {
    let (server, mut imap, inbox, _) = client("close").await;
    let task = tokio::spawn(async move {
        for which in 0..CALLS {
            assert!(call(which, &mut imap, &inbox).await.unwrap_err().is_lost());
        }
        imap.logout().await;
    });
    task.await.unwrap();
    server.done().await;
}
