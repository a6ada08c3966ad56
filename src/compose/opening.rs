//! The human line after the salutation in words. Never here: what is known, and how long it is true
//! (`decide::occasion::opening`).
use super::draft::words;
use crate::decide::occasion::opening::{Known, Opening, Season};
use crate::model::{Client, Language, Tone};

/// The line.
#[must_use]
pub fn line(client: &Client, opening: Opening) -> String {
    say(client.language, client.tone, opening.known, opening.second)
}

fn say(language: Language, tone: Tone, known: Known, second: bool) -> String {
    let formal = tone == Tone::Formal;
    let of = |one: &str, other: &str| if formal { one.to_owned() } else { other.to_owned() };
    match known {
        Known::Coming(day, name) => {
            let said =
                if language == Language::Pt { words::on(language, day, day) } else { words::date(language, day, day) };
            coming(language, formal, &said, name)
        }
        Known::Past(day, name) => past(language, formal, &words::weekday(language, day), name),
        Known::Season(season) => in_season(language, formal, season, second),
        Known::Week => match (language, second) {
            (Language::En, false) => "I hope your week has begun well.".to_owned(),
            (Language::En, true) => "I hope you had a good start to the week.".to_owned(),
            (Language::Fr, false) => {
                of("J'espère que votre semaine a bien commencé.", "J'espère que ta semaine a bien commencé.")
            }
            (Language::Fr, true) => of("Je vous souhaite une bonne semaine.", "Je te souhaite une bonne semaine."),
            (Language::De, false) => {
                of("ich hoffe, Ihre Woche hat gut begonnen.", "ich hoffe, deine Woche hat gut begonnen.")
            }
            (Language::De, true) => of("ich wünsche Ihnen eine gute Woche.", "ich wünsche dir eine gute Woche."),
            (Language::Es, false) => {
                of("Espero que haya empezado bien la semana.", "Espero que hayas empezado bien la semana.")
            }
            (Language::Es, true) => of("Le deseo una buena semana.", "Te deseo una buena semana."),
            (Language::It, false) => {
                of("spero che la Sua settimana sia cominciata bene.", "spero che la tua settimana sia cominciata bene.")
            }
            (Language::It, true) => of("Le auguro una buona settimana.", "ti auguro una buona settimana."),
            (Language::Pt, false) => "Espero que sua semana tenha começado bem.".to_owned(),
            (Language::Pt, true) => of("Desejo uma ótima semana.", "Desejo uma boa semana para você."),
            (Language::Nl, false) => {
                of("Ik hoop dat uw week goed is begonnen.", "Ik hoop dat je week goed is begonnen.")
            }
            (Language::Nl, true) => of("Ik wens u een goede week.", "Ik wens je een goede week."),
            (Language::Ja, _) => of("今週もどうぞよろしくお願いいたします。", "今週もよろしくお願いします。"),
            (Language::Zh, false) => of("祝您这一周工作顺利。", "祝你这一周工作顺利。"),
            (Language::Zh, true) => of("希望您这一周开始得顺利。", "希望你这一周开始得顺利。"),
            (Language::Ar, false) => of("أرجو أن يكون أسبوعكم قد بدأ على خير.", "أرجو أن يكون أسبوعك قد بدأ على خير."),
            (Language::Ar, true) => of("أتمنى لكم أسبوعًا طيبًا.", "أتمنى لك أسبوعًا طيبًا."),
        },
    }
}

/// The data names holidays in English; other languages name the day alone.
fn coming(language: Language, formal: bool, day: &str, name: &str) -> String {
    match (language, formal) {
        (Language::En, _) => format!("{day} is a public holiday where you are ({name}): I wish you a restful day."),
        (Language::Fr, true) => format!("Le {day} est férié chez vous : je vous souhaite un jour de repos."),
        (Language::Fr, false) => format!("Le {day} est férié chez toi : je te souhaite un jour de repos."),
        (Language::De, true) => format!("am {day} ist bei Ihnen Feiertag: Ich wünsche Ihnen einen erholsamen Tag."),
        (Language::De, false) => format!("am {day} ist bei dir Feiertag: Ich wünsche dir einen erholsamen Tag."),
        (Language::Es, true) => format!("El {day} es festivo allí: le deseo un día de descanso."),
        (Language::Es, false) => format!("El {day} es festivo allí: te deseo un día de descanso."),
        (Language::It, true) => format!("{day} da Lei è festa: Le auguro una giornata di riposo."),
        (Language::It, false) => format!("{day} da te è festa: ti auguro una giornata di riposo."),
        (Language::Pt, true) => format!("É feriado aí {day}: desejo um bom descanso."),
        (Language::Pt, false) => format!("É feriado aí {day}: aproveite para descansar."),
        (Language::Nl, true) => format!("Op {day} is het bij u een feestdag: ik wens u een rustige dag."),
        (Language::Nl, false) => format!("Op {day} is het bij jou een feestdag: ik wens je een rustige dag."),
        (Language::Ja, true) => format!("{day}はそちらの祝日とのこと、どうぞごゆっくりお過ごしください。"),
        (Language::Ja, false) => format!("{day}はそちらの祝日ですね。ゆっくり休んでください。"),
        (Language::Zh, true) => format!("{day}是您那边的公共假日，祝您休息愉快。"),
        (Language::Zh, false) => format!("{day}是你那边的公共假日，祝你休息愉快。"),
        (Language::Ar, true) => format!("{day} عطلة رسمية لديكم: أتمنى لكم يوم راحة."),
        (Language::Ar, false) => format!("{day} عطلة رسمية لديك: أتمنى لك يوم راحة."),
    }
}

