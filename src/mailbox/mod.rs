//! Mail as it arrives: servers and folders on one side, bytes turned into facts on the other.
pub mod parse;
