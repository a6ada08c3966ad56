//! Tokens at a real server: Dovecot asks the authority whose they are.
use crate::support::authority::{Authority, browse};
use crate::support::daemon::{Daemon, OWNER, client, wait_with};
use crate::support::lab::{Lab, Person};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

fn mailbox(lab: &Lab, person: &Person<'_>, authority: &Authority, more: &str) -> String {
    let oauth2 = authority.table(more);
    format!(
        "[mailbox.{name}]\naddress = \"{}\"\npoll = \"5s\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, tls = \"none\", user = \"{name}\", oauth2 = {oauth2} }}\n",
        person.address(),
        lab.port(10143),
        name = person.name,
    )
}

/// `auth login` with a browser that agrees to everything; exit code and standard error.
fn login(daemon: &Daemon<'_>, mailbox: &str) -> (i32, String) {
    let mut command: Command = daemon.command(&["auth", "login", mailbox, "--no-browser"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.trim().starts_with("http://") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "no address");
    }
    browse(line.trim());
    out.read_to_string(&mut line).unwrap();
    let done = child.wait_with_output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
}

fn connected(daemon: &Daemon<'_>, name: &str) {
    wait_with(daemon, "it is connected", |it| (it.health(name)["connected"] == true).then_some(()));
}

#[test]
fn tokens_are_asked_for_kept_refreshed_and_mourned_once() {
    // A lab of its own: the authority listens at the port that Dovecot knows.
    let Some(lab) = Lab::up() else { return };
    let authority = Authority::open(lab.port(10080));
    let (owner, anna) = (lab.person(), lab.person());
    let config = [OWNER, &mailbox(&lab, &owner, &authority, ""), &client(&anna, "zone = \"Asia/Singapore\"")].concat();
    let mut daemon = Daemon::new(&lab, &config);
    daemon.spawn();
    let name = owner.name.as_str();
    // Nobody has logged in: it says so and rests.
    wait_with(&daemon, "the remedy", |it| it.log().contains(&format!("fuseau auth login {name}")).then_some(()));
    assert_eq!(authority.asked(), 0);

    // The browser is logged in as somebody else: the server does not take it, nothing is kept.
    authority.logged_in(&anna.name);
    let (code, err) = login(&daemon, name);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("was the browser logged in as somebody else?"), "{err}");
    assert!(!daemon.state().join(format!("tokens/{name}.json")).exists());

    // As the owner; the daemon goes on by itself. Tokens that end within five minutes are refreshed before use.
    authority.logged_in(name);
    authority.lives(200);
    assert_eq!(login(&daemon, name), (0, String::new()));
    connected(&daemon, name);
    let asked = authority.asked();
    assert!(asked >= 3, "a login, a mistaken one, a refresh: {asked}");

    // A kept token that dies early is refreshed after one refusal, not three.
    authority.lives(3600);
    daemon.say(&["reload"]);
    connected(&daemon, name);
    wait_with(&daemon, "a fresh token is kept", |it| {
        let text = std::fs::read_to_string(it.state().join(format!("tokens/{name}.json"))).ok()?;
        let kept: serde_json::Value = serde_json::from_str(&text).ok()?;
        (kept["expires_at"].as_i64()? > fuseau::system::Clock::System.now().timestamp() + 3000).then_some(())
    });
    authority.forget_access();
    let before = authority.asked();
    daemon.say(&["reload"]);
    wait_with(&daemon, "a new token", |_| (authority.asked() > before).then_some(()));
    connected(&daemon, name);
    assert!(!daemon.log().contains("three logins refused"), "{}", daemon.log());

    // The permission is taken back: one question, one word, no storm.
    authority.revoke();
    daemon.say(&["reload"]);
    wait_with(&daemon, "it rests", |it| it.log().contains("(invalid_grant)").then_some(()));
    let before = authority.asked();
    daemon.say(&["reload"]);
    daemon.say(&["reload"]);
    wait_with(&daemon, "the error in status", |it| {
        it.health(name)["error"].as_str().filter(|error| error.contains("invalid_grant")).map(str::to_owned)
    });
    assert_eq!(authority.asked(), before, "a refused permission is not asked about again");

    // A login mends it.
    assert_eq!(login(&daemon, name), (0, String::new()));
    connected(&daemon, name);
    daemon.stop();
    let everything = [daemon.log(), daemon.say(&["status"]), daemon.say(&["status", "--json"])].concat();
    for mark in Authority::MARKS {
        assert!(!everything.contains(mark), "a token is shown");
    }
}

#[test]
fn a_refresh_token_of_the_configuration_needs_no_browser() {
    let Some(lab) = Lab::up() else { return };
    let authority = Authority::open(lab.port(10080));
    let (owner, anna) = (lab.person(), lab.person());
    let token = authority.refresh_token(&owner.name);
    let mailbox = mailbox(&lab, &owner, &authority, &format!(", refresh_token = \"{token}\""));
    let config = [OWNER, &mailbox, &client(&anna, "zone = \"Asia/Singapore\"")].concat();
    let mut daemon = Daemon::new(&lab, &config);
    daemon.spawn();
    connected(&daemon, &owner.name);
    daemon.stop();
    // The authority has replaced the token; the kept one goes on, the one of the configuration is not asked again.
    daemon.spawn();
    connected(&daemon, &owner.name);
    assert_eq!(authority.asked(), 1);
    daemon.stop();
}
