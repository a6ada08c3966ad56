//! `fuseau note PROJECT "…"`: the journal of a project.
use super::args::{Cli, Note};
use super::fail::Fail;
use super::out;
use crate::config;
use crate::daemon::control::{self, Ask};
use crate::decide::Policy;
use crate::model::{Project, text::clean_lines};
use crate::store::{NewNote, NoteSource};
use crate::system::{Clock, Ids};
use serde_json::{Value, json};
use std::io::Read as _;

/// So much is read from standard input.
const INPUT_MAX: u64 = 16 * 1024;

/// Runs the command.
pub fn run(cli: &Cli, note: &Note) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let project = project(&settings.policy, &note.project)?;
    let zone = &settings.policy.owner.zone;
    if note.list {
        let store = out::open_history(&settings)?;
        let journal = store.read_blocking(|tx| tx.journal(&project.id))?;
        if cli.json {
            let entries = journal.iter().map(|it| json!({"id": it.id, "at": out::rfc3339(it.at), "text": it.text}));
            out::json(&Value::Array(entries.collect()));
        } else if journal.is_empty() {
            out::text(&format!("nothing is noted yet: fuseau note {} \"…\"", project.id));
        } else {
            let lines =
                journal.iter().map(|it| format!("{}  {}", out::stamp(it.at, zone), it.text.replace('\n', "\n    ")));
            out::text(&lines.collect::<Vec<_>>().join("\n"));
        }
        return Ok(());
    }
    let dir = out::state_dir(&settings);
    let (store, lock) = out::change_history(&settings)?;
    let now = Clock::System.now();
    let done = if note.undo {
        match store.write_blocking(|tx| tx.unnote(&project.id))? {
            Some(entry) => Ok(format!("taken back: {}", entry.text)),
            None => Err(Fail::Failed("nothing is noted that could be taken back".to_owned())),
        }
    } else {
        let at = match &note.at {
            Some(text) => out::day(text, zone)?,
            None => now,
        };
        let text = words(note.text.as_deref().unwrap_or_default())?;
        let id = Ids::random().next(now);
        store.write_blocking(|tx| {
            tx.note(&NewNote {
                id: &id,
                project: &project.id,
                client: &project.client,
                at,
                text: &text,
                source: NoteSource::Cli,
                once: None,
            })
        })?;
        Ok(format!("noted for {}", project.title))
    };
    drop(lock);
    store.close()?;
    let text = done?;
    if cli.json {
        out::json(&json!({"project": project.id, "done": text}));
    } else {
        out::text(&text);
    }
    // A draft that waits says it too.
    control::ask(&dir, Ask::Nudge)?;
    Ok(())
}

/// The note, from the argument or from standard input, cleaned.
pub fn words(text: &str) -> Result<String, Fail> {
    let mut text = text.to_owned();
    if text == "-" {
        text.clear();
        std::io::stdin().take(INPUT_MAX).read_to_string(&mut text).map_err(|error| Fail::Failed(error.to_string()))?;
    }
    let clean = clean_lines(&text).trim().to_owned();
    if clean.is_empty() {
        return Err(Fail::Usage("the note is empty: write what was done".to_owned()));
    }
    Ok(clean)
}

/// A project by its key, with the nearest one named if there is none.
pub fn project<'a>(policy: &'a Policy, id: &str) -> Result<&'a Project, Fail> {
    policy.project(id).ok_or_else(|| {
        let known: Vec<&str> = policy.projects.iter().map(|it| it.id.as_str()).collect();
        let hint = match config::nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None if known.is_empty() => format!("add [project.{id}] with client = \"…\""),
            None => format!("the configuration has: {}", known.join(", ")),
        };
        Fail::Usage(format!("no project is called {id:?}\n    {hint}"))
    })
}
