//! Requests of the gateway to itself within an exchange: each comes in as another stream of the same module, and that stream's
//! response is the answer. Knows when such a stream has ended, but not why it exists.

use std::time::Duration;

use crate::message::{NoAnswer, Reply, Request, Response};
use crate::sim::Sim;
use crate::stream::StreamId;
use crate::trace::Event;
use crate::trap::Trap;

/// The sender that waits for an answer: a stream whose request left along the route, or a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Route(StreamId),
    Call(u32),
}

/// An answer that is on its way.
pub(crate) struct Due {
    pub(crate) at: Duration,
    pub(crate) from: Source,
    pub(crate) reply: Reply,
}

/// The streams of requests to the gateway itself that are under way.
#[derive(Default)]
pub(crate) struct Inner(Vec<(StreamId, Source)>);

impl Inner {
    /// The streams.
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    /// Lets a request come in again.
    pub(crate) fn open(&mut self, sim: &mut Sim, from: Source, request: &Request) -> Result<(), Trap> {
        let id = sim.request(request)?;
        let (parent, token) = match from {
            Source::Route(parent) => (parent.0, None),
            Source::Call(token) => (0, Some(token)),
        };
        sim.vm.host_mut().note_for(parent, Event::CameBack { token, stream: id });
        self.0.push((id, from));
        Ok(())
    }

    /// The answers of the streams that have ended; they are due at once.
    pub(crate) fn ended(&mut self, sim: &Sim, now: Duration) -> Vec<Due> {
        let (over, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(id, _)| sim.stream(*id).is_none_or(|stream| stream.is_over()));
        self.0 = open;
        let answer = |id| {
            let delivered = sim.stream(id).and_then(|stream| stream.delivered()).ok_or(NoAnswer)?;
            // To the request's sender, every answer is a service's, whatever made it inside.
            Ok(Response { details: "via_upstream".to_owned(), ..delivered })
        };
        over.into_iter().map(|(id, from)| Due { at: now, reply: answer(id), from }).collect()
    }

    /// Ends the stream of a request whose answer nothing waits for any more: the stream loses its client.
    pub(crate) fn give_up(&mut self, sim: &mut Sim, of: Source) -> Result<(), Trap> {
        let Some(at) = self.0.iter().position(|(_, from)| *from == of) else { return Ok(()) };
        let (id, _) = self.0.swap_remove(at);
        sim.client_gone(id)
    }
}
