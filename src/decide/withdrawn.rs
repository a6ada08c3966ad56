//! "Never mind": the client takes the question back, in ten languages. As narrow as `thanks`: one word that is neither a
//! withdrawal nor one of the things that people say beside it makes it an ordinary mail, because a promise that is released
//! by mistake is broken silently.
use super::case::{Case, Findings};
use super::subject::name_words;
use super::taking::Phrases;
use super::thanks::{COURTESIES, THANKS, before_signature};
use crate::decide::fold::{fold, tokens};
use crate::model::Code;
use std::sync::LazyLock;

/// At most this many characters before the signature.
const LONGEST: usize = 140;

/// What takes a question back.
static WITHDRAWALS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "never mind | nevermind | please ignore my last mail | please ignore my last message | please ignore my last email
        | please ignore my previous mail | please ignore my previous message | please ignore my previous email
        | please disregard my last mail | please disregard my last message | please disregard my last email
        | please disregard my previous email | no longer needed | not needed any more | not needed anymore | no need to answer
        | no need to reply | no answer needed | no reply needed | already solved | already done | already fixed | already sorted
        | it is solved | it's solved | problem solved | this is solved | i found it | we found it | found it | forget it
        | it has resolved itself | resolved itself | sorted now | it works now | all sorted
        | laissez tomber | laisse tomber | oubliez mon message | oublie mon message | oubliez mon dernier message
        | oublie mon dernier message | ne tenez pas compte de mon message | ne tenez pas compte de mon dernier message
        | ne tenez plus compte de mon message | ne tiens pas compte de mon message | c'est réglé | c'est résolu | problème résolu
        | c'est bon finalement | plus besoin | inutile de répondre | j'ai trouvé | nous avons trouvé | on a trouvé | ça marche maintenant
        | hat sich erledigt | hat sich schon erledigt | hat sich bereits erledigt | schon erledigt | bereits erledigt | ist erledigt | erledigt
        | nicht mehr nötig | brauchen wir nicht mehr | brauche ich nicht mehr | vergessen sie es | vergiss es
        | bitte ignorieren sie meine letzte mail | bitte ignorieren sie meine letzte nachricht | bitte ignoriere meine letzte mail
        | bitte ignoriere meine letzte nachricht | problem gelöst | schon gelöst | schon gefunden | habe es gefunden | hab's gefunden
        | funktioniert jetzt | geht jetzt | keine antwort nötig
        | olvídalo | olvídelo | no hace falta que respondas | no hace falta que responda | ya no hace falta | ya no es necesario
        | ya está resuelto | ya está solucionado | ya está arreglado | problema resuelto | problema solucionado | ya lo encontré
        | ya lo he encontrado | lo he encontrado | ignora mi último mensaje | ignore mi último mensaje | ignora mi último correo
        | ignore mi último correo | ya funciona
        | lascia perdere | lasci perdere | lasciate perdere | come non detto | non serve più | non è più necessario | già risolto
        | tutto risolto | problema risolto | ho risolto | abbiamo risolto | ho trovato | l'ho trovato | ignora il mio ultimo messaggio
        | ignori il mio ultimo messaggio | ignora la mia ultima mail | ignori la mia ultima mail | non serve rispondere | ora funziona
        | esqueça | esquece | deixa para lá | deixe para lá | deixa estar | deixe estar | já não é preciso | já não é necessário
        | não é mais necessário | não precisa responder | já está resolvido | já foi resolvido | já resolvi | já resolvemos | já encontrei
        | ignore a minha última mensagem | ignora a minha última mensagem | ignore minha última mensagem | já funciona | agora funciona
        | laat maar | laat maar zitten | niet meer nodig | al opgelost | is al opgelost | is opgelost | probleem opgelost | al gevonden
        | ik heb het gevonden | we hebben het gevonden | vergeet het maar | vergeet mijn vorige mail | vergeet mijn vorige bericht
        | je hoeft niet te antwoorden | u hoeft niet te antwoorden | het werkt nu
        | 先ほどのメールは無視してください | 前のメールは無視してください | 先ほどのメールはお忘れください | 解決しました | 解決いたしました | 解決済みです
        | 自己解決しました | 自己解決いたしました | 見つかりました | 不要になりました | 必要なくなりました | 返信は不要です | ご返信は不要です
        | 忘れてください | お忘れください
        | 不用了 | 没事了 | 沒事了 | 已经解决了 | 已经解决 | 已解决 | 问题解决了 | 問題解決了 | 已經解決了 | 已經解決 | 找到了 | 已经找到了 | 不需要了 | 不必回复
        | 不用回复了 | 不用回复 | 请忽略我上一封邮件 | 请忽略上一封邮件 | 請忽略上一封郵件 | 不用管了
        | لا داعي للرد | لا داعي للاجابة | لم يعد ضروريا | لم نعد بحاجة اليه | لم اعد بحاجة اليه | تم الحل | تم حل المشكلة | لقد تم حل المشكلة
        | حلت المشكلة | تجاهل رسالتي السابقة | تجاهلوا رسالتي السابقة | تجاهل رسالتي الاخيرة | انس الامر | وجدته | لقد وجدته",
    )
});

