//! What the folders of wishes are called, in every language: the names that are made, and those that are understood.
use super::wishes::{Until, Wish};
use crate::model::Language;
use chrono::Weekday;

/// The folder that holds all others, in every language.
pub const ROOT: &str = "Fuseau";

/// The words of one language.
pub(super) struct Words {
    /// Names of Done, Never, Their morning, Send now; of each the first one is made.
    pub done: &'static [&'static str],
    pub never: &'static [&'static str],
    pub their_morning: &'static [&'static str],
    pub send_now: &'static [&'static str],
    /// What begins (or ends) the name of a Hold folder.
    pub hold: &'static [&'static str],
    /// The Hold folders that are made: two days, one week.
    pub examples: [&'static str; 2],
    /// Words between the verb and the time.
    pub fillers: &'static [&'static str],
    /// One.
    pub one: &'static [&'static str],
    pub hours: &'static [&'static str],
    pub days: &'static [&'static str],
    pub weeks: &'static [&'static str],
    /// From Monday on, full name and short form.
    pub weekdays: [&'static [&'static str]; 7],
    /// A whole time in one word: the dual of Arabic, "tomorrow".
    pub whole: &'static [(&'static str, Until)],
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Fr => &FR,
        Language::De => &DE,
        Language::Es => &ES,
        Language::It => &IT,
        Language::Pt => &PT,
        Language::Nl => &NL,
        Language::Ja => &JA,
        Language::Zh => &ZH,
        Language::Ar => &AR,
    }
}

/// The folders that are made for an owner who reads this language, below [`ROOT`].
#[must_use]
pub fn made(language: Language) -> Vec<(Wish, &'static str)> {
    let words = words(language);
    let first = |names: &'static [&'static str]| names.first().copied().unwrap_or_default();
    let [days, week] = words.examples;
    vec![
        (Wish::Done, first(words.done)),
        (Wish::Never, first(words.never)),
        (Wish::Hold(Until::Days(2)), days),
        (Wish::Hold(Until::Days(7)), week),
        (Wish::TheirMorning, first(words.their_morning)),
        (Wish::SendNow, first(words.send_now)),
    ]
}

/// The weekday at a place of [`Words::weekdays`].
pub(super) const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

const EN: Words = Words {
    done: &["Done"],
    never: &["Never", "Never again"],
    their_morning: &["Their morning"],
    send_now: &["Send now"],
    hold: &["Hold"],
    examples: ["Hold 2 days", "Hold 1 week"],
    fillers: &["until", "till", "for"],
    one: &["a", "an", "one"],
    hours: &["hour", "hours", "h"],
    days: &["day", "days", "d"],
    weeks: &["week", "weeks", "w"],
    weekdays: [
        &["monday", "mon"],
        &["tuesday", "tue"],
        &["wednesday", "wed"],
        &["thursday", "thu"],
        &["friday", "fri"],
        &["saturday", "sat"],
        &["sunday", "sun"],
    ],
    whole: &[("tomorrow", Until::Days(1))],
};

const FR: Words = Words {
    done: &["Fait", "Terminé"],
    never: &["Plus jamais", "Jamais"],
    their_morning: &["À leur matin", "Leur matin"],
    send_now: &["Envoyer maintenant"],
    hold: &["Faire patienter", "Patienter", "Attente", "Attendre"],
    examples: ["Faire patienter 2 jours", "Faire patienter 1 semaine"],
    fillers: &["jusqu'au", "jusqu'à", "jusque", "pendant", "de"],
    one: &["un", "une"],
    hours: &["heure", "heures", "h"],
    days: &["jour", "jours", "j"],
    weeks: &["semaine", "semaines", "sem"],
    weekdays: [
        &["lundi", "lun"],
        &["mardi", "mar"],
        &["mercredi", "mer"],
        &["jeudi", "jeu"],
        &["vendredi", "ven"],
        &["samedi", "sam"],
        &["dimanche", "dim"],
    ],
    whole: &[("demain", Until::Days(1))],
};

