//! Hours, weekdays and lists as each language says them.
use super::*;

#[test]
fn hours_that_end_on_the_next_day_say_so() {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    for (language, day, night, midnight, one) in [
        (
            Language::En,
            "from 9 am to 1 pm",
            "from 6 pm to 3:30 am the next day",
            "from 6 pm to midnight",
            "from 1 am to 2 am",
        ),
        (Language::Fr, "de 9 h à 13 h", "de 18 h à 3 h 30 le lendemain", "de 18 h à minuit", "de 1 h à 2 h"),
        (
            Language::De,
            "von 9:00 bis 13:00 Uhr",
            "von 18:00 bis 3:30 Uhr am Folgetag",
            "von 18:00 bis 24:00 Uhr",
            "von 1:00 bis 2:00 Uhr",
        ),
        (Language::Es, "de 9:00 a 13:00", "de 18:00 a 3:30 del día siguiente", "de 18:00 a 24:00", "de 1:00 a 2:00"),
        (
            Language::It,
            "dalle 9:00 alle 13:00",
            "dalle 18:00 alle 3:30 del giorno dopo",
            "dalle 18:00 a mezzanotte",
            "dall'1:00 alle 2:00",
        ),
        (Language::Pt, "das 9h às 13h", "das 18h às 3h30 do dia seguinte", "das 18h à meia-noite", "da 1h às 2h"),
        (
            Language::Nl,
            "van 9.00 tot 13.00 uur",
            "van 18.00 tot 3.30 uur de volgende dag",
            "van 18.00 tot 24.00 uur",
            "van 1.00 tot 2.00 uur",
        ),
        (Language::Ja, "9時から13時", "18時から翌3時30分", "18時から24時", "1時から2時"),
        (Language::Zh, "9:00至13:00", "18:00至次日3:30", "18:00至24:00", "1:00至2:00"),
        (
            Language::Ar,
            "من الساعة 9:00 إلى الساعة 13:00",
            "من الساعة 18:00 إلى الساعة 3:30 من اليوم التالي",
            "من الساعة 18:00 إلى منتصف الليل",
            "من الساعة 1:00 إلى الساعة 2:00",
        ),
    ] {
        assert_eq!(hours(language, at(9, 0), at(13, 0)), day);
        assert_eq!(hours(language, at(18, 0), at(3, 30)), night);
        assert_eq!(hours(language, at(18, 0), at(0, 0)), midnight);
        assert_eq!(hours(language, at(1, 0), at(2, 0)), one);
    }
    assert_eq!(hours(Language::It, at(18, 0), at(1, 0)), "dalle 18:00 all'1:00 del giorno dopo");
    assert_eq!(hours(Language::Pt, at(18, 0), at(0, 30)), "das 18h à 0h30 do dia seguinte");
    assert_eq!(hours(Language::Ja, at(9, 0), at(9, 0)), "9時から翌9時");
}

#[test]
fn days_of_the_week() {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    for (language, week, two, weekend) in [
        (Language::En, "Monday to Friday", "on Tuesdays and Thursdays", "on Saturdays and Sundays"),
        (Language::Fr, "du lundi au vendredi", "le mardi et le jeudi", "le samedi et le dimanche"),
        (Language::De, "montags bis freitags", "dienstags und donnerstags", "samstags und sonntags"),
        (Language::Es, "de lunes a viernes", "los martes y los jueves", "los sábados y los domingos"),
        (Language::It, "dal lunedì al venerdì", "il martedì e il giovedì", "il sabato e la domenica"),
        (
            Language::Pt,
            "de segunda a sexta-feira",
            "às terças-feiras e às quintas-feiras",
            "aos sábados e aos domingos",
        ),
        (Language::Nl, "van maandag tot en met vrijdag", "op dinsdag en donderdag", "op zaterdag en zondag"),
        (Language::Ja, "月曜日から金曜日", "火曜日と木曜日", "土曜日と日曜日"),
        (Language::Zh, "星期一至星期五", "星期二和星期四", "星期六和星期日"),
        (Language::Ar, "من الاثنين إلى الجمعة", "يوم الثلاثاء ويوم الخميس", "يوم السبت ويوم الأحد"),
    ] {
        assert_eq!(weekdays(language, &[Mon, Tue, Wed, Thu, Fri]), week);
        assert_eq!(weekdays(language, &[Tue, Thu]), two);
        assert_eq!(weekdays(language, &[Sat, Sun]), weekend);
    }
    assert_eq!(weekdays(Language::Pt, &[Mon, Thu, Fri, Sat, Sun]), "de quinta a segunda-feira");
}

#[test]
fn the_spanish_and_gives_way_to_the_same_sound() {
    let joined = |last: &str| all_of(Language::Es, &["Logo".to_owned(), last.to_owned()]);
    for (last, want) in [
        ("Hosting", "Logo y Hosting"),
        ("Identidad", "Logo e Identidad"),
        ("Hilo", "Logo e Hilo"),
        ("Hielo", "Logo y Hielo"),
        ("Índice", "Logo e Índice"),
    ] {
        assert_eq!(joined(last), want);
    }
}
