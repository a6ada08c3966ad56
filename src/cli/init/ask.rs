//! Questions on the terminal. Each has a flag; without a terminal, or with `--yes`, only flags and defaults answer.
use super::Fail;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// The one who asks.
#[derive(Debug)]
pub struct Asker {
    /// Somebody is there to be asked.
    present: bool,
    /// Flags that nobody gave and nobody could be asked for.
    missing: Vec<&'static str>,
    /// Questions so far.
    asked: u32,
}

/// One question.
#[derive(Debug)]
pub struct Question<'a> {
    /// The flag that answers it.
    pub flag: &'static str,
    /// What is asked.
    pub text: &'a str,
    /// What Enter means; `None`: an answer is needed.
    pub default: Option<String>,
}

impl Asker {
    /// `yes`: take every default.
    pub fn new(yes: bool) -> Self {
        let present = !yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self { present, missing: Vec::new(), asked: 0 }
    }

    /// Whether somebody can be asked.
    pub fn present(&self) -> bool {
        self.present
    }

    /// The flag's value, else an answer that `read` accepts, else the default. `None`: nobody can say; it is noted.
    pub fn ask<T>(
        &mut self,
        given: Option<&str>,
        question: &Question<'_>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Fail> {
        if let Some(text) = given {
            return read(text).map(Some).map_err(|error| Fail::Usage(format!("{}: {error}", question.flag)));
        }
        if !self.present {
            let Some(default) = &question.default else {
                self.missing.push(question.flag);
                return Ok(None);
            };
            return read(default).map(Some).map_err(|error| Fail::Usage(format!("{}: {error}", question.flag)));
        }
        self.asked += 1;
        loop {
            // Questions go to standard error: standard output is for what was asked for.
            let shown =
                question.default.as_ref().filter(|it| !it.is_empty()).map(|it| format!(" [{it}]")).unwrap_or_default();
            let mut err = std::io::stderr();
            write!(err, "{}{shown}: ", question.text)?;
            err.flush()?;
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line)? == 0 {
                return Err(Fail::Failed("the answers ended before the questions; nothing was written".to_owned()));
            }
            let answer = match (line.trim(), &question.default) {
                ("", Some(default)) => default.as_str(),
                (text, _) => text,
            };
            match read(answer) {
                Ok(value) => return Ok(Some(value)),
                Err(error) => writeln!(err, "  {error}")?,
            }
        }
    }

    /// What is still missing, all at once.
    pub fn complete(&self) -> Result<(), Fail> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(Fail::Usage(format!(
            "nobody can be asked here: give {}\n    or run it in a terminal",
            self.missing.join(", ")
        )))
    }

    /// How many questions were asked.
    pub fn asked(&self) -> u32 {
        self.asked
    }
}
