//! What is wrong with a configuration, in words for the person who edits it. Nothing here reads files.
use std::{fmt, path::PathBuf};

/// One fault or warning, at one place of one file.
///
/// Shown as `FILE:LINE:COLUMN: PATH = VALUE WHAT` with the remedy indented on a second line. Values of
/// secrets are never kept here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as it was named or found.
    pub file: PathBuf,
    /// Line from 1; 0 if the finding is about the file as a whole.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The option, as `client.acme.zone`; empty if there is none (a syntax error, a file's mode).
    pub path: String,
    /// The value as written, cut at 60 characters; `None` for missing options, tables and secrets.
    pub value: Option<String>,
    /// What is wrong with it or what was expected, as the end of a sentence: `is no time zone`.
    pub what: String,
    /// What to write instead, or what to do.
    pub remedy: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, " {}", self.what)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n    {remedy}"),
            None => Ok(()),
        }
    }
}

/// Every fault of a configuration, in the order of the files and lines. The owner must act (exit code 78).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub(super) Vec<Finding>);

impl Faults {
    /// The faults; never empty.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.0
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "\n" };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
