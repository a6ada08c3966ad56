//! What `init` asks, in the order in which a person can answer; what can be known is not asked.
use super::ask::{Asker, Question};
use super::text::{ClientText, Draft, Proof};
use super::{TYPED, servers};
use crate::cli::args::Init;
use crate::cli::fail::Fail;
use crate::cli::{hidden, out};
use crate::config::providers::{self, Access, Found};
use crate::config::{self, cities};
use crate::model::{EmailAddress, Language, Tls, Zones};
use crate::system::tzdata;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Windows of somebody who did not say.
const USUAL_HOURS: &str = "mon-fri 09:00-09:30 16:30-17:00";

/// The questions, in the order in which a person can answer them.
pub(super) fn questions(
    init: &Init,
    asker: &mut Asker,
    zones: &Zones,
    runtime: &tokio::runtime::Runtime,
    target: &Path,
) -> Result<Draft, Fail> {
    let question = |flag, text, default| Question { flag, text, default };
    let read = |text: &str| {
        EmailAddress::parse(text)
            .ok_or_else(|| format!("{text:?} is no e-mail address; write it like claire@studio.example"))
    };
    let address = asker.ask(init.email.as_deref(), &question("--email", "Your e-mail address", None), read)?;
    let Some(address) = address else {
        // Everything else hangs on it: name at least the other flags that cannot be guessed.
        asker.complete()?;
        return Err(Fail::Usage("--email is missing".to_owned()));
    };
    let found = servers_of(init, &address, runtime)?;
    if let Access::Closed(why) = found.access {
        return Err(Fail::Failed(format!("{} cannot be used: {why}", found.source)));
    }
    out::aside(&format!(
        "{}: IMAP {}:{}, SMTP {}:{}",
        found.source, found.imap.host, found.imap.port, found.smtp.host, found.smtp.port
    ));
    let text = |text: &str| if text.is_empty() { Err("it must not be empty".to_owned()) } else { Ok(text.to_owned()) };
    let name =
        asker.ask(init.name.as_deref(), &question("--name", "Your name, as it stands below your mails", None), text)?;
    let proof = proof(init, asker, &found, target)?;
    let zone = home_zone(init, asker, zones)?;
    let windows = question(
        "--hours",
        "When do you read and answer mail? Days, then windows; more after a semicolon\n ",
        Some(USUAL_HOURS.to_owned()),
    );
    let given = (!init.hours.is_empty()).then(|| init.hours.join("; "));
    let hours = asker.ask(given.as_deref(), &windows, |text| hours(text, zones))?;
    let client = first_client(init, asker, zones)?;
    asker.complete()?;
    tracing::debug!(asked = asker.asked(), "questions");
    let missing = || Fail::Usage("an answer is missing".to_owned());
    Ok(Draft {
        name: name.ok_or_else(missing)?,
        zone: zone.ok_or_else(missing)?,
        languages: languages(init)?,
        hours: hours.ok_or_else(missing)?,
        mailbox: key_of(
            init.mailbox.as_deref().unwrap_or_else(|| address.domain().split('.').next().unwrap_or("mail")),
        ),
        address: address.to_string(),
        found,
        proof: proof.ok_or_else(missing)?,
        ca_file: init.ca_file.as_ref().map(|path| path.display().to_string()),
        client,
    })
}

