//! Subjects of automatic replies and bounces in the languages met in practice (rule 16): the lists, and how
//! they are compared. What follows from a match is in subject.rs.
use super::fold::fold_words;
use std::sync::LazyLock;

/// A phrase in folded form; `open` ones may go on with further letters (`undeliver` + `able`).
struct Phrase {
    text: String,
    open: bool,
}

impl Phrase {
    fn read(raw: &str) -> Self {
        let (text, open) = raw.strip_suffix('*').map_or((raw, false), |text| (text, true));
        Self { text: fold_words(text), open }
    }

    /// Whether `text` begins with the phrase.
    fn begins(&self, text: &str) -> bool {
        // The first octet first: most differ there.
        text.as_bytes().first() == self.text.as_bytes().first()
            && text.strip_prefix(self.text.as_str()).is_some_and(|rest| self.open || !continues(rest))
    }

    /// The text before the phrase, if it stands anywhere at the beginning of a word.
    fn before<'a>(&self, text: &'a str) -> Option<&'a str> {
        // Most subjects are shorter than most phrases: to find that out costs nothing.
        let at = if text.len() < self.text.len() { None } else { text.find(self.text.as_str()) }?;
        let (before, found) = text.split_at_checked(at)?;
        (self.begins(found) && !before.ends_with(char::is_alphanumeric)).then_some(before)
    }
}

fn continues(rest: &str) -> bool {
    rest.chars().next().is_some_and(char::is_alphanumeric)
}

/// A list of phrases.
pub struct Phrases(Vec<Phrase>);

impl Phrases {
    fn read(list: &str) -> Self {
        Self(list.split('|').map(str::trim).filter(|p| !p.is_empty()).map(Phrase::read).collect())
    }

    /// The phrase with which folded `text` begins.
    #[must_use]
    pub fn begins(&self, text: &str) -> Option<&str> {
        self.0.iter().find(|p| p.begins(text)).map(|p| p.text.as_str())
    }

    /// The first phrase that stands in folded `text` behind at most `most` words.
    #[must_use]
    pub fn behind_name(&self, text: &str, most: usize) -> Option<&str> {
        let near = |p: &&Phrase| p.before(text).is_some_and(|before| before.split_whitespace().count() <= most);
        self.0.iter().find(near).map(|p| p.text.as_str())
    }

    /// The phrase that stands in folded `text` at least twice.
    #[must_use]
    pub fn twice(&self, text: &str) -> Option<&str> {
        let fits = |p: &&Phrase| text.len() >= 2 * p.text.len();
        let repeated = |p: &&Phrase| fits(p) && text.match_indices(p.text.as_str()).nth(1).is_some();
        self.0.iter().find(repeated).map(|p| p.text.as_str())
    }
}

