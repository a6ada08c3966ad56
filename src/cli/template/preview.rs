//! `fuseau template preview`: a mail as a client would read it, in the terminal or as a page. Sends and records nothing.
use super::super::{args::Cli, auth, fail::Fail, out};
use crate::compose::draft::{SampleContent, sample_contents};
use crate::compose::{Acknowledgement, Composer, DraftMail, Holding, Letter, Urgency};
use crate::config::Settings;
use crate::daemon::occasions::{self, Gathered};
use crate::decide::occasion::{Content, Opening, Target, asked, opening};
use crate::decide::{self, Policy};
use crate::model::{Client, DraftKind, Instant, Language};
use crate::store::Store;
use crate::system::{Clock, state};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// How it is shown.
pub(super) struct Options<'a> {
    pub(super) all: bool,
    pub(super) at: Option<&'a str>,
    pub(super) browser: bool,
}

/// A letter and where its values come from.
struct Shown {
    /// `real`, or the name of the sample.
    from: &'static str,
    letter: Letter,
}

/// What stands for a subject of the client's.
const SUBJECT: &str = "Website";
/// Values that configuration, journal and history say.
const REAL: &str = "real";

/// Runs the command.
pub(super) fn run(
    cli: &Cli,
    settings: &Settings,
    kind: &'static str,
    client: &str,
    options: &Options<'_>,
) -> Result<(), Fail> {
    let policy = &settings.policy;
    let client = out::client(policy, client)?;
    let now = match options.at {
        Some(text) => out::instant(text)?,
        None => Clock::System.now(),
    };
    let composer = Composer::with(&settings.templates).map_err(|fault| Fail::Configuration(fault.to_string()))?;
    let wrong = |fault: crate::compose::TemplateError| Fail::Configuration(fault.to_string());
    let shown = match DraftKind::parse(kind) {
        Some(kind) => drafts(settings, client, kind, now, options.all)
            .into_iter()
            .map(|(from, content, opening)| {
                let opening = opening.filter(|_| policy.drafts.opening);
                let owner = &policy.owner;
                let mail = DraftMail { owner, client, person: None, subject: None, content: &content, opening, now };
                Ok(Shown { from, letter: composer.draft(&mail).map_err(wrong)? })
            })
            .collect::<Result<Vec<_>, Fail>>()?,
        None => vec![Shown { from: REAL, letter: reply(&composer, policy, client, kind, now)? }],
    };
    if options.browser {
        return browser(settings, client, kind, &shown);
    }
    if cli.json {
        let rows = shown.iter().map(|Shown { from, letter }| {
            json!({"case": from, "language": letter.language.code(), "subject": letter.subject, "text": letter.text, "html": letter.html})
        });
        out::json(&json!({"kind": kind, "client": client.id, "letters": rows.collect::<Vec<Value>>()}));
        return Ok(());
    }
    let head = |from: &str| match from {
        REAL => String::new(),
        case => out::dim(&format!("-- sample values ({case})\n")),
    };
    let pages: Vec<String> = shown
        .iter()
        .map(|Shown { from, letter }| {
            let html = if letter.html.is_some() {
                out::dim("-- and an HTML face: --browser shows it\n")
            } else {
                String::new()
            };
            format!("{}{}\n\n{}{html}", head(from), out::bold(&format!("Subject: {}", letter.subject)), letter.text)
        })
        .collect();
    out::text(&pages.join("\n"));
    Ok(())
}

/// What configuration, journal and history have to say, else samples: where from, what, and the human line before it.
fn drafts(
    settings: &Settings,
    client: &Client,
    kind: DraftKind,
    now: Instant,
    all: bool,
) -> Vec<(&'static str, Content, Option<Opening>)> {
    let policy = &settings.policy;
    let gathered = remembered(settings, now).unwrap_or_default();
    let facts = gathered.facts(policy);
    let theirs: Vec<_> = policy.projects.iter().filter(|project| project.client == client.id).collect();
    let target = Target { client, project: theirs.first().copied() };
    let real = asked(kind, &facts, &target, now).ok().filter(|_| !all);
    if let Some(occasion) = real {
        return vec![(REAL, occasion.content, occasion.opening)];
    }
    let samples = sample_contents(kind, &client.zone, now);
    let shown = if all { samples.len() } else { 1 };
    let one = |SampleContent { case, content }| {
        let key = format!("{}:{case}", kind.as_str());
        (case, content, opening::of(client, &key, now, now))
    };
    samples.into_iter().take(shown).map(one).collect()
}

