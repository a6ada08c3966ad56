//! Runs `tests/decisions/*.txt`: mail, past and policy in, verdict and reasons out. How to write a case:
//! `tests/decisions/README.md`. `UPDATE=1` rewrites the expected lines.
mod fixture;
mod reader;

pub use fixture::policy;
use fixture::{Case, arrival};
use fuseau::decide::{Decision, PauseScope, answer};
use fuseau::model::{Code, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/decisions")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    files.sort();
    files
}

/// The expected lines of a decision.
fn shown(decision: &Decision) -> Vec<String> {
    let codes: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let mut lines = vec![format!("=> {} {}", decision.verdict.as_str(), codes.join(" "))];
    let clock = |at: fuseau::model::Instant| at.format("%a %H:%M").to_string();
    if let Some(plan) = &decision.plan {
        let told = if plan.announced { "told" } else { "tracked" };
        lines.push(format!("=> send {} promise {} {told}", clock(plan.send_at), clock(plan.by)));
    }
    if let Some(reply) = &decision.reply_to {
        let subject = if reply.repeat_subject { "" } else { " without subject" };
        lines.push(format!("=> reply {} -> {}{subject}", reply.from, reply.to));
    }
    for pause in &decision.pauses {
        let scope = match &pause.scope {
            PauseScope::Sender(address) => address.clone(),
            PauseScope::Domain(domain) => format!("@{domain}"),
            PauseScope::Mailbox(name) => format!("mailbox {name}"),
            PauseScope::Conversation(id) => format!("conversation {id}"),
            PauseScope::All => "everything".to_owned(),
        };
        let hours = (pause.until - arrival()).num_hours();
        let until = if hours > 24 * 365 { "resume".to_owned() } else { format!("{hours}h") };
        lines.push(format!("=> pause {scope} {until} {}", pause.code));
    }
    lines
}

#[test]
fn every_case_is_decided_as_written() {
    let update = std::env::var_os("UPDATE").is_some();
    let (mut failures, mut rows) = (String::new(), 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut fresh = String::new();
        for block in text.split_inclusive("\n\n") {
            let Some(case) = Case::read(block) else {
                fresh.push_str(block);
                continue;
            };
            rows += 1;
            let decision = answer(&case.message, "studio", &case.past, &case.policy, case.now);
            let strongest = decision.reasons.iter().map(|reason| reason.code.verdict()).max();
            assert_eq!(Some(decision.verdict), strongest, "{}: the strongest verdict wins", case.name);
            let found = shown(&decision);
            if found != case.expected {
                let evidence: Vec<String> = decision.reasons.iter().map(fuseau::model::Reason::text).collect();
                let (want, got) = (case.expected.join("\n  "), found.join("\n  "));
                let file = path.file_name().unwrap().to_string_lossy().into_owned();
                writeln!(
                    failures,
                    "{file}: {}\n  {want}\n  -- but --\n  {got}\n  ({})\n",
                    case.name,
                    evidence.join("; ")
                )
                .unwrap();
            }
            fresh.push_str(&case.with_expected(block, &found));
        }
        if update && fresh != text {
            std::fs::write(&path, fresh).unwrap();
        }
    }
    assert!(rows >= 170, "only {rows} cases were found");
    assert!(failures.is_empty() || update, "{failures}");
}

/// Every code of the closed list stands in the expectation of some case: no rule goes untried.
#[test]
fn every_reason_has_a_case() {
    let said: BTreeSet<String> = files()
        .iter()
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("=> "))
        .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    // `rules.silent` is the net below all rules; the test below falls into it.
    let untried: Vec<&str> =
        Code::ALL.iter().map(|c| c.as_str()).filter(|c| *c != "rules.silent" && !said.contains(*c)).collect();
    assert!(untried.is_empty(), "no case expects {untried:?}");
}

