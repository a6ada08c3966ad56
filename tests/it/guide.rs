//! The guide is run: every shell block of every page, line by line as it stands, in a home of its own, on what the demo left behind or
//! against the lab. What takes the place of the reader's world (servers, `pass`, mail that they have) is declared in tests/guide: which
//! page runs where, what is there before, and, for a line that no test machine can run, the test that proves it.
use crate::support::lab::{Lab, Person};
use crate::support::pages::{Block, blocks, guide, root, text};
use crate::support::program::{command, copy, demo};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// tests/guide/world.toml
struct World {
    table: toml::Table,
    /// Lines of it that a page has.
    used: Vec<String>,
}

impl World {
    fn read() -> Self {
        Self { table: text("tests/guide/world.toml").parse().unwrap(), used: Vec::new() }
    }

    fn page(&self, page: &str, key: &str) -> String {
        let name = page.rsplit('/').next().unwrap().trim_end_matches(".md");
        let page = self.table["page"].get(name).and_then(|page| page.get(key));
        page.and_then(|it| it.as_str()).unwrap_or_default().to_owned()
    }

    /// What stands for a line; `PAGE: LINE` is meant for that page alone.
    fn line(&mut self, kind: &str, page: &str, line: &str) -> Option<String> {
        let page = page.rsplit('/').next().unwrap().trim_end_matches(".md");
        let (key, said) = [format!("{page}: {line}"), line.to_owned()]
            .into_iter()
            .find_map(|key| Some((key.clone(), self.table[kind].get(&key)?)))?;
        self.used.push(format!("{kind}: {key}"));
        Some(said.as_str().unwrap().to_owned())
    }
}