fn past(language: Language, formal: bool, day: &str, name: &str) -> String {
    match (language, formal) {
        (Language::En, _) => format!("I hope the holiday on {day} ({name}) gave you some rest."),
        (Language::Fr, true) => format!("J'espère que le jour férié de {day} vous a fait du bien."),
        (Language::Fr, false) => format!("J'espère que le jour férié de {day} t'a fait du bien."),
        (Language::De, true) => format!("ich hoffe, der Feiertag am {day} hat Ihnen gutgetan."),
        (Language::De, false) => format!("ich hoffe, der Feiertag am {day} hat dir gutgetan."),
        (Language::Es, true) => format!("Espero que el festivo del {day} le haya dado un respiro."),
        (Language::Es, false) => format!("Espero que el festivo del {day} te haya dado un respiro."),
        (Language::It, true) => format!("spero che il giorno festivo di {day} Le abbia dato un po' di riposo."),
        (Language::It, false) => format!("spero che il giorno festivo di {day} ti abbia dato un po' di riposo."),
        (Language::Pt, true) => format!("Espero que o feriado de {day} tenha sido de bom descanso."),
        (Language::Pt, false) => format!("Espero que você tenha descansado no feriado de {day}."),
        (Language::Nl, true) => format!("Ik hoop dat de feestdag op {day} u wat rust heeft gegeven."),
        (Language::Nl, false) => format!("Ik hoop dat de feestdag op {day} je wat rust heeft gegeven."),
        (Language::Ja, true) => format!("{day}の祝日は、ゆっくりお過ごしになれましたでしょうか。"),
        (Language::Ja, false) => format!("{day}の祝日は、ゆっくりできましたか。"),
        (Language::Zh, true) => format!("希望您在{day}的假日里休息得好。"),
        (Language::Zh, false) => format!("希望你在{day}的假日里休息得好。"),
        (Language::Ar, true) => format!("أرجو أن تكون عطلة {day} قد أراحتكم."),
        (Language::Ar, false) => format!("أرجو أن تكون عطلة {day} قد أراحتك."),
    }
}

fn in_season(language: Language, formal: bool, season: Season, second: bool) -> String {
    let [spring, summer, autumn, winter] = match language {
        Language::En => ["spring", "summer", "autumn", "winter"],
        Language::Fr => ["le printemps", "l'été", "l'automne", "l'hiver"],
        Language::De => ["der Frühling", "der Sommer", "der Herbst", "der Winter"],
        Language::Es => ["la primavera", "el verano", "el otoño", "el invierno"],
        Language::It => ["della primavera", "dell'estate", "dell'autunno", "dell'inverno"],
        Language::Pt => ["da primavera", "do verão", "do outono", "do inverno"],
        Language::Nl => ["de lente", "de zomer", "de herfst", "de winter"],
        Language::Ja => ["春", "夏", "秋", "冬"],
        Language::Zh => ["春天", "夏天", "秋天", "冬天"],
        Language::Ar => ["الربيع", "الصيف", "الخريف", "الشتاء"],
    };
    let it = match season {
        Season::Spring => spring,
        Season::Summer => summer,
        Season::Autumn => autumn,
        Season::Winter => winter,
    };
    match (language, second, formal) {
        (Language::En, false, _) => format!("I hope {it} has begun well for you."),
        (Language::En, true, _) => format!("I hope the first weeks of {it} treat you well."),
        (Language::Fr, _, true) => format!("J'espère que {it} a bien commencé chez vous."),
        (Language::Fr, _, false) => format!("J'espère que {it} a bien commencé chez toi."),
        (Language::De, _, true) => format!("ich hoffe, {it} hat bei Ihnen gut begonnen."),
        (Language::De, _, false) => format!("ich hoffe, {it} hat bei dir gut begonnen."),
        (Language::Es, ..) => format!("Espero que {it} haya empezado bien por allí."),
        (Language::It, _, true) => format!("spero che l'inizio {it} sia sereno per Lei."),
        (Language::It, _, false) => format!("spero che l'inizio {it} sia sereno per te."),
        (Language::Pt, ..) => format!("Espero que o início {it} esteja sendo bom por aí."),
        (Language::Nl, _, true) => format!("Ik hoop dat {it} bij u goed is begonnen."),
        (Language::Nl, _, false) => format!("Ik hoop dat {it} bij jou goed is begonnen."),
        (Language::Ja, _, true) => format!("{it}を迎え、いかがお過ごしでしょうか。"),
        (Language::Ja, _, false) => format!("{it}になりましたが、お元気ですか。"),
        (Language::Zh, _, true) => format!("{it}已经到来，祝您一切顺利。"),
        (Language::Zh, _, false) => format!("{it}已经到来，祝你一切顺利。"),
        (Language::Ar, _, true) => format!("أرجو أن يكون {it} قد بدأ لديكم على خير."),
        (Language::Ar, _, false) => format!("أرجو أن يكون {it} قد بدأ لديك على خير."),
    }
}

#[cfg(test)]
#[path = "opening_tests.rs"]
mod tests;
