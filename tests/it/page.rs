//! The public page: tests/page/NAME.toml make the files beside them, what they say holds, nothing breaks out of them, other programs read
//! the calendar; the command and the daemon write where they may. In a browser: page/browser.rs.
mod browser;
mod written;

use crate::support::pages::root;
use crate::web::markup::faults;
use chrono::{DateTime, TimeDelta, Utc};
use fuseau::compose::Composer;
use fuseau::compose::page::{File, KEYS, notice};
use fuseau::config::Settings;
use fuseau::daemon::page::files;
use fuseau::decide::plan_at;
use fuseau::model::{Instant, Zones};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Name, configuration, when.
fn cases() -> Vec<(String, Settings, Instant)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/page")).unwrap().map(|it| it.unwrap().path()) {
        if entry.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&entry).unwrap();
        let at = text.lines().next().unwrap().strip_prefix("# at = ").expect("the first line says when");
        let settings =
            fuseau::config::parse(&text, &entry, &Zones::bundled()).unwrap_or_else(|faults| panic!("{faults}"));
        let name = entry.file_stem().unwrap().to_string_lossy().into_owned();
        found.push((name, settings, at.parse::<DateTime<Utc>>().unwrap()));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= 5);
    found
}

fn made(settings: &Settings, at: Instant) -> Vec<File> {
    files(settings, &Composer::built_in().unwrap(), at).unwrap()
}

fn folder(name: &str) -> PathBuf {
    root().join("tests/page").join(name)
}

#[test]
fn pages_read_as_written() {
    let mut faults = Vec::new();
    for (name, settings, at) in cases() {
        let made = made(&settings, at);
        assert_eq!(made.len(), settings.policy.owner.languages.len() * 4);
        if std::env::var_os("UPDATE").is_some() {
            let _ = std::fs::remove_dir_all(folder(&name));
            std::fs::create_dir_all(folder(&name)).unwrap();
            made.iter().for_each(|file| std::fs::write(folder(&name).join(&file.name), &file.text).unwrap());
        }
        for file in &made {
            let wanted = std::fs::read_to_string(folder(&name).join(&file.name)).unwrap_or_default();
            if wanted != file.text {
                faults.push(format!("tests/page/{name}/{}", file.name));
            }
        }
        let there = std::fs::read_dir(folder(&name)).unwrap().count();
        assert_eq!(there, made.len(), "{name}: files that nobody makes");
        // The hour counts for nothing, the date at home for everything.
        let home = &settings.policy.owner.zone;
        let midnight = home.instant((home.local(at).date() + TimeDelta::days(1)).and_time(chrono::NaiveTime::MIN));
        assert_eq!(self::made(&settings, midnight - TimeDelta::seconds(1)), made, "{name}");
        assert_ne!(self::made(&settings, midnight), made, "{name}");
    }
    assert!(faults.is_empty(), "UPDATE=1 writes them:\n{}", faults.join("\n"));
}

/// Every tag has its end, every name leads somewhere. What stands in style and script is no markup.
fn well_formed(what: &str, html: &str) {
    let mut bare = html.to_owned();
    for element in ["style", "script"] {
        let (before, rest) = bare.rsplit_once(&format!("<{element}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{element}>")).unwrap();
        bare = format!("{before}{after}");
    }
    let faults = faults(&bare);
    assert!(faults.is_empty(), "{what}: {}", faults.join("\n"));
}

/// What stands in `name="..."`.
fn attribute<'a>(html: &'a str, name: &str) -> &'a str {
    let (_, rest) = html.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name}"));
    rest.split_once('"').unwrap().0
}

fn instant(minutes: i64) -> Instant {
    DateTime::from_timestamp(minutes * 60, 0).unwrap()
}

/// The sentence of the page, read from the page alone: from when on which window counts.
struct Said {
    outside: TimeDelta,
    inside: TimeDelta,
    windows: Vec<(Instant, Instant)>,
}

impl Said {
    fn read(html: &str) -> Self {
        let minutes = |name: &str| TimeDelta::minutes(attribute(html, name).parse().unwrap());
        let window = |text: &str| {
            let (start, length) = text.split_once('+').unwrap();
            let start = instant(start.parse().unwrap());
            (start, start + TimeDelta::minutes(length.parse().unwrap()))
        };
        let windows = attribute(html, "data-windows").split(' ').map(window).collect();
        Self { outside: minutes("data-outside"), inside: minutes("data-inside"), windows }
    }

    fn promised(&self, arrived: Instant) -> Instant {
        let open = self.windows.iter().any(|(start, end)| *start <= arrived && arrived < *end);
        self.first(arrived + if open { self.inside } else { self.outside })
    }

    fn first(&self, least: Instant) -> Instant {
        self.windows.iter().find(|(_, end)| *end >= least).expect("the page tells enough windows").1
    }
}

