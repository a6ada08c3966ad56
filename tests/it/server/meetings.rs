//! Meeting times on a real server: proposed by a command, sent by the owner, answered by plain mail, confirmed by an
//! invitation; unclear, taken, expired; whatever dies in between.
use super::occasions::lies;
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::invitation;
use crate::support::lab::{Lab, Person};
use crate::support::letter::Letter;
use chrono::{DateTime, TimeDelta, Utc};
use fuseau::daemon::turn::{Cause, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::model::Zones;
use fuseau::system::{Clock, Ids, state};
use serde_json::Value;
use std::fs;

const SINGAPORE: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"\n";
const MEETINGS: &str = "[meetings]\nbusy = [\"*.ics\"]\nplace = \"https://meet.example/claire\"\nnotice = \"2d\"\n";

fn config(lab: &Lab, owner: &Person<'_>, people: &[&Person<'_>]) -> String {
    let people: String = people.iter().map(|one| client(one, SINGAPORE)).collect();
    [OWNER, AT_ONCE, &mailbox(lab, owner, "mode = \"send\""), &people, MEETINGS].concat()
}

/// A calendar beside the configuration in which the owner is busy.
fn busy(daemon: &Daemon<'_>, name: &str, times: &[(DateTime<Utc>, DateTime<Utc>)]) {
    let stamp = |at: &DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let one = |(n, (start, end)): (usize, &(DateTime<Utc>, DateTime<Utc>))| {
        let (start, end) = (stamp(start), stamp(end));
        format!(
            "BEGIN:VEVENT\r\nUID:{name}-{n}\r\nDTSTAMP:{start}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:Private\r\nEND:VEVENT\r\n"
        )
    };
    let events: String = times.iter().enumerate().map(one).collect();
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{events}END:VCALENDAR\r\n");
    fs::write(daemon.state().parent().unwrap().join(name), text).unwrap();
}

fn slots(offer: &Value) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let at = |value: &Value| DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().to_utc();
    offer["slots"].as_array().unwrap().iter().map(|slot| (at(&slot["start"]), at(&slot["end"]))).collect()
}

/// The only offer.
fn offer(daemon: &Daemon<'_>) -> Value {
    daemon.json(&["slots", "--all"])[0].clone()
}

fn state_of(daemon: &Daemon<'_>, state: &str) -> Value {
    wait_with(daemon, &format!("the offer is {state}"), |it| Some(offer(it)).filter(|one| one["state"] == state))
}

fn drafts(owner: &Person<'_>, to: &Person<'_>) -> Vec<Letter> {
    owner.folder("Drafts").into_iter().filter(|one| one.header("To").contains(&to.address())).collect()
}

/// Proposes times, and waits for the draft.
fn propose(daemon: &Daemon<'_>, owner: &Person<'_>, anna: &Person<'_>) -> (Value, Letter) {
    let made = daemon.json(&["slots", &anna.name, "--count", "3"]);
    lies(daemon);
    let draft = wait_with(daemon, "the offer lies in Drafts", |_| drafts(owner, anna).pop());
    (made, draft)
}

/// The owner sends the draft from some program that gives it an id of its own, after a word of theirs.
fn send(daemon: &Daemon<'_>, owner: &Person<'_>, anna: &Person<'_>, draft: &Letter, form: &str) -> String {
    let old = draft.header("Message-ID");
    let (id, mail) = match form {
        "as it is" => (old.clone(), draft.raw.clone()),
        _ => {
            let id = format!("<{}.sent@program.example>", anna.name);
            let mail = format!(
                "From: Claire <{}>\nTo: <{}>\nSubject: {}\nMessage-ID: {id}\nMIME-Version: 1.0\n\
                 Content-Type: text/plain; charset=utf-8\n\nI look forward to it.\n{}\n",
                owner.address(),
                anna.address(),
                draft.subject(),
                draft.text()
            );
            (id, mail)
        }
    };
    let mut imap = owner.imap();
    imap.append("Sent", "\\Seen", &mail);
    imap.flag("Drafts", &old, "\\Deleted");
    imap.run("EXPUNGE");
    daemon.settle();
    state_of(daemon, "open");
    id
}

