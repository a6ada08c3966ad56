//! What the owner's mail keeps, and what it does not.
use super::super::fixture::*;
use crate::decide::PauseScope;
use crate::model::{FolderRole, HeaderText, NoticeCode, PromiseState};
use crate::store::{MailState, OwnSource, Route, SentCopyState, SentDraft};
use chrono::TimeDelta;

const ANNA: &str = "anna@acme.example";

#[test]
fn a_human_answer_keeps_the_promise_and_nothing_else_does() {
    let cases = [
        (answering(own("s", ANNA, "Re: Logo", 30), &["m"]), vec![], true, "names the message"),
        (answering(own("s", ANNA, "Re: Logo", -30), &["m"]), vec![], true, "names it, whatever the clocks say"),
        (answering(own("s", "x@y.example", "Re: Logo", 30), &["old"]), vec![], true, "later in the conversation"),
        (answering(own("s", "x@y.example", "Re: Logo", 5), &["old"]), vec![], false, "earlier in the conversation"),
        (own("s", "bob@acme.example", "News", 30), vec!["acme"], true, "a new mail to the client"),
        (own("s", "bob@acme.example", "News", 5), vec!["acme"], false, "a new mail before the question"),
        (own("s", ANNA, "News", 30), vec![], true, "a new mail to the address"),
        (own("s", "bob@else.example", "Logo", 30), vec!["else"], false, "a mail to somebody else"),
    ];
    for (mail, clients, keeps, why) in cases {
        let world = World::new();
        world.receive(&message("old", ANNA, "Logo", 0));
        world.receive(&answering(message("m", ANNA, "Logo", 10), &["old"]));
        world.promise("m", "acme", 600);
        let seen = world.see_sent(&mail, &clients);
        assert_eq!(seen.kept, if keeps { vec!["p-m"] } else { vec![] }, "{why}");
        assert_eq!(world.open().is_empty(), keeps, "{why}");
        if keeps {
            let kept = world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap();
            assert_eq!((kept.state, kept.closed_by.as_deref()), (PromiseState::Kept, Some("answered")), "{why}");
            assert!(world.see_sent(&mail, &clients).kept.is_empty(), "seen twice: {why}");
        }
    }
}

#[test]
fn a_team_mail_keeps_only_what_it_names() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let mut mail = message("t", "kim@studio.example", "Logo", 5);
    mail.to = vec![party(ANNA)];
    assert!(world.see_own(&mail, &["acme"], OwnSource::Team).kept.is_empty());
    let mail = answering(message("u", "kim@studio.example", "Re: Logo", 6), &["m"]);
    let seen = world.see_own(&mail, &[], OwnSource::Team);
    assert_eq!((seen.conversation.as_str(), seen.kept), ("x-m", vec!["p-m".to_owned()]));
}

#[test]
fn an_own_mail_seen_in_the_inbox_first_still_keeps_the_promise() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let mut copy = answering(own("s", ANNA, "Re: Logo", 5), &["m"]);
    copy.folder = FolderRole::Inbox;
    world.receive(&copy);
    assert_eq!(world.open(), ["p-m"], "From alone proves nothing");
    let seen = world.see_sent(&answering(own("s", ANNA, "Re: Logo", 5), &["m"]), &[]);
    assert_eq!((seen.duplicate, seen.kept), (true, vec!["p-m".to_owned()]));
    assert_eq!(world.past(&answering(message("n", ANNA, "Logo", 9), &["m"]), 9).owner_wrote_at, Some(minute(5)));
}

#[test]
fn our_own_mail_in_sent_is_recognised_and_keeps_nothing() {
    // (the copy's Message-ID, a header, recognised)
    for (name, header, ours) in [
        ("a-m", None, true),
        ("rewritten", Some(("x-fuseau-id", "instance/a-m")), true),
        ("rewritten", Some(("x-microsoft-original-message-id", "<a-m@x.example>")), true),
        ("rewritten", Some(("x-google-original-message-id", "a-m@x.example")), true),
        ("rewritten", Some(("x-fuseau-id", "instance/a-other")), false),
    ] {
        let world = World::new();
        world.receive(&message("m", ANNA, "Logo", 0));
        world.promise("m", "acme", 600);
        world.mail("m", ANNA, 1, |mail| mail.promise = Some("p-m")).unwrap();
        world.tx(|tx| {
            assert!(tx.claim("a-m", minute(1), TimeDelta::minutes(10))?);
            tx.dot_sent(&tx.held("a-m"))
        });
        let mut copy = answering(own(name, ANNA, "Re: Logo", 2), &["m"]);
        if let Some((header, value)) = header {
            copy.headers.push(header, HeaderText::new(value));
        }
        let seen = world.see_sent(&copy, &["acme"]);
        assert_eq!((seen.ours.as_deref(), seen.kept), (ours.then_some("a-m"), vec![]), "{name} {header:?}");
        assert_eq!(world.open(), ["p-m"]);
        let row = world.row("a-m");
        let want = if ours { MailState::Sent } else { MailState::DotSent };
        assert_eq!(row.state, want, "a mail in doubt that lies in Sent was sent: {header:?}");
        if ours {
            assert_eq!(row.sent_copy, SentCopyState::Present);
            assert_eq!(row.provider_message_id.is_some(), name == "rewritten");
        }
    }
}

