//! Queries: what is asked, what is refused and where.
use super::*;

fn asked(raw: &str) -> String {
    let all = "{subject body sender recipients} : ";
    Query::parse(raw).unwrap().expression(None).unwrap_or_default().replace(all, "")
}

#[test]
fn what_is_asked() {
    for (raw, want) in [
        ("réunion", r#"("reunion")"#),
        ("logo flyer", r#"("logo") AND ("flyer")"#),
        ("logo AND flyer", r#"("logo") AND ("flyer")"#),
        ("logo OR flyer card", r#"("logo" OR "flyer") AND ("card")"#),
        ("\"trade fair\" logo", r#"("trade fair") AND ("logo")"#),
        ("invoi*", r#"("invoi" *)"#),
        ("\"trade fa\"*", r#"("trade fa" *)"#),
        ("logo -draft", r#"(("logo")) NOT ("draft")"#),
        ("from:anna to:claire", r#"(sender : "anna") AND (recipients : "claire")"#),
        ("from:anna@acme.example", r#"(sender : "anna acme example")"#),
        ("日本語", r#"("日本 本語")"#),
        ("語", r#"("語" *)"#),
        ("\"ロゴ logo\"", r#"("ロゴ ゴ logo")"#),
        ("Re: logo 10:30", r#"("re") AND ("logo") AND ("10 30")"#),
        ("https://x.example/a", r#"("https x example a")"#),
        ("NEAR(a", r#"("near a")"#),
        ("client:acme", ""),
    ] {
        assert_eq!(asked(raw), want, "{raw}");
    }
    let query = Query::parse("logo client:acme -is:held after:2026-01-01").unwrap();
    let kinds: Vec<_> = query.filters.iter().map(|f| (f.kind, f.value.as_str(), f.negated)).collect();
    assert_eq!(kinds, [(Kind::Client, "acme", false), (Kind::Is, "held", true), (Kind::After, "2026-01-01", false)]);
}

#[test]
fn faults_say_where_and_how() {
    for (raw, at, says) in [
        ("logo \"trade fair", 5, "close it"),
        ("from:\"anna", 5, "close it"),
        ("form:anna", 0, "from:"),
        ("from: anna", 5, "from:anna"),
        ("before:", 7, "2027-01-31"),
        ("OR logo", 0, "between two words"),
        ("logo OR", 5, "between two words"),
        ("logo AND", 5, "leave AND out"),
        ("logo OR OR x", 8, "between two words"),
        ("logo OR is:open", 5, "leave OR out"),
        ("-logo", 0, "what to look for"),
        ("", 0, "give a word"),
        ("logo !!!", 5, "only words"),
        ("lo**", 0, "invoi*"),
        ("*", 0, "invoi*"),
        ("logo a*", 5, "two letters"),
    ] {
        let fault = Query::parse(raw).expect_err(raw);
        assert_eq!(fault.at, at, "{raw}: {fault}");
        assert!(fault.remedy.contains(says), "{raw}: {fault}");
    }
    let fault = Query::parse("ロゴ \"x").unwrap_err().to_string();
    assert!(fault.contains("\n    ロゴ \"x\n         ^\n"), "{fault}");
}
