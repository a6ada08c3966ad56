//! One look at everything: configuration, clock, state. How moments are said on the desk. What the pages show: beside.
use super::gather::language;
use super::mails::named;
use crate::calendar::zone_at;
use crate::cli::say;
use crate::compose::phrase;
use crate::config::Settings;
use crate::decide::Policy;
use crate::model::{Instant, Language, Zone};
use crate::web::view::Frame;
use crate::web::{Ask, Look, encoded};

/// One look at everything.
pub struct Scene<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The present.
    pub now: Instant,
    /// Whether nothing automatic leaves.
    pub paused: bool,
}

impl Scene<'_> {
    /// The rules' view of the configuration.
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// The owner's language.
    pub fn language(&self) -> Language {
        language(self.settings)
    }

    /// A moment on the owner's clock: the time alone if it is today.
    pub fn here(&self, at: Instant) -> String {
        self.on(at, zone_at(&self.policy().owner, at))
    }

    /// A moment on another clock, with the city; the day only where it is another one than the owner's.
    pub fn there(&self, at: Instant, zone: &Zone) -> String {
        let local = zone.local(at);
        if local.date() == zone_at(&self.policy().owner, at).local(at).date() {
            return format!("{} {}", local.format("%H:%M"), say::city(zone));
        }
        let day = phrase::date(self.language(), local.date(), zone.local(self.now).date());
        format!("{day} {} {}", local.format("%H:%M"), say::city(zone))
    }

    /// The same; empty where that clock is the owner's.
    pub fn elsewhere(&self, at: Instant, zone: &Zone) -> String {
        if zone == &self.policy().owner.zone { String::new() } else { self.there(at, zone) }
    }

    fn on(&self, at: Instant, zone: &Zone) -> String {
        let (local, today) = (zone.local(at), zone.local(self.now).date());
        let clock = local.format("%H:%M");
        if local.date() == today {
            clock.to_string()
        } else {
            format!("{} {clock}", phrase::date(self.language(), local.date(), today))
        }
    }

    /// What stands around a page.
    pub fn frame(&self, ask: &Ask, running: bool) -> Frame {
        let owner = &self.policy().owner;
        let zone = zone_at(owner, self.now);
        let local = zone.local(self.now);
        Frame {
            language: self.language(),
            now: format!("{} {}", phrase::date(self.language(), local.date(), local.date()), local.format("%H:%M")),
            place: say::city(zone),
            path: path(ask),
            running,
            paused: self.paused,
            clients: self.policy().clients.iter().map(named).collect(),
        }
    }
}

/// The path of a page.
fn path(ask: &Ask) -> String {
    let id = |path: &str, id: &str| format!("{path}?id={}", encoded(id));
    match ask {
        Ask::Today => "/".to_owned(),
        Ask::Outbox(false) => "/outbox".to_owned(),
        Ask::Outbox(true) => "/outbox?all=1".to_owned(),
        Ask::Mail(it) => id("/mail", it),
        Ask::Message(it) => id("/message", it),
        Ask::Note(it) => id("/note", it),
        Ask::Client(Look { id: it, threads, shown, query }) => {
            let mut path = id("/client", it);
            if *threads {
                path.push_str("&by=thread");
            }
            if *shown > 0 {
                path.push_str(&format!("&n={shown}"));
            }
            if !query.is_empty() {
                path.push_str(&format!("&q={}", encoded(query)));
            }
            path
        }
        Ask::Stats(client, all) => {
            let client = client.as_ref().map(|id| format!("client={}", encoded(id)));
            let all = all.then(|| "all=1".to_owned());
            let query: Vec<String> = client.into_iter().chain(all).collect();
            format!("/stats{}{}", if query.is_empty() { "" } else { "?" }, query.join("&"))
        }
        Ask::Search(seek) => {
            let mut path = format!("/search?q={}", encoded(&seek.query));
            if let Some(client) = &seek.client {
                path.push_str(&format!("&client={}", encoded(client)));
            }
            if seek.page > 1 {
                path.push_str(&format!("&page={}", seek.page));
            }
            path
        }
    }
}
