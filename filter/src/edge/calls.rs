//! Which stream sent which call, or whether the root did: replies come to the root. A stream that goes takes its calls along,
//! because Envoy brings no reply for it.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static CALLERS: RefCell<BTreeMap<u32, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// A stream has sent a call.
pub(super) fn note(token: u32, stream: u32) {
    CALLERS.with_borrow_mut(|callers| callers.insert(token, stream));
}

/// The stream that sent a call. A call has one reply, so it is forgotten.
pub(super) fn take_caller(token: u32) -> Option<u32> {
    CALLERS.with_borrow_mut(|callers| callers.remove(&token))
}

/// No reply will come for a call.
pub(super) fn forget(token: u32) {
    take_caller(token);
}
