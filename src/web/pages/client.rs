//! *Client*: their present, the next window and the common hours, what is promised, the history by time or by conversation.
use super::lines::{lines, threads};
use super::parts::{Forms, band, person, promise_list, section};
use super::search;
use crate::web::html::{Html, encoded};
use crate::web::view::Client;

/// The page.
pub fn show(html: &mut Html, client: &Client, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<div class=\"title\"><h1>").foreign(&client.who.name).raw("</h1><p class=\"soft\" dir=\"ltr\">");
    html.text(&client.zone)
        .raw("</p><p><a href=\"/stats?client=")
        .text(&encoded(&client.id))
        .raw("\">")
        .text(words.stats);
    html.raw("</a></p></div>\n<div class=\"columns\">\n<div>\n");
    section(html, "promises", words.promises, |html| promise_list(html, &client.promises, forms));
    html.raw("</div>\n<div>\n<div class=\"people one\">");
    person(html, words, &client.who);
    html.raw("</div>\n");
    if let Some((here, there)) = &client.window {
        html.raw("<p class=\"next\">").text(words.window).raw(": <strong>").text(here).raw("</strong>");
        if !there.is_empty() {
            html.raw(" <span class=\"there\"><span class=\"hidden\">").text(words.their_time).raw(" </span>");
            html.text(there).raw("</span>");
        }
        html.raw("</p>\n");
    }
    html.raw("</div>\n</div>\n");
    section(html, "hours", words.hours, |html| band(html, words, &client.band));
    section(html, "history", words.history, |html| {
        let query = client.search.as_ref().map_or("", |search| search.query.as_str());
        search::field(html, words, query, None, Some(&client.id));
        search::found(html, words, client.search.as_ref().unwrap_or(&crate::web::view::Search::default()), true);
        past(html, client, forms);
    });
}

fn past(html: &mut Html, client: &Client, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<p class=\"switches\">");
    let by_thread = client.threads.is_some();
    for (thread, said) in [(false, words.by_time), (true, words.by_thread)] {
        html.raw("<a href=\"/client?id=").text(&encoded(&client.id)).raw(if thread {
            "&amp;by=thread\""
        } else {
            "\""
        });
        html.raw(if thread == by_thread { " aria-current=\"true\">" } else { ">" }).text(said).raw("</a> ");
    }
    html.raw("</p>\n");
    match &client.threads {
        Some(all) => threads(html, words, all, &client.lines),
        None => lines(html, words, &client.lines, words.no_history),
    }
    if client.older {
        html.raw("<p><a href=\"/client?id=").text(&encoded(&client.id)).raw(if by_thread {
            "&amp;by=thread"
        } else {
            ""
        });
        html.raw("&amp;n=").text(&client.shown.saturating_mul(2).to_string()).raw("\">").text(words.show_older);
        html.raw("</a></p>\n");
    }
}
