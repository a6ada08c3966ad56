//! Folders as commands on a real Dovecot: what the owner moves with a mail program is carried out.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person, wait};
use crate::support::letter::human;
use chrono::Timelike;

/// Decent at any hour: what is queued goes at once.
const ALWAYS: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"\nhours = { mon-sun = [\"00:00-24:00\"] }";
const WISHES: &str = "mode = \"send\"\ncommands = true";

/// Moves the message with this Message-ID, as a mail program does.
pub fn moves(owner: &Person<'_>, from: &str, id: &str, to: &str) {
    let mut program = owner.imap();
    program.run(&format!("SELECT \"{from}\""));
    let found = program.run(&format!("UID SEARCH HEADER Message-ID \"<{id}>\""));
    let uid = found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).expect("it is there").trim().to_owned();
    program.run(&format!("UID MOVE {uid} \"{to}\""));
}

fn ids(letters: &[crate::support::letter::Letter]) -> Vec<String> {
    letters.iter().map(|one| one.header("Message-ID")).collect()
}

/// The receipts so far: code, wish, why.
fn receipts(daemon: &Daemon<'_>) -> Vec<(String, String, String)> {
    let store = fuseau::store::Store::open_read_only(&daemon.state()).unwrap();
    let all = store.read_blocking(|tx| tx.notices_untold()).unwrap();
    let value = |one: &fuseau::model::Notice, key: &str| one.values.get(key).cloned().unwrap_or_default();
    let wishes = all.iter().filter(|one| one.code.as_str().starts_with("command."));
    wishes.map(|one| (one.code.as_str().to_owned(), value(one, "wish"), value(one, "why"))).collect()
}

fn receipt(code: &str, wish: &str, why: &str) -> (String, String, String) {
    (format!("command.{code}"), wish.to_owned(), why.to_owned())
}

fn draft(from: &str, to: &str, id: &str, more: &str) -> String {
    human(from, to, id, "The plan", more)
}

#[test]
fn folders_are_made_in_the_owners_language() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, french) = (lab.person(), lab.person());
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, WISHES), &client(&french, ALWAYS)].concat();
    let daemon = Daemon::run(lab, &config.replace("[\"en\", \"fr\"]", "[\"fr\", \"en\"]"));
    daemon.settle();
    let mut program = owner.imap();
    let listed = program.run("LIST \"\" \"Fuseau/*\"");
    for name in [
        "Fait",
        "Plus jamais",
        "Faire patienter 2 jours",
        "Faire patienter 1 semaine",
        "&AMA- leur matin",
        "Envoyer maintenant",
    ] {
        assert!(listed.contains(&format!("Fuseau/{name}")), "{name} in {listed}");
    }
    let subscribed = program.run("LSUB \"\" \"Fuseau/*\"");
    assert!(subscribed.contains("Fuseau/Fait"), "{subscribed}");
    // One that the owner removes does not come back.
    program.run("DELETE \"Fuseau/Plus jamais\"");
    daemon.settle();
    assert!(!program.run("LIST \"\" \"Fuseau/*\"").contains("Plus jamais"));
}

