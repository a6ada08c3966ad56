//! Letters out of built-in, replaced and broken templates.
use super::*;
use crate::compose::sample::samples;
use crate::model::Tone;

fn with(name: &str, text: &str) -> Result<Composer, TemplateError> {
    Composer::with(&[(name.to_owned(), text.to_owned())])
}

fn first(composer: &Composer) -> Result<Letter, TemplateError> {
    composer.acknowledgement(&samples(Language::En).remove(0).as_input())
}

#[test]
fn the_built_in_templates_are_in_order() {
    assert_eq!(Composer::built_in().unwrap().check(), []);
}

#[test]
fn the_voice_is_kept_in_every_mail() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        for sample in samples(language) {
            let letter = composer.acknowledgement(&sample.as_input()).unwrap();
            let place = format!("{language:?} {} {:?}:\n{}", sample.case, sample.tone, letter.text);
            for banned in ['!', '！', '¡', '{', '}', '\u{a0}', '\u{202f}', '\r'] {
                assert!(!letter.text.contains(banned), "{banned:?} in {place}");
            }
            for twice in ["  ", "\n\n\n", " ,", " .", "..", "。。", ",,"] {
                assert!(!letter.text.contains(twice), "{twice:?} in {place}");
            }
            assert!(letter.text.ends_with("\nClaire Martin\n"), "{place}");
            assert_eq!(letter.text.contains("WhatsApp"), !["stranger", "firm"].contains(&sample.case), "{place}");
            let sentences = letter.text.matches(['.', '。']).count();
            assert!((2..=12).contains(&sentences), "{place}");
            assert!(letter.text.len() < 4096, "{place}");
            assert_eq!(letter.subject == "Re: Website", sample.case != "stranger", "{place}");
        }
    }
}

#[test]
fn both_tones_differ_where_they_address_the_client() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        let all = samples(language);
        let of = |tone: Tone| all.iter().find(|s| s.tone == tone).unwrap();
        let text = |tone| composer.acknowledgement(&of(tone).as_input()).unwrap().text;
        assert_ne!(text(Tone::Formal), text(Tone::Familiar), "{language:?}");
    }
}

#[test]
fn a_template_can_be_replaced() {
    let letter = first(&with("en/acknowledgement.txt", "Subject: A\n\nBy {{ promise.full }}.").unwrap()).unwrap();
    assert_eq!((letter.subject.as_str(), letter.html.as_deref()), ("A", None));
    assert_eq!(letter.text, "By 4:30 pm today, Tuesday, 12 January, Singapore time.\n");
}

#[test]
fn an_html_face_is_escaped() {
    let composer = with("en/acknowledgement.html", "<p>{{ subject }} {{ promise.full }}</p>").unwrap();
    let all = samples(Language::En);
    let mut input = all[0].as_input();
    input.subject = Some("<script>alert(1)</script> {{ 7*7 }}");
    let letter = composer.acknowledgement(&input).unwrap();
    let html = letter.html.unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
    assert!(letter.subject.contains("{{ 7*7 }}"), "values are no templates: {}", letter.subject);
}

#[test]
fn an_html_face_in_a_language_with_apostrophes_passes() {
    let composer = with("fr/acknowledgement.html", "<p>{{ promise.full }}</p>").unwrap();
    assert_eq!(composer.check(), []);
}

