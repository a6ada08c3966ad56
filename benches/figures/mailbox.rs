//! A mailbox made from a seed, written straight into a Maildir: sizes log-normal around 5.8 KB up to 1 MB, six languages,
//! text and HTML, attachments, 35 % written by machines. What it lacks: signatures, and the ways of real senders.
use super::noise::Noise;
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write as _;
use std::path::Path;

/// Domains of the mailbox's clients.
pub const DOMAINS: u64 = 120;
/// Clients.
const CLIENTS: u64 = 300;
/// Conversations that can still be continued.
const OPEN_THREADS: usize = 250;

/// A language: its words, how they are joined, and how sentences end.
type Tongue = (&'static [&'static str], &'static str, &'static str);

const TONGUES: &[Tongue] = &[
    (
        &["project", "please", "the", "invoice", "draft", "when", "we", "meeting", "review", "next", "design", "print"],
        " ",
        ". ",
    ),
    (
        &["projet", "merci", "réunion", "facture", "bientôt", "épreuve", "nous", "pouvez", "maquette", "dès", "où"],
        " ",
        ". ",
    ),
    (
        &["Entwurf", "Rechnung", "bitte", "für", "Grüße", "nächste", "Woche", "können", "Besprechung", "wir", "über"],
        " ",
        ". ",
    ),
    (
        &["proyecto", "mañana", "reunión", "factura", "gracias", "diseño", "cuándo", "por", "favor", "próxima"],
        " ",
        ". ",
    ),
    (&["проект", "счёт", "встреча", "спасибо", "когда", "готов", "макет", "пожалуйста", "неделя"], " ", ". "),
    (&["見積", "請求書", "会議", "来週", "お願い", "ありがとう", "確認", "資料", "締切"], "", "。"),
];

/// An automatic kind of mail: share in percent, author, fields, beginning of the subject.
type Machine = (f64, &'static str, &'static str, &'static str);

const MACHINES: &[Machine] = &[
    (13.0, "dev@lists.example", "List-Id: <dev.lists.example>\r\nPrecedence: list\r\n", "[dev] "),
    (11.0, "noreply@app.example", "Auto-Submitted: auto-generated\r\n", "Notification: "),
    (6.0, "news@shop.example", "List-Unsubscribe: <https://shop.example/u>\r\nPrecedence: bulk\r\n", ""),
    (3.0, "", "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n", "Automatic reply: "),
    (2.0, "MAILER-DAEMON@mx.example", "Auto-Submitted: auto-replied\r\n", "Undelivered Mail Returned to Sender "),
];

/// A conversation that goes on.
#[derive(Clone, Debug)]
struct Thread {
    client: u64,
    subject: String,
    last: String,
}

/// Writes `count` mails to `to` into the Maildir `dir`; all bytes together.
pub fn fill(dir: &Path, to: &str, count: usize, seed: u64) -> Result<u64> {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(dir.join(part))?;
    }
    let mut noise = Noise::new(seed);
    let mut threads: Vec<Thread> = Vec::new();
    let now = chrono::Utc::now();
    let mut bytes = 0;
    for number in 0..count {
        let mail = mail(&mut noise, &mut threads, to, number, now);
        let length = mail.len();
        bytes += u64::try_from(length)?;
        let name = format!("{}.M{number:06}P1.figures,S={length},W={length}:2,", now.timestamp());
        std::fs::write(dir.join("cur").join(name), mail)?;
    }
    Ok(bytes)
}

/// A word that only five mails of a past have, in their subjects.
pub const RARE: &str = "zirconfall";

/// The same as a past: five years up to a month ago, one mail after the other; five of them have [`RARE`].
pub fn fill_past(dir: &Path, to: &str, count: usize, seed: u64) -> Result<u64> {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(dir.join(part))?;
    }
    let mut noise = Noise::new(seed);
    let mut threads: Vec<Thread> = Vec::new();
    let step = chrono::TimeDelta::days(5 * 365) / i32::try_from(count.max(1))?;
    let mut at = chrono::Utc::now() - chrono::TimeDelta::days(5 * 365 + 30);
    let mut bytes = 0;
    for number in 0..count {
        at += step;
        let mut mail = mail(&mut noise, &mut threads, to, number, at);
        if number % count.div_ceil(5) == 0 {
            mail = mail.replacen("\r\nSubject: ", &format!("\r\nSubject: {RARE} "), 1);
        }
        let length = mail.len();
        bytes += u64::try_from(length)?;
        let path = dir.join("cur").join(format!("{}.M{number:06}P1.figures,S={length},W={length}:2,S", at.timestamp()));
        std::fs::write(&path, mail)?;
        // Its arrival, for the server and for whoever reads the files.
        std::fs::File::options().append(true).open(&path)?.set_modified(at.into())?;
    }
    Ok(bytes)
}

