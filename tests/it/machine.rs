//! The service under a real systemd: the Debian package in a small Debian that boots in namespaces of its own
//! (tests/machine). Skipped, and said so, where that cannot be; `FUSEAU_MACHINE=off` skips it too, and where `tests/run` has found
//! out that it can be (`FUSEAU_MACHINE=must`), CI=true makes a skip a failure; except where the mirror is out of reach, of which no machine is
//! sure.
#![expect(clippy::disallowed_methods, reason = "waits for other processes, which live by the real clock")]
use base64::Engine as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "Quetzal7Credential";

const CONFIG: &str = r#"
state = "/var/lib/fuseau"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "de"]
[hours]
mon-sun = ["00:00-11:59", "12:00-23:59"]
[digest]
at = "off"
[replies]
grace = "0s"
grace_in_window = "0s"
min_interval = "1m"
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
maildir = "/srv/mail"
smtp = { host = "127.0.0.1", port = 2525, tls = "none", user = "claire", password = { credential = "studio" } }
trusted_authserv = ["mx.studio.example"]
[client.acme]
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
[client.keller]
contacts = ["@keller.example"]
zone = "Europe/Zurich"
language = "de"
"#;

/// What tests/machine/base says when there is no network.
const OUT_OF_REACH: i32 = 75;

