//! Golden drafts: what a client reads, in every language, kind, tone and case: tests/golden-drafts/LANGUAGE/KIND-TONE.txt,
//! one case after the other. `UPDATE=1` rewrites them; then read them as a native reader would.
use chrono::NaiveDate;
use fuseau::compose::{Composer, DraftMail, builtin, draft::samples, opening, phrase};
use fuseau::decide::occasion::{Opening, opening::of};
use fuseau::model::{Client, DraftKind, Language, Tone, Zones};
use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

#[test]
fn drafts_read_as_written() {
    let composer = Composer::built_in().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-drafts");
    let update = std::env::var_os("UPDATE").is_some();
    let (mut faults, mut wanted) = (Vec::new(), BTreeMap::new());
    for language in Language::ALL {
        for sample in samples(language) {
            let (kind, tone, case) = sample.label();
            if !builtin::DRAFTS.iter().any(|(known, _)| *known == kind.as_str()) {
                continue;
            }
            let letter =
                composer.draft(&sample.as_usual()).unwrap_or_else(|fault| panic!("{language:?} {case}: {fault}"));
            let path = root.join(language.code()).join(format!("{}-{}.txt", kind.as_str(), tone.as_str()));
            let page: &mut String = wanted.entry(path).or_default();
            writeln!(page, "==== {case}\nSubject: {}\n\n{}", letter.subject, letter.text).unwrap();
        }
    }
    for (language, tone, line) in openings() {
        let page: &mut String = wanted.entry(root.join(language.code()).join("opening.txt")).or_default();
        writeln!(page, "{}: {line}", tone.as_str()).unwrap();
    }
    for (path, page) in &wanted {
        if fs::read_to_string(path).ok().as_deref() != Some(page.as_str()) {
            faults.push(format!("{}", path.display()));
            if update {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, page).unwrap();
            }
        }
    }
    for folder in fs::read_dir(&root).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path()) {
            if !wanted.contains_key(&file) {
                faults.push(format!("{} belongs to no kind", file.display()));
            }
        }
    }
    assert!(update || faults.is_empty(), "differ (UPDATE=1 rewrites them):\n{}", faults.join("\n"));
}

/// The human lines that a letter may open with: a holiday to come, one past, a season, a week, in two wordings each.
fn openings() -> Vec<(Language, Tone, String)> {
    let days = [
        ("Asia/Singapore", "SG", "2027-08-04T01:00:00Z"),
        ("Asia/Singapore", "SG", "2027-08-10T01:00:00Z"),
        ("Europe/London", "", "2027-04-07T08:00:00Z"),
        ("Asia/Singapore", "", "2027-03-29T01:00:00Z"),
    ];
    let mut found = Vec::new();
    for language in Language::ALL {
        for tone in [Tone::Formal, Tone::Familiar] {
            for (zone, code, due) in days {
                let mut client = samples(language).remove(0).as_input().client.clone();
                client.tone = tone;
                client.zone = Zones::bundled().get(zone).unwrap();
                client.holidays = vec![code.to_owned()];
                let lines = ["a", "b"].map(|key| opening::line(&client, known(&client, key, due)));
                found.extend(lines.into_iter().map(|line| (language, tone, line)));
            }
        }
    }
    found.dedup();
    found
}

fn known(client: &Client, key: &str, due: &str) -> Opening {
    let due = due.parse().unwrap();
    of(client, key, due, due).unwrap()
}

/// The human line takes no room from the words about their day.
#[test]
fn an_opening_stands_beside_the_start_of_their_day() {
    let composer = Composer::built_in().unwrap();
    let date = |day| NaiveDate::from_ymd_opt(2027, 1, day).unwrap();
    for language in Language::ALL {
        let found = samples(language);
        let updates = found.iter().filter(|it| it.label().0 == DraftKind::Progress && it.label().2 == "many");
        let mut seen = 0;
        for sample in updates {
            let plain = sample.as_input();
            let opening = known(plain.client, "a", "2027-08-04T01:00:00Z");
            let text = composer.draft(&DraftMail { opening: Some(opening), ..plain }).unwrap().text;
            // It is due on Thursday at midnight.
            for part in [opening::line(plain.client, opening), phrase::on(language, date(15), date(12))] {
                assert!(text.contains(&part), "{part} is not in\n{text}");
            }
            seen += 1;
        }
        assert_eq!(seen, 2, "{language:?}");
    }
}

