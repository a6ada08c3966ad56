//! *Search*: the field, what was found with the words marked, what is wrong with a query and where.
use super::lines::lines;
use crate::web::html::{Html, encoded};
use crate::web::view::{Named, Search, Wrong};
use crate::web::words::{Words, fill};

/// The page.
pub fn show(html: &mut Html, words: &Words, search: &Search) {
    html.raw("<h1>").text(words.search).raw("</h1>\n<div>");
    field(html, words, &search.query, search.client.as_ref(), None);
    found(html, words, search, true);
    html.raw("</div>\n");
    help(html, words, search.query.is_empty() || search.wrong.is_some());
}

/// The field. On a client's page (`here`) it stays there and finds what was exchanged with them.
pub fn field(html: &mut Html, words: &Words, query: &str, client: Option<&Named>, here: Option<&str>) {
    let hint = if here.is_some() { words.search_here } else { words.search_hint };
    html.raw("<form class=\"search\" role=\"search\" action=\"")
        .raw(if here.is_some() { "/client" } else { "/search" })
        .raw("\" method=\"get\"><label class=\"hidden\" for=\"q\">")
        .text(hint)
        .raw("</label>");
    if let Some(id) = here {
        html.raw("<input type=\"hidden\" name=\"id\" value=\"").text(id).raw("\">");
    }
    if let Some(client) = client {
        html.raw("<input type=\"hidden\" name=\"client\" value=\"").text(&client.id).raw("\">");
    }
    html.raw("<input id=\"q\" name=\"q\" type=\"search\" maxlength=\"400\" autocomplete=\"off\" spellcheck=\"false\" ");
    html.raw("dir=\"auto\" aria-controls=\"found\" placeholder=\"").text(hint).raw("\" value=\"").text(query);
    html.raw("\"><button class=\"main\">").text(words.search).raw("</button></form>\n");
}

/// What was found: the number, said aloud when it changes, and the lines.
pub fn found(html: &mut Html, words: &Words, search: &Search, whole: bool) {
    html.raw("<p id=\"count\" class=\"soft\" role=\"status\" aria-live=\"polite\">").text(&count(words, search));
    html.raw("</p>\n<div id=\"found\">\n");
    if let Some(wrong) = &search.wrong {
        fault(html, words, wrong, whole);
    } else if !search.query.trim().is_empty() {
        lines(html, words, &search.found, words.nothing_found);
        pages(html, words, search);
        if search.cut_short {
            html.raw("<p class=\"soft\">").text(words.cut_short).raw("</p>\n");
        }
    }
    if let Some((done, all)) = search.behind {
        html.raw("<p class=\"soft\">").text(&fill(words.behind, &format!("{done} / {all}"))).raw("</p>\n");
    }
    html.raw("</div>\n");
}

fn count(words: &Words, search: &Search) -> String {
    if search.wrong.is_some() || search.query.trim().is_empty() {
        return String::new();
    }
    if search.found.is_empty() {
        return words.nothing_found.to_owned();
    }
    let last = search.before + search.found.len();
    let which = if search.before == 0 { last.to_string() } else { format!("{}–{last}", search.before + 1) };
    fill(if search.more { words.found_more } else { words.found }, &which)
}

fn fault(html: &mut Html, words: &Words, wrong: &Wrong, whole: bool) {
    html.raw(if whole {
        "<div class=\"wrong\" role=\"alert\"><p><strong>"
    } else {
        "<div class=\"wrong\"><p><strong>"
    });
    html.text(words.wrong).raw("</strong></p>\n<p dir=\"ltr\"><code>").text(&wrong.before).raw("<mark>");
    html.text(if wrong.here.is_empty() { " " } else { &wrong.here }).raw("</mark>").text(&wrong.after);
    html.raw("</code></p>\n<p>").english(&wrong.what).raw("</p>\n<p class=\"soft\">").english(&wrong.remedy);
    html.raw("</p></div>\n");
}

fn pages(html: &mut Html, words: &Words, search: &Search) {
    if search.page < 2 && !search.more {
        return;
    }
    html.raw("<p class=\"pages\">");
    let mut to = |page: usize, rel: &'static str, said: &str| {
        html.raw("<a rel=\"").raw(rel).raw("\" href=\"/search?q=").text(&encoded(&search.query));
        if let Some(client) = &search.client {
            html.raw("&amp;client=").text(&encoded(&client.id));
        }
        html.raw("&amp;page=").text(&page.to_string()).raw("\">").text(said).raw("</a> ");
    };
    if search.page > 1 {
        to(search.page - 1, "prev", words.previous_page);
    }
    if search.more {
        to(search.page + 1, "next", words.next_page);
    }
    html.raw("</p>\n");
}

/// What can be typed.
fn help(html: &mut Html, words: &Words, open: bool) {
    html.raw(if open { "<details class=\"help\" open><summary>" } else { "<details class=\"help\"><summary>" });
    html.text(words.help).raw("</summary>\n<dl class=\"facts\">\n");
    let rows: [(&'static str, &str); 12] = [
        ("logo relaunch", words.help_words),
        ("\"trade fair\"", words.help_phrase),
        ("invoi*", words.help_prefix),
        ("-newsletter", words.help_not),
        ("logo OR sketch", words.help_or),
        ("from:anna to:claire subject:invoice", words.help_from),
        ("client:acme", words.help_client),
        ("kind:acknowledgement", words.help_kind),
        ("in:sent", words.help_in),
        ("after:2027-01-31 before:yesterday", words.help_days),
        ("has:attachment", words.help_attachment),
        ("is:open is:held is:in is:out", words.help_is),
    ];
    for (typed, means) in rows {
        html.raw("<div><dt><code dir=\"ltr\">").text(typed).raw("</code></dt><dd>").text(means).raw("</dd></div>\n");
    }
    html.raw("</dl></details>\n");
}
