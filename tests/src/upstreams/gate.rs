//! A gate in an upstream: requests wait at it until enough have come, or until the test opens it. So tests of "at the same
//! time" and "while it waits" need no clock.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The time after which a test that would hang is ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lets requests through when enough have come, or when it is opened; a test can wait until some number has come.
#[derive(Default)]
pub struct Gate {
    crowd: Mutex<Crowd>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Crowd {
    came: usize,
    needed: usize,
}

impl Gate {
    /// A gate that opens by itself when this number of requests waits at it.
    pub fn for_so_many(needed: usize) -> Arc<Self> {
        Arc::new(Self { crowd: Mutex::new(Crowd { came: 0, needed }), changed: Condvar::new() })
    }

    /// A gate that stays shut until it is opened.
    pub fn shut() -> Arc<Self> {
        Self::for_so_many(usize::MAX)
    }

    /// Waits at the gate; false if the gate stayed shut.
    pub fn pass(&self) -> bool {
        self.crowd.lock().unwrap().came += 1;
        self.changed.notify_all();
        self.wait(|crowd| crowd.came >= crowd.needed)
    }

    /// Lets all requests through from now on.
    pub fn open(&self) {
        self.crowd.lock().unwrap().needed = 0;
        self.changed.notify_all();
    }

    /// Waits until this number of requests has come.
    pub fn is_reached_by(&self, number: usize) -> bool {
        self.wait(|crowd| crowd.came >= number)
    }

    fn wait(&self, enough: impl Fn(Crowd) -> bool) -> bool {
        let crowd = self.crowd.lock().unwrap();
        !self.changed.wait_timeout_while(crowd, PATIENCE, |crowd| !enough(*crowd)).unwrap().1.timed_out()
    }
}
