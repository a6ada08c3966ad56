//! One binary for all integration tests; cases as data lie in the folders beside this one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on may stop; clippy.toml opens test functions only, not their helpers"
)]
mod imap;
mod maildir;
mod support;
