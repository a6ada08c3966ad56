//! What is kept of a message, and what its listing says.
use super::*;
use crate::mailbox::parse::{Context, parse, parse_whole};

const LIST: Keep = Keep { form: Form::Raw, attachments: false };
const TEXT: Keep = Keep { form: Form::Text, attachments: false };
const HEADERS: Keep = Keep { form: Form::Headers, attachments: false };

/// A message with a text, a twin in HTML, a PDF of 3,000 octets `x` and a small key.
fn message(end: &str) -> String {
    let pdf = format!("eHh4{end}").repeat(1000);
    [
        "From: Anna <anna@acme.example>",
        "Message-ID: <draft@acme.example>",
        "Subject: Draft",
        " of the logo",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=\"b\"",
        "",
        "--b",
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Voil=E0 the draft.",
        "--b",
        "Content-Type: application/pdf; name=\"logo.pdf\"",
        "Content-Transfer-Encoding: base64",
        "X-Fuseau-Not-Kept: 1 octets; sha256=00",
        "",
        pdf.trim_end(),
        "--b",
        "Content-Type: application/pgp-keys; name=key.asc",
        "",
        "small",
        "--b--",
        "",
    ]
    .join(end)
}

fn facts(bytes: &[u8], size: u64) -> Vec<(String, u64, bool, bool, bool)> {
    let listed = attachments(bytes, size).into_iter();
    listed.map(|it| (it.name.as_str().to_owned(), it.size, it.about, it.sha256.is_some(), it.kept)).collect()
}

fn hash_of(bytes: &[u8]) -> String {
    attachments(bytes, 0).first().and_then(|it| it.sha256.clone()).unwrap()
}

#[test]
fn attachments_are_listed_in_their_place() {
    for end in ["\n", "\r\n"] {
        let raw = message(end);
        let whole = u64::try_from(raw.len()).unwrap();
        let there = ("logo.pdf".to_owned(), 3000, false, true, true);
        let small = ("key.asc".to_owned(), 5, false, true, true);
        assert_eq!(facts(raw.as_bytes(), whole), [there, small.clone()]);
        let (before, hash) = (parse(raw.as_bytes(), &Context::default()), hash_of(raw.as_bytes()));
        let kept = kept(raw.as_bytes(), whole, LIST).unwrap();
        assert!(kept.len() < 900, "{}", String::from_utf8_lossy(&kept));
        assert_eq!(facts(&kept, whole), [("logo.pdf".to_owned(), 3000, false, true, false), small]);
        assert_eq!(hash_of(&kept), hash);
        let after = parse(&kept, &Context::default());
        assert_eq!(
            (&after.content.text, &after.content.attachments),
            (&before.content.text, &before.content.attachments)
        );
        assert_eq!((after.key, after.subject), (before.key, before.subject));
        // Keeping what was kept changes nothing that matters.
        assert!(super::kept(raw.as_bytes(), whole, Keep::ALL).is_none());
    }
}

/// The limit that the option's documentation names, whatever the encoding makes of it.
#[test]
fn a_small_attachment_is_kept_anyway() {
    let quoted =
        |n: usize| (0..n).map(|i| if i % 20 == 19 && i + 1 < n { "=41=\n" } else { "=41" }).collect::<String>();
    let wrapped = |n: usize| {
        let text = "QUFB".repeat(n / 3) + ["", "QQ==", "QUE="][n % 3];
        text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\n").collect::<String>()
    };
    for (encoding, body) in
        [("base64", &wrapped as &dyn Fn(usize) -> String), ("quoted-printable", &quoted), ("8bit", &|n| "A".repeat(n))]
    {
        for (octets, stays) in [(0, true), (700, true), (1024, true), (1025, false), (40_000, false)] {
            let raw = format!(
                "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\n\
                 Content-Transfer-Encoding: {encoding}\n\n{}\n--b--\n",
                body(octets).trim_end()
            );
            let kept = kept(raw.as_bytes(), 0, LIST);
            assert_eq!(kept.is_none(), stays, "{encoding} {octets}");
            let listed = facts(kept.as_deref().unwrap_or(raw.as_bytes()), 0);
            assert_eq!((listed[0].1, listed[0].4), (octets as u64, stays), "{encoding}");
        }
    }
}

