//! Commands that write a file write it nowhere where something of fuseau's lies: not over the history, the configuration or the
//! templates, not by another name of these, and a copy of the history replaces only an older one.
use crate::support::program::{demo, run};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// What is in every file of a folder.
fn all(dir: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all(&path, into);
        } else if !path.to_string_lossy().contains("-shm") && path.exists() {
            into.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    into.sort();
}

#[test]
fn nothing_of_ours_is_written_over() {
    let dir = demo();
    let dir = dir.path();
    let config = fs::read_to_string(dir.join("fuseau.toml")).unwrap();
    fs::write(dir.join("fuseau.toml"), format!("include = [\"more.toml\"]\ntemplates = \"templates\"\n{config}"))
        .unwrap();
    fs::write(dir.join("more.toml"), "[client.more]\ncontacts = [\"@more.example\"]\nzone = \"Europe/Rome\"\n")
        .unwrap();
    for file in ["fuseau.toml", "more.toml"] {
        fuseau::system::state::make_private(&dir.join(file)).unwrap();
    }
    fs::create_dir_all(dir.join("templates/en")).unwrap();
    fs::write(dir.join("bcc.mbox"), "From x@y Mon Jan 06 10:00:00 2020\n\n").unwrap();
    run(dir, &["search", "logo"]).fine();
    run(dir, &["backup", "copy.db"]).fine();
    run(dir, &["check"]).fine();
    symlink("state/fuseau.db", dir.join("link.db")).unwrap();
    symlink("state", dir.join("elsewhere")).unwrap();
    symlink("state/fresh.db", dir.join("dangling.db")).unwrap();
    fs::hard_link(dir.join("fuseau.toml"), dir.join("other-name.toml")).unwrap();
    let ours = [
        ("state/fuseau.db", "the history itself"),
        ("./state/../state/fuseau.db", "the history itself"),
        ("link.db", "the history itself"),
        ("state/search.db", "where fuseau keeps"),
        ("state/new.db", "where fuseau keeps"),
        ("elsewhere/new.db", "where fuseau keeps"),
        ("dangling.db", "where fuseau keeps"),
        ("fuseau.toml", "a file of the configuration"),
        ("other-name.toml", "a file of the configuration"),
        ("more.toml", "a file of the configuration"),
        ("templates/en/acknowledgement.txt", "among your templates"),
    ];
    let mut before = Vec::new();
    all(dir, &mut before);
    for (path, why) in ours {
        for words in [
            &["backup", path][..],
            &["export", "acme", "--out", path],
            &["export", "acme", "--subject-access", "--out", path],
            &["hours", "--svg", path],
            &["stats", "--svg", path],
            &["digest", "--html", path],
            &["page", "--out", path],
        ] {
            let err = run(dir, words).failed(64);
            assert!(err.contains(why), "{words:?}: {err}");
        }
    }
    for (words, why) in [
        (&["stats", "--svg", "state"][..], "where fuseau keeps"),
        (&["page", "--out", "state"], "where fuseau keeps"),
        (&["export", "acme", "--out", "copy.db"], "perhaps a copy of the history"),
        (&["hours", "--svg", "copy.db"], "perhaps a copy of the history"),
        (&["backup", "bcc.mbox"], "no copy of the history"),
        (&["backup", "/dev/null"], "no copy of the history"),
        (&["backup", "templates"], "is a folder"),
        (&["export", "acme", "--out", "."], "is a folder: name a file in it"),
        (&["hours", "--svg", "."], "is a folder: name a file in it"),
        (&["digest", "--html", "."], "is a folder: name a file in it"),
    ] {
        let err = run(dir, words).failed(64);
        assert!(err.contains(why), "{words:?}: {err}");
    }
    let mut after = Vec::new();
    all(dir, &mut after);
    let names = |list: &[(String, Vec<u8>)]| list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(before == after, "a file was changed");
}

#[test]
fn an_older_copy_and_an_older_dossier_are_replaced() {
    let dir = demo();
    let dir = dir.path();
    fs::write(dir.join("made.db"), "").unwrap();
    for words in [
        &["export", "acme", "--out", "acme.html"][..],
        &["export", "acme", "--out", "acme.html"],
        &["backup", "copy.db"],
        &["backup", "copy.db"],
        &["backup", "made.db"],
        &["backup", "far/away/copy.db"],
        &["hours", "--svg", "hours.svg"],
        &["hours", "--svg", "hours.svg"],
        &["stats", "--svg", "stats"],
        &["stats", "--svg", "stats"],
        &["digest", "--html", "digest.html"],
        &["page", "--out", "page"],
    ] {
        let ran = run(dir, words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.err);
    }
    assert!(run(dir, &["verify", "copy.db"]).fine().contains("every entry fits"));
}
