//! The service files: hardened, readable by their service managers, and true to the command line.
use crate::support::program::run;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SYSTEM: &str = "packaging/systemd/fuseau.service";
const USER: &str = "packaging/systemd/user/fuseau.service";
const PLIST: &str = "packaging/launchd/fuseau.plist";

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn text(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap()
}

/// Runs a tool; `None` if it is not here, which is a failure where CI=true.
fn tool(name: &str, words: &[&str]) -> Option<(bool, String)> {
    match Command::new(name).args(words).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
        }
        Err(error) => {
            let must = cfg!(target_os = "linux") && std::env::var("CI").as_deref() == Ok("true");
            assert!(!must, "{name} is missing: {error}");
            eprintln!("skipped: {name} is not here");
            None
        }
    }
}

#[test]
fn exposure() {
    // Threshold 12 is an exposure of 1.2 of 10.
    let unit = path(SYSTEM).display().to_string();
    let words = ["security", "--offline=true", "--threshold=12", "--no-pager", &unit];
    if let Some((fine, said)) = tool("systemd-analyze", &words) {
        let summary = said.lines().last().unwrap_or_default();
        assert!(fine, "{said}");
        eprintln!("{summary}");
    }
}

#[test]
fn systemd_understands_both_units() {
    // The programs of the units are not installed here: the built one takes their place.
    let dir = tempfile::tempdir().unwrap();
    for (file, program, user) in [(SYSTEM, "/usr/bin/fuseau", false), (USER, "%h/.cargo/bin/fuseau", true)] {
        let unit = dir.path().join("fuseau.service");
        let shown = text(file).replace(program, env!("CARGO_BIN_EXE_fuseau"));
        let shown = shown.replace("Documentation=man:fuseau(1)", "Documentation=");
        fs::write(&unit, shown).unwrap();
        let unit = unit.display().to_string();
        let mut words = vec!["verify", "--man=no", &unit];
        if user {
            words.insert(1, "--user");
        }
        let Some((fine, said)) = tool("systemd-analyze", &words) else { return };
        // Other units of this machine are none of our business.
        let ours: Vec<&str> = said.lines().filter(|line| line.contains("fuseau.service")).collect();
        assert!(ours.is_empty(), "{file}: {said}");
        assert!(fine || !said.contains("fuseau"), "{file}: {said}");
    }
}

#[test]
fn the_units_agree_on_what_every_daemon_needs() {
    for file in [SYSTEM, USER] {
        let unit = text(file);
        let has = |line: &str| assert!(unit.lines().any(|it| it == line), "{file}: {line} is missing");
        has("Type=notify");
        has("RestartPreventExitStatus=78");
        has("Restart=on-failure");
        has("NoNewPrivileges=yes");
        has("UMask=0077");
        // Longer than the daemon takes to finish what is in hand (40 s).
        has("TimeoutStopSec=45");
    }
    // Until systemd 254 a user unit's StateDirectory lay below ~/.config: the commands would look elsewhere.
    assert!(!text(USER).lines().any(|line| line.starts_with("StateDirectory")), "{USER}");
    assert!(text(SYSTEM).lines().any(|line| line == "StateDirectory=fuseau"));
}

/// `fuseau VERB --flag`: the verb and each of its flags are in `fuseau VERB --help`.
fn assert_known(words: &[String]) {
    let dir = tempfile::tempdir().unwrap();
    let verb = words.first().unwrap();
    let help = run(dir.path(), &[verb, "--help"]).fine();
    for flag in words.iter().filter(|word| word.starts_with("--")) {
        assert!(help.contains(flag.as_str()), "{flag} is no flag of {verb}");
    }
}

#[test]
fn the_commands_of_the_units_exist() {
    let mut seen = 0;
    for file in [SYSTEM, USER] {
        for line in text(file).lines().filter(|line| line.starts_with("Exec")) {
            let words: Vec<String> = line.split_whitespace().skip(1).map(str::to_owned).collect();
            assert_known(&words);
            seen += 1;
        }
    }
    assert_eq!(seen, 4, "start and reload of two units");
}

#[test]
fn the_property_list_is_well_formed_and_its_command_exists() {
    let script = "import plistlib, sys\n\
                  it = plistlib.load(open(sys.argv[1], 'rb'))\n\
                  assert it['KeepAlive'] == {'SuccessfulExit': False} and it['Umask'] == 0o077 and it['RunAtLoad'] is True\n\
                  print('\\n'.join(it['ProgramArguments']))";
    let Some((fine, said)) = tool("python3", &["-c", script, &path(PLIST).display().to_string()]) else { return };
    assert!(fine, "{said}");
    let words: Vec<String> = said.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(words.first().map(String::as_str), Some("run"));
    assert_known(&words);
}
