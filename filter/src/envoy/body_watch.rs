//! Streams that are held until their body has come. Envoy can be configured so that it never brings the body (a Wasm filter
//! without `allow_on_headers_stop_iteration`), and then the stream would hang for ever. So the worker's timer asks which
//! streams are late. It also asks which bodies are complete but can only be read outside the callback of their last piece.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The held streams of a worker, and the time until which each may wait.
#[derive(Default)]
pub(super) struct BodyWatch {
    streams: RefCell<BTreeMap<u64, (Duration, Late)>>,
    whole: RefCell<BTreeSet<u64>>,
}

/// A body that did not come in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Late {
    /// The stream's name in the log.
    pub(super) whose: String,
    /// The bytes of the body that the host keeps.
    pub(super) came: usize,
}

impl BodyWatch {
    /// A stream waits for a body from now on.
    pub(super) fn expect(&self, stream: u64, until: Duration, late: Late) {
        self.streams.borrow_mut().insert(stream, (until, late));
    }

    /// A stream's body can be had whole as soon as the callback that runs has returned.
    pub(super) fn is_whole(&self, stream: u64) {
        self.whole.borrow_mut().insert(stream);
    }

    /// A piece of the body came, or the stream is gone.
    pub(super) fn forget(&self, stream: u64) {
        self.streams.borrow_mut().remove(&stream);
        self.whole.borrow_mut().remove(&stream);
    }

    /// Every stream whose body can be had whole now, each once.
    pub(super) fn take_whole(&self) -> Vec<u64> {
        self.whole.take().into_iter().collect()
    }

    /// Every stream whose time has run out, each once.
    pub(super) fn take_late(&self, now: Duration) -> Vec<(u64, Late)> {
        let mut streams = self.streams.borrow_mut();
        if !streams.values().any(|(until, _)| *until <= now) {
            return Vec::new();
        }
        let (late, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut *streams).into_iter().partition(|(_, (until, _))| *until <= now);
        *streams = waiting;
        late.into_iter().map(|(stream, (_, late))| (stream, late)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_late_once_and_not_before_its_time() {
        let watch = BodyWatch::default();
        let at = Duration::from_millis;
        let late = |stream: u64| Late { whose: format!("[{stream}]"), came: 0 };
        for (stream, until) in [(1, 300), (2, 100), (3, 200), (4, 100)] {
            watch.expect(stream, at(until), late(stream));
        }
        watch.forget(4);
        assert_eq!(watch.take_late(at(99)), []);
        assert_eq!(watch.take_late(at(200)), [(2, late(2)), (3, late(3))]);
        assert_eq!(watch.take_late(at(200)), []);
        assert_eq!(watch.take_late(Duration::MAX), [(1, late(1))]);
    }

    #[test]
    fn a_whole_body_is_named_once_and_not_for_a_stream_that_is_gone() {
        let watch = BodyWatch::default();
        [1, 2, 3].into_iter().for_each(|stream| watch.is_whole(stream));
        watch.forget(2);
        assert_eq!(watch.take_whole(), [1, 3]);
        assert!(watch.take_whole().is_empty());
    }
}
