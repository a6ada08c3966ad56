//! One test per field of the snapshot.
use super::super::fixture::*;
use crate::decide::{Decision, PauseScope};
use crate::model::{Code, HeaderText, Incoming, Verdict};
use crate::store::{NewExchange, OwnSource, Route};

const ANNA: &str = "anna@acme.example";

#[test]
fn a_blank_memory_knows_nothing() {
    let world = World::new();
    assert_eq!(world.past(&message("m", ANNA, "Logo", 0), 0), crate::model::Past::default());
    assert_eq!(world.past(&Incoming::default(), 0), crate::model::Past::default());
}

#[test]
fn one_logical_message_is_one_exchange_across_folders_and_mailboxes() {
    let world = World::new();
    let mail = message("m", ANNA, "Logo", 0);
    assert!(!world.receive(&mail).duplicate);
    assert_eq!(world.past(&mail, 1).duplicate_of.as_deref(), Some("x-m"));
    for (mailbox, folder) in [("studio", "Archive"), ("second", "INBOX"), ("studio", "INBOX")] {
        let again = world.receive_in(mailbox, folder, &mail);
        assert_eq!((again.exchange.as_str(), again.duplicate), ("x-m", true), "{mailbox} {folder}");
    }
    assert_eq!(world.store.read_blocking(|r| r.places("x-m")).unwrap().len(), 4);
    let reused = Incoming { key: "key-other".into(), ..message("m", "evil@else.example", "Logo", 1) };
    assert_eq!(world.past(&reused, 1).duplicate_of, None, "an id reused by somebody else is another message");
}

#[test]
fn conversations_are_joined_by_ids_and_never_by_subject_alone() {
    let world = World::new();
    world.receive(&message("root", ANNA, "Logo", 0));
    for (mail, joins, why) in [
        (answering(message("a", ANNA, "anything", 1), &["root"]), true, "In-Reply-To"),
        (
            referring(message("b", ANNA, "AW: logo", 1), &["unknown", "root", "unknown2"]),
            true,
            "References, same subject",
        ),
        (referring(message("c", ANNA, "Invoice", 1), &["root"]), false, "an old mail recycled for a new topic"),
        (message("d", ANNA, "Re: Logo", 1), false, "subject alone, same sender"),
        (message("e", "new@else.example", "Re: Logo", 1), false, "subject alone, new sender"),
        (answering(message("f", ANNA, "Re: Logo", 1), &["unknown"]), false, "unknown id"),
    ] {
        let want = joins.then_some("x-root");
        assert_eq!(world.past(&mail, 1).conversation.as_deref(), want, "{why}");
        let own_root = mail.key.replace("key-", "x-");
        assert_eq!(world.receive(&mail).conversation, want.unwrap_or(&own_root), "{why}");
    }
    let mut many = message("g", ANNA, "Logo", 2);
    many.references = (0..5_000).map(|n| id(&format!("n{n}"))).collect();
    many.references[0] = id("root");
    assert_eq!(world.past(&many, 2).conversation.as_deref(), Some("x-root"), "the root is looked up in any length");
}

#[test]
fn answers_are_recognised_in_any_order() {
    let mail = message("m", ANNA, "Logo", 0);
    let other_subject = |subject| own("s", ANNA, subject, 10);
    let cases = [
        (answering(other_subject("else"), &["m"]), true, "In-Reply-To"),
        (referring(other_subject("else"), &["root", "m"]), true, "References"),
        (own("s", ANNA, "Re: Logo", 10), true, "to the author, same base subject, later"),
        (own("s", ANNA, "Re: Logo", -10), false, "... but earlier"),
        (own("s", ANNA, "Invoice", 10), false, "to the author about something else"),
        (own("s", "bob@acme.example", "Re: Logo", 10), false, "to somebody else"),
    ];
    for (answer, answered, why) in cases {
        let world = World::new();
        world.see_sent(&answer, &[]);
        assert_eq!(world.past(&mail, 20).answered, answered, "answer seen first: {why}");
        world.receive(&mail);
        assert_eq!(world.past(&mail, 20).answered, answered, "then recorded: {why}");

        let world = World::new();
        world.receive(&mail);
        assert!(!world.past(&mail, 5).answered);
        world.see_sent(&answer, &[]);
        assert_eq!(world.past(&mail, 20).answered, answered, "message seen first: {why}");
        let at = world.store.read_blocking(|r| r.answered_at("x-m")).unwrap();
        assert_eq!(at, answered.then_some(answer.arrived), "{why}");
    }
    let world = World::new();
    world.see_sent(&answering(own("s", ANNA, "Re: Logo", 10), &["m"]), &[]);
    let recorded = world.receive(&mail);
    let past = world.past(&answering(message("m2", ANNA, "Logo", 20), &["m"]), 20);
    assert_eq!(past.conversation.as_deref(), Some(recorded.conversation.as_str()));
    assert_eq!(past.owner_wrote_at, Some(minute(10)), "the early answer is in the conversation");
}

