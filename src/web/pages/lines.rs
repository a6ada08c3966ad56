//! Lines of the history on both clocks, what became of their promises, conversations that fold.
use super::parts::{mark, subject, whys};
use crate::web::html::{Html, encoded};
use crate::web::view::{Event, Line, Outcome, Own, Step, Thread};
use crate::web::words::{Words, fill};

/// A moment on the owner's clock, and on the client's where it is another one.
pub fn clocks(html: &mut Html, words: &Words, here: &str, there: &str) {
    html.raw("<time>").text(here).raw("</time>");
    if !there.is_empty() && there != here {
        html.raw(" <span class=\"there\"><span class=\"hidden\">")
            .text(words.their_time)
            .raw(" </span>")
            .text(there)
            .raw("</span>");
    }
}

/// What became of a promise, and by how much.
fn outcome(words: &Words, it: &Outcome) -> String {
    let by = |form: &str| it.minutes.map(|minutes| fill(form, &words.span(minutes)));
    let late = it.minutes.is_some_and(|minutes| minutes > 0);
    let said = match (it.state, late) {
        ("kept", false) => by(words.kept_early),
        ("kept", true) => by(words.kept_late),
        ("lapsed", true) => by(words.missed_late),
        ("lapsed", false) => by(words.missed_open),
        ("open", _) => it.minutes.map(|minutes| words.time_left(minutes)),
        _ => None,
    };
    said.unwrap_or_else(|| words.say(it.state).to_owned())
}

fn promise(html: &mut Html, words: &Words, it: &Outcome) {
    let when = if it.there.is_empty() { it.here.clone() } else { format!("{} = {}", it.here, it.there) };
    let late = it.state == "kept" && it.minutes.is_some_and(|minutes| minutes > 0);
    html.raw("<p class=\"outcome\"><span class=\"")
        .raw(if late { "mark warn" } else { mark(it.state) })
        .raw("\">")
        .text(&outcome(words, it))
        .raw("</span> <span class=\"soft\">· ")
        .filled(if it.told { words.promised_by } else { words.aimed_at }, &when)
        .raw("</span></p>");
}

/// The promises of a message, each with its life.
pub fn life(html: &mut Html, words: &Words, all: &[(Outcome, Vec<Step>)]) {
    for (it, steps) in all {
        promise(html, words, it);
        html.raw("<ol class=\"steps\">\n");
        for step in steps {
            html.raw("<li><time class=\"soft\">").text(&step.when).raw("</time> ");
            if step.state != "open" {
                html.raw("<span class=\"").raw(mark(step.state)).raw("\">").text(words.say(step.state)).raw("</span> ");
            }
            html.text(words.cause(&step.cause));
            if !step.by.is_empty() {
                html.raw(" <span class=\"soft\">").filled(words.by, &step.by).raw("</span>");
            }
            html.raw("</li>\n");
        }
        html.raw("</ol>\n");
    }
}

/// Lines of the history.
pub fn lines(html: &mut Html, words: &Words, all: &[Event], empty: &str) {
    if all.is_empty() {
        html.raw("<p class=\"empty\">").text(empty).raw("</p>\n");
        return;
    }
    html.raw("<ol class=\"timeline\">\n");
    for it in all {
        match it {
            Event::Mail(it) => line(html, words, it),
            Event::Own(it) => own(html, words, it),
        }
    }
    html.raw("</ol>\n");
}

/// What stands above the owner's words.
pub fn title<'a>(words: &'a Words, own: &'a Own) -> &'a str {
    if own.kind == "visit" { words.met } else { &own.title }
}

/// A note or a visit.
fn own(html: &mut Html, words: &Words, own: &Own) {
    html.raw("<li class=\"own\"><p class=\"soft\">");
    clocks(html, words, &own.here, &own.there);
    html.raw("</p><p class=\"subject\">");
    if own.marked.is_empty() {
        subject(html, words, Some(("/note", &own.id)), title(words, own));
    } else {
        html.raw("<a href=\"/note?id=").text(&encoded(&own.id)).raw("\"><bdi>");
        marked(html, &own.marked);
        html.raw("</bdi></a>");
    }
    html.raw("</p>");
    about(html, words, own);
    if !own.text.is_empty() {
        html.raw("<p class=\"note\" dir=\"auto\">").text(&own.text).raw("</p>");
    }
    passage(html, &own.snippet);
    html.raw("</li>\n");
}