fn servers_of(init: &Init, address: &EmailAddress, runtime: &tokio::runtime::Runtime) -> Result<Found, Fail> {
    let mut found = match (&init.autoconfig, providers::by_domain(address)) {
        (Some(file), _) => {
            let xml = fs::read_to_string(file).map_err(|error| Fail::Usage(format!("{}: {error}", file.display())))?;
            let read = providers::autoconfig(&xml, address);
            Some(read.map_err(|error| Fail::Usage(format!("{} {error}", file.display())))?)
        }
        (None, Some(known)) => Some(known),
        (None, None) if init.offline || init.imap.is_some() && init.smtp.is_some() => None,
        (None, None) => runtime.block_on(servers::ask(address)),
    };
    if let (Some(imap), Some(smtp)) = (&init.imap, &init.smtp) {
        let (imap, smtp) = (endpoint(imap, true)?, endpoint(smtp, false)?);
        found = Some(Found { source: "given".to_owned(), ..providers::by_records(address, imap, smtp) });
    }
    let meant = providers::meant(address.domain()).map(|near| format!("did you mean {}@{near}?", address.local()));
    let mut found = found.ok_or_else(|| {
        let hint = meant.as_ref().map_or_else(String::new, |meant| format!("{meant} Else "));
        Fail::Usage(format!(
            "nothing is known of {}{}\n    {hint}give --imap HOST and --smtp HOST, or --autoconfig FILE",
            address.domain(),
            if init.offline { " without the network" } else { "" }
        ))
    })?;
    if let Some(meant) = meant {
        // Whoever owns the domain beside it would be glad of the password.
        out::error(&format!("{}: {meant}", address.domain()));
    }
    if let Some(user) = &init.user {
        found.imap.user.clone_from(user);
        found.smtp.user.clone_from(user);
    }
    Ok(found)
}

/// `host`, `host:port`, `host:port/starttls`.
fn endpoint(text: &str, imap: bool) -> Result<(String, u16, Tls), Fail> {
    let wrong =
        || Fail::Usage(format!("{text:?} is no server; write it like mail.example.com, mail.example.com:587/starttls"));
    let (rest, tls) = match text.split_once('/') {
        Some((rest, "implicit" | "tls")) => (rest, Some(Tls::Implicit)),
        Some((rest, "starttls")) => (rest, Some(Tls::StartTls)),
        Some((rest, "none")) => (rest, Some(Tls::None)),
        Some(_) => return Err(wrong()),
        None => (text, None),
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| wrong())?)),
        None => (rest, None),
    };
    let usual = match port {
        Some(143 | 587 | 25) => Tls::StartTls,
        _ => Tls::Implicit,
    };
    let tls = tls.unwrap_or(usual);
    let port = port.unwrap_or(match (imap, tls) {
        (true, Tls::Implicit) => 993,
        (true, _) => 143,
        (false, Tls::Implicit) => 465,
        (false, _) => 587,
    });
    if host.is_empty() || host.contains(':') { Err(wrong()) } else { Ok((host.to_owned(), port, tls)) }
}

/// How the password or token is found. Never the secret itself on the command line: others see it there.
fn proof(init: &Init, asker: &mut Asker, found: &Found, target: &Path) -> Result<Option<Proof>, Fail> {
    let provider = match found.access {
        Access::Token(name) => name,
        _ if found.imap.host == "imap.gmail.com" => "google",
        _ if found.imap.host == "imap.fastmail.com" => "fastmail",
        _ => "other",
    };
    let shown = |path: &PathBuf| path.display().to_string();
    let given = [
        init.password_command.clone().map(Proof::Command),
        init.password_file.as_ref().map(|path| Proof::File(shown(path))),
        init.password_env.clone().map(Proof::Env),
        init.credential.clone().map(Proof::Credential),
        init.token_command.clone().map(|command| Proof::TokenCommand { provider: provider.to_owned(), command }),
        init.client_id.clone().map(|id| Proof::Client {
            provider: provider.to_owned(),
            id,
            secret: init.client_secret_file.as_ref().map(shown),
        }),
    ];
    if let Some(proof) = given.into_iter().flatten().next() {
        return Ok(Some(proof));
    }
    match found.access {
        Access::Token(_) => {
            let text = "This provider takes tokens only (guide: \"Logging in with a token\").\n  Your client id, or a command that prints tokens";
            let read = |text: &str| {
                let provider = provider.to_owned();
                match text {
                    "" => Err("an answer is needed".to_owned()),
                    text if text.contains(' ') || text.contains('/') => {
                        Ok(Proof::TokenCommand { provider, command: text.to_owned() })
                    }
                    id => Ok(Proof::Client { provider, id: id.to_owned(), secret: None }),
                }
            };
            asker.ask(None, &Question { flag: "--token-command or --client-id", text, default: None }, read)
        }
        _ => {
            if let Access::AppPassword(place) = found.access {
                out::aside(&format!("{} wants a password made for programs: {place}", found.source));
            }
            if let Access::Bridge(words) = found.access {
                out::aside(words);
            }
            let text = "The command that prints the password, like `pass show mail/studio`\n  (Enter: type it; it goes into a file of yours)";
            let default = asker.present().then(String::new);
            let question = Question {
                flag: "--password-command (or --password-file, --password-env, --credential)",
                text,
                default,
            };
            match asker.ask(None, &question, |text| Ok::<_, String>(text.to_owned()))? {
                None => Ok(None),
                Some(command) if !command.is_empty() => Ok(Some(Proof::Command(command))),
                Some(_) => typed(target).map(Some),
            }
        }
    }
}

