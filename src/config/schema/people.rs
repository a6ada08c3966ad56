//! Options about people and their time: `[me]`, `[hours]`, `[[closed]]`, `[[day]]`, `[[trip]]`, `[client.NAME]`.
use super::{Key, Kind, Table, default, optional, required};

pub(super) static ME: Table = Table {
    heading: "[me]",
    doc: "The owner: who answers, where home is, and in which languages.",
    keys: &[
        required("name", Kind::Text, "The name below every mail.", r#""Claire Martin""#),
        required("zone", Kind::Zone, "The time zone of home.", r#""Europe/London""#),
        required(
            "languages",
            Kind::Languages,
            "Languages in which you can answer (`en`, `fr`, `de`, `es`, `it`, `pt`, `nl`, `ja`, `zh`, `ar`); the first is \
             the fallback.",
            r#"["fr", "en"]"#,
        ),
    ],
    days: None,
};

static DAY: Key = optional(
    "mon … sun, mon-thu",
    Kind::Spans,
    "no window on these days",
    "Windows of a day or of a range of days (`fri-mon` goes around the weekend), in wall-clock time where you are. A \
     single day beats a range; `[]` empties it. `24:00` may be the end; an end before the start lies on the next day.",
    r#"["09:00-09:30", "16:30-17:00"]"#,
);

static THEIR_DAY: Key = optional(
    "mon … sun, mon-thu",
    Kind::Spans,
    "no hours on these days",
    "Hours of a day or of a range of days; a single day beats a range.",
    r#"["09:00-18:30"]"#,
);

pub(super) static HOURS: Table = Table {
    heading: "[hours]",
    doc: "The answer windows of an ordinary week: when you read and answer mail, where you are.",
    keys: &[
        optional(
            "holidays",
            Kind::Holidays,
            "no public holidays",
            "Public holidays that you keep: no windows on them. `fuseau holidays` lists them.",
            r#"["GB-ENG"]"#,
        ),
        optional(
            "holidays_except",
            Kind::Dates,
            "all of them are kept",
            "Public holidays of these calendars on which you work all the same.",
            "[2027-05-03]",
        ),
        optional(
            "holidays_extra",
            Kind::Dates,
            "no further days off",
            "Single days off beside the public holidays.",
            "[2027-12-24]",
        ),
    ],
    days: Some(&DAY),
};

/// Hours written inline, without holidays.
pub(super) static INLINE_HOURS: Table =
    Table { heading: "", doc: "Hours of an ordinary week.", keys: &[], days: Some(&THEIR_DAY) };

pub(super) static CLOSED: Table = Table {
    heading: "[[closed]]",
    doc: "Days without windows; write the heading once for each closure.",
    keys: &[
        required("from", Kind::Date, "The first closed day.", "2026-12-24"),
        required("to", Kind::Date, "The last closed day, included.", "2027-01-02"),
        optional("note", Kind::Text, "no note", "Your own word for it.", r#""Christmas""#),
    ],
    days: None,
};

pub(super) static ONE_DAY: Table = Table {
    heading: "[[day]]",
    doc: "A single day with windows of its own, such as half a day: they stand instead of the weekly ones, also on a public \
          holiday and on a trip. Write the heading once for each day.",
    keys: &[
        required("date", Kind::Date, "The day.", "2027-12-31"),
        required(
            "hours",
            Kind::Spans,
            "Its windows, in wall-clock time where you are then; `[]` for none.",
            r#"["09:00-11:00"]"#,
        ),
    ],
    days: None,
};

pub(super) static TRIP: Table = Table {
    heading: "[[trip]]",
    doc: "Days in another zone: the windows move with you. Write the heading once for each trip.",
    keys: &[
        required("from", Kind::Date, "The first day there.", "2026-12-05"),
        required("to", Kind::Date, "The last day there, included.", "2026-12-19"),
        required("zone", Kind::Zone, "The time zone there.", r#""Asia/Singapore""#),
        optional(
            "place",
            Kind::Place,
            "no place is named",
            "Where, in your words. If it is a city that is known, or a point (`[45.76, 4.84]`, `[\"Chez Anna\", 45.76, 4.84]`: degrees \
             north and east), clients near it are drafted a proposal to meet.",
            r#""Singapore""#,
        ),
        optional(
            "hours",
            Kind::Table(&INLINE_HOURS),
            "the hours of `[hours]`",
            "Windows there, if they differ from home's.",
            r#"{ mon-fri = ["08:00-08:30"] }"#,
        ),
    ],
    days: None,
};

pub(super) static CLIENT: Table = Table {
    heading: "[client.NAME]",
    doc: "A customer: who they are, where, and how they are spoken to. NAME is yours to choose; commands take it.",
    keys: &[
        optional("name", Kind::Text, "NAME", "Their name as you write it.", r#""Acme Pte Ltd""#),
        required(
            "contacts",
            Kind::Contacts,
            "Addresses that are this client. `@acme.example` is that domain alone, `@.acme.example` its subdomains too. \
             None may belong to two clients.",
            r#"["anna@acme.example", "@acme.example"]"#,
        ),
        required("zone", Kind::Zone, "Where they are.", r#""Asia/Singapore""#),
        optional(
            "language",
            Kind::Language,
            "the first of `me.languages`",
            "The language in which they are written to.",
            r#""en""#,
        ),
        default(
            "tone",
            Kind::Choice(&["formal", "familiar"]),
            r#""formal""#,
            "How they are addressed where the language has two forms: vous or tu, Sie or du.",
            r#""formal""#,
        ),
        optional(
            "hours",
            Kind::Table(&INLINE_HOURS),
            "09:00-18:00 on every day but the weekend",
            "Decent hours there: reminders and holding replies keep to them.",
            r#"{ mon-fri = ["09:00-18:30"] }"#,
        ),
        optional(
            "weekend",
            Kind::Weekdays,
            "Friday and Saturday where offices in general keep that weekend (by `holidays`, else `zone`: Bahrain, Bangladesh, \
             Algeria, Egypt, Iraq, Israel, Jordan, Kuwait, Libya, the Maldives, Oman, Palestine, Qatar, Saudi Arabia, Sudan, \
             Syria, Yemen), Saturday and Sunday elsewhere",
            "The days on which they do not work; with `hours` there is nothing to add. `[]`: they work every day.",
            r#"["fri", "sat"]"#,
        ),
        optional("holidays", Kind::Holidays, "no public holidays", "Public holidays that they keep.", r#"["SG"]"#),
        optional(
            "holidays_except",
            Kind::Dates,
            "all of them are kept",
            "Public holidays on which they work all the same.",
            "[2027-05-01]",
        ),
        optional(
            "holidays_extra",
            Kind::Dates,
            "no further days off",
            "Single days off beside the public holidays.",
            "[2027-12-24]",
        ),
        optional(
            "channels",
            Kind::Texts,
            "no other way is named",
            "Other ways to reach you that this client may use, in the words that the mail will say.",
            r#"["WhatsApp +65 5550 0100"]"#,
        ),
        default(
            "policy",
            Kind::Choice(&["normal", "firm", "first"]),
            r#""normal""#,
            "`first`: urgent mail reaches you at once (`[urgent]`). `firm`: the acknowledgement says kindly that your hours hold \
             for urgent mail too, and names no other way to reach you.",
            r#""normal""#,
        ),
        optional(
            "mode",
            Kind::Choice(&["observe", "draft", "send"]),
            "the mailbox's mode",
            "What may be done for this client, if less than the mailbox allows.",
            r#""draft""#,
        ),
        optional(
            "birthdays",
            Kind::Birthdays,
            "nobody's is known",
            "Birthdays of their people, month and day on their calendar: a draft waits on that morning; on a day off of theirs \
             on the last working day before it, at most three days earlier, else on the first one after it, in words that say so. \
             Who was born on \"02-29\" is congratulated on 28 February in common years. It goes to that person's address: the one written behind the name \
             (`\"Paul Martin <p.martin@acme.example>\"`), else the one with that name in the mails exchanged or before the `@`, \
             else the client's only one. Where none can be told, no draft is made, and `fuseau drafts` and the log say so.",
            r#"{ "Anna Keller" = "05-12" }"#,
        ),
        optional(
            "since",
            Kind::Date,
            "no anniversary is kept",
            "When the work together began: a draft waits on that day of each later year, found as for birthdays.",
            "2019-03-04",
        ),
        optional(
            "place",
            Kind::Place,
            "you never pass by",
            "Where one meets them: a city (`\"Lyon\"`, `\"Birmingham, GB\"`), or a point in degrees north and east (`[45.76, 4.84]`).",
            r#""Singapore""#,
        ),
    ],
    days: None,
};
