//! How a stream moves through the one filter, by the rules of Envoy's filter manager and Wasm filter, which are the same for
//! both directions. A callback's answer holds a side or lets it go on; the host carries out what the module asked for in the
//! callback after the callback has returned.

use std::mem;

use crate::headers::Headers;
use crate::host::Deferred;
use crate::message::{Request, Response};
use crate::sim::Sim;
use crate::stream::{Flow, Held, Side, StreamId};
use crate::trace::Event;
use crate::trap::Trap;

const CONTINUE: u32 = 0;
const PAUSE: u32 = 1;
// Two more answers to a piece of a body: the piece is held and the sender is stopped if the buffer is full, or the piece is
// dropped.
const PAUSE_AND_PUSH_BACK: u32 = 2;
const PAUSE_AND_DROP: u32 = 3;

impl Side {
    fn headers_callback(self) -> &'static str {
        match self {
            Self::Request => "proxy_on_request_headers",
            Self::Response => "proxy_on_response_headers",
        }
    }

    fn body_callback(self) -> &'static str {
        match self {
            Self::Request => "proxy_on_request_body",
            Self::Response => "proxy_on_response_body",
        }
    }
}

impl Sim {
    fn flow(&mut self, id: StreamId, side: Side) -> Option<&mut Flow> {
        let stream = self.vm.host_mut().streams.get_mut(&id.0)?;
        (!stream.over).then(|| stream.side(side))
    }

    fn note(&mut self, id: StreamId, event: Event) {
        self.vm.host_mut().note_for(id.0, event);
    }

    /// Headers arrive at the filter.
    pub(crate) fn headers_arrive(&mut self, id: StreamId, side: Side, headers: Headers, end: bool) -> Result<(), Trap> {
        let Some(flow) = self.flow(id, side).filter(|flow| !flow.arrived) else {
            return Ok(());
        };
        let count = headers.len() as u32;
        flow.headers = headers;
        flow.arrived = true;
        flow.open = true;
        flow.ended = end;
        let parameters = (id.0, count, u32::from(end));
        let answer = self.callback(id, side.headers_callback(), parameters, end, PAUSE)?;
        let stopped = mem::take(&mut self.vm.host_mut().stop);
        let single = self.vm.host().settings.allow_on_headers_stop_iteration;
        match answer {
            CONTINUE if !stopped => {
                if let Some(flow) = self.flow(id, side) {
                    flow.open = false;
                }
                self.headers_leave(id, side, end);
            }
            PAUSE if single && !stopped => self.pause(id, side, Held::Single),
            _ => self.pause(id, side, Held::All),
        }
        self.carry_out()
    }

    /// A piece of the body arrives at the filter.
    pub(crate) fn body_arrives(&mut self, id: StreamId, side: Side, chunk: Vec<u8>, end: bool) -> Result<(), Trap> {
        let Some(flow) = self.flow(id, side).filter(|flow| flow.arrived && !flow.closed && !flow.ended) else {
            return Ok(());
        };
        if flow.stopped {
            flow.unsent.push_back((chunk, end));
            return Ok(());
        }
        flow.ended = end;
        match flow.held {
            // Envoy only slows the sender down here; there is no limit that matters.
            Held::All => {
                flow.hold(chunk);
                Ok(())
            }
            _ => self.body_passes(id, side, chunk, end),
        }
    }

    fn body_passes(&mut self, id: StreamId, side: Side, chunk: Vec<u8>, end: bool) -> Result<(), Trap> {
        let limit = self.vm.host().settings.buffer_limit;
        let Some(flow) = self.flow(id, side) else {
            return Ok(());
        };
        let size = match flow.buffering {
            true => flow.hold(chunk),
            false => flow.frame.insert(chunk).len(),
        };
        if flow.buffering && size > limit {
            return self.too_large(id, side);
        }
        let parameters = (id.0, size as u32, u32::from(end));
        let answer = self.callback(id, side.body_callback(), parameters, end, PAUSE_AND_DROP)?;
        let stopped = mem::take(&mut self.vm.host_mut().stop);
        let Some(flow) = self.flow(id, side) else {
            return self.carry_out();
        };
        let frame = flow.frame.take();
        if stopped {
            flow.buffering = false;
            self.pause(id, side, Held::All);
        } else if answer == CONTINUE {
            flow.buffering = false;
            match flow.held {
                // If the body goes on, everything that is held goes on, the headers too.
                Held::No => flow.left_body.extend(frame.unwrap_or_default()),
                _ => {
                    flow.hold(frame.unwrap_or_default());
                    self.all_leaves(id, side);
                }
            }
            self.end_if(id, side, end);
        } else {
            flow.buffering = !matches!(answer, PAUSE_AND_PUSH_BACK | PAUSE_AND_DROP);
            let held = match frame {
                _ if answer == PAUSE_AND_DROP => 0,
                Some(frame) => flow.hold(frame),
                None => flow.buffer.as_ref().map_or(0, Vec::len),
            };
            flow.stopped = answer == PAUSE_AND_PUSH_BACK && held > limit;
            let too_large = flow.buffering && held > limit;
            self.pause(id, side, Held::Single);
            if too_large {
                return self.too_large(id, side);
            }
        }
        self.carry_out()?;
        self.sender_goes_on(id, side)
    }

    /// The held part has gone on: the sender sends the pieces that it has kept back.
    fn sender_goes_on(&mut self, id: StreamId, side: Side) -> Result<(), Trap> {
        while let Some(flow) = self.flow(id, side)
            && !flow.stopped
            && let Some((chunk, end)) = flow.unsent.pop_front()
        {
            self.body_arrives(id, side, chunk, end)?;
        }
        Ok(())
    }

