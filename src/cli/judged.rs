//! One judged message as `explain` and `replay` show it: JSON for programs, every rule and both clocks for people.
use super::life::{self, Life};
use super::{out, say};
use crate::compose::Composer;
use crate::daemon::clocks;
use crate::daemon::reply::{self, Addressee, NewIds, Order, Reply};
use crate::decide::{self, Decision, Policy, Topics};
use crate::model::{ClientPolicy, Incoming, Instant, Reason, Verdict};
use crate::store::AlertEnd;
use serde_json::{Value, json};

/// A message with what the rules said about it.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Where it was found.
    pub path: String,
    /// The mailbox that it was judged for.
    pub mailbox: String,
    /// The facts.
    pub message: &'a Incoming,
    /// The decision.
    pub decision: &'a Decision,
    /// The mail that would go out.
    pub reply: Option<Reply>,
    /// The mails that went out for it, if it is in the history: they are shown instead of `reply`.
    pub recorded: Option<Vec<RecordedMail>>,
    /// How the owner was told of it at once, if it is in the history and was urgent.
    pub alert: Option<AlertEnd>,
    /// It is in the history: what was to happen has happened.
    pub past: bool,
    /// What became of its promises.
    pub lives: Vec<Life>,
    /// Why the history could not be read: it was judged without.
    pub without_history: Option<String>,
}

/// A mail of the history that answers the message.
#[derive(Debug)]
pub struct RecordedMail {
    /// `acknowledgement sent: 250 queued`
    pub fate: String,
    /// Its author.
    pub from: Option<String>,
    /// Its recipient.
    pub to: String,
    /// A colleague in copy.
    pub copy: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The code of its language.
    pub language: &'static str,
    /// Its text.
    pub text: String,
    /// Its id in the outbox.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: &'static str,
    /// The server's last words, or why it was dropped.
    pub last_reply: Option<String>,
    /// If it waits: the next look at it.
    pub next_look: Option<Instant>,
    /// If it waits: what the gate has to say, a line each.
    pub checks: Vec<String>,
}

impl<'a> Judged<'a> {
    /// Composes the mail that would go out.
    pub fn new(
        path: String,
        mailbox: &str,
        message: &'a Incoming,
        decision: &'a Decision,
        policy: &Policy,
        composer: &Composer,
    ) -> Result<Self, reply::ReplyError> {
        let reply = match (&decision.plan, &decision.reply_to, policy.mailbox(mailbox)) {
            (Some(plan), Some(to), Some(identity)) if decision.verdict == Verdict::Acknowledge => {
                let client = decision.client.as_deref();
                let clocks = clocks::coming(policy, client, plan);
                let order = Order { policy, identity, message, client, to, plan, clocks };
                let ids = NewIds { exchange: "rehearsal", instance: "rehearsal" };
                // A rehearsal takes it that the hook works.
                let told = policy.urgent.hook && decide::alert(message, decision, policy).is_some();
                let write = if told { reply::acknowledgement_told } else { reply::acknowledgement };
                Some(write(composer, &order, ids, crate::compose::Auto::Replied)?)
            }
            _ => None,
        };
        Ok(Self {
            path,
            mailbox: mailbox.to_owned(),
            message,
            decision,
            reply,
            recorded: None,
            alert: None,
            past: false,
            lives: Vec::new(),
            without_history: None,
        })
    }

