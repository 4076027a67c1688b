//! Copies of requests for backends for which nobody waits: their calls are the root's, so that they outlive the stream, and
//! replies to them come to the root.

use super::contexts;
use super::hostcalls;
use crate::envoy::{RawReply, Refusal, StreamAccess};

/// Does what is to be done for the shadows of a root, which is named by its number or by that of one of its streams.
pub(super) fn play(context: u32) {
    let Some(root) = contexts::root_of(context) else { return };
    let Some((shadows, host)) = contexts::with_root(root, |known| known.shadows(root)) else { return };
    if !shadows.has_news() {
        return;
    }
    if let Err(refusal) = hostcalls::work_on(root) {
        log::error!("Envoy did not let the root be worked on: {refusal}");
    }
    shadows.play(&host, host.now());
    // The stream's callback may go on; a stream that is gone needs nothing.
    if context != root {
        let _ = hostcalls::work_on(context);
    }
}

/// The reply to a call of a root's has come, or is known not to come.
pub(super) fn reply(root: u32, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
    if let Some((shadows, _)) = contexts::with_root(root, |known| known.shadows(root)) {
        shadows.reply(token, read);
    }
}
