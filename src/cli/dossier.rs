//! What a dossier holds, before it takes a form: entries with text, promises and hashes, the chain over them, and what the owner
//! wrote down beside them.
pub mod html;
pub mod mbox;
pub mod text;

use super::{history, out, told};
use crate::compose::{DossierWords, dossier_words, phrase};
use crate::daemon::tidy;
use crate::decide::Policy;
use crate::decide::occasion::{JournalEntry, Visited};
use crate::mailbox::parse::{self, Attachment};
use crate::model::text::clean_lines;
use crate::model::{Client, EmailAddress, Instant, Language, PromiseState, Zone};
use crate::store::{Reader, StoreError, Told, chain_of};
use serde_json::{Value, json};

/// One entry of a dossier.
pub struct Item {
    pub told: Told,
    /// What it is, for the owner.
    pub what: String,
    /// Why nothing was sent, or it did not leave; only in dossiers for the owner.
    pub silence: Vec<String>,
    /// The codes of its reasons; likewise.
    pub codes: String,
    /// A person on the owner's side wrote it: also a colleague, whose mail the owner only received.
    pub ours: bool,
    pub text: String,
    /// The text goes on; this is its beginning.
    pub text_cut: bool,
    /// Attached files, kept or only listed.
    pub attachments: Vec<Attachment>,
    pub bytes: Option<Vec<u8>>,
    /// The lines that its hash was made of; only in dossiers for the owner.
    pub record: Option<String>,
}

impl Item {
    /// `in` from the client, `out` from the owner's side.
    pub fn side(&self) -> &str {
        if self.ours { "out" } else { &self.told.it.entry.direction }
    }

    /// A person wrote it, as far as it is from the owner's side.
    pub fn by_hand(&self) -> bool {
        self.ours || self.told.it.entry.kind == "mail"
    }

    /// The names of the attached files that have one.
    pub fn file_names(&self) -> Vec<&str> {
        self.attachments.iter().map(|it| it.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    /// The attached files for people: `logo.pdf (47 KiB)`.
    pub fn files(&self) -> String {
        let shown = |it: &Attachment| {
            let name = if it.name.is_empty() { it.media.as_str() } else { it.name.as_str() };
            format!("{name} ({}{} KiB)", if it.about { "≈ " } else { "" }, it.size.div_ceil(1024))
        };
        self.attachments.iter().map(shown).collect::<Vec<_>>().join(", ")
    }
}

/// What the owner wrote down: a note of the journal, or what came up when they met. Never handed over, and not sealed.
pub struct Own {
    pub id: String,
    pub at: Instant,
    /// A visit bears a day, not a time.
    pub day: Option<chrono::NaiveDate>,
    /// What the project is called; empty for a visit.
    pub title: String,
    pub text: String,
    fact: Value,
}

impl Own {
    /// A note.
    pub fn note(policy: &Policy, note: &JournalEntry) -> Self {
        Self {
            id: note.id.clone(),
            at: note.at,
            day: None,
            title: history::title(policy, note).to_owned(),
            text: clean_lines(&note.text),
            fact: history::note_fact(policy, note),
        }
    }

    /// A visit.
    pub fn visit(policy: &Policy, client: &Client, visit: &Visited) -> Self {
        Self {
            id: visit.id.clone(),
            at: visit.at(&client.zone),
            day: Some(visit.date),
            title: String::new(),
            text: clean_lines(&visit.text),
            fact: history::visit_fact(policy, visit),
        }
    }

    /// `journal` or `visit`.
    pub fn kind(&self) -> &'static str {
        if self.day.is_some() { "visit" } else { "journal" }
    }
}

/// What stands in a dossier, in the order of time.
pub enum Part<'a> {
    Mail(&'a Item),
    Own(&'a Own),
}

/// An attached file for programs.
pub fn file_fact(it: &Attachment) -> Value {
    json!({
        "name": it.name.as_str(), "type": it.media, "size": (!(it.about && it.kept)).then_some(it.size), "about": it.about,
        "sha256": it.sha256, "kept": it.kept,
    })
}

/// A dossier.
pub struct Dossier {
    /// The client's name.
    pub name: String,
    /// The client's key, or the address.
    pub key: String,
    pub owner: String,
    pub language: Language,
    pub zone: Zone,
    pub for_client: bool,
    pub made_at: Instant,
    pub items: Vec<Item>,
    /// The owner's own words; none in what is handed over.
    pub own: Vec<Own>,
    /// The chain over the sealed entries of this dossier.
    pub head: String,
    /// The newest link of the whole history when the dossier was made.
    pub whole: Option<(u64, String)>,
}

impl Dossier {
    /// The words of its language.
    pub fn words(&self) -> &'static DossierWords {
        dossier_words(self.language)
    }

    /// Everything in the order of time.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts: Vec<Part<'_>> =
            self.items.iter().map(Part::Mail).chain(self.own.iter().map(Part::Own)).collect();
        parts.sort_by_key(|part| match part {
            Part::Mail(item) => item.told.it.entry.at,
            Part::Own(own) => own.at,
        });
        parts
    }

