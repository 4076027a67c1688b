//! One exchange: the client's request, its way through the stages and backends of its endpoint, and the client's response.
//!
//! Each input leads to an event of the phase, `transitions` chooses the next phase, and this file begins it. Stages, waits and
//! legs own their parts and report events: only the exchange changes the phase.

mod agent;
mod bot;
mod client_request;
mod ending;
mod phase;
mod step;
#[cfg(test)]
mod tests;
mod transitions;

use std::rc::Rc;
use std::time::Duration;

use super::basis::Basis;
use super::failure::{Failure, OrBroken};
use super::format::router_answer::{RouterAnswer, redirect};
use super::legs::Legs;
use super::lineage::Lineage;
use super::messages::Messages;
use super::port::{Input, Output, Ticket};
use super::program::{Program, StagePlan};
use super::rate::Pool;
use super::stage::StageTask;
use super::waits::{Landed, Owner, Reader, Reply, Waits};
use crate::config::{Listener, Match, Unmatched};
use crate::http::{CallError, Request, Response};
use phase::Phase;
use step::{Next, Step, knocked, of_legs, passed, served};
use transitions::{Event, Transition, transition};

/// One request of one client.
pub struct Exchange {
    basis: Basis,
    phase: Phase,
    waits: Waits,
}

// The time for a service script if no endpoint fits the request; the configuration has no value for it.
const UNMATCHED_TIMEOUT: Duration = Duration::from_secs(2);

impl Exchange {
    /// An exchange that has not begun.
    pub fn new(program: &Rc<Program>) -> Self {
        Self { basis: Basis::new(program), phase: Phase::Idle, waits: Waits::default() }
    }

    /// Takes an event and the time of it (by any clock that does not go back), and says what to do next.
    pub fn handle(&mut self, now: Duration, input: Input) -> Output {
        self.basis.now = now;
        if self.phase.is_over() {
            return Output::Wait;
        }
        let next = match input {
            Input::Request(request) => self.begin(request),
            Input::Body(bytes) => self.take_body(Some(bytes)),
            Input::BodyTooLarge => self.take_body(None),
            Input::Verified(payload) => self.take_verified(payload.as_deref()),
            Input::Drawn(is_there) => self.take_drawn(is_there),
            Input::Reply(ticket, reply) => self.take_reply(ticket, reply),
            Input::Response(response) => self.take_response(response),
            Input::ShadowApart => self.go_on(),
        };
        let output = next.and_then(|step| self.advance(step));
        match output {
            Ok(Some(output)) => output,
            Ok(None) => self.waits.output(),
            Err(failure) => self.fail(&failure),
        }
    }

    /// The copy of the request for [`Output::Shadow`], as an exchange of its own, which begins with [`Input::ShadowApart`]: it
    /// makes calls and gives no answer. `None` if there is nothing to copy.
    pub fn shadow(&self) -> Option<Self> {
        let Phase::Backends(_, legs) = &self.phase else { return None };
        let phase = Phase::Backends(None, Box::new(Legs::new(legs.request_copy())));
        let basis = self.basis.shadow()?;
        basis.program.ledger.shadow_begins();
        Some(Self { basis, phase, waits: Waits::default() })
    }

    /// The shadow of the exchange is not sent: too many are under way.
    pub fn drop_shadow(&self) {
        self.basis.program.ledger.shadow_dropped();
    }

    /// Has the exchange given its last output? A shadow shows its end only here.
    pub fn is_over(&self) -> bool {
        self.phase.is_over()
    }

    /// The number of bytes of the client's body that the exchange has copied.
    pub fn copied_bytes(&self) -> usize {
        match &self.phase {
            Phase::Backends(_, legs) => legs.body_bytes(),
            _ => 0,
        }
    }

    /// The access to the buckets that [`Output::Draw`] names.
    pub fn pool(&self) -> &Pool {
        &self.basis.program.pool
    }

    /// The time that the exchange may still take.
    pub fn time_left(&self, now: Duration) -> Duration {
        self.basis.deadline.saturating_sub(now)
    }

    /// The client's request as it came.
    pub fn client(&self) -> Option<&Request> {
        self.basis.client.as_ref()
    }

    /// The most bytes of a body that can be asked for.
    pub fn body_limit(&self) -> u64 {
        self.basis.limits().body_bytes
    }

    /// Has the request left by Envoy's route, so that its response belongs to the exchange?
    pub fn awaits_response(&self) -> bool {
        matches!(&self.phase, Phase::Backends(_, legs) if legs.routed().is_some())
    }

    /// Reports that the response on Envoy's route broke off. The client can get no other answer; only the log shows it.
    pub fn broke_off(&self, error: &CallError) {
        if let Some(sent) = self.phase.routed() {
            sent.report_break(&self.basis, error);
        }
    }

    /// The exchange's name in the log: `[ENDPOINT: /users/{id}]`.
    pub fn name(&self) -> String {
        self.basis.name(matches!(self.phase, Phase::Service(_)))
    }

    // ---- what comes in

