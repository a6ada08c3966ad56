//! The way of past mail into the history, on threads of its own: what is read here is looked at on a second thread,
//! recorded on a third and indexed on a fourth. Portions keep their order, and only so many are on their way: memory does
//! not grow with the archive. Never here: where mail comes from, what it means.
use super::reading::{Letter, Reading, Ready};
use super::{Progress, Show, Tally, Wish, scope};
use crate::daemon::tidy;
use crate::store::{ImportCursor, ImportPlace, Index, NewImport, Page, Store, StoreError};
use crate::system::Clock;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Messages of one portion, which is one transaction: one flush for many, without holding up the daemon.
const TOGETHER: usize = 400;
/// Octets of one portion.
const OCTETS: usize = 4 * 1024 * 1024;
/// Portions that wait between two threads.
const WAITING: usize = 1;
/// Threads that look at messages, at most.
const HANDS: usize = 4;
/// Entries and octets of text that are indexed together: fewer and larger pieces of index to merge later.
const PAGES: usize = 4000;
const PAGE_OCTETS: usize = 16 * 1024 * 1024;

/// Letters that travel together, and how far everything is once they are recorded.
struct Portion {
    letters: Vec<Letter>,
    cursor: ImportCursor,
    /// What was counted without a letter.
    tally: Tally,
    done: u64,
    total: u64,
}

/// The same, looked at.
struct Recordable {
    ready: Vec<Ready>,
    cursor: ImportCursor,
    tally: Tally,
    done: u64,
    total: u64,
}

/// The way in.
pub(super) struct Pipe {
    portions: Option<SyncSender<Portion>>,
    shown: Receiver<Progress>,
    threads: Vec<JoinHandle<Result<(), StoreError>>>,
    /// What arrived from here on is left to the daemon.
    pub(super) cutoff: crate::model::Instant,
    letters: Vec<Letter>,
    octets: usize,
    tally: Tally,
    last: Progress,
}

impl Pipe {
    /// Starts the threads for one source.
    pub(super) fn open(wish: &Wish<'_>, source: &str) -> Result<Self, StoreError> {
        let reading = Reading::new(wish, Clock::System.now())?;
        let (now, cutoff) = (reading.now, reading.cutoff);
        let (portions, to_look_at) = sync_channel::<Portion>(WAITING);
        let (looked_at, to_record) = sync_channel::<Recordable>(WAITING);
        let (recorded, to_index) = sync_channel::<Vec<Page>>(WAITING);
        let (progress, shown) = std::sync::mpsc::channel();
        let store = wish.store.clone();
        let recorder = Recorder { store: store.clone(), source: source.to_owned(), scope: scope(wish), now };
        let dir = wish.state.to_owned();
        let threads = vec![
            std::thread::spawn(move || look(&reading, &to_look_at, &looked_at)),
            std::thread::spawn(move || recorder.run(&to_record, &recorded, &progress)),
            std::thread::spawn(move || {
                index(&store, dir, &to_index);
                Ok(())
            }),
        ];
        let (letters, tally, last) = (Vec::new(), Tally::default(), Progress::default());
        Ok(Self { portions: Some(portions), shown, threads, cutoff, letters, octets: 0, tally, last })
    }

    /// Adds to what is counted beside the letters.
    pub(super) fn count(&mut self, tally: &Tally) {
        self.tally.add(tally);
    }

    /// Takes a letter; whether the portion is full.
    pub(super) fn take(&mut self, letter: Letter) -> bool {
        self.octets += letter.bytes.len();
        self.letters.push(letter);
        self.letters.len() >= TOGETHER || self.octets >= OCTETS
    }

    /// Sends the portion on its way. `false`: something has failed, `finish` says what.
    pub(super) fn send(&mut self, cursor: ImportCursor, done: u64, total: u64, show: Show<'_>) -> bool {
        let letters = std::mem::take(&mut self.letters);
        self.octets = 0;
        let tally = std::mem::take(&mut self.tally);
        let portion = Portion { letters, cursor, tally, done, total };
        let sent = self.portions.as_ref().is_some_and(|to| to.send(portion).is_ok());
        self.show(show);
        sent
    }

    fn show(&mut self, show: Show<'_>) {
        for progress in self.shown.try_iter() {
            self.last = progress;
            show(&progress);
        }
    }

    /// Waits until all that was sent is recorded and indexed; what became of it.
    pub(super) fn finish(mut self, show: Show<'_>) -> Result<Tally, StoreError> {
        self.portions = None;
        while let Ok(progress) = self.shown.recv() {
            self.last = progress;
            show(&progress);
        }
        for thread in self.threads {
            thread.join().unwrap_or(Err(StoreError::Panicked))?;
        }
        Ok(self.last.tally)
    }
}

