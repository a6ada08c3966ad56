//! The work: `[project.NAME]` and `[drafts]`. How money and rhythms are written: terms.rs.
use super::terms::{cadence, money};
use crate::config::nearest;
use crate::config::reader::{Field, Reader};
use crate::config::schema::list_of;
use crate::decide::DraftSettings;
use crate::model::{DraftKind, FactSource, Invoice, Milestone, Project, Terms, WaitingOn};
use chrono::{Days, NaiveDate};

/// What projects may name.
pub(super) struct Known {
    /// Every client in the files, also those with faults.
    pub clients: Vec<String>,
    /// Every mailbox.
    pub mailboxes: Vec<String>,
}

/// One project.
pub(super) fn project(id: &str, table: &Reader<'_>, known: &Known) -> Option<Project> {
    let client = table.field("client").and_then(|field| one_of(&field, &known.clients, "client"));
    let title = if table.has("title") { table.text("title") } else { Some(id.to_owned()) };
    let mailbox = named(table, "mailbox", |field| one_of(field, &known.mailboxes, "mailbox"));
    let cadence = named(table, "cadence", cadence);
    let terms = match table.table("terms") {
        Some(inner) => self::terms(&inner),
        None => Some(Terms::default()),
    };
    let payment_days = terms.as_ref().and_then(|terms| terms.payment_days);
    let milestones: Vec<Option<Milestone>> = table.tables("milestone").iter().map(milestone).collect();
    let invoices: Vec<Option<Invoice>> = table.tables("invoice").iter().map(|one| invoice(one, payment_days)).collect();
    report_same_number(&table.tables("invoice"));
    let sources = sources(table);
    let ended = table.field("ended").and_then(|field| field.date());
    Some(Project {
        id: id.to_owned(),
        client: client?,
        title: title?,
        mailbox: mailbox?,
        ended,
        milestones: milestones.into_iter().collect::<Option<_>>()?,
        deliverables: table.texts("deliverables"),
        scope: table.texts("scope"),
        terms: terms?,
        invoices: invoices.into_iter().collect::<Option<_>>()?,
        cadence: cadence?,
        sources,
    })
}

/// A key that may be missing: outer `None` after a fault.
fn named<'a, T>(table: &Reader<'a>, name: &str, read: impl FnOnce(&Field<'a>) -> Option<T>) -> Option<Option<T>> {
    match table.field(name) {
        None => Some(None),
        Some(field) => read(&field).map(Some),
    }
}

/// The name of something that is declared elsewhere.
fn one_of(field: &Field<'_>, known: &[String], what: &str) -> Option<String> {
    let name = field.text()?;
    if known.contains(&name) {
        return Some(name);
    }
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let remedy = match nearest::word(&name, names.iter().copied()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None if names.is_empty() => format!("add [{what}.{name}]"),
        None => format!("add [{what}.{name}], or write {}", list_of(&names)),
    };
    field.place.fault(format!("is no {what}"), remedy);
    None
}

fn terms(table: &Reader<'_>) -> Option<Terms> {
    let amount = |name: &str| named(table, name, money);
    let date = |name: &str| table.field(name).and_then(|field| field.date());
    let (fee, deposit) = (amount("fee"), amount("deposit"));
    let (deposit_paid, signed) = (date("deposit_paid"), date("signed"));
    let payment_days = table.field("payment_days").and_then(|field| field.count());
    let (fee, deposit) = (fee?, deposit?);
    if let (Some(fee), Some(deposit), Some(field)) = (&fee, &deposit, table.field("deposit")) {
        if fee.currency != deposit.currency {
            field.place.warn(format!("is in another currency than the fee ({})", fee.currency), None);
        } else if deposit.minor > fee.minor {
            field.place.fault("is more than the fee", "exchange the two, or mend one of them".to_owned());
        }
    }
    if let (None, Some(_), Some(field)) = (&deposit, deposit_paid, table.field("deposit_paid")) {
        field.place.fault("has no deposit", "add deposit = \"1600 EUR\" beside it".to_owned());
    }
    Some(Terms { fee, deposit, deposit_paid, payment_days, signed })
}

