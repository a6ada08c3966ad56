//! The owner sends a draft of ours from some mail program: known again in every form that programs leave it in.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person, wait};
use crate::support::letter::{Letter, human};

const SINGAPORE: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"\n";
const ANSWER: &str = "The page opens again, I had forgotten to renew a certificate. ";

/// What a mail program does with a draft of ours.
struct Case {
    /// Its name for people, and the left part of the client's Message-ID.
    name: &'static str,
    /// The Message-ID of the sent mail; `None`: the draft's.
    new_id: bool,
    /// A field in which the provider notes the draft's Message-ID.
    noted_in: Option<&'static str>,
    /// The text of the sent mail, from the draft's.
    text: fn(&str) -> String,
    /// The draft is taken out of Drafts.
    removed: bool,
    /// State of the draft's row, of the promise, and the last cause in the promise's life.
    want: (&'static str, &'static str, &'static str),
}

const fn case(name: &'static str, new_id: bool, noted_in: Option<&'static str>, text: fn(&str) -> String) -> Case {
    Case { name, new_id, noted_in, text, removed: true, want: ("sent", "kept", "draft") }
}

fn as_it_was(draft: &str) -> String {
    draft.to_owned()
}

fn edited(draft: &str) -> String {
    format!("{ANSWER}{draft}")
}

fn rewritten(_: &str) -> String {
    ANSWER.to_owned()
}

const MICROSOFT: Option<&str> = Some("X-Microsoft-Original-Message-ID");
const GOOGLE: Option<&str> = Some("X-Google-Original-Message-ID");

#[test]
fn a_draft_is_known_again_in_all_forms() {
    let Some(lab) = Lab::shared() else { return };
    let told = ("sent", "open", "told");
    let cases = [
        case("same-id", false, None, edited),
        Case { want: told, ..case("same-id-unread", false, None, as_it_was) },
        case("same-id-rewritten", false, None, rewritten),
        case("microsoft", true, MICROSOFT, edited),
        Case { want: told, ..case("microsoft-unread", true, MICROSOFT, as_it_was) },
        case("google", true, GOOGLE, edited),
        case("neither", true, None, edited),
        Case { want: told, ..case("neither-unread", true, None, as_it_was) },
        // Nothing but the thread and the empty place in Drafts says so: the owner's own words have answered.
        Case { want: ("sent", "kept", "answered"), ..case("neither-rewritten", true, None, rewritten) },
        // The draft still waits: the owner wrote beside it.
        Case {
            removed: false,
            want: ("drafted", "kept", "answered"),
            ..case("answered-beside", true, None, rewritten)
        },
    ];
    let owner = lab.person();
    let clients: Vec<Person<'_>> = cases.iter().map(|_| lab.person()).collect();
    let people: String = clients.iter().map(|one| client(one, SINGAPORE)).collect();
    let daemon = Daemon::run(lab, &[OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"draft\""), &people].concat());
    for (case, anna) in cases.iter().zip(&clients) {
        let id = format!("{}@client.example", case.name);
        owner.get(&anna.address(), &human(&anna.address(), &owner.address(), &id, &format!("About {}", case.name), ""));
        assert_eq!(daemon.verdict(&id).0, "acknowledge", "{}", case.name);
    }
    wait("all drafts", || (owner.folder("Drafts").len() == cases.len()).then_some(()));
    for (case, anna) in cases.iter().zip(&clients) {
        wait_with(&daemon, "the draft is recorded", |it| (it.replies(&anna.name) == ["drafted"]).then_some(()));
        let drafts = owner.folder("Drafts");
        let draft = drafts.iter().find(|one| one.header("To").contains(&anna.address())).unwrap();
        send(&owner, anna, case, draft);
    }
    daemon.settle();
    for (case, anna) in cases.iter().zip(&clients) {
        let (state, promise, cause) = case.want;
        assert_eq!(daemon.replies(&anna.name), [state], "{}", case.name);
        let id = format!("<{}@client.example>", case.name);
        let all = daemon.json(&["promises", "--all"]);
        let of = all.as_array().unwrap().iter().find(|one| one["message_id"] == id).unwrap();
        assert_eq!(of["state"], promise, "{}", case.name);
        assert_eq!(of["steps"].as_array().unwrap().last().unwrap()["cause"], cause, "{}: {of}", case.name);
        assert_eq!(of["announced"], cause != "answered", "{}", case.name);
        let history = daemon.json(&["history", &anna.name]);
        let mails = history.as_array().unwrap();
        let own = if cause == "answered" { 3 } else { 2 };
        assert_eq!(mails.len(), own, "one mail is one line in the history, {}: {history}", case.name);
    }
    // Nothing of it goes out by itself, and a second look changes nothing.
    daemon.settle();
    assert!(clients.iter().all(|anna| anna.inbox().is_empty()));
}

/// What a mail program leaves behind: a mail in Sent without our fields, and the draft gone.
fn send(owner: &Person<'_>, anna: &Person<'_>, case: &Case, draft: &Letter) {
    let old = draft.header("Message-ID");
    let id = if case.new_id { format!("<{}@program.example>", case.name) } else { old.clone() };
    let noted = case.noted_in.map(|name| format!("{name}: {old}\n")).unwrap_or_default();
    let answers = draft.header("In-Reply-To");
    let mail = format!(
        "From: Claire <{}>\nTo: <{}>\nSubject: {}\nMessage-ID: {id}\n{noted}In-Reply-To: {answers}\nReferences: {answers}\n\
         Date: Mon, 4 Jan 2027 10:20:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{}\n\n\
         On Mon, Jan 4, 2027 at 10:00 <{}> wrote:\n> the page does not open any more\n",
        owner.address(),
        anna.address(),
        draft.subject(),
        (case.text)(&draft.text()),
        anna.address(),
    );
    let mut imap = owner.imap();
    imap.append("Sent", "\\Seen", &mail);
    if case.removed {
        imap.flag("Drafts", &old, "\\Deleted");
        imap.run("EXPUNGE");
    }
}
