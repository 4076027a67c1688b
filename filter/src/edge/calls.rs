//! The stream or root that sent each call: replies come to the root. When a stream is gone, its calls are forgotten, because
//! Envoy brings no reply for it.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static CALLERS: RefCell<BTreeMap<u32, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes that a context has sent a call.
pub(super) fn note(token: u32, stream: u32) {
    CALLERS.with_borrow_mut(|callers| callers.insert(token, stream));
}

/// Takes the context that sent a call. A call has only one reply, so the call is forgotten.
pub(super) fn take_caller(token: u32) -> Option<u32> {
    CALLERS.with_borrow_mut(|callers| callers.remove(&token))
}

/// Forgets a call for which no reply will come.
pub(super) fn forget(token: u32) {
    take_caller(token);
}
