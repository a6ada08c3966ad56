//! A client's page and one message: what was exchanged, on both clocks. How it looks: `crate::web`.
use super::gather::missing;
use super::mails::named;
use super::scene::Scene;
use super::today::plain;
use crate::cli::events::{self, Past};
use crate::cli::explain::rehearsed;
use crate::cli::hours::Bands;
use crate::cli::{out, told};
use crate::compose::digest_words;
use crate::daemon::tidy;
use crate::decide::Why as Dropped;
use crate::model::{Promise, PromiseState, Verdict, Zone};
use crate::store::{ByOwner, Judgement, Reader, Remembered, StoreError, Told};
use crate::web::view::{Client, Event, Line, Message, Outcome, Own, Search, Step, Thread, Why};
use crate::web::{Look, Picture, Trouble};

/// Lines of a client's history, and the most that a page shows.
const LINES: u32 = 60;
const MOST: u32 = 1000;
/// Lines of a conversation beside a message.
const BESIDE: u32 = 60;

impl Scene<'_> {
    /// A client's page without a past.
    pub fn client(&self, id: &str) -> Result<Client, Trouble> {
        let client = out::client(self.policy(), id).map_err(|_| missing("no client is called so"))?;
        let bands = Bands::with(self.policy(), vec![client], self.now);
        Ok(Client {
            who: self.person(client),
            id: client.id.clone(),
            zone: client.zone.name().to_owned(),
            window: self.window(Some(&client.zone)),
            band: Picture { svg: bands.drawn() },
            promises: Vec::new(),
            search: None,
            lines: Vec::new(),
            threads: None,
            shown: LINES,
            older: false,
        })
    }

    /// The same with its past.
    pub fn past(
        &self,
        tx: &Reader<'_>,
        mut client: Client,
        look: &Look,
        search: Option<Search>,
    ) -> Result<Client, StoreError> {
        let open = self.open(tx, Some(&client.id))?;
        client.promises = open.iter().map(|promise| self.promised(tx, promise)).collect::<Result<_, _>>()?;
        client.shown = if look.shown == 0 { LINES } else { look.shown.clamp(LINES, MOST) };
        let most = usize::try_from(client.shown).unwrap_or(usize::MAX);
        let Some(known) = self.policy().client(&client.id) else { return Ok(client) };
        let past = Past::read(tx, known, None, Some(client.shown + 1))?;
        let all = past.events();
        client.older = all.len() > most && client.shown < MOST;
        let newest = all.into_iter().rev().take(most).map(|event| {
            Ok(match event {
                events::Event::Mail(it) => Event::Mail(self.told(tx, it)?),
                events::Event::Note(it) => Event::Own(Own { client: None, ..self.note(&client.id, it) }),
                events::Event::Visit(_, it) => Event::Own(Own { client: None, ..self.visit(it) }),
            })
        });
        client.lines = newest.collect::<Result<_, StoreError>>()?;
        if look.threads {
            // What the owner wrote down belongs to no conversation.
            let (mails, own) = client.lines.into_iter().partition(|it| matches!(it, Event::Mail(_)));
            (client.threads, client.lines) = (Some(threads(mails)), own);
        }
        client.search = search;
        Ok(client)
    }

    /// One line without what became of it.
    pub fn line(&self, tx: &Reader<'_>, it: &Remembered) -> Result<Line, StoreError> {
        Ok(self.said(it, tx.by_owner(&it.entry)?))
    }

    fn said(&self, it: &Remembered, by_owner: ByOwner) -> Line {
        let (entry, client) = (&it.entry, it.client.as_deref());
        let zone = self.client_zone(client);
        let incoming = entry.direction == "in";
        Line {
            exchange: entry.id.clone(),
            conversation: it.conversation.clone(),
            incoming,
            ours: entry.state.is_some(),
            kind: entry.kind.clone(),
            verdict: told::hand(entry, by_owner, self.policy()).or(entry.verdict.map(Verdict::as_str)).or(entry.state),
            subject: entry.subject.clone(),
            who: if incoming { &entry.from } else { &entry.to }.clone().unwrap_or_default(),
            here: self.here(entry.at),
            there: self.elsewhere(entry.at, zone),
            ..Line::default()
        }
    }

    /// One line with its promises, and why nothing was sent.
    fn told(&self, tx: &Reader<'_>, it: &Told) -> Result<Line, StoreError> {
        let mut line = self.said(&it.it, it.by_owner);
        for (promise, _) in &it.promises {
            line.promises.push(self.outcome(tx, promise, &line.exchange)?);
        }
        let silent = |verdict| matches!(verdict, Verdict::Hold | Verdict::Wait | Verdict::Ignore);
        if let Some(judgement) = it.it.decision.as_ref().filter(|it| silent(it.verdict)) {
            line.why = self.whys(judgement).into_iter().filter(|why| why.speaks).collect();
        }
        if let (Some(state @ ("dropped" | "failed" | "unknown")), Some(last)) = (it.it.entry.state, &it.reply) {
            let why = Dropped::parse(last).filter(|_| state == "dropped");
            line.why.push(plain(why.map_or_else(|| last.clone(), |why| why.text().to_owned())));
        }
        Ok(line)
    }

    /// What became of a promise.
    fn outcome(&self, tx: &Reader<'_>, promise: &Promise, exchange: &str) -> Result<Outcome, StoreError> {
        let zone = self.wording_zone(promise);
        let minutes = match promise.state {
            PromiseState::Open => Some((promise.by - self.now).num_minutes()),
            PromiseState::Kept => promise.closed_at.map(|at| (at - promise.by).num_minutes()),
            PromiseState::Lapsed => match tx.answered_at(exchange)? {
                Some(at) => Some((at - promise.by).num_minutes()).filter(|late| *late > 0),
                None => Some((promise.by - self.now).num_minutes()).filter(|left| *left < 0),
            },
            PromiseState::Renewed | PromiseState::Released => None,
        };
        Ok(Outcome {
            there: self.elsewhere(promise.by, &zone),
            here: self.here(promise.by),
            told: promise.announced,
            state: promise.state.as_str(),
            minutes,
        })
    }

    fn wording_zone(&self, promise: &Promise) -> Zone {
        self.policy().zones.get(&promise.zone).unwrap_or_else(|| self.policy().zones.utc())
    }

    fn steps(&self, promise: &Promise, steps: &[crate::model::Step]) -> Vec<Step> {
        let zone = self.wording_zone(promise);
        let one = |step: &crate::model::Step| {
            let moves = step.state == PromiseState::Open && step.cause != "undone";
            Step {
                when: self.here(step.at),
                state: step.state.as_str(),
                cause: step.cause.clone(),
                by: if moves { self.both(step.by, &zone) } else { String::new() },
            }
        };
        steps.iter().map(one).collect()
    }

    /// All reasons of a decision.
    pub fn whys(&self, judgement: &Judgement) -> Vec<Why> {
        let one = |reason: &crate::model::Reason| Why {
            said: digest_words::why(self.language(), reason.code).map(str::to_owned),
            detail: reason.text(),
            code: reason.code.as_str(),
            speaks: reason.code.verdict() == judgement.verdict,
        };
        judgement.reasons.iter().map(one).collect()
    }

    /// One message with everything.
    pub fn message(&self, tx: &Reader<'_>, id: &str) -> Result<Option<Message>, StoreError> {
        let Some(told) = tx.told_of(id)? else { return Ok(None) };
        let it = &told.it;
        let bytes = tx.bytes(id)?.unwrap_or_default();
        let whole = tx.raw(id)?.is_none_or(|(_, whole)| whole);
        let said = tidy::text(Some(&bytes).filter(|it| !it.is_empty()).map(Vec::as_slice), whole, &it.excerpt);
        let parsed = (!bytes.is_empty()).then(|| rehearsed(&bytes, it.entry.at).content);
        let client = it.client.as_deref().and_then(|id| self.policy().client(id));
        let here = self.here(it.entry.at);
        let beside = tx.conversation_newest(&it.conversation, BESIDE)?;
        let beside = beside.iter().filter(|other| other.entry.id != id);
        let mut lives = Vec::new();
        for (promise, steps) in &told.promises {
            lives.push((self.outcome(tx, promise, id)?, self.steps(promise, steps)));
        }
        let open = told.promises.iter().filter(|(promise, _)| promise.state == PromiseState::Open);
        Ok(Some(Message {
            id: id.to_owned(),
            subject: it.entry.subject.clone(),
            from: it.entry.from.clone().unwrap_or_default(),
            to: it.entry.to.clone().unwrap_or_default(),
            client: client.map(named),
            there: client.map_or_else(|| here.clone(), |client| self.there(it.entry.at, &client.zone)),
            here,
            message_id: it.entry.message_id.clone(),
            verdict: told::hand(&it.entry, told.by_owner, self.policy())
                .or(it.decision.as_ref().map(|judgement| judgement.verdict.as_str())),
            reasons: it.decision.as_ref().map(|judgement| self.whys(judgement)).unwrap_or_default(),
            promises: open.map(|(promise, _)| self.promised(tx, promise)).collect::<Result<_, _>>()?,
            lives,
            attachments: parsed.iter().flat_map(|it| &it.attachments).map(|name| name.as_str().to_owned()).collect(),
            text: said.text,
            text_cut: said.cut,
            source: Some(bytes.len()).filter(|size| *size > 0),
            mails: tx.outbox_of(id)?.into_iter().map(|row| self.mail(tx, row)).collect::<Result<_, _>>()?,
            conversation: beside.map(|it| Ok(Event::Mail(self.line(tx, it)?))).collect::<Result<_, StoreError>>()?,
        }))
    }
}

/// Lines, the newest first, as conversations; the one that went on last first, each from its beginning.
fn threads(mails: Vec<Event>) -> Vec<Thread> {
    let mut threads: Vec<(String, Thread)> = Vec::new();
    for mail in mails {
        let Event::Mail(line) = mail else { continue };
        let open = line.promises.iter().any(|promise| promise.state == "open");
        match threads.iter_mut().find(|(id, _)| *id == line.conversation) {
            Some((_, thread)) => {
                thread.subject.clone_from(&line.subject);
                thread.open |= open;
                thread.lines.insert(0, Event::Mail(line));
            }
            None => {
                let (subject, last) = (line.subject.clone(), line.here.clone());
                let id = line.conversation.clone();
                threads.push((id, Thread { subject, last, open, lines: vec![Event::Mail(line)] }));
            }
        }
    }
    threads.into_iter().map(|(_, thread)| thread).collect()
}
