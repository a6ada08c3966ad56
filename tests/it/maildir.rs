//! The Maildir kind: nothing in the tree is touched, numbers last, hostile files do no harm.
use fuseau::{
    mailbox::{Connection, Hint, MailboxError, maildir::Maildir},
    model::{FolderRole, Instant, account::FolderNames},
};
use std::{collections::BTreeSet, fs, path::Path, time::Duration};
use tempfile::TempDir;

type Mailbox = Connection<tokio::io::DuplexStream>;

/// A Maildir with `.Sent` and a place for the index.
fn tree() -> (TempDir, Mailbox) {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["mail", "mail/.Sent", "mail/.Envoy&AOk-s"] {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
        }
    }
    let mailbox = open(dir.path());
    (dir, mailbox)
}

fn open(dir: &Path) -> Mailbox {
    Connection::Maildir(Maildir::open(&dir.join("mail"), &dir.join("state")).unwrap())
}

fn deliver(dir: &Path, name: &str, text: &str) {
    fs::write(dir.join("mail").join(name), text).unwrap();
}

/// Every path below the Maildir.
fn snapshot(dir: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut todo = vec![dir.join("mail")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            all.insert(path.display().to_string());
            if path.is_dir() && !path.is_symlink() {
                todo.push(path);
            }
        }
    }
    all
}

