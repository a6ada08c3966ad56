//! The template set: built-in texts, overridden one by one, and what they make: letters.
//! Never a template here: anything that came by mail.
use super::builtin::{self, SHIPPED, name, nearest};
use super::context::{Acknowledgement, Holding, VARIANTS, Values};
use super::sample::samples;
use super::thread::SUBJECT_MAX;
use super::{digest, digest_words::Book, page};
use crate::decide::{Digest, Policy};
use crate::model::{Language, text::clean};
use serde::Serialize;
use std::io;
use tera::{Context, ErrorKind, Tera};

/// A mail is a few sentences; a template that writes more has run away.
const LETTER_MAX: usize = 64 * 1024;

/// A template that cannot be used. Setup: the owner has to change the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template {template}{}: {message}", line.map(|l| format!(", line {l}")).unwrap_or_default())]
pub struct TemplateError {
    /// Its name: `fr/acknowledgement.txt`.
    pub template: String,
    /// Where, from 1.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl TemplateError {
    pub(super) fn new(template: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        Self { template: template.to_owned(), line, message: message.into() }
    }

    pub(super) fn from_tera(template: &str, error: &tera::Error) -> Self {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let place = if report.filename().is_empty() { template } else { report.filename() };
                let message = with_path(report.message(), &error.to_string());
                Self::new(place, Some(report.span().start_line), message)
            }
            ErrorKind::Msg(report) => Self::from_report(template, report),
            _ => Self::new(template, None, error.to_string()),
        }
    }

    /// The same, with the declared value that looks most like the unknown one, if there is one.
    fn with_nearest(self, kind: &str) -> Self {
        let names = builtin::variables(kind);
        let unknown = |mark: &str| {
            let (name, rest) = self.message.strip_prefix(mark)?.split_once('`')?;
            rest.starts_with(" is not defined").then(|| name.to_owned())
        };
        let (word, name) = match (unknown("Variable `"), unknown("Field `")) {
            (Some(name), _) => ("Variable", name),
            (_, Some(name)) => ("Field", name),
            _ => return self,
        };
        // A field that stands behind a bracket, or belongs to a name that the template gave, has no known path.
        let last = |it: &'static str| (it.rsplit_once('.').map_or(it, |(_, field)| field), it);
        let by_field = || {
            let (_, field) = name.rsplit_once('.').unwrap_or(("", &name));
            builtin::nearest_of(field, names.iter().map(|it| last(it))).map(str::to_owned)
        };
        let near = nearest_path(&name, &names).or_else(|| (word == "Field").then(by_field).flatten());
        match near {
            Some(near) => {
                let message = format!("{word} `{name}` is not defined; did you mean `{near}`?");
                Self { message, ..self }
            }
            None => self,
        }
    }

    /// Faults found at loading come as a drawn report: `error: MESSAGE`, then ` --> NAME:LINE:COLUMN`.
    fn from_report(template: &str, report: &str) -> Self {
        let message = report.lines().next().unwrap_or(report);
        let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
        let line = place.and_then(|place| place.rsplit(':').nth(1)?.parse().ok());
        Self::new(template, line, message.strip_prefix("error: ").unwrap_or(message))
    }
}

/// The declared path that looks most like one that is not: first its beginning, then the rest below it.
fn nearest_path(name: &str, names: &[&'static str]) -> Option<String> {
    let head = |it: &'static str| it.split_once('.').map_or(it, |(head, _)| head);
    let (top, rest) = name.split_once('.').unwrap_or((name, ""));
    let near = builtin::nearest_of(top, names.iter().map(|it| (head(it), head(it))))?;
    let below: Vec<&str> = names.iter().filter_map(|it| it.strip_prefix(near)?.strip_prefix('.')).collect();
    if rest.is_empty() || below.is_empty() {
        return (near != name).then(|| near.to_owned());
    }
    match builtin::nearest_of(rest, below.iter().map(|it| (*it, *it))) {
        Some(field) => Some(format!("{near}.{field}")),
        None => (near != top).then(|| near.to_owned()),
    }
}

/// Tera names an unknown field without what stands before it (`ful`), and of an unknown variable only the beginning (`promis`):
/// as it stands in the drawn report (`promise.ful`, `promis.full`).
fn with_path(message: &str, report: &str) -> String {
    let variable = || {
        let name = message.strip_prefix("Variable `")?.split_once('`')?.0;
        let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let drawn = report.split_once('\n')?.1;
        let path = drawn.split(part).find(|word| word.split_once('.').is_some_and(|(first, _)| first == name))?;
        Some(message.replacen(name, path, 1))
    };
    if let Some(message) = variable() {
        return message;
    }
    let path = || {
        let field = message.strip_prefix("Field `")?.split_once('`')?.0;
        let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let drawn = report.split_once('\n')?.1;
        let path = drawn.split(part).find(|word| word.rsplit_once('.').is_some_and(|(_, last)| last == field))?;
        Some(message.replacen(field, path, 1))
    };
    path().unwrap_or_else(|| message.to_owned())
}

/// A mail in words, before it has headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One clean line of at most 150 characters.
    pub subject: String,
    /// The body, `\n` line ends, ends with one.
    pub text: String,
    /// The same as HTML, if there is a template for it.
    pub html: Option<String>,
    /// The language that it is written in.
    pub language: Language,
}

