//! Logging in (AUTH, RFC 4954) with PLAIN, LOGIN, XOAUTH2 or OAUTHBEARER. Secrets go to the wire and nowhere else.
use super::wire::WireError;
use super::{Reply, Session, Stage, ask};
use crate::model::Credential;
use crate::outbox::failure::{Failure, OutboxError, classify};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use tokio::io::{AsyncRead, AsyncWrite};

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Logs in with the first offered mechanism that fits the credential. One attempt: a second one with the
    /// same secret brings only a locked account nearer.
    ///
    /// # Errors
    /// [`OutboxError::Login`] if the server says no for good (fetch a new token, or ask the owner),
    /// [`OutboxError::Setup`] if it offers no fitting mechanism, [`OutboxError::Transient`] for 4yz and lost
    /// connections. The session is of no use afterwards.
    pub async fn login(&mut self, user: &str, credential: &Credential) -> Result<(), OutboxError> {
        let (secret, known) = match credential {
            Credential::Password(password) => (password, &[Mechanism::Plain, Mechanism::Login][..]),
            Credential::Token(token) => (token, &[Mechanism::Xoauth2][..]),
        };
        if user.is_empty() || secret.is_empty() || user.chars().chain(secret.chars()).any(char::is_control) {
            return Err(OutboxError::Setup(
                "user name or secret is empty or holds a control character, such as a line break at its end".to_owned(),
            ));
        }
        let offered = |m: &&Mechanism| self.offers.logins.contains(&m.to_string());
        let script = match known.iter().find(offered).copied() {
            Some(mechanism) => script(mechanism, user, secret),
            None if known == [Mechanism::Xoauth2] && self.offers.logins.iter().any(|it| it == BEARER) => {
                Ok(bearer(user, secret))
            }
            None => return Err(self.nothing_fits(known)),
        };
        if !std::mem::replace(&mut self.in_step, false) {
            return Err(OutboxError::Transient { stage: Stage::Login, text: "the conversation had ended".to_owned() });
        }
        let mut told = vec![secret.clone()];
        let answer = match self.dialogue(script, &mut told).await {
            Ok(reply) if reply.code() == 235 => {
                self.in_step = true;
                return Ok(());
            }
            Ok(reply) => refusal(user, &reply, &told),
            Err(error) => OutboxError::Transient { stage: Stage::Login, text: error.to_string() },
        };
        self.wire.hang_up();
        Err(answer)
    }

    /// Everything up to the reply that is no question. `told` collects what must not be repeated.
    async fn dialogue(
        &mut self,
        script: Result<Script, WireError>,
        told: &mut Vec<String>,
    ) -> Result<Reply, WireError> {
        let limit = self.deadlines.command;
        let Script { first, answers } = script?;
        told.extend(first.split_whitespace().nth(2).map(str::to_owned));
        told.extend(answers.last().map(|answer| answer.trim_end().to_owned()));
        let mut reply = ask(&mut self.wire, &first, limit).await?;
        for answer in answers {
            if reply.code() != 334 {
                break;
            }
            reply = ask(&mut self.wire, &answer, limit).await?;
        }
        Ok(reply)
    }

    fn nothing_fits(&self, wanted: &[Mechanism]) -> OutboxError {
        let wanted = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        let offered = match self.offers.logins.as_slice() {
            [] => "none at all (is TLS set?)".to_owned(),
            some => crate::model::text::clean(&some.join(", "), 120),
        };
        OutboxError::Setup(format!("this needs a login with {wanted}; the server offers {offered}"))
    }
}

/// OAUTHBEARER (RFC 7628): only where XOAUTH2 is not offered.
const BEARER: &str = "OAUTHBEARER";

/// What is said at a login: the command, then an answer to each question.
struct Script {
    first: String,
    answers: Vec<String>,
}

fn script(mechanism: Mechanism, user: &str, secret: &str) -> Result<Script, WireError> {
    let credentials = Credentials::new(user.to_owned(), secret.to_owned());
    let line = |challenge: Option<&str>| {
        Auth::new(mechanism, credentials.clone(), challenge.map(str::to_owned))
            .map(|auth| auth.to_string())
            .map_err(|_| WireError::Garbled("a question at login that has no answer"))
    };
    // LOGIN asks for the name, then for the secret, whatever words it uses; the others ask nothing, and
    // XOAUTH2 puts its error into a question, to be answered with an empty line.
    let answers = match mechanism {
        Mechanism::Login => vec![line(Some("Username:"))?, line(Some("Password:"))?],
        Mechanism::Xoauth2 => vec!["\r\n".to_owned()],
        Mechanism::Plain => Vec::new(),
    };
    Ok(Script { first: line(None)?, answers })
}

fn bearer(user: &str, token: &str) -> Script {
    // Comma and equals sign have a meaning in the name (RFC 5801 4).
    let name = user.replace('=', "=3D").replace(',', "=2C");
    let message = BASE64.encode(format!("n,a={name},\x01auth=Bearer {token}\x01\x01"));
    // A lone %x01 answers the error in a question (RFC 7628 3.2.3).
    Script { first: format!("AUTH {BEARER} {message}\r\n"), answers: vec!["AQ==\r\n".to_owned()] }
}

/// The error that a refused login stands for, without any secret that the server repeats.
fn refusal(user: &str, reply: &Reply, told: &[String]) -> OutboxError {
    let text = reply.text_without(told);
    match classify(Stage::Login, reply) {
        Failure::Transient => OutboxError::Transient { stage: Stage::Login, text },
        Failure::Permanent | Failure::Setup => OutboxError::Login { user: user.to_owned(), reply: text },
    }
}