#[test]
fn broken_templates_are_named_with_line_and_remedy() {
    for (name, text, line, says) in [
        ("fr/aknowledgement.txt", "", None, "did you mean fr/acknowledgement.txt?"),
        ("xx", "", None, "no template has this name"),
        ("en/acknowledgement.txt", "Subject: x\n\n{% if %}", Some(3), ""),
        ("en/acknowledgement.txt", "Subject: x\n\n{{ promise.full }}\n{{ nmae }}", Some(4), "nmae"),
        (
            "en/acknowledgement.txt",
            "Subject: x\n\n{{ promise.ful }}",
            Some(3),
            "`promise.ful` is not defined; did you mean `promise.full`?",
        ),
        (
            "en/acknowledgement.txt",
            "Subject: x\n\n{{ promise.full }}{{ langage }}",
            Some(3),
            "did you mean `language`?",
        ),
        ("en/payment.txt", "Subject: x\n\n{{ payment.amont }}", Some(3), "did you mean `payment.amount`?"),
        (
            "en/payment.txt",
            "Subject: x\n\n{{ paymnt.amount }}",
            Some(3),
            "`paymnt.amount` is not defined; did you mean `payment.amount`?",
        ),
        ("en/payment.txt", "Subject: x\n\n{{ payment.projct }}", Some(3), "did you mean `payment.project`?"),
        ("en/progress.txt", "Subject: x\n\n{{ progres.done }}", Some(3), "did you mean `progress.done`?"),
        ("en/progress.txt", "Subject: x\n\n{{ progres }}", Some(3), "did you mean `progress`?"),
        ("en/progress.txt", "Subject: x\n\n{{ progress.titel }}", Some(3), "did you mean `progress.title`?"),
        ("en/progress.txt", "Subject: x\n\n{{ ownr.name }}", Some(3), "did you mean `owner.name`?"),
        ("en/progress.txt", "Subject: x\n\n{{ clint.persn }}", Some(3), "did you mean `client.person`?"),
        (
            "en/payment.txt",
            "Subject: x\n\n{{ promise.full }}",
            Some(3),
            "`promise.full` is not defined. Available variables: client",
        ),
        ("en/acknowledgement.txt", "Subject: x\n\n{{ 1 | nofilter }}", Some(3), "nofilter"),
        ("en/acknowledgement.txt", "Hello\n\n{{ promise.full }}", Some(1), "Subject"),
        ("en/acknowledgement.txt", "Subject: \n\n{{ promise.full }}", Some(1), "Subject"),
        ("en/acknowledgement.txt", "Subject: x\n\n", None, "no body"),
        ("en/acknowledgement.txt", "Subject: x\n\nSoon.", None, "promise.full"),
        ("en/acknowledgement.html", "<p>Soon.</p>", None, "promise.full"),
        ("en/acknowledgement.txt", "Subject: x\n\n{% include \"en/acknowledgement.txt\" %}", None, ""),
        (
            "en/acknowledgement.txt",
            "Subject: x\n\n{% for i in range(end=99999) %}aaaaaaaaaa{% endfor %}",
            None,
            "64 KiB",
        ),
    ] {
        let error = match with(name, text) {
            Err(error) => error,
            Ok(composer) => {
                let mut faults = composer.check();
                assert_eq!(faults.len(), 1, "{text}: {faults:?}");
                faults.remove(0)
            }
        };
        assert_eq!(error.template, name, "{error}");
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.message.contains(says), "{text}: {error}");
    }
}

#[test]
fn a_hostile_subject_stays_a_subject() {
    let composer = Composer::built_in().unwrap();
    let all = samples(Language::En);
    let mut input = all[0].as_input();
    for raw in ["hello\r\nBcc: v@x.example\r\n\r\nbuy", "\u{2028}x", "Re:\u{0}Re: a"] {
        input.subject = Some(raw);
        let letter = composer.acknowledgement(&input).unwrap();
        assert!(!letter.subject.chars().any(char::is_control), "{:?}", letter.subject);
        assert!(letter.subject.chars().count() <= SUBJECT_MAX);
        assert_eq!(letter.subject.matches("Re:").count(), 1, "{:?}", letter.subject);
        assert!(!letter.text.contains("Bcc"));
    }
}

#[test]
fn marks_of_replies_alone_are_no_subject() {
    let composer = Composer::built_in().unwrap();
    for (language, own) in
        [(Language::En, "Your message"), (Language::Fr, "Votre message"), (Language::De, "Ihre Nachricht")]
    {
        let all = samples(language);
        let mut input = all[0].as_input();
        input.tone = Tone::Formal;
        for raw in ["", "Re:", "Re: Re:", "Fwd: ", "Re: ".repeat(300).as_str()] {
            input.subject = Some(raw);
            assert_eq!(composer.acknowledgement(&input).unwrap().subject, own, "{raw:?}");
        }
    }
}