/// For every arrival of two weeks, the page promises what `decide` promises: never sooner; where the delays are whole minutes, exactly that. The
/// texts for signatures and contracts have one delay, the longer one: what they say holds too.
#[test]
fn what_the_page_says_holds() {
    let mut apart = 0;
    // A window without end is promised to its end, which is wherever the search stops.
    for (name, settings, at) in cases().into_iter().filter(|(name, ..)| name != "always") {
        let html = &made(&settings, at)[0].text;
        let said = Said::read(html);
        let replies = &settings.policy.replies;
        let whole =
            [replies.grace, replies.grace_in_window, replies.min_notice].iter().all(|it| it.num_seconds() % 60 == 0);
        assert_eq!(notice(replies), (said.outside.num_minutes(), said.inside.num_minutes()));
        let longest = said.outside.max(said.inside);
        let home = &settings.policy.owner.zone;
        let start = home.instant(home.local(at).date().and_time(chrono::NaiveTime::MIN));
        let mut asked = 0;
        for step in 0..(14 * 24 * 60 * 60 / 150) {
            let arrived = start + TimeDelta::seconds(150 * step);
            let enforced = plan_at(&settings.policy, arrived).unwrap().by;
            let page = said.promised(arrived);
            assert!(enforced <= page, "{name}: {arrived} is answered by {enforced}, the page says {page}");
            assert!(!whole || enforced == page, "{name}: {arrived} is answered by {enforced}, the page says {page}");
            assert!(enforced <= said.first(arrived + longest), "{name}: {arrived}: the signature promises too much");
            asked += 1;
            apart += i32::from(page != said.first(arrived + said.outside));
        }
        assert!(asked > 8_000);
    }
    assert!(apart > 0, "the second sentence is never needed");
}

#[test]
fn the_sentence_names_the_delays() {
    let cases = cases();
    let page = |wanted: &str| {
        let (_, settings, at) = cases.iter().find(|(name, ..)| name == wanted).unwrap();
        made(settings, *at).remove(0).text
    };
    assert!(page("studio").contains("ends at least 35 minutes after it arrives. If it arrives while a window is open: the first that ends at least one hour later."));
    assert!(
        page("nights").contains("at least 42 minutes after")
            && page("nights").contains("at least one hour and 1 minutes later")
    );
    // The same delay in a window and outside: one sentence.
    assert!(page("plain").contains("mindestens eine Stunde nach ihrem Eintreffen endet.</p>"));
}

#[test]
fn nothing_is_published_that_was_not_asked_for() {
    for (name, settings, at) in cases() {
        let made = made(&settings, at);
        let shown = made.iter().filter(|file| !file.name.ends_with(".txt"));
        let all: String = shown.map(|file| file.text.as_str()).collect();
        match name.as_str() {
            "plain" => {
                assert!(!all.contains("secret") && !all.contains("New_York") && !all.contains("auf Reisen"));
                assert!(all.contains("30. November</b>: <bdi>geschlossen"), "closures are published by default");
            }
            "studio" => assert!(all.contains("Christmas") && all.contains("in Singapore (Singapore time)")),
            _ => {}
        }
    }
}

#[test]
fn nothing_breaks_out() {
    let (_, settings, at) = cases().into_iter().find(|(name, ..)| name == "hostile").unwrap();
    for file in made(&settings, at) {
        if file.name.ends_with(".html") {
            well_formed(&file.name, &file.text);
            let own = file.text.rsplit_once("<script>").unwrap().0;
            assert!(!own.contains("<script") && !own.contains("<img") && !own.contains("<b>Tokyo"), "{}", file.name);
            assert!(!own.contains("href=\"javascript:") && !own.contains("href=\"data:") && !own.contains('\u{202e}'));
            assert!(own.contains("{when}") && !own.contains("alert(1)</script> 2"), "braces of a name stay braces");
        }
        if file.name.ends_with(".ics") {
            for line in file.text.split_terminator("\r\n") {
                assert!(line.len() <= 75 && !line.starts_with("UID:x") && !line.contains('\n'), "{line}");
            }
        }
    }
}

#[test]
fn every_page_is_well_formed_and_has_landmarks() {
    for (name, settings, at) in cases() {
        let made = made(&settings, at);
        for file in made.iter().filter(|file| file.name.ends_with(".html")) {
            let (what, html) = (format!("{name}/{}", file.name), &file.text);
            well_formed(&what, html);
            for (element, count) in [("<h1>", 1), ("<main ", 1), ("<footer ", 1), ("<title>", 1)] {
                assert_eq!(html.matches(element).count(), count, "{what}: {element}");
            }
            assert!(
                !html.contains(" style=")
                    && !html.contains(" src=\"")
                    && !html.contains("@import")
                    && !html.contains("url(")
            );
            // Every link into the folder leads to a file of the page; the rest are the owner's channels and the address.
            for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let known = made.iter().any(|file| file.name == link);
                let outside = ["https://", "mailto:", "tel:"].iter().any(|scheme| link.starts_with(scheme));
                assert!(known || outside, "{what}: {link}");
            }
            let languages = settings.policy.owner.languages.len();
            assert_eq!(html.matches("hreflang=").count(), if languages > 1 { 2 * languages } else { 0 }, "{what}");
        }
    }
}

