//! In what world a life is lived: the mailboxes, the clients, the owner and their hours, and the faults that lie ahead.
use super::people::{begin, people};
use super::rng::Rng;
use super::world::{Account, Event, Instant, Odds, Store as Folder, World};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use fuseau::compose::Composer;
use fuseau::config::{Digest, DigestTimes, MailboxSettings, Settings};
use fuseau::daemon::dial::Dialler;
use fuseau::daemon::{Desk, run};
use fuseau::decide::{Policy, Promises, Replies};
use fuseau::mailbox::Flags;
use fuseau::model::account::{self, FolderNames};
use fuseau::model::identity::EnvelopeSender;
use fuseau::model::{
    AddressPattern, Client, ClientPolicy, Closure, EmailAddress, Identity, Language, Mode, Owner, SentCopy, Span, Tone,
    Trip, WeeklyHours, Zones,
};
use fuseau::system::{Clock, Ids, state};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const HOMES: [&str; 7] = [
    "Europe/London",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "America/Vancouver",
    "America/Sao_Paulo",
    "Asia/Singapore",
    "America/New_York",
];

/// A daemon started on what lies in a state directory, as `run::desk` does it, but for the templates, which are checked once.
pub fn desk(settings: Settings, composer: &Arc<Composer>, clock: &Clock, ids: &Ids, dir: &Path) -> (Desk, state::Lock) {
    let (store, lock) = crate::support::open_state(dir, clock.now());
    let instance = run::instance(&store, ids).expect("an instance");
    let desk = Desk {
        settings: Arc::new(settings),
        composer: composer.clone(),
        store,
        clock: clock.clone(),
        ids: ids.clone(),
        instance: instance.into(),
        state: Some(dir.to_path_buf()),
        dialler: Dialler::default(),
        calendars: fuseau::system::calendars::Held::default(),
    };
    (desk, lock)
}

/// The two mailboxes, the people and the odds of this life.
pub fn world(rng: &mut Rng, clock: Clock, dir: &Path, verbose: bool, seed: u64, start: Instant, end: Instant) -> World {
    let mut world = World::new(Rng::new(seed ^ 0xABCD), clock, dir.join("state"), verbose);
    let account = |name, rng: &mut Rng| {
        let mut folders = BTreeMap::new();
        let names: &[&str] =
            if rng.chance(500) { &["INBOX", "Clients", "Sent", "Drafts"] } else { &["INBOX", "Sent", "Drafts"] };
        for name in names {
            folders.insert(*name, Folder { validity: 7, next: 1, lying: Vec::new() });
        }
        let files_itself = rng.chance(500);
        let renames = files_itself && rng.chance(300);
        Account { name, folders, files_itself, renames, hides_next: rng.chance(200) }
    };
    world.accounts = vec![account("studio", rng), account("shop", rng)];
    world.people = people();
    // What lay there before.
    for person in [0, 2, 4] {
        world.happen(Event::Write(person));
    }
    let early: Vec<Event> = std::mem::take(&mut world.events).into_sorted_vec().into_iter().map(|it| it.0.2).collect();
    for event in early {
        if let Event::Arrive { mail, accounts, .. } = event {
            world.mails[mail].before_us = true;
            world.put(accounts[0], "INBOX", mail, Flags::default());
        }
    }
    begin(&mut world, start);
    let trouble = rng.chance(700);
    let mut odds = |most: u64| if trouble && rng.chance(600) { rng.below(most) } else { 0 };
    world.odds =
        Odds { mailbox: odds(40), refused: odds(150), refused_for_good: odds(50), lost: odds(150), doubt: odds(150) };
    plan_faults(rng, &mut world, start, end);
    world
}

