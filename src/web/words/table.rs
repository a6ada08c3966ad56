//! The list of the desk's words: a field each, so that the compiler knows them all. What they say: templates/.
use super::Lines;
use crate::model::Language;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The words of one language.
        #[derive(Debug)]
        pub struct Words {
            /// Its code, for `lang`.
            pub code: &'static str,
            /// It is written from right to left.
            pub rtl: bool,
            /// Words for stable words: (family, stable word, how it is said).
            pub(super) families: Vec<(&'static str, &'static str, &'static str)>,
            $( $(#[$doc])* pub $name: &'static str, )+
        }

        /// Every key.
        #[cfg(test)]
        pub(super) const KEYS: &[&str] = &[ $( stringify!($name), )+ ];

        impl Words {
            /// From the lines of a file; a test keeps them complete.
            pub(super) fn read(language: Language, lines: &Lines) -> Self {
                let families = lines.iter().filter_map(|(key, said)| {
                    let (family, word) = key.split_once('.')?;
                    Some((family, word, *said))
                });
                Self {
                    code: language.code(),
                    rtl: language == Language::Ar,
                    families: families.collect(),
                    $( $name: lines.get(stringify!($name)).copied().unwrap_or(stringify!($name)), )+
                }
            }
        }
    };
}

table! {
    /// `{d}`, `{h}`, `{m}`
    span_minutes,
    /// From an hour on.
    span_hours,
    /// From a day on.
    span_days,
    /// From a day on, whole.
    span_long,
    /// "in {}"
    left,
    /// "{} overdue"
    overdue,
    /// A page.
    today,
    /// A page.
    outbox,
    /// A page.
    search,
    /// A page.
    stats,
    /// A list in the head.
    clients,
    /// For screen readers: the link over the head.
    skip,
    /// For screen readers: the main navigation.
    pages,
    /// The state in the head.
    running,
    /// The state in the head.
    stopped,
    /// The state in the head.
    paused,
    /// An act.
    pause,
    /// An act.
    resume,
    /// What the pause means.
    paused_means,
    /// A heading.
    awake,
    /// Next answer window.
    window,
    /// What somebody does.
    at_night,
    /// What somebody does.
    is_awake,
    /// What somebody does.
    at_work,
    /// What somebody does.
    in_window,
    /// The owner.
    you,
    /// A heading.
    hours,
    /// A heading.
    promises,
    /// An empty list.
    no_promises,
    /// A heading.
    drafts,
    /// An empty list.
    no_drafts,
    /// A heading.
    waiting,
    /// An empty list.
    no_waiting,
    /// A heading.
    sent,
    /// An empty list.
    no_sent,
    /// A heading.
    withheld,
    /// An empty list.
    no_withheld,
    /// A heading.
    mailboxes,
    /// An empty list.
    no_mailboxes,
    /// A mailbox.
    connected,
    /// A mailbox.
    not_connected,
    /// A mailbox, with the time.
    looked,
    /// A promise.
    not_told,
    /// "{} more"
    more,
    /// An act.
    done,
    /// An act.
    later,
    /// Its choices.
    later_1d,
    /// Its choices.
    later_2d,
    /// Its choices.
    later_1w,
    /// An act.
    hold,
    /// An act.
    release,
    /// An act.
    send,
    /// An act that asks once more.
    drop,
    /// What the button behind it says.
    drop_sure,
    /// A button in a receipt.
    undo,
    /// A link.
    with_older,
    /// A link.
    only_waiting,
    /// A heading.
    checks,
    /// A heading.
    reasons,
    /// A heading.
    text,
    /// Of a mail.
    from,
    /// Of a mail.
    to,
    /// Of a mail.
    when,
    /// Of a mail.
    attachments,
    /// Below a text of which only the beginning is there.
    goes_on,
    /// Of a mail: the link to its bytes.
    source,
    /// Of a mail.
    promises_by,
    /// A link.
    answers,
    /// A heading.
    our_mails,
    /// A heading.
    conversation,
    /// A heading.
    history,
    /// An empty list.
    no_history,
    /// The client's clock.
    their_time,
    /// A link: lines by time.
    by_time,
    /// A link: lines by conversation.
    by_thread,
    /// A link.
    show_older,
    /// Of a conversation: "{} entries"
    entries,
    /// What became of a promise: "promised by {}"
    promised_by,
    /// "aimed at {}, the client was not told"
    aimed_at,
    /// "kept, {} early"
    kept_early,
    /// "kept {} late"
    kept_late,
    /// "missed: answered {} late"
    missed_late,
    /// "missed: unanswered for {}"
    missed_open,
    /// A heading.
    life,
    /// "by {}"
    by,
    /// An empty search.
    nothing_found,
    /// In the search field.
    search_hint,
    /// In the search field of one client.
    search_here,
    /// "Found: {}"
    found,
    /// "Found: {}, and more"
    found_more,
    /// A link.
    next_page,
    /// A link.
    previous_page,
    /// Under a search.
    cut_short,
    /// "The index is being made: {}"
    behind,
    /// Over a wrong query.
    wrong,
    /// Where help is.
    help,
    /// What can be typed.
    help_words,
    /// What can be typed.
    help_phrase,
    /// What can be typed.
    help_prefix,
    /// What can be typed.
    help_not,
    /// What can be typed.
    help_or,
    /// What can be typed.
    help_from,
    /// What can be typed.
    help_client,
    /// What can be typed.
    help_kind,
    /// What can be typed.
    help_in,
    /// What can be typed.
    help_days,
    /// What can be typed.
    help_attachment,
    /// What can be typed.
    help_is,
    /// A period.
    stats_all,
    /// A period.
    stats_year,
    /// Of the figures.
    stats_received,
    /// Of the figures.
    stats_written,
    /// Of the figures.
    stats_automatic,
    /// Of the figures.
    stats_answers,
    /// Of the figures.
    stats_working,
    /// Of the figures.
    stats_elapsed,
    /// Of the figures.
    stats_median,
    /// Of the figures.
    stats_p90,
    /// Of the figures.
    stats_longest,
    /// Of the figures.
    stats_count,
    /// Of the figures.
    stats_percent,
    /// Of the figures.
    stats_made,
    /// Of the figures.
    stats_clients,
    /// Of the figures.
    stats_asked,
    /// "A topic knows it: {}"
    stats_known,
    /// Of the figures.
    stats_proposal,
    /// Of the figures.
    stats_answer,
    /// Of the figures.
    stats_none,
    /// "Still waiting: {}"
    stats_waiting,
    /// Of the figures.
    stats_pictures,
    /// What stands above a visit.
    met,
    /// What was written down beside the mail, below the conversations.
    own_notes,
    /// A mail without a subject.
    no_subject,
    /// A page without a session: heading and text.
    locked,
    /// Its text.
    locked_text,
    /// A used link.
    stale_text,
    /// A page that could not be made.
    trouble,
    /// A link.
    back,
    /// An act: end the session.
    leave,
}
