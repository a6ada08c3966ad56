//! A client writes, the daemon acknowledges, the owner answers.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, wait};
use crate::support::letter::human;
use fuseau::system::Clock;

const SINGAPORE: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";
const REUNION: &str = "zone = \"Indian/Reunion\"\nlanguage = \"fr\"";

#[test]
fn a_client_is_acknowledged_in_their_language_and_zone() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, bruno) = (lab.person(), lab.person(), lab.person());
    let config =
        [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, SINGAPORE), &client(&bruno, REUNION)];
    let daemon = Daemon::run(lab, &config.concat());

    let thread = "In-Reply-To: <older@client.example>\nReferences: <root@client.example> <older@client.example>";
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "a1@client.example", "Re: the page", thread));
    bruno.submit(
        &owner.address(),
        &human(&bruno.address(), &owner.address(), "b1@client.example", "=?utf-8?Q?La_page_cass=C3=A9e?=", ""),
    );

    let letter = anna.wait_for(1).remove(0);
    assert_eq!(letter.subject(), "Re: the page");
    assert_eq!(letter.header("In-Reply-To"), "<a1@client.example>");
    assert_eq!(letter.header("References"), "<root@client.example> <older@client.example> <a1@client.example>");
    assert_eq!(letter.header("Auto-Submitted"), "auto-replied");
    assert_eq!(letter.header("X-Auto-Response-Suppress"), "AutoReply, OOF");
    assert_eq!(letter.header("Return-Path"), format!("<{}>", owner.address()));
    assert_eq!(letter.header("Content-Language"), "en");
    assert!(letter.header("From").contains("Claire Martin") && letter.header("From").contains(&owner.address()));
    assert!(letter.header("To").contains(&anna.address()));
    assert!(letter.text().contains("8:30 pm") && letter.text().contains("Singapore time"), "{}", letter.text());
    assert!(!letter.text().contains("does not open"), "nothing of the client's text comes back: {}", letter.text());

    let lettre = bruno.wait_for(1).remove(0);
    assert_eq!(lettre.subject(), "Re: La page cassée");
    assert_eq!(lettre.header("In-Reply-To"), "<b1@client.example>");
    assert_eq!(lettre.header("References"), "<b1@client.example>");
    assert_eq!(lettre.header("Content-Language"), "fr");
    assert!(lettre.text().contains("16 h 30") && lettre.text().contains("heure de La Réunion"), "{}", lettre.text());

    // One copy of each in Sent, read; a further look makes no second one.
    wait("copies in Sent", || (owner.folder("Sent").len() >= 2).then_some(()));
    daemon.settle();
    let copies = owner.folder("Sent");
    assert_eq!(copies.len(), 2);
    for reply in [&letter, &lettre] {
        let copy = copies.iter().find(|copy| copy.header("Message-ID") == reply.header("Message-ID")).unwrap();
        assert!(copy.flags.contains('S') && copy.text() == reply.text());
    }
    assert_eq!((anna.inbox().len(), bruno.inbox().len()), (1, 1));
    // The owner has read nothing yet.
    assert!(owner.inbox().iter().all(|mail| mail.flags.is_empty()), "{:?}", owner.inbox());

    let history = daemon.json(&["history", &anna.name]);
    let told: Vec<_> =
        history.as_array().unwrap().iter().map(|one| (&one["direction"], &one["verdict"], &one["state"])).collect();
    assert_eq!(
        format!("{told:?}"),
        r#"[(String("in"), String("acknowledge"), Null), (String("out"), Null, String("sent"))]"#
    );
    let promises = daemon.json(&["promises"]);
    assert_eq!(promises.as_array().unwrap().len(), 2);
    for promise in promises.as_array().unwrap() {
        let by = promise["promise_by"].as_str().unwrap();
        assert!(promise["announced"] == true && by.ends_with("T12:30:00Z"), "{promise}");
    }
    let status = daemon.json(&["status"]);
    assert_eq!((&status["running"], &status["open_promises"], &status["queued"]), (&true.into(), &2.into(), &0.into()));
    assert_eq!((&status["mailboxes"][0]["connected"], &status["mailboxes"][0]["error"]), (&true.into(), &().into()));
}

