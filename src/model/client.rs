//! A customer of the owner.
use super::{AddressPattern, EmailAddress, Language, Mode, WeeklyHours, Zone};
use chrono::NaiveDate;

/// How the client is addressed, where the language has two forms (vous/tu, Sie/du).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// vous, Sie, usted, Lei; 敬語
    #[default]
    Formal,
    /// tu, du, tú
    Familiar,
}

impl Tone {
    /// The word used in the configuration and handed to templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Formal => "formal",
            Self::Familiar => "familiar",
        }
    }
}

/// What the client may expect when something is urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ClientPolicy {
    /// Urgent mail reaches the owner at once.
    First,
    /// The ordinary way.
    #[default]
    Normal,
    /// No urgent bypass, no reply outside its limits.
    Firm,
}

/// A customer: who they are, where, and how they are spoken to.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// The key in the configuration (`[client.acme]` -> `acme`).
    pub id: String,
    /// Their name as the owner writes it.
    pub name: String,
    /// Addresses and domains that are this client; no pattern belongs to two clients.
    pub contacts: Vec<AddressPattern>,
    /// Where they are.
    pub zone: Zone,
    /// The language in which they are written to.
    pub language: Language,
    /// Formal or familiar.
    pub tone: Tone,
    /// Decent hours there; `None` means 09:00-18:00 on weekdays.
    pub hours: Option<WeeklyHours>,
    /// Public-holiday calendars that they keep (`SG`, `CH-GE`).
    pub holidays: Vec<String>,
    /// Other ways to reach the owner that this client may use, in the owner's words.
    pub channels: Vec<String>,
    /// Urgent mail.
    pub policy: ClientPolicy,
    /// A mode that overrides the mailbox's for this client, if lower.
    pub mode: Option<Mode>,
    /// Birthdays of their people.
    pub birthdays: Vec<Birthday>,
    /// When the work together began, on their calendar.
    pub since: Option<NaiveDate>,
}

/// A day of every year, without the year: nobody's age is of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Birthday {
    /// Whose.
    pub person: String,
    /// Their address, where the configuration names it.
    pub address: Option<EmailAddress>,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31; 29 February exists.
    pub day: u32,
}

impl Client {
    /// Where they are at home, as far as the holidays that they keep tell: `CH` of `CH-GE`.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.holidays.first()?.split('-').next()
    }

    /// Whether `address` is a contact of this client.
    #[must_use]
    pub fn knows(&self, address: &EmailAddress) -> bool {
        self.contacts.iter().any(|pattern| pattern.matches(address))
    }
}
