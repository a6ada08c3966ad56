//! The page in headless Chromium: the script speaks in the visitor's zone, nothing is wider than its window. Pictures for people:
//! `FUSEAU_SHOTS=DIR cargo test --test it -- page::browser` (tools/page-picture.sh). Without Chromium: skipped, visibly.
use crate::support::pages::root;
use crate::support::program::run;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn chromium() -> Option<&'static Path> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(Path::new).into_iter().find(|it| it.exists());
    if found.is_none() {
        eprintln!("SKIPPED: no chromium, nobody looks at the page");
    }
    found
}

/// Pages of now: the script tells what is to come.
fn made(dir: &Path) {
    let text = std::fs::read_to_string(root().join("tests/page/studio.toml")).unwrap();
    std::fs::write(dir.join("fuseau.toml"), text).unwrap();
    // It warns that no mailbox is watched.
    assert_eq!(run(dir, &["page", "--out", "www"]).code, 0);
}

fn browse(chromium: &Path, dir: &Path, zone: &str, more: &[String], url: &str) -> String {
    let mut browser = Command::new(chromium);
    browser.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"]);
    browser.args(["--no-first-run", "--force-device-scale-factor=1", "--allow-file-access-from-files"]);
    browser.env("TZ", zone).arg(format!("--user-data-dir={}", dir.join("profile").display())).args(more).arg(url);
    String::from_utf8_lossy(&browser.stdin(Stdio::null()).output().unwrap().stdout).into_owned()
}

#[test]
fn the_script_speaks_the_visitors_time() {
    let Some(chromium) = chromium() else { return };
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    for (file, zone, now, clock) in [
        (
            "index.html",
            "Asia/Singapore",
            "If you write now, you have an answer by ",
            "Times where you are: Asia/Singapore.",
        ),
        (
            "index.fr.html",
            "America/Montreal",
            "Si vous écrivez maintenant, vous avez ma réponse au plus tard ",
            "À l'heure de chez vous",
        ),
        ("index.ar.html", "Africa/Cairo", "إذا كتبتم الآن", "Africa/Cairo"),
    ] {
        let url = format!("file://{}", dir.path().join("www").join(file).display());
        let seen = browse(chromium, dir.path(), zone, &["--dump-dom".to_owned()], &url);
        let said = seen.split_once("<p id=\"now\">").map(|(_, rest)| rest.split_once('<').unwrap().0).unwrap_or(&seen);
        assert!(said.contains(now) && said.contains(':') && !said.contains("{when}"), "{file}: {said}");
        assert!(seen.contains(clock), "{file}");
        assert!(seen.contains("<span class=\"slot\">"), "{file}: the days were drawn anew");
    }
}

/// A frame is as narrow as wanted; windows of Chromium are not.
fn framed(file: &str, width: u32, height: u32) -> String {
    format!(
        "<!doctype html><style>body{{margin:0}}iframe{{border:0;width:{width}px;height:{height}px}}</style><iframe id=it src=\"{file}\"></iframe>"
    )
}

#[test]
fn pages_fit() {
    let Some(chromium) = chromium() else { return };
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    for width in [320, 390, 1200] {
        let mut walk = String::from("<!doctype html><pre id=out>unfinished</pre>");
        for code in ["", ".fr", ".de", ".ja", ".ar"] {
            walk.push_str(&format!(
                "<iframe src=\"index{code}.html\" style=\"border:0;width:{width}px;height:900px\"></iframe>"
            ));
        }
        walk.push_str(
            "<script>addEventListener('load',()=>{out.textContent=[...document.querySelectorAll('iframe')].map(it=>it.contentDocument.documentElement.scrollWidth).join(' ')})</script>",
        );
        let path = dir.path().join("www/walk.html");
        std::fs::write(&path, walk).unwrap();
        let seen =
            browse(chromium, dir.path(), "UTC", &["--dump-dom".to_owned()], &format!("file://{}", path.display()));
        let said =
            seen.split_once("<pre id=\"out\">").and_then(|(_, rest)| rest.split_once('<')).map_or("", |(it, _)| it);
        assert_eq!(said, vec![width.to_string(); 5].join(" "), "{width}");
    }
}

#[test]
fn screenshots_for_people() {
    let Some(shots) = std::env::var_os("FUSEAU_SHOTS").map(PathBuf::from) else {
        eprintln!("SKIPPED: screenshots are made with FUSEAU_SHOTS=DIR");
        return;
    };
    let Some(chromium) = chromium() else { return };
    std::fs::create_dir_all(&shots).unwrap();
    let only = std::env::var("FUSEAU_SHOT").unwrap_or_default();
    let dir = tempfile::tempdir().unwrap();
    for code in ["en", "ar", "ja"] {
        made(dir.path());
        if code == "en" {
            // A machine without the fonts of all languages draws boxes into the picture of the guide.
            let text = std::fs::read_to_string(root().join("tests/page/studio.toml")).unwrap();
            let all = text.lines().find(|line| line.starts_with("languages")).unwrap();
            std::fs::write(dir.path().join("fuseau.toml"), text.replace(all, "languages = [\"en\", \"fr\"]")).unwrap();
            assert_eq!(run(dir.path(), &["page", "--out", "www"]).code, 0);
        }
        for (width, height) in [(390, 2100), (900, 1180)] {
            for dark in [false, true] {
                let name = format!("page-{code}-{width}-{}.png", if dark { "dark" } else { "light" });
                if !only.is_empty() && only.split(' ').all(|it| it != name) {
                    continue;
                }
                let file = if code == "en" { "index.html".to_owned() } else { format!("index.{code}.html") };
                let frame = dir.path().join("www/frame.html");
                std::fs::write(&frame, framed(&file, width, height)).unwrap();
                let more = [
                    format!("--window-size={width},{height}"),
                    format!("--blink-settings=preferredColorScheme={}", u8::from(!dark)),
                    format!("--screenshot={}", shots.join(&name).display()),
                ];
                browse(chromium, dir.path(), "Asia/Singapore", &more, &format!("file://{}", frame.display()));
                let size = std::fs::metadata(shots.join(&name)).map_or(0, |it| it.len());
                assert!(size > 5_000, "{name}: {size} bytes");
            }
        }
    }
}
