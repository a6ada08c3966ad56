//! The figures for the desk: counted as `fuseau stats` counts them.
use super::gather::missing;
use super::mails::named;
use super::scene::Scene;
use crate::cli::out;
use crate::cli::stats::{Picture as Drawn, Sheet, one};
use crate::daemon::stats::gather;
use crate::decide::asked::Asked as Group;
use crate::decide::stats::{ClientFigures, Period, Spread, Stats as Counted, Tally};
use crate::model::Client;
use crate::store::{Reader, StoreError};
use crate::web::view::{Asked, Figures, Named, Question, Stats, Wait};
use crate::web::{Picture, Trouble};

/// Mails that stand for a question.
const QUESTIONS: usize = 3;

impl Scene<'_> {
    /// The one client that figures are asked about.
    pub fn counted(&self, client: Option<&str>) -> Result<Option<&Client>, Trouble> {
        client.map(|id| out::client(self.policy(), id).map_err(|_| missing("no client is called so"))).transpose()
    }

    /// The figures.
    pub fn stats(&self, tx: &Reader<'_>, client: Option<&Client>, all: bool) -> Result<Stats, StoreError> {
        let period = if all { Period::default() } else { Period::last_year(self.now, &self.policy().owner.zone) };
        let id = client.map(|client| client.id.as_str());
        let counted = gather(tx, self.policy(), id, period, self.now)?;
        let sheet = Sheet { stats: &counted, client, home: &self.policy().owner.zone, usual: false };
        let pictures = Drawn::ALL.map(|it| Picture { svg: one(&sheet, it, false) }).into();
        Ok(Stats {
            client: client.map(named),
            all,
            empty: counted.is_empty(),
            counts: [counted.received, counted.written, counted.automatic],
            waits: [wait(&counted.answers.working), wait(&counted.answers.elapsed)],
            waiting: counted.answers.waiting,
            promises: tally(&counted.promises.told),
            clients: counted.clients.iter().map(theirs).collect(),
            asked: self.asked(&counted),
            pictures,
        })
    }

    fn asked(&self, counted: &Counted) -> Vec<Asked> {
        let client = |id: &String| {
            let known = self.policy().client(id);
            known.map_or_else(|| Named { id: id.clone(), name: id.clone() }, named)
        };
        let one = |it: &Group| Asked {
            words: it.words.join(", "),
            mails: it.mails,
            clients: it.clients.iter().map(client).collect(),
            questions: it
                .evidence
                .iter()
                .take(QUESTIONS)
                .map(|mail| Question {
                    exchange: mail.id.clone(),
                    text: mail.question.clone(),
                    when: self.here(mail.at),
                    answer: mail.answered_by.clone(),
                })
                .collect(),
            topic: it.topic.clone(),
            proposal: it.proposal.as_ref().map(|it| it.block.clone()),
        };
        counted.asked.iter().map(one).collect()
    }
}

fn wait(spread: &Spread) -> Wait {
    Wait { count: spread.count, median: spread.median, p90: spread.p90, longest: spread.longest }
}

fn tally(it: &Tally) -> Figures {
    Figures {
        made: it.made,
        kept: it.kept,
        missed: it.missed,
        renewed: it.renewed,
        released: it.released,
        open: it.open,
        percent: it.kept_percent(),
        ..Figures::default()
    }
}

fn theirs(it: &ClientFigures) -> (Named, Figures) {
    let figures = Figures { received: it.received, median: it.answers.working.median, ..tally(&it.promises.told) };
    (Named { id: it.client.clone(), name: it.name.clone() }, figures)
}
