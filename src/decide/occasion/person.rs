//! Which address of a client is a person's, by their name. A letter to one person reaches nobody else: where it cannot be told,
//! there is none. Never here: which mailbox (way.rs), reading names out of mails (`daemon::occasions`).
use super::Contact;
use crate::decide::fold::{fold, tokens};
use crate::model::{AddressPattern, Birthday, Client, EmailAddress};

/// The address of whose birthday it is.
#[must_use]
pub fn address_of(client: &Client, contact: Option<&Contact>, birthday: &Birthday) -> Option<EmailAddress> {
    if let Some(address) = &birthday.address {
        return Some(address.clone());
    }
    let wanted = words(&birthday.person);
    let people = contact.map_or(&[][..], |contact| contact.people.as_slice());
    let exact = client.contacts.iter().filter_map(|pattern| match pattern {
        AddressPattern::Exact(address) => Some(address),
        _ => None,
    });
    let last = contact.and_then(|contact| contact.address.as_ref());
    let mut known: Vec<&EmailAddress> = Vec::new();
    for address in exact.chain(people.iter().map(|(address, _)| address)).chain(last) {
        if !known.iter().any(|other| other.folded() == address.folded()) {
            known.push(address);
        }
    }
    // Under their whole name, or under a shorter one.
    let shorter = |seen: &[String]| wanted.first().is_some_and(|first| seen.contains(first)) && within(seen, &wanted);
    for fits in [&(|seen: &[String]| within(&wanted, seen)) as &dyn Fn(&[String]) -> bool, &shorter] {
        let found: Vec<_> = people.iter().filter(|(_, name)| fits(&words(name))).collect();
        if let Some((address, name)) = found.first() {
            // Several addresses of one person: the one that was used last comes first.
            let one = found.iter().all(|(other, of)| other.folded() == address.folded() || words(of) == words(name));
            return one.then(|| address.clone());
        }
    }
    let other = |address: &EmailAddress| {
        let mut names = people.iter().filter(|(of, _)| of.folded() == address.folded());
        names.any(|(_, name)| !words(name).iter().any(|word| wanted.contains(word)))
    };
    let by_address: Vec<_> = known.iter().filter(|it| is_of(it.local(), &wanted) && !other(it)).collect();
    match (by_address.as_slice(), known.as_slice(), client.contacts.as_slice()) {
        ([one], ..) => Some((**one).clone()),
        ([], [only], [AddressPattern::Exact(_)]) => Some((*only).clone()),
        _ => None,
    }
}

/// Whether names out of past mails are needed to know to whom the birthdays of a client go.
#[must_use]
pub fn is_unsettled(client: &Client) -> bool {
    client.birthdays.iter().any(|birthday| address_of(client, None, birthday).is_none())
}

/// The folded words of a name, without digits.
fn words(name: &str) -> Vec<String> {
    let folded = fold(name).replace(|c: char| c == '\'' || c.is_numeric(), " ");
    tokens(&folded).flat_map(|word| word.split('_')).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn within(few: &[String], many: &[String]) -> bool {
    !few.is_empty() && few.iter().all(|word| many.contains(word))
}

/// `paul`, `paul.martin`, `p.martin`, `pmartin` are Paul Martin; `peter.martin` is not.
fn is_of(local: &str, wanted: &[String]) -> bool {
    let parts = words(local);
    if let ([part], [first, .., last]) = (parts.as_slice(), wanted) {
        let initial = |word: &str| word.chars().next().map(String::from).unwrap_or_default();
        let joined =
            [format!("{first}{last}"), format!("{}{last}", initial(first)), format!("{first}{}", initial(last))];
        if joined.contains(part) {
            return true;
        }
    }
    let (theirs, rest): (Vec<&String>, Vec<&String>) = parts.iter().partition(|part| wanted.contains(part));
    let initial = |part: &str| part.chars().count() == 1 && wanted.iter().any(|word| word.starts_with(part));
    theirs.iter().any(|part| part.chars().count() > 1) && (wanted.len() == 1 || rest.iter().all(|part| initial(part)))
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn whose_an_address_is() {
        for (local, person, want) in [
            ("paul", "Paul", true),
            ("paul.martin", "Paul", true),
            ("p.martin", "Paul Martin", true),
            ("pmartin", "Paul Martin", true),
            ("Martin-Paul2", "Paul Martin", true),
            ("andre", "André", true),
            ("peter.martin", "Paul Martin", false),
            ("martin", "Paul Martin", true),
            ("pauline", "Paul", false),
            ("p", "Paul", false),
            ("info", "Paul", false),
            ("anna", "", false),
        ] {
            assert_eq!(is_of(local, &super::words(person)), want, "{local} {person}");
        }
    }
}
