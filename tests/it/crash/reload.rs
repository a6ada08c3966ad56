//! A reload and a stop while a server is silent: the session before is gone, or can change nothing, when the next one begins.
use super::{each, goes_on};
use crate::support::{
    fake_imap::{self, Imap, Trap},
    house::{House, until_or},
    invariants,
    smtp_sink::{Act, Step},
};
use rustix::process::Signal;
use std::time::Duration;

/// What is in hand is given half a second.
const SOON: (&str, &str) = ("FUSEAU_DRAIN", "500");

/// The session before the reload waits for the answer to RCPT; that of after it has written the final dot when the answer
/// to the first one comes.
#[test]
fn a_reload_while_a_server_is_silent_sends_once() {
    each(vec![Step::Mail, Step::Rcpt], |step| {
        let what = format!("{step:?}");
        let house = House::maildir("send");
        let running = house.started_with(SOON);
        house.sink.trap(*step, Act::LaterThanAnother);
        house.deliver("a", 1);
        house.sink.sprung();
        house.sink.trap(Step::Dot, Act::Slow(Duration::from_secs(2)));
        running.signal(Signal::HUP);
        assert_eq!(house.reaches(&["sent"]), "sent", "{what}");
        running.stops();
        assert_eq!(goes_on(&house), "sent", "{what}");
        assert_eq!(house.sink.accepted().len(), 1, "{what}\n{}", house.log());
        invariants::hold(&house, &what);
    });
}

/// The server lets the session before the reload bring its draft only when the one after it has brought its own.
#[test]
fn a_reload_while_a_draft_is_brought_makes_one_draft() {
    let imap = Imap::start();
    let house = House::imap(&imap, "draft");
    let running = house.started_with(SOON);
    imap.trap(Trap::BeforeLiteral(fake_imap::Act::Slow(Duration::from_secs(4))));
    house.deliver("a", 1);
    imap.sprung();
    running.signal(Signal::HUP);
    house.reaches(&["drafted"]);
    assert_eq!(house.mails_in("Drafts").len(), 1);
    imap.appended(2);
    assert_eq!(house.mails_in("Drafts").len(), 1, "{}", house.log());
    running.stops();
    invariants::hold(&house, "draft");
}

/// K15: a server that is silent does not hold up a stop, and what was in hand goes on at the next start.
#[test]
fn a_stop_while_a_server_is_silent() {
    let cases = vec![
        (Step::Rcpt, Act::Stall, ("sent", 1)),
        (Step::Data, Act::Stall, ("sent", 1)),
        (Step::Dot, Act::Stall, ("unknown", 0)),
        (Step::Dot, Act::TakeAndStall, ("unknown", 1)),
    ];
    each(cases, |(step, act, want)| {
        let what = format!("{step:?} {act:?}");
        let house = House::maildir("send");
        let running = house.started_with(SOON);
        house.sink.trap(*step, *act);
        house.deliver("a", 1);
        house.sink.sprung();
        running.stops();
        assert!(house.log().contains("is cut off"), "{what}\n{}", house.log());
        invariants::nothing_untrue(&house, &what);
        let state = goes_on(&house);
        assert_eq!((state.as_str(), house.sink.accepted().len()), *want, "{what}\n{}", house.log());
        invariants::hold(&house, &what);
    });
}

/// A stop that is asked for while a reload waits for a silent server does not wait for it a second time.
#[test]
fn a_stop_during_a_reload() {
    let house = House::maildir("send");
    let running = house.started_with(("FUSEAU_DRAIN", "2000"));
    house.sink.trap(Step::Rcpt, Act::Stall);
    house.deliver("a", 1);
    house.sink.sprung();
    running.signal(Signal::HUP);
    // It listens meanwhile.
    let (code, text) = house.command(&["status", "--json"]);
    assert_eq!(code, Some(0), "{text}");
    running.stops();
    assert!(!house.log().contains("configuration read again"), "{}", house.log());
    assert_eq!(goes_on(&house), "sent");
    invariants::hold(&house, "stop during reload");
}

/// `fuseau reload` says what became of it, however long the mail in hand takes: longer than any other question.
#[test]
fn a_reload_that_takes_long_succeeds() {
    let house = House::maildir("send");
    let waits = [("FUSEAU_DRAIN", "3000"), ("FUSEAU_PATIENCE", "1000")];
    let running = house.met(house.start_with_all(&waits));
    house.sink.trap(Step::Rcpt, Act::Stall);
    house.deliver("a", 1);
    house.sink.sprung();
    let (code, text) = house.command_with(&["reload"], &waits);
    assert_eq!((code, text.as_str()), (Some(0), "configuration read again\n"), "{}", house.log());
    assert!(house.log().contains("is cut off"));
    house.reaches(&["sent"]);
    running.stops();
    invariants::hold(&house, "long reload");
}

/// A second reload that is asked for while the first one waits is done too.
#[test]
fn a_reload_during_a_reload() {
    let house = House::maildir("send");
    let running = house.started_with(("FUSEAU_DRAIN", "1500"));
    house.sink.trap(Step::Rcpt, Act::Stall);
    house.deliver("a", 1);
    house.sink.sprung();
    running.signal(Signal::HUP);
    let (code, text) = house.command(&["reload"]);
    assert_eq!(code, Some(0), "{text}");
    until_or(
        || format!("both are done\n{}", house.log()),
        || (house.log().matches("configuration read again").count() == 2).then_some(()),
    );
    house.reaches(&["sent"]);
    running.stops();
    invariants::hold(&house, "reload during reload");
}
