//! Every word of the desk, in each language that has them; the others read English. A further language is one more
//! table: the compiler asks for every word. Reasons and checks are shown in the words of the rules (English).
use crate::model::Language;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The words of one language.
        #[derive(Debug)]
        pub struct Words {
            /// Its code, for `lang`.
            pub code: &'static str,
            /// "in 3 h", before and after the time.
            pub left: (&'static str, &'static str),
            /// "3 h overdue", before and after the time.
            pub overdue: (&'static str, &'static str),
            /// The stable words of history and outbox, and how they are said.
            pub said: &'static [(&'static str, &'static str)],
            /// What is said after an act.
            pub after: &'static [(&'static str, &'static str)],
            $( $(#[$doc])* pub $name: &'static str, )+
        }
    };
}

table! {
    /// A page.
    today,
    /// A page.
    outbox,
    /// A page.
    search,
    /// A list in the head.
    clients,
    /// For screen readers: the link over the head.
    skip,
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
    /// A mailbox, before the time.
    looked,
    /// A promise.
    not_told,
    /// An act.
    done,
    /// An act.
    later,
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
    /// An act.
    drop,
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
    /// Under a long list, after the number.
    older,
    /// The client's clock.
    their_time,
    /// An empty search.
    nothing_found,
    /// In the search field.
    search_hint,
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

static EN: Words = Words {
    code: "en",
    left: ("in ", ""),
    overdue: ("", " overdue"),
    said: &[
        ("handed", "handed over"),
        ("holding", "holding reply"),
        ("automatic", "automatic mail"),
        ("queued", "waits"),
        ("drafted", "in Drafts"),
        ("hold", "look at it"),
        ("wait", "covered already"),
        ("ignore", "left alone"),
        ("acknowledge", "acknowledged"),
        ("observed", "only observed"),
        ("unknown", "nobody knows whether it arrived"),
    ],
    after: &[
        ("done", "Done: the promise is kept."),
        ("later", "The client is told of a later date."),
        ("hold", "It is held back."),
        ("release", "It goes its way again."),
        ("send", "It leaves as soon as the gate lets it."),
        ("drop", "It is never sent."),
        ("pause", "Nothing automatic leaves."),
        ("resume", "Automatic mail goes again."),
    ],
    today: "Today",
    outbox: "Outbox",
    search: "Search",
    clients: "Clients",
    skip: "Skip to the content",
    running: "running",
    stopped: "not running",
    paused: "paused",
    pause: "Pause everything",
    resume: "Resume",
    paused_means: "Paused: nothing automatic leaves.",
    awake: "Who is awake",
    window: "Next answer window",
    at_night: "night",
    is_awake: "awake",
    at_work: "at work",
    in_window: "answer window",
    you: "You",
    hours: "Hours in common",
    promises: "Promises",
    no_promises: "Everything is answered.",
    drafts: "Drafts waiting for you",
    no_drafts: "No drafts.",
    waiting: "Waiting to leave",
    no_waiting: "Nothing waits.",
    sent: "Sent this week",
    no_sent: "Nothing was sent.",
    withheld: "Withheld this week, and why",
    no_withheld: "Nothing was withheld.",
    mailboxes: "Mailboxes",
    no_mailboxes: "No mailbox is configured.",
    connected: "connected",
    not_connected: "not connected",
    looked: "last look ",
    not_told: "the client was not told",
    done: "Done",
    later: "Later …",
    later_2d: "in 2 days",
    later_1w: "in a week",
    hold: "Hold",
    release: "Release",
    send: "Send now",
    drop: "Drop",
    with_older: "Show what left too",
    only_waiting: "Show only what waits",
    checks: "The gate",
    reasons: "Why",
    text: "Text",
    from: "From",
    to: "To",
    when: "When",
    promises_by: "Promises an answer by",
    answers: "The message that it answers",
    our_mails: "What fuseau made of it",
    conversation: "The conversation",
    history: "History",
    no_history: "Nothing was exchanged yet.",
    older: " older ones: see `fuseau history`",
    their_time: "their time",
    nothing_found: "Nothing was found.",
    search_hint: "Words to look for",
    no_subject: "(no subject)",
    locked: "This desk is closed",
    locked_text: "Run `fuseau web` in a terminal: it prints a link that opens this desk once, within ten minutes.",
    stale_text: "This link was used already, or it is older than ten minutes. Run `fuseau web` again for a new one.",
    trouble: "This did not work",
    back: "Back to today",
    leave: "Close the desk",
};

static FR: Words = Words {
    code: "fr",
    left: ("dans ", ""),
    overdue: ("en retard de ", ""),
    said: &[
        ("mail", "message"),
        ("acknowledgement", "accusé de réception"),
        ("holding", "réponse d’attente"),
        ("digest", "résumé"),
        ("handed", "confié par vous"),
        ("automatic", "message automatique"),
        ("queued", "en attente"),
        ("sending", "en cours d’envoi"),
        ("sent", "envoyé"),
        ("drafted", "dans les brouillons"),
        ("dropped", "abandonné"),
        ("failed", "refusé"),
        ("observed", "seulement observé"),
        ("unknown", "personne ne sait s’il est arrivé"),
        ("hold", "à regarder"),
        ("wait", "déjà couvert"),
        ("ignore", "laissé de côté"),
        ("acknowledge", "accusé"),
        ("own", "de vous"),
        ("open", "ouverte"),
        ("kept", "tenue"),
        ("renewed", "renouvelée"),
        ("lapsed", "manquée"),
        ("released", "levée"),
        ("observe", "observe"),
        ("draft", "brouillons"),
        ("send", "envoie"),
    ],
    after: &[
        ("done", "C’est fait : la promesse est tenue."),
        ("later", "Le client est prévenu d’une date plus tardive."),
        ("hold", "Il est retenu."),
        ("release", "Il reprend son chemin."),
        ("send", "Il part dès que rien ne s’y oppose."),
        ("drop", "Il ne sera jamais envoyé."),
        ("pause", "Plus rien ne part automatiquement."),
        ("resume", "L’envoi automatique reprend."),
    ],
    today: "Aujourd’hui",
    outbox: "Boîte d’envoi",
    search: "Recherche",
    clients: "Clients",
    skip: "Aller au contenu",
    running: "en marche",
    stopped: "à l’arrêt",
    paused: "en pause",
    pause: "Tout suspendre",
    resume: "Reprendre",
    paused_means: "En pause : plus rien ne part automatiquement.",
    awake: "Qui est debout",
    window: "Prochaine plage de réponse",
    at_night: "nuit",
    is_awake: "debout",
    at_work: "au travail",
    in_window: "plage de réponse",
    you: "Vous",
    hours: "Heures communes",
    promises: "Promesses",
    no_promises: "Tout a reçu sa réponse.",
    drafts: "Brouillons qui vous attendent",
    no_drafts: "Aucun brouillon.",
    waiting: "En attente de départ",
    no_waiting: "Rien n’attend.",
    sent: "Envoyé cette semaine",
    no_sent: "Rien n’a été envoyé.",
    withheld: "Retenu cette semaine, et pourquoi",
    no_withheld: "Rien n’a été retenu.",
    mailboxes: "Boîtes aux lettres",
    no_mailboxes: "Aucune boîte n’est configurée.",
    connected: "connectée",
    not_connected: "non connectée",
    looked: "dernier passage ",
    not_told: "le client n’a pas été prévenu",
    done: "Fait",
    later: "Plus tard…",
    later_2d: "dans 2 jours",
    later_1w: "dans une semaine",
    hold: "Retenir",
    release: "Libérer",
    send: "Envoyer maintenant",
    drop: "Abandonner",
    with_older: "Montrer aussi ce qui est parti",
    only_waiting: "Seulement ce qui attend",
    checks: "Contrôles avant l’envoi",
    reasons: "Pourquoi",
    text: "Texte",
    from: "De",
    to: "À",
    when: "Quand",
    promises_by: "Promet une réponse avant",
    answers: "Le message auquel il répond",
    our_mails: "Ce que fuseau en a fait",
    conversation: "La conversation",
    history: "Historique",
    no_history: "Rien n’a encore été échangé.",
    older: " plus anciens : voir `fuseau history`",
    their_time: "chez eux",
    nothing_found: "Rien n’a été trouvé.",
    search_hint: "Mots à chercher",
    no_subject: "(sans objet)",
    locked: "Ce bureau est fermé",
    locked_text: "Lancez `fuseau web` dans un terminal : il affiche un lien qui ouvre ce bureau une seule fois, pendant dix minutes.",
    stale_text: "Ce lien a déjà servi, ou il a plus de dix minutes. Relancez `fuseau web` pour en obtenir un nouveau.",
    trouble: "Cela n’a pas fonctionné",
    back: "Retour à aujourd’hui",
    leave: "Fermer le bureau",
};

/// The words for a language: its own, or the English ones.
#[must_use]
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &FR,
        _ => &EN,
    }
}

