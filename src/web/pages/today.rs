//! *Today*: who is awake, what is promised, what waits, what left, what did not.
use super::parts::{Forms, band, mails, mark, person, promise_list, section, subject, whys};
use crate::web::html::Html;
use crate::web::view::{Frame, Health, Today, Withheld};
use crate::web::words::{Words, fill};

/// The page.
pub fn show(html: &mut Html, frame: &Frame, today: &Today, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<div class=\"title\"><h1>")
        .text(words.today)
        .raw("</h1><p class=\"soft\">")
        .text(&frame.now)
        .raw(" · ")
        .text(&frame.place)
        .raw("</p>");
    if let Some(window) = &today.window {
        html.raw("<p class=\"next\">").text(words.window).raw(": <strong>").text(window).raw("</strong></p>");
    }
    html.raw("</div>\n");
    section(html, "awake", words.awake, |html| {
        html.raw("<div class=\"people\">\n");
        for one in &today.people {
            person(html, words, one);
        }
        html.raw("</div>\n");
    });
    html.raw("<div class=\"columns\">\n<div>\n");
    section(html, "promises", words.promises, |html| {
        promise_list(html, &today.promises, forms);
        more(html, words, today.more_promises, None);
    });
    section(html, "waiting", words.waiting, |html| {
        mails(html, &today.waiting, words.no_waiting, forms);
        more(html, words, today.more_waiting, Some("/outbox"));
    });
    html.raw("</div>\n<div>\n");
    section(html, "drafts", words.drafts, |html| mails(html, &today.drafts, words.no_drafts, forms));
    section(html, "mailboxes", words.mailboxes, |html| {
        for rest in &today.rests {
            html.raw("<p class=\"why bad\">").english(rest).raw("</p>\n");
        }
        health(html, words, &today.health);
    });
    html.raw("</div>\n</div>\n");
    section(html, "hours", words.hours, |html| band(html, words, &today.band));
    html.raw("<div class=\"columns\">\n");
    section(html, "sent", words.sent, |html| mails(html, &today.sent, words.no_sent, forms));
    section(html, "withheld", words.withheld, |html| withheld(html, words, &today.withheld));
    html.raw("</div>\n");
}

fn more(html: &mut Html, words: &Words, more: usize, to: Option<&'static str>) {
    if more == 0 {
        return;
    }
    let said = fill(words.more, &more.to_string());
    html.raw("<p class=\"soft\">");
    match to {
        Some(path) => html.raw("<a href=\"").raw(path).raw("\">").text(&said).raw("</a>"),
        None => html.text(&said),
    };
    html.raw("</p>\n");
}

fn withheld(html: &mut Html, words: &Words, all: &[Withheld]) {
    if all.is_empty() {
        html.raw("<p class=\"empty\">").text(words.no_withheld).raw("</p>\n");
        return;
    }
    html.raw("<ul class=\"list\">\n");
    for one in all {
        html.raw("<li><p class=\"subject\">");
        subject(html, words, Some(("/message", &one.exchange)), &one.subject);
        html.raw("</p><p class=\"soft\"><span class=\"")
            .raw(mark(one.verdict))
            .raw("\">")
            .text(words.say(one.verdict))
            .raw("</span> · ");
        html.foreign(&one.who).raw(" · ").text(&one.when).raw("</p>");
        whys(html, &one.reasons);
        html.raw("</li>\n");
    }
    html.raw("</ul>\n");
}

fn health(html: &mut Html, words: &Words, all: &[Health]) {
    if all.is_empty() {
        html.raw("<p class=\"empty\">").text(words.no_mailboxes).raw("</p>\n");
        return;
    }
    html.raw("<ul class=\"list\">\n");
    for one in all {
        let (class, state) = match (&one.error, one.connected) {
            (Some(_), _) | (None, Some(false)) => ("mark bad", words.not_connected),
            (None, Some(true)) => ("mark good", words.connected),
            (None, None) => ("mark dull", words.stopped),
        };
        html.raw("<li><p class=\"subject\">").text(&one.name).raw("</p><p class=\"soft\">").text(words.say(one.mode));
        html.raw(" · <span class=\"").raw(class).raw("\">").text(state).raw("</span>");
        if let Some(looked) = &one.looked {
            html.raw(" · ").text(&fill(words.looked, looked));
        }
        html.raw("</p>");
        if let Some(rung) = &one.rung {
            html.raw("<p class=\"soft\">").english(rung).raw("</p>");
        }
        if let Some(error) = &one.error {
            html.raw("<p class=\"why bad\">").english(error).raw("</p>");
        }
        html.raw("</li>\n");
    }
    html.raw("</ul>\n");
}
