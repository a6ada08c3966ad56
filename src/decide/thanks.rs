//! "Thanks!" opens nothing: mail that says thank you and nothing else, in ten languages. Deliberately
//! narrow: one word that is neither thanks nor courtesy nor a name makes it an ordinary mail.
use super::case::{Case, Findings};
use super::fold::{fold, tokens};
use super::own_words::own_words;
use super::subject::name_words;
use super::taking::Phrases;
use crate::model::Code;
use std::sync::LazyLock;

/// At most this many characters before the signature.
const LONGEST: usize = 80;

/// Words of thanks.
pub(super) static THANKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "thank you | thanks | thank u | thx | tnx | ty | cheers | many thanks | much appreciated | appreciated
        | merci | je vous remercie | je te remercie | mille mercis | remerciements
        | danke | dankeschön | danke schön | vielen dank | besten dank | herzlichen dank | lieben dank | tausend dank | dank
        | gracias | muchas gracias | mil gracias | muchísimas gracias | se agradece
        | grazie | grazie mille | molte grazie | ti ringrazio | la ringrazio | ringrazio
        | obrigado | obrigada | muito obrigado | muito obrigada | agradeço | valeu
        | dank je | dank u | dank je wel | dank u wel | dankjewel | dankuwel | bedankt | hartelijk dank | hartelijk bedankt | veel dank
        | ありがとうございました | ありがとうございます | 有難うございます | 有難うございました | ありがとう | 感謝します | 感謝いたします
        | 谢谢您 | 谢谢你 | 谢谢 | 多谢 | 感谢您 | 感谢 | 非常感谢 | 謝謝您 | 謝謝你 | 謝謝 | 多謝 | 感謝
        | شكرا جزيلا | شكرا لك | شكرا لكم | شكرا | أشكرك | أشكركم | جزيل الشكر | مشكور",
    )
});

/// Courtesies that may stand beside them.
pub(super) static COURTESIES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "so much | very much | a lot | again | for your help | for your reply | for your answer | for your quick reply
        | for the update | for the quick reply | for letting me know | for your time | for everything | for this | for that
        | ok | okay | great | perfect | super | wonderful | excellent | all good | got it | noted | received | will do
        | sounds good | looks good | good | and | very | have a nice day | have a nice weekend | have a good weekend | have a great day
        | have a good day | best regards | kind regards | warm regards | regards | best wishes | best | hi | hello | dear | good morning
        | beaucoup | infiniment | bien | bien reçu | bien noté | c'est noté | parfait | c'est parfait | très bien | super | génial | d'accord
        | à vous | à toi | pour tout | pour votre réponse | pour ta réponse | pour votre retour | pour ton retour | pour votre aide | pour ton aide
        | et | bonne journée | bon week-end | bonne soirée | à bientôt | cordialement | bien cordialement | bonjour | bonsoir | salut | encore | mille fois
        | schön | sehr | nochmals | für alles | für ihre antwort | für deine antwort | für die rückmeldung | für die schnelle antwort
        | für ihre hilfe | für deine hilfe | alles klar | super | prima | passt | perfekt | in ordnung | und | ihnen | dir | mit freundlichen grüßen
        | viele grüße | liebe grüße | beste grüße | schöne grüße | schönen tag | schönes wochenende | hallo | guten tag
        | de nuevo | por todo | por tu respuesta | por su respuesta | por tu ayuda | por su ayuda | perfecto | genial | estupendo | muy bien | vale
        | recibido | saludos | un saludo | un cordial saludo | buen día | buen fin de semana | hola | a ti | a usted | y
        | mille | tante | di tutto | di nuovo | per tutto | per la risposta | per il tuo aiuto | per il suo aiuto | perfetto | ottimo | va bene | ricevuto
        | a te | a lei | cordiali saluti | saluti | buona giornata | buon fine settimana | ciao | buongiorno | e
        | muito | por tudo | pela resposta | pela ajuda | perfeito | ótimo | tudo bem | recebido | cumprimentos | abraço | bom dia | boa tarde
        | bom fim de semana | olá
        | voor alles | voor je antwoord | voor uw antwoord | voor je hulp | voor uw hulp | prima | top | helemaal goed | ontvangen | en
        | met vriendelijke groet | groeten | groetjes | vriendelijke groet | fijne dag | fijn weekend | hoi | wel
        | どうも | 本当に | 誠に | 大変 | ご連絡 | ご返信 | ご対応 | いつも | お世話になっております | 了解しました | 了解です | 承知しました | 承知いたしました
        | かしこまりました | よろしくお願いします | よろしくお願いいたします | 様 | さん | を | 、
        | 非常 | 好的 | 收到 | 好 | 了 | 祝好 | 您好 | 你好 | 您的回复 | 您的帮助 | 您 | 你 | 太
        | جزيلا | لك | لكم | على الرد | على المساعدة | تمام | ممتاز | حسنا | مع التحية | تحياتي | مرحبا | السلام عليكم | و",
    )
});

