//! Letters as an editor looks at them, whatever they say: spaces, empty lines and bullets, capital letters, elisions; every
//! kind, language, tone and case, with and without the parts that are left out.
use fuseau::compose::{Composer, DraftMail, VARIANTS, draft::samples, sample};
use fuseau::decide::occasion::Content;
use fuseau::decide::occasion::opening::of;
use fuseau::model::{Language, Tone};

/// What an editor would mark in a letter.
fn marks(language: Language, subject: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut mark = |what: &str, at: &str| found.push(format!("{what}: {at:?}"));
    for line in std::iter::once(subject).chain(text.lines()) {
        if line != line.trim() {
            mark("a space at an edge", line);
        }
        if line.contains("  ") {
            mark("two spaces", line);
        }
        if matches!(line.trim_end_matches([':', '：', '.']), "-" | "- ") || line.starts_with("- :") {
            mark("an empty bullet", line);
        }
        for loose in [" .", " ,", "( ", " )", "..", ",,", " 。", " 、"] {
            if line.contains(loose) {
                mark("a loose mark", line);
            }
        }
        if language != Language::Fr && [" :", " ;", " ?", " !"].iter().any(|loose| line.contains(loose)) {
            mark("a loose mark", line);
        }
        for word in elided(language, line) {
            mark("no elision", &word);
        }
        if let Some(at) = lower_case_sentence(line) {
            mark("a sentence in lower case", &at);
        }
    }
    if text.contains("\n\n\n") || text.starts_with('\n') {
        mark("an empty line too many", text);
    }
    // After a salutation with its comma German and Italian go on in lower case.
    let goes_on = matches!(language, Language::De | Language::It);
    for (n, paragraph) in text.split("\n\n").enumerate().filter(|(n, _)| *n != 1 || !goes_on) {
        let first = paragraph.chars().find(|c| c.is_alphanumeric());
        if first.is_some_and(char::is_lowercase) && !paragraph.trim_start_matches('\u{2068}').starts_with("https://") {
            mark(&format!("paragraph {n} in lower case"), paragraph);
        }
    }
    if subject.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_lowercase) {
        mark("the subject in lower case", subject);
    }
    found
}

/// Small words of French and Italian that would have lost their vowel before the next one.
fn elided(language: Language, line: &str) -> Vec<String> {
    let small: &[&str] = match language {
        Language::Fr => &["de", "le", "la", "que", "je", "ne", "se", "me", "te", "jusque"],
        Language::It => &["della", "nella", "alla", "sulla", "dalla", "dello", "nello", "allo"],
        _ => return Vec::new(),
    };
    let words: Vec<&str> = line.split(' ').collect();
    let vowel = |word: &str| {
        word.to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'à', 'â', 'é', 'è', 'ê', 'î', 'ô', 'û'])
    };
    let before = |word: &str| small.contains(&word.to_lowercase().trim_start_matches(['(', '«']));
    words.windows(2).filter(|pair| before(pair[0]) && vowel(pair[1])).map(|pair| pair.join(" ")).collect()
}

