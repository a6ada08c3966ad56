//! The HTML of every page, in three languages: well formed, landmarks, one h1, labels, names of buttons, the order of the keyboard.
use super::{Desk, every_page, speak};
use crate::support::program::demo;
use std::collections::BTreeSet;

/// A tag with its attributes, or text.
#[derive(Debug)]
enum Bit {
    Open(String, Vec<(String, String)>),
    Close(String),
    Text(String),
}

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "link", "input", "br"];

fn bits(html: &str) -> Vec<Bit> {
    let mut bits = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if !rest[..at].trim().is_empty() {
            bits.push(Bit::Text(rest[..at].to_owned()));
        }
        let end = rest[at..].find('>').unwrap_or_else(|| panic!("a tag without end: {}", &rest[at..])) + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            bits.push(Bit::Close(name.to_owned()));
            continue;
        }
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        let single = tag.ends_with('/');
        let name = name.trim_end_matches('/').to_owned();
        let mut attributes = attributes.trim_end_matches('/').trim();
        let mut list = Vec::new();
        while !attributes.is_empty() {
            let end = attributes.find(['=', ' ']).unwrap_or(attributes.len());
            let key = attributes[..end].to_owned();
            attributes = &attributes[end..];
            let mut value = String::new();
            if let Some(quoted) = attributes.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap_or_else(|| panic!("an attribute without end: {tag}"));
                value = quoted[..end].to_owned();
                attributes = &quoted[end + 1..];
            } else {
                assert!(!attributes.starts_with('='), "an attribute without quotes: {tag}");
            }
            attributes = attributes.trim_start();
            list.push((key, value));
        }
        let void = VOID.contains(&name.as_str()) || single;
        bits.push(Bit::Open(name.clone(), list));
        if void {
            bits.push(Bit::Close(name));
        }
    }
    bits
}

fn value<'a>(list: &'a [(String, String)], key: &str) -> Option<&'a str> {
    list.iter().find(|(it, _)| it == key).map(|(_, value)| value.as_str())
}

/// Whether there is text in the element that begins here.
fn says_something(bits: &[Bit]) -> bool {
    let mut depth = 0;
    let mut inside = bits.iter().take_while(|bit| {
        match bit {
            Bit::Open(..) => depth += 1,
            Bit::Close(_) => depth -= 1,
            Bit::Text(_) => {}
        }
        depth > 0
    });
    inside.any(|bit| matches!(bit, Bit::Text(text) if !text.trim().is_empty()))
}

