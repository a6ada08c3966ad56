//! The option list as JSON Schema (draft 07, what editors for TOML understand). Made from `schema` alone.
use super::schema::{Absent, Key, Kind, ROOT, SECRET, Table};
use crate::model::Language;
use serde_json::{Map, Value, json};

/// The schema of the main file. `zones` are the names that a time zone may have.
#[must_use]
pub fn json_schema<'a>(zones: impl Iterator<Item = &'a str>) -> Value {
    let mut whole = table(&ROOT);
    if let Value::Object(map) = &mut whole {
        map.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        map.insert("title".to_owned(), json!("fuseau.toml"));
        let zones: Vec<&str> = zones.collect();
        map.insert("definitions".to_owned(), json!({"zone": {"type": "string", "enum": zones}, "secret": secret()}));
    }
    whole
}

fn table(table: &Table) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        properties.insert(key.name.to_owned(), option(key));
    }
    let required: Vec<&str> =
        table.keys.iter().filter(|key| matches!(key.absent, Absent::Refused)).map(|key| key.name).collect();
    let mut whole =
        json!({"type": "object", "description": table.doc, "properties": properties, "additionalProperties": false});
    if let Value::Object(map) = &mut whole {
        if !required.is_empty() {
            map.insert("required".to_owned(), json!(required));
        }
        if let Some(day) = table.days {
            let days = "(mon|tue|wed|thu|fri|sat|sun)";
            map.insert("patternProperties".to_owned(), json!({format!("^{days}(-{days})?$"): option(day)}));
        }
    }
    whole
}

fn option(key: &Key) -> Value {
    let mut value = kind(key.kind);
    if let Value::Object(map) = &mut value {
        // Beside a reference nothing counts (draft 07).
        if map.contains_key("$ref") {
            value = json!({"allOf": [value], "description": key.doc});
        } else {
            map.insert("description".to_owned(), json!(key.doc));
        }
    }
    value
}

fn kind(kind: Kind) -> Value {
    let text = || json!({"type": "string", "minLength": 1});
    let list = |items: Value| json!({"type": "array", "items": items});
    let languages = || json!({"type": "string", "enum": Language::ALL.map(Language::code)});
    let address = || json!({"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"});
    match kind {
        Kind::Text | Kind::Path => text(),
        Kind::Texts => list(text()),
        Kind::Zone => json!({"$ref": "#/definitions/zone"}),
        Kind::Language => languages(),
        Kind::Languages => list(languages()),
        Kind::Address => address(),
        Kind::Addresses => list(address()),
        Kind::Contacts => list(json!({"type": "string", "pattern": "@"})),
        Kind::Holidays => list(json!({"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]+)?$"})),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::ChoiceOrAddress(words) => json!({"anyOf": [{"enum": words}, address()]}),
        Kind::DigestTimes => {
            json!({"anyOf": [{"enum": ["window", "off"]}, list(json!({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"}))]})
        }
        Kind::Dates => list(json!({"type": "string", "format": "date"})),
        Kind::Birthdays => {
            json!({"type": "object", "additionalProperties": {"type": "string", "pattern": "^(--)?[0-9]{1,2}-[0-9]{1,2}$"}})
        }
        Kind::Weekdays => list(json!({"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]})),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Count(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Duration(..) => json!({"type": "string", "pattern": "^([0-9]+[smhdw])+$"}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Spans => list(json!({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$"})),
        Kind::Program => list(text()),
        Kind::Command => json!({"anyOf": [text(), list(json!({"type": "string"}))]}),
        Kind::Money => json!({"type": "string", "pattern": "^([0-9 ,.']+ ?[A-Z]{3}|[A-Z]{3} ?[0-9 ,.']+)$"}),
        Kind::Place => json!({"anyOf": [text(), list(json!({"type": ["number", "string"]}))]}),
        Kind::Cadence => json!({"type": "string", "pattern": "^every "}),
        Kind::Choices(words) => list(json!({"enum": words})),
        Kind::Counts(least, most) => list(json!({"type": "integer", "minimum": least, "maximum": most})),
        Kind::Secret => json!({"$ref": "#/definitions/secret"}),
        Kind::Table(inner) => table(inner),
        Kind::Tables(inner) => list(table(inner)),
        Kind::Named(inner) => json!({"type": "object", "additionalProperties": table(inner)}),
    }
}

fn secret() -> Value {
    json!({"anyOf": [{"type": "string", "minLength": 1}, table(&SECRET)]})
}