/// Read for people, a long text is whole as long as its bytes are; cut, it says so and ends with a whole word.
#[test]
fn a_long_text_is_whole_or_says_that_it_is_not() {
    let words: String = (0..).map(|n| format!("mark{n:06} ")).take(30_000).collect();
    let head = "From: a@b.example\nContent-Type: text/plain; charset=utf-8";
    let other = "--b\nContent-Type: application/pdf\n\n";
    let mixed = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b";
    let some = |n: usize| words.get(..n).unwrap().to_owned();
    for (what, raw, size, cut, last) in [
        ("short", format!("{head}\n\nfew words"), 0, false, "words"),
        ("long", format!("{head}\n\n{}", some(220_000)), 0, false, "mark019999"),
        ("cut off", format!("{head}\n\n{}", some(220_005)), 300_000, true, "mark019999"),
        ("html", format!("{}\n\n<p>{}", head.replace("plain", "html"), some(220_005)), 300_000, true, "mark019999"),
        ("below it", format!("{mixed}\n\nfew words\n{other}{}", some(200_000)), 9_000_000, false, "words"),
        (
            "a letter in half",
            format!("{head}\nContent-Transfer-Encoding: quoted-printable\n\nvoil=C3=A0 deux=C3"),
            900,
            true,
            "voilà",
        ),
        ("no spaces", format!("{head}\n\n{}", "日".repeat(70_000)), 500_000, true, &"日".repeat(70_000)),
    ] {
        let read = |bytes: &[u8]| parse_whole(bytes, &Context { size, ..Context::default() }).content;
        let content = read(raw.as_bytes());
        let ends = |content: &crate::model::Content| content.text.split_whitespace().next_back().map(str::to_owned);
        assert_eq!((content.text_cut, ends(&content).as_deref()), (cut, Some(last)), "{what}");
        // The text alone is kept as long, and remembers whether it was all.
        let kept = kept(raw.as_bytes(), size, TEXT).unwrap();
        let again = read(&kept);
        assert_eq!((again.text_cut, &again.text), (cut, &content.text), "{what}");
        // The rules read no more than before.
        let rules = parse(raw.as_bytes(), &Context { size, ..Context::default() }).content;
        assert!(rules.text.len() <= 64 * 1024 && content.text.starts_with(&rules.text), "{what}");
        assert_eq!(rules.text_cut, cut || content.text.len() > rules.text.len(), "{what}");
    }
}

#[test]
fn text_and_headers_alone() {
    let raw = message("\r\n");
    let text = kept(raw.as_bytes(), 0, TEXT).unwrap();
    let read = parse(&text, &Context::default());
    assert_eq!(read.content.text, "Voilà the draft.");
    assert_eq!(read.subject.as_str(), "Draft of the logo");
    assert_eq!(facts(&text, 0).iter().map(|it| (it.1, it.4)).collect::<Vec<_>>(), [(3000, false), (5, false)]);
    assert_eq!(hash_of(&text), hash_of(raw.as_bytes()));
    let headers = kept(raw.as_bytes(), 0, HEADERS).unwrap();
    assert!(!String::from_utf8_lossy(&headers).contains("draft."));
    assert_eq!(parse(&headers, &Context::default()).content.attachments.len(), 2);
    // One part that is an attachment itself, and a text that holds what would delimit it.
    let single = "From: a@b.example\nContent-Type: application/pdf; name=x.pdf\n\n%PDF\n";
    let kept = kept(single.as_bytes(), 0, TEXT).unwrap();
    assert_eq!(facts(&kept, 0), [("x.pdf".to_owned(), 4, false, true, false)]);
    let tricky = message("\n").replace("Voil", "--=3D_fuseau_0 Voil");
    assert_eq!(facts(&super::kept(tricky.as_bytes(), 0, TEXT).unwrap(), 0).len(), 2);
}

#[test]
fn a_beginning_has_no_hash_and_a_guessed_size() {
    let raw = message("\r\n");
    let cut = &raw.as_bytes()[..2000];
    let whole = 200_000_000;
    let listed = facts(&kept(cut, whole, LIST).unwrap(), whole);
    assert_eq!((listed[0].0.as_str(), listed[0].2, listed[0].3), ("logo.pdf", true, false));
    assert!((140_000_000..150_000_000).contains(&listed[0].1), "{}", listed[0].1);
}

#[test]
fn nobody_can_pretend() {
    let forged = format!("X-Fuseau-Kept: text\nFrom: a@b.example\n{}", message("\n").split_once('\n').unwrap().1);
    for keep in [Keep::ALL, LIST, TEXT] {
        let kept = kept(forged.as_bytes(), 0, keep).unwrap();
        assert!(facts(&kept, 0).iter().all(|it| it.1 == 3000 || it.1 == 5), "{keep:?}");
        assert_eq!(hash_of(&kept).len(), 64);
    }
}

#[test]
fn odd_bytes_do_no_harm() {
    for raw in [
        &b""[..],
        b"\n",
        b"\xff\x00",
        b"From a@b Mon Jan  4 10:00:00 2027\nFrom: a@b.example\n\nx",
        b"From: a@b.example\nContent-Type: application/pdf",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n",
    ] {
        for keep in [Keep::ALL, LIST, TEXT, HEADERS] {
            let kept = kept(raw, 1_000_000, keep);
            assert!(attachments(kept.as_deref().unwrap_or(raw), 1_000_000).len() < 3);
        }
    }
}
