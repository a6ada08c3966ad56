//! `fuseau show ID`: one message as it is remembered; with `--raw`, its bytes.
use super::args::{Cli, Show};
use super::dossier::file_fact;
use super::fail::Fail;
use super::{history, out, told};
use crate::config::Settings;
use crate::daemon::tidy::{self, Said};
use crate::decide::occasion::Visited;
use crate::mailbox::parse::{self, Attachment};
use crate::model::text::clean_lines;
use crate::model::{Incoming, MessageId};
use crate::store::{Reader, Seal, Store, StoreError, Told};
use serde_json::{Value, json};
use std::io::Write as _;

/// The visit with an id, or the one whose id begins so.
fn visit(store: &Store, id: &str) -> Result<Option<Visited>, StoreError> {
    let mut found = store.read_blocking(|r| r.visits(None))?;
    found.retain(|visit| id.len() >= 4 && visit.id.starts_with(id));
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// A note of the journal, by its id or the beginning of it.
fn note(cli: &Cli, settings: &Settings, store: &Store, id: &str) -> Result<bool, Fail> {
    if id.len() < 4 {
        return Ok(false);
    }
    let Some((client, note)) = store.read_blocking(|r| r.note_beginning(id))? else { return Ok(false) };
    let policy = &settings.policy;
    if cli.json {
        out::json(&history::note_fact(policy, &note));
        return Ok(true);
    }
    let zone = policy.client(&client).map_or(&policy.owner.zone, |client| &client.zone);
    let row = |name: &str, value: &str| out::text(&format!("{} {value}", out::dim(&format!("{name:<12}"))));
    row("journal", &out::bold(history::title(policy, &note)));
    row("client", &client);
    row("there", &out::stamp(note.at, zone));
    row("your time", &out::stamp(note.at, &policy.owner.zone));
    row("id", &note.id);
    out::text(&format!("\n{}", clean_lines(&note.text)));
    Ok(true)
}

fn visit_shown(cli: &Cli, settings: &Settings, visit: &Visited) {
    if cli.json {
        out::json(&history::visit_fact(&settings.policy, visit));
        return;
    }
    let name = settings.policy.client(&visit.client).map_or(visit.client.as_str(), |client| &client.name);
    out::text(&format!("you met {name} on {}\n\n{}", visit.date.format("%a %-d %b %Y"), visit.text));
}

/// All that is known of one message.
struct Known {
    told: Told,
    bytes: Option<Vec<u8>>,
    whole: bool,
    seal: Option<Seal>,
}

impl Known {
    fn attachments(&self) -> Vec<Attachment> {
        // Cut off behind what is kept, the last one's size is only known to be larger.
        let size = if self.whole { 0 } else { u64::MAX };
        self.bytes.as_deref().map(|bytes| parse::attachments(bytes, size)).unwrap_or_default()
    }
}

impl Known {
    /// Where the rest of a long text is.
    fn rest(&self) -> &'static str {
        match (self.bytes.is_some(), self.whole) {
            (true, true) => "[the text goes on: `fuseau show ID --raw` has all of it]",
            (true, false) => {
                "[the text goes on: only the beginning of this message was kept, its mailbox has all of it]"
            }
            (false, _) => "[the text goes on: only this beginning of it was kept, its mailbox has all of it]",
        }
    }
}

/// `logo.pdf  application/pdf, 47 KiB, sha256 3f…, its bytes are not kept`
fn listed(it: &Attachment) -> String {
    let name = if it.name.is_empty() { "(no name)" } else { it.name.as_str() };
    let size = match (it.about, it.kept) {
        (true, true) => "more than was kept".to_owned(),
        (true, false) => format!("about {} KiB", it.size.div_ceil(1024)),
        (false, _) => format!("{} octets", it.size),
    };
    let hash = it.sha256.as_deref().map(|hash| format!(", sha256 {hash}")).unwrap_or_default();
    let kept = if it.kept { "" } else { "; in the mailbox, not in the history" };
    format!("{name}  {}, {size}{hash}{kept}", it.media)
}

