//! One exchange: the client's request, its way through the stages and backends of its endpoint, and the client's response.
//!
//! Each stage ends, waits or fails; `enter` and `leave` are the edges between stages, and say in one place what follows what.

use super::failure::{Failure, one_line};
use super::flights::{Flights, Owner};
use super::leg::Leg;
use super::port::{Input, Output, Routed};
use super::program::{EndpointPlan, Program, StagePlan};
use super::task::{Messages, StageTask, Turn};
use super::{render, router};
use crate::bindings::{Context, ProxyRequest, ProxyResponse, take};
use crate::config::{Endpoint, Limits, Match, OutputEncoding};
use crate::http::{Body, Request, Response};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// One request of one client.
pub struct Exchange {
    pub(super) program: Rc<Program>,
    pub(super) phase: Phase,
    pub(super) now: Duration,
    deadline: Duration,
    pub(super) client: Option<Request>,
    context: Option<Rc<RefCell<Context>>>,
    pub(super) request: Option<Rc<RefCell<ProxyRequest>>>,
    pub(super) endpoint: Option<usize>,
    // The router's stages, then the proxy's.
    pub(super) stage: Option<StageTask>,
    pub(super) legs: Vec<Leg>,
    pub(super) flights: Flights,
    pub(super) reading: Option<Reading>,
    // The response that Envoy's route brought, while its body is being read.
    pub(super) arrived: Option<Response>,
    // What the proxy's post sees.
    pub(super) merged: Option<Rc<RefCell<ProxyResponse>>>,
    // Did the request leave by Envoy's route? Then a response is held, to be edited.
    pub(super) routed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Service,
    Endpoint,
    ProxyPre,
    Legs,
    ProxyPost,
    Over,
}

// Who needs the body that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Stage(Owner),
    Fork,
    Backend,
}

// A step that leads to no output of its own: the exchange waits for calls or a body.
pub(super) type Next = Option<Output>;

