//! Killed while a wish is carried out: a draft is sent at most once and never lost, a message comes back once.
use super::{ENDS, each};
use crate::support::{
    house::{House, header, put, until_or},
    smtp_sink::{Act, Step},
};

fn house() -> House {
    let house = House::maildir("send");
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.write_config(&text.replace("poll = \"5s\"", "poll = \"5s\"\ncommands = true"));
    house.started(None).stops();
    house
}

fn lies_in(house: &House, folder: &str) -> Vec<String> {
    let all = house.mails_in(folder);
    all.iter().map(|text| header(text, "Message-ID").unwrap_or_default()).collect()
}

fn draft(house: &House) {
    let text = format!(
        "From: Claire <claire@studio.example>\nTo: anna@a.example\nSubject: The plan\nMessage-ID: <draft@studio.example>\n\
         Content-Type: text/plain\n\n{}",
        "Here is what we spoke about, with all the drawings.\n".repeat(10)
    );
    put(&house.dir.path().join("Maildir/.Fuseau.Send now"), "cur", &text, ":2,D");
}

/// H1 to H7 and the points of every mail: before and after it is recorded, claimed, sent, and its draft removed.
#[test]
fn a_draft_is_sent_once_and_never_lost() {
    let points = ["H1", "H2", "H5", "H6", "H7", "K4", "K5", "K8", "K10", "K11", "H3", "H4"];
    each(points.to_vec(), |point| {
        let house = house();
        draft(&house);
        let running = house.start(Some(point));
        running.dies(&house);
        let taken = house.sink.accepted().len();
        assert!(taken <= 1, "{point}");
        if house.mail_state().is_none_or(|state| state != "sent") {
            let there = lies_in(&house, "Fuseau.Send now").into_iter().filter(|id| id == "<draft@studio.example>");
            assert_eq!(there.count(), 1, "{point}: the draft stays until it is sent");
        }
        house.time_passes(15);
        let running = house.start(None);
        let state = house.reaches(ENDS);
        let folder = || (lies_in(&house, "Fuseau.Send now").len(), lies_in(&house, "Drafts").len());
        let want = if state == "sent" { (0, 0) } else { (0, 1) };
        until_or(|| format!("{point} {state}: {:?}\n{}", folder(), house.log()), || (folder() == want).then_some(()));
        let expected = match *point {
            "K8" => ("unknown", 0),
            "K10" => ("unknown", 1),
            _ => ("sent", 1),
        };
        assert_eq!((state.as_str(), house.sink.accepted().len()), expected, "{point}\n{}", house.log());
        if state == "sent" {
            until_or(
                || format!("{point}: the copy\n{}", house.log()),
                || (lies_in(&house, "Sent") == ["<draft@studio.example>"]).then_some(()),
            );
        }
        // It is noted in the transaction after the move.
        let notices = || house.asks::<i64>("SELECT count(*) FROM notice WHERE code LIKE 'command.%'");
        until_or(|| format!("{point}: the notice\n{}", house.log()), || (notices() == Some(1)).then_some(()));
        running.stops();
        assert_eq!(notices(), Some(1), "{point}");
    });
}

/// A server that refuses the mail for good: the draft goes back, and the owner may hand it over again.
#[test]
fn a_refused_draft_goes_back() {
    let house = house();
    house.sink.trap(Step::Rcpt, Act::Never);
    draft(&house);
    let running = house.start(None);
    assert_eq!(house.reaches(&["failed"]), "failed");
    until_or(
        || format!("it is back\n{}", house.log()),
        || (lies_in(&house, "Drafts").len() == 1 && lies_in(&house, "Fuseau.Send now").is_empty()).then_some(()),
    );
    let why = until_or(
        || format!("it is noted\n{}", house.log()),
        || house.asks::<String>("SELECT detail FROM notice WHERE code = 'command.failed'"),
    );
    assert!(why.contains("not-sent"), "{why}");
    let root = house.dir.path().join("Maildir");
    let file = std::fs::read_dir(root.join(".Drafts/cur")).unwrap().next().unwrap().unwrap();
    std::fs::rename(file.path(), root.join(".Fuseau.Send now/cur").join(file.file_name())).unwrap();
    until_or(
        || format!("it is sent\n{}", house.log()),
        || house.asks::<i64>("SELECT 1 FROM outbox WHERE state = 'sent'"),
    );
    assert_eq!(house.sink.accepted().len(), 1);
    running.stops();
}

/// C1 and C2: noted and not moved, moved and not known. The promise is kept once, the message is back once, and is not
/// answered again.
#[test]
fn a_message_comes_back_once() {
    each(vec!["C1", "C2"], |point| {
        let house = house();
        let running = house.start(None);
        let id = house.deliver("a", 1);
        house.reaches(&["sent"]);
        running.stops();
        let root = house.dir.path().join("Maildir");
        let name = house.files.borrow().first().unwrap().clone();
        std::fs::rename(root.join("new").join(&name), root.join(".Fuseau.Done/cur").join(format!("{name}:2,S")))
            .unwrap();
        house.start(Some(point)).dies(&house);
        let running = house.start(None);
        until_or(
            || format!("{point}: it is back\n{}", house.log()),
            || (lies_in(&house, "INBOX") == [id.clone()] && lies_in(&house, "Fuseau.Done").is_empty()).then_some(()),
        );
        assert_eq!(house.asks::<String>("SELECT state FROM promise").as_deref(), Some("kept"), "{point}");
        assert_eq!(house.asks::<i64>("SELECT count(*) FROM notice"), Some(1), "{point}");
        // A further look changes nothing.
        until_or(|| format!("{point}: polled\n{}", house.log()), || (house.sink.accepted().len() == 1).then_some(()));
        running.stops();
        assert_eq!(house.asks::<i64>("SELECT count(*) FROM outbox"), Some(1), "{point}");
    });
}
