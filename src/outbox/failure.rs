//! What went wrong and who must act. Does not live here: when to try again (retry.rs).
use super::{Stage, smtp::Reply};

/// Who must act after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Nobody: try again later.
    Transient,
    /// The owner, about this mail: trying again is pointless.
    Permanent,
    /// The owner, about the configuration: nothing will go out until it is changed.
    Setup,
}

/// Judges a reply that is no success: 421 and every 4yz is transient (RFC 5321 4.2.1, 3.8), 5yz at login and
/// every reply that asks for (another) login is setup (RFC 4954 6), any other 5yz is permanent. A reply that
/// fits no command (1yz to 3yz) is transient: the conversation is out of step, a new one may not be.
#[must_use]
pub fn classify(stage: Stage, reply: &Reply) -> Failure {
    match reply.code() {
        530 | 534 | 535 | 538 => Failure::Setup,
        500..=599 if stage == Stage::Login => Failure::Setup,
        500..=599 => Failure::Permanent,
        _ => Failure::Transient,
    }
}

/// A delivery that did not come to sending. Texts hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboxError {
    /// The login was refused. Trying again with the same secret may lock the account: stop after one.
    #[error("the server refused the login of `{user}`: {reply}; check user and password, or fetch a new token")]
    Login {
        /// The user name.
        user: String,
        /// The server's words.
        reply: String,
    },
    /// The configuration cannot work with this server.
    #[error("{0}")]
    Setup(String),
    /// Try again later.
    #[error("{stage}: {text}")]
    Transient {
        /// Where.
        stage: Stage,
        /// What happened.
        text: String,
    },
    /// The server will not serve us.
    #[error("{stage}: {text}")]
    Permanent {
        /// Where.
        stage: Stage,
        /// What happened.
        text: String,
    },
    /// STARTTLS was not offered: a wrong port, or somebody in between removed the offer.
    #[error(
        "the server does not offer STARTTLS, nothing was sent to it: use `tls = \"implicit\"` (port 465) if it \
         has that; if it used to offer STARTTLS, somebody between here and there may be removing it"
    )]
    StartTlsMissing,
    /// Bytes followed the reply to STARTTLS in the clear: a response injection (CVE-2011-0411 and its kin).
    #[error(
        "somebody slipped replies in before the encryption of STARTTLS began; nothing was sent: use \
         `tls = \"implicit\"` (port 465), and distrust this network"
    )]
    StartTlsInjected,
}

impl OutboxError {
    /// Who must act. Trouble with STARTTLS is transient, as another network may be honest.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Login { .. } | Self::Setup(_) => Failure::Setup,
            Self::Permanent { .. } => Failure::Permanent,
            Self::Transient { .. } | Self::StartTlsMissing | Self::StartTlsInjected => Failure::Transient,
        }
    }

    /// Whether the owner should hear of it at once, even if it may pass.
    #[must_use]
    pub fn is_alarming(&self) -> bool {
        !matches!(self, Self::Transient { .. })
    }

    /// The error that a reply stands for.
    pub(super) fn from_reply(stage: Stage, reply: &Reply) -> Self {
        let text = reply.text();
        match classify(stage, reply) {
            Failure::Transient => Self::Transient { stage, text },
            Failure::Permanent => Self::Permanent { stage, text },
            Failure::Setup => Self::Setup(format!("the server asks for another login at {stage}: {text}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_say_who_must_act() {
        for (stage, line, want) in [
            (Stage::Mail, "421 closing", Failure::Transient),
            (Stage::Login, "421 closing", Failure::Transient),
            (Stage::Login, "454 4.7.0 try later", Failure::Transient),
            (Stage::Login, "535 5.7.8 no", Failure::Setup),
            (Stage::Login, "503 5.5.1 what", Failure::Setup),
            (Stage::Mail, "530 5.7.0 log in first", Failure::Setup),
            (Stage::Rcpt, "450 4.2.0 greylisted", Failure::Transient),
            (Stage::Rcpt, "550 5.1.1 nobody", Failure::Permanent),
            (Stage::Dot, "554 5.7.1 spam", Failure::Permanent),
            (Stage::Mail, "354 go", Failure::Transient),
        ] {
            assert_eq!(classify(stage, &Reply::parse(line).unwrap()), want, "{stage} {line}");
        }
    }
}