// A service script at a request that meets no endpoint has no time of its own configured.
const UNMATCHED_TIMEOUT: Duration = Duration::from_secs(2);

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(program: &Rc<Program>) -> Exchange {
        Exchange {
            program: Rc::clone(program),
            phase: Phase::Service,
            now: Duration::ZERO,
            deadline: Duration::ZERO,
            client: None,
            context: None,
            request: None,
            endpoint: None,
            stage: None,
            legs: Vec::new(),
            flights: Flights::watched(program.watch.clone()),
            reading: None,
            arrived: None,
            merged: None,
            routed: false,
        }
    }

    /// Takes in what happened at a time (any clock that does not go back), and says what should happen next.
    pub fn handle(&mut self, now: Duration, input: Input) -> Output {
        self.now = now;
        let was_reading = self.reading;
        let next = match input {
            _ if self.phase == Phase::Over => return Output::Wait,
            // A stream has one.
            Input::Request(_) if self.client.is_some() => return Output::Wait,
            Input::Request(request) => self.begin(request),
            Input::Body(bytes) => self.body(bytes),
            Input::Reply(ticket, reply) => self.reply(ticket, reply),
            Input::Response(response) => self.response(response),
        };
        if let Some(output) = next {
            return output;
        }
        if self.reading.is_some() && self.reading != was_reading {
            return Output::ReadBody;
        }
        match self.flights.leaving() {
            calls if calls.is_empty() => Output::Wait,
            calls => Output::Call(calls),
        }
    }

    /// How long the exchange may still take.
    pub fn time_left(&self, now: Duration) -> Duration {
        self.deadline.saturating_sub(now)
    }

    /// The client's request as it came.
    pub fn client(&self) -> Option<&Request> {
        self.client.as_ref()
    }

    /// Has the request left by Envoy's route, so that its response belongs to the exchange?
    pub fn awaits_response(&self) -> bool {
        self.routed && self.phase == Phase::Legs
    }

    fn begin(&mut self, request: Request) -> Next {
        let params = match self.program.config.routes.find(&request.method, &request.path) {
            Match::BadRequest(words) => {
                return self.answer(Response::with_body(400, "text/plain; charset=utf-8", words));
            }
            Match::Redirect { status, path } => {
                return self.answer(render::redirect(status, &path, request.method == "GET"));
            }
            Match::NotFound => Vec::new(),
            Match::Endpoint { index, params } => {
                self.endpoint = Some(index);
                params
            }
        };
        if let Some(watch) = &self.program.watch {
            let endpoint = self.endpoint().map(|(endpoint, _)| endpoint.path.as_str());
            watch.exchange(&request.method, &request.path, endpoint);
        }
        let timeout = self.endpoint().map_or(UNMATCHED_TIMEOUT, |(endpoint, _)| endpoint.timeout);
        self.deadline = self.now.saturating_add(timeout);
        self.context = Some(Rc::new(RefCell::new(router::context(&request, params))));
        self.client = Some(request);
        self.enter(Phase::Service)
    }

    pub(super) fn endpoint(&self) -> Option<(&Endpoint, &EndpointPlan)> {
        let index = self.endpoint?;
        Some((self.program.config.endpoints.get(index)?, self.program.endpoints.get(index)?))
    }

    pub(super) fn limits(&self) -> Limits {
        self.endpoint().map_or(self.program.config.plugin.limits, |(endpoint, _)| endpoint.limits)
    }

    /// What is left of the endpoint's time.
    pub(super) fn left(&self) -> Duration {
        self.time_left(self.now)
    }

    // ---- from stage to stage

    pub(super) fn enter(&mut self, phase: Phase) -> Next {
        self.phase = phase;
        let program = Rc::clone(&self.program);
        let plan = self.endpoint.and_then(|index| program.endpoints.get(index));
        let context = Messages { context: self.context.clone(), request: None };
        match phase {
            Phase::Service => self.run(program.service.as_ref(), context),
            Phase::Endpoint if plan.is_none() => self.pass(),
            Phase::Endpoint => self.run(plan.and_then(|plan| plan.endpoint.as_ref()), context),
            Phase::ProxyPre => {
                self.request = self.make_request();
                let messages = Messages { context: None, request: self.request.clone() };
                self.run(plan.and_then(|plan| plan.proxy.as_ref()), messages)
            }
            Phase::Legs => self.fork(),
            Phase::ProxyPost | Phase::Over => None,
        }
    }

    fn run(&mut self, plan: Option<&Rc<StagePlan>>, messages: Messages) -> Next {
        self.stage = None;
        let Some(plan) = plan else { return self.leave(Ok(())) };
        let mut task = StageTask::new(plan, messages, self.limits());
        let turn = task.pre(&self.program.config.plugin, self.left());
        self.stage = Some(task);
        self.main(turn)
    }

    pub(super) fn main(&mut self, turn: Turn) -> Next {
        let ended = self.drive(Owner::Main, turn)?;
        self.leave(ended)
    }

    pub(super) fn leave(&mut self, ended: Result<(), Failure>) -> Next {
        match (self.phase, ended) {
            (Phase::Service, Ok(())) => self.enter(Phase::Endpoint),
            (Phase::Endpoint, Ok(())) => self.enter(Phase::ProxyPre),
            (Phase::ProxyPre, Ok(())) if self.stage.as_ref().is_some_and(|task| task.plan().skip_next) => {
                self.proxy_post(Rc::new(RefCell::new(ProxyResponse::empty())))
            }
            (Phase::ProxyPre, Ok(())) => self.enter(Phase::Legs),
            (Phase::ProxyPost, Ok(())) => {
                let response = take(&*self.merged.take()?);
                self.finish(response)
            }
            (Phase::Legs | Phase::Over, _) => None,
            (Phase::Service | Phase::Endpoint, Err(failure)) => {
                let at_service = self.phase == Phase::Service;
                self.report(&failure);
                let response = render::failed_at_router(&failure, at_service, &self.program.config.plugin);
                self.answer(response)
            }
            (Phase::ProxyPre | Phase::ProxyPost, Err(failure)) => {
                self.report(&failure);
                self.fail(&failure)
            }
        }
    }

    fn make_request(&self) -> Option<Rc<RefCell<ProxyRequest>>> {
        let (endpoint, _) = self.endpoint()?;
        let context = self.context.as_ref()?.borrow();
        let peer = self.client.as_ref().map(|client| client.peer.as_str()).unwrap_or_default();
        let request = router::proxy_request(&context, endpoint, peer, &self.program.config.plugin.user_agent);
        Some(Rc::new(RefCell::new(request)))
    }

    // ---- to the end

    /// The proxy's scripts see the response, if there are any.
    pub(super) fn proxy_post(&mut self, response: Rc<RefCell<ProxyResponse>>) -> Next {
        self.phase = Phase::ProxyPost;
        self.merged = Some(Rc::clone(&response));
        let Some(task) = &mut self.stage else { return self.leave(Ok(())) };
        response.borrow().data.make_real();
        let turn = task.post(&response);
        self.main(turn)
    }

    /// The pipeline came to its end.
    pub(super) fn finish(&mut self, response: ProxyResponse) -> Next {
        // What the upstream sent goes on as it is, whether a script read it or not.
        let goes_on = response.payload.body != Body::Absent && !response.payload.replaced && response.data.is_empty();
        let rendered = render::render(response, self.endpoint()?.0);
        let mut rendered = match rendered {
            Ok(rendered) => Response { headers: rendered.headers.mended(), ..rendered },
            Err(failure) => {
                self.report_at(&failure, None);
                return self.fail(&failure);
            }
        };
        if !self.routed {
            return self.answer(rendered);
        }
        self.over();
        if goes_on && self.endpoint()?.0.output_encoding == OutputEncoding::NoOp {
            rendered.body = Body::Unread;
        }
        Some(Output::Deliver(rendered))
    }

    /// The pipeline failed.
    pub(super) fn fail(&mut self, failure: &Failure) -> Next {
        let service = &self.program.config.service;
        let response = render::failed(failure, service.return_error_msg, &self.program.config.plugin);
        self.answer(response)
    }

    /// How the log names the exchange: `[ENDPOINT: /users/{id}]`.
    pub fn name(&self) -> String {
        match self.endpoint() {
            Some((endpoint, _)) if self.phase != Phase::Service => format!("[ENDPOINT: {}]", endpoint.path),
            _ => "[SERVICE]".to_owned(),
        }
    }

    /// One line in the log for each failure: whose, what, where, at which stage and in which request.
    pub(super) fn report(&self, failure: &Failure) {
        self.report_at(failure, self.main_stage());
    }

    pub(super) fn report_at(&self, failure: &Failure, stage: Option<String>) {
        self.program.ledger.failed();
        let stage = stage.map(|stage| format!(" stage={stage}")).unwrap_or_default();
        let request_id = self.client.as_ref().and_then(|client| client.headers.get_str("x-request-id"));
        let request_id = request_id.map(|id| format!(" request_id={}", one_line(id))).unwrap_or_default();
        log::error!("{} {}{stage}{request_id}", self.name(), failure.log_line());
    }

    /// The router's or the proxy's stage, and its half, as the log names it.
    fn main_stage(&self) -> Option<String> {
        self.stage.as_ref()?;
        let stage = match self.phase {
            Phase::Service => "service.pre",
            Phase::Endpoint => "endpoint.pre",
            Phase::ProxyPre => "proxy.pre",
            Phase::ProxyPost => "proxy.post",
            Phase::Legs | Phase::Over => return None,
        };
        Some(stage.to_owned())
    }

    fn answer(&mut self, response: Response) -> Next {
        self.over();
        Some(Output::Answer(Response { headers: response.headers.mended(), ..response }))
    }

    fn over(&mut self) {
        self.phase = Phase::Over;
        self.flights.clear();
        self.reading = None;
    }

    // No endpoint: the service's edits apply, and Envoy's own routes decide.
    fn pass(&mut self) -> Next {
        let mut request = self.client.clone()?;
        if let Some(context) = &self.context {
            let context = context.borrow();
            request.headers.retain(|name, _| router::is_envoys_own(name) && name != router::CLUSTER_HEADER);
            let edited = context.headers.clone().mended();
            request.headers.extend_from(&edited, |name| !router::is_envoys_own(name));
            // Envoy cannot give a body to a request that came without one.
            if context.payload.replaced && request.body != Body::Absent {
                request.body = context.payload.body.clone();
            }
        }
        self.phase = Phase::Over;
        Some(Output::Send(Routed { request, cluster: None, timeout: None }))
    }
}
