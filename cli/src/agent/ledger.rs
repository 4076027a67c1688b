//! What became of an agent's messages, and whether the agent is well. The consumer counts, health and metrics read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Numbers of one agent.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) agent: String,
    /// Messages that came from the queue.
    pub(super) received: Count,
    /// Messages that were done.
    pub(super) done: Count,
    /// Messages that failed, or that could not be played.
    pub(super) failed: Count,
    /// Messages that went back to the queue.
    pub(super) requeued: Count,
    /// Messages that failed and were dropped, as `nack_discard` says.
    pub(super) discarded: Count,
    /// Messages that are being played.
    pub(super) in_flight: Count,
    /// Connections after the first.
    pub(super) reconnects: Count,
    connected: AtomicBool,
    last_ping: Mutex<Option<Instant>>,
}

/// A number that several threads change.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more, until the returned value is dropped.
    pub(super) fn hold(&self) -> Held<'_> {
        self.add();
        Held(self)
    }
}

/// One in a count, as long as this value lives.
pub(super) struct Held<'a>(&'a Count);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Ledger {
    pub(super) fn new(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    pub(super) fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Notes that the agent is well at this moment.
    pub(super) fn ping(&self) {
        *self.last_ping.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The time since the last ping; none: there was no ping yet.
    pub(super) fn since_ping(&self) -> Option<Duration> {
        self.last_ping.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }
}
