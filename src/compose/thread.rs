//! How a reply joins the conversation: its subject and its References.
use crate::model::{MessageId, text::clean};

/// Longest subject, in characters.
pub const SUBJECT_MAX: usize = 150;
/// Ids kept besides the first.
const RECENT: usize = 20;

/// Marks of replies, forwards and responders, lower case, without the colon.
const PREFIXES: &[&str] = &[
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "antw",
    "antwort",
    "antwoord",
    "sv",
    "vs",
    "vb",
    "tr",
    "réf",
    "rép",
    "rv",
    "r",
    "i",
    "rif",
    "res",
    "enc",
    "odp",
    "ynt",
    "doorst",
    "auto",
    "automatic reply",
    "autoreply",
    "out of office",
    "回复",
    "答复",
    "回覆",
    "答覆",
    "转发",
    "轉寄",
    "返信",
    "転送",
    "رد",
    "إعادة توجيه",
];

/// [`reply_subject`], unless nothing is left behind the marks: then the letter names itself.
pub(super) fn answered_subject(original: &str) -> Option<String> {
    (!bare_subject(original).is_empty()).then(|| reply_subject(original))
}

/// "Re: " and the subject without the marks of earlier replies, one clean line of at most [`SUBJECT_MAX`]
/// characters. `Re: AW: RE[2]: Fwd: x` becomes `Re: x`.
#[must_use]
pub fn reply_subject(original: &str) -> String {
    let line = clean(original, original.len());
    clean(&format!("Re: {}", base(&line)), SUBJECT_MAX)
}

/// The subject without the marks of earlier replies, as it is named in a sentence: one clean line of at most 80 characters.
#[must_use]
pub fn bare_subject(original: &str) -> String {
    clean(base(&clean(original, original.len())), 80)
}

/// The subject without marks.
fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some(shorter) = without_mark(rest) {
        rest = shorter;
    }
    rest
}

fn without_mark(subject: &str) -> Option<&str> {
    let (mark, rest) = subject.split_once([':', '：'])?;
    let mark = mark.trim().trim_start_matches('[').to_lowercase();
    // Counters: "re[2]", "re (3)", "re^4", "re2".
    let word = mark.trim_end_matches(|c: char| c.is_ascii_digit() || " []()^".contains(c));
    PREFIXES.contains(&word).then(|| rest.trim().trim_end_matches('\u{0}'))
}

/// The References of an answer to a message: its own References, else its In-Reply-To if that is a single id,
/// and its Message-ID last; each once; the first and the newest 20 (RFC 5322 3.6.4).
#[must_use]
pub fn references(
    parent_references: &[MessageId],
    parent_in_reply_to: &[MessageId],
    parent: Option<&MessageId>,
) -> Vec<MessageId> {
    let inherited = match (parent_references, parent_in_reply_to) {
        ([], [one]) => std::slice::from_ref(one),
        (references, _) => references,
    };
    let mut chain: Vec<MessageId> = Vec::new();
    for id in inherited.iter().filter(|id| Some(*id) != parent).chain(parent) {
        if !chain.contains(id) {
            chain.push(id.clone());
        }
    }
    let surplus = chain.len().saturating_sub(1 + RECENT);
    let recent = chain.iter().skip(1 + surplus);
    chain.first().into_iter().chain(recent).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_carries_exactly_one_mark() {
        for (original, want) in [
            ("Website", "Re: Website"),
            ("Re: Website", "Re: Website"),
            ("RE: AW: Sv: TR: Website", "Re: Website"),
            ("RE[2]: Re (3): re^4: Website", "Re: Website"),
            ("Fwd: Réf : Website", "Re: Website"),
            ("Re : Devis", "Re: Devis"),
            ("回复：转发: 报价", "Re: 报价"),
            ("Antw: Re: Offerte", "Re: Offerte"),
            ("I: Preventivo", "Re: Preventivo"),
            ("I: R: Preventivo", "Re: Preventivo"),
            ("I II: terzo lotto", "Re: I II: terzo lotto"),
            ("رد: عرض", "Re: عرض"),
            ("Automatic reply: hello", "Re: hello"),
            ("Project: phase 2", "Re: Project: phase 2"),
            ("Ref: 2231", "Re: Ref: 2231"),
            ("Recap: Re: x", "Re: Recap: Re: x"),
            ("", "Re:"),
            ("Re:", "Re:"),
            ("hello\r\nBcc: victim@example.net", "Re: hello Bcc: victim@example.net"),
        ] {
            assert_eq!(reply_subject(original), want, "{original}");
        }
    }

    #[test]
    fn marks_alone_are_no_subject() {
        for empty in ["", " ", "Re:", "Re: Re:", "Fwd:", "I:", "AW: WG: ", "回复：", "RE[2]: Fwd:"] {
            assert_eq!(answered_subject(empty), None, "{empty:?}");
        }
        assert_eq!(answered_subject("Re: x").as_deref(), Some("Re: x"));
    }

    #[test]
    fn a_thousand_marks_or_characters_stay_short() {
        assert_eq!(reply_subject(&"Re: ".repeat(1000)), "Re:");
        let long = reply_subject(&format!("{}{}", "AW: ".repeat(500), "é".repeat(5000)));
        assert_eq!(long.chars().count(), SUBJECT_MAX);
        assert!(long.starts_with("Re: éé"));
    }

    #[test]
    fn answering_an_answer_changes_nothing() {
        for subject in ["Website", "Re: AW: x", "回复：报价", &"y".repeat(400)] {
            let once = reply_subject(subject);
            assert_eq!(reply_subject(&once), once);
        }
    }

    fn id(n: usize) -> MessageId {
        MessageId::parse(&format!("<{n}@x.example>")).unwrap()
    }

    #[test]
    fn references_end_with_the_parent_and_keep_the_root() {
        let ids = |numbers: &[usize]| numbers.iter().map(|n| id(*n)).collect::<Vec<_>>();
        for (parent_references, in_reply_to, parent, want) in [
            (vec![], vec![], Some(1), vec![1]),
            (vec![], vec![1], Some(2), vec![1, 2]),
            (vec![], vec![1, 2], Some(3), vec![3]),
            (vec![1, 2], vec![2], Some(3), vec![1, 2, 3]),
            (vec![1, 2, 1, 3, 2], vec![], Some(2), vec![1, 3, 2]),
            (vec![1], vec![], None, vec![1]),
            ((1..=40).collect(), vec![], Some(41), std::iter::once(1).chain(22..=41).collect()),
            ((1..=20).collect(), vec![], Some(21), (1..=21).collect()),
        ] {
            let got = references(&ids(&parent_references), &ids(&in_reply_to), parent.map(id).as_ref());
            assert_eq!(got, ids(&want));
        }
    }
}