    /// The JSON of PRODUCT section 4.
    pub fn json(&self, policy: &Policy) -> Value {
        let zone = Addressee::of(policy, self.decision.client.as_deref()).zone;
        let plan = self.decision.plan.as_ref();
        let here = |t| zone.fixed(t).to_rfc3339();
        json!({
            "path": self.path,
            "message_id": self.message.message_id.as_ref().map(ToString::to_string),
            "mailbox": self.mailbox,
            "from": self.message.from().map(|party| party.address.to_string()),
            "subject": self.message.subject.as_str(),
            "client": self.decision.client,
            "verdict": self.decision.verdict,
            "reasons": self.decision.reasons.iter()
                .map(|r| json!({"code": r.code.as_str(), "text": r.text()})).collect::<Vec<_>>(),
            "arrived": out::rfc3339(self.message.arrived),
            "send_at": plan.filter(|plan| plan.announced).map(|plan| out::rfc3339(plan.send_at)),
            "window": plan.map(|plan| json!({"start": here(plan.window.start), "end": here(plan.window.end)})),
            "promise_by": plan.map(|plan| here(plan.by)),
            "topic": self.topics(policy).map(|topics| topics_json(&topics)),
            "urgent": self.urgent(policy).map(|evidence| json!({
                "evidence": evidence,
                "alert": decide::alert(self.message, self.decision, policy).is_some(),
                "hook": self.alert.as_ref().map(|alert| alert.state.as_str()),
            })),
            "reply": self.reply_json(),
            "recorded": self.recorded.is_some(),
            "promises": life::json(&self.lives),
            "mails": self.recorded.iter().flatten().map(|mail| json!({
                "id": mail.id,
                "kind": mail.kind,
                "state": mail.state,
                "last_reply": mail.last_reply,
                "next_look": mail.next_look.map(out::rfc3339),
            })).collect::<Vec<_>>(),
        })
    }

