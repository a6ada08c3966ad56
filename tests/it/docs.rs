//! The pages are true. Those that are generated from the code stay fresh: a stale one is rewritten, and the test fails
//! once. In those that people write, links lead somewhere, configurations load, commands and examples are the program's.
use crate::support::pages::{anchors, blocks, commands, guide, prose, root, spans, text};
use crate::support::program::{demo, run};
use fuseau::model::{Code, Verdict};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Compares the page with `fresh`; writes it if it differs.
fn keep_fresh(page: &str, fresh: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old != fresh {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, fresh).unwrap();
        panic!("{page} was stale and has been rewritten: look at it and commit it");
    }
}

#[test]
fn reasons() {
    let mut page = String::from(
        "# Reasons\n\nEvery verdict names all of its reasons, in the order in which the rules were checked. Where several \
         speak, the strongest verdict wins: own, then ignore, hold, wait, acknowledge. The codes are stable: they stand in the history, in \
         `--json` and in the log. `fuseau explain MESSAGE` shows them for one mail.\n\nThis page is generated from \
         `src/model/reason.rs`.\n",
    );
    let about = [
        (Verdict::Own, "The owner's or fuseau's own mail: bookkeeping only."),
        (Verdict::Ignore, "A machine, a list, a loop, a forgery: nothing goes out, nothing is expected of the owner."),
        (Verdict::Hold, "A person should look: nothing goes out by itself."),
        (Verdict::Wait, "Covered by what was already said: nothing goes out, the promise stands."),
        (Verdict::Acknowledge, "Speaks for an acknowledgement."),
    ];
    for (verdict, meaning) in about {
        write!(page, "\n## {}\n\n{meaning}\n\n| code | the mail | source |\n|---|---|---|\n", verdict.as_str())
            .unwrap();
        for code in Code::ALL.iter().filter(|code| code.verdict() == verdict) {
            writeln!(page, "| `{code}` | {} | {} |", code.text(), code.source()).unwrap();
        }
    }
    page.push_str(
        "\nRule numbers and D, B numbers are the project's own list of rules, in which each one has its sources; \
         numbers behind RFC names are sections.\n",
    );
    keep_fresh("docs/reference/reasons.md", &page);
}

#[test]
fn holding_replies() {
    let mut page = String::from(
        "# Holding replies\n\nBefore a promise lapses the client hears of a new one. The reply goes out `promises.holding_before` before \
         the deadline. Where that is no decent hour for the client (`client.NAME.hours`, `holidays`), it goes out five minutes before the end of the \
         decent hours before it, but not within half an hour of the promise itself; failing that, at the first decent moment before the deadline. \
         The new promise is the first window that ends at least `replies.min_notice` after the old one.\n\nThe old promise is `renewed` when the \
         reply is sent. While a draft of yours lies in the conversation nothing is sent; once somebody has answered, neither. Several that \
         are due to one address leave as one mail; every mail passes [the gate](gate.md).\n\nWhere no holding \
         reply goes out, one of these words says why; they are stable. For those with a mark the log warns once, when the reply would have \
         been due.\n\nThis page is generated from `src/decide/holding.rs`.\n\n| word | no holding reply, because | warns |\n|---|---|---|\n",
    );
    for why in fuseau::decide::WhyNot::ALL {
        writeln!(page, "| `{}` | {} | {} |", why.as_str(), why.text(), if why.alerts() { "x" } else { "" }).unwrap();
    }
    keep_fresh("docs/reference/holding.md", &page);
}

