//! When mail comes and goes: by hour and weekday, on the clock where the owner was and on the clients' own.
use super::{Entry, Hand};
use crate::calendar::zone_at;
use crate::model::{Client, Instant, Owner, Zone};
use chrono::{Datelike, Timelike};
use serde::Serialize;
use std::collections::BTreeMap;

/// Mails by weekday (Monday first) and hour.
pub type Grid = [[u32; 24]; 7];

/// When mail comes and goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Mails of clients.
    pub received: Grid,
    /// Mails written by hand.
    pub written: Grid,
}

/// When clients of one zone write, on their own clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ZoneLoad {
    /// The zone.
    pub zone: String,
    /// Their keys.
    pub clients: Vec<String>,
    /// Their mails.
    pub received: Grid,
}

impl Load {
    pub(super) fn of(entries: &[&Entry], owner: &Owner) -> Self {
        let mut load = Self::default();
        for entry in entries {
            let grid = match entry.hand {
                Hand::Client(_) => &mut load.received,
                Hand::Owner => &mut load.written,
                Hand::Machine => continue,
            };
            add(grid, zone_at(owner, entry.at), entry.at);
        }
        load
    }
}

/// Zone by zone, the busiest first.
pub(super) fn zones(entries: &[&Entry], clients: &[Client]) -> Vec<ZoneLoad> {
    let mut by: BTreeMap<&str, ZoneLoad> = BTreeMap::new();
    for entry in entries.iter().filter(|it| matches!(it.hand, Hand::Client(_))) {
        let Some(client) = clients.iter().find(|it| Some(it.id.as_str()) == entry.client.as_deref()) else { continue };
        let load = by.entry(client.zone.name()).or_default();
        if !load.clients.contains(&client.id) {
            load.clients.push(client.id.clone());
        }
        add(&mut load.received, &client.zone, entry.at);
    }
    let mut all: Vec<ZoneLoad> =
        by.into_iter().map(|(zone, load)| ZoneLoad { zone: zone.to_owned(), ..load }).collect();
    for load in &mut all {
        load.clients.sort();
    }
    all.sort_by_key(|load| std::cmp::Reverse(load.received.iter().flatten().sum::<u32>()));
    all
}

fn add(grid: &mut Grid, zone: &Zone, at: Instant) {
    let local = zone.local(at);
    let day = grid.get_mut(local.weekday().num_days_from_monday() as usize);
    if let Some(hour) = day.and_then(|day| day.get_mut(local.hour() as usize)) {
        *hour += 1;
    }
}
