//! Options about the public page: `[page]`.
use super::{Kind, Table, default, optional};

/// What may be published beside the windows.
pub(in crate::config) const PUBLISH: &[&str] = &["closures", "holidays", "trips", "places", "notes"];

pub(super) static PAGE: Table = Table {
    heading: "[page]",
    doc: "\"How to reach me\" as a static page, a calendar of the answer windows and texts for signatures and contracts (`fuseau page`), made from this \
          file in each of your languages.",
    keys: &[
        optional(
            "out",
            Kind::Path,
            "`fuseau page --out DIR` makes it when you say so",
            "The folder that the page is written into. `fuseau run` keeps it fresh: after a start, a reload, and when the date changes at home. Files \
             in it that are not fuseau's, or that somebody edited, are left alone.",
            r#""/var/www/hours""#,
        ),
        default(
            "publish",
            Kind::Choices(PUBLISH),
            r#"["closures", "holidays"]"#,
            "What it says beside the windows: closures and days off, public holidays, that you travel and when, where to, your `note` of closures. The \
             windows themselves are always those that hold, on trips too.",
            r#"["closures", "holidays", "trips", "places"]"#,
        ),
        optional(
            "channels",
            Kind::Texts,
            "none are named",
            "Ways to reach you, in your words. An address, a web address and a telephone number that begins with + become links.",
            r#"["claire@studio.example", "+44 20 5550 0100"]"#,
        ),
        optional(
            "url",
            Kind::Text,
            "the files name each other only",
            "Where the folder lies on the web: named in the signature, the contract and the calendar.",
            r#""https://studio.example/hours/""#,
        ),
        optional(
            "title",
            Kind::Text,
            "\"How to reach\" and your name, in each language",
            "What stands on top.",
            r#""Studio Martin: hours""#,
        ),
        optional(
            "zones",
            Kind::Texts,
            "ten that are well known",
            "Time zones in which visitors without script read the windows of the next day; with script they see all days in their own.",
            r#"["America/Montreal", "Europe/Zurich", "Asia/Singapore"]"#,
        ),
    ],
    days: None,
};
