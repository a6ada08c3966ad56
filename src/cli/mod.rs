//! The command line: arguments in, text or JSON out, exit codes. No rules here: each command asks the floors below.
mod args;
mod auth;
mod backup;
mod check;
mod completions;
mod demo;
mod digest;
mod doctor;
mod done;
mod dossier;
mod draft;
mod drafts;
mod erase;
mod events;
mod explain;
mod export;
mod fail;
mod forecast;
mod hidden;
mod history;
mod hold;
mod holidays;
mod hours;
mod import;
mod init;
mod judged;
mod life;
mod man;
mod never;
mod note;
mod out;
mod outbox;
mod page;
mod pause;
mod progress;
mod project;
mod promises;
mod replay;
mod rests;
mod run;
mod say;
mod search;
mod service;
mod show;
mod simulate;
mod slots;
mod stats;
mod status;
mod target;
mod template;
mod told;
mod trust;
mod verify;
mod visit;
mod web;
mod when;
mod zones;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use fail::Fail;
use std::process::ExitCode;

/// The program's entry: exit codes 0 done, 1 failed, 64 usage, 75 try later, 78 configuration (sysexits.h).
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a usage error.
            let code = if error.use_stderr() { fail::USAGE } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            fail.print();
            // launchd starts everything again that does not end with 0; a bad configuration must not loop.
            if matches!(cli.command, Some(Command::Run))
                && fail.code() == fail::CONFIGURATION
                && service::under_launchd()
            {
                out::error("it stays down until it is started again: launchctl kickstart gui/$UID/fuseau");
                return ExitCode::SUCCESS;
            }
            ExitCode::from(fail.code())
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Fail> {
    if cli.version {
        return out::version(cli.verbose);
    }
    match &cli.command {
        None => {
            // Colours only where a terminal reads them; a closed pipe is no error.
            let _ = Cli::command().print_help();
            Ok(())
        }
        Some(Command::Run) => run::run(cli),
        Some(Command::Demo(demo)) => demo::run(cli, demo),
        Some(Command::Init(init)) => init::run(cli, init),
        Some(Command::Client(client)) => init::client(cli, client),
        Some(Command::Check(check)) => check::run(cli, check),
        Some(Command::Explain(explain)) => explain::run(cli, explain),
        Some(Command::Replay(replay)) => replay::run(cli, replay),
        Some(Command::When(when)) => when::run(cli, when),
        Some(Command::Hours(hours)) => hours::run(cli, hours),
        Some(Command::Holidays(holidays)) => holidays::run(cli, holidays),
        Some(Command::Zones(zones)) => zones::run(cli, zones),
        Some(Command::Forecast(forecast)) => forecast::run(cli, forecast),
        Some(Command::Simulate(simulate)) => simulate::run(cli, simulate),
        Some(Command::Promises(promises)) => promises::run(cli, promises),
        Some(Command::Digest(digest)) => digest::run(cli, digest),
        Some(Command::Outbox(outbox)) => outbox::run(cli, outbox),
        Some(Command::Done(done)) => done::run(cli, done),
        Some(Command::Hold(hold)) => hold::run(cli, hold),
        Some(Command::Never(never)) => never::run(cli, never),
        Some(Command::Note(note)) => note::run(cli, note),
        Some(Command::Project(project)) => project::run(cli, project),
        Some(Command::Draft(draft)) => draft::run(cli, draft),
        Some(Command::Drafts(drafts)) => drafts::run(cli, drafts),
        Some(Command::Slots(slots)) => slots::run(cli, slots),
        Some(Command::Visit(visit)) => visit::run(cli, visit),
        Some(Command::History(history)) => out::together(|| history::run(cli, history)),
        Some(Command::Show(show)) => show::run(cli, show),
        Some(Command::Stats(stats)) => stats::run(cli, stats),
        Some(Command::Page(page)) => page::run(cli, page),
        Some(Command::Search(search)) => out::together(|| search::run(cli, search)),
        Some(Command::Export(export)) => export::run(cli, export),
        Some(Command::Import(import)) => import::run(cli, import),
        Some(Command::Verify(verify)) => verify::run(cli, verify),
        Some(Command::Backup(backup)) => backup::backup(cli, backup),
        Some(Command::Restore(restore)) => backup::restore(cli, restore),
        Some(Command::Erase(erase)) => erase::run(cli, erase),
        Some(Command::Status) => status::run(cli),
        Some(Command::Web(web)) => web::run(cli, web),
        Some(Command::Pause) => pause::pause(cli),
        Some(Command::Resume(resume)) => pause::resume(cli, resume),
        Some(Command::Reload) => pause::reload(cli),
        Some(Command::Auth(auth)) => auth::run(cli, auth),
        Some(Command::Service(service)) => service::run(cli, service),
        Some(Command::Doctor) => doctor::run(cli),
        Some(Command::Trust(trust)) => trust::run(cli, trust),
        Some(Command::Template(template)) => template::run(cli, template),
        Some(Command::Man) => man::run(),
        Some(Command::Schema) => {
            out::text(&format!("{:#}", out::schema()));
            Ok(())
        }
        Some(Command::Completions { shell }) => {
            completions::run(*shell);
            Ok(())
        }
    }
}
