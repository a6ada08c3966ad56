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
    // Threshold 10 is an exposure of 1.0 of 10.
    let unit = path(SYSTEM).display().to_string();
    let words = ["security", "--offline=true", "--threshold=10", "--no-pager", &unit];
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

// ---- packages -----------------------------------------------------------------------------------------------------

/// Runs one of our scripts; what it printed on standard output.
fn script(name: &str, words: &[&str]) -> String {
    let ran = Command::new(path(name)).args(words).env("SOURCE_DATE_EPOCH", "1795420000").output().unwrap();
    assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

fn built() -> &'static str {
    env!("CARGO_BIN_EXE_fuseau")
}

fn dpkg(root: &Path, words: &[&str]) -> (bool, String) {
    let root = format!("--root={}", root.display());
    // The shared libraries of this machine are not in the empty root; its scripts run outside of it.
    let force = "--force-script-chrootless,not-root,depends,bad-path";
    let all: Vec<&str> = [&[root.as_str(), force], words].concat();
    tool("dpkg", &all).unwrap()
}

#[test]
fn the_debian_package_is_whole_and_comes_and_goes() {
    if !["dpkg", "dpkg-deb"].iter().all(|name| tool(name, &["--version"]).is_some()) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    let deb = script("packaging/deb/build", &["--binary", built(), "--out", &out, "--compression", "none"]);
    let (fine, listed) = tool("dpkg-deb", &["--contents", &deb]).unwrap();
    assert!(fine, "{listed}");
    for file in [
        "./usr/bin/fuseau",
        "./usr/lib/systemd/system/fuseau.service",
        "./usr/lib/systemd/user/fuseau.service",
        "./usr/lib/sysusers.d/fuseau.conf",
        "./usr/share/man/man1/fuseau.1.gz",
        "./usr/share/bash-completion/completions/fuseau",
        "./usr/share/zsh/vendor-completions/_fuseau",
        "./usr/share/fish/vendor_completions.d/fuseau.fish",
        "./usr/share/doc/fuseau/copyright",
        "./etc/fuseau/fuseau.example.toml",
    ] {
        assert!(listed.lines().any(|line| line.ends_with(file)), "{file} is missing\n{listed}");
    }
    assert!(listed.lines().all(|line| line.contains("root/root")), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("drwx------") && line.ends_with("/credentials/")), "{listed}");
    let (_, control) = tool("dpkg-deb", &["--info", &deb]).unwrap();
    assert!(control.contains("/etc/fuseau/fuseau.example.toml") || control.contains("conffiles"), "{control}");

    // The same binary gives the same package.
    let other = dir.path().join("other").display().to_string();
    let again = script("packaging/deb/build", &["--binary", built(), "--out", &other, "--compression", "none"]);
    assert!(fs::read(&deb).unwrap() == fs::read(&again).unwrap(), "two builds differ");

    // Into an empty root, and out again.
    let root = dir.path().join("root");
    for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let (fine, said) = dpkg(&root, &["--install", &deb]);
    assert!(fine, "{said}");
    let version = Command::new(root.join("usr/bin/fuseau")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("fuseau "));
    let unit = fs::read_to_string(root.join("usr/lib/systemd/system/fuseau.service")).unwrap();
    assert_eq!(unit, text(SYSTEM));
    assert!(!root.join("etc/systemd/system/multi-user.target.wants").exists(), "nothing is enabled");
    // The example is a configuration that loads.
    let example = root.join("etc/fuseau/fuseau.example.toml");
    let checked = run(dir.path(), &["check", "--config", &example.display().to_string()]);
    assert!(checked.out.contains("✓ configuration"), "{checked:?}");
    if tool("systemd-sysusers", &["--version"]).is_some() {
        assert!(fs::read_to_string(root.join("etc/passwd")).unwrap().contains("fuseau"), "the account");
    }
    let state = root.join("var/lib/private/fuseau");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("fuseau.db"), "history").unwrap();
    fs::write(root.join("etc/fuseau/fuseau.toml"), "mine").unwrap();
    let neighbour = root.join("var/lib/private/other");
    fs::create_dir_all(&neighbour).unwrap();
    let (fine, said) = dpkg(&root, &["--remove", "fuseau"]);
    assert!(fine, "{said}");
    assert!(!root.join("usr/bin/fuseau").exists() && state.join("fuseau.db").exists() && example.exists());
    let (fine, said) = dpkg(&root, &["--purge", "fuseau"]);
    assert!(fine, "{said}");
    assert!(!state.exists() && !example.exists());
    assert!(neighbour.exists(), "only its own state");
    assert_eq!(fs::read_to_string(root.join("etc/fuseau/fuseau.toml")).unwrap(), "mine");
}

