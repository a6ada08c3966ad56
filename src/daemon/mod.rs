//! The turn: fetch -> decide -> record -> perform, one task for each mailbox, and what keeps them going.
//! No parsing, no SQL, no wording here.
pub mod backoff;
pub mod clocks;
pub mod commands;
pub mod control;
pub mod desk;
pub mod dial;
mod drafts;
pub mod error;
pub mod facts;
mod follow;
mod gate;
mod handed;
pub mod health;
pub mod hold_until;
pub mod holding;
pub mod hooks;
pub mod intake;
mod look;
pub mod mark;
pub mod moved;
pub mod ports;
mod promises;
pub mod recover;
pub mod reply;
pub mod run;
mod sending;
mod settling;
mod suspect;
pub mod tokens;
pub mod turn;
mod worker;

pub use desk::Desk;
pub use run::{RunError, run};