fn milestone(table: &Reader<'_>) -> Option<Milestone> {
    let title = table.text("title");
    let date = |name: &str| table.field(name).and_then(|field| field.date());
    let (due, done) = (date("due"), date("done"));
    let waiting = table.field("waiting").and_then(|field| field.choice());
    let waiting_for = table.text("waiting_for");
    if let (Some(_), Some(field)) = (&waiting_for, table.field("waiting_for"))
        && !table.has("waiting")
    {
        field.place.fault("waits on nobody", "add waiting = \"client\", \"me\" or \"other\"".to_owned());
    }
    if let (Some(_), Some(_), Some(field)) = (done, waiting, table.field("waiting")) {
        field.place.warn("is no more: the milestone is done", "remove it".to_owned());
    }
    let waiting = waiting.map(|word| match word {
        "client" => WaitingOn::Client,
        "me" => WaitingOn::Owner,
        _ => WaitingOn::Other,
    });
    Some(Milestone { title: title?, due, done, waiting, waiting_for })
}

fn invoice(table: &Reader<'_>, payment_days: Option<u32>) -> Option<Invoice> {
    let number = table.text("number");
    let amount = table.field("amount").and_then(|field| money(&field));
    let date = |name: &str| table.field(name).and_then(|field| field.date());
    let (sent, paid) = (date("sent"), date("paid"));
    let due = match table.field("due") {
        Some(field) => {
            let due = field.date();
            if let (Some(sent), Some(due)) = (sent, due)
                && due < sent
            {
                field.place.fault(format!("is before sent = {sent}"), "exchange the two, or mend one".to_owned());
            }
            due
        }
        None => reckoned(table, sent, payment_days),
    };
    Some(Invoice { number: number?, amount: amount?, sent, due: due?, paid })
}

/// The due date by the terms.
fn reckoned(table: &Reader<'_>, sent: Option<NaiveDate>, payment_days: Option<u32>) -> Option<NaiveDate> {
    let due = sent.zip(payment_days).and_then(|(sent, days)| sent.checked_add_days(Days::new(u64::from(days))));
    if due.is_none() && (sent.is_some() || !table.has("sent")) {
        table.place.fault(
            "has no due date",
            "add due = 2027-02-15, or sent = … here and payment_days in the terms of the project".to_owned(),
        );
    }
    due
}

fn report_same_number(tables: &[Reader<'_>]) {
    let mut seen: Vec<String> = Vec::new();
    for field in tables.iter().filter_map(|table| table.field("number")) {
        let Some(number) = field.text() else { continue };
        if seen.contains(&number) {
            field.place.fault("is the number of another invoice of this project", "a number stands once".to_owned());
        }
        seen.push(number);
    }
}

/// Where facts are found. What is not there is a warning: the rest goes on without it.
fn sources(table: &Reader<'_>) -> Vec<FactSource> {
    let mut sources = Vec::new();
    let branch = table.text("git_branch");
    if let Some(field) = table.field("git")
        && let Some(path) = field.path()
    {
        if !path.join(".git").exists() && !path.join("HEAD").is_file() {
            let remedy = format!("nothing is read from it; run git init in {}, or remove it here", path.display());
            field.place.warn("is no git repository", remedy);
        }
        sources.push(FactSource::Git { path, branch });
    } else if branch.is_some()
        && let Some(field) = table.field("git_branch")
    {
        field.place.fault("has no repository", "add git = \"…\" beside it".to_owned());
    }
    if let Some(field) = table.field("checklist")
        && let Some(path) = field.path()
    {
        if !path.is_file() {
            let remedy = format!("nothing is read from it; write {}, or remove it here", path.display());
            field.place.warn("names no file", remedy);
        }
        sources.push(FactSource::Checklist { path });
    }
    sources
}

/// `[drafts]` with its defaults.
pub(super) fn drafts(main: &Reader<'_>) -> Option<DraftSettings> {
    let table = main.section("drafts")?;
    let flag = |name: &str| table.field(name).and_then(|field| field.flag());
    let duration = |name: &str| table.field(name).and_then(|field| field.duration());
    let counts = |name: &str| table.field(name).and_then(|field| field.counts());
    let off = table.field("off").and_then(|field| field.choices());
    let (follow_up, payment) = (counts("follow_up"), counts("payment"));
    let (check_in, before_absence) = (duration("check_in"), duration("before_absence"));
    let closure_days = table.field("closure_days").and_then(|field| field.count());
    let (recap, opening) = (flag("recap"), flag("opening"));
    Some(DraftSettings {
        off: off?.into_iter().filter_map(DraftKind::parse).collect(),
        follow_up: follow_up?.into_iter().filter_map(|days| u32::try_from(days).ok()).collect(),
        check_in: check_in?,
        before_absence: before_absence?,
        closure_days: closure_days?,
        payment: payment?,
        recap: recap?,
        opening: opening?,
        ..DraftSettings::default()
    })
}
