//! Reads Authentication-Results (RFC 8601 2.2): comments, quoted strings, versions, properties; and the
//! form of Microsoft 365, which leaves the authserv-id out (rule 35). Not here: which field to believe
//! and what follows from it (trust.rs).

/// One `method=result` with its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `dmarc`, `dkim`, `spf`, ...; lower case.
    pub method: String,
    /// `pass`, `fail`, `none`, ...; lower case.
    pub result: String,
    /// `header.from`, `smtp.mailfrom`, ... (lower case) with their values.
    pub properties: Vec<(String, String)>,
}

impl Statement {
    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// One field, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// Who states it, lower case; `None` where the field begins with a result at once.
    pub authserv_id: Option<String>,
    /// What is stated.
    pub statements: Vec<Statement>,
}

/// Reads the value of one field. Never fails: what does not follow the grammar states nothing.
#[must_use]
pub fn read(value: &str) -> Results {
    let segments = segments(value);
    let mut rest = segments.iter();
    let mut authserv_id = None;
    let mut statements = Vec::new();
    if let Some(first) = rest.next() {
        match statement(first) {
            Some(found) => statements.push(found),
            // "mx.example 1": the id, perhaps a version.
            None => authserv_id = words(first).first().map(|id| id.to_lowercase()),
        }
    }
    statements.extend(rest.filter_map(|segment| statement(segment)));
    Results { authserv_id, statements }
}

/// The name under which a field speaks (lower case), for `fuseau check` to propose (rule 38).
#[must_use]
pub fn authserv_id(value: &str) -> Option<String> {
    read(value).authserv_id
}

/// A character with the knowledge whether it stood inside a quoted string.
type Marked = (char, bool);

/// Splits at the semicolons that stand outside comments and quotes, and drops comments (RFC 5322 3.2.2:
/// they nest) and quotation marks.
fn segments(value: &str) -> Vec<Vec<Marked>> {
    let mut all = vec![Vec::new()];
    let (mut depth, mut quoted) = (0_usize, false);
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let current = all.last_mut();
        match c {
            '\\' if depth > 0 => {
                chars.next();
            }
            '\\' if quoted => {
                if let (Some(current), Some(escaped)) = (current, chars.next()) {
                    current.push((escaped, true));
                }
            }
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                if let (0, Some(current)) = (depth, current)
                    && current.last() != Some(&(' ', false))
                {
                    current.push((' ', false));
                }
            }
            _ if depth > 0 => {}
            ';' if !quoted => all.push(Vec::new()),
            _ => {
                if let Some(current) = current {
                    current.push((c, quoted));
                }
            }
        }
    }
    all
}

/// The words of a segment; white space around `=`, `.` and `/` is no boundary (RFC 8601 2.2 allows CFWS
/// there), inside quotes nothing is.
fn words(segment: &[Marked]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (at, &(c, quoted)) in segment.iter().enumerate() {
        if quoted || !c.is_whitespace() {
            match words.last_mut() {
                Some(word) if open => word.push(c),
                _ => words.push(c.to_string()),
            }
            open = true;
            continue;
        }
        let joins = |c: Option<&Marked>| c.is_some_and(|&(c, quoted)| !quoted && c == '=');
        let next = segment.iter().skip(at).find(|(c, quoted)| *quoted || !c.is_whitespace());
        let before = segment.iter().take(at).rev().find(|(c, quoted)| *quoted || !c.is_whitespace());
        let dots = |c: Option<&Marked>| c.is_some_and(|&(c, quoted)| !quoted && (c == '.' || c == '/'));
        if !(joins(next) || joins(before) || dots(next) || dots(before)) {
            open = false;
        }
    }
    words
}

/// `method[/version]=result [reason=...] [ptype.property=value]*`
fn statement(segment: &[Marked]) -> Option<Statement> {
    let mut pairs = words(segment).into_iter().filter_map(|word| {
        let (key, value) = word.split_once('=')?;
        Some((key.to_lowercase(), value.to_owned()))
    });
    let (method, result) = pairs.next()?;
    let method = method.split('/').next().unwrap_or(&method).to_owned();
    Some(Statement { method, result: result.to_lowercase(), properties: pairs.collect() })
}

#[cfg(test)]
#[path = "authentication_tests.rs"]
mod tests;
