//! Notes for the journal of a project that come by mail: which project a message is meant for, and what of it is the note.
//! Pure; where messages are found and notes are kept: `daemon::journal`, `store`.
use super::fold::fold_words;
use super::own_words::own_words;
use super::policy::Policy;
use super::refusal::Refusal;
use super::trust::{Trust, trust};
use crate::model::{FolderRole, Identity, Incoming, Project, text::clean_lines};

/// The folder below which each project has one, in every shipped language.
const NAMES: &[&str] =
    &["Journal", "Tagebuch", "Diario", "Diário", "Logboek", "Journaal", "日誌", "ジャーナル", "日志", "السجل"];
/// The name under which it is made.
pub const FOLDER: &str = "Journal";
/// Lines of a mail that make a note: a whole letter is none.
const LINES: usize = 10;
/// Longest note from a mail, in characters.
const LONGEST: usize = 1_000;

/// The project of a folder below [`super::wish_names::ROOT`]; `None`: the folder is no journal.
#[must_use]
pub fn folder<'a>(path: &[String], policy: &'a Policy) -> Option<Result<&'a Project, Refusal>> {
    let (head, rest) = path.split_first()?;
    let head = fold_words(head);
    if !NAMES.iter().any(|name| fold_words(name) == head) {
        return None;
    }
    let named = match rest {
        [name] => {
            let name = fold_words(name);
            policy.projects.iter().find(|it| fold_words(&it.id) == name || fold_words(&it.title) == name)
        }
        _ => None,
    };
    Some(named.ok_or(Refusal::NoProject))
}

/// The project to whose journal the owner wrote: from an address of theirs to one of theirs with the project's key behind
/// a plus. Only what lies in Sent, or what the own server vouches for: a From can be forged.
#[must_use]
pub fn addressed<'a>(message: &Incoming, identity: &Identity, policy: &'a Policy) -> Option<&'a Project> {
    let from = &message.from()?.address;
    if !policy.is_own(from) {
        return None;
    }
    let known = message.folder == FolderRole::Sent || matches!(trust(message, Some(identity)), Trust::Passed(_));
    let tags = message.recipients().filter(|to| policy.is_own(to)).filter_map(|to| to.tag());
    let mut projects = tags.filter_map(|tag| policy.projects.iter().find(|it| it.id.to_lowercase() == tag));
    projects.next().filter(|_| known)
}

/// The note in a message: its own words, or its subject where it has none.
#[must_use]
pub fn note(message: &Incoming) -> Option<String> {
    let own = clean_lines(&own_words(&message.content.text));
    let lines: Vec<&str> = own.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES).collect();
    let text: String = match lines.is_empty() {
        true => message.subject.as_str().trim().to_owned(),
        false => lines.join("\n").chars().take(LONGEST).collect(),
    };
    (!text.is_empty()).then_some(text)
}
