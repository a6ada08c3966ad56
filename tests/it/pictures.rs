//! What the calendar commands print: tests/pictures, whose README says how. `UPDATE=1` rewrites the expected pictures.
use std::fs;
use std::path::Path;
use std::process::Command;

/// The width of a line in a terminal, for the characters of these pictures.
fn columns(line: &str) -> usize {
    line.chars().map(|c| if ('\u{1100}'..'\u{ff00}').contains(&c) && c > '\u{2e7f}' { 2 } else { 1 }).sum()
}

fn run(folder: &Path, case: &Path) -> String {
    let text = fs::read_to_string(case).unwrap();
    let mut lines = text.lines().rev();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
    command.env_clear().env("LANG", "C.UTF-8").env("HOME", folder).env("FUSEAU_CONFIG", folder.join("fuseau.toml"));
    command.args(lines.next().unwrap().split(' '));
    for (name, value) in lines.map(|line| line.split_once('=').unwrap()) {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let failed = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => said,
        code => format!("{said}{failed}exit {}\n", code.unwrap()),
    }
}

#[test]
fn pictures() {
    // a copy that is not writable by everybody, whatever the checkout's modes are
    let folder = tempfile::tempdir().unwrap();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    fs::copy(cases.join("fuseau.toml"), folder.path().join("fuseau.toml")).unwrap();
    let mut checked = 0;
    let mut faults = String::new();
    for case in fs::read_dir(&cases).unwrap().map(|entry| entry.unwrap().path()) {
        if case.extension().is_none_or(|extension| extension != "run") {
            continue;
        }
        checked += 1;
        let said = run(folder.path(), &case);
        let name = case.file_stem().unwrap().to_str().unwrap();
        let drawn = said.starts_with("<svg");
        let expected = case.with_extension(if drawn { "svg" } else { "txt" });
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != said {
            faults += &format!("{name} is not {}:\n{said}\n", expected.display());
        }
        if drawn {
            assert!(!said.contains("<script") && !said.contains("href") && !said.contains("url("), "{name}");
            assert!(
                said.contains("<title") && said.contains("<desc") && said.contains("prefers-color-scheme"),
                "{name}"
            );
        } else if !name.ends_with("json") {
            let wide: Vec<&str> = said.lines().filter(|line| columns(line) > 80).collect();
            assert!(wide.is_empty(), "{name}: wider than 80 columns:\n{}", wide.join("\n"));
        }
        if name == "ascii" {
            assert!(said.is_ascii(), "{name}");
        }
        assert!(!said.contains('\u{1b}'), "{name}: colours without a terminal");
    }
    assert!(checked > 20, "only {checked} cases");
    assert!(faults.is_empty(), "{faults}(UPDATE=1 rewrites them)");
}

/// The pictures in the guide are those that the tests look at.
#[test]
fn the_guide_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/hours.md")).unwrap();
    for name in ["two", "week-one", "forecast-winter", "simulate-shift"] {
        let picture = fs::read_to_string(root.join("tests/pictures").join(name).with_extension("txt")).unwrap();
        assert!(
            page.contains(&format!("```text\n{}\n```", picture.trim_end())),
            "docs/hours.md lacks {name}.txt as printed"
        );
    }
}

/// The pictures of a terminal show what is printed now: drawn again, they are the same. Stale ones are replaced, and the test fails once.
#[test]
fn the_terminal_pictures_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let mut draw = Command::new("python3");
    draw.arg(root.join("tools/terminal_pictures.py")).env_remove("FUSEAU_LAB_PORTS");
    draw.arg("--out").arg(folder.path()).args(["--program", env!("CARGO_BIN_EXE_fuseau")]);
    let Ok(drawn) = draw.output() else {
        eprintln!("skipped: python3 is not here");
        return;
    };
    // 3: something is missing on this machine, and it says what; the rest was drawn.
    let said = String::from_utf8_lossy(&drawn.stdout).into_owned();
    assert!(matches!(drawn.status.code(), Some(0 | 3)), "{said}{}", String::from_utf8_lossy(&drawn.stderr));
    if !said.is_empty() {
        eprintln!("skipped: {said}");
    }
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let fresh = entry.unwrap().path();
        let kept = root.join("docs/pictures").join(fresh.file_name().unwrap());
        let text = fs::read_to_string(&fresh).unwrap();
        assert!(
            text.starts_with("<svg") && text.contains("prefers-color-scheme") && !text.contains("<script"),
            "{fresh:?}"
        );
        assert!(!text.contains("127.0.0.1") && !text.contains("/tmp/"), "{fresh:?} shows where it was drawn");
        if fs::read_to_string(&kept).unwrap_or_default() != text {
            fs::write(&kept, &text).unwrap();
            stale.push(kept);
        }
    }
    assert!(stale.is_empty(), "were stale and have been drawn anew, look at them and commit them: {stale:?}");
}