/// The template set.
#[derive(Clone)]
pub struct Composer {
    tera: Tera,
    /// The owner's files for the digest; it is opened when one is written, a few times a day.
    digest: Vec<(String, String)>,
    /// The owner's files for drafts, opened likewise.
    drafts: Vec<(String, String)>,
    /// The owner's words for the public page, opened likewise.
    page: Vec<(String, String)>,
}

impl std::fmt::Debug for Composer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tera.get_template_names()).finish()
    }
}

impl Composer {
    /// The templates that fuseau brings along.
    ///
    /// # Errors
    /// Never in a tested build.
    pub fn built_in() -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        let mut composer = Self { tera, digest: Vec::new(), drafts: Vec::new(), page: Vec::new() };
        for (kind, texts) in SHIPPED {
            for (language, text) in texts {
                composer.put(&name(*language, kind, false), text)?;
            }
        }
        Ok(composer)
    }

    /// The built-in templates with some of them replaced; pairs of name (`fr/acknowledgement.txt`) and text.
    ///
    /// # Errors
    /// A name that no template has, with the nearest one; text that is no template, with the line.
    pub fn with(overrides: &[(String, String)]) -> Result<Self, TemplateError> {
        let mut composer = Self::built_in()?;
        for (name, text) in overrides {
            if !builtin::names().any(|known| known == *name) {
                let hint = nearest(name).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
                return Err(TemplateError::new(name, None, format!("no template has this name{hint}")));
            }
            if Book::has_file(name) {
                composer.digest.push((name.clone(), text.clone()));
            } else if name.ends_with(&format!("/{}.txt", page::words::KIND)) {
                composer.page.push((name.clone(), text.clone()));
            } else if builtin::is_draft(name) {
                composer.drafts.push((name.clone(), text.clone()));
            } else {
                composer.put(name, text)?;
            }
        }
        for language in Language::ALL {
            let theirs = format!("{}/", language.code());
            if composer.digest.iter().any(|(name, _)| name.starts_with(&theirs)) {
                Book::open(language, &composer.digest)?;
            }
            page::check(language, &composer.page)?;
        }
        Ok(composer)
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        self.tera.add_raw_template(name, text).map_err(|e| TemplateError::from_tera(name, &e))
    }

    /// Renders every template in both tones with sample values; the faults, each once. Empty: all is well.
    #[must_use]
    pub fn check(&self) -> Vec<TemplateError> {
        let mut faults: Vec<TemplateError> = Vec::new();
        for language in Language::ALL {
            for sample in samples(language) {
                // What a mail about several messages says of its own does not depend on the day.
                let merged = (0..VARIANTS).filter(|_| sample.case == "today");
                let merged = merged.flat_map(|it| [sample.as_merged(it), sample.as_merged_unnamed(it)]);
                let holding = (0..VARIANTS).map(|variant| sample.as_holding(variant)).chain(merged);
                let holding = holding.map(|one| self.holding(&one));
                for fault in
                    std::iter::once(self.acknowledgement(&sample.as_input())).chain(holding).filter_map(Result::err)
                {
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                }
            }
            faults.extend(self.check_drafts(language));
            faults.extend(Book::open(language, &self.digest).map_or_else(|fault| vec![fault], |book| book.check()));
        }
        faults
    }

    /// Writes an acknowledgement.
    ///
    /// # Errors
    /// A template of the owner that asks for an unknown value, has no subject line, runs away, or forgets to
    /// state the promise.
    pub fn acknowledgement(&self, a: &Acknowledgement<'_>) -> Result<Letter, TemplateError> {
        self.promising("acknowledgement", a.language, &Values::new(a))
    }

    /// Writes a holding reply.
    ///
    /// # Errors
    /// As [`Self::acknowledgement`].
    pub fn holding(&self, h: &Holding<'_>) -> Result<Letter, TemplateError> {
        self.promising("holding", h.anew.language, &Values::holding(h))
    }

    /// Writes a digest.
    ///
    /// # Errors
    /// A template of the owner that asks for an unknown value, has no subject line or runs away.
    pub fn digest(&self, digest: &Digest, policy: &Policy) -> Result<Letter, TemplateError> {
        let book = Book::open(digest::language(policy), &self.digest)?;
        book.letter(&digest::page(&book, digest, policy)?)
    }

    /// A letter that has to state a promise.
    fn promising(&self, kind: &str, language: Language, values: &Values) -> Result<Letter, TemplateError> {
        let letter = self.letter(kind, language, values)?;
        let name = name(language, kind, false);
        let promise = values.promise();
        for (face, text) in [(name.clone(), Some(&letter.text)), (name.replace(".txt", ".html"), letter.html.as_ref())]
        {
            let Some(text) = text.map(|text| text.replace("&#x27;", "'").replace("&#39;", "'")) else { continue };
            if !(text.contains(&promise.full) || (text.contains(&promise.time) && text.contains(&promise.zone))) {
                let message = "does not state the promise: write {{ promise.full }}, or {{ promise.time }} and {{ promise.zone }}";
                return Err(TemplateError::new(&face, None, message));
            }
        }
        Ok(letter)
    }

    /// The files of the public page for a date at home.
    ///
    /// # Errors
    /// Words of the owner that are wrong.
    pub fn page(
        &self,
        policy: &Policy,
        shown: &page::Shown,
        today: chrono::NaiveDate,
    ) -> Result<Vec<page::File>, TemplateError> {
        page::site(policy, shown, today, &self.page)
    }

    /// The owner's files for drafts.
    pub(super) fn draft_overrides(&self) -> &[(String, String)] {
        &self.drafts
    }

    fn letter(&self, kind: &str, language: Language, values: &Values) -> Result<Letter, TemplateError> {
        letter(&self.tera, kind, language, values, LETTER_MAX)
    }
}