#[test]
fn the_release_archive_and_its_bill_of_materials() {
    if !["tar", "xz", "python3", "rustc"].iter().all(|name| tool(name, &["--version"]).is_some()) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    let words = ["--binary", built(), "--out", &out, "--level", "0"];
    let archive = script("packaging/release/archive", &words);
    let sums = fs::read_to_string(dir.path().join("SHA256SUMS")).unwrap();
    script("packaging/release/archive", &words);
    assert_eq!(fs::read_to_string(dir.path().join("SHA256SUMS")).unwrap(), sums, "two builds differ");
    let (fine, said) = tool("tar", &["-xf", &archive, "-C", &out]).unwrap();
    assert!(fine, "{said}");
    let name = Path::new(&archive).file_name().unwrap().to_str().unwrap().trim_end_matches(".tar.xz");
    let root = dir.path().join(name);
    assert_eq!(sums.lines().count(), 1);
    assert!(sums.trim_end().ends_with(&format!("{name}.tar.xz")), "{sums}");
    for file in
        ["fuseau", "man/fuseau.1", "completions/fuseau.zsh", "LICENSE-MIT", "README.md", "config/fuseau.example.toml"]
    {
        assert!(root.join(file).is_file(), "{file}");
    }
    let bill: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root.join("sbom.cdx.json")).unwrap()).unwrap();
    assert_eq!((bill["bomFormat"].as_str(), bill["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    assert_eq!(bill["metadata"]["component"]["name"], "fuseau");
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|it| it["name"] == name);
    let rustls = named("rustls").expect("rustls is linked");
    assert!(
        rustls["hashes"][0]["content"].as_str().unwrap().len() == 64 && rustls["licenses"][0]["expression"].is_string()
    );
    assert!(named("proptest").is_none(), "what only tests use is not in the binary");
    // What is linked as C is named too: libgit2 and its zlib, SQLite.
    for name in ["git2", "libgit2-sys", "libz-sys", "libsqlite3-sys", "calcard", "ring"] {
        assert!(named(name).is_some(), "{name} is missing in the bill");
    }
    for name in ["keyring-core", "zbus-secret-service-keyring-store", "zbus"] {
        assert!(named(name).is_none(), "{name} is no part of a build without the keyring");
    }
    // Every dependency is itself in the bill.
    let refs: Vec<&str> = components.iter().filter_map(|it| it["bom-ref"].as_str()).collect();
    for dependency in bill["dependencies"].as_array().unwrap() {
        for on in dependency["dependsOn"].as_array().unwrap() {
            assert!(refs.contains(&on.as_str().unwrap()), "{on}");
        }
    }
    // The formula of this archive.
    let formula =
        script("packaging/release/formula", &["https://example.org/fuseau.tar.xz", &archive, "https://example.org"]);
    let sum = sums.split_whitespace().next().unwrap();
    assert!(formula.contains(&format!("sha256 \"{sum}\"")) && !formula.contains('@'), "{formula}");
}

// ---- recipes ------------------------------------------------------------------------------------------------------

/// The recipes of packaging/README.md name scripts, options and targets that exist.
#[test]
fn the_recipes_name_what_is_there() {
    let page = text("packaging/README.md");
    let mut seen = 0;
    for word in page.split(|c: char| c.is_whitespace() || c == '`') {
        let file = word.trim_end_matches([':', ',', ';', '.']);
        if file.starts_with("packaging/") {
            assert!(path(file).exists(), "{file}");
            seen += 1;
        }
    }
    assert!(seen > 6, "{seen} files");
    let archive = text("packaging/release/archive");
    for option in ["--binary", "--target", "--run", "--out"] {
        assert!(archive.contains(option), "packaging/release/archive has no {option}");
    }
    let Some((_, known)) = tool("rustc", &["--print", "target-list"]) else { return };
    for target in
        ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "aarch64-apple-darwin", "x86_64-apple-darwin"]
    {
        assert!(page.contains(target) && known.lines().any(|line| line == target), "{target}");
    }
}

/// The static binary: everything but the linking. Minutes of compiling, so only where it is asked for.
#[test]
fn the_recipe_for_musl_goes_through() {
    if std::env::var("FUSEAU_MUSL").is_err() {
        eprintln!("skipped: FUSEAU_MUSL=1 asks for it");
        return;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("musl").display().to_string();
    let words = ["check", "--locked", "--target", "x86_64-unknown-linux-musl", "--target-dir", &target];
    let mut cargo = Command::new("cargo");
    let done =
        cargo.args(words).current_dir(path(".")).env("CC_x86_64_unknown_linux_musl", "musl-gcc").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// What `cargo install` and a registry get: everything that the build reads, nothing that only tests need.
#[test]
fn the_source_package_builds_without_the_tests() {
    let words = ["package", "--list", "--allow-dirty", "--offline", "--manifest-path"];
    let manifest = path("Cargo.toml").display().to_string();
    let Some((fine, listed)) = tool(env!("CARGO"), &[&words[..], &[&manifest]].concat()) else { return };
    assert!(fine, "{listed}");
    let has = |file: &str| listed.lines().any(|line| line == file);
    for file in [
        "Cargo.lock",
        "build.rs",
        "src/main.rs",
        "src/store/schema.sql",
        "templates/en/acknowledgement.txt",
        "README.md",
    ] {
        assert!(has(file), "{file} is missing\n{listed}");
    }
    assert!(!listed.lines().any(|line| line.starts_with("tests/") || line.starts_with("benches/")), "{listed}");
    // What the sources include lies in the package.
    for file in listed.lines().filter(|file| file.starts_with("src/") && file.ends_with(".rs")) {
        let source = text(file);
        for part in ["include_str!(\"", "include_bytes!(\""] {
            for rest in source.split(part).skip(1) {
                let named = path(file).parent().unwrap().join(rest.split('"').next().unwrap());
                let named = fs::canonicalize(&named).unwrap_or(named);
                let named = named.strip_prefix(fs::canonicalize(path(".")).unwrap()).unwrap().display().to_string();
                assert!(has(&named) || file.contains("_tests"), "{file} includes {named}, which is not packaged");
            }
        }
    }
}
