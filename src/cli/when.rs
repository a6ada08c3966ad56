//! `fuseau when CLIENT`: the next answer window, in both zones, as if a mail arrived now or at `--at`.
use super::args::{Cli, When};
use super::fail::Fail;
use super::out;
use crate::calendar;
use crate::compose::moment;
use crate::decide;
use crate::system::Clock;
use serde_json::json;

/// Runs the command.
pub fn run(cli: &Cli, when: &When) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let policy = &settings.policy;
    let client = out::client(policy, &when.client)?;
    let at = match &when.at {
        Some(text) => out::instant(text)?,
        None => Clock::System.now(),
    };
    let Some(plan) = decide::plan_at(policy, at) else {
        return Err(Fail::Failed(
            "no answer window in the next 400 days: see [hours], [[closed]] and holidays in the configuration".into(),
        ));
    };
    let window = &plan.window;
    let there = |t| moment(client.language, &client.zone, t, plan.send_at).full;
    if cli.json {
        out::json(&json!({
            "client": client.id,
            "at": out::rfc3339(at),
            "window": {"start": client.zone.fixed(window.start).to_rfc3339(), "end": client.zone.fixed(window.end).to_rfc3339()},
            "owner_window": {"start": window.zone.fixed(window.start).to_rfc3339(), "end": window.zone.fixed(window.end).to_rfc3339()},
            "promise_by": client.zone.fixed(plan.by).to_rfc3339(),
            "text": there(plan.by),
        }));
        return Ok(());
    }
    let inside = calendar::window_at(&policy.owner, at).is_some();
    out::text(&format!(
        "{name}\n  a mail that arrives {at_there}\n  is acknowledged {send_at}{grace}\n  and promises     {by}\n  your window is   {here}, {zone}{place}\n",
        name = client.name,
        at_there = out::stamp(at, &client.zone),
        send_at = out::stamp(plan.send_at, &client.zone),
        grace = if inside { " (inside a window: you have time to answer first)" } else { "" },
        by = there(plan.by),
        here = out::span(window.start, window.end, &window.zone),
        zone = window.zone.name(),
        place = window.place.as_ref().map_or_else(String::new, |place| format!(" ({place})")),
    ));
    Ok(())
}
