//! Reads declared options from a TOML table: unknown keys, wrong types and values out of range are logged,
//! with their place, and everything else goes on. Meaning across options is `check`'s.
use super::{
    nearest,
    schema::{Absent, Key, Kind, Table, list_of},
    source::{Log, Place, Source, shown},
};
use toml::de::{DeTable, DeValue};

/// A table of the file with its declaration.
pub(super) struct Reader<'a> {
    /// The table itself, for complaints about the whole.
    pub place: Place<'a>,
    declared: &'static Table,
    table: DeTable<'a>,
    /// Keys that are probably written wrongly, so that they are not also called missing.
    misspelt: Vec<&'static str>,
    /// Whether any key is unknown: what seems to be missing may be meant by it.
    pub has_unknown: bool,
    /// Whether missing keys are no news, because the table itself is wrong.
    muted: bool,
}

/// A value of the file, or a default, with its declaration.
#[derive(Clone)]
pub(super) struct Field<'a> {
    /// Where it stands.
    pub place: Place<'a>,
    /// What was declared.
    pub key: &'static Key,
    /// What was written.
    pub value: DeValue<'a>,
    /// Whether it is one item of the list that was declared.
    item: bool,
}

impl<'a> Reader<'a> {
    /// The top of a file.
    pub fn root(source: &'a Source, log: &'a Log, table: DeTable<'a>, declared: &'static Table) -> Self {
        let place = Place { source, log, path: String::new(), shown: None, offset: 0 };
        Self::new(place, declared, table)
    }

    fn new(place: Place<'a>, declared: &'static Table, table: DeTable<'a>) -> Self {
        let mut reader = Self { place, declared, table, misspelt: Vec::new(), has_unknown: false, muted: false };
        (reader.misspelt, reader.has_unknown) = reader.report_unknown_keys();
        reader
    }