#[test]
fn a_strangers_mail_answers_nothing() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let forged = answering(message("f", "evil@else.example", "Re: Logo", 5), &["m"]);
    world.receive(&forged);
    let past = world.past(&answering(message("n", ANNA, "Logo", 6), &["m"]), 6);
    assert!(!world.past(&message("m", ANNA, "Logo", 0), 6).answered);
    assert_eq!((past.owner_wrote_at, past.open_promise_by), (None, Some(minute(600))));
}

#[test]
fn one_automatic_mail_until_the_owner_writes() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    let next = answering(message("n", ANNA, "Logo", 30), &["m"]);
    assert!(!world.past(&next, 30).automatic_since_owner);
    world.acknowledge("m", ANNA, 1);
    assert!(world.past(&next, 30).automatic_since_owner);
    world.see_sent(&answering(own("s", ANNA, "Re: Logo", 20), &["m"]), &["acme"]);
    let past = world.past(&next, 30);
    assert_eq!((past.automatic_since_owner, past.owner_wrote_at), (false, Some(minute(20))));
    world.receive(&next);
    world.acknowledge("n", ANNA, 31);
    let third = answering(message("o", ANNA, "Logo", 40), &["n"]);
    assert!(world.past(&third, 40).automatic_since_owner);
    world.tx(|tx| tx.dropped("a-n", "answered", minute(41)));
    assert!(!world.past(&third, 42).automatic_since_owner, "what was dropped was never made");
}

#[test]
fn every_intent_counts_but_what_was_dropped() {
    let finish = |state: &str, world: &World| {
        world.tx(|tx| {
            let lease = chrono::TimeDelta::minutes(1);
            match state {
                "queued" => return Ok(true),
                "dropped" => return tx.dropped("a-m", "gone", minute(1)),
                "observed" => return tx.observed("a-m", minute(1)),
                _ => assert!(tx.claim("a-m", minute(1), lease)?),
            }
            match state {
                "sending" => Ok(true),
                "dot_sent" => tx.dot_sent(&tx.held("a-m")),
                "failed" => tx.failed(&tx.held("a-m"), "550", minute(1)),
                "drafted" => tx.drafted(&tx.held("a-m"), minute(1)),
                "unknown" => Ok(tx.dot_sent(&tx.held("a-m"))? && tx.unknown(&tx.held("a-m"), "not found", minute(1))?),
                _ => tx.sent("a-m", "250", minute(1)),
            }
        })
    };
    for state in ["queued", "sending", "dot_sent", "sent", "unknown", "failed", "observed", "drafted", "dropped"] {
        let world = World::new();
        world.receive(&message("m", ANNA, "Logo", 0));
        world.acknowledge("m", ANNA, 0);
        assert!(finish(state, &world), "{state}");
        assert_eq!(world.row("a-m").state.as_str(), state);
        let past = world.past(&answering(message("n", ANNA, "Logo", 2), &["m"]), 2);
        let want = u32::from(state != "dropped");
        assert_eq!(past.to_sender_day, want, "{state}");
        assert_eq!(past.total, [want; 3], "{state}");
        assert_eq!(past.automatic_since_owner, want == 1, "{state}");
        assert_eq!(past.last_acknowledgement, (want == 1).then_some(minute(0)), "{state}");
    }
}

