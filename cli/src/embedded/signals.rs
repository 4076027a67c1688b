//! The signals by which the system tells a program to end.

use std::future::Future;

/// Waits for Ctrl-C or SIGTERM. Signals count from this call on, even before the caller begins to wait.
#[cfg(unix)]
pub(crate) fn end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn heard(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            // Without a handler, the signal ends the program as the system does by default.
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

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn end() -> impl Future<Output = ()> {
    async { drop(tokio::signal::ctrl_c().await) }
}