    /// What stands above the owner's words, and what they are: `Relaunch`, `Own note · Tuesday, 14 January 2027, 4:30 pm`.
    pub fn over(&self, own: &Own) -> (String, String) {
        let words = self.words();
        match own.day {
            Some(day) => (words.met.to_owned(), phrase::date(self.language, day, chrono::NaiveDate::MIN)),
            None => (own.title.clone(), format!("{} · {}", words.note, self.when(own.at))),
        }
    }

    /// `mardi 14 janvier 2027, 16 h 30`
    pub fn when(&self, at: Instant) -> String {
        let local = self.zone.local(at);
        // Far away: the year is always said.
        let date = phrase::date(self.language, local.date(), chrono::NaiveDate::MIN);
        format!("{date}, {}", phrase::time(self.language, local.time()))
    }

    /// Who said it: in what is handed over you and I, in the owner's copy by name.
    pub fn who(&self, item: &Item) -> &str {
        let (entry, words) = (&item.told.it.entry, self.words());
        match (item.side(), entry.kind.as_str()) {
            ("in", "mail") if self.for_client => words.received,
            ("in", _) if self.for_client => words.automatic,
            ("in", _) => &self.name,
            _ if !item.by_hand() => words.automatic,
            _ if self.for_client => words.sent,
            _ => &self.owner,
        }
    }

    /// The promises of an entry: promised by when, and what became of it.
    pub fn promises(&self, item: &Item) -> Vec<String> {
        let words = self.words();
        let shown = item
            .told
            .promises
            .iter()
            .map(|(promise, _)| promise)
            .filter(|promise| promise.announced || !self.for_client);
        shown
            .map(|promise| {
                let in_time = promise.closed_at.is_some_and(|at| at <= promise.by);
                let outcome = match promise.state {
                    PromiseState::Kept if in_time => words.kept,
                    PromiseState::Kept | PromiseState::Lapsed => words.missed,
                    PromiseState::Open => words.open,
                    PromiseState::Renewed | PromiseState::Released => "",
                };
                let gap = if outcome.is_empty() { "" } else { " – " };
                format!("{} {}{gap}{outcome}", words.promised, self.when(promise.by))
            })
            .collect()
    }

