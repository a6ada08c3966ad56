//! Just enough of SMTP, LMTP and IMAP to play the people around the daemon: blocking, loopback, good weather only.
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

fn dial(port: u16) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|error| panic!("port {port}: {error}"));
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    BufReader::new(stream)
}

/// Hands one mail over by SMTP (`EHLO`) or LMTP (`LHLO`); panics unless the server takes it.
pub fn hand_over(port: u16, hello: &str, from: &str, to: &str, mail: &str) {
    let mut line = dial(port);
    reply(&mut line, '2');
    for command in [format!("{hello} client.example"), format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>")] {
        say(&mut line, &format!("{command}\r\n"));
        reply(&mut line, '2');
    }
    say(&mut line, "DATA\r\n");
    reply(&mut line, '3');
    let text: String = mail.lines().map(|l| format!("{}{l}\r\n", if l.starts_with('.') { "." } else { "" })).collect();
    say(&mut line, &format!("{text}.\r\n"));
    reply(&mut line, '2');
    say(&mut line, "QUIT\r\n");
}

fn say(line: &mut BufReader<TcpStream>, text: &str) {
    line.get_mut().write_all(text.as_bytes()).unwrap();
}

fn reply(line: &mut BufReader<TcpStream>, want: char) {
    loop {
        let mut text = String::new();
        line.read_line(&mut text).unwrap();
        assert!(text.starts_with(want), "{text:?}");
        if text.chars().nth(3) == Some(' ') {
            return;
        }
    }
}

/// An IMAP session of a mail program.
pub struct Imap(BufReader<TcpStream>);

impl Imap {
    /// Logs in without TLS.
    pub fn login(port: u16, user: &str, password: &str) -> Self {
        let mut imap = Self(dial(port));
        let mut greeting = String::new();
        imap.0.read_line(&mut greeting).unwrap();
        assert!(greeting.starts_with("* OK"), "{greeting}");
        imap.run(&format!("LOGIN {user} {password}"));
        imap
    }

    /// One command; everything that the server said, up to its OK.
    pub fn run(&mut self, command: &str) -> String {
        say(&mut self.0, &format!("t {command}\r\n"));
        self.finish()
    }

    fn finish(&mut self) -> String {
        let mut all = String::new();
        loop {
            let mut text = Vec::new();
            self.0.read_until(b'\n', &mut text).unwrap();
            assert!(!text.is_empty(), "the server hung up after {all:?}");
            let text = String::from_utf8_lossy(&text).into_owned();
            all.push_str(&text);
            if let Some(end) = text.strip_prefix("t ") {
                assert!(end.starts_with("OK"), "{all}");
                return all;
            }
            let literal = text.trim_end().strip_suffix('}').and_then(|t| t.rsplit_once('{')).map(|(_, n)| n.parse());
            if let Some(Ok(octets)) = literal {
                let mut bytes = vec![0; octets];
                self.0.read_exact(&mut bytes).unwrap();
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }

    /// Puts a mail into a folder.
    pub fn append(&mut self, folder: &str, flags: &str, mail: &str) {
        let text: String = mail.lines().map(|l| format!("{l}\r\n")).collect();
        say(&mut self.0, &format!("t APPEND {folder} ({flags}) {{{}}}\r\n", text.len()));
        let mut go = String::new();
        self.0.read_line(&mut go).unwrap();
        assert!(go.starts_with('+'), "{go}");
        say(&mut self.0, &format!("{text}\r\n"));
        self.finish();
    }

    /// Sets a flag on the message with this Message-ID.
    pub fn flag(&mut self, folder: &str, message_id: &str, flag: &str) {
        self.run(&format!("SELECT {folder}"));
        let found = self.run(&format!("UID SEARCH HEADER Message-ID \"{message_id}\""));
        let uid = found.lines().find_map(|l| l.strip_prefix("* SEARCH ")).expect("the message is there").trim();
        self.run(&format!("UID STORE {uid} +FLAGS ({flag})"));
    }
}
