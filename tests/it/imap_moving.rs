//! Folders of wishes on scripted IMAP servers: listing them, making them where the server wants them, and taking messages
//! out of them with and without MOVE and UIDPLUS.
use crate::support::script::Server;
use fuseau::{
    mailbox::{
        Connection, Folder, MailboxError,
        imap::{Opening, Session},
    },
    model::{Credential, FolderRole, account::FolderNames},
};
use tokio::io::DuplexStream;

type Imap = Connection<DuplexStream>;

/// A server with these capabilities and folders that plays `script` after login and LIST.
async fn client(capabilities: &str, folders: &[&str], script: &str) -> (Server, Imap) {
    let capabilities: String = capabilities.split_whitespace().map(|one| format!(" {one}")).collect();
    let list: String = folders.iter().map(|line| format!("S: * LIST (\\\\HasNoChildren) {line}\n")).collect();
    let login = format!(
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
        C: $ AUTHENTICATE PLAIN AHUAcEA6KQ==
        S: $ OK [CAPABILITY IMAP4rev1 IDLE{capabilities}] in
        C: $ LIST \"\" \"*\"
        {list}S: $ OK\n{script}"
    );
    let (server, stream) = Server::start(&login);
    let mut imap = Connection::Imap(Box::new(Session::open(stream, Opening::Greeting).await.unwrap()));
    imap.login("u", &Credential::Password("p@:)".into())).await.unwrap();
    imap.folders(&FolderNames::default()).await.unwrap();
    (server, imap)
}

const SLASH: &[&str] = &["\"/\" INBOX", "\"/\" Sent"];
const SELECT: &str = "
    C: $ SELECT \"Fuseau/Done\"
    S: * 1 EXISTS
    S: * OK [UIDVALIDITY 7] valid
    S: * OK [UIDNEXT 6] next
    S: $ OK [READ-WRITE] open
";

fn done() -> Folder {
    Folder::new("Fuseau/Done", FolderRole::Inbox)
}

fn inbox() -> Folder {
    Folder::new("INBOX", FolderRole::Inbox)
}