    /// Whether the file has the key.
    pub fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// The value of a declared key, or its default. A missing key that is required is a fault.
    pub fn field(&self, name: &str) -> Option<Field<'a>> {
        let key = self.declared.key(name)?;
        if let Some(value) = self.table.get(name) {
            let place = self.place_of(name, value.span().start, shown_value(key, value.get_ref()));
            return Some(Field { place, key, value: value.get_ref().clone(), item: false });
        }
        match key.absent {
            Absent::Default(text) => {
                let value = DeValue::parse(text).ok()?.into_inner();
                Some(Field { place: self.place_of(name, self.place.offset, None), key, value, item: false })
            }
            Absent::Refused if !self.muted && !self.misspelt.contains(&key.name) => {
                let remedy = match key.kind {
                    Kind::Table(table) => format!("add {} with {}", table.heading, table.least()),
                    _ => format!("add {} = {}", key.name, key.example),
                };
                self.place_of(name, self.place.offset, None).fault("is missing", remedy);
                None
            }
            Absent::Refused | Absent::Means(_) => None,
        }
    }

    /// A table in this one; `None` if it is not there or is none.
    pub fn table(&self, name: &str) -> Option<Reader<'a>> {
        self.field(name)?.into_table()
    }

    /// A table in this one, or an empty one with its defaults.
    pub fn section(&self, name: &str) -> Option<Reader<'a>> {
        let Some(Kind::Table(declared)) = self.declared.key(name).map(|key| key.kind) else { return None };
        let found = self.table(name);
        let place = self.place_of(name, self.place.offset, None);
        Some(found.unwrap_or_else(|| Reader { muted: true, ..Reader::new(place, declared, DeTable::new()) }))
    }

    /// The tables of `[[name]]`.
    pub fn tables(&self, name: &str) -> Vec<Reader<'a>> {
        let Some(field) = self.field(name) else { return Vec::new() };
        let Kind::Tables(declared) = field.key.kind else { return Vec::new() };
        let remedy = format!("write [[{name}]] with two brackets, once for each");
        let DeValue::Array(list) = &field.value else {
            field.place.fault(mismatch(&field), remedy);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (i, item) in list.iter().enumerate() {
            let place = Place {
                path: format!("{}[{}]", field.place.path, i + 1),
                offset: item.span().start,
                ..field.place.clone()
            };
            match item.get_ref() {
                DeValue::Table(table) => tables.push(Reader::new(place, declared, table.clone())),
                _ => place.fault(format!("is {}, expected a table", type_name(item.get_ref())), remedy.clone()),
            }
        }
        tables
    }

    /// The tables of `[name.NAME]` with their names, in the order of the file.
    pub fn named(&self, name: &str) -> Vec<(String, Reader<'a>)> {
        let Some(field) = self.field(name) else { return Vec::new() };
        let Kind::Named(declared) = field.key.kind else { return Vec::new() };
        let remedy = format!("write [{name}.NAME] with a name of your choice");
        let DeValue::Table(table) = &field.value else {
            field.place.fault(mismatch(&field), remedy);
            return Vec::new();
        };
        let mut children: Vec<_> = table.iter().collect();
        children.sort_by_key(|(key, _)| key.span().start);
        let is_option = |name: &str| declared.keys.iter().any(|key| key.name == name);
        let is_table = |child: &DeValue<'_>| matches!(child, DeValue::Table(_));
        if children.iter().any(|(key, child)| is_option(key.get_ref()) && !is_table(child.get_ref())) {
            field.place.fault("has options of its own", remedy);
            return Vec::new();
        }
        let mut tables = Vec::new();
        for (key, child) in children {
            let path = join(&field.place.path, key.get_ref());
            let place = Place { path, shown: None, offset: key.span().start, ..field.place.clone() };
            if !is_plain_name(key.get_ref()) {
                place.fault("is no usable name", "use letters, digits, - and _".to_owned());
            }
            match child.get_ref() {
                DeValue::Table(table) => {
                    tables.push((key.get_ref().to_string(), Reader::new(place, declared, table.clone())));
                }
                other => place.fault(format!("is {}, expected a table", type_name(other)), remedy.clone()),
            }
        }
        tables
    }

    /// The keys that are named after days, in the order of the file.
    pub fn day_fields(&self) -> Vec<(&str, Field<'a>)> {
        let names = self.table.iter().map(|(key, value)| (value.span().start, key.get_ref().as_ref()));
        let is_day = |name: &str| self.declared.keys.iter().all(|key| key.name != name);
        let mut names: Vec<(usize, &str)> =
            names.filter(|(_, name)| is_day(name) && super::value::days(name).is_some()).collect();
        names.sort_unstable();
        names.into_iter().filter_map(|(_, name)| Some((name, self.field(name)?))).collect()
    }

    /// Complains about every key but these.
    pub fn restrict(&self, allowed: &[&str]) {
        for (key, _) in self.entries() {
            let name = key.get_ref().as_ref();
            if self.declared.key(name).is_some() && !allowed.contains(&name) {
                let allowed = list_of(allowed);
                self.place_of(name, key.span().start, None)
                    .fault("belongs in the main file", format!("included files may hold {allowed}"));
            }
        }
    }

    fn report_unknown_keys(&self) -> (Vec<&'static str>, bool) {
        let mut misspelt = Vec::new();
        let mut found = false;
        for (key, _) in self.entries() {
            let name = key.get_ref().as_ref();
            if self.declared.key(name).is_some() {
                continue;
            }
            found = true;
            let days = super::value::DAYS.map(|(day, ..)| day);
            let days = days.iter().filter(|_| self.declared.days.is_some()).copied();
            let known: Vec<&'static str> = self.declared.keys.iter().map(|key| key.name).chain(days).collect();
            let meant = nearest::word(name, known.iter().copied());
            misspelt.extend(meant);
            let remedy = match meant {
                None if let Some(heading) = inner_heading(self.declared, name) => {
                    format!("it belongs to one of them: write {heading}")
                }
                Some(meant) => format!("did you mean {meant}?"),
                None if self.declared.days.is_some() => {
                    format!("known here: {}, ranges such as mon-fri", known.join(", "))
                }
                None => format!("known here: {}", known.join(", ")),
            };
            self.place_of(name, key.span().start, None).fault("is no known option", remedy);
        }
        (misspelt, found)
    }

    fn entries(
        &self,
    ) -> impl Iterator<Item = (&toml::Spanned<std::borrow::Cow<'a, str>>, &toml::Spanned<DeValue<'a>>)> {
        self.table.iter()
    }

    fn place_of(&self, name: &str, offset: usize, shown: Option<String>) -> Place<'a> {
        Place { path: join(&self.place.path, name), shown, offset, ..self.place.clone() }
    }
}

