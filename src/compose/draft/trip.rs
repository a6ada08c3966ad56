//! What a template of this kind sees. Never here: when one is due (`decide::occasion::trip`).
use super::{DraftMail, SampleContent, words};
use crate::compose::phrase;
use crate::compose::variables::Variable;
use crate::decide::occasion::Content;
use crate::decide::occasion::common::Dated;
use crate::decide::occasion::trip::{Reach, TripNote};
use crate::model::{Instant, Zone};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};
use serde::Serialize;

/// The values, below `trip` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    over: bool,
    place: String,
    from: String,
    to: String,
    reach: Option<ReachValues>,
    usual: Option<ReachValues>,
    same_hours: bool,
    same_days: bool,
    before: Vec<words::Item>,
    delivered: String,
    during: Vec<words::Item>,
    meanwhile: String,
    promised: Vec<String>,
    owed: String,
}

#[derive(Clone, Debug, Serialize)]
struct ReachValues {
    from: String,
    to: String,
    hours: String,
    days: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "trip.over", meaning: "whether it is the word after the trip", example: "false" },
    Variable { name: "trip.place", meaning: "the trip's `place`; may be empty", example: "Singapore" },
    Variable { name: "trip.from", meaning: "the first day there, without a small word", example: "Saturday, 5 December" },
    Variable { name: "trip.to", meaning: "the last day there", example: "Saturday, 19 December" },
    Variable { name: "trip.reach", meaning: "when answers come, on the client's clock: on the trip, or after it; none if there are no windows: ask `{% if trip.reach %}`", example: "" },
    Variable { name: "trip.reach.from", meaning: "the first window of an ordinary day opens", example: "9 am" },
    Variable { name: "trip.reach.to", meaning: "its last one ends", example: "1 pm" },
    Variable { name: "trip.reach.hours", meaning: "both in one piece", example: "from 9 am to 1 pm" },
    Variable { name: "trip.reach.days", meaning: "the client's days of the week on which windows open", example: "Monday to Friday" },
    Variable { name: "trip.usual", meaning: "the same without the trip (in the word after it: on the trip); none if nothing changes: ask `{% if trip.usual %}`", example: "" },
    Variable { name: "trip.same_hours", meaning: "whether only the days differ", example: "false" },
    Variable { name: "trip.same_days", meaning: "whether only the hours differ", example: "true" },
    Variable { name: "trip.before", meaning: "list of milestones of yours until the trip; each has `title` and `date` (may be empty)", example: "" },
    Variable { name: "trip.delivered", meaning: "the same in one piece; may be empty", example: "Wireframes (Wednesday, 20 January)" },
    Variable { name: "trip.during", meaning: "list of those that fall into it", example: "" },
    Variable { name: "trip.meanwhile", meaning: "the same in one piece; may be empty", example: "Beta (Saturday, 30 January)" },
    Variable { name: "trip.promised", meaning: "list of the subjects to which an answer is promised for these days", example: "" },
    Variable { name: "trip.owed", meaning: "the same in one piece; may be empty", example: "Logo and Hosting" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &TripNote) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    let shown = |reach: &Reach| ReachValues {
        from: words::isolate(language, &phrase::time(language, reach.from)),
        to: words::isolate(language, &phrase::time(language, reach.to)),
        hours: words::hours(language, reach.from, reach.to),
        days: words::weekdays(language, &reach.days),
    };
    let same = |test: fn(&Reach, &Reach) -> bool| match (&content.reach, &content.usual) {
        (Some(reach), Some(usual)) => test(reach, usual),
        _ => false,
    };
    let promised: Vec<String> = content.promised.iter().map(|it| words::line(language, it)).collect();
    Values {
        over: content.over,
        place: words::line(language, content.place.as_deref().unwrap_or_default()),
        from: words::date(language, content.from, today),
        to: words::date(language, content.to, today),
        reach: content.reach.as_ref().map(shown),
        usual: content.usual.as_ref().map(shown),
        same_hours: same(|reach, usual| (reach.from, reach.to) == (usual.from, usual.to)),
        same_days: same(|reach, usual| reach.days == usual.days),
        before: words::items(language, &content.before, today),
        delivered: words::joined(language, &content.before, today),
        during: words::items(language, &content.during, today),
        meanwhile: words::joined(language, &content.during, today),
        owed: words::all_of(language, &promised),
        promised,
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let day = |days| zone.local(now + TimeDelta::days(days)).date();
    let clock = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let at = |hour| clock(hour, 0);
    let week = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let shifted = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Sun];
    let reach = |from, to, days: &[Weekday]| Some(Reach { from: at(from), to: at(to), days: days.to_vec() });
    let note = TripNote {
        over: false,
        place: Some("Lisbon".to_owned()),
        from: day(11),
        to: day(25),
        reach: reach(9, 13, &week),
        usual: reach(17, 23, &week),
        before: Vec::new(),
        during: Vec::new(),
        promised: Vec::new(),
    };
    let item = |title: &str, date: Option<NaiveDate>| Dated { title: title.to_owned(), date };
    let cases = [
        ("hours-change", note.clone()),
        ("days-change", TripNote { reach: reach(12, 20, &shifted), usual: reach(1, 9, &week), ..note.clone() }),
        ("only-days", TripNote { reach: reach(9, 13, &shifted), usual: reach(9, 13, &week), ..note.clone() }),
        ("two-days", TripNote { reach: reach(9, 13, &[Weekday::Tue, Weekday::Thu]), ..note.clone() }),
        (
            "past-midnight",
            TripNote {
                reach: Some(Reach { from: at(18), to: clock(3, 30), days: week.clone() }),
                usual: reach(9, 0, &week),
                ..note.clone()
            },
        ),
        ("nothing-changes", TripNote { usual: None, place: None, ..note.clone() }),
        ("no-windows", TripNote { reach: None, usual: None, ..note.clone() }),
        ("one-before", TripNote { before: vec![item("Wireframes", Some(day(8)))], ..note.clone() }),
        ("during-only", TripNote { during: vec![item("Beta", Some(day(18)))], ..note.clone() }),
        (
            "many",
            TripNote {
                before: vec![item("Wireframes", Some(day(8))), item("Copy of the home page", Some(day(9)))],
                during: vec![item("Beta", Some(day(18)))],
                promised: vec!["Logo".to_owned(), "Hosting".to_owned()],
                ..note.clone()
            },
        ),
        ("meanwhile", TripNote { during: vec![item("Beta", Some(day(18)))], ..note.clone() }),
        ("owed", TripNote { promised: vec!["Logo".to_owned()], ..note.clone() }),
        ("over", TripNote { over: true, reach: reach(17, 23, &week), usual: reach(9, 13, &week), ..note.clone() }),
        ("over-unchanged", TripNote { over: true, usual: None, ..note }),
    ];
    cases.map(|(case, note)| SampleContent { case, content: Content::Trip(note) }).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn days_and_hours_are_said_in_one_piece() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        for (days, want) in [
            (&[Mon, Tue, Wed, Thu, Fri][..], "Monday to Friday"),
            (&[Mon, Tue, Wed, Thu, Sun], "Sunday to Thursday"),
            (&[Mon, Wed], "on Mondays and Wednesdays"),
            (&[Sat], "on Saturdays"),
            (&[Mon, Tue, Wed, Thu, Fri, Sat, Sun], "Monday to Sunday"),
            (&[Mon, Sun], "on Mondays and Sundays"),
        ] {
            assert_eq!(words::weekdays(Language::En, days), want);
        }
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        assert_eq!(words::hours(Language::En, at(9), at(13)), "from 9 am to 1 pm");
        assert_eq!(words::hours(Language::Fr, at(9), at(13)), "de 9 h à 13 h");
    }
}
