//! A mail as it lies in a Maildir, and mails as people write them.
use mail_parser::MessageParser;
use std::path::Path;

/// A mail on the disk of the lab's server.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Maildir flags: `S` seen, `R` answered, `D` draft.
    pub flags: String,
    /// The bytes; these tests write and read nothing but UTF-8.
    pub raw: String,
}

impl Letter {
    /// All mails of a Maildir folder, in the order of delivery.
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        for sub in ["new", "cur"] {
            for file in std::fs::read_dir(folder.join(sub)).into_iter().flatten().flatten() {
                let name = file.file_name().into_string().unwrap();
                // Another process may rename the file just now: then it is found next time.
                if let Ok(bytes) = std::fs::read(file.path()) {
                    let flags = name.split_once(":2,").map_or("", |(_, flags)| flags).to_owned();
                    found.push((name, Self { flags, raw: String::from_utf8_lossy(&bytes).into_owned() }));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0.split(':').next() == b.0.split(':').next());
        found.into_iter().map(|(_, letter)| letter).collect()
    }

    /// Every value of a header, unfolded, in order.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let head =
            self.raw.replace("\r\n", "\n").split("\n\n").next().unwrap_or("").replace("\n ", " ").replace("\n\t", " ");
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The only value of a header.
    pub fn header(&self, name: &str) -> String {
        let all = self.headers(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.raw);
        all.into_iter().next().unwrap()
    }

    /// Whether a header is there.
    pub fn has(&self, name: &str) -> bool {
        !self.headers(name).is_empty()
    }

    /// The decoded subject.
    pub fn subject(&self) -> String {
        self.parsed(|mail| mail.subject().unwrap_or("").to_owned())
    }

    /// The decoded text, every run of white space as one blank.
    pub fn text(&self) -> String {
        let text = self.parsed(|mail| mail.body_text(0).unwrap_or_default().into_owned());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn parsed<R>(&self, read: impl FnOnce(&mail_parser::Message<'_>) -> R) -> R {
        read(&MessageParser::new().parse(self.raw.as_bytes()).expect("a mail"))
    }
}

/// So that no two people write the same text: one word for each octet of an id.
const WORDS: [&str; 16] = [
    "logo", "shop", "menu", "font", "photo", "form", "map", "price", "cart", "login", "footer", "banner", "table",
    "video", "button", "colour",
];

/// A mail as a person writes it; `id` is its Message-ID without brackets.
pub fn human(from: &str, to: &str, id: &str, subject: &str, more: &str) -> String {
    let about: Vec<&str> = id.bytes().filter_map(|octet| WORDS.get(usize::from(octet % 16)).copied()).collect();
    let more = if more.is_empty() { String::new() } else { format!("{more}\n") };
    format!(
        "From: <{from}>\nTo: <{to}>\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Mon, 4 Jan 2027 10:00:00 +0000\n{more}\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nHello,\n\nthe page does not open any more since \
         yesterday, could you have a look at {}?\n\nKind regards\nA. Client\n",
        about.join(", ")
    )
}
