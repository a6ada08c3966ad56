//! Automatic mail meets automatic mail: it must come to rest, whatever the other side does.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person};
use crate::support::letter::human;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const ABROAD: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";

fn ack_only(person: &Person<'_>) -> usize {
    person.inbox().iter().filter(|mail| mail.headers("Auto-Submitted") == ["auto-replied"]).count()
}

#[test]
fn two_daemons_that_are_each_others_client() {
    let Some(lab) = Lab::shared() else { return };
    let (left, right) = (lab.person(), lab.person());
    let config = |me: &Person<'_>, other: &Person<'_>| {
        [OWNER, AT_ONCE, &mailbox(lab, me, "mode = \"send\""), &client(other, ABROAD)].concat()
    };
    let one = Daemon::run(lab, &config(&left, &right));
    let two = Daemon::run(lab, &config(&right, &left));
    for (from, to, id) in [(&left, &right, "to-right@left.example"), (&right, &left, "to-left@right.example")] {
        let mail = human(&from.address(), &to.address(), id, &format!("From {}", from.name), "");
        // Not filed in Sent: a mail of the owner's to that client, seen later than theirs, would count as the answer.
        from.submit(&to.address(), &mail);
    }
    // One mail by hand and one acknowledgement reach each side; then both have seen what there is.
    for (person, daemon) in [(&left, &one), (&right, &two)] {
        let mails = person.wait_for(2);
        let machine = mails.iter().find(|mail| mail.has("Auto-Submitted")).expect("an acknowledgement");
        let id = machine.header("Message-ID");
        // `ignore`, not `own`, though both write from one domain.
        assert_eq!(daemon.verdict(id.trim_matches(['<', '>'])).0, "ignore");
    }
    one.settle();
    two.settle();
    one.settle();
    for person in [&left, &right] {
        assert_eq!((person.inbox().len(), ack_only(person)), (2, 1));
    }
    // A second letter in the conversation is covered.
    let thread = "In-Reply-To: <to-right@left.example>\nReferences: <to-right@left.example>";
    let from = format!("Re: From {}", left.name);
    left.submit(&right.address(), &human(&left.address(), &right.address(), "more@left.example", &from, thread));
    assert_eq!(two.verdict("more@left.example").0, "wait");
    two.settle();
    one.settle();
    assert_eq!((left.inbox().len(), right.inbox().len()), (2, 3));
}

#[test]
fn two_mailboxes_of_one_daemon() {
    let Some(lab) = Lab::shared() else { return };
    let (left, right) = (lab.person(), lab.person());
    // The configuration refuses own addresses as a client's; whoever proves to be somebody is answered here.
    let proof = "Authentication-Results: mx.lab.example; dmarc=pass header.from=lab.example";
    let more = "mode = \"send\"\ntrusted_authserv = [\"mx.lab.example\"]";
    let replies = format!("{AT_ONCE}strangers = \"acknowledge\"\n");
    let config = [OWNER, &replies, &mailbox(lab, &left, more), &mailbox(lab, &right, more)].concat();
    let daemon = Daemon::run(lab, &config);
    for (from, to, id) in [(&left, &right, "to-right@self.example"), (&right, &left, "to-left@self.example")] {
        from.submit(&to.address(), &human(&from.address(), &to.address(), id, &format!("From {}", from.name), proof));
        assert_eq!(daemon.verdict(id).0, "own");
    }
    daemon.settle();
    assert_eq!((left.inbox().len(), right.inbox().len()), (1, 1));
    assert_eq!(daemon.json(&["status"])["queued"], 0);
}

#[test]
fn a_sieve_vacation_on_the_other_side() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, away) = (lab.person(), lab.vacation());
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&away, ABROAD)];
    let daemon = Daemon::run(lab, &config.concat());
    // The owner writes, their server answers at once: no answer to that.
    let mail = human(&owner.address(), &away.address(), "hello@studio.example", "How are you", "");
    owner.submit(&away.address(), &mail);
    owner.imap().append("Sent", "\\Seen", &mail);
    let machine = owner.wait_for(1).remove(0);
    assert_eq!(machine.subject(), "Away until Monday");
    assert_eq!(daemon.verdict(machine.header("Message-ID").trim_matches(['<', '>'])).0, "ignore");
    // They write by hand: one acknowledgement, to which their server says nothing.
    away.submit(&owner.address(), &human(&away.address(), &owner.address(), "late@away.example", "One more thing", ""));
    away.wait_for(2);
    daemon.settle();
    assert_eq!((owner.inbox().len(), away.inbox().len(), ack_only(&away)), (2, 2, 1));
}

/// Something on the other side that answers every mail, without any mark of a machine.
struct Naive<'a> {
    stop: AtomicBool,
    answered: AtomicUsize,
    person: &'a Person<'a>,
    /// Whether its answers name what they answer.
    threads: bool,
}

impl Naive<'_> {
    fn run(&self, to: &str) {
        while !self.stop.load(Ordering::Relaxed) {
            let mails = self.person.inbox();
            for mail in mails.iter().skip(self.answered.load(Ordering::Relaxed)) {
                let n = self.answered.fetch_add(1, Ordering::Relaxed);
                let parent = mail.header("Message-ID");
                let thread =
                    if self.threads { format!("In-Reply-To: {parent}\nReferences: {parent}") } else { String::new() };
                let (id, subject) =
                    (format!("{}-{n}@naive.example", self.person.name), format!("We care {n}: {}", mail.subject()));
                self.person.submit(to, &human(&self.person.address(), to, &id, &subject, &thread));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_naive_responder_on_the_other_side() {
    let Some(lab) = Lab::shared() else { return };
    // Answers that thread, answers that do not, and the latter with nothing but the daily limit to stop them: three a
    // day to one sender, half of it (rounded up) where no authentication result vouches for the sender.
    for (threads, interval, most) in [(true, "4h", 1), (false, "4h", 1), (true, "0s", 1), (false, "0s", 2)] {
        let (owner, peer) = (lab.person(), lab.person());
        let replies = format!("{AT_ONCE}min_interval = \"{interval}\"\n");
        let config = [OWNER, &replies, &mailbox(lab, &owner, "mode = \"send\""), &client(&peer, ABROAD)];
        let daemon = Daemon::run(lab, &config.concat());
        let naive = Naive { stop: AtomicBool::new(false), answered: AtomicUsize::new(0), person: &peer, threads };
        std::thread::scope(|scope| {
            scope.spawn(|| naive.run(&owner.address()));
            // Whatever happens below: the thread must end, or the scope never does.
            let _end = Stop(&naive.stop);
            let first = human(&peer.address(), &owner.address(), &format!("{}@naive.example", peer.name), "Hello", "");
            peer.submit(&owner.address(), &first);
            // At rest: every acknowledgement was answered, every answer was judged, and none is on its way.
            wait_with(&daemon, "everything comes to rest", |it| {
                it.settle();
                let answered = naive.answered.load(Ordering::Relaxed);
                let all = it.json(&["history", &peer.name]);
                let judged = all.as_array()?.iter().filter(|one| one["direction"] == "in").count();
                let (out, queued) = (it.replies(&peer.name).len(), it.json(&["status"])["queued"] == 0);
                (queued && out > 0 && out == answered && judged == answered + 1).then_some(())
            });
            daemon.settle();
        });
        let sent = daemon.replies(&peer.name);
        assert_eq!((sent.len(), peer.inbox().len()), (most, most), "{threads} {interval} {sent:?}\n{}", daemon.log());
    }
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