impl<'a> Field<'a> {
    /// The table in this value.
    pub fn into_table(self) -> Option<Reader<'a>> {
        let Kind::Table(declared) = self.key.kind else { return None };
        match self.value {
            DeValue::Table(table) => Some(Reader::new(Place { shown: None, ..self.place }, declared, table)),
            _ => {
                self.mismatched();
                None
            }
        }
    }

    /// The same value under another declaration, for the alternatives of one key.
    pub fn as_table(&self, declared: &'static Table) -> Option<Reader<'a>> {
        match &self.value {
            DeValue::Table(table) => {
                Some(Reader::new(Place { shown: None, ..self.place.clone() }, declared, table.clone()))
            }
            _ => None,
        }
    }

    /// Complains that the value is of the wrong type.
    pub fn mismatched(&self) {
        let remedy = match (&self.value, self.key.kind) {
            (DeValue::Integer(number), Kind::Duration(..)) => Some(format!("write it with a unit, as \"{number}m\"")),
            (DeValue::Integer(number), Kind::Money) => Some(format!("write it with its currency, as \"{number} EUR\"")),
            (DeValue::Float(number), Kind::Money) => Some(format!("write it with its currency, as \"{number} EUR\"")),
            (DeValue::String(text), Kind::Date | Kind::Dates | Kind::Count(..)) => {
                let written = text.len() < 30 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
                Some(format!("write it without quotes: {text}")).filter(|_| written)
            }
            (DeValue::String(text), Kind::Flag) => match text.to_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some("write true, without quotes".to_owned()),
                "false" | "no" | "off" | "0" => Some("write false, without quotes".to_owned()),
                _ => None,
            },
            (DeValue::Datetime(date), Kind::Dates) => Some(format!("write [{date}]")),
            (DeValue::Array(_), Kind::Secret) => Some("for a command write { command = [ … ] }".to_owned()),
            (DeValue::String(text), kind) if is_list(kind) && !self.item => {
                Some(format!("write [{}]", shown(text))).filter(|_| text.len() < 60)
            }
            (_, Kind::Table(table)) if table.heading.is_empty() => Some(format!("write {} = {{ … }}", self.key.name)),
            (_, Kind::Table(table)) => Some(format!("write {} and its options below it", table.heading)),
            _ => None,
        };
        self.place.fault(mismatch(self), remedy);
    }

    /// The values of a list, each as a field of its own.
    pub fn items(&self) -> Option<Vec<Field<'a>>> {
        let DeValue::Array(list) = &self.value else {
            self.mismatched();
            return None;
        };
        let item = |item: &toml::Spanned<DeValue<'a>>| {
            let shown = shown_value(self.key, item.get_ref());
            // a default has no place of its own in the file
            let offset = if self.place.shown.is_some() { item.span().start } else { self.place.offset };
            let place = Place { shown, offset, ..self.place.clone() };
            Field { place, key: self.key, value: item.get_ref().clone(), item: true }
        };
        Some(list.iter().map(item).collect())
    }
}

fn is_list(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Texts
            | Kind::Languages
            | Kind::Addresses
            | Kind::Contacts
            | Kind::Holidays
            | Kind::Dates
            | Kind::Weekdays
            | Kind::Spans
            | Kind::DigestTimes
            | Kind::Program
            | Kind::Choices(_)
            | Kind::Counts(..)
    )
}

fn mismatch(field: &Field<'_>) -> String {
    let expected = match field.key.kind {
        Kind::Dates if field.item => Kind::Date.expected(),
        Kind::Counts(least, most) if field.item => format!("a whole number from {least} to {most}"),
        Kind::Spans if field.item => "a window such as \"09:00-09:30\"".to_owned(),
        kind if is_list(kind) && field.item => "text".to_owned(),
        kind => kind.expected(),
    };
    format!("is {}, expected {expected}", type_name(&field.value))
}

/// The heading of a table that belongs into one of the named tables here.
fn inner_heading(declared: &Table, name: &str) -> Option<&'static str> {
    let named = declared.keys.iter().filter_map(|key| match key.kind {
        Kind::Named(table) => Some(table),
        _ => None,
    });
    named.flat_map(|table| table.keys).find_map(|key| match key.kind {
        Kind::Tables(table) if key.name == name => Some(table.heading),
        _ => None,
    })
}

/// What a TOML value is, with its article.
pub(super) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The value for complaints. Secrets, and whatever stands where a table with secrets is expected, are not shown.
fn shown_value(key: &Key, value: &DeValue<'_>) -> Option<String> {
    if matches!(key.kind, Kind::Secret | Kind::Command | Kind::Table(_) | Kind::Tables(_) | Kind::Named(_)) {
        return None;
    }
    match value {
        DeValue::String(text) => Some(shown(text)),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        DeValue::Array(list) if list.is_empty() => Some("[]".to_owned()),
        DeValue::Array(_) => Some("[…]".to_owned()),
        DeValue::Table(_) => Some("{…}".to_owned()),
    }
}

/// `client` and `acme` to `client.acme`; names that TOML would quote are quoted.
fn join(path: &str, name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let name = if bare { name.to_owned() } else { shown(name) };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}
