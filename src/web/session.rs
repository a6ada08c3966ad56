//! Who is let in: sessions in memory, each with the token of its forms. Gone with the process. Never here: the one-time
//! link (the shell above keeps it).
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Unused for so long, a session ends.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// More browsers than these push the oldest out.
const MOST: usize = 16;

/// One browser.
#[derive(Clone, Debug)]
struct Session {
    cookie: String,
    form: String,
    seen: Duration,
    receipt: Option<Receipt>,
}

/// What was done last; the next page says so, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The word of the act.
    pub act: &'static str,
    /// What it was done to, in words.
    pub about: String,
    /// The act that takes it back, and the id that it needs.
    pub undo: Option<(&'static str, String)>,
}

/// All that are let in.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Vec<Session>>);

impl Sessions {
    /// Lets a browser in. Both tokens are secrets made by the caller.
    pub fn begin(&self, cookie: String, form: String, now: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|session| now.saturating_sub(session.seen) < IDLE);
        while all.len() >= MOST {
            let oldest = all.iter().enumerate().min_by_key(|(_, session)| session.seen).map(|(at, _)| at);
            let Some(oldest) = oldest else { break };
            all.swap_remove(oldest);
        }
        all.push(Session { cookie, form, seen: now, receipt: None });
    }

    /// The form token of the session with this cookie, if there is one.
    pub fn form_token(&self, cookie: &str, now: Duration) -> Option<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        for session in all.iter_mut() {
            if same(&session.cookie, cookie) && now.saturating_sub(session.seen) < IDLE {
                session.seen = now;
                found = Some(session.form.clone());
            }
        }
        found
    }

    /// Keeps what was done for the next page of the session.
    pub fn note(&self, cookie: &str, receipt: Receipt) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = all.iter_mut().find(|session| same(&session.cookie, cookie)) {
            session.receipt = Some(receipt);
        }
    }

    /// What was done since the last page.
    pub fn receipt(&self, cookie: &str) -> Option<Receipt> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter_mut().find(|session| same(&session.cookie, cookie)).and_then(|session| session.receipt.take())
    }

    /// Ends a session.
    pub fn end(&self, cookie: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|session| !same(&session.cookie, cookie));
    }
}

/// Whether two secrets are the same; the time taken does not tell where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0_u8, |differ, (a, b)| differ | (a ^ b));
    !one.is_empty() && one.len() == other.len() && std::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same("abc", "abc"));
        for (one, other) in [("abc", "abd"), ("abc", "ab"), ("", ""), ("abc", ""), ("abc", "abcd")] {
            assert!(!same(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn sessions_end() {
        let (all, start) = (Sessions::default(), Duration::from_secs(5));
        all.begin("a".into(), "fa".into(), start);
        assert_eq!(all.form_token("a", start + IDLE / 2).as_deref(), Some("fa"));
        assert_eq!(all.form_token("a", start + IDLE).as_deref(), Some("fa"), "it was used meanwhile");
        assert_eq!(all.form_token("a", start + IDLE * 3), None);
        assert_eq!(all.form_token("", start), None);
        for n in 0..=MOST {
            all.begin(format!("c{n}"), format!("f{n}"), start + IDLE * 3 + Duration::from_secs(n as u64));
        }
        let later = start + IDLE * 3 + Duration::from_secs(60);
        assert_eq!(all.form_token("c0", later), None, "pushed out");
        assert_eq!(all.form_token("c1", later).as_deref(), Some("f1"));
        let receipt = Receipt { act: "pause", about: String::new(), undo: None };
        all.note("c1", receipt.clone());
        all.note("nobody", receipt.clone());
        assert_eq!((all.receipt("c2"), all.receipt("c1"), all.receipt("c1")), (None, Some(receipt), None), "said once");
        all.end("c1");
        assert_eq!(all.form_token("c1", later), None);
    }
}
