//! Every option, declared once: name, kind, default, meaning, example. The reader, the check for unknown
//! keys, `docs/reference/config.md` and `config/fuseau.example.toml` are all made from this file.
mod attention;
mod mailbox;
mod meetings;
mod page;
mod people;
mod rules;
mod work;

pub(super) use mailbox::SECRET;

/// What a value must be. Ranges are both inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Any text that is not empty.
    Text,
    /// Several of them.
    Texts,
    /// A file or folder.
    Path,
    /// An IANA time zone.
    Zone,
    /// A language code.
    Language,
    /// Several of them.
    Languages,
    /// `anna@acme.example`
    Address,
    /// Several of them.
    Addresses,
    /// Addresses, `@domain`, `@.domain`.
    Contacts,
    /// Codes of public-holiday calendars.
    Holidays,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// One of some words, or an address.
    ChoiceOrAddress(&'static [&'static str]),
    /// `"window"`, `"off"` or times of day.
    DigestTimes,
    /// true or false
    Flag,
    /// A whole number.
    Count(u32, u32),
    /// A length of time.
    Duration(&'static str, &'static str),
    /// A TOML date.
    Date,
    /// Several of them.
    Dates,
    /// People with the day of the year on which they were born.
    Birthdays,
    /// Days of the week.
    Weekdays,
    /// Windows of a day.
    Spans,
    /// A command: text for the shell, or a program with arguments.
    Command,
    /// A program with arguments; never a line of shell.
    Program,
    /// An amount with its currency.
    Money,
    /// A rhythm.
    Cadence,
    /// A city, or a point on the map.
    Place,
    /// Some of some words.
    Choices(&'static [&'static str]),
    /// Several whole numbers.
    Counts(i32, i32),
    /// Where a secret is found.
    Secret,
    /// A table.
    Table(&'static Table),
    /// `[[a]]`
    Tables(&'static Table),
    /// `[a.NAME]`
    Named(&'static Table),
}

impl Kind {
    /// What to write, as the end of "expected …".
    pub fn expected(self) -> String {
        let fixed = match self {
            Self::Text => "text",
            Self::Texts => "a list of texts",
            Self::Path => "a path",
            Self::Zone => "a time zone such as \"Europe/London\"",
            Self::Language => "a language code",
            Self::Languages => "a list of language codes",
            Self::Address => "an address",
            Self::Addresses => "a list of addresses",
            Self::Contacts => "a list of addresses and domains",
            Self::Holidays => "a list of holiday calendars such as \"GB-ENG\"",
            Self::DigestTimes => "\"window\", \"off\" or a list of times such as [\"08:00\", \"18:00\"]",
            Self::Flag => "true or false",
            Self::Date => "a date without quotes such as 2027-01-14",
            Self::Dates => "a list of dates without quotes such as [2027-01-14]",
            Self::Birthdays => "a table of names and days such as { \"Anna Keller\" = \"05-12\" }",
            Self::Weekdays => "a list of days such as [\"sat\", \"sun\"]",
            Self::Spans => "a list of windows such as [\"09:00-09:30\"]",
            Self::Command => "a command: text for the shell, or a list of program and arguments",
            Self::Program => "a list of program and arguments",
            Self::Secret => "{ command = … }, { file = … }, { env = … }, { credential = … } or text",
            Self::Money => "an amount with its currency such as \"4800 EUR\"",
            Self::Cadence => "a rhythm such as \"every thursday 16:00\", \"every 2 weeks\" or \"every month\"",
            Self::Place => "a city such as \"Lyon\", or degrees north and east such as [45.76, 4.84]",
            Self::Table(_) | Self::Named(_) => "a table",
            Self::Tables(_) => "a list of tables",
            Self::Choice(words) => return list_of(words),
            Self::Choices(words) => return format!("a list of {}", list_of(words)),
            Self::Counts(least, most) => return format!("a list of whole numbers from {least} to {most}"),
            Self::ChoiceOrAddress(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
                return format!("{} or an address", words.join(", "));
            }
            Self::Count(least, most) => return format!("a whole number from {least} to {most}"),
            Self::Duration(least, most) => return format!("a duration from {least} to {most}"),
        };
        fixed.to_owned()
    }
}

/// `"a", "b" or "c"`
pub(super) fn list_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("{one:?}"),
        [start @ .., last] => {
            let start: Vec<String> = start.iter().map(|word| format!("{word:?}")).collect();
            format!("{} or {last:?}", start.join(", "))
        }
    }
}

