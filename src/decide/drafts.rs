//! Whether what the owner sent is a draft of ours, and whether they wrote in it. Never here: finding the two
//! (`store::own`, `daemon::drafts`), what follows for the promise (`store::own`).
//!
//! A draft that states a promise and goes out as it was tells the client when the answer comes; it is not the answer.
//! One that the owner wrote in is the owner's letter. A corrected word or another greeting makes no letter: if that
//! closed the promise, the client would have been told a time that nobody keeps in view.
use super::fold::{fold, tokens};
use super::own_words::own_words;
use std::collections::BTreeMap;

/// A word weighs two; a character of a script without spaces, one.
const WORD: u32 = 2;
/// From so much new text on the owner has written something: three words, or six characters of such a script.
const WRITTEN: u32 = 3 * WORD;

/// How a sent mail looks beside a draft of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The draft as it was, or with a word put right.
    Same,
    /// The draft, and the owner wrote in it.
    Edited,
    /// Hardly anything of the draft is left: by its words alone it could be any mail.
    Other,
}

/// Compares the text of a draft with the text of a sent mail, without quotations, signatures and layout.
/// `attached`: the sent mail has attachments, which no draft of ours has.
#[must_use]
pub fn likeness(draft: &str, sent: &str, attached: bool) -> Likeness {
    let ours = units(draft);
    let theirs = units(sent);
    let weigh = |units: &BTreeMap<String, u32>| -> u32 { units.iter().map(|(unit, n)| weight(unit) * n).sum() };
    let beyond = |all: &BTreeMap<String, u32>, known: &BTreeMap<String, u32>| -> u32 {
        all.iter().map(|(unit, n)| weight(unit) * n.saturating_sub(known.get(unit).copied().unwrap_or(0))).sum()
    };
    let (whole, gone, new) = (weigh(&ours), beyond(&ours, &theirs), beyond(&theirs, &ours));
    if whole == 0 || gone * 2 > whole {
        return Likeness::Other;
    }
    if attached || new >= WRITTEN { Likeness::Edited } else { Likeness::Same }
}

fn weight(unit: &str) -> u32 {
    if unit.chars().next().is_some_and(unspaced) { 1 } else { WORD }
}

/// Scripts that are written without spaces between words.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words, and each character of a script without spaces, with how often they occur.
fn units(text: &str) -> BTreeMap<String, u32> {
    let mut units = BTreeMap::new();
    let mut add = |unit: &str| {
        if !unit.is_empty() {
            *units.entry(unit.to_owned()).or_insert(0) += 1;
        }
    };
    let folded = fold(&own_words(text));
    for token in tokens(&folded) {
        let mut word = String::new();
        for c in token.chars() {
            if unspaced(c) {
                add(&word);
                word.clear();
                add(c.encode_utf8(&mut [0; 4]));
            } else {
                word.push(c);
            }
        }
        add(&word);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: &str = "Hi Anna,\n\nyour message has arrived safely. I answer mail at fixed hours: you will have my reply by \
                         Thursday, 14 January, 4:30 pm, Singapore time.\n\nThis note is automatic; the answer will be mine.\n\nClaire";

    #[test]
    fn a_draft_is_known_by_its_words() {
        let quoted =
            format!("{DRAFT}\n\nOn Mon, Jan 12, 2026 at 10:00 Anna <anna@acme.example> wrote:\n> Could you send it?\n");
        let signed = format!("{DRAFT}\n-- \nClaire Martin, Studio\n+44 20 5550 0100");
        let wrapped = DRAFT.replace(" you will", "\nyou will").replace(". ", ".  ");
        let cases = [
            (DRAFT.to_owned(), false, Likeness::Same, "as it was"),
            (wrapped, false, Likeness::Same, "other line ends"),
            (quoted, false, Likeness::Same, "a program quoted below"),
            (signed, false, Likeness::Same, "a program signed"),
            (DRAFT.replace("Hi Anna", "Dear Ms Keller"), false, Likeness::Edited, "three new words"),
            (DRAFT.replace("Hi Anna", "Hello Anna"), false, Likeness::Same, "another greeting"),
            (DRAFT.replace("This note is automatic; the answer will be mine.", ""), false, Likeness::Same, "shortened"),
            (DRAFT.to_owned(), true, Likeness::Edited, "something is attached"),
            (format!("The logo is ready for you.\n\n{DRAFT}"), false, Likeness::Edited, "written in"),
            ("Hi Anna,\n\nhere is the logo.\n\nClaire".to_owned(), false, Likeness::Other, "all new"),
            (String::new(), false, Likeness::Other, "emptied"),
        ];
        for (sent, attached, want, why) in cases {
            assert_eq!(likeness(DRAFT, &sent, attached), want, "{why}");
        }
        let japanese = "ご連絡ありがとうございます。シンガポール時間で1月14日16時30分までにお返事いたします。";
        assert_eq!(likeness(japanese, japanese, false), Likeness::Same);
        assert_eq!(likeness(japanese, &format!("ロゴをお送りします。{japanese}"), false), Likeness::Edited);
        assert_eq!(likeness("", "Hello", false), Likeness::Other);
    }
}
