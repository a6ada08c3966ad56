//! The owner files messages with real IMAP commands, while the clock of the turn is moved on.
use crate::support::daemon::{OWNER, client, mailbox};
use crate::support::lab::Lab;
use crate::support::letter::human;
use crate::support::wire::Imap;
use chrono::TimeDelta;
use fuseau::daemon::turn::{Cause, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::model::Zones;
use fuseau::system::{Clock, Ids, state};
use std::path::Path;

const MODES: &str = "mode = \"observe\"\nfolders = [\"INBOX\", \"Clients\"]";
const CLIENT: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"\n";
const RULES: &str = "[promises]\nfiled = \"release\"\n";

fn desk(dir: &Path, config: &str) -> (Desk, state::Lock) {
    let path = dir.join("fuseau.toml");
    std::fs::write(&path, config).unwrap();
    state::make_private(&path).unwrap();
    let settings = fuseau::config::load(&path, &Zones::bundled()).unwrap();
    // The server stamps arrivals with the real time; from there on the clock is moved by hand.
    let now = Clock::System.now();
    let (store, lock) = crate::support::open_state(&dir.join("state"), now);
    let desk = run::desk(settings, store, &dir.join("state"), Ids::seeded(7)).unwrap();
    (Desk { clock: Clock::standing_at(now), ..desk }, lock)
}

/// The UID of a client's message in the inbox, which is selected then.
fn uid(imap: &mut Imap, name: &str) -> String {
    imap.run("SELECT INBOX");
    let found = imap.run(&format!("UID SEARCH HEADER Message-ID \"<{name}@client.example>\""));
    found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).unwrap().trim().to_owned()
}

#[test]
fn only_what_left_all_followed_folders_is_filed() {
    let Some(lab) = Lab::shared() else { return };
    // (what happens, released)
    let cases = [
        ("stays", false),
        ("archived", true),
        ("deleted", true),
        ("moved", false),
        ("copied-then-deleted", false),
        ("renumbered", false),
    ];
    let owner = lab.person();
    let clients: Vec<_> = cases.iter().map(|_| lab.person()).collect();
    owner.imap().run("CREATE Clients");
    owner.imap().run("CREATE Old");
    let people: String = clients.iter().map(|one| client(one, CLIENT)).collect();
    let dir = tempfile::tempdir().unwrap();
    let (desk, _lock) = desk(dir.path(), &[OWNER, &mailbox(lab, &owner, MODES), &people, RULES].concat());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let settings = desk.settings.mailboxes[0].clone();
        let index = dial::index_dir(desk.state.as_deref(), &settings.name);
        let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.unwrap();
        let folders = server.folders(&settings.folders).await.unwrap();
        let mut courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "lab.example");
        let mut look = async |minutes: i64| {
            desk.clock.move_to(desk.clock.now() + TimeDelta::minutes(minutes));
            turn(&desk, &settings.name, &folders, Cause::Poll, &mut server, &mut courier).await.unwrap();
        };
        look(0).await;
        for ((name, _), anna) in cases.iter().zip(&clients) {
            let id = format!("{name}@client.example");
            owner.get(&anna.address(), &human(&anna.address(), &owner.address(), &id, &format!("About {name}"), ""));
        }
        // What goes to Clients first: there it is numbered anew later.
        let mut imap = owner.imap();
        let n = uid(&mut imap, "renumbered");
        imap.run(&format!("UID MOVE {n} Clients"));
        look(1).await;
        look(1).await;
        for (name, folder) in
            [("archived", "Old"), ("moved", "Clients"), ("deleted", ""), ("copied-then-deleted", "Old")]
        {
            let n = uid(&mut imap, name);
            match name {
                "deleted" => drop(imap.run(&format!("UID STORE {n} +FLAGS (\\Deleted)"))),
                // A program without MOVE, and one look of ours in between.
                "copied-then-deleted" => {
                    imap.run(&format!("UID COPY {n} Clients"));
                    look(1).await;
                    imap.run(&format!("UID STORE {n} +FLAGS (\\Deleted)"));
                    imap.run("EXPUNGE");
                }
                _ => drop(imap.run(&format!("UID MOVE {n} {folder}"))),
            }
        }
        // The folder is another one under the same name: nobody filed its messages.
        imap.run("RENAME Clients Clients-before");
        imap.run("CREATE Clients");
        imap.run("SELECT Clients-before");
        imap.run("UID COPY 1:* Clients");
        for _ in 0..3 {
            look(1).await;
        }
    });
    let all = desk.store.read_blocking(|tx| tx.promises(false)).unwrap();
    for (name, released) in cases {
        let id = format!("<{name}@client.example>");
        let promise = all.iter().find(|one| one.message_id.as_ref() == Some(&id)).unwrap();
        assert_eq!(promise.closed_by.as_deref(), released.then_some("filed"), "{name}");
    }
}
