//! How pages look: view values in, HTML out. Usable without script, by keyboard, at the width of a telephone.
mod client;
mod letter;
mod lines;
mod parts;
mod search;
mod stats;
mod today;

use super::html::Html;
use super::session::Receipt;
use super::view::{Frame, Page};
use super::words::{Words, words};
use parts::Forms;

/// The style sheet.
pub const STYLE: &str = include_str!("style.css");
/// The script.
pub const SCRIPT: &str = include_str!("desk.js");
/// The sign in the browser's tab: a spindle of day and night.
pub const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" \
    fill=\"#3f6ea8\"/><path d=\"M16 4c6 7 6 17 0 24z\" fill=\"#fdfcf9\"/><path d=\"M16 4c-6 7-6 17 0 24z\" fill=\"#f0914d\"/></svg>\n";

/// A whole page for somebody who is let in. `form` is the session's token for forms.
pub fn whole(frame: &Frame, page: &Page, form: &str, receipt: Option<&Receipt>) -> String {
    let words = words(frame.language);
    let forms = Forms { words, token: form, back: &frame.path };
    let mut html = Html::default();
    let title = match page {
        Page::Today(_) => words.today,
        Page::Outbox(..) => words.outbox,
        Page::Mail(it) => &it.mail.subject,
        Page::Client(it) => &it.who.name,
        Page::Message(it) => &it.subject,
        Page::Note(it) => lines::title(words, it),
        Page::Search(_) => words.search,
        Page::Stats(_) => words.stats,
    };
    head(&mut html, words, if title.trim().is_empty() { words.no_subject } else { title });
    top(&mut html, frame, page, &forms);
    html.raw("<main id=\"content\" tabindex=\"-1\">\n");
    if let Some(receipt) = receipt {
        said(&mut html, receipt, &forms);
    }
    match page {
        Page::Today(it) => today::show(&mut html, frame, it, &forms),
        Page::Outbox(mails, all) => letter::outbox(&mut html, mails, *all, &forms),
        Page::Mail(it) => letter::mail(&mut html, it, &forms),
        Page::Client(it) => client::show(&mut html, it, &forms),
        Page::Message(it) => letter::message(&mut html, it, &forms),
        Page::Note(it) => letter::note(&mut html, words, it),
        Page::Search(it) => search::show(&mut html, words, it),
        Page::Stats(it) => stats::show(&mut html, words, it),
    }
    html.raw("</main>\n<footer>");
    forms.form(&mut html, "/leave", "", None, |html| {
        html.raw("<button class=\"quiet\">").text(words.leave).raw("</button>");
    });
    html.raw("</footer>\n</body>\n</html>\n");
    html.done()
}

/// The part of a page that changes while somebody types.
pub fn part(frame: &Frame, page: &Page) -> String {
    let mut html = Html::default();
    if let Page::Search(it) = page {
        search::found(&mut html, words(frame.language), it, false);
    }
    html.done()
}

/// What was done, and the way back.
fn said(html: &mut Html, receipt: &Receipt, forms: &Forms<'_>) {
    html.raw("<div class=\"said\" role=\"status\"><p>").text(forms.words.after(receipt.act).unwrap_or_default());
    if !receipt.about.is_empty() {
        html.raw(" <span class=\"soft\">").foreign(&receipt.about).raw("</span>");
    }
    html.raw("</p>");
    if let Some((act, id)) = &receipt.undo {
        forms.button(html, act, id, forms.words.undo, "");
    }
    html.raw("</div>\n");
}

fn head(html: &mut Html, words: &Words, title: &str) {
    html.raw("<!doctype html>\n<html lang=\"").text(words.code).raw(if words.rtl {
        "\" dir=\"rtl"
    } else {
        "\" dir=\"ltr"
    });
    html.raw("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    html.text(title)
        .raw(" · fuseau</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n");
    html.raw(
        "<link rel=\"icon\" href=\"/icon.svg\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n<script src=\"/desk.js\" defer></script>\n</head>\n<body>\n",
    );
}

/// The head of the page: where one can go, and the one switch that stops everything.
fn top(html: &mut Html, frame: &Frame, page: &Page, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<a class=\"skip\" href=\"#content\">")
        .text(words.skip)
        .raw("</a>\n<header class=\"top\">\n<nav aria-label=\"")
        .text(words.pages)
        .raw("\">\n<a class=\"brand\" href=\"/\">fuseau</a>\n");
    let mut to = |path: &'static str, name: &str, here: bool| {
        html.raw("<a href=\"")
            .raw(path)
            .raw(if here { "\" aria-current=\"page\">" } else { "\">" })
            .text(name)
            .raw("</a>\n");
    };
    to("/", words.today, matches!(page, Page::Today(_)));
    to("/outbox", words.outbox, matches!(page, Page::Outbox(..) | Page::Mail(_)));
    to("/search", words.search, matches!(page, Page::Search(_)));
    to("/stats", words.stats, matches!(page, Page::Stats(_)));
    if !frame.clients.is_empty() {
        html.raw("<details class=\"menu\"><summary>").text(words.clients).raw("</summary><ul>");
        for client in &frame.clients {
            html.raw("<li>").link("/client", &client.id, &client.name).raw("</li>");
        }
        html.raw("</ul></details>\n");
    }
    html.raw("</nav>\n<div class=\"switch\">");
    let (class, state) = match (frame.running, frame.paused) {
        (_, true) => ("state warn", words.paused),
        (true, false) => ("state good", words.running),
        (false, false) => ("state dull", words.stopped),
    };
    html.raw("<span class=\"").raw(class).raw("\">").text(state).raw("</span>");
    if frame.paused {
        forms.button(html, "resume", "", words.resume, "main");
    } else {
        forms.button(html, "pause", "", words.pause, "");
    }
    html.raw("</div>\n</header>\n");
    if frame.paused {
        html.raw("<p class=\"banner\">").text(words.paused_means).raw("</p>\n");
    }
}

fn plain(words: &Words, heading: &str, text: &str, back: bool) -> String {
    let mut html = Html::default();
    head(&mut html, words, heading);
    html.raw("<main class=\"plain\"><p class=\"brand\">fuseau</p><h1>")
        .text(heading)
        .raw("</h1>\n<p class=\"lines\">")
        .text(text)
        .raw("</p>\n");
    if back {
        html.raw("<p><a href=\"/\">").text(words.back).raw("</a></p>\n");
    }
    html.raw("</main>\n</body>\n</html>\n");
    html.done()
}

/// For somebody who is not let in.
pub fn locked(words: &Words) -> String {
    plain(words, words.locked, words.locked_text, false)
}

/// For a link that opens nothing any more.
pub fn stale(words: &Words) -> String {
    plain(words, words.locked, words.stale_text, false)
}

/// Something went wrong.
pub fn trouble(words: &Words, text: &str) -> String {
    plain(words, words.trouble, text, true)
}