/// What is wrong with a page.
pub fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let bits = bits(html);
    let (mut open, mut ids, mut wanted, mut labels) = (Vec::new(), BTreeSet::new(), Vec::new(), BTreeSet::new());
    let (mut inputs, mut count) = (Vec::new(), std::collections::BTreeMap::<&str, usize>::new());
    for (at, bit) in bits.iter().enumerate() {
        match bit {
            Bit::Open(name, list) => {
                *count.entry(name).or_default() += 1;
                open.push(name.as_str());
                let mut keys = BTreeSet::new();
                for (key, said) in list {
                    if !keys.insert(key) {
                        faults.push(format!("{name} has {key} twice"));
                    }
                    match key.as_str() {
                        "id" if !ids.insert(said.clone()) => faults.push(format!("two things are called {said}")),
                        "for" => {
                            labels.insert(said.clone());
                        }
                        "aria-labelledby" | "aria-controls" | "aria-describedby" => {
                            wanted.extend(said.split(' ').map(str::to_owned));
                        }
                        "href" if said.starts_with('#') => wanted.push(said[1..].to_owned()),
                        "tabindex" if !matches!(said.as_str(), "0" | "-1") => faults.push(format!("tabindex {said}")),
                        "style" | "autofocus" | "accesskey" => faults.push(format!("{name} has {key}")),
                        key if key.starts_with("on") => faults.push(format!("{name} has {key}")),
                        _ => {}
                    }
                }
                match name.as_str() {
                    "input" if value(list, "type") != Some("hidden") => {
                        inputs.push(value(list, "id").unwrap_or_default().to_owned());
                    }
                    "section" | "nav" if value(list, "aria-label").or(value(list, "aria-labelledby")).is_none() => {
                        faults.push(format!("{name} has no name"));
                    }
                    "button" | "a" | "summary" | "h1" | "h2" if !says_something(&bits[at..]) => {
                        faults.push(format!("a {name} says nothing"));
                    }
                    "ul" | "ol" => {
                        if let Some(Bit::Open(child, _)) = bits.get(at + 1)
                            && child != "li"
                        {
                            faults.push(format!("{child} in {name}"));
                        }
                    }
                    _ => {}
                }
            }
            Bit::Close(name) => match open.pop() {
                Some(last) if last == name => {}
                last => faults.push(format!("</{name}> ends {last:?}")),
            },
            Bit::Text(_) => {}
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> has no end")));
    for name in ["html", "head", "h1", "main"] {
        if count.get(name) != Some(&1) {
            faults.push(format!("{:?} of {name}", count.get(name)));
        }
    }
    faults.extend(wanted.iter().filter(|id| !ids.contains(*id)).map(|id| format!("nothing is called {id}")));
    faults.extend(inputs.iter().filter(|id| !labels.contains(*id)).map(|id| format!("the field {id:?} has no label")));
    faults
}

#[test]
fn every_page_is_well_formed_and_can_be_walked() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let mut seen = 0;
    for language in ["en", "fr", "ar"] {
        speak(&desk, language);
        for path in every_page(&visit) {
            let page = visit.get(&path);
            assert_eq!(page.status, 200, "{path}");
            let faults = faults(&page.body);
            assert!(faults.is_empty(), "{language} {path}: {}\n{}", faults.join("\n"), page.body);
            // From the top: past everything, the pages, the switch, the content, the end.
            let order = [
                "class=\"skip\" href=\"#content\"",
                "<header",
                "<nav",
                "</header>",
                "<main id=\"content\"",
                "<h1",
                "</main>",
                "<footer",
            ];
            let places: Vec<usize> =
                order.iter().map(|it| page.body.find(it).unwrap_or_else(|| panic!("{it}"))).collect();
            assert!(places.is_sorted(), "{path}: {places:?}");
            let direction = if language == "ar" { "rtl" } else { "ltr" };
            assert!(page.body.contains(&format!("<html lang=\"{language}\" dir=\"{direction}\">")), "{path}");
            seen += 1;
        }
    }
    assert!(seen >= 30, "{seen}");
    // Those who are not let in get a whole page too.
    for path in ["/", "/open/x"] {
        let faults = faults(&desk.get(path, "").body);
        assert!(faults.is_empty(), "{path}: {faults:?}");
    }
}

#[test]
fn the_focus_can_be_seen() {
    let style = include_str!("../../../src/web/pages/style.css");
    assert!(style.contains(":focus-visible{outline:3px solid"));
    assert_eq!(style.matches("outline:none").count(), 1, "only the target of the skip link has none");
    assert!(style.contains("main:focus{outline:none}") && !style.contains("outline:0"));
    assert!(style.contains("prefers-reduced-motion") && !style.contains("url(") && !style.contains("@import"));
    // What turns with the writing direction is said so.
    for side in [
        "margin-left",
        "margin-right",
        "padding-left",
        "padding-right",
        "border-left",
        "border-right",
        "text-align:left",
        "float:",
    ] {
        assert!(!style.contains(side), "{side}");
    }
}

#[test]
fn this_test_sees_faults() {
    let fine = "<!doctype html>\n<html lang=\"en\"><head><title>x</title></head><main><h1>x</h1></main></html>";
    assert_eq!(faults(fine), Vec::<String>::new());
    for (before, after) in [
        ("<h1>x</h1>", "<h1></h1>"),
        ("<h1>x</h1>", "<h1>x</h1><h1>y</h1>"),
        ("<h1>x</h1>", "<h1>x</h1><p id=\"a\"></p><p id=\"a\"></p>"),
        ("<h1>x</h1>", "<h1>x</h1><input id=\"q\">"),
        ("<h1>x</h1>", "<h1>x</h1><a href=\"#nowhere\">x</a>"),
        ("<h1>x</h1>", "<h1>x</h1><b><i></b></i>"),
        ("<h1>x</h1>", "<h1>x</h1><p onclick=\"x\"></p>"),
        ("<h1>x</h1>", "<h1>x</h1><button></button>"),
        ("<h1>x</h1>", "<h1>x</h1><section></section>"),
        ("<h1>x</h1>", "<h1>x</h1><div>"),
    ] {
        assert!(!faults(&fine.replace(before, after)).is_empty(), "{after}");
    }
}
