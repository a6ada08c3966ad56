//! Work for a client: milestones, terms, invoices. Never here: what follows from them (`decide::occasion`), how money is
//! written in a language (`compose`).
use chrono::{NaiveDate, NaiveTime, Weekday};
use std::path::PathBuf;

/// A project of the owner's for one client.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// The key in the configuration (`[project.relaunch]` -> `relaunch`).
    pub id: String,
    /// The client's key.
    pub client: String,
    /// What both sides call it.
    pub title: String,
    /// The mailbox that writes about it; `None`: the one in which the client was written to last.
    pub mailbox: Option<String>,
    /// Whether it is over: nothing is drafted about it but money that is owed.
    pub ended: Option<NaiveDate>,
    /// Milestones, in the order of the file.
    pub milestones: Vec<Milestone>,
    /// What is handed over, in the owner's words.
    pub deliverables: Vec<String>,
    /// What belongs to it, in the owner's words.
    pub scope: Vec<String>,
    /// Money and signatures.
    pub terms: Terms,
    /// Invoices, in the order of the file.
    pub invoices: Vec<Invoice>,
    /// When the client hears where it stands.
    pub cadence: Option<Cadence>,
    /// Where facts are found besides the journal.
    pub sources: Vec<FactSource>,
}

/// A step of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// What.
    pub title: String,
    /// A civil date in the client's zone.
    pub due: Option<NaiveDate>,
    /// When it was done (a civil date in the client's zone).
    pub done: Option<NaiveDate>,
    /// On whom it waits, if on somebody.
    pub waiting: Option<WaitingOn>,
    /// For what, in the owner's words.
    pub waiting_for: Option<String>,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitingOn {
    /// The client.
    Client,
    /// The owner.
    Owner,
    /// Somebody else.
    Other,
}

/// What was agreed about money.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Terms {
    /// The price.
    pub fee: Option<Money>,
    /// Paid before the work begins.
    pub deposit: Option<Money>,
    /// When the deposit was paid.
    pub deposit_paid: Option<NaiveDate>,
    /// Days from an invoice to its due date.
    pub payment_days: Option<u32>,
    /// When the contract was signed by both.
    pub signed: Option<NaiveDate>,
}

/// A request for money. Dates are civil dates in the client's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its number, as printed on it.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// When it was sent.
    pub sent: Option<NaiveDate>,
    /// By when it is to be paid.
    pub due: NaiveDate,
    /// When it was paid.
    pub paid: Option<NaiveDate>,
}

/// An amount with its currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// In the currency's smallest unit (cents; yen).
    pub minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
}

impl Money {
    /// How many digits the smallest unit has after the point (ISO 4217).
    #[must_use]
    pub fn digits(&self) -> u32 {
        match self.currency.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

/// A rhythm in the owner's wall-clock time, wherever they are on that day: "every thursday 16:00", "every 2 weeks", "every
/// month". Weeks, months and days are counted from a fixed day long ago, so that every machine counts alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// How many weeks or months lie between two.
    pub every: u32,
    /// Of what.
    pub unit: CadenceUnit,
    /// The day of the week; of a monthly one the first such day of the month. Default Thursday.
    pub weekday: Weekday,
    /// The time of day. Default 16:00.
    pub time: NaiveTime,
}

/// What a cadence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CadenceUnit {
    /// Days; the weekday says nothing.
    Days,
    /// Weeks.
    Weeks,
    /// Calendar months.
    Months,
}

/// Where what was done is found besides the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FactSource {
    /// Subjects of the commits of a local git repository since the last update.
    Git {
        /// The working tree or the bare repository.
        path: PathBuf,
        /// Only this branch; `None`: the one that is checked out.
        branch: Option<String>,
    },
    /// Items of a Markdown checklist: `- [x] done`, `- [ ] next`.
    Checklist {
        /// The file.
        path: PathBuf,
    },
}
