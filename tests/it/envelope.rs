//! The envelope sender: what a reply leaves with, and what `check --online` finds out about it without sending.
use crate::smtp_server::Server;
use crate::support::house::House;
use crate::support::smtp_sink::{Act, Step};
use fuseau::model::EmailAddress;
use fuseau::outbox::{Envelope, Opening, OutboxError, Session, Stage};

const ALIAS: &str = "aliases = [\"hello@studio.example\"]\n";

/// The value of `envelope_sender`, and the sender that a server hears.
const WAYS: &[(&str, &str)] =
    &[("", "claire@studio.example"), ("null", ""), ("hello@studio.example", "hello@studio.example")];

fn house(way: &str) -> House {
    let house = House::maildir("send");
    let line = if way.is_empty() { String::new() } else { format!("envelope_sender = \"{way}\"") };
    house.in_mailbox(&format!("{ALIAS}{line}"));
    house
}

#[test]
fn a_reply_leaves_with_the_envelope_sender_of_the_configuration() {
    for (way, from) in WAYS {
        let house = house(way);
        let running = house.started(None);
        house.deliver("a", 1);
        house.reaches(&["sent"]);
        running.stops();
        let sent = house.sink.accepted();
        assert_eq!((sent.len(), sent[0].from.as_str()), (1, *from), "{way}");
        // People see the owner whatever the envelope says.
        assert!(sent[0].text.contains("From: \"Claire Martin\" <claire@studio.example>"), "{}", sent[0].text);
    }
}

#[test]
fn check_asks_the_server_for_the_envelope_sender() {
    let told = |way: &str, trap: Option<(Step, Act)>| {
        let house = house(way);
        if let Some((step, act)) = trap {
            house.sink.trap(step, act);
        }
        let (code, said) = house.command(&["check", "--online"]);
        assert!(house.sink.accepted().is_empty(), "nothing is sent");
        let line = said.split("\n✓ ").flat_map(|part| part.split("\n✗ ")).find(|part| part.contains("studio envelope"));
        let line = line.unwrap_or_else(|| panic!("{said}")).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, Some(i32::from(trap.is_some())), "{said}");
        line
    };
    for (way, from) in WAYS {
        assert_eq!(told(way, None), format!("studio envelope the server takes mail from <{from}>; nothing was sent"));
    }
    let said = told("", Some((Step::Rcpt, Act::Never)));
    for part in ["refuses mail from <claire@studio.example>", "550 no such user", "may not send as", "envelope_sender"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = told("null", Some((Step::Mail, Act::Never)));
    assert!(said.contains("refuses mail from <>") && said.contains("envelope_sender = \"account\""), "{said}");
    for (act, text) in [(Act::Later, "451 not now"), (Act::Drop, "RCPT: ")] {
        let said = told("", Some((Step::Rcpt, act)));
        for part in ["does not take mail from <claire@studio.example> now", text, "try again later"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}

/// MAIL, RCPT, RSET and never DATA, each waiting for the answer to the one before; afterwards the conversation goes on.
#[tokio::test(start_paused = true)]
async fn a_probe_ends_before_anything_is_sent() {
    const GREETED: &str = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 PIPELINING\n";
    let refused = |stage, text: &str| Err(OutboxError::Permanent { stage, text: text.to_owned() });
    let mail = "ONE: MAIL FROM:<claire@studio.example>\n";
    let rcpt = "S: 250 ok\nONE: RCPT TO:<claire@studio.example>\n";
    let reset = "ONE: RSET\nS: 250 forgotten\nONE: QUIT\nS: 221 bye\nSILENT\n";
    for (script, want) in [
        (format!("{mail}{rcpt}S: 250 ok\n{reset}"), Ok(())),
        (format!("{mail}S: 553 not yours\n{reset}"), refused(Stage::Mail, "553 not yours")),
        (format!("{mail}{rcpt}S: 553 not yours\n{reset}"), refused(Stage::Rcpt, "553 not yours")),
    ] {
        let (stream, server) = Server::start(&format!("{GREETED}{script}"));
        let mut session = Session::open(stream, Opening::Greeting, "me.example").await.unwrap();
        let own = EmailAddress::parse("claire@studio.example").unwrap();
        let envelope = Envelope { from: Some(own.clone()), to: own, also: Vec::new() };
        assert_eq!(session.would_take(&envelope).await, want, "{script}");
        assert!(session.is_usable(), "{script}");
        session.quit().await;
        server.heard().await;
    }
    for cut in [format!("{mail}CUT\n"), format!("{mail}{rcpt}CUT\n"), format!("{mail}{rcpt}SILENT\n")] {
        let (stream, _server) = Server::start(&format!("{GREETED}{cut}"));
        let mut session = Session::open(stream, Opening::Greeting, "me.example").await.unwrap();
        let own = EmailAddress::parse("claire@studio.example").unwrap();
        let envelope = Envelope { from: Some(own.clone()), to: own, also: Vec::new() };
        let error = session.would_take(&envelope).await.unwrap_err();
        assert!(matches!(error, OutboxError::Transient { .. }) && !session.is_usable(), "{cut}: {error}");
    }
}
