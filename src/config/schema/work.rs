//! Options of the work: `[project.NAME]` with its milestones and invoices, `[drafts]`.
use super::{Kind, Table, default, optional, required};

/// The words of the kinds, for `drafts.off`.
const KINDS: &[&str] = &[
    "progress",
    "follow-up",
    "check-in",
    "trip",
    "closure",
    "visit",
    "slots",
    "slot-confirmed",
    "contract",
    "deposit",
    "payment",
    "greeting",
    "recap",
];

pub(super) static PROJECT: Table = Table {
    heading: "[project.NAME]",
    doc: "Work for a client. NAME is yours to choose; commands take it, and mail to your address with `+NAME` goes into its \
          journal. It may stand in a file of its own, `projects/NAME.toml`.",
    keys: &[
        required("client", Kind::Text, "The client for whom it is: a NAME of `[client.NAME]`.", r#""acme""#),
        optional("title", Kind::Text, "NAME", "What both sides call it.", r#""Website relaunch""#),
        optional(
            "mailbox",
            Kind::Text,
            "the mailbox in which you last exchanged mail with the client",
            "The mailbox that writes about it: a NAME of `[mailbox.NAME]`.",
            r#""studio""#,
        ),
        optional(
            "cadence",
            Kind::Cadence,
            "no progress updates by themselves",
            "When the client hears where it stands, in your wall-clock time where you are on that day: `every thursday 16:00`, \
             `every 2 weeks`, `every 10 days 09:00`, `every month` (the first Thursday, if no day is named).",
            r#""every thursday 16:00""#,
        ),
        optional("deliverables", Kind::Texts, "none are named", "What is handed over.", r#"["Design", "Website"]"#),
        optional(
            "scope",
            Kind::Texts,
            "none is written down",
            "What belongs to it.",
            r#"["Five pages", "Two rounds of changes"]"#,
        ),
        optional(
            "terms",
            Kind::Table(&TERMS),
            "nothing was agreed",
            "Money and signatures.",
            r#"{ fee = "4800 EUR", payment_days = 30 }"#,
        ),
        optional(
            "milestone",
            Kind::Tables(&MILESTONE),
            "no milestones",
            "The steps.",
            r#"[{ title = "First design", due = 2027-01-22 }]"#,
        ),
        optional(
            "invoice",
            Kind::Tables(&INVOICE),
            "no invoices",
            "Requests for money.",
            r#"[{ number = "2027-014", amount = "2400 EUR", due = 2027-02-15 }]"#,
        ),
        optional(
            "git",
            Kind::Path,
            "none",
            "A local git repository: the subjects of its commits since the last update are part of the next one.",
            r#""~/sites/relaunch""#,
        ),
        optional("git_branch", Kind::Text, "the branch that is checked out", "The branch that counts.", r#""main""#),
        optional(
            "checklist",
            Kind::Path,
            "none",
            "A Markdown file: `- [x]` is done, `- [ ]` comes next.",
            r#""~/sites/relaunch/TODO.md""#,
        ),
        optional(
            "ended",
            Kind::Date,
            "it goes on",
            "The day on which it was over: nothing is drafted about it any more, but money that is owed.",
            "2027-03-31",
        ),
    ],
    days: None,
};

static MILESTONE: Table = Table {
    heading: "[[project.NAME.milestone]]",
    doc: "A step of a project; write the heading once for each. Dates are civil dates where the client is.",
    keys: &[
        required("title", Kind::Text, "What.", r#""First design""#),
        optional("due", Kind::Date, "no date is named", "When it is to be there.", "2027-01-22"),
        optional("done", Kind::Date, "it is not done yet", "When it was done.", "2027-01-21"),
        optional(
            "waiting",
            Kind::Choice(&["client", "me", "other"]),
            "it waits for nobody",
            "On whom it waits.",
            r#""client""#,
        ),
        optional("waiting_for", Kind::Text, "nothing is named", "For what.", r#""the texts of the five pages""#),
    ],
    days: None,
};

static INVOICE: Table = Table {
    heading: "[[project.NAME.invoice]]",
    doc: "A request for money; write the heading once for each. Dates are civil dates where the client is.",
    keys: &[
        required("number", Kind::Text, "As printed on it.", r#""2027-014""#),
        required("amount", Kind::Money, "How much.", r#""2400 EUR""#),
        optional("sent", Kind::Date, "unknown", "When it was sent.", "2027-01-15"),
        optional(
            "due",
            Kind::Date,
            "`sent` and `terms.payment_days`, which then must be there",
            "By when it is to be paid.",
            "2027-02-15",
        ),
        optional(
            "paid",
            Kind::Date,
            "it is not paid yet",
            "When it was paid: nobody is reminded any more.",
            "2027-02-10",
        ),
    ],
    days: None,
};

static TERMS: Table = Table {
    heading: "",
    doc: "What was agreed about money.",
    keys: &[
        optional("fee", Kind::Money, "none was agreed", "The price.", r#""4800 EUR""#),
        optional("deposit", Kind::Money, "none", "Paid before the work begins.", r#""1600 EUR""#),
        optional("deposit_paid", Kind::Date, "it is not paid yet", "When the deposit was paid.", "2027-01-08"),
        optional(
            "payment_days",
            Kind::Count(0, 365),
            "none was agreed",
            "Days from an invoice to the day by which it is to be paid.",
            "30",
        ),
        optional("signed", Kind::Date, "it is not signed yet", "When both had signed.", "2027-01-05"),
    ],
    days: None,
};

pub(super) static DRAFTS: Table = Table {
    heading: "[drafts]",
    doc: "Mails that are put into your Drafts folder at the right moment; none of them leaves without you.",
    keys: &[
        default(
            "off",
            Kind::Choices(KINDS),
            "[]",
            "Kinds that are made only when you ask for them with `fuseau draft`.",
            r#"["greeting"]"#,
        ),
        default(
            "follow_up",
            Kind::Counts(1, 90),
            "[3, 7, 14]",
            "After how many of the client's working days your question without an answer is followed up.",
            "[3, 7, 14]",
        ),
        default(
            "check_in",
            Kind::Duration("1d", "1y"),
            r#""30d""#,
            "After how long a silence on a live project one checks in.",
            r#""30d""#,
        ),
        default(
            "before_absence",
            Kind::Duration("1d", "90d"),
            r#""10d""#,
            "How long before a trip or a closure clients hear of it.",
            r#""10d""#,
        ),
        default(
            "closure_days",
            Kind::Count(1, 60),
            "3",
            "The shortest closure worth a mail, in days on which there would have been windows.",
            "3",
        ),
        default(
            "payment",
            Kind::Counts(-60, 180),
            "[-3, 0, 7, 14]",
            "Days before (negative) and after the due date of an invoice on which it is spoken of.",
            "[-3, 0, 7, 14]",
        ),
        default("recap", Kind::Flag, "false", "Whether a recap of the last month is made.", "true"),
        default(
            "opening",
            Kind::Flag,
            "true",
            "Whether drafts may open with a line about the season, the weekend or a holiday of the client's.",
            "false",
        ),
    ],
    days: None,
};

#[cfg(test)]
mod tests {
    use crate::model::DraftKind;

    #[test]
    fn every_kind_can_be_switched_off() {
        let words: Vec<&str> = DraftKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(super::KINDS, words);
    }
}
