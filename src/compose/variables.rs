//! The values that templates may use, described: source of docs/reference/templates.md. What they hold: context.rs.

/// A value that templates may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// As it is written between the braces.
    pub name: &'static str,
    /// What it holds.
    pub meaning: &'static str,
    /// An example.
    pub example: &'static str,
}

/// Every value, in the order of the page.
#[rustfmt::skip]
pub const VARIABLES: &[Variable] = &[
    Variable { name: "owner.name", meaning: "`me.name`", example: "Claire Martin" },
    Variable { name: "client.name", meaning: "`client.NAME.name`; empty for strangers", example: "Acme Pte Ltd" },
    Variable { name: "language", meaning: "language of the mail", example: "fr" },
    Variable { name: "tone", meaning: "`formal` or `familiar`", example: "formal" },
    Variable { name: "subject", meaning: "the client's subject with exactly one `Re:`; none if there is no subject or the mail was encrypted: ask `{% if subject %}`", example: "Re: Website" },
    Variable { name: "promise.full", meaning: "the promised time in one piece, to follow the language's words for \"by\"", example: "demain, mardi 14 janvier, à 16 h 30, heure de Singapour" },
    Variable { name: "promise.date", meaning: "its date with the weekday, and with the year when it is more than ten months away", example: "mardi 14 janvier" },
    Variable { name: "promise.weekday", meaning: "its weekday", example: "mardi" },
    Variable { name: "promise.time", meaning: "its time of day, 12 hours in English, 24 elsewhere", example: "16 h 30" },
    Variable { name: "promise.zone", meaning: "the client's zone in the client's words", example: "heure de Singapour" },
    Variable { name: "promise.relative", meaning: "seen from the client's date: `today`, `tomorrow`, `weekday` (2 to 6 days ahead) or `later`", example: "tomorrow" },
    Variable { name: "promise.client_day", meaning: "where it falls in the client's day: `before-start` (until the opening), `start` (first hour), `during`, `end` (last two hours), `after` (after the close), `day-off`", example: "end" },
    Variable { name: "promise.start", meaning: "the client's first start of a working day at or after the promise, as an adverb; for `after` and `day-off`", example: "lundi" },
    Variable { name: "away", meaning: "none when nothing is special: ask `{% if away %}` before the next four", example: "" },
    Variable { name: "away.kind", meaning: "`closure` or `trip`", example: "closure" },
    Variable { name: "away.until", meaning: "the last closed day; empty for a trip", example: "samedi 2 janvier" },
    Variable { name: "away.place", meaning: "the trip's `place`; empty for a closure", example: "Singapore" },
    Variable { name: "away.note", meaning: "the closure's `note`; empty for a trip. The built-in templates do not show it", example: "Christmas" },
    Variable { name: "channels", meaning: "list of `client.NAME.channels`: ask `{% if channels %}`", example: "" },
    Variable { name: "reach", meaning: "the channels in one piece", example: "WhatsApp +65 5550 0100 ou Signal" },
    Variable { name: "written.part_of_day", meaning: "when the mail leaves, where the client is: `morning`, `afternoon` or `evening`", example: "evening" },
    Variable { name: "urgency", meaning: "`acknowledgement` only: `told` if you were told of the mail at once, `firm` for a client with that policy (then `channels` is empty), else empty", example: "" },
    Variable { name: "topic", meaning: "`acknowledgement` only: none unless a `[[topic]]` surely fits: ask `{% if topic %}` before the next four", example: "" },
    Variable { name: "topic.contact", meaning: "the topic's `contact`; may be empty", example: "Paul Baker" },
    Variable { name: "topic.channel", meaning: "the topic's `channel`; may be empty", example: "paul@studio.example" },
    Variable { name: "topic.copied", meaning: "whether that person gets this mail in copy", example: "true" },
    Variable { name: "topic.answer", meaning: "the topic's `answer` in the language of the mail; may be empty, may have several lines", example: "Les factures sont payables à 30 jours." },
    Variable { name: "clocks", meaning: "none unless the clocks change soon and shift your hours for this client (`replies.mention_clock_change`): ask `{% if clocks %}` before the next four", example: "" },
    Variable { name: "clocks.whose", meaning: "whose clock changes: `owner`, `client` or `both`", example: "owner" },
    Variable { name: "clocks.on", meaning: "the day of it on the client's calendar, as an adverb", example: "dimanche" },
    Variable { name: "clocks.by", meaning: "by how much your hours move in the client's day", example: "une heure" },
    Variable { name: "clocks.way", meaning: "which way: `later` or `earlier`", example: "later" },
    Variable { name: "variant", meaning: "`holding` only: 0, 1, 2, 0 ... for the first, second, third ... holding reply of a conversation, so that no two in a row read alike", example: "0" },
    Variable { name: "several", meaning: "`holding` only: whether it speaks of several messages at once", example: "true" },
    Variable { name: "subjects", meaning: "`holding` only: their subjects without marks, in a list; empty unless `several`, and without those that may not be named", example: "" },
    Variable { name: "about", meaning: "`holding` only: the same in one piece; empty if one of them cannot be named: ask `{% if about %}`", example: "« Site web » et « Facture »" },
    Variable { name: "previous.full", meaning: "`holding` only: the earlier promise, as `promise.full`", example: "aujourd'hui, lundi 13 janvier, à 17 h, heure de Singapour" },
    Variable { name: "previous.date", meaning: "`holding` only: its date", example: "lundi 13 janvier" },
    Variable { name: "previous.weekday", meaning: "`holding` only: its weekday", example: "lundi" },
    Variable { name: "previous.time", meaning: "`holding` only: its time of day", example: "17 h" },
    Variable { name: "previous.zone", meaning: "`holding` only: the client's zone", example: "heure de Singapour" },
    Variable { name: "previous.relative", meaning: "`holding` only: seen from the client's date, as `promise.relative`", example: "today" },
];