#[test]
fn the_gate() {
    use fuseau::decide::{Check, Why};
    let mut page = String::from(
        "# The gate\n\nEvery mail passes the gate before it leaves: acknowledgements, holding replies, and what you hand over for later. The gate looks \
         at all of this, in this order. What ends a mail comes before what only delays it; of several delays the longest counts; then comes \
         what has the mail made anew. `fuseau outbox` shows the gate's word for what waits, `fuseau outbox show ID` every check.\n\n\
         Acknowledgements go at once, at any hour: the client has just written. Holding replies keep to the client's decent hours, weekend and \
         holidays. Your own closures hold nothing back: an automatic mail says when you are there again, and that is what your clients want to know \
         then. What is checked is that the window that it promises lies in none of them. Drafts disturb nobody: for them neither hours nor \
         lateness count.\n\nWhat is due to one address from one mailbox within `replies.merge` leaves as one holding reply: it names each subject and \
         promises one window, in the newest conversation, and every promise is renewed by it. Between the ends of two answer windows an address gets at \
         most one. Acknowledgements are not merged: a second conversation within `replies.min_interval` is tracked, not acknowledged.\n\n\
         What a mail waits for is looked at again in the meantime: it is cancelled as soon as its reason is gone.\n\n\
         This page is generated from `src/decide/gate_words.rs`.\n\n## Checks\n\n| check | in the way when | `fuseau outbox send` |\n|---|---|---|\n",
    );
    for check in Check::ALL {
        let waived = if check.waived_by_wish() { "sets it aside" } else { "" };
        writeln!(page, "| `{}` | {} | {waived} |", check.as_str(), check.text()).unwrap();
    }
    page.push_str(
        "\nOutcomes: `pass`, `exempt` (not for mails of this kind), `waived` (you want it sent), `wait`, `renew` (made anew, then sent), `drop`.\n\n\
         ## Why a mail was dropped\n\nThese words stand in the history. For those with a mark the digest tells you.\n\n| word | because | told |\n|---|---|---|\n",
    );
    for why in Why::ALL {
        writeln!(page, "| `{}` | {} | {} |", why.as_str(), why.text(), if why.tells() { "x" } else { "" }).unwrap();
    }
    keep_fresh("docs/reference/gate.md", &page);
}

#[test]
fn drafts() {
    use fuseau::decide::occasion::DraftWhy;
    use fuseau::model::DraftKind;
    let mut page = String::from(
        "# Drafts\n\nMails that a good correspondent would write lie in your Drafts folder at the right moment, in the client's language, zone and tone. None \
         of them leaves without you. `fuseau drafts` shows what waits, what comes next and why; `fuseau drafts --all` also what is over, and what is \
         not written; `fuseau draft KIND CLIENT` makes one now.\n\n\
         - **One draft for each occasion, ever.** The key that `fuseau drafts` shows names the occasion in the world (`progress:relaunch:2027-01-14`). Before a \
         draft is put there, Drafts, Sent and the folder of deleted mails are searched for it, by a Message-ID made from the key and your address: after a \
         crash, on a second machine, after a restored backup there is one. Deleted, it does not come back, not even when you delete it in the moment in which fuseau \
         dies over it: where Drafts stood is written down first. If then another draft of yours came and went as well, fuseau takes its own for deleted, and the log says so.\n\
         - **It says what is so.** When its facts change, it is replaced; when its occasion is gone, it is removed; both only if it lies there byte for byte as it was \
         written. Once you have written in it, it is yours.\n\
         - **Sent, it is recognised**, edited or not, from whatever program, also when you hand it over in `Fuseau/Their morning` or `Fuseau/Send now`; it counts as you \
         having written, and the rhythm moves on.\n\
         - **Two installations on one mailbox** send a draft that you hand over once: the one that sends it puts a small message, its claim, beside it for these seconds, and goes \
         on only if there is no other. If it stops in between and does not come back within two hours, the draft goes back to Drafts and the next digest says so: look into Sent \
         before you send it.\n\
         - A mailbox or a client with `mode = \"observe\"` gets no drafts; `fuseau drafts` shows what they would get. `fuseau pause` holds them back too.\n\n\
         What cannot be known: a draft that another installation made while this one was off, and that you deleted for good, not into the folder of deleted mails, is \
         made once more here.\n\n\
         This page is generated from `src/model/draft_kind.rs` and `src/decide/occasion/why.rs`.\n\n## Kinds\n\nTheir templates are \
         `LANGUAGE/KIND.txt` ([templates](templates.md)). `[drafts] off` switches a kind off until you ask for it.\n\n| kind | when |\n|---|---|\n",
    );
    for kind in DraftKind::ALL {
        writeln!(page, "| `{}` | {} |", kind.as_str(), kind.text()).unwrap();
    }
    page.push_str("\n## Reasons\n\nWhy a draft lies there, or why none does.\n\n| code | meaning |\n|---|---|\n");
    for why in DraftWhy::ALL {
        writeln!(page, "| `{}` | {} |", why.code(), why.text()).unwrap();
    }
    page.push_str(
        "\n## Where one stands\n\n| word | meaning |\n|---|---|\n\
         | `waiting` | it lies there as it was written, or is about to |\n\
         | `touched` | you wrote in it, or another installation put it there: it stays as it is |\n\
         | `sent` | you sent it, or handed it over |\n\
         | `deleted` | you removed it, or dropped it with `fuseau drafts drop` |\n\
         | `withdrawn` | its facts changed before you touched it; it comes back if they change back |\n\
         | `expired` | its time passed |\n",
    );
    keep_fresh("docs/reference/drafts.md", &page);
}

