//! Streams that are held until their body has come. Envoy may be set up so that it never brings it (a Wasm filter without
//! `allow_on_headers_stop_iteration`), and the stream would hang for ever; so somebody asks from time to time which are late.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// The held streams of a worker, and until when each may wait.
#[derive(Default)]
pub(super) struct BodyWatch {
    streams: RefCell<BTreeMap<u64, (Duration, String)>>,
}

impl BodyWatch {
    /// A stream waits for a body from now on; `whose` names it in the log.
    pub(super) fn expect(&self, stream: u64, until: Duration, whose: String) {
        self.streams.borrow_mut().insert(stream, (until, whose));
    }

    /// Something came, or the stream is gone.
    pub(super) fn forget(&self, stream: u64) {
        self.streams.borrow_mut().remove(&stream);
    }

    /// Every stream whose time is over, each once, and what names it in the log.
    pub(super) fn take_late(&self, now: Duration) -> Vec<(u64, String)> {
        let mut streams = self.streams.borrow_mut();
        if !streams.values().any(|(until, _)| *until <= now) {
            return Vec::new();
        }
        let (late, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut *streams).into_iter().partition(|(_, (until, _))| *until <= now);
        *streams = waiting;
        late.into_iter().map(|(stream, (_, whose))| (stream, whose)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_late_once_and_not_before_its_time() {
        let watch = BodyWatch::default();
        let at = Duration::from_millis;
        for (stream, until) in [(1, 300), (2, 100), (3, 200), (4, 100)] {
            watch.expect(stream, at(until), format!("[{stream}]"));
        }
        watch.forget(4);
        assert_eq!(watch.take_late(at(99)), []);
        assert_eq!(watch.take_late(at(200)), [(2, "[2]".to_owned()), (3, "[3]".to_owned())]);
        assert_eq!(watch.take_late(at(200)), []);
        assert_eq!(watch.take_late(Duration::MAX), [(1, "[1]".to_owned())]);
    }
}
