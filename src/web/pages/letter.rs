//! Outbox, one mail of ours, one message: text only, HTML mail is never rendered.
use super::lines::{about, clocks, life, lines, title};
use super::parts::{Forms, mails, mark, promise_list, section, subject};
use crate::web::html::{Html, encoded};
use crate::web::view::{Letter, Mail, Message, Own};
use crate::web::words::Words;

/// What waits, and what left.
pub fn outbox(html: &mut Html, all: &[Mail], older: bool, forms: &Forms<'_>) {
    let words = forms.words;
    html.raw("<h1>")
        .text(words.outbox)
        .raw("</h1>\n<p><a href=\"")
        .raw(if older { "/outbox" } else { "/outbox?all=1" })
        .raw("\">");
    html.text(if older { words.only_waiting } else { words.with_older })
        .raw("</a></p>\n<section aria-label=\"")
        .text(words.outbox)
        .raw("\">\n");
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
        html.raw("<p class=\"why\">").english(why).raw("</p>\n");
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
                .raw("\" lang=\"en\">")
                .text(outcome)
                .raw("</span> <code>")
                .text(name)
                .raw("</code> ");
            html.english(said).raw("</li>\n");
        }
        html.raw("</ul></section>\n");
    }
}

/// A note or a visit, in the owner's words.
pub fn note(html: &mut Html, words: &Words, own: &Own) {
    html.raw("<h1>").foreign(title(words, own)).raw("</h1>\n");
    about(html, words, own);
    html.raw("<dl class=\"facts\">\n");
    fact(html, words.when, |html| clocks(html, words, &own.here, &own.there));
    html.raw("</dl>\n");
    text(html, words.text, &own.text);
}

/// The text of a message, and the way to its bytes.
fn said(html: &mut Html, words: &Words, message: &Message) {
    text(html, words.text, &message.text);
    if message.text_cut {
        html.raw("<p class=\"soft\">").text(words.goes_on).raw("</p>\n");
    }
    if let Some(size) = message.source {
        html.raw("<p><a href=\"/source?id=").text(&encoded(&message.id)).raw("\" download>").text(words.source);
        html.raw("</a> <span class=\"soft\" dir=\"ltr\">").text(&kibibytes(size)).raw("</span></p>\n");
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
    if !message.attachments.is_empty() {
        fact(html, words.attachments, |html| {
            for name in &message.attachments {
                html.raw("<span class=\"file\">").foreign(name).raw("</span> ");
            }
        });
    }
    html.raw("</dl>\n");
    if !message.promises.is_empty() {
        section(html, "promises", words.promises, |html| promise_list(html, &message.promises, forms));
    }
    said(html, words, message);
    if !message.reasons.is_empty() {
        section(html, "reasons", words.reasons, |html| {
            html.raw("<ul class=\"checks\">\n");
            for why in &message.reasons {
                html.raw(if why.speaks {
                    "<li><span class=\"good\" aria-hidden=\"true\">●</span> "
                } else {
                    "<li><span class=\"dull\" aria-hidden=\"true\">○</span> "
                });
                if let Some(said) = &why.said {
                    html.text(said).raw(" · ");
                }
                html.raw("<code>").text(why.code).raw("</code> ").english(&why.detail).raw("</li>\n");
            }
            html.raw("</ul>");
        });
    }
    if !message.lives.is_empty() {
        section(html, "life", words.life, |html| life(html, words, &message.lives));
    }
    if !message.mails.is_empty() {
        section(html, "ours", words.our_mails, |html| mails(html, &message.mails, "", forms));
    }
    if !message.conversation.is_empty() {
        section(html, "conversation", words.conversation, |html| lines(html, words, &message.conversation, ""));
    }
}

fn kibibytes(size: usize) -> String {
    if size < 1024 { format!("{size} B") } else { format!("{} KiB", size / 1024) }
}
