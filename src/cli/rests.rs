//! Rests of automatic mail as `status`, `resume`, `doctor` and the desk tell them, and how they are lifted. Never here: when
//! something rests (a rule's).
use super::fail::Fail;
use super::out;
use crate::config::Settings;
use crate::decide::{PauseScope, UNTIL_RESUMED};
use crate::model::{Code, Instant, Zone};
use crate::store::{Store, StoreError};
use crate::system::Clock;
use serde_json::{Value, json};
use std::path::Path;

/// One rest that stands.
#[derive(Clone, Debug)]
pub struct Rest {
    /// Whose.
    pub scope: PauseScope,
    /// Until when.
    pub until: Instant,
    /// The code that asked for it.
    pub code: String,
}

/// The rests that stand, as far as a history can be read.
pub fn standing(settings: &Settings) -> Result<Vec<Rest>, Fail> {
    let Some(store) = out::recorded(settings)? else { return Ok(Vec::new()) };
    let now = Clock::System.now();
    Ok(store.read_blocking(|tx| tx.pauses(now))?.into_iter().map(Rest::from).collect())
}

impl From<(PauseScope, Instant, String)> for Rest {
    fn from((scope, until, code): (PauseScope, Instant, String)) -> Self {
        Self { scope, until, code }
    }
}

impl Rest {
    /// Whether it is the breaker's, which a plain `fuseau resume` resets.
    pub fn is_wide(&self) -> bool {
        matches!(self.scope, PauseScope::All | PauseScope::Mailbox(_))
    }

    /// Why, in a sentence.
    fn why(&self) -> &str {
        match (Code::parse(&self.code), self.code.as_str()) {
            (Some(code), _) => code.text(),
            (None, "clock") => "the clock of this machine went backwards",
            (None, "cli") => "you asked for it",
            (None, other) => other,
        }
    }

    /// What ends it at once. An address is its sender's to choose: one that a shell might read is quoted, or not shown.
    pub fn command(&self) -> String {
        let harmless = |c: char| c.is_alphanumeric() || "@.-_+=".contains(c);
        match &self.scope {
            PauseScope::All | PauseScope::Mailbox(_) => "fuseau resume".to_owned(),
            PauseScope::Conversation(id) => format!("fuseau resume {id}"),
            PauseScope::Domain(domain) => format!("fuseau resume @{domain}"),
            PauseScope::Sender(address)
                if address.starts_with('-') || address.contains(['\'', '`', '"', '\\', ' ']) =>
            {
                "fuseau resume --rests".to_owned()
            }
            PauseScope::Sender(address) if address.chars().all(harmless) => format!("fuseau resume {address}"),
            PauseScope::Sender(address) => format!("fuseau resume '{address}'"),
        }
    }

    /// Until when, where the owner is at home.
    fn end(&self, home: &Zone) -> String {
        if self.until >= UNTIL_RESUMED {
            "until resumed".to_owned()
        } else {
            format!("until {}", out::stamp(self.until, home))
        }
    }

    /// `@acme.example rests until Tue 24 Nov 2026 02:03 Europe/London: the same text … (limit.same-body)`
    pub fn told(&self, home: &Zone) -> String {
        format!("{} rests {}: {} ({})", word(&self.scope), self.end(home), self.why(), self.code)
    }

    /// [`Self::told`] with the way to end it.
    pub fn told_with_remedy(&self, home: &Zone) -> String {
        format!("{}; `{}` lifts it", self.told(home), self.command())
    }

    /// For programs.
    pub fn json(&self, home: &Zone) -> Value {
        let until = (self.until < UNTIL_RESUMED).then(|| home.fixed(self.until).to_rfc3339());
        json!({
            "scope": word(&self.scope),
            "until": until,
            "zone": home.name(),
            "code": self.code,
            "why": self.why(),
            "lift": self.command(),
        })
    }
}

/// `@acme.example`, `anna@acme.example`, `conversation 0193…`, `mailbox studio`, `everything`.
pub fn word(scope: &PauseScope) -> String {
    match scope {
        PauseScope::All => "everything".to_owned(),
        PauseScope::Sender(address) => address.clone(),
        PauseScope::Domain(domain) => format!("@{domain}"),
        PauseScope::Mailbox(name) => format!("mailbox {name}"),
        PauseScope::Conversation(id) => format!("conversation {id}"),
    }
}

/// Whether a scope is meant by what somebody typed: as [`word`] writes it, or without `conversation`, `mailbox`, `@`.
fn is_meant(scope: &PauseScope, typed: &str) -> bool {
    let typed = typed.trim();
    let bare = match scope {
        PauseScope::Sender(_) | PauseScope::All => None,
        PauseScope::Domain(name) | PauseScope::Mailbox(name) | PauseScope::Conversation(name) => Some(name),
    };
    typed.eq_ignore_ascii_case(&word(scope)) || bare.is_some_and(|name| typed.eq_ignore_ascii_case(name))
}

/// The scopes that were typed, among those that rest.
pub fn named(standing: &[Rest], typed: &[String]) -> Result<Vec<PauseScope>, Fail> {
    let mut found = Vec::new();
    for one in typed {
        let before = found.len();
        let meant = standing.iter().map(|rest| &rest.scope).filter(|scope| is_meant(scope, one));
        found.extend(meant.cloned());
        if found.len() == before {
            let words: Vec<String> = standing.iter().map(|rest| word(&rest.scope)).collect();
            let there = match words.is_empty() {
                true => "nothing rests".to_owned(),
                false => format!("what rests: {}", words.join(", ")),
            };
            return Err(Fail::Usage(format!("no rest of {one:?} stands\n    {there}")));
        }
    }
    Ok(found)
}

/// Ends the rests that `which` picks; those that it picked. What waited for their end is looked at again.
pub fn lift(dir: &Path, which: impl Fn(&Rest) -> bool) -> Result<Vec<Rest>, Fail> {
    if !Store::path_in(dir).exists() {
        return Ok(Vec::new());
    }
    let store = Store::open_beside(dir)?;
    let now = Clock::System.now();
    let lifted = store.write_blocking(|tx| {
        let standing = tx.pauses(now)?.into_iter().map(Rest::from);
        let lifted: Vec<Rest> = standing.filter(|rest| which(rest)).collect();
        for rest in &lifted {
            tx.unpause(&rest.scope)?;
        }
        tx.look_again(now)?;
        Ok::<_, StoreError>(lifted)
    })?;
    store.close()?;
    Ok(lifted)
}