/// The page docs/reference/templates.md.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(REFERENCE_HEAD);
    for Variable { name, meaning, example } in VARIABLES {
        let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
        page.push_str(&format!("| `{name}` | {meaning} | {example} |\n"));
    }
    super::draft::describe(&mut page);
    page.push_str(REFERENCE_DIGEST);
    for key in super::digest_words::KEYS {
        page.push_str(&format!("- `{key}`\n"));
    }
    page
}

const REFERENCE_HEAD: &str = "\
# Templates

<!-- Generated from src/compose/variables.rs; `UPDATE=1 cargo test --test it templates` writes it. -->

A mail is a [Tera](https://keats.github.io/tera/) template, `LANGUAGE/KIND.txt`: the first line is `Subject: ...`, a blank line follows, then the body.
Those of `fuseau` are built in; a file of the same name under `templates = \"DIR\"` takes the place of one. A file `LANGUAGE/KIND.html`
beside it adds an HTML face to the same mail (values are escaped there, in `.txt` they are not). Kinds: `acknowledgement`,
`holding` (a new promise before an earlier one lapses), those of drafts (see below), `digest` and `digest-words` (the mail to yourself, see the end of this page).
Languages: `en`, `fr`, `de`, `es`, `it`, `pt`, `nl`, `ja`, `zh`, `ar`. `pt` is written as in Brazil; `fuseau template edit KIND CLIENT`
copies a text for you to write it as in Portugal.

`fuseau check` renders every template in both tones with sample values and reports an unknown variable with its line. A mail that does not
state the promised time (`promise.full`, or `promise.time` with `promise.zone`) is refused, so is one of more than 64 KiB.

Times have no other shape than words: every value below is already in the client's language and zone. Texts are single lines without control
characters. What a client wrote is a value, never a template.

`promise.full` continues these words: en \"by\", fr \"au plus tard\", de \"spätestens\", es \"a más tardar\", it \"entro\", pt \"o mais tardar\", nl \"uiterlijk\",
ar \"في موعد أقصاه\"; in Japanese までに and in Chinese 之前 come after it.

| value | what it is | example |
|---|---|---|
";

const REFERENCE_DIGEST: &str = "
## The digest

Its words stand in `LANGUAGE/digest-words.txt`, one line each: `done = Answered otherwise?`. A line is a small template; a file of yours replaces the lines that it has, the others stay.
A line may use `after`, `before`, `d`, `day`, `error`, `h`, `hook`, `kind`, `left`, `m`, `mailbox`, `n`, `theirs`, `time`, `to`, `until`, `when`, `why`, `wish`, `yours` and `zone`, all of them text, empty where they mean nothing.

The layout is `LANGUAGE/digest.txt` and `LANGUAGE/digest.html`. It sees `language`, `direction` (`ltr` or `rtl`), `subject`, `intro`, `foot` and `parts`; a part has `kind`, `heading`, `items`, `more` (\"and 12 more\" or nothing);
an item has `title`, `due`, `lines`, `badge`, `tone` (`late`, `soon` or nothing), `link` (a `mid:` link), `hint` and `command`. At most 100 KiB.

The lines:

";
