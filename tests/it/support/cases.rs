//! Cases as lines of text, in tests/FOLDER/*.txt: a line with `->` asks a question and has the answer behind it, any other
//! line tells something; behind `#` stands a remark. UPDATE=1 writes the answers anew.
use std::fmt::Write as _;
use std::{fs, path::Path};

/// What has been told so far in a file; every question sees all of it.
pub trait Table {
    /// Takes in a line that tells something; `place` is where it stands.
    fn tell(&mut self, line: &str, place: &str);

    /// Answers the question of these words.
    fn answer(&mut self, question: &[&str], place: &str) -> String;
}

/// Asks every question of a folder, with a new table for each file, and fails on wrong answers; how many there were.
pub fn ask<T: Table>(folder: &str, new: impl Fn() -> T) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let update = std::env::var_os("UPDATE").is_some();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    let (mut checked, mut faults) = (0, String::new());
    for path in files {
        let mut table = new();
        let mut fresh = String::new();
        for (n, whole) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let (line, remark) = whole.split_once('#').map_or((whole, None), |(line, rest)| (line, Some(rest)));
            let place = format!("{}:{}", path.file_name().unwrap().display(), n + 1);
            let Some((question, expected)) = line.split_once("->") else {
                if !line.trim().is_empty() {
                    table.tell(line.trim(), &place);
                }
                fresh += &format!("{whole}\n");
                continue;
            };
            checked += 1;
            let words: Vec<&str> = question.split_whitespace().collect();
            let answer = table.answer(&words, &place).trim_end().to_owned();
            if answer != expected.split_whitespace().collect::<Vec<_>>().join(" ") {
                let _ = writeln!(faults, "{place}: {question}\n  expected {}\n  but was  {answer}", expected.trim());
            }
            let remark = remark.map(|remark| format!("   #{remark}")).unwrap_or_default();
            fresh += &format!("{} -> {answer}{remark}\n", question.trim_end());
        }
        if update {
            fs::write(&path, fresh).unwrap();
        }
    }
    assert!(update || faults.is_empty(), "\n{faults}");
    checked
}
