//! The one foreign function, `lua_modifier_observe`, which host-sim offers and Envoy does not. The host is asked for it once,
//! when the configuration comes. If the function exists, every event of the engine is sent to it as JSON
//! (`pipeline/watch/watcher.rs` lists the events).
//!
//! The first call has no arguments. Any answer except a refusal asks for the events, and the answer `lines` asks for executed
//! lines too. Each later call carries one event, and its answer is not read.

use std::rc::Rc;

use super::hostcalls;
use crate::envoy::Observer;

const FUNCTION: &str = "lua_modifier_observe";
const LINES: &[u8] = b"lines";

struct HostObserver {
    lines: bool,
}

impl Observer for HostObserver {
    fn event(&self, document: &[u8]) {
        // A host that asked for events and then refuses an event misses it; the exchange goes on.
        let _ = hostcalls::foreign(FUNCTION, document);
    }

    fn wants_lines(&self) -> bool {
        self.lines
    }
}

/// The host as observer, if it asks for events.
pub(super) fn ask() -> Option<Rc<dyn Observer>> {
    let answer = hostcalls::foreign(FUNCTION, &[]).ok()?;
    Some(Rc::new(HostObserver { lines: answer == LINES }))
}
