//! K16 and K18: what surrounds the program goes wrong. A password command hangs, the zone data are exchanged, the clock
//! is set, memory or files run out, the disk cannot be written. Nothing is sent in doubt, the owner hears of it, and
//! afterwards everything goes on by itself.
use super::each;
use crate::support::{
    house::{House, Running, until, until_or},
    invariants,
};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Waits until so many mails were sent.
fn sent(house: &House, count: i64) {
    until_or(
        || format!("{count} mails are sent\n{}", house.log()),
        || (house.asks::<i64>("SELECT count(*) FROM outbox WHERE state = 'sent'") == Some(count)).then_some(()),
    );
}

/// Everything in the database happened so many minutes earlier than it did: the clock went forward. A negative number
/// sets the clock back. (The program must not run.)
fn the_clock_goes_forward(house: &House, minutes: i64) {
    let db = rusqlite::Connection::open(house.state().join("fuseau.db")).unwrap();
    let ms = minutes * 60_000;
    for (table, columns) in [
        ("exchange", &["at", "recorded_at"][..]),
        ("decision", &["send_at", "window_start", "window_end", "by_at"]),
        ("promise", &["by_at", "made_at", "closed_at"]),
        (
            "outbox",
            &["created_at", "not_before", "next_attempt", "lease_until", "finished_at", "window_start", "window_end"],
        ),
    ] {
        let there: Vec<String> =
            house.rows(&format!("SELECT name FROM pragma_table_info('{table}')"), |row| row.get(0));
        let moved: Vec<String> = columns
            .iter()
            .filter(|column| there.iter().any(|it| it == *column))
            .map(|column| format!("{column} = {column} - {ms}"))
            .collect();
        assert!(!moved.is_empty(), "{table}");
        db.execute(&format!("UPDATE {table} SET {}", moved.join(", ")), []).unwrap();
    }
}

/// Windows that touch are one, which here has no end: now two of them end.
fn windows_end(house: &House) {
    let endless = fs::read_to_string(house.config()).unwrap();
    house.write_config(&endless.replace("08:00-16:00", "08:01-16:00"));
}

/// A password command that never ends: nobody logs in, a kill then leaves nothing in doubt, a stop is not held up.
#[test]
fn a_password_command_hangs() {
    each(vec!["killed", "stopped"], |how| {
        let house = House::maildir("send");
        let good = fs::read_to_string(house.config()).unwrap();
        let asked = house.dir.path().join("asked");
        let hangs = format!(
            "smtp = {{ host = \"127.0.0.1\", port = {}, tls = \"none\", user = \"claire\", \
             password = {{ command = \"echo $$ > {} && exec sleep 600\" }} }}",
            house.sink.port,
            asked.display()
        );
        let lines =
            good.lines().map(|line| if line.trim_start().starts_with("smtp = ") { hangs.as_str() } else { line });
        house.write_config(&lines.collect::<Vec<_>>().join("\n"));
        let running = house.started(None);
        house.deliver("a", 1);
        let pid = until_or(
            || format!("the password is asked for\n{}", house.log()),
            || fs::read_to_string(&asked).ok().filter(|pid| pid.ends_with('\n')),
        );
        // Mail that comes meanwhile is seen all the same, by the next start at the latest.
        house.deliver("b", 2);
        if *how == "killed" {
            running.kill();
        } else {
            running.signal(rustix::process::Signal::TERM);
            until("it stops", || house.log().contains("stopping: ").then_some(()));
            // The command is given up after 30 s; here it ends now.
            let _ = Command::new("kill").arg(pid.trim()).stderr(Stdio::null()).status();
            running.ended();
        }
        let _ = Command::new("kill").arg(pid.trim()).stderr(Stdio::null()).status();
        assert!(house.sink.accepted().is_empty());
        invariants::nothing_untrue(&house, how);
        house.write_config(&good);
        house.time_passes(15);
        let running = house.start(None);
        sent(&house, 2);
        running.stops();
        invariants::hold(&house, how);
    });
}

