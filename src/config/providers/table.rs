//! Mail providers that are known by name, so that a first configuration needs no network. Written from the providers' own
//! help pages. One line is one provider; the order counts where two could match.
use crate::model::Tls;

/// How a provider lets programs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The account's password, or one made for programs.
    Password,
    /// A password made for programs; the account's own is refused. Where it is made.
    AppPassword(&'static str),
    /// An access token: the name of the authority in the configuration.
    Token(&'static str),
    /// A program on this machine stands between.
    Bridge(&'static str),
    /// No IMAP at all; why.
    Closed(&'static str),
}

/// One provider.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name, for people.
    pub name: &'static str,
    /// Domains of its addresses.
    pub domains: &'static [&'static str],
    /// Ends of the names of its mail exchangers, for customers with a domain of their own.
    pub exchangers: &'static [&'static str],
    /// IMAP: host, port, protection.
    pub imap: (&'static str, u16, Tls),
    /// Submission: host, port, protection.
    pub smtp: (&'static str, u16, Tls),
    /// How it lets programs in.
    pub access: Access,
    /// The IMAP user is the part before the `@` alone.
    pub local_user: bool,
    /// Further lines for `[mailbox.NAME]`.
    pub extra: &'static [&'static str],
}

const TLS: Tls = Tls::Implicit;
const START: Tls = Tls::StartTls;

/// Most providers: TLS from the first byte, the whole address as user.
const fn plain(
    name: &'static str,
    domains: &'static [&'static str],
    exchangers: &'static [&'static str],
    imap: &'static str,
    smtp: &'static str,
) -> Known {
    Known {
        name,
        domains,
        exchangers,
        imap: (imap, 993, TLS),
        smtp: (smtp, 465, TLS),
        access: Access::Password,
        local_user: false,
        extra: &[],
    }
}