#[test]
fn reason_codes_are_unique_and_of_one_style() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count, "a code stands twice");
    for code in codes {
        let (family, what) = code.split_once('.').unwrap();
        let fits = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(fits(family) && fits(what), "{code}");
        assert_eq!(Code::parse(code).map(Code::as_str), Some(code));
    }
}

// ---- the pages that people write ----------------------------------------------------------------------------------

/// Every file of the project, relative to its root: no build products, nothing of version control.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name();
            if name == "target" || name == ".git" || name == "fuseau-demo" {
                continue;
            }
            match entry.file_type().unwrap().is_dir() {
                true => walk(&entry.path(), found),
                false => found.push(entry.path()),
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    found.into_iter().map(|path| path.strip_prefix(root()).unwrap().to_path_buf()).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for file in files().into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
        let page = text(&file.display().to_string());
        let prose = prose(&page);
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for link in links.filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = root().join(file.parent().unwrap()).join(path);
            let target = if path.is_empty() { root().join(&file) } else { target };
            followed += 1;
            let there = target.exists();
            let known = || anchors(&std::fs::read_to_string(&target).unwrap_or_default()).iter().any(|it| it == anchor);
            if !there || (!anchor.is_empty() && !known()) {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(followed > 20, "only {followed} links were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_readme_is_short_and_begins_with_the_two_commands() {
    let page = text("README.md");
    assert!(page.lines().count() <= 120, "README.md has {} lines", page.lines().count());
    let first = blocks(&page).into_iter().next().unwrap();
    let commands: Vec<&str> = first.text.lines().map(|line| line.split('#').next().unwrap().trim()).collect();
    assert_eq!(commands, ["cargo run --release -- demo", "./tests/run"]);
    let before = page.lines().take(first.line - 1).filter(|line| !line.is_empty()).count();
    assert_eq!(before, 1, "only the title stands above the two commands");
}

/// Every block of TOML loads: a whole configuration as it stands, a piece beside a home and hours.
#[test]
fn every_configuration_in_the_pages_loads() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["templates", "Maildir", "Mail"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let mut wholes = 0;
    for file in [vec!["README.md".to_owned()], guide()].concat() {
        for block in blocks(&text(&file)).into_iter().filter(|block| block.language == "toml") {
            // A sendmail may be missing on this machine; any program will do.
            let mut whole = block.text.replace("/usr/sbin/sendmail", "/bin/sh");
            if block.text.contains("[me]") {
                wholes += 1;
            } else {
                whole.push_str(
                    "\n[me]\nname = \"Claire Martin\"\nzone = \"Europe/London\"\nlanguages = [\"en\", \"fr\"]\n",
                );
                if !block.text.contains("[hours]") {
                    whole.push_str("[hours]\nmon-fri = [\"09:00-09:30\", \"16:30-17:00\"]\n");
                }
            }
            // As the daemon reads it, from a file, with its mode.
            let path = dir.path().join("fuseau.toml");
            std::fs::write(&path, whole).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let read = fuseau::config::load(&path, &fuseau::model::Zones::bundled());
            if let Err(faults) = read {
                panic!("{file}, line {}: {faults}", block.line);
            }
        }
    }
    assert!(wholes >= 2, "README.md and docs/guide hold one whole configuration each");
}

#[test]
fn every_option_in_the_pages_exists() {
    let reference = text("docs/reference/config.md");
    for file in [vec!["README.md".to_owned()], guide()].concat() {
        for span in spans(&text(&file)) {
            let Some((key, _)) = span.split_once(" = ") else { continue };
            let named = key.rsplit('.').next().unwrap();
            let is_key = named.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            assert!(!is_key || reference.contains(&format!("| `{named}` |")), "{file}: `{span}`");
        }
    }
}

#[test]
fn every_command_in_the_pages_exists() {
    let dir = tempfile::tempdir().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let others = [
        "README.md",
        "README.fr.md",
        "docs/reference/json.md",
        "docs/reference/config.md",
        "docs/ARCHITECTURE.md",
        "docs/flow.md",
        "SECURITY.md",
    ];
    for file in others.map(str::to_owned).into_iter().chain(guide()) {
        for words in commands(&text(&file)) {
            // Global options come first; --config takes a value.
            let mut plain: Vec<&str> = words.iter().map(String::as_str).collect();
            if plain.first() == Some(&"--config") {
                plain.drain(..2);
            }
            let verbs: Vec<&str> = match plain.first() {
                Some(verb) if !verb.starts_with('-') => match (*verb, plain.get(1)) {
                    // Commands of commands: `service install`, `auth login`.
                    (verb, Some(action))
                        if !action.starts_with('-') && run(dir.path(), &[verb, "--help"]).out.contains("Commands:") =>
                    {
                        vec![verb, *action]
                    }
                    (verb, _) => vec![verb],
                },
                _ => vec![],
            };
            let ran = run(dir.path(), &[verbs.as_slice(), &["--help"]].concat());
            assert_eq!(ran.code, 0, "{file}: fuseau {}\n{}", words.join(" "), ran.err);
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                let known = ran.out.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|word| word == flag);
                assert!(known, "{file}: fuseau {}: no {flag}", words.join(" "));
            }
            seen.insert(verbs.first().copied().unwrap_or_default().to_owned());
        }
    }
    for command in [
        "check", "demo", "done", "explain", "history", "pause", "promises", "reload", "replay", "resume", "run",
        "service", "status", "when",
    ] {
        assert!(seen.contains(command), "no page says how {command} is used");
    }
}

