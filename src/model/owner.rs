//! The person who runs fuseau.
use super::{Language, WeeklyHours, Zone};
use chrono::NaiveDate;

/// Dated days without windows; both days included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// First closed day.
    pub from: NaiveDate,
    /// Last closed day.
    pub to: NaiveDate,
    /// The owner's own word for it; never shown to clients unless a template asks for it.
    pub note: Option<String>,
}

/// Dated days in another zone: windows move with the owner; both days included.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// First day there.
    pub from: NaiveDate,
    /// Last day there.
    pub to: NaiveDate,
    /// The zone there.
    pub zone: Zone,
    /// Where, in the owner's words.
    pub place: Option<String>,
    /// Hours there, if they differ from home's.
    pub hours: Option<WeeklyHours>,
}

/// The owner and their time.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    /// The name below every mail.
    pub name: String,
    /// Home.
    pub zone: Zone,
    /// Languages in which the owner can answer; the first is the fallback.
    pub languages: Vec<Language>,
    /// Answer windows of an ordinary week, where the owner is.
    pub hours: WeeklyHours,
    /// Public-holiday calendars that the owner keeps (`GB-ENG`).
    pub holidays: Vec<String>,
    /// Closed days.
    pub closures: Vec<Closure>,
    /// Days elsewhere. Sorted by `from`, not overlapping.
    pub trips: Vec<Trip>,
}