#[test]
fn limits_are_counted_back_from_now() {
    let world = World::new();
    // (name, mailbox, recipient, made in minute)
    for (name, mailbox, to, at) in [
        ("a", "studio", "anna@acme.example", 0),
        ("b", "studio", "Anna+tag@acme.example", 8_000),
        ("c", "second", "anna@acme.example", 9_000),
        ("d", "studio", "bob@eu.acme.example", 9_975),
        ("e", "studio", "x@else.example", 9_995),
    ] {
        world.receive(&message(name, to, "Logo", at));
        world.mail(name, to, at, |mail| mail.mailbox = mailbox).unwrap();
    }
    let past = world.past(&message("n", ANNA, "New", 10_000), 10_000);
    assert_eq!((past.to_sender_day, past.to_sender_week), (1, 3), "plus-tags are one person, both mailboxes count");
    assert_eq!(past.to_domain_day, 2, "subdomains are one organisation");
    assert_eq!((past.total, past.mailbox_total), ([1, 2, 3], [1, 2, 2]));
    assert_eq!(past.last_acknowledgement, Some(minute(9_000)));
    let past = world.past(&message("n", ANNA, "New", 10_081), 10_081);
    assert_eq!(past.to_sender_week, 2, "the week has passed for the first");
    let form = Incoming { reply_to: vec![party(ANNA)], ..message("f", "forms@site.example", "New", 10_000) };
    assert_eq!(world.past(&form, 10_000).to_sender_week, 3, "behind a contact form the author is in Reply-To");
}

#[test]
fn drafts_for_the_owner_are_not_automatic_mail() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world
        .mail("m", ANNA, 0, |mail| (mail.automatic, mail.kind, mail.route) = (false, "progress", Route::Draft))
        .unwrap();
    let past = world.past(&answering(message("n", ANNA, "Logo", 1), &["m"]), 1);
    assert_eq!((past.total, past.automatic_since_owner, past.to_sender_day), ([0; 3], false, 0));
}

#[test]
fn an_answer_to_our_automatic_mail_is_recognised() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.acknowledge("m", ANNA, 1);
    let answer = answering(message("n", ANNA, "Re: Logo", 4), &["a-m"]);
    assert_eq!(world.past(&answer, 4).answers_our_automatic, None, "not sent yet");
    world.tx(|tx| {
        assert!(tx.claim("a-m", minute(1), chrono::TimeDelta::minutes(1))?);
        assert!(tx.sent("a-m", "250 ok", minute(3))?);
        tx.renamed("a-m", &id("provider"))
    });
    assert_eq!(world.past(&answer, 4).answers_our_automatic, Some(minute(3)));
    for other in [
        answering(message("n", ANNA, "Re: Logo", 4), &["provider"]),
        referring(message("n", ANNA, "else", 4), &["m", "a-m"]),
    ] {
        assert_eq!(world.past(&other, 4).answers_our_automatic, Some(minute(3)));
    }
    let past = world.past(&answering(message("n", ANNA, "Re: Logo", 4), &["m"]), 4);
    assert_eq!(past.answers_our_automatic, None, "it answers the client's own mail");
    assert_eq!(past.conversation.as_deref(), Some("x-m"));
}

#[test]
fn the_owner_has_written_to_an_address() {
    let world = World::new();
    let mail = message("m", "Anna+x@acme.example", "Logo", 5);
    assert!(!world.past(&mail, 5).written_to);
    world.see_sent(&own("s", ANNA, "Offer", 0), &[]);
    assert!(world.past(&mail, 5).written_to);
    assert!(!world.past(&message("m", "bob@acme.example", "Logo", 5), 5).written_to);
}

