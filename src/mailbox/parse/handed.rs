//! A message as it may be handed to the other side: of its header the fields that a mail program needs to read it, its body
//! byte for byte. Blind copies, notes, and what servers wrote on its way stay behind.
//! Does not live here: what of a message is kept at all (kept.rs), whose message may be handed over (cli).
use super::fields;
use super::kept::{KEPT, NOT_KEPT, fields_where, first_field, is, is_mime, line_end};

/// The fields that RFC 5322 3.6 needs for reading and answering (without Bcc and the traces), and what says that a program
/// wrote it (RFC 3834 5). Those of MIME are wanted too.
const WANTED: &[&str] = &[
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Auto-Submitted",
];

/// The message without what is not for the other side.
#[must_use]
pub fn handed_over(bytes: &[u8]) -> Vec<u8> {
    let unified = fields::unify(bytes);
    let section = fields::message(&unified);
    // Only on top it is ours: below other fields anybody may have written it.
    let changed = section.fields.first().is_some_and(|field| field.is(KEPT));
    let body_at = unified.len() - section.body.len();
    let head = unified.get(first_field(&unified, &section)..body_at).unwrap_or_default();
    let end = line_end(&unified);
    let ours = |name: &[u8]| changed && (is(name, KEPT) || is(name, NOT_KEPT));
    let wanted = |name: &[u8]| is_mime(name) || ours(name) || WANTED.iter().any(|field| is(name, field));
    let mut out = fields_where(head, end, wanted);
    out.extend(end.bytes());
    out.extend(section.body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::parse::{Context, parse};

    fn handed(text: &str) -> String {
        String::from_utf8(handed_over(text.as_bytes())).unwrap()
    }

    #[test]
    fn only_what_a_reader_needs() {
        let mail = "Return-Path: <claire@studio.example>\nReceived: from desk by mx;\n\tMon, 4 Jan 2027 10:00:00 +0000\n\
                    Authentication-Results: mx; dmarc=pass\nFrom: Claire <claire@studio.example>\nTo: anna@acme.example,\n \
                    ben@acme.example\nBCC : boss@rival.example,\n other@rival.example\nX-Internal-Note: poor payer\nSubject: Offer\n\
                    X-Spam-Score: 3\nMessage-ID: <a@x>\nContent-Type: text/plain;\n charset=utf-8\nResent-Bcc: hid@den.example\n\n\
                    Bcc: stays, it is text\n  \n";
        assert_eq!(
            handed(mail),
            "From: Claire <claire@studio.example>\nTo: anna@acme.example,\n ben@acme.example\nSubject: Offer\n\
             Message-ID: <a@x>\nContent-Type: text/plain;\n charset=utf-8\n\nBcc: stays, it is text\n  \n"
        );
        assert_eq!(handed(&mail.replace('\n', "\r\n")), handed(mail).replace('\n', "\r\n"));
        let read = parse(&handed_over(mail.as_bytes()), &Context::default());
        assert_eq!(read.recipients().count(), 2);
    }

    #[test]
    fn a_mark_that_we_did_not_set_stays_behind() {
        for (mail, stays) in [
            ("X-Fuseau-Kept: headers\nFrom: a@x\n\n\n", true),
            ("Received: x\nX-Fuseau-Kept: headers\nX-Fuseau-Not-Kept: 9 octets\nFrom: a@x\n\n\n", false),
        ] {
            assert_eq!(handed(mail).contains("Kept"), stays, "{mail}");
        }
    }

    #[test]
    fn what_is_hardly_a_message_is_no_trouble() {
        for (mail, want) in [
            ("", "\n"),
            ("no mail at all\n", "\nno mail at all\n"),
            ("From x@y Mon\nFrom: a@x\nBcc: b@x", "From: a@x\n\n"),
            ("\u{feff}\nSubject: a\n\nb", "Subject: a\n\nb"),
        ] {
            assert_eq!(handed(mail), want, "{mail:?}");
        }
    }
}