fn plan_faults(rng: &mut Rng, world: &mut World, start: Instant, end: Instant) {
    let minutes = (end - start).num_minutes() - 3000;
    let mut some = |most: u64| if rng.chance(500) { rng.below(most) } else { 0 };
    let (pauses, renumbers, drafts) = (some(6), some(8), 40);
    for _ in 0..pauses {
        let from = start + TimeDelta::minutes(rng.between(60, minutes));
        world.plan(from, Event::Pause(true));
        world.plan(from + TimeDelta::minutes(rng.between(3, 2000)), Event::Pause(false));
    }
    world.plan(end - TimeDelta::days(2), Event::Pause(false));
    for _ in 0..renumbers {
        let at = start + TimeDelta::minutes(rng.between(60, minutes));
        let account = usize::try_from(rng.below(2)).unwrap();
        world.plan(at, Event::Renumber { account, folder: rng.pick::<&'static str>(&["INBOX", "Sent", "Clients"]) });
    }
    for _ in 0..drafts {
        let at = start + TimeDelta::minutes(rng.between(60, minutes));
        world.plan(at, Event::SendDraft { account: usize::try_from(rng.below(2)).unwrap() });
    }
}

/// The owner, the clients and the modes of this life.
pub fn policy(rng: &mut Rng, first: NaiveDate) -> Policy {
    let zones = Zones::bundled();
    let client = |id: &str, name: &str, zone: &str, language, contacts: &[&str]| Client {
        id: id.to_owned(),
        name: name.to_owned(),
        contacts: contacts.iter().map(|c| AddressPattern::parse(c).unwrap()).collect(),
        zone: zones.get(zone).unwrap(),
        language,
        tone: Tone::Formal,
        hours: None,
        holidays: Vec::new(),
        channels: Vec::new(),
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    };
    let mode = |rng: &mut Rng| match rng.below(10) {
        0 => Mode::Observe,
        1 => Mode::Draft,
        _ => Mode::Send,
    };
    let identity = |name: &str, address: &str, trusted: &[&str], mode| Identity {
        name: name.to_owned(),
        address: EmailAddress::parse(address).unwrap(),
        aliases: Vec::new(),
        mode,
        trusted_authserv: trusted.iter().map(ToString::to_string).collect(),
        provider: None,
        own_lists: Vec::new(),
        team: Vec::new(),
        contact_form_senders: Vec::new(),
        envelope_sender: EnvelopeSender::Account,
        sent_copy: SentCopy::Auto,
    };
    let (studio, shop) = (mode(rng), mode(rng));
    Policy {
        owner: owner(rng, &zones, first),
        clients: vec![
            client("acme", "Acme Pte Ltd", "Asia/Singapore", Language::En, &["@acme.example"]),
            client("keller", "Keller AG", "Europe/Zurich", Language::De, &["urs@keller.example"]),
            client("sampa", "Sampa Ltda", "America/Sao_Paulo", Language::Pt, &["joao@sampa.example"]),
            client("cascade", "Cascade Inc", "America/Vancouver", Language::En, &["@cascade.example"]),
            client("rose", "Rose SARL", "Europe/Paris", Language::Fr, &["rose@paris.example"]),
            client("island", "Island Tours", "Australia/Lord_Howe", Language::En, &["howie@island.example"]),
            client("tickets", "Tickets BV", "Europe/Paris", Language::Nl, &["desk@tickets.example"]),
            client("echo", "Echo KK", "Asia/Singapore", Language::Ja, &["hello@echo.example"]),
        ],
        mailboxes: vec![
            identity("studio", "claire@studio.example", &["mx.studio.example"], studio),
            identity("shop", "claire@shop.example", &[], shop),
        ],
        replies: Replies::default(),
        promises: Promises::default(),
        urgent: Default::default(),
        topics: Vec::new(),
        projects: Vec::new(),
        drafts: Default::default(),
        zones,
    }
}

fn owner(rng: &mut Rng, zones: &Zones, first: NaiveDate) -> Owner {
    let day = |rng: &mut Rng, from: i64, to: i64| {
        first.checked_add_days(Days::new(u64::try_from(rng.between(from, to)).unwrap())).unwrap()
    };
    let trips = if rng.chance(600) {
        let from = day(rng, 1, 10);
        let hours = rng.chance(300).then(|| hours(rng));
        let zone = zones.get(rng.pick::<&str>(&HOMES)).unwrap();
        let to = from.checked_add_days(Days::new(rng.below(9))).unwrap();
        vec![Trip { from, to, zone, place: Some("Elsewhere".to_owned()), hours }]
    } else {
        Vec::new()
    };
    let closures = if rng.chance(500) {
        let from = day(rng, 1, 15);
        vec![Closure { from, to: from.checked_add_days(Days::new(rng.below(8))).unwrap(), note: None }]
    } else {
        Vec::new()
    };
    Owner {
        name: "Claire Martin".to_owned(),
        zone: zones.get(rng.pick::<&str>(&HOMES)).unwrap(),
        languages: vec![Language::Fr, Language::En],
        hours: hours(rng),
        holidays: Vec::new(),
        closures,
        trips,
    }
}

/// Random windows; some in the night, when clocks change, some over midnight.
fn hours(rng: &mut Rng) -> WeeklyHours {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let clock = |minute: u32| NaiveTime::from_hms_opt(minute / 60 % 24, minute % 60, 0).unwrap();
    let spans = |rng: &mut Rng| {
        let mut spans = Vec::new();
        let mut minute = 0;
        for _ in 0..=rng.below(4) {
            let open = minute + u32::try_from(rng.between(15, 500)).unwrap() / 15 * 15;
            let close = open + u32::try_from(rng.between(1, 8)).unwrap() * 15;
            if close > 1440 {
                break;
            }
            spans.push(Span { open: clock(open), close: clock(close) });
            minute = close;
        }
        if minute < 1400 && rng.chance(200) {
            spans.push(Span { open: clock(1410), close: clock(20) });
        }
        spans
    };
    let mut week = WeeklyHours::default();
    for day in [Mon, Tue, Wed, Thu, Fri] {
        let found = spans(rng);
        week.set(day, found);
    }
    for day in [Sat, Sun] {
        if rng.chance(400) {
            let found = spans(rng);
            week.set(day, found);
        }
    }
    if week.is_empty() {
        week.set(Mon, vec![Span { open: clock(540), close: clock(600) }]);
    }
    week
}

/// The configuration that goes with a policy.
pub fn settings(policy: Policy) -> Settings {
    let mailboxes = policy.mailboxes.iter().map(|identity| MailboxSettings {
        name: identity.name.clone(),
        incoming: account::Incoming::Maildir(account::MaildirAccount { root: PathBuf::new() }),
        outgoing: None,
        folders: FolderNames::default(),
        poll_every: Duration::from_secs(300),
        commands: false,
    });
    Settings {
        mailboxes: mailboxes.collect(),
        policy,
        template_folder: None,
        templates: Vec::new(),
        state: None,
        retention: None,
        keep: fuseau::model::Keep::default(),
        hook: None,
        digest: Digest { to: None, asked: false, at: DigestTimes::Off },
        web: fuseau::config::Web::default(),
        page: fuseau::config::Page::default(),
        files: Vec::new(),
        warnings: Vec::new(),
    }
}
