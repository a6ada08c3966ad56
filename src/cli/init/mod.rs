//! `fuseau init`: from an address to a configuration that is known to work. Everything is found out and tried before one
//! byte is written; nothing is sent.
mod ask;
mod client;
mod preview;
mod questions;
mod servers;
mod text;

pub use client::run as client;

use super::args::{Cli, Init};
use super::fail::Fail;
use super::out;
use crate::config::{self, Settings};
use crate::daemon::dial::Dialler;
use ask::Asker;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The file of a password that was typed, beside the configuration.
const TYPED: &str = "password";

pub fn run(cli: &Cli, init: &Init) -> Result<(), Fail> {
    let target = target(cli, init)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let typed = target.with_file_name(TYPED);
    let was_there = typed.exists();
    let made: Vec<&Path> = target.ancestors().skip(1).take_while(|dir| !dir.exists()).collect();
    let done = prepare(init, &target, &runtime);
    if done.is_err() {
        // Nothing half-written: neither a password without its configuration, nor the folder that was made for it.
        if !was_there {
            let _ = fs::remove_file(&typed);
        }
        let _ = made.into_iter().try_for_each(fs::remove_dir);
    }
    done
}

/// Asks, tries, shows, writes.
fn prepare(init: &Init, target: &Path, runtime: &tokio::runtime::Runtime) -> Result<(), Fail> {
    let zones = out::zones();
    let mut asker = Asker::new(init.yes);
    let draft = questions::questions(init, &mut asker, &zones, runtime, target)?;
    let text = draft.toml();
    let settings = config::parse(&text, target, &zones)?;
    if init.offline {
        out::aside("--offline: neither login was tried");
    } else {
        runtime.block_on(try_logins(&settings))?;
        if !init.no_preview {
            runtime.block_on(preview::show(&settings, init.days))?;
        }
    }
    if init.print {
        out::text(&text);
        return Ok(());
    }
    write(target, &text)?;
    // Editors find it by the first line of the file; an older one is replaced.
    let schema = target.with_file_name(text::SCHEMA);
    let _ = fs::remove_file(&schema);
    write(&schema, &out::schema().to_string())?;
    // Read back as the daemon will read it, with file modes and all.
    config::load(target, &zones)?;
    out::text(&format!("\nwritten: {}", target.display()));
    out::text(
        "mode is \"observe\": nothing is sent. Next:\n  fuseau hours            your hours and your client's, as a picture\n  \
         fuseau run              watch, and note what would be answered\n  fuseau client add …     one more client\n  \
         fuseau service install  run it for good",
    );
    Ok(())
}

/// Where the file goes; there must be none yet.
fn target(cli: &Cli, init: &Init) -> Result<PathBuf, Fail> {
    let home = || {
        let base = std::env::var_os("XDG_CONFIG_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
        let base = base.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
        base.unwrap_or_else(|| PathBuf::from(".")).join("fuseau/fuseau.toml")
    };
    let path = init.out.clone().or_else(|| cli.config.clone()).unwrap_or_else(home);
    let path = std::path::absolute(&path)?;
    if path.exists() && !init.print {
        return Err(Fail::Usage(format!(
            "{} is there already, and a file of yours is never written over\n    edit it, add a client with `fuseau client add`, \
             or name another file with --out",
            path.display()
        )));
    }
    Ok(path)
}

/// Both logins, without sending anything. The first refusal ends it: a second try with the same password only brings a
/// locked account nearer.
async fn try_logins(settings: &Settings) -> Result<(), Fail> {
    let dialler = Dialler::keeping_in(&out::state_dir(settings));
    let Some(mailbox) = settings.mailboxes.first() else { return Ok(()) };
    let index = std::env::temp_dir();
    match dialler.mailbox(&mailbox.incoming, &index).await {
        Ok(server) => {
            out::aside("IMAP: logged in");
            server.logout().await;
        }
        Err(error) if error.needs_owner() => {
            out::aside("IMAP: not tried; after this, run the `fuseau auth login` below");
            out::error(&error.to_string());
            return Ok(());
        }
        Err(error) => return Err(Fail::Failed(format!("IMAP: {error}\n    nothing was written"))),
    }
    if let Some(outgoing) = &mailbox.outgoing {
        match dialler.outbox(outgoing, "localhost").await {
            Ok(open) => {
                open.quit().await;
                out::aside("SMTP: logged in; nothing was sent");
            }
            Err(error) => return Err(Fail::Failed(format!("SMTP: {error}\n    nothing was written"))),
        }
    }
    Ok(())
}

/// Writes a new file that only its owner can read; whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Fail> {
    let failed = |error: std::io::Error| {
        let remedy = "nothing was written; make the folder writable for you, or name another place with --out FILE";
        Fail::Failed(format!("{}: {error}\n    {remedy}", path.display()))
    };
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
    }
    let fresh = path.with_extension("toml.new");
    let work = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Not rename: it would write over a file that came meanwhile.
        fs::hard_link(&fresh, path)
    };
    let done = work();
    let _ = fs::remove_file(&fresh);
    done.map_err(failed)
}