/// The phrases of rule 16, in every language; each is the beginning of a subject that is held.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "subject.auto-reply",
        &[
            "automatic reply",
            "auto reply",
            "autoreply",
            "auto response",
            "autoresponse",
            "out of office",
            "out of the office",
            "is out of the office",
            "ooo:",
            "vacation",
            "i am away from",
            "réponse automatique",
            "absence du bureau",
            "absent(e) du bureau",
            "message d'absence",
            "automatische antwort",
            "abwesenheitsnotiz",
            "abwesend",
            "respuesta automática",
            "fuera de la oficina",
            "risposta automatica",
            "fuori sede",
            "resposta automática",
            "aviso de ausência",
            "automatisch antwoord",
            "afwezigheidsbericht",
            "autosvar",
            "automatisk svar",
            "automatiskt svar",
            "frånvaro",
            "fravær",
            "ute av kontoret",
            "automatyczna odpowiedź",
            "автоматический ответ",
            "自動返信",
            "自動応答",
            "自动答复",
            "自动回复",
            "自動回覆",
            "자동 회신",
            "자동 응답",
        ],
    ),
    (
        "subject.bounce",
        &[
            "undeliver",
            "undelivered mail",
            "returned mail",
            "mail delivery",
            "delivery status notification",
            "failure notice",
            "non remis",
            "unzustellbar",
        ],
    ),
];

#[test]
fn every_phrase_of_the_rules_has_a_case() {
    let text = std::fs::read_to_string(folder().join("subjects.txt")).unwrap();
    let mut untried: Vec<&str> = Vec::new();
    for (code, phrases) in PHRASES {
        let blocks = text.split("\n\n").filter(|block| block.contains(code));
        let subjects: Vec<String> = blocks
            .flat_map(str::lines)
            .filter_map(|line| line.strip_prefix("Subject: "))
            .map(str::to_lowercase)
            .collect();
        untried.extend(
            phrases.iter().filter(|phrase| !subjects.iter().any(|subject| subject.contains(**phrase))).copied(),
        );
    }
    assert!(untried.is_empty(), "no subject has {untried:?}");
}

/// An unknown mailbox, no client, no trust: an empty message is never answered.
#[test]
fn nothing_known_is_never_answered() {
    let case = Case::read("case x\n=> hold\n").unwrap();
    let message = fuseau::model::Incoming::default();
    let decision = answer(&message, "elsewhere", &case.past, &case.policy, case.now);
    assert!(decision.verdict > Verdict::Acknowledge, "{decision:?}");
    let decision = answer(&case.message, "elsewhere", &case.past, &case.policy, case.now);
    assert_eq!(decision.verdict, Verdict::Hold, "{decision:?}");
    assert_eq!((decision.plan, decision.reply_to), (None, None));
}

/// Hostile sizes end: the caps of the parser filled with the most expensive text there is. A rule whose cost
/// grows with the square of it would hang here for minutes.
#[test]
fn the_largest_mail_is_decided() {
    let mut case = Case::read("case x\n=> hold\n").unwrap();
    for text in
        ["on a\nwrote:\n".repeat(5000), "> \n\n".repeat(16_000), "From:\n".repeat(10_000), "merci ".repeat(10_000)]
    {
        case.message.content.text = text;
        for _ in 0..400 {
            case.message.headers.push("authentication-results", fuseau::model::HeaderText::field(&"(()".repeat(2000)));
        }
        let decision = answer(&case.message, "studio", &case.past, &case.policy, case.now);
        assert!(!decision.reasons.is_empty());
    }
}

/// Whatever else a mail is and whatever happened before: one mark of a machine, and it is not answered.
#[test]
fn one_mark_is_enough() {
    let marks = [
        "Auto-Submitted: auto-replied",
        "Return-Path: <>",
        "+Precedence: bulk\n+Precedence: bulk",
        "facts folder=junk",
        "facts calendar=REPLY",
    ];
    let mut pairs = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for block in text.split("\n\n") {
            for mark in marks {
                let Some(case) = Case::read(&format!("{}\n{mark}\n", block.trim_end())) else { continue };
                let decision = answer(&case.message, "studio", &case.past, &case.policy, case.now);
                let least = if case.message.unreadable { Verdict::Hold } else { Verdict::Ignore };
                assert!(decision.verdict >= least, "{} with {mark}: {decision:?}", case.name);
                assert_eq!((decision.plan, decision.reply_to), (None, None), "{} with {mark}", case.name);
                let calendar = mark == "facts calendar=REPLY";
                assert!(decision.pauses.is_empty() || calendar, "{} with {mark}", case.name);
                pairs += 1;
            }
        }
    }
    assert!(pairs > 1000);
}
