//! Long texts: as much of them as is kept is found and shown, and where a text goes on it says so, everywhere.
use super::{ids, import};
use crate::support::program::{demo, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A mail with a mark every five thousand octets.
pub(crate) fn letter(name: &str, octets: usize) -> String {
    let filler = "some words of a long letter ".repeat(178);
    let text: String = (0..octets.div_ceil(5000)).map(|n| format!("{name}mark{n:03}\n{filler}\n")).collect();
    format!(
        "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\nMessage-ID: <{name}@x.example>\n\
         Subject: A long letter\nContent-Type: text/plain; charset=utf-8\n\n{}\n",
        text.trim_end()
    )
}

/// What a dossier says below a text that goes on, in the owner's language and the client's.
const SAYS: [&str; 2] = ["Le texte continue ; seul", "The text goes on; only"];

fn found(dir: &Path, word: &str) -> usize {
    ids(&run(dir, &["search", word, "--json"]).json()).len()
}

fn entry(dir: &Path, id: &str, more: &[&str]) -> Value {
    let json = run(dir, &[&["export", "acme", "--format", "json"], more].concat()).fine();
    let dossier: Value = serde_json::from_str(&json).unwrap();
    dossier["entries"].as_array().unwrap().iter().find(|it| it["message_id"] == id).unwrap().clone()
}

#[test]
fn a_long_text_is_found_and_shown_to_its_end() {
    let dir = demo();
    fs::write(dir.path().join("long.eml"), letter("whole", 240_000)).unwrap();
    assert_eq!(import(dir.path(), &["long.eml"])["new"], 1);
    for mark in ["wholemark000", "wholemark020", "wholemark047"] {
        assert_eq!(found(dir.path(), mark), 1, "{mark}");
    }
    // The same where the index is made from the history.
    for file in fs::read_dir(dir.path().join("state")).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("search.db") {
            fs::remove_file(file.path()).unwrap();
        }
    }
    assert_eq!(found(dir.path(), "wholemark047"), 1);
    let passage = run(dir.path(), &["search", "wholemark047"]).fine();
    assert!(passage.contains("wholemark047"), "{passage}");
    let shown = run(dir.path(), &["show", "<whole@x.example>", "--json"]).json();
    assert_eq!((&shown["text_cut"], &shown["whole"]), (&false.into(), &true.into()));
    assert!(shown["text"].as_str().unwrap().ends_with("of a long letter"));
    let text = run(dir.path(), &["show", "<whole@x.example>"]).fine();
    assert!(text.contains("wholemark047") && !text.contains("goes on"), "{}", text.len());
    for more in [&[][..], &["--for-client"]] {
        assert_eq!(entry(dir.path(), "<whole@x.example>", more)["text_cut"], false);
        for format in ["html", "md", "csv"] {
            let page = run(dir.path(), &[&["export", "acme", "--format", format], more].concat()).fine();
            assert!(page.contains("wholemark047") && !SAYS.iter().any(|says| page.contains(says)), "{format}");
        }
    }
}

#[test]
fn a_text_that_goes_on_says_so() {
    for keep in ["raw", "text"] {
        let dir = demo();
        let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
        fs::write(dir.path().join("fuseau.toml"), format!("{config}\n[history]\nkeep = \"{keep}\"\n")).unwrap();
        fs::write(dir.path().join("long.eml"), letter("cut", 400_000)).unwrap();
        assert_eq!(import(dir.path(), &["long.eml"])["new"], 1);
        for (mark, there) in [("cutmark000", 1), ("cutmark051", 1), ("cutmark053", 0)] {
            assert_eq!(found(dir.path(), mark), there, "{keep} {mark}");
        }
        let shown = run(dir.path(), &["show", "<cut@x.example>", "--json"]).json();
        assert_eq!((&shown["text_cut"], &shown["whole"]), (&true.into(), &false.into()), "{keep}");
        let last = shown["text"].as_str().unwrap().split_whitespace().next_back().unwrap().to_owned();
        assert!(["some", "words", "of", "a", "long", "letter"].contains(&last.as_str()), "{keep}: {last}");
        let text = run(dir.path(), &["show", "<cut@x.example>"]).fine();
        assert!(text.contains("\n\n[the text goes on: only the beginning of this message was kept"), "{keep}");
        for more in [&[][..], &["--for-client"]] {
            assert_eq!(entry(dir.path(), "<cut@x.example>", more)["text_cut"], true);
            for (format, before) in [("html", "<p class=\"meta\">"), ("md", "\n\n*")] {
                let page = run(dir.path(), &[&["export", "acme", "--format", format], more].concat()).fine();
                let says = SAYS[usize::from(!more.is_empty())];
                assert_eq!(page.matches(&format!("{before}{says}")).count(), 1, "{keep} {format}");
            }
            let table = run(dir.path(), &[&["export", "acme", "--format", "csv"], more].concat()).fine();
            assert_eq!(table.matches(",true\r\n").count(), 1, "{keep}");
        }
    }
}

#[test]
fn what_lies_below_the_text_does_not_cut_it() {
    let dir = demo();
    let mail = format!(
        "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\nMessage-ID: <photo@x.example>\n\
         Subject: A photograph\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhere it is\n\
         --b\nContent-Type: image/tiff; name=a.tiff\nContent-Transfer-Encoding: base64\n\n{}--b--\n",
        format!("{}\n", "QUJD".repeat(19)).repeat(6000)
    );
    fs::write(dir.path().join("photo.eml"), mail).unwrap();
    import(dir.path(), &["photo.eml"]);
    let shown = run(dir.path(), &["show", "<photo@x.example>", "--json"]).json();
    assert_eq!((&shown["text_cut"], &shown["whole"]), (&false.into(), &false.into()));
    assert_eq!(shown["text"], "here it is");
}
