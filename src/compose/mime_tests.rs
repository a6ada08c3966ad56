//! Bytes, read again by a small reader of this file's own.
use super::*;
use crate::model::Language;

fn letter(subject: &str, text: &str, html: Option<&str>) -> Letter {
    Letter { subject: subject.into(), text: text.into(), html: html.map(Into::into), language: Language::Fr }
}

fn bytes<'a>(letter: &Letter, change: impl FnOnce(&mut Head<'a>)) -> String {
    let leak = |address: &str| Box::leak(Box::new(EmailAddress::parse(address).unwrap()));
    let id = Box::leak(Box::new(MessageId::parse("<1@studio.example>").unwrap()));
    let mut head = Head {
        from_name: "Claire Martin",
        from: leak("claire@studio.example"),
        to: leak("anna@acme.example"),
        copy: None,
        message_id: id,
        in_reply_to: None,
        references: &[],
        date: DateTime::from_timestamp(1_800_000_000, 999).unwrap(),
        fuseau_id: "home/1",
        auto: Auto::Replied,
    };
    change(&mut head);
    let raw = assemble(letter, &head).unwrap();
    check_wire(&raw);
    String::from_utf8(raw).unwrap()
}

/// What every mail has to keep on the wire.
fn check_wire(raw: &[u8]) {
    assert!(raw.is_ascii());
    let text = std::str::from_utf8(raw).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{} octets", line.len());
    }
    assert_eq!(fields(text).filter(|(name, _)| name == "to").count(), 1);
    for never in ["cc", "bcc", "reply-to", "precedence", "list-id", "disposition-notification-to", "return-path"] {
        assert!(!fields(text).any(|(name, _)| name == never), "{never}");
    }
}

/// Unfolded header fields, names in lower case.
fn fields(text: &str) -> impl Iterator<Item = (String, String)> {
    let head = text.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines: Vec<_> = head.split("\r\n").map(str::to_owned).collect();
    lines.into_iter().map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    })
}

fn field_of(text: &str, name: &str) -> Option<String> {
    let all: Vec<_> = fields(text).filter(|(n, _)| n == name).collect();
    assert!(all.len() <= 1, "{name} occurs {} times", all.len());
    all.into_iter().next().map(|(_, value)| value)
}

#[test]
fn an_automatic_reply_says_what_it_is() {
    let parents = [MessageId::parse("<a@x.example>").unwrap(), MessageId::parse("<b@x.example>").unwrap()];
    let text = bytes(&letter("Re: Website", "Bonjour,\n\nà demain.\n", None), |head| {
        head.references = &parents;
        head.in_reply_to = Some(&parents[1]);
    });
    for (name, want) in [
        ("auto-submitted", Some("auto-replied")),
        ("x-auto-response-suppress", Some("AutoReply, OOF")),
        ("x-fuseau-id", Some("home/1")),
        ("content-language", Some("fr")),
        ("message-id", Some("<1@studio.example>")),
        ("in-reply-to", Some("<b@x.example>")),
        ("references", Some("<a@x.example> <b@x.example>")),
        ("from", Some("\"Claire Martin\" <claire@studio.example>")),
        ("to", Some("anna@acme.example")),
        ("subject", Some("Re: Website")),
        ("mime-version", Some("1.0")),
        ("content-type", Some("text/plain; charset=utf-8")),
        ("date", Some("Fri, 15 Jan 2027 08:00:00 +0000")),
    ] {
        assert_eq!(field_of(&text, name).as_deref(), want, "{name} in\n{text}");
    }
}

#[test]
fn a_draft_bears_no_mark_and_a_generated_mail_its_own() {
    let plain = letter("x", "y", None);
    let draft = bytes(&plain, |head| head.auto = Auto::None);
    assert_eq!(field_of(&draft, "auto-submitted"), None);
    assert_eq!(field_of(&draft, "x-auto-response-suppress"), None);
    let generated = bytes(&plain, |head| head.auto = Auto::Generated);
    assert_eq!(field_of(&generated, "auto-submitted").as_deref(), Some("auto-generated"));
}

#[test]
fn hostile_names_and_subjects_inject_nothing() {
    let long = "n".repeat(3000);
    for hostile in
        ["Claire\r\nBcc: v@x.example", "a\nb", "\u{0}", "\u{2028}", "\u{202e}x", "", "\"<v@x.example>,", &long]
    {
        let text = bytes(&letter(hostile, "y", None), |head| {
            head.from_name = hostile;
            head.fuseau_id = hostile;
        });
        assert!(
            field_of(&text, "from").unwrap().ends_with("<claire@studio.example>")
                || hostile.is_empty()
                || text.contains("From: claire@studio.example"),
            "{text}"
        );
        assert_eq!(field_of(&text, "to").as_deref(), Some("anna@acme.example"));
    }
}

#[test]
fn long_reference_chains_fold() {
    let ids: Vec<_> =
        (0..21).map(|n| MessageId::parse(&format!("<{n}{}@{}>", "a".repeat(240), "b".repeat(250))).unwrap()).collect();
    let text = bytes(&letter("x", "y", None), |head| head.references = &ids);
    let back = field_of(&text, "references").unwrap();
    assert_eq!(back.split_whitespace().collect::<Vec<_>>(), ids.iter().map(MessageId::as_str).collect::<Vec<_>>());
}

#[test]
fn bodies_come_out_as_they_went_in_or_cleaner() {
    let plain = bytes(&letter("x", "one\rtwo\r\n.\r.\r\nthree\u{0}\u{2028}four\n\n\n", None), |_| ());
    assert!(plain.ends_with("\r\n\r\none\r\ntwo\r\n.\r\n.\r\nthree\r\nfour\r\n"), "{plain:?}");
    let long = "word ".repeat(600);
    assert!(bytes(&letter("x", &long, None), |_| ()).contains("quoted-printable"));
    let arabic = bytes(&letter("رسالتكم", "تحية طيبة،\n", None), |_| ());
    assert!(arabic.contains("base64") && field_of(&arabic, "subject").unwrap().starts_with("=?utf-8?"), "{arabic}");
}

#[test]
fn html_makes_an_alternative_with_the_plain_text_first_and_always_the_same_bytes() {
    let both = letter("x", "plain", Some("<p>rich</p>"));
    let text = bytes(&both, |_| ());
    assert!(field_of(&text, "content-type").unwrap().starts_with("multipart/alternative;"), "{text}");
    assert!(text.find("text/plain").unwrap() < text.find("text/html").unwrap());
    assert_eq!(text, bytes(&both, |_| ()));
}

#[test]
fn addresses_that_need_smtputf8_are_refused() {
    let (odd, good) = (EmailAddress::parse("änna@acme.example").unwrap(), EmailAddress::parse("a@b.example").unwrap());
    let id = MessageId::parse("<1@studio.example>").unwrap();
    let head = Head {
        from_name: "",
        from: &good,
        to: &odd,
        copy: None,
        message_id: &id,
        in_reply_to: None,
        references: &[],
        date: DateTime::UNIX_EPOCH - TimeDelta::days(9),
        fuseau_id: "",
        auto: Auto::None,
    };
    let plain = letter("x", "y", None);
    assert_eq!(assemble(&plain, &head), Err(MimeError::Address(odd.clone())));
    assert!(assemble(&plain, &Head { to: &good, ..head }).is_ok());
}
