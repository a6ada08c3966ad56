//! The sentence about a clock change, through the production turn. London's clock goes forward on 28 March 2027; that of
//! Lisbon in the same instant, that of Singapore never.
use crate::holding_turns::{ANA, World, play};

const ANNA: &str = "anna@acme.example";
const SENTENCE: &str = "The clocks change here on Sunday";

/// When each mail left, and whether it tells.
fn told(world: &World) -> Vec<(String, bool)> {
    let mails = world.left();
    let tells = mails.iter().map(|mail| mail.contains(SENTENCE));
    world.dates().into_iter().zip(tells).collect()
}

#[test]
fn once_for_a_client_and_a_change() {
    play(async {
        let mut world = World::new().await;
        world.until("2027-03-19T02:00").await;
        world.client_writes_about(ANNA, "early", "Too early");
        world.until("2027-03-19T08:00").await;
        world.owner_writes(".Sent/cur", ANNA, "early@acme.example");
        world.until("2027-03-23T02:00").await;
        world.client_writes_about(ANNA, "first", "First");
        world.client_writes_about(ANA, "lisboa", "On the same clock");
        world.until("2027-03-23T02:10").await;
        world.owner_writes(".Sent/cur", ANNA, "first@acme.example");
        world.owner_writes(".Sent/cur", ANA, "lisboa@lisboa.example");
        world.until("2027-03-24T03:00").await;
        world.client_writes_about(ANNA, "second", "Second");
        world.until("2027-03-24T03:10").await;
        let [early, first, lisboa, second] = told(&world).try_into().unwrap();
        assert_eq!(early, ("02:05".to_owned(), false), "nine days before");
        assert_eq!((first.1 as u8 + lisboa.1 as u8, second), (1, ("03:05".to_owned(), false)));
        let of_ana = world.left().into_iter().find(|mail| mail.contains("On the same clock")).unwrap();
        assert!(!of_ana.contains("clocks change"), "{of_ana}");
    });
}

#[test]
fn a_mail_that_never_left_has_told_nothing() {
    play(async {
        let mut world = World::new().await;
        world.until("2027-03-23T02:00").await;
        world.client_writes_about(ANNA, "first", "First");
        world.until("2027-03-23T02:02").await;
        world.owner_writes(".Sent/cur", ANNA, "first@acme.example");
        world.until("2027-03-23T08:00").await;
        assert_eq!(told(&world), []);
        world.client_writes_about(ANNA, "second", "Second");
        world.until("2027-03-23T08:10").await;
        assert_eq!(told(&world), [("08:05".to_owned(), true)]);
    });
}

#[test]
fn a_holding_reply_tells_too_and_the_owner_may_want_none() {
    for (more, tells) in [("", true), ("[replies]\nmention_clock_change = false\n", false)] {
        play(async {
            let mut world = World::with(more).await;
            // On Friday nine days before it is too early; the promise is for the Monday after.
            world.until("2027-03-19T14:00").await;
            world.client_writes_about(ANNA, "late", "Late on Friday");
            world.until("2027-03-22T12:00").await;
            let found = told(&world);
            assert_eq!(found.iter().map(|(_, tells)| *tells).collect::<Vec<_>>(), [false, tells, false], "{found:?}");
        });
    }
}