#[test]
fn the_same_text_from_one_domain() {
    let world = World::new();
    let text = |name: &str, from: &str, text: &str, at| {
        let mut mail = message(name, from, "Ticket", at);
        text.clone_into(&mut mail.content.text);
        mail
    };
    world.receive(&text("a", "t1@crm.example", "Ticket 1 was opened", 0));
    world.receive(&text("b", "t2@crm.example", "Ticket 2 was opened", 50));
    world.receive(&text("c", "t3@crm.example", "Ticket 2 was closed", 50));
    world.receive(&text("d", "t4@else.example", "Ticket 2 was opened", 50));
    assert_eq!(world.past(&text("n", "t9@crm.example", "Ticket 9 was opened", 55), 55).same_body_hour, 2);
    assert_eq!(world.past(&text("n", "t9@crm.example", "Ticket 9 was opened", 70), 70).same_body_hour, 1);
    assert_eq!(world.past(&text("b", "t2@crm.example", "Ticket 2 was opened", 50), 55).same_body_hour, 1, "not itself");
    assert_eq!(world.past(&text("n", "t9@crm.example", "", 55), 55).same_body_hour, 0);
}

#[test]
fn the_same_text_from_people_is_no_loop() {
    let text = |name: &str, from: &str, text: &str| {
        let mut mail = message(name, from, "Logo", 0);
        text.clone_into(&mut mail.content.text);
        mail
    };
    let long = "our shop is down since this morning, please have a look";
    let said = |verdict, code: Code| Decision { reasons: vec![code.into()], ..decision(verdict) };
    let (told, held) = (said(Verdict::Acknowledge, Code::KnownClient), said(Verdict::Hold, Code::SameBody));
    let (thanked, machine) = (said(Verdict::Wait, Code::Thanks), said(Verdict::Ignore, Code::Precedence));
    let mut quoting = thanked.clone();
    quoting.reasons = vec![Code::KnownClient.with("\"code\":\"content.thanks\"")];
    for (words, from, decision, want, why) in [
        (long, "bob@acme.example", &told, 2, "a text comes back from the domain"),
        (long, "bob@acme.example", &held, 2, "what is held for it goes on counting"),
        (long, "bob@acme.example", &thanked, 0, "a thank-you gets no answer"),
        (long, "bob@acme.example", &machine, 0, "a machine's mail gets no answer"),
        (long, "bob@acme.example", &quoting, 2, "evidence is no code"),
        ("any news?", "bob@acme.example", &told, 0, "three colleagues ask the same"),
        ("any news?", ANNA, &told, 2, "one asks again and again"),
        ("進捗はいかがですか", "bob@acme.example", &told, 0, "... in Japanese"),
    ] {
        let world = World::new();
        for name in ["a", "b"] {
            let mail = text(name, from, words);
            let new = NewExchange {
                id: name,
                mailbox: "studio",
                folder: "INBOX",
                uidvalidity: 7,
                uid: world.next_uid(),
                incoming: &mail,
                raw: None,
                decision,
                now: mail.arrived,
            };
            world.tx(|tx| tx.record(&new));
        }
        assert_eq!(world.past(&text("n", ANNA, words), 1).same_body_hour, want, "{why}");
    }
}

#[test]
fn bounces_and_rests() {
    let world = World::new();
    let mail = message("m", "Anna@eu.acme.example", "Logo", 0);
    world.tx(|tx| tx.bounce(&address("anna+b@eu.acme.example"), minute(1)));
    assert_eq!(world.past(&mail, 2).bounced_at, Some(minute(1)));
    for (scope, until, want) in [
        (PauseScope::Sender("anna@eu.acme.example".into()), 10, Some(10)),
        (PauseScope::Domain("acme.example".into()), 20, Some(20)),
        (PauseScope::Domain("eu.acme.example".into()), 5, Some(20)),
        (PauseScope::Domain("else.example".into()), 90, Some(20)),
        (PauseScope::All, 30, Some(30)),
        (PauseScope::All, 25, Some(30)),
    ] {
        world.tx(|tx| tx.pause(&scope, minute(until), "cli", minute(0)));
        assert_eq!(world.past(&mail, 2).paused_until, want.map(minute), "{scope:?}");
    }
    assert_eq!(world.past(&mail, 30).paused_until, None, "it ended");
    assert!(world.tx(|tx| tx.unpause(&PauseScope::All)));
    assert_eq!(world.past(&mail, 2).paused_until, Some(minute(20)));
    assert_eq!(world.store.read_blocking(|r| r.pauses(minute(2))).unwrap().len(), 4);
    assert_eq!(world.tx(|tx| tx.forget_pauses(minute(10))), 2);
}

