//! How pages look: view values in, HTML out. Usable without script, by keyboard, at the width of a telephone.
mod letter;
mod parts;
mod today;

use super::html::Html;
use super::view::{Client, Frame, Line, Page};
use super::words::{Words, words};
use parts::{Forms, lines, person, promise_list};

/// The style sheet.
pub const STYLE: &str = include_str!("style.css");
/// The sign in the browser's tab: a spindle of day and night.
pub const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" \
    fill=\"#3f6ea8\"/><path d=\"M16 4c6 7 6 17 0 24z\" fill=\"#fdfcf9\"/><path d=\"M16 4c-6 7-6 17 0 24z\" fill=\"#f0914d\"/></svg>\n";

/// The word of an act, if there is such an act.
pub fn known_act(word: &str) -> Option<&'static str> {
    words(crate::model::Language::En).after.iter().map(|(act, _)| *act).find(|act| *act == word)
}

/// A whole page for somebody who is let in. `form` is the session's token for forms.
pub fn whole(frame: &Frame, page: &Page, form: &str, said: Option<&'static str>) -> String {
    let words = words(frame.language);
    let forms = Forms { words, token: form, back: &frame.path };
    let mut html = Html::default();
    let title = match page {
        Page::Today(_) => words.today,
        Page::Outbox(..) => words.outbox,
        Page::Mail(it) => &it.mail.subject,
        Page::Client(it) => &it.who.name,
        Page::Message(it) => &it.subject,
        Page::Search(..) => words.search,
    };
    head(&mut html, words, title);
    top(&mut html, frame, page, &forms);
    html.raw("<main id=\"content\" tabindex=\"-1\">\n");
    let after = said.and_then(|said| words.after.iter().find(|(act, _)| *act == said));
    if let Some((_, text)) = after {
        html.raw("<p class=\"said\" role=\"status\">").text(text).raw("</p>\n");
    }
    match page {
        Page::Today(it) => today::show(&mut html, frame, it, &forms),
        Page::Outbox(mails, all) => letter::outbox(&mut html, mails, *all, &forms),
        Page::Mail(it) => letter::mail(&mut html, it, &forms),
        Page::Client(it) => client(&mut html, it, &forms),
        Page::Message(it) => letter::message(&mut html, it, &forms),
        Page::Search(query, found, wrong) => search(&mut html, words, query, found, wrong.as_deref()),
    }
    html.raw("</main>\n<footer>");
    forms.form(&mut html, "/leave", "", None, |html| {
        html.raw("<button class=\"quiet\">").text(words.leave).raw("</button>");
    });
    html.raw("</footer>\n</body>\n</html>\n");
    html.done()
}

fn head(html: &mut Html, words: &Words, title: &str) {
    html.raw("<!doctype html>\n<html lang=\"").text(words.code).raw("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    html.text(title)
        .raw(" · fuseau</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n");
    html.raw(
        "<link rel=\"icon\" href=\"/icon.svg\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n",
    );
}

/// The head of the page: where one can go, and the one switch that stops everything.
fn top(html: &mut Html, frame: &Frame, page: &Page, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<a class=\"skip\" href=\"#content\">")
        .text(words.skip)
        .raw("</a>\n<header class=\"top\">\n<nav>\n<a class=\"brand\" href=\"/\">fuseau</a>\n");
    let mut to = |path: &'static str, name: &str, here: bool| {
        html.raw("<a href=\"")
            .raw(path)
            .raw(if here { "\" aria-current=\"page\">" } else { "\">" })
            .text(name)
            .raw("</a>\n");
    };
    to("/", words.today, matches!(page, Page::Today(_)));
    to("/outbox", words.outbox, matches!(page, Page::Outbox(..) | Page::Mail(_)));
    to("/search", words.search, matches!(page, Page::Search(..)));
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

fn client(html: &mut Html, client: &Client, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<h1>").foreign(&client.who.name).raw("</h1>\n<div class=\"people one\">");
    person(html, words, &client.who);
    html.raw("</div>\n<section aria-labelledby=\"promises\"><h2 id=\"promises\">").text(words.promises).raw("</h2>\n");
    promise_list(html, &client.promises, forms);
    html.raw("</section>\n<section aria-labelledby=\"history\"><h2 id=\"history\">").text(words.history).raw("</h2>\n");
    lines(html, words, &client.lines, words.no_history);
    if client.older > 0 {
        html.raw("<p class=\"soft\">").text(&client.older.to_string()).text(words.older).raw("</p>\n");
    }
    html.raw("</section>\n");
}

fn search(html: &mut Html, words: &Words, query: &str, found: &[Line], wrong: Option<&str>) {
    html.raw("<h1>").text(words.search).raw("</h1>\n<form class=\"search\" role=\"search\" action=\"/search\" method=\"get\"><label class=\"hidden\" for=\"q\">");
    html.text(words.search_hint).raw(
        "</label><input id=\"q\" name=\"q\" type=\"search\" maxlength=\"400\" autocomplete=\"off\" placeholder=\"",
    );
    html.text(words.search_hint)
        .raw("\" value=\"")
        .text(query)
        .raw("\"><button class=\"main\">")
        .text(words.search)
        .raw("</button></form>\n");
    if let Some(wrong) = wrong {
        html.raw("<pre class=\"wrong\" role=\"alert\">").text(wrong).raw("</pre>\n");
    } else if !query.is_empty() {
        lines(html, words, found, words.nothing_found);
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
