//! The gate through the production turn: mails to one client are merged, what waits is cancelled when its reason goes,
//! what was missed follows the owner's policy.
use crate::holding_turns::{ANA, World, at, play};
use fuseau::daemon::Desk;
use fuseau::model::{Instant, NoticeCode, PromiseState, Zones};
use fuseau::store::{MailState, OutboxRow};
use std::fs;
use std::sync::Arc;

/// A second conversation of one client is acknowledged too, and limits are out of the way.
const OPEN: &str = "[replies]\nmin_interval = \"10m\"\nper_sender_day = 20\nper_sender_week = 40\n";

fn rows(world: &World) -> Vec<OutboxRow> {
    world.desk.store.read_blocking(|tx| tx.outbox_since(Instant::UNIX_EPOCH, 50)).unwrap()
}

fn notices(world: &World) -> Vec<(NoticeCode, String)> {
    let all = world.desk.store.read_blocking(|tx| tx.notices_untold()).unwrap();
    all.into_iter().map(|it| (it.code, it.values.get("why").cloned().unwrap_or_default())).collect()
}

fn reload(world: &mut World, change: impl FnOnce(String) -> String) {
    let path = world.dir.path().join("fuseau.toml");
    let text = change(fs::read_to_string(&path).unwrap());
    fs::write(&path, text).unwrap();
    let settings = fuseau::config::load(&path, &Zones::bundled()).unwrap();
    world.desk = Desk { settings: Arc::new(settings), ..world.desk.clone() };
}

/// Two conversations of Ana's, both promised by 12:00.
async fn two(world: &mut World) {
    world.until("10:02").await;
    world.client_writes_about(ANA, "logo", "Logo");
    world.until("10:30").await;
    world.client_writes_about(ANA, "bill", "Re: Invoice 7");
    world.until("11:40").await;
    assert_eq!(world.dates(), ["10:07", "10:35"]);
}

#[test]
fn what_is_due_to_one_client_leaves_as_one_mail() {
    play(async {
        let mut world = World::with(OPEN).await;
        two(&mut world).await;
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07", "10:35", "11:45", "14:15"]);
        let mails = world.left();
        for (mail, by) in [(&mails[2], "2:30 pm"), (&mails[3], "5 pm")] {
            assert!(mail.contains("In-Reply-To: <bill@lisboa.example>"), "threaded into the newest: {mail}");
            assert!(mail.contains("Subject: Re: Invoice 7") && mail.contains("To: ana@lisboa.example"), "{mail}");
            let text = mail.replace("=E2=80=9C", "“").replace("=E2=80=9D", "”");
            assert!(text.contains("“Logo” and “Invoice 7”") && text.contains(by), "{text}");
        }
        let body = |mail: &String| mail.split_once("\n\n").unwrap().1.replace("2:30 pm", "5 pm");
        assert_ne!(body(&mails[2]), body(&mails[3]), "never the same twice");
        let mut promises = world.promises();
        promises.sort_by_key(|(_, by)| *by);
        assert_eq!(
            promises,
            [
                (PromiseState::Renewed, at("12:00")),
                (PromiseState::Renewed, at("12:00")),
                (PromiseState::Renewed, at("14:30")),
                (PromiseState::Renewed, at("14:30")),
                (PromiseState::Lapsed, at("17:00")),
                (PromiseState::Lapsed, at("17:00"))
            ]
        );
        let told = notices(&world);
        assert_eq!(
            told.iter().filter(|it| **it == (NoticeCode::PromiseUnheld, "exhausted".into())).count(),
            2,
            "{told:?}"
        );
    });
}

#[test]
fn clients_are_not_mixed_and_windows_not_crossed() {
    play(async {
        let mut world = World::with(OPEN).await;
        world.until("10:02").await;
        world.client_writes_about(ANA, "logo", "Logo");
        world.client_writes_about("rui@lisboa.example", "bill", "Invoice");
        world.until("12:30").await;
        // Two people of one client: each hears for themselves.
        assert_eq!(world.dates(), ["10:07", "10:07", "11:45", "11:45"]);
        assert!(world.left().iter().all(|mail| !(mail.contains("Logo") && mail.contains("Invoice"))));
    });
}

#[test]
fn a_client_who_has_just_read_a_promise_is_spared() {
    play(async {
        // Holding replies two hours before the end, so that they fall due apart.
        let apart = format!("{OPEN}merge = \"1h\"\n[promises]\nholding_before = \"2h\"\n");
        let mut world = World::with(&apart).await;
        world.until("09:31").await;
        // By 12:00, due half an hour after it was made: at 10:01; the second at 10:30.
        world.client_writes_about(ANA, "logo", "Logo");
        world.until("09:55").await;
        world.client_writes_about(ANA, "bill", "Invoice");
        world.until("10:45").await;
        // The second was read at 10:00: it does not go along a minute later. When its time comes, the client has had a
        // holding reply in this window: the owner hears of it instead.
        assert_eq!(world.dates(), ["09:36", "10:00", "10:01"], "{:?}", world.promises());
        assert!(notices(&world).contains(&(NoticeCode::PromiseUnheld, "window".into())), "{:?}", notices(&world));
    });
}

