//! `fuseau holidays`: the public holidays of calendars and clients, with their names; without any, what the
//! configuration keeps in the next twelve months.
use super::args::{Cli, Holidays};
use super::fail::Fail;
use super::{out, say};
use crate::calendar::{holidays, zone_at};
use crate::config::{self, Settings};
use crate::model::{Exception, WeeklyHours};
use crate::system::Clock;
use chrono::{Datelike, Months, NaiveDate};
use serde_json::{Value, json};

/// A calendar, and who asks for it (`you`, the key of a client, or nobody in particular).
struct Asked {
    code: String,
    who: Option<String>,
    /// The days that they keep or do not keep beside it.
    hours: Option<WeeklyHours>,
}

impl Asked {
    fn of(code: &str, who: &str, hours: Option<&WeeklyHours>) -> Self {
        Self { code: code.to_owned(), who: Some(who.to_owned()), hours: hours.cloned() }
    }

    /// The calendars of somebody, and the days off of their own.
    fn all<'a>(codes: &'a [String], who: &'a str, hours: Option<&'a WeeklyHours>) -> impl Iterator<Item = Self> + 'a {
        let off = |hours: &WeeklyHours| hours.exceptions().any(|(_, exception)| *exception == Exception::Off);
        let own = hours.filter(|hours| off(hours)).map(|_| holidays::OWN);
        codes.iter().map(String::as_str).chain(own).map(move |code| Self::of(code, who, hours))
    }

    fn name_on(&self, date: NaiveDate) -> Option<&'static str> {
        let codes = std::slice::from_ref(&self.code);
        let mut kept = holidays::kept_on(self.hours.as_ref(), codes, date);
        kept.find(|(code, _)| *code == self.code).map(|(_, name)| name)
    }
}

/// One holiday, with everybody who keeps it.
struct Kept {
    date: NaiveDate,
    name: &'static str,
    codes: Vec<String>,
    who: Vec<String>,
}

/// Runs the command.
pub fn run(cli: &Cli, args: &Holidays) -> Result<(), Fail> {
    let (asked, today) = asked(cli, &args.calendars)?;
    let (first, last) = holidays::years();
    let (from, to) = match args.year {
        Some(year) if !(first..=last).contains(&year) => {
            return Err(Fail::Usage(format!(
                "holidays are known for the years {first} to {last}\n    --year {year} is outside"
            )));
        }
        Some(year) => of_year(year),
        None if args.calendars.is_empty() => (today, today + Months::new(12)),
        None => of_year(today.year()),
    };
    let kept = kept(&asked, from, to);
    if cli.json {
        let fact = |day: &Kept| json!({"date": day.date.to_string(), "name": day.name, "calendars": day.codes, "who": day.who});
        out::json(&Value::Array(kept.iter().map(fact).collect()));
        return Ok(());
    }
    let mut lines: Vec<String> = kept.iter().map(line).collect();
    if asked.is_empty() {
        lines.push(
            "no holidays are kept: name calendars in [hours] and [client.NAME], as holidays = [\"GB-ENG\"]".to_owned(),
        );
    } else if kept.is_empty() {
        lines.push(format!("no public holiday from {} to {}", say::date(from), say::date(to)));
    }
    out::text(&lines.join("\n"));
    Ok(())
}

fn of_year(year: i32) -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1, 1), day(12, 31))
}

fn line(day: &Kept) -> String {
    let who = if day.who.is_empty() { day.codes.join(" ") } else { day.who.join(", ") };
    format!("{:<16}  {}  {who}", say::date(day.date), say::fitted(day.name, 34, "…"))
}

/// The calendars meant, and today where the owner is (in UTC without a configuration).
fn asked(cli: &Cli, words: &[String]) -> Result<(Vec<Asked>, NaiveDate), Fail> {
    let now = Clock::System.now();
    // Codes alone need no configuration.
    if !words.is_empty() && words.iter().all(|word| holidays::is_known(&word.to_uppercase())) {
        if let Ok(path) = out::config_path(cli)
            && let Ok(settings) = config::load(&path, &out::zones())
            && words.iter().any(|word| settings.policy.client(word).is_some())
        {
            return from_words(&settings, words, now.date_naive());
        }
        return Ok((
            words.iter().map(|word| Asked { code: word.to_uppercase(), who: None, hours: None }).collect(),
            now.date_naive(),
        ));
    }
    let settings = match out::settings(cli) {
        Ok(settings) => settings,
        Err(fail) => return Err(unknown_code(words).unwrap_or(fail)),
    };
    let owner = &settings.policy.owner;
    let today = zone_at(owner, now).local(now).date();
    if !words.is_empty() {
        return from_words(&settings, words, today);
    }
    let mine = Asked::all(&owner.holidays, "you", Some(&owner.hours));
    let clients = &settings.policy.clients;
    let theirs = clients.iter().flat_map(|client| Asked::all(&client.holidays, &client.id, client.hours.as_ref()));
    Ok((mine.chain(theirs).collect(), today))
}

