//! A scripted server that knows no protocol: it says its lines and checks ours.
//!
//! A script is text. `S: line` is said with CRLF, `S| bytes` without (escapes `\r \n \t \\ \0`), `C: line` must come from the
//! client exactly, or begin so when it ends in `...`; `$` at its start is any tag, and later in `S:` the same tag.
//! `C| N` takes N octets and a line end. `close` hangs up, `silent` says nothing for ever, `wait N` lets N seconds pass.
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream},
    task::JoinHandle,
};

/// The server's side of the conversation; joins to what went wrong, if anything.
pub struct Server(JoinHandle<Result<(), String>>);

impl Server {
    /// Starts the server; the other end of the line is for the client.
    pub fn start(script: &str) -> (Self, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let script = script.to_owned();
        (Self(tokio::spawn(async move { play(&script, BufReader::new(ours)).await })), theirs)
    }

    /// Waits until the script is played to its end.
    pub async fn done(self) {
        tokio::time::timeout(Duration::from_secs(3600), self.0).await.expect("script ends").unwrap().unwrap();
    }

    /// Stops a server whose script the client need not play to the end.
    pub fn drop(self) {
        self.0.abort();
    }
}

async fn play(script: &str, mut line: BufReader<DuplexStream>) -> Result<(), String> {
    let mut tag = String::new();
    for step in script.lines().map(str::trim_start).filter(|step| !step.is_empty() && !step.starts_with('#')) {
        if let Some(text) = step.strip_prefix("S: ") {
            say(&mut line, format!("{}\r\n", unescape(text)).replace('$', &tag).as_bytes()).await?;
        } else if let Some(text) = step.strip_prefix("S| ") {
            say(&mut line, unescape(text).replace('$', &tag).as_bytes()).await?;
        } else if let Some(want) = step.strip_prefix("C: ") {
            let mut got = String::new();
            line.read_line(&mut got).await.map_err(|e| format!("{want}: {e}"))?;
            let got = got.strip_suffix("\r\n").ok_or(format!("wanted {want:?}, got {got:?} and the end"))?;
            let (mine, theirs) = match want.strip_prefix("$ ") {
                Some(want) => {
                    let (head, rest) = got.split_once(' ').ok_or(format!("no tag in {got:?}"))?;
                    tag = head.to_owned();
                    (want, rest)
                }
                None => (want, got),
            };
            let fits = match mine.strip_suffix("...") {
                Some(start) => theirs.starts_with(start),
                None => mine == theirs,
            };
            if !fits {
                return Err(format!("wanted {want:?}, got {got:?}"));
            }
        } else if let Some(count) = step.strip_prefix("C| ") {
            let mut bytes = vec![0; count.parse::<usize>().unwrap() + 2];
            line.read_exact(&mut bytes).await.map_err(|e| e.to_string())?;
        } else if let Some(seconds) = step.strip_prefix("wait ") {
            tokio::time::sleep(Duration::from_secs(seconds.parse().unwrap())).await;
        } else if step == "silent" {
            std::future::pending::<()>().await;
        } else if step == "close" {
            return Ok(());
        } else {
            return Err(format!("no such step: {step}"));
        }
    }
    // The line stays open until the client hangs up, unless the script says `close`.
    let mut rest = Vec::new();
    let _ = line.read_to_end(&mut rest).await;
    match rest.is_empty() {
        true => Ok(()),
        false => Err(format!("unexpected: {:?}", String::from_utf8_lossy(&rest))),
    }
}

async fn say(line: &mut BufReader<DuplexStream>, bytes: &[u8]) -> Result<(), String> {
    // A client that has already hung up is its own affair.
    let _ = line.write_all(bytes).await;
    let _ = line.flush().await;
    Ok(())
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => out.push(c),
            _ => match chars.next() {
                Some('r') => out.push('\r'),
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('0') => out.push('\0'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
        }
    }
    out
}
