//! What is new in a mail: its text without quotations, attribution lines and signature (rule 43).
use super::fold::{begins_with_any, fold};

/// Ends of attribution lines ("On … Claire wrote:"), folded.
const WROTE: &[&str] = &[
    "wrote:",
    "writes:",
    "a ecrit :",
    "a ecrit:",
    "schrieb:",
    "geschrieben:",
    "escribio:",
    "ha scritto:",
    "escreveu:",
    "schreef:",
    "geschreven:",
    "skrev:",
    "napisal:",
    "napisal(a):",
    "pisze:",
    "написал:",
    "пишет:",
    "のメール:",
    "さんは書きました:",
    "写道:",
    "寫道:",
    "작성:",
    "كتب:",
    "كتبت:",
];

/// Verbs that stand before the name ("Am … schrieb Claire:").
const WROTE_INSIDE: &[&str] = &[" schrieb ", " schreef ", " skrev ", " napisal "];

/// Beginnings of attribution lines; an attribution may be folded over two or three lines.
const ON: &[&str] = &["on ", "le ", "am ", "el ", "il ", "il giorno ", "em ", "op ", "den ", "w dniu ", "في ", "20"];

/// First words of the header block that Outlook and others put above a quotation.
const FROM: &[&str] = &[
    "from:",
    "de:",
    "de :",
    "von:",
    "da:",
    "van:",
    "fra:",
    "från:",
    "fran:",
    "от:",
    "差出人:",
    "发件人:",
    "寄件者:",
    "من:",
];
const SENT: &[&str] = &[
    "sent:",
    "date:",
    "envoye:",
    "envoye :",
    "date :",
    "gesendet:",
    "datum:",
    "enviado:",
    "enviado el:",
    "enviada em:",
    "fecha:",
    "data:",
    "inviato:",
    "verzonden:",
    "skickat:",
    "sendt:",
    "送信日時:",
    "日時:",
    "发送时间:",
    "日期:",
    "تاريخ الارسال:",
    "التاريخ:",
    "отправлено:",
];

/// Lines with which phones and programs sign, folded beginnings.
const SENT_FROM: &[&str] = &[
    "sent from my ",
    "sent from outlook",
    "sent from mail for",
    "sent from yahoo",
    "sent with proton",
    "sent via ",
    "get outlook for",
    "envoye de mon ",
    "envoye depuis mon ",
    "envoye a partir de ",
    "envoye avec ",
    "telecharger outlook",
    "obtenir outlook",
    "von meinem ",
    "gesendet von ",
    "gesendet mit ",
    "holen sie sich outlook",
    "enviado desde mi ",
    "enviado do meu ",
    "enviado de mi ",
    "obtener outlook",
    "obtenha o outlook",
    "inviato da ",
    "scarica outlook",
    "verzonden vanaf ",
    "verstuurd vanaf ",
    "outlook voor",
    "iphoneから送信",
    "我的 iphone",
    "发自我的",
    "从我的iphone",
    "iphone から送信",
    "ارسلت من",
    "تم الارسال من",
];

/// The lines that are the author's own and new, joined by `\n`, trimmed.
///
/// A quotation marked with `>` may be answered between the lines, so only the marked lines fall away; an
/// unmarked one (after an attribution line, Outlook's header block or `-----Original Message-----`) runs to
/// the end. What somebody forwards is new.
#[must_use]
pub fn own_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim();
        if bare.starts_with(['>', '＞']) || bare.starts_with("|>") {
            continue;
        }
        if line.trim_end() == "--" || bare == "__" {
            break;
        }
        let folded = fold(bare);
        if is_separator(bare, &folded) || is_header_block(&lines, at, &folded) {
            break;
        }
        if is_attribution(&folded) {
            drop_attribution(&mut kept, &folded);
            let next = lines.iter().skip(at + 1).map(|l| l.trim()).find(|l| !l.is_empty());
            if next.is_some_and(|next| next.starts_with(['>', '＞'])) {
                continue;
            }
            break;
        }
        if begins_with_any(&folded, SENT_FROM) {
            continue;
        }
        kept.push(line);
    }
    kept.join("\n").trim().to_owned()
}

