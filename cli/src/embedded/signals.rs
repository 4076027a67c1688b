//! How the system tells a program to end.

use std::future::Future;

/// Ctrl-C, or SIGTERM where there is such a thing: heard from this call on, not only once somebody waits for it.
#[cfg(unix)]
pub(crate) fn end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn heard(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            // The system's own way of ending a program stays in force.
            Err(_) => std::future::pending().await,
        }
    }
    let (interrupted, terminated) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        tokio::select! {
            () = heard(interrupted) => {}
            () = heard(terminated) => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn end() -> impl Future<Output = ()> {
    async { drop(tokio::signal::ctrl_c().await) }
}
