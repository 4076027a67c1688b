//! Whole exchanges: a request goes in, and the caller's upstreams answer the requests and calls that come out, in the order of
//! their delays, until nothing is under way. Time is simulated; nothing here sleeps.

use std::time::Duration;

use crate::headers::Headers;
use crate::host::LocalReply;
use crate::inner::{Due, Inner, Source};
use crate::message::{Call, NoAnswer, Reply, Request, Response};
use crate::sim::Sim;
use crate::stream::StreamId;
use crate::trace::{Event, Trace};
use crate::trap::Trap;

/// A reply and the simulated time that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The time from the request to the reply.
    pub after: Duration,
    /// The reply.
    pub reply: Reply,
}

impl Answer {
    /// A response after some time.
    pub fn after(delay: Duration, response: Response) -> Self {
        Self { after: delay, reply: Ok(response) }
    }

    /// An answer for a connection that breaks.
    pub fn none() -> Self {
        Self { after: Duration::ZERO, reply: Err(NoAnswer) }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::after(Duration::ZERO, response)
    }
}

/// The world behind the filter.
pub trait Upstreams {
    /// Answers a request that left along the route. The headers are as the filter left them.
    fn route(&mut self, request: &Request) -> Answer;

    /// Answers a call. The driver watches the call's timeout.
    fn call(&mut self, call: &Call) -> Answer;

    /// Asked first: is this request for the gateway itself, so that it must come in again? The request left along the route,
    /// or, with a token, is a call. Gives the request that comes in.
    fn to_itself(&mut self, token: Option<u32>, headers: &Headers, cluster: &str, body: &[u8]) -> Option<Request> {
        let _ = (token, headers, cluster, body);
        None
    }
}

impl Sim {
    /// Plays one request to its end, and returns the events of that time. Earlier events (of the start, or of steps taken by
    /// hand) are lost: take them before if you need them. Streams that have ended are forgotten.
    pub fn exchange(&mut self, request: &Request, upstreams: &mut dyn Upstreams) -> Trace {
        self.take_trace();
        // The trap is in the trace already, and the client has its 503.
        let _trapped = self.play(request, upstreams);
        self.vm.host_mut().streams.retain(|_, stream| !stream.over);
        self.take_trace()
    }

    fn play(&mut self, request: &Request, upstreams: &mut dyn Upstreams) -> Result<(), Trap> {
        let id = self.request(request)?;
        let mut due: Vec<Due> = Vec::new();
        let mut asked: Vec<u32> = Vec::new();
        let mut routed: Vec<StreamId> = Vec::new();
        let mut inner = Inner::default();
        let mut patience = self.vm.host().settings.patience;
        let mut replies_left = self.vm.host().settings.most_replies;
        loop {
            // A module that sends requests to itself in a circle would never end.
            if inner.streams().len() > replies_left {
                self.vm.host_mut().note_for(id.0, Event::Stuck);
                return self.client_gone(id);
            }
            if self.ask_calls(upstreams, &mut asked, &mut due, &mut inner)? {
                continue;
            }
            let open = [id].into_iter().chain(inner.streams()).filter(|id| !routed.contains(id));
            if let Some((id, forwarded)) = open.into_iter().find_map(|id| Some((id, self.whole_request(id)?))) {
                routed.push(id);
                self.ask_route(id, &forwarded, upstreams, &mut due, &mut inner)?;
                continue;
            }
            for answered in inner.ended(self, self.elapsed()) {
                // The timeout of this request or call no longer counts.
                due.retain(|due| due.from != answered.from);
                due.push(answered);
            }
            // Of several answers that are due at the same time, the first one is taken, so that replies keep the order of the
            // calls.
            let next = (0..due.len()).min_by_key(|place| due.get(*place).map(|due| due.at));
            let Some(next) = next else {
                if self.is_over(id) {
                    return inner.streams().into_iter().try_for_each(|id| self.client_gone(id));
                }
                let Some(period) = self.tick_period().filter(|period| *period <= patience) else {
                    self.vm.host_mut().note_for(id.0, Event::Stuck);
                    return self.client_gone(id);
                };
                patience = patience.saturating_sub(period);
                self.advance(period)?;
                continue;
            };
            let at = due.get(next).map_or(Duration::ZERO, |due| due.at);
            // A tick before that time may dispatch a call whose reply is due earlier.
            if let Some(tick) = self.vm.host().tick
                && tick.next < at
            {
                self.advance(tick.next.saturating_sub(self.elapsed()))?;
                continue;
            }
            self.advance(at.saturating_sub(self.elapsed()))?;
            let Some(left) = replies_left.checked_sub(1) else {
                self.vm.host_mut().note_for(id.0, Event::Stuck);
                return self.client_gone(id);
            };
            replies_left = left;
            let Due { from, reply, .. } = due.remove(next);
            inner.give_up(self, from)?;
            match from {
                Source::Call(token) => self.reply(token, reply)?,
                Source::Route(id) => self.respond(id, reply)?,
            }
        }
    }

