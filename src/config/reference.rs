//! The written forms of the option list: `docs/reference/config.md` and `config/fuseau.example.toml`. Both are
//! made from `schema` alone; a test rewrites them and fails when they were stale.
use super::schema::{Absent, Key, Kind, ROOT, SECRET, Table};
use std::fmt::Write as _;

/// The reference for people, in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(MARKDOWN_HEAD);
    let _ = writeln!(page, "\n## At the top of the file\n\n{}\n", ROOT.doc);
    rows(&mut page, ROOT.keys.iter().filter(|key| child(key).is_none()));
    for (key, table) in ROOT.keys.iter().filter_map(|key| Some((key, child(key)?))) {
        let need = match key.absent {
            Absent::Refused => "Must be there.".to_owned(),
            Absent::Means(without) => format!("Without it: {without}."),
            Absent::Default(value) => format!("Without it: `{value}`."),
        };
        let _ = writeln!(page, "\n## {}\n\n{} {need}\n", table.heading, table.doc);
        section(&mut page, table, table.heading);
    }
    let _ = writeln!(page, "\n## Secrets\n\n{} In place of the table, text is the secret itself.\n", SECRET.doc);
    rows(&mut page, SECRET.keys.iter());
    page
}

const MARKDOWN_HEAD: &str = "# The configuration

<!-- Made from the option list in src/config/schema; `cargo test --test it config` rewrites it. -->

One TOML file. It is looked for as `--config FILE`, `$FUSEAU_CONFIG`, `./fuseau.toml`,
`$XDG_CONFIG_HOME/fuseau/fuseau.toml` (`~/.config` without the variable) and `/etc/fuseau/fuseau.toml`. `fuseau check`
names everything that is wrong with it at once, each with its place and a remedy; options that are not known are refused.

- **Durations** are `\"30s\"`, `\"5m\"`, `\"2h\"`, `\"3d\"`, `\"1w\"`, or sums such as `\"1h30m\"`.
- **Dates** are written without quotes: `2026-12-24`.
- **Windows** are `\"09:00-09:30\"` in 24 hours.
- **Money** has its currency: `\"4800 EUR\"`, `\"1 250.50 CHF\"`.
- **Paths** are relative to the file in which they stand; `~/` is your home folder.
- **Time zones** have names of places: `\"Europe/London\"`.
- The file must not be writable by everybody, and not readable by others if a password is written in it.
";

fn child(key: &Key) -> Option<&'static Table> {
    match key.kind {
        Kind::Table(table) | Kind::Tables(table) | Kind::Named(table) => Some(table),
        _ => None,
    }
}

/// The rows of a table, then those of the tables written inline in it.
fn section(page: &mut String, table: &Table, heading: &str) {
    rows(page, table.keys.iter().chain(table.days));
    for (key, inner) in table.keys.iter().filter_map(|key| Some((key, child(key)?))) {
        // A list of tables has a heading of its own.
        if let Kind::Tables(_) = key.kind {
            let _ = writeln!(page, "\n### {}\n\n{}\n", inner.heading, inner.doc);
            section(page, inner, inner.heading);
            continue;
        }
        let heading = format!("{heading} {}", key.name);
        let _ = writeln!(page, "\n### {heading} = {{ … }}\n\n{}\n", inner.doc);
        section(page, inner, &heading);
    }
}

fn rows<'k>(page: &mut String, keys: impl Iterator<Item = &'k Key>) {
    page.push_str("| option | takes | without it | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let without = match key.absent {
            Absent::Refused => "refused".to_owned(),
            Absent::Default(value) => format!("`{value}`"),
            Absent::Means(means) => means.to_owned(),
        };
        let example = if key.example.is_empty() { String::new() } else { format!(" Example: `{}`", key.example) };
        let takes = key.kind.expected();
        let _ = writeln!(page, "| `{}` | {takes} | {without} | {}{example} |", key.name, key.doc);
    }
}

/// A complete configuration with every option explained; what is required is set, the rest is commented out.
#[must_use]
pub fn example() -> String {
    let mut file = String::from(EXAMPLE_HEAD);
    for key in ROOT.keys.iter().filter(|key| child(key).is_none()) {
        option(&mut file, key, false);
    }
    for (key, table) in ROOT.keys.iter().filter_map(|key| Some((key, child(key)?))) {
        let _ = writeln!(file, "\n# {}", "-".repeat(100));
        comment(&mut file, table.doc);
        let heading = match key.name {
            "mailbox" => "[mailbox.studio]",
            "client" => "[client.acme]",
            "project" => "[project.relaunch]",
            _ => table.heading,
        };
        // closures and trips have required keys that would be true of nobody: the whole table is a comment
        let live = !matches!(key.kind, Kind::Tables(_));
        let _ = writeln!(file, "{}{heading}", if live { "" } else { "# " });
        if let Some(day) = table.days {
            comment(&mut file, day.doc);
            file.push_str("mon-thu = [\"09:00-09:30\", \"11:30-12:00\", \"14:00-14:30\", \"16:30-17:00\"]\n");
            file.push_str("fri = [\"09:00-09:30\", \"11:30-12:00\"]\n");
        }
        for key in table.keys {
            let required = matches!(key.absent, Absent::Refused) || key.name == "imap";
            option(&mut file, key, live && required);
        }
    }
    file
}

const EXAMPLE_HEAD: &str =
    "# fuseau: every option, with its meaning and its default. What must be set is set here, the rest is commented out.
# Made from the option list of the program; `cargo test --test it config` rewrites it. A shorter start: minimal.toml
";

fn option(file: &mut String, key: &Key, live: bool) {
    file.push('\n');
    comment(file, key.doc);
    if let Some(inner) = child(key) {
        let names: Vec<&str> = inner.keys.iter().chain(inner.days).map(|key| key.name).collect();
        comment(file, &format!("Takes {{ {} }}.", names.join(", ")));
        for key in inner.keys {
            comment(file, &format!("- {}: {}", key.name, key.doc));
        }
    } else if matches!(
        key.kind,
        Kind::Choice(_) | Kind::ChoiceOrAddress(_) | Kind::Count(..) | Kind::Duration(..) | Kind::Choices(_)
    ) {
        comment(file, &format!("Takes {}.", key.kind.expected()));
    }
    match key.absent {
        Absent::Default(value) => comment(file, &format!("Default: {value}")),
        Absent::Means(means) => comment(file, &format!("Without it: {means}.")),
        Absent::Refused => {}
    }
    let _ = writeln!(file, "{}{} = {}", if live { "" } else { "# " }, key.name, key.example);
}

/// Text as comment lines of at most 110 characters; marked `##` so that options that are commented out stand out.
fn comment(file: &mut String, text: &str) {
    let mut line = String::from("##");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > 108 {
            let _ = writeln!(file, "{line}");
            line = String::from("##");
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(file, "{line}");
}
