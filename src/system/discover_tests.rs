//! A name server, a web server and a mail server on loopback: what they say, and what their silence costs.
use super::*;
use crate::system::clock::monotonic;
use domain::resolv::stub::conf::{ResolvConf, ServerConf, Transport};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};

/// A resolver that asks a name server with these answers (type, data), the same for every name.
fn resolver(answers: Vec<(u16, Vec<u8>)>) -> StubResolver {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let mut conf = ResolvConf::new();
    conf.servers.push(ServerConf::new(socket.local_addr().unwrap(), Transport::UdpTcp));
    conf.finalize();
    std::thread::spawn(move || {
        let mut asked = [0_u8; 512];
        while let Ok((length, whom)) = socket.recv_from(&mut asked) {
            // The question as it came, then the answers (RFC 1035 4.1); names in data are written out.
            let mut said = asked[..length].to_vec();
            let end = 12 + said[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
            said.truncate(end);
            said[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, answers.len() as u8, 0, 0, 0, 0]);
            for (kind, data) in &answers {
                said.extend([0xC0, 12]);
                said.extend(kind.to_be_bytes());
                said.extend([0, 1, 0, 0, 0, 60]);
                said.extend((data.len() as u16).to_be_bytes());
                said.extend(data);
            }
            let _ = socket.send_to(&said, whom);
        }
    });
    StubResolver::from_conf(conf)
}

fn name(text: &str) -> Vec<u8> {
    let labels = text.split('.').filter(|label| !label.is_empty());
    let mut wire: Vec<u8> = labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    wire.push(0);
    wire
}

fn mx(preference: u16, host: &str) -> (u16, Vec<u8>) {
    (15, [preference.to_be_bytes().to_vec(), name(host)].concat())
}

fn srv(priority: u16, port: u16, host: &str) -> (u16, Vec<u8>) {
    (33, [priority.to_be_bytes().to_vec(), vec![0, 0], port.to_be_bytes().to_vec(), name(host)].concat())
}

#[tokio::test]
async fn the_preferred_records_count() {
    let asked = resolver(vec![mx(20, "backup.studio.example"), mx(5, "mx.studio.example")]);
    assert_eq!(exchangers_by(&asked, "studio.example").await, ["mx.studio.example", "backup.studio.example"]);
    let asked = resolver(vec![srv(10, 1993, "second.studio.example"), srv(0, 993, "imap.studio.example")]);
    let found = service_by(&asked, "_imaps._tcp", "studio.example").await;
    assert_eq!(found, Some(("imap.studio.example".to_owned(), 993)));
    // "Decidedly not here" (RFC 2782), and nothing at all.
    for answers in [vec![srv(0, 0, ".")], vec![]] {
        assert_eq!(service_by(&resolver(answers), "_imaps._tcp", "studio.example").await, None);
    }
    assert!(exchangers_by(&resolver(vec![]), "no name").await.is_empty());
}

/// One that takes the connection and says `said`, or nothing, and keeps it open.
fn server(said: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            if said.starts_with("HTTP") {
                let _ = stream.read(&mut [0; 2048]);
            }
            let _ = stream.write_all(said.as_bytes());
            // A document is whole when the stream ends.
            if !said.starts_with("HTTP") {
                open.push(stream);
            }
        }
    });
    port
}

#[tokio::test]
async fn a_mail_server_speaks_first_and_a_document_is_one() {
    for (said, speaks) in [("* OK hello\r\n", true), ("220 mx\r\n", true), ("220-mx\r\n", true), ("SSH-2.0\r\n", false)]
    {
        assert_eq!(listens("127.0.0.1", server(said), true).await, speaks, "{said}");
    }
    assert!(listens("127.0.0.1", server(""), false).await, "TLS: whether the port answers is all");
    assert!(!listens("127.0.0.1", 1, false).await);
    let url = |said| format!("http://127.0.0.1:{}/mail/config-v1.1.xml", server(said));
    let found = url("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<clientConfig/>");
    assert_eq!(document(found).await.as_deref(), Some("<clientConfig/>"));
    // Another place is not followed: whoever answers there was not asked.
    for said in [
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nno",
        "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nConnection: close\r\n\r\n",
    ] {
        assert_eq!(document(url(said)).await, None);
    }
    assert_eq!(document("http://studio.example/config.xml".to_owned()).await, None, "never in the clear");
}

/// All of them silent, asked at once: together they cost one deadline.
#[tokio::test]
async fn silence_costs_one_deadline() {
    let begun = monotonic();
    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let mut conf = ResolvConf::new();
    conf.servers.push(ServerConf::new(silent.local_addr().unwrap(), Transport::UdpTcp));
    conf.finalize();
    let quiet = StubResolver::from_conf(conf);
    let (port, web) = (server(""), format!("http://127.0.0.1:{}/x", server("")));
    let (records, service, greeting, page) = tokio::join!(
        exchangers_by(&quiet, "studio.example"),
        service_by(&quiet, "_imaps._tcp", "studio.example"),
        listens("127.0.0.1", port, true),
        document(web),
    );
    assert_eq!((records.len(), service, greeting, page), (0, None, false, None));
    assert!(monotonic() - begun < DEADLINE * 2, "asked one after the other");
}
