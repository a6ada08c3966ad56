//! Deaths on demand, for the crash tests: in debug builds `FUSEAU_FAIL=NAME` kills the process (SIGKILL, nothing
//! is flushed) when it reaches the point of that name; `NAME:N` when it reaches it for the N-th time. Release
//! builds contain none of this. Waits that tests shorten are here, too.
use std::time::Duration;

/// How long something lasts; in debug builds the variable of that name says it in other milliseconds.
#[cfg(debug_assertions)]
#[must_use]
pub fn lasts(variable: &str, usual: Duration) -> Duration {
    let other = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    other.map_or(usual, Duration::from_millis)
}

/// As it is in a release build.
#[cfg(not(debug_assertions))]
#[must_use]
pub fn lasts(_variable: &str, usual: Duration) -> Duration {
    usual
}

/// Dies here if the test asked for it.
#[cfg(debug_assertions)]
pub fn reach(point: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("FUSEAU_FAIL") else { return };
    let (name, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if name != point {
        return;
    }
    let nth = count.parse::<u32>().unwrap_or(1);
    if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == nth {
        let own = rustix::process::getpid();
        let killed = rustix::process::kill_process(own, rustix::process::Signal::KILL);
        tracing::error!(?killed, "the test asked for death");
    }
}

/// Nothing in a release build.
#[cfg(not(debug_assertions))]
pub fn reach(_point: &str) {}
