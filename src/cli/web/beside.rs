//! The desk beside the daemon: it follows `[web]` of the configuration and ends with the daemon. Whatever happens to it, mail
//! goes on. `fuseau web`, the desk alone: web.rs.
use super::{Busy, bind, clean, link, place, site};
use crate::config::{Listen, Settings, Web};
use crate::system::state;
use crate::web::{Listener, serve};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;

/// A place that is taken is tried again after this time: whoever has it may go.
const AGAIN: Duration = Duration::from_secs(30);
/// A stop waits no longer for the desk.
const DRAIN: Duration = Duration::from_secs(5);

/// Where the configuration is, the state directory, and the configuration whenever it was read again.
pub type Wanted = (PathBuf, PathBuf, watch::Receiver<Settings>);

/// Runs the daemon, and the desk beside it while `[web]` says so.
pub async fn beside<T>(wanted: Wanted, daemon: impl Future<Output = T>) -> T {
    let (stop, stopped) = watch::channel(false);
    // A task of its own: not even a panic in it reaches the daemon.
    let desk = tokio::spawn(follow(wanted, stopped));
    let ended = daemon.await;
    stop.send_replace(true);
    match tokio::time::timeout(DRAIN, desk).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the desk had ended early"),
        Err(_) => tracing::warn!("the desk did not end in time"),
    }
    ended
}

/// Serves where the configuration says, and nowhere while it does not.
async fn follow((path, dir, mut wishes): Wanted, mut stopped: watch::Receiver<bool>) {
    let mut complained = None;
    while !*stopped.borrow() {
        let settings = wishes.borrow_and_update().clone();
        let web = settings.web.clone();
        if !web.serve {
            complained = None;
            tokio::select! {
                _ = stopped.changed() => return,
                moved = changed(&mut wishes, &web) => if moved { continue } else { return },
            }
        }
        match bind(&web.listen).await {
            Ok((listener, at)) => {
                complained = None;
                let over = async {
                    tokio::select! {
                        _ = stopped.changed() => {}
                        _ = changed(&mut wishes, &web) => {}
                    }
                };
                open(&path, settings, &dir, (listener, at), over).await;
            }
            Err(busy) => {
                if complained.as_ref() != Some(&web) {
                    tracing::error!(error = %Busy::text(&busy, &web.listen), "the desk is not served; mail goes on");
                }
                complained = Some(web.clone());
                tokio::select! {
                    _ = stopped.changed() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                    _ = changed(&mut wishes, &web) => {}
                }
            }
        }
    }
}

/// When `[web]` says something else; `false` if it never will.
async fn changed(wishes: &mut watch::Receiver<Settings>, web: &Web) -> bool {
    loop {
        if wishes.changed().await.is_err() {
            return false;
        }
        if wishes.borrow_and_update().web != *web {
            return true;
        }
    }
}

async fn open(path: &Path, settings: Settings, dir: &Path, at: (Listener, Listen), over: impl Future<Output = ()>) {
    let (listener, listen) = at;
    tracing::info!(at = %place(&listen), "the desk is served; `fuseau web` prints a link to it");
    if state::prepare(dir).and_then(|()| link::served(dir, &place(&listen))).is_err() {
        tracing::warn!("the desk could not be noted in the state directory: `fuseau web` will not find it");
    }
    let site = site(path.to_path_buf(), settings, dir, &listen);
    serve(listener, site, over).await;
    link::gone(dir);
    clean(&listen);
    tracing::info!(at = %place(&listen), "the desk is closed");
}
