//! docs/reference/templates.md says what src/compose/variables.rs says.
use crate::support::program::{command, run};
use fuseau::compose::builtin;
use std::{fs, path::Path};

#[test]
fn the_page_about_templates_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/templates.md");
    let page = fuseau::compose::variables::reference();
    if fs::read_to_string(&path).ok().as_deref() != Some(page.as_str()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
        assert!(std::env::var_os("UPDATE").is_some(), "{} was stale and has been rewritten: commit it", path.display());
    }
}

// ---- fuseau template ----------------------------------------------------------------------------------------------

const CONFIG: &str = r#"
templates = "templates"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["fr", "en"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[mailbox.studio]
address = "claire@studio.example"
imap = { host = "imap.example.com", user = "claire", password = { env = "PW" } }
[[trip]]
from = 2027-01-09
to = 2027-01-23
zone = "Pacific/Auckland"
place = "Auckland"
[client.acme]
name = "Acme <b>"
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
language = "en"
"#;

fn place(config: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("templates")).unwrap();
    fs::write(dir.path().join("fuseau.toml"), config).unwrap();
    dir
}

/// An editor that runs a line of `sed` on the file.
fn editing(dir: &Path, sed: &str) -> std::process::Output {
    fs::write(dir.join("edit.sh"), format!("sed -i '{sed}' \"$1\"\n")).unwrap();
    let mut command = command(dir);
    command.args(["template", "edit", "payment", "acme"]).env("EDITOR", "sh ./edit.sh").output().unwrap()
}

#[test]
fn a_template_is_listed_shown_changed_and_proven() {
    let dir = place(CONFIG);
    let list = run(dir.path(), &["template", "list"]).fine();
    assert!(list.contains("payment          built in\n") && list.contains("acknowledgement  built in\n"), "{list}");
    let shown = run(dir.path(), &["template", "show", "payment"]).fine();
    assert_eq!(shown, builtin::shipped("fr/payment.txt").unwrap(), "the owner's first language");
    let shown = run(dir.path(), &["template", "show", "payment", "acme"]).fine();
    assert_eq!(shown, builtin::shipped("en/payment.txt").unwrap());

    // Left as it was: no copy stays behind.
    let out = editing(dir.path(), "");
    assert!(String::from_utf8(out.stdout).unwrap().contains("nothing was changed"));
    let own = dir.path().join("templates/en/payment.txt");
    assert!(!own.exists());

    let out = editing(dir.path(), "s/payment.amount/payment.amont/");
    let err = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(78), "{err}");
    let named = format!("{}:6: Field `payment.amont` is not defined; did you mean `payment.amount`?", own.display());
    assert!(err.contains(&named), "{err}");
    // A broken one can be opened again.
    let out = editing(dir.path(), "s/payment.amont/payment.amount/; s/Invoice/Our invoice/");
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success() && text.contains("is in order"), "{text}");
    assert!(run(dir.path(), &["template", "list"]).fine().contains("yours: en/payment.txt"));
    assert!(run(dir.path(), &["template", "show", "payment", "acme"]).fine().contains("Our invoice"));
    let shipped = run(dir.path(), &["template", "show", "payment", "acme", "--shipped"]).fine();
    assert_eq!(shipped, builtin::shipped("en/payment.txt").unwrap());
    assert!(run(dir.path(), &["template", "preview", "payment", "acme"]).fine().contains("Our invoice"));
}

#[test]
fn previews_say_what_is_real() {
    let dir = place(CONFIG);
    let at = ["--at", "2027-01-04T10:00:00Z"];
    let preview = |words: &[&str]| run(dir.path(), &[&["template", "preview"], words, &at].concat()).fine();
    let trip = preview(&["trip", "acme"]);
    assert!(trip.contains("(Auckland)") && !trip.contains("sample"), "{trip}");
    let payment = preview(&["payment", "acme"]);
    assert!(payment.contains("sample values (soon)") && payment.contains("€4,800.00"), "{payment}");
    assert_eq!(preview(&["payment", "acme", "--all"]).matches("sample values").count(), 5);
    assert!(preview(&["acknowledgement", "acme"]).contains("Your message has arrived safely"));
    assert!(preview(&["holding", "acme"]).contains("Claire Martin"));
    // Where nothing can be opened it says so, and where the page is.
    let shown = run(dir.path(), &[&["template", "preview", "trip", "acme", "--browser"][..], &at].concat());
    assert!(shown.code == 0 && (shown.err.is_empty() || shown.err.contains("open this file")), "{}", shown.err);
    let page = fs::read_to_string(shown.out.trim()).unwrap();
    assert!(page.contains("Acme &lt;b&gt;") && !page.contains("<b>") && page.contains("(Auckland)"), "{page}");
}

#[test]
fn wrong_words_are_named() {
    let dir = place(CONFIG);
    let wrong = |words: &[&str], code| run(dir.path(), &[&["template"], words].concat()).failed(code);
    assert!(wrong(&["show", "paiment"], 64).contains("did you mean payment?"));
    assert!(wrong(&["show", "payment", "acmee"], 64).contains("did you mean acme?"));
    assert!(wrong(&["show", "payment", "--language", "xx"], 64).contains("en, fr, de"));
    assert!(wrong(&["preview", "digest", "acme"], 64).contains("fuseau digest"));
    let bare = place(&CONFIG.replace("templates = \"templates\"\n", ""));
    let says = run(bare.path(), &["template", "edit", "payment"]).failed(78);
    assert!(says.contains("templates = \"templates\"") && says.contains("mkdir"), "{says}");
}
