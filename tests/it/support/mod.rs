//! What several tests need.
pub mod fake_imap;
pub mod house;
pub mod invariants;
pub mod program;
pub mod script;
pub mod smtp_sink;
