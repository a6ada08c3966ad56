//! A dossier as an mbox: the messages themselves, quoted as mboxrd has it, so that any mail program reads them back.
use super::Dossier;

/// The file, and how many messages are not in it because their bytes were not kept.
pub fn file(dossier: &Dossier) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut missing = 0;
    for item in &dossier.items {
        let Some(bytes) = &item.bytes else {
            missing += 1;
            continue;
        };
        // RFC 4155: the sender is of no use here, the time is UTC.
        let stamp = item.told.it.entry.at.format("From fuseau@localhost %a %b %e %H:%M:%S %Y\n").to_string();
        out.extend(stamp.bytes());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let body = line.strip_suffix(b"\n").unwrap_or(line);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            if is_quoted(body) {
                out.push(b'>');
            }
            out.extend(body);
            out.push(b'\n');
        }
        out.push(b'\n');
    }
    (out, missing)
}

/// `From `, `>From `, `>>From ` ...
fn is_quoted(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "))
}
