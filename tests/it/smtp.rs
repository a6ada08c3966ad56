//! SMTP against rude servers: refusals, silence, cuts and floods at every step, injected replies, reuse.
//! Time is paused, so ten minutes of silence take none.
use crate::smtp_server::Server;
use fuseau::model::{Credential, EmailAddress};
use fuseau::outbox::{Envelope, Failure, Opening, OutboxError, Outcome, Session, Stage, starttls};
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

const MAIL: &[u8] = b"Subject: x\r\n\r\n.hidden\r\n..\r\na.b\r\nEND\r\n";
const ON_THE_WIRE: &str = "Subject: x\r\n\r\n..hidden\r\n...\r\na.b\r\nEND\r\n";
const GREETED: &str = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 SIZE 1000000\n";
const PIPELINING: &str = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 PIPELINING\n";
const ACCEPTED: &str = "C: MAIL FROM:<claire@studio.example> SIZE=37\nS: 250 ok\nC: RCPT TO:<anna@acme.example>\nS: 250 ok\nC: DATA\nS: 354 go\n";
const ALL_IN_ONE: &str = "ONE: MAIL FROM:<claire@studio.example> | RCPT TO:<anna@acme.example> | DATA\n";
const TAKEN: &str = "BODY\nDOT\nS: 250 2.0.0 queued as 1\n";

fn envelope() -> Envelope {
    Envelope {
        from: EmailAddress::parse("claire@studio.example"),
        to: EmailAddress::parse("anna@acme.example").unwrap(),
        also: Vec::new(),
    }
}

async fn nothing_to_record() -> Result<(), String> {
    Ok(())
}

async fn open(stream: DuplexStream) -> Session<DuplexStream> {
    Session::open(stream, Opening::Greeting, "me.example").await.unwrap()
}

/// How a conversation went: the outcome, or the error before it; whether `before_dot` ran; seconds taken; bytes heard.
struct Run {
    end: Result<Outcome, OutboxError>,
    asked: bool,
    seconds: u64,
    heard: String,
    usable: bool,
}

#[expect(clippy::disallowed_methods, reason = "measures paused time")]
async fn run(script: &str) -> Run {
    let (stream, server) = Server::start(script);
    let start = tokio::time::Instant::now();
    let asked = Cell::new(false);
    let mut usable = false;
    let end = match Session::open(stream, Opening::Greeting, "me.example").await {
        Err(error) => Err(error),
        Ok(mut session) => {
            let outcome = session
                .send(&envelope(), MAIL, || async {
                    asked.set(true);
                    nothing_to_record().await
                })
                .await;
            usable = session.is_usable();
            Ok(outcome)
        }
    };
    let seconds = start.elapsed().as_secs();
    Run { end, asked: asked.get(), seconds, heard: server.heard().await, usable }
}

fn sent(reply: &str) -> Outcome {
    Outcome::Sent { reply: reply.to_owned() }
}

fn refused(permanent: bool, stage: Stage, reply: &str) -> Outcome {
    Outcome::Refused { permanent, stage, reply: reply.to_owned() }
}

/// The steps of a conversation without PIPELINING: what comes before the server's reply, and its good reply.
const STEPS: [(Stage, &str, &str, u64); 6] = [
    (Stage::Greeting, "", "S: 220 mx\n", 300),
    (Stage::Ehlo, "C: EHLO\n", "S: 250-mx\nS: 250 HELP\n", 300),
    (Stage::Mail, "C: MAIL\n", "S: 250 ok\n", 300),
    (Stage::Rcpt, "C: RCPT\n", "S: 250 ok\n", 300),
    (Stage::Data, "C: DATA\n", "S: 354 go\n", 120),
    (Stage::Dot, "BODY\nDOT\n", "S: 250 ok\n", 600),
];

/// The script in which the server does `fault` instead of its good reply at `stage`.
fn faulty(stage: Stage, fault: &str) -> String {
    let mut script = String::new();
    for (step, hear, good, _) in STEPS {
        script += hear;
        if step == stage {
            return script + fault;
        }
        script += good;
    }
    script
}