    /// What it is about, for clients.
    fn topics<'p>(&self, policy: &'p Policy) -> Option<Topics<'p>> {
        self.decision.client.as_ref()?;
        decide::topics(self.message, &self.mailbox, policy)
    }

    /// What marks it as urgent, for clients; whether the owner hears of it at once is another question.
    fn urgent(&self, policy: &Policy) -> Option<String> {
        self.decision.client.as_ref()?;
        decide::urgent(self.message, &policy.urgent)
    }

    /// The lines about topic and urgency.
    fn matters(&self, policy: &Policy) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(topics) = self.topics(policy) {
            let sure = if topics.sure { "sure" } else { "not sure, so nothing is said of it" };
            let best = &topics.best;
            let evidence = best.evidence.join(", ");
            lines.push(format!("  topic     {}, score {}, {sure}: {evidence}", best.topic.name, best.score));
            for other in &topics.others {
                let evidence = other.evidence.join(", ");
                lines.push(format!("            also {}, score {}: {evidence}", other.topic.name, other.score));
            }
        }
        if let Some(evidence) = self.urgent(policy) {
            let client = self.decision.client.as_deref().and_then(|id| policy.client(id));
            let alert = decide::alert(self.message, self.decision, policy).is_some();
            let follows = match (&self.alert, client.map(|client| client.policy), alert) {
                (Some(alert), ..) => match &alert.said {
                    Some(error) => format!("the hook {}: {error}", alert.state),
                    None => format!("the hook: {}", alert.state),
                },
                (None, Some(ClientPolicy::First), true) if self.past => {
                    "no hook was run (there was none, or it had rung often enough): the digest tells you".to_owned()
                }
                (None, Some(ClientPolicy::First), true) if policy.urgent.hook => "you are told at once".to_owned(),
                (None, Some(ClientPolicy::First), true) => "no hook is configured: the digest tells you".to_owned(),
                (None, Some(ClientPolicy::First), false) => "no alert: see the reasons above".to_owned(),
                (None, Some(ClientPolicy::Firm), _) => "policy firm: your hours hold".to_owned(),
                (None, ..) => "policy normal: nothing follows".to_owned(),
            };
            lines.push(format!("  urgent    {evidence}; {follows}"));
        }
        lines
    }

    fn reply_json(&self) -> Option<Value> {
        if let Some(mail) = self.recorded.iter().flatten().next() {
            return Some(json!({
                "from": mail.from,
                "to": mail.to,
                "copy": mail.copy,
                "subject": mail.subject,
                "language": mail.language,
                "text": mail.text,
            }));
        }
        // What was recorded then without a mail had none.
        self.reply.as_ref().filter(|_| self.recorded.is_none()).map(|reply| {
            json!({
                "from": reply.from.to_string(),
                "to": reply.envelope.to.to_string(),
                "copy": reply.copy.as_ref().map(ToString::to_string),
                "subject": reply.letter.subject,
                "language": reply.letter.language.code(),
                "text": reply.letter.text,
            })
        })
    }

    /// Everything for a person: the verdict, every reason, the arithmetic in both zones, the mail.
    pub fn picture(&self, policy: &Policy) -> String {
        let zone = Addressee::of(policy, self.decision.client.as_deref()).zone;
        let home = &policy.owner.zone;
        let both = |t| format!("{}  =  {}", out::stamp(t, zone), out::stamp(t, home));
        let from = self.message.from().map_or("(no usable author)".to_owned(), |party| party.address.to_string());
        let mut lines = vec![
            format!("{}  {from}: {}", out::bold(self.decision.verdict.as_str()), self.message.subject),
            format!("  arrived   {}", both(self.message.arrived)),
        ];
        for reason in &self.decision.reasons {
            lines.push(format!(
                "  {} {:<28} {}",
                sign(reason, self.decision.verdict),
                reason.code.as_str(),
                reason.text()
            ));
        }
        if self.without_history.is_some() {
            lines.push("  judged without the history, which cannot be read".to_owned());
        }
        lines.extend(self.matters(policy));
        if let Some(plan) = &self.decision.plan {
            let leaves = if plan.announced { both(plan.send_at) } else { "nothing".to_owned() };
            lines.push(format!("  goes out  {leaves}"));
            lines.push(format!(
                "  window    {}, {}",
                out::span(plan.window.start, plan.window.end, &plan.window.zone),
                plan.window.zone.name()
            ));
            let told = if plan.announced { "" } else { "  (tracked, not told)" };
            lines.push(format!("  promise   {}{told}", both(plan.by)));
        }
        let owner = &policy.owner.name;
        for mail in self.recorded.iter().flatten() {
            let from = mail.from.as_deref().unwrap_or_default();
            lines.push(format!("\n  {}", mail.fate));
            lines.extend(mail.checks.iter().map(|check| format!("    {check}")));
            lines.extend(letter(owner, from, &mail.to, mail.copy.as_deref(), &mail.subject, &mail.text));
        }
        if self.recorded.as_ref().is_some_and(Vec::is_empty) && self.decision.verdict == Verdict::Acknowledge {
            lines.push("\n  no mail was made: it could not be worded then (`fuseau check`)".to_owned());
        }
        lines.extend(life::lines(&self.lives, policy));
        if let (Some(reply), None) = (&self.reply, &self.recorded) {
            let (from, to) = (reply.from.to_string(), reply.envelope.to.to_string());
            lines.push(String::new());
            let copy = reply.copy.as_ref().map(ToString::to_string);
            lines.extend(letter(owner, &from, &to, copy.as_deref(), &reply.letter.subject, &reply.letter.text));
        }
        lines.join("\n")
    }
}

/// The topics of a message.
fn topics_json(topics: &Topics<'_>) -> Value {
    let others =
        topics.others.iter().map(|it| json!({"name": it.topic.name, "score": it.score, "evidence": it.evidence}));
    json!({
        "name": topics.best.topic.name,
        "score": topics.best.score,
        "sure": topics.sure,
        "evidence": topics.best.evidence,
        "others": others.collect::<Vec<_>>(),
    })
}

/// A mail with a bar at its left, line by line.
pub fn letter(owner: &str, from: &str, to: &str, copy: Option<&str>, subject: &str, text: &str) -> Vec<String> {
    let copy = copy.map_or(String::new(), |copy| format!("\nCc: {copy}"));
    let head = format!("From: {owner} <{from}>\nTo: {to}{copy}\nSubject: {subject}\n\n{}", text.trim_end());
    let fold = out::terminal();
    head.lines().flat_map(|line| say::barred("  │ ", line, fold)).collect()
}

/// Whether a reason speaks for the verdict that won.
fn sign(reason: &Reason, verdict: Verdict) -> &'static str {
    if reason.code.verdict() == verdict { "●" } else { "○" }
}