fn answer(owner: &Person<'_>, anna: &Person<'_>, n: usize, to: &str, words: &str, more: &str) -> String {
    let id = format!("{}.{n}@client.example", anna.name);
    owner.get(
        &anna.address(),
        &format!(
            "From: Anna Keller <{}>\nTo: <{}>\nSubject: Re: A time to talk\nMessage-ID: <{id}>\nIn-Reply-To: {to}\n\
             References: {to}\n{more}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n\
             On Mon, Jan 4, 2027 at 10:00 Claire <{}> wrote:\n> 1. Tuesday, 19 January, 4 pm\n> 2. Thursday, 21 January, 5 pm\n",
            anna.address(),
            owner.address(),
            owner.address()
        ),
    );
    id
}

/// Waits for the draft that follows an answer.
fn follows(daemon: &Daemon<'_>, owner: &Person<'_>, anna: &Person<'_>, words: &str) -> Letter {
    wait_with(daemon, &format!("a draft that says {words:?}"), |_| {
        drafts(owner, anna).into_iter().find(|one| one.text().contains(words))
    })
}

#[test]
fn an_offer_becomes_an_invitation() {
    let Some(lab) = Lab::shared() else { return };
    for form in ["as it is", "edited"] {
        let (owner, anna) = (lab.person(), lab.person());
        let daemon = Daemon::run(lab, &config(lab, &owner, &[&anna]));
        // All of the next week is taken: every proposed time lies behind it. A file that is broken is named, no outage.
        let now = Clock::System.now();
        busy(&daemon, "week.ics", &[(now, now + TimeDelta::days(7))]);
        fs::write(daemon.state().parent().unwrap().join("broken.ics"), "<html>log in</html>").unwrap();
        let (made, draft) = propose(&daemon, &owner, &anna);
        let times = slots(&made);
        assert_eq!(times.len(), 3, "{made}");
        assert!(times.iter().all(|(start, _)| *start >= now + TimeDelta::days(7)), "{made}");
        assert!(daemon.log().contains("broken.ics: it is no calendar"), "{}", daemon.log());
        assert!(
            draft.text().contains("1. ") && draft.text().contains("3. ") && draft.text().contains("Singapore time")
        );
        assert!(!draft.has("Auto-Submitted") && draft.flags.contains('D'));
        let proposed = invitation::all(&draft.raw);
        assert_eq!(
            proposed.iter().map(|one| one.start).collect::<Vec<_>>(),
            times.iter().map(|it| it.0).collect::<Vec<_>>()
        );
        assert!(proposed.iter().all(|one| one.method == "PUBLISH" && one.attendee.is_none()), "{proposed:?}");
        assert_eq!(state_of(&daemon, "drafted")["client"], anna.name.as_str());
        let id = send(&daemon, &owner, &anna, &draft, form);
        let mail = answer(&owner, &anna, 1, &id, "Bonjour Claire,\n\nle 2 me convient.\n\nAnna", "");
        // It is judged as every mail: the owner has just written, so that none is acknowledged.
        assert!(daemon.verdict(&mail).1.contains(&"thread.owner-active".to_owned()), "{form}");
        let chosen = state_of(&daemon, "chosen");
        assert_eq!(chosen["chosen"], 2, "{form}: {chosen}");
        let confirmed = follows(&daemon, &owner, &anna, "it is");
        assert_eq!(confirmed.header("In-Reply-To"), format!("<{mail}>"));
        assert!(confirmed.subject().starts_with("Re: "), "{}", confirmed.subject());
        let invited = invitation::all(&confirmed.raw);
        // Another face of the text, and a file: both say the same.
        assert_eq!(invited.len(), 2, "{invited:?}");
        assert_eq!(invited[0].kind, "text/calendar");
        for one in &invited {
            assert_eq!((one.start, one.end), times[1], "{form}");
            assert_eq!((one.method.as_str(), one.uid.as_str()), ("REQUEST", proposed[1].uid.as_str()));
            assert!(one.sequence > proposed[1].sequence);
            assert_eq!(one.organizer, format!("mailto:{}", owner.address()));
            assert_eq!(one.attendee.as_deref(), Some(format!("mailto:{}", anna.address()).as_str()));
            assert_eq!(one.location, "https://meet.example/claire");
        }
        // A kind word afterwards takes nothing back, and nothing is made twice.
        answer(&owner, &anna, 2, &id, "Perfect, see you then! I will write to you on Friday.", "");
        daemon.settle();
        assert_eq!(offer(&daemon)["chosen"], 2);
        assert_eq!(drafts(&owner, &anna).len(), 1, "{form}");
    }
}

