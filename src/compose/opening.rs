//! A human line after the salutation. Only what is known to be true; never weather. Not written yet: always none.
use crate::model::{Client, Instant};

/// From what a line is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// The key of the occasion: the same key says the same line.
    pub key: &'a str,
    /// From when the draft is of use.
    pub due: Instant,
}

/// The line, if there is something to say.
#[must_use]
pub fn line(_client: &Client, _from: Opening<'_>) -> Option<String> {
    None
}