#[test]
fn the_owner_answers_from_another_program() {
    let Some(lab) = Lab::shared() else { return };
    let owner = lab.person();
    let clients = [0; 6].map(|_| lab.person());
    let mut config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\"")].concat();
    config.extend(clients.iter().map(|one| client(one, SINGAPORE)));
    let daemon = Daemon::run(lab, &config);
    let ids = clients.each_ref().map(|one| format!("{}@client.example", one.name));
    for (one, id) in clients.iter().zip(&ids) {
        owner.get(&one.address(), &human(&one.address(), &owner.address(), id, "A question", ""));
    }
    for one in &clients {
        one.wait_for(1);
    }
    let [sent, circle, plain, flag, done, open] = &ids;
    let answer = |to: &str, id: &str, thread: &str| human(&owner.address(), to, id, "Re: A question", thread);

    let mut program = owner.imap();
    let thread = format!("In-Reply-To: <{sent}>\nReferences: <{sent}>");
    program.append("Sent", "\\Seen", &answer(&clients[0].address(), "answer1@studio.example", &thread));
    // Sent by the mail program itself, which then files its copy.
    let thread = format!("In-Reply-To: <{circle}>\nReferences: <{circle}>");
    let mail = answer(&clients[1].address(), "answer2@studio.example", &thread);
    owner.submit(&clients[1].address(), &mail);
    program.append("Sent", "\\Seen", &mail);
    // A program that writes a new mail instead of an answer: it answers what came before it, by clocks of whole seconds.
    let second = Clock::System.now().timestamp();
    wait("the next second", || (Clock::System.now().timestamp() > second).then_some(()));
    program.append("Sent", "\\Seen", &answer(&clients[2].address(), "answer3@studio.example", ""));
    program.flag("INBOX", &format!("<{flag}>"), "\\Answered");
    assert!(daemon.say(&["done", &format!("<{done}>")]).contains("done"));

    daemon.settle();
    for id in [sent, circle, plain, flag, done] {
        assert_eq!(daemon.promises(id), ["kept"], "{id}");
    }
    assert_eq!(daemon.promises(open), ["open"]);
    assert_eq!(clients[1].wait_for(2).len(), 2);

    // Their thanks open nothing new and get no mail.
    let thanks = human(
        &clients[0].address(),
        &owner.address(),
        "thanks@client.example",
        "Re: A question",
        "In-Reply-To: <answer1@studio.example>\nReferences: <answer1@studio.example>",
    );
    owner.get(
        &clients[0].address(),
        &thanks.split("\n\n").next().map(|head| format!("{head}\n\nThank you!\n")).unwrap(),
    );
    assert_ne!(daemon.verdict("thanks@client.example").0, "acknowledge");
    daemon.settle();
    assert_eq!(clients[0].inbox().len(), 1);
    assert_eq!(daemon.json(&["promises"]).as_array().unwrap().len(), 1);
}

#[test]
fn nothing_leaves_while_paused() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, bruno) = (lab.person(), lab.person(), lab.person());
    let config =
        [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, SINGAPORE), &client(&bruno, REUNION)];
    let daemon = Daemon::run(lab, &config.concat());
    daemon.say(&["pause"]);
    for one in [&anna, &bruno] {
        let id = format!("{}@client.example", one.name);
        owner.get(&one.address(), &human(&one.address(), &owner.address(), &id, "A question", ""));
        assert_eq!(daemon.verdict(&id).0, "acknowledge");
    }
    daemon.settle();
    assert_eq!((anna.inbox().len(), bruno.inbox().len()), (0, 0));
    assert_eq!(daemon.json(&["status"])["paused"], true);
    assert_eq!(daemon.replies(&anna.name), ["queued"]);
    // Answered in the meantime: the acknowledgement never leaves.
    let thread = &format!("In-Reply-To: <{}@client.example>", bruno.name);
    let answer = human(&owner.address(), &bruno.address(), "answer@studio.example", "Re: A question", thread);
    owner.imap().append("Sent", "\\Seen", &answer);
    daemon.settle();
    daemon.say(&["resume"]);
    anna.wait_for(1);
    daemon.settle();
    assert_eq!((anna.inbox().len(), bruno.inbox().len()), (1, 0));
    assert_eq!(
        (daemon.replies(&anna.name), daemon.replies(&bruno.name)),
        (vec!["sent".into()], vec!["dropped".into()])
    );
}

#[test]
fn what_was_there_before_is_not_answered() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    for n in 0..3 {
        let id = format!("old{n}@client.example");
        owner.get(&anna.address(), &human(&anna.address(), &owner.address(), &id, "Long ago", ""));
    }
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, SINGAPORE)].concat();
    let mut daemon = Daemon::run(lab, &config);
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "new@client.example", "Today", ""));
    assert_eq!(anna.wait_for(1)[0].header("In-Reply-To"), "<new@client.example>");
    // Nor is it after a restart.
    daemon.stop();
    daemon.start();
    daemon.settle();
    assert_eq!(anna.inbox().len(), 1);
    assert!((0..3).all(|n| daemon.recorded(&format!("old{n}@client.example")).is_none()));
}

#[test]
fn a_draft_waits_for_the_owner_and_an_observer_sends_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let (drafter, observer, anna) = (lab.person(), lab.person(), lab.person());
    let config = [
        OWNER,
        AT_ONCE,
        &mailbox(lab, &drafter, "mode = \"draft\""),
        &mailbox(lab, &observer, ""),
        &client(&anna, &format!("{SINGAPORE}\n")),
    ];
    // The second conversation of one client would only be tracked.
    let mut daemon = Daemon::run(lab, &config.concat().replace("[replies]", "[replies]\nmin_interval = \"0s\""));
    for (to, id) in [(&drafter, "draft@client.example"), (&observer, "observe@client.example")] {
        to.get(&anna.address(), &human(&anna.address(), &to.address(), id, &format!("About {id}"), ""));
        assert_eq!(daemon.verdict(id).0, "acknowledge");
    }
    wait("a draft", || (!drafter.folder("Drafts").is_empty()).then_some(()));
    wait_with(&daemon, "both are done with", |it| (it.replies(&anna.name) == ["drafted", "observed"]).then_some(()));
    daemon.settle();
    daemon.stop();
    daemon.start();
    daemon.settle();
    let drafts = drafter.folder("Drafts");
    assert_eq!(drafts.len(), 1);
    let draft = &drafts[0];
    assert!(draft.flags.contains('D'), "{}", draft.flags);
    assert!(!draft.has("Auto-Submitted"), "{}", draft.raw);
    assert_eq!(draft.header("In-Reply-To"), "<draft@client.example>");
    assert_eq!(daemon.replies(&anna.name), ["drafted", "observed"]);
    assert_eq!((anna.inbox().len(), observer.folder("Drafts").len(), observer.folder("Sent").len()), (0, 0, 0));
}
