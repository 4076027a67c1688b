//! A gate in an upstream: who asks stands before it until enough have come, or until the test opens it. So that "at the same
//! time" and "while it waits" need no clock.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long a test that would hang is held up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lets callers through when so many have come, or when it is opened; how many have come can be waited for.
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
    /// One that opens by itself when so many stand before it.
    pub fn for_so_many(needed: usize) -> Arc<Self> {
        Arc::new(Self { crowd: Mutex::new(Crowd { came: 0, needed }), changed: Condvar::new() })
    }

    /// One that stays shut until it is opened.
    pub fn shut() -> Arc<Self> {
        Self::for_so_many(usize::MAX)
    }

    /// Waits before it; false if it stayed shut.
    pub fn pass(&self) -> bool {
        self.crowd.lock().unwrap().came += 1;
        self.changed.notify_all();
        self.wait(|crowd| crowd.came >= crowd.needed)
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.crowd.lock().unwrap().needed = 0;
        self.changed.notify_all();
    }

    /// Waits until so many have come to it.
    pub fn is_reached_by(&self, number: usize) -> bool {
        self.wait(|crowd| crowd.came >= number)
    }

    fn wait(&self, enough: impl Fn(Crowd) -> bool) -> bool {
        let crowd = self.crowd.lock().unwrap();
        !self.changed.wait_timeout_while(crowd, PATIENCE, |crowd| !enough(*crowd)).unwrap().1.timed_out()
    }
}