#[test]
fn done_never_and_hold() {
    let Some(lab) = Lab::shared() else { return };
    let owner = lab.person();
    let [anna, bruno, carla, stranger] = [0; 4].map(|_| lab.person());
    let mut config = [OWNER, AT_ONCE, &mailbox(lab, &owner, WISHES)].concat();
    config.extend([&anna, &bruno, &carla].iter().map(|one| client(one, ALWAYS)));
    let daemon = Daemon::run(lab, &config);
    for one in [&anna, &bruno, &carla, &stranger] {
        let id = format!("{}@client.example", one.name);
        owner.get(&one.address(), &human(&one.address(), &owner.address(), &id, "A question", ""));
    }
    for one in [&anna, &bruno, &carla] {
        one.wait_for(1);
    }
    daemon.settle();
    let id = |one: &Person<'_>| format!("{}@client.example", one.name);
    owner.imap().run("CREATE \"Fuseau/Hold 999 days\"");
    owner.imap().run("CREATE \"Fuseau/Whatever\"");

    moves(&owner, "INBOX", &id(&anna), "Fuseau/Done");
    moves(&owner, "INBOX", &id(&bruno), "Fuseau/Never");
    moves(&owner, "INBOX", &id(&carla), "Fuseau/Hold 2 days");
    let back = |count: usize| wait("messages are back", || (owner.inbox().len() == count).then_some(()));
    back(4);
    daemon.settle();
    assert_eq!(daemon.promises(&id(&anna)), ["kept"]);
    assert_eq!(daemon.promises(&id(&bruno)), ["released"]);
    // The client hears of the new date, once.
    let letters = carla.wait_for(2);
    assert!(letters[1].text().contains("12:30") || letters[1].text().contains("8:30 pm"), "{}", letters[1].text());
    assert_eq!(letters[1].header("Auto-Submitted"), "auto-replied");
    assert_eq!(daemon.promises(&id(&carla)), ["renewed", "open"]);
    let done = |wish: &str| receipt("done", wish, "");
    let mut got = receipts(&daemon);
    got.sort();
    assert_eq!(got, [done("done"), done("hold"), done("never")]);

    // Nobody is answered again because a message came back.
    daemon.settle();
    assert_eq!((anna.inbox().len(), bruno.inbox().len(), carla.inbox().len()), (1, 1, 2));
    // Never means never.
    owner.get(&bruno.address(), &human(&bruno.address(), &owner.address(), "b2@client.example", "Another", ""));
    let (verdict, reasons) = daemon.verdict("b2@client.example");
    assert!(verdict == "ignore" && reasons.contains(&"limit.never".to_owned()), "{verdict} {reasons:?}");
    let listed = daemon.json(&["never"]);
    assert_eq!(listed[0]["address"], bruno.address());
    daemon.say(&["never", "--undo", &bruno.address()]);
    assert_eq!(daemon.json(&["never"]).as_array().unwrap().len(), 0);

    // Wishes that cannot be: they go back, with a note.
    moves(&owner, "INBOX", &id(&stranger), "Fuseau/Hold 2 days");
    wait_with(&daemon, "the stranger's", |it| {
        receipts(it).contains(&receipt("failed", "hold", "no-client")).then_some(())
    });
    back(5);
    moves(&owner, "INBOX", &id(&carla), "Fuseau/Hold 999 days");
    wait_with(&daemon, "too long", |it| {
        receipts(it).contains(&receipt("failed", "Hold 999 days", "time-out-of-range")).then_some(())
    });
    back(5);
    moves(&owner, "INBOX", &id(&carla), "Fuseau/Whatever");
    wait_with(&daemon, "unknown", |it| {
        receipts(it).contains(&receipt("failed", "Whatever", "unknown-folder")).then_some(())
    });
    back(5);
    // The same promise once more is no later than the first.
    moves(&owner, "INBOX", &id(&carla), "Fuseau/Hold 2 days");
    wait_with(&daemon, "not later", |it| receipts(it).contains(&receipt("failed", "hold", "not-later")).then_some(()));
    assert_eq!(carla.inbox().len(), 2);
    // From the command line.
    let message = format!("<{}>", id(&carla));
    assert!(daemon.say(&["hold", &message, "--for", "1 week"]).contains("held"));
    carla.wait_for(3);
}