/// Every provider.
pub const KNOWN: &[Known] = &[
    Known {
        access: Access::AppPassword("https://myaccount.google.com/apppasswords"),
        extra: &["provider = \"google\"", "trusted_authserv = [\"mx.google.com\"]"],
        ..plain(
            "Gmail",
            &["gmail.com", "googlemail.com"],
            &["google.com", "googlemail.com"],
            "imap.gmail.com",
            "smtp.gmail.com",
        )
    },
    Known {
        smtp: ("smtp.office365.com", 587, START),
        access: Access::Token("microsoft"),
        extra: &["provider = \"microsoft365\"", "sent_copy = \"never\""],
        ..plain("Microsoft 365", &[], &["mail.protection.outlook.com", "mx.microsoft"], "outlook.office365.com", "")
    },
    Known {
        smtp: ("smtp-mail.outlook.com", 587, START),
        access: Access::Token("microsoft"),
        extra: &["provider = \"microsoft365\"", "sent_copy = \"never\""],
        ..plain(
            "Outlook.com",
            &[
                "outlook.com",
                "hotmail.com",
                "live.com",
                "msn.com",
                "outlook.fr",
                "hotmail.fr",
                "live.fr",
                "outlook.de",
                "hotmail.de",
                "outlook.es",
                "hotmail.es",
                "outlook.it",
                "hotmail.it",
                "hotmail.co.uk",
                "live.co.uk",
                "outlook.pt",
                "outlook.jp",
                "live.nl",
                "outlook.com.br",
            ],
            &["olc.protection.outlook.com"],
            "outlook.office365.com",
            "",
        )
    },
    Known {
        smtp: ("smtp.mail.me.com", 587, START),
        access: Access::AppPassword("https://account.apple.com (Sign-In and Security, App-Specific Passwords)"),
        local_user: true,
        ..plain("iCloud", &["icloud.com", "me.com", "mac.com"], &["mail.icloud.com"], "imap.mail.me.com", "")
    },
    Known {
        access: Access::AppPassword("https://app.fastmail.com/settings/security/apps"),
        ..plain(
            "Fastmail",
            &["fastmail.com", "fastmail.fm", "fastmail.jp", "sent.com"],
            &["messagingengine.com"],
            "imap.fastmail.com",
            "smtp.fastmail.com",
        )
    },
    Known {
        imap: ("127.0.0.1", 1143, Tls::None),
        smtp: ("127.0.0.1", 1025, Tls::None),
        access: Access::Bridge(
            "Proton Mail Bridge has to run on this machine; the password is the one that Bridge shows",
        ),
        ..plain("Proton Mail", &["proton.me", "protonmail.com", "pm.me", "protonmail.ch"], &["protonmail.ch"], "", "")
    },
    Known {
        access: Access::Closed("Tuta offers no IMAP"),
        ..plain("Tuta", &["tuta.com", "tutanota.com", "tutanota.de", "tuta.io", "keemail.me"], &["tutanota.de"], "", "")
    },
    Known {
        access: Access::AppPassword("https://login.yahoo.com/account/security"),
        ..plain(
            "Yahoo",
            &[
                "yahoo.com",
                "yahoo.fr",
                "yahoo.de",
                "yahoo.es",
                "yahoo.it",
                "yahoo.co.uk",
                "ymail.com",
                "rocketmail.com",
            ],
            &["yahoodns.net"],
            "imap.mail.yahoo.com",
            "smtp.mail.yahoo.com",
        )
    },
    Known {
        access: Access::AppPassword("https://login.aol.com/account/security"),
        ..plain("AOL", &["aol.com"], &[], "imap.aol.com", "smtp.aol.com")
    },
    plain(
        "GMX (international)",
        &["gmx.com", "gmx.us", "gmx.co.uk"],
        &["mx00.gmx.com", "mx01.gmx.com"],
        "imap.gmx.com",
        "mail.gmx.com",
    ),
    plain("GMX", &["gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.eu"], &["gmx.net"], "imap.gmx.net", "mail.gmx.net"),
    Known { smtp: ("smtp.web.de", 587, START), ..plain("WEB.DE", &["web.de"], &["web.de"], "imap.web.de", "") },
    plain(
        "T-Online",
        &["t-online.de", "magenta.de"],
        &["t-online.de"],
        "secureimap.t-online.de",
        "securesmtp.t-online.de",
    ),
    plain("Posteo", &["posteo.de", "posteo.net", "posteo.eu", "posteo.ch"], &["posteo.de"], "posteo.de", "posteo.de"),
    plain("mailbox.org", &["mailbox.org"], &["mailbox.org"], "imap.mailbox.org", "smtp.mailbox.org"),
    plain("STRATO", &[], &["rzone.de"], "imap.strato.de", "smtp.strato.de"),
    plain("IONOS (Germany)", &[], &["kundenserver.de", "ionos.de"], "imap.ionos.de", "smtp.ionos.de"),
    plain("IONOS (France)", &[], &["ionos.fr"], "imap.ionos.fr", "smtp.ionos.fr"),
    plain("IONOS", &[], &["ionos.com", "perfora.net", "ionos.co.uk"], "imap.ionos.com", "smtp.ionos.com"),
    plain("Hetzner", &[], &["your-server.de"], "mail.your-server.de", "mail.your-server.de"),
    plain("OVHcloud", &[], &["mail.ovh.net", "ovh.net"], "ssl0.ovh.net", "ssl0.ovh.net"),
    plain("Gandi", &[], &["mail.gandi.net"], "mail.gandi.net", "mail.gandi.net"),
    plain("Infomaniak", &["ik.me", "etik.com"], &["infomaniak.ch"], "mail.infomaniak.com", "mail.infomaniak.com"),
    plain("Orange", &["orange.fr", "wanadoo.fr"], &["orange.fr"], "imap.orange.fr", "smtp.orange.fr"),
    plain("Free", &["free.fr"], &["free.fr"], "imap.free.fr", "smtp.free.fr"),
    plain("La Poste", &["laposte.net"], &["laposte.net"], "imap.laposte.net", "smtp.laposte.net"),
    plain("SFR", &["sfr.fr", "neuf.fr", "cegetel.net"], &["sfr.fr"], "imap.sfr.fr", "smtp.sfr.fr"),
    plain("Bluewin", &["bluewin.ch"], &["bluewin.ch"], "imaps.bluewin.ch", "smtpauths.bluewin.ch"),
    plain("Libero", &["libero.it", "iol.it"], &["libero.it"], "imapmail.libero.it", "smtp.libero.it"),
    plain("Zoho (Europe)", &["zohomail.eu"], &["zoho.eu"], "imappro.zoho.eu", "smtppro.zoho.eu"),
    plain("Zoho", &["zoho.com", "zohomail.com"], &["zoho.com"], "imappro.zoho.com", "smtppro.zoho.com"),
    plain("Migadu", &[], &["migadu.com"], "imap.migadu.com", "smtp.migadu.com"),
    plain("Purelymail", &[], &["purelymail.com"], "imap.purelymail.com", "smtp.purelymail.com"),
    plain("Mailfence", &["mailfence.com"], &["mailfence.com"], "imap.mailfence.com", "smtp.mailfence.com"),
    plain("Runbox", &["runbox.com"], &["runbox.com"], "mail.runbox.com", "mail.runbox.com"),
    plain("Namecheap Private Email", &[], &["privateemail.com"], "mail.privateemail.com", "mail.privateemail.com"),
    plain("Rackspace", &[], &["emailsrvr.com"], "secure.emailsrvr.com", "secure.emailsrvr.com"),
    plain("DreamHost", &[], &["dreamhost.com"], "imap.dreamhost.com", "smtp.dreamhost.com"),
    plain("NetEase 163", &["163.com"], &["netease.com"], "imap.163.com", "smtp.163.com"),
    Known {
        access: Access::AppPassword("https://id.yandex.com/security/app-passwords"),
        ..plain("Yandex", &["yandex.com", "yandex.ru"], &["yandex.net"], "imap.yandex.com", "smtp.yandex.com")
    },
];