/// What the guide tells people to type between the lines runs as it stands there, page by page, on what the demo left behind; except what
/// needs a server, a terminal or something of the reader's own. (Its blocks: guide.rs.)
#[test]
fn the_commands_between_the_lines_of_the_guide_run() {
    let verbs = [
        "check", "digest", "explain", "export", "forecast", "history", "holidays", "hours", "pause", "promises",
        "replay", "resume", "search", "simulate", "status", "verify", "when", "zones",
    ];
    let mut ran = std::collections::BTreeSet::new();
    let mut faults = String::new();
    for page in guide() {
        let dir = demo();
        for words in commands(&prose(&text(&page))) {
            let line = words.join(" ");
            let words = shell_words(&line);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let placeholder = |word: &&str| {
                word.contains(['~', '…'])
                    || *word == "<id>"
                    || word.contains("id@")
                    || word.ends_with(".eml")
                    || word.ends_with(".db")
                    || (word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '-'))
            };
            let elsewhere = words.iter().any(placeholder)
                || words
                    .iter()
                    .any(|word| ["--online", "--hook", "--folder", "--at", "anna@acme.example"].contains(word))
                || (words.len() < 2
                    && ["explain", "export", "history", "search", "verify", "when", "replay", "simulate"]
                        .contains(&words.first().copied().unwrap_or_default()));
            let Some(verb) = words.first().filter(|verb| verbs.contains(verb) && !elsewhere) else { continue };
            let told = run(dir.path(), &words);
            if told.code != 0 {
                writeln!(faults, "{page}: fuseau {line}\n{}{}", told.out, told.err).unwrap();
            }
            ran.insert((*verb).to_owned());
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(ran.len() >= 6, "only {ran:?} run as they stand");
}

/// A line as a shell would cut it: single quotes only.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_template_in_the_guide_works() {
    let dir = demo();
    let guide = text("docs/guide/templates.md");
    let block = blocks(&guide).into_iter().find(|block| block.text.starts_with("templates/")).unwrap();
    let (path, template) = block.text.split_once("\n\n").unwrap();
    let file = dir.path().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, template).unwrap();
    let config = std::fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    std::fs::write(dir.path().join("fuseau.toml"), format!("templates = \"templates\"\n{config}")).unwrap();
    run(dir.path(), &["check"]).fine();
    let mail = root().join("tests/replay/mails/01-client-at-night.eml");
    let told = run(dir.path(), &["explain", &mail.display().to_string()]).fine();
    assert!(told.contains("I have your message") && told.contains("In a hurry: WhatsApp"), "{told}");
}

