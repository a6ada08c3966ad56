//! The turn: fetch -> decide -> record -> perform, one task for each mailbox, and what keeps them going.
//! No parsing, no SQL, no wording here.
pub mod backoff;
pub mod control;
pub mod desk;
pub mod dial;
pub mod error;
mod follow;
mod gate;
pub mod health;
pub mod holding;
pub mod intake;
mod look;
pub mod mark;
pub mod ports;
pub mod probe;
mod promises;
pub mod recover;
pub mod reply;
pub mod run;
mod sending;
mod suspect;
pub mod tokens;
pub mod turn;
mod worker;

pub use desk::Desk;
pub use run::{RunError, run};