    fn is_over(&self, id: StreamId) -> bool {
        self.stream(id).is_none_or(|stream| stream.is_over())
    }

    /// The request, once it has left completely and has no response yet.
    fn whole_request(&self, id: StreamId) -> Option<Request> {
        let stream = self.vm.host().streams.get(&id.0)?;
        let waiting = stream.request.complete && !stream.over && !stream.response.arrived;
        match waiting {
            true => self.stream(id)?.forwarded(),
            false => None,
        }
    }

    // Asks for the answers to new calls. Gives `true` if a request has come in again.
    fn ask_calls(
        &mut self,
        upstreams: &mut dyn Upstreams,
        asked: &mut Vec<u32>,
        due: &mut Vec<Due>,
        inner: &mut Inner,
    ) -> Result<bool, Trap> {
        let now = self.elapsed();
        let new: Vec<Call> = self.pending_calls().filter(|call| !asked.contains(&call.token)).cloned().collect();
        for call in new {
            asked.push(call.token);
            if let Some(again) = upstreams.to_itself(Some(call.token), &call.headers, &call.cluster, &call.body) {
                due.extend(call.timeout.map(|limit| late(Source::Call(call.token), now.saturating_add(limit))));
                inner.open(self, Source::Call(call.token), &again)?;
                return Ok(true);
            }
            let answer = without_body(&call.headers, in_time(upstreams.call(&call), call.timeout));
            due.push(Due { at: now.saturating_add(answer.after), from: Source::Call(call.token), reply: answer.reply });
        }
        Ok(false)
    }

    fn ask_route(
        &mut self,
        id: StreamId,
        request: &Request,
        upstreams: &mut dyn Upstreams,
        due: &mut Vec<Due>,
        inner: &mut Inner,
    ) -> Result<(), Trap> {
        // Without the scheme of the client's connection, no route of Envoy's fits.
        if !request.headers.contains("x-forwarded-proto") {
            self.local_reply(id, LocalReply::new(404, "route_not_found", ""))?;
            self.carry_out()?;
            return self.bury();
        }
        let limit = request
            .headers
            .get("x-envoy-upstream-rq-timeout-ms")
            .and_then(|limit| limit.parse().ok())
            .filter(|limit| *limit > 0)
            .map(Duration::from_millis);
        if let Some(again) = upstreams.to_itself(None, &request.headers, "", &request.bytes()) {
            due.extend(limit.map(|limit| late(Source::Route(id), self.elapsed().saturating_add(limit))));
            return inner.open(self, Source::Route(id), &again);
        }
        let answer = without_body(&request.headers, in_time(upstreams.route(request), limit));
        let at = self.elapsed().saturating_add(answer.after);
        due.push(Due { at, from: Source::Route(id), reply: answer.reply });
        Ok(())
    }

    /// The upstream's response arrives: its headers, its chunks, and then a separate end. A reply that Envoy made itself ends
    /// with its body.
    fn respond(&mut self, id: StreamId, reply: Reply) -> Result<(), Trap> {
        let broken = "upstream_reset_before_response_started{connection_termination}";
        let text = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
        let response = reply.unwrap_or_else(|NoAnswer| Response::local(503, broken, text));
        if self.is_over(id) {
            return Ok(());
        }
        self.set_code_details(id, &response.details);
        let local = response.details != "via_upstream";
        let mut chunks = response.chunks;
        let bare = chunks.is_empty();
        self.response_headers(id, response.headers, bare)?;
        let last = match local {
            true => chunks.pop().unwrap_or_default(),
            false => Vec::new(),
        };
        for chunk in chunks {
            self.response_body(id, chunk, false)?;
        }
        match bare {
            true => Ok(()),
            false => self.response_body(id, last, true),
        }
    }
}

// A response that cannot have a body in HTTP gets none, even if the driver gives one: its headers may describe one.
fn without_body(request: &Headers, answer: Answer) -> Answer {
    let head = request.get(":method").as_deref() == Some("HEAD");
    let reply = answer.reply.map(|mut response| {
        if head || matches!(response.status(), 100..=199 | 204 | 304) {
            response.chunks.clear();
        }
        response
    });
    Answer { reply, ..answer }
}

// The waiting side gets a timeout as an ordinary 504.
fn too_late() -> Response {
    Response::local(504, "response_timeout", "upstream request timeout")
}

fn late(from: Source, at: Duration) -> Due {
    Due { at, from, reply: Ok(too_late()) }
}

fn in_time(answer: Answer, limit: Option<Duration>) -> Answer {
    match limit {
        Some(limit) if answer.after > limit => Answer::after(limit, too_late()),
        _ => answer,
    }
}
