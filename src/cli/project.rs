//! `fuseau project [PROJECT]`: where the work stands. Dates are civil dates where the client is.
use super::args::{Cli, Project as Args};
use super::fail::Fail;
use super::{draft, note, out};
use crate::calendar::holidays::kept_on;
use crate::config::Settings;
use crate::daemon::occasions::{self, Gathered};
use crate::decide::occasion::{Content, JournalEntry, Occasion, plan, progress};
use crate::model::{Client, DraftKind, Instant, Invoice, Milestone, Money, Project, WaitingOn};
use crate::system::Clock;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Runs the command.
pub fn run(cli: &Cli, args: &Args) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = Clock::System.now();
    let wanted: Vec<&Project> = match &args.project {
        Some(id) => vec![note::project(&settings.policy, id)?],
        None => settings.policy.projects.iter().collect(),
    };
    let policy = &settings.policy;
    let outside = draft::outside(policy, now);
    let store = out::look_into_history(&settings)?;
    let gathered = store.read_blocking(|tx| occasions::gather(tx, policy, outside, now))?;
    let coming = {
        let plan = plan(&gathered.facts(policy), now);
        plan.make.into_iter().chain(plan.coming).collect::<Vec<Occasion>>()
    };
    let standing = |project| Standing { settings: &settings, gathered: &gathered, coming: &coming, project, now };
    let all: Vec<Standing<'_>> = wanted.into_iter().map(standing).collect();
    if cli.json {
        out::json(&match (&args.project, all.as_slice()) {
            (Some(_), [one]) => one.json(),
            _ => Value::Array(all.iter().map(Standing::json).collect()),
        });
    } else if args.project.is_some() {
        all.iter().for_each(|one| out::text(&one.text()));
    } else if all.is_empty() {
        out::text("no project is configured: add [project.NAME] with client = \"…\"");
    } else {
        all.iter().for_each(|one| out::text(&one.line()));
    }
    Ok(())
}

/// One project with everything that is known about it.
struct Standing<'a> {
    settings: &'a Settings,
    gathered: &'a Gathered,
    coming: &'a [Occasion],
    project: &'a Project,
    now: Instant,
}

