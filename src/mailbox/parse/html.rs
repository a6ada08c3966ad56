//! HTML to plain text, in one pass whatever the nesting.
//! Does not live here: showing HTML to anybody; nothing here is safe to render.
use super::decode::guard;
use mail_parser::decoders::html::html_to_text;

/// Elements that begin on a line of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Text of an HTML body: blocks on lines of their own, table cells apart, no scripts or styles.
pub(super) fn text(html: &str) -> String {
    let broken = breaks(html);
    let text = guard(|| html_to_text(&broken)).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    let text = text.replace('\u{a0}', " ");
    for line in text.lines().map(str::trim) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(out.is_empty() && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Adds a line break before every block's tag and a blank before every cell: the library's converter
/// knows paragraphs only.
fn breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut chunks = html.split('<');
    out.push_str(chunks.next().unwrap_or_default());
    for chunk in chunks {
        let name = chunk.trim_start_matches('/');
        let end = name.bytes().take(12).position(|b| !b.is_ascii_alphanumeric()).unwrap_or(name.len().min(12));
        let name = name.get(..end).unwrap_or_default();
        if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) {
            out.push_str("<br>");
        } else if name.eq_ignore_ascii_case("td") || name.eq_ignore_ascii_case("th") {
            out.push(' ');
        }
        out.push('<');
        out.push_str(chunk);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_words_apart() {
        for (html, want) in [
            ("<p>Hello <b>Anna</b>,</p><p>thanks&nbsp;&amp; bye</p>", "Hello Anna,\nthanks & bye\n"),
            ("<div>one</div><div>two</div>", "one\n\ntwo\n"),
            ("<table><tr><td>un</td><td>deux</td></tr></table>", "un deux\n"),
            ("<style>p{}</style><script>x<div>y</script>a", "a\n"),
            ("<ul><li>a<li>b</ul>", "a\nb\n"),
            ("a < b", "a\n"),
        ] {
            assert_eq!(text(html).replace("\n\n", "\n"), want.replace("\n\n", "\n"), "{html}");
        }
    }
}
