//! Streams that are held until their body has come. Without `allow_on_headers_stop_iteration` Envoy never brings it, and the
//! stream would hang for ever; the root's tick answers it instead.

use super::hostcalls;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// The held streams, and until when each may wait.
#[derive(Default)]
pub(super) struct Watch {
    streams: RefCell<BTreeMap<u32, (Duration, String)>>,
}

impl Watch {
    /// A stream waits for a body from now on; `whose` names it in the log.
    pub(super) fn expect(&self, context: u32, until: Duration, whose: String) {
        self.streams.borrow_mut().insert(context, (until, whose));
    }

    /// Something came, or the stream is gone.
    pub(super) fn forget(&self, context: u32) {
        self.streams.borrow_mut().remove(&context);
    }

    /// Answers every stream whose time is over.
    pub(super) fn look(&self, now: Duration) {
        let mut streams = self.streams.borrow_mut();
        let waiting = std::mem::take(&mut *streams);
        let (overdue, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) =
            waiting.into_iter().partition(|(_, (until, _))| *until <= now);
        *streams = waiting;
        drop(streams);
        for (context, (_, whose)) in overdue {
            log::error!(
                "{whose} a body was asked for and did not come within the endpoint's timeout: is \
                 allow_on_headers_stop_iteration set to true in Envoy's PluginConfig?"
            );
            let answered =
                hostcalls::work_on(context).and_then(|()| hostcalls::answer(500, "lua_modifier_no_body", &[], &[]));
            if let Err(refused) = answered {
                log::error!("Envoy refused to answer a stream without a body: {refused}");
            }
        }
    }
}
