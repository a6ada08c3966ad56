//! Pages that are generated from the code stay fresh: a stale one is rewritten, and the test fails once.
use fuseau::model::{Code, Verdict};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Compares the page with `fresh`; writes it if it differs.
fn keep_fresh(page: &str, fresh: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old != fresh {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, fresh).unwrap();
        panic!("{page} was stale and has been rewritten: look at it and commit it");
    }
}

#[test]
fn reasons() {
    let mut page = String::from(
        "# Reasons\n\nEvery verdict names all of its reasons, in the order in which the rules were checked. Where several \
         speak, the strongest verdict wins: own, then ignore, hold, wait, acknowledge. The codes are stable: they stand in the history, in \
         `--json` and in the log. `fuseau explain MESSAGE` shows them for one mail.\n\nThis page is generated from \
         `src/model/reason.rs`.\n",
    );
    let about = [
        (Verdict::Own, "The owner's or fuseau's own mail: bookkeeping only."),
        (Verdict::Ignore, "A machine, a list, a loop, a forgery: nothing goes out, nothing is expected of the owner."),
        (Verdict::Hold, "A person should look: nothing goes out by itself."),
        (Verdict::Wait, "Covered by what was already said: nothing goes out, the promise stands."),
        (Verdict::Acknowledge, "Speaks for an acknowledgement."),
    ];
    for (verdict, meaning) in about {
        write!(page, "\n## {}\n\n{meaning}\n\n| code | the mail | source |\n|---|---|---|\n", verdict.as_str())
            .unwrap();
        for code in Code::ALL.iter().filter(|code| code.verdict() == verdict) {
            writeln!(page, "| `{code}` | {} | {} |", code.text(), code.source()).unwrap();
        }
    }
    page.push_str(
        "\nRule numbers and D, B numbers are the project's own list of rules, in which each one has its sources; \
         numbers behind RFC names are sections.\n",
    );
    keep_fresh("docs/reference/reasons.md", &page);
}

#[test]
fn holding_replies() {
    let mut page = String::from(
        "# Holding replies\n\nBefore a promise lapses the client hears of a new one. The reply goes out `promises.holding_before` before \
         the deadline. Where that is no decent hour for the client (`client.NAME.hours`, `holidays`), it goes out five minutes before the end of the \
         decent hours before it, but not within half an hour of the promise itself; failing that, at the first decent moment before the deadline. \
         The new promise is the first window that ends at least `replies.min_notice` after the old one.\n\nThe old promise is `renewed` when the \
         reply is sent. While a draft of yours lies in the conversation nothing is sent; once somebody has answered, neither.\n\nWhere no holding \
         reply goes out, one of these words says why; they are stable. For those with a mark the log warns once, when the reply would have \
         been due.\n\nThis page is generated from `src/decide/holding.rs`.\n\n| word | no holding reply, because | warns |\n|---|---|---|\n",
    );
    for why in fuseau::decide::WhyNot::ALL {
        writeln!(page, "| `{}` | {} | {} |", why.as_str(), why.text(), if why.alerts() { "x" } else { "" }).unwrap();
    }
    keep_fresh("docs/reference/holding.md", &page);
}

#[test]
fn reason_codes_are_unique_and_of_one_style() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count, "a code stands twice");
    for code in codes {
        let (family, what) = code.split_once('.').unwrap();
        let fits = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(fits(family) && fits(what), "{code}");
        assert_eq!(Code::parse(code).map(Code::as_str), Some(code));
    }
}
