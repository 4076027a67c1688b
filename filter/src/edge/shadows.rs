//! Copies of requests whose responses no client waits for: their calls are the root's, so that they outlive the stream, and the
//! replies come to the root.

use super::contexts;
use super::hostcalls;
use crate::envoy::{RawReply, Refusal, StreamAccess};

/// Handles the queued events of a root's shadows. `context` is the root's number or that of one of its streams.
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
    // The stream's callback may continue after this; a stream that is gone does not matter.
    if context != root {
        let _ = hostcalls::work_on(context);
    }
}

/// A reply to a call of the root has come, or will not come.
pub(super) fn reply(root: u32, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
    if let Some((shadows, _)) = contexts::with_root(root, |known| known.shadows(root)) {
        shadows.reply(token, read);
    }
}
