//! `fuseau import`: past mail into the history. Nothing is answered, promised or sent.
use super::args::{Cli, Import};
use super::fail::Fail;
use super::out;
use super::progress::{Line, thousands};
use crate::config::Settings;
use crate::daemon::import::{self, ImportError, Progress, Tally, Wish};
use serde_json::json;

/// Runs the command.
pub fn run(cli: &Cli, wanted: &Import) -> Result<(), Fail> {
    if wanted.archive.is_none() && wanted.mailbox.is_none() {
        return Err(Fail::Usage(
            "there is nothing to import\n    name an mbox, a Maildir or a folder; `--mailbox NAME` fetches from the server".to_owned(),
        ));
    }
    let settings = out::settings(cli)?;
    if let Some(name) = &wanted.mailbox {
        known_mailbox(&settings, name)?;
    }
    let since = wanted.since.as_deref().map(|text| out::past_day(text, &settings.policy.owner.zone)).transpose()?;
    if let Some(archive) = wanted.archive.as_ref().filter(|archive| !archive.exists()) {
        return Err(Fail::Failed(format!("{}: there is no such file or folder", archive.display())));
    }
    if let Some(archive) = wanted.archive.as_ref().filter(|archive| !archive.is_file() && !archive.is_dir()) {
        return Err(Fail::Usage(format!(
            "{} is neither a file nor a folder: save it into a file first",
            archive.display()
        )));
    }
    let (store, _lock) = out::change_history(&settings)?;
    let mailbox = wanted.mailbox.as_deref();
    let state = out::state_dir(&settings);
    let wish = Wish { settings: &settings, store: &store, state: &state, mailbox, all: wanted.all, since };
    let mut line = Line::new("importing", "messages");
    let mut last = Tally::default();
    let mut show = |progress: &Progress| {
        last = progress.tally;
        line.show(progress.done, progress.total, progress.tally.read);
    };
    let ended = match &wanted.archive {
        Some(archive) => import::from_archive(wish, archive, &mut show),
        None => from_server(&settings, wish, &wanted.folder, &mut show).map(|tally| (tally, Vec::new())),
    };
    let seconds = line.seconds();
    drop(line);
    let (tally, foreign) = match ended {
        Ok(ended) => ended,
        Err(error) => return Err(stopped(&error, last)),
    };
    store.close()?;
    if cli.json {
        out::json(&json!({
            "read": tally.read, "new": tally.new, "known": tally.known, "others": tally.others,
            "recent": tally.recent, "older": tally.older, "foreign": tally.foreign,
        }));
        return Ok(());
    }
    report(&settings, wanted, &tally, &foreign, seconds);
    Ok(())
}

fn known_mailbox(settings: &Settings, name: &str) -> Result<(), Fail> {
    let known: Vec<&str> = settings.mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect();
    if known.contains(&name) {
        return Ok(());
    }
    Err(Fail::Usage(format!("no mailbox is called {name:?}; there are: {}", known.join(", "))))
}

fn from_server(
    settings: &Settings,
    wish: Wish<'_>,
    folders: &[String],
    show: import::Show<'_>,
) -> Result<Tally, ImportError> {
    let named = |name: &str| settings.mailboxes.iter().find(|mailbox| mailbox.name == name);
    let Some(mailbox) = wish.mailbox.and_then(named) else { return Ok(Tally::default()) };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| crate::store::StoreError::Io(error.to_string()))?;
    runtime.block_on(import::from_mailbox(wish, mailbox, folders, show))
}

/// What was committed stays: the same command goes on.
fn stopped(error: &ImportError, tally: Tally) -> Fail {
    let again = if tally.read == 0 {
        String::new()
    } else {
        format!(
            "\n    {} of {} messages read so far are new in the history; the same command goes on from here",
            thousands(tally.new),
            thousands(tally.read)
        )
    };
    let text = format!("the import stopped: {error}{again}");
    match error {
        ImportError::Store(inner) if inner.is_transient() => Fail::TryLater(text),
        ImportError::Mailbox(inner) if inner.is_setup() => Fail::Failed(text),
        ImportError::Mailbox(crate::mailbox::MailboxError::NoArchive { .. }) => Fail::Failed(text),
        ImportError::Mailbox(_) => Fail::TryLater(text),
        _ => Fail::Failed(text),
    }
}

fn report(settings: &Settings, wanted: &Import, tally: &Tally, foreign: &[String], seconds: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = tally.read as f64 / seconds.max(0.001);
    let seconds = if seconds < 1.0 { String::new() } else { format!(" in {seconds:.0} s, {rate:.0}/s") };
    out::text(&format!("{} read{seconds}: {} new in the history", messages(tally.read), thousands(tally.new)));
    let also = |n: u64, one: &str, many: &str| {
        if n > 0 {
            out::text(&format!("  {} {}", thousands(n), if n == 1 { one } else { many }));
        }
    };
    also(tally.known, "was known already", "were known already");
    let all = "(`--all` takes them too)";
    also(
        tally.others,
        &format!("is of somebody who is no client {all}"),
        &format!("are of people who are no clients {all}"),
    );
    also(tally.older, "is older than --since", "are older than --since");
    also(tally.foreign, "is no mail and was passed over", "are no mail and were passed over");
    for name in foreign {
        out::text(&format!("    {name}"));
    }
    if tally.recent > 0 {
        let hours = settings.policy.replies.max_age.num_hours();
        out::text(&format!(
            "  {} are left to the daemon: it may still answer them (from the last {hours} hours, or since a promise that is \
             open). Import again later for what it has not seen",
            thousands(tally.recent)
        ));
    }
    if tally.read > 0 && tally.others == tally.read && !wanted.all {
        out::text("  not one is of a client: are their addresses in `contacts`?");
    }
}

fn messages(n: u64) -> String {
    if n == 1 { "1 message".to_owned() } else { format!("{} messages", thousands(n)) }
}
