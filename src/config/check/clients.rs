//! The clients: `[client.NAME]`.
use super::{Claims, birthdays, hours};
use crate::calendar::{ordinary, usual_weekend};
use crate::config::reader::{Field, Reader};
use crate::config::schema::list_of;
use crate::config::value;
use crate::model::{AddressPattern, Client, ClientPolicy, Language, Tone, WeeklyHours, Zone, Zones, address};
use chrono::Weekday;

/// Domains where anybody has an address: none of them is a client.
const FREE_MAIL: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.fr",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.fr",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.ch",
    "web.de",
    "proton.me",
    "protonmail.com",
    "orange.fr",
    "free.fr",
    "bluewin.ch",
    "qq.com",
    "163.com",
];

/// One client; its contacts are added to the claims even if something else is wrong.
pub(super) fn client<'a>(
    id: &str,
    table: &Reader<'a>,
    zones: &Zones,
    languages: &[Language],
    claims: &mut Claims<'a>,
) -> Option<Client> {
    let name = if table.has("name") { table.text("name") } else { Some(id.to_owned()) };
    let contacts = contacts(id, table, claims);
    let zone = table.field("zone").and_then(|field| field.zone(zones));
    let language = match table.field("language") {
        Some(field) => field.language().inspect(|language| warn_of_language(&field, *language, languages)),
        None => languages.first().copied(),
    };
    let tone = table.field("tone").and_then(|field| field.choice());
    let has_hours = table.has("hours");
    let hours = table
        .table("hours")
        .and_then(|hours| hours::weekly(&hours, "leave the option out for 09:00-18:00 on weekdays"));
    let unreadable = has_hours && hours.is_none();
    let weekend = table.field("weekend").and_then(|field| Some((hours::weekdays(&field)?, field)));
    let mut dates = WeeklyHours::default();
    let holidays = hours::holidays(table, &mut dates);
    let hours = match (hours, weekend) {
        (Some(hours), weekend) => {
            report_weekend(&hours, weekend.as_ref());
            Some(hours)
        }
        (None, Some((days, field))) => {
            if days.len() == 7 {
                field.place.fault("leaves no working day", "name the days on which they do not work".to_owned());
            }
            Some(ordinary(&days))
        }
        (None, None) => {
            let days = usual_weekend(zone.as_ref().map_or("", Zone::name), &holidays);
            let supposed = days != [Weekday::Sat, Weekday::Sun] || dates.exceptions().next().is_some();
            supposed.then(|| ordinary(&days).assumed())
        }
    };
    let hours = hours.map(|mut hours| {
        for (date, exception) in dates.exceptions() {
            hours.except(date, exception.clone());
        }
        hours
    });
    let channels = table.texts("channels");
    let policy = table.field("policy").and_then(|field| field.choice());
    let mode = table.field("mode").and_then(|field| field.choice());
    let birthdays = table.field("birthdays").map(|field| birthdays::read(&field)).unwrap_or_default();
    let since = table.field("since").and_then(|field| field.date());
    if unreadable {
        return None;
    }
    Some(Client {
        id: id.to_owned(),
        name: name?,
        contacts: contacts?,
        zone: zone?,
        language: language?,
        tone: if tone? == "familiar" { Tone::Familiar } else { Tone::Formal },
        hours,
        holidays,
        channels,
        policy: match policy? {
            "first" => ClientPolicy::First,
            "firm" => ClientPolicy::Firm,
            _ => ClientPolicy::Normal,
        },
        mode: mode.map(super::mailboxes::mode),
        birthdays,
        since,
    })
}

/// Hours on a day of the weekend contradict each other.
fn report_weekend(hours: &WeeklyHours, weekend: Option<&(Vec<Weekday>, Field<'_>)>) {
    let Some((days, field)) = weekend else { return };
    if let Some(day) = days.iter().find(|day| !hours.day(**day).is_empty()) {
        field.place.fault(
            format!("has {}, on which hours has windows", value::day_name(*day)),
            "hours alone say which days they work: leave weekend out, or take the day out of hours".to_owned(),
        );
    }
}

fn contacts<'a>(id: &str, table: &Reader<'a>, claims: &mut Claims<'a>) -> Option<Vec<AddressPattern>> {
    let field = table.field("contacts")?;
    let items = field.items()?;
    if items.is_empty() {
        field.place.fault("is empty", "name at least one address, as [\"anna@acme.example\"]".to_owned());
        return None;
    }
    let read: Vec<Option<AddressPattern>> = items.iter().map(Field::contact).collect();
    for (item, pattern) in items.iter().zip(&read) {
        if let Some(pattern) = pattern {
            report_wide(item, pattern);
            claims.contacts.push((pattern.clone(), id.to_owned(), item.place.clone()));
        }
    }
    read.into_iter().collect()
}

/// A domain that belongs to nobody in particular is no client.
fn report_wide(item: &Field<'_>, pattern: &AddressPattern) {
    let (AddressPattern::Domain(domain) | AddressPattern::Subdomains(domain)) = pattern else { return };
    let below = format!("x.{domain}");
    // one more label is an organisation only below a public suffix
    let suffix = address::organisation(&below) == below;
    if FREE_MAIL.contains(&domain.as_str()) || suffix {
        let remedy = if suffix {
            "name the client's own domain below it"
        } else {
            "name the address itself, as \"anna@gmail.com\""
        };
        item.place.fault("takes in everybody there", remedy.to_owned());
    }
}

fn warn_of_language(field: &Field<'_>, language: Language, owners: &[Language]) {
    if !owners.is_empty() && !owners.contains(&language) {
        let codes: Vec<&str> = owners.iter().map(|language| language.code()).collect();
        field.place.warn(
            format!("is not among me.languages ({})", list_of(&codes)),
            "the client will expect an answer in it; add it to me.languages if you can give one".to_owned(),
        );
    }
}
