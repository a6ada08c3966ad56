//! `fuseau slots`: propose meeting times to a client, see where the offers stand, take one back. Which times are decent and
//! what an answer means: the floors below.
use super::args::{Cli, Slots, SlotsAction};
use super::draft::{self, Said};
use super::fail::Fail;
use super::out;
use crate::calendar::overlap::Interval;
use crate::config::{self, Settings};
use crate::daemon::control::{self, Ask};
use crate::daemon::{Desk, occasions, offers, run::desk};
use crate::decide::Policy;
use crate::decide::occasion::slots::{Wish, wished};
use crate::decide::occasion::{Content, DraftWhy, Offer, OfferState, Target, way};
use crate::model::{Client, DraftKind, Instant, Zone};
use crate::system::{Clock, Ids};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

/// Shortest and longest meeting.
const LENGTH: (TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::hours(12));

/// Runs the command.
pub fn run(cli: &Cli, slots: &Slots) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = Clock::System.now();
    match (&slots.action, &slots.client) {
        (Some(SlotsAction::Drop { key }), _) => take_back(cli, &settings, key, now),
        (None, Some(client)) => propose(cli, settings, client, slots, now),
        (None, None) => list(cli, &settings, slots.all, now),
    }
}

fn propose(cli: &Cli, settings: config::Settings, client: &str, slots: &Slots, now: Instant) -> Result<(), Fail> {
    let policy = &settings.policy;
    draft::target(policy, client, DraftKind::Slots)?;
    let wish = wish(policy, slots, now)?;
    let project = match &slots.project {
        Some(id) => Some(super::note::project(policy, id)?.id.clone()),
        None => None,
    };
    let dir = out::state_dir(&settings);
    let (store, lock) = out::change_history(&settings)?;
    let desk = desk(settings, store.clone(), &dir, Ids::random()).map_err(|error| Fail::Failed(error.to_string()))?;
    let done = offer(&desk, client, project.as_deref(), wish, slots.print, now);
    drop((desk, lock));
    store.close()?;
    let said = done?;
    if cli.json {
        out::json(&said.json);
    } else {
        out::text(&said.text);
    }
    if !slots.print && control::ask(&dir, Ask::Nudge)?.is_none() && !cli.json {
        out::text("no fuseau runs: it is put there when one does");
    }
    Ok(())
}

fn offer(
    desk: &Desk,
    client: &str,
    project: Option<&str>,
    wish: Wish,
    print: bool,
    now: Instant,
) -> Result<Said, Fail> {
    let policy = desk.policy();
    let target = draft::target(policy, client, DraftKind::Slots)?;
    let project = project.and_then(|id| policy.project(id)).or(target.project);
    if let Some(other) = project.filter(|project| project.client != target.client.id) {
        return Err(Fail::Usage(format!("the project {} is not for {}, but for {}", other.id, client, other.client)));
    }
    let target = Target { project, ..target };
    let about = wish.about.clone().or_else(|| project.map(|project| project.title.clone()));
    let wish = Wish { about, ..wish };
    let outside = draft::outside(policy, now);
    // What the client answered a moment ago is known before their times are taken for free.
    desk.store.write_blocking(|tx| offers::settle(tx, policy, None, now))?;
    let (occasion, way) = desk
        .store
        .read_blocking(|tx| {
            let gathered = occasions::gather(tx, policy, outside, now)?;
            let facts = gathered.facts(policy);
            Ok(wished(&facts, &target, &wish, now).and_then(|one| way(&facts, &one).map(|way| (one, way))))
        })?
        .map_err(|why| Fail::Failed(refused(target.client, &wish, why)))?;
    let Content::Slots(content) = &occasion.content else {
        return Err(Fail::Failed("no times came of it".to_owned()));
    };
    let mut said =
        if print { draft::print(desk, &occasion, &way, now)? } else { draft::put(desk, &occasion, &way, now)? };
    if let Value::Object(keys) = &mut said.json {
        keys.insert("slots".into(), times(&content.slots, &target.client.zone));
        keys.insert("expires".into(), json!(out::rfc3339(content.until)));
    }
    if !print {
        let owner = &policy.owner.zone;
        for (n, slot) in content.slots.iter().enumerate() {
            said.text.push_str(&format!("\n  {}. {}", n + 1, both(*slot, &target.client.zone, owner)));
        }
        said.text.push_str(&format!("\n  kept free until {}", out::stamp(content.until, owner)));
    }
    Ok(said)
}

