//! A dossier as one page: no script, nothing fetched from elsewhere, every foreign character escaped, made to be printed.
use super::{Dossier, Item, Own, Part};
use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:46rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem;margin:0}header p{color:#555;margin:.2rem 0 2rem}\
article{border-inline-start:4px solid #b9c4cf;padding:.1rem 1rem .6rem;margin:0 0 1.4rem;break-inside:avoid-page}\
article.out{border-color:#3b6ea5}article.auto{border-color:#c9a227}article.own{border-style:dotted}\
h2{font-size:1.05rem;margin:.2rem 0}.meta{color:#555;font-size:.9rem;margin:0}\
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.6rem 0 0}.promise{margin:.5rem 0 0;font-style:italic}\
table{border-collapse:collapse;font-size:.75rem;width:100%}td,th{border-bottom:1px solid #ddd;padding:.15rem .4rem;text-align:start}\
code{font-size:.8em;overflow-wrap:anywhere}section{margin-top:3rem;font-size:.9rem;color:#444}\
@media print{body{margin:0;max-width:none;font-size:10.5pt}article{page-break-inside:avoid}section{break-before:page}@page{margin:2cm}}";

/// The page.
pub fn page(dossier: &Dossier) -> String {
    let words = dossier.words();
    let rtl = if dossier.language == crate::model::Language::Ar { " dir=\"rtl\"" } else { "" };
    let title = escaped(&format!("{} · {}", words.title, dossier.name));
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\"{rtl}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n\
         <p>{} {} · {} · {}{}</p>\n</header>\n<main>\n",
        dossier.language.code(),
        escaped(words.from),
        escaped(&dossier.owner),
        escaped(&dossier.when(dossier.made_at)),
        escaped(words.times),
        escaped(dossier.zone.name()),
    );
    for part in dossier.parts() {
        match part {
            Part::Mail(item) => article(&mut out, dossier, item),
            Part::Own(it) => own(&mut out, dossier, it),
        }
    }
    out.push_str("</main>\n");
    proof(&mut out, dossier);
    out.push_str("</body>\n</html>\n");
    out
}

fn article(out: &mut String, dossier: &Dossier, item: &Item) {
    let (entry, words) = (&item.told.it.entry, dossier.words());
    let class = match item.side() {
        "in" => "in",
        _ if item.by_hand() => "out",
        _ => "auto",
    };
    let subject = if entry.subject.is_empty() { words.no_subject } else { &entry.subject };
    let people = [entry.from.as_deref(), entry.to.as_deref()].map(|it| escaped(it.unwrap_or("–"))).join(" → ");
    let _ = write!(
        out,
        "<article class=\"{class}\" id=\"{id}\">\n<h2 dir=\"auto\">{}</h2>\n<p class=\"meta\">{} · <time datetime=\"{}\">{}</time></p>\n\
         <p class=\"meta\" dir=\"ltr\">{people}</p>\n",
        escaped(subject),
        escaped(dossier.who(item)),
        super::super::out::rfc3339(entry.at),
        escaped(&dossier.when(entry.at)),
        id = escaped(&entry.id),
    );
    if !dossier.for_client {
        let _ = writeln!(out, "<p class=\"meta\">{}</p>", escaped(&item.what));
        for why in &item.silence {
            let _ = writeln!(out, "<p class=\"meta\">{}</p>", escaped(why));
        }
        if !item.codes.is_empty() {
            let _ = writeln!(out, "<p class=\"meta\"><code>{}</code></p>", escaped(&item.codes));
        }
    }
    if !item.text.is_empty() {
        let _ = writeln!(out, "<div class=\"text\" dir=\"auto\">{}</div>", escaped(&item.text));
    }
    if item.text_cut {
        let _ = writeln!(out, "<p class=\"meta\">{}</p>", escaped(words.goes_on));
    }
    if !item.attachments.is_empty() {
        let _ = writeln!(out, "<p class=\"meta\">{}{}</p>", escaped(words.attachments), escaped(&item.files()));
    }
    for promise in dossier.promises(item) {
        let _ = writeln!(out, "<p class=\"promise\">{}</p>", escaped(&promise));
    }
    out.push_str("</article>\n");
}

fn own(out: &mut String, dossier: &Dossier, it: &Own) {
    let (title, what) = dossier.over(it);
    let stamp = it.day.map_or_else(|| super::super::out::rfc3339(it.at), |day| day.to_string());
    let _ = write!(
        out,
        "<article class=\"own\" id=\"{id}\">\n<h2 dir=\"auto\">{}</h2>\n<p class=\"meta\"><time datetime=\"{stamp}\">{}</time></p>\n\
         <div class=\"text\" dir=\"auto\">{}</div>\n</article>\n",
        escaped(&title),
        escaped(&what),
        escaped(&it.text),
        id = escaped(&it.id),
    );
}

fn proof(out: &mut String, dossier: &Dossier) {
    let words = dossier.words();
    let mut sealed: Vec<_> =
        dossier.items.iter().filter_map(|item| Some((item.told.seal.as_ref()?, &item.told.it.entry))).collect();
    sealed.sort_by_key(|(seal, _)| seal.0);
    let _ = write!(
        out,
        "<section>\n<h2>{}</h2>\n<p>{}</p>\n<p dir=\"ltr\"><code>{}</code></p>\n<table dir=\"ltr\">\n",
        escaped(words.proof),
        escaped(words.how),
        escaped(&dossier.head)
    );
    for ((number, content), entry) in sealed {
        let _ = writeln!(
            out,
            "<tr><td>{number}</td><td>{}</td><td><code>{}</code></td></tr>",
            super::super::out::rfc3339(entry.at),
            escaped(content)
        );
    }
    out.push_str("</table>\n</section>\n");
}

/// Text as it may stand in a page, also inside quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
