//! HTML as it is written: constants are markup, everything else is escaped text. There is no other way to write.

/// A picture that was drawn by this program: its own texts are escaped where it is drawn.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The SVG element, without style or script: the style sheet of the desk has its style.
    pub svg: String,
}

/// A page in the making.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Markup: only what stands in this program's text.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Any text, escaped for text and for attributes in quotes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(c),
                // Neither controls nor marks that turn the direction of what follows.
                c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                    self.0.push('\u{fffd}');
                }
                c => self.0.push(c),
            }
        }
        self
    }

    /// Somebody else's text: its writing direction stays its own.
    pub fn foreign(&mut self, text: &str) -> &mut Self {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// A picture of ours.
    pub fn picture(&mut self, picture: &Picture) -> &mut Self {
        self.0.push_str(&picture.svg);
        self
    }

    /// A link to a page of ours: `path?name=value`.
    pub fn link(&mut self, path: &'static str, id: &str, words: &str) -> &mut Self {
        self.raw("<a href=\"").raw(path).raw("?id=").text(&encoded(id)).raw("\">").foreign(words).raw("</a>")
    }

    /// Words of ours with somebody else's text in the place `{}`.
    pub fn filled(&mut self, form: &str, value: &str) -> &mut Self {
        match form.split_once("{}") {
            Some((before, after)) => self.text(before).foreign(value).text(after),
            None => self.text(form),
        }
    }

    /// What the rules say in English, on a page in any language.
    pub fn english(&mut self, text: &str) -> &mut Self {
        self.raw("<span lang=\"en\" dir=\"ltr\">").text(text).raw("</span>")
    }

    /// What was written.
    pub fn done(self) -> String {
        self.0
    }
}

/// A value of a query.
pub fn encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_through() {
        let mut html = Html::default();
        html.text("<script>alert('1')</script>&\" onload=x \u{202e}gpj.exe\u{0}\u{1b}[31m");
        let text = html.done();
        assert!(!text.contains(['<', '>', '"', '\'', '\u{202e}', '\u{0}', '\u{1b}']), "{text}");
        let mut html = Html::default();
        html.link("/client", "a\"><b>&id=2", "x");
        html.filled("in {} <b>", "<i>");
        assert_eq!(
            html.done(),
            "<a href=\"/client?id=a%22%3E%3Cb%3E%26id%3D2\"><bdi>x</bdi></a>in <bdi>&lt;i&gt;</bdi> &lt;b&gt;"
        );
    }
}
