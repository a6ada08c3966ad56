//! The program as a service: signals, a second instance, wrong configurations, restored backups, a full disk.
use super::each;
use crate::support::{
    fake_imap::{self, Imap, Trap},
    house::{House, until, until_or},
    invariants,
    smtp_sink::{Act, Step},
};
use rustix::process::Signal;
use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

/// Waits until so many mails are in a state.
fn count(house: &House, state: &str, want: i64) {
    until_or(
        || format!("{want} mails are {state}\n{}", house.log()),
        || {
            let sql = format!("SELECT count(*) FROM outbox WHERE state = '{state}'");
            (house.asks::<i64>(&sql) == Some(want)).then_some(())
        },
    );
}

/// K15: what is in hand is finished, the rest waits for the next start.
#[test]
fn a_stop_drains() {
    let house = House::maildir("send");
    let running = house.started(None);
    house.sink.trap(Step::Dot, Act::Slow(Duration::from_secs(2)));
    for (client, n) in [("a", 1), ("b", 2), ("c", 3)] {
        house.deliver(client, n);
    }
    house.sink.sprung();
    running.stops();
    assert_eq!(house.asks::<i64>("SELECT count(*) FROM outbox WHERE state IN ('sending', 'dot_sent')"), Some(0));
    assert!(!house.sink.accepted().is_empty());
    // Stopped with everything in order: no log of the database is left over.
    let wal = house.state().join("fuseau.db-wal");
    assert!(fs::metadata(wal).map_or(0, |meta| meta.len()) == 0);
    let running = house.start(None);
    count(&house, "sent", 3);
    running.stops();
    invariants::hold(&house, "drain");
}

#[test]
fn a_second_instance_is_refused() {
    let house = House::maildir("send");
    let mut running = house.started(None);
    let (code, _) = house.command(&["run"]);
    assert_eq!(code, Some(75));
    assert!(running.lives());
    house.deliver("a", 1);
    count(&house, "sent", 1);
    running.stops();
    invariants::hold(&house, "second instance");
}

#[test]
fn a_wrong_configuration_ends_the_start_and_not_the_run() {
    let house = House::maildir("send");
    let good = fs::read_to_string(house.config()).unwrap();
    let mut running = house.started(None);
    house.write_config(&good.replace("poll = \"5s\"", "poll = \"soon\""));
    let (code, _) = house.command(&["reload"]);
    assert_ne!(code, Some(0));
    running.signal(Signal::HUP);
    until("the refusal", || house.log().contains("the old one stays in force").then_some(()));
    assert!(running.lives());
    house.deliver("a", 1);
    count(&house, "sent", 1);
    // The wrong file does not start.
    let other = house.command(&["run"]);
    assert_eq!(other.0, Some(78));
    // A good one is taken over while it runs.
    house.write_config(&good);
    running.signal(Signal::HUP);
    until("the new configuration", || house.log().contains("configuration read again").then_some(()));
    house.deliver("b", 2);
    count(&house, "sent", 2);
    running.stops();
    invariants::hold(&house, "reload");
}

/// A password that the outbox refuses is tried three times in all, however often the mailbox's session is lost meanwhile;
/// then the owner is told, and it is tried again when the configuration is read again.
#[test]
fn a_refused_password_is_tried_three_times() {
    let imap = Imap::start();
    let house = House::imap(&imap, "send");
    house.sink.refuses_logins(true);
    let running = house.started(None);
    let tried = |n: i64| {
        until_or(
            || format!("mail {n} is tried\n{}", house.log()),
            || {
                let tried = house.asks::<i64>("SELECT count(*) FROM outbox WHERE attempts > 0 AND state = 'queued'");
                (tried == Some(n)).then_some(())
            },
        );
    };
    let told = "SELECT count(*) FROM notice WHERE code = 'login'";
    for (client, n, lost) in [("a", 1, false), ("b", 2, true), ("c", 3, false), ("d", 4, true)] {
        if lost {
            imap.trap(Trap::HalfLiteral(fake_imap::Act::Drop));
        }
        assert_eq!(house.asks::<i64>(told), Some(i64::from(n > 3)), "{n}\n{}", house.log());
        house.deliver(client, n);
        tried(i64::from(n));
        until("the owner is told after three", || (house.asks::<i64>(told) == Some(i64::from(n > 2))).then_some(()));
    }
    assert_eq!(house.sink.logins(), 3, "{}", house.log());
    let last = "SELECT last_reply FROM outbox ORDER BY exchange DESC LIMIT 1";
    let said = house.asks::<String>(last).unwrap();
    assert!(said.contains("535 5.7.8 no") && said.contains("`fuseau reload`"), "{said}");
    let (_, status) = house.command(&["status", "--json"]);
    assert!(status.contains("`fuseau reload`"), "{status}");
    house.sink.refuses_logins(false);
    assert_eq!(house.command(&["reload"]).0, Some(0));
    house.deliver("e", 5);
    until_or(
        || format!("the password is tried again\n{}", house.log()),
        || (house.sink.logins() == 4 && !house.sink.accepted().is_empty()).then_some(()),
    );
    running.stops();
    invariants::hold(&house, "refused password");
}

/// Copies the database aside, as a backup tool would that knows nothing of the rest.
fn backup(house: &House) -> Vec<u8> {
    fs::read(house.state().join("fuseau.db")).unwrap()
}