/// The voice of a letter, in every kind × language × tone × case, alone and in a conversation.
#[test]
fn the_voice_is_kept_in_every_draft() {
    /// Days as seen from the writer's desk: the owner may send it tomorrow.
    const NOW: &[&str] = &[
        "today",
        "tomorrow",
        "yesterday",
        "aujourd'hui",
        "demain",
        "heute",
        "hoy",
        "mañana",
        "oggi",
        "domani",
        "hoje",
        "amanhã",
        "vandaag",
        "本日",
        "今日",
        "明日",
        "今天",
        "明天",
        "اليوم،",
        "غدًا",
    ];
    let composer = Composer::built_in().unwrap();
    for language in Language::ALL {
        for sample in samples(language) {
            let (kind, tone, case) = sample.label();
            if !builtin::DRAFTS.iter().any(|(known, _)| *known == kind.as_str()) {
                continue;
            }
            // In Singapore, five days before its National Day.
            let opening = Some(known(sample.as_input().client, "a", "2027-08-04T01:00:00Z"));
            let opened = DraftMail { opening, ..sample.as_input() };
            for mail in [sample.as_input(), sample.as_reply(), opened] {
                let letter = composer.draft(&mail).unwrap();
                let place = format!(
                    "{language:?} {} {} {case}:\n{}\n{}",
                    kind.as_str(),
                    tone.as_str(),
                    letter.subject,
                    letter.text
                );
                for banned in ['!', '！', '¡', '{', '}', '\u{a0}', '\u{202f}', '\r'] {
                    assert!(!letter.text.contains(banned), "{banned:?} in {place}");
                }
                for twice in ["  ", "\n\n\n", " ,", " .", "..", "。。", ",,", "()", "（）", ": .", "：。"] {
                    assert!(!letter.text.contains(twice), "{twice:?} in {place}");
                }
                let shifted = kind == fuseau::model::DraftKind::Trip && letter.text.contains("\n ");
                assert!(!shifted, "a line begins with a space in {place}");
                let lower = letter.text.to_lowercase().replace("por la mañana", "por la tarde");
                let name = "\nClaire Martin\n";
                let words: Vec<&str> = lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).collect();
                for word in NOW {
                    let said = if word.is_ascii() { words.contains(word) } else { lower.contains(word) };
                    assert!(!said, "{word} in {place}");
                }
                assert!(letter.text.ends_with(name), "{place}");
                // A bill, a contract and a question open with themselves.
                let asks =
                    builtin::shipped(&builtin::name(language, kind.as_str(), false)).unwrap().contains("{{ opening }}");
                let opens = mail.opening.is_some() && asks && language == Language::En;
                assert_eq!(letter.text.contains("National Day"), opens, "{place}");
                let (open, close) = (letter.text.matches('\u{2068}').count(), letter.text.matches('\u{2069}').count());
                assert!(open == close && (open == 0 || language == Language::Ar), "{place}");
                assert!(letter.text.lines().count() > 4 && letter.text.len() < 8192, "{place}");
            }
        }
    }
}

/// Every kind that has templates is shown in its edges.
#[test]
fn every_kind_shows_its_edges() {
    let found = samples(Language::En);
    for (kind, _) in builtin::DRAFTS {
        let cases: Vec<&str> = found.iter().filter(|s| s.label().0.as_str() == *kind).map(|s| s.label().2).collect();
        for edge in ["no-name", "right-to-left"] {
            assert!(cases.contains(&edge), "{kind} lacks {edge}");
        }
        assert!(cases.len() >= 6, "{kind} shows {cases:?}");
    }
}
