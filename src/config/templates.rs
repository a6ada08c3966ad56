//! Templates of the owner that replace built-in ones: found and read here, understood by `compose`.
use super::{nearest, reader::Field, schema::list_of};
use crate::model::Language;
use std::path::{Path, PathBuf};

/// Every kind of mail that has a template.
pub(super) const KINDS: [&str; 18] = [
    "acknowledgement",
    "holding",
    "progress",
    "follow-up",
    "trip",
    "closure",
    "check-in",
    "payment",
    "deposit",
    "contract",
    "greeting",
    "visit",
    "slots",
    "slot-confirmed",
    "recap",
    "digest",
    "digest-words",
    "page-words",
];

/// A template is a letter, not a book.
const GREATEST: u64 = 64 * 1024;

/// The folder that `templates` names, and the overrides in it, as `("fr/acknowledgement.txt", text)`, sorted.
///
/// Faults: no such folder, a folder that is no language, a file that is no kind, text that is no UTF-8.
pub(super) fn read(field: &Field<'_>) -> Option<(PathBuf, Vec<(String, String)>)> {
    let root = field.path()?;
    if !root.is_dir() {
        let remedy = format!("create {}, or leave the option out for the built-in texts", root.display());
        field.place.fault("is no folder", remedy);
        return None;
    }
    let mut found = Vec::new();
    for folder in entries(&root) {
        let path = root.join(&folder);
        if !path.is_dir() {
            if has_ending(&folder) {
                field.place.fault(
                    format!("holds {folder} outside of a language's folder"),
                    format!("move it, as en/{folder}"),
                );
            }
            continue; // a README may lie beside the languages
        }
        if Language::ALL.iter().all(|language| language.code() != folder) {
            let codes: Vec<&str> = Language::ALL.iter().map(|language| language.code()).collect();
            field.place.fault(
                format!("holds {folder}/, which is no language that fuseau writes"),
                format!("name the folder {}", list_of(&codes)),
            );
            continue;
        }
        for file in entries(&path) {
            let name = format!("{folder}/{file}");
            if is_known(field, &name, &file) {
                found.extend(text(field, &path.join(&file)).map(|text| (name, text)));
            }
        }
    }
    Some((root, found))
}

/// Names in a folder, sorted; hidden files and editors' backups are left out.
fn entries(folder: &Path) -> Vec<String> {
    let Ok(list) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = list.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.') && !name.ends_with('~')).collect();
    names.sort();
    names
}

fn has_ending(file: &str) -> bool {
    file.ends_with(".txt") || file.ends_with(".html")
}

fn is_known(field: &Field<'_>, name: &str, file: &str) -> bool {
    let Some((kind, ending)) = file.rsplit_once('.') else {
        field.place.fault(format!("holds {name}, which is no template"), format!("name it {file}.txt"));
        return false;
    };
    if !matches!(ending, "txt" | "html") {
        field.place.fault(format!("holds {name}, which is no template"), format!("name it {kind}.txt or {kind}.html"));
        return false;
    }
    if KINDS.contains(&kind) {
        return true;
    }
    let remedy = match nearest::word(kind, KINDS) {
        Some(meant) => format!("did you mean {meant}.{ending}?"),
        None => format!("known kinds: {}", KINDS.join(", ")),
    };
    field.place.fault(format!("holds {name}, which is no kind of mail"), remedy);
    false
}

fn text(field: &Field<'_>, path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
    if size > GREATEST {
        field.place.fault(format!("holds {}, which is longer than 64 KiB", path.display()), None);
        return None;
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) => {
            let remedy = "templates are files in UTF-8 that you can read".to_owned();
            field.place.fault(format!("holds {}, which cannot be read: {error}", path.display()), remedy);
            None
        }
    }
}
