//! What is known about where a client is, and what follows from it: values. The weighing is in zone_evidence.rs.
use crate::model::{Instant, Zone};

/// The Date header of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When it arrived.
    pub at: Instant,
    /// Minutes east of UTC that its Date says; `None` if it says none.
    pub offset: Option<i32>,
    /// Who wrote it, folded.
    pub sender: String,
}

/// What is known about a client's place.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    /// Their mails, in any order.
    pub stamps: Vec<Stamp>,
    /// Domains of their addresses.
    pub domains: Vec<String>,
    /// Telephone numbers of their signatures: digits behind the plus.
    pub numbers: Vec<String>,
}

/// How much a proposal is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing is known.
    None,
    /// It may be so.
    Possible,
    /// The offsets fit, and something else speaks for it.
    Likely,
    /// The offsets fit in winter and in summer, and nothing speaks against it.
    Sure,
}

impl Confidence {
    /// The word in texts and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Sure => "sure",
        }
    }
}

/// What the evidence says about the configured zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It fits.
    Agrees,
    /// Another one fits better.
    Differs,
    /// Several fit, or none does well.
    Unclear,
    /// There is nothing to go by.
    NoEvidence,
}

impl Standing {
    /// The word in texts and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Unclear => "unclear",
            Self::NoEvidence => "no-evidence",
        }
    }
}

/// Days on which somebody's mail says another offset than home's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Who.
    pub sender: String,
    /// The first mail from there.
    pub from: Instant,
    /// The last one.
    pub to: Instant,
    /// On how many days mail came from there.
    pub days: usize,
    /// Minutes east of UTC there.
    pub offset: i32,
    /// The likeliest zone with that clock.
    pub like: Option<Zone>,
    /// Whether nothing has come from home since.
    pub current: bool,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// About the configured zone.
    pub standing: Standing,
    /// About the first proposal.
    pub confidence: Confidence,
    /// Zones that fit best, the best first; at most five.
    pub proposals: Vec<Zone>,
    /// Mails looked at.
    pub mails: usize,
    /// Days of a sender with an offset that counts.
    pub days: usize,
    /// Those of them that fit the first proposal; days away count for nothing.
    pub fitting: usize,
    /// Sentences.
    pub reasons: Vec<String>,
    /// Travels, in order.
    pub away: Vec<Away>,
}
