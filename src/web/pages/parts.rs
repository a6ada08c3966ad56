//! Parts of several pages: forms, people, promises, mails, reasons. Lines of the history: lines.rs.
use crate::web::html::Html;
use crate::web::view::{Doing, Mail, Person, Promised, Why};
use crate::web::words::Words;

/// What every form needs.
pub struct Forms<'a> {
    /// The words.
    pub words: &'static Words,
    /// The session's token.
    pub token: &'a str,
    /// The page to come back to.
    pub back: &'a str,
}

impl Forms<'_> {
    /// A form for an act.
    pub fn form(
        &self,
        html: &mut Html,
        to: &'static str,
        act: &'static str,
        id: Option<&str>,
        inside: impl FnOnce(&mut Html),
    ) {
        html.raw("<form method=\"post\" action=\"")
            .raw(to)
            .raw("\"><input type=\"hidden\" name=\"token\" value=\"")
            .text(self.token);
        html.raw("\"><input type=\"hidden\" name=\"back\" value=\"").text(self.back).raw("\">");
        if !act.is_empty() {
            html.raw("<input type=\"hidden\" name=\"act\" value=\"").raw(act).raw("\">");
        }
        if let Some(id) = id {
            html.raw("<input type=\"hidden\" name=\"id\" value=\"").text(id).raw("\">");
        }
        inside(html);
        html.raw("</form>");
    }

    /// A form of one button.
    pub fn button(&self, html: &mut Html, act: &'static str, id: &str, words: &str, class: &'static str) {
        self.form(html, "/act", act, Some(id), |html| {
            html.raw("<button class=\"").raw(class).raw("\">").text(words).raw("</button>");
        });
    }

    /// What can be done to a promise.
    fn promise(&self, html: &mut Html, exchange: &str) {
        let words = self.words;
        html.raw("<div class=\"acts\">");
        self.button(html, "done", exchange, words.done, "main");
        html.raw("<details class=\"menu\"><summary>").text(words.later).raw("</summary><ul>");
        for (span, said) in [("1d", words.later_1d), ("2d", words.later_2d), ("1w", words.later_1w)] {
            html.raw("<li>");
            self.form(html, "/act", "later", Some(exchange), |html| {
                html.raw("<button name=\"for\" value=\"").text(span).raw("\">").text(said).raw("</button>");
            });
            html.raw("</li>");
        }
        html.raw("</ul></details></div>");
    }

    /// What can be done to a mail that waits.
    pub fn mail(&self, html: &mut Html, mail: &Mail) {
        if !mail.waits {
            return;
        }
        html.raw("<div class=\"acts\">");
        self.button(html, "send", &mail.id, self.words.send, "main");
        if mail.held {
            self.button(html, "release", &mail.id, self.words.release, "");
        } else {
            self.button(html, "hold", &mail.id, self.words.hold, "");
        }
        // What cannot be taken back is asked once more.
        html.raw("<details class=\"menu\"><summary>").text(self.words.drop).raw("</summary><ul><li>");
        self.button(html, "drop", &mail.id, self.words.drop_sure, "danger");
        html.raw("</li></ul></details></div>");
    }
}

/// Somebody's present, as a card.
pub fn person(html: &mut Html, words: &Words, person: &Person) {
    let (class, doing) = match person.doing {
        Doing::Night => ("person night", words.at_night),
        Doing::Awake => ("person awake", words.is_awake),
        Doing::Work => ("person work", words.at_work),
        Doing::Window => ("person window", words.in_window),
    };
    html.raw("<div class=\"").raw(class).raw("\"><p class=\"name\">");
    match &person.id {
        Some(id) => html.link("/client", id, &person.name),
        None => html.text(&person.name),
    };
    html.raw("</p><p class=\"clock\">").text(&person.clock);
    if !person.day.is_empty() {
        html.raw(" <span class=\"soft\">").text(&person.day).raw("</span>");
    }
    html.raw("</p><p class=\"soft\">");
    html.text(&person.place);
    if !person.gap.is_empty() {
        html.raw(" · ").text(&person.gap);
    }
    html.raw("</p><p class=\"doing\">").text(doing).raw("</p></div>\n");
}

