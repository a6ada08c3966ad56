//! What the rules say about one incoming message.
use serde::Serialize;

/// The verdict; the order is the strength: where several rules speak, the greatest wins
/// (own > ignore > hold > wait > acknowledge).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// An acknowledgement goes out after the grace delay.
    Acknowledge,
    /// Covered by what was already said: nothing goes out, the promise stands.
    Wait,
    /// A person should look: nothing goes out by itself.
    Hold,
    /// A machine, a list, a loop: nothing goes out, nothing is expected of the owner.
    Ignore,
    /// The owner's or our own mail: bookkeeping only.
    Own,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Acknowledge, Self::Wait, Self::Hold, Self::Ignore, Self::Own];

    /// The word used in the database, the logs and `--json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Wait => "wait",
            Self::Hold => "hold",
            Self::Ignore => "ignore",
            Self::Own => "own",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == word)
    }
}
