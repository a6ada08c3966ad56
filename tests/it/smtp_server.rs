//! A scripted SMTP server on a pipe. It knows no protocol: it does what the script says, however rude.
//!
//! A script is one act a line:
//!
//! - `S: TEXT` says a line (neighbouring ones in one write); `RAW: TEXT` says it without a line end
//! - `C: PREFIX` hears one line that begins so
//! - `ONE: A | B` hears these lines in a single read, and nothing else in it
//! - `BODY` hears everything up to the line `END`, `DOT` a lone dot right behind it
//! - `CUT` closes, `SILENT` says nothing more and waits until the other side closes
//! - `HANG` neither reads nor says anything, for ever
//! - `FLOOD TEXT` says a line until nobody takes it any more
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;

/// What the server heard until the other side closed.
pub struct Server(JoinHandle<Vec<u8>>);

impl Server {
    /// Starts a server; gives the client's end.
    pub fn start(script: &str) -> (DuplexStream, Self) {
        let (client, server) = duplex(64 * 1024);
        (client, Self::on(server, script))
    }

    /// Plays the script on any stream.
    pub fn on<T>(stream: T, script: &str) -> Self
    where
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        Self(tokio::spawn(play(stream, script.to_owned())))
    }

    /// Everything heard; fails if the script was not followed.
    pub async fn heard(self) -> String {
        String::from_utf8(self.0.await.unwrap()).unwrap()
    }
}

async fn play<T>(mut stream: T, script: String) -> Vec<u8>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut heard = Vec::new();
    let mut done = 0;
    let acts: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut acts = acts.into_iter().peekable();
    while let Some(act) = acts.next() {
        let (verb, rest) = act.split_once(' ').unwrap_or((act, ""));
        match verb {
            "S:" => {
                let mut said = format!("{rest}\r\n");
                while let Some(next) = acts.next_if(|next| next.starts_with("S:")) {
                    said += &format!("{}\r\n", next.strip_prefix("S:").unwrap().trim_start());
                }
                let _ = stream.write_all(said.as_bytes()).await;
            }
            "RAW:" => stream.write_all(rest.as_bytes()).await.unwrap(),
            "C:" => {
                let end = until(&mut stream, &mut heard, done, "\r\n").await;
                let line = String::from_utf8_lossy(&heard[done..end]).into_owned();
                assert!(line.starts_with(rest), "wanted {rest:?}, heard {line:?}");
                done = end;
            }
            "ONE:" => {
                assert_eq!(heard.len(), done, "something came before {rest:?}");
                let mut chunk = [0; 4096];
                let n = stream.read(&mut chunk).await.unwrap();
                let lines: Vec<_> = std::str::from_utf8(&chunk[..n]).unwrap().lines().map(str::to_owned).collect();
                assert_eq!(lines, rest.split(" | ").collect::<Vec<_>>(), "in one read");
                heard.extend_from_slice(&chunk[..n]);
                done = heard.len();
            }
            "BODY" => done = until(&mut stream, &mut heard, done, "END\r\n").await,
            "DOT" => {
                let end = until(&mut stream, &mut heard, done, ".\r\n").await;
                assert_eq!(&heard[done..end], b".\r\n");
                done = end;
            }
            "CUT" => return heard,
            "SILENT" => break,
            "HANG" => std::future::pending().await,
            "FLOOD" => while stream.write_all(format!("{rest}\r\n").as_bytes()).await.is_ok() {},
            other => panic!("no such act: {other}"),
        }
    }
    let _ = stream.read_to_end(&mut heard).await;
    heard
}

/// Reads until `end` follows position `from`; gives the position behind it.
async fn until<T: tokio::io::AsyncRead + Unpin>(stream: &mut T, heard: &mut Vec<u8>, from: usize, end: &str) -> usize {
    let mut searched = from;
    loop {
        if let Some(at) = heard[searched..].windows(end.len()).position(|window| window == end.as_bytes()) {
            return searched + at + end.len();
        }
        searched = heard.len().saturating_sub(end.len() - 1).max(from);
        let n = stream.read_buf(heard).await.unwrap();
        assert!(n > 0, "closed while waiting for {end:?}, after {:?}", String::from_utf8_lossy(&heard[from..]));
    }
}