#[test]
fn what_is_not_clear_is_asked_and_machines_choose_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let daemon = Daemon::run(lab, &config(lab, &owner, &[&anna]));
    let (_, draft) = propose(&daemon, &owner, &anna);
    let id = send(&daemon, &owner, &anna, &draft, "as it is");
    answer(&owner, &anna, 1, &id, "I am away. Number 1 of my colleagues is Ben.", "Auto-Submitted: auto-replied\n");
    daemon.settle();
    assert_eq!(offer(&daemon)["state"], "open");
    answer(&owner, &anna, 2, &id, "2 or 3?", "");
    let asked = follows(&daemon, &owner, &anna, "which of these do you mean");
    assert!(asked.text().contains("2. ") && asked.text().contains("3. ") && !asked.text().contains("1. "));
    assert!(invitation::all(&asked.raw).is_empty(), "a question invites nobody");
    assert_eq!(offer(&daemon)["state"], "open");
    answer(&owner, &anna, 3, &id, "The third one, please", "");
    state_of(&daemon, "chosen");
    follows(&daemon, &owner, &anna, "it is");
    daemon.settle();
    assert_eq!(drafts(&owner, &anna).len(), 1, "the question is taken back");
}

#[test]
fn a_time_that_is_gone_is_said() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, ben) = (lab.person(), lab.person(), lab.person());
    let daemon = Daemon::run(lab, &config(lab, &owner, &[&anna, &ben]));
    let (made, draft) = propose(&daemon, &owner, &anna);
    let times = slots(&made);
    // What one client was offered is not offered to another.
    let other = daemon.json(&["slots", &ben.name, "--print"]);
    assert!(slots(&other).iter().all(|slot| !times.iter().any(|it| it.0 < slot.1 && slot.0 < it.1)), "{made} {other}");
    let id = send(&daemon, &owner, &anna, &draft, "as it is");
    // The calendar changes while the client thinks.
    busy(&daemon, "new.ics", &[(times[1].0 - TimeDelta::minutes(15), times[1].1)]);
    answer(&owner, &anna, 1, &id, "2", "");
    let said = follows(&daemon, &owner, &anna, "was taken on my side");
    assert!(
        said.text().contains("1. ") && said.text().contains("3. ") && !said.text().contains("2. "),
        "{}",
        said.text()
    );
    assert!(invitation::all(&said.raw).is_empty());
    // The calendar changes back: the client has what they chose.
    fs::remove_file(daemon.state().parent().unwrap().join("new.ics")).unwrap();
    daemon.settle();
    follows(&daemon, &owner, &anna, "it is");
    assert_eq!(drafts(&owner, &anna).len(), 1);
    // Taken back by the owner: the confirmation goes, the times are free.
    let told = daemon.say(&["slots", "drop", &anna.name]);
    assert!(told.contains("the client has it: tell them"), "{told}");
    daemon.settle();
    assert!(drafts(&owner, &anna).is_empty());
    assert_eq!(offer(&daemon)["state"], "dropped");
}

