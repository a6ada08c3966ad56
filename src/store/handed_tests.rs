//! Drafts that were handed over, silenced addresses, and what lay in folders of wishes before.
use super::super::fixture::*;
use super::*;
use crate::model::{FolderRole, HeaderText};
use chrono::TimeDelta;

const ANNA: &str = "anna@acme.example";
const BRUNO: &str = "bruno@bell.example";
const LEASE: TimeDelta = TimeDelta::minutes(10);

fn place(uid: u32) -> DraftPlace {
    DraftPlace { folder: "Fuseau/Send now".to_owned(), uidvalidity: 7, uid }
}

/// A draft of the owner's, handed over in minute `at` as `h-NAME`.
fn hand_over(world: &World, draft: &Incoming, at: i64) -> Option<String> {
    with_mail(draft, at, |tx_mail, handed| world.tx(|tx| tx.hand_over(tx_mail, handed)))
}

fn with_mail<R>(draft: &Incoming, at: i64, work: impl FnOnce(&NewMail<'_>, &NewHanded<'_>) -> R) -> R {
    let recipients: Vec<EmailAddress> = draft.recipients().cloned().collect();
    let from = address("claire@studio.example");
    let name = draft.key.replace("key-", "h-");
    let subject = HeaderText::new(draft.subject.as_str());
    let mail = NewMail {
        id: &name,
        mailbox: "studio",
        answers: None,
        promise: None,
        client: Some("acme"),
        kind: "mail",
        automatic: false,
        route: Route::Send,
        not_before: minute(at),
        from: &from,
        envelope_from: Some(&from),
        to: &recipients[0],
        message_id: draft.message_id.as_ref().unwrap(),
        fuseau_id: "instance/h",
        subject: &subject,
        text: "Text",
        bytes: b"From: claire\r\n\r\nhello\r\n",
        dedupe_key: &format!("handed:{name}"),
        window: None,
        now: minute(at),
    };
    let place = place(3);
    work(&mail, &NewHanded { place: &place, draft, wish: "send-now", recipients: &recipients })
}

fn send(world: &World, id: &str, at: i64) {
    world.tx(|tx| {
        assert!(tx.claim(id, minute(at), LEASE)? && tx.dot_sent(&tx.held(id))? && tx.sent(id, "250", minute(at))?);
        Ok(())
    });
}

#[test]
fn once_sent_it_is_an_answer_of_the_owners() {
    // (the draft, whether it keeps the promise of `m`)
    let to = |name: &str, whom: &str| own(name, whom, "Logo", 20);
    for (draft, keeps) in [
        (answering(to("d", "boss@elsewhere.example"), &["m"]), true),
        (to("d", ANNA), true),
        (referring(to("d", "boss@elsewhere.example"), &["m"]), true),
        (own("d", "boss@elsewhere.example", "Other", 20), true),
    ] {
        let world = World::new();
        world.receive(&message("m", ANNA, "Logo", 0));
        world.promise("m", "acme", 600);
        let id = hand_over(&world, &draft, 20).unwrap();
        assert_eq!(world.open(), ["p-m"], "handed over is not sent");
        let past = world.past(&message("n", ANNA, "Re: Logo", 25), 25);
        assert!(!past.written_to, "nor written");
        send(&world, &id, 30);
        assert_eq!(world.open().is_empty(), keeps, "{draft:?}");
    }
    // What came after it was written is not answered by it.
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 25));
    world.promise("m", "acme", 600);
    let id = hand_over(&world, &own("d", ANNA, "Logo", 20), 20).unwrap();
    send(&world, &id, 30);
    assert_eq!(world.open(), ["p-m"]);
    assert!(world.past(&message("n", ANNA, "Re: Logo", 40), 40).written_to);
}

#[test]
fn all_its_recipients_are_kept_and_one_needs_no_list() {
    let world = World::new();
    let mut draft = own("d", ANNA, "Logo", 20);
    draft.cc = vec![party(BRUNO)];
    let id = hand_over(&world, &draft, 20).unwrap();
    let told = |id: &str| world.store.read_blocking(|tx| tx.recipients_of(id)).unwrap();
    assert_eq!(told(&id), [ANNA, BRUNO]);
    let alone = hand_over(&world, &own("e", ANNA, "Logo", 20), 20).unwrap();
    assert!(told(&alone).is_empty());
    // The same key twice is nothing.
    assert_eq!(hand_over(&world, &draft, 21), None);
}

#[test]
fn it_can_be_taken_back_until_it_is_on_its_way() {
    let world = World::new();
    let draft = own("d", ANNA, "Logo", 20);
    let id = hand_over(&world, &draft, 20).unwrap();
    let open = || world.store.read_blocking(|tx| tx.handed_open("studio")).unwrap();
    assert_eq!((open().len(), open()[0].place.clone()), (1, place(3)));
    world.tx(|tx| tx.handed_moved(&id, &place(9)));
    assert_eq!(open()[0].place, place(9));
    assert!(world.tx(|tx| tx.call_back(&id, "withdrawn", minute(21))));
    assert!(open().is_empty() && world.row(&id).state == MailState::Dropped);
    let known = world.store.read_blocking(|tx| tx.handed_as("key-d")).unwrap();
    assert!(known.len() == 1 && known[0].settled);

    let id = hand_over(&world, &own("e", ANNA, "Logo", 20), 20).unwrap();
    world.tx(|tx| tx.claim(&id, minute(20), LEASE));
    assert!(!world.tx(|tx| tx.call_back(&id, "withdrawn", minute(21))));
    assert_eq!(world.row(&id).state, MailState::Sending);
}

