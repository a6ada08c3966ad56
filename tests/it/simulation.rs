//! Weeks of mail in seconds: the production turn on a virtual clock, against servers and people in memory, with faults
//! and deaths at any point. The same seed gives the same life.
//!
//! `FUSEAU_SEED=N` lives one life and tells it; `FUSEAU_SEEDS=N` lives that many; `FUSEAU_DAYS=N` is how long.
mod handover;
mod invariants;
mod letters;
mod life;
mod oracle;
mod owner;
mod peers;
mod people;
mod quarter;
mod rng;
mod setting;
mod world;

pub(crate) use rng::Rng;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn nothing_is_lost_or_said_twice() {
    let days = number("FUSEAU_DAYS").unwrap_or(21);
    if let Some(seed) = number("FUSEAU_SEED") {
        let outcome = life::live(seed, days, true);
        println!("{outcome:#?}");
        return assert!(outcome.is_ok(), "seed {seed}: {}", outcome.unwrap_err());
    }
    let (first, seeds) = (number("FUSEAU_FIRST").unwrap_or(0), number("FUSEAU_SEEDS").unwrap_or(16));
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + seeds {
                        return;
                    }
                    let lived = std::panic::catch_unwind(|| life::live(seed, days, false));
                    let text = match lived {
                        Ok(Ok(outcome)) => {
                            println!("seed {seed}: {outcome:?}");
                            continue;
                        }
                        Ok(Err(text)) => text,
                        Err(_) => "panicked".to_owned(),
                    };
                    failures.lock().unwrap().push(format!("FUSEAU_SEED={seed}: {text}"));
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} lives failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_life() {
    for seed in [3, 4] {
        let (one, two) = (life::live(seed, 10, false), life::live(seed, 10, false));
        assert_eq!(one, two, "seed {seed}");
    }
}
