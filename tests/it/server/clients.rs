//! Clients change in the configuration while the daemon runs: one gets another key, a stranger becomes one.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::Lab;
use crate::support::letter::human;

const SINGAPORE: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";

#[test]
fn another_key_keeps_the_promise_and_a_stranger_becomes_a_client() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, eve) = (lab.person(), lab.person(), lab.person());
    let config = [OWNER, AT_ONCE, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, SINGAPORE)].concat();
    let daemon = Daemon::run(lab, &config);
    let (first, unknown) = (format!("{}-1@client.example", anna.name), format!("{}-1@client.example", eve.name));
    owner.get(&eve.address(), &human(&eve.address(), &owner.address(), &unknown, "May I ask", ""));
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), &first, "The page", ""));
    anna.wait_for(1);
    assert_eq!(daemon.verdict(&unknown).0, "hold");
    assert_eq!(daemon.promises(&first), ["open"]);

    let renamed = config.replace(&format!("[client.{}]", anna.name), "[client.acme]");
    daemon.configure(&[&renamed, &*client(&eve, SINGAPORE)].concat());
    daemon.say(&["reload"]);
    let entries = |it: &Daemon<'_>, key: &str| it.json(&["history", key]).as_array().unwrap().len();
    wait_with(&daemon, "the history goes along", |it| (entries(it, "acme") == 2).then_some(()));
    wait_with(&daemon, "the first mail of a new client", |it| (entries(it, &eve.name) == 1).then_some(()));
    daemon.settle();
    // What was said before stays said: one mail to one, none to the other.
    assert_eq!((anna.inbox().len(), eve.inbox().len()), (1, 0));
    assert_eq!(daemon.json(&["promises"])[0]["client"], "acme");

    // The owner's answer finds the promise under the new key.
    let thread = format!("In-Reply-To: <{first}>\nReferences: <{first}>");
    let answer = human(&owner.address(), &anna.address(), "answer@studio.example", "Re: The page", &thread);
    owner.imap().append("Sent", "\\Seen", &answer);
    daemon.settle();
    assert_eq!(daemon.promises(&first), ["kept"]);
    assert_eq!(entries(&daemon, "acme"), 3);
    // From now on the stranger is answered.
    let again = format!("{}-2@client.example", eve.name);
    owner.get(&eve.address(), &human(&eve.address(), &owner.address(), &again, "May I ask again", ""));
    eve.wait_for(1);
    assert_eq!(daemon.promises(&again), ["open"]);
}
