//! Providers by domain, by exchanger, by file.
use super::*;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

#[test]
fn the_table_is_sound() {
    let mut domains = std::collections::BTreeSet::new();
    for known in KNOWN {
        for domain in known.domains {
            assert!(domains.insert(domain), "{domain} stands twice");
            assert_eq!(*domain, domain.to_ascii_lowercase());
        }
        assert!(!known.domains.is_empty() || !known.exchangers.is_empty(), "{} is never found", known.name);
        if !matches!(known.access, Access::Closed(_)) {
            for (host, port, tls) in [known.imap, known.smtp] {
                assert!(!host.is_empty(), "{} lacks a server", known.name);
                assert!(tls != Tls::None || host == "127.0.0.1", "{} is in the clear", known.name);
                assert_eq!(tls == Tls::StartTls, matches!(port, 143 | 587), "{}", known.name);
            }
        }
    }
    assert!(KNOWN.len() >= 25, "{}", KNOWN.len());
}

#[test]
fn by_domain_and_user() {
    let found = by_domain(&address("claire@icloud.com")).unwrap();
    assert_eq!((found.imap.user.as_str(), found.smtp.user.as_str()), ("claire", "claire@icloud.com"));
    assert_eq!(by_domain(&address("claire@GMail.com")).unwrap().source, "Gmail");
    assert!(by_domain(&address("claire@studio.example")).is_none());
}

#[test]
fn a_domain_of_ones_own_is_known_by_its_exchangers() {
    let claire = address("claire@studio.example");
    for (host, name) in [
        ("aspmx.l.google.com.", "Gmail"),
        ("studio-example.mail.protection.outlook.com", "Microsoft 365"),
        ("live-com.olc.protection.outlook.com", "Outlook.com"),
        ("in1-smtp.messagingengine.com", "Fastmail"),
        ("mx1.mail.ovh.net", "OVHcloud"),
        ("mx.zoho.eu", "Zoho (Europe)"),
    ] {
        assert_eq!(by_exchangers(&claire, &[host.to_owned()]).map(|it| it.source).as_deref(), Some(name), "{host}");
    }
    assert!(by_exchangers(&claire, &["mx.notgoogle.com".to_owned()]).is_none());
    assert!(by_exchangers(&claire, &[]).is_none());
}

#[test]
fn a_known_server_brings_the_ways_of_its_provider() {
    let claire = address("claire@agency.example");
    let given =
        |host: &str| by_records(&claire, (host.to_owned(), 993, Tls::Implicit), ("s".to_owned(), 587, Tls::StartTls));
    assert_eq!(given("outlook.office365.com").access, Access::Token("microsoft"));
    assert!(given("Outlook.Office365.com").extra.contains(&"provider = \"microsoft365\"".to_owned()));
    assert!(matches!(given("imap.gmail.com").access, Access::AppPassword(_)));
    // A server of one's own on this machine is not Proton's Bridge.
    assert_eq!(given("127.0.0.1").access, Access::Password);
    let file = FILE.replace("imap.studio.example", "outlook.office365.com");
    assert_eq!(autoconfig(&file, &claire).unwrap().access, Access::Token("microsoft"));
}

const FILE: &str = r#"<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="studio.example">
 <incomingServer type="pop3"><hostname>pop.studio.example</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
 <incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>143</port><socketType>STARTTLS</socketType>
  <username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
 <incomingServer type="imap"><hostname>imap.studio.example</hostname><port>993</port><socketType>SSL</socketType>
  <username>%EMAILADDRESS%</username><authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>
 <outgoingServer type="smtp"><hostname>smtp.studio.example</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>
</emailProvider></clientConfig>"#;

#[test]
fn autoconfig_files_are_read() {
    let found = autoconfig(FILE, &address("claire@studio.example")).unwrap();
    let imap = ("imap.studio.example", 993, Tls::Implicit, "claire@studio.example");
    assert_eq!((found.imap.host.as_str(), found.imap.port, found.imap.tls, found.imap.user.as_str()), imap);
    assert_eq!((found.smtp.port, found.smtp.tls), (587, Tls::StartTls));
    assert_eq!(found.access, Access::Password);
}

#[test]
fn hostile_and_useless_files_are_refused() {
    let claire = address("claire@studio.example");
    let laughs = "<!DOCTYPE a [<!ENTITY b \"x\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    for bad in ["", "<html>", laughs, &"<a>".repeat(50_000), &FILE.replace("SSL", "plain").replace("STARTTLS", "plain")]
    {
        assert!(autoconfig(bad, &claire).is_err());
    }
    let evil =
        FILE.replace("imap.studio.example", "imap.example\"\nca_file = \"x").replace("mail.%EMAILDOMAIN%", "a b");
    assert_eq!(autoconfig(&evil, &claire), Err(XmlError::Missing("IMAP server")));
}

#[test]
fn a_mistyped_provider_is_named() {
    for (typed, near) in [
        ("gmial.com", Some("gmail.com")),
        ("gmail.con", Some("gmail.com")),
        ("hotmial.com", Some("hotmail.com")),
        ("outlok.com", Some("outlook.com")),
        ("gmail.com", None),
        ("studio.example", None),
    ] {
        assert_eq!(meant(typed), near, "{typed}");
    }
}

/// A folder of such files (`FUSEAU_ISPDB`), such as Thunderbird's public set: every one that has a protected IMAP and
/// submission server is read, every other is refused for that reason. Without the folder there is nothing to do.
#[test]
fn every_file_of_a_folder_is_read() {
    let Some(folder) = std::env::var_os("FUSEAU_ISPDB") else { return };
    let (mut read, mut missing) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let xml = std::fs::read_to_string(&path).unwrap();
        if !xml.contains("<clientConfig") {
            continue;
        }
        match autoconfig(&xml, &address("claire@studio.example")) {
            Ok(_) => read += 1,
            Err(XmlError::Missing(what)) => {
                missing += 1;
                eprintln!("{}: no protected {what}", path.display());
            }
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    eprintln!("{read} read, {missing} without protected IMAP or submission");
    assert!(read > 0);
}

/// What providers' files are like: odd, and still to be understood.
#[test]
fn odd_files_are_understood() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/autoconfig");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let xml = std::fs::read_to_string(&path).unwrap();
        // The first line says what is to be found.
        let expected = xml.lines().find_map(|line| line.strip_prefix("<!-- -> ")?.strip_suffix(" -->")).unwrap();
        let said = match autoconfig(&xml, &address("claire@studio.example")) {
            Ok(found) => {
                let end = |it: &Endpoint| format!("{}:{} {:?} {}", it.host, it.port, it.tls, it.user);
                format!("{} | {} | {:?}", end(&found.imap), end(&found.smtp), found.access)
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}