/// What is remembered; `None` where nothing was recorded yet, or it cannot be read: a preview needs no history.
fn remembered(settings: &Settings, now: Instant) -> Option<Gathered> {
    if !Store::path_in(&out::state_dir(settings)).exists() {
        return None;
    }
    let store = out::look_into_history(settings).ok()?;
    let outside = super::super::draft::outside(&settings.policy, now);
    store.read_blocking(|tx| occasions::gather(tx, &settings.policy, outside, now)).ok()
}

/// An acknowledgement of a mail that arrives now, or a holding reply for a promise that ends now.
fn reply(composer: &Composer, policy: &Policy, client: &Client, kind: &str, now: Instant) -> Result<Letter, Fail> {
    let wrong = |fault: crate::compose::TemplateError| Fail::Configuration(fault.to_string());
    if kind.starts_with("digest") {
        return Err(Fail::Usage(
            "the digest is written to you, not to a client: see it with `fuseau digest`".to_owned(),
        ));
    }
    if kind == "page-words" {
        return Err(Fail::Usage(
            "these are the words of the public page: see it with `fuseau page --out DIR`".to_owned(),
        ));
    }
    let plan = decide::plan_at(policy, now)
        .ok_or_else(|| Fail::Failed("no answer window in the next 400 days: see [hours] and [[closed]]".to_owned()))?;
    let acknowledgement = Acknowledgement {
        owner: &policy.owner,
        client_name: Some(&client.name),
        language: client.language,
        tone: client.tone,
        zone: &client.zone,
        hours: client.hours.as_ref(),
        holidays: &client.holidays,
        channels: &client.channels,
        written_at: plan.send_at,
        window: &plan.window,
        subject: Some(SUBJECT),
        away: None,
        urgency: Urgency::Unsaid,
        topic: None,
        clocks: None,
    };
    if kind == "holding" {
        let previous = now - TimeDelta::minutes(15);
        let holding = Holding { anew: acknowledgement, previous, variant: 0, subjects: &[] };
        return composer.holding(&holding).map_err(wrong);
    }
    composer.acknowledgement(&acknowledgement).map_err(wrong)
}

/// One page in the state directory, which only the owner can read.
fn browser(settings: &Settings, client: &Client, kind: &str, shown: &[Shown]) -> Result<(), Fail> {
    let dir = out::state_dir(settings);
    state::prepare(&dir).map_err(|error| Fail::Failed(format!("{}: {error}", dir.display())))?;
    let file = dir.join("preview.html");
    let at = |error: std::io::Error| Fail::Failed(format!("{}: {error}", file.display()));
    std::fs::write(&file, page(client, kind, shown)).map_err(at)?;
    out::text(&file.display().to_string());
    if !auth::open(&format!("file://{}", file.display())) {
        out::error("no browser could be started: open this file in one");
    }
    Ok(())
}

fn page(client: &Client, kind: &str, shown: &[Shown]) -> String {
    let direction = if client.language == Language::Ar { "rtl" } else { "ltr" };
    let mut body = String::new();
    for Shown { from, letter } in shown {
        let note =
            if *from == REAL { String::new() } else { format!("<p class=note>sample values: {}</p>", escaped(from)) };
        body.push_str(&format!(
            "<article lang={} dir={direction}>{note}<h2>{}</h2><pre>{}</pre>",
            letter.language.code(),
            escaped(&letter.subject),
            escaped(&letter.text)
        ));
        if let Some(html) = &letter.html {
            // Without rights: a template is the owner's, but what it loads is not.
            body.push_str(&format!("<iframe sandbox srcdoc=\"{}\"></iframe>", escaped(html)));
        }
        body.push_str("</article>");
    }
    format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{kind}: {}</title><style>{STYLE}</style><h1>{kind}: {}</h1>{body}\n",
        escaped(&client.name),
        escaped(&client.name)
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
h1{font-size:1.1rem}h2{font-size:1rem}article{border:1px solid #8886;border-radius:6px;padding:0 1rem 1rem;margin:1rem 0}\
pre{font:inherit;white-space:pre-wrap;margin:0}.note{opacity:.7}iframe{width:100%;height:24rem;border:1px solid #8886;margin-top:1rem;background:#fff}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