const DE: Words = Words {
    done: &["Erledigt"],
    never: &["Nie wieder", "Nie"],
    their_morning: &["Morgens beim Kunden", "Am Morgen dort"],
    send_now: &["Jetzt senden"],
    hold: &["Vertrösten", "Hinhalten"],
    examples: ["Vertrösten 2 Tage", "Vertrösten 1 Woche"],
    fillers: &["bis", "um", "auf", "für"],
    one: &["ein", "eine", "einen"],
    hours: &["stunde", "stunden", "std"],
    days: &["tag", "tage", "tagen", "t"],
    weeks: &["woche", "wochen", "wo"],
    weekdays: [
        &["montag", "mo"],
        &["dienstag", "di"],
        &["mittwoch", "mi"],
        &["donnerstag", "do"],
        &["freitag", "fr"],
        &["samstag", "sonnabend", "sa"],
        &["sonntag", "so"],
    ],
    whole: &[("morgen", Until::Days(1))],
};

const ES: Words = Words {
    done: &["Hecho"],
    never: &["Nunca más", "Nunca"],
    their_morning: &["En su mañana", "Su mañana"],
    send_now: &["Enviar ahora"],
    hold: &["Aplazar", "En espera"],
    examples: ["Aplazar 2 días", "Aplazar 1 semana"],
    fillers: &["hasta", "el", "durante"],
    one: &["un", "una"],
    hours: &["hora", "horas", "h"],
    days: &["día", "días", "d"],
    weeks: &["semana", "semanas", "sem"],
    weekdays: [
        &["lunes", "lun"],
        &["martes", "mar"],
        &["miércoles", "mié"],
        &["jueves", "jue"],
        &["viernes", "vie"],
        &["sábado", "sáb"],
        &["domingo", "dom"],
    ],
    whole: &[("mañana", Until::Days(1))],
};

const IT: Words = Words {
    done: &["Fatto"],
    never: &["Mai più", "Mai"],
    their_morning: &["La mattina da loro", "Al loro mattino"],
    send_now: &["Invia ora", "Inviare ora"],
    hold: &["Rimanda", "Rimandare", "In attesa"],
    examples: ["Rimanda 2 giorni", "Rimanda 1 settimana"],
    fillers: &["fino", "a", "al", "di", "per"],
    one: &["un", "uno", "una"],
    hours: &["ora", "ore"],
    days: &["giorno", "giorni", "gg", "g"],
    weeks: &["settimana", "settimane", "sett"],
    weekdays: [
        &["lunedì", "lun"],
        &["martedì", "mar"],
        &["mercoledì", "mer"],
        &["giovedì", "gio"],
        &["venerdì", "ven"],
        &["sabato", "sab"],
        &["domenica", "dom"],
    ],
    whole: &[("domani", Until::Days(1))],
};

const PT: Words = Words {
    done: &["Feito"],
    never: &["Nunca mais", "Nunca"],
    their_morning: &["Na manhã deles", "A manhã deles"],
    send_now: &["Enviar agora"],
    hold: &["Adiar", "Em espera"],
    examples: ["Adiar 2 dias", "Adiar 1 semana"],
    fillers: &["até", "a", "por"],
    one: &["um", "uma"],
    hours: &["hora", "horas", "h"],
    days: &["dia", "dias", "d"],
    weeks: &["semana", "semanas", "sem"],
    weekdays: [
        &["segunda-feira", "segunda", "seg"],
        &["terça-feira", "terça", "ter"],
        &["quarta-feira", "quarta", "qua"],
        &["quinta-feira", "quinta", "qui"],
        &["sexta-feira", "sexta", "sex"],
        &["sábado", "sáb"],
        &["domingo", "dom"],
    ],
    whole: &[("amanhã", Until::Days(1))],
};