fn from_words(settings: &Settings, words: &[String], today: NaiveDate) -> Result<(Vec<Asked>, NaiveDate), Fail> {
    let mut asked = Vec::new();
    for word in words {
        if let Some(client) = settings.policy.client(word) {
            let before = asked.len();
            asked.extend(Asked::all(&client.holidays, word, client.hours.as_ref()));
            if asked.len() == before {
                return Err(Fail::Usage(format!(
                    "{word} keeps no holidays in the configuration\n    add holidays = [\"GB-ENG\"] to [client.{word}]"
                )));
            }
        } else if holidays::is_known(&word.to_uppercase()) {
            asked.push(Asked { code: word.to_uppercase(), who: None, hours: None });
        } else {
            let clients = settings.policy.clients.iter().map(|client| client.id.as_str());
            return Err(unknown(word, config::nearest(word, clients)));
        }
    }
    Ok((asked, today))
}

/// The first word that looks like a code and is none: said even without a configuration.
fn unknown_code(words: &[String]) -> Option<Fail> {
    let word = words.iter().find(|word| !holidays::is_known(&word.to_uppercase()))?;
    Some(unknown(word, None))
}

/// What people write for codes.
const SAME: [(&str, &str); 6] =
    [("UK", "GB"), ("EN", "GB-ENG"), ("ENG", "GB-ENG"), ("SCT", "GB-SCT"), ("EL", "GR"), ("USA", "US")];

fn unknown(word: &str, near_client: Option<&str>) -> Fail {
    let code = word.to_uppercase().replace('_', "-");
    let country = code.split('-').next().unwrap_or_default();
    let regions: Vec<&str> =
        holidays::codes().filter(|known| known.split('-').next() == Some(country)).take(30).collect();
    let same = SAME.iter().find(|(written, _)| *written == code).map(|(_, meant)| *meant);
    let hint = if holidays::is_known(&code) {
        format!("did you mean {code}?")
    } else if let Some(meant) = same {
        format!("did you mean {meant}?")
    } else if let Some(client) = near_client {
        format!("did you mean the client {client}?")
    } else if !regions.is_empty() {
        format!("known for {country}: {}", regions.join(" "))
    } else if let Some(near) = config::nearest(&code, holidays::codes()) {
        format!("did you mean {near}? codes are those of ISO 3166, such as SG, GB-ENG or CH-GE")
    } else {
        "codes are those of ISO 3166: a country such as SG, or a region such as GB-ENG or CH-GE".to_owned()
    };
    Fail::Usage(format!("{word:?} is neither a holiday calendar nor a client\n    {hint}"))
}

/// Every holiday in order of dates; one that several keep under one name stands once.
fn kept(asked: &[Asked], from: NaiveDate, to: NaiveDate) -> Vec<Kept> {
    let mut found: Vec<Kept> = Vec::new();
    for date in from.iter_days().take_while(|date| *date <= to) {
        for ask in asked {
            let Some(name) = ask.name_on(date) else { continue };
            let same = found.iter_mut().rev().take_while(|day| day.date == date).find(|day| day.name == name);
            let add = |list: &mut Vec<String>, what: &str| {
                if !list.iter().any(|one| one == what) {
                    list.push(what.to_owned());
                }
            };
            let day = match same {
                Some(day) => day,
                None => {
                    found.push(Kept { date, name, codes: Vec::new(), who: Vec::new() });
                    let Some(last) = found.last_mut() else { continue };
                    last
                }
            };
            add(&mut day.codes, &ask.code);
            if let Some(who) = &ask.who {
                add(&mut day.who, who);
            }
        }
    }
    found
}
