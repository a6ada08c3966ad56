//! Archives as they are: larger than memory, broken, in many charsets, and a disk that fills up meanwhile. Whatever comes,
//! an import ends with a word, loses nothing and goes on.
use super::{ids, import, mbox};
use crate::support::program::{command, demo, run};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A small file system of its own; taken down when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` (said aloud) where nobody may mount.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"]).arg(at).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs");
        None
    }

    fn grow(&self, size: &str) {
        let mut mount = Command::new("mount");
        assert!(mount.args(["-o", &format!("remount,size={size}")]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The disk fills up in the middle: it is said, what was taken in stays, and with room the same command goes on.
#[test]
fn a_full_disk_stops_an_import_that_then_goes_on() {
    let dir = demo();
    let state = dir.path().join("state");
    let aside = dir.path().join("aside");
    fs::rename(&state, &aside).unwrap();
    let Some(disk) = SmallDisk::mount(&state, "12m") else { return };
    for entry in fs::read_dir(&aside).unwrap().map(Result::unwrap).filter(|it| it.file_type().unwrap().is_file()) {
        fs::copy(entry.path(), state.join(entry.file_name())).unwrap();
    }
    fs::write(dir.path().join("old.mbox"), mbox(6000)).unwrap();
    let known = || run(dir.path(), &["history", "acme", "--json"]).json().as_array().unwrap().len();
    let before = known();
    let ran = run(dir.path(), &["import", "old.mbox"]);
    assert_eq!(ran.code, 75, "try again later: {} {}", ran.out, ran.err);
    assert!(ran.err.contains("no room left") && ran.err.contains("the same command goes on from here"), "{}", ran.err);
    let halfway = known();
    assert!(halfway > before && halfway < before + 3000, "{before} {halfway}: stopped in the middle");
    // Still full: the same words, nothing lost.
    assert_eq!(run(dir.path(), &["import", "old.mbox"]).code, 75);
    assert!(known() >= halfway);
    disk.grow("200m");
    let rest = import(dir.path(), &["old.mbox"]);
    assert!(rest["read"].as_u64().unwrap() < 6000, "it went on: {rest}");
    assert_eq!(known(), before + 3000);
    assert_eq!(ids(&run(dir.path(), &["search", "unique05998", "--json"]).json()), ["<old-5998@acme.example>"]);
    assert_eq!(ids(&run(dir.path(), &["search", "unique00000", "--json"]).json()), ["<old-0@acme.example>"]);
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
    drop(disk);
}

/// A message with an attachment of `octets`, in lines as mail has them.
fn giant(path: &Path, begins: &str, octets: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    write!(
        file,
        "{begins}Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\n\
         Message-ID: <giant-{}@x.example>\nSubject: All photographs\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\ngiantword\n\
         --b\nContent-Type: image/tiff; name=all.tiff\nContent-Transfer-Encoding: base64\n\n",
        begins.len()
    )
    .unwrap();
    let line = format!("{}\n", "QUJD".repeat(19));
    let piece = line.repeat(1000);
    for _ in 0..octets / piece.len() + 1 {
        file.write_all(piece.as_bytes()).unwrap();
    }
    file.write_all(b"--b--\n\n").unwrap();
    if !begins.is_empty() {
        file.write_all(mbox(3).as_bytes()).unwrap();
    }
}

/// Imports and tells the most memory that it had, in megabytes.
fn watched(dir: &Path, what: &str) -> (Value, u64) {
    let out = dir.join("said");
    let mut import = command(dir);
    import.args(["import", what, "--json"]).stdout(File::create(&out).unwrap());
    let mut child = import.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(most);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(ended.success(), "{what}");
    (serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap(), most / 1024)
}

/// 200 MB in an mbox and as a file of a Maildir: found by its words, the messages behind it too, and memory knows a bound.
#[test]
fn a_message_of_200_megabytes() {
    const OCTETS: usize = 200_000_000;
    let dir = demo();
    giant(&dir.path().join("giant.mbox"), "From a@b Mon Jan  6 10:00:00 2020\n", OCTETS);
    let (said, most) = watched(dir.path(), "giant.mbox");
    assert_eq!((&said["read"], &said["new"]), (&4.into(), &3.into()), "{said}");
    assert!(!cfg!(target_os = "linux") || (1..150).contains(&most), "{most} MB");
    fs::remove_file(dir.path().join("giant.mbox")).unwrap();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.path().join("box").join(part)).unwrap();
    }
    giant(&dir.path().join("box/cur/1578304800.a.h:2,S"), "", OCTETS);
    let (said, most) = watched(dir.path(), "box");
    assert_eq!(said["new"], 1, "{said}");
    assert!(!cfg!(target_os = "linux") || (1..150).contains(&most), "{most} MB");
    let found = run(dir.path(), &["search", "giantword", "--json"]).json();
    assert_eq!(found.as_array().unwrap().len(), 2);
    for it in found.as_array().unwrap() {
        let shown = run(dir.path(), &["show", it["id"].as_str().unwrap(), "--json"]).json();
        assert_eq!(shown["files"][0]["name"], "all.tiff", "{shown}");
    }
    assert!(fs::metadata(dir.path().join("state/fuseau.db")).unwrap().len() < 20_000_000);
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
}

/// Broken in every way that people's archives are: each whole message in it is found, and the rest is said.
#[test]
fn broken_mboxes() {
    let head = |n: u32| {
        format!(
            "From a@b Mon Jan  {n} 10:00:00 2020\nDate: Mon, {n} Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\n\
             To: claire@studio.example\nMessage-ID: <part-{n}@x.example>\nSubject: Part {n}\n\n"
        )
    };
    let whole = |n: u32| format!("{}wordnumber{n}\n\n", head(n));
    let cases: Vec<(&str, Vec<u8>, &[u32])> = vec![
        ("cut in the middle of a header", format!("{}{}", whole(1), &head(2)[..60]).into_bytes(), &[1]),
        ("cut in the middle of a text", format!("{}{}wordnum", whole(1), head(2)).into_bytes(), &[1, 2]),
        ("no line end at its end", whole(1).trim_end().as_bytes().to_vec(), &[1]),
        ("no blank line before the next", format!("{}x\n{}", head(1), whole(2)).into_bytes(), &[1]),
        ("CRLF", whole(1).replace('\n', "\r\n").into_bytes(), &[1]),
        ("nothing but separators", b"From a@b Mon Jan  6 10:00:00 2020\n\n".repeat(3), &[]),
        ("blank lines first", format!("\n\n\n{}", whole(1)).into_bytes(), &[1]),
        ("NUL octets", [whole(1).as_bytes(), &[0; 5000], b"\n\n", whole(2).as_bytes()].concat(), &[1, 2]),
        ("rubbish between", [whole(1).as_bytes(), &[0xff; 70_000], b"\n\n", whole(2).as_bytes()].concat(), &[1, 2]),
        (
            "a header without end",
            format!("{}X-Long: {}\n\n", head(1).trim_end(), "y".repeat(3_000_000)).into_bytes(),
            &[1],
        ),
    ];
    for (what, bytes, wanted) in cases {
        let dir = demo();
        fs::write(dir.path().join("old.mbox"), bytes).unwrap();
        let ran = run(dir.path(), &["import", "old.mbox", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{what}");
        let history = run(dir.path(), &["history", "acme", "--json"]).json();
        let there = |n: &u32| {
            let id = format!("<part-{n}@x.example>");
            history.as_array().unwrap().iter().any(|it| it["message_id"] == id.as_str())
        };
        assert!(wanted.iter().all(there), "{what}: {}", ran.out);
        assert_eq!(import(dir.path(), &["old.mbox"])["new"], 0, "{what}: and again");
    }
}

/// What people write in their own charsets is found by words in ours, with accents, without, and in every script.
#[test]
fn every_charset_is_found() {
    let dir = demo();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.path().join("box").join(part)).unwrap();
    }
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("iso-8859-1", b"La r\xe9union \xe0 No\xebl", &["reunion", "RÉUNION", "noel", "\"la reunion\""]),
        ("windows-1252", b"Gr\xfc\xdfe \x96 \x80 20", &["grüße", "GRUSSE", "grusse"]),
        ("iso-2022-jp", b"\x1b$B2q5D\x1b(B", &["会議", "会"]),
        ("gb18030", b"\xbb\xe1\xd2\xe9 \xba\xcf\xcd\xac", &["会议", "合同"]),
        ("big5", b"\xb7|\xc4\xb3", &["會議"]),
        ("windows-1256", b"\xdf\xca\xc7\xc8 \xcc\xcf\xed\xcf", &["كتاب", "جديد"]),
        ("koi8-r", b"\xf7\xd3\xd4\xd2\xc5\xde\xc1", &["встреча", "ВСТРЕЧА"]),
        ("utf-8", b"broken \xff\xfe utf survives", &["survives"]),
        ("no-such-charset", b"anything at \xe9 all", &["anything"]),
        ("us-ascii", b"but it is \xc3\xa9 not ascii", &["ascii"]),
    ];
    for (n, (charset, text, _)) in cases.iter().enumerate() {
        let head = format!(
            "Date: Mon, 6 Jan 2020 10:00:{n:02} +0000\nFrom: anna@acme.example\nTo: claire@studio.example\n\
             Message-ID: <{charset}@x.example>\nSubject: x\nContent-Type: text/plain; charset={charset}\n\n"
        );
        fs::write(dir.path().join(format!("box/cur/15783048{n:02}.a.h:2,S")), [head.as_bytes(), text].concat())
            .unwrap();
    }
    assert_eq!(import(dir.path(), &["box"])["new"], cases.len());
    for (charset, _, queries) in cases {
        for query in *queries {
            let found = run(dir.path(), &["search", query, "--json"]).json();
            let wanted = format!("<{charset}@x.example>");
            assert!(ids(&found).contains(&wanted.as_str()), "{query} in {charset}: {:?}", ids(&found));
        }
    }
}
