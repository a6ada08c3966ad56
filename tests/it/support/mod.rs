//! What several tests need.
pub mod authority;
pub mod cases;
pub mod daemon;
pub mod fake_imap;
pub mod house;
pub mod invariants;
pub mod invitation;
pub mod lab;
pub mod letter;
pub mod pages;
pub mod program;
pub mod script;
pub mod smtp_sink;
pub mod wire;

/// The state directory as a daemon opens it, also right after the last one closed it: another test's process that is just
/// being started has our files, locks among them, until it becomes another program.
pub fn open_state(
    dir: &std::path::Path,
    now: chrono::DateTime<chrono::Utc>,
) -> (fuseau::store::Store, fuseau::system::state::Lock) {
    for _ in 0..2_000 {
        match fuseau::daemon::run::open(dir, now) {
            Err(fuseau::daemon::RunError::Taken(_)) => std::thread::sleep(std::time::Duration::from_millis(5)),
            other => return other.expect("the daemon starts"),
        }
    }
    panic!("{} stays taken", dir.display());
}