/// "On … Claire wrote:", "Am … schrieb Claire:", "2026年1月12日 10:00 Claire <claire@…>:".
fn is_attribution(folded: &str) -> bool {
    let Some(head) = folded.strip_suffix(':') else { return false };
    let dated = head.starts_with(|c: char| c.is_ascii_digit()) && head.ends_with('>');
    dated
        || WROTE.iter().any(|end| folded.ends_with(end))
        || (begins_with_any(head, ON) && WROTE_INSIDE.iter().any(|word| head.contains(word)))
}

/// `-----Original Message-----`, Outlook's long underscore. Forwarding marks are not among them.
fn is_separator(bare: &str, folded: &str) -> bool {
    if bare.len() >= 10 && bare.bytes().all(|b| b == b'_') {
        return true;
    }
    let inner = folded.trim_matches(|c: char| c == '-' || c.is_whitespace());
    folded.starts_with("--")
        && [
            "original message",
            "message d'origine",
            "message original",
            "ursprungliche nachricht",
            "mensaje original",
            "messaggio originale",
            "mensagem original",
            "oorspronkelijk bericht",
            "original-nachricht",
            "ursprungligt meddelande",
            "原始邮件",
            "原始郵件",
            "元のメッセージ",
            "original appointment",
            "الرسالة الاصلية",
        ]
        .contains(&inner)
}

/// `From:` followed by `Sent:` within three lines.
fn is_header_block(lines: &[&str], at: usize, folded: &str) -> bool {
    let plain = |s: &str| fold(s.trim().trim_matches('*')).replace("：", ":");
    begins_with_any(folded.trim_start_matches('*'), FROM)
        && lines.iter().skip(at + 1).take(3).any(|line| {
            let line = plain(line);
            begins_with_any(&line, SENT)
        })
}

/// Takes back the earlier lines of an attribution that was folded.
fn drop_attribution(kept: &mut Vec<&str>, last: &str) {
    if begins_with_any(last, ON) {
        return;
    }
    let begins = |line: &&str| begins_with_any(&fold(line.trim()), ON);
    let back = kept.iter().rev().take(2).position(begins);
    if let Some(back) = back {
        kept.truncate(kept.len().saturating_sub(back + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_and_signatures_fall_away() {
        for (text, want) in [
            ("Hello\n-- \nAnna", "Hello"),
            ("> old\n> older", ""),
            ("On Mon, Jan 12, 2026 at 10:00 Claire <c@x> wrote:\n> hello", ""),
            ("On Mon, Jan 12, 2026 at 10:00 AM Claire Martin <\nclaire@studio.example> wrote:\n> hello\nYes.", "Yes."),
            ("Oui.\n\nLe lun. 12 janv. 2026 à 10:00, Claire a écrit :\nBonjour", "Oui."),
            ("Ja\n\nAm 12.01.2026 um 10:00 schrieb Claire Martin:\n> x", "Ja"),
            ("Sure\n-----Original Message-----\nFrom: x", "Sure"),
            ("Yes\n\nFrom: Claire\nSent: Monday\nTo: Anna\n\nHello", "Yes"),
            ("Oui\n\nDe : Claire\nEnvoyé : lundi\n\nBonjour", "Oui"),
            ("Ok\n________________________________\nFrom: x", "Ok"),
            ("Sent from my iPhone", ""),
            ("Envoyé de mon iPhone\n\n> quoi", ""),
            ("From: here you can see\nthe sea", "From: here you can see\nthe sea"),
            ("", ""),
            ("---------- Forwarded message ---------\nHi", "---------- Forwarded message ---------\nHi"),
        ] {
            assert_eq!(own_words(text), want, "{text}");
        }
    }
}
