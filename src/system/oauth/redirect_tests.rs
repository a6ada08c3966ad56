//! Answers of browsers, good and forged.
use super::*;
use crate::system::entropy::Ids;

fn proof() -> Proof {
    Proof::new("http://127.0.0.1/", &Ids::seeded(7))
}

fn query(fields: &str) -> String {
    fields.replace("STATE", &proof().state)
}

#[test]
fn codes_are_taken_from_queries_and_from_pasted_addresses() {
    for good in
        ["code=4%2F0A&state=STATE", "http://127.0.0.1:1/?state=STATE&code=4/0A&scope=x", " ?code=4/0A&state=STATE#x "]
    {
        assert_eq!(code_of(&query(good), &proof(), None).unwrap(), "4/0A", "{good}");
    }
}

#[test]
fn answers_to_other_questions_are_not_ours() {
    for bad in ["code=x", "code=x&state=other", "code=x&state=STATE&state=STATE", "", "code=x&state="] {
        assert!(matches!(code_of(&query(bad), &proof(), None), Err(Stray::Foreign)), "{bad}");
    }
}

#[test]
fn refusals_and_mixed_up_authorities_are_named() {
    let cases = [
        ("error=access_denied&state=STATE", "did not allow"),
        ("error=server_error&error_description=down%1b&state=STATE", "server_error: down"),
        ("state=STATE", "no code"),
        ("code=a&code=b&state=STATE", "no code"),
        ("code=a&state=STATE&iss=https%3A%2F%2Fevil.example", "another authority"),
    ];
    for (fields, words) in cases {
        let Err(Stray::Said(error)) = code_of(&query(fields), &proof(), Some("https://good.example")) else { panic!() };
        assert!(error.to_string().contains(words), "{error}");
    }
    let good = query("code=a&state=STATE&iss=https%3A%2F%2Fgood.example");
    assert_eq!(code_of(&good, &proof(), Some("https://good.example")).unwrap(), "a");
}

#[test]
fn the_listener_sends_strangers_away_and_waits_for_the_browser() {
    let listener = Listener::open(0).unwrap();
    let port = listener.port;
    assert_eq!(listener.redirect("microsoft"), format!("http://localhost:{port}/"));
    let visitor = std::thread::spawn(move || {
        let ask = |target: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text.lines().next().unwrap().to_owned()
        };
        let good = query("/?code=right&state=STATE");
        [ask("/favicon.ico"), ask("/?code=forged&state=guess"), ask(&good)]
    });
    let code = listener.wait(&proof(), None, Duration::from_secs(20)).unwrap();
    assert_eq!(code, "right");
    let said = visitor.join().unwrap();
    assert_eq!(said.map(|line| line.split(' ').nth(1).unwrap().to_owned()), ["404", "400", "200"]);
}
