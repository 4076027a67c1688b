//! One stream of Envoy's: its callbacks become [`Input`]s, and [`Output`]s become hostcalls. Asks only about Envoy: has the
//! message ended, is it held, may it still be edited?

use super::hostcalls::{self, Buffer, Direction, Map};
use super::messages;
use super::watch::Watch;
use crate::http::{Body, CallError, Headers, Response};
use crate::pipeline::{Exchange, Input, Output, Program, Ticket};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A stream and the exchange that it belongs to.
pub(super) struct Stream {
    pub(super) context: u32,
    pub(super) exchange: Exchange,
    epoch: Instant,
    pub(super) watch: Rc<Watch>,
    // As it came, to tell what has changed. The request is the exchange's.
    pub(super) response: Option<Came>,
    // Where the request went.
    pub(super) cluster: String,
    // By their tokens.
    tickets: BTreeMap<u32, Ticket>,
    side: Side,
    request_body: Progress,
    response_body: Progress,
    pub(super) answered: bool,
    // Envoy takes the content type away from an answer without a body; it can be given back when the answer passes by.
    pub(super) content_type: Option<Vec<u8>>,
}

/// What a response was before anybody changed it.
pub(super) struct Came {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) has_body: bool,
}

/// Which message is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

/// What is to become of the body of a held message.
#[derive(Debug, Default)]
pub(super) struct Progress {
    held: bool,
    pub(super) ended: bool,
    reading: bool,
    // A body that goes out in its place, as soon as all of it has come.
    pub(super) replacement: Option<Vec<u8>>,
}

impl Stream {
    pub(super) fn new(context: u32, program: &Rc<Program>, epoch: Instant, watch: &Rc<Watch>) -> Stream {
        Stream {
            context,
            exchange: Exchange::new(program),
            epoch,
            watch: Rc::clone(watch),
            response: None,
            cluster: String::new(),
            tickets: BTreeMap::new(),
            side: Side::Request,
            request_body: Progress::default(),
            response_body: Progress::default(),
            answered: false,
            content_type: None,
        }
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    pub(super) fn body(&mut self) -> &mut Progress {
        match self.side {
            Side::Request => &mut self.request_body,
            Side::Response => &mut self.response_body,
        }
    }

    pub(super) fn map(&self) -> (Map, Buffer, Direction) {
        match self.side {
            Side::Request => (Map::Request, Buffer::RequestBody, Direction::Request),
            Side::Response => (Map::Response, Buffer::ResponseBody, Direction::Response),
        }
    }

    /// Feeds the engine until it wants something from outside. `true`: the message may go on.
    fn feed(&mut self, input: Input) -> bool {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            match self.exchange.handle(self.now(), input) {
                Output::Wait => {}
                Output::ReadBody => {
                    self.body().reading = true;
                    if self.body().ended {
                        inputs.extend(self.read_body());
                    } else {
                        self.watch_body();
                    }
                }
                Output::Call(calls) => {
                    for (ticket, call) in calls {
                        match messages::dispatch(&call) {
                            Ok(token) => {
                                self.tickets.insert(token, ticket);
                            }
                            Err(error) => inputs.push_back(Input::Reply(ticket, Err(error))),
                        }
                    }
                }
                Output::Send(routed) => return self.send(routed),
                Output::Deliver(response) => return self.deliver(response),
                Output::Answer(response) => {
                    self.answer(&response);
                    return false;
                }
            }
        }
        false
    }

    pub(super) fn watch_body(&self) {
        let now = self.now();
        let whose = self.exchange.name();
        self.watch.expect(self.context, now.saturating_add(self.exchange.time_left(now)), whose);
    }

    fn read_body(&mut self) -> Option<Input> {
        self.body().reading = false;
        let (_, buffer, _) = self.map();
        match hostcalls::buffer(buffer) {
            Ok(bytes) => Some(Input::Body(bytes)),
            Err(refused) => {
                log::error!("Envoy did not hand over the body: {refused}");
                self.answer(&Response { status: 500, headers: Default::default(), body: Body::Absent });
                None
            }
        }
    }

    // In a callback of the message itself: its verdict.
    fn verdict(&mut self, goes_on: bool) -> Action {
        self.body().held = !goes_on;
        if goes_on { Action::Continue } else { Action::Pause }
    }