const NL: Words = Words {
    done: &["Klaar", "Gedaan"],
    never: &["Nooit meer", "Nooit"],
    their_morning: &["In hun ochtend", "Hun ochtend"],
    send_now: &["Nu verzenden"],
    hold: &["Uitstellen", "Uitstel"],
    examples: ["Uitstellen 2 dagen", "Uitstellen 1 week"],
    fillers: &["tot", "met", "voor"],
    one: &["een", "één"],
    hours: &["uur", "uren", "u"],
    days: &["dag", "dagen", "d"],
    weeks: &["week", "weken", "w"],
    weekdays: [
        &["maandag", "ma"],
        &["dinsdag", "di"],
        &["woensdag", "wo"],
        &["donderdag", "do"],
        &["vrijdag", "vr"],
        &["zaterdag", "za"],
        &["zondag", "zo"],
    ],
    whole: &[("morgen", Until::Days(1))],
};

const JA: Words = Words {
    done: &["完了", "済み"],
    never: &["今後は自動返信しない", "自動返信しない"],
    their_morning: &["先方の朝に送る", "先方の朝"],
    send_now: &["今すぐ送信"],
    hold: &["保留"],
    examples: ["保留 2日", "保留 1週間"],
    fillers: &["まで"],
    one: &["一"],
    hours: &["時間"],
    days: &["日", "日間"],
    weeks: &["週間", "週"],
    weekdays: [
        &["月曜日", "月曜"],
        &["火曜日", "火曜"],
        &["水曜日", "水曜"],
        &["木曜日", "木曜"],
        &["金曜日", "金曜"],
        &["土曜日", "土曜"],
        &["日曜日", "日曜"],
    ],
    whole: &[("明日", Until::Days(1))],
};

const ZH: Words = Words {
    done: &["已完成", "完成"],
    never: &["不再自动回复", "不再自動回覆"],
    their_morning: &["对方早上发送", "對方早上發送"],
    send_now: &["立即发送", "立即傳送"],
    hold: &["稍候", "暂缓", "暫緩"],
    examples: ["稍候 2天", "稍候 1周"],
    fillers: &["直到", "到", "至"],
    one: &["一"],
    hours: &["小时", "小時", "个小时"],
    days: &["天", "日"],
    weeks: &["周", "週", "星期", "个星期"],
    weekdays: [
        &["星期一", "周一", "週一"],
        &["星期二", "周二", "週二"],
        &["星期三", "周三", "週三"],
        &["星期四", "周四", "週四"],
        &["星期五", "周五", "週五"],
        &["星期六", "周六", "週六"],
        &["星期日", "星期天", "周日", "週日"],
    ],
    whole: &[("明天", Until::Days(1))],
};

const AR: Words = Words {
    done: &["تم"],
    never: &["أبدًا", "لا رد آلي بعد الآن"],
    their_morning: &["في صباحهم", "صباحهم"],
    send_now: &["إرسال الآن", "أرسل الآن"],
    hold: &["تأجيل"],
    examples: ["تأجيل يومين", "تأجيل أسبوع"],
    fillers: &["حتى", "إلى", "لمدة"],
    one: &["واحد", "واحدة"],
    hours: &["ساعة", "ساعات"],
    days: &["يوم", "أيام", "يوما"],
    weeks: &["أسبوع", "أسابيع"],
    weekdays: [&["الاثنين"], &["الثلاثاء"], &["الأربعاء"], &["الخميس"], &["الجمعة"], &["السبت"], &["الأحد"]],
    whole: &[
        ("ساعة", Until::Hours(1)),
        ("ساعتين", Until::Hours(2)),
        ("يوم", Until::Days(1)),
        ("يومين", Until::Days(2)),
        ("أسبوع", Until::Days(7)),
        ("أسبوعين", Until::Days(14)),
        ("غدا", Until::Days(1)),
    ],
};
