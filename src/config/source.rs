//! One configuration file as text, places in it, and the list of findings. No option is known here.
use super::fault::Finding;
use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};
use toml::de::DeTable;

/// A file's text with its name.
pub(super) struct Source {
    /// Where it was read.
    pub file: PathBuf,
    /// What was read.
    pub text: String,
    /// Whether others may read the file, so that it must not hold a password.
    pub readable_by_others: bool,
    /// Whether everybody may change the file.
    pub others_may_write: bool,
}

impl Source {
    /// Line and column from 1 of a byte offset; the column counts characters.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The folder against which relative paths are read.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// A path as written in this file: `~/` is the home folder, relative ones start at the file. Not made
    /// absolute, so that complaints name it as people know it.
    pub fn beside(&self, written: &str) -> PathBuf {
        match written.strip_prefix("~/").and_then(|rest| Some(Path::new(&std::env::var_os("HOME")?).join(rest))) {
            Some(path) => path,
            None => self.folder().join(written),
        }
    }

    /// The same, absolute: it stays true when the daemon changes its folder.
    pub fn resolve(&self, written: &str) -> PathBuf {
        let path = self.beside(written);
        std::path::absolute(&path).unwrap_or(path)
    }

    /// The TOML tree. All syntax errors are logged, one a line, with the parser's own message.
    pub fn tree<'a>(&'a self, log: &Log) -> Option<DeTable<'a>> {
        let (tree, errors) = DeTable::parse_recoverable(&self.text);
        let mut last_line = 0;
        for error in &errors {
            let (line, column) = self.position(error.span().map_or(self.text.len(), |span| span.start));
            if std::mem::replace(&mut last_line, line) == line {
                continue; // what the parser says further on this line follows from the first
            }
            log.fault(Finding {
                file: self.file.clone(),
                line,
                column,
                path: String::new(),
                value: None,
                what: format!("is no valid TOML: {}", error.message().trim()),
                remedy: Some(mend(error.message()).to_owned()),
            });
        }
        errors.is_empty().then(|| tree.into_inner())
    }

    /// A finding about the file as a whole.
    pub fn finding(&self, what: String, remedy: Option<String>) -> Finding {
        Finding { file: self.file.clone(), line: 0, column: 0, path: String::new(), value: None, what, remedy }
    }
}

/// Faults and warnings, collected until the end.
#[derive(Default)]
pub(super) struct Log {
    faults: RefCell<Vec<Finding>>,
    warnings: RefCell<Vec<Finding>>,
}

impl Log {
    /// Adds a fault, once.
    pub fn fault(&self, finding: Finding) {
        add(&self.faults, finding);
    }

    /// Adds a warning, once.
    pub fn warn(&self, finding: Finding) {
        add(&self.warnings, finding);
    }

    /// Whether there is no fault.
    pub fn is_clean(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Faults and warnings, each in the order of `files`, then of lines.
    pub fn into_parts(self, files: &[PathBuf]) -> (Vec<Finding>, Vec<Finding>) {
        let sorted = |cell: RefCell<Vec<Finding>>| {
            let mut list = cell.into_inner();
            let rank = |finding: &Finding| files.iter().position(|file| *file == finding.file).unwrap_or(usize::MAX);
            list.sort_by_key(|finding| (rank(finding), finding.line, finding.column));
            list
        };
        (sorted(self.faults), sorted(self.warnings))
    }
}

/// What to do about a fault of the syntax.
fn mend(message: &str) -> &'static str {
    if message.contains("duplicate") {
        "it stands in the file twice: keep one of the two; a table's options belong below one head"
    } else {
        "look there and in the line before for a quote, bracket, comma or = that is missing"
    }
}

fn add(list: &RefCell<Vec<Finding>>, finding: Finding) {
    let mut list = list.borrow_mut();
    if !list.contains(&finding) {
        list.push(finding);
    }
}

/// A place in a file that can be complained about.
#[derive(Clone)]
pub(super) struct Place<'a> {
    /// The file.
    pub source: &'a Source,
    /// Where complaints go.
    pub log: &'a Log,
    /// The option's path.
    pub path: String,
    /// The value as shown in complaints.
    pub shown: Option<String>,
    /// Byte offset.
    pub offset: usize,
}

impl Place<'_> {
    /// Complains: the configuration will be refused.
    pub fn fault(&self, what: impl Into<String>, remedy: impl Into<Option<String>>) {
        self.log.fault(self.finding(what.into(), remedy.into()));
    }

    /// Complains, but accepts.
    pub fn warn(&self, what: impl Into<String>, remedy: impl Into<Option<String>>) {
        self.log.warn(self.finding(what.into(), remedy.into()));
    }

    /// Names this place for a complaint about another one: `clients/acme.toml:7`.
    pub fn position(&self) -> String {
        let (line, _) = self.source.position(self.offset);
        let name = self.source.file.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}:{line}")
    }

    fn finding(&self, what: String, remedy: Option<String>) -> Finding {
        let (line, column) = self.source.position(self.offset);
        let file = self.source.file.clone();
        Finding { file, line, column, path: self.path.clone(), value: self.shown.clone(), what, remedy }
    }
}

/// Text as shown in a complaint: quoted, control characters escaped, at most 60 characters.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}
