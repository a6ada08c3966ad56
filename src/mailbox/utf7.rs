//! Modified UTF-7, the spelling of folder names in IMAP (RFC 3501 5.1.3). Total: no input can fail or panic.
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Base64 with `,` for `/` and without padding, lenient towards left-over bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// UTF-8 to the wire.
pub(super) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut shifted: Vec<u8> = Vec::new();
    for c in name.chars() {
        if !(' '..='~').contains(&c) {
            shifted.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        unshift(&mut out, &mut shifted);
        out.push(c);
        if c == '&' {
            out.push('-');
        }
    }
    unshift(&mut out, &mut shifted);
    out
}

/// Writes the collected UTF-16 as one `&...-` group.
fn unshift(out: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        out.push('&');
        out.push_str(&BASE64.encode(&shifted));
        out.push('-');
        shifted.clear();
    }
}

/// From the wire to UTF-8. A name that is no modified UTF-7 is taken as it stands.
pub(super) fn decode(wire: &str) -> String {
    try_decode(wire).unwrap_or_else(|| wire.to_owned())
}

fn try_decode(wire: &str) -> Option<String> {
    let mut pieces = wire.split('&');
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let (group, plain) = piece.split_once('-')?;
        if group.is_empty() {
            out.push('&');
        } else {
            let bytes = BASE64.decode(group).ok()?;
            let units = bytes.chunks_exact(2).map(|pair| {
                u16::from_be_bytes([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)])
            });
            out.extend(char::decode_utf16(units).collect::<Result<Vec<char>, _>>().ok()?);
        }
        out.push_str(plain);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_wire() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("Envoyés", "Envoy&AOk-s"),
            ("A&B", "A&-B"),
            ("台北", "&U,BTFw-"),
            ("日本語", "&ZeVnLIqe-"),
            ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("📬 in", "&2D3c7A- in"),
            ("", ""),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire), name);
        }
    }

    #[test]
    fn broken_names_are_taken_as_they_stand() {
        for wire in ["a&b", "&", "&!!-", "&2D0-", "&AOk", "Entwürfe", "&-&"] {
            assert_eq!(decode(wire), wire);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_round_trips(name in "\\PC{0,40}") {
            proptest::prop_assert_eq!(decode(&encode(&name)), name);
        }

        #[test]
        fn any_wire_is_borne(wire in ".{0,60}") {
            let _ = decode(&wire);
        }
    }
}
