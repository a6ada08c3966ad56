//! What several tests need.
pub mod daemon;
pub mod lab;
pub mod letter;
pub mod script;
pub mod wire;