#[test]
fn what_was_there_before_is_no_wish_and_old_mail_is_not_answered_on_its_way_back() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let mut program = owner.imap();
    program.run("CREATE \"Fuseau/Invoices\"");
    let mail = |id: &str| human(&anna.address(), &owner.address(), id, "Long ago", "");
    program.append("Fuseau/Invoices", "\\Seen", &mail("kept@client.example"));
    owner.get(&anna.address(), &mail("old@client.example"));
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, WISHES), &client(&anna, ALWAYS)].concat();
    let daemon = Daemon::run(lab, &config);
    daemon.settle();
    assert_eq!(owner.folder("Fuseau.Invoices").len(), 1, "the owner's own folder stays as it was");
    // Never seen by fuseau: moving it away and back must not make it new.
    moves(&owner, "INBOX", "old@client.example", "Fuseau/Done");
    wait_with(&daemon, "done", |it| receipts(it).contains(&receipt("done", "done", "")).then_some(()));
    wait("it is back", || (owner.inbox().len() == 1).then_some(()));
    daemon.settle();
    daemon.settle();
    assert_eq!((anna.inbox().len(), owner.inbox().len()), (0, 1));
}

#[test]
fn drafts_are_sent_when_they_are_handed_over() {
    let Some(lab) = Lab::shared() else { return };
    let owner = lab.person();
    let [anna, bruno, hidden, night] = [0; 4].map(|_| lab.person());
    // Their day begins in twelve hours.
    let hour = (fuseau::system::Clock::System.now().hour() + 12) % 24;
    let asleep = format!("zone = \"UTC\"\nhours = {{ mon-sun = [\"{hour:02}:00-{hour:02}:30\"] }}");
    let mut config = [OWNER, AT_ONCE, &mailbox(lab, &owner, WISHES)].concat();
    config.extend([client(&anna, ALWAYS), client(&bruno, ALWAYS), client(&night, &asleep)]);
    let daemon = Daemon::run(lab, &config);
    daemon.settle();
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "q@client.example", "A question", ""));
    anna.wait_for(1);
    assert_eq!(daemon.promises("q@client.example"), ["open"]);

    // To two and a third whom nobody sees; it answers what was asked.
    let more = format!(
        "Cc: Bruno <{}>\nBcc: {}\nX-Mozilla-Draft-Info: internal/draft\nIn-Reply-To: <q@client.example>",
        bruno.address(),
        hidden.address()
    );
    let mut program = owner.imap();
    program.append("Drafts", "\\Draft \\Seen", &draft(&owner.address(), &anna.address(), "d1@studio.example", &more));
    moves(&owner, "Drafts", "d1@studio.example", "Fuseau/Send now");
    let letter = anna.wait_for(2).pop().unwrap();
    for one in [&bruno, &hidden] {
        assert_eq!(one.wait_for(1)[0].header("Message-ID"), "<d1@studio.example>");
    }
    assert_eq!((letter.header("Message-ID").as_str(), letter.subject().as_str()), ("<d1@studio.example>", "The plan"));
    for gone in ["Bcc", "X-Mozilla-Draft-Info", "Auto-Submitted", "X-Fuseau-Id"] {
        assert!(!letter.has(gone), "{gone}: {}", letter.raw);
    }
    assert!(!letter.header("Date").contains("Jan 2027"), "{}", letter.raw);
    // The draft leaves its folder, one copy lies in Sent, and it was an answer of the owner's.
    wait("the draft is gone", || owner.folder("Fuseau.Send now").is_empty().then_some(()));
    wait("the copy", || ids(&owner.folder("Sent")).contains(&"<d1@studio.example>".to_owned()).then_some(()));
    daemon.settle();
    assert_eq!(ids(&owner.folder("Sent")).iter().filter(|id| *id == "<d1@studio.example>").count(), 1);
    assert_eq!(daemon.promises("q@client.example"), ["kept"]);
    assert!(receipts(&daemon).contains(&receipt("done", "send-now", "")));

    // Their morning is hours away: it waits, and moving it back takes it back.
    program.append("Drafts", "\\Draft", &draft(&owner.address(), &night.address(), "d2@studio.example", ""));
    moves(&owner, "Drafts", "d2@studio.example", "Fuseau/Their morning");
    let states = |it: &Daemon<'_>| -> Vec<String> {
        let all = it.json(&["history", &night.name]);
        all.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap_or("").to_owned()).collect()
    };
    wait_with(&daemon, "it is queued", |it| (states(it) == ["queued"]).then_some(()));
    assert_eq!(owner.folder("Fuseau.Their morning").len(), 1);
    moves(&owner, "Fuseau/Their morning", "d2@studio.example", "Drafts");
    wait_with(&daemon, "it is taken back", |it| (states(it) == ["dropped"]).then_some(()));
    // And handed over once more, now at once.
    moves(&owner, "Drafts", "d2@studio.example", "Fuseau/Send now");
    night.wait_for(1);
    wait("the draft is gone", || owner.folder("Fuseau.Send now").is_empty().then_some(()));
    daemon.settle();
    assert_eq!((night.inbox().len(), owner.folder("Drafts").len()), (1, 0));

    // What cannot be sent goes back to Drafts: no recipient, somebody else's From, nobody's morning, a client's mail.
    let cases = [
        ("d3", draft(&owner.address(), "", "d3@studio.example", ""), "Fuseau/Send now", "no-recipient"),
        ("d4", draft(&anna.address(), &bruno.address(), "d4@studio.example", ""), "Fuseau/Send now", "not-own"),
        ("d5", draft(&owner.address(), &hidden.address(), "d5@studio.example", ""), "Fuseau/Their morning", "no-zone"),
    ];
    for (id, mail, folder, why) in &cases {
        program.append("Drafts", "\\Draft", mail);
        moves(&owner, "Drafts", &format!("{id}@studio.example"), folder);
        wait_with(&daemon, why, |it| receipts(it).iter().any(|(_, _, found)| found == why).then_some(()));
    }
    wait("all are back in Drafts", || (owner.folder("Drafts").len() == 3).then_some(()));
    // The copy in Sent, moved by mistake, is not sent a second time.
    moves(&owner, "Sent", "d1@studio.example", "Fuseau/Send now");
    wait_with(&daemon, "sent before", |it| receipts(it).iter().any(|(.., why)| why == "already-sent").then_some(()));
    daemon.settle();
    assert_eq!((anna.inbox().len(), bruno.inbox().len(), hidden.inbox().len(), night.inbox().len()), (2, 1, 1, 1));
}

