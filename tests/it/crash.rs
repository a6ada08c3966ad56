//! The real program, killed (SIGKILL) at every step from the bytes of a mail to the copy in Sent, against a server that
//! accepts, hangs up or falls silent. After each accident it is started again and `support/invariants.rs` has to hold.
mod copies;
mod disk;
mod power_cut;
mod reading;
mod reload;
mod service;
mod surroundings;
mod upgrade;
mod wishes;

use crate::support::{
    fake_imap::Imap,
    house::{House, Inbox, until_or},
    invariants,
    smtp_sink::{Act, Step},
};
use std::{sync::Mutex, time::Duration};

/// States in which nothing happens any more.
const ENDS: &[&str] = &["sent", "unknown", "drafted", "failed", "dropped", "observed"];

/// Runs cases side by side: they wait more than they work.
fn each<T: Send + Sync + std::fmt::Debug>(cases: Vec<T>, run: impl Fn(&T) + Sync) {
    let queue = Mutex::new(cases.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().next() else { return };
                    run(&case);
                }
            });
        }
    });
}

/// Starts the program again, after its claims and doubts have become old, and lets it come to an end.
fn goes_on(house: &House) -> String {
    house.time_passes(15);
    let running = house.start(None);
    let state = house.reaches(ENDS);
    running.kill();
    state
}

/// K2 to K11: dies at a point of its own; the server is well, or fails at the final dot of whichever run gets there.
#[test]
fn killed_at_a_point_of_its_own() {
    let points = ["K2", "K3", "K3b", "K4", "K5", "K7:400", "K8", "K10", "K11"];
    let servers = [Act::GoOn, Act::Drop, Act::Stall];
    let cases = points.iter().flat_map(|point| servers.iter().map(move |server| (*point, *server))).collect();
    each(cases, |(point, server)| {
        let what = format!("{point} {server:?}");
        let house = House::maildir("send");
        let running = house.started(Some(point));
        // A point before the conversation is died at first; the server then fails the next run.
        let before = matches!(*point, "K2" | "K3" | "K3b" | "K4" | "K5" | "K7:400");
        // Behind a stalling server lies no further point: the dropping one stands for it.
        let act = if *server == Act::Stall && matches!(*point, "K10" | "K11") { Act::TakeAndDrop } else { *server };
        house.sink.trap(Step::Dot, act);
        house.deliver("a", 1);
        running.dies(&house);
        invariants::nothing_untrue(&house, &what);
        if before && act != Act::GoOn {
            let running = house.start(None);
            house.sink.sprung();
            running.kill();
            invariants::nothing_untrue(&house, &what);
        }
        let state = goes_on(&house);
        let taken = house.sink.accepted().len();
        let want: (&str, usize) = match (before, *point, act) {
            // In the middle of the text: the server forgets what it has.
            (_, "K7:400", Act::GoOn) => ("sent", 1),
            // Nothing had left: as if nothing had happened.
            (true, _, Act::GoOn) => ("sent", 1),
            (true, ..) => ("unknown", 0),
            // The dot was announced and not written.
            (_, "K8", _) => ("unknown", 0),
            (_, "K10", Act::GoOn) => ("unknown", 1),
            (_, "K11", Act::GoOn) => ("sent", 1),
            (.., Act::TakeAndDrop) => ("unknown", 1),
            _ => ("unknown", 0),
        };
        assert_eq!((state.as_str(), taken), want, "{what}\n{}", house.log());
        invariants::hold(&house, &what);
    });
}

/// K5 to K9: killed from outside while the server is at a step.
#[test]
fn killed_at_a_step_of_the_server() {
    let steps = [Step::Connect, Step::Ehlo, Step::Auth, Step::Mail, Step::Rcpt, Step::Data, Step::HalfBody];
    let acts = [Act::GoOn, Act::Drop, Act::Stall];
    let mut cases: Vec<(Step, Act, bool)> =
        steps.iter().flat_map(|step| acts.iter().map(move |act| (*step, *act, false))).collect();
    for act in [Act::GoOn, Act::Drop, Act::Stall, Act::TakeAndDrop, Act::TakeAndStall] {
        cases.extend([(Step::Dot, act, false), (Step::Dot, act, true)]);
    }
    each(cases, |(step, act, files)| {
        let what = format!("{step:?} {act:?} files: {files}");
        let house = House::maildir("send");
        if *files {
            house.sink.files_into_maildir(house.sent_folder());
        }
        house.sink.trap(*step, *act);
        let running = house.started(None);
        house.deliver("a", 1);
        house.sink.sprung();
        running.kill();
        let state = goes_on(&house);
        let taken = house.sink.accepted().len();
        let fits = match (step, act, files) {
            // Before the message: it was not sent, and is sent once.
            (
                Step::Connect | Step::Ehlo | Step::Auth | Step::Mail | Step::Rcpt | Step::Data,
                Act::Drop | Act::Stall,
                _,
            ) => (state.as_str(), taken) == ("sent", 1),
            // What lies in Sent was sent.
            (Step::Dot, Act::TakeAndDrop | Act::TakeAndStall | Act::GoOn, true) => {
                (state.as_str(), taken) == ("sent", 1)
            }
            (Step::Dot, Act::TakeAndDrop | Act::TakeAndStall, false) => (state.as_str(), taken) == ("unknown", 1),
            (Step::Dot, Act::Drop | Act::Stall, _) => (state.as_str(), taken) == ("unknown", 0),
            // Some of the text has come, perhaps all but the dot: never a mail that nobody knows of.
            (Step::HalfBody, Act::Drop | Act::Stall, _) => {
                matches!((state.as_str(), taken), ("sent", 1) | ("unknown", 0))
            }
            // The kill comes while the server goes on: anything but a second mail or a silent loss.
            _ => matches!((state.as_str(), taken), ("sent", 1) | ("unknown", 0 | 1)),
        };
        assert!(fits, "{what}: {state} {taken}\n{}", house.log());
        invariants::hold(&house, &what);
    });
}

