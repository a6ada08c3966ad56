//! Domains that sell or give addresses to everybody: there, the same domain does not mean the same
//! organisation, and many clients may share one.

/// Lower case, sorted.
const FREE_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "bbox.fr",
    "bigpond.com",
    "bluewin.ch",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "infomaniak.ch",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "live.ca",
    "live.com",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "neuf.fr",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.it",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rocketmail.com",
    "seznam.cz",
    "sfr.fr",
    "sina.com",
    "t-online.de",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "videotron.ca",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.ca",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// Whether anybody can have an address at `domain` (lower case).
#[must_use]
pub fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.binary_search(&domain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_as_the_search_needs() {
        assert!(FREE_MAIL.is_sorted());
        assert!(is_free_mail("gmail.com") && is_free_mail("126.com") && is_free_mail("zoho.com"));
        assert!(!is_free_mail("acme.example"));
    }
}
