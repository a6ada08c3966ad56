//! Archives as they are met: quoted lines, rubbish, giants, files that moved between two runs.
use super::*;
use std::fs;

fn all(archive: &mut Archive) -> Vec<Letter> {
    std::iter::from_fn(|| archive.read().unwrap()).collect()
}

fn texts(archive: &mut Archive) -> Vec<String> {
    all(archive).iter().map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned()).collect()
}

const THREE: &str = "From a@b Mon Jan  4 10:00:00 2027\nA: 1\n\nx\n>From y\n>>From z\nFrom here on\n\n\
                     From c Tue Jan  5 10:00:00 2027\nB: 2\n\ny\n\nFrom d Wed Jan  6 10:00:00 2027\nC: 3\n\ntorn";

#[test]
fn an_mbox_is_cut_and_unquoted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mbox");
    fs::write(&path, THREE).unwrap();
    let mut archive = Archive::open(&path).unwrap();
    let letters = all(&mut archive);
    let text = |n: usize| String::from_utf8_lossy(&letters[n].bytes).into_owned();
    assert_eq!(letters.len(), 3);
    assert_eq!(text(0), "A: 1\n\nx\nFrom y\n>From z\nFrom here on\n");
    assert_eq!(text(2), "C: 3\n\ntorn");
    assert_eq!(letters[1].stamp.unwrap().to_rfc3339(), "2027-01-05T10:00:00+00:00");
    assert_eq!(archive.octets_read(), THREE.len() as u64);
}

#[test]
fn reading_goes_on_where_it_stood() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mbox");
    fs::write(&path, THREE).unwrap();
    let mut first = Archive::open(&path).unwrap();
    first.read().unwrap().unwrap();
    let stood = first.standing().clone();
    let mut second = Archive::open(&path).unwrap();
    assert!(second.go_to(&stood).unwrap());
    assert_eq!(texts(&mut second), ["B: 2\n\ny\n", "C: 3\n\ntorn"]);
    let end = second.standing().clone();
    // It grew: only what is new comes.
    fs::write(&path, format!("{THREE}\n\nFrom e Thu Jan  7 10:00:00 2027\nD: 4\n\n")).unwrap();
    let mut third = Archive::open(&path).unwrap();
    assert!(!third.go_to(&end).unwrap(), "the torn message was completed: everything is read again");
    // It was written anew.
    fs::write(&path, format!("From a@b Mon Jan  4 10:00:00 2027\nlonger: {}\n", "x".repeat(500))).unwrap();
    assert!(!Archive::open(&path).unwrap().go_to(&stood).unwrap());
}

/// Behind a message that was cut off the empty line is missing; some editors put a mark before everything.
#[test]
fn a_torn_message_takes_no_other_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mbox");
    let text = "\u{feff}From a@b Mon Jan  4 10:00:00 2027\nA: 1\n\ncut ofFrom here at 10:30\nFrom here at 10:30\n\
                From c Tue Jan  5 10:00:00 2027\nB: 2\n\ny\n";
    fs::write(&path, text).unwrap();
    let mut archive = Archive::open(&path).unwrap();
    let letters = texts(&mut archive);
    assert_eq!(letters, ["A: 1\n\ncut ofFrom here at 10:30\nFrom here at 10:30\n", "B: 2\n\ny\n"]);
    assert_eq!(archive.octets_read(), text.len() as u64);
    // A single message with the mark, too.
    let path = dir.path().join("b.eml");
    fs::write(&path, "\u{feff}Subject: x\n\ny\n").unwrap();
    assert_eq!(texts(&mut Archive::open(&path).unwrap()), ["Subject: x\n\ny\n"]);
}

/// Links may lead anywhere and pipes never end: they are passed over, and named.
#[test]
fn links_and_pipes_are_named() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    fs::write(dir.path().join("cur/1700000300.a.host:2,S"), "Subject: x\n\n").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("cur/1700000400.b.host:2,S")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("new/dangling")).unwrap();
    let pipe = dir.path().join("cur/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut archive = Archive::open(dir.path()).unwrap();
    assert_eq!(all(&mut archive).len(), 1);
    let (count, names) = archive.foreign();
    assert_eq!((count, names), (3, &["cur/1700000400.b.host:2,S", "cur/pipe", "new/dangling"].map(str::to_owned)[..]));
}

#[test]
fn a_maildir_is_read_in_order_without_foreign_files() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp", ".Brouillons/cur"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    let put = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    put("cur/1700000300.b.host:2,RS", b"Subject: third\n\n");
    put("new/1700000100.a.host", b"Subject: first\n\n");
    put(".Sent/cur/1700000200.c.host:2,S", b"Subject: second\n\n");
    put("tmp/1700000000.x.host", b"Subject: half\n\n");
    put("dovecot.index", b"Subject: index\n\n");
    put("cur/picture.jpg", b"\xff\xd8\xff\xe0 no mail");
    put("cur/empty", b"");
    put(".Brouillons/cur/1700000000.d.host:2,D", b"Subject: draft\n\n");
    let mut archive = Archive::open(dir.path()).unwrap();
    let letters = all(&mut archive);
    let subjects: Vec<_> = letters.iter().map(|l| String::from_utf8_lossy(&l.bytes).trim().to_owned()).collect();
    assert_eq!(subjects, ["Subject: first", "Subject: second", "Subject: third"]);
    assert_eq!(letters.iter().map(|l| l.answered).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(archive.foreign().0, 2);
    // The flags changed between two runs.
    let mut first = Archive::open(dir.path()).unwrap();
    first.read().unwrap();
    first.read().unwrap();
    let stood = first.standing().clone();
    fs::rename(dir.path().join(".Sent/cur/1700000200.c.host:2,S"), dir.path().join(".Sent/cur/1700000200.c.host:2,RS"))
        .unwrap();
    let mut second = Archive::open(dir.path()).unwrap();
    assert!(second.go_to(&stood).unwrap());
    assert_eq!(texts(&mut second), ["Subject: third\n\n"]);
}

#[test]
fn what_is_no_archive_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &[u8]| {
        fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name)
    };
    for (name, bytes, says) in [
        ("a.gz", &b"\x1f\x8b\x08\x00 rubbish"[..], "gunzip"),
        ("a.pst", b"!BDN rubbish", "readpst"),
        ("a.txt", b"Dear reader\nno mail", "From SENDER DATE"),
    ] {
        let error = Archive::open(&put(name, bytes)).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(name), "{error}");
    }
    assert!(Archive::open(&dir.path().join("none")).unwrap_err().to_string().contains("none"));
    assert_eq!(all(&mut Archive::open(&put("empty.mbox", b"")).unwrap()), []);
    assert_eq!(all(&mut Archive::open(&put("one.eml", b"Subject: x\n\ny")).unwrap()).len(), 1);
}

#[test]
fn a_giant_is_held_only_in_part() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("giant.mbox");
    let line = format!("{}\n", "x".repeat(200_000));
    let mut text = "From a@b Mon Jan  4 10:00:00 2027\nA: 1\n\n".to_owned();
    (0..20).for_each(|_| text.push_str(&line));
    text.push_str("\nFrom c Tue Jan  5 10:00:00 2027\nB: 2\n\n");
    fs::write(&path, &text).unwrap();
    let letters = all(&mut Archive::open(&path).unwrap());
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].bytes.len(), BYTES_MAX);
    assert!(letters[0].size > 4_000_000);
}