/// A sentence within a line that begins in lower case. The number before an entry is not the end of a sentence.
fn lower_case_sentence(line: &str) -> Option<String> {
    let numbered = line.split_once(". ").is_some_and(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
    [". ", "? ", "! "].iter().find_map(|end| {
        let mut rest = line.split(end);
        rest.next();
        let skip = usize::from(numbered && *end == ". ");
        let bad = |it: &&str| it.chars().next().is_some_and(char::is_lowercase);
        rest.skip(skip).find(bad).map(str::to_owned)
    })
}

#[test]
fn an_editor_finds_nothing_in_drafts() {
    let composer = Composer::built_in().unwrap();
    let mut faults = Vec::new();
    for language in Language::ALL {
        for sample in samples(language) {
            let (kind, tone, case) = sample.label();
            // In Singapore, five days before its National Day.
            let due = "2027-08-04T01:00:00Z".parse().unwrap();
            let opening = of(sample.as_input().client, "a", due, due);
            assert!(opening.is_some());
            for mail in [sample.as_input(), sample.as_reply(), DraftMail { opening, ..sample.as_input() }] {
                let letter = composer.draft(&mail).unwrap();
                for mark in marks(language, &letter.subject, &letter.text) {
                    faults.push(format!("{language:?} {} {} {case}: {mark}", kind.as_str(), tone.as_str()));
                }
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{} marks:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn an_editor_finds_nothing_in_what_goes_out_by_itself() {
    let composer = Composer::built_in().unwrap();
    let mut faults = Vec::new();
    for language in Language::ALL {
        for sample in sample::samples(language) {
            let mut letters = vec![composer.acknowledgement(&sample.as_input()).unwrap()];
            for variant in 0..VARIANTS {
                for reply in [sample.as_holding(variant), sample.as_merged(variant), sample.as_merged_unnamed(variant)]
                {
                    letters.push(composer.holding(&reply).unwrap());
                }
            }
            for letter in letters {
                for mark in marks(language, &letter.subject, &letter.text) {
                    faults.push(format!("{language:?} {} {}: {mark}", sample.tone.as_str(), sample.case));
                }
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{} marks:\n{}", faults.len(), faults.join("\n"));
}

/// The name of every month stands in the letter without a stumble ("le mois de octobre").
#[test]
fn a_recap_names_every_month() {
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        let all = samples(language);
        let sample = all.iter().find(|it| matches!(it.as_input().content, Content::Recap(_))).unwrap();
        let Content::Recap(recap) = sample.as_input().content else { unreachable!() };
        for month in 1..=12 {
            let mut recap = recap.clone();
            recap.month = format!("2026-{month:02}-01").parse().unwrap();
            let letter = composer.draft(&DraftMail { content: &Content::Recap(recap), ..sample.as_input() }).unwrap();
            let found = marks(language, &letter.subject, &letter.text);
            assert!(found.is_empty() && letter.subject.contains("2026"), "{language:?} {month}: {found:?}");
        }
    }
}

/// The editor's eye itself: what it must see, and what it must not.
#[test]
fn the_editor_is_awake() {
    use Language::{De, En, Fr, It, Nl};
    for (language, text, seen) in [
        (Fr, "Bonjour,\n\n Tombe pendant le voyage : A.", "a space at an edge"),
        (Fr, "Bonjour,\n\nVoici le mois de octobre.", "no elision"),
        (Fr, "Bonjour,\n\nÀ propos de Atelier.", "no elision"),
        (Nl, "Hoi,\n\nDank je wel. dinsdag 19 januari is bezet.", "a sentence in lower case"),
        (Nl, "Hoi,\n\ndinsdag 19 januari is bezet.", "paragraph 1 in lower case"),
        (De, "Hallo,\n\ndanke.\n\nwas nun?", "paragraph 2 in lower case"),
        (En, "Hi,\n\nThis:\n- \n", "a space at an edge"),
        (En, "Hi,\n\nThis:\n-\n", "an empty bullet"),
        (En, "Hi,\n\nThis :\n", "a loose mark"),
        (En, "Hi,\n\nThis .\n", "a loose mark"),
        (En, "Hi,\n\nThis  one.\n", "two spaces"),
        (En, "Hi,\n\n\nThis.\n", "an empty line too many"),
    ] {
        let found = marks(language, "Subject", text);
        assert!(found.iter().any(|it| it.starts_with(seen)), "{seen} in {text:?}: {found:?}");
    }
    for (language, text) in [
        (Fr, "Bonjour,\n\nC'est noté : mardi ; d'accord ? Oui.\n\n1. mardi 19 janvier à 10 h\n2. mardi"),
        (It, "Ciao,\n\nho segnato l'ora.\n\n1. martedì 19 gennaio"),
        (De, "Hallo,\n\nder Termin am 14. Januar steht.\n- Beta"),
        (En, "Hi,\n\nSee you.\n\nhttps://meet.example/claire"),
    ] {
        assert_eq!(marks(language, "Subject", text), Vec::<String>::new());
    }
}

/// Portuguese is written as in Brazil, in both tones.
#[test]
fn portuguese_is_one_portuguese() {
    const EUROPEAN: &[&str] = &[
        "si",
        "consigo",
        "connosco",
        "convosco",
        "lhe",
        "equipa",
        "contacto",
        "ficheiro",
        "ecrã",
        "planeamento",
        "registo",
        "receção",
        "facto",
        "telemóvel",
        "utilizador",
        "entretanto",
        "percebi",
        "precisa de fazer",
        "ámos ",
        "diga-me",
        "avise-me",
        "escreva-me",
        "indique-me",
        "a trabalhar",
        "noutr",
    ];
    let composer = Composer::built_in().unwrap();
    let whole = |text: &str, part: &str| {
        text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .any(|word| word == part || word.ends_with(&format!("-{part}")))
    };
    let european = |text: &str| {
        let text = text.to_lowercase();
        EUROPEAN
            .iter()
            .find(|it| if it.contains([' ', '-']) || **it == "noutr" { text.contains(**it) } else { whole(&text, it) })
            .copied()
    };
    assert_eq!(european("O que conversámos sobre si."), Some("si"));
    assert_eq!(european("Desejo-lhe uma boa semana."), Some("lhe"));
    assert_eq!(european("O que conversámos antes."), Some("ámos "));
    let mut brazilian = 0;
    for mail in samples(Language::Pt) {
        let letter = composer.draft(&mail.as_usual()).unwrap();
        let text = format!("{}\n{}", letter.subject, letter.text);
        assert_eq!(european(&text), None, "{text}");
        brazilian += usize::from(mail.label().1 == Tone::Formal && whole(&text.to_lowercase(), "você"));
    }
    assert!(brazilian > 10, "{brazilian}");
    for sample in sample::samples(Language::Pt) {
        let letters = (0..VARIANTS).map(|n| composer.holding(&sample.as_holding(n)).unwrap());
        for letter in letters.chain([composer.acknowledgement(&sample.as_input()).unwrap()]) {
            assert_eq!(european(&letter.text), None, "{}", letter.text);
        }
    }
    for words in ["desk-words", "digest-words", "page-words"] {
        let path = format!("{}/templates/pt/{words}.txt", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path).unwrap().lines() {
            assert_eq!(european(line), None, "{line}");
        }
    }
}