#[test]
fn an_answer_to_one_leaves_a_mail_for_the_other() {
    play(async {
        let mut world = World::with(OPEN).await;
        two(&mut world).await;
        // The merged mail waits, because one of the two is being answered.
        let draft = world.owner_writes(".Drafts/cur", "print@press.example", "logo@lisboa.example");
        world.until("11:52").await;
        assert_eq!(world.dates(), ["10:07", "10:35"], "an answer to either holds the whole mail back");
        fs::remove_file(draft).unwrap();
        // Answered in its conversation only: a mail to somebody else keeps no promise to Ana but that one.
        world.owner_writes(".Sent/cur", "print@press.example", "logo@lisboa.example");
        world.until("12:30").await;
        let dates = world.dates();
        assert_eq!(dates.len(), 3, "{dates:?} {:?}", world.fates());
        let last = world.left().pop().unwrap();
        assert!(!last.contains("Logo") && last.contains("In-Reply-To: <bill@lisboa.example>"), "{last}");
        let fates: Vec<_> = world.fates().into_iter().map(|(_, state, last)| (state, last)).collect();
        assert_eq!(fates[0], (MailState::Dropped, Some("regrouped".into())));
        assert_eq!(fates[1].0, MailState::Sent);
        let mut promises = world.promises();
        promises.sort_by_key(|(state, by)| (*by, state.as_str()));
        assert_eq!(
            promises,
            [
                (PromiseState::Kept, at("12:00")),
                (PromiseState::Renewed, at("12:00")),
                (PromiseState::Open, at("14:30"))
            ]
        );
    });
}

#[test]
fn what_waits_is_cancelled_when_its_reason_goes() {
    play(async {
        for reason in ["answered", "gone", "no-longer-client", "mode", "no-longer-mailbox"] {
            let mut world = World::with(OPEN).await;
            world.until("10:02").await;
            let mail = world.client_writes(ANA, "logo");
            world.until("10:03").await;
            let id = rows(&world)[0].id.clone();
            assert!(world.desk.store.write_blocking(|tx| tx.hold(&id, at("2027-01-15T09:00"))).unwrap());
            world.until("10:20").await;
            assert_eq!(rows(&world)[0].state, MailState::Queued, "held");
            match reason {
                "answered" => drop(world.owner_writes(".Sent/cur", ANA, "logo@lisboa.example")),
                "gone" => fs::remove_file(mail).unwrap(),
                "no-longer-client" => reload(&mut world, |text| text.replace("@lisboa.example", "@elsewhere.example")),
                "mode" => reload(&mut world, |text| text.replace("mode = \"send\"", "mode = \"observe\"")),
                _ => {
                    let other = "[mailbox.other]\naddress = \"x@other.example\"\nmaildir = \"Maildir\"\n";
                    reload(&mut world, |text| text.replace("[mailbox.studio]", "[mailbox.renamed]") + other);
                }
            }
            if reason == "no-longer-mailbox" {
                // No turn of that mailbox comes any more: another one looks.
                world.turn_as("renamed").await;
            } else {
                world.until("10:25").await;
            }
            let row = rows(&world).remove(0);
            assert_eq!((row.state, row.last_reply.as_deref()), (MailState::Dropped, Some(reason)));
            assert!(world.left().is_empty());
            let told = notices(&world).contains(&(NoticeCode::MailSkipped, reason.to_owned()));
            assert_eq!(told, reason == "no-longer-mailbox", "{reason}: {:?}", notices(&world));
            let state = world.promises()[0].0;
            let expected = match reason {
                "answered" => PromiseState::Kept,
                "gone" | "no-longer-client" => PromiseState::Released,
                _ => PromiseState::Open,
            };
            assert_eq!(state, expected, "{reason}");
        }
    });
}

/// The machine sleeps from 10:03 to 20:40, which is night in Singapore and after hours in Lisbon.
async fn asleep(late: &str) -> World {
    let mut world = World::with(&format!("{OPEN}late = \"{late}\"\n")).await;
    world.until("10:02").await;
    world.client_writes(ANA, "logo");
    world.until("10:03").await;
    world.desk.clock.move_to(at("20:40"));
    world.until("20:41").await;
    world
}

#[test]
fn a_missed_mail_follows_the_owners_policy() {
    play(async {
        let world = asleep("send").await;
        assert_eq!(world.dates(), ["20:40"]);
        let mut world = asleep("next-decent-hour").await;
        assert!(world.left().is_empty());
        world.until("2027-01-15T09:30").await;
        assert_eq!(world.dates()[0], "09:00", "at nine in the client's morning");
        let world = asleep("skip").await;
        assert!(world.left().is_empty());
        assert_eq!(rows(&world)[0].last_reply.as_deref(), Some("late"));
        assert_eq!(notices(&world), [(NoticeCode::MailSkipped, "late".to_owned())]);
    });
}

