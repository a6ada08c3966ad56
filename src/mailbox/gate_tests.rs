//! Dialogue lines as data: what passes the gate and what does not, however the bytes are cut.
use super::*;

fn verdict(wire: &str, step: usize) -> Result<(), Rude> {
    let mut gate = Gate::default();
    wire.as_bytes().chunks(step).try_for_each(|piece| gate.admit(piece))
}

#[test]
fn ordinary_replies_pass() {
    for wire in [
        "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n",
        "* OK\r\n* OK Grüße {7 of 9}!\r\nF1 OK [READ-ONLY] done (0.001 + 0.000 secs).\r\n+ idling\r\n",
        "* 12 EXISTS\r\n* 3 EXPUNGE\r\n* SEARCH 1 2 3\r\n* SEARCH\r\n",
        "* 1 FETCH (UID 7 FLAGS (\\Seen $Forwarded) INTERNALDATE \" 1-Feb-2025 01:02:03 +0100\" RFC822.SIZE 9)\r\n",
        "* 1 FETCH (UID 7 BODY[]<0> {10}\r\n{999999}\r\n FLAGS ())\r\n* 2 EXISTS\r\n",
        "* 1 FETCH (BODY[] {3}\r\nabc UID 7)\r\n",
        "* 1 FETCH (UID 7 BODY[] NIL EMAILID (M1) SAVEDATE NIL )  \r\n",
        "* 1 FETCH (UID 7 BODY[]<0> \"tiny\")\r\n",
        "* LIST (\\HasNoChildren) \"/\" {5}\r\nIn\"ox\r\n* 1 EXISTS\r\n",
        "* LIST () \"\\\\\" \"a\\\\b\"\r\n* LIST () NIL {1}\r\nx\r\n",
        "* STATUS {5}\r\nInbox (MESSAGES 1)\r\n",
        "* FLAGS (\\Answered [x]é)\r\n",
    ] {
        for step in [1, 2, 7, 4096] {
            assert_eq!(verdict(wire, step), Ok(()), "{wire:?} in pieces of {step}");
        }
    }
}

#[test]
fn harmful_replies_do_not() {
    let nested = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(1000));
    let long = format!("* OK {}\r\n", "x".repeat(70_000));
    for wire in [
        "* 1 FETCH (UID 1 BODY[] {400000000}\r\n",
        "* 1 FETCH (UID 1 BODY[] {99999999999999999999999}\r\n",
        "* 1 FETCH (FOO (abc {9}\r\n) BODY[] {400000000}\r\n",
        "* 1 FETCH (FOO (abc\r\n",
        "* 1 FETCH (FOO (\" ) BAR \" ) \" QUX (\" {9}\r\n",
        "* 1 FETCH (BAZ \"\\x FOO (\" {9}\r\n",
        "* 1 FETCH (BAZ a\"b FOO (\" {9}\r\n",
        "* 1 FETCH (BAZ {9}{9}\r\n",
        "* 1 FETCH (INTERNALDATE NIL)\r\n",
        "* OK [BADCHARSET ({400000000}\r\n",
        "* OK see {9}\r\n",
        "F1 OK see {9}\r\n",
        "+ {9}\r\n",
        "* OK [ALERT]é\r\n",
        "* LIST () \"/\" {5000}\r\n",
        "* LIST () \"/\" \"a {5}\r\n",
        "* QUOTAROOT {5}\r\n",
        "* OK bare\n",
        "* OK nul\0\r\n",
        &nested,
        &long,
    ] {
        for step in [1, 3, 100_000] {
            assert!(verdict(wire, step).is_err(), "{:?} in pieces of {step}", wire.get(..60.min(wire.len())));
        }
    }
}

/// Whether the parser, fed what the gate admits, ever waits for more than a literal we allow.
fn parser_stays_small(wire: &[u8]) -> bool {
    use async_imap::imap_proto::Response;
    let mut rest = wire;
    while !rest.is_empty() {
        match std::panic::catch_unwind(|| {
            Response::parse(rest).map(|(after, _)| after.len()).map_err(|e| format!("{e:?}"))
        }) {
            Ok(Ok(left)) => rest = &rest[rest.len() - left..],
            // `Incomplete(Size(n))` is what makes the stream allocate n octets.
            Ok(Err(error)) => {
                let size = error.split("Size(").nth(1).and_then(|tail| tail.split(')').next());
                return size.is_none_or(|size| size.parse::<usize>().unwrap() <= LITERAL_MAX);
            }
            // Contained by the session.
            Err(_) => return true,
        }
    }
    true
}

const STARTS: &[&str] = &[
    "* 1 FETCH (",
    "* 1 FETCH (UID 1 ",
    "* 1 FETCH (FOO (",
    "* OK ",
    "* NO [BADCHARSET (",
    "A1 OK ",
    "+ ",
    "* LIST (",
    "* LIST () \"/\" ",
    "* STATUS ",
    "* LSUB (\\X) NIL ",
    "* QUOTAROOT ",
    "* ID (",
    "* METADATA \"x\" (/private ",
    "* ACL ",
    "* FLAGS (",
    "* SEARCH",
];
const WORDS: &[&str] = &[
    "FOO (",
    "BAR \"",
    "BAZ ",
    "UID 1 ",
    " BODY[] {400000000}\r\n",
    " {400000000}\r\n",
    "{12}\r\n",
    " {12}\r\n",
    ") ",
    "\" ",
    "\") ",
    "(\" ",
    "x",
    "BODY[] ",
    "BODY[]<0> ",
    "BODYSTRUCTURE (",
    "INTERNALDATE \"x\"",
    "X-GM-LABELS (",
    " ",
    "(",
    ")",
    "\"",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "NIL",
    "é",
    "\r\n",
    ")\r\n",
    "\r\n* 2 FETCH (BODY[] ",
    "{0}\r\n",
    "{30}\r\n",
    "* OK ",
    "* LIST () \"/\" ",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
    #[test]
    fn what_passes_never_makes_the_parser_allocate(
        start in proptest::sample::select(STARTS),
        words in proptest::collection::vec(proptest::sample::select(WORDS), 1..12),
        cut in 1..50_usize,
    ) {
        let wire = format!("{start}{}", words.concat());
        let mut gate = Gate::default();
        let mut admitted = 0;
        for piece in wire.as_bytes().chunks(cut) {
            if gate.admit(piece).is_err() {
                break;
            }
            admitted += piece.len();
        }
        proptest::prop_assert!(parser_stays_small(&wire.as_bytes()[..admitted]), "{:?}", wire);
    }
}