impl Words {
    /// How a stable word is said.
    #[must_use]
    pub fn say<'a>(&self, word: &'a str) -> &'a str {
        self.said.iter().find(|(stable, _)| *stable == word).map_or(word, |(_, said)| said)
    }

    /// `in 3 h 20 min`, `12 min overdue`
    #[must_use]
    pub fn time_left(&self, minutes: i64) -> String {
        let (before, after) = if minutes < 0 { self.overdue } else { self.left };
        let day = if self.code == "fr" { "j" } else { "d" };
        let minutes = minutes.unsigned_abs();
        let length = match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
            (0, 0, m) => format!("{m} min"),
            (0, h, m) => format!("{h} h {m:02} min"),
            (d @ ..10, h, _) => format!("{d} {day} {h} h"),
            (d, ..) => format!("{d} {day}"),
        };
        format!("{before}{length}{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_said() {
        assert_eq!(words(Language::Fr).time_left(200), "dans 3 h 20 min");
        assert_eq!(words(Language::Ja).time_left(-12), "12 min overdue");
        assert_eq!(words(Language::En).say("nothing known"), "nothing known");
        for act in ["done", "later", "hold", "release", "send", "drop", "pause", "resume"] {
            for words in [&EN, &FR] {
                assert!(words.after.iter().any(|(word, _)| *word == act), "{act} {}", words.code);
            }
        }
    }
}
