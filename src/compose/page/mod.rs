//! "How to reach me" as files: a page a language, the windows as a calendar, texts for signatures and contracts. Made from the
//! configuration and the date at home alone, so that what is published can be compared, byte by byte, with what holds. Never
//! here: where the files go (`daemon::page`).
mod calendar;
mod days;
pub(in crate::compose) mod words;

pub use words::KEYS;

use super::phrase;
use super::template::{TemplateError, render};
use super::zone_name::zone_name;
use crate::calendar::{Window, windows};
use crate::decide::{Policy, Replies};
use crate::model::{EmailAddress, Instant, Language, Zone, Zones, text::clean};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use days::{Day, Differs, Elsewhere};
use serde::Serialize;
use tera::{Context, Tera};
use words::Words;

/// The layout.
const LAYOUT: &str = include_str!("../../../templates/page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the page may do: its own style and script, by their hashes, and nothing else. A test compares them.
const POLICY: &str =
    "default-src 'none'; style-src 'sha256-STYLE'; script-src 'sha256-SCRIPT'; base-uri 'none'; form-action 'none'";
/// So many windows are told to the script: it says by when a mail of now is answered, also before a long closure.
const TOLD: usize = 160;
/// The calendar reaches so far.
const CALENDAR: TimeDelta = TimeDelta::weeks(13);
/// No page is greater.
const MOST: usize = 512 * 1024;

/// Zones that the page shows if the configuration names none.
const ELSEWHERE: &[&str] = &[
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Paris",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
];

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

/// A page in another language.
#[derive(Debug, Serialize)]
struct Other {
    code: &'static str,
    name: &'static str,
    file: String,
    /// With the page's address, where it is known: search engines want it whole.
    href: String,
}

/// A way to reach the owner.
#[derive(Debug, Serialize)]
struct Channel {
    text: String,
    link: String,
}

/// What the layout sees.
#[derive(Debug, Serialize)]
struct View {
    language: &'static str,
    direction: &'static str,
    policy: String,
    style: &'static str,
    script: &'static str,
    title: String,
    description: String,
    canonical: String,
    languages: Vec<Other>,
    intro: String,
    promise: String,
    promise_inside: String,
    outside: i64,
    inside: i64,
    windows: String,
    now: String,
    yours: String,
    here: String,
    days: Vec<Day>,
    week: String,
    elsewhere_heading: String,
    elsewhere: Vec<Elsewhere>,
    differing: Vec<Differs>,
    channels: Vec<Channel>,
    calendar: String,
    foot: String,
    say: std::collections::BTreeMap<&'static str, String>,
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

    fn page(&self) -> Result<String, TemplateError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.add_raw_template("page.html", LAYOUT).map_err(|error| TemplateError::from_tera("page.html", &error))?;
        let context =
            Context::from_serialize(&self.view()).map_err(|error| TemplateError::from_tera("page.html", &error))?;
        render(&tera, "page.html", &context, MOST)
    }

    fn view(&self) -> View {
        let (language, owner) = (self.language, &self.policy.owner);
        let (name, zone) = (self.name(), self.zone());
        let say = |key: &'static str, values: &[(&str, &str)]| self.words.say(key, values);
        let (outside, inside) = notice(&self.policy.replies);
        // One that was open before midnight at home counts for the promise; in the list of days it would stand on no day.
        let listed: Vec<&Window> = self.windows.iter().filter(|window| window.start >= self.from).collect();
        let days = days::days(language, &owner.zone, &listed, self.today);
        let elsewhere = days::elsewhere(language, &owner.zone, &self.zones(), &listed, self.today);
        let plain = ["days.heading", "days.none", "day", "windows", "week.heading", "elsewhere.place", "away.heading"];
        let plain = plain.into_iter().chain(["channels.heading", "calendar", "languages"]);
        let file = self.file("index", "html");
        View {
            language: language.code(),
            direction: if language == Language::Ar { "rtl" } else { "ltr" },
            policy: POLICY.replace("STYLE", STYLE_HASH).replace("SCRIPT", SCRIPT_HASH),
            style: STYLE,
            script: SCRIPT,
            title: self.title(),
            description: say("description", &[("name", &name)]),
            canonical: self.address(&file).unwrap_or_default(),
            languages: self.languages(),
            intro: say("intro", &[]),
            promise: say("promise", &[("outside", &self.words.length(outside))]),
            promise_inside: match inside == outside {
                true => String::new(),
                false => say("promise.inside", &[("inside", &self.words.length(inside))]),
            },
            outside,
            inside,
            windows: self.told(),
            now: say("now", &[]),
            yours: say("days.yours", &[]),
            here: say("days.here", &[("name", &name), ("zone", &zone)]),
            elsewhere_heading: days
                .first()
                .map_or_else(String::new, |day| say("elsewhere.heading", &[("date", &day.name)])),
            days,
            week: say("week", &[("hours", &self.week()), ("zone", &zone)]),
            elsewhere,
            differing: self.differing(),
            channels: self.shown.channels.iter().map(|channel| self::channel(channel)).collect(),
            calendar: self.file("windows", "ics"),
            foot: say("foot", &[("date", &phrase::date(language, self.today, self.today))]),
            say: plain.map(|key| (key_name(key), say(key, &[]))).collect(),
        }
    }

    /// `MINUTES+LENGTH`, minutes since 1970: what the script reads.
    fn told(&self) -> String {
        let told = self.windows.iter().take(TOLD).map(|window| {
            format!("{}+{}", window.start.timestamp().div_euclid(60), (window.end - window.start).num_minutes())
        });
        told.collect::<Vec<_>>().join(" ")
    }

    fn zones(&self) -> Vec<Zone> {
        let zones: &Zones = &self.policy.zones;
        match self.shown.zones.is_empty() {
            true => ELSEWHERE.iter().filter_map(|name| zones.get(name)).collect(),
            false => self.shown.zones.clone(),
        }
    }

    fn languages(&self) -> Vec<Other> {
        let other = |language: &Language| {
            let file = file_name("index", "html", *language, self.first);
            let href = self.address(&file).unwrap_or_else(|| file.clone());
            Other { code: language.code(), name: endonym(*language), file, href }
        };
        self.policy.owner.languages.iter().map(other).collect()
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

/// A key as the layout writes it: Tera takes a dot for a field.
fn key_name(key: &'static str) -> &'static str {
    match key {
        "days.heading" => "days",
        "days.none" => "none",
        "week.heading" => "week",
        "elsewhere.place" => "place",
        "away.heading" => "away",
        "channels.heading" => "channels",
        other => other,
    }
}

/// A way to reach the owner, with a link where it is one: an address, a web address, a telephone number.
fn channel(text: &str) -> Channel {
    let text = clean(text, 160);
    let number = |c: char| c.is_ascii_digit() || " ()-./".contains(c);
    let link = if text.starts_with("https://") || text.starts_with("http://") {
        text.clone()
    } else if EmailAddress::parse(&text).is_some() {
        format!("mailto:{text}")
    } else if let Some(digits) = text.strip_prefix('+').filter(|rest| rest.chars().all(number)) {
        format!("tel:+{}", digits.chars().filter(char::is_ascii_digit).collect::<String>())
    } else {
        String::new()
    };
    Channel { text, link }
}

/// What a language calls itself.
fn endonym(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Fr => "Français",
        Language::De => "Deutsch",
        Language::Es => "Español",
        Language::It => "Italiano",
        Language::Pt => "Português",
        Language::Nl => "Nederlands",
        Language::Ja => "日本語",
        Language::Zh => "中文",
        Language::Ar => "العربية",
    }
}

const STYLE_HASH: &str = "wC5WMKnroD4WRfSgNYKwJAlU59SPolGj8Y9neinZnjw=";
const SCRIPT_HASH: &str = "fR2a2Yqs3UrDCcLQUGINmZPXnquBUqvwVzFNibP+sGg=";