/// What may stand beside it and says nothing more.
static FILLERS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::read(
        "sorry | sorry for the noise | sorry for the trouble | apologies | it | this | that | already | now | myself | ourselves | actually
        | in the meantime | we | i | all | is | has | please | for the trouble | anyway | meanwhile
        | désolé | désolée | désolé pour le dérangement | désolée pour le dérangement | pardon | finalement | entre-temps | entretemps
        | moi-même | nous-mêmes | moi meme | déjà | c'est | maintenant
        | entschuldigung | sorry für die störung | entschuldigung für die störung | inzwischen | mittlerweile | schon | jetzt | das | es
        | die sache | selbst | leider
        | perdón | perdona | perdone | disculpa | disculpe | mientras tanto | por las molestias | ya | gracias igualmente
        | scusa | scusi | scusate | nel frattempo | per il disturbo | già | grazie lo stesso
        | desculpa | desculpe | entretanto | pelo incómodo | pelo incômodo | já | obrigado mesmo assim | obrigada mesmo assim
        | excuses | excuses voor het ongemak | inmiddels | al | het | dat | ondertussen | zelf
        | すみません | 申し訳ありません | 申し訳ございません | お騒がせしました | お騒がせいたしました | お手数をおかけしました | その件 | は | もう | 件 | 失礼しました
        | 抱歉 | 不好意思 | 打扰了 | 打擾了 | 已经 | 了 | 麻烦了
        | عذرا | اسف | اسفة | على الازعاج | المشكلة | الان",
    )
});

/// Takes back what was asked in this conversation, and says nothing else.
pub fn withdrawn(case: &Case<'_>, found: &mut Findings) {
    let content = &case.message.content;
    // Out of nowhere it takes nothing back: then somebody should read it.
    let answers = case.past.conversation.is_some();
    let plain = content.attachments.is_empty() && content.calendar_methods.is_empty();
    if !answers || !plain || case.words.is_empty() || case.words.len() > 2000 {
        return;
    }
    let mut names = case.author_names();
    names.extend(name_words(&case.policy.owner.name));
    names.extend(case.client.map(|client| name_words(&client.name)).unwrap_or_default());
    if takes_back(&case.words, &names) {
        found.say(Code::Withdrawn);
    }
}

/// `names` are folded words.
fn takes_back(words: &str, names: &[String]) -> bool {
    let body = before_signature(words, names);
    if body.chars().count() > LONGEST || body.contains(['?', '？', '؟']) {
        return false;
    }
    let mut text = format!(" {} ", tokens(&fold(&body)).collect::<Vec<_>>().join(" "));
    if !WITHDRAWALS.take_from(&mut text) {
        return false;
    }
    for list in [&THANKS, &FILLERS, &COURTESIES] {
        list.take_from(&mut text);
    }
    tokens(&text).all(|word| names.iter().any(|name| name == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_taken_back_and_nothing_else() {
        let names: Vec<String> = ["anna", "keller", "claire", "martin"].map(str::to_owned).to_vec();
        for (words, want) in [
            ("Never mind, I found it!", true),
            ("Hi Claire, please ignore my last email, it's solved. Sorry for the noise.\n\nAnna", true),
            ("Laissez tomber, c'est réglé. Merci !", true),
            ("Bonjour Claire, finalement plus besoin, désolée pour le dérangement.\nAnna", true),
            ("Hat sich schon erledigt, danke!", true),
            ("Schon erledigt.", true),
            ("Olvídelo, ya está resuelto. Gracias.", true),
            ("Come non detto, ho risolto. Grazie!", true),
            ("Deixe para lá, já está resolvido. Obrigada", true),
            ("Laat maar, is al opgelost. Groetjes, Anna", true),
            ("すみません、自己解決しました。ありがとうございます。", true),
            ("先ほどのメールは無視してください。", true),
            ("不好意思，已经解决了，谢谢！", true),
            ("لا داعي للرد، تم حل المشكلة. شكرا", true),
            ("Never mind the logo, but please send the invoice", false),
            ("Never mind. When can we talk?", false),
            ("It is solved for Firefox only", false),
            ("Laissez tomber la page d'accueil et commencez par le panier", false),
            ("Erledigt ist das noch nicht", false),
            ("Thanks!", false),
            ("不用了，请把合同发给我", false),
            ("解決しましたか", false),
            ("", false),
        ] {
            assert_eq!(takes_back(words, &names), want, "{words}");
        }
    }
}
