//! The page about variables and the variables themselves say the same.
use super::super::variables::VARIABLES;
use super::*;
use crate::compose::sample::samples;
use std::collections::BTreeSet;

#[test]
fn every_value_is_documented_and_every_documented_value_exists() {
    let mut found = BTreeSet::new();
    for sample in samples(Language::Fr) {
        let values = serde_json::to_value(Values::holding(&sample.as_holding(0))).unwrap();
        for (name, value) in values.as_object().unwrap() {
            match value.as_object() {
                Some(inner) => found.extend(inner.keys().map(|key| format!("{name}.{key}"))),
                None => drop(found.insert(name.clone())),
            }
        }
    }
    let documented: BTreeSet<String> = VARIABLES.iter().map(|v| v.name.to_owned()).collect();
    assert_eq!(found, documented);
}

#[test]
fn an_acknowledgement_knows_no_earlier_promise() {
    let values = serde_json::to_value(Values::new(&samples(Language::Fr).remove(0).as_input())).unwrap();
    assert!(values.get("previous").is_none() && values.get("variant").is_none(), "{values}");
}

#[test]
fn strangers_learn_neither_channels_nor_absences() {
    for sample in samples(Language::En) {
        let values = Values::new(&Acknowledgement { client_name: None, ..sample.as_input() });
        assert!(values.channels.is_empty() && values.reach.is_empty() && values.away.is_none());
    }
}

#[test]
fn no_value_can_break_a_line() {
    let channels = ["a\r\nBcc: x@y".to_owned(), "\u{202e}".to_owned(), "b".to_owned()];
    let sample = samples(Language::En).remove(0);
    let mut input = sample.as_input();
    input.channels = &channels;
    input.subject = Some("x\r\n\r\nbody");
    input.client_name = Some("A\nB");
    let values = Values::new(&input);
    assert_eq!(values.reach, "a Bcc: x@y or b");
    assert_eq!(values.subject.as_deref(), Some("Re: x body"));
    assert_eq!(values.client.name, "A B");
}
