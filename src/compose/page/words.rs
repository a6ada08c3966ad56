//! The words of the public page, one line a key in `templates/LANGUAGE/page-words.txt`; an owner's file replaces the lines that
//! it has. A value is filled in once and never read again: braces in a name stay braces.
use crate::compose::TemplateError;
use crate::compose::builtin::{PAGE, name, nearest_of};
use crate::model::Language;
use std::collections::BTreeMap;

/// The kind of file.
pub(in crate::compose) const KIND: &str = "page-words";

/// Every key, with the values that it may use.
pub const KEYS: &[(&str, &[&str])] = &[
    ("title", &["name"]),
    ("description", &["name"]),
    ("intro", &[]),
    ("promise", &["outside"]),
    ("promise.inside", &["inside"]),
    ("now", &["when"]),
    ("days.heading", &[]),
    ("days.here", &["name", "zone"]),
    ("days.yours", &["zone"]),
    ("days.none", &[]),
    ("day", &[]),
    ("windows", &[]),
    ("week.heading", &[]),
    ("week", &["hours", "zone"]),
    ("elsewhere.heading", &["date"]),
    ("elsewhere.place", &[]),
    ("away.heading", &[]),
    ("closed", &[]),
    ("holiday", &["name"]),
    ("trip", &[]),
    ("trip.place", &["place", "zone"]),
    ("channels.heading", &[]),
    ("calendar", &[]),
    ("foot", &["date"]),
    ("languages", &[]),
    ("minutes", &["m"]),
    ("hour", &[]),
    ("hours", &["h"]),
    ("hours.minutes", &["h", "m"]),
    ("hour.minutes", &["m"]),
    ("signature", &["hours", "zone", "length"]),
    ("signature.url", &["url"]),
    ("contract.heading", &[]),
    ("contract", &["name", "hours", "zone"]),
    ("contract.promise", &["length"]),
    ("contract.days", &["name"]),
    ("contract.url", &["url"]),
    ("ics.window", &["name"]),
    ("ics.closed", &["name"]),
    ("ics.holiday", &["name", "holiday"]),
];

/// The words in one language.
#[derive(Debug)]
pub(super) struct Words(BTreeMap<&'static str, String>);

impl Words {
    /// The shipped words, with those of the owner in their places.
    pub fn read(language: Language, owners: &[(String, String)]) -> Result<Self, TemplateError> {
        let file = name(language, KIND, false);
        let texts = PAGE.iter().find(|(kind, _)| *kind == KIND).map(|(_, texts)| texts);
        let shipped = texts.and_then(|texts| texts.iter().find(|(it, _)| *it == language)).map_or("", |(_, text)| text);
        let own = owners.iter().find(|(known, _)| *known == file).map(|(_, text)| text.as_str());
        let mut words = BTreeMap::new();
        for text in [Some(shipped), own].into_iter().flatten() {
            for (number, line) in (1..).zip(text.lines()) {
                if let Some((key, said)) = read_line(line.trim()).map_err(|what| fault(&file, number, what))? {
                    words.insert(key, said.to_owned());
                }
            }
        }
        Ok(Self(words))
    }

    /// One line, filled in.
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.0.get(key).map_or("", String::as_str), values)
    }

    /// "35 minutes", "one hour".
    pub fn length(&self, minutes: i64) -> String {
        let (h, m) = (minutes / 60, minutes % 60);
        let key = match (h, m) {
            (0, _) => "minutes",
            (1, 0) => "hour",
            (1, _) => "hour.minutes",
            (_, 0) => "hours",
            _ => "hours.minutes",
        };
        self.say(key, &[("h", &h.to_string()), ("m", &m.to_string())])
    }
}

fn fault(file: &str, line: usize, what: String) -> TemplateError {
    TemplateError { template: file.to_owned(), line: Some(line), message: what }
}

/// Key and words of a line; nothing for a blank line or one that begins with `#`.
fn read_line(line: &str) -> Result<Option<(&'static str, &str)>, String> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((key, said)) = line.split_once('=').map(|(key, said)| (key.trim(), said.trim())) else {
        return Err("is no line such as `closed = closed`".to_owned());
    };
    let Some((known, values)) = KEYS.iter().find(|(known, _)| *known == key) else {
        let near = nearest_of(key, KEYS.iter().map(|(known, _)| (*known, *known)));
        return Err(format!(
            "there is no key {key}{}",
            near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
        ));
    };
    if let Some(unknown) = places(said).find(|place| !values.contains(place)) {
        let list: Vec<String> = values.iter().map(|value| format!("{{{value}}}")).collect();
        let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        return Err(format!("{key} has no value {{{unknown}}}; its values are: {list}"));
    }
    Ok(Some((known, said)))
}

/// What stands in braces.
fn places(form: &str) -> impl Iterator<Item = &str> {
    form.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place)
}

/// Puts values into their places, in one pass.
fn fill(form: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(place, tail)| {
            let (_, value) = values.iter().find(|(name, _)| *name == place)?;
            Some((*value, tail))
        });
        match found {
            Some((value, tail)) => {
                out.push_str(value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything() {
        for language in Language::ALL {
            let words = Words::read(language, &[]).unwrap();
            for (key, values) in KEYS {
                let said = words.0.get(key).unwrap_or_else(|| panic!("{} lacks {key}", language.code()));
                let mut found: Vec<&str> = places(said).collect();
                found.sort_unstable();
                found.dedup();
                let optional = |value: &&&str| **value != "name" || !matches!(*key, "days.here" | "contract.days");
                for value in values.iter().filter(optional) {
                    assert!(found.contains(value), "{}: {key} lacks {{{value}}}", language.code());
                }
                assert!(!said.is_empty() && !said.contains(['<', '>', '&']), "{}: {key}", language.code());
            }
        }
    }

    #[test]
    fn values_are_never_read_again() {
        assert_eq!(fill("{a}-{b}-{c", &[("a", "{b}"), ("b", "{{x}}")]), "{b}-{{x}}-{c");
        let words = Words::read(Language::En, &[]).unwrap();
        let said = |minutes| words.length(minutes);
        assert_eq!(
            [35, 60, 90, 120, 135].map(said),
            ["35 minutes", "one hour", "one hour and 30 minutes", "2 hours", "2 hours and 15 minutes"]
        );
    }

    #[test]
    fn an_owners_lines_replace_and_wrong_ones_are_named() {
        let own = |text: &str| Words::read(Language::En, &[("en/page-words.txt".to_owned(), text.to_owned())]);
        assert_eq!(own("# mine\n\nclosed = gone fishing\n").unwrap().say("closed", &[]), "gone fishing");
        for (text, line, wanted) in [
            ("closd = x", 1, "did you mean closed?"),
            ("\nclosed", 2, "is no line"),
            ("title = {nam}", 1, "its values are: {name}"),
            ("intro = {name}", 1, "its values are: none"),
        ] {
            let fault = own(text).unwrap_err();
            assert!(fault.line == Some(line) && fault.message.contains(wanted), "{text:?}: {fault}");
        }
    }
}