#[test]
fn automatic_mail_of_others_in_sent_counts_but_answers_nothing() {
    for (header, value) in [("x-fuseau-id", "other/1"), ("auto-submitted", "auto-replied; x=y")] {
        let world = World::new();
        world.receive(&message("m", ANNA, "Logo", 0));
        world.promise("m", "acme", 600);
        let mut mail = answering(own("s", ANNA, "Re: Logo", 5), &["m"]);
        mail.headers.push(header, HeaderText::new(value));
        let seen = world.see_sent(&mail, &["acme"]);
        assert_eq!((seen.ours, seen.kept), (None, vec![]), "{header}");
        let past = world.past(&answering(message("n", ANNA, "Logo", 9), &["m"]), 9);
        assert_eq!((past.automatic_since_owner, past.owner_wrote_at, past.written_to), (true, None, false), "{header}");
        assert!(!world.past(&message("m", ANNA, "Logo", 0), 9).answered);
    }
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    let mut mail = answering(own("s", ANNA, "Re: Logo", 5), &["m"]);
    mail.headers.push("auto-submitted", HeaderText::new("no (by hand)"));
    world.see_own(&mail, &[], OwnSource::Team);
    assert!(world.past(&message("m", ANNA, "Logo", 0), 9).answered, "`no` is a human, and the team counts");
}

/// What one transaction remembers of its own reading is what a fresh look at the same moment shows.
#[test]
fn the_memory_of_a_transaction_follows_its_changes() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.receive(&message(name, ANNA, name, 0));
    }
    world.acknowledge("a", ANNA, 0);
    let mail = message("new", ANNA, "new", 1);
    let bob = message("bob", "bob@else.example", "new", 1);
    let scope = PauseScope::Sender(address(ANNA).folded());
    type Change<'a> = (&'a str, &'a dyn Fn(&crate::store::Tx<'_>) -> Result<(), crate::store::StoreError>);
    let changes: &[Change<'_>] = &[
        ("nothing", &|_| Ok(())),
        ("a mail is made", &|tx| queue(tx, "b", ANNA, "studio", 1)),
        ("one to another domain in another mailbox", &|tx| queue(tx, "c", "x@else.example", "second", 1)),
        ("one of another moment", &|tx| queue(tx, "d", ANNA, "studio", 0)),
        ("one is dropped", &|tx| tx.dropped("a-b", "answered", minute(1)).map(drop)),
        ("a rest begins", &|tx| tx.pause(&scope, minute(90), "cli", minute(1))),
        ("everything rests", &|tx| tx.pause(&PauseScope::All, minute(60), "cli", minute(1))),
        ("a rest ends", &|tx| tx.unpause(&scope).map(drop)),
    ];
    world.receive(&message("d", ANNA, "d", 0));
    world.tx(|tx| {
        for (what, change) in changes {
            change(tx)?;
            for mail in [&mail, &bob] {
                for mailbox in ["studio", "second"] {
                    let fresh = crate::store::Tx::new(tx.connection()).past(mail, mailbox, minute(1))?;
                    assert_eq!(tx.past(mail, mailbox, minute(1))?, fresh, "{what}, {mailbox}");
                }
            }
        }
        let counted = tx.past(&mail, "studio", minute(1))?;
        assert_eq!((counted.total[2], counted.mailbox_total[2], counted.to_domain_day), (3, 2, 2));
        Ok(())
    });
}

fn queue(
    tx: &crate::store::Tx<'_>,
    name: &str,
    to: &str,
    mailbox: &'static str,
    at: i64,
) -> Result<(), crate::store::StoreError> {
    with_mail(name, to, at, |new| {
        new.mailbox = mailbox;
        tx.queue(new).map(drop)
    })
}
