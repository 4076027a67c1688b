//! The one foreign function, `lua_modifier_observe`, which host-sim offers and Envoy does not: asked for once, when the
//! configuration comes. Where it exists, every event of the engine goes there, as JSON (`pipeline/watch/watcher.rs` lists them).
//!
//! The first call has no arguments; any answer but a refusal asks for the events, and the answer `lines` asks
//! for executed lines too. Each later call has one event, and its answer is not read.

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
        // Whoever asked for events and then refuses one misses it; the exchange goes on.
        let _ = hostcalls::foreign(FUNCTION, document);
    }

    fn wants_lines(&self) -> bool {
        self.lines
    }
}

/// The host, if it watches.
pub(super) fn ask() -> Option<Rc<dyn Observer>> {
    let answer = hostcalls::foreign(FUNCTION, &[]).ok()?;
    Some(Rc::new(HostObserver { lines: answer == LINES }))
}
