//! What a rehearsal says is what the daemon does: the same promises, unanswered, once told and once lived.
use crate::holding_turns::{ANA, World, at, play};
use fuseau::decide::rehearsal::{What, unanswered};
use fuseau::model::{Promise, PromiseState};

/// When the promises of the world were told, as they were then.
fn told(world: &World) -> Vec<Promise> {
    let all = world.desk.store.read_blocking(|tx| {
        let mut all = Vec::new();
        for promise in tx.promises(false)? {
            let first = tx.renewed_by(&promise.id)?.is_none();
            let at = tx.steps(&promise.id)?.iter().find(|step| step.cause == "told").map(|step| step.at);
            all.extend(at.filter(|_| first).map(|made_at| Promise { made_at, state: PromiseState::Open, ..promise }));
        }
        Ok(all)
    });
    all.unwrap()
}

fn compare(world: &World, acknowledged: usize) -> Vec<String> {
    let policy = world.desk.policy();
    let client = policy.client("lisboa").unwrap();
    let mut left: Vec<String> = world.dates().split_off(acknowledged);
    let lapsed = world.promises().into_iter().filter(|(state, _)| *state == PromiseState::Lapsed);
    left.extend(lapsed.map(|(_, by)| format!("{} lapsed", by.format("%H:%M"))));
    let events = unanswered(policy, client, &told(world));
    let said = events.iter().map(|event| match &event.what {
        What::Held { .. } => event.at.format("%H:%M").to_string(),
        What::Lapsed { .. } => format!("{} lapsed", event.at.format("%H:%M")),
        other => format!("{} {other:?}", event.at),
    });
    assert_eq!(said.collect::<Vec<_>>(), left);
    left
}

#[test]
fn of_one_promise() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("23:00").await;
        assert_eq!(compare(&world, 1), ["11:45", "14:15", "17:00 lapsed"]);
    });
}

#[test]
fn of_two_that_are_due_together() {
    play(async {
        let mut world = World::with("[replies]\nmin_interval = \"0s\"\n").await;
        world.until("10:02").await;
        world.client_writes_about(ANA, "logo", "Logo");
        world.until("10:20").await;
        world.client_writes_about(ANA, "web", "Website");
        world.until("23:00").await;
        let told = compare(&world, 2);
        assert_eq!(told.first().map(String::as_str), Some("11:45"), "one mail for both: {told:?}");
    });
}

#[test]
fn what_nobody_was_told_has_no_story() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("10:10").await;
        let policy = world.desk.policy();
        let client = policy.client("lisboa").unwrap();
        let mut promises = told(&world);
        assert_eq!(promises.first().map(|promise| promise.made_at), Some(at("10:07")));
        promises.iter_mut().for_each(|promise| promise.announced = false);
        assert_eq!(unanswered(policy, client, &promises), []);
    });
}