#[test]
fn the_owners_wish_sets_courtesy_aside_but_not_the_switch() {
    play(async {
        let mut world = World::with(OPEN).await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("10:03").await;
        let id = rows(&world)[0].id.clone();
        let pause = fuseau::system::state::pause_file(world.desk.state.as_deref().unwrap());
        fs::write(&pause, "").unwrap();
        let now = world.desk.clock.now();
        assert!(world.desk.store.write_blocking(|tx| tx.hurry(&id, now)).unwrap());
        world.until("10:04").await;
        assert!(world.left().is_empty(), "paused");
        fs::remove_file(&pause).unwrap();
        world.until("10:06").await;
        assert_eq!(world.dates(), ["10:05"], "without its grace, a minute after the switch was seen");
    });
}

/// What the commands say about a mail that waits, and what they do to it.
#[test]
fn the_owner_looks_after_the_outbox() {
    use crate::support::program::run;
    play(async {
        let mut world = World::with(OPEN).await;
        world.until("10:02").await;
        for (id, subject) in [("logo", "Logo"), ("bill", "Invoice")] {
            world.client_writes_about(&format!("{id}@lisboa.example"), id, subject);
        }
        world.until("10:03").await;
        let dir = world.dir.path().to_owned();
        let says = |words: &[&str]| run(&dir, words).fine();
        let json = |words: &[&str]| -> serde_json::Value {
            serde_json::from_str(&says(&[words, &["--json"]].concat())).unwrap()
        };
        let list = json(&["outbox"]);
        assert_eq!(list.as_array().unwrap().len(), 2);
        let (first, other) = (list[0].clone(), list[1]["id"].as_str().unwrap().to_owned());
        let id = first["id"].as_str().unwrap();
        assert_eq!((&first["next"], &first["state"]), (&"wait".into(), &"queued".into()));
        assert_eq!(first["next_look"], "2027-01-14T10:07:00Z");
        let time = first["checks"].as_array().unwrap().iter().find(|it| it["check"] == "time").unwrap().clone();
        assert_eq!((&time["outcome"], &time["until"]), (&"wait".into(), &"2027-01-14T10:07:00Z".into()));
        // The shortest beginning that tells them apart is shown, and is enough.
        let text = says(&["outbox"]);
        let short = text.lines().next().unwrap().split_whitespace().next().unwrap().to_owned();
        assert!(id.starts_with(&short) && !other.starts_with(&short), "{text}");
        assert!(text.contains("time: its time has not come") && text.contains("Europe/Lisbon = "), "{text}");
        let shown = says(&["outbox", "show", &short]);
        for part in ["pass    answered", "wait    time", "exempt  hours", "│ Subject: Re: ", "│ Hello,"] {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
        assert_eq!(json(&["outbox", "show", &short])["from"], "claire@studio.example");
        let wrong = |words: &[&str], code: i32, part: &str| {
            let err = run(&dir, words).failed(code);
            assert!(err.contains(part), "{words:?}: {err}");
        };
        wrong(&["outbox", "show", "01a"], 64, "outbox --all");
        wrong(&["outbox", "show", id.get(..4).unwrap()], 64, "2 mails");
        wrong(&["outbox", "hold", &short, "--for", "soon"], 64, "30m, 4h or 2d");
        wrong(&["outbox", "--all", "show", id], 64, "outbox");

        let held = says(&["outbox", "hold", &short]);
        assert!(held.contains("until you say otherwise") && held.contains("no fuseau runs"), "{held}");
        let now = json(&["outbox", "show", &short]);
        assert_eq!((&now["next"], now["held_until"].as_str().unwrap().get(..4)), (&"wait".into(), Some("9999")));
        world.until("10:20").await;
        assert_eq!(world.left().len(), 1, "only the other one");
        let held = says(&["outbox", "hold", &short, "--for", "3h"]);
        assert!(held.contains("held until "), "{held}");
        let sent = says(&["outbox", "send", &short]);
        assert!(sent.contains("it leaves"), "{sent}");
        assert!(rows(&world).iter().any(|row| row.hurried && row.held_until.is_none()));
        let dropped = says(&["outbox", "drop", &short]);
        assert!(dropped.contains("stays in sight") && dropped.contains("fuseau done '<"), "{dropped}");
        world.until("11:00").await;
        assert_eq!(world.left().len(), 1);
        wrong(&["outbox", "drop", id], 1, "it was taken back");
        wrong(&["outbox", "send", &other], 1, "it was sent");
        assert_eq!(says(&["outbox"]).trim(), "nothing waits (`--all` shows what left)");
        let all = json(&["outbox", "--all"]);
        assert_eq!(all.as_array().unwrap().len(), 2);
        let explained = says(&["explain", &format!("<{}@lisboa.example>", if short == id { "logo" } else { "bill" })]);
        assert!(explained.contains("acknowledgement "), "{explained}");
        let told = says(&["promises"]);
        assert!(
            told.contains("holding reply on ") && told.contains("no holding reply: the client was never told"),
            "{told}"
        );
    });
}
