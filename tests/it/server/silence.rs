//! Mail that must not be answered, or not twice.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, UNCOMMON};
use crate::support::letter::human;
use base64::Engine as _;

const ABROAD: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";

#[test]
fn lists_bounces_own_and_forged_mail_get_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, victim) = (lab.person(), lab.person(), lab.person());
    let trusted = "mode = \"send\"\ntrusted_authserv = [\"mx.lab.example\"]";
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, trusted), &client(&anna, ABROAD), &client(&victim, ABROAD)];
    let daemon = Daemon::run(lab, &config.concat());
    let (me, she) = (owner.address(), anna.address());
    let good = "Authentication-Results: mx.lab.example; dmarc=pass header.from=lab.example".to_owned();
    let bad = "Authentication-Results: mx.lab.example; spf=fail smtp.mailfrom=lab.example; dkim=none; dmarc=fail header.from=lab.example";

    let cc = human(&she, &victim.address(), "copy@client.example", "Both of you", &format!("Cc: <{me}>\n{good}"));
    let cases = [
        // A copy of the owner's own mail, as some programs and lists send it back.
        (human(&me, &she, "own@studio.example", "My own", &format!("Cc: <{me}>")), me.as_str(), "own"),
        (
            human(&she, &me, "list@client.example", "Weekly", &format!("List-Id: <news.lab.example>\n{good}")),
            &she,
            "ignore",
        ),
        (human(&she, &me, "bulk@client.example", "Offer", &format!("Precedence: bulk\n{good}")), &she, "ignore"),
        (
            human(&she, &me, "auto@client.example", "Away", &format!("Auto-Submitted: auto-replied\n{good}")),
            &she,
            "ignore",
        ),
        (human(&she, &me, "null@client.example", "Report", &good), "", "ignore"),
        (human(&victim.address(), &me, "forged@evil.example", "Pay me", bad), "x@evil.example", "ignore"),
        (human(&she, &me, "unproven@client.example", "Hello", ""), &she, "hold"),
        (
            human("stranger@elsewhere.example", &me, "stranger@elsewhere.example", "Hi", &good),
            "stranger@elsewhere.example",
            "hold",
        ),
        (cc, &she, "hold"),
    ];
    for (mail, envelope, verdict) in &cases {
        owner.get(envelope, mail);
        let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap().trim_end_matches('>');
        let (found, reasons) = daemon.verdict(id);
        assert_eq!(&found, verdict, "{id}: {reasons:?}");
    }
    // The owner writes to an address that is not there: Exim reports it.
    let nobody = human(&me, "nobody-here@lab.example", "lost@studio.example", "Are you there", "");
    owner.submit("nobody-here@lab.example", &nobody);
    let report = owner.wait_for(cases.len() + 1);
    let report = report
        .iter()
        .find(|mail| mail.header("Return-Path") == "<>" && mail.subject().contains("Mail delivery"))
        .unwrap();
    assert_eq!(daemon.verdict(report.header("Message-ID").trim_matches(['<', '>'])).0, "ignore");

    // A client that proves itself still gets its answer: the daemon has worked through all of the above.
    owner.get(&she, &human(&she, &me, "proven@client.example", "A real question", &good));
    assert_eq!(anna.wait_for(1)[0].header("In-Reply-To"), "<proven@client.example>");
    daemon.settle();
    assert_eq!((anna.inbox().len(), victim.inbox().len()), (1, 0));
    assert_eq!(owner.inbox().len(), cases.len() + 2);
}