fn program(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A home with what the reader has: programs in front of the system's, and some mail.
fn home(servers: Option<(&Lab, &Person<'_>)>) -> TempDir {
    // Servers and their user stand in the reader's command line or are found out; here they are the lab's.
    let init = servers.map_or_else(String::new, |(lab, person)| {
        let (imap, smtp) = (lab.port(10143), lab.port(10587));
        format!("--imap 127.0.0.1:{imap}/none --smtp 127.0.0.1:{smtp}/none --user {}", person.name)
    });
    let home = if servers.is_some() { tempfile::tempdir().unwrap() } else { demo() };
    for folder in ["bin", "backups", "Mail/archive/cur", "Mail/archive/new", "Mail/archive/tmp"] {
        fs::create_dir_all(home.path().join(folder)).unwrap();
    }
    let bin = home.path().join("bin");
    let real = env!("CARGO_BIN_EXE_fuseau");
    let wrapped = format!(
        "#!/bin/sh\n[ \"$1\" = init ] && [ -n '{init}' ] || exec {real} \"$@\"\nshift; set -- \"$@\" END\nwhile [ \"$1\" != END ]; do\n\
         case $1 in --imap|--smtp) shift 2 ;; *) set -- \"$@\" \"$1\"; shift ;; esac\ndone\nshift; exec {real} init \"$@\" {init}\n"
    );
    program(&bin.join("fuseau"), &wrapped);
    for (name, script) in
        [("pass", "echo secret"), ("systemctl", "exit 0"), ("loginctl", "exit 0"), ("journalctl", "exit 0")]
    {
        program(&bin.join(name), &format!("#!/bin/sh\n{script}\n"));
    }
    let mails = root().join("tests/replay/mails");
    copy(&mails, &home.path().join("Mail/old"));
    fs::copy(mails.join("01-client-at-night.eml"), home.path().join("mail.eml")).unwrap();
    let mail = fs::read_to_string(mails.join("01-client-at-night.eml")).unwrap();
    fs::write(home.path().join("Mail/archive/cur/1.M1P1.here:2,S"), &mail).unwrap();
    fs::write(
        home.path().join("Mail/archive.mbox"),
        format!("From - Mon Jan  4 08:00:00 2027\n{}\n", mail.replace("\r\n", "\n")),
    )
    .unwrap();
    home
}

fn shell(home: &Path, line: &str) -> Output {
    let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", line]).current_dir(home).env_clear().env("HOME", home).env("PATH", path);
    shell
        .env("TZ", "Europe/London")
        .env("LANG", "C.UTF-8")
        .env("EDITOR", "true")
        .env("TERMINAL", root().join("tests/terminal"));
    shell.env("REAL", env!("CARGO_BIN_EXE_fuseau"));
    shell.stdin(std::process::Stdio::null()).output().unwrap()
}

/// Lines as the shell takes them: a backslash at the end goes on.
fn lines(block: &Block) -> Vec<String> {
    let joined = block.text.replace("\\\n", " ");
    joined
        .lines()
        .map(|line| line.split(" #").next().unwrap().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn tests_named(name: &str) -> bool {
    let function = format!("fn {}(", name.rsplit("::").next().unwrap());
    let module = name.split("::").next().unwrap();
    let file = ["tests/it", "tests/it/server"].map(|dir| root().join(dir).join(format!("{module}.rs")));
    file.iter().filter_map(|file| fs::read_to_string(file).ok()).any(|text| text.contains(&function))
}

fn run_page(page: &str, world: &mut World, faults: &mut String) -> usize {
    let at_lab = world.page(page, "where") == "lab";
    let lab = if at_lab { Lab::shared() } else { None };
    if at_lab && lab.is_none() {
        return 0;
    }
    let person = lab.map(Lab::person);
    let home = home(lab.zip(person.as_ref()));
    let mut ran = 0;
    let mut run = |line: &str, real: &str, faults: &mut String| {
        let done = shell(home.path(), real);
        if !done.status.success() {
            let said = [done.stdout, done.stderr].concat();
            writeln!(faults, "{page}: {line} ({:?})\n{}", done.status.code(), String::from_utf8_lossy(&said)).unwrap();
        }
        ran += 1;
    };
    let before = world.page(page, "before");
    run("before", &before, faults);
    for block in blocks(&text(page)).iter().filter(|block| block.language == "sh") {
        for line in lines(block) {
            if let Some(test) = world.line("elsewhere", page, &line) {
                if !tests_named(&test) {
                    writeln!(faults, "{page}: {line}: there is no test {test}").unwrap();
                }
                continue;
            }
            let real = world.line("instead", page, &line).unwrap_or_else(|| line.clone());
            run(&line, &real, faults);
        }
    }
    let after = world.page(page, "after");
    run("after", &after, faults);
    ran
}

#[test]
fn every_shell_block_of_the_guide_runs_as_it_stands() {
    let mut world = World::read();
    let (mut ran, mut faults) = (0, String::new());
    let only = std::env::var("FUSEAU_PAGE").unwrap_or_default();
    for page in guide().iter().filter(|page| page.contains(&only)) {
        ran += run_page(page, &mut world, &mut faults);
    }
    assert!(faults.is_empty(), "{faults}");
    if !only.is_empty() || Lab::shared().is_none() {
        return;
    }
    assert!(ran > 60, "{ran} lines");
    for kind in ["elsewhere", "instead"] {
        for line in world.table[kind].as_table().unwrap().keys() {
            assert!(world.used.contains(&format!("{kind}: {line}")), "tests/guide/world.toml: no page has {line:?}");
        }
    }
}

/// The servers of a configuration are the lab's, its users the lab's people; the rest stays as it stands.
fn at_the_lab(line: &str, lab: &Lab, person: &Person<'_>) -> String {
    let Some((kind, rest)) = line.split_once('=').filter(|(kind, _)| ["imap", "smtp"].contains(&kind.trim())) else {
        return line.to_owned();
    };
    let port = lab.port(if kind.trim() == "imap" { 10143 } else { 10587 });
    let kept = rest.trim().trim_start_matches('{').trim_end_matches('}').split(", ").map(str::trim);
    let kept = kept.filter(|part| {
        !["host", "port", "tls", "user", "ca_file"].iter().any(|key| part.starts_with(&format!("{key} =")))
    });
    let server = format!("host = \"127.0.0.1\", port = {port}, tls = \"none\", user = \"{}\"", person.name);
    format!("{kind}= {{ {server}, {} }}", kept.collect::<Vec<_>>().join(", "))
}

/// Every mailbox in the guide that has a password logs in to the lab, as `check --online` does it.
#[test]
fn every_mailbox_of_the_guide_logs_in() {
    let Some(lab) = Lab::shared() else { return };
    let mut seen = BTreeMap::new();
    for page in [vec!["README.md".to_owned()], guide()].concat() {
        for block in blocks(&text(&page)).into_iter().filter(|it| it.language == "toml") {
            if !block.text.contains("imap") || !block.text.contains("password") {
                continue;
            }
            let person = lab.person();
            let home = home(Some((lab, &person)));
            person.imap().run("CREATE Clients");
            for secret in ["studio.password", "google.secret"] {
                fs::write(home.path().join(secret), "secret\n").unwrap();
                fs::set_permissions(home.path().join(secret), fs::Permissions::from_mode(0o600)).unwrap();
            }
            let mut config: String = block.text.lines().map(|line| at_the_lab(line, lab, &person) + "\n").collect();
            if !config.contains("[me]") {
                config += "[me]\nname = \"Claire Martin\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\nmon = [\"09:00-10:00\"]\n";
            }
            let file = home.path().join("fuseau.toml");
            fs::write(&file, config).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            let path = format!("{}:{}", home.path().join("bin").display(), std::env::var("PATH").unwrap());
            let told = command(home.path()).args(["check", "--online"]).env("PATH", path).output().unwrap();
            let said = String::from_utf8([told.stdout, told.stderr].concat()).unwrap();
            assert!(told.status.success() && said.contains("logged in"), "{page}, line {}:\n{said}", block.line);
            *seen.entry(page.clone()).or_insert(0) += 1;
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
}
