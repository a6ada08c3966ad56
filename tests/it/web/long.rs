//! A long text on the desk: all of it that is kept, and a word where it goes on, in every language.
use super::{Desk, speak};
use crate::support::program::{demo, run};
use std::fs;

#[test]
fn a_text_that_goes_on_says_so() {
    let dir = demo();
    let mut ids = Vec::new();
    for (name, octets) in [("whole", 240_000), ("cut", 400_000)] {
        fs::write(dir.path().join("long.eml"), crate::record::long_letter(name, octets)).unwrap();
        run(dir.path(), &["import", "long.eml"]).fine();
        let shown = run(dir.path(), &["show", &format!("<{name}@x.example>"), "--json"]).json();
        ids.push(shown["id"].as_str().unwrap().to_owned());
    }
    let says: Vec<(String, String)> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))
        .unwrap()
        .filter_map(|folder| {
            let folder = folder.unwrap().path();
            let words = fs::read_to_string(folder.join("desk-words.txt")).ok()?;
            let line = words.lines().find_map(|line| line.strip_prefix("goes_on = ")).unwrap().to_owned();
            Some((folder.file_name().unwrap().to_string_lossy().into_owned(), line))
        })
        .collect();
    assert_eq!(says.len(), 10);
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    for (language, line) in says {
        speak(&desk, &language);
        let pages = ids.iter().map(|id| visit.get(&format!("/message?id={id}")).body).collect::<Vec<_>>();
        assert!(pages[0].contains("wholemark047") && !pages[0].contains(&line), "{language}");
        assert!(pages[1].contains("cutmark051") && pages[1].contains(&line), "{language}");
    }
}
