//! fuseau: answers each client in their own time zone and language, and keeps the promise in sight.
//!
//! The house has seven floors; a module may use only modules on lower floors, and modules on one
//! floor do not know each other (`tests/it/floor_plan.rs` keeps it so):
//!
//! 1. [`model`]: the words of the trade, plain values
//! 2. [`calendar`]: when and where, arithmetic on model values
//! 3. [`decide`]: the rules: facts + now -> decision with reasons
//! 4. [`compose`]: decision -> words and MIME
//! 5. shells: [`config`], [`mailbox`], [`outbox`], [`store`], [`system`], [`web`]
//! 6. [`daemon`]: the turn: fetch -> decide -> record -> perform
//! 7. [`cli`]: the command line
//!
//! Floors 1 to 4 are pure: no async, no I/O, no clock, no SQL.
pub mod calendar;
pub mod cli;
pub mod compose;
pub mod config;
pub mod daemon;
pub mod decide;
pub mod mailbox;
pub mod model;
pub mod outbox;
pub mod store;
pub mod system;
pub mod web;
