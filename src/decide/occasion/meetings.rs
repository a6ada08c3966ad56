//! Meetings as data: offered times with the replies to them, visits, and the owner's choices about both. Never here: which
//! times are decent (`calendar::slots`), what a reply says (`decide::slot_choice`).
use crate::calendar::overlap::Interval;
use crate::model::{EmailAddress, Instant, WeeklyHours, Zone};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is known about meetings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meetings {
    /// Offers of times, the oldest first.
    pub offers: Vec<Offer>,
    /// Meetings that took place, the oldest first.
    pub visits: Vec<Visited>,
    /// When the owner is busy, by their calendars; in any order.
    pub busy: Vec<Interval>,
}

/// No meetings at all.
pub static NO_MEETINGS: Meetings = Meetings { offers: Vec::new(), visits: Vec::new(), busy: Vec::new() };

/// Times that were proposed to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The key of its draft's occasion.
    pub key: String,
    /// To whom.
    pub client: String,
    /// What it is about, in the owner's words.
    pub about: Option<String>,
    /// The times, in the order of their numbers.
    pub slots: Vec<Interval>,
    /// Where it stands.
    pub state: OfferState,
    /// The number of the chosen time, from 1.
    pub chosen: Option<usize>,
    /// When it was made.
    pub made_at: Instant,
    /// Since when it stands where it stands.
    pub since: Instant,
    /// Until when the client may choose.
    pub expires: Instant,
    /// What people of the client wrote in its conversation since, the oldest first.
    pub replies: Vec<Reply>,
}

impl Offer {
    /// The times that are kept free for it: all of them until the client has chosen, then the chosen one.
    #[must_use]
    pub fn held(&self) -> Vec<Interval> {
        match (self.state, self.chosen) {
            (OfferState::Drafted | OfferState::Open, _) => self.slots.clone(),
            (OfferState::Chosen, Some(n)) => self.slots.get(n.saturating_sub(1)).copied().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfferState {
    /// It waits in Drafts.
    Drafted,
    /// The client has it.
    Open,
    /// The client chose a time.
    Chosen,
    /// None of the times suits the client, or they named another.
    Declined,
    /// Nobody chose while the times held.
    Expired,
    /// It was never sent, or the owner took it back.
    Dropped,
}

impl OfferState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Drafted, Self::Open, Self::Chosen, Self::Declined, Self::Expired, Self::Dropped];

    /// The word used in the database and in `--json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Open => "open",
            Self::Chosen => "chosen",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A mail of the client's in the conversation of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The exchange.
    pub exchange: String,
    /// When it came.
    pub at: Instant,
    /// Who wrote it.
    pub from: Option<EmailAddress>,
    /// The beginning of its text, with whatever it quotes.
    pub text: String,
}

/// A meeting that took place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// Its id.
    pub id: String,
    /// Whom the owner met.
    pub client: String,
    /// On which day, where they met.
    pub date: NaiveDate,
    /// When it was noted.
    pub noted_at: Instant,
    /// What came up, in the owner's words.
    pub text: String,
}

impl Visited {
    /// Where it stands in a line of time: a visit bears a day, not a time, so at noon where the client is.
    #[must_use]
    pub fn at(&self, zone: &Zone) -> Instant {
        zone.instant(self.date.and_time(NaiveTime::MIN) + TimeDelta::hours(12))
    }
}

/// A point on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// A named point.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub point: Point,
}

/// The owner's choices about meetings: the `[meetings]` table, and where clients are. Always valid; made by `config`.
#[derive(Clone, Debug, PartialEq)]
pub struct MeetingSettings {
    /// Calendar files in which the owner's busy times stand; `*` in a file's name stands for any text.
    pub busy: Vec<PathBuf>,
    /// How long a meeting is. Default half an hour.
    pub length: TimeDelta,
    /// How many times are proposed. Default three.
    pub count: usize,
    /// How long before the last of its times an offer without an answer ends. Default one day.
    pub expires: TimeDelta,
    /// When the owner meets people, where they are then.
    pub hours: Option<WeeklyHours>,
    /// How long before a meeting it is proposed at least. Default one day.
    pub notice: TimeDelta,
    /// How far ahead times are proposed. Default two weeks.
    pub ahead: TimeDelta,
    /// Left free before and after what stands in the calendars. Default nothing.
    pub pause: TimeDelta,
    /// Where or how to meet, in the owner's words: for invitations.
    pub place: Option<String>,
    /// Up to which distance a client is near, in kilometres. Default 60.
    pub near_km: u32,
    /// Where clients are, by their keys.
    pub clients: BTreeMap<String, Place>,
    /// Where trips lead, by their first days, as far as their places are known.
    pub trips: BTreeMap<NaiveDate, Place>,
}

impl Default for MeetingSettings {
    fn default() -> Self {
        Self {
            busy: Vec::new(),
            length: TimeDelta::minutes(30),
            count: 3,
            expires: TimeDelta::days(1),
            hours: None,
            notice: TimeDelta::days(1),
            ahead: TimeDelta::weeks(2),
            pause: TimeDelta::zero(),
            place: None,
            near_km: 60,
            clients: BTreeMap::new(),
            trips: BTreeMap::new(),
        }
    }
}