/// Looking at messages is half of all the work: each portion is shared among as many threads as the machine runs at once.
fn look(reading: &Reading, from: &Receiver<Portion>, to: &SyncSender<Recordable>) -> Result<(), StoreError> {
    let hands = std::thread::available_parallelism().map_or(1, usize::from).min(HANDS);
    while let Ok(Portion { mut letters, cursor, mut tally, done, total }) = from.recv() {
        let mut ready = Vec::with_capacity(letters.len());
        let share = letters.len().div_ceil(hands).max(1);
        let mut shares = Vec::with_capacity(hands);
        while !letters.is_empty() {
            let rest = letters.split_off(share.min(letters.len()));
            shares.push(std::mem::replace(&mut letters, rest));
        }
        let looked_at = std::thread::scope(|scope| {
            let last = shares.pop().unwrap_or_default();
            let others: Vec<_> = shares.into_iter().map(|share| scope.spawn(|| look_at(reading, share))).collect();
            let last = look_at(reading, last);
            let others = others.into_iter().map(|one| one.join().unwrap_or(Err(StoreError::Panicked)));
            // In their order.
            others.chain([last]).collect::<Result<Vec<_>, _>>()
        })?;
        for (some, counted) in looked_at {
            ready.extend(some);
            tally.add(&counted);
        }
        // Whoever listened has failed and says why.
        if to.send(Recordable { ready, cursor, tally, done, total }).is_err() {
            break;
        }
    }
    Ok(())
}

fn look_at(reading: &Reading, letters: Vec<Letter>) -> Result<(Vec<Ready>, Tally), StoreError> {
    let (mut ready, mut tally) = (Vec::with_capacity(letters.len()), Tally::default());
    for letter in letters {
        ready.extend(reading.look(letter, &mut tally)?);
    }
    Ok((ready, tally))
}

struct Recorder {
    store: Store,
    source: String,
    scope: String,
    now: crate::model::Instant,
}

impl Recorder {
    fn run(
        &self,
        from: &Receiver<Recordable>,
        to: &SyncSender<Vec<Page>>,
        progress: &std::sync::mpsc::Sender<Progress>,
    ) -> Result<(), StoreError> {
        let mut sum = Tally::default();
        while let Ok(portion) = from.recv() {
            let (done, total) = (portion.done, portion.total);
            sum.add(&portion.tally);
            let read = portion.ready.len() as u64;
            let pages = self.record(portion)?;
            sum.new += pages.len() as u64;
            sum.known += read - pages.len() as u64;
            // Nobody may be listening any more; the index can wait for ever.
            let _ = progress.send(Progress { done, total, tally: sum });
            let _ = to.send(pages);
        }
        Ok(())
    }

    /// One transaction: the messages, and how far that is.
    fn record(&self, portion: Recordable) -> Result<Vec<Page>, StoreError> {
        let Recordable { mut ready, cursor, .. } = portion;
        let places = self.store.write_blocking(|tx| {
            let mut places = Vec::with_capacity(ready.len());
            for one in &ready {
                let place = one.place.as_ref();
                places.push(tx.import(&NewImport {
                    id: &one.id,
                    mailbox: &one.mailbox,
                    place: place.map(|it| ImportPlace {
                        folder: &it.folder,
                        role: it.role,
                        uidvalidity: it.uidvalidity,
                        uid: it.uid,
                    }),
                    incoming: &one.incoming,
                    raw: &one.packed,
                    writer: one.writer,
                    machine: one.machine,
                    clients: &one.clients,
                    now: self.now,
                })?);
            }
            tx.set_import_cursor(&self.source, &self.scope, &cursor, self.now)?;
            Ok(places)
        })?;
        let mut pages = Vec::with_capacity(ready.len());
        for (one, place) in ready.drain(..).zip(places) {
            pages.extend(place.map(|seq| Page { seq, ..one.page }));
        }
        Ok(pages)
    }
}

/// Indexes what was recorded. The index is never the truth: what is not done here the daemon or a search does.
fn index(store: &Store, dir: PathBuf, from: &Receiver<Vec<Page>>) {
    let opened = Index::open(&dir).ok();
    let mut together: Vec<Page> = Vec::new();
    let mut octets = 0;
    let mut working = opened.is_some();
    while let Ok(pages) = from.recv() {
        octets += pages.iter().map(|page| page.text.len()).sum::<usize>();
        together.extend(pages);
        if let Some(index) = opened.as_ref().filter(|_| working && (together.len() >= PAGES || octets >= PAGE_OCTETS)) {
            working = tidy::index_fresh(store, index, &together).is_ok();
        }
        if !working || together.len() >= PAGES || octets >= PAGE_OCTETS {
            together.clear();
            octets = 0;
        }
    }
    if let Some(index) = opened.filter(|_| working) {
        let _ = tidy::index_fresh(store, &index, &together);
    }
}