#[tokio::test(start_paused = true)]
async fn with_list_status_a_look_is_one_round_trip() {
    let script = r#"
        C: $ LIST "" "*Fuseau*" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY))
        S: * LIST (\\NoSelect) "/" Fuseau
        S: * LIST () "/" "Fuseau/Done"
        S: * STATUS "Fuseau/Done" (MESSAGES 2 UIDNEXT 6 UIDVALIDITY 7)
        S: * LIST () "/" "Fuseau/Faire patienter 2 jours"
        S: * STATUS "Fuseau/Faire patienter 2 jours" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)
        S: * LIST () "/" "Fuseau/&AMA- leur matin"
        S: * STATUS "Fuseau/&AMA- leur matin" (MESSAGES 1 UIDNEXT 3 UIDVALIDITY 9)
        S: * LIST () "/" "Not Fuseau/Done"
        S: * STATUS "Not Fuseau/Done" (MESSAGES 9 UIDNEXT 6 UIDVALIDITY 7)
        S: * LIST () "/" "Fuseaux"
        S: $ OK
    "#;
    let (server, mut imap) = client("LIST-STATUS", SLASH, script).await;
    let found = imap.below("Fuseau").await.unwrap();
    let told: Vec<(String, u32, u32)> =
        found.iter().map(|one| (one.path.join("/"), one.status.exists, one.status.uidvalidity)).collect();
    let want = [("Done", 2, 7), ("Faire patienter 2 jours", 0, 8), ("À leur matin", 1, 9)];
    assert_eq!(told, want.map(|(name, exists, validity)| (name.to_owned(), exists, validity)));
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn without_it_every_folder_is_asked_for() {
    let script = r#"
        C: $ LIST "" "*Fuseau*"
        S: * LIST () "." "INBOX.Fuseau.Done"
        S: * LIST () "." "INBOX.Fuseau.A.B"
        S: $ OK
        C: $ STATUS "INBOX.Fuseau.Done" (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS "INBOX.Fuseau.Done" (MESSAGES 2 UIDNEXT 6 UIDVALIDITY 7)
        S: $ OK
        C: $ STATUS "INBOX.Fuseau.A.B" (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS "INBOX.Fuseau.A.B" (MESSAGES 0 UIDNEXT 6 UIDVALIDITY 7)
        S: $ OK
    "#;
    let (server, mut imap) = client("", &["\".\" INBOX", "\".\" INBOX.Sent"], script).await;
    let found = imap.below("Fuseau").await.unwrap();
    assert_eq!(found[0].path, ["Done"]);
    assert_eq!(found[1].path, ["A", "B"]);
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn folders_are_made_where_the_server_keeps_them() {
    // Everything lives below INBOX.
    let script = r#"
        C: $ CREATE "INBOX.Fuseau.Mai pi&APk-"
        S: $ OK
        C: $ SUBSCRIBE "INBOX.Fuseau.Mai pi&APk-"
        S: $ OK
    "#;
    let (server, mut imap) = client("", &["\".\" INBOX", "\".\" INBOX.Sent"], script).await;
    assert_eq!(imap.create_path(&["Fuseau", "Mai più"]).await.unwrap().name, "INBOX.Fuseau.Mai più");
    drop(imap);
    server.done().await;
    // Nothing shows that, and the server says no to the first try; a folder that exists is fine.
    let script = r#"
        C: $ CREATE "Fuseau.Done"
        S: $ NO Invalid mailbox name
        C: $ CREATE "INBOX.Fuseau.Done"
        S: $ NO [ALREADYEXISTS] Mailbox exists
        C: $ SUBSCRIBE "INBOX.Fuseau.Done"
        S: $ OK
    "#;
    let (server, mut imap) = client("", &["\".\" INBOX"], script).await;
    assert_eq!(imap.create_path(&["Fuseau", "Done"]).await.unwrap().name, "INBOX.Fuseau.Done");
    drop(imap);
    server.done().await;
    // The first refusal is the one that is told.
    let script = r#"
        C: $ CREATE "Fuseau/Done"
        S: $ NO over quota
        C: $ CREATE "INBOX/Fuseau/Done"
        S: $ NO not there
    "#;
    let (server, mut imap) = client("", SLASH, script).await;
    let error = imap.create_path(&["Fuseau", "Done"]).await.unwrap_err();
    assert!(error.to_string().contains("over quota") && !error.is_lost(), "{error}");
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn messages_are_moved_with_what_the_server_has() {
    let copy = "
        C: $ UID FETCH 5 (UID)
        S: * 1 FETCH (UID 5)
        S: $ OK
        C: $ UID COPY 5 \"INBOX\"
        S: $ OK [COPYUID 3 5 9] copied
        C: $ UID STORE 5 +FLAGS.SILENT (\\Deleted)
        S: $ OK
    ";
    let mv = "
        C: $ UID MOVE 5 \"INBOX\"
        S: * OK [COPYUID 3 5 9] moved
        S: * 1 EXPUNGE
        S: $ OK
    ";
    let refused = "
        C: $ UID MOVE 5 \"INBOX\"
        S: $ NO [CANNOT] not today
    ";
    let expunge = "
        C: $ UID EXPUNGE 5
        S: * 1 EXPUNGE
        S: $ OK
    ";
    let alone = "
        C: $ UID SEARCH DELETED
        S: * SEARCH 5
        S: $ OK
        C: $ EXPUNGE
        S: * 1 EXPUNGE
        S: $ OK
    ";
    // Another message is marked too: it is not ours to remove.
    let shared = "
        C: $ UID SEARCH DELETED
        S: * SEARCH 4 5
        S: $ OK
    ";
    let gone = "
        C: $ UID FETCH 5 (UID)
        S: $ OK
    ";
    for (capabilities, script) in [
        ("MOVE UIDPLUS", mv.to_owned()),
        ("MOVE UIDPLUS", format!("{refused}{copy}{expunge}")),
        ("UIDPLUS", format!("{copy}{expunge}")),
        ("", format!("{copy}{alone}")),
        ("", format!("{copy}{shared}")),
        ("UIDPLUS", gone.to_owned()),
    ] {
        let (server, mut imap) = client(capabilities, SLASH, &format!("{SELECT}{script}")).await;
        imap.move_to(&done(), 5, &inbox()).await.unwrap_or_else(|error| panic!("{capabilities:?} {script}: {error}"));
        drop(imap);
        server.done().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_copy_leaves_the_message() {
    let script = format!(
        "{SELECT}
        C: $ UID FETCH 5 (UID)
        S: * 1 FETCH (UID 5)
        S: $ OK
        C: $ UID COPY 5 \"INBOX\"
        S: $ NO [OVERQUOTA] full"
    );
    let (server, mut imap) = client("UIDPLUS", SLASH, &script).await;
    let error = imap.move_to(&done(), 5, &inbox()).await.unwrap_err();
    assert!(matches!(&error, MailboxError::Refused { command: "UID COPY", .. }), "{error}");
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_from_a_folder_that_was_numbered_anew() {
    let script = r#"
        C: $ STATUS "Fuseau/Done" (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS "Fuseau/Done" (MESSAGES 1 UIDNEXT 6 UIDVALIDITY 3)
        S: $ OK
    "#;
    let (server, mut imap) = client("UIDPLUS", SLASH, &format!("{script}{SELECT}")).await;
    imap.status(&done()).await.unwrap();
    let error = imap.remove(&done(), 5).await.unwrap_err();
    assert!(matches!(error, MailboxError::Renumbered { .. }), "{error}");
    drop(imap);
    server.done().await;
}

#[tokio::test(start_paused = true)]
async fn a_large_draft_comes_in_pieces_and_too_large_a_one_not_at_all() {
    let open = r#"
        C: $ EXAMINE "Fuseau/Done"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: * OK [UIDNEXT 6] next
        S: $ OK
    "#;
    let piece = |from: usize, size: usize| {
        format!(
            "C: $ UID FETCH 5 (UID BODY.PEEK[]<{from}.262144>)
            S| * 1 FETCH (UID 5 BODY[]<{from}> {{{size}}}\\r\\n{})\\r\\n
            S: $ OK\n",
            "x".repeat(size)
        )
    };
    let script = format!("{open}{}{}", piece(0, 262_144), piece(262_144, 100));
    let (server, mut imap) = client("", SLASH, &script).await;
    assert_eq!(imap.whole(&done(), 5, 1_000_000).await.unwrap().map(|bytes| bytes.len()), Some(262_244));
    drop(imap);
    server.done().await;
    let (server, mut imap) = client("", SLASH, &format!("{open}{}", piece(0, 262_144))).await;
    assert_eq!(imap.whole(&done(), 5, 200_000).await.unwrap(), None);
    drop(imap);
    server.done().await;
}