    fn begin(&mut self, mut request: Request) -> Next {
        // A stream has only one request.
        if !matches!(self.phase, Phase::Idle) {
            return Ok(Step::Wait);
        }
        let params = match self.find(&request) {
            Match::BadRequest(words) => {
                self.end(Phase::Over);
                return Ok(Step::Out(ending::answer(Response::with_body(400, "text/plain; charset=utf-8", words))));
            }
            Match::Redirect { status, path } => {
                self.end(Phase::Over);
                return Ok(Step::Out(ending::answer(redirect(status, &path, request.method == "GET"))));
            }
            Match::NotAllowed { allowed } => self.router_answers(RouterAnswer::NotAllowed(allowed)),
            Match::Options { allowed } => self.router_answers(RouterAnswer::Options(allowed)),
            Match::Health if self.basis.plugin().health => self.router_answers(RouterAnswer::Health),
            Match::NotFound if self.basis.plugin().unmatched == Unmatched::Answer => {
                self.router_answers(RouterAnswer::NotFound)
            }
            Match::Health | Match::NotFound => Vec::new(),
            Match::Endpoint { index, params } => {
                self.basis.endpoint = Some(index);
                params
            }
        };
        request.headers.share();
        self.basis.lineage = Lineage::of(&request.headers);
        let endpoint = self.basis.met_endpoint().map(|(endpoint, _)| endpoint);
        if let Some(watcher) = &self.basis.program.watcher {
            watcher.exchange_begins(&request.method, &request.path, endpoint.map(|endpoint| endpoint.path.as_str()));
        }
        let timeout = endpoint.map_or(UNMATCHED_TIMEOUT, |endpoint| endpoint.timeout);
        self.basis.deadline = self.basis.now.saturating_add(timeout);
        self.basis.client = Some(request);
        self.basis.lineage.check(self.basis.endpoint, &self.basis.program.config.endpoints)?;
        Ok(Step::Event(Event::Arrived(params)))
    }

    fn find(&self, request: &Request) -> Match {
        let config = &self.basis.program.config;
        match config.plugin.listener {
            Listener::Endpoints => config.routes.find(&request.method, &request.path),
            Listener::Agents => agent::find(&config.agents, request),
        }
    }

    fn router_answers(&mut self, answer: RouterAnswer) -> Vec<(String, Vec<u8>)> {
        self.basis.router = Some(answer);
        Vec::new()
    }

    // Takes the body that was asked for; `None` if it is too large.
    fn take_body(&mut self, bytes: Option<Vec<u8>>) -> Next {
        let Some(reader) = self.waits.take_reader() else { return Ok(Step::Wait) };
        let limit = self.body_limit();
        let fits = |bytes: &Vec<u8>| u64::try_from(bytes.len()).is_ok_and(|length| length <= limit);
        let Some(bytes) = bytes.filter(fits) else {
            let of_request = self.phase.routed().is_none();
            return self.refuse_body(&reader, Failure::TooLarge { of_request, limit });
        };
        let Self { basis, phase, waits } = self;
        match (reader, phase) {
            (Reader::Stage(Owner::Main), phase) => {
                let stage = phase.stage().or_broken("a body for no stage")?;
                let event = stage.take_body(bytes);
                served(waits.serve(basis, Owner::Main, stage, event))
            }
            (Reader::Stage(Owner::Leg(index)), Phase::Backends(_, legs)) => {
                of_legs(legs.take_body(basis, waits, index, bytes))
            }
            (Reader::Fork, Phase::Backends(_, legs)) => of_legs(legs.fork_with(basis, waits, bytes)),
            (Reader::Backend(response), Phase::Backends(_, legs)) => {
                of_legs(legs.take_whole(basis, waits, response, bytes))
            }
            _ => Err(Failure::broken("a body for backends outside their phase")),
        }
    }

    fn refuse_body(&mut self, reader: &Reader, failure: Failure) -> Next {
        match (reader, &mut self.phase) {
            (Reader::Stage(Owner::Leg(index)), Phase::Backends(_, legs)) => {
                of_legs(legs.refuse_body(&self.basis, *index, failure))
            }
            (Reader::Stage(Owner::Main), phase) => {
                phase.stage().or_broken("a body for no stage")?.give_up(&failure);
                Err(failure)
            }
            _ => Err(failure),
        }
    }

    // Takes the payload that Envoy has verified, if the door asked for it.
    fn take_verified(&mut self, payload: Option<&[u8]>) -> Next {
        match &mut self.phase {
            Phase::Door(door) => door.answer(&self.basis, payload).map(knocked),
            _ => Ok(Step::Wait),
        }
    }

    // Takes the answer whether there was a token, if one was asked for.
    fn take_drawn(&mut self, is_there: bool) -> Next {
        let Self { basis, phase, waits } = self;
        match phase {
            Phase::Gate(gate) => gate.answer(basis, is_there).map(passed),
            Phase::Backends(_, legs) => of_legs(legs.take_drawn(basis, waits, is_there)),
            _ => Ok(Step::Wait),
        }
    }

