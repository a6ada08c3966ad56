//! *Figures*: tables that can be read aloud, and the pictures of `fuseau stats`.
use super::parts::section;
use crate::web::html::{Html, encoded};
use crate::web::view::{Asked, Figures, Stats, Wait};
use crate::web::words::{Words, fill};

/// The page.
pub fn show(html: &mut Html, words: &Words, stats: &Stats) {
    html.raw("<div class=\"title\"><h1>").text(words.stats).raw("</h1>");
    if let Some(client) = &stats.client {
        html.raw("<p>").link("/client", &client.id, &client.name).raw("</p>");
    }
    html.raw("</div>\n<p class=\"switches\">");
    for (all, said) in [(false, words.stats_year), (true, words.stats_all)] {
        html.raw("<a href=\"/stats?").raw(if all { "all=1" } else { "" });
        if let Some(client) = &stats.client {
            html.raw("&amp;client=").text(&encoded(&client.id));
        }
        html.raw(if all == stats.all { "\" aria-current=\"true\">" } else { "\">" }).text(said).raw("</a> ");
    }
    html.raw("</p>\n");
    if stats.empty {
        html.raw("<p class=\"empty\">").text(words.stats_none).raw("</p>\n");
        return;
    }
    html.raw("<dl class=\"numbers\">");
    let names = [words.stats_received, words.stats_written, words.stats_automatic];
    for (name, count) in names.into_iter().zip(stats.counts) {
        html.raw("<div><dt>").text(name).raw("</dt><dd>").text(&count.to_string()).raw("</dd></div>");
    }
    html.raw("</dl>\n<div class=\"columns even\">\n");
    section(html, "answers", words.stats_answers, |html| waits(html, words, stats));
    section(html, "promises", words.promises, |html| promises(html, words, &stats.promises));
    html.raw("</div>\n");
    if stats.client.is_none() && !stats.clients.is_empty() {
        section(html, "clients", words.stats_clients, |html| clients(html, words, stats));
    }
    if !stats.asked.is_empty() {
        section(html, "asked", words.stats_asked, |html| stats.asked.iter().for_each(|it| asked(html, words, it)));
    }
    section(html, "pictures", words.stats_pictures, |html| {
        for picture in &stats.pictures {
            html.raw("<div class=\"band\" lang=\"en\" dir=\"ltr\" tabindex=\"0\" role=\"region\" aria-label=\"");
            html.text(words.stats_pictures).raw("\">").picture(picture).raw("</div>\n");
        }
    });
}

fn cell(html: &mut Html, text: &str) {
    html.raw("<td>").text(text).raw("</td>");
}

fn head(html: &mut Html, name: &str, names: &[&str]) {
    // What may be wider than a telephone is scrolled, by keyboard too.
    html.raw("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"")
        .text(name)
        .raw("\"><table><thead><tr><td></td>");
    for name in names {
        html.raw("<th scope=\"col\">").text(name).raw("</th>");
    }
    html.raw("</tr></thead><tbody>\n");
}

fn span(words: &Words, minutes: Option<i64>) -> String {
    minutes.map_or_else(|| "–".to_owned(), |minutes| words.span(minutes))
}

fn waits(html: &mut Html, words: &Words, stats: &Stats) {
    head(html, words.stats_answers, &[words.stats_count, words.stats_median, words.stats_p90, words.stats_longest]);
    for (name, wait) in [words.stats_working, words.stats_elapsed].into_iter().zip(stats.waits) {
        let Wait { count, median, p90, longest } = wait;
        html.raw("<tr><th scope=\"row\">").text(name).raw("</th>");
        cell(html, &count.to_string());
        for minutes in [median, p90, longest] {
            cell(html, &span(words, minutes));
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table></div>\n");
    if stats.waiting > 0 {
        html.raw("<p class=\"soft\">").text(&fill(words.stats_waiting, &stats.waiting.to_string())).raw("</p>\n");
    }
}

fn percent(it: &Figures) -> String {
    it.percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}

fn promises(html: &mut Html, words: &Words, it: &Figures) {
    html.raw("<p class=\"big\"><strong>").text(&percent(it)).raw("</strong> ").text(words.stats_percent).raw("</p>\n");
    html.raw("<dl class=\"facts tight\">");
    let rows = [
        (words.stats_made, it.made),
        (words.say("kept"), it.kept),
        (words.say("lapsed"), it.missed),
        (words.say("renewed"), it.renewed),
        (words.say("released"), it.released),
        (words.say("open"), it.open),
    ];
    for (name, count) in rows {
        html.raw("<div><dt>").text(name).raw("</dt><dd>").text(&count.to_string()).raw("</dd></div>\n");
    }
    html.raw("</dl>\n");
}

fn clients(html: &mut Html, words: &Words, stats: &Stats) {
    head(html, words.stats_clients, &[words.stats_received, words.stats_median, words.stats_made, words.stats_percent]);
    for (client, it) in &stats.clients {
        html.raw("<tr><th scope=\"row\"><a href=\"/stats?client=").text(&encoded(&client.id));
        html.raw(if stats.all { "&amp;all=1\">" } else { "\">" }).foreign(&client.name).raw("</a></th>");
        cell(html, &it.received.to_string());
        cell(html, &span(words, it.median));
        cell(html, &it.made.to_string());
        cell(html, &percent(it));
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table></div>\n");
}

fn asked(html: &mut Html, words: &Words, it: &Asked) {
    html.raw("<details class=\"thread\"><summary><span class=\"subject\">")
        .foreign(&it.words)
        .raw("</span> <span class=\"soft\">");
    html.text(&fill(words.entries, &it.mails.to_string())).raw("</span></summary>\n<p class=\"soft\">");
    for client in &it.clients {
        html.link("/client", &client.id, &client.name).raw(" ");
    }
    html.raw("</p>\n<ul class=\"list\">\n");
    for question in &it.questions {
        html.raw("<li><p>").link("/message", &question.exchange, &question.text).raw("</p><p class=\"soft\">");
        html.text(&question.when);
        if let Some(answer) = &question.answer {
            html.raw(" · ").link("/message", answer, words.stats_answer);
        }
        html.raw("</p></li>\n");
    }
    html.raw("</ul>\n");
    if let Some(topic) = &it.topic {
        html.raw("<p class=\"soft\">").filled(words.stats_known, topic).raw("</p>\n");
    }
    if let Some(proposal) = &it.proposal {
        html.raw("<p class=\"soft\">").text(words.stats_proposal).raw("</p>\n<pre class=\"letter\" dir=\"ltr\">");
        html.text(proposal).raw("</pre>\n");
    }
    html.raw("</details>\n");
}
