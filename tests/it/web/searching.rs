//! The search of the desk: the query language of `fuseau search`, marked passages, faults with their place, pages, a client's own.
use super::{Desk, links, speak};
use crate::support::program::{demo, run};

fn hits(body: &str) -> usize {
    body.matches("<li class=\"in\">").count() + body.matches("<li class=\"out").count()
}

#[test]
fn what_the_command_finds() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    speak(&desk, "en");
    for query in [
        "logo",
        "client:acme",
        "from:anna",
        "kind:acknowledgement",
        "is:open",
        "has:attachment",
        "-logo is:in",
        "nothingatall",
    ] {
        let told = run(desk.dir.path(), &["--json", "search", "--limit", "25", "--", query]).json();
        let page = visit.get(&format!("/search?q={}", query.replace(' ', "+")));
        assert_eq!(page.status, 200);
        assert_eq!(hits(&page.body), told.as_array().unwrap().len(), "{query}\n{}", page.body);
    }
    let page = visit.get("/search?q=logo");
    assert!(page.body.contains("<mark>") && page.body.contains("role=\"status\""), "{}", page.body);
    assert!(visit.get("/search?q=nothingatall").body.contains("Nothing was found."));
    // Without a query: the field and the help.
    let empty = visit.get("/search").body;
    assert!(empty.contains("<details class=\"help\" open>") && hits(&empty) == 0);
    // The query stands in the field again, escaped.
    assert!(visit.get("/search?q=%22%3E%3Cb%3E").body.contains("value=\"&quot;&gt;&lt;b&gt;\""));
}

#[test]
fn a_wrong_query_says_where() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    speak(&desk, "en");
    for (query, place) in
        [("logo+client:acmee", "acmee"), ("after:someday", "someday"), ("%22trade+fair", "&quot;trade")]
    {
        let page = visit.get(&format!("/search?q={query}")).body;
        let wrong = page.split("class=\"wrong\" role=\"alert\"").nth(1).unwrap_or_else(|| panic!("{query}: {page}"));
        let marked = wrong.split("<mark>").nth(1).unwrap().split("</mark>").next().unwrap();
        assert!(marked.contains(place), "{query}: {marked:?}");
        assert!(page.contains("<details class=\"help\" open>"));
    }
    let page = visit.get("/search?q=client:acmee").body;
    assert!(page.contains("did you mean client:acme?"), "{page}");
}

#[test]
fn while_somebody_types() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    speak(&desk, "en");
    // A part of a page: what was found for a word that may go on.
    let part = visit.get("/found?q=log");
    assert_eq!(part.status, 200);
    assert!(
        !part.body.contains("<html") && part.body.contains("id=\"found\"") && hits(&part.body) > 0,
        "{}",
        part.body
    );
    assert!(hits(&visit.get("/search?q=log").body) < hits(&part.body));
    assert!(
        !visit.get("/found?q=client:").body.contains("role=\"alert\""),
        "nobody is shouted at in the middle of a word"
    );
    assert_eq!(desk.get("/found?q=log", "").status, 401);
    // It takes no receipt away from the next whole page.
    assert_eq!(visit.act("act=pause").status, 303);
    visit.get("/found?q=log");
    assert!(visit.get("/").body.contains("class=\"said\""));
    // On a client's page: theirs alone, and without script too.
    let all = hits(&visit.get("/search?q=is:in").body);
    let theirs = visit.get("/client?id=acme&q=is:in");
    let found = theirs.body.split("id=\"found\"").nth(1).unwrap().split("class=\"switches\"").next().unwrap();
    let part = visit.get("/found?q=is:in&client=acme").body;
    assert_eq!(hits(found), hits(&part));
    assert!(hits(found) > 0 && hits(found) < all, "{} of {all}", hits(found));
    assert!(!part.contains("trails.example"));
}

#[test]
fn pages_are_turned() {
    let dir = demo();
    // Past mail, more than two pages of it.
    let mails: String = (0..60)
        .map(|n| {
            format!(
                "From anna@acme.example Tue Jan 13 10:00:00 2026\nFrom: anna@acme.example\nTo: claire@studio.example\nSubject: Sheet {n}\n\
                 Message-ID: <sheet-{n}@acme.example>\nDate: Tue, 13 Jan 2026 10:{n:02}:00 +0000\n\nSheet number {n}.\n\n"
            )
        })
        .collect();
    std::fs::write(dir.path().join("past.mbox"), mails).unwrap();
    assert_eq!(run(dir.path(), &["import", "past.mbox"]).code, 0);
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    speak(&desk, "en");
    let told = run(desk.dir.path(), &["--json", "search", "--limit", "500", "--", "after:2000"]).json();
    let every = told.as_array().unwrap().len();
    let mut path = "/search?q=after:2000".to_owned();
    let mut seen = Vec::new();
    for page in 1.. {
        let got = visit.get(&path);
        assert!(page < 20 && got.status == 200, "{path}");
        seen.extend(links(&got, "/message?id=").into_iter().chain(links(&got, "/mail?id=")));
        let next = got.body.split("rel=\"next\" href=\"").nth(1).and_then(|it| it.split('"').next());
        let Some(next) = next else { break };
        path = next.replace("&amp;", "&");
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "nothing stands on two pages");
    assert!(count > 75 && count == every, "{count} of {every}");
    assert_eq!(visit.get("/search?q=logo&page=9999999999999").status, 200);
    assert_eq!(visit.get("/search?q=logo&page=-1").status, 200);
}