impl<'a> Standing<'a> {
    fn client(&self) -> Option<&'a Client> {
        self.settings.policy.client(&self.project.client)
    }

    /// The date where the client is.
    fn today(&self) -> NaiveDate {
        let zone = self.client().map_or(&self.settings.policy.owner.zone, |client| &client.zone);
        zone.local(self.now).date()
    }

    fn holiday(&self, date: NaiveDate) -> Option<&'static str> {
        let client = self.client()?;
        kept_on(client.hours.as_ref(), &client.holidays, date).next().map(|(_, name)| name)
    }

    fn since(&self) -> Option<Instant> {
        let facts = self.gathered.facts(&self.settings.policy);
        facts.last_sent(DraftKind::Progress, &self.project.client, Some(&self.project.id))
    }

    fn ended(&self) -> bool {
        self.project.ended.is_some_and(|ended| ended <= self.today())
    }

    fn next(&self) -> impl Iterator<Item = &'a Occasion> {
        let id = &self.project.id;
        self.coming.iter().filter(move |one| one.project.as_ref() == Some(id))
    }

    fn line(&self) -> String {
        let open = self.project.milestones.iter().filter(|it| it.done.is_none()).count();
        let done = self.project.milestones.len() - open;
        let state = match (self.ended(), self.project.milestones.len()) {
            (true, _) => "over".to_owned(),
            (false, 0) => "no milestones".to_owned(),
            (false, all) => format!("{done} of {all} milestones done"),
        };
        format!("{}  {} for {}: {state}", out::bold(&self.project.id), self.project.title, self.project.client)
    }

    fn text(&self) -> String {
        let Self { project, .. } = self;
        let zone = self.client().map_or("", |client| client.zone.name());
        let mut text = format!("{}  for {} (dates in {zone})", out::bold(&project.title), project.client);
        if let Some(ended) = project.ended {
            let _ = write!(text, "\n  ended {}", day(ended));
        }
        for milestone in &project.milestones {
            let _ = write!(text, "\n  {}", self.milestone(milestone));
        }
        let done = self.done();
        if !done.is_empty() {
            let zone = &self.settings.policy.owner.zone;
            let last = self.since().map(|at| format!(" (last update {})", out::stamp(at, zone)));
            let _ = write!(text, "\n\n  noted, not told yet{}", last.unwrap_or_default());
            for line in done {
                let _ = write!(text, "\n    {line}");
            }
        }
        for line in self.terms().into_iter().chain(project.invoices.iter().map(|one| self.invoice(one))) {
            let _ = write!(text, "\n  {line}");
        }
        let zone = &self.settings.policy.owner.zone;
        let mut next: Vec<&Occasion> = self.next().collect();
        next.sort_by_key(|one| one.due);
        for (n, one) in next.into_iter().enumerate() {
            let title = if n == 0 { "\n\n  drafts that come" } else { "" };
            let invoice = match &one.content {
                Content::Payment(payment) => format!("  invoice {}", payment.number),
                _ => String::new(),
            };
            let _ = write!(text, "{title}\n    {:<10}{}{invoice}", one.kind.as_str(), out::stamp(one.due, zone));
        }
        text
    }

    fn milestone(&self, it: &Milestone) -> String {
        let mut line = match (it.done, it.due) {
            (Some(done), _) => format!("[x] {}, done {}", it.title, day(done)),
            (None, Some(due)) => format!("[ ] {}, due {}", it.title, day(due)),
            (None, None) => format!("[ ] {}", it.title),
        };
        if let (None, Some(due)) = (it.done, it.due) {
            if let Some(name) = self.holiday(due) {
                let _ = write!(line, " (their holiday: {name})");
            }
            if due < self.today() {
                line.push_str(" (late)");
            }
        }
        if let (None, Some(on)) = (it.done, it.waiting) {
            let on = match on {
                WaitingOn::Client => "the client",
                WaitingOn::Owner => "you",
                WaitingOn::Other => "somebody else",
            };
            let _ = write!(line, ", waits for {on}");
            if let Some(what) = &it.waiting_for {
                let _ = write!(line, ": {what}");
            }
        }
        line
    }

    fn done(&self) -> Vec<String> {
        self.untold().into_iter().map(|it| it.text.replace('\n', "\n    ")).collect()
    }

    /// What the next update has to tell of the journal.
    fn untold(&self) -> Vec<&'a JournalEntry> {
        progress::untold(&self.gathered.facts(&self.settings.policy), self.project)
    }

    fn terms(&self) -> Vec<String> {
        let terms = &self.project.terms;
        let mut lines = Vec::new();
        if let Some(fee) = &terms.fee {
            lines.push(format!("fee {}", amount(fee)));
        }
        if let Some(deposit) = &terms.deposit {
            let paid = terms.deposit_paid.map_or("not paid yet".to_owned(), |date| format!("paid {}", day(date)));
            lines.push(format!("deposit {}, {paid}", amount(deposit)));
        }
        if terms.fee.is_some() || terms.signed.is_some() {
            let signed = terms.signed.map_or("not signed yet".to_owned(), |date| format!("signed {}", day(date)));
            lines.push(format!("contract {signed}"));
        }
        if let Some(first) = lines.first_mut() {
            first.insert_str(0, "\n  ");
        }
        lines
    }

    fn invoice(&self, it: &Invoice) -> String {
        let state = match it.paid {
            Some(paid) => format!("paid {}", day(paid)),
            None if it.due < self.today() => format!("overdue since {}", day(it.due)),
            None => format!("due {}", day(it.due)),
        };
        let off = self.holiday(it.due).filter(|_| it.paid.is_none());
        let off = off.map(|name| format!(" (their holiday: {name})")).unwrap_or_default();
        format!("invoice {} {}, {state}{off}", it.number, amount(&it.amount))
    }

    fn json(&self) -> Value {
        let Self { project, .. } = self;
        let milestones = project.milestones.iter().map(|it| {
            json!({
                "title": it.title,
                "due": it.due,
                "done": it.done,
                "holiday": it.due.and_then(|due| self.holiday(due)),
                "late": it.done.is_none() && it.due.is_some_and(|due| due < self.today()),
                "waiting": it.waiting.map(|on| match on {
                    WaitingOn::Client => "client",
                    WaitingOn::Owner => "me",
                    WaitingOn::Other => "other",
                }),
                "waiting_for": it.waiting_for,
            })
        });
        let money = |it: &Money| json!({"amount": plain(it), "currency": it.currency});
        let invoices = project.invoices.iter().map(|it| {
            json!({
                "number": it.number,
                "amount": money(&it.amount),
                "sent": it.sent,
                "due": it.due,
                "paid": it.paid,
                "overdue": it.paid.is_none() && it.due < self.today(),
            })
        });
        json!({
            "id": project.id,
            "client": project.client,
            "title": project.title,
            "zone": self.client().map(|client| client.zone.name()),
            "ended": project.ended,
            "deliverables": project.deliverables,
            "scope": project.scope,
            "milestones": milestones.collect::<Vec<_>>(),
            "terms": {
                "fee": project.terms.fee.as_ref().map(money),
                "deposit": project.terms.deposit.as_ref().map(money),
                "deposit_paid": project.terms.deposit_paid,
                "payment_days": project.terms.payment_days,
                "signed": project.terms.signed,
            },
            "invoices": invoices.collect::<Vec<_>>(),
            "last_update": self.since().map(out::rfc3339),
            "journal": self.untold().into_iter().map(|it| json!({"at": out::rfc3339(it.at), "text": it.text})).collect::<Vec<_>>(),
            "next": self.next().map(|one| json!({
                "key": one.key,
                "kind": one.kind.as_str(),
                "due": out::rfc3339(one.due),
            })).collect::<Vec<_>>(),
        })
    }
}

/// `Fri 22 Jan 2027`
fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// `4800 EUR`, `4800.50 EUR`.
fn amount(money: &Money) -> String {
    format!("{} {}", plain(money), money.currency)
}

fn plain(money: &Money) -> String {
    let digits = money.digits();
    let scale = 10_i64.pow(digits);
    let (whole, part) = (money.minor / scale, money.minor % scale);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}", width = digits as usize) }
}
