//! `fuseau stats [CLIENT]`: the figures of the history, in the terminal, as JSON or as pictures. What they are: `decide::stats`;
//! how they are drawn: stats/.
mod svg;
mod text;

use super::args::{self, Cli};
use super::fail::Fail;
use super::hours::Style;
use super::out;
use super::target;
use crate::daemon::stats::gather;
use crate::decide::stats::{Period, Stats};
use crate::model::{Client, Zone};
use crate::store::Store;
use crate::system::Clock;
use std::path::Path;
pub use svg::{Picture, STYLE, one};

/// The figures with what is said around them.
pub struct Sheet<'a> {
    /// The figures.
    pub stats: &'a Stats,
    /// The one client that they are about.
    pub client: Option<&'a Client>,
    /// The owner's home.
    pub home: &'a Zone,
    /// No period was asked for.
    pub usual: bool,
}

impl Sheet<'_> {
    /// What period it is about, in words.
    pub fn period(&self) -> String {
        let day = |at| super::say::date(self.home.local(at).date());
        let before = |at| super::say::date(self.home.local(at - chrono::TimeDelta::seconds(1)).date());
        match (self.stats.since, self.stats.until) {
            (None, None) => "the whole history".to_owned(),
            (Some(since), None) => format!("since {}", day(since)),
            (None, Some(until)) => format!("until {}", before(until)),
            (Some(since), Some(until)) => format!("{} to {}", day(since), before(until)),
        }
    }
}

/// Runs the command.
pub fn run(cli: &Cli, args: &args::Stats) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let policy = &settings.policy;
    let client = args.client.as_deref().map(|id| out::client(policy, id)).transpose()?;
    let home = &policy.owner.zone;
    let instant = |text: &Option<String>| text.as_deref().map(|text| out::past_day(text, home)).transpose();
    let now = Clock::System.now();
    let usual = !args.all && args.since.is_none() && args.until.is_none();
    // Years of it are seldom what is asked, and take their time.
    let period = if usual {
        Period::last_year(now, home)
    } else {
        Period { since: instant(&args.since)?, until: instant(&args.until)? }
    };
    if let (Some(since), Some(until)) = (period.since, period.until)
        && since >= until
    {
        return Err(Fail::Usage("--until is not after --since: nothing lies between them".to_owned()));
    }
    if let Some(path) = args.svg.as_deref().filter(|path| path.as_os_str() != "-") {
        target::may_write(&settings, path)?;
    }
    let dir = out::state_dir(&settings);
    let id = client.map(|client| client.id.as_str());
    // Without a history everything is zero: no error, as nothing is wrong.
    let stats = if Store::path_in(&dir).exists() {
        let store = out::open_followed_history(&settings)?;
        store.read_blocking(|tx| gather(tx, policy, id, period, now))?
    } else {
        Stats { client: id.map(str::to_owned), since: period.since, until: period.until, ..Stats::default() }
    };
    let sheet = Sheet { stats: &stats, client, home, usual };
    if let Some(path) = &args.svg {
        draw(&sheet, path, cli.json)?;
    }
    if cli.json {
        let value = serde_json::to_value(&stats).map_err(|error| Fail::Failed(error.to_string()))?;
        out::json(&value);
    } else if args.svg.is_none() {
        out::text(&text::draw(&sheet, policy, Style::of_terminal()));
    }
    Ok(())
}

/// Writes the pictures: all in one file, or each into a file of a folder.
fn draw(sheet: &Sheet<'_>, path: &Path, quiet: bool) -> Result<(), Fail> {
    let failed = |path: &Path, error: &std::io::Error| Fail::Failed(format!("{}: {error}", path.display()));
    if path.as_os_str() == "-" {
        out::text(&svg::all(sheet));
        return Ok(());
    }
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) && !path.is_dir() {
        std::fs::write(path, svg::all(sheet)).map_err(|error| failed(path, &error))?;
        if !quiet {
            out::text(&format!("the picture is in {}", path.display()));
        }
        return Ok(());
    }
    if path.exists() && !path.is_dir() {
        return Err(Fail::Usage(format!("{} is a file: name a folder, or a file that ends with .svg", path.display())));
    }
    std::fs::create_dir_all(path).map_err(|error| failed(path, &error))?;
    for picture in Picture::ALL {
        let file = path.join(format!("{}.svg", picture.name()));
        std::fs::write(&file, svg::one(sheet, picture, true)).map_err(|error| failed(&file, &error))?;
    }
    if !quiet {
        let names: Vec<String> = Picture::ALL.iter().map(|picture| format!("{}.svg", picture.name())).collect();
        out::text(&format!("the pictures are in {}: {}", path.display(), names.join(", ")));
    }
    Ok(())
}