/// A password that is typed unseen and kept beside the configuration, readable by the owner alone.
fn typed(target: &Path) -> Result<Proof, Fail> {
    let password = hidden::read("Password (it is not shown): ")?;
    let dir = target.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let file = dir.join(TYPED);
    let mut opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .map_err(|error| Fail::Failed(format!("{}: {error}", file.display())))?;
    writeln!(opened, "{password}")?;
    opened.sync_all()?;
    Ok(Proof::File(TYPED.to_owned()))
}

fn home_zone(init: &Init, asker: &mut Asker, zones: &Zones) -> Result<Option<String>, Fail> {
    let here = tzdata::home().filter(|name| name.contains('/') && zones.get(name).is_some());
    // What the machine knows is not asked.
    let given = init.zone.clone().or(here);
    let question =
        Question { flag: "--zone", text: "Where are you? A city, or a zone like Europe/London", default: None };
    asker.ask(given.as_deref(), &question, |text| one_zone(text, zones))
}

/// The one zone that a person means.
pub(super) fn one_zone(text: &str, zones: &Zones) -> Result<String, String> {
    match cities::zones_of(text, zones).as_slice() {
        [zone] => Ok(zone.clone()),
        [] => {
            let near = cities::nearest(text, zones);
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            Err(format!(
                "no zone is known for {text:?}{hint}\n  write the nearest big city, or a zone like Asia/Singapore"
            ))
        }
        several => Err(format!("there are several: {}", several.join(", "))),
    }
}

fn languages(init: &Init) -> Result<Vec<String>, Fail> {
    let given: Vec<String> = match &init.languages {
        Some(text) => text.split(',').map(|code| code.trim().to_owned()).collect(),
        None => {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
            let code: String = locale.unwrap_or_default().chars().take_while(char::is_ascii_lowercase).collect();
            let mut all: Vec<String> = Language::parse(&code).map(|it| it.code().to_owned()).into_iter().collect();
            if !all.iter().any(|it| it == "en") {
                all.push("en".to_owned());
            }
            all
        }
    };
    match given.iter().find(|code| Language::parse(code).is_none()) {
        Some(wrong) => {
            Err(Fail::Usage(format!("--languages: {wrong:?} is none of en, fr, de, es, it, pt, nl, ja, zh, ar")))
        }
        None => Ok(given),
    }
}

