//! Options of `[mailbox.NAME]` and of the tables in it.
use super::{Kind, Table, default, optional, required};

/// Authorities whose endpoints are known, and any other.
const OAUTH2_PROVIDERS: [&str; 4] = ["google", "microsoft", "fastmail", "other"];

/// The table form of a secret.
pub(in super::super) static SECRET: Table = Table {
    heading: "",
    doc: "Where a secret is found; exactly one of them.",
    keys: &[
        optional(
            "command",
            Kind::Command,
            "",
            "A command whose first line of output is the secret; it has 30 seconds. Text goes to `/bin/sh -c`, a list is \
             run as it is.",
            r#""pass show mail/studio""#,
        ),
        optional(
            "file",
            Kind::Path,
            "",
            "A file of yours that nobody else can read (mode 0600); its first line is the secret.",
            r#""studio.password""#,
        ),
        optional("env", Kind::Text, "", "An environment variable.", r#""STUDIO_PASSWORD""#),
        optional(
            "credential",
            Kind::Text,
            "",
            "A systemd credential (`LoadCredential=`): the file of that name in `$CREDENTIALS_DIRECTORY`.",
            r#""studio""#,
        ),
        optional(
            "keyring",
            Kind::Text,
            "",
            "An entry of the desktop's keyring, service `fuseau`, user name as given here. Only in a fuseau that was built with \
             `--features keyring`.",
            r#""studio""#,
        ),
    ],
    days: None,
};

static OAUTH2: Table = Table {
    heading: "",
    doc: "Login with an access token (XOAUTH2 or OAUTHBEARER): either from a command, or from the authority itself after \
          `fuseau auth login`.",
    keys: &[
        required(
            "provider",
            Kind::Choice(&OAUTH2_PROVIDERS),
            "Whose tokens they are. `other` needs `token_url`, and `authorize_url` for `fuseau auth login`.",
            r#""google""#,
        ),
        optional(
            "token_command",
            Kind::Command,
            "",
            "A command whose first line of output is a fresh access token, for example `oama access claire@gmail.com`.",
            r#""oama access claire@studio.example""#,
        ),
        optional(
            "client_id",
            Kind::Text,
            "",
            "Your own client id with the authority; none is shipped. Instead of `token_command`.",
            r#""1234.apps.googleusercontent.com""#,
        ),
        optional(
            "client_secret",
            Kind::Secret,
            "no secret",
            "The secret of the client id, where the authority wants one (Google does).",
            r#"{ file = "google.secret" }"#,
        ),
        optional(
            "refresh_token",
            Kind::Secret,
            "what `fuseau auth login` left",
            "A refresh token got by other means. Without it, run `fuseau auth login` once.",
            r#"{ file = "studio.refresh" }"#,
        ),
        optional(
            "scopes",
            Kind::Texts,
            "what IMAP and SMTP need there",
            "What to ask for.",
            r#"["https://mail.google.com/"]"#,
        ),
        optional(
            "resource",
            Kind::Texts,
            "what Fastmail wants; else none is named",
            "For which services, where the authority wants to know it (RFC 8707): their addresses.",
            r#"["https://mail.example.com"]"#,
        ),
        default(
            "keep",
            Kind::Choice(&["file", "keyring"]),
            r#""file""#,
            "Where the tokens of `fuseau auth login` are kept: a file of yours in the state directory (mode 0600), or the desktop's \
             keyring (a build with `--features keyring`).",
            r#""keyring""#,
        ),
        optional(
            "authorize_url",
            Kind::Text,
            "the provider's",
            "Where the browser goes.",
            r#""https://login.example.com/authorize""#,
        ),
        optional(
            "token_url",
            Kind::Text,
            "the provider's",
            "Where tokens are fetched.",
            r#""https://login.example.com/token""#,
        ),
        optional(
            "device_url",
            Kind::Text,
            "the provider's, if it has one",
            "Where a machine without a browser asks for a code (`fuseau auth login --device`).",
            r#""https://login.example.com/device""#,
        ),
        optional(
            "issuer",
            Kind::Text,
            "the provider's, if it is known",
            "What the authority calls itself; its answers are checked against it.",
            r#""https://login.example.com""#,
        ),
    ],
    days: None,
};

macro_rules! server {
    ($doc:literal, $port:literal, $tls:literal, $usual:literal) => {
        Table {
            heading: "",
            doc: $doc,
            keys: &[
                required("host", Kind::Text, "The server's name.", r#""mail.example.com""#),
                optional("port", Kind::Count(1, 65535), $port, "The port.", $usual),
                optional(
                    "tls",
                    Kind::Choice(&["implicit", "starttls", "none"]),
                    $tls,
                    "How the connection is protected. `none` is accepted on this machine only.",
                    r#""implicit""#,
                ),
                optional(
                    "user",
                    Kind::Text,
                    "no login",
                    "The user name; it needs `password` or `oauth2`.",
                    r#""claire@studio.example""#,
                ),
                optional(
                    "password",
                    Kind::Secret,
                    "no password",
                    "The password, or better where it is found. Text is refused if others can read the file.",
                    r#"{ command = "pass show mail/studio" }"#,
                ),
                optional(
                    "oauth2",
                    Kind::Table(&OAUTH2),
                    "a password",
                    "Login with an access token instead of a password.",
                    r#"{ provider = "google", token_command = "oama access claire@studio.example" }"#,
                ),
                optional(
                    "ca_file",
                    Kind::Path,
                    "the system's roots alone",
                    "A PEM file with further roots to trust.",
                    r#""ca.pem""#,
                ),
            ],
            days: None,
        }
    };
}

static IMAP: Table =
    server!("The IMAP server.", "993 for `implicit`, 143 otherwise", "`starttls` on port 143, else `implicit`", "993");
static SMTP: Table = server!(
    "The submission server.",
    "465 for `implicit`, 587 otherwise",
    "`starttls` on ports 587 and 25, else `implicit`",
    "465"
);

pub(super) static MAILBOX: Table = Table {
    heading: "[mailbox.NAME]",
    doc: "One IMAP and SMTP identity of yours. NAME is yours to choose; status and logs show it.",
    keys: &[
        required("address", Kind::Address, "Its address; automatic mail comes from it.", r#""claire@studio.example""#),
        optional(
            "aliases",
            Kind::Addresses,
            "no aliases",
            "Further addresses that deliver here. Mail that names none of your addresses is never answered.",
            r#"["hello@studio.example"]"#,
        ),
        default(
            "mode",
            Kind::Choice(&["observe", "draft", "send"]),
            r#""observe""#,
            "`observe`: write down what would be sent. `draft`: replies wait in Drafts. `send`: acknowledgements and \
             holding replies leave by themselves. `fuseau trust` raises and lowers beside this line.",
            r#""observe""#,
        ),
        optional(
            "imap",
            Kind::Table(&IMAP),
            "`maildir` is needed",
            "Where mail is fetched.",
            r#"{ host = "imap.example.com", user = "claire@studio.example", password = { command = "pass show mail/studio" } }"#,
        ),
        optional(
            "smtp",
            Kind::Table(&SMTP),
            "`sendmail` or `outgoing` is needed, except with `observe`",
            "Where mail is handed over.",
            r#"{ host = "smtp.example.com", user = "claire@studio.example", password = { credential = "studio" } }"#,
        ),
        optional(
            "maildir",
            Kind::Path,
            "`imap` is needed",
            "A local Maildir++ instead of IMAP, with folders `.Sent` and `.Drafts`.",
            r#""/home/claire/Maildir""#,
        ),
        optional(
            "sendmail",
            Kind::Command,
            "`smtp` is used",
            "A sendmail-like program instead of SMTP: text is split at spaces, a list is run as it is; recipients follow \
             as arguments.",
            r#""/usr/sbin/sendmail""#,
        ),
        optional(
            "outgoing",
            Kind::Path,
            "`smtp` is used",
            "A folder instead of SMTP: each mail becomes one file in it.",
            r#""outgoing""#,
        ),
        default("folders", Kind::Texts, r#"["INBOX"]"#, "Folders in which clients' mail arrives.", r#"["INBOX"]"#),
        optional("sent", Kind::Text, "found by SPECIAL-USE or by name", "The folder of sent mail.", r#""Sent""#),
        optional("drafts", Kind::Text, "found by SPECIAL-USE or by name", "The folder of drafts.", r#""Drafts""#),
        optional("junk", Kind::Text, "found by SPECIAL-USE or by name", "The folder of junk.", r#""Junk""#),
        default(
            "poll",
            Kind::Duration("5s", "1h"),
            r#""1m""#,
            "How often the mailbox is looked at; IDLE makes it faster where the server has it.",
            r#""1m""#,
        ),
        optional(
            "trusted_authserv",
            Kind::Texts,
            "no authentication result is trusted (rules 34, 37)",
            "Names under which your own server writes `Authentication-Results`; `fuseau check --online` shows the names \
             seen.",
            r#"["mx.example.com"]"#,
        ),
        optional(
            "provider",
            Kind::Choice(&["microsoft365", "google"]),
            "an ordinary server",
            "A provider with ways of its own. `google`: its results stand under `mx.google.com`, which is trusted (rule \
             34), and it files sent mail by itself (`sent_copy` is then `\"never\"`). `microsoft365`: its results stand \
             under no name and are trusted (rule 35); it refuses the empty envelope sender.",
            r#""microsoft365""#,
        ),
        optional(
            "own_lists",
            Kind::Texts,
            "all list mail is left alone",
            "List-Ids that are shared inboxes of yours, not mailing lists (rule 10).",
            r#"["hello.studio.example"]"#,
        ),
        optional(
            "team",
            Kind::Addresses,
            "no colleagues",
            "Colleagues: their mail is no client's, and their answers keep promises (rule 22).",
            r#"["paul@studio.example"]"#,
        ),
        optional(
            "contact_form_senders",
            Kind::Addresses,
            "no web forms",
            "Senders of web forms whose `Reply-To` is the real author (rule 24).",
            r#"["form@studio.example"]"#,
        ),
        default(
            "envelope_sender",
            Kind::ChoiceOrAddress(&["account", "null"]),
            r#""account""#,
            "The envelope sender of automatic mail: the mailbox's address, the empty one (several providers refuse it), \
             or a fixed address.",
            r#""account""#,
        ),
        default(
            "sent_copy",
            Kind::Choice(&["auto", "always", "never"]),
            r#""auto""#,
            "Whether a copy of sent mail is put into Sent; `auto` looks first whether the server did it.",
            r#""auto""#,
        ),
        default(
            "commands",
            Kind::Flag,
            "false",
            "Folders as commands: `Fuseau/Done`, `Fuseau/Never`, `Fuseau/Hold 2 days`, `Fuseau/Their morning`, \
             `Fuseau/Send now` are made, in your first language, and what is moved into them is carried out.",
            "true",
        ),
        optional(
            "commands_into",
            Kind::Text,
            "it goes back to where it was",
            "The folder for messages whose wish (done, never, hold) was carried out, for example an archive.",
            r#""Archive""#,
        ),
    ],
    days: None,
};