    // Takes the reply to a call.
    fn take_reply(&mut self, ticket: Ticket, reply: Reply) -> Next {
        let Self { basis, phase, waits } = self;
        match (waits.land(basis, ticket, reply), phase) {
            (Landed::Nothing, _) => Ok(Step::Wait),
            (Landed::Answers(Owner::Main, answers), phase) => {
                let stage = phase.stage().or_broken("answers for no stage")?;
                let event = stage.answer(answers);
                served(waits.serve(basis, Owner::Main, stage, event))
            }
            (Landed::Answers(Owner::Leg(index), answers), Phase::Backends(_, legs)) => {
                of_legs(legs.answer(basis, waits, index, answers))
            }
            (Landed::Backend(index, reply), Phase::Backends(_, legs)) => {
                of_legs(legs.take_reply(basis, waits, index, reply))
            }
            _ => Err(Failure::broken("a reply for backends outside their phase")),
        }
    }

    // Takes the response on Envoy's route, or the reason why there is none.
    fn take_response(&mut self, response: Reply) -> Next {
        let Self { basis, phase, waits } = self;
        match phase {
            Phase::Backends(_, legs) if legs.routed().is_some() => {
                basis.switched = response.as_ref().is_ok_and(|response| response.status == 101);
                of_legs(legs.take_response(basis, waits, response))
            }
            _ => Ok(Step::Wait),
        }
    }

    // Goes on after the shadow has been taken.
    fn go_on(&mut self) -> Next {
        let Self { basis, phase, waits } = self;
        match phase {
            Phase::Backends(_, legs) => of_legs(legs.fork(basis, waits)),
            _ => Ok(Step::Wait),
        }
    }

    // ---- from phase to phase

    // Follows the table until something must come from outside (`None`) or must be done.
    #[inline(never)] // V8 takes much memory to compile a large function.
    fn advance(&mut self, mut step: Step) -> Result<Option<Output>, Failure> {
        loop {
            let event = match step {
                Step::Wait => return Ok(None),
                Step::Out(output) => return Ok(Some(output)),
                Step::Event(event) => event,
            };
            let ended = std::mem::replace(&mut self.phase, Phase::Over);
            step = match transition(ended, event, &self.basis)? {
                Transition::To(phase) => {
                    self.phase = phase;
                    self.enter()?
                }
                Transition::End(ending, delivered) => {
                    self.end(delivered.map_or(Phase::Over, Phase::Delivered));
                    Step::Out(if self.basis.is_shadow { Output::Wait } else { ending.output(&self.basis)? })
                }
            };
        }
    }

    // Begins the phase.
    fn enter(&mut self) -> Next {
        let Self { basis, phase, waits } = self;
        let program = &basis.program;
        let plan = || basis.met_endpoint().map(|(_, plan)| plan);
        match phase {
            Phase::Service(router) => {
                let messages = Messages::of_router(&router.context);
                run(basis, waits, &mut router.stage, program.service.as_ref(), messages)
            }
            Phase::Gate(gate) => gate.knock(basis).map(passed),
            Phase::Door(door) => door.knock(basis).map(knocked),
            Phase::Endpoint(router) => {
                let messages = Messages::of_router(&router.context);
                run(basis, waits, &mut router.stage, plan().and_then(|plan| plan.endpoint.as_ref()), messages)
            }
            Phase::ProxyPre(proxy) => {
                let messages = Messages::of_proxy(&proxy.request);
                run(basis, waits, &mut proxy.stage, plan().and_then(|plan| plan.proxy.as_ref()), messages)
            }
            Phase::Backends(_, legs) => of_legs(legs.fork(basis, waits)),
            Phase::ProxyPost(answering) => {
                answering.response.borrow().data.make_real();
                let event = answering.stage.begin_post(&answering.response);
                served(waits.serve(basis, Owner::Main, &mut answering.stage, event))
            }
            Phase::Idle | Phase::Delivered(_) | Phase::Over => Err(Failure::broken("a phase that does not begin")),
        }
    }

    // ---- to the end

    // Ends the exchange with this failure, in whichever phase it is, and writes the failure to the log.
    fn fail(&mut self, failure: &Failure) -> Output {
        let stage = self.phase.label();
        self.basis.report(failure, stage);
        self.end(Phase::Over);
        if self.basis.is_shadow {
            return Output::Wait;
        }
        ending::failed(&self.basis, failure, stage)
    }

    fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.waits.clear();
    }
}

// Runs the stage of a phase.
fn run(
    basis: &Basis,
    waits: &mut Waits,
    stage: &mut Option<Box<StageTask>>,
    plan: Option<&Rc<StagePlan>>,
    messages: Messages,
) -> Next {
    let plan = plan.or_broken("a phase without scripts")?;
    let stage = stage.insert(Box::new(StageTask::new(plan, messages, basis)));
    let event = stage.begin_pre(basis);
    served(waits.serve(basis, Owner::Main, stage, event))
}
