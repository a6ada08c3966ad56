//! Faults that touch nothing but projects: they are left out, and the rest goes on. Who decides so: the callers of
//! [`load_sparing`]; never here: what a fault is.
use super::load::{gather, settings_without};
use super::source::{Log, Source};
use super::{Faults, Finding, Settings};
use crate::decide::Unclear;
use crate::model::Zones;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Tables of a project that some write without one.
const STRAY: [&str; 5] = ["milestone", "invoice", "terms", "deliverables", "scope"];

/// What is left out so that the rest can be read.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Projects.
    projects: BTreeSet<String>,
    /// Options at the top that belong to a project.
    stray: BTreeSet<String>,
    /// Included files with nothing but projects that are no TOML.
    files: BTreeSet<PathBuf>,
}

/// [`super::load`], but faults in projects alone leave out those projects; what was wrong with them. Drafts about them and
/// their clients rest ([`Unclear`]).
///
/// # Errors
/// All faults at once if any is about something else; the owner must act.
pub fn load_sparing(path: &Path, zones: &Zones) -> Result<(Settings, Vec<Finding>), Faults> {
    let (mut sources, mut log) = gather(path)?;
    let (mut left, mut found, mut unclear) = (Left::default(), Vec::new(), Vec::new());
    loop {
        let faults = match settings_without(&sources, zones, log, &left) {
            Ok(mut settings) => {
                settings.policy.drafts.unclear = unclear;
                return Ok((settings, found));
            }
            Err(faults) => faults,
        };
        // Behind a file that is no TOML nothing else is looked at: what is wrong besides shows the next time.
        let Some(more) = Left::of(&faults, &sources).filter(|more| !left.covers(more)) else {
            found.extend(faults.0);
            return Err(Faults(found));
        };
        unclear.extend(more.unclear(&sources));
        found.extend(faults.0);
        sources.retain(|source| !more.files.contains(&source.file));
        left.add(more);
        log = Log::default();
    }
}

impl Left {
    /// What the faults are about; `None` if anything else than projects.
    fn of(faults: &Faults, sources: &[Source]) -> Option<Self> {
        let mut left = Self::default();
        for fault in faults.findings() {
            let mut steps = fault.path.split(['.', '[']);
            match (steps.next(), steps.next()) {
                (Some("project"), Some(id)) => left.projects.insert(id.to_owned()),
                (Some(word), _) if STRAY.contains(&word) => left.stray.insert(word.to_owned()),
                (Some(""), None) if fault.line > 0 => {
                    let included = sources.iter().skip(1).find(|source| source.file == fault.file)?;
                    only_projects(included).then(|| left.files.insert(fault.file.clone()))?
                }
                _ => return None,
            };
        }
        Some(left)
    }

    /// Whether nothing of it is new.
    fn covers(&self, more: &Self) -> bool {
        more.projects.is_subset(&self.projects)
            && more.stray.is_subset(&self.stray)
            && more.files.is_subset(&self.files)
    }

    fn add(&mut self, more: Self) {
        self.projects.extend(more.projects);
        self.stray.extend(more.stray);
        self.files.extend(more.files);
    }

    /// Takes it out of a file.
    pub(super) fn take_out(&self, tree: &mut DeTable<'_>) {
        for word in &self.stray {
            tree.remove(word.as_str());
        }
        if let Some(DeValue::Table(projects)) = tree.get_mut("project").map(toml::Spanned::get_mut) {
            for id in &self.projects {
                projects.remove(id.as_str());
            }
        }
    }

    /// Projects that are left out, with their clients as far as they can be read.
    fn unclear(&self, sources: &[Source]) -> Vec<Unclear> {
        let mut unclear: Vec<Unclear> = Vec::new();
        for source in sources {
            if self.files.contains(&source.file) {
                let clients = lines(source).filter_map(|line| line.strip_prefix("client")?.trim().strip_prefix('='));
                let names =
                    clients.map(|value| value.split('#').next().unwrap_or(value).trim().trim_matches(['"', '\'']));
                let project = source.file.display().to_string();
                unclear
                    .extend(names.map(|client| Unclear { project: project.clone(), client: Some(client.to_owned()) }));
                unclear.push(Unclear { project, client: None });
                continue;
            }
            let Some(mut tree) = source.tree(&Log::default()) else { continue };
            let Some(DeValue::Table(projects)) = tree.get_mut("project").map(toml::Spanned::get_mut) else { continue };
            for id in &self.projects {
                let Some(DeValue::Table(project)) = projects.get(id.as_str()).map(toml::Spanned::get_ref) else {
                    continue;
                };
                let client = project.get("client").and_then(|client| client.get_ref().as_str()).map(str::to_owned);
                unclear.push(Unclear { project: id.clone(), client });
            }
        }
        unclear
    }
}

fn lines(source: &Source) -> impl Iterator<Item = &str> {
    source.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether a file that cannot be read as a whole can hold nothing but projects.
fn only_projects(source: &Source) -> bool {
    let head = |line: &str| line.starts_with("[project.") || line.starts_with("[[project.");
    lines(source).next().is_some_and(head) && lines(source).filter(|line| line.starts_with('[')).all(head)
}
