//! Encrypted connections, certificates and passwords.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, wait_with};
use crate::support::lab::{Lab, Person};
use crate::support::letter::human;

const ABROAD: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";

/// A mailbox over TLS, or over STARTTLS; `trust` is the line of the certificate.
fn mailbox(lab: &Lab, person: &Person<'_>, tls: &str, trust: &str, password: &str) -> String {
    let (imap, smtp) = if tls == "implicit" { (10993, 10465) } else { (10143, 10587) };
    let server = |port: u16, password: &str| {
        format!(
            "{{ host = \"localhost\", port = {}, tls = \"{tls}\", user = \"{}\", password = \"{password}\"{trust} }}",
            lab.port(port),
            person.name
        )
    };
    format!(
        "[mailbox.{}]\naddress = \"{}\"\nmode = \"send\"\npoll = \"5s\"\nimap = {}\nsmtp = {}\n",
        person.name,
        person.address(),
        server(imap, password),
        server(smtp, "secret")
    )
}

#[test]
fn the_circle_closes_over_tls_and_starttls() {
    let Some(lab) = Lab::shared() else { return };
    let trust = format!(", ca_file = \"{}\"", lab.certificate().display());
    for tls in ["implicit", "starttls"] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, tls, &trust, "secret"), &client(&anna, ABROAD)].concat();
        let daemon = Daemon::run(lab, &config);
        let id = format!("{}@client.example", anna.name);
        owner.get(&anna.address(), &human(&anna.address(), &owner.address(), &id, "A question", ""));
        let reply = anna.wait_for(1).remove(0);
        assert_eq!(reply.header("In-Reply-To"), format!("<{id}>"));
        // Exim notes how it got it: encrypted (s) and authenticated (a).
        assert!(reply.headers("Received").iter().any(|line| line.contains(" with esmtpsa")), "{}", reply.raw);
        drop(daemon);
        let log = lab.dovecot_log();
        // 2.3 says `Login: user=`, 2.4 `Logged in: user=` and, of one that failed, `Login aborted`.
        let user = format!(": user=<{}>", owner.name);
        let login = log.lines().find(|line| line.contains(&user) && line.contains("Log")).expect("a login");
        assert!(login.contains("TLS"), "{login}");
    }
}

#[test]
fn an_unknown_certificate_ends_it_before_the_login() {
    let Some(lab) = Lab::shared() else { return };
    for tls in ["implicit", "starttls"] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, tls, "", "secret"), &client(&anna, ABROAD)].concat();
        let mut daemon = Daemon::new(lab, &config);
        daemon.spawn();
        let error =
            wait_with(&daemon, "an error in status", |it| it.health(&owner.name)["error"].as_str().map(str::to_owned));
        assert!(error.to_lowercase().contains("certificate"), "{error}");
        assert_eq!(daemon.health(&owner.name)["connected"], false);
        assert!(!lab.dovecot_log().contains(&format!("user=<{}>", owner.name)), "no login was tried");
        daemon.stop();
    }
}

#[test]
fn a_refused_password_is_tried_three_times() {
    // A lab of its own: Dovecot lets an address that guesses wait, and all come from the same one here.
    let Some(lab) = Lab::up() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let trust = format!(", ca_file = \"{}\"", lab.certificate().display());
    let wrong = [OWNER, AT_ONCE, &mailbox(&lab, &owner, "implicit", &trust, "wrong"), &client(&anna, ABROAD)].concat();
    let mut daemon = Daemon::new(&lab, &wrong);
    daemon.spawn();
    wait_with(&daemon, "it gives up", |it| it.log().contains("three logins refused").then_some(()));
    let tries = |lab: &Lab| {
        let log = lab.dovecot_log();
        log.lines()
            .filter(|line| line.contains("auth failed") && line.contains(&format!("user=<{}>", owner.name)))
            .count()
    };
    wait_with(&daemon, "Dovecot's log", |_| (tries(&lab) >= 3).then_some(()));
    let error = daemon.health(&owner.name)["error"].as_str().unwrap().to_owned();
    assert!(error.to_lowercase().contains("login") || error.to_lowercase().contains("password"), "{error}");
    // Put right and reloaded, it works again.
    daemon.configure(&wrong.replace("\"wrong\"", "\"secret\""));
    daemon.say(&["reload"]);
    wait_with(&daemon, "it is connected", |it| (it.health(&owner.name)["connected"] == true).then_some(()));
    assert_eq!(tries(&lab), 3);
    daemon.stop();
}