/// The policy allows the style and the script of the page, and nothing else.
#[test]
fn the_policy_names_what_stands_there() {
    use sha2::{Digest as _, Sha256};
    let (_, settings, at) = cases().remove(0);
    let html = &made(&settings, at)[0].text;
    let policy = attribute(html, "content").replace("&#39;", "'").replace("&#x27;", "'").replace("&#x2F;", "/");
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let inside =
            html.split_once(&format!("<{element}>")).unwrap().1.split_once(&format!("</{element}>")).unwrap().0;
        let wanted = format!("{directive} 'sha256-{}'", base64(&Sha256::digest(inside.as_bytes())));
        assert!(
            policy.contains(&wanted),
            "{wanted} is what src/compose/page/view.rs must name; the page says {policy}"
        );
    }
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= group.len() { letter } else { '=' });
        }
    }
    out
}

/// Another library reads the calendar, and sees the windows that the page tells and the days that differ.
#[test]
fn another_library_reads_the_calendar() {
    let script = "import sys,icalendar\n\
        c=icalendar.Calendar.from_ical(sys.stdin.buffer.read())\n\
        print(c['METHOD'],c['X-PUBLISHED-TTL'],c['REFRESH-INTERVAL'])\n\
        for e in c.walk('VEVENT'):\n\
        \x20 assert not e.errors and e['TRANSP']=='TRANSPARENT', e\n\
        \x20 print(e['UID'],e['DTSTART'].dt.isoformat(),e['DTEND'].dt.isoformat(),sep='|')";
    for (name, settings, at) in cases() {
        let made = made(&settings, at);
        let said = Said::read(&made[0].text);
        for file in made.iter().filter(|file| file.name.ends_with(".ics")) {
            let ran = ["/usr/bin/python3", "python3"].iter().find_map(|python| {
                let mut child = Command::new(python);
                let mut child = child.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
                std::io::Write::write_all(&mut child.stdin.take()?, file.text.as_bytes()).ok()?;
                child.wait_with_output().ok().filter(|output| output.status.success())
            });
            let Some(ran) = ran else {
                assert!(
                    std::env::var("CI").as_deref() != Ok("true"),
                    "python3-icalendar is missing, or the calendar is wrong"
                );
                eprintln!("SKIPPED another_library_reads_the_calendar: python3-icalendar is not here");
                return;
            };
            let text = String::from_utf8(ran.stdout).unwrap();
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some("PUBLISH PT6H PT6H"), "{name}/{}", file.name);
            let (mut uids, mut windows, mut days) = (Vec::new(), Vec::new(), 0);
            for line in lines {
                let [uid, start, end] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
                uids.push(uid.to_owned());
                match (start.parse::<DateTime<Utc>>(), end.parse::<DateTime<Utc>>()) {
                    (Ok(start), Ok(end)) => windows.push((start, end)),
                    _ => days += 1,
                }
            }
            let count = uids.len();
            uids.sort();
            uids.dedup();
            assert_eq!(uids.len(), count, "{name}: a UID stands twice");
            let both = windows.len().min(said.windows.len());
            assert!(both > 0 && windows[..both] == said.windows[..both], "{name}: {windows:?}");
            assert_eq!(days > 0, ["studio", "plain", "nights", "hostile"].contains(&name.as_str()), "{name}: {days}");
        }
    }
}

/// Tomorrow's calendar has today's events under the same names.
#[test]
fn events_keep_their_names() {
    for (name, settings, at) in cases() {
        let uids = |at| {
            let made = made(&settings, at);
            let ics = &made.iter().find(|file| file.name == "windows.ics").unwrap().text;
            let uids = ics.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned);
            uids.collect::<std::collections::BTreeSet<_>>()
        };
        let (today, tomorrow) = (uids(at), uids(at + TimeDelta::days(1)));
        let lost = today.difference(&tomorrow).count();
        assert!(lost <= 5 || today.len() == 1, "{name}: {lost} of {} events are gone", today.len());
    }
}

#[test]
fn the_owners_words_are_heard_and_checked() {
    let (_, settings, at) = cases().into_iter().find(|(name, ..)| name == "plain").unwrap();
    let own = |text: &str| Composer::with(&[("de/page-words.txt".to_owned(), text.to_owned())]);
    let made = files(&settings, &own("intro = Moin.").unwrap(), at).unwrap();
    assert!(made[0].text.contains("<p>Moin.</p>"));
    let fault = own("intr = Moin.").unwrap_err().to_string();
    assert!(fault.contains("de/page-words.txt, line 1") && fault.contains("did you mean intro?"), "{fault}");
    assert!(KEYS.len() > 30);
}
