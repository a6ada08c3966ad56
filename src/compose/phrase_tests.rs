//! Points in time as each language says them.
use super::*;
use crate::model::Zones;

fn words(language: Language, at: &str, now: &str) -> Moment {
    let zone = Zones::bundled().get("Asia/Singapore").unwrap();
    let civil = |text: &str| zone.instant(text.parse().unwrap());
    moment(language, &zone, civil(at), civil(now))
}

#[test]
fn the_same_afternoon_in_ten_languages() {
    for (language, near, far) in [
        (
            Language::En,
            "tomorrow, Tuesday, 14 January, 4:30 pm, Singapore time",
            "Tuesday, 14 January, 4:30 pm, Singapore time",
        ),
        (
            Language::Fr,
            "demain, mardi 14 janvier, à 16 h 30, heure de Singapour",
            "le mardi 14 janvier à 16 h 30, heure de Singapour",
        ),
        (
            Language::De,
            "morgen, Dienstag, 14. Januar, um 16:30 Uhr (Ortszeit Singapur)",
            "am Dienstag, 14. Januar, um 16:30 Uhr (Ortszeit Singapur)",
        ),
        (
            Language::Es,
            "mañana, martes 14 de enero, a las 16:30, hora de Singapur",
            "el martes 14 de enero a las 16:30, hora de Singapur",
        ),
        (
            Language::It,
            "domani, martedì 14 gennaio, alle 16:30, ora di Singapore",
            "martedì 14 gennaio alle 16:30, ora di Singapore",
        ),
        (
            Language::Pt,
            "amanhã, terça-feira, 14 de janeiro, às 16h30, horário de Singapura",
            "na terça-feira, 14 de janeiro, às 16h30, horário de Singapura",
        ),
        (
            Language::Nl,
            "morgen, dinsdag 14 januari, om 16.30 uur (tijd in Singapore)",
            "dinsdag 14 januari om 16.30 uur (tijd in Singapore)",
        ),
        (Language::Ja, "明日1月14日（火）16時30分（シンガポール時間）", "1月14日（火）16時30分（シンガポール時間）"),
        (Language::Zh, "新加坡时间明天（1月14日，星期二）16:30", "新加坡时间1月14日（星期二）16:30"),
        (
            Language::Ar,
            "غدًا الثلاثاء 14 يناير، الساعة 16:30 بتوقيت سنغافورة",
            "يوم الثلاثاء 14 يناير، الساعة 16:30 بتوقيت سنغافورة",
        ),
    ] {
        assert_eq!(words(language, "2025-01-14T16:30:00", "2025-01-13T22:00:00").full, near);
        assert_eq!(words(language, "2025-01-14T16:30:00", "2025-01-10T22:00:00").full, far);
    }
}

#[test]
fn odd_hours_and_first_days() {
    for (language, at, want) in [
        (Language::En, "2025-01-01T00:00:00", "midnight between Tuesday and Wednesday, 1 January, Singapore time"),
        (Language::En, "2025-01-01T12:00:00", "Wednesday, 1 January, noon, Singapore time"),
        (Language::En, "2025-01-01T00:30:00", "Wednesday, 1 January, 12:30 am, Singapore time"),
        (Language::En, "2026-01-01T16:00:00", "Thursday, 1 January 2026, 4 pm, Singapore time"),
        (Language::Fr, "2025-01-01T09:00:00", "le mercredi 1er janvier à 9 h, heure de Singapour"),
        (Language::Es, "2025-01-01T01:30:00", "el miércoles 1 de enero a la 1:30, hora de Singapur"),
        (Language::It, "2025-01-01T01:30:00", "mercoledì 1º gennaio all'1:30, ora di Singapore"),
        (Language::Pt, "2025-01-01T01:00:00", "na quarta-feira, 1º de janeiro, à 1h, horário de Singapura"),
        (Language::Ja, "2025-01-01T09:05:00", "1月1日（水）9時5分（シンガポール時間）"),
    ] {
        assert_eq!(words(language, at, "2024-12-20T10:00:00").full, want);
    }
}

#[test]
fn days_as_adverbs() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    for (language, tomorrow, weekday, later) in [
        (Language::En, "tomorrow", "on Monday", "on Monday, 26 January"),
        (Language::Fr, "demain", "lundi", "le lundi 26 janvier"),
        (Language::De, "morgen", "am Montag", "am Montag, 26. Januar"),
        (Language::Es, "mañana", "el lunes", "el lunes 26 de enero"),
        (Language::It, "domani", "lunedì", "lunedì 26 gennaio"),
        (Language::Pt, "amanhã", "na segunda-feira", "na segunda-feira, 26 de janeiro"),
        (Language::Nl, "morgen", "maandag", "op maandag 26 januari"),
        (Language::Ja, "明日", "月曜日", "1月26日（月）"),
        (Language::Zh, "明天", "周一", "1月26日（星期一）"),
        (Language::Ar, "غدًا", "يوم الاثنين", "يوم الاثنين 26 يناير"),
    ] {
        let friday = day("2026-01-16");
        assert_eq!(on(language, day("2026-01-17"), friday), tomorrow);
        assert_eq!(on(language, day("2026-01-19"), friday), weekday);
        assert_eq!(on(language, day("2026-01-26"), friday), later);
    }
    assert_eq!(on(Language::Pt, day("2026-01-18"), day("2026-01-16")), "no domingo");
}
