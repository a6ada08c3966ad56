//! The machine-readable part of a report: whom a delivery report names as gone for good (RFC 3464), and whether a feedback
//! report complains (RFC 5965).
use crate::model::EmailAddress;

/// Status codes after which an address is not worth another automatic mail (RFC 3463; rule 56): no such mailbox,
/// null MX, mailbox disabled, no route.
const FOR_GOOD: [&str; 4] = ["5.1.1", "5.1.10", "5.2.1", "5.4.4"];
/// Addresses kept at most.
const MOST: usize = 20;

/// The addresses that failed for good.
pub(super) fn undeliverable(text: &str) -> Vec<EmailAddress> {
    let mut gone = Vec::new();
    // Groups of fields, parted by blank lines; one for each recipient (RFC 3464 2.1).
    for group in text.replace("\r\n", "\n").split("\n\n") {
        let field = |name: &str| {
            group.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let status = field("Status").unwrap_or_default();
        let code = status.split_whitespace().next().unwrap_or_default();
        let recipient = field("Final-Recipient").or_else(|| field("Original-Recipient"));
        // `rfc822; anna@acme.example`
        let address = recipient.and_then(|it| EmailAddress::parse(it.rsplit(';').next().unwrap_or_default()));
        if let Some(address) = address.filter(|_| FOR_GOOD.contains(&code))
            && gone.len() < MOST
        {
            gone.push(address);
        }
    }
    gone
}

/// Whether a feedback report says that mail was unwanted. Others say that it was not, or speak of authentication.
pub(super) fn is_complaint(text: &str) -> bool {
    text.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        let kind = value.trim().to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case("Feedback-Type")
            && matches!(kind.as_str(), "abuse" | "fraud" | "virus" | "opt-out" | "opt-out-list")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_unwanted_is_a_complaint() {
        assert!(is_complaint("Feedback-Type: abuse\r\nVersion: 1\r\n"));
        for other in ["Feedback-Type: not-spam\r\n", "Feedback-Type: auth-failure\r\n", "Version: 1\r\n", ""] {
            assert!(!is_complaint(other), "{other}");
        }
    }

    #[test]
    fn only_what_is_gone_for_good_counts() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; gone@acme.example\r\nAction: failed\r\n\
                    Status: 5.1.1\r\n\r\nFinal-Recipient: rfc822;full@acme.example\r\nStatus: 5.2.2\r\n\r\n\
                    Final-Recipient: rfc822; later@acme.example\r\nStatus: 4.1.1\r\n";
        let found: Vec<String> = undeliverable(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["gone@acme.example"]);
        assert!(undeliverable("nothing: here").is_empty());
    }
}
