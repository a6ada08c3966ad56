//! Outbox, one mail of ours, one message: text only, HTML mail is never rendered.
use super::parts::{Forms, lines, mails, mark, promise_list, subject};
use crate::web::html::Html;
use crate::web::view::{Letter, Mail, Message};

/// What waits, and what left.
pub fn outbox(html: &mut Html, all: &[Mail], older: bool, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<h1>")
        .text(words.outbox)
        .raw("</h1>\n<p><a href=\"")
        .raw(if older { "/outbox" } else { "/outbox?all=1" })
        .raw("\">");
    html.text(if older { words.only_waiting } else { words.with_older }).raw("</a></p>\n<section>\n");
    mails(html, all, words.no_waiting, forms);
    html.raw("</section>\n");
}

fn fact(html: &mut Html, name: &str, inside: impl FnOnce(&mut Html)) {
    html.raw("<div><dt>").text(name).raw("</dt><dd>");
    inside(html);
    html.raw("</dd></div>\n");
}

fn text(html: &mut Html, heading: &str, text: &str) {
    html.raw("<section aria-labelledby=\"text\"><h2 id=\"text\">")
        .text(heading)
        .raw("</h2>\n<div class=\"letter\" dir=\"auto\">");
    html.text(text).raw("</div></section>\n");
}

/// One mail of ours with the gate's checks.
pub fn mail(html: &mut Html, letter: &Letter, forms: &Forms<'_>) {
    let (words, mail) = (forms.words, &letter.mail);
    html.raw("<h1>");
    subject(html, words, None, &mail.subject);
    html.raw("</h1>\n<p class=\"soft\">")
        .text(words.say(&mail.kind))
        .raw(" · <span class=\"")
        .raw(mark(mail.state))
        .raw("\">");
    html.text(words.say(mail.state)).raw("</span></p>\n");
    for why in &mail.why {
        html.raw("<p class=\"why\">").text(why).raw("</p>\n");
    }
    forms.mail(html, mail);
    html.raw("<dl class=\"facts\">\n");
    fact(html, words.from, |html| {
        html.foreign(&letter.from);
    });
    fact(html, words.to, |html| {
        html.foreign(&mail.to);
        if let Some(client) = &mail.client {
            html.raw(" · ").link("/client", &client.id, &client.name);
        }
    });
    if !mail.when.is_empty() {
        fact(html, words.when, |html| {
            html.text(&mail.when);
        });
    }
    if let Some(by) = &letter.promise {
        fact(html, words.promises_by, |html| {
            html.text(by);
        });
    }
    html.raw("</dl>\n");
    if let Some(answers) = &letter.answers {
        html.raw("<p>").link("/message", answers, words.answers).raw("</p>\n");
    }
    text(html, words.text, &letter.text);
    if !letter.checks.is_empty() {
        html.raw("<section aria-labelledby=\"gate\"><h2 id=\"gate\">")
            .text(words.checks)
            .raw("</h2>\n<ul class=\"checks\">\n");
        for (name, outcome, said) in &letter.checks {
            let class = match *outcome {
                "pass" | "exempt" => "mark good",
                "drop" => "mark bad",
                _ => "mark warn",
            };
            html.raw("<li><span class=\"")
                .raw(class)
                .raw("\">")
                .text(outcome)
                .raw("</span> <code>")
                .text(name)
                .raw("</code> ");
            html.text(said).raw("</li>\n");
        }
        html.raw("</ul></section>\n");
    }
}

/// One message with what was decided about it.
pub fn message(html: &mut Html, message: &Message, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<h1>");
    subject(html, words, None, &message.subject);
    html.raw("</h1>\n");
    if let Some(verdict) = message.verdict {
        html.raw("<p><span class=\"").raw(mark(verdict)).raw("\">").text(words.say(verdict)).raw("</span></p>\n");
    }
    html.raw("<dl class=\"facts\">\n");
    fact(html, words.from, |html| {
        html.foreign(&message.from);
        if let Some(client) = &message.client {
            html.raw(" · ").link("/client", &client.id, &client.name);
        }
    });
    fact(html, words.to, |html| {
        html.foreign(&message.to);
    });
    fact(html, words.when, |html| {
        html.text(&message.here);
        if message.there != message.here {
            html.raw(" <span class=\"there\">").text(words.their_time).raw(" ").text(&message.there).raw("</span>");
        }
    });
    if let Some(id) = &message.message_id {
        fact(html, "Message-ID", |html| {
            html.raw("<code>").text(id).raw("</code>");
        });
    }
    html.raw("</dl>\n");
    if !message.promises.is_empty() {
        html.raw("<section aria-labelledby=\"promises\"><h2 id=\"promises\">").text(words.promises).raw("</h2>\n");
        promise_list(html, &message.promises, forms);
        html.raw("</section>\n");
    }
    text(html, words.text, &message.text);
    if !message.reasons.is_empty() {
        html.raw("<section aria-labelledby=\"reasons\"><h2 id=\"reasons\">")
            .text(words.reasons)
            .raw("</h2>\n<ul class=\"checks\">\n");
        for (speaks, code, said) in &message.reasons {
            html.raw(if *speaks {
                "<li><span class=\"good\">●</span> <code>"
            } else {
                "<li><span class=\"dull\">○</span> <code>"
            });
            html.text(code).raw("</code> ").text(said).raw("</li>\n");
        }
        html.raw("</ul></section>\n");
    }
    if !message.mails.is_empty() {
        html.raw("<section aria-labelledby=\"ours\"><h2 id=\"ours\">").text(words.our_mails).raw("</h2>\n");
        mails(html, &message.mails, "", forms);
        html.raw("</section>\n");
    }
    if !message.conversation.is_empty() {
        html.raw("<section aria-labelledby=\"conversation\"><h2 id=\"conversation\">")
            .text(words.conversation)
            .raw("</h2>\n");
        lines(html, words, &message.conversation, "");
        html.raw("</section>\n");
    }
}