fn restore(house: &House, bytes: &[u8]) {
    for rest in ["fuseau.db-wal", "fuseau.db-shm"] {
        let _ = fs::remove_file(house.state().join(rest));
    }
    fs::write(house.state().join("fuseau.db"), bytes).unwrap();
}

/// Decision 5: after a restore nothing of the past is answered, whatever happened since the backup.
#[test]
fn a_restored_backup_answers_nothing_old() {
    let house = House::maildir("send");
    let running = house.started(None);
    house.deliver("a", 1);
    count(&house, "sent", 1);
    running.stops();
    let old = backup(&house);
    let running = house.start(None);
    house.deliver("b", 2);
    count(&house, "sent", 2);
    running.stops();
    restore(&house, &old);
    let running = house.start(None);
    until_or(
        || format!("the restore is noticed, and the folders are met anew\n{}", house.log()),
        || (house.log().matches("first contact").count() == 4).then_some(()),
    );
    assert!(house.log().contains("a restored backup?"));
    house.deliver("c", 3);
    count(&house, "sent", 2);
    running.stops();
    let to: Vec<String> = house.sink.accepted().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["anna@a.example", "anna@b.example", "anna@c.example"], "{}", house.log());
}

/// The backup holds a mail that waited then and left since: it must not leave again, though no mail came in between.
#[test]
fn a_restored_backup_sends_nothing_twice() {
    let house = House::maildir("send");
    house.configure("grace = \"3s\"\ngrace_in_window = \"3s\"\n");
    let running = house.started(None);
    house.deliver("a", 1);
    count(&house, "queued", 1);
    running.stops();
    let old = backup(&house);
    let waiting = house.mail_state();
    let running = house.start(None);
    count(&house, "sent", 1);
    running.stops();
    assert_eq!(waiting.as_deref(), Some("queued"), "the backup came too late");
    restore(&house, &old);
    let running = house.start(None);
    let state = house.reaches(&["sent", "dropped"]);
    running.stops();
    assert_eq!((state.as_str(), house.sink.accepted().len()), ("dropped", 1), "{}", house.log());
}

/// A small file system of its own; taken down when dropped.
struct SmallDisk<'a>(&'a House);

impl<'a> SmallDisk<'a> {
    /// `None` where nobody may mount.
    fn mount(house: &'a House) -> Option<Self> {
        fs::create_dir_all(house.state()).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs"]).arg(house.state());
        mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success()).then(|| Self(house))
    }

    fn filler(&self) -> PathBuf {
        self.0.state().join("filler")
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        let mut file = fs::File::options().create(true).append(true).open(self.filler()).unwrap();
        while file.write(&[0; 4096]).is_ok_and(|n| n == 4096) {}
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.state()).status();
    }
}

/// K17: a full disk sends nothing that is not recorded, forgets nothing, and everything goes on when there is room.
#[test]
fn a_full_disk() {
    // The numbers of a Maildir lie on the same disk: there, reading stops first.
    each(vec!["IMAP", "Maildir"], |kind| {
        let house = if *kind == "IMAP" { House::imap(&Imap::start(), "send") } else { House::maildir("send") };
        full_disk(&house, kind);
    });
}

fn full_disk(house: &House, kind: &str) {
    let Some(disk) = SmallDisk::mount(house) else {
        eprintln!("SKIPPED: a full disk needs the right to mount a tmpfs");
        return;
    };
    let running = house.started(None);
    disk.fill();
    house.deliver("a", 1);
    // The reserve is given up, so that what is in hand can be written down.
    until_or(
        || format!("the full disk is noticed\n{}", house.log()),
        || house.log().contains("the disk is full").then_some(()),
    );
    count(house, "sent", 1);
    // That room is used up too.
    disk.fill();
    for (client, n) in ["b", "c", "d", "e", "f", "g", "h"].into_iter().zip(2..) {
        house.deliver(client, n);
    }
    until_or(|| format!("it is full again\n{}", house.log()), || (full(house) >= 2).then_some(()));
    invariants::nothing_untrue(house, kind);
    running.kill();
    // A start on a full disk either works or ends with a word; it does no harm.
    let mut start = house.start(None);
    until_or(
        || format!("the start on a full disk\n{}", house.log()),
        || (!start.lives() || full(house) >= 3).then_some(()),
    );
    drop(start);
    fs::remove_file(disk.filler()).unwrap();
    let running = house.start(None);
    count(house, "sent", 8);
    running.stops();
    invariants::hold(house, kind);
}

/// How often the log says that something found no room.
fn full(house: &House) -> usize {
    let log = house.log();
    log.lines()
        .filter(|line| {
            line.contains("session ended") && (line.contains("no room left") || line.contains("No space left"))
        })
        .count()
}

/// A typing error in a project costs no client an answer: the project is left out, and its faults are named.
#[test]
fn a_project_with_faults_stops_nothing() {
    let house = House::maildir("send");
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.write_config(&format!("{text}\n[project.shop]\nclient = \"aa\"\ntitle = \"Shop\"\n"));
    let running = house.started(None);
    house.deliver("a", 1);
    house.reaches(&["sent"]);
    running.stops();
    let log = house.log();
    assert!(
        log.contains("project.shop.client = \"aa\" is no client") && log.contains("everything else goes on"),
        "{log}"
    );
    invariants::hold(&house, "a project with faults");
}
