//! A small SMTP server on a loopback port that can misbehave once, at a chosen step: it hangs up, falls silent, or takes
//! the mail and does not say so. It keeps a log of every transaction that it took over.
use super::house::{header, until};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// A moment of the conversation: right after the client's words arrived, before the server's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Connect,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    Rset,
    /// Some of the message has come.
    HalfBody,
    /// The final dot has come.
    Dot,
}

/// What the server does at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Goes on as always.
    GoOn,
    /// Hangs up.
    Drop,
    /// Says nothing more until the client is gone.
    Stall,
    /// Takes the mail over, then hangs up without a word.
    TakeAndDrop,
    /// Takes the mail over and says nothing more.
    TakeAndStall,
    /// Takes its time, then goes on.
    Slow(Duration),
    /// Says no for now (451).
    Later,
    /// Says so only when another connection has brought its final dot, or the client is gone.
    LaterThanAnother,
    /// Says no for good (550).
    Never,
}

/// A transaction that was taken over.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub message_id: String,
    pub from: String,
    pub to: String,
    pub text: String,
}

/// Where a server that files sent mail puts its copy.
pub type Filing = Box<dyn Fn(&str) + Send>;

#[derive(Default)]
struct State {
    trap: Option<(Step, Act)>,
    sprung: u32,
    accepted: Vec<Accepted>,
    refuses_logins: bool,
    logins: u32,
    filing: Option<Filing>,
}

/// The server; it lives as long as the test process.
#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Sink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let shared = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        sink
    }

    /// Misbehaves the next time this step is reached, once.
    pub fn trap(&self, step: Step, act: Act) {
        self.state.lock().unwrap().trap = Some((step, act));
    }

    /// Waits until a trap has been sprung.
    pub fn sprung(&self) {
        until("the SMTP server reaches the step", || (self.state.lock().unwrap().sprung > 0).then_some(()));
    }

    /// From now on logins are refused, or not.
    pub fn refuses_logins(&self, refuses: bool) {
        self.state.lock().unwrap().refuses_logins = refuses;
    }

    /// How often a login was tried.
    pub fn logins(&self) -> u32 {
        self.state.lock().unwrap().logins
    }

    pub fn accepted(&self) -> Vec<Accepted> {
        self.state.lock().unwrap().accepted.clone()
    }

    /// From now on this server files a copy of what it takes.
    pub fn files_into(&self, filing: Filing) {
        self.state.lock().unwrap().filing = Some(filing);
    }

    /// The same, into a Maildir folder.
    pub fn files_into_maildir(&self, folder: PathBuf) {
        self.files_into(Box::new(move |text| {
            super::house::put(&folder, "cur", text, ":2,S");
        }));
    }

    fn take(&self, from: &str, to: &str, text: &str) {
        let mut state = self.state.lock().unwrap();
        let message_id = header(text, "Message-ID").unwrap_or_default();
        state.accepted.push(Accepted { message_id, from: from.into(), to: to.into(), text: text.into() });
        if let Some(filing) = &state.filing {
            filing(text);
        }
    }

    fn act(&self, at: Step) -> Act {
        let mut state = self.state.lock().unwrap();
        match state.trap {
            Some((step, act)) if step == at => {
                state.trap = None;
                state.sprung += 1;
                act
            }
            _ => Act::GoOn,
        }
    }

    /// One conversation; ends when either side hangs up.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut line = BufReader::new(stream);
        let (mut from, mut to) = (String::new(), String::new());
        self.answer(&mut line, Step::Connect, "220 sink ready")?;
        loop {
            let mut command = String::new();
            if line.read_line(&mut command).ok()? == 0 {
                return None;
            }
            let upper = command.to_uppercase();
            match upper.get(..4).unwrap_or_default() {
                "EHLO" => self.answer(&mut line, Step::Ehlo, "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")?,
                "AUTH" => {
                    let refused = {
                        let mut state = self.state.lock().unwrap();
                        state.logins += 1;
                        state.refuses_logins
                    };
                    self.answer(&mut line, Step::Auth, if refused { "535 5.7.8 no" } else { "235 in" })?;
                }
                "MAIL" => {
                    from = address(&command);
                    self.answer(&mut line, Step::Mail, "250 ok")?;
                }
                "RCPT" => {
                    to = address(&command);
                    self.answer(&mut line, Step::Rcpt, "250 ok")?;
                }
                "DATA" => {
                    self.answer(&mut line, Step::Data, "354 go on")?;
                    self.message(&mut line, &from, &to)?;
                }
                "RSET" => self.answer(&mut line, Step::Rset, "250 ok")?,
                "NOOP" => say(&mut line, "250 ok")?,
                "QUIT" => {
                    say(&mut line, "221 bye")?;
                    return None;
                }
                _ => say(&mut line, "500 what?")?,
            }
        }
    }

    fn message(&self, line: &mut BufReader<TcpStream>, from: &str, to: &str) -> Option<()> {
        let mut bytes = vec![0; 200];
        line.read_exact(&mut bytes).ok()?;
        perform(line, self.act(Step::HalfBody))?;
        while !bytes.ends_with(b"\r\n.\r\n") {
            if line.read_until(b'\n', &mut bytes).ok()? == 0 {
                return None;
            }
        }
        bytes.truncate(bytes.len() - 3);
        let text = String::from_utf8(bytes).unwrap().replace("\r\n..", "\r\n.");
        let act = self.act(Step::Dot);
        if !matches!(act, Act::Drop | Act::Stall | Act::Later) {
            self.take(from, to, &text);
        }
        if act == Act::Later {
            return say(line, "451 not now");
        }
        perform(line, act)?;
        say(line, "250 2.0.0 taken")
    }

    fn answer(&self, line: &mut BufReader<TcpStream>, at: Step, text: &str) -> Option<()> {
        let act = self.act(at);
        if act == Act::LaterThanAnother {
            line.get_ref().set_nonblocking(true).ok()?;
            until("another connection brings its dot, or this one ends", || {
                let gone = line.get_ref().peek(&mut [0]).is_ok_and(|n| n == 0);
                (gone || !self.accepted().is_empty()).then_some(())
            });
            line.get_ref().set_nonblocking(false).ok()?;
        }
        if matches!(act, Act::Later | Act::LaterThanAnother) {
            return say(line, "451 not now");
        }
        if act == Act::Never {
            return say(line, "550 no such user");
        }
        perform(line, act)?;
        say(line, text)
    }
}

/// `None`: the conversation is over.
fn perform(line: &mut BufReader<TcpStream>, act: Act) -> Option<()> {
    match act {
        Act::GoOn | Act::Later | Act::LaterThanAnother | Act::Never => Some(()),
        Act::Drop | Act::TakeAndDrop => None,
        Act::Stall | Act::TakeAndStall => {
            let _ = line.read_to_end(&mut Vec::new());
            None
        }
        Act::Slow(time) => {
            thread::sleep(time);
            Some(())
        }
    }
}

fn say(line: &mut BufReader<TcpStream>, text: &str) -> Option<()> {
    line.get_mut().write_all(format!("{text}\r\n").as_bytes()).ok()
}

/// What stands between `<` and `>`.
fn address(command: &str) -> String {
    let inside = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}