#[test]
fn a_draft_of_fuseaus_own_is_handed_over_and_done_messages_are_filed() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    owner.imap().run("CREATE Archive");
    let wishes = "mode = \"draft\"\ncommands = true\ncommands_into = \"Archive\"";
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, wishes), &client(&anna, ALWAYS)].concat();
    let daemon = Daemon::run(lab, &config);
    daemon.settle();
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "q@client.example", "A question", ""));
    wait("a draft", || (!owner.folder("Drafts").is_empty()).then_some(()));
    let id = owner.folder("Drafts")[0].header("Message-ID");
    moves(&owner, "Drafts", id.trim_matches(['<', '>']), "Fuseau/Send now");
    assert_eq!(anna.wait_for(1)[0].header("Message-ID"), id);
    wait("the draft is gone", || owner.folder("Fuseau.Send now").is_empty().then_some(()));
    daemon.settle();
    // Its promise is told now, and open: a note is no answer.
    assert_eq!(
        (daemon.replies(&anna.name), daemon.promises("q@client.example")),
        (vec!["sent".into()], vec!["open".into()])
    );
    assert_eq!((anna.inbox().len(), owner.folder("Drafts").len()), (1, 0));
    wait("the copy", || (ids(&owner.folder("Sent")) == [id.clone()]).then_some(()));

    moves(&owner, "INBOX", "q@client.example", "Fuseau/Done");
    wait("it is filed", || (owner.folder("Archive").len() == 1).then_some(()));
    assert_eq!(daemon.promises("q@client.example"), ["kept"]);
    assert!(owner.inbox().is_empty());
}