/// What it is, and about whom; a visit says in its title what it is.
pub fn about(html: &mut Html, words: &Words, own: &Own) {
    let kind = Some(words.say(own.kind)).filter(|_| own.kind != "visit");
    if kind.is_none() && own.client.is_none() {
        return;
    }
    html.raw("<p class=\"soft\">").text(kind.unwrap_or_default());
    if let Some(client) = &own.client {
        html.raw(if kind.is_some() { " · " } else { "" }).link("/client", &client.id, &client.name);
    }
    html.raw("</p>");
}

fn passage(html: &mut Html, pieces: &[(String, bool)]) {
    if !pieces.is_empty() {
        html.raw("<p class=\"snippet\"><bdi>");
        marked(html, pieces);
        html.raw("</bdi></p>");
    }
}

fn line(html: &mut Html, words: &Words, line: &Line) {
    html.raw(if line.incoming {
        "<li class=\"in\">"
    } else if line.ours {
        "<li class=\"out ours\">"
    } else {
        "<li class=\"out\">"
    });
    html.raw("<p class=\"soft\">");
    clocks(html, words, &line.here, &line.there);
    html.raw("</p><p class=\"subject\">");
    let page = if line.ours { "/mail" } else { "/message" };
    if line.title.is_empty() {
        subject(html, words, Some((page, &line.exchange)), &line.subject);
    } else {
        html.raw("<a href=\"").raw(page).raw("?id=").text(&encoded(&line.exchange)).raw("\"><bdi>");
        marked(html, &line.title);
        html.raw("</bdi></a>");
    }
    html.raw("</p><p class=\"soft\">").text(words.say(&line.kind)).raw(" · <span class=\"hidden\">");
    html.text(if line.incoming { words.from } else { words.to })
        .raw(" </span><span class=\"way\" aria-hidden=\"true\">");
    // The arrow points from the one to the other in both writing directions.
    html.raw(if line.incoming != words.rtl { "← " } else { "→ " }).raw("</span>").foreign(&line.who);
    if let Some(client) = &line.client {
        html.raw(" · ").link("/client", &client.id, &client.name);
    }
    if let Some(verdict) = line.verdict {
        html.raw(" · <span class=\"").raw(mark(verdict)).raw("\">").text(words.say(verdict)).raw("</span>");
    }
    html.raw("</p>");
    passage(html, &line.snippet);
    for it in &line.promises {
        promise(html, words, it);
    }
    whys(html, &line.why);
    html.raw("</li>\n");
}

/// A passage with the words that were looked for.
fn marked(html: &mut Html, pieces: &[(String, bool)]) {
    for (text, hit) in pieces {
        if *hit {
            html.raw("<mark>").text(text).raw("</mark>");
        } else {
            html.text(text);
        }
    }
}

/// Conversations, each folded up; those that wait for an answer, and the newest one, are open. Below them what belongs to none.
pub fn threads(html: &mut Html, words: &Words, all: &[Thread], own: &[Event]) {
    if all.is_empty() && own.is_empty() {
        html.raw("<p class=\"empty\">").text(words.no_history).raw("</p>\n");
        return;
    }
    for (at, thread) in all.iter().enumerate() {
        fold(html, words, at == 0 || thread.open, &thread.lines, |html| {
            html.raw("<span class=\"subject\">");
            subject(html, words, None, &thread.subject);
            html.raw("</span> <span class=\"soft\">")
                .text(&fill(words.entries, &thread.lines.len().to_string()))
                .raw(" · ");
            html.text(&thread.last).raw("</span>");
            if thread.open {
                html.raw(" <span class=\"mark warn\">").text(words.say("open")).raw("</span>");
            }
        });
    }
    if !own.is_empty() {
        fold(html, words, all.is_empty(), own, |html| {
            html.raw("<span class=\"subject\">").text(words.own_notes).raw("</span>");
        });
    }
}

fn fold(html: &mut Html, words: &Words, open: bool, all: &[Event], head: impl FnOnce(&mut Html)) {
    html.raw(if open { "<details class=\"thread\" open>" } else { "<details class=\"thread\">" });
    html.raw("<summary>");
    head(html);
    html.raw("</summary>\n");
    lines(html, words, all, "");
    html.raw("</details>\n");
}