/// What is wished for, from the command line and `[meetings]`.
fn wish(policy: &Policy, slots: &Slots, now: Instant) -> Result<Wish, Fail> {
    let settings = &policy.drafts.meetings;
    let zone = &policy.owner.zone;
    let mut wish = Wish::usual(settings, slots.about.as_deref().map(|text| crate::model::text::clean(text, 200)));
    if let Some(text) = &slots.length {
        let length = config::duration(text);
        let length = length
            .ok_or_else(|| Fail::Usage(format!("{text:?} is no length of a meeting; write it like 30m or 1h30m")))?;
        if length < LENGTH.0 || length > LENGTH.1 {
            let what = if length < LENGTH.0 { "short" } else { "long" };
            return Err(Fail::Usage(format!("{text} is too {what} for a meeting; 5m is the least, 12h the most")));
        }
        wish.length = length;
    }
    wish.count = slots.count.map_or(wish.count, usize::from);
    wish.overlap = slots.overlap;
    wish.from = slots.from.as_deref().map(|text| out::day(text, zone)).transpose()?;
    wish.until = match (&slots.to, slots.days) {
        (Some(text), _) => Some(end(text, zone)?),
        (None, Some(days)) => Some(wish.from.unwrap_or(now) + TimeDelta::days(i64::from(days))),
        (None, None) => None,
    };
    if let Some(until) = wish.until {
        let from = wish.from.unwrap_or(now + settings.notice);
        if until <= from.max(now) {
            return Err(Fail::Usage(format!(
                "no day is left: it would end on {} and begin on {}",
                out::stamp(until, zone),
                out::stamp(from.max(now), zone)
            )));
        }
    }
    Ok(wish)
}

/// The end of a day, or an instant.
fn end(text: &str, zone: &Zone) -> Result<Instant, Fail> {
    match text.parse::<NaiveDate>().ok().and_then(|date| date.succ_opt()) {
        Some(next) => Ok(zone.instant(next.and_time(chrono::NaiveTime::MIN))),
        None => out::day(text, zone),
    }
}

fn refused(client: &Client, wish: &Wish, why: DraftWhy) -> String {
    let mut text = format!("no draft: {}", why.text());
    if why == DraftWhy::NoCommonTime {
        text.push_str(&format!(
            "\n    `fuseau hours {}` shows what you have in common; a shorter --length or more --days",
            client.id
        ));
        text.push_str(if wish.overlap {
            " may help"
        } else {
            " may help, or --overlap: also times that others were offered"
        });
    }
    text
}

/// `Tue 19 Jan 10:00-10:30 Asia/Singapore (yours: 02:00 Europe/London)`
fn both(slot: Interval, there: &Zone, here: &Zone) -> String {
    let mine = here.local(slot.0);
    let same_day = mine.date() == there.local(slot.0).date();
    let mine = mine.format(if same_day { "%H:%M" } else { "%a %H:%M" });
    format!("{} {} (yours: {mine} {})", out::span(slot.0, slot.1, there), there.name(), here.name())
}

fn times(slots: &[Interval], zone: &Zone) -> Value {
    let at = |at: Instant| zone.fixed(at).to_rfc3339();
    let one = |(n, slot): (usize, &Interval)| json!({"n": n + 1, "start": at(slot.0), "end": at(slot.1)});
    Value::Array(slots.iter().enumerate().map(one).collect())
}

/// Offers that are not over, or were over lately.
pub fn lively(offer: &Offer, now: Instant) -> bool {
    let ahead = offer.slots.iter().any(|slot| slot.1 > now);
    match offer.state {
        OfferState::Drafted | OfferState::Open => true,
        OfferState::Chosen => ahead,
        OfferState::Declined | OfferState::Expired => offer.since + TimeDelta::days(14) > now,
        OfferState::Dropped => false,
    }
}

fn list(cli: &Cli, settings: &Settings, all: bool, now: Instant) -> Result<(), Fail> {
    let offers = known(settings, now)?;
    let busy = draft::outside(&settings.policy, now).busy;
    let shown = offers.iter().filter(|offer| all || lively(offer, now));
    if cli.json {
        out::json(&Value::Array(shown.map(|offer| fact(settings, offer)).collect()));
        return Ok(());
    }
    let lines: Vec<String> = shown.map(|offer| line(settings, offer, &busy, now)).collect();
    out::text(&match lines.as_slice() {
        [] => "no times are offered: fuseau slots CLIENT proposes some (`--all` shows what is over)".to_owned(),
        lines => lines.join("\n"),
    });
    Ok(())
}

/// The offers as they stand now, also where no daemon has looked yet.
fn known(settings: &Settings, now: Instant) -> Result<Vec<Offer>, Fail> {
    let store = out::look_into_history(settings)?;
    Ok(store.read_blocking(|tx| offers::standing(tx, &settings.policy, now))?)
}