#[test]
fn one_message_in_several_places_is_answered_once() {
    let Some(lab) = Lab::shared() else { return };
    let (one, two, anna) = (lab.person(), lab.person(), lab.person());
    for person in [&one, &two] {
        person.imap().run("CREATE Clients");
    }
    let more = "mode = \"send\"\nfolders = [\"INBOX\", \"Clients\"]";
    let config =
        [OWNER, AT_ONCE, &mailbox(lab, &one, more), &mailbox(lab, &two, more), &client(&anna, ABROAD)].concat();
    let mut daemon = Daemon::run(lab, &config);
    let to = format!("{}>, <{}", one.address(), two.address());
    let mail = human(&anna.address(), &to, "twice@client.example", "To both of you", "");
    one.get(&anna.address(), &mail);
    two.get(&anna.address(), &mail);
    // Filed into a folder by a rule of the server, and copied there by hand.
    let stored = format!("Return-Path: <{}>\n{mail}", anna.address());
    one.imap().append("Clients", "", &stored);
    two.imap().append("Clients", "", &stored);
    anna.wait_for(1);
    daemon.settle();
    one.get(&anna.address(), &mail);
    daemon.settle();
    daemon.stop();
    daemon.start();
    daemon.settle();
    assert_eq!(anna.inbox().len(), 1);
    assert_eq!(daemon.replies(&anna.name), ["sent"]);
    assert_eq!(daemon.json(&["history", &anna.name]).as_array().unwrap().len(), 2);
}

#[test]
fn the_log_tells_no_secrets() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.guarded(), lab.person());
    let mut config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, ABROAD)].concat();
    let mut daemon = Daemon::run(lab, &config);
    let mail = human(&anna.address(), &owner.address(), "canary@client.example", "Subject Kolibri", "");
    let mail = mail.replace("the page does", "the page Flamingo-4711 does");
    owner.get(&anna.address(), &mail);
    anna.wait_for(1);
    daemon.settle();
    daemon.stop();
    // A login that is refused tells nothing either.
    config = config.replace("\"secret\"", "\"Pelikan-wrong-9\"");
    daemon.configure(&config);
    daemon.start();
    owner.get(
        &anna.address(),
        &human(&anna.address(), &owner.address(), "later@client.example", "Subject Kolibri 2", ""),
    );
    assert_eq!(daemon.verdict("later@client.example").0, "wait");
    daemon.settle();
    daemon.stop();
    let log = daemon.log();
    assert!(log.contains("verdict=\"acknowledge\""), "{log}");
    let coded = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    for secret in [
        UNCOMMON.to_owned(),
        coded(UNCOMMON.to_owned()),
        coded(format!("\0{}\0{UNCOMMON}", owner.name)),
        coded(format!("\0{}\0secret", owner.name)),
        "\"secret\"".to_owned(),
        "Pelikan".to_owned(),
        "Flamingo".to_owned(),
        "Kolibri".to_owned(),
        "arrived safely".to_owned(),
        anna.address(),
    ] {
        assert!(!log.contains(&secret), "{secret} in the log:\n{log}");
    }
}

#[test]
fn check_online_looks_around() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let good = "Authentication-Results: mx.lab.example; dmarc=pass header.from=lab.example";
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "seen@client.example", "Hello", good));
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, ABROAD)];
    let daemon = Daemon::new(lab, &config.concat());
    let facts = daemon.json(&["check", "--online"]);
    assert_eq!(facts["ok"], true, "{facts}");
    let text = |what: &str| {
        let what = format!("{} {what}", owner.name);
        let all = facts["findings"].as_array().unwrap();
        all.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("{what} in {facts}"))["text"]
            .as_str()
            .unwrap()
    };
    assert_eq!((text("Sent"), text("Drafts"), text("Junk")), ("Sent", "Drafts", "Junk"));
    assert!(text("capabilities").contains("IDLE") && text("authserv-ids").contains("mx.lab.example (1 of 1)"));
    assert!(text("authserv-ids").contains("trusted_authserv = [\"mx.lab.example\"]"), "{facts}");
    assert!(text("mailbox").contains("logged in") && text("outbox").contains("logged in"));
    assert_eq!(text("envelope"), format!("the server takes mail from <{}>; nothing was sent", owner.address()));
    // Nothing was changed, and nothing sent.
    assert!(owner.inbox()[0].flags.is_empty() && anna.inbox().is_empty());
    wait_with(&daemon, "no state", |it| it.recorded("seen@client.example").is_none().then_some(()));
}