/// `mon-thu 09:00-09:30 16:30-17:00; fri 09:00-09:30`; whether it makes sense is checked with the whole file.
fn hours(text: &str, zones: &Zones) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut all = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace().map(str::to_owned);
        let days = words.next().unwrap_or_default();
        let windows: Vec<String> = words.collect();
        let plain = !days.is_empty() && days.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if !plain || windows.is_empty() {
            return Err(format!("{part:?} is not understood; write it like {USUAL_HOURS}"));
        }
        all.push((days, windows));
    }
    if all.is_empty() {
        return Err(format!("write it like {USUAL_HOURS}"));
    }
    // What the configuration would say in the end is said while the answer can still be mended.
    let lines: String = all.iter().map(|(days, windows)| format!("{days} = {windows:?}\n")).collect();
    let faults = config::parse(&format!("[hours]\n{lines}"), Path::new("hours"), zones).err();
    let fault = faults.as_ref().and_then(|it| it.findings().iter().find(|it| it.path.starts_with("hours.")));
    match fault {
        Some(fault) => {
            let value = fault.value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
            let remedy = fault.remedy.as_deref().unwrap_or(USUAL_HOURS);
            Err(format!("{}{value} {}; {remedy}", fault.path, fault.what))
        }
        None => Ok(all),
    }
}

fn first_client(init: &Init, asker: &mut Asker, zones: &Zones) -> Result<Option<ClientText>, Fail> {
    let text = "Your first client: an address, or @their-domain (Enter: later)";
    let question = Question { flag: "--client", text, default: Some(String::new()) };
    let contact = asker.ask(init.client.as_deref(), &question, |text| match text {
        "" => Ok(None),
        text => contact(text).map(Some),
    })?;
    let Some(Some(contact)) = contact else { return Ok(None) };
    let question = Question { flag: "--client-zone", text: "Where are they? A city, or a zone", default: None };
    let zone = asker.ask(init.client_zone.as_deref(), &question, |text| one_zone(text, zones))?;
    let Some(zone) = zone else { return Ok(None) };
    let id = key_of(
        contact.rsplit('@').next().and_then(|domain| domain.split('.').find(|it| !it.is_empty())).unwrap_or("client"),
    );
    Ok(Some(ClientText { id, name: init.client_name.clone(), contact, zone, language: init.client_language.clone() }))
}

/// An address, or a whole domain.
pub(super) fn contact(text: &str) -> Result<String, String> {
    let whole = text.strip_prefix('@').map(|domain| format!("x@{}", domain.trim_start_matches('.')));
    match EmailAddress::parse(whole.as_deref().unwrap_or(text)) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("{text:?} is no address; write anna@acme.example, or @acme.example for everybody there")),
    }
}

/// A name that TOML takes without quotes.
pub(super) fn key_of(text: &str) -> String {
    let key: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').take(40).collect();
    if key.is_empty() { "main".to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_as_people_write_them() {
        for (text, imap, host, port, tls) in [
            ("mail.example.com", true, "mail.example.com", 993, Tls::Implicit),
            ("mail.example.com", false, "mail.example.com", 465, Tls::Implicit),
            ("mail.example.com:587", false, "mail.example.com", 587, Tls::StartTls),
            ("localhost:10143/none", true, "localhost", 10143, Tls::None),
            ("m.example/starttls", true, "m.example", 143, Tls::StartTls),
        ] {
            assert_eq!(endpoint(text, imap).unwrap(), (host.to_owned(), port, tls), "{text}");
        }
        for bad in ["", ":993", "a:b", "a/ssl", "a:99999"] {
            assert!(endpoint(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn hours_as_people_write_them() {
        let read = hours("mon-thu 09:00-09:30 16:30-17:00; fri 09:00-09:30", &Zones::bundled()).unwrap();
        assert_eq!(read[1], ("fri".to_owned(), vec!["09:00-09:30".to_owned()]));
        for bad in ["", "mon", "09:00-10:00", "mon]\nx = 1 09:00-10:00"] {
            assert!(hours(bad, &Zones::bundled()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_typed_stays_a_value() {
        assert_eq!(super::super::text::quoted("a\"b\\c\nd"), "\"a\\\"b\\\\c\\u000Ad\"");
    }

    #[test]
    fn keys() {
        assert_eq!(
            (key_of("acme"), key_of("müller]"), key_of("")),
            ("acme".to_owned(), "mller".to_owned(), "main".to_owned())
        );
    }
}
