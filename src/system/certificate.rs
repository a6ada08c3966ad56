//! How long a certificate is valid (RFC 5280 4.1), for people who like to know before it ends. Whether to believe it at
//! all: rustls and the platform's verifier, never this.
use crate::model::Instant;
use chrono::DateTime;

/// ASN.1 tags (X.690) that lie on the way.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;

/// The end of the validity of a DER certificate; `None` if it cannot be found.
#[must_use]
pub fn valid_until(der: &[u8]) -> Option<Instant> {
    let (_, certificate, _) = item(der)?;
    let (_, signed, _) = item(certificate)?;
    // version (optional), serial number, algorithm, issuer; then the validity.
    let (tag, _, mut rest) = item(signed)?;
    let skipped = if tag == VERSION { 3 } else { 2 };
    for _ in 0..skipped {
        rest = item(rest)?.2;
    }
    let (tag, validity, _) = item(rest)?;
    let after_start = item(validity)?.2;
    let (kind, end, _) = item(after_start)?;
    if tag == SEQUENCE { time(kind, std::str::from_utf8(end).ok()?) } else { None }
}

/// One value: its tag, its content, what follows it.
fn item(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // The long form: so many octets of length follow; a certificate needs at most three.
        let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7F)).filter(|(it, _)| it.len() <= 3)?;
        (octets.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from 2050 on, always UTC (RFC 5280 4.1.2.5).
fn time(tag: u8, text: &str) -> Option<Instant> {
    let whole = match tag {
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => text.to_owned(),
    };
    let part = |from: usize, to: usize| whole.get(from..to);
    let (day, clock) =
        ([part(0, 4)?, part(4, 6)?, part(6, 8)?].join("-"), [part(8, 10)?, part(10, 12)?, part(12, 14)?].join(":"));
    DateTime::parse_from_rfc3339(&format!("{day}T{clock}Z")).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_real_certificate_is_read() {
        for (year, month) in [(2031, 2), (2077, 11)] {
            let mut wanted = rcgen::CertificateParams::new(vec!["mail.example".to_owned()]).unwrap();
            wanted.not_after = rcgen::date_time_ymd(year, month, 3);
            let key = rcgen::KeyPair::generate().unwrap();
            let made = wanted.self_signed(&key).unwrap();
            let read = valid_until(made.der()).unwrap();
            assert_eq!(read.to_rfc3339(), format!("{year}-{month:02}-03T00:00:00+00:00"));
            // Cut anywhere, it is not found; nothing breaks.
            for end in 0..made.der().len() / 4 {
                assert_eq!(valid_until(&made.der()[..end]), None);
            }
        }
        assert_eq!(valid_until(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
    }
}
