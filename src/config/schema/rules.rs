//! Options of the rules: `[replies]`, `[promises]`, `[digest]`.
use super::{Kind, Table, default, optional};

pub(super) static REPLIES: Table = Table {
    heading: "[replies]",
    doc: "When acknowledgements go out, and how many at most.",
    keys: &[
        default(
            "grace",
            Kind::Duration("0s", "7d"),
            r#""5m""#,
            "Delay outside a window, so that a quick answer of yours wins.",
            r#""5m""#,
        ),
        default("grace_in_window", Kind::Duration("0s", "7d"), r#""30m""#, "Delay inside a window.", r#""30m""#),
        default(
            "min_notice",
            Kind::Duration("0s", "7d"),
            r#""30m""#,
            "A window is promised only if its end is at least this far away.",
            r#""30m""#,
        ),
        default(
            "max_age",
            Kind::Duration("1m", "30d"),
            r#""24h""#,
            "Mail that arrived longer ago gets no acknowledgement (rule 47).",
            r#""24h""#,
        ),
        default(
            "min_interval",
            Kind::Duration("0s", "30d"),
            r#""4h""#,
            "Between two acknowledgements to one sender (rule 51).",
            r#""4h""#,
        ),
        default(
            "owner_active",
            Kind::Duration("0s", "30d"),
            r#""4h""#,
            "After you wrote in a conversation, nothing automatic in it for this long (rule 49).",
            r#""4h""#,
        ),
        default(
            "strangers",
            Kind::Choice(&["hold", "acknowledge"]),
            r#""hold""#,
            "People who are no clients: shown to you, or acknowledged if their authentication passes.",
            r#""hold""#,
        ),
        default(
            "per_sender_day",
            Kind::Count(0, 1000),
            "3",
            "Automatic mails to one sender in 24 hours (rule 52).",
            "3",
        ),
        default(
            "per_sender_week",
            Kind::Count(0, 1000),
            "6",
            "Automatic mails to one sender in 7 days (rule 52).",
            "6",
        ),
        default(
            "per_domain_day",
            Kind::Count(0, 10_000),
            "20",
            "Automatic mails to one domain in 24 hours (rule 53).",
            "20",
        ),
        default(
            "per_free_mail_domain_day",
            Kind::Count(0, 10_000),
            "60",
            "The same for domains where anybody has an address, as gmail.com.",
            "60",
        ),
        default(
            "total_10_minutes",
            Kind::Count(0, 10_000),
            "30",
            "All automatic mails in 10 minutes; a mailbox gets half of it. Beyond it everything pauses (rule 54).",
            "30",
        ),
        default("total_hour", Kind::Count(0, 10_000), "60", "The same in an hour.", "60"),
        default("total_day", Kind::Count(0, 10_000), "200", "The same in 24 hours.", "200"),
        default(
            "per_conversation_day",
            Kind::Count(1, 1000),
            "4",
            "Automatic mails in one conversation in 24 hours, whoever gets them; beyond it the conversation rests for a day.",
            "4",
        ),
        default(
            "late",
            Kind::Choice(&["send", "next-decent-hour", "skip"]),
            r#""send""#,
            "What becomes of a mail whose moment was missed by more than ten minutes (an outage, a laptop asleep): sent as \
             long as it is of use, kept for the client's next decent hour, or not sent and told to you.",
            r#""next-decent-hour""#,
        ),
        default(
            "merge",
            Kind::Duration("0s", "24h"),
            r#""30m""#,
            "Holding replies to one client that are due within this span leave as one mail.",
            r#""1h""#,
        ),
        default(
            "mention_clock_change",
            Kind::Flag,
            "true",
            "Whether a mail tells a client that the clocks change within seven days, or before the promised window, and move \
             your hours in their day. One sentence, once for a client and a change.",
            "false",
        ),
        default(
            "max_recipients",
            Kind::Count(1, 1000),
            "6",
            "Visible recipients beyond which a mail is group mail (rule 30).",
            "6",
        ),
        default(
            "when_in_copy",
            Kind::Flag,
            "false",
            "Whether mail that has you only in Cc may be acknowledged (rule 30).",
            "false",
        ),
        default(
            "after_bounce",
            Kind::Duration("0s", "366d"),
            r#""60d""#,
            "No automatic mail to an address that bounced for good, for this long (rule 56).",
            r#""60d""#,
        ),
    ],
    days: None,
};

pub(super) static PROMISES: Table = Table {
    heading: "[promises]",
    doc: "Keeping promises in sight.",
    keys: &[
        default(
            "holding_before",
            Kind::Duration("0s", "7d"),
            r#""15m""#,
            "How long before the deadline a holding reply goes out; it is moved into the client's decent hours.",
            r#""15m""#,
        ),
        default("holding_max", Kind::Count(0, 20), "2", "Holding replies in one conversation at most.", "2"),
        default(
            "filed",
            Kind::Choice(&["keep", "release"]),
            r#""keep""#,
            "A message that is deleted, or moved out of the folders that are followed, without an answer. `keep`: what its \
             sender was told still holds until you answer or say `fuseau done`, because many people archive what they have \
             read. `release`: filing means that nothing is owed any more; no holding reply goes out.",
            r#""release""#,
        ),
    ],
    days: None,
};

pub(super) static DIGEST: Table = Table {
    heading: "[digest]",
    doc: "The one mail to you instead of many notifications.",
    keys: &[
        optional(
            "to",
            Kind::Address,
            "the address of the first mailbox",
            "Where it goes.",
            r#""claire@studio.example""#,
        ),
        default(
            "at",
            Kind::DigestTimes,
            r#""window""#,
            "At the opening of each window, at fixed times where you are, or `\"off\"`.",
            r#"["08:00", "18:00"]"#,
        ),
    ],
    days: None,
};

pub(super) static HISTORY: Table = Table {
    heading: "[history]",
    doc: "What is kept in the written history, and for how long.",
    keys: &[
        optional(
            "retention",
            Kind::Duration("30d", "50y"),
            "it is kept until you erase it",
            "Once nothing was exchanged with a client for so long, all of it is erased from the history and the search index; mail \
             of people who are no clients when it is so old. Open promises keep it. The mailbox itself is never touched.",
            r#""3y""#,
        ),
        default(
            "keep",
            Kind::Choice(&["raw", "text", "headers"]),
            r#""raw""#,
            "What is kept of each message that is recorded or imported from now on: `raw` its bytes (of a long one the first 256 KiB), \
             `text` its header fields and its text (likewise), `headers` its header fields alone; then only subjects, names and addresses are \
             found by a search. Mail of fuseau's own is always kept as it left.",
            r#""text""#,
        ),
        default(
            "attachments",
            Kind::Choice(&["list", "keep"]),
            r#""list""#,
            "`list`: of an attachment of more than 1024 octets name, type, size and SHA-256 stand in the history, its bytes stay in \
             the mailbox; a smaller one (a key, a card) is kept. `keep`: all are kept, as far as they lie in the first 256 KiB. Both for \
             `keep = \"raw\"`; with `text` and `headers` every attachment is only listed.",
            r#""keep""#,
        ),
    ],
    days: None,
};

pub(super) static WEB: Table = Table {
    heading: "[web]",
    doc: "The desk in a browser (`fuseau web`), on this machine only.",
    keys: &[
        default(
            "serve",
            Kind::Flag,
            "false",
            "Whether `fuseau run` serves it too; `fuseau web` then only prints a link.",
            "true",
        ),
        default(
            "listen",
            Kind::Text,
            r#""127.0.0.1:8427""#,
            "A loopback address with a port, or the path of a Unix socket. Any other address is refused: the page shows your \
             clients' mail. From elsewhere, tunnel: `ssh -L 8427:127.0.0.1:8427 HOST`.",
            r#""[::1]:8427""#,
        ),
    ],
    days: None,
};
