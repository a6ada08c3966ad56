//! Mails read again by an independent parser: what was put in comes out, and nothing else.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail like a test")]
use fuseau::compose::{Auto, Composer, Head, Letter, assemble, reply_subject, sample::samples};
use fuseau::model::{EmailAddress, Instant, Language, MessageId};
use mail_parser::{HeaderValue, MessageParser};
use proptest::prelude::*;

/// Assembles `letter` as an automatic reply with two ancestors.
fn sent(letter: &Letter, name: &str) -> Vec<u8> {
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    let id = |text: &str| MessageId::parse(text).unwrap();
    let (from, to) = (address("claire@studio.example"), address("anna@acme.example"));
    let ancestors = [id("<root@acme.example>"), id("<parent@acme.example>")];
    let head = Head {
        from_name: name,
        from: &from,
        to: &to,
        copy: None,
        message_id: &id("<0190c0de@studio.example>"),
        in_reply_to: ancestors.last(),
        references: &ancestors,
        date: Instant::from_timestamp(1_800_000_000, 0).unwrap(),
        fuseau_id: "instance/0190c0de",
        auto: Auto::Replied,
    };
    assemble(letter, &head).unwrap()
}

#[test]
fn every_mail_in_every_language_survives_the_wire() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        for sample in samples(language) {
            let letter = composer.acknowledgement(&sample.as_input()).unwrap();
            let raw = sent(&letter, "Zoë 佐藤 Martin");
            let mail = MessageParser::default().parse(&raw).unwrap();
            assert_eq!(mail.subject(), Some(letter.subject.as_str()));
            assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), letter.text.trim_end());
            assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Zoë 佐藤 Martin"));
            assert_eq!(mail.header("Content-Language").unwrap().as_text(), Some(language.code()));
            assert_eq!(mail.message_id(), Some("0190c0de@studio.example"));
            assert_eq!(mail.references().as_text_list().unwrap(), ["root@acme.example", "parent@acme.example"]);
            assert_eq!(mail.in_reply_to().as_text(), Some("parent@acme.example"));
            assert_eq!(mail.attachment_count(), 0);
        }
    }
}

#[test]
fn both_faces_of_a_mail_survive() {
    let letter = Letter {
        subject: "x".into(),
        text: "à demain\n".into(),
        html: Some("<p>à demain</p>\n".into()),
        language: Language::Fr,
    };
    let raw = sent(&letter, "C");
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert_eq!((mail.text_body_count(), mail.html_body_count(), mail.attachment_count()), (1, 1, 0));
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "à demain");
    assert_eq!(mail.body_html(0).unwrap().trim_end(), "<p>à demain</p>");
}

/// Ordinary text, and what tends to break header writers.
fn hostile() -> impl Strategy<Value = String> {
    let evil = prop::sample::select(vec![
        "\r\nBcc: v@x.example",
        "\n\n",
        "\r",
        "\0",
        "\u{2028}",
        "\u{202e}",
        "\u{85}",
        "=?utf-8?q?=0D=0A?=",
        "<v@x.example>",
        ",",
        ";",
        "\"",
        "\\",
        "@",
        ":",
        "Re: ",
        "{{ 7*7 }}",
        "\r\n.\r\n",
        "\t",
        "é",
        "日本",
        "🙂",
        "\u{feff}",
    ]);
    prop::collection::vec(prop_oneof![evil.prop_map(str::to_owned), any::<String>(), "[a-z]{300,1100}"], 0..6)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_written_by_others_changes_the_headers(name in hostile(), subject in hostile(), text in hostile()) {
        let letter = Letter { subject: reply_subject(&subject), text, html: None, language: Language::En };
        let raw = sent(&letter, &name);
        prop_assert!(raw.is_ascii());
        let wire = String::from_utf8(raw.clone()).unwrap();
        prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
        prop_assert!(wire.split("\r\n").all(|line| line.len() <= 998), "a line over 998 octets");

        let mail = MessageParser::default().parse(&raw).unwrap();
        let names: Vec<String> = mail.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
        let mut expected = vec![
            "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "content-language",
            "x-fuseau-id", "auto-submitted", "x-auto-response-suppress", "mime-version", "content-type",
            "content-transfer-encoding",
        ];
        let mut found: Vec<&str> = names.iter().map(String::as_str).collect();
        expected.sort_unstable();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
        let to = mail.to().unwrap();
        prop_assert_eq!(to.iter().count(), 1);
        prop_assert_eq!(to.first().unwrap().address(), Some("anna@acme.example"));
        prop_assert_eq!(mail.from().unwrap().iter().count(), 1);
        prop_assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("claire@studio.example"));
        let subject = mail.header("Subject").and_then(HeaderValue::as_text).unwrap_or_default();
        prop_assert!(!subject.chars().any(char::is_control), "{:?}", subject);
    }

    #[test]
    fn a_subject_never_stacks_marks(subject in hostile()) {
        let once = reply_subject(&subject);
        let rest = once.strip_prefix("Re:").unwrap().trim_start().to_lowercase();
        prop_assert!(!["re:", "fwd:", "aw:"].iter().any(|mark| rest.starts_with(mark)), "{:?}", once);
        prop_assert_eq!(reply_subject(&once), once);
    }
}
