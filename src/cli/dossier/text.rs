//! A dossier as Markdown and as a table.
use super::{Dossier, Item, Own, Part};
use crate::cli::out;
use std::fmt::Write as _;

/// Markdown: a person's text stands in a block of its own and is never read as markup.
pub fn markdown(dossier: &Dossier) -> String {
    let words = dossier.words();
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "# {} · {}\n\n{} {} · {} · {}{}\n",
        words.title,
        plain(&dossier.name),
        words.from,
        plain(&dossier.owner),
        dossier.when(dossier.made_at),
        words.times,
        dossier.zone.name()
    );
    for part in dossier.parts() {
        let (text, cut) = match part {
            Part::Mail(item) => {
                let entry = &item.told.it.entry;
                let subject =
                    if entry.subject.is_empty() { words.no_subject.to_owned() } else { plain(&entry.subject) };
                let _ = write!(out, "\n## {subject}\n\n{} · {}\n", plain(dossier.who(item)), dossier.when(entry.at));
                if !dossier.for_client {
                    let _ = write!(out, "\n{}\n", plain(&item.what));
                    for why in &item.silence {
                        let _ = write!(out, "\n{}\n", plain(why));
                    }
                    if !item.codes.is_empty() {
                        let _ = write!(out, "\n`{}`\n", item.codes);
                    }
                }
                for promise in dossier.promises(item) {
                    let _ = write!(out, "\n*{promise}*\n");
                }
                if !item.attachments.is_empty() {
                    let _ = write!(out, "\n{}{}\n", words.attachments, plain(&item.files()));
                }
                (&item.text, item.text_cut)
            }
            Part::Own(own) => {
                let (title, what) = dossier.over(own);
                let _ = write!(out, "\n## {}\n\n{what}\n", plain(&title));
                (&own.text, false)
            }
        };
        if !text.is_empty() {
            out.push('\n');
            for line in text.lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        if cut {
            let _ = write!(out, "\n*{}*\n", words.goes_on);
        }
    }
    let _ = write!(out, "\n## {}\n\n{}\n\n`{}`\n\n", words.proof, words.how, dossier.head);
    let mut sealed: Vec<_> = dossier.items.iter().filter_map(|item| item.told.seal.as_ref()).collect();
    sealed.sort_unstable();
    for (number, content) in sealed {
        let _ = writeln!(out, "    {number} {content}");
    }
    out
}

/// One line without markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A table (RFC 4180); a cell that a spreadsheet would take for a formula begins with an apostrophe.
pub fn csv(dossier: &Dossier) -> String {
    let mut out = String::from("id,at,local,direction,kind,from,to,subject,promise_by,promise_state,attachments,text");
    // Behind the rest: the places of the columns before are known to others.
    out.push_str(if dossier.for_client { ",text_cut\r\n" } else { ",verdict,reasons,state,why,text_cut\r\n" });
    for part in dossier.parts() {
        let cells = match part {
            Part::Mail(item) => mail(dossier, item),
            Part::Own(it) => own(dossier, it),
        };
        let judged = match part {
            _ if dossier.for_client => None,
            Part::Mail(item) => Some(judged(item)),
            Part::Own(_) => Some(Default::default()),
        };
        let cut = matches!(part, Part::Mail(item) if item.text_cut).to_string();
        let line: Vec<String> =
            cells.iter().chain(judged.iter().flatten()).chain([&cut]).map(|text| cell(text)).collect();
        out.push_str(&line.join(","));
        out.push_str("\r\n");
    }
    out
}

fn mail(dossier: &Dossier, item: &Item) -> [String; 12] {
    let entry = &item.told.it.entry;
    let promises = item.told.promises.iter().map(|(promise, _)| promise);
    let promise = promises.rev().find(|promise| promise.announced || !dossier.for_client);
    [
        entry.id.clone(),
        out::rfc3339(entry.at),
        dossier.zone.fixed(entry.at).to_rfc3339(),
        entry.direction.clone(),
        entry.kind.clone(),
        entry.from.clone().unwrap_or_default(),
        entry.to.clone().unwrap_or_default(),
        entry.subject.clone(),
        promise.map(|promise| out::rfc3339(promise.by)).unwrap_or_default(),
        promise.map(|promise| promise.state.as_str().to_owned()).unwrap_or_default(),
        item.file_names().join("; "),
        item.text.clone(),
    ]
}

/// What the rules said, with the codes of the reasons; where a mail of ours stands; why nothing was sent, or it did not leave.
fn judged(item: &Item) -> [String; 4] {
    let entry = &item.told.it.entry;
    [
        entry.verdict.map(|verdict| verdict.as_str().to_owned()).unwrap_or_default(),
        item.codes.clone(),
        entry.state.unwrap_or_default().to_owned(),
        item.silence.join("; "),
    ]
}

fn own(dossier: &Dossier, it: &Own) -> [String; 12] {
    let mut cells = std::array::from_fn(|_| String::new());
    let [id, at, local, _, kind, _, _, subject, _, _, _, text] = &mut cells;
    (*id, *at, *kind) = (it.id.clone(), out::rfc3339(it.at), it.kind().to_owned());
    (*local, *subject, *text) = (dossier.zone.fixed(it.at).to_rfc3339(), it.title.clone(), it.text.clone());
    cells
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