#[tokio::test(start_paused = true)]
async fn refusals_at_every_step() {
    for (stage, ..) in STEPS {
        for (reply, permanent) in [
            ("421 4.3.2 closing", false),
            ("451 4.7.1 later", false),
            ("550 5.7.1 no", true),
            ("554-a\nS: 554 b", true),
        ] {
            let run = run(&faulty(stage, &format!("S: {reply}\n"))).await;
            let text = reply.replace("-a\nS: 554", " a");
            let context = format!("{stage} {reply}");
            match run.end {
                Err(error) if stage <= Stage::Ehlo => {
                    let want = if permanent { Failure::Permanent } else { Failure::Transient };
                    assert_eq!(error.failure(), want, "{context}");
                    assert!(error.to_string().contains(&text), "{context}: {error}");
                }
                Ok(outcome) => {
                    assert_eq!(outcome, refused(permanent, stage, &text), "{context}");
                    assert_eq!(run.usable, !reply.starts_with("421"), "{context}");
                }
                other => panic!("{context}: {other:?}"),
            }
            assert_eq!(run.asked, stage == Stage::Dot, "{context}");
            assert_eq!(run.seconds, 0, "{context}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn silence_cuts_and_nonsense_at_every_step() {
    let long = format!("RAW: 250 {}\n", "x".repeat(3000));
    let faults =
        ["SILENT", "RAW: 25\nSILENT", "CUT", "S: 2 ok", "S: 250-a\nS: 251 b", "FLOOD 250-more", &long, "S: 354 what"];
    for (stage, _, good, seconds) in STEPS {
        for fault in faults {
            if good.contains("354") && fault.contains("354") {
                continue;
            }
            let run = run(&faulty(stage, fault)).await;
            let context = format!("{stage} {}", fault.chars().take(20).collect::<String>());
            match run.end {
                Err(OutboxError::Transient { stage: at, .. }) if stage <= Stage::Ehlo => {
                    assert_eq!(at, stage, "{context}")
                }
                Ok(Outcome::Lost { stage: at, .. }) if stage < Stage::Dot => assert_eq!(at, stage, "{context}"),
                Ok(Outcome::Unknown { .. }) if stage == Stage::Dot => {}
                other => panic!("{context}: {other:?}"),
            }
            assert!(!run.usable, "{context}");
            assert_eq!(run.asked, stage == Stage::Dot, "{context}");
            assert_eq!(run.seconds, if fault.contains("SILENT") { seconds } else { 0 }, "{context}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_sees_exactly_the_stuffed_message() {
    for (hello, announced) in
        [(GREETED, ACCEPTED.to_owned()), (PIPELINING, format!("{ALL_IN_ONE}S: 250 a\nS: 250 b\nS: 354 c\n"))]
    {
        let run = run(&format!("{hello}{announced}{TAKEN}")).await;
        assert_eq!(run.end, Ok(sent("250 2.0.0 queued as 1")));
        assert!(run.asked && run.usable);
        let (_, body) = run.heard.split_once("DATA\r\n").unwrap();
        assert_eq!(body, format!("{ON_THE_WIRE}.\r\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_mail_gets_more_patience_for_its_dot() {
    let script = format!("{PIPELINING}C: MAIL\nC: RCPT\nC: DATA\nS: 250 a\nS: 250 b\nS: 354 c\nBODY\nDOT\nSILENT");
    let (stream, server) = Server::start(&script);
    let mut mail = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n".repeat(16 * 2000);
    mail.extend_from_slice(b"END\r\n");
    let mut session = open(stream).await;
    let end = session.send(&envelope(), &mail, nothing_to_record).await;
    assert_eq!(end, Outcome::Unknown { text: "the server was silent for 2000 s".to_owned() });
    drop(session);
    server.heard().await;
}

#[tokio::test(start_paused = true)]
async fn pipelined_refusals() {
    for (replies, want, usable, tail) in [
        // Well-behaved: nothing follows.
        (
            "S: 250 a\nS: 550 5.1.1 nobody\nS: 554 no valid recipients",
            refused(true, Stage::Rcpt, "550 5.1.1 nobody"),
            true,
            "",
        ),
        ("S: 250 a\nS: 450 later\nS: 503 rcpt first", refused(false, Stage::Rcpt, "450 later"), true, ""),
        ("S: 550 no\nS: 503 mail first\nS: 503 mail first", refused(true, Stage::Mail, "550 no"), true, ""),
        ("S: 250 a\nS: 250 b\nS: 451 disk", refused(false, Stage::Data, "451 disk"), true, ""),
        // 354 although nobody is left: a lone dot, and the server must refuse the empty mail (RFC 2920 3.1).
        ("S: 250 a\nS: 550 no\nS: 354 go\nDOT\nS: 554 nobody", refused(true, Stage::Rcpt, "550 no"), true, ".\r\n"),
        ("S: 250 a\nS: 450 no\nS: 354 go\nDOT\nS: 250 queued", refused(false, Stage::Rcpt, "450 no"), false, ".\r\n"),
        ("S: 451 no\nS: 503 no\nS: 354 go\nDOT\nS: 554 nobody", refused(false, Stage::Mail, "451 no"), true, ".\r\n"),
        // A recipient is left: no dot, or an empty mail might be delivered.
        ("S: 550 no\nS: 250 b\nS: 354 go", refused(true, Stage::Mail, "550 no"), false, ""),
        // Cut after the reason was given; closed in the middle.
        ("S: 550 no\nCUT", refused(true, Stage::Mail, "550 no"), false, ""),
        ("S: 250 a\nS: 421 bye\nCUT", refused(false, Stage::Rcpt, "421 bye"), false, ""),
        ("S: 550 no\nS: 421 bye\nS: 421 bye", refused(true, Stage::Mail, "550 no"), false, ""),
        (
            "S: 250 a\nCUT",
            Outcome::Lost { stage: Stage::Rcpt, text: "the connection was lost (closed by the server)".to_owned() },
            false,
            "",
        ),
    ] {
        let run = run(&format!("{PIPELINING}{ALL_IN_ONE}{replies}")).await;
        assert_eq!(run.end, Ok(want), "{replies}");
        assert_eq!((run.asked, run.usable), (false, usable), "{replies}");
        assert_eq!(run.heard.split_once("DATA\r\n").map(|(_, rest)| rest), Some(tail), "{replies}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_the_next_mail_begins_with_rset() {
    let script = format!(
        "{PIPELINING}{ALL_IN_ONE}S: 250 a\nS: 550 no\nS: 503 no\n\
         ONE: RSET | MAIL FROM:<claire@studio.example> | RCPT TO:<anna@acme.example> | DATA\n\
         S: 250 r\nS: 250 a\nS: 250 b\nS: 354 c\n{TAKEN}{ALL_IN_ONE}S: 250 a\nS: 250 b\nS: 354 c\n{TAKEN}C: QUIT\nS: 221 bye"
    );
    let (stream, server) = Server::start(&script);
    let mut session = open(stream).await;
    assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, refused(true, Stage::Rcpt, "550 no"));
    for _ in 0..2 {
        assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, sent("250 2.0.0 queued as 1"));
    }
    session.quit().await;
    server.heard().await;
}

/// What the server says to RSET is about the mail before: the next one is not refused, it needs another connection.
#[tokio::test(start_paused = true)]
async fn a_refused_rset_is_not_the_next_mails() {
    for reply in ["500 what", "550 5.7.1 no", "451 later", "421 bye", "354 go", "SILENT", "CUT"] {
        let answer = if reply.starts_with(char::is_numeric) { format!("S: {reply}\n") } else { format!("{reply}\n") };
        for script in [
            format!("{GREETED}C: MAIL\nS: 250 a\nC: RCPT\nS: 550 no\nC: RSET\n{answer}"),
            format!(
                "{PIPELINING}{ALL_IN_ONE}S: 250 a\nS: 550 no\nS: 503 no\n\
                 ONE: RSET | MAIL FROM:<claire@studio.example> | RCPT TO:<anna@acme.example> | DATA\n{answer}\
                 S: 250 a\nS: 250 b\nS: 354 c\n"
            ),
        ] {
            let (stream, server) = Server::start(&script);
            let mut session = open(stream).await;
            assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, refused(true, Stage::Rcpt, "550 no"));
            let end = session.send(&envelope(), MAIL, || async { Err("no mail was taken") }).await;
            assert!(matches!(end, Outcome::Lost { stage: Stage::Mail, .. }), "{reply}: {end:?}");
            assert!(!session.is_usable(), "{reply}");
            let heard = server.heard().await;
            assert!(!heard.contains("Subject") && !heard.ends_with("\r\n.\r\n"), "{reply}: {heard}");
        }
    }
}

/// Whatever a server says to QUIT, or does not say: the mails before it are what they were.
#[tokio::test(start_paused = true)]
async fn a_refused_quit_changes_nothing() {
    for reply in ["S: 221 bye", "S: 500 what", "S: 451 later", "S: 421 bye", "CUT", "SILENT", "FLOOD 250-more"] {
        let (stream, server) = Server::start(&format!("{GREETED}{ACCEPTED}{TAKEN}C: QUIT\n{reply}"));
        let mut session = open(stream).await;
        assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, sent("250 2.0.0 queued as 1"));
        assert!(tokio::time::timeout(Duration::from_secs(20), session.quit()).await.is_ok(), "{reply}");
        assert!(server.heard().await.ends_with("QUIT\r\n"), "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_session_carries_three_mails() {
    let mail = format!("{ACCEPTED}{TAKEN}");
    let (stream, server) = Server::start(&format!("{GREETED}{mail}{mail}{mail}C: QUIT\nS: 221 bye"));
    let mut session = open(stream).await;
    for _ in 0..3 {
        assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, sent("250 2.0.0 queued as 1"));
    }
    session.quit().await;
    assert_eq!(server.heard().await.matches("EHLO").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_closed_while_idle_is_lost_at_mail() {
    for goodbye in ["CUT", "S: 421 4.4.2 idle for too long\nCUT", "C: MAIL\nS: 421 4.4.2 idle for too long\nCUT"] {
        let (stream, server) = Server::start(&format!("{GREETED}{ACCEPTED}{TAKEN}{goodbye}"));
        let mut session = open(stream).await;
        assert_eq!(session.send(&envelope(), MAIL, nothing_to_record).await, sent("250 2.0.0 queued as 1"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let end = session.send(&envelope(), MAIL, nothing_to_record).await;
        assert!(matches!(end, Outcome::Lost { stage: Stage::Mail, .. }), "{goodbye}: {end:?}");
        assert!(!session.is_usable());
        server.heard().await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_recorded_doubt_there_is_no_dot() {
    let (stream, server) = Server::start(&format!("{GREETED}{ACCEPTED}BODY\nSILENT"));
    let mut session = open(stream).await;
    let end = session.send(&envelope(), MAIL, || async { Err("disk full") }).await;
    assert_eq!(end, Outcome::Lost { stage: Stage::Body, text: "held back before the final dot: disk full".to_owned() });
    assert!(!session.is_usable());
    // Dropped at once, not when the session is.
    assert!(server.heard().await.ends_with("DATA\r\nSubject: x\r\n\r\n..hidden\r\n...\r\na.b\r\nEND\r\n"));
    let again = session.send(&envelope(), MAIL, nothing_to_record).await;
    assert!(matches!(again, Outcome::Lost { stage: Stage::Mail, .. }), "{again:?}");
    session.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_it_before_the_dot_gets_no_dot() {
    for (act, want) in [
        ("CUT", None),
        ("S: 552 5.3.4 too big", Some(refused(true, Stage::Body, "552 5.3.4 too big"))),
        ("S: 452 4.3.1 full", Some(refused(false, Stage::Body, "452 4.3.1 full"))),
        ("S: 250 thanks already", None),
    ] {
        let (stream, server) = Server::start(&format!("{GREETED}{ACCEPTED}BODY\n{act}"));
        let mut session = open(stream).await;
        // While the doubt is being recorded, the server speaks.
        let slow = || async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            nothing_to_record().await
        };
        let end = session.send(&envelope(), MAIL, slow).await;
        match want {
            Some(want) => assert_eq!(end, want),
            None => assert!(matches!(end, Outcome::Lost { stage: Stage::Body, .. }), "{act}: {end:?}"),
        }
        assert!(server.heard().await.ends_with("END\r\n"), "{act}");
    }
}

/// A pipe that breaks when the final dot is written: nobody can know how much of it got through.
struct BreaksAtDot(DuplexStream);

impl AsyncRead for BreaksAtDot {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for BreaksAtDot {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf == b".\r\n" {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn a_dot_that_cannot_be_written_leaves_doubt() {
    let (stream, server) = Server::start(&format!("{GREETED}{ACCEPTED}BODY\nSILENT"));
    let mut session = Session::open(BreaksAtDot(stream), Opening::Greeting, "me.example").await.unwrap();
    let end = session.send(&envelope(), MAIL, nothing_to_record).await;
    assert_eq!(end, Outcome::Unknown { text: "the connection was lost (broken pipe)".to_owned() });
    assert!(!session.is_usable());
    server.heard().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_reading_is_given_up() {
    let (stream, server) =
        Server::start(&format!("{GREETED}C: MAIL\nS: 250 a\nC: RCPT\nS: 250 b\nC: DATA\nS: 354 c\nHANG"));
    drop(server);
    let mail = [b"0123456789\r\n".repeat(20_000), b"END\r\n".to_vec()].concat();
    let mut session = open(stream).await;
    let end = session.send(&envelope(), &mail, nothing_to_record).await;
    assert_eq!(end, Outcome::Lost { stage: Stage::Body, text: "the server was silent for 180 s".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_mail_leaves_no_usable_session() {
    let (stream, _server) = Server::start(&format!("{GREETED}C: MAIL\nSILENT"));
    let mut session = open(stream).await;
    let to = envelope();
    let mail = session.send(&to, MAIL, nothing_to_record);
    assert!(tokio::time::timeout(Duration::from_secs(1), mail).await.is_err());
    assert!(!session.is_usable());
    let again = session.send(&envelope(), MAIL, nothing_to_record).await;
    assert!(matches!(again, Outcome::Lost { stage: Stage::Mail, .. }), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn an_extra_reply_is_not_taken_for_the_next_one() {
    for (script, stage) in [
        ("S: 220 mx\nS: 250 early\nSILENT".to_owned(), Stage::Ehlo),
        (format!("{GREETED}C: MAIL\nS: 250 a\nS: 250 b\nSILENT"), Stage::Rcpt),
        (format!("{PIPELINING}{ALL_IN_ONE}S: 250 a\nS: 550 no\nS: 250 late\nSILENT"), Stage::Data),
    ] {
        let run = run(&script).await;
        match run.end {
            Err(OutboxError::Transient { stage: at, .. }) => assert_eq!(at, stage),
            Ok(Outcome::Lost { stage: at, .. }) => assert!(at == stage || at == Stage::Rcpt, "{at}"),
            other => panic!("{script}: {other:?}"),
        }
        assert!(!run.usable && !run.asked);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_not_begun() {
    let eight_bit = "Subject: x\r\n\r\né\r\nEND\r\n".as_bytes();
    let to = |raw| Envelope { from: None, to: EmailAddress::parse(raw).unwrap(), also: Vec::new() };
    let big = b"END\r\n".repeat(300_000);
    for (envelope, mail, stage, word) in [
        (envelope(), &b"a\r.\r\nb\r\n"[..], Stage::Body, "bare CR at byte 1"),
        (envelope(), b"a\nb\r\n", Stage::Body, "bare LF at byte 1"),
        (envelope(), b"\r\n.\n.\r\n", Stage::Body, "bare LF at byte 3"),
        (envelope(), b"", Stage::Body, "empty"),
        (envelope(), eight_bit, Stage::Body, "8-bit"),
        (envelope(), &big, Stage::Mail, "takes 1000000"),
        (to("é@acme.example"), MAIL, Stage::Rcpt, "SMTPUTF8"),
        (to("\"a b\"@acme.example"), MAIL, Stage::Rcpt, "cannot be written to"),
    ] {
        let (stream, server) = Server::start(GREETED);
        let mut session = open(stream).await;
        match session.send(&envelope, mail, nothing_to_record).await {
            Outcome::Refused { permanent: true, stage: at, reply } => {
                assert!(at == stage && reply.contains(word), "{at}: {reply}");
            }
            other => panic!("{word}: {other:?}"),
        }
        assert!(session.is_usable());
        drop(session);
        assert_eq!(server.heard().await, "EHLO me.example\r\n");
    }
}

#[tokio::test(start_paused = true)]
async fn null_sender_and_eight_bit_are_announced() {
    let script = "S: 220 mx\nC: EHLO\nS: 250-mx\nS: 250-8BITMIME\nS: 250 SIZE\n\
                  C: MAIL FROM:<> SIZE=25 BODY=8BITMIME\nS: 250 a\nC: RCPT TO:<anna@acme.example>\nS: 251 b\nC: DATA\nS: 354 c\nBODY\nDOT\nS: 250 ok";
    let (stream, server) = Server::start(script);
    let mut session = open(stream).await;
    let envelope = Envelope { from: None, ..envelope() };
    let mail = "Subject: x\r\n\r\néé\r\nEND\r\n".as_bytes();
    assert_eq!(session.send(&envelope, mail, nothing_to_record).await, sent("250 ok"));
    drop(session);
    server.heard().await;
}

#[tokio::test(start_paused = true)]
async fn starttls_stops_at_the_byte_where_tls_begins() {
    let offered = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\n";
    let (stream, server) = Server::start(&format!("{offered}S: 220 go"));
    drop(starttls(stream, "me.example").await.unwrap());
    assert_eq!(server.heard().await, "EHLO me.example\r\nSTARTTLS\r\n");

    for (script, want) in [
        (format!("{offered}S: 220 go\nS: 250 injected"), "slipped replies in"),
        (format!("{offered}S: 220-go\nS: 220 on\nS: 250-mx\nS: 250 AUTH PLAIN"), "slipped replies in"),
        (format!("{offered}S: 454 4.7.0 not now"), "STARTTLS: 454 4.7.0 not now"),
        (format!("{offered}S: 421 4.3.2 closing"), "STARTTLS: 421 4.3.2 closing"),
        (format!("{offered}S: 500 what"), "STARTTLS: 500 what"),
        (format!("{offered}S: 554 5.7.0 no"), "STARTTLS: 554 5.7.0 no"),
        (format!("{offered}CUT"), "STARTTLS: the connection was lost"),
        (format!("{offered}S: 250 what"), "STARTTLS: 250 what"),
        (format!("{offered}SILENT"), "STARTTLS: the server was silent for 300 s"),
        ("S: 220 mx\nC: EHLO\nS: 250-mx\nS: 250 AUTH PLAIN".to_owned(), "does not offer STARTTLS"),
        ("S: 220 mx\nC: EHLO\nS: 250-mx\nS: 250 STARTTLS\nS: 220 go".to_owned(), "STARTTLS: "),
    ] {
        let (stream, server) = Server::start(&script);
        let error = starttls(stream, "me.example").await.unwrap_err();
        assert!(error.to_string().contains(want), "{script}: {error}");
        let permanent = script.contains("S: 554") || script.contains("S: 500");
        assert_eq!(error.failure(), if permanent { Failure::Permanent } else { Failure::Transient }, "{script}");
        let heard = server.heard().await;
        assert!(!heard.contains("AUTH"), "{heard}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_starttls_there_is_no_greeting() {
    let (stream, server) = Server::start("C: EHLO me.example\nS: 250-mx\nS: 250 AUTH PLAIN");
    let session = Session::open(stream, Opening::AfterStartTls, "me.example").await.unwrap();
    assert_eq!(session.offers().logins, ["PLAIN"]);
    drop(session);
    server.heard().await;
}

#[tokio::test(start_paused = true)]
async fn a_bad_name_for_ourselves_is_not_said() {
    for helo in ["", "a b", "a\r\nMAIL FROM:<x@y>", "é.example"] {
        let (stream, _server) = Server::start("S: 220 mx");
        let error = Session::open(stream, Opening::Greeting, helo).await.unwrap_err();
        assert_eq!(error.failure(), Failure::Setup, "{helo}");
    }
}

const PASSWORD: &str = "correct horse";
/// `\0claire\0correct horse`, `claire`, `correct horse`, and the XOAUTH2 form of a token `tok.en`.
const PLAIN: &str = "AGNsYWlyZQBjb3JyZWN0IGhvcnNl";
const NAME: &str = "Y2xhaXJl";
const SECRET: &str = "Y29ycmVjdCBob3JzZQ==";
const BEARER: &str = "dXNlcj1jbGFpcmUBYXV0aD1CZWFyZXIgdG9rLmVuAQE=";
/// The same as OAUTHBEARER: `n,a=claire,^Aauth=Bearer tok.en^A^A`.
const STANDARD: &str = "bixhPWNsYWlyZSwBYXV0aD1CZWFyZXIgdG9rLmVuAQE=";

async fn login(offer: &str, script: &str, credential: Credential) -> (Result<(), OutboxError>, String) {
    let (stream, server) = Server::start(&format!("S: 220 mx\nC: EHLO\nS: 250-mx\nS: 250 {offer}\n{script}"));
    let mut session = open(stream).await;
    let end = session.login("claire", &credential).await;
    assert_eq!(session.is_usable(), end.is_ok() || matches!(end, Err(OutboxError::Setup(_))));
    let shown = format!("{session:?} {end:?} {}", end.as_ref().err().map(ToString::to_string).unwrap_or_default());
    for secret in [PASSWORD, "horse", "tok.en", PLAIN, SECRET, BEARER, STANDARD, "AGNsYWlyZQBjb3"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    drop(session);
    (end, server.heard().await)
}

#[tokio::test(start_paused = true)]
async fn logins_that_work() {
    let password = || Credential::Password(PASSWORD.to_owned());
    let token = || Credential::Token("tok.en".to_owned());
    for (offer, script, credential) in [
        ("AUTH LOGIN PLAIN", format!("C: AUTH PLAIN {PLAIN}\nS: 235 ok"), password()),
        ("AUTH=PLAIN", format!("C: AUTH PLAIN {PLAIN}\nS: 235 ok"), password()),
        (
            "AUTH LOGIN",
            format!("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {NAME}\nS: 334 UGFzc3dvcmQ6\nC: {SECRET}\nS: 235 ok"),
            password(),
        ),
        ("AUTH LOGIN", format!("C: AUTH LOGIN\nS: 334 bm9t\nC: {NAME}\nS: 334\nC: {SECRET}\nS: 235 ok"), password()),
        ("AUTH PLAIN XOAUTH2", format!("C: AUTH XOAUTH2 {BEARER}\nS: 235 ok"), token()),
        ("AUTH OAUTHBEARER XOAUTH2", format!("C: AUTH XOAUTH2 {BEARER}\nS: 235 ok"), token()),
        ("AUTH OAUTHBEARER", format!("C: AUTH OAUTHBEARER {STANDARD}\nS: 235 ok"), token()),
    ] {
        assert_eq!(login(offer, &script, credential).await.0, Ok(()), "{script}");
    }
}

#[tokio::test(start_paused = true)]
async fn logins_that_do_not() {
    let password = || Credential::Password(PASSWORD.to_owned());
    let token = || Credential::Token("tok.en".to_owned());
    for (offer, script, credential, failure, word) in [
        ("AUTH PLAIN", "C: AUTH\nS: 535 5.7.8 no", password(), Failure::Setup, "535 5.7.8 no"),
        (
            "AUTH PLAIN",
            "C: AUTH\nS: 535 5.7.8 you said AGNsYWlyZQBjb3JyZWN0IGhvcnNl",
            password(),
            Failure::Setup,
            "you said …",
        ),
        ("AUTH PLAIN", "C: AUTH\nS: 500 AUTH PLAIN AGNsYWlyZQBjb3Jy? what", password(), Failure::Setup, "PLAIN … what"),
        ("AUTH PLAIN", "C: AUTH\nS: 454 4.7.0 later", password(), Failure::Transient, "454 4.7.0 later"),
        ("AUTH PLAIN", "C: AUTH\nS: 421 bye", password(), Failure::Transient, "421 bye"),
        ("AUTH PLAIN", "C: AUTH\nS: 334 ", password(), Failure::Transient, "334"),
        ("AUTH PLAIN", "C: AUTH\nCUT", password(), Failure::Transient, "lost"),
        ("AUTH PLAIN", "C: AUTH\nSILENT", password(), Failure::Transient, "silent for 300 s"),
        (
            "AUTH LOGIN",
            "C: AUTH\nS: 334 x\nC: Y2xhaXJl\nS: 334 y\nC: Y29y\nS: 535 no",
            password(),
            Failure::Setup,
            "535 no",
        ),
        ("AUTH LOGIN", "C: AUTH\nS: 535 no", password(), Failure::Setup, "535 no"),
        (
            "AUTH XOAUTH2",
            "C: AUTH\nS: 334 eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: 535 5.7.8 token",
            token(),
            Failure::Setup,
            "535 5.7.8 token",
        ),
        (
            "AUTH OAUTHBEARER",
            "C: AUTH\nS: 334 eyJzdGF0dXMiOiI0MDEifQ==\nC: AQ==\nS: 535 5.7.8 token",
            token(),
            Failure::Setup,
            "535 5.7.8 token",
        ),
        ("AUTH XOAUTH2", "C: AUTH\nS: 535 5.7.3 no", token(), Failure::Setup, "fetch a new token"),
        ("AUTH PLAIN LOGIN", "", token(), Failure::Setup, "XOAUTH2; the server offers LOGIN, PLAIN"),
        (
            "AUTH XOAUTH2 CRAM-MD5",
            "",
            password(),
            Failure::Setup,
            "PLAIN or LOGIN; the server offers CRAM-MD5, XOAUTH2",
        ),
        ("HELP", "", password(), Failure::Setup, "none at all"),
        ("AUTH PLAIN", "", Credential::Password("pass\n".to_owned()), Failure::Setup, "line break"),
        ("AUTH PLAIN", "", Credential::Password(String::new()), Failure::Setup, "empty"),
    ] {
        let (end, heard) = login(offer, script, credential).await;
        let error = end.unwrap_err();
        assert_eq!(error.failure(), failure, "{script}: {error}");
        assert!(error.to_string().contains(word), "{script}: {error}");
        assert!(script.contains("AUTH") || !heard.contains("AUTH"), "{heard}");
        assert!(heard.matches("AUTH ").count() <= 1, "one attempt only: {heard}");
    }
}

/// A colleague in copy is one recipient more; that server's "no" to the copy stops nothing, and a "no" to the client
/// never lets the copy go alone.
#[tokio::test(start_paused = true)]
async fn a_colleague_in_copy() {
    let mail = b"To: anna@acme.example\r\nCc: paul@studio.example\r\n\r\nhello\r\nEND\r\n";
    let one =
        "ONE: MAIL FROM:<claire@studio.example> | RCPT TO:<anna@acme.example> | RCPT TO:<paul@studio.example> | DATA\n";
    let taken = || sent("250 2.0.0 queued as 1");
    let without = |why: &str| sent(&format!("250 2.0.0 queued as 1; the copy was refused: {why}"));
    for (replies, want) in [
        (format!("S: 250 a\nS: 250 b\nS: 250 c\nS: 354 d\n{TAKEN}"), taken()),
        (format!("S: 250 a\nS: 250 b\nS: 550 no\nS: 354 d\n{TAKEN}"), without("550 no")),
        (format!("S: 250 a\nS: 250 b\nS: 450 later\nS: 354 d\n{TAKEN}"), without("450 later")),
        ("S: 250 a\nS: 550 no\nS: 250 c\nS: 354 d\n".to_owned(), refused(true, Stage::Rcpt, "550 no")),
        ("S: 250 a\nS: 550 no\nS: 550 no\nS: 503 d\n".to_owned(), refused(true, Stage::Rcpt, "550 no")),
        ("S: 250 a\nS: 250 b\nS: 421 bye\nCUT".to_owned(), refused(false, Stage::Rcpt, "421 bye")),
    ] {
        let (stream, server) = Server::start(&format!("{PIPELINING}{one}{replies}"));
        let mut session = open(stream).await;
        assert_eq!(session.send(&envelope(), mail, nothing_to_record).await, want, "{replies}");
        drop(session);
        let heard = server.heard().await;
        let body = heard.split_once("DATA\r\n").map_or("", |(_, rest)| rest);
        assert_eq!(body.is_empty(), !matches!(want, Outcome::Sent { .. }), "{replies}: {body}");
    }
    let steps = "C: MAIL\nS: 250 a\nC: RCPT TO:<anna@acme.example>\nS: 250 b\nC: RCPT TO:<paul@studio.example>\nS: 550 no\nC: DATA\nS: 354 d\n";
    let (stream, server) = Server::start(&format!("{GREETED}{steps}{TAKEN}"));
    assert_eq!(open(stream).await.send(&envelope(), mail, nothing_to_record).await, without("550 no"));
    server.heard().await;
}