struct Machine {
    boot: Child,
    /// The systemd's process id, seen from here.
    first: u32,
    dir: tempfile::TempDir,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.boot.kill();
        let _ = self.boot.wait();
        let Ok(group) = fs::read_to_string(self.dir.path().join("cgroup")) else { return };
        // Its groups empty out as its processes end.
        for _ in 0..50 {
            let _ =
                Command::new("find").args([group.trim(), "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]).output();
            if !Path::new(group.trim()).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machine").join(name)
}

/// Says why there is no machine, past the test runner. `surely`: this is what a machine of CI has, so there it is a failure.
fn skipped(why: &str, surely: bool) {
    let told = std::env::var("FUSEAU_MACHINE").is_ok_and(|it| it == "must");
    let ci = std::env::var("CI").is_ok_and(|it| it == "true");
    assert!(!(told && ci && surely), "tests/run found that a machine can be booted here, and now: {why}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: machine:: ({why})");
}

impl Machine {
    /// Boots one; `None`, said on the terminal, where that cannot be.
    fn boot() -> Option<Self> {
        let can = Command::new(script("can")).output().unwrap();
        if !can.status.success() {
            skipped(String::from_utf8_lossy(&can.stdout).trim(), true);
            return None;
        }
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("machine");
        let base = Command::new(script("base")).arg(&cache).output().unwrap();
        if !base.status.success() {
            skipped(String::from_utf8_lossy(&base.stderr).trim(), base.status.code() != Some(OUT_OF_REACH));
            return None;
        }
        let tree = String::from_utf8(base.stdout).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let log = fs::File::create(dir.path().join("console")).unwrap();
        let boot = Command::new(script("boot"))
            .arg(tree.trim())
            .arg(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut machine = Self { first: 0, boot, dir };
        let children = format!("/proc/{0}/task/{0}/children", machine.boot.id());
        machine.first = until("the systemd", || {
            let child = fs::read_to_string(&children).ok()?.split_whitespace().next()?.parse().ok()?;
            let name = fs::read_to_string(format!("/proc/{child}/comm")).ok()?;
            (name.trim() == "systemd").then_some(child)
        });
        let state = until("the machine to run", || {
            let state = machine.tries(&["systemctl", "is-system-running"]).1;
            ["running", "degraded"].contains(&state.trim()).then_some(state)
        });
        assert_eq!(state.trim(), "running", "{}", machine.tries(&["systemctl", "--failed", "--no-pager"]).1);
        Some(machine)
    }

    /// Runs a command inside: whether it went well, and all that it said.
    fn tries(&self, words: &[&str]) -> (bool, String) {
        let first = self.first.to_string();
        let output = Command::new("nsenter")
            .args(["-t", &first, "-m", "-p", "-u", "-i", "-C", "-n", "-r", "-w"])
            .args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"])
            .args(words)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn runs(&self, words: &[&str]) -> String {
        let (fine, said) = self.tries(words);
        assert!(fine, "{words:?}: {said}\n{}", self.journal());
        said
    }

    fn journal(&self) -> String {
        self.tries(&["journalctl", "--no-pager", "-u", "fuseau", "-n", "60", "-o", "cat"]).1
    }

    /// A property of the unit.
    fn shows(&self, property: &str) -> String {
        self.runs(&["systemctl", "show", "fuseau", "--value", "-p", property]).trim().to_owned()
    }

    /// A path of the machine, seen from here.
    fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.first))
    }

    fn writes(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// A client's mail in the Maildir.
    fn mail(&self, id: &str, from: &str) {
        let domain = from.split_once('@').unwrap().1;
        let text = format!(
            "Return-Path: <{from}>\r\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\r\n\
             From: Anna <{from}>\r\nTo: claire@studio.example\r\nSubject: {id}\r\nMessage-ID: <{id}@{domain}>\r\n\r\n\
             Could you look at {id}?\r\n"
        );
        self.writes(&format!("/srv/mail/tmp/{id}"), &text);
        self.runs(&["chown", "fuseau:fuseau", &format!("/srv/mail/tmp/{id}")]);
        self.runs(&["mv", &format!("/srv/mail/tmp/{id}"), &format!("/srv/mail/new/{id}")]);
    }

    fn acknowledged(&self) -> usize {
        self.read("/tmp/smtp").lines().filter(|line| *line == "taken").count()
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("waited a minute for {what}");
}

#[test]
fn a_service_from_its_package_to_its_end() {
    let Some(machine) = Machine::boot() else { return };
    install(&machine);
    start(&machine);
    answer(&machine);
    reload(&machine);
    watchdog(&machine);
    drain(&machine);
    bad_configuration(&machine);
    remove(&machine);
}

/// The package comes in; nothing starts by itself.
fn install(machine: &Machine) {
    let out = machine.dir.path().join("package").display().to_string();
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deb/build");
    let built = Command::new(build)
        .args(["--binary", env!("CARGO_BIN_EXE_fuseau"), "--out", &out, "--compression", "none"])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let deb = String::from_utf8(built.stdout).unwrap();
    let deb = Path::new(env!("CARGO_MANIFEST_DIR")).join(deb.trim());
    fs::copy(&deb, machine.path("/root/fuseau.deb")).unwrap();
    // The libraries of the machine are those of a minimal system.
    machine.runs(&["dpkg", "--install", "/root/fuseau.deb"]);
    assert_eq!(machine.shows("ActiveState"), "inactive");
    assert!(machine.runs(&["getent", "passwd", "fuseau"]).contains("/usr/sbin/nologin"));
}

/// Configuration, secret, a mailbox that the unit may write to; ready only when it is.
fn start(machine: &Machine) {
    machine.writes("/etc/fuseau/fuseau.toml", CONFIG);
    machine.runs(&["chown", "fuseau:fuseau", "/etc/fuseau/fuseau.toml"]);
    fs::set_permissions(machine.path("/etc/fuseau/fuseau.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    for part in
        ["cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"]
    {
        fs::create_dir_all(machine.path("/srv/mail").join(part)).unwrap();
    }
    machine.runs(&["chown", "-R", "fuseau:fuseau", "/srv/mail"]);
    let said = machine.runs(&["fuseau", "service", "install", "--system"]);
    assert!(said.contains("the secret is missing: put it into /etc/fuseau/credentials/studio"), "{said}");
    machine.writes("/etc/fuseau/credentials/studio", &format!("{SECRET}\n"));
    fs::set_permissions(machine.path("/etc/fuseau/credentials/studio"), fs::Permissions::from_mode(0o600)).unwrap();
    // What a person adds for a mailbox outside of the state directory, and a short leash for the watchdog.
    let more = "[Service]\nReadWritePaths=/srv/mail\nWatchdogSec=4\nRestartSec=1\n";
    machine.writes("/etc/systemd/system/fuseau.service.d/mail.conf", more);
    machine.runs(&["systemctl", "daemon-reload"]);
    fs::copy(script("smtp"), machine.path("/root/smtp")).unwrap();
    let first = machine.first.to_string();
    #[expect(clippy::zombie_processes, reason = "it ends with the machine")]
    Command::new("nsenter")
        .args(["-t", &first, "-m", "-p", "-u", "-i", "-C", "-n", "-r", "-w", "perl", "/root/smtp", "/tmp/smtp"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the submission server", || machine.read("/tmp/smtp").contains("listening").then_some(()));
    machine.runs(&["systemctl", "enable", "--now", "fuseau"]);
    assert_eq!(
        [machine.shows("ActiveState"), machine.shows("SubState")],
        ["active", "running"],
        "{}",
        machine.journal()
    );
    assert_eq!(machine.shows("Type"), "notify");
    // As hardened as it is written: the properties that need the kernel are in force, or the start had failed.
    let pid = machine.shows("MainPID");
    let status = machine.runs(&["cat", &format!("/proc/{pid}/status")]);
    let line =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    assert_eq!([line("CapEff:"), line("NoNewPrivs:"), line("Seccomp:")], ["0000000000000000", "1", "2"]);
    let outside = machine.runs(&["readlink", "/proc/1/ns/user"]);
    assert_ne!(machine.runs(&["readlink", &format!("/proc/{pid}/ns/user")]), outside, "PrivateUsers");
    let told = machine.runs(&["systemctl", "show", "fuseau", "-p", "User", "-p", "DynamicUser"]);
    assert!(told.contains("DynamicUser=yes"), "{told}");
    let mode = fs::metadata(machine.path("/var/lib/private/fuseau")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let told = machine.runs(&["fuseau", "service", "status", "--system", "--json"]);
    for part in ["\"installed\":true", "\"enabled\":true", "\"active\":true", "\"missing_credentials\":[]"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// A client's mail is answered, with the secret that systemd handed over and no one else can read.
fn answer(machine: &Machine) {
    machine.mail("logo", "anna@acme.example");
    until("the acknowledgement", || (machine.acknowledged() == 1).then_some(()));
    let heard = machine.read("/tmp/smtp");
    let plain = base64::engine::general_purpose::STANDARD.encode(format!("\0claire\0{SECRET}"));
    assert!(heard.contains(&plain), "{heard}");
    assert!(!machine.journal().contains(SECRET));
    let pid = machine.shows("MainPID");
    let (environment, words) = (format!("/proc/{pid}/environ"), format!("/proc/{pid}/cmdline"));
    assert!(!machine.runs(&["cat", &environment, &words]).contains(SECRET));
}

/// A reload needs no /bin/kill, keeps the process, and keeps the old configuration if the new one is wrong.
fn reload(machine: &Machine) {
    assert!(!machine.path("/usr/bin/kill").exists(), "this machine proves nothing: it has /bin/kill");
    let pid = machine.shows("MainPID");
    machine.writes("/etc/fuseau/fuseau.toml", &CONFIG.replace("Claire Martin", "Claire M."));
    machine.runs(&["systemctl", "reload", "fuseau"]);
    assert!(machine.journal().contains("configuration read again"), "{}", machine.journal());
    machine.writes("/etc/fuseau/fuseau.toml", &CONFIG.replace("Europe/London", "Europe/Lodnon"));
    let (fine, _) = machine.tries(&["systemctl", "reload", "fuseau"]);
    assert!(!fine && machine.journal().contains("did you mean \"Europe/London\"?"), "{}", machine.journal());
    assert_eq!([machine.shows("ActiveState"), machine.shows("MainPID")], ["active".to_owned(), pid]);
    machine.writes("/etc/fuseau/fuseau.toml", CONFIG);
    machine.runs(&["systemctl", "reload", "fuseau"]);
}

/// A process that hangs is ended and comes back; the one that works is left alone.
fn watchdog(machine: &Machine) {
    let pid = machine.shows("MainPID");
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!([machine.shows("NRestarts"), machine.shows("MainPID")], ["0".to_owned(), pid.clone()], "fed in time");
    machine.runs(&["perl", "-e", &format!("kill 'STOP', {pid}")]);
    until("the watchdog", || (machine.shows("NRestarts") == "1").then_some(()));
    until("the next one", || (machine.shows("SubState") == "running").then_some(()));
    assert_ne!(machine.shows("MainPID"), pid);
    let journal = machine.runs(&["journalctl", "--no-pager", "-u", "fuseau", "-o", "cat"]);
    assert!(journal.contains("Watchdog timeout"), "{journal}");
}

/// Stopped in the middle of a mail, it waits for the server's word and writes it down.
fn drain(machine: &Machine) {
    machine.writes("/tmp/smtp.slow", "");
    machine.mail("bill", "hans@keller.example");
    let dots = || machine.read("/tmp/smtp").lines().filter(|line| *line == "the dot").count();
    until("the final dot", || (dots() == 2).then_some(()));
    assert_eq!(machine.acknowledged(), 1, "its answer takes its time");
    machine.runs(&["systemctl", "stop", "fuseau"]);
    assert_eq!(machine.acknowledged(), 2);
    assert_eq!([machine.shows("ActiveState"), machine.shows("Result")], ["inactive", "success"]);
    let said = machine.runs(&["fuseau", "history", "keller", "--json", "--config", "/etc/fuseau/fuseau.toml"]);
    assert!(said.contains("\"state\":\"sent\"") && !said.contains("unknown"), "{said}");
    fs::remove_file(machine.path("/tmp/smtp.slow")).unwrap();
}

/// 78 is not tried again.
fn bad_configuration(machine: &Machine) {
    machine.writes("/etc/fuseau/fuseau.toml", &CONFIG.replace("Europe/London", "Europe/Lodnon"));
    machine.runs(&["systemctl", "reset-failed", "fuseau"]);
    let (fine, _) = machine.tries(&["systemctl", "start", "fuseau"]);
    assert!(!fine);
    // Longer than RestartSec.
    std::thread::sleep(Duration::from_secs(3));
    let shown = ["ActiveState", "ExecMainStatus", "NRestarts"].map(|it| machine.shows(it));
    assert_eq!(shown, ["failed", "78", "0"], "{}", machine.journal());
    assert!(machine.journal().contains("did you mean \"Europe/London\"?"), "{}", machine.journal());
    machine.writes("/etc/fuseau/fuseau.toml", CONFIG);
    machine.runs(&["systemctl", "start", "fuseau"]);
}

/// The package goes while the service runs; the history stays until it is purged.
fn remove(machine: &Machine) {
    machine.runs(&["dpkg", "--remove", "fuseau"]);
    assert!(machine.path("/var/lib/private/fuseau/fuseau.db").exists());
    assert!(!machine.path("/usr/bin/fuseau").exists());
    let (running, _) = machine.tries(&["systemctl", "is-active", "fuseau"]);
    assert!(!running);
    machine.runs(&["dpkg", "--purge", "fuseau"]);
    assert!(!machine.path("/var/lib/private/fuseau").exists());
    assert!(machine.path("/etc/fuseau/fuseau.toml").exists(), "somebody wrote it");
}

/// Without the network it is said, at once, and nothing half-made is left that the next run would take for a machine.
#[test]
fn a_mirror_out_of_reach_is_said_and_leaves_nothing() {
    if !Path::new("/etc/os-release").exists() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // The port "discard": nobody listens.
    let base = Command::new(script("base"))
        .arg(dir.path())
        .env("FUSEAU_MIRROR", "http://127.0.0.1:9/debian")
        .output()
        .unwrap();
    let said = String::from_utf8(base.stderr).unwrap();
    if base.status.code() == Some(127) || said.contains("unbound variable") {
        return skipped("no debootstrap, or no Debian", false);
    }
    assert_eq!(base.status.code(), Some(OUT_OF_REACH), "{said}");
    assert!(said.contains("out of reach") || said.contains("debootstrap failed"), "{said}");
    let left = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.ends_with(".made") && !dir.path().join(name).is_dir()));
}
