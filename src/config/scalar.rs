//! Fields as typed values: each reader logs what is wrong and returns `None`.
use super::{
    nearest,
    reader::{Field, Reader},
    schema::{Kind, list_of},
    value,
};
use crate::model::{AddressPattern, EmailAddress, Language, Zone, Zones};
use chrono::{NaiveDate, TimeDelta};
use std::path::PathBuf;
use toml::de::DeValue;

impl<'a> Field<'a> {
    /// Text without control characters that is not empty.
    pub fn text(&self) -> Option<String> {
        let DeValue::String(text) = &self.value else {
            self.mismatched();
            return None;
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            let example = self.key.example;
            let usual = example.starts_with('"').then(|| format!("write it as {example}"));
            self.place.fault("is empty", usual);
            return None;
        }
        if trimmed.chars().any(char::is_control) {
            self.place.fault("contains a control character", "write it on one line".to_owned());
            return None;
        }
        Some(trimmed.to_owned())
    }

    /// Several texts.
    pub fn texts(&self) -> Option<Vec<String>> {
        self.each(Field::text)
    }

    /// What `read` makes of every item of a list; `None` if one is wrong.
    pub fn each<T>(&self, read: impl Fn(&Field<'a>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.items()?;
        let read: Vec<Option<T>> = items.iter().map(read).collect();
        read.into_iter().collect()
    }

    /// One of the declared words.
    pub fn choice(&self) -> Option<&'static str> {
        let Kind::Choice(words) = self.key.kind else { return None };
        let text = self.text()?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            let remedy = match nearest::word(&text, words.iter().copied()) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("write {}", list_of(words)),
            };
            self.place.fault(format!("is not {}", list_of(words)), remedy);
        }
        found
    }

    /// true or false.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(flag) => Some(flag),
            _ => {
                self.mismatched();
                None
            }
        }
    }

    /// A whole number in its declared range.
    pub fn count(&self) -> Option<u32> {
        let Kind::Count(least, most) = self.key.kind else { return None };
        let DeValue::Integer(number) = &self.value else {
            self.mismatched();
            return None;
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(|n| u32::try_from(n).ok());
        let found = number.filter(|number| (least..=most).contains(number));
        if found.is_none() {
            self.place.fault("is out of range", format!("write {}", self.key.kind.expected()));
        }
        found
    }

    /// Several whole numbers in their declared range, ascending, each once.
    pub fn counts(&self) -> Option<Vec<i32>> {
        let Kind::Counts(least, most) = self.key.kind else { return None };
        let mut numbers = self.each(|item| {
            let DeValue::Integer(number) = &item.value else {
                item.mismatched();
                return None;
            };
            let number = i32::from_str_radix(number.as_str(), number.radix()).ok();
            let found = number.filter(|number| (least..=most).contains(number));
            if found.is_none() {
                item.place.fault("is out of range", format!("write whole numbers from {least} to {most}"));
            }
            found
        })?;
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    }

    /// Some of the declared words.
    pub fn choices(&self) -> Option<Vec<&'static str>> {
        let Kind::Choices(words) = self.key.kind else { return None };
        self.each(|item| {
            let text = item.text()?;
            let found = words.iter().find(|word| **word == text).copied();
            if found.is_none() {
                let remedy = match nearest::word(&text, words.iter().copied()) {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None => format!("write {}", list_of(words)),
                };
                item.place.fault("is no kind", remedy);
            }
            found
        })
    }

    /// A length of time in its declared range.
    pub fn duration(&self) -> Option<TimeDelta> {
        let Kind::Duration(least, most) = self.key.kind else { return None };
        let DeValue::String(text) = &self.value else {
            self.mismatched();
            return None;
        };
        let Some(duration) = value::duration(text) else {
            let negative = text.trim_start().starts_with('-');
            let what = if negative { "is negative" } else { "is no duration" };
            let usual = "write it as \"30s\", \"5m\", \"2h\", \"3d\" or \"1w\"".to_owned();
            self.place.fault(what, if negative { format!("write {}", self.key.kind.expected()) } else { usual });
            return None;
        };
        let limit = |text| value::duration(text).unwrap_or_default();
        if duration < limit(least) {
            self.place.fault(format!("is less than {least}"), format!("write {}", self.key.kind.expected()));
        } else if duration > limit(most) {
            self.place.fault(format!("is more than {most}"), format!("write {}", self.key.kind.expected()));
        } else {
            return Some(duration);
        }
        None
    }

    /// A TOML date without a time.
    pub fn date(&self) -> Option<NaiveDate> {
        let DeValue::Datetime(written) = &self.value else {
            self.mismatched();
            return None;
        };
        let (Some(date), None) = (written.date, written.time) else {
            self.place.fault("is no date alone", "write the day alone, as 2027-01-14".to_owned());
            return None;
        };
        let found = NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day));
        if found.is_none() {
            self.place.fault("is a day that does not exist", None);
        }
        found
    }

    /// A time zone by its IANA name; a name that says an offset or a rule instead of a place is warned about.
    pub fn zone(&self, zones: &Zones) -> Option<Zone> {
        let name = self.text()?;
        let found = zones.get(&name);
        match &found {
            None => self.place.fault("is no time zone", nearest::zone_remedy(&name, zones)),
            Some(_) if nearest::is_placeless(&name) => {
                let (fault, remedy) = nearest::placeless_remedy(&name);
                self.place.warn(fault, remedy);
            }
            Some(_) => {}
        }
        found
    }

    /// A shipped language.
    pub fn language(&self) -> Option<Language> {
        let code = self.text()?;
        let found = Language::parse(&code);
        if found.is_none() {
            let codes: Vec<&str> = Language::ALL.iter().map(|language| language.code()).collect();
            let remedy = match language_of_name(&code) {
                Some(language) => format!("did you mean {:?}?", language.code()),
                None => format!("write {}", list_of(&codes)),
            };
            self.place.fault("is no language that fuseau writes", remedy);
        }
        found
    }

    /// One address.
    pub fn address(&self) -> Option<EmailAddress> {
        let text = self.text()?;
        let found = EmailAddress::parse(&text);
        if found.is_none() {
            let remedy = match (text.contains('<'), text.contains('@')) {
                (true, _) => "write the address alone, without a name",
                (_, false) => "an address has an @, as anna@acme.example",
                _ => "write it as anna@acme.example",
            };
            self.place.fault("is no address", remedy.to_owned());
        }
        found
    }

    /// An address that mail can be sent from.
    pub fn own_address(&self) -> Option<EmailAddress> {
        let address = self.address()?;
        if !address.is_deliverable() {
            self.place.fault("cannot be written into a mail", "use plain letters, digits, dots and hyphens".to_owned());
            return None;
        }
        Some(address)
    }

    /// An address or a domain.
    pub fn contact(&self) -> Option<AddressPattern> {
        let text = self.text()?;
        let found = AddressPattern::parse(&text).filter(|_| !text.contains('*'));
        if found.is_none() {
            let remedy = match text.strip_prefix("*@") {
                Some(domain) => format!("did you mean \"@{domain}\"?"),
                None if text.contains('@') => "write anna@acme.example, @acme.example or @.acme.example".to_owned(),
                None if text.contains('.') => format!("for the whole domain write \"@{}\"", text.trim_matches('.')),
                None => "write anna@acme.example, @acme.example or @.acme.example".to_owned(),
            };
            self.place.fault("is no address or domain", remedy);
        }
        found
    }

    /// A path, absolute or relative to the file.
    pub fn path(&self) -> Option<PathBuf> {
        self.text().map(|text| self.place.source.resolve(&text))
    }
}

