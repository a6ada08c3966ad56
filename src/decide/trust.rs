//! Is the author who they say they are: spam verdicts and the own server's authentication results (rules
//! 33 to 37). Reading the field: authentication.rs; where the own house ends: hops.rs. ARC and every other
//! field are never read.
use super::authentication::{Results, Statement, read};
use super::case::{Case, Findings, Way};
use super::hops::House;
use super::policy::Strangers;
use crate::model::address::organisation;
use crate::model::{Code, FolderRole, Identity, Incoming, Provider};

/// What the own server says about From.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A result that passed and is aligned with From.
    Passed(String),
    /// The sender is forged.
    Failed(String),
    /// A server is trusted, but it said nothing that helps.
    Unknown(String),
    /// No server is trusted.
    NotConfigured,
}

/// Rule 34: a field of a trusted server counts where that server can have put it, and no other.
#[must_use]
pub fn trust(message: &Incoming, identity: Option<&Identity>) -> Trust {
    let Some(identity) = identity else { return Trust::NotConfigured };
    let microsoft = identity.provider == Some(Provider::Microsoft365);
    if identity.trusted_authserv.is_empty() && identity.provider.is_none() {
        return Trust::NotConfigured;
    }
    let named = identity.provider.and_then(Provider::authserv);
    let names: Vec<&str> = identity.trusted_authserv.iter().map(|own| own.trim()).chain(named).collect();
    let statements = match stated(message, &House { names, microsoft }) {
        Ok(statements) => statements,
        Err(why) => return Trust::Unknown(why.to_owned()),
    };
    match message.from() {
        Some(party) => judge(&statements, organisation(party.address.domain())),
        None => Trust::Unknown("no author".to_owned()),
    }
}

/// What the trusted servers state: the topmost of their fields, if it stands above the hop with which the message came
/// into the house, or right below that hop, before the next Received. What stands lower the sender can have written.
///
/// Between two hops of the house, or above all of them, only the house writes: a server that states its results in
/// several fields there (Fastmail) is heard in full.
fn stated(message: &Incoming, house: &House<'_>) -> Result<Vec<Statement>, &'static str> {
    let trusted = |results: &Results| match &results.authserv_id {
        Some(id) => house.names.iter().any(|own| own.eq_ignore_ascii_case(id)),
        None => house.microsoft && !results.statements.is_empty(),
    };
    let mut found: Vec<Results> = Vec::new();
    let (mut outside, mut beyond, mut enclosed) = (false, false, false);
    for (name, value) in message.headers.iter() {
        if name == "received" {
            if !found.is_empty() {
                enclosed = !outside;
                break;
            }
            beyond = outside;
            outside = outside || !house.is_inside(value);
        } else if name == "authentication-results" {
            let results = read(value);
            let same = found.first().is_none_or(|first| first.authserv_id == results.authserv_id);
            if !same || !trusted(&results) {
                continue;
            }
            if beyond {
                return Err("the result of a trusted server stands where a sender can write it");
            }
            found.push(results);
        }
    }
    let heard = if enclosed { found.len() } else { 1 };
    if found.is_empty() {
        return Err("no result of a trusted server");
    }
    Ok(found.into_iter().take(heard).flat_map(|results| results.statements).collect())
}

/// Rules 34 and 36 over the statements of one field; `author` is From's organisational domain.
fn judge(statements: &[Statement], author: &str) -> Trust {
    let results = |method: &'static str| statements.iter().filter(move |s| s.method == method);
    let has = |method: &'static str, wanted: &[&str]| results(method).any(|s| wanted.contains(&s.result.as_str()));
    if has("dmarc", &["fail"]) {
        return Trust::Failed("dmarc=fail".to_owned());
    }
    let aligned = |value: Option<&str>| value.is_some_and(|value| is_aligned(value, author));
    // Without header.from, dmarc speaks about the one From there is.
    let dmarc = |s: &&Statement| s.result == "pass" && s.property("header.from").is_none_or(|v| is_aligned(v, author));
    let dkim =
        |s: &&Statement| s.result == "pass" && (aligned(s.property("header.d")) || aligned(s.property("header.i")));
    let spf = |s: &&Statement| s.result == "pass" && aligned(s.property("smtp.mailfrom"));
    let passed =
        (results("dmarc").find(dmarc).or_else(|| results("dkim").find(dkim))).or_else(|| results("spf").find(spf));
    if let Some(statement) = passed {
        return Trust::Passed(format!("{}=pass", statement.method));
    }
    if has("dkim", &["none", "fail"]) && !has("dkim", &["pass"]) && has("spf", &["fail", "hardfail"]) {
        return Trust::Failed("no valid signature, spf=fail".to_owned());
    }
    let said: Vec<String> = statements.iter().map(|s| format!("{}={}", s.method, s.result)).collect();
    Trust::Unknown(if said.is_empty() { "none".to_owned() } else { said.join(", ") })
}

/// Relaxed alignment (RFC 7489 3.1): the same organisational domain. `value` is a domain, `@domain` or an
/// address.
fn is_aligned(value: &str, author: &str) -> bool {
    let domain = value.rsplit('@').next().unwrap_or(value).trim_matches(|c| "<>. ".contains(c)).to_ascii_lowercase();
    !domain.is_empty() && organisation(&domain) == author
}

/// Rule 33.
pub fn junk(case: &Case<'_>, found: &mut Findings) {
    let headers = &case.message.headers;
    let begins = |name: &'static str, word: &str| {
        headers.all(name).any(|v| v.trim().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)))
    };
    let level = |v: &str| v.trim().parse::<i32>().is_ok_and(|level| level >= 5);
    let evidence = if case.message.folder == FolderRole::Junk {
        "junk folder"
    } else if begins("x-spam-flag", "yes") {
        "X-Spam-Flag"
    } else if begins("x-spam-status", "yes") {
        "X-Spam-Status"
    } else if headers.all("x-ms-exchange-organization-scl").any(level) {
        "X-MS-Exchange-Organization-SCL"
    } else if headers.all("x-forefront-antispam-report").any(|v| v.to_ascii_uppercase().contains("SFV:SPM")) {
        "SFV:SPM"
    } else {
        return;
    };
    found.say(Code::Junk.with(evidence));
}

/// Rules 34 to 37. Where no server is trusted, the envelope of a client's mail speaks; what is wrong with
/// an envelope is said by author.rs.
pub fn authentication(case: &Case<'_>, found: &mut Findings) {
    if case.author.is_none() {
        return;
    }
    match &case.trust {
        Trust::Failed(evidence) => found.say(Code::AuthenticationFailed.with(evidence)),
        Trust::Passed(evidence) => found.say(Code::Authenticated.with(evidence)),
        Trust::Unknown(evidence) => found.say(Code::NotAuthenticated.with(evidence)),
        Trust::NotConfigured if case.client.is_some() => {
            if case.envelope_agrees() {
                found.say(Code::EnvelopeAgrees);
            }
        }
        Trust::NotConfigured => {
            if case.policy.replies.strangers == Strangers::Acknowledge && case.way == Way::Direct {
                found.say(Code::NotAuthenticated.with("no server is trusted"));
            }
        }
    }
}