    /// The JSON of the dossier; its shape is documented in docs/reference/dossier.md.
    pub fn json(&self) -> Value {
        let entry = |part: &Part<'_>| match part {
            Part::Mail(item) => self.item_json(item),
            Part::Own(own) => self.own_json(own),
        };
        let entries: Vec<Value> = self.parts().iter().map(entry).collect();
        json!({
            "fuseau_dossier": 1,
            "client": self.key,
            "name": self.name,
            "owner": self.owner,
            "zone": self.zone.name(),
            "made_at": out::rfc3339(self.made_at),
            "for_client": self.for_client,
            "entries": entries,
            "chain": {
                "head": self.head,
                "history_entries": self.whole.as_ref().map(|(number, _)| number),
                "history_head": self.whole.as_ref().map(|(_, head)| head),
            },
        })
    }

    fn own_json(&self, own: &Own) -> Value {
        let mut fact = own.fact.clone();
        if let Value::Object(keys) = &mut fact {
            keys.insert("local".into(), json!(self.zone.fixed(own.at).to_rfc3339()));
            keys.insert("attachments".into(), json!([]));
            keys.insert("files".into(), json!([]));
            keys.insert("seal".into(), Value::Null);
        }
        fact
    }

    fn item_json(&self, item: &Item) -> Value {
        let mut fact = history::told_fact(&item.told);
        let Value::Object(keys) = &mut fact else { return fact };
        if self.for_client {
            for internal in ["verdict", "reasons", "mailbox", "state", "last_reply"] {
                keys.remove(internal);
            }
            if let Some(Value::Array(promises)) = keys.get_mut("promises") {
                let mut told = item.told.promises.iter().map(|(promise, _)| promise.announced);
                promises.retain(|_| told.next() == Some(true));
                promises.iter_mut().filter_map(Value::as_object_mut).for_each(|promise| {
                    promise.remove("steps");
                });
            }
        }
        keys.insert("local".into(), json!(self.zone.fixed(item.told.it.entry.at).to_rfc3339()));
        keys.insert("text".into(), json!(item.text));
        keys.insert("text_cut".into(), json!(item.text_cut));
        keys.insert("attachments".into(), json!(item.file_names()));
        keys.insert("files".into(), item.attachments.iter().map(file_fact).collect());
        let seal = item
            .told
            .seal
            .as_ref()
            .map(|(number, content)| json!({"number": number, "sha256": content, "record": item.record}));
        keys.insert("seal".into(), json!(seal));
        fact
    }
}

/// Fills the entries. Those that never left are not the client's business; what is forged in their name, and what a server
/// said about their mail, are not their words.
pub fn items(r: &Reader<'_>, policy: &Policy, told: Vec<Told>, for_client: bool) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::with_capacity(told.len());
    for mut told in told {
        if for_client && !is_theirs(&mut told) {
            continue;
        }
        let bytes = r.bytes(&told.it.entry.id)?;
        if let Some(bytes) = bytes.as_deref().filter(|_| for_client) {
            only_open_recipients(&mut told, bytes);
        }
        let entry = &told.it.entry;
        // Cut off behind what is kept, the last one's size is only known to be larger.
        let whole = r.raw(&entry.id)?.is_none_or(|(_, whole)| whole);
        let size = if whole { 0 } else { u64::MAX };
        let attachments = bytes.as_deref().map(|bytes| parse::attachments(bytes, size)).unwrap_or_default();
        let said = tidy::text(bytes.as_deref(), whole, &told.it.excerpt);
        let record = if for_client { None } else { r.seal_of(&entry.id)?.map(|seal| seal.record) };
        items.push(Item {
            what: told::what(&told, policy),
            silence: if for_client { Vec::new() } else { told::silence(&told) },
            codes: if for_client { String::new() } else { told::codes(&told) },
            ours: told::hand(entry, told.by_owner, policy).is_some(),
            text: clean_lines(&said.text).trim_end().to_owned(),
            text_cut: said.cut,
            attachments,
            bytes: if for_client { bytes.as_deref().map(parse::handed_over) } else { bytes },
            record,
            told,
        });
    }
    Ok(items)
}

/// Whether an entry may stand in what the client gets; what a program of theirs wrote stands there as that.
fn is_theirs(told: &mut Told) -> bool {
    let entry = &mut told.it.entry;
    if entry.direction == "out" {
        return entry.state.is_none_or(|state| matches!(state, "sent" | "unknown"));
    }
    match told::voice(told) {
        told::Voice::Person => true,
        told::Voice::Nobody => false,
        told::Voice::Program => {
            "automatic".clone_into(&mut told.it.entry.kind);
            true
        }
    }
}

/// Whom a mail went to as everybody could see it: never a blind copy.
fn only_open_recipients(told: &mut Told, bytes: &[u8]) {
    let open = parse::parse(&parse::handed_over(bytes), &parse::Context::default());
    let known = told.it.entry.to.as_deref().and_then(EmailAddress::parse).map(|to| to.folded());
    if !open.recipients().any(|it| Some(it.folded()) == known) {
        told.it.entry.to = open.recipients().next().map(ToString::to_string);
    }
}

/// The head of the chain over some entries, in the order of their numbers.
pub fn head(items: &[Item]) -> String {
    let mut seals: Vec<(u64, String)> = items.iter().filter_map(|item| item.told.seal.clone()).collect();
    seals.sort_unstable();
    chain_of(&seals.into_iter().map(|(_, content)| content).collect::<Vec<_>>())
}