#[tokio::test]
async fn reading_leaves_everything_in_place() {
    let (dir, mut mailbox) = tree();
    deliver(dir.path(), "new/1700000001.a.host", "Subject: one\n\nx");
    deliver(dir.path(), "cur/1700000000.b.host:2,RS", "Subject: zero\n\ny");
    let before = snapshot(dir.path());
    let folders = mailbox.folders(&FolderNames::default()).await.unwrap();
    assert_eq!(folders.sent.as_ref().unwrap().name, "Sent");
    assert_eq!(folders.all, ["INBOX", "Envoyés", "Sent"]);
    let inbox = folders.inboxes[0].clone();

    let status = mailbox.status(&inbox).await.unwrap();
    assert_eq!((status.exists, status.uid_next), (2, Some(3)));
    let raws = mailbox.fetch_new(&inbox, 1, 2).await.unwrap();
    assert_eq!(raws.iter().map(|raw| raw.uid).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(raws[0].bytes, b"Subject: zero\n\ny");
    assert!(raws[0].flags.answered && raws[0].flags.seen && !raws[1].flags.seen);
    assert_eq!(raws[1].arrived, Instant::from_timestamp(1_700_000_001, 0).unwrap());
    assert_eq!(mailbox.list_uids(&inbox, 2).await.unwrap().len(), 1);
    assert_eq!(mailbox.find(&inbox, "subject", "one").await.unwrap(), Some(2));
    assert_eq!(mailbox.find(&inbox, "subject", "nothing").await.unwrap(), None);
    assert_eq!(snapshot(dir.path()), before);
}

#[tokio::test]
async fn numbers_survive_moves_flags_and_restarts() {
    let (dir, mut mailbox) = tree();
    deliver(dir.path(), "new/1700000001.a.host", "a");
    let inbox = mailbox.folders(&FolderNames::default()).await.unwrap().inboxes.remove(0);
    let first = mailbox.status(&inbox).await.unwrap();
    fs::rename(dir.path().join("mail/new/1700000001.a.host"), dir.path().join("mail/cur/1700000001.a.host:2,S"))
        .unwrap();
    deliver(dir.path(), "new/1600000000.older.host", "b");

    let mut again = open(dir.path());
    let second = again.status(&inbox).await.unwrap();
    assert_eq!((second.uidvalidity, second.uid_next), (first.uidvalidity, Some(3)));
    assert!(again.flags(&inbox, 1).await.unwrap().unwrap().seen);
    fs::remove_file(dir.path().join("mail/cur/1700000001.a.host:2,S")).unwrap();
    assert_eq!(again.flags(&inbox, 1).await.unwrap(), None);
    assert_eq!(again.status(&inbox).await.unwrap().uid_next, Some(3));

    // A lost or broken index is begun anew, and the caller is told.
    for broken in ["", "fuseau-uidlist 1 7 1\n5 x\n", "\u{0}", "fuseau-uidlist 1 7 9\n5"] {
        fs::write(dir.path().join("state/fuseau-uidlist"), broken).unwrap();
        assert!(matches!(again.list_uids(&inbox, 1).await, Err(MailboxError::Renumbered { .. })), "{broken:?}");
        assert_eq!(again.list_uids(&inbox, 1).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn copies_and_drafts_are_stored_whole() {
    let (dir, mut mailbox) = tree();
    let folders = mailbox.folders(&FolderNames::default()).await.unwrap();
    let drafts = match folders.drafts {
        Some(_) => panic!("there are none yet"),
        None => mailbox.create("Drafts", FolderRole::Drafts).await.unwrap(),
    };
    let at = Instant::from_timestamp(1_700_000_000, 0).unwrap();
    let text = b"Message-ID: <a@b>\r\nX-Fuseau-Id: 7\r\n\r\nBonjour\r\n";
    mailbox.append(&drafts, text, &["\\Draft", "\\Seen"], at).await.unwrap();
    assert_eq!(mailbox.find(&drafts, "Message-ID", "<a@b>").await.unwrap(), Some(1));
    let raw = mailbox.fetch(&drafts, &[1]).await.unwrap().remove(0);
    assert_eq!(raw.bytes, b"Message-ID: <a@b>\nX-Fuseau-Id: 7\n\nBonjour\n");
    assert!(raw.flags.draft && raw.flags.seen && raw.arrived == at);
    let files: Vec<String> = fs::read_dir(dir.path().join("mail/.Drafts/cur"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.len() == 1 && files[0].ends_with(":2,DS"), "{files:?}");
    assert_eq!(fs::read_dir(dir.path().join("mail/.Drafts/tmp")).unwrap().count(), 0);
    for name in ["../out", "a/b", ".", ""] {
        assert!(mailbox.create(name, FolderRole::Sent).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn hostile_files_do_no_harm() {
    let (dir, mut mailbox) = tree();
    deliver(dir.path(), "secret", "Subject: secret\n\n");
    std::os::unix::fs::symlink(dir.path().join("mail/secret"), dir.path().join("mail/new/1.link")).unwrap();
    fs::create_dir(dir.path().join("mail/new/2.directory")).unwrap();
    deliver(dir.path(), "new/.hidden", "x");
    deliver(dir.path(), "new/99999999999999.future", "x");
    deliver(dir.path(), "new/3.huge", &"x".repeat(1 << 20));
    deliver(dir.path(), "new/4.line\nbreak", "x");
    let inbox = mailbox.folders(&FolderNames::default()).await.unwrap().inboxes.remove(0);
    let raws = mailbox.fetch_new(&inbox, 1, 9).await.unwrap();
    assert_eq!(raws.len(), 3);
    let huge = raws.iter().find(|raw| raw.size == 1 << 20).unwrap();
    assert_eq!(huge.bytes.len(), 256 * 1024);
    assert!(raws.iter().all(|raw| raw.arrived.timestamp() > 1_600_000_000 && raw.fault.is_none()));
    // The line break in a name does not break the index.
    assert_eq!(open(dir.path()).status(&inbox).await.unwrap().exists, 3);
}

#[tokio::test]
async fn news_end_the_wait() {
    let (dir, mut mailbox) = tree();
    let inbox = mailbox.folders(&FolderNames::default()).await.unwrap().inboxes.remove(0);
    let quiet = std::future::pending::<()>;
    mailbox.status(&inbox).await.unwrap();
    assert_eq!(mailbox.idle(&inbox, Duration::ZERO, quiet()).await.unwrap(), Hint::Quiet);
    assert_eq!(mailbox.idle(&inbox, Duration::from_secs(9), async {}).await.unwrap(), Hint::Interrupted);
    // What came after the folder was read is announced, even before the wait begins.
    deliver(dir.path(), "new/1.a", "x");
    assert_eq!(mailbox.idle(&inbox, Duration::from_secs(9), quiet()).await.unwrap(), Hint::Changed);
    mailbox.fetch_new(&inbox, 1, 1).await.unwrap();
    let (path, wait) = (dir.path().to_owned(), mailbox.idle(&inbox, Duration::from_secs(9), quiet()));
    let deliver_later = async move { deliver(&path, "new/2.b", "x") };
    assert_eq!(tokio::join!(wait, deliver_later).0.unwrap(), Hint::Changed);
}

#[test]
fn a_missing_maildir_is_the_owners_to_mend() {
    let dir = tempfile::tempdir().unwrap();
    let error = Maildir::open(&dir.path().join("none"), dir.path()).unwrap_err();
    assert!(error.is_setup() && error.to_string().contains("none"), "{error}");
}
