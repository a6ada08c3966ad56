//! What lies in Sent and in Drafts after an accident: one copy, one draft.
use super::each;
use crate::support::{
    fake_imap::{Act, Imap, Trap},
    house::{House, until_or},
    invariants,
    smtp_sink::{self, Step},
};

/// Waits until nothing is left to do about the copy.
fn copy_settles(house: &House) -> String {
    until_or(
        || format!("the copy is settled\n{}", house.log()),
        || house.asks::<String>("SELECT sent_copy FROM outbox").filter(|copy| copy != "wanted" && copy != "none"),
    )
}

/// When the mail was sent, and when its copy was put into Sent.
fn sent_and_filed(house: &House) -> (i64, i64) {
    let sent = house.asks::<i64>("SELECT finished_at FROM outbox").unwrap();
    let files = ["new", "cur"].into_iter().flat_map(|part| std::fs::read_dir(house.sent_folder().join(part)).unwrap());
    let file = files.last().unwrap().unwrap().metadata().unwrap();
    (sent, file.modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
}

/// K11 and the normal case: one copy, whoever files it, in each of the ways of `sent_copy`.
#[test]
fn one_copy_in_sent() {
    let ways = ["auto", "always", "never"].into_iter().flat_map(|way| [(way, None), (way, Some("K11"))]);
    let cases = ways.flat_map(|(way, fail)| [(way, fail, true), (way, fail, false)]).collect();
    each(cases, |(way, fail, files): &(&str, Option<&str>, bool)| {
        let what = format!("{way} {fail:?} files: {files}");
        let house = House::maildir("send");
        house.in_mailbox(&format!("sent_copy = \"{way}\""));
        if *files {
            house.sink.files_into_maildir(house.sent_folder());
        }
        let mut running = house.started(*fail);
        house.deliver("a", 1);
        if fail.is_some() {
            running.dies(&house);
            running = house.start(None);
        }
        let settled = copy_settles(&house);
        let (states, copies) = match (*way, files) {
            // What the server files is noted where it is seen first.
            ("never", true) => (["unneeded", "present"], 1),
            ("never", false) => (["unneeded"; 2], 0),
            (_, true) => (["present"; 2], 1),
            (_, false) => (["appended"; 2], 1),
        };
        assert!(states.contains(&settled.as_str()), "{what}: {settled}");
        assert_eq!(house.mails_in("Sent").len(), copies, "{what}");
        if settled == "appended" && fail.is_none() {
            let (sent, filed) = sent_and_filed(&house);
            // Only `auto` leaves the server time to file one.
            assert_eq!(filed - sent >= 7_500, *way == "auto", "{what}: {} ms", filed - sent);
        }
        invariants::hold(&house, &what);
        running.stops();
    });
}

/// Killed while the copy is being filed over IMAP: one copy, and ours is not taken for the server's.
#[test]
fn killed_while_the_copy_is_filed() {
    each(vec![Trap::BeforeAppend(Act::Stall), Trap::AfterAppend(Act::Stall)], |trap| {
        let what = format!("{trap:?}");
        let imap = Imap::start();
        let house = House::imap(&imap, "send");
        imap.trap(*trap);
        let running = house.started(None);
        house.deliver("a", 1);
        imap.sprung();
        running.kill();
        let running = house.start(None);
        assert_eq!(copy_settles(&house), "appended", "{what}");
        running.stops();
        assert_eq!(house.mails_in("Sent").len(), 1, "{what}");
        invariants::hold(&house, &what);
    });
}

/// K12: exactly one draft.
#[test]
fn one_draft() {
    #[derive(Debug)]
    enum Case {
        Maildir(&'static str),
        Imap(Trap),
    }
    let cases = vec![
        Case::Maildir("K5"),
        Case::Maildir("K12"),
        Case::Maildir("K12b"),
        Case::Imap(Trap::BeforeAppend(Act::Stall)),
        Case::Imap(Trap::BeforeAppend(Act::Drop)),
        Case::Imap(Trap::AfterAppend(Act::Stall)),
        Case::Imap(Trap::AfterAppend(Act::Drop)),
    ];
    each(cases, |case| {
        let what = format!("{case:?}");
        let house = match case {
            // A draft passes no K5: nothing dies.
            Case::Maildir("K5") => {
                let house = House::maildir("draft");
                let running = house.started(Some("K5"));
                house.deliver("a", 1);
                house.reaches(&["drafted"]);
                running.kill();
                house
            }
            Case::Maildir(point) => {
                let house = House::maildir("draft");
                let running = house.started(Some(point));
                house.deliver("a", 1);
                running.dies(&house);
                house
            }
            Case::Imap(trap) => {
                let imap = Imap::start();
                let house = House::imap(&imap, "draft");
                imap.trap(*trap);
                let running = house.started(None);
                house.deliver("a", 1);
                imap.sprung();
                running.kill();
                house
            }
        };
        assert_eq!(super::goes_on(&house), "drafted", "{what}\n{}", house.log());
        assert_eq!((house.mails_in("Drafts").len(), house.sink.accepted().len()), (1, 0), "{what}");
        invariants::hold(&house, &what);
    });
}

/// A server that filed the last two mails by itself and has not filed the third did not take it: it is sent once more.
/// One that files nothing leaves the doubt.
#[test]
fn a_doubt_at_a_server_that_files_copies() {
    each(vec![true, false], |files| {
        let what = format!("files: {files}");
        let house = House::maildir("send");
        if *files {
            house.sink.files_into_maildir(house.sent_folder());
        }
        let running = house.started(None);
        house.deliver("a", 1);
        house.deliver("b", 2);
        until_or(
            || format!("{what}: both copies are settled\n{}", house.log()),
            || {
                let done = "SELECT count(*) FROM outbox WHERE sent_copy IN ('present', 'appended')";
                (house.asks::<i64>(done) == Some(2)).then_some(())
            },
        );
        house.sink.trap(Step::Dot, smtp_sink::Act::Drop);
        house.deliver("c", 3);
        house.sink.sprung();
        running.kill();
        house.time_passes(15);
        let running = house.start(None);
        let want = if *files { ("sent", 3) } else { ("unknown", 2) };
        until_or(
            || format!("{what}: the doubt is settled\n{}", house.log()),
            || {
                let last = house.asks::<String>("SELECT state FROM outbox ORDER BY exchange DESC LIMIT 1");
                last.filter(|state| state == want.0)
            },
        );
        running.stops();
        assert_eq!(house.sink.accepted().len(), want.1, "{what}");
        invariants::hold(&house, &what);
    });
}
