//! Why a draft lies there, or why none does: a closed list with stable codes (source of docs/reference/drafts.md).

macro_rules! whys {
    ($($variant:ident = $code:literal, $text:literal;)+) => {
        /// A reason; [`Self::text`] says it in words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DraftWhy { $(#[doc = $text] $variant,)+ }

        impl DraftWhy {
            /// Every reason, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable code, in database, logs and `--json`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, for the owner.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

whys! {
    Asked = "asked", "you asked for it";
    Cadence = "cadence.due", "the project's cadence says so";
    NothingDone = "journal.empty", "nothing was noted since the last update: the text is shorter";
    WrittenSince = "client.written-to", "you have written to the client since";
    Unanswered = "question.unanswered", "your question has no answer yet";
    Alive = "client.wrote", "the client has written since";
    Silence = "silence.long", "nothing was said for a long time on a live project";
    TripAhead = "trip.ahead", "a trip is coming";
    TripOver = "trip.over", "you are back from a trip";
    ClosureAhead = "closure.ahead", "days without answers are coming";
    ClosureOver = "closure.over", "your days without answers are over";
    Near = "place.near", "you are going to be near this client";
    Unseen = "place.unseen", "you have not seen this client for a long time";
    SlotsAsked = "slots.asked", "you want to propose times";
    SlotChosen = "slots.chosen", "the client chose one of your times";
    SlotUnclear = "slots.unclear", "the client's choice is not clear: a question is better than a guess";
    SlotsExpired = "slots.expired", "nobody answered your times while they held";
    SlotsDeclined = "slots.declined", "none of your times suits the client: answer by hand";
    SlotTaken = "slots.taken", "you are no longer free at the time that the client chose";
    NoCommonTime = "slots.none", "no time suits both in the days asked for";
    NoPlace = "place.unknown", "nobody knows where this client is: add `place = \"CITY\"` to the client";
    TooFar = "place.far", "this client is not near there";
    TermsAgreed = "contract.terms", "the project's terms are complete and nothing is signed yet";
    Signed = "contract.signed", "the contract is signed";
    NotSigned = "contract.unsigned", "the contract is not signed: set `signed = DATE` in the terms of the project";
    DepositDue = "deposit.unpaid", "the deposit is not paid yet";
    InvoiceSoon = "invoice.soon", "an invoice comes due";
    InvoiceToday = "invoice.today", "an invoice is due";
    InvoiceLate = "invoice.late", "an invoice is overdue";
    Paid = "invoice.paid", "it is paid";
    Birthday = "date.birthday", "it is a birthday";
    Anniversary = "date.anniversary", "the work together began on this day";
    MonthEnded = "month.ended", "a month is over";
    NothingToSay = "facts.none", "there is nothing to write about";
    NoAddress = "client.no-address", "no address of the client is known: only a domain is configured, and nobody of it wrote yet";
    WhoseAddress = "person.no-address", "nobody knows the address of the person whose birthday it is: write \"NAME <ADDRESS>\" in the client's `birthdays`";
    NoMailbox = "mailbox.none", "no mailbox may hold drafts: every mode is observe";
    ProjectEnded = "project.ended", "the project is over";
    ProjectUnclear = "project.unclear", "a project of this client has faults: `fuseau check` names them";
}
