//! The page itself: what the layout sees, and what the page may do. Never here: the words (words.rs), the days (days.rs).
use super::days::{self, Day, Differs, Elsewhere};
use super::{Scene, file_name, notice};
use crate::calendar::Window;
use crate::compose::phrase;
use crate::compose::template::{TemplateError, render};
use crate::model::{EmailAddress, Language, Zone, Zones, text::clean};
use serde::Serialize;
use tera::{Context, Tera};

/// The layout.
const LAYOUT: &str = include_str!("../../../templates/page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// What the page may do: its own style and script, by their hashes, and nothing else. A test compares them.
const POLICY: &str =
    "default-src 'none'; style-src 'sha256-STYLE'; script-src 'sha256-SCRIPT'; base-uri 'none'; form-action 'none'";
/// So many windows are told to the script: it says by when a mail of now is answered, also before a long closure.
const TOLD: usize = 160;
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
    /// The page in a language.
    pub(super) fn page(&self) -> Result<String, TemplateError> {
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
