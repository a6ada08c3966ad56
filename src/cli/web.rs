//! `fuseau web`: the desk in a browser. Here: where it listens, who may open it. What pages show: web/gather.rs; what acts
//! do: web/acts.rs; HTTP and HTML: `crate::web`.
mod acts;
mod beside;
mod gather;
mod link;
mod mails;
mod own;
mod past;
mod scene;
mod search;
mod stats;
mod today;

pub use beside::beside;

use super::args::{Cli, Web};
use super::fail::Fail;
use super::{auth, out};
use crate::config::{Listen, Settings};
use crate::system::signal::{Request, Signals};
use crate::system::{Ids, clock, state};
use crate::web::{Behind, Listener, Site, serve};
use gather::Gatherer;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, UnixListener};

/// Runs the command.
pub fn run(cli: &Cli, web: &Web) -> Result<(), Fail> {
    let path = out::config_path(cli)?;
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    // A history that this version cannot read is told here, as by every other command, not page by page.
    if out::recorded(&settings)?.is_some() {
        drop(out::open_followed_history(&settings)?);
    }
    state::prepare(&dir)?;
    let listen = match (web.port, &settings.web.listen) {
        (Some(port), _) => Listen::Tcp(([127, 0, 0, 1], port).into()),
        (None, listen) => listen.clone(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(4)
        .enable_all()
        .build()
        .map_err(|error| Fail::Failed(format!("the runtime could not be started: {error}")))?;
    let ended = runtime.block_on(async {
        let bound = bind(&listen).await;
        if let Err(Busy::Taken) = bound
            && answers(&dir, &listen)
        {
            // The daemon serves it, or another `fuseau web`: all that is missing is a link.
            show(&dir, &listen, web.open)?;
            return Ok(());
        }
        let (listener, listen) = bound.map_err(|busy| busy.into_fail(&listen))?;
        let mut signals = Signals::listen()?;
        let stop = async { while signals.next().await == Request::Reload {} };
        let site = site(path, settings, &dir, &listen);
        link::served(&dir, &place(&listen))?;
        show(&dir, &listen, web.open)?;
        out::text("the desk is open until Ctrl-C");
        serve(listener, site, stop).await;
        link::gone(&dir);
        clean(&listen);
        Ok(())
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    ended
}

/// Why nothing can listen.
enum Busy {
    /// Somebody else does.
    Taken,
    /// As the system says.
    Other(std::io::Error),
}

impl Busy {
    fn text(&self, listen: &Listen) -> String {
        match self {
            Self::Taken => format!(
                "{} is in use by another program: choose another one with --port or [web] listen",
                place(listen)
            ),
            Self::Other(error) => format!("{}: {error}", place(listen)),
        }
    }

    fn into_fail(self, listen: &Listen) -> Fail {
        match &self {
            Self::Taken => Fail::TryLater(self.text(listen)),
            Self::Other(_) => Fail::Failed(self.text(listen)),
        }
    }
}

impl From<std::io::Error> for Busy {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::AddrInUse { Self::Taken } else { Self::Other(error) }
    }
}

async fn bind(listen: &Listen) -> Result<(Listener, Listen), Busy> {
    match listen {
        Listen::Tcp(address) => {
            // The configuration was checked; this is the last door before the network.
            if !crate::web::guard::is_loopback(address) {
                return Err(Busy::Other(std::io::Error::other("this address can be reached from other machines")));
            }
            let listener = TcpListener::bind(address).await?;
            let address = listener.local_addr()?;
            Ok((Listener::Tcp(listener), Listen::Tcp(address)))
        }
        Listen::Unix(path) => {
            let socket = std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
            if socket && std::os::unix::net::UnixStream::connect(path).is_err() {
                // Left behind by one that was killed.
                std::fs::remove_file(path)?;
            }
            let listener = UnixListener::bind(path)?;
            state::make_private(path)?;
            Ok((Listener::Unix(listener), listen.clone()))
        }
    }
}

/// Whether a desk of this state directory is what listens there.
fn answers(dir: &Path, listen: &Listen) -> bool {
    link::server(dir).is_some_and(|at| at == place(listen))
}

fn clean(listen: &Listen) {
    if let Listen::Unix(path) = listen {
        let _ = std::fs::remove_file(path);
    }
}

/// Where it is, for people.
fn place(listen: &Listen) -> String {
    match listen {
        Listen::Tcp(address) => format!("http://{address}"),
        Listen::Unix(path) => path.display().to_string(),
    }
}

/// Prints a new one-time link.
fn show(dir: &Path, listen: &Listen, open: bool) -> Result<(), Fail> {
    let token = secret();
    link::put(dir, &token, clock::Clock::System.now())?;
    let Listen::Tcp(address) = listen else {
        let place = place(listen);
        out::text(&format!(
            "the desk listens on {place}; a browser reaches it through a tunnel:\n    ssh -L 8427:{place} HOST\n\
             and opens it once, within ten minutes, at\n    http://127.0.0.1:8427/open/{token}"
        ));
        return Ok(());
    };
    let url = format!("http://{address}/open/{token}");
    let opened = open && auth::open(&url);
    let how = if opened { "it opens in your browser" } else { "open it in a browser" };
    out::text(&format!("{url}\n    {how}; the link works once, within ten minutes"));
    Ok(())
}

/// 248 random bits.
fn secret() -> String {
    let ids = Ids::random();
    (0..4).map(|_| format!("{:016x}", ids.bits())).collect()
}

fn site(path: PathBuf, settings: Settings, dir: &Path, listen: &Listen) -> Arc<Site> {
    let gatherer = Arc::new(Gatherer::new(path, settings, dir.to_path_buf()));
    let (acting, reading, speaking) = (Arc::clone(&gatherer), Arc::clone(&gatherer), Arc::clone(&gatherer));
    let keys = dir.to_path_buf();
    let behind = Behind {
        page: Box::new(move |ask| gatherer.page(ask)),
        act: Box::new(move |act| acts::perform(&acting, act)),
        source: Box::new(move |id| reading.source(id)),
        redeem: Box::new(move |token| link::redeem(&keys, token, clock::Clock::System.now())),
        secret: Box::new(secret),
        clock: clock::monotonic,
        language: Box::new(move || gather::language(&speaking.settings())),
        styles: &[super::hours::STYLE, super::stats::STYLE],
    };
    let port = match listen {
        Listen::Tcp(address) => Some(address.port()),
        Listen::Unix(_) => None,
    };
    Site::new(behind, port)
}