/// Every domain of the mailbox as a client of its own.
pub fn clients() -> String {
    let one = |n| {
        format!(
            "\n[client.c{n:03}]\nname = \"Client {n}\"\nzone = \"Asia/Singapore\"\nlanguage = \"en\"\n\
             contacts = [\"@c{n:03}.example\"]\n"
        )
    };
    (0..DOMAINS).map(one).collect()
}

fn mail(
    noise: &mut Noise,
    threads: &mut Vec<Thread>,
    to: &str,
    number: usize,
    now: chrono::DateTime<chrono::Utc>,
) -> String {
    let machine = machine(noise);
    // A few clients write most of the mail.
    let mut client = noise.below(CLIENTS).min(noise.below(CLIENTS));
    let tongue = TONGUES.get(usize::try_from(client).unwrap_or(0) % TONGUES.len()).unwrap_or(&TONGUES[0]);
    let mut subject = sentence(noise, tongue, 4);
    let mut answered = None;
    if machine.is_none() && noise.chance(60.0) && !threads.is_empty() {
        let open = u64::try_from(threads.len().min(OPEN_THREADS)).unwrap_or(1);
        let back = usize::try_from(noise.below(open)).unwrap_or(0);
        if let Some(thread) = threads.iter().rev().nth(back) {
            (client, subject, answered) = (thread.client, format!("Re: {}", thread.subject), Some(thread.last.clone()));
        }
    }
    let domain = format!("c{:03}.example", client % DOMAINS);
    let person = format!("client{client:03}@{domain}");
    let from = machine.map(|one| one.1).filter(|author| !author.is_empty()).unwrap_or(&person);
    let id = format!("<{:016x}.{number}@{domain}>", noise.next());
    let (fields, prefix) = machine.map_or(("", ""), |one| (one.2, one.3));
    let path = if fields.contains("auto-replied") { "" } else { from };
    let word = encoded_word(&format!("{prefix}{subject}"));
    let key = BASE64.encode(noise.next().to_le_bytes().repeat(24));
    let (key, date) = (fold(&key), now.format("%a, %d %b %Y %H:%M:%S +0000"));
    let mut mail = format!(
        "Return-Path: <{path}>\r\nReceived: from mx.{domain} (mx.{domain} [192.0.2.7])\r\n\tby mail.lab.example with ESMTPS \
         id {:010X}\r\n\tfor <{to}>; {date}\r\nDKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s1;\r\n\tb={key}\r\n\
         From: Client <{from}>\r\nTo: Studio <{to}>\r\nSubject: {word}\r\nDate: {date}\r\nMessage-ID: {id}\r\n{fields}",
        noise.below(1 << 40)
    );
    if let Some(last) = &answered {
        let _ = write!(mail, "In-Reply-To: {last}\r\nReferences: {last}\r\n");
    }
    mail.push_str("MIME-Version: 1.0\r\nX-Mailer: Thunderbird\r\n");
    body(noise, tongue, machine.is_none(), &mut mail);
    if machine.is_none() {
        let subject = subject.trim_start_matches("Re: ").to_owned();
        threads.push(Thread { client, subject, last: id });
    }
    mail
}

fn machine(noise: &mut Noise) -> Option<&'static Machine> {
    let mut at = noise.part() * 100.0;
    MACHINES.iter().find(|(share, ..)| {
        at -= share;
        at <= 0.0
    })
}

