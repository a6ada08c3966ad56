//! The first and the last line of a letter. No language guesses whether somebody is Mrs or Mr: the name stands alone.
use super::{DraftMail, VALUE_MAX, words};
use crate::decide::occasion::Content;
use crate::model::{Language, Tone, text::clean};

/// "Dear Anna Keller,", "Hallo Anna,"; without a name "Guten Tag,".
pub(super) fn of(mail: &DraftMail<'_>) -> String {
    // Congratulations go to whose day it is, whoever wrote last.
    let honoured = match mail.content {
        Content::Greeting(greeting) => greeting.person(),
        _ => None,
    };
    let person = clean(honoured.or(mail.person).unwrap_or_default(), VALUE_MAX);
    let (language, tone) = (mail.client.language, mail.client.tone);
    let name = match (language, tone) {
        (_, Tone::Formal) | (Language::Ja | Language::Zh, _) => person,
        _ => first_name(&person),
    };
    let name = words::isolate(language, &name);
    if name.is_empty() { without(language, tone).to_owned() } else { with(language, tone, &name) }
}

/// The line before the owner's name.
pub(super) fn closing(language: Language, tone: Tone) -> &'static str {
    match (language, tone) {
        (Language::En, Tone::Formal) => "Kind regards,",
        (Language::En, Tone::Familiar) => "Best,",
        (Language::Fr, Tone::Formal) => "Bien cordialement,",
        (Language::Fr, Tone::Familiar) => "À bientôt,",
        (Language::De, Tone::Formal) => "Freundliche Grüße",
        (Language::De, Tone::Familiar) => "Viele Grüße",
        (Language::Es, Tone::Formal) => "Un cordial saludo,",
        (Language::Es, Tone::Familiar) => "Un saludo,",
        (Language::It, Tone::Formal) => "Cordiali saluti",
        (Language::It, Tone::Familiar) => "A presto",
        (Language::Pt, Tone::Formal) => "Atenciosamente,",
        (Language::Pt, Tone::Familiar) => "Um abraço,",
        (Language::Nl, Tone::Formal) => "Met vriendelijke groet,",
        (Language::Nl, Tone::Familiar) => "Groeten,",
        (Language::Ja, Tone::Formal) => "何卒よろしくお願いいたします。",
        (Language::Ja, Tone::Familiar) => "よろしくお願いします。",
        (Language::Zh, Tone::Formal) => "顺颂商祺",
        (Language::Zh, Tone::Familiar) => "祝好",
        (Language::Ar, Tone::Formal) => "مع خالص التحية،",
        (Language::Ar, Tone::Familiar) => "مع تحياتي،",
    }
}

/// The word that people are called by, where the name is written in the European order. Names of another shape stay whole.
fn first_name(person: &str) -> String {
    let order = person.split_once(',').map_or(person, |(_, first)| first).trim();
    let first = order.split(' ').next().unwrap_or_default();
    if first.chars().count() < 2 || first.contains('.') { person.to_owned() } else { first.to_owned() }
}

fn with(language: Language, tone: Tone, name: &str) -> String {
    match (language, tone) {
        (Language::En, Tone::Formal) => format!("Dear {name},"),
        (Language::En, Tone::Familiar) => format!("Hi {name},"),
        (Language::Fr, Tone::Formal) => format!("Bonjour {name},"),
        (Language::Fr, Tone::Familiar) => format!("Bonjour {name},"),
        (Language::De, Tone::Formal) => format!("Guten Tag {name},"),
        (Language::De, Tone::Familiar) => format!("Hallo {name},"),
        (Language::Es, Tone::Formal) => format!("Buenos días, {name}:"),
        (Language::Es, Tone::Familiar) => format!("Hola, {name}:"),
        (Language::It, Tone::Formal) => format!("Buongiorno {name},"),
        (Language::It, Tone::Familiar) => format!("Ciao {name},"),
        (Language::Pt, Tone::Formal | Tone::Familiar) => format!("Olá, {name},"),
        (Language::Nl, Tone::Formal) => format!("Goedendag {name},"),
        (Language::Nl, Tone::Familiar) => format!("Hoi {name},"),
        (Language::Ja, Tone::Formal) => format!("{name} 様"),
        (Language::Ja, Tone::Familiar) => format!("{name}さん"),
        (Language::Zh, Tone::Formal) => format!("{name}，您好："),
        (Language::Zh, Tone::Familiar) => format!("{name}，你好："),
        (Language::Ar, Tone::Formal) => format!("تحية طيبة إلى {name}،"),
        (Language::Ar, Tone::Familiar) => format!("مرحبًا {name}،"),
    }
}

fn without(language: Language, tone: Tone) -> &'static str {
    match (language, tone) {
        (Language::En, Tone::Formal) => "Hello,",
        (Language::En, Tone::Familiar) => "Hi,",
        (Language::Fr, _) => "Bonjour,",
        (Language::De, Tone::Formal) => "Guten Tag,",
        (Language::De, Tone::Familiar) => "Hallo,",
        (Language::Es, Tone::Formal) => "Buenos días:",
        (Language::Es, Tone::Familiar) => "Hola:",
        (Language::It, Tone::Formal) => "Buongiorno,",
        (Language::It, Tone::Familiar) => "Ciao,",
        (Language::Pt, _) => "Olá,",
        (Language::Nl, Tone::Formal) => "Goedendag,",
        (Language::Nl, Tone::Familiar) => "Hoi,",
        (Language::Ja, Tone::Formal) => "いつもお世話になっております。",
        (Language::Ja, Tone::Familiar) => "こんにちは。",
        (Language::Zh, Tone::Formal) => "您好：",
        (Language::Zh, Tone::Familiar) => "你好：",
        (Language::Ar, Tone::Formal) => "تحية طيبة،",
        (Language::Ar, Tone::Familiar) => "مرحبًا،",
    }
}

#[cfg(test)]
mod tests {
    use super::first_name;

    #[test]
    fn people_are_called_by_their_first_name() {
        for (name, want) in [
            ("Anna Keller", "Anna"),
            ("Keller, Anna", "Anna"),
            ("Anna", "Anna"),
            ("Dr. Anna Keller", "Dr. Anna Keller"),
            ("A. Keller", "A. Keller"),
            ("", ""),
        ] {
            assert_eq!(first_name(name), want);
        }
    }
}