/// Killed between the client's answer and the draft that confirms it: one draft, whatever happened.
#[test]
fn killed_between_answer_and_draft() {
    let Some(lab) = Lab::shared() else { return };
    for point in ["D1", "D2:2", "D3:2"] {
        let (owner, anna) = (lab.person(), lab.person());
        let mut daemon = Daemon::new(lab, &config(lab, &owner, &[&anna]));
        daemon.spawn_dying(point);
        wait_with(&daemon, "it listens", |it| it.health(&owner.name)["last_poll"].is_string().then_some(()));
        let (_, draft) = propose(&daemon, &owner, &anna);
        let id = send(&daemon, &owner, &anna, &draft, "as it is");
        answer(&owner, &anna, 1, &id, "le 2", "");
        daemon.dies();
        daemon.start();
        daemon.settle();
        let confirmed = follows(&daemon, &owner, &anna, "it is");
        assert_eq!(invitation::all(&confirmed.raw).len(), 2, "{point}");
        assert_eq!(drafts(&owner, &anna).len(), 1, "{point}");
        assert_eq!(offer(&daemon)["chosen"], 2, "{point}");
        daemon.stop();
    }
}

/// Nobody answers: the times are free again, and it is said. The clock of the turn is moved by hand.
#[test]
fn an_offer_without_an_answer_ends() {
    let Some(lab) = Lab::shared() else { return };
    for sent in [true, false] {
        let (owner, anna) = (lab.person(), lab.person());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fuseau.toml");
        fs::write(&path, format!("state = \"state\"\n{}", config(lab, &owner, &[&anna]))).unwrap();
        state::make_private(&path).unwrap();
        let settings = fuseau::config::load(&path, &Zones::bundled()).unwrap();
        let now = Clock::System.now();
        let (store, _lock) = crate::support::open_state(&dir.path().join("state"), now);
        let desk = run::desk(settings, store, &dir.path().join("state"), Ids::seeded(7)).unwrap();
        let desk = Desk { clock: Clock::standing_at(now), ..desk };
        let say = |words: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fuseau"));
            let done = command.arg("--config").arg(&path).args(words).env_remove("STATE_DIRECTORY").output().unwrap();
            assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let settings = desk.settings.mailboxes[0].clone();
            let index = dial::index_dir(desk.state.as_deref(), &settings.name);
            let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.unwrap();
            let folders = server.folders(&settings.folders).await.unwrap();
            let mut courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "lab.example");
            let mut look = async |hours: i64| {
                desk.clock.move_to(desk.clock.now() + TimeDelta::hours(hours));
                turn(&desk, &settings.name, &folders, Cause::Poll, &mut server, &mut courier).await.unwrap().wake_at
            };
            look(0).await;
            let made: Value = serde_json::from_str(&say(&["slots", &anna.name, "--json"])).unwrap();
            look(1).await;
            let draft = drafts(&owner, &anna).pop().expect("the offer lies in Drafts");
            if sent {
                let mut imap = owner.imap();
                imap.append("Sent", "\\Seen", &draft.raw);
                imap.flag("Drafts", &draft.header("Message-ID"), "\\Deleted");
                imap.run("EXPUNGE");
            }
            let expires: DateTime<Utc> = made["expires"].as_str().unwrap().parse().unwrap();
            let wake = look(2).await.expect("something comes");
            assert!(wake <= expires, "{wake} {expires}");
            let state = |desk: &Desk| {
                let all = desk.store.read_blocking(|tx| tx.offers(now - TimeDelta::days(1))).unwrap();
                all[0].state.as_str()
            };
            assert_eq!(state(&desk), if sent { "open" } else { "drafted" });
            desk.clock.move_to(expires - TimeDelta::minutes(1));
            look(0).await;
            assert_eq!(state(&desk), if sent { "open" } else { "drafted" });
            desk.clock.move_to(expires);
            look(0).await;
            look(0).await;
            assert_eq!(state(&desk), "expired");
            assert!(drafts(&owner, &anna).is_empty(), "an offer that was never sent lies there no more");
            let all: Value = serde_json::from_str(&say(&["slots", "--all", "--json"])).unwrap();
            assert_eq!(all[0]["state"], "expired", "{all}");
            assert!(say(&["drafts"]).contains("nobody chose by"), "{}", say(&["drafts"]));
        });
    }
}

