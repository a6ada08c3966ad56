//! A search as the desk asks it: the same query and index as `fuseau search`, page by page, also while it is being typed.
use super::mails::named;
use super::scene::Scene;
use crate::daemon::search::Leaf;
use crate::daemon::{search, tidy};
use crate::store::{Index, Piece, QueryFault, Store, StoreError, Test, snippet};
use crate::web::view::{Event, Search, Wrong};
use crate::web::{Ask, Seek, Trouble};
use std::path::Path;

/// Hits of a page, and how many pages can be turned: what is further away is found by a filter.
const HITS: usize = 25;
const PAGES: usize = 20;
/// So many portions a page may wait for; the daemon does the rest.
const PORTIONS: usize = 3;

impl Scene<'_> {
    /// What a page that searches found.
    pub fn sought(&self, store: &Store, dir: &Path, ask: &Ask) -> Result<Option<Search>, Trouble> {
        match ask {
            Ask::Search(seek) => self.seek(store, dir, seek).map(Some),
            Ask::Client(look) if !look.query.trim().is_empty() => {
                let seek = Seek { query: look.query.clone(), client: Some(look.id.clone()), page: 1, typing: false };
                self.seek(store, dir, &seek).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn seek(&self, store: &Store, dir: &Path, seek: &Seek) -> Result<Search, Trouble> {
        let client = seek.client.as_deref().and_then(|id| self.policy().client(id));
        let page = seek.page.clamp(1, PAGES);
        let mut shown = Search { query: seek.query.clone(), client: client.map(named), page, ..Search::default() };
        if seek.query.trim().is_empty() {
            return Ok(shown);
        }
        let typed = Some(going_on(&seek.query)).filter(|_| seek.typing);
        let understood = typed
            .and_then(|typed| search::understand(&typed, self.settings, self.now).ok())
            .map_or_else(|| search::understand(&seek.query, self.settings, self.now), Ok);
        let (query, mut sieve) = match understood {
            Ok(understood) => understood,
            Err(fault) => {
                shown.wrong = Some(wrong(&fault));
                return Ok(shown);
            }
        };
        if let Some(id) = &seek.client {
            sieve.tests.push((Test::Clients(vec![id.clone()]), false));
        }
        let failed = |error: StoreError| Trouble::Failed(error.to_string());
        if !seek.typing
            && let Err(fault) = search::placed(&seek.query, &query, self.settings, store).map_err(failed)?
        {
            shown.wrong = Some(wrong(&fault));
            return Ok(shown);
        }
        let index = Index::open(dir).map_err(failed)?;
        shown.behind = catch_up(store, &index).map_err(failed)?;
        let answer = search::search(store, &index, &query, &sieve, page * HITS).map_err(failed)?;
        let noted = search::noted(store, self.settings, &query, &sieve).map_err(failed)?;
        let leaf = Leaf::cut(answer, noted, page, HITS);
        shown.before = leaf.before;
        shown.more = leaf.more && page < PAGES;
        shown.cut_short = leaf.cut_short || (leaf.more && page == PAGES);
        for found in leaf.found {
            let client = found.it.client.as_deref().and_then(|id| self.policy().client(id));
            let mut line = store.read_blocking(|tx| self.line(tx, &found.it)).map_err(failed)?;
            line.client = client.filter(|_| seek.client.is_none()).map(named);
            line.title = pieces(snippet(&line.subject, &query));
            line.snippet = pieces(found.passage);
            shown.found.push(Event::Mail(line));
        }
        for it in &leaf.noted {
            let mut own = self.noted(it, &query);
            own.client = own.client.filter(|_| seek.client.is_none());
            shown.found.push(Event::Own(own));
        }
        Ok(shown)
    }
}

pub fn pieces(passage: Vec<Piece>) -> Vec<(String, bool)> {
    passage.into_iter().map(|piece| (piece.text, piece.hit)).collect()
}

/// Makes up for what the daemon has not indexed yet, as far as a page can wait; how far it is if something is left.
fn catch_up(store: &Store, index: &Index) -> Result<Option<(i64, i64)>, StoreError> {
    let mut state = None;
    for _ in 0..PORTIONS {
        if tidy::index_some(store, index, &mut |done, all| state = Some((done, all)))?.is_none() {
            return Ok(None);
        }
    }
    Ok(state.filter(|(done, all)| done < all))
}

/// The query of somebody who has not finished the last word.
fn going_on(query: &str) -> String {
    let last = query.rsplit(char::is_whitespace).next().unwrap_or_default();
    let letters = last.chars().rev().take_while(|c| c.is_alphanumeric()).count();
    let quoted = query.matches('"').count() % 2 == 1;
    // A single letter begins too much.
    if letters < 2 || quoted || last.contains(':') || matches!(last, "OR" | "AND") {
        return query.to_owned();
    }
    format!("{query}*")
}

/// The place of a fault: the word that begins there.
fn wrong(fault: &QueryFault) -> Wrong {
    let (before, rest) = fault.query.split_at_checked(fault.at).unwrap_or((&fault.query, ""));
    let end = rest.find(char::is_whitespace).filter(|end| *end > 0).unwrap_or(rest.len());
    let (here, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    Wrong {
        before: before.to_owned(),
        here: here.to_owned(),
        after: after.to_owned(),
        what: fault.what.clone(),
        remedy: fault.remedy.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_goes_on() {
        for (typed, asked) in [
            ("lo", "lo*"),
            ("trade fair logo", "trade fair logo*"),
            ("l", "l"),
            ("logo ", "logo "),
            ("\"trade fa", "\"trade fa"),
            ("\"trade fair\"", "\"trade fair\""),
            ("\"trade fair\" lo", "\"trade fair\" lo*"),
            ("client:ac", "client:ac"),
            ("logo OR", "logo OR"),
            ("réun", "réun*"),
            ("日本", "日本*"),
            ("invoi*", "invoi*"),
        ] {
            assert_eq!(going_on(typed), asked);
        }
    }

    #[test]
    fn faults_have_a_place() {
        let fault =
            |at| QueryFault { query: "logo clent:acmé x".into(), at, what: String::new(), remedy: String::new() };
        let at = |at| {
            let it = wrong(&fault(at));
            (it.before, it.here, it.after)
        };
        let said = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(at(5), said("logo ", "clent:acmé", " x"));
        assert_eq!(at(18), said("logo clent:acmé x", "", ""));
        assert_eq!(at(99), said("logo clent:acmé x", "", ""));
        assert_eq!(at(15), said("logo clent:acmé x", "", ""), "inside of a letter");
    }
}
