//! `fuseau template`: the wording of mails. Lists, prints, edits and previews templates; sends nothing. Previews: preview.rs.
mod preview;

use super::args::{Cli, TemplateAction, TemplateCommand};
use super::fail::Fail;
use super::out;
use crate::compose::{Composer, builtin};
use crate::config::{Settings, nearest};
use crate::model::{DraftKind, Language};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Runs the command.
pub fn run(cli: &Cli, command: &TemplateCommand) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    match &command.action {
        TemplateAction::List => {
            list(cli, &settings);
            Ok(())
        }
        TemplateAction::Show { kind, client, language, shipped } => {
            let name = name(&settings, kind, client.as_deref(), language.as_deref())?;
            let own =
                settings.templates.iter().find(|(own, _)| *own == name && !shipped).map(|(_, text)| text.as_str());
            let text = own.or_else(|| builtin::shipped(&name));
            out::text(text.ok_or_else(|| Fail::Usage(format!("there is no template {name} yet")))?);
            Ok(())
        }
        TemplateAction::Edit { kind, client, language } => {
            edit(&settings, &name(&settings, kind, client.as_deref(), language.as_deref())?)
        }
        TemplateAction::Preview { kind, client, all, at, browser } => {
            let options = preview::Options { all: *all, at: at.as_deref(), browser: *browser };
            preview::run(cli, &settings, known(kind)?, client, &options)
        }
    }
}

/// Every kind that has a template, in the order of the documentation.
fn kinds() -> impl Iterator<Item = &'static str> {
    builtin::SHIPPED.iter().chain(builtin::DRAFTS).chain(builtin::DIGEST).chain(builtin::PAGE).map(|(kind, _)| *kind)
}

/// The kind as it is called.
fn known(kind: &str) -> Result<&'static str, Fail> {
    kinds().find(|known| *known == kind).ok_or_else(|| {
        let near = nearest(kind, kinds()).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        let all: Vec<&str> = kinds().collect();
        Fail::Usage(format!("there is no template of kind {kind:?}: {near}kinds: {}", all.join(", ")))
    })
}

/// The name of a template: `fr/payment.txt`.
fn name(settings: &Settings, kind: &str, client: Option<&str>, language: Option<&str>) -> Result<String, Fail> {
    let kind = known(kind)?;
    let policy = &settings.policy;
    let language = match (client, language) {
        (Some(client), _) => out::client(policy, client)?.language,
        (None, Some(code)) => Language::parse(code).ok_or_else(|| {
            let codes = Language::ALL.map(Language::code).join(", ");
            Fail::Usage(format!("{code:?} is no language that fuseau writes: {codes}"))
        })?,
        (None, None) => policy.owner.languages.first().copied().unwrap_or(Language::En),
    };
    Ok(builtin::name(language, kind, false))
}

fn list(cli: &Cli, settings: &Settings) {
    let own = |kind: &str| -> Vec<&str> {
        let of_kind = |name: &&str| {
            let file = name.rsplit_once('/').map_or(*name, |(_, file)| file);
            file.rsplit_once('.').is_some_and(|(stem, _)| stem == kind)
        };
        settings.templates.iter().map(|(name, _)| name.as_str()).filter(of_kind).collect()
    };
    let folder = settings.template_folder.as_ref().map(|folder| folder.display().to_string());
    if cli.json {
        let rows: Vec<Value> = kinds()
            .map(|kind| json!({"kind": kind, "draft": DraftKind::parse(kind).is_some(), "yours": own(kind)}))
            .collect();
        out::json(&json!({"folder": folder, "kinds": rows}));
        return;
    }
    let mut text = String::new();
    for kind in kinds() {
        let yours = own(kind);
        let yours = if yours.is_empty() { "built in".to_owned() } else { format!("yours: {}", yours.join(", ")) };
        text.push_str(&format!("{kind:<16} {yours}\n"));
    }
    text.push_str(&match folder {
        Some(folder) => format!("\nyours are in {folder}\n"),
        None => format!("\n{}\n", how_to_have_your_own(settings)),
    });
    out::text(&text);
}

fn how_to_have_your_own(settings: &Settings) -> String {
    let file = settings.files.first().map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string());
    let beside = settings.files.first().and_then(|file| file.parent()).unwrap_or(Path::new("")).join("templates");
    format!(
        "for words of your own write templates = \"templates\" at the top of {file}, and make the folder: mkdir {}",
        beside.display()
    )
}

fn edit(settings: &Settings, name: &str) -> Result<(), Fail> {
    let shipped = builtin::shipped(name).ok_or_else(|| Fail::Usage(format!("there is no template {name} yet")))?;
    let Some(folder) = &settings.template_folder else {
        return Err(Fail::Configuration(how_to_have_your_own(settings)));
    };
    let file = folder.join(name);
    let at = |error: std::io::Error| Fail::Failed(format!("{}: {error}", file.display()));
    if !file.exists() {
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(at)?;
        }
        std::fs::write(&file, shipped).map_err(at)?;
    }
    let editor = ["VISUAL", "EDITOR"].iter().find_map(std::env::var_os).filter(|editor| !editor.is_empty());
    let Some(editor) = editor else {
        out::text(&format!(
            "{}\nis yours now; set EDITOR to open it from here, and run `fuseau check` afterwards",
            file.display()
        ));
        return Ok(());
    };
    // The variable may hold arguments ("code --wait"), which only a shell takes apart; the file is an argument of its own.
    let done = Command::new("/bin/sh")
        .arg("-c")
        .arg("exec $FUSEAU_EDITOR \"$1\"")
        .arg("sh")
        .arg(&file)
        .env("FUSEAU_EDITOR", &editor)
        .status();
    let done = done.map_err(|error| Fail::Failed(format!("{}: {error}", editor.to_string_lossy())))?;
    if !done.success() {
        return Err(Fail::Failed(format!(
            "{} ended with {done}; {} stays as it is",
            editor.to_string_lossy(),
            file.display()
        )));
    }
    let text = std::fs::read_to_string(&file).map_err(at)?;
    if text == shipped {
        std::fs::remove_file(&file).map_err(at)?;
        out::text("nothing was changed: the built-in text stays in use");
        return Ok(());
    }
    prove(settings, name, &file, text)
}

/// Whether the text can be used, with sample values.
fn prove(settings: &Settings, name: &str, file: &Path, text: String) -> Result<(), Fail> {
    let mut all: Vec<(String, String)> = settings.templates.iter().filter(|(own, _)| own != name).cloned().collect();
    all.push((name.to_owned(), text));
    let faults = match Composer::with(&all) {
        Ok(composer) => composer.check(),
        Err(fault) => vec![fault],
    };
    let faults: Vec<String> = faults
        .iter()
        .filter(|fault| fault.template == name)
        .map(|fault| {
            let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}", file.display(), fault.message)
        })
        .collect();
    if faults.is_empty() {
        out::text(&format!("{} is in order; a running daemon takes it with `fuseau reload`", file.display()));
        return Ok(());
    }
    Err(Fail::Configuration(faults.join("\n")))
}
