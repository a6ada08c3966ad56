//! A whole year on the production turn: a Maildir, a folder for what leaves, a configuration with trips, closures, single
//! days and public holidays, twelve clients in twelve zones and ten languages, clock changes on both sides. What left is
//! held against an oracle that shares no rule with the program.
//!
//! `FUSEAU_SEED=N` lives one life and tells it, `FUSEAU_DAYS=N` is how long, `FUSEAU_START=DATE` when it begins.
mod checks;
mod days;
mod letters;
mod life;
mod people;

use chrono::NaiveDate;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seed, first day, days: one whole year from one October to the next, and shorter lives around clock changes.
const LIVES: [(u64, (i32, u32, u32), u64); 5] = [
    (1, (2026, 10, 19), 380),
    (2, (2027, 3, 1), 45),
    (3, (2026, 10, 12), 30),
    (4, (2027, 9, 13), 45),
    (5, (2026, 12, 7), 30),
];

fn lives() -> Vec<(u64, NaiveDate, u64)> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let start =
        std::env::var("FUSEAU_START").ok().map(|text| text.parse::<NaiveDate>().expect("FUSEAU_START=2027-03-01"));
    let all = LIVES.iter().map(|(seed, (y, m, d), days)| (*seed, NaiveDate::from_ymd_opt(*y, *m, *d).unwrap(), *days));
    match number("FUSEAU_SEED") {
        None => all.collect(),
        Some(seed) => {
            let (_, usual, days) =
                all.clone().find(|life| life.0 == seed).unwrap_or_else(|| all.clone().next().unwrap());
            vec![(seed, start.unwrap_or(usual), number("FUSEAU_DAYS").unwrap_or(days))]
        }
    }
}

#[test]
fn promises_are_kept_or_spoken_of() {
    let (lives, next, failures) = (lives(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((seed, start, days)) = lives.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let said = match std::panic::catch_unwind(|| life::live(*seed, *start, *days, lives.len() == 1)) {
                        Ok(Ok(figures)) => {
                            println!("seed {seed}: {figures}");
                            continue;
                        }
                        Ok(Err(faults)) => faults,
                        Err(_) => "panicked".to_owned(),
                    };
                    let replay = format!("FUSEAU_SEED={seed} FUSEAU_START={start} FUSEAU_DAYS={days}");
                    failures.lock().unwrap().push(format!("{replay}:\n{said}"));
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The invariants can fail: a mail that breaks each of them is noticed.
#[test]
fn the_oracle_sees_what_is_wrong() {
    checks::prove();
}