/// Runs the command.
pub fn run(cli: &Cli, show: &Show) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let store = out::open_history(&settings)?;
    let Some(known) = store.read_blocking(|r| find(r, &show.id))? else {
        if let Some(visit) = visit(&store, &show.id)? {
            visit_shown(cli, &settings, &visit);
            return Ok(());
        }
        if note(cli, &settings, &store, &show.id)? {
            return Ok(());
        }
        return Err(Fail::Failed(format!(
            "{:?} is not in the history, or the beginning of several ids; `fuseau search` and `fuseau history --json` show them",
            show.id
        )));
    };
    if show.raw {
        let Some(bytes) = known.bytes else {
            return Err(Fail::Failed("the bytes of this message were not kept".to_owned()));
        };
        if !known.whole {
            out::error("only the beginning of this message was kept");
        }
        // A closed pipe is no error.
        let _ = std::io::stdout().lock().write_all(&bytes);
        return Ok(());
    }
    let parsed = known.bytes.as_deref().map(|bytes| parse::parse(bytes, &parse::Context::default()));
    let said = tidy::text(known.bytes.as_deref(), known.whole, &known.told.it.excerpt);
    if cli.json {
        out::json(&fact(&known, parsed.as_ref(), &said));
    } else {
        print(&settings.policy, &known, parsed.as_ref(), &said);
    }
    Ok(())
}

fn find(r: &Reader<'_>, wanted: &str) -> Result<Option<Known>, StoreError> {
    let by_message_id = match MessageId::parse(wanted) {
        Some(id) => r.exchange_by_message_id(id.as_str())?.map(|it| it.entry.id),
        None => None,
    };
    let id = match by_message_id {
        Some(id) => Some(id),
        None if wanted.len() >= 4 => r.exchange_beginning(&wanted.to_lowercase())?,
        None => None,
    };
    let Some(id) = id else { return Ok(None) };
    let Some(told) = r.told_of(&id)? else { return Ok(None) };
    let whole = r.raw(&id)?.is_none_or(|(_, whole)| whole);
    Ok(Some(Known { told, bytes: r.bytes(&id)?, whole, seal: r.seal_of(&id)? }))
}

fn print(policy: &crate::decide::Policy, known: &Known, parsed: Option<&Incoming>, said: &Said) {
    let it = &known.told.it;
    let zone = it.client.as_deref().and_then(|id| policy.client(id)).map_or(&policy.owner.zone, |client| &client.zone);
    let row = |name: &str, value: &str| {
        if !value.is_empty() {
            out::text(&format!("{} {value}", out::dim(&format!("{name:<12}"))));
        }
    };
    row("from", it.entry.from.as_deref().unwrap_or_default());
    let to = parsed.map(|m| m.recipients().map(ToString::to_string).collect::<Vec<_>>().join(", ")).unwrap_or_default();
    row("to", if to.is_empty() { it.entry.to.as_deref().unwrap_or_default() } else { &to });
    row("subject", &out::bold(&it.entry.subject));
    row("there", &out::stamp(it.entry.at, zone));
    row("your time", &out::stamp(it.entry.at, &policy.owner.zone));
    row("what", &told::what(&known.told, policy));
    row("client", it.client.as_deref().unwrap_or_default());
    row("mailbox", &it.mailbox);
    for note in told::notes(&known.told, policy, zone) {
        row("", &note);
    }
    for it in known.attachments() {
        row("attachment", &listed(&it));
    }
    row("message-id", it.entry.message_id.as_deref().unwrap_or_default());
    row("id", &it.entry.id);
    if let Some(seal) = &known.seal {
        row("seal", &format!("{} · {}", seal.number, seal.content));
    }
    out::text("");
    out::text(&clean_lines(&said.text));
    if said.cut {
        out::text(&format!("\n{}", out::dim(known.rest())));
    }
    let Some(decision) = &it.decision else { return };
    out::text(&format!("\n{}", out::dim("why:")));
    for reason in &decision.reasons {
        out::text(&format!("  {:<24} {}", reason.code.as_str(), reason.text()));
    }
}

fn fact(known: &Known, parsed: Option<&Incoming>, said: &Said) -> Value {
    let mut fact = history::told_fact(&known.told);
    let attachments: Vec<&str> =
        parsed.map(|m| m.content.attachments.iter().map(|name| name.as_str()).collect()).unwrap_or_default();
    let files: Vec<Value> = known.attachments().iter().map(file_fact).collect();
    if let Value::Object(keys) = &mut fact {
        keys.insert("client".into(), json!(known.told.it.client));
        keys.insert("text".into(), json!(said.text));
        keys.insert("text_cut".into(), json!(said.cut));
        keys.insert("attachments".into(), json!(attachments));
        keys.insert("files".into(), Value::Array(files));
        keys.insert("whole".into(), json!(known.bytes.is_some() && known.whole));
        let seal = known.seal.as_ref().map(
            |seal| json!({"number": seal.number, "content": seal.content, "chain": seal.chain, "record": seal.record}),
        );
        keys.insert("seal".into(), json!(seal));
    }
    fact
}
