//! A clock change that shifts the gap to the client, in values for a template: when, by how much, which way the
//! owner's hours move on the client's clock. Whether it is worth a word: `calendar::coming_shift` and the daemon.
use super::phrase;
use crate::calendar::Shift;
use crate::model::{Language, Zone};
use chrono::NaiveDate;
use serde::Serialize;

/// What a template sees of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ClockValues {
    whose: &'static str,
    on: String,
    by: String,
    way: &'static str,
}

impl ClockValues {
    /// For a client in `zone` whose date is `today`.
    pub(super) fn new(shift: Shift, language: Language, zone: &Zone, today: NaiveDate) -> Self {
        // The owner's hours are fixed where the owner is: the further ahead the client's clock, the later they are there.
        let minutes = shift.after_minutes - shift.before_minutes;
        Self {
            whose: shift.whose.as_str(),
            on: phrase::on(language, zone.local(shift.at).date(), today),
            by: amount(language, minutes.abs()),
            way: if minutes > 0 { "later" } else { "earlier" },
        }
    }
}

/// "one hour", "half an hour": clocks hardly ever move by anything else.
fn amount(language: Language, minutes: i64) -> String {
    let [half, one, two, unit] = match language {
        Language::En => ["half an hour", "one hour", "two hours", " minutes"],
        Language::Fr => ["une demi-heure", "une heure", "deux heures", " minutes"],
        Language::De => ["eine halbe Stunde", "eine Stunde", "zwei Stunden", " Minuten"],
        Language::Es => ["media hora", "una hora", "dos horas", " minutos"],
        Language::It => ["mezz'ora", "un'ora", "due ore", " minuti"],
        Language::Pt => ["meia hora", "uma hora", "duas horas", " minutos"],
        Language::Nl => ["een half uur", "een uur", "twee uur", " minuten"],
        Language::Ja => ["30分", "1時間", "2時間", "分"],
        Language::Zh => ["半小时", "一小时", "两小时", "分钟"],
        Language::Ar => ["نصف ساعة", "ساعة واحدة", "ساعتين", " دقيقة"],
    };
    match minutes {
        30 => half.to_owned(),
        60 => one.to_owned(),
        120 => two.to_owned(),
        other => format!("{other}{unit}"),
    }
}
