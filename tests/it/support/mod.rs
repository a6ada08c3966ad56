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