    fn pause(&mut self, id: StreamId, side: Side, held: Held) {
        if let Some(flow) = self.flow(id, side) {
            let before = mem::replace(&mut flow.held, held);
            if before != held {
                self.note(id, Event::Paused(side));
            }
        }
    }

    /// Carries out what the module deferred: Envoy does this when the callback has returned.
    pub(crate) fn carry_out(&mut self) -> Result<(), Trap> {
        while let Some(deferred) = self.vm.host_mut().deferred.pop_front() {
            match deferred {
                Deferred::Resume(id, side) => self.resume(id, side)?,
                Deferred::Reply(id, reply) => self.local_reply(id, reply)?,
                Deferred::Reset(id) => self.reset(id),
            }
        }
        Ok(())
    }

    fn resume(&mut self, id: StreamId, side: Side) -> Result<(), Trap> {
        let Some(flow) = self.flow(id, side).filter(|flow| !flow.closed) else {
            return Ok(());
        };
        let ended = flow.ended;
        match flow.held {
            Held::No => {
                self.note(id, Event::Misuse(format!("nothing is held: {side:?} cannot be continued")));
                Ok(())
            }
            Held::Single => {
                self.all_leaves(id, side);
                self.end_if(id, side, ended);
                self.sender_goes_on(id, side)
            }
            // The body has not passed the filter yet, so it does now.
            Held::All => {
                flow.held = Held::No;
                let waiting = flow.buffer.take();
                self.note(id, Event::Resumed(side));
                self.headers_leave(id, side, ended && waiting.is_none());
                match waiting {
                    Some(waiting) => self.body_passes(id, side, waiting, ended),
                    None => Ok(()),
                }
            }
        }
    }

    /// Lets headers and buffer go on to the next filter.
    fn all_leaves(&mut self, id: StreamId, side: Side) {
        let Some(flow) = self.flow(id, side) else {
            return;
        };
        flow.held = Held::No;
        flow.stopped = false;
        let buffer = flow.buffer.take();
        let bare = flow.ended && buffer.is_none();
        self.note(id, Event::Resumed(side));
        self.headers_leave(id, side, bare);
        if let Some(flow) = self.flow(id, side) {
            flow.left_body.extend(buffer.unwrap_or_default());
        }
    }

    fn headers_leave(&mut self, id: StreamId, side: Side, end: bool) {
        if let Some(flow) = self.flow(id, side)
            && flow.left_headers.is_none()
        {
            let headers = flow.headers.clone();
            flow.left_headers = Some(headers.clone());
            // Envoy would still show the headers if a body callback let them go, but editing them then has no effect.
            if side == Side::Request {
                flow.open = false;
            }
            self.note(id, Event::HeadersLeft(side));
            self.check_headers(id, side, &headers);
        }
        self.end_if(id, side, end);
    }

    fn check_headers(&mut self, id: StreamId, side: Side, headers: &Headers) {
        let required: &[&str] = match side {
            Side::Request => &[":method", ":path", ":authority"],
            Side::Response => &[":status"],
        };
        for name in required.iter().filter(|name| !headers.contains(name)) {
            self.note(id, Event::Misuse(format!("{side:?} leaves without {name}: Envoy may crash")));
        }
    }

    /// Ends a side when its last byte has left.
    pub(crate) fn end_if(&mut self, id: StreamId, side: Side, end: bool) {
        let Some(stream) = self.vm.host_mut().streams.get_mut(&id.0) else {
            return;
        };
        let head = stream.head;
        let details = stream.details.clone().unwrap_or_default();
        let flow = stream.side(side);
        if !end || flow.complete || flow.left_headers.is_none() {
            return;
        }
        flow.complete = true;
        if side == Side::Response && head {
            flow.left_body.clear();
        }
        let headers = flow.left_headers.clone().unwrap_or_default();
        let body = flow.left_body.clone();
        let taken = flow.taken_bytes;
        let promised = headers.content_length();
        let bodiless = side == Side::Response && (head || matches!(headers.status(), 100..=199 | 204 | 304));
        let chunks: Vec<_> = Some(body).into_iter().filter(|b| !b.is_empty()).collect();
        let length = chunks.iter().map(Vec::len).fold(taken, usize::saturating_add);
        if let Some(promised) = promised
            && promised != length as u64
            && !bodiless
        {
            self.note(
                id,
                Event::Misuse(format!("{side:?} leaves with content-length {promised} and a body of {length}")),
            );
        }
        match side {
            Side::Request => self.note(id, Event::Forwarded(Request { headers, chunks, ..Request::default() })),
            Side::Response => {
                let response = Response { headers, chunks, trailers: Headers::new(), details };
                self.note(id, Event::Delivered(response));
                self.finish(id);
            }
        }
    }

    /// Enters a callback of a stream; if the module does not have it, the answer is Continue. `last`: the greatest answer that
    /// is valid for this callback.
    fn callback(
        &mut self,
        id: StreamId,
        name: &'static str,
        parameters: (u32, u32, u32),
        end: bool,
        last: u32,
    ) -> Result<u32, Trap> {
        let answer = self.enter::<_, u32>(id.0, name, parameters, Some(end))?;
        let answer = answer.unwrap_or(CONTINUE);
        if answer > last {
            let text = format!("{name} answered {answer}, which is none of its answers (0 to {last})");
            self.note(id, Event::Misuse(text));
        }
        Ok(answer)
    }
}