impl Reader<'_> {
    /// Text of a key.
    pub fn text(&self, name: &str) -> Option<String> {
        self.field(name)?.text()
    }

    /// Texts of a key; none if it is missing.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.field(name).and_then(|field| field.texts()).unwrap_or_default()
    }

    /// Addresses of a key; none if it is missing.
    pub fn addresses(&self, name: &str) -> Vec<EmailAddress> {
        self.field(name).and_then(|field| field.each(Field::address)).unwrap_or_default()
    }

    /// The path of a key.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.field(name)?.path()
    }
}

fn language_of_name(name: &str) -> Option<Language> {
    let names = [
        ("english", Language::En),
        ("french", Language::Fr),
        ("français", Language::Fr),
        ("german", Language::De),
        ("deutsch", Language::De),
        ("spanish", Language::Es),
        ("español", Language::Es),
        ("italian", Language::It),
        ("italiano", Language::It),
        ("portuguese", Language::Pt),
        ("português", Language::Pt),
        ("dutch", Language::Nl),
        ("nederlands", Language::Nl),
        ("japanese", Language::Ja),
        ("jp", Language::Ja),
        ("日本語", Language::Ja),
        ("chinese", Language::Zh),
        ("cn", Language::Zh),
        ("中文", Language::Zh),
        ("arabic", Language::Ar),
    ];
    let name = name.to_lowercase();
    names.into_iter().find(|(known, _)| *known == name).map(|(_, language)| language)
}