/// A trip leads near a client: a draft by itself, a list, and what came up afterwards.
#[test]
fn a_trip_leads_near_a_client() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, ben) = (lab.person(), lab.person(), lab.person());
    let date = |days: i64| (Clock::System.now() + TimeDelta::days(days)).format("%Y-%m-%d");
    let text = [
        OWNER,
        AT_ONCE,
        &mailbox(lab, &owner, "mode = \"draft\""),
        &client(&anna, "zone = \"Europe/Paris\"\nlanguage = \"en\"\nplace = \"Grenoble\"\n"),
        &client(&ben, "zone = \"Europe/Paris\"\nlanguage = \"en\"\nplace = [43.30, 5.38]\n"),
        "[meetings]\nnear = 120\nhours = { mon-sun = [\"09:00-18:00\"] }\n",
        &format!("[[trip]]\nfrom = {}\nto = {}\nzone = \"Europe/Paris\"\nplace = \"Lyon\"\n", date(5), date(13)),
    ]
    .concat();
    let daemon = Daemon::run(lab, &text);
    let draft = wait_with(&daemon, "a proposal to meet", |_| {
        drafts(&owner, &anna).into_iter().find(|one| one.subject().contains("Lyon"))
    });
    assert!(draft.text().contains("I will be in Lyon"), "{}", draft.text());
    assert!(!drafts(&owner, &ben).iter().any(|one| one.subject().contains("Lyon")), "Marseille is far");
    let near = daemon.json(&["visit"]);
    assert_eq!(near[0]["stops"].as_array().unwrap().len(), 1, "{near}");
    assert!((90.0..100.0).contains(&near[0]["stops"][0]["away_km"].as_f64().unwrap()), "{near}");
    let far = daemon.json(&[
        "visit",
        "--near",
        "Lyon",
        "--within",
        "300km",
        "--from",
        &date(5).to_string(),
        "--to",
        &date(12).to_string(),
    ]);
    let stops = far[0]["stops"].as_array().unwrap();
    assert_eq!(stops.len(), 2, "{far}");
    assert!(stops[0]["day"].is_string() && stops[1]["day"].is_string() && stops[0]["day"] != stops[1]["day"], "{far}");
    assert_eq!(stops[0]["client"], anna.name.as_str());
    daemon.say(&["visit", "--near", "Marseille", "--draft"]);
    wait_with(&daemon, "the draft that was asked for", |_| {
        drafts(&owner, &ben).into_iter().find(|one| one.subject().contains("Marseille"))
    });
    daemon.say(&["visit", "done", &anna.name, "They want a shop in spring"]);
    let history = daemon.json(&["history", &anna.name]);
    let visit =
        history.as_array().unwrap().iter().find(|one| one["kind"] == "visit" && one["text"].is_string()).unwrap();
    assert_eq!(visit["text"], "They want a shop in spring");
    assert!(daemon.say(&["history", &anna.name]).contains("They want a shop in spring"));
    assert!(daemon.say(&["show", visit["id"].as_str().unwrap()]).contains("They want a shop in spring"));
    let near = daemon.json(&["visit"]);
    assert_eq!(near[0]["stops"][0]["last_seen"], Clock::System.now().format("%Y-%m-%d").to_string(), "{near}");
}