#[test]
fn a_copy_that_nobody_asked_for_tells_about_the_server() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.acknowledge("m", ANNA, 1);
    world.tx(|tx| {
        assert!(tx.claim("a-m", minute(1), TimeDelta::minutes(10))? && tx.dot_sent(&tx.held("a-m"))?);
        assert!(tx.sent("a-m", "250 ok", minute(1))?);
        tx.sent_copy("a-m", SentCopyState::Unneeded)
    });
    world.see_sent(&answering(own("a-m", ANNA, "Re: Logo", 1), &["m"]), &["acme"]);
    assert_eq!(world.row("a-m").sent_copy, SentCopyState::Present);
}

#[test]
fn a_mail_found_in_sent_is_not_tried_again() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.acknowledge("m", ANNA, 1);
    let lease = TimeDelta::minutes(10);
    world.tx(|tx| {
        assert!(tx.claim("a-m", minute(1), lease)? && tx.dot_sent(&tx.held("a-m"))?);
        assert!(tx.retry(&tx.held("a-m"), minute(2), "not in Sent, trying again")?);
        tx.claim("a-m", minute(2), lease)
    });
    world.see_sent(&answering(own("a-m", ANNA, "Re: Logo", 1), &["m"]), &["acme"]);
    assert_eq!(world.row("a-m").state, MailState::Sent);
    assert!(!world.tx(|tx| tx.dot_sent(&tx.held("a-m"))), "the second try must not write its dot");
}

#[test]
fn drafts_that_the_owner_sends() {
    // (kind, automatic, the owner wrote in it, keeps the promise)
    for (kind, automatic, edited, keeps) in [
        ("acknowledgement", true, false, false),
        ("acknowledgement", true, true, true),
        ("progress", false, false, false),
        ("progress", false, true, true),
    ] {
        let world = World::new();
        world.receive(&message("m", ANNA, "Logo", 0));
        world.promise("m", "acme", 600);
        let draft = world.mail("m", ANNA, 1, |mail| {
            (mail.kind, mail.automatic, mail.route, mail.promise) = (kind, automatic, Route::Draft, Some("p-m"));
        });
        assert!(draft.is_some());
        let announced = || world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap().announced;
        world
            .tx(|tx| Ok(tx.claim("a-m", minute(1), TimeDelta::minutes(1))? && tx.drafted(&tx.held("a-m"), minute(1))?));
        assert!(!announced(), "a draft tells nobody");
        let mail = answering(own("a-m", ANNA, "Re: Logo", 9), &["m"]);
        let known = world.store.read_blocking(|r| r.drafts_like(&mail, "studio")).unwrap();
        assert_eq!(known.iter().map(|(row, proven)| (row.id.as_str(), *proven)).collect::<Vec<_>>(), [("a-m", true)]);
        let draft = Some(SentDraft { mail: "a-m", edited });
        let seen = world.see_draft(&mail, &["acme"], OwnSource::Sent, draft);
        assert_eq!(seen.kept.is_empty(), !keeps, "{kind}");
        assert!(world.see_draft(&mail, &["acme"], OwnSource::Sent, draft).kept.is_empty(), "seen twice");
        let told = world.store.read_blocking(|r| r.notices_untold()).unwrap();
        assert_eq!(
            told.iter().map(|it| (it.code, it.values["kind"].as_str())).collect::<Vec<_>>(),
            [(NoticeCode::DraftSent, kind)]
        );
        let steps = world.store.read_blocking(|r| r.steps("p-m")).unwrap();
        let causes: Vec<&str> = steps.iter().map(|step| step.cause.as_str()).collect();
        assert_eq!(causes, if keeps { vec!["made", "told", "draft"] } else { vec!["made", "told"] });
        assert_eq!(world.row("a-m").state, MailState::Sent);
        assert!(announced(), "{kind}");
        let past = world.past(&answering(message("n", ANNA, "Logo", 20), &["m"]), 20);
        assert_eq!(past.owner_wrote_at.is_some(), keeps, "{kind}");
    }
}

#[test]
fn a_decision_lets_mail_rest_in_the_same_transaction() {
    let world = World::new();
    let mut ruled = decision(crate::model::Verdict::Hold);
    let scope = PauseScope::Sender("anna@acme.example".into());
    ruled.pauses.push(crate::decide::Pause {
        scope: scope.clone(),
        until: minute(99),
        code: crate::model::Code::MachineSuspected,
    });
    let mail = message("m", ANNA, "Logo", 0);
    let new = crate::store::NewExchange {
        id: "x-m",
        mailbox: "studio",
        folder: "INBOX",
        uidvalidity: 7,
        uid: 1,
        incoming: &mail,
        raw: None,
        decision: &ruled,
        now: minute(0),
    };
    world.tx(|tx| tx.record(&new));
    let rests = world.store.read_blocking(|r| r.pauses(minute(1))).unwrap();
    assert_eq!(rests, [(scope, minute(99), "loop.machine-suspected".to_owned())]);
}
