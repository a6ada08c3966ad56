//! Casting folders: configuration, SPECIAL-USE and names in many languages.
use super::*;

fn listed(names: &[&str], delimiter: char) -> Vec<Found> {
    names
        .iter()
        .map(|name| {
            let (name, special) = match name.split_once(" \\") {
                Some((name, "Sent")) => (name, Some(FolderRole::Sent)),
                Some((name, "Drafts")) => (name, Some(FolderRole::Drafts)),
                Some((name, "Junk")) => (name, Some(FolderRole::Junk)),
                Some((name, "Trash")) => (name, Some(FolderRole::Trash)),
                _ => (*name, None),
            };
            Found { wire: utf7::encode(name), name: name.to_owned(), delimiter: Some(delimiter), special }
        })
        .collect()
}

#[test]
fn parts_are_found() {
    for (names, delimiter, sent, drafts, junk) in [
        (&["INBOX", "Sent", "Sent Items", "Drafts", "Junk"][..], '/', "Sent", "Drafts", "Junk"),
        (&["INBOX", "INBOX.Sent", "INBOX.Drafts", "INBOX.spam"], '.', "INBOX.Sent", "INBOX.Drafts", "INBOX.spam"),
        (&["INBOX", "Envoyés", "Brouillons", "Indésirables"], '/', "Envoyés", "Brouillons", "Indésirables"),
        (&["INBOX", "Gesendete Elemente", "Entwürfe", "Spam"], '/', "Gesendete Elemente", "Entwürfe", "Spam"),
        (&["INBOX", "Отправленные", "Черновики", "Спам"], '|', "Отправленные", "Черновики", "Спам"),
        (&["INBOX", "送信済み", "下書き", "迷惑メール"], '/', "送信済み", "下書き", "迷惑メール"),
        (
            &["INBOX", "[Gmail]/Sent Mail \\Sent", "[Gmail]/Drafts \\Drafts", "[Gmail]/Spam \\Junk", "Sent"],
            '/',
            "[Gmail]/Sent Mail",
            "[Gmail]/Drafts",
            "[Gmail]/Spam",
        ),
        (&["INBOX", "Clients/Sent", "Clients/Drafts"], '/', "", "", ""),
        (&["INBOX"], '/', "", "", ""),
    ] {
        let folders = cast(&listed(names, delimiter), &FolderNames::default()).unwrap();
        let name = |folder: &Option<Folder>| folder.as_ref().map_or(String::new(), |f| f.name.clone());
        assert_eq!(
            (name(&folders.sent), name(&folders.drafts), name(&folders.junk)),
            (sent.into(), drafts.into(), junk.into())
        );
        assert_eq!(folders.inboxes.len(), 1);
    }
}

#[test]
fn what_was_deleted_has_a_folder_too() {
    for (names, wanted) in [
        (&["INBOX", "Trash"][..], "Trash"),
        (&["INBOX", "INBOX.Corbeille"], "INBOX.Corbeille"),
        (&["INBOX", "[Gmail]/Bin \\Trash", "Trash"], "[Gmail]/Bin"),
        (&["INBOX", "ゴミ箱"], "ゴミ箱"),
        (&["INBOX", "Clients/Trash"], ""),
    ] {
        let folders =
            cast(&listed(names, if names[1].contains('.') { '.' } else { '/' }), &FolderNames::default()).unwrap();
        assert_eq!(folders.trash.map_or(String::new(), |folder| folder.name), wanted);
    }
}

#[test]
fn the_configuration_wins_and_is_checked() {
    let found = listed(&["INBOX", "Clients", "Ablage", "Sent \\Sent"], '/');
    let names = FolderNames {
        inboxes: vec!["inbox".into(), "Clients".into()],
        sent: Some("ablage".into()),
        ..FolderNames::default()
    };
    let folders = cast(&found, &names).unwrap();
    assert_eq!(folders.sent.unwrap().name, "Ablage");
    assert_eq!(folders.inboxes.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["INBOX", "Clients"]);

    let missing = FolderNames { drafts: Some("Entwürfe".into()), ..FolderNames::default() };
    let error = cast(&found, &missing).unwrap_err();
    assert!(
        error.is_setup() && error.to_string().contains("Entwürfe") && error.to_string().contains("Clients"),
        "{error}"
    );
}
