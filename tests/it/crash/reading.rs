//! Accidents while mail is read: nothing is forgotten, nothing is answered twice, nothing old is answered.
use super::each;
use crate::support::{
    fake_imap::{Act, Imap, Trap},
    house::{House, until_or},
    invariants,
};

/// Waits until so many mails were sent.
fn sent(house: &House, count: usize) {
    until_or(
        || format!("{count} mails are sent, {}\n{}", house.sink.accepted().len(), house.log()),
        || {
            let done: Option<i64> = house.asks("SELECT count(*) FROM outbox WHERE state = 'sent'");
            (done == Some(count as i64)).then_some(())
        },
    );
}

/// The reasons recorded for a message.
fn reasons(house: &House, message_id: &str) -> String {
    let sql = format!(
        "SELECT d.reasons FROM decision d JOIN exchange e ON e.seq = d.exchange WHERE e.message_id = '{message_id}'"
    );
    house.asks(&sql).unwrap_or_default()
}

/// K1: the connection ends, or the program does, at EXAMINE and with half a message read.
#[test]
fn half_a_literal() {
    let traps = [Act::Drop, Act::Stall].into_iter().flat_map(|act| [Trap::HalfLiteral(act), Trap::Examine(act)]);
    let cases: Vec<(Trap, bool)> = traps
        .flat_map(|trap| [(trap, true), (trap, false)])
        // Without a kill the program waits a minute for a silent server: that is tested with a clock that stands still.
        .filter(|(trap, kill)| *kill || matches!(trap, Trap::HalfLiteral(Act::Drop) | Trap::Examine(Act::Drop)))
        .collect();
    each(cases, |(trap, kill)| {
        let what = format!("{trap:?} kill: {kill}");
        let imap = Imap::start();
        let house = House::imap(&imap, "send");
        let mut running = house.started(None);
        imap.trap(*trap);
        house.deliver("a", 1);
        imap.sprung();
        if *kill {
            running.kill();
            let stored: Option<i64> = house.asks("SELECT count(*) FROM exchange");
            assert!(stored == Some(0) || matches!(trap, Trap::Examine(_)), "{what}: stored half a message");
            running = house.start(None);
        }
        sent(&house, 1);
        running.stops();
        invariants::hold(&house, &what);
    });
}

/// K13: another UIDVALIDITY answers nothing old, whenever it comes.
#[test]
fn numbered_anew() {
    #[derive(Debug)]
    enum When {
        Stopped,
        Waiting,
        InAPoll,
        /// UIDNEXT decreases and UIDVALIDITY stays (rule B9).
        Rewound,
    }
    each(vec![When::Stopped, When::Waiting, When::InAPoll, When::Rewound], |when| {
        let what = format!("{when:?}");
        let imap = Imap::start();
        let house = House::imap(&imap, "send");
        imap.leap("INBOX", 50);
        // Older than everything: never answered.
        house.deliver("c", 1);
        let mut running = house.started(None);
        house.deliver("a", 2);
        sent(&house, 1);
        match when {
            When::Stopped => {
                running.stops();
                imap.renumber("INBOX");
                running = house.start(None);
            }
            When::Waiting => imap.renumber("INBOX"),
            When::Rewound => imap.rewind("INBOX"),
            When::InAPoll => {
                imap.trap(Trap::RenumberAfterStatus);
                // Sent is open after it was looked at, so that the inbox is asked for with STATUS.
                imap.sprung();
            }
        }
        let validity = if matches!(when, When::Rewound) { 100 } else { 101 };
        let known = format!("SELECT 1 FROM folder WHERE name = 'INBOX' AND uidvalidity = {validity} AND uid_next = 3");
        until_or(|| format!("{what}: the new numbering is known\n{}", house.log()), || house.asks::<i64>(&known));
        house.deliver("b", 3);
        sent(&house, 2);
        let answered: Vec<String> = house.sink.accepted().into_iter().map(|mail| mail.to).collect();
        assert_eq!(answered, ["anna@a.example", "anna@b.example"], "{what}");
        running.stops();
        invariants::hold(&house, &what);
    });
}

/// What was there at first contact is not answered, also when the program dies before it could look twice.
#[test]
fn nothing_old_at_first_contact() {
    let house = House::maildir("send");
    house.deliver("a", 1);
    house.delivered.borrow_mut().clear();
    for _ in 0..2 {
        let running = house.started(None);
        running.kill();
    }
    let running = house.started(None);
    house.deliver("b", 2);
    sent(&house, 1);
    running.stops();
    assert_eq!(house.sink.accepted()[0].to, "anna@b.example");
    invariants::hold(&house, "first contact");
}

/// A mail that kills the program in its rehearsal, twice, is set aside; those that came with it are answered.
#[test]
fn a_mail_that_kills_is_set_aside() {
    let house = House::maildir("send");
    let running = house.started(Some("K2"));
    house.deliver("a", 1);
    running.dies(&house);
    house.start(Some("K2r")).dies(&house);
    house.start(Some("K2r")).dies(&house);
    let running = house.start(None);
    until_or(
        || format!("it is set aside\n{}", house.log()),
        || house.asks::<i64>("SELECT 1 FROM exchange WHERE verdict = 'hold'"),
    );
    assert!(house.asks::<String>("SELECT reasons FROM decision").unwrap().contains("content.unreadable"));
    house.deliver("b", 2);
    sent(&house, 1);
    running.stops();
    assert_eq!(house.sink.accepted()[0].to, "anna@b.example");
    invariants::hold(&house, "set aside");
}

/// Kills from outside are no mail's fault, however often they come while it is being read.
#[test]
fn kills_from_outside_set_nothing_aside() {
    let house = House::maildir("send");
    house.started(None).kill();
    house.deliver("a", 1);
    house.deliver("b", 2);
    for point in ["K2", "K2", "K3", "K2r", "K2", "K3", "K2:2"] {
        house.start(Some(point)).dies(&house);
        invariants::nothing_untrue(&house, point);
    }
    let running = house.start(None);
    sent(&house, 2);
    running.stops();
    invariants::hold(&house, "kills from outside");
}

/// Three mails in one batch, and one that kills: whoever was only in the same batch is read and answered all the same.
#[test]
fn innocent_neighbours_are_answered() {
    let house = House::maildir("send");
    house.started(None).kill();
    let ids: Vec<String> = ["a", "b", "c"].iter().zip(1..).map(|(client, n)| house.deliver(client, n)).collect();
    house.start(Some("K2")).dies(&house);
    house.start(Some("K2r")).dies(&house);
    house.start(Some("K2r")).dies(&house);
    let running = house.start(None);
    sent(&house, 2);
    running.stops();
    let aside = ids.iter().filter(|id| reasons(&house, id).is_empty()).count();
    assert_eq!(aside, 1, "{}", house.log());
    invariants::hold(&house, "neighbours");
}

/// A mail that was being read when the program died is not passed over by a newer one.
#[test]
fn a_newer_mail_does_not_move_the_cursor_past_an_unread_one() {
    let house = House::maildir("send");
    let running = house.started(Some("K2"));
    house.deliver("a", 1);
    running.dies(&house);
    house.deliver("b", 2);
    // The two are read apart; the program dies between them.
    house.start(Some("K2:2")).dies(&house);
    let running = house.start(None);
    until_or(
        || format!("both are recorded\n{}", house.log()),
        || (house.asks::<i64>("SELECT count(*) FROM exchange WHERE direction = 'in'") == Some(2)).then_some(()),
    );
    running.stops();
    invariants::hold(&house, "cursor");
}
