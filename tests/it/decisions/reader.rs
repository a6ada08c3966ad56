//! A tiny reader of header lines for the cases: it builds the facts directly, so that the rules are tested
//! without the parser. Values are UTF-8, unfolded, one field a line.
use fuseau::model::{Author, EmailAddress, HeaderText, Headers, Incoming, Instant, MessageId, Party, ReturnPath};

/// The facts of a message made of `fields` (name, value) in their order and `text`.
pub fn message(fields: &[(String, String)], text: &str, arrived: Instant) -> Incoming {
    let all = |name: &str| -> Vec<&str> {
        fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect()
    };
    let parties =
        |names: &[&str]| -> Vec<Party> { names.iter().flat_map(|name| all(name)).flat_map(addresses).collect() };
    let ids = |name: &str| -> Vec<MessageId> {
        all(name).iter().flat_map(|v| v.split_whitespace()).filter_map(MessageId::parse).collect()
    };
    let from: Vec<Party> = all("From").into_iter().flat_map(addresses).collect();
    let author = match (from.len(), all("From").len()) {
        (0, _) => Author::None,
        (1, 1) => Author::One(from[0].clone()),
        _ => Author::Several(from),
    };
    let paths = all("Return-Path");
    let return_path = match paths.first() {
        None => ReturnPath::Absent,
        Some(_) if paths.iter().any(|path| path.trim() == "<>") => ReturnPath::Null,
        Some(path) => EmailAddress::parse(path).map_or(ReturnPath::Unreadable, ReturnPath::Address),
    };
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, HeaderText::field(value));
    }
    let mut message = Incoming {
        key: "key".to_owned(),
        message_id: all("Message-ID").first().and_then(|id| MessageId::parse(id)),
        in_reply_to: ids("In-Reply-To"),
        references: ids("References"),
        author,
        reply_to: parties(&["Reply-To"]),
        sender: parties(&["Sender"]).pop(),
        return_path,
        to: parties(&["To", "Resent-To"]),
        cc: parties(&["Cc", "Bcc", "Resent-Cc"]),
        subject: HeaderText::new(all("Subject").first().copied().unwrap_or_default()),
        arrived,
        size: 1000,
        headers,
        ..Incoming::default()
    };
    let media_type = all("Content-Type").first().and_then(|v| v.split(';').next()).unwrap_or("text/plain");
    message.content.media_type = media_type.trim().to_lowercase();
    message.content.text = text.to_owned();
    message
}

/// `Name <a@b>, c@d`; groups have no members here.
fn addresses(value: &str) -> Vec<Party> {
    let mut quoted = false;
    let parts = value.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let party = |part: &str| {
        let (name, address) = match part.trim().rsplit_once('<') {
            Some((name, rest)) => (name.trim().trim_matches('"'), rest.trim_end_matches('>')),
            None => ("", part.trim()),
        };
        let address = EmailAddress::parse(address)?;
        Some(Party { name: (!name.is_empty()).then(|| HeaderText::new(name)), address })
    };
    parts.filter_map(party).collect()
}