/// The troubles of the guide are told in the program's own words, so that a search for a line of the log finds them.
#[test]
fn the_lines_of_the_log_in_the_guide_are_real() {
    let sources = files().into_iter().filter(|file| file.starts_with("src"));
    let source: String = sources.map(|file| text(&file.display().to_string())).collect();
    // Texts that go on in the next line of the source.
    let source = source.replace("\\\"", "\"").replace("{0}", "…");
    let source: String = source.split("\\\n").map(str::trim_start).collect();
    let guide = text("docs/guide/when-something-is-wrong.md");
    let mut rows = 0;
    for row in guide.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what you see")) {
        let cell = row.split('|').nth(2).unwrap();
        let quoted = cell.split('`').nth(1).unwrap_or_else(|| panic!("no words of the log in {row}"));
        for part in quoted.split('…').map(str::trim) {
            assert!(source.contains(part), "{part:?} is nowhere in src");
        }
        rows += 1;
    }
    assert!(rows > 40, "{rows} rows");
}

// ---- JSON ---------------------------------------------------------------------------------------------------------

/// The keys of a value as paths; those of the elements of an array count as one.
fn keys(value: &Value, at: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|it| keys(it, at, found)),
        Value::Object(map) => {
            for (key, value) in map {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                keys(value, &path, found);
                found.insert(path);
            }
        }
        _ => {}
    }
}

/// Each section of docs/reference/json.md with an example: command, example, table. The example has the keys of what the
/// command prints now, and the table names exactly these. UPDATE=1 writes the examples anew.
#[test]
fn the_page_about_json_is_true() {
    let dir = demo();
    let page = text("docs/reference/json.md");
    let mut fresh = page.clone();
    let mut checked = 0;
    for section in page.split("\n## ").skip(1) {
        let found = blocks(section);
        let [command, example] = found.as_slice() else { continue };
        let title = section.lines().next().unwrap();
        let line = command.text.trim().strip_prefix("fuseau ").unwrap();
        let (line, first_only) = line.strip_suffix(" | head -1").map_or((line, false), |line| (line, true));
        let words: Vec<&str> = line.split(' ').map(|word| word.trim_matches('\'')).collect();
        let out = run(dir.path(), &words).fine();
        assert!(first_only || out.lines().count() == 1, "{title}");
        let real: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        let shown: Value = serde_json::from_str(&example.text).unwrap();
        let path_set = |value: &Value| {
            let mut found = std::collections::BTreeSet::new();
            keys(value, "", &mut found);
            found
        };
        if std::env::var_os("UPDATE").is_some() {
            // What `doctor` finds is about this machine: its example is kept by hand.
            if title == "doctor" {
                continue;
            }
            // Not where the tests played it.
            let played = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo").display().to_string();
            let pretty = serde_json::to_string_pretty(&real).unwrap().replace(&played, "fuseau-demo");
            let new = section.replacen(&format!("```json\n{}```", example.text), &format!("```json\n{pretty}\n```"), 1);
            fresh = fresh.replacen(section, &new, 1);
        } else {
            assert_eq!(path_set(&shown), path_set(&real), "{title}: UPDATE=1 writes the example anew");
        }
        let rows = section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
        let table: std::collections::BTreeSet<String> =
            rows.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect();
        assert_eq!(table, path_set(&real), "{title}: the table and the program differ");
        checked += 1;
    }
    let kept_by_hand = i32::from(std::env::var_os("UPDATE").is_some());
    assert_eq!(
        checked + kept_by_hand,
        15,
        "explain, replay, simulate, when, promises, outbox, history, search, page, show, zones, status, check, doctor, trust"
    );
    if fresh != page {
        std::fs::write(root().join("docs/reference/json.md"), fresh).unwrap();
    }
}