/// The wall clock was set back by a day: nothing leaves until it is sane, which is said; after `resume` all
/// goes on.
#[test]
fn the_clock_was_set_back_a_day() {
    let house = House::maildir("send");
    let running = house.started(None);
    house.deliver("a", 1);
    sent(&house, 1);
    running.stops();
    the_clock_goes_forward(&house, -24 * 60);
    let running = house.start(None);
    until_or(
        || format!("it is noticed\n{}", house.log()),
        || house.log().contains("no automatic mail until the clock is sane").then_some(()),
    );
    house.deliver("b", 2);
    // The owner has it; nothing automatic is made while the time is in doubt.
    until_or(
        || format!("the mail is held\n{}", house.log()),
        || house.asks::<i64>("SELECT 1 FROM exchange WHERE verdict = 'hold'"),
    );
    assert!(
        house.asks::<String>("SELECT reasons FROM decision ORDER BY exchange DESC").unwrap().contains("limit.paused")
    );
    assert_eq!(house.sink.accepted().len(), 1, "{}", house.log());
    let (_, text) = house.command(&["status", "--json"]);
    let facts: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(facts["paused"], true, "{text}");
    assert_eq!(house.command(&["resume"]).0, Some(0));
    house.deliver("c", 3);
    sent(&house, 2);
    running.stops();
    invariants::nothing_untrue(&house, "clock back");
}

/// Forty days went by at once (a machine that slept, a clock that was wrong): what waited is dropped, its promise
/// lapses, and what comes now is answered as ever.
#[test]
fn the_clock_went_forty_days_ahead() {
    let house = House::maildir("send");
    windows_end(&house);
    let running = house.started(None);
    assert_eq!(house.command(&["pause"]).0, Some(0));
    house.deliver("a", 1);
    until_or(|| format!("it waits\n{}", house.log()), || house.mail_state().filter(|state| state == "queued"));
    running.kill();
    the_clock_goes_forward(&house, 40 * 24 * 60);
    fs::remove_file(house.state().join("PAUSE")).unwrap();
    let running = house.start(None);
    house.reaches(&["dropped"]);
    until_or(
        || format!("the promise lapses\n{}", house.log()),
        || house.asks::<String>("SELECT state FROM promise").filter(|state| state == "lapsed"),
    );
    assert!(house.log().contains("why=\"too-late\""), "it is said\n{}", house.log());
    house.deliver("b", 2);
    sent(&house, 1);
    running.stops();
    let to: Vec<String> = house.sink.accepted().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["anna@b.example"]);
}

/// A copy of some zones that calls itself newer than anything.
fn zone_tree(dir: &Path) -> bool {
    let from = Path::new("/usr/share/zoneinfo");
    for zone in ["Asia/Tokyo", "Europe/London", "Europe/Paris", "UTC"] {
        let to = dir.join(zone);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if fs::copy(from.join(zone), to).is_err() {
            return false;
        }
    }
    fs::write(dir.join("tzdata.zi"), "# version 2099z\n").unwrap();
    true
}

/// The zone data are exchanged under the running program, and are rubbish at the next start: every promise is computed
/// from whole rules, those of the start or the built-in ones, and nothing stops.
#[test]
fn the_zone_data_are_exchanged() {
    let house = House::maildir("send");
    windows_end(&house);
    let tree = house.dir.path().join("zoneinfo");
    if !zone_tree(&tree) {
        eprintln!("SKIPPED: there is no /usr/share/zoneinfo to copy");
        return;
    }
    let start = || house.start_with(("TZDIR", tree.to_str().unwrap()));
    let running = start();
    until("first contact", || {
        house.asks::<i64>("SELECT count(*) FROM folder WHERE uidvalidity > 0").filter(|n| *n >= 2)
    });
    assert!(house.log().contains("zones=\"2099z\""), "the copy is in use\n{}", house.log());
    house.deliver("a", 1);
    sent(&house, 1);
    for zone in ["Asia/Tokyo", "Europe/London", "Europe/Paris"] {
        fs::write(tree.join(zone), b"TZif2 and then rubbish").unwrap();
    }
    house.deliver("b", 2);
    sent(&house, 2);
    running.stops();
    let running = start();
    house.deliver("c", 3);
    sent(&house, 3);
    running.stops();
    assert!(!house.log().rsplit("INFO running").next().unwrap().contains("2099z"), "rubbish is not used");
    // Wherever the rules came from, a window of London ends at the same instant, or at the next one's.
    let by: Vec<i64> = house.rows("SELECT DISTINCT by_at % 28800000 FROM promise", |row| row.get(0));
    assert!(by.len() == 1 && by[0] % 3_600_000 == 0, "{by:?}");
    invariants::hold(&house, "zones");
}