/// Only thanks: no question, nothing attached, nothing else said.
pub fn thanks(case: &Case<'_>, found: &mut Findings) {
    if is_thank_you(case) {
        found.say(Code::Thanks);
    }
}

/// Whether a message only says thank you.
pub(super) fn is_thank_you(case: &Case<'_>) -> bool {
    let content = &case.message.content;
    if case.words.is_empty()
        || case.words.len() > 2000
        || !content.attachments.is_empty()
        || !content.calendar_methods.is_empty()
    {
        return false;
    }
    if case.words.contains(['?', '？', '؟']) {
        return false;
    }
    let mut names = case.author_names();
    names.extend(name_words(&case.policy.owner.name));
    names.extend(case.client.map(|client| name_words(&client.name)).unwrap_or_default());
    is_thanks(&case.words, &names)
}

/// Whether a text says thank you and nothing else: the same rule for mail that was taken in without being judged.
#[must_use]
pub fn only_thanks(text: &str, names: &[&str]) -> bool {
    let words = own_words(text);
    let names: Vec<String> = names.iter().flat_map(|name| name_words(name)).collect();
    !words.is_empty() && !words.contains(['?', '？', '؟']) && is_thanks(&words, &names)
}

/// `names` are folded words.
fn is_thanks(words: &str, names: &[String]) -> bool {
    let body = before_signature(words, names);
    if body.chars().count() > LONGEST {
        return false;
    }
    let mut text = format!(" {} ", tokens(&fold(&body)).collect::<Vec<_>>().join(" "));
    if !THANKS.take_from(&mut text) {
        return false;
    }
    COURTESIES.take_from(&mut text);
    tokens(&text).all(|word| names.iter().any(|name| name == word))
}

/// The text before a line that is nothing but the author's name: what follows it is a signature.
pub(super) fn before_signature(words: &str, names: &[String]) -> String {
    let is_name = |line: &&str| {
        let folded = fold(line);
        let mut count = 0;
        tokens(&folded).all(|word| {
            count += 1;
            names.iter().any(|name| name == word) || word.chars().count() == 1
        }) && count > 0
    };
    let body: Vec<&str> = words.lines().take_while(|line| !is_name(line)).collect();
    body.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_and_nothing_else() {
        let names: Vec<String> = ["anna", "keller", "claire", "martin"].map(str::to_owned).to_vec();
        for (words, want) in [
            ("Thanks!", true),
            ("Thank you so much, Claire! Have a nice weekend.", true),
            ("Merci beaucoup, c'est parfait !\n\nAnna Keller\nDirectrice, Acme Pte Ltd\n+65 5550 0100", true),
            ("Vielen Dank und schöne Grüße", true),
            ("Muchas gracias, Claire. Un saludo", true),
            ("Grazie mille!", true),
            ("Muito obrigada 😊", true),
            ("Bedankt! Groetjes, Anna", true),
            ("ありがとうございます。", true),
            ("ご連絡ありがとうございました。よろしくお願いいたします。", true),
            ("非常感谢！", true),
            ("شكرًا جزيلًا", true),
            ("ok thanks", true),
            ("Thanks, the server is down", false),
            ("Thanks for the offer, we accept it", false),
            ("Merci de rappeler demain", false),
            ("Danke, aber das Logo fehlt noch", false),
            ("ok", false),
            ("Anna", false),
            ("谢谢，请发合同", false),
            ("ありがとうございます。明日までにお願いします", false),
            (
                "Thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks",
                false,
            ),
        ] {
            assert_eq!(is_thanks(words, &names), want, "{words}");
        }
    }
}
