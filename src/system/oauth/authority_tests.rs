//! Questions and answers of authorities, as the RFCs show them.
use super::*;
use crate::model::account::Endpoints;

fn grant() -> Grant {
    let (endpoints, scopes) = Endpoints::known("google").unwrap();
    Grant {
        key: "studio".to_owned(),
        provider: "google".to_owned(),
        client_id: "id 1".to_owned(),
        client_secret: None,
        refresh_token: None,
        endpoints,
        scopes,
        resource: Vec::new(),
        keyring: false,
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.to_owned() }
}

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn the_challenge_is_that_of_rfc_7636_appendix_b() {
    let proof = Proof {
        redirect: String::new(),
        state: String::new(),
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
    };
    assert_eq!(proof.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn every_login_has_secrets_of_its_own() {
    let (one, two) = (Proof::new("r", &Ids::random()), Proof::new("r", &Ids::random()));
    assert!(one.state.len() >= 43 && one.verifier.len() >= 43, "RFC 7636 4.1: at least 43 characters");
    assert!(one.state != two.state && one.verifier != two.verifier && one.state != one.verifier);
}

#[test]
fn the_address_for_the_browser_carries_everything_encoded() {
    let proof = Proof::new("http://127.0.0.1:4711/", &Ids::seeded(1));
    let url = authorize(&grant(), &proof, "claire+a@studio.example").unwrap();
    for part in [
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=id+1&",
        "redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2F&",
        "login_hint=claire%2Ba%40studio.example",
        "code_challenge_method=S256",
        "access_type=offline",
    ] {
        assert!(url.contains(part), "{part} in {url}");
    }
    assert!(!url.contains(&proof.verifier), "the verifier stays here");
}

#[test]
fn tokens_are_read_and_what_is_none_is_refused() {
    let good = r#"{"access_token":"a.b","token_type":"Bearer","expires_in":3599,"scope":"x","refresh_token":"1//r"}"#;
    let got = tokens(&grant(), &answer(200, good), at(1000)).unwrap();
    assert_eq!((got.access(at(4598)), got.access(at(4599))), (Some("a.b"), None));
    assert!(got.lasts());
    for bad in [
        "",
        "<html>",
        r#"{"access_token":""}"#,
        "{\"access_token\":\"a\\r\\nX\"}",
        r#"{"access_token":"a","token_type":"mac"}"#,
        r#"{"access_token":"a","refresh_token":"b c"}"#,
    ] {
        assert!(matches!(tokens(&grant(), &answer(200, bad), at(0)), Err(OAuthError::Garbled { .. })), "{bad}");
    }
}

#[test]
fn a_lifetime_that_is_missing_or_absurd_is_an_hour() {
    for lives in ["", r#","expires_in":-5"#, r#","expires_in":9223372036854775807"#] {
        let body = format!(r#"{{"access_token":"a"{lives}}}"#);
        assert_eq!(tokens(&grant(), &answer(200, &body), at(0)).unwrap().expires_at, 3600, "{lives}");
    }
}

#[test]
fn refusals_keep_their_code_and_outages_are_no_refusals() {
    let refused =
        tokens(&grant(), &answer(400, r#"{"error":"invalid_grant","error_description":"gone\u001b[2J"}"#), at(0));
    let Err(OAuthError::Refused { error, description, host }) = refused else { panic!("{refused:?}") };
    assert_eq!((error.as_str(), host.as_str()), ("invalid_grant", "oauth2.googleapis.com"));
    assert!(!description.unwrap().contains('\u{1b}'));
    assert!(matches!(tokens(&grant(), &answer(503, "try later"), at(0)), Err(OAuthError::Garbled { .. })));
    for (error, slower) in [("authorization_pending", false), ("slow_down", true)] {
        let body = format!(r#"{{"error":"{error}"}}"#);
        let Err(OAuthError::Pending { slower: said }) = tokens(&grant(), &answer(400, &body), at(0)) else { panic!() };
        assert_eq!(said, slower);
    }
}

#[test]
fn device_codes() {
    let body = r#"{"device_code":"d","user_code":"ABCD","verification_uri":"https://m.example/d","expires_in":900}"#;
    let code = device_code("https://m.example/", &answer(200, body)).unwrap();
    assert_eq!((code.user_code.as_str(), code.pause.as_secs(), code.lives.as_secs()), ("ABCD", 5, 900));
}

#[test]
fn what_the_token_is_for_is_said_at_every_step() {
    let resource = Endpoints::resource("fastmail");
    assert!(Endpoints::resource("google").is_empty() && resource.len() == 1);
    let grant = Grant { resource, ..grant() };
    let proof = Proof::new("http://127.0.0.1:4711/", &Ids::seeded(1));
    let url = authorize(&grant, &proof, "claire@fastmail.com").unwrap();
    assert!(url.contains("&resource=https%3A%2F%2Fapi.fastmail.com%2Fjmap%2Fsession"), "{url}");
    let known = Known::default();
    for form in [exchange(&grant, &known, "code", &proof), refresh(&grant, &known, "token"), device(&grant)] {
        let said: Vec<&str> =
            form.iter().filter(|(key, _)| *key == "resource").map(|(_, value)| value.as_str()).collect();
        assert_eq!(said, ["https://api.fastmail.com/jmap/session"]);
    }
}
