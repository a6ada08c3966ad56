//! The pipelined floor: the least work that answers a mail over IMAP and SMTP. IDLE, DONE, UID FETCH, the mail read and
//! the reply made by the usual libraries, then MAIL, RCPT and DATA in one write on a connection that is kept open. It
//! decides nothing, records nothing, forgets everything.
use anyhow::{Context, Result, bail};
use lettre::Message;
use mail_parser::MessageParser;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for a reply to a command.
const PATIENCE: Duration = Duration::from_secs(60);

const REPLY: &str = "Your message has arrived. You will have my answer tomorrow by 11:00, your time.\r\n";

/// A logged-in IMAP connection that speaks the few commands of the floor.
#[derive(Debug)]
pub struct Imap {
    stream: BufReader<TcpStream>,
    tags: u32,
}

impl Imap {
    /// Connects, logs in, opens INBOX read-only; also the next UID.
    pub async fn open(port: u16, user: &str) -> Result<(Self, u32)> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("the lab's IMAP")?;
        stream.set_nodelay(true)?;
        let mut imap = Self { stream: BufReader::with_capacity(64 * 1024, stream), tags: 0 };
        imap.line().await?;
        imap.run(&format!("LOGIN {user} secret"), |_, _| ()).await?;
        let mut next = 1;
        imap.run("EXAMINE INBOX", |line, _| {
            if let Some(tail) = line.split("UIDNEXT ").nth(1) {
                next = tail.split(']').next().and_then(|n| n.parse().ok()).unwrap_or(next);
            }
        })
        .await?;
        Ok((imap, next))
    }

    /// Waits for news.
    pub async fn idle(&mut self) -> Result<()> {
        self.stream.write_all(b"i IDLE\r\n").await?;
        loop {
            let mut line = String::new();
            // As long as it takes: the caller ends the floor when it is no longer needed.
            if self.stream.read_line(&mut line).await? == 0 {
                bail!("IMAP hung up");
            }
            if line.ends_with(" EXISTS\r\n") {
                break;
            }
        }
        self.stream.write_all(b"DONE\r\n").await?;
        while !self.line().await?.starts_with("i ") {}
        Ok(())
    }

    /// Fetches everything from `next` on: UID and bytes.
    pub async fn fetch(&mut self, next: u32, what: &str) -> Result<Vec<(u32, Vec<u8>)>> {
        let mut mails = Vec::new();
        self.run(&format!("UID FETCH {next}:* (UID {what})"), |line, literal| {
            let uid = line.split("UID ").nth(1).and_then(|tail| tail.split([' ', ')']).next()?.parse().ok());
            if let Some(uid) = uid.filter(|uid| *uid >= next) {
                mails.push((uid, literal));
            }
        })
        .await?;
        Ok(mails)
    }

    /// Fetches everything and drops it; how many messages.
    pub async fn pass(&mut self) -> Result<usize> {
        let mut count = 0;
        self.run("UID FETCH 1:* (UID BODY.PEEK[])", |line, _| count += usize::from(line.contains("UID "))).await?;
        Ok(count)
    }

    async fn run(&mut self, command: &str, mut seen: impl FnMut(&str, Vec<u8>)) -> Result<()> {
        self.tags += 1;
        let tag = format!("f{} ", self.tags);
        self.stream.write_all(format!("{tag}{command}\r\n").as_bytes()).await?;
        loop {
            let line = self.line().await?;
            if let Some(done) = line.strip_prefix(&tag) {
                anyhow::ensure!(done.starts_with("OK"), "IMAP refused {command}: {done}");
                return Ok(());
            }
            let literal = match line.trim_end().strip_suffix('}').and_then(|head| head.rsplit('{').next()?.parse().ok())
            {
                Some(length) => {
                    let mut bytes = vec![0; length];
                    timeout(PATIENCE, self.stream.read_exact(&mut bytes)).await??;
                    bytes
                }
                None => Vec::new(),
            };
            seen(&line, literal);
        }
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let length = timeout(PATIENCE, self.stream.read_until(b'\n', &mut line)).await.context("IMAP is silent")??;
        anyhow::ensure!(length > 0, "IMAP hung up");
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

/// A kept-open SMTP connection.
#[derive(Debug)]
struct Smtp {
    stream: BufReader<TcpStream>,
}

impl Smtp {
    async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("the SMTP sink")?;
        stream.set_nodelay(true)?;
        let mut smtp = Self { stream: BufReader::new(stream) };
        smtp.answer().await?;
        smtp.stream.write_all(b"EHLO floor.example\r\n").await?;
        smtp.answer().await?;
        Ok(smtp)
    }

    async fn send(&mut self, (to, mut mail): (String, Vec<u8>)) -> Result<()> {
        let head = format!("MAIL FROM:<studio@lab.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        for _ in 0..3 {
            self.answer().await?;
        }
        mail.extend_from_slice(b"\r\n.\r\n");
        self.stream.write_all(&mail).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<()> {
        loop {
            let mut line = String::new();
            let length = timeout(PATIENCE, self.stream.read_line(&mut line)).await.context("SMTP is silent")??;
            anyhow::ensure!(length > 0 && line.starts_with(['2', '3']), "SMTP refused: {line:?}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}

/// Answers every mail that comes to `user`, until it is dropped.
pub async fn answer_all(imap_port: u16, smtp_port: u16, user: &str) -> Result<()> {
    let (mut imap, mut next) = Imap::open(imap_port, user).await?;
    let mut smtp = Smtp::open(smtp_port).await?;
    loop {
        imap.idle().await?;
        next = answer_new(&mut imap, &mut smtp, next).await?.0;
    }
}

/// Answers everything that waits in `user`'s INBOX from `next` on; how long that took, login included, and how many.
pub async fn drain(imap_port: u16, smtp_port: u16, user: &str, next: u32) -> Result<(Duration, usize)> {
    let started = Instant::now();
    let (mut imap, _) = Imap::open(imap_port, user).await?;
    let mut smtp = Smtp::open(smtp_port).await?;
    let (_, count) = answer_new(&mut imap, &mut smtp, next).await?;
    Ok((started.elapsed(), count))
}

async fn answer_new(imap: &mut Imap, smtp: &mut Smtp, mut next: u32) -> Result<(u32, usize)> {
    let mails = imap.fetch(next, "BODY.PEEK[]").await?;
    for (uid, bytes) in &mails {
        next = next.max(uid + 1);
        smtp.send(reply(bytes)?).await?;
    }
    Ok((next, mails.len()))
}

/// To whom, and the reply.
fn reply(mail: &[u8]) -> Result<(String, Vec<u8>)> {
    let mail = MessageParser::default().parse(mail).context("no mail")?;
    let author = mail.from().and_then(|from| from.first()).and_then(|one| one.address()).context("no author")?;
    let id = format!("<{}>", mail.message_id().context("no Message-ID")?);
    let reply = Message::builder()
        .from("studio@lab.example".parse()?)
        .to(author.parse()?)
        .subject(format!("Re: {}", mail.subject().unwrap_or_default()))
        .in_reply_to(id.clone())
        .references(id)
        .body(REPLY.to_owned())?;
    Ok((author.to_owned(), reply.formatted()))
}
