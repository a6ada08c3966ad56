//! The part of docs/reference/templates.md that is about drafts. Never here: the values themselves.
use super::{COMMON, variables};
use crate::compose::variables::Variable;
use crate::model::DraftKind;

const HEAD: &str = "
## Drafts

A draft is read when you send it, not when it is made: no value is relative to the present, and no template says \"today\". Besides the values common to
all, a kind has its own under its name, `-` written as `_`. Texts of yours (titles, journal, notes) are single lines. In Arabic, what may run from left to
right stands between the characters U+2068 and U+2069, which no mail program shows. At most 128 KiB.

| value, in every kind | what it is | example |
|---|---|---|
";

/// Adds it to the page.
pub(in crate::compose) fn describe(page: &mut String) {
    page.push_str(HEAD);
    rows(page, COMMON);
    for kind in DraftKind::ALL.iter().filter(|kind| !variables(**kind).is_empty()) {
        page.push_str(&format!("\n### `{}`\n\n| value | what it is | example |\n|---|---|---|\n", kind.as_str()));
        rows(page, variables(*kind));
    }
}

fn rows(page: &mut String, variables: &[Variable]) {
    for Variable { name, meaning, example } in variables {
        let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
        page.push_str(&format!("| `{name}` | {meaning} | {example} |\n"));
    }
}
