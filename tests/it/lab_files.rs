//! The lab's two configurations of Dovecot say the same: one machine has 2.3, the next 2.4, and only one is ever tried.
use std::collections::BTreeSet;

/// What 2.4 calls otherwise: service settings of 2.3 in its words.
const RENAMED: &[(&str, &str)] =
    &[("service_count = 0", "restart_request_count = unlimited"), ("address = ", "listen = ")];

/// Settings with the sections that they stand in, without those whose form differs: TLS files, password databases,
/// storage, Sieve.
fn settings(version: &str) -> BTreeSet<String> {
    let path = format!("{}/tests/lab.d/dovecot-{version}.conf", env!("CARGO_MANIFEST_DIR"));
    let mut sections: Vec<String> = Vec::new();
    let mut found = BTreeSet::new();
    for line in std::fs::read_to_string(&path).unwrap().lines().map(str::trim) {
        if let Some(section) = line.strip_suffix('{') {
            sections.push(section.trim().to_owned());
        } else if line == "}" {
            sections.pop().unwrap();
        } else if !line.is_empty() && !line.starts_with('#') {
            let own = RENAMED.iter().find(|(old, _)| version == "2.3" && line.starts_with(old));
            let line = own.map_or_else(|| line.to_owned(), |(old, new)| line.replacen(old, new, 1));
            found.insert(format!("{}{line}", sections.iter().map(|it| format!("{it} / ")).collect::<String>()));
        }
    }
    assert!(sections.is_empty(), "{path}: {sections:?}");
    let other = |setting: &str| {
        let top = setting.split(" / ").next().unwrap();
        let differs = [
            "passdb",
            "userdb",
            "oauth2",
            "plugin",
            "sieve",
            "protocol lmtp",
            "dovecot_",
            "mail_location",
            "mail_driver",
        ];
        let tls = setting.starts_with("ssl_") && !setting.starts_with("ssl_min");
        let words = ["mail_path", "disable_plaintext_auth", "auth_allow_cleartext", "auth_username_format"];
        differs.iter().chain(&words).any(|word| top.starts_with(word)) || tls
    };
    found.retain(|setting| !other(setting));
    found
}

#[test]
fn both_versions_of_dovecot_serve_the_same() {
    let (old, new) = (settings("2.3"), settings("2.4"));
    let lacks = |one: &BTreeSet<String>, other: &BTreeSet<String>| other.difference(one).cloned().collect::<Vec<_>>();
    assert_eq!(lacks(&new, &old), Vec::<String>::new(), "2.4 lacks");
    assert_eq!(lacks(&old, &new), Vec::<String>::new(), "2.3 lacks");
    let kept = |word: &str| old.iter().filter(|setting| setting.contains(word)).count();
    assert_eq!(
        (kept("port = @"), kept("special_use = "), kept("chroot =")),
        (3, 3, 5),
        "the comparison sees them: {old:#?}"
    );
    assert!(old.contains("namespace inbox / mailbox Sent / special_use = \\Sent"), "{old:#?}");
}

/// The ways in which people log in and where users stand are said in other words; that they are said is compared.
#[test]
fn both_versions_know_the_same_people() {
    for (old, new) in [
        ("passwd-file", "passwd-file"),
        ("oauth2", "oauth2"),
        ("@BASE@/run/users", "@BASE@/run/users"),
        ("home=@BASE@/mail/%n", "home = @BASE@/mail/%{user | username}"),
        ("mail_location = maildir:~/Maildir", "mail_path = ~/Maildir"),
        ("disable_plaintext_auth = no", "auth_allow_cleartext = yes"),
        ("sieve = file:~/sieve;active=~/.dovecot.sieve", "active_path = ~/.dovecot.sieve"),
        ("sieve_vacation_min_period = 0", "sieve_vacation_min_period = 0"),
        ("sieve_vacation_send_from_recipient = yes", "sieve_vacation_send_from_recipient = yes"),
        ("mail_plugins = $mail_plugins sieve", "sieve = yes"),
        ("<@BASE@/tls/cert.pem", "@BASE@/tls/cert.pem"),
        ("<@BASE@/tls/key.pem", "@BASE@/tls/key.pem"),
    ] {
        for (version, wanted) in [("2.3", old), ("2.4", new)] {
            let path = format!("{}/tests/lab.d/dovecot-{version}.conf", env!("CARGO_MANIFEST_DIR"));
            assert!(std::fs::read_to_string(&path).unwrap().contains(wanted), "{path}: {wanted}");
        }
    }
}