/// Text, mostly with an HTML twin, seldom with an attachment; together about as long as mails are.
fn body(noise: &mut Noise, tongue: &Tongue, by_hand: bool, mail: &mut String) {
    let size = noise.log_normal(3700.0, 0.9, 60_000.0);
    let rich = noise.chance(62.0);
    let attached = by_hand && noise.chance(6.0);
    let quoted = noise.chance(60.0);
    let text_part = |noise: &mut Noise, size: usize| {
        // Quoted-printable makes text longer, base64 by a third.
        let raw = paragraphs(noise, tongue, if tongue.1.is_empty() || !quoted { size * 3 / 4 } else { size * 4 / 5 });
        encode(&raw, "plain", quoted && !tongue.1.is_empty())
    };
    if attached {
        mail.push_str("Content-Type: multipart/mixed; boundary=\"mixed\"\r\n\r\n--mixed\r\n");
    }
    if rich {
        mail.push_str("Content-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n--alt\r\n");
        mail.push_str(&text_part(noise, size * 2 / 5));
        let html = format!(
            "<html><head><style>p{{margin:0 0 1em;font:14px Arial}}</style></head><body><p>{}</p></body></html>",
            paragraphs(noise, tongue, size / 2).replace("\r\n\r\n", "</p>\r\n<p>")
        );
        let _ = write!(mail, "\r\n--alt\r\n{}\r\n--alt--\r\n", encode(&html, "html", true));
    } else {
        mail.push_str(&text_part(noise, size));
    }
    if attached {
        let length = noise.log_normal(90_000.0, 1.0, 1_000_000.0) * 3 / 4;
        let blob: Vec<u8> = std::iter::repeat_with(|| noise.next().to_le_bytes()).flatten().take(length).collect();
        let _ = write!(
            mail,
            "\r\n--mixed\r\nContent-Type: application/pdf; name=\"draft.pdf\"\r\nContent-Disposition: attachment; \
             filename=\"draft.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--mixed--\r\n",
            lines(&BASE64.encode(blob))
        );
    }
}

fn sentence(noise: &mut Noise, (words, space, _): &Tongue, count: u64) -> String {
    let count = 2 + noise.below(count);
    let picked: Vec<&str> = (0..count).map(|_| noise.pick(words)).collect();
    picked.join(space)
}

/// Paragraphs of about `size` bytes in lines below 78 columns or so, CRLF.
fn paragraphs(noise: &mut Noise, tongue: &Tongue, size: usize) -> String {
    let mut text = String::with_capacity(size + 200);
    let mut column = 0;
    while text.len() < size {
        let one = sentence(noise, tongue, 12);
        column += one.len();
        let _ = write!(text, "{one} {}{}", noise.below(10_000), tongue.2);
        if column > 60 {
            text.push_str(if noise.chance(20.0) { "\r\n\r\n" } else { "\r\n" });
            column = 0;
        }
    }
    text
}

/// One text part with its fields.
fn encode(text: &str, kind: &str, quoted: bool) -> String {
    let head = format!("Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: ");
    if quoted {
        return format!("{head}quoted-printable\r\n\r\n{}\r\n", quoted_printable(text));
    }
    format!("{head}base64\r\n\r\n{}\r\n", lines(&BASE64.encode(text)))
}

/// RFC 2045 section 6.7.
fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    for line in text.split("\r\n") {
        let mut column = 0;
        for byte in line.bytes() {
            if column >= 70 {
                out.push_str("=\r\n");
                column = 0;
            }
            if matches!(byte, b' '..=b'<' | b'>'..=b'~') {
                out.push(char::from(byte));
                column += 1;
            } else {
                let _ = write!(out, "={byte:02X}");
                column += 3;
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// RFC 2047, in words of at most 75 characters.
fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let words = chars.chunks(14).map(|part| format!("=?utf-8?B?{}?=", BASE64.encode(part.iter().collect::<String>())));
    words.collect::<Vec<_>>().join("\r\n ")
}

fn lines(encoded: &str) -> String {
    let mut out = String::with_capacity(encoded.len() + encoded.len() / 38);
    for chunk in encoded.as_bytes().chunks(76) {
        out.extend(chunk.iter().copied().map(char::from));
        out.push_str("\r\n");
    }
    out
}

fn fold(encoded: &str) -> String {
    lines(encoded).trim_end().replace("\r\n", "\r\n\t")
}