#[test]
fn a_draft_of_ours_keeps_its_row() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    world.mail("m", ANNA, 0, |mail| (mail.route, mail.promise) = (Route::Draft, Some("p-m"))).unwrap();
    world.tx(|tx| Ok(tx.claim("a-m", minute(1), LEASE)? && tx.drafted(&tx.held("a-m"), minute(1))?));
    let waits = || world.store.read_blocking(|tx| tx.drafted_as("<a-m@x.example>")).unwrap();
    assert_eq!(waits(), Some(("a-m".to_owned(), "instance/a-m".to_owned())));
    let draft = own("a-m", ANNA, "Re: Logo", 5);
    let adopt = || with_mail(&draft, 20, |mail, handed| world.tx(|tx| tx.adopt("a-m", mail, handed)));
    assert!(adopt() && waits().is_none());
    assert_eq!((world.row("a-m").state, world.row("a-m").route), (MailState::Queued, Route::Send));
    // Taken back it waits in Drafts as before, and can be handed over again.
    assert!(world.tx(|tx| tx.call_back("a-m", "withdrawn", minute(21))));
    assert_eq!((world.row("a-m").state, world.row("a-m").route), (MailState::Drafted, Route::Draft));
    assert!(adopt() && !adopt());
    // Refused, it goes back to Drafts in the same way.
    world.tx(|tx| Ok(tx.claim("a-m", minute(22), LEASE)? && tx.failed(&tx.held("a-m"), "550 no", minute(22))?));
    world.tx(|tx| tx.handed_settled("a-m", minute(22)));
    assert_eq!(world.row("a-m").state, MailState::Drafted);
    // Sent, its promise is announced; an acknowledgement is no answer.
    assert!(adopt());
    send(&world, "a-m", 30);
    let promise = world.store.read_blocking(|tx| tx.promise("p-m")).unwrap().unwrap();
    assert!(promise.announced && world.open() == ["p-m"]);
}

#[test]
fn an_answer_that_waits_counts_where_it_comes_in_time() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let waits = || world.store.read_blocking(|tx| tx.answer_waits("x-m")).unwrap();
    assert!(!waits());
    hand_over(&world, &answering(own("late", ANNA, "Logo", 20), &["m"]), 700).unwrap();
    assert!(!waits(), "after the promise is due");
    hand_over(&world, &answering(own("soon", ANNA, "Logo", 20), &["m"]), 500).unwrap();
    assert!(waits());
    world.tx(|tx| tx.call_back("h-soon", "withdrawn", minute(30)));
    assert!(!waits());
}

#[test]
fn a_silenced_address_gets_nothing_until_it_is_taken_back() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    world.acknowledge("m", ANNA, 1);
    hand_over(&world, &own("d", ANNA, "Logo", 2), 2).unwrap();
    let tagged = address("Anna+news@acme.example");
    assert!(world.tx(|tx| tx.never(&tagged, "cli", minute(5))));
    assert!(!world.tx(|tx| tx.never(&address(ANNA), "folder", minute(6))), "it was so before");
    // The owner's own mail to them is theirs to send.
    assert_eq!((world.row("a-m").state, world.row("h-d").state), (MailState::Dropped, MailState::Queued));
    assert!(world.open().is_empty());
    assert!(world.past(&message("n", ANNA, "Again", 10), 10).never);
    assert!(!world.past(&message("o", BRUNO, "Again", 10), 10).never);
    let all = world.store.read_blocking(|tx| tx.nevers()).unwrap();
    assert_eq!((all.len(), all[0].made_by.as_str()), (1, "cli"));
    assert!(world.tx(|tx| tx.never_mind(&address(ANNA))) && !world.tx(|tx| tx.never_mind(&address(ANNA))));
    assert!(!world.past(&message("n", ANNA, "Again", 10), 10).never);
}

#[test]
fn what_lay_in_a_folder_before_is_no_wish() {
    let world = World::new();
    let from = |folder: &str, validity, next, first| {
        world.tx(|tx| tx.wishes_from("studio", folder, validity, next, first, minute(0)))
    };
    assert_eq!(from("Fuseau/Old", 7, 5, true), 5, "there when the folders were met");
    assert_eq!(from("Fuseau/Old", 7, 9, false), 5, "and from then on it counts");
    assert_eq!(from("Fuseau/New", 7, 3, false), 1, "made later: all of it counts");
    assert_eq!(from("Fuseau/New", 8, 4, false), 4, "numbered anew");
    world.tx(|tx| Ok(tx.connection().execute("UPDATE folder SET uidvalidity = 0", [])?));
    assert_eq!(from("Fuseau/New", 8, 6, false), 6, "a restored backup");
    // A message that was recorded there before the folder was met changes nothing about that.
    world.tx(|tx| tx.folder("studio", "Fuseau/Made", FolderRole::Inbox, minute(0)).map(|_| ()));
    assert_eq!(from("Fuseau/Made", 8, 6, false), 6);
}
