//! `fuseau search QUERY`: full text over the history, ranked, with the words marked.
use super::args::{Cli, Search};
use super::fail::Fail;
use super::out;
use super::progress::{Line, thousands};
use crate::config::Settings;
use crate::daemon::search::{self, Answer, Found};
use crate::daemon::tidy;
use crate::store::{Index, Store};
use crate::system::Clock;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, wanted: &Search) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let raw = wanted.query.join(" ");
    let (query, sieve) = search::understand(&raw, &settings, Clock::System.now())
        .map_err(|fault| Fail::Usage(crate::model::text::clean_lines(&fault.to_string())))?;
    let store = out::open_history(&settings)?;
    let index = ready(&settings, &store)?;
    let answer = search::search(&store, &index, &query, &sieve, wanted.limit.into())?;
    if cli.json {
        out::json(&Value::Array(answer.found.iter().map(fact).collect()));
        return Ok(());
    }
    print(&settings, &answer, &raw);
    Ok(())
}

/// The index, up to the newest entry: the daemon keeps it so, this makes up for what it has not done.
fn ready(settings: &Settings, store: &Store) -> Result<Index, Fail> {
    let index = Index::open(&out::state_dir(settings))?;
    let mut line = Line::new("indexing", "entries");
    tidy::index_all(store, &index, &mut |done, all| {
        line.show(u64::try_from(done).unwrap_or(0), u64::try_from(all).unwrap_or(0), u64::try_from(done).unwrap_or(0));
    })?;
    Ok(index)
}

fn print(settings: &Settings, answer: &Answer, raw: &str) {
    let home = &settings.policy.owner.zone;
    for found in &answer.found {
        let entry = &found.it.entry;
        let arrow = if entry.direction == "in" { "←" } else { "→" };
        let who = if entry.direction == "in" { &entry.from } else { &entry.to };
        let when = home.local(entry.at).format("%a %-d %b %Y %H:%M").to_string();
        let client = found.it.client.as_deref().map_or(String::new(), |client| format!("{client}  "));
        let subject = if entry.subject.is_empty() { "(no subject)" } else { entry.subject.as_str() };
        let rest = format!("{client}{}", who.as_deref().unwrap_or(""));
        out::text(&format!("{when:<22} {arrow} {}  {}", out::bold(subject), out::dim(&rest)));
        let passage: String = found
            .passage
            .iter()
            .map(|piece| if piece.hit { out::marked(&piece.text) } else { piece.text.clone() })
            .collect();
        if !passage.trim().is_empty() {
            out::text(&format!("    {}", passage.trim()));
        }
        out::text(&format!("    {}", out::dim(&format!("fuseau show {}", entry.id))));
    }
    let n = answer.found.len() as u64;
    let what = match (n, answer.more) {
        (0, _) => format!("nothing matches {}", crate::model::text::clean(raw, 200)),
        (_, true) => format!("the first {}; `--limit` shows more, filters leave fewer", thousands(n)),
        (1, false) => "1 hit".to_owned(),
        (_, false) => format!("{} hits", thousands(n)),
    };
    out::text(&out::dim(&what));
    if answer.cut_short {
        out::text(&out::dim("older matches were not looked at: narrow it down with before: and after:"));
    }
}

fn fact(found: &Found) -> Value {
    let mut fact = super::history::fact(&found.it.entry);
    if let Value::Object(keys) = &mut fact {
        keys.insert("client".into(), json!(found.it.client));
        keys.insert("mailbox".into(), json!(found.it.mailbox));
        keys.insert("conversation".into(), json!(found.it.conversation));
        let pieces: Vec<Value> = found.passage.iter().map(|p| json!({"text": p.text, "hit": p.hit})).collect();
        keys.insert("passage".into(), Value::Array(pieces));
    }
    fact
}
