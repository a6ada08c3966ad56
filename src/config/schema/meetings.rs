//! Options of meetings: `[meetings]`.
use super::people::INLINE_HOURS;
use super::{Kind, Table, default, optional};

pub(super) static MEETINGS: Table = Table {
    heading: "[meetings]",
    doc: "Meeting times that you propose to clients (`fuseau slots`), and visits (`fuseau visit`).",
    keys: &[
        optional(
            "busy",
            Kind::Texts,
            "only your hours, trips, closures and holidays are known",
            "Calendar files in which your busy times stand, relative to this file; `*` stands for any part of a file's name. They \
             are read again when they change. Repeated events, exceptions, cancelled events and those marked as free are honoured.",
            r#"["calendars/*.ics"]"#,
        ),
        optional(
            "hours",
            Kind::Table(&INLINE_HOURS),
            "from the first to the last window of a day; where that has too little in common with the client's day, whenever \
             you are up on a day with windows",
            "When you meet people, in wall-clock time where you are then.",
            r#"{ mon-fri = ["09:00-12:00", "14:00-18:00"] }"#,
        ),
        default("length", Kind::Duration("5m", "12h"), r#""30m""#, "How long a meeting is.", r#""30m""#),
        default("count", Kind::Count(1, 9), "3", "How many times are proposed.", "3"),
        default(
            "notice",
            Kind::Duration("0s", "60d"),
            r#""1d""#,
            "How long before a meeting it is proposed at least.",
            r#""1d""#,
        ),
        default("ahead", Kind::Duration("1d", "180d"), r#""14d""#, "How far ahead times are proposed.", r#""14d""#),
        default(
            "pause",
            Kind::Duration("0s", "4h"),
            r#""0s""#,
            "What is left free before and after everything that stands in your calendars.",
            r#""15m""#,
        ),
        default(
            "expires",
            Kind::Duration("0s", "30d"),
            r#""1d""#,
            "How long before the last of its times an offer without an answer ends; until then they are kept free.",
            r#""1d""#,
        ),
        optional(
            "place",
            Kind::Text,
            "none is named",
            "Where or how you meet: said in offers and invitations.",
            r#""https://meet.example/claire""#,
        ),
        default(
            "near",
            Kind::Count(1, 2000),
            "60",
            "Up to which distance a client is near, in kilometres: whom you could visit on a trip.",
            "60",
        ),
    ],
    days: None,
};