/// Names of automatic replies: at the beginning of the subject, behind brackets or behind the author's name.
///
/// Bare `absence`, `absent`, `vacation`, `ausencia` and `away from` are ordinary words and not here.
pub static AUTO_REPLIES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "automatic reply | automated reply | automatic response | automated response | auto reply | autoreply
        | auto response | autoresponse | auto responder | autoresponder | auto respond | out of office
        | out of the office | i am out of office | i am out of the office | i'm out of the office
        | i am away from | i'm away from | i am currently away | i am currently out of | ooo: | ooo
        | vacation auto reply | vacation autoreply | vacation reply | vacation response | vacation responder
        | vacation message | vacation notice | on vacation | away message | away notice
        | reponse automatique | reponse auto | message automatique d'absence | message d'absence | absence du bureau
        | absent du bureau | absente du bureau | absent(e) du bureau | notification d'absence | avis d'absence
        | je suis absent | je suis absente | je suis actuellement absent | je suis actuellement absente
        | automatische antwort | automatische antwortmail | automatische rueckantwort | abwesenheitsnotiz
        | abwesenheitsmeldung | abwesenheitsnachricht | abwesenheitsassistent | abwesenheit: | abwesend
        | ich bin abwesend | nicht im buero | nicht im büro | automatische abwesenheitsnotiz
        | respuesta automatica | contestacion automatica | fuera de la oficina | fuera de oficina
        | aviso de ausencia | mensaje de ausencia | ausencia de la oficina | estoy fuera de la oficina
        | risposta automatica | fuori sede | fuori ufficio | messaggio di assenza | avviso di assenza
        | assente dall'ufficio | assenza dall'ufficio
        | resposta automatica | resposta de ausencia | mensagem de ausencia | aviso de ausencia
        | ausencia do escritorio | fora do escritorio | ausencia temporaria
        | automatisch antwoord | automatische reactie | afwezigheidsbericht | afwezigheidsmelding | afwezig:
        | niet op kantoor | buiten kantoor
        | autosvar | auto svar | automatisk svar | automatiskt svar | automatsvar | franvaromeddelande | franvaro
        | fravaersmelding | fravaersbesked | fravaer | fravær | ute av kontoret | ikke på kontoret
        | inte på kontoret | poissa toimistolta | automaattinen vastaus
        | automatyczna odpowiedź | autoodpowiedź | poza biurem | automatická odpověď | automatikus válasz
        | räspuns automat | otomatik yanıt | автоматический ответ | автоответ | вне офиса
        | автоматична відповідь | αυτόματη απάντηση | תשובה אוטומטית
        | رد تلقائي | الرد التلقائي | رد آلي | خارج المكتب
        | 自動返信* | 自動応答* | 自動回答* | 不在通知* | 不在のお知らせ* | 不在にしております*
        | 自动答复* | 自动回复* | 自動回覆* | 自動答覆* | 外出自动回复* | 不在办公室*
        | 자동 회신* | 자동회신* | 자동 응답* | 자동응답* | 부재중* | 부재 중*",
    )
});

/// Sentences about a person: anywhere behind a name of a few words ("Kim Doe is out of the office").
pub static ABSENT_PEOPLE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "is out of the office | is out of office | is currently out of the office | is currently out of office
        | is away from the office | is away from my mail | is on vacation | is currently away
        | will be out of the office | am out of the office | am out of office
        | est absent du bureau | est absente du bureau | est actuellement absent | est actuellement absente
        | ist abwesend | ist nicht im büro | ist derzeit nicht im büro | ist außer haus
        | está fuera de la oficina | está ausente de la oficina | è fuori sede | è fuori ufficio
        | está fora do escritório | está ausente do escritório | is afwezig | is niet op kantoor
        | är inte på kontoret | er ikke på kontoret | er ute av kontoret",
    )
});

/// Subjects of delivery reports.
pub static BOUNCES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "undeliver* | undelivered mail | returned mail | mail delivery | delivery status notification
        | delivery failure | delivery has failed | delivery failed | delivery notification | delivery report
        | failure notice | mail system error | message not delivered | message undeliverable | mail could not be delivered
        | non remis | non délivré | non distribué | échec de la remise | échec de remise | échec de livraison
        | notification d'échec | mail non délivré | unzustellbar* | nicht zugestellt | zustellungsfehler | zustellung fehlgeschlagen
        | übermittlungsfehler | no se puede entregar | no se pudo entregar | no entregado | correo devuelto
        | mancato recapito | mancata consegna | messaggio non recapitabile | impossibile recapitare | non recapitabile
        | não entregue | falha na entrega | notificação de falha na entrega | onbestelbaar* | niet bezorgd
        | olevererbart* | kunne ikke leveres | ikke levert | niedostarczalne* | недоставленное
        | 配信不能* | 配信エラー* | 送信エラー* | 送达失败* | 無法傳遞* | 无法送达* | 退信* | 系统退信* | 배달되지 않음* | تعذر التسليم | لم يتم التسليم",
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_and_boundaries() {
        let auto = |s: &str| AUTO_REPLIES.begins(&fold_words(s)).is_some();
        assert!(auto("Autoreply: hello") && auto("AUTO-REPLY hello") && auto("自動返信：お問い合わせ"));
        assert!(!auto("Autoreplying machines") && !auto("Vacation photos") && !auto("Absence of sound"));
        assert!(BOUNCES.begins(&fold_words("Undeliverable: x")).is_some());
        assert!(ABSENT_PEOPLE.behind_name(&fold_words("Kim Doe is out of the office."), 5).is_some());
        let far = "We asked because everybody in that team is out of the office";
        assert!(ABSENT_PEOPLE.behind_name(&fold_words(far), 5).is_none());
    }
}
