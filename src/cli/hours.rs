//! `fuseau hours`: the hours that owner and clients have in common, as a picture in text or SVG. What is in it:
//! scene.rs; how it is drawn: text.rs, svg.rs.
mod scene;
mod svg;
mod text;

use super::args::{Cli, Hours};
use super::fail::Fail;
use super::{out, say, target};
use crate::calendar::overlap::Interval;
use crate::calendar::{next_shift, zone_at};
use crate::decide::Policy;
use crate::model::{Client, Instant, Owner, Zone};
use crate::system::Clock;
use chrono::{NaiveDate, TimeDelta};
pub use scene::owner_notes;
use scene::{Day, Row};
use serde_json::{Value, json};
pub use text::Style;

/// Days of `--week`.
const WEEK: usize = 7;

/// Everything that is drawn.
struct Picture<'a> {
    owner: &'a Owner,
    clients: Vec<&'a Client>,
    days: Vec<Day>,
    now: Instant,
}

/// The style of the picture where it stands in a page.
pub const STYLE: &str = svg::CSS;

/// The picture of one day with all clients, for a page that has the style already.
pub struct Bands<'a>(Picture<'a>);

impl<'a> Bands<'a> {
    /// Today, where the owner is.
    pub fn new(policy: &'a Policy, now: Instant) -> Self {
        Self::with(policy, policy.clients.iter().collect(), now)
    }

    /// The same with some clients.
    pub fn with(policy: &'a Policy, clients: Vec<&'a Client>, now: Instant) -> Self {
        let date = zone_at(&policy.owner, now).local(now).date();
        let days = vec![Day::new(&policy.owner, &clients, date)];
        Self(Picture { owner: &policy.owner, clients, days, now })
    }

    /// The SVG element.
    pub fn drawn(&self) -> String {
        svg::draw_without_style(&self.0)
    }
}

/// Runs the command.
pub fn run(cli: &Cli, hours: &Hours) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let policy = &settings.policy;
    let clients: Vec<&Client> = if hours.clients.is_empty() {
        policy.clients.iter().collect()
    } else {
        hours.clients.iter().map(|id| out::client(policy, id)).collect::<Result<_, _>>()?
    };
    let style = text::Style::of_terminal();
    let renamed: Vec<Client> = clients.iter().map(|client| style.nameable(client)).collect();
    let clients = if hours.svg.is_none() && !cli.json { renamed.iter().collect() } else { clients };
    let (date, now) = moment(hours.at.as_deref(), &policy.owner)?;
    let count = if hours.week { WEEK } else { 1 };
    let days = date.iter_days().take(count).map(|date| Day::new(&policy.owner, &clients, date)).collect();
    let picture = Picture { owner: &policy.owner, clients, days, now };
    if let Some(path) = &hours.svg {
        let drawn = svg::draw(&picture);
        if path.as_os_str() == "-" {
            out::text(&drawn);
            return Ok(());
        }
        target::may_write_file(&settings, path)?;
        std::fs::write(path, drawn).map_err(|error| Fail::Failed(format!("{}: {error}", path.display())))?;
        if !cli.json {
            out::text(&format!("the picture is in {}", path.display()));
        }
    }
    if cli.json {
        out::json(&facts(&picture));
    } else if hours.svg.is_none() {
        out::text(&text::draw(&picture, style));
    }
    Ok(())
}

/// The day that is asked for where the owner is, and the present: both from `--at` (a date leaves the clock alone).
pub fn moment(at: Option<&str>, owner: &Owner) -> Result<(NaiveDate, Instant), Fail> {
    let now = Clock::System.now();
    let day = |now: Instant| (zone_at(owner, now).local(now).date(), now);
    match at {
        None => Ok(day(now)),
        Some(text) => match text.parse::<NaiveDate>() {
            Ok(date) => Ok((date, now)),
            Err(_) => out::instant(text).map(day).map_err(|_| {
                Fail::Usage(format!("{text:?} is no date; write it like 2027-01-14, or 2027-01-14T10:00:00Z"))
            }),
        },
    }
}

