//! Delivers clients' mail into the lab over LMTP (RFC 2033) and notes when. Every mail has its own sender, id and
//! words, so that no limit for one sender and no rule about equal bodies speaks.
use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for one answer of the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
#[derive(Debug)]
pub struct Lmtp {
    stream: BufReader<TcpStream>,
}

impl Lmtp {
    /// Connects and says hello.
    pub async fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("the lab's LMTP")?;
        stream.set_nodelay(true)?;
        let mut lmtp = Self { stream: BufReader::new(stream) };
        lmtp.answer().await?;
        lmtp.stream.write_all(b"LHLO figures.example\r\n").await?;
        lmtp.answer().await?;
        Ok(lmtp)
    }

    /// Delivers one mail to `user`; when its last byte was sent.
    pub async fn deliver(&mut self, user: &str, token: &str) -> Result<Instant> {
        let head = format!("MAIL FROM:<{token}@client.example>\r\nRCPT TO:<{user}@lab.example>\r\nDATA\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        for _ in 0..3 {
            self.answer().await?;
        }
        let mut mail = mail(user, token, token);
        mail.push_str(".\r\n");
        self.stream.write_all(mail.as_bytes()).await?;
        let sent = Instant::now();
        self.answer().await?;
        Ok(sent)
    }

    async fn answer(&mut self) -> Result<()> {
        loop {
            let mut line = String::new();
            let length = timeout(PATIENCE, self.stream.read_line(&mut line)).await.context("LMTP is silent")??;
            if length == 0 || !line.starts_with(['2', '3']) {
                bail!("LMTP refused: {line:?}");
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}

/// Delivers `count` mails to `user` over `connections`, as fast as they go; when the first byte left.
pub async fn flood(port: u16, user: &str, prefix: &str, count: usize, connections: usize) -> Result<Instant> {
    let mut lanes = Vec::new();
    for _ in 0..connections {
        lanes.push(Lmtp::connect(port).await?);
    }
    let started = Instant::now();
    let lanes = lanes.into_iter().enumerate().map(|(lane, mut lmtp)| async move {
        for number in (lane..count).step_by(connections) {
            lmtp.deliver(user, &format!("{prefix}{number}")).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    futures_util::future::try_join_all(lanes).await?;
    Ok(started)
}

/// A client's mail of about 5 KB in its own words.
pub fn mail(user: &str, author: &str, token: &str) -> String {
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S +0000");
    let name = letters(token);
    let mut mail = format!(
        "From: {name} <{author}@client.example>\r\nTo: Studio <{user}@lab.example>\r\nSubject: Question about {name}\r\n\
         Message-ID: <{token}@client.example>\r\nDate: {date}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n"
    );
    for line in 0..60 {
        mail.push_str(&format!("Could you tell me when the draft of {name} part {line} will be ready for print?\r\n"));
    }
    mail
}

/// A token in letters alone: digits do not tell two texts apart for the rule about equal bodies.
fn letters(token: &str) -> String {
    let word: String =
        token.bytes().map(|b| if b.is_ascii_digit() { char::from(b - b'0' + b'g') } else { char::from(b) }).collect();
    let mut chars = word.chars().filter(char::is_ascii_alphabetic);
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