/// What the templates of a kind make of the values.
pub(super) fn letter(
    tera: &Tera,
    kind: &str,
    language: Language,
    values: &impl Serialize,
    most: usize,
) -> Result<Letter, TemplateError> {
    let plain = name(language, kind, false);
    let context = Context::from_serialize(values).map_err(|e| TemplateError::from_tera(&plain, &e))?;
    let page = |name: &str| render(tera, name, &context, most).map_err(|fault| fault.with_nearest(kind));
    let (subject, text) = split(&plain, &page(&plain)?)?;
    let rich = name(language, kind, true);
    let html = match tera.contains_template(&rich) {
        true => Some(page(&rich)?),
        false => None,
    };
    Ok(Letter { subject, text, html, language })
}

/// What one template makes of the values, up to so many octets.
pub(super) fn render(tera: &Tera, name: &str, context: &Context, most: usize) -> Result<String, TemplateError> {
    let mut page = Page { text: Vec::new(), most };
    tera.render_to(name, context, &mut page).map_err(|e| match e.kind() {
        ErrorKind::Io(_) => {
            let most = most / 1024;
            TemplateError::new(name, None, format!("writes more than {most} KiB; a mail is a few sentences"))
        }
        _ => TemplateError::from_tera(name, &e),
    })?;
    String::from_utf8(page.text).map_err(|_| TemplateError::new(name, None, "writes something that is no UTF-8"))
}

/// First line, blank line, body.
fn split(template: &str, rendered: &str) -> Result<(String, String), TemplateError> {
    let rendered = rendered.replace("\r\n", "\n").replace('\r', "\n");
    let (head, body) = rendered.trim_start().split_once('\n').unwrap_or((rendered.trim(), ""));
    let subject = head.split_once(':').filter(|(field, _)| field.trim().eq_ignore_ascii_case("subject"));
    let subject = subject.map(|(_, subject)| clean(subject, SUBJECT_MAX)).filter(|subject| !subject.is_empty());
    let subject = subject
        .ok_or_else(|| TemplateError::new(template, Some(1), "the first line has to be \"Subject: \" and a subject"))?;
    let text = tidy(body);
    if text.is_empty() {
        return Err(TemplateError::new(template, None, "has no body"));
    }
    Ok((subject, text))
}

/// No space at line ends, never two blank lines together, one line break at the end.
fn tidy(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut blank = false;
    for line in body.trim().lines().map(str::trim_end) {
        if !line.is_empty() {
            text.push_str(if blank { "\n" } else { "" });
            text.push_str(line);
            text.push('\n');
        }
        blank = line.is_empty();
    }
    text
}

/// Refuses to grow without end.
struct Page {
    text: Vec<u8>,
    most: usize,
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
