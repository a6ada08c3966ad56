//! `fuseau client add`: one more client, in a file of its own beside the configuration; what the owner wrote stays as it is.
use super::questions::{contact, key_of, one_zone};
use super::text::ClientText;
use super::write;
use crate::cli::args::{Cli, ClientAction, ClientAdd, ClientCommand};
use crate::cli::fail::Fail;
use crate::cli::out;
use crate::config;
use std::fs;
use std::path::Path;

pub fn run(cli: &Cli, command: &ClientCommand) -> Result<(), Fail> {
    match &command.action {
        ClientAction::Add(add) => self::add(cli, add),
    }
}

fn add(cli: &Cli, add: &ClientAdd) -> Result<(), Fail> {
    let settings = out::settings_without_fault(cli)?;
    let main = out::config_path(cli)?;
    let zones = out::zones();
    let contact = contact(&add.contact).map_err(Fail::Usage)?;
    let zone = one_zone(&add.zone, &zones).map_err(Fail::Usage)?;
    let domain = contact.rsplit('@').next().unwrap_or_default();
    let id = add
        .id
        .clone()
        .unwrap_or_else(|| free(&settings, &key_of(domain.split('.').find(|it| !it.is_empty()).unwrap_or("client"))));
    if settings.policy.client(&id).is_some() {
        return Err(Fail::Usage(format!("a client is called {id} already\n    choose another name with --id")));
    }
    let client = ClientText { id: id.clone(), name: add.name.clone(), contact, zone, language: add.language.clone() };
    let file = main.parent().unwrap_or(Path::new(".")).join("clients").join(format!("{id}.toml"));
    write(&file, &client.toml())?;
    // Taken back if it does not fit: a contact of two clients, a folder that is not included.
    let taken = config::load(&main, &zones);
    let fits = taken.as_ref().is_ok_and(|it| it.policy.client(&id).is_some());
    if !fits {
        fs::remove_file(&file)?;
        return Err(match taken {
            Err(faults) => Fail::Configuration(format!("{faults}\n    nothing was kept")),
            Ok(_) => Fail::Configuration(format!(
                "{} is not read: `include` names other files\n    add this to a file of yours:\n\n{}",
                file.display(),
                client.toml()
            )),
        });
    }
    out::text(&format!(
        "written: {}\nnext: `fuseau when {id}`, then `fuseau reload` if the daemon runs",
        file.display()
    ));
    Ok(())
}

/// The name, or the name with a number.
fn free(settings: &config::Settings, name: &str) -> String {
    let mut numbered = std::iter::once(name.to_owned()).chain((2..1000).map(|n| format!("{name}{n}")));
    numbered.find(|id| settings.policy.client(id).is_none()).unwrap_or_else(|| name.to_owned())
}
