//! `fuseau search QUERY`: full text over the history, ranked, with the words marked.
use super::args::{Cli, Search};
use super::fail::Fail;
use super::out;
use super::progress::{Line, thousands};
use crate::config::Settings;
use crate::daemon::search::{self, Found, Leaf, Noted, Written};
use crate::daemon::tidy;
use crate::model::text::clean_lines;
use crate::store::{Index, Piece, QueryFault, Store};
use crate::system::Clock;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, wanted: &Search) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let raw = wanted.query.join(" ");
    let wrong = |fault: QueryFault| Fail::Usage(clean_lines(&fault.to_string()));
    let (query, sieve) = search::understand(&raw, &settings, Clock::System.now()).map_err(wrong)?;
    let store = out::open_followed_history(&settings)?;
    search::placed(&raw, &query, &settings, &store)?.map_err(wrong)?;
    let index = ready(&settings, &store)?;
    let limit = usize::from(wanted.limit);
    let answer = search::search(&store, &index, &query, &sieve, limit)?;
    let leaf = Leaf::cut(answer, search::noted(&store, &settings, &query, &sieve)?, 1, limit);
    if cli.json {
        let mails = leaf.found.iter().map(fact);
        out::json(&Value::Array(mails.chain(leaf.noted.iter().map(|it| noted_fact(&settings, it))).collect()));
        return Ok(());
    }
    print(&settings, &leaf, &raw);
    Ok(())
}

/// The index, up to the newest entry: the daemon keeps it so, this makes up for what it has not done.
fn ready(settings: &Settings, store: &Store) -> Result<Index, Fail> {
    let index = Index::open(&out::state_dir(settings))?;
    let mut line = Line::new("indexing", "entries");
    let indexed = tidy::index_all(store, &index, &mut |done, all| {
        line.show(u64::try_from(done).unwrap_or(0), u64::try_from(all).unwrap_or(0), u64::try_from(done).unwrap_or(0));
    });
    drop(line);
    match indexed {
        // On a full disk, what is indexed can still be found.
        Err(error) if error.is_transient() => out::error(&format!("the newest entries are not searched: {error}")),
        Err(error) => return Err(error.into()),
        Ok(_) => {}
    }
    Ok(index)
}

fn print(settings: &Settings, leaf: &Leaf, raw: &str) {
    let home = &settings.policy.owner.zone;
    for found in &leaf.found {
        let entry = &found.it.entry;
        let arrow = if entry.direction == "in" { "←" } else { "→" };
        let who = if entry.direction == "in" { &entry.from } else { &entry.to };
        let when = home.local(entry.at).format("%a %-d %b %Y %H:%M").to_string();
        let client = found.it.client.as_deref().map_or(String::new(), |client| format!("{client}  "));
        let subject = if entry.subject.is_empty() { "(no subject)" } else { entry.subject.as_str() };
        let rest = format!("{client}{}", who.as_deref().unwrap_or(""));
        out::text(&format!("{when:<22} {arrow} {}  {}", out::bold(subject), out::dim(&rest)));
        below(&found.passage, &entry.id);
    }
    for it in &leaf.noted {
        let (when, what, id) = match &it.what {
            Written::Note(note) => {
                let title = super::history::title(&settings.policy, note);
                (home.local(it.at).format("%a %-d %b %Y %H:%M"), format!("journal: {title}"), &note.id)
            }
            // A day, not a time.
            Written::Visit(visit) => {
                (visit.date.and_time(chrono::NaiveTime::MIN).format("%a %-d %b %Y"), "you met".to_owned(), &visit.id)
            }
        };
        out::text(&format!("{:<22} · {}  {}", when.to_string(), out::bold(&what), out::dim(&it.client)));
        below(&it.passage, id);
    }
    let n = (leaf.found.len() + leaf.noted.len()) as u64;
    let what = match (n, leaf.more) {
        (0, _) => format!("nothing matches {}", crate::model::text::clean(raw, 200)),
        (_, true) => format!("the first {}; `--limit` shows more, filters leave fewer", thousands(n)),
        (1, false) => "1 hit".to_owned(),
        (_, false) => format!("{} hits", thousands(n)),
    };
    out::text(&out::dim(&what));
    if leaf.cut_short {
        out::text(&out::dim("older matches were not looked at: narrow it down with before: and after:"));
    }
}

/// Below the line of a hit: why it was found, and how it is read.
fn below(passage: &[Piece], id: &str) {
    let mark = |piece: &Piece| if piece.hit { out::marked(&piece.text) } else { piece.text.clone() };
    let passage: String = passage.iter().map(mark).collect();
    if !passage.trim().is_empty() {
        out::text(&format!("    {}", passage.trim()));
    }
    out::text(&format!("    {}", out::dim(&format!("fuseau show {id}"))));
}

fn fact(found: &Found) -> Value {
    let mut fact = super::history::fact(&found.it.entry);
    if let Value::Object(keys) = &mut fact {
        keys.insert("client".into(), json!(found.it.client));
        keys.insert("mailbox".into(), json!(found.it.mailbox));
        keys.insert("conversation".into(), json!(found.it.conversation));
        keys.insert("passage".into(), pieces(&found.passage));
    }
    fact
}

/// The keys of a mail that was found, and those of a note or a visit.
fn noted_fact(settings: &Settings, it: &Noted) -> Value {
    let mut fact = match &it.what {
        Written::Note(note) => super::history::note_fact(&settings.policy, note),
        Written::Visit(visit) => super::history::visit_fact(&settings.policy, visit),
    };
    if let Value::Object(keys) = &mut fact {
        for more in ["promises", "reasons", "last_reply"] {
            keys.remove(more);
        }
        keys.insert("client".into(), json!(it.client));
        keys.insert("passage".into(), pieces(&it.passage));
    }
    fact
}

fn pieces(passage: &[Piece]) -> Value {
    passage.iter().map(|piece| json!({"text": piece.text, "hit": piece.hit})).collect()
}
