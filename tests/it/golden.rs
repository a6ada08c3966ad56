//! Golden mails: what a client reads, in every language, tone and situation. `UPDATE=1` rewrites them; then
//! read them as a native reader would.
use fuseau::compose::{Composer, VARIANTS, sample::samples};
use fuseau::model::Language;
use std::{collections::BTreeSet, fs, path::Path};

/// The situations that are kept as files; `sample` knows a few more.
const CASES: &[&str] = &[
    "today",
    "tomorrow",
    "after-the-weekend",
    "client-asleep",
    "closure",
    "trip",
    "evening",
    "stranger",
    "told",
    "firm",
    "topic",
    "answer",
    "clocks-here",
    "clocks-there",
];

/// The situations in which holding replies are kept, in every wording.
const HOLDING: &[&str] = &["today", "tomorrow", "after-the-weekend", "clocks-here"];

/// The situation in which replies to two messages at once are kept, in every wording.
const MERGED: &str = "tomorrow";

#[test]
fn mails_read_as_written() {
    let composer = Composer::built_in().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE").is_some();
    let (mut faults, mut wanted) = (Vec::new(), BTreeSet::new());
    for language in Language::ALL {
        let mut mails = Vec::new();
        for sample in samples(language) {
            let name = format!("{}-{}", sample.tone.as_str(), sample.case);
            if CASES.contains(&sample.case) {
                mails.push((format!("{name}.txt"), composer.acknowledgement(&sample.as_input()).unwrap()));
            }
            for variant in (0..VARIANTS).filter(|_| HOLDING.contains(&sample.case)) {
                let letter = composer.holding(&sample.as_holding(variant)).unwrap();
                mails.push((format!("holding-{name}-{variant}.txt"), letter));
                if sample.case == MERGED {
                    let letter = composer.holding(&sample.as_merged(variant)).unwrap();
                    mails.push((format!("merged-{name}-{variant}.txt"), letter));
                    let letter = composer.holding(&sample.as_merged_unnamed(variant)).unwrap();
                    mails.push((format!("merged-unnamed-{name}-{variant}.txt"), letter));
                }
            }
        }
        for (name, letter) in mails {
            let path = root.join(language.code()).join(name);
            let mail = format!("Subject: {}\n\n{}", letter.subject, letter.text);
            if fs::read_to_string(&path).ok().as_deref() != Some(mail.as_str()) {
                faults.push(format!("{}", path.display()));
                if update {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(&path, mail).unwrap();
                }
            }
            wanted.insert(path);
        }
    }
    for folder in fs::read_dir(&root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path()) {
            if !wanted.contains(&file) {
                faults.push(format!("{} belongs to no case", file.display()));
            }
        }
    }
    assert!(update || faults.is_empty(), "differ (UPDATE=1 rewrites them):\n{}", faults.join("\n"));
}