/// Ends by itself or is killed; either way the next start, without the limit, has to bring everything to its end.
fn survives_the_limit(house: &House, mut running: Running, what: &str) {
    let ended = house.log();
    until_or(
        || format!("{what}: it works, fails aloud or ends\n{}", house.log()),
        || {
            let done = house.asks::<i64>("SELECT count(*) FROM outbox WHERE state = 'sent'") == Some(1);
            (done || !running.lives() || house.log().len() > ended.len() + 200).then_some(())
        },
    );
    running.kill();
    invariants::nothing_untrue(house, what);
    house.time_passes(15);
    let running = house.start(None);
    let state = house.reaches(&["sent", "unknown"]);
    // What the server took while there was no room to write it down is in doubt, as after any death there (K10).
    assert!(state == "sent" || house.log().contains("it cannot be known"), "{what}: {state}\n{}", house.log());
    running.stops();
    invariants::hold(house, what);
}

/// K18: too few file descriptors, at the start and in the middle of a hand-over.
#[test]
fn file_descriptors_run_out() {
    each((8..=32).step_by(3).collect(), |count: &u32| {
        let house = House::maildir("send");
        house.started(None).kill();
        house.deliver("a", 1);
        let running = house.start_within(&format!("-n {count}"));
        survives_the_limit(&house, running, &format!("{count} files"));
    });
}

/// K18: too little memory. The system's own killer sends SIGKILL, as everywhere in these tests; a limit makes the
/// program end itself, wherever it asks for more.
#[test]
fn memory_runs_out() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: ulimit -v means something on Linux only");
        return;
    }
    each(vec![40, 80, 120, 160, 200, 240, 300, 400], |megabytes: &u32| {
        let house = House::maildir("send");
        house.started(None).kill();
        house.deliver("a", 1);
        let running = house.start_within(&format!("-v {}", megabytes * 1024));
        survives_the_limit(&house, running, &format!("{megabytes} MB"));
    });
}

/// K18: a state directory that cannot be written is told at the start, with nothing sent; written again, all goes on.
#[test]
fn the_disk_is_read_only() {
    let house = House::maildir("send");
    fs::create_dir_all(house.state()).unwrap();
    let mount = |words: &[&str]| {
        let mut command = Command::new("mount");
        command.args(words).arg(house.state()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs"]) {
        eprintln!("SKIPPED: a read-only disk needs the right to mount a tmpfs");
        return;
    }
    struct Mounted<'a>(&'a Path);
    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(self.0).status();
        }
    }
    let state = house.state();
    let _mounted = Mounted(&state);
    house.started(None).kill();
    house.deliver("a", 1);
    assert!(mount(&["-o", "remount,ro"]));
    let status = house.start(None).ended();
    assert!(!status.success() && status.code().is_some(), "{status}\n{}", house.log());
    let said = house.log();
    assert!(said.lines().last().is_some_and(|line| line.contains("state")), "it says what is wrong\n{said}");
    assert!(house.sink.accepted().is_empty());
    assert!(mount(&["-o", "remount,rw"]));
    let running = house.start(None);
    sent(&house, 1);
    running.stops();
    invariants::hold(&house, "read-only");
}