fn facts(picture: &Picture<'_>) -> Value {
    let day = |day: &Day| {
        json!({
            "date": day.date.to_string(),
            "zone": day.zone.name(),
            "start": day.zone.fixed(day.start).to_rfc3339(),
            "end": day.zone.fixed(day.end).to_rfc3339(),
            "windows": stretches(&day.zone, &day.owner.windows),
            "awake": stretches(&day.zone, &day.owner.awake),
            "clients": day.clients.iter().map(client_day).collect::<Vec<_>>(),
            "shared": stretches(&day.zone, &day.shared),
            "shared_windows": stretches(&day.zone, &day.shared_windows),
            "notes": day.notes.iter().filter(|n| !n.text.is_empty()).map(|n| json!({"client": n.id, "text": n.text})).collect::<Vec<_>>(),
        })
    };
    let from = picture.days.first().map_or(picture.now, |day| day.start);
    let shift = |client: &&Client| {
        let shift = next_shift(picture.owner, &client.zone, from - TimeDelta::seconds(1), from + TimeDelta::days(400))?;
        Some(json!({
            "client": client.id,
            "at": out::rfc3339(shift.at),
            "before_minutes": shift.before_minutes,
            "after_minutes": shift.after_minutes,
            "whose": shift.whose.as_str(),
        }))
    };
    json!({
        "days": picture.days.iter().map(day).collect::<Vec<_>>(),
        "shifts": picture.clients.iter().filter_map(shift).collect::<Vec<_>>(),
    })
}

fn client_day(row: &Row) -> Value {
    json!({
        "client": row.id,
        "name": row.name,
        "zone": row.zone.name(),
        "gap_minutes": row.gap_minutes,
        "decent": stretches(&row.zone, &row.work),
        "awake": stretches(&row.zone, &row.awake),
    })
}

fn stretches(zone: &Zone, all: &[Interval]) -> Vec<Value> {
    let one = |(start, end): &Interval| json!({"start": zone.fixed(*start).to_rfc3339(), "end": zone.fixed(*end).to_rfc3339()});
    all.iter().map(one).collect()
}

impl Picture<'_> {
    /// The heading: the day or the days, and whose clock the axis is.
    fn heading(&self) -> String {
        let Some((first, last)) = self.days.first().zip(self.days.last()) else { return String::new() };
        if first.date == last.date {
            format!("{}, on your clock in {}", first.date.format("%A %-d %B %Y"), say::city(&first.zone))
        } else {
            format!(
                "{} to {}, on your clock in {}",
                say::date(first.date),
                say::date(last.date),
                say::city(&first.zone)
            )
        }
    }

    /// The instant that is marked as now, if it lies in the picture.
    fn marked_now(&self) -> Option<Instant> {
        self.days.iter().any(|day| day.start <= self.now && self.now < day.end).then_some(self.now)
    }

    /// What the one day has in common, in a sentence.
    fn summary(&self, day: &Day) -> String {
        let who = match self.clients.as_slice() {
            [] => return format!("Your windows: {}.", say::intervals(&day.zone, &day.owner.windows)),
            [one] => format!("with {}", one.name),
            [_, _] => "with both".to_owned(),
            all => format!("with all {}", all.len()),
        };
        if day.shared.is_empty() {
            let none = format!("No hour in common {who} while you are up");
            let most = day.most();
            let count = most.first().map_or(0, |(_, who)| who.len());
            let one = |(when, who): &(Interval, Vec<&str>)| {
                format!("{} ({})", say::intervals(&day.zone, &[*when]), who.join(", "))
            };
            return match count {
                0 | 1 => format!("{none}."),
                _ => {
                    let when: Vec<String> = most.iter().map(one).collect();
                    format!("{none}. At most {count} are at work at once: {}.", when.join(", "))
                }
            };
        }
        let minutes: i64 = day.shared.iter().map(|(start, end)| (*end - *start).num_minutes()).sum();
        let windows = match say::intervals(&day.zone, &day.shared_windows).as_str() {
            "none" => "none of your windows lies in it".to_owned(),
            some => format!("your windows in it: {some}"),
        };
        format!("In common {who}: {} ({}); {windows}.", say::intervals(&day.zone, &day.shared), say::length(minutes))
    }
}
