//! Every word of the desk in each language: `templates/LANGUAGE/desk-words.txt`, one line a word. A further language is one
//! more file; a test asks for every line. Evidence and checks are shown in the words of the rules (English).
mod table;

pub use table::Words;

use crate::model::Language;
use std::collections::BTreeMap;
use std::sync::OnceLock;

macro_rules! file {
    ($code:literal) => {
        include_str!(concat!("../../templates/", $code, "/desk-words.txt"))
    };
}

/// In the order of [`Language::ALL`].
const FILES: [&str; 10] = [
    file!("en"),
    file!("fr"),
    file!("de"),
    file!("es"),
    file!("it"),
    file!("pt"),
    file!("nl"),
    file!("ja"),
    file!("zh"),
    file!("ar"),
];
static TABLES: [OnceLock<Words>; 10] = [const { OnceLock::new() }; 10];

/// The lines of a file.
type Lines = BTreeMap<&'static str, &'static str>;

fn lines(text: &'static str) -> Lines {
    let said = text.lines().filter(|line| !line.starts_with('#'));
    said.filter_map(|line| line.split_once('=')).map(|(key, words)| (key.trim(), words.trim())).collect()
}

fn file(language: Language) -> &'static str {
    let at = Language::ALL.iter().position(|it| *it == language).unwrap_or_default();
    FILES.get(at).copied().unwrap_or_default()
}

/// The words for a language.
#[must_use]
pub fn words(language: Language) -> &'static Words {
    static ENGLISH: OnceLock<Words> = OnceLock::new();
    let english = || Words::read(Language::En, &lines(file(Language::En)));
    let at = Language::ALL.iter().position(|it| *it == language).unwrap_or_default();
    match TABLES.get(at) {
        Some(table) => table.get_or_init(|| Words::read(language, &lines(file(language)))),
        None => ENGLISH.get_or_init(english),
    }
}

impl Words {
    /// How a stable word is said.
    #[must_use]
    pub fn say<'a>(&self, word: &'a str) -> &'a str {
        self.known("said", word).unwrap_or(word)
    }

    /// How the cause of a step is said.
    #[must_use]
    pub fn cause<'a>(&self, cause: &'a str) -> &'a str {
        self.known("cause", cause).unwrap_or(cause)
    }

    /// What is said after an act, if there is such an act.
    #[must_use]
    pub fn after(&self, act: &str) -> Option<&'static str> {
        self.known("after", act)
    }

    fn known(&self, family: &str, word: &str) -> Option<&'static str> {
        self.families.iter().find(|(it, stable, _)| *it == family && *stable == word).map(|(.., said)| *said)
    }

    /// `3 h 20 min`
    #[must_use]
    pub fn span(&self, minutes: i64) -> String {
        let minutes = minutes.unsigned_abs();
        let (d, h, m) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
        let form = match (d, h) {
            (0, 0) => self.span_minutes,
            (0, _) => self.span_hours,
            (..10, 1..) => self.span_days,
            _ => self.span_long,
        };
        form.replace("{d}", &d.to_string()).replace("{h}", &h.to_string()).replace("{m}", &m.to_string())
    }

    /// `in 3 h 20 min`, `12 min overdue`
    #[must_use]
    pub fn time_left(&self, minutes: i64) -> String {
        fill(if minutes < 0 { self.overdue } else { self.left }, &self.span(minutes))
    }
}

/// Puts a value into its place.
#[must_use]
pub fn fill(form: &str, value: &str) -> String {
    form.replace("{}", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = ["{}", "{d}", "{h}", "{m}"].into_iter().filter(|it| text.contains(it)).collect();
        found.extend(text.matches('`'));
        found
    }

    #[test]
    fn every_language_has_every_word() {
        let english = lines(file(Language::En));
        let mut faults = Vec::new();
        for key in table::KEYS.iter().filter(|key| !english.contains_key(**key)) {
            faults.push(format!("en lacks {key}"));
        }
        for language in Language::ALL {
            let (code, there) = (language.code(), lines(file(language)));
            for (key, words) in &english {
                match there.get(key) {
                    None => faults.push(format!("{code} lacks {key}")),
                    Some(&"") => faults.push(format!("{code}: {key} says nothing")),
                    Some(said) if said.contains(['<', '>', '&', '"']) => {
                        faults.push(format!("{code}: {key} has markup"))
                    }
                    Some(said) if places(said) != places(words) => {
                        faults.push(format!("{code}: {key} has other places"))
                    }
                    Some(_) => {}
                }
            }
            let unknown = there.keys().filter(|key| !table::KEYS.contains(key) && !key.contains('.'));
            faults.extend(unknown.map(|key| format!("{code}: nobody says {key}")));
            faults.extend(
                there.keys().filter(|key| !english.contains_key(*key)).map(|key| format!("{code}: {key} is not in en")),
            );
            let count = file(language).lines().filter(|line| !line.starts_with('#') && line.contains('=')).count();
            if count != there.len() {
                faults.push(format!("{code} says something twice"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(english.len() > 150, "{}", english.len());
    }

    #[test]
    fn words_are_said() {
        assert_eq!(words(Language::Fr).time_left(200), "dans 3 h 20 min");
        assert_eq!(words(Language::En).time_left(-12), "12 min overdue");
        assert_eq!(words(Language::En).span(26 * 60), "1 d 2 h");
        assert_eq!(words(Language::En).span(48 * 60), "2 d");
        assert_eq!(words(Language::En).say("nothing known"), "nothing known");
        assert!(words(Language::Ar).rtl && !words(Language::Ja).rtl);
        for language in Language::ALL {
            let words = words(language);
            assert_eq!(words.code, language.code());
            for act in ["done", "undo", "later", "hold", "release", "send", "drop", "pause", "resume"] {
                assert!(words.after(act).is_some(), "{act} {}", words.code);
            }
        }
    }
}
