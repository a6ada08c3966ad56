//! Options about what mail is about and whether it can wait: `[urgent]`, `[[topic]]`.
use super::{Key, Kind, Table, default, optional, required};

pub(super) static URGENT: Table = Table {
    heading: "[urgent]",
    doc: "Urgent mail of clients with `policy = \"first\"`: how it is known, and how you hear of it at once.",
    keys: &[
        optional(
            "words",
            Kind::Texts,
            "only the shipped words",
            "Words and phrases of your own that say that something is urgent, in any language. Case and accents do not \
             count; a star lets a word go on (`broken*`).",
            r#"["shop is down", "en panne"]"#,
        ),
        default(
            "shipped_words",
            Kind::Flag,
            "true",
            "Whether the shipped words of all ten languages count too (urgent, dringend, 至急 …).",
            "true",
        ),
        optional(
            "hook",
            Kind::Program,
            "the digest alone tells you",
            "A program that is run once for each urgent mail, with JSON on its standard input (docs/reference/json.md, \
             The hook). No shell is involved. `fuseau check --hook` tries it.",
            r#"["/usr/local/bin/ring-me", "--loud"]"#,
        ),
        default(
            "timeout",
            Kind::Duration("1s", "5m"),
            r#""30s""#,
            "After this time the program and what it started are ended.",
            r#""30s""#,
        ),
    ],
    days: None,
};

pub(super) static TOPIC: Table = Table {
    heading: "[[topic]]",
    doc: "What mail may be about: who else can help, and a standing answer. Both are said in the acknowledgement, beside \
          the promise, when the match is sure. Write the heading once for each topic.",
    keys: &[
        required("name", Kind::Text, "Your name for it; clients never read it.", r#""invoices""#),
        optional(
            "words",
            Kind::Texts,
            "no words",
            "Words and phrases by which it is known, looked for in the subject and in what is new in the text. Case and \
             accents do not count; a star lets a word go on (`invoic*`).",
            r#"["invoice*", "payment reminder", "facture*"]"#,
        ),
        optional(
            "addresses",
            Kind::Contacts,
            "no addresses",
            "Addresses of yours that are written to about it, or senders who write about nothing else.",
            r#"["billing@studio.example"]"#,
        ),
        optional("contact", Kind::Text, "nobody is named", "Who else can help.", r#""Paul Baker""#),
        optional(
            "channel",
            Kind::Text,
            "no way is named",
            "How that person is reached, in the words that the mail will say.",
            r#""paul@studio.example""#,
        ),
        optional(
            "copy",
            Kind::Address,
            "no copy",
            "A colleague in `team` who gets the acknowledgement in copy (Cc), and so sees who wrote, under which subject, \
             and what was promised. The client's own words are not passed on.",
            r#""paul@studio.example""#,
        ),
        optional(
            "answer",
            Kind::Table(&ANSWER),
            "no standing answer",
            "A standing answer, by language, that is added to the acknowledgement; yours still follows.",
            r#"{ en = "Invoices are payable within 30 days." }"#,
        ),
    ],
    days: None,
};

/// One text a language.
static ANSWER: Table = Table {
    heading: "",
    doc: "One text a language, of at most 2000 characters; line breaks stay.",
    keys: &[
        answer("en", r#""Invoices are payable within 30 days.""#),
        answer("fr", r#""Les factures sont payables à 30 jours.""#),
        answer("de", r#""Rechnungen sind innerhalb von 30 Tagen zahlbar.""#),
        answer("es", r#""Las facturas se pagan a 30 días.""#),
        answer("it", r#""Le fatture si pagano a 30 giorni.""#),
        answer("pt", r#""As faturas são pagas em 30 dias.""#),
        answer("nl", r#""Facturen worden binnen 30 dagen betaald.""#),
        answer("ja", r#""お支払いは請求書の日付から30日以内です。""#),
        answer("zh", r#""发票请在三十天内支付。""#),
        answer("ar", r#""تُدفع الفواتير خلال ثلاثين يومًا.""#),
    ],
    days: None,
};

const fn answer(code: &'static str, example: &'static str) -> Key {
    optional(code, Kind::Text, "nothing is added in it", "The answer in this language.", example)
}
