//! Folders and messages that turn up late: a message from before our time stays one when it is moved, a Sent folder that is
//! made later is read back.
use crate::holding_turns::{ANA, World, at, play};
use crate::support::house::{House, until_or};
use fuseau::model::PromiseState;
use std::fs;

/// Moved out of the inbox and back, it has a new number and its old date.
#[test]
fn what_was_there_before_is_not_answered_when_it_comes_back() {
    play(async {
        let mut world = World::new().await;
        let path = world.client_writes(ANA, "old");
        let early = at("08:00").timestamp() - 20;
        fs::rename(&path, path.with_file_name(format!("{early}.M9P1.test"))).unwrap();
        world.until("10:02").await;
        world.client_writes(ANA, "new");
        world.until("11:00").await;
        let mails = world.left();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(mails[0].contains("In-Reply-To: <new@lisboa.example>"), "{}", mails[0]);
    });
}

/// A mail program makes Sent when its first mail goes there: the answer in it keeps the promise.
#[test]
fn a_sent_folder_that_is_made_later_is_read_back() {
    let house = House::maildir("send");
    fs::remove_dir_all(house.sent_folder()).unwrap();
    let running = house.start(None);
    let met = "SELECT 1 FROM folder WHERE name = 'INBOX' AND uidvalidity > 0";
    until_or(|| format!("the inbox is met\n{}", house.log()), || house.asks::<i64>(met));
    house.deliver("a", 1);
    let open = "SELECT id FROM promise WHERE state = 'open' AND announced = 1";
    until_or(|| format!("it is promised\n{}", house.log()), || house.asks::<String>(open));
    let id = house.delivered.borrow()[0].clone();
    for part in ["new", "tmp", "cur"] {
        fs::create_dir_all(house.sent_folder().join(part)).unwrap();
    }
    let answer = format!(
        "From: claire@studio.example\r\nTo: anna@a.example\r\nSubject: Re: x\r\nMessage-ID: <own@studio.example>\r\n\
         In-Reply-To: {id}\r\n\r\nHere it is.\r\n"
    );
    fs::write(house.sent_folder().join("cur/1800000000.M1P1.test:2,S"), answer).unwrap();
    let kept = format!("SELECT id FROM promise WHERE state = '{}'", PromiseState::Kept.as_str());
    until_or(|| format!("the answer is seen\n{}", house.log()), || house.asks::<String>(&kept));
    running.stops();
}