fn fact(settings: &Settings, offer: &Offer) -> Value {
    let zone = settings.policy.client(&offer.client).map_or(&settings.policy.owner.zone, |client| &client.zone);
    json!({
        "key": offer.key,
        "client": offer.client,
        "about": offer.about,
        "state": offer.state.as_str(),
        "slots": times(&offer.slots, zone),
        "chosen": offer.chosen,
        "answers": offer.replies.len(),
        "made_at": out::rfc3339(offer.made_at),
        "since": out::rfc3339(offer.since),
        "expires": out::rfc3339(offer.expires),
    })
}

/// An offer for people: where it stands, and its times.
pub fn line(settings: &Settings, offer: &Offer, busy: &[Interval], now: Instant) -> String {
    let owner = &settings.policy.owner.zone;
    let zone = settings.policy.client(&offer.client).map_or(owner, |client| &client.zone);
    let until = out::stamp(offer.expires, owner);
    let state = match offer.state {
        OfferState::Drafted => format!("in Drafts, not sent yet; useful until {until}"),
        OfferState::Open if offer.replies.is_empty() => format!("sent, no answer yet; kept free until {until}"),
        OfferState::Open => format!("sent, the answer names no single time; kept free until {until}"),
        OfferState::Chosen => "the client chose".to_owned(),
        OfferState::Declined => "none of them suits the client: answer by hand".to_owned(),
        OfferState::Expired => format!("nobody chose by {until}: the times are free again"),
        OfferState::Dropped => "never sent, or taken back".to_owned(),
    };
    let about = offer.about.as_deref().map(|about| format!("  {about}")).unwrap_or_default();
    let mut text = format!("{}{about}\n    {state}", offer.key);
    for (n, slot) in offer.slots.iter().enumerate() {
        let chosen = offer.state == OfferState::Chosen && offer.chosen == Some(n + 1);
        if offer.state == OfferState::Chosen && !chosen {
            continue;
        }
        let clash = busy.iter().any(|it| it != slot && it.0 < slot.1 && slot.0 < it.1);
        let note = match offer.state {
            OfferState::Drafted | OfferState::Open | OfferState::Chosen if clash => {
                "  you are busy then by your calendar"
            }
            OfferState::Drafted | OfferState::Open if slot.0 <= now => "  over",
            _ => "",
        };
        text.push_str(&format!("\n    {}. {}{note}", n + 1, both(*slot, zone, owner)));
    }
    text
}

fn take_back(cli: &Cli, settings: &Settings, key: &str, now: Instant) -> Result<(), Fail> {
    let alive = |offer: &&Offer| !matches!(offer.state, OfferState::Dropped | OfferState::Expired);
    let all = known(settings, now)?;
    let of_client: Vec<&Offer> =
        all.iter().filter(alive).filter(|offer| offer.client == key && lively(offer, now)).collect();
    let found = match (all.iter().find(|offer| offer.key == key), of_client.as_slice()) {
        (Some(offer), _) => offer,
        (None, [one]) => one,
        (None, []) => {
            let known: Vec<&str> = all.iter().map(|offer| offer.key.as_str()).collect();
            let hint = config::nearest(key, known.iter().copied()).map(|near| format!("\n    did you mean {near}?"));
            let hint = hint.unwrap_or_else(|| "\n    `fuseau slots` lists the offers".to_owned());
            return Err(Fail::Usage(format!("no offer is called {key:?}{hint}")));
        }
        (None, several) => {
            let keys: Vec<&str> = several.iter().map(|offer| offer.key.as_str()).collect();
            return Err(Fail::Usage(format!("{key} has several offers; name one: {}", keys.join(", "))));
        }
    };
    if !alive(&found) {
        return Err(Fail::Failed(format!("{} is {} already", found.key, found.state.as_str())));
    }
    let dir = out::state_dir(settings);
    let (store, lock) = out::change_history(settings)?;
    let lay = store.write_blocking(|tx| {
        let lay = tx.drop_draft(&found.key)?;
        tx.offer_becomes(&found.key, OfferState::Dropped, None, now)?;
        Ok(lay)
    });
    drop(lock);
    store.close()?;
    let sent = !lay? && found.state != OfferState::Drafted;
    if cli.json {
        out::json(&json!({"key": found.key, "state": OfferState::Dropped.as_str(), "was": found.state.as_str()}));
    } else {
        let more = if sent { "; the client has it: tell them" } else { "; the draft goes if you have not touched it" };
        out::text(&format!("{} is taken back, its times are free again{more}", found.key));
    }
    control::ask(&dir, Ask::Nudge)?;
    Ok(())
}