/// What happens when the option is not written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// The configuration is refused.
    Refused,
    /// This TOML value is read instead.
    Default(&'static str),
    /// Nothing is read; the words say what that means.
    Means(&'static str),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What holds without it.
    pub absent: Absent,
    /// What it does.
    pub doc: &'static str,
    /// A TOML value that makes sense.
    pub example: &'static str,
}

/// One table.
#[derive(Debug)]
pub(super) struct Table {
    /// The heading in the reference and the example file; empty for tables written inline only.
    pub heading: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// Its options, in the order of the reference.
    pub keys: &'static [Key],
    /// What keys named after days take, in the tables that have them.
    pub days: Option<&'static Key>,
}

impl Table {
    /// The declaration of a key.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        let declared = self.keys.iter().find(|key| key.name == name);
        declared.or_else(|| self.days.filter(|_| super::value::days(name).is_some()))
    }
}

impl Table {
    /// What must be written in it at least, for people who have nothing yet.
    pub fn least(&self) -> String {
        let required = self.keys.iter().filter(|key| matches!(key.absent, Absent::Refused)).map(|key| key.name);
        let required: Vec<&str> = required.chain(self.days.map(|_| "mon-fri = [\"09:00-09:30\"]")).collect();
        required.join(", ")
    }
}

/// A key that must be there.
const fn required(name: &'static str, kind: Kind, doc: &'static str, example: &'static str) -> Key {
    Key { name, kind, absent: Absent::Refused, doc, example }
}

/// A key with a default.
const fn default(name: &'static str, kind: Kind, value: &'static str, doc: &'static str, example: &'static str) -> Key {
    Key { name, kind, absent: Absent::Default(value), doc, example }
}

/// A key that may be missing.
const fn optional(
    name: &'static str,
    kind: Kind,
    without: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kind, absent: Absent::Means(without), doc, example }
}

/// The whole file.
pub(super) static ROOT: Table = Table {
    heading: "",
    doc: "Options at the top of the file, before the first table.",
    keys: &[
        default(
            "include",
            Kind::Texts,
            r#"["clients/*.toml", "projects/*.toml"]"#,
            "Further files to read, relative to this one; `*` stands for any part of a file name. They may hold \
             `[client.NAME]`, `[project.NAME]`, `[mailbox.NAME]`, `[[closed]]`, `[[day]]` and `[[trip]]`.",
            r#"["clients/*.toml"]"#,
        ),
        optional(
            "state",
            Kind::Path,
            "`$STATE_DIRECTORY`, else `$XDG_STATE_HOME/fuseau`, else `~/.local/state/fuseau`",
            "The folder of the database: history, promises, outbox.",
            r#""/var/lib/fuseau""#,
        ),
        optional(
            "templates",
            Kind::Path,
            "the built-in texts",
            "A folder with texts of your own, `<language>/<kind>.txt` and `.html`; each replaces one built-in text.",
            r#""templates""#,
        ),
        required("me", Kind::Table(&people::ME), "The owner.", ""),
        required("hours", Kind::Table(&people::HOURS), "The answer windows.", ""),
        optional("closed", Kind::Tables(&people::CLOSED), "no closures", "Days without windows.", ""),
        optional("day", Kind::Tables(&people::ONE_DAY), "no such days", "Single days with hours of their own.", ""),
        optional("trip", Kind::Tables(&people::TRIP), "no trips", "Days in another zone.", ""),
        optional("mailbox", Kind::Named(&mailbox::MAILBOX), "nothing is watched", "The mailboxes.", ""),
        optional("client", Kind::Named(&people::CLIENT), "no clients", "The clients.", ""),
        optional("project", Kind::Named(&work::PROJECT), "no projects", "The projects.", ""),
        optional("replies", Kind::Table(&rules::REPLIES), "the defaults", "Replies and their limits.", ""),
        optional("promises", Kind::Table(&rules::PROMISES), "the defaults", "Keeping promises.", ""),
        optional("urgent", Kind::Table(&attention::URGENT), "the defaults", "Urgent mail.", ""),
        optional("topic", Kind::Tables(&attention::TOPIC), "no topics", "What mail may be about.", ""),
        optional("digest", Kind::Table(&rules::DIGEST), "the defaults", "The one mail to the owner.", ""),
        optional("drafts", Kind::Table(&work::DRAFTS), "the defaults", "Drafts.", ""),
        optional("meetings", Kind::Table(&meetings::MEETINGS), "the defaults", "Meetings and visits.", ""),
        optional("history", Kind::Table(&rules::HISTORY), "kept for ever", "How long the history is kept.", ""),
        optional("web", Kind::Table(&rules::WEB), "the defaults", "The desk in a browser.", ""),
        optional("page", Kind::Table(&page::PAGE), "the defaults", "The public page.", ""),
    ],
    days: None,
};

/// The tables that included files may hold.
pub(super) const INCLUDABLE: [&str; 6] = ["client", "project", "mailbox", "closed", "day", "trip"];