/// Promises with the time that is left.
pub fn promise_list(html: &mut Html, promises: &[Promised], forms: &Forms<'_>) {
    let words = forms.words;
    if promises.is_empty() {
        html.raw("<p class=\"empty\">").text(words.no_promises).raw("</p>\n");
        return;
    }
    html.raw("<ul class=\"list\">\n");
    for promise in promises {
        let open = promise.state == "open";
        let class = match promise.left {
            _ if promise.state == "lapsed" => "badge bad",
            _ if !open => "badge dull",
            ..0 => "badge bad",
            0..=120 => "badge warn",
            _ => "badge good",
        };
        let left = if open { words.time_left(promise.left) } else { words.say(promise.state).to_owned() };
        html.raw("<li><div class=\"row\"><span class=\"")
            .raw(class)
            .raw("\">")
            .text(&left)
            .raw("</span><div class=\"what\"><p class=\"subject\">");
        subject(html, words, promise.exchange.as_deref().map(|id| ("/message", id)), &promise.subject);
        html.raw("</p><p class=\"soft\">")
            .link("/client", &promise.client.id, &promise.client.name)
            .raw(" · ")
            .text(&promise.here);
        if promise.there != promise.here {
            html.raw(" <span class=\"there\">").text(words.their_time).raw(" ").text(&promise.there).raw("</span>");
        }
        if !promise.told {
            html.raw(" · ").text(words.not_told);
        }
        html.raw("</p></div>");
        if let Some(id) = promise.exchange.as_deref().filter(|_| open) {
            forms.promise(html, id);
        }
        html.raw("</div></li>\n");
    }
    html.raw("</ul>\n");
}

/// Mails of ours.
pub fn mails(html: &mut Html, mails: &[Mail], empty: &str, forms: &Forms<'_>) {
    let words = forms.words;
    if mails.is_empty() {
        html.raw("<p class=\"empty\">").text(empty).raw("</p>\n");
        return;
    }
    html.raw("<ul class=\"list\">\n");
    for mail in mails {
        html.raw("<li><div class=\"row\"><div class=\"what\"><p class=\"subject\">");
        subject(html, words, Some(("/mail", &mail.id)), &mail.subject);
        html.raw("</p><p class=\"soft\">").text(words.say(&mail.kind)).raw(" · ");
        match &mail.client {
            Some(client) => html.link("/client", &client.id, &client.name),
            None => html.foreign(&mail.to),
        };
        html.raw(" · ")
            .raw("<span class=\"")
            .raw(mark(mail.state))
            .raw("\">")
            .text(words.say(mail.state))
            .raw("</span>");
        if !mail.when.is_empty() {
            html.raw(" · ").text(&mail.when);
        }
        html.raw("</p>");
        for why in &mail.why {
            html.raw("<p class=\"why\">").english(why).raw("</p>");
        }
        html.raw("</div>");
        forms.mail(html, mail);
        html.raw("</div></li>\n");
    }
    html.raw("</ul>\n");
}

/// How a state looks.
pub fn mark(state: &str) -> &'static str {
    match state {
        "sent" | "kept" | "acknowledge" | "you_answered" | "colleague_answered" => "mark good",
        "failed" | "unknown" | "lapsed" => "mark bad",
        "queued" | "sending" | "drafted" | "hold" => "mark warn",
        _ => "mark dull",
    }
}

/// A subject, as a link where it leads somewhere.
pub fn subject(html: &mut Html, words: &Words, to: Option<(&'static str, &str)>, subject: &str) {
    let shown = if subject.trim().is_empty() { words.no_subject } else { subject };
    match to {
        Some((path, id)) => html.link(path, id, shown),
        None => html.foreign(shown),
    };
}

/// Reasons: in the owner's language where it has words for them, with the evidence of the rules.
pub fn whys(html: &mut Html, all: &[Why]) {
    for why in all {
        html.raw("<p class=\"why\">");
        match &why.said {
            Some(said) => html.text(said).raw(" <small class=\"soft\">").english(&why.detail).raw("</small>"),
            None => html.english(&why.detail),
        };
        html.raw("</p>");
    }
}

/// A section with its heading.
pub fn section(html: &mut Html, id: &'static str, heading: &str, inside: impl FnOnce(&mut Html)) {
    html.raw("<section aria-labelledby=\"").raw(id).raw("\"><h2 id=\"").raw(id).raw("\">").text(heading).raw("</h2>\n");
    inside(html);
    html.raw("</section>\n");
}

/// The picture of common hours; its texts are English, its time runs from left to right in every language.
pub fn band(html: &mut Html, words: &Words, picture: &crate::web::html::Picture) {
    html.raw("<div class=\"band\" lang=\"en\" dir=\"ltr\" tabindex=\"0\" role=\"region\" aria-label=\"")
        .text(words.hours)
        .raw("\">")
        .picture(picture)
        .raw("</div>\n");
}
