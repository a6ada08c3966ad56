//! `fuseau verify`: the chain of seals against the entries. The first that does not fit is named.
use super::args::{Cli, Verify};
use super::fail::Fail;
use super::out;
use super::progress::{Line, thousands};
use crate::daemon::tidy;
use crate::store::{Checked, Store, StoreError};
use serde_json::json;

/// Runs the command.
pub fn run(cli: &Cli, verify: &Verify) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let store = match &verify.copy {
        Some(copy) => {
            Store::check_copy(copy)?;
            Store::open_copy(copy)?
        }
        None => {
            // What is not sealed yet is sealed first, where that is possible.
            if Store::path_in(&dir).exists()
                && let Ok(beside) = Store::open_beside(&dir)
            {
                let sealed = tidy::seal_all(&beside);
                let _ = beside.close();
                // Whatever else is in the way leaves the chain as long as it is; what cannot be read does not fit.
                if let Err(error @ StoreError::Corrupt(_)) = sealed {
                    return Err(error.into());
                }
            }
            out::open_history(&settings)?
        }
    };
    let mut line = Line::new("checking", "entries");
    let found = store.read_blocking(|r| r.check_chain(|done| line.show(done, 0, done)))?;
    drop(line);
    if cli.json {
        out::json(&fact(&found));
    }
    if let Some(fault) = &found.fault {
        let id =
            fault.id.as_deref().map_or_else(|| "it is no longer there".to_owned(), |id| format!("fuseau show {id}"));
        return Err(Fail::Failed(format!(
            "entry {} does not fit: {}\n    {id}\n    what stands before it is as it was sealed; a backup from before the change shows what it \
             said (`fuseau verify FILE` checks one)",
            thousands(fault.number),
            fault.what
        )));
    }
    if !cli.json {
        out::text(&words(&found));
    }
    Ok(())
}

fn words(found: &Checked) -> String {
    if found.seals == 0 {
        return "nothing is sealed yet".to_owned();
    }
    let mut text = format!("every entry fits: {} sealed", thousands(found.seals));
    if found.erased > 0 {
        text.push_str(&format!(", {} of them erased", thousands(found.erased)));
    }
    if found.unsealed > 0 {
        text.push_str(&format!(
            ", {} not sealed yet (drafts, mails on their way or in doubt)",
            thousands(found.unsealed)
        ));
    }
    format!("{text}\nhead: {}", found.head)
}

fn fact(found: &Checked) -> serde_json::Value {
    json!({
        "ok": found.fault.is_none(),
        "seals": found.seals,
        "erased": found.erased,
        "unsealed": found.unsealed,
        "head": found.head,
        "fault": found.fault.as_ref().map(|fault| json!({"number": fault.number, "id": fault.id, "what": fault.what})),
    })
}
