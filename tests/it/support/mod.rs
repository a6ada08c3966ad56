//! What several tests need.
pub mod program;
pub mod script;