/// The same without a kill: the running program copes with a server that fails once.
#[test]
fn a_server_that_fails_does_not_stop_the_program() {
    each(vec![(Act::TakeAndDrop, true), (Act::Drop, false), (Act::TakeAndDrop, false)], |(act, files)| {
        let what = format!("{act:?} files: {files}");
        let house = House::maildir("send");
        if *files {
            house.sink.files_into_maildir(house.sent_folder());
        }
        house.sink.trap(Step::Dot, *act);
        let mut running = house.started(None);
        house.deliver("a", 1);
        house.sink.sprung();
        if *files {
            // The next look into Sent tells.
            house.reaches(&["sent"]);
        } else {
            house.reaches(&["dot_sent"]);
        }
        // Another client is answered meanwhile.
        house.deliver("b", 2);
        until_or(
            || format!("{what}: the second is sent\n{}", house.log()),
            || {
                (house.asks::<i64>("SELECT count(*) FROM outbox WHERE state = 'sent'") == Some(1 + i64::from(*files)))
                    .then_some(())
            },
        );
        assert!(running.lives());
        invariants::hold(&house, &what);
        running.stops();
        if !*files {
            house.time_passes(15);
            let running = house.start(None);
            until_or(
                || format!("{what}: the doubt is settled\n{}", house.log()),
                || house.asks::<i64>("SELECT 1 FROM outbox WHERE state = 'unknown'"),
            );
            running.stops();
        }
        invariants::hold(&house, &what);
    });
}

/// A server that refuses RSET after a refused mail: the next client's mail goes over another connection.
#[test]
fn a_refused_rset_costs_no_mail() {
    each(vec![Act::Never, Act::Later, Act::Drop], |act| {
        let what = format!("{act:?}");
        let house = House::maildir("send");
        let running = house.started(None);
        house.sink.trap(Step::Rcpt, Act::Never);
        house.deliver("a", 1);
        house.reaches(&["failed"]);
        house.sink.trap(Step::Rset, *act);
        house.deliver("b", 2);
        until_or(
            || format!("{what}: the second is sent\n{}", house.log()),
            || house.asks::<i64>("SELECT 1 FROM outbox WHERE state = 'sent'"),
        );
        running.stops();
        assert_eq!(house.sink.accepted().len(), 1, "{what}");
        invariants::hold(&house, &what);
    });
}

/// Killed at moments that nobody chose, while mail keeps coming. `FUSEAU_KILLS` raises the number of kills, `FUSEAU_SEED`
/// makes others.
#[test]
fn killed_at_any_moment() {
    let number = |name: &str, without: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(without);
    let (kills, seed) = (number("FUSEAU_KILLS", 20), number("FUSEAU_SEED", 1));
    // Limits count mails to a domain and in all: few mails a house, many houses.
    let each_house = 10;
    each((0..kills.div_ceil(each_house)).collect(), |nth| {
        let mut random = seed.wrapping_mul(1_000_003).wrapping_add(*nth);
        // SplitMix64.
        let mut draw = |below: u64| {
            random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) % below
        };
        let imap = Imap::start();
        let house = if nth % 2 == 0 { House::maildir("send") } else { House::imap(&imap, "send") };
        house.started(None).kill();
        if draw(2) == 0 {
            match house.inbox {
                Inbox::Maildir => house.sink.files_into_maildir(house.sent_folder()),
                Inbox::Imap(_) => house.sink.files_into(Box::new(move |text| imap.deliver("Sent", text))),
            }
        }
        let mut what = format!("seed {seed}, house {nth}:");
        for (client, n) in ('a'..='z').zip(1..=u32::try_from(each_house).unwrap()) {
            let after = 30 + draw(400);
            what += &format!(" {after}");
            if draw(2) == 0 {
                let steps = [Step::Connect, Step::Ehlo, Step::Auth, Step::Rcpt, Step::Data, Step::HalfBody, Step::Dot];
                let slow = Act::Slow(Duration::from_millis(draw(200)));
                let acts = [slow, Act::Drop, Act::Stall, Act::Later, Act::TakeAndDrop, Act::TakeAndStall];
                let pick = |n: u64| usize::try_from(n).unwrap();
                let (step, act) = (steps[pick(draw(7))], acts[pick(draw(6))]);
                house.sink.trap(step, act);
                what += &format!(" {step:?} {act:?},");
            }
            let running = house.start(None);
            std::thread::sleep(Duration::from_millis(draw(after)));
            house.deliver(&client.to_string(), n);
            std::thread::sleep(Duration::from_millis(after));
            running.kill();
            invariants::nothing_untrue(&house, &what);
            if draw(3) > 0 {
                house.time_passes(15);
            }
        }
        house.sink.trap(Step::Connect, Act::GoOn);
        house.time_passes(120);
        let running = house.start(None);
        let count = |sql: &str| house.asks::<i64>(sql).unwrap_or(0);
        // Nobody can tell a mail that kills from kills that meet the same mail in its rehearsal twice: it is shown unread.
        let aside = || count("SELECT count(*) FROM decision WHERE reasons LIKE '%content.unreadable%'");
        until_or(
            || format!("{what}: all ends\n{}", house.log()),
            || {
                let ended = count("SELECT count(*) FROM outbox WHERE state IN ('sent', 'unknown')");
                (ended + aside() == i64::try_from(each_house).unwrap()).then_some(())
            },
        );
        assert!(aside() <= 2, "{what}\n{}", house.log());
        running.stops();
        invariants::hold(&house, &what);
    });
}