/// Words of apology, of work that the daemon cannot know of, and of a human hand that types this very note.
const NOT_IN_HOLDING: &[&str] = &[
    "sorry",
    "apolog",
    "regret",
    "working on",
    "unfortunately",
    "désolé",
    "excus",
    "regrett",
    "malheureusement",
    "travaille sur",
    "leider",
    "entschuld",
    "verzeih",
    "tut mir",
    "arbeite an",
    "lo siento",
    "disculp",
    "lament",
    "trabajando",
    "scus",
    "dispiac",
    "purtroppo",
    "lavorando",
    "desculp",
    "infelizmente",
    "trabalhando",
    "spijt",
    "helaas",
    "werk aan",
    "申し訳",
    "すみません",
    "ごめん",
    "お詫び",
    "恐れ入",
    "恐縮",
    "抱歉",
    "对不起",
    "不好意思",
    "آسف",
    "نأسف",
    "عذر",
    "للأسف",
    "أعمل على",
];

#[test]
fn a_holding_reply_promises_at_once_and_never_excuses_itself() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        for sample in samples(language) {
            for variant in 0..VARIANTS {
                let input = sample.as_holding(variant);
                let letter = composer.holding(&input).unwrap();
                let place = format!("{language:?} {} {:?} {variant}:\n{}", sample.case, sample.tone, letter.text);
                for banned in ['!', '！', '¡', '{', '}', '\u{a0}', '\u{202f}', '\r'] {
                    assert!(!letter.text.contains(banned), "{banned:?} in {place}");
                }
                for twice in ["  ", "\n\n\n", " ,", " .", "..", "。。", ",,"] {
                    assert!(!letter.text.contains(twice), "{twice:?} in {place}");
                }
                let lower = letter.text.to_lowercase();
                for word in NOT_IN_HOLDING {
                    assert!(!lower.contains(word), "{word} in {place}");
                }
                let paragraphs: Vec<&str> = letter.text.split("\n\n").collect();
                let promise = Values::holding(&input).promise().full.clone();
                let (before, _) = paragraphs[1].split_once(&promise).unwrap_or_else(|| panic!("where? {place}"));
                assert!(before.matches(['.', '。']).count() <= 1, "the promise comes late in {place}");
                assert!(letter.text.ends_with("\nClaire Martin\n"), "{place}");
                assert_eq!(letter.text.contains("WhatsApp"), !["stranger", "firm"].contains(&sample.case), "{place}");
                assert!(paragraphs.len() <= 5 && letter.text.len() < 4096, "{place}");
                assert_eq!(letter.subject == "Re: Website", sample.case != "stranger", "{place}");
            }
        }
    }
}

#[test]
fn no_two_holding_replies_in_a_row_read_alike() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        let sample = samples(language).remove(0);
        let acknowledgement = composer.acknowledgement(&sample.as_input()).unwrap().text;
        let texts: Vec<String> =
            (0..=VARIANTS).map(|v| composer.holding(&sample.as_holding(v)).unwrap().text).collect();
        assert_eq!(texts[0], texts[VARIANTS as usize], "they come round");
        // Neither the opening nor the closing of one is that of another.
        let part = |text: &str, n: usize| text.split("\n\n").nth(n).unwrap().to_owned();
        for (n, text) in texts.iter().take(VARIANTS as usize).enumerate() {
            for other in texts.iter().take(n).chain([&acknowledgement]) {
                assert_ne!(part(text, 1), part(other, 1), "{language:?}");
                assert_ne!(part(text, 3), part(other, 3), "{language:?}");
            }
        }
    }
}

#[test]
fn a_holding_template_of_the_owners_is_checked_in_every_wording() {
    let text =
        "Subject: x\n\n{% if variant == 2 %}Soon.{% else %}By {{ promise.full }}, not {{ previous.full }}.{% endif %}";
    let faults = with("en/holding.txt", text).unwrap().check();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].template, "en/holding.txt");
    // What only a holding reply knows is unknown to an acknowledgement.
    let text = "Subject: x\n\n{{ promise.full }}\n{{ previous.full }}";
    let faults = with("en/acknowledgement.txt", text).unwrap().check();
    assert_eq!((faults.len(), faults[0].line), (1, Some(4)), "{faults:?}");
}
