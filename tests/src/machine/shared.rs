//! A value that takes long to start, shared by all tests of a file that can use the same one. It ends with the last of these
//! tests.

use std::sync::{Arc, Mutex, Weak};

/// The shared value, as long as a test uses it.
pub struct Shared<T>(Mutex<Weak<T>>);

impl<T> Shared<T> {
    /// Nothing is started yet.
    #[allow(clippy::new_without_default, reason = "a static needs a const")]
    pub const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// The shared value; it is started if no test uses it yet.
    pub fn get(&self, start: impl FnOnce() -> T) -> Arc<T> {
        let mut shared = self.0.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(start());
            *shared = Arc::downgrade(&started);
            started
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn what_is_shared_is_started_once_while_anybody_has_it() {
        let shared = Shared::new();
        let one = shared.get(|| 1);
        assert_eq!((*shared.get(|| 2), *one), (1, 1));
        drop(one);
        assert_eq!(*shared.get(|| 3), 3);
    }
}
