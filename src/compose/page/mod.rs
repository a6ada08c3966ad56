//! "How to reach me" as files: a page a language, the windows as a calendar, texts for signatures and contracts. Made from the
//! configuration and the date at home alone, so that what is published can be compared, byte by byte, with what holds. Never
//! here: where the files go (`daemon::page`).
mod calendar;
mod days;
mod view;
pub(in crate::compose) mod words;

pub use words::KEYS;

use super::template::TemplateError;
use super::zone_name::zone_name;
use crate::calendar::{Window, windows};
use crate::decide::{Policy, Replies};
use crate::model::{Instant, Language, Zone, text::clean};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use days::Differs;
use words::Words;

/// The calendar reaches so far.
const CALENDAR: TimeDelta = TimeDelta::weeks(13);
/// What the owner publishes beside the windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Closures and days off.
    pub closures: bool,
    /// Public holidays.
    pub holidays: bool,
    /// That there are trips, and when.
    pub trips: bool,
    /// Where they lead.
    pub places: bool,
    /// The owner's words for closures.
    pub notes: bool,
    /// Ways to reach the owner, in their words.
    pub channels: Vec<String>,
    /// Where the page lies, with a slash at the end.
    pub url: Option<String>,
    /// What stands on top instead of the usual words.
    pub title: Option<String>,
    /// Whose clocks are shown to visitors without script; empty: some well-known ones.
    pub zones: Vec<Zone>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            closures: true,
            holidays: true,
            trips: false,
            places: false,
            notes: false,
            channels: Vec::new(),
            url: None,
            title: None,
            zones: Vec::new(),
        }
    }
}

/// One file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// How long after its arrival the end of a window must lie for a message to be answered by then, in whole minutes, rounded up: for
/// messages that arrive outside a window, and inside one. The rule itself: `decide::timing`.
#[must_use]
pub fn notice(replies: &Replies) -> (i64, i64) {
    let minutes = |grace: TimeDelta| {
        let seconds = (grace + replies.min_notice.max(TimeDelta::zero())).num_seconds();
        seconds / 60 + i64::from(seconds % 60 > 0)
    };
    (minutes(replies.grace), minutes(replies.grace_in_window))
}

/// The name of a file: the owner's first language has the plain names.
#[must_use]
pub fn file_name(stem: &str, ending: &str, language: Language, first: Language) -> String {
    if language == first { format!("{stem}.{ending}") } else { format!("{stem}.{}.{ending}", language.code()) }
}

/// All files for a date at home. `owners`: the owner's templates, by name.
///
/// # Errors
/// A file of the owner's words that is wrong.
pub fn site(
    policy: &Policy,
    shown: &Shown,
    today: NaiveDate,
    owners: &[(String, String)],
) -> Result<Vec<File>, TemplateError> {
    let home = &policy.owner.zone;
    let from = home.instant(today.and_time(NaiveTime::MIN));
    let all = windows(&policy.owner, from, from + TimeDelta::days(400));
    let first = policy.owner.languages.first().copied().unwrap_or(Language::En);
    let mut files = Vec::new();
    for language in &policy.owner.languages {
        let words = Words::read(*language, owners)?;
        let scene = Scene { policy, shown, today, from, language: *language, first, words, windows: &all };
        let named = |stem, ending, text| File { name: file_name(stem, ending, *language, first), text };
        files.push(named("index", "html", scene.page()?));
        files.push(named("windows", "ics", scene.calendar()));
        files.push(named("signature", "txt", scene.signature()));
        files.push(named("contract", "txt", scene.contract()));
    }
    Ok(files)
}

/// The owner's words, proven.
pub(in crate::compose) fn check(language: Language, owners: &[(String, String)]) -> Result<(), TemplateError> {
    Words::read(language, owners).map(drop)
}

/// Everything that the files of a language are made from.
struct Scene<'a> {
    policy: &'a Policy,
    shown: &'a Shown,
    today: NaiveDate,
    /// The beginning of today, at home.
    from: Instant,
    language: Language,
    first: Language,
    words: Words,
    windows: &'a [Window],
}

impl Scene<'_> {
    fn name(&self) -> String {
        clean(&self.policy.owner.name, 120)
    }

    fn title(&self) -> String {
        let own = self.shown.title.as_deref().map(|title| clean(title, 120)).filter(|title| !title.is_empty());
        own.unwrap_or_else(|| self.words.say("title", &[("name", &self.name())]))
    }

    fn zone(&self) -> String {
        zone_name(self.language, &self.policy.owner.zone, self.from)
    }

    fn week(&self) -> String {
        days::week(self.language, &self.policy.owner.hours)
    }

    fn file(&self, stem: &str, ending: &str) -> String {
        file_name(stem, ending, self.language, self.first)
    }

    /// The address of a file, if the page's is known; the first page is the folder itself.
    fn address(&self, file: &str) -> Option<String> {
        let file = if file == "index.html" { "" } else { file };
        self.shown.url.as_ref().map(|url| format!("{url}{file}"))
    }

    fn differing(&self) -> Vec<Differs> {
        days::differing(self.language, &self.words, &self.policy.owner, self.shown, self.today)
    }

    fn calendar(&self) -> String {
        let name = self.name();
        let url = self.address(&self.file("windows", "ics"));
        let host = self.shown.url.as_deref().and_then(|url| url.split('/').nth(2)).unwrap_or("fuseau");
        let title = self.title();
        let feed = calendar::Feed { name: &name, host, title: &title, url: url.as_deref(), made: self.from };
        let until = self.from + CALENDAR;
        let windows = self.windows.iter().filter(|window| window.start < until);
        let differing: Vec<Differs> = self.differing();
        calendar::calendar(&feed, &self.words, windows, &differing)
    }

    /// The longer of the two: what is said in one sentence holds whenever a message arrives.
    fn longest(&self) -> String {
        let (outside, inside) = notice(&self.policy.replies);
        self.words.length(outside.max(inside))
    }

    fn signature(&self) -> String {
        let values = [("hours", &*self.week()), ("zone", &*self.zone()), ("length", &*self.longest())];
        let mut text = self.words.say("signature", &values);
        if let Some(url) = self.address(&self.file("index", "html")) {
            text.push('\n');
            text.push_str(&self.words.say("signature.url", &[("url", &url)]));
        }
        text.push('\n');
        text
    }

    fn contract(&self) -> String {
        let name = self.name();
        let say = |key: &str, values: &[(&str, &str)]| self.words.say(key, values);
        let mut lines = vec![
            say("contract.heading", &[]),
            String::new(),
            say("contract", &[("name", &name), ("hours", &self.week()), ("zone", &self.zone())]),
            say("contract.promise", &[("length", &self.longest())]),
            say("contract.days", &[("name", &name)]),
        ];
        lines.extend(self.address(&self.file("index", "html")).map(|url| say("contract.url", &[("url", &url)])));
        lines.join("\n") + "\n"
    }
}