/// The keys that docs/reference/dossier.md names are those that a dossier has, with those of `history`; and what it says
/// of a person's access is there.
#[test]
fn the_page_about_the_dossier_is_true() {
    let dir = demo();
    let mail = "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: m.keller@keller.example\nTo: claire@studio.example\n\
                Message-ID: <file@x.example>\nSubject: File\nMIME-Version: 1.0\nContent-Type: application/pdf; name=a.pdf\n\nx\n";
    std::fs::write(dir.path().join("file.eml"), mail).unwrap();
    run(dir.path(), &["import", "file.eml"]).fine();
    let named = |section: &str, under: &str| -> std::collections::BTreeSet<String> {
        let rows = section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
        rows.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(|key| format!("{under}{key}")).collect::<Vec<_>>())
            .collect()
    };
    let section = |page: &str, title: &str| -> String {
        let page = text(page);
        let found = page.split("\n## ").find(|it| it.starts_with(title));
        found.unwrap_or_else(|| panic!("no section {title}")).to_owned()
    };
    let mut documented = named(&section("docs/reference/dossier.md", "JSON"), "");
    documented.extend(named(&section("docs/reference/json.md", "history"), "entries."));
    let dossier = |words: &[&str]| -> Value {
        serde_json::from_str(&run(dir.path(), &[&["export", "keller", "--format", "json"], words].concat()).fine())
            .unwrap()
    };
    let real = |value: &Value| {
        let mut found = std::collections::BTreeSet::new();
        keys(value, "", &mut found);
        found
    };
    assert_eq!(documented, real(&dossier(&[])), "docs/reference/dossier.md and the program differ");
    let left_out =
        ["verdict", "reasons", "reasons.code", "reasons.text", "state", "last_reply", "mailbox", "promises.steps"];
    let theirs = real(&dossier(&["--for-client"]));
    for key in documented.iter().filter_map(|key| key.strip_prefix("entries.")) {
        let internal = left_out.contains(&key) || key.starts_with("promises.steps.");
        assert_eq!(theirs.contains(&format!("entries.{key}")), !internal, "{key} with --for-client");
    }
    let table = run(dir.path(), &["export", "keller", "--format", "csv"]).fine();
    let columns = table.lines().next().unwrap().split(',').map(str::to_owned).collect();
    assert_eq!(named(&section("docs/reference/dossier.md", "csv"), ""), columns);
    let access = dossier(&["--subject-access"]);
    let told: std::collections::BTreeSet<String> =
        access["stored_about_you"].as_object().unwrap().keys().map(|key| format!("stored_about_you.{key}")).collect();
    assert_eq!(told, named(&section("docs/reference/dossier.md", "Subject access"), ""));
    assert_eq!(access["stored_about_you"]["configuration"]["key"], "keller");
}

// ---- nothing private ----------------------------------------------------------------------------------------------

/// Addresses of machines that only one workplace knows, and its folders, have no place in the project.
#[test]
fn no_file_names_a_private_workplace() {
    let folder = ["/wo", "rk/"].concat();
    let networks = ["://10.", "://192.168.", "://172.16.", "://172.17.", ".internal", ".corp/", ".lan/"];
    for file in files() {
        let Ok(text) = std::fs::read_to_string(root().join(&file)) else { continue };
        let this = file.ends_with("tests/it/docs.rs");
        for (n, line) in text.lines().enumerate() {
            let private = line.contains(&folder) || (!this && networks.iter().any(|network| line.contains(network)));
            assert!(!private, "{}:{}: {line}", file.display(), n + 1);
        }
    }
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let lock = text("Cargo.lock");
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, registry, "Cargo.lock");
    }
}
