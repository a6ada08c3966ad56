//! Which drafts should lie in Drafts at `now`: every rule looks at the facts and says what its kind would want, whatever
//! lies there already (docs/decisions/0017). Never here: words, folders, SQL, and comparing with the ledger (plan.rs).
//!
//! A new kind is one file here, one line in [`RULES`] and in [`Content`], its values in `compose::draft`, a template in each
//! language, cases in `tests/drafts/`.
pub mod ask;
pub mod cadence;
pub mod check_in;
pub mod closure;
pub mod common;
pub mod contract;
pub mod deposit;
pub mod facts;
pub mod follow_up;
pub mod greeting;
pub mod meetings;
pub mod opening;
pub mod payment;
pub mod person;
pub mod plan;
pub mod progress;
pub mod recap;
pub mod settings;
pub mod slot_confirmed;
pub mod slots;
pub mod trip;
pub mod visit;
pub mod way;
pub mod why;

pub use ask::question_in;
pub use common::Dated;
pub use facts::{Contact, DraftFacts, JournalEntry, Made, MadeState, Question, SourceFact, Target};
pub use meetings::{MeetingSettings, Meetings, NO_MEETINGS, Offer, OfferState, Place, Point, Reply, Visited};
pub use opening::Opening;
pub use plan::{DraftPlan, Replacement, plan};
pub use settings::{DraftSettings, Unclear};
pub use way::{Way, local_id, way};
pub use why::DraftWhy;

use crate::model::{DraftKind, EmailAddress, Instant};

/// What a rule of this floor is: from the facts to everything that its kind wants now or later.
type Rule = fn(&DraftFacts<'_>, Instant) -> Vec<Ruling>;
/// The same at the owner's word: one draft now, or why there can be none.
type Asked = fn(&DraftFacts<'_>, &Target<'_>, Instant) -> Result<Occasion, DraftWhy>;

/// All kinds, in the order of [`DraftKind::ALL`].
pub const RULES: &[(DraftKind, Rule, Asked)] = &[
    (DraftKind::Progress, progress::rule, progress::asked),
    (DraftKind::FollowUp, follow_up::rule, follow_up::asked),
    (DraftKind::CheckIn, check_in::rule, check_in::asked),
    (DraftKind::Trip, trip::rule, trip::asked),
    (DraftKind::Closure, closure::rule, closure::asked),
    (DraftKind::Visit, visit::rule, visit::asked),
    (DraftKind::Slots, slots::rule, slots::asked),
    (DraftKind::SlotConfirmed, slot_confirmed::rule, slot_confirmed::asked),
    (DraftKind::Contract, contract::rule, contract::asked),
    (DraftKind::Deposit, deposit::rule, deposit::asked),
    (DraftKind::Payment, payment::rule, payment::asked),
    (DraftKind::Greeting, greeting::rule, greeting::asked),
    (DraftKind::Recap, recap::rule, recap::asked),
];

/// What a rule says about one matter.
#[derive(Clone, Debug, PartialEq)]
pub enum Ruling {
    /// A draft, now or from its instant on.
    Draft(Box<Occasion>),
    /// None, and why: shown by `fuseau drafts --all`.
    Spared(Spared),
}

/// Something about which nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// What would have been written.
    pub kind: DraftKind,
    /// To whom.
    pub client: String,
    /// About which project.
    pub project: Option<String>,
    /// Why not.
    pub why: DraftWhy,
}

/// A mail that a good correspondent would write.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion {
    /// What it is.
    pub kind: DraftKind,
    /// The occasion in the world: one draft for each, ever (`progress:relaunch:2027-W03`).
    pub key: String,
    /// To whom.
    pub client: String,
    /// To which address; `None`: the person of that client with whom the owner last exchanged mail, but for a birthday,
    /// which is one person's.
    pub to: Option<EmailAddress>,
    /// About which project.
    pub project: Option<String>,
    /// The exchange that it answers: the draft stands in that conversation.
    pub answers: Option<String>,
    /// From when a draft is of use.
    pub due: Instant,
    /// After which it is not; `None`: as long as its facts hold.
    pub until: Option<Instant>,
    /// All reasons.
    pub why: Vec<DraftWhy>,
    /// What it says; of the present it contains no more than whether a date is past.
    pub content: Content,
    /// The human line with which it may open, as long as that is true.
    pub opening: Option<Opening>,
}

impl Occasion {
    /// With the line with which it may open at `now`, where the owner wants one.
    #[must_use]
    pub fn opened(self, facts: &DraftFacts<'_>, now: Instant) -> Self {
        let client = facts.policy.client(&self.client).filter(|_| facts.policy.drafts.opening);
        let opening = client.and_then(|client| opening::of(client, &self.key, self.due, now));
        Self { opening, ..self }
    }

    /// Two drafts with the same print say the same.
    #[must_use]
    pub fn print(&self) -> String {
        match &self.opening {
            None => self.content.print(),
            Some(opening) => format!("{} {opening:?}", self.content.print()),
        }
    }
}

/// What a draft says, as data: instants with zones, civil dates, money, and texts of the owner's.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// See [`progress`].
    Progress(progress::Progress),
    /// See [`follow_up`].
    FollowUp(follow_up::FollowUp),
    /// See [`check_in`].
    CheckIn(check_in::CheckIn),
    /// See [`trip`].
    Trip(trip::TripNote),
    /// See [`closure`].
    Closure(closure::ClosureNote),
    /// See [`visit`].
    Visit(visit::Visit),
    /// See [`slots`].
    Slots(slots::Slots),
    /// See [`slot_confirmed`].
    SlotConfirmed(slot_confirmed::SlotConfirmed),
    /// See [`contract`].
    Contract(contract::Contract),
    /// See [`deposit`].
    Deposit(deposit::Deposit),
    /// See [`payment`].
    Payment(payment::Payment),
    /// See [`greeting`].
    Greeting(greeting::Greeting),
    /// See [`recap`].
    Recap(recap::Recap),
}

impl Content {
    /// Two contents with the same print say the same.
    #[must_use]
    pub fn print(&self) -> String {
        format!("{self:?}")
    }
}

/// Everything that all rules say, in their order; kinds that the owner switched off are left out.
#[must_use]
pub fn rulings(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let wanted = RULES.iter().filter(|(kind, ..)| !facts.policy.drafts.off.contains(kind));
    let all = wanted.flat_map(|(_, rule, _)| rule(facts, now));
    let opened = |ruling| match rested(ruling, &facts.policy.drafts) {
        Ruling::Draft(occasion) => Ruling::Draft(Box::new(occasion.opened(facts, now))),
        spared @ Ruling::Spared(_) => spared,
    };
    all.map(opened).collect()
}

/// Nothing is said on facts of which a part cannot be read.
fn rested(ruling: Ruling, settings: &DraftSettings) -> Ruling {
    match ruling {
        Ruling::Draft(it) if settings.rests(&it.client, it.project.as_deref()) => Ruling::Spared(Spared {
            kind: it.kind,
            client: it.client,
            project: it.project,
            why: DraftWhy::ProjectUnclear,
        }),
        other => other,
    }
}

/// One draft at the owner's word.
///
/// # Errors
/// Why there can be none.
pub fn asked(kind: DraftKind, facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let rule = RULES.iter().find(|(known, ..)| *known == kind);
    rule.map_or(Err(DraftWhy::NothingToSay), |(_, _, asked)| Ok(asked(facts, target, now)?.opened(facts, now)))
}