    // In any other callback: the message must be told to go on.
    fn resume(&mut self, goes_on: bool) {
        if !goes_on || self.answered || !self.body().held {
            return;
        }
        self.body().held = false;
        let (_, _, direction) = self.map();
        if let Err(refused) = hostcalls::go_on(direction) {
            log::error!("Envoy did not let the message go on: {refused}");
        }
    }

    fn body_came(&mut self, ends: bool) -> Action {
        self.watch.forget(self.context);
        self.body().ended |= ends;
        if !self.body().held || self.answered {
            return if self.answered { Action::Pause } else { Action::Continue };
        }
        if !ends {
            return Action::Pause;
        }
        if let Some(bytes) = self.body().replacement.take() {
            let (_, buffer, _) = self.map();
            super::delivery::replace(buffer, &bytes);
            return self.verdict(true);
        }
        if self.body().reading
            && let Some(input) = self.read_body()
        {
            let goes_on = self.feed(input);
            return self.verdict(goes_on);
        }
        Action::Pause
    }

    fn response_body_came(&mut self, ends: bool) -> Action {
        self.response_body.ended |= ends;
        if self.response_body.held { self.body_came(ends) } else { Action::Continue }
    }
}

impl Context for Stream {
    fn on_http_call_response(&mut self, token: u32, headers: usize, _: usize, _: usize) {
        let Some(ticket) = self.tickets.remove(&token) else { return };
        let goes_on = self.feed(Input::Reply(ticket, messages::reply(headers)));
        self.resume(goes_on);
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, ends: bool) -> Action {
        self.request_body.ended = ends;
        let request = match messages::request(ends) {
            Ok(request) => request,
            Err(refused) => {
                log::error!("Envoy did not hand over the headers of a request: {refused}");
                self.answer(&Response { status: 500, headers: Default::default(), body: Body::Absent });
                return Action::Pause;
            }
        };
        let goes_on = self.feed(Input::Request(request));
        self.verdict(goes_on)
    }

    fn on_http_request_body(&mut self, _: usize, ends: bool) -> Action {
        if self.side == Side::Request { self.body_came(ends) } else { Action::Continue }
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        if self.side == Side::Request { self.body_came(true) } else { Action::Continue }
    }

    fn on_http_response_headers(&mut self, _: usize, ends: bool) -> Action {
        if self.answered {
            // Our own answer passes by.
            if let Some(content_type) = self.content_type.take()
                && let Err(refused) = hostcalls::set_header(Map::Response, "content-type", &content_type)
            {
                log::error!("Envoy refused the content type of an answer: {refused}");
            }
            return Action::Continue;
        }
        self.side = Side::Response;
        self.response_body.ended = ends;
        if !self.exchange.awaits_response() {
            return Action::Continue;
        }
        let body = if ends { Body::Absent } else { Body::Unread };
        let response =
            messages::response(Map::Response, body).map_err(|refused| CallError::Failed(refused.to_string()));
        self.response = response.as_ref().ok().map(|response| Came {
            status: response.status,
            headers: response.headers.clone(),
            has_body: !ends,
        });
        // An answer that Envoy makes in an upstream's place is never a success.
        let suspect = response.as_ref().map_or(true, |response| response.status >= 400);
        let input = match suspect.then(|| messages::local_failure(&self.cluster)).flatten() {
            Some(failure) => Err(failure),
            None => response,
        };
        let goes_on = self.feed(Input::Response(input));
        self.verdict(goes_on)
    }

    fn on_http_response_body(&mut self, _: usize, ends: bool) -> Action {
        if self.answered && self.side == Side::Request { Action::Continue } else { self.response_body_came(ends) }
    }

    fn on_http_response_trailers(&mut self, _: usize) -> Action {
        if self.answered && self.side == Side::Request { Action::Continue } else { self.response_body_came(true) }
    }

    fn on_log(&mut self) {
        // Envoy itself answers for an upstream that breaks off in the middle of its response, or leaves the client half of it.
        let broke_off = self.side == Side::Response && !self.response_body.ended && !self.answered;
        if broke_off && let Some(failure) = messages::local_failure(&self.cluster) {
            self.exchange.broke_off(&failure);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.watch.forget(self.context);
    }
}
