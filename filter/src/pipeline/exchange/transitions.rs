//! The one table of an exchange's phases and their order.
//!
//! ```text
//! Idle      ─ arrived ───► Gate         the service's rates; none: Service;  a message of an agent: ProxyPre
//! Service   ─ ended ─────► Gate         the endpoint's key; none asked for: Door;  no endpoint: the router answers, or the request passes on to Envoy's own routes
//!                                       a bot: the client gets the refusal
//! Gate      ─ ended ─────►              by its place: Service, Door, ProxyPre
//!           ─ refused ───►              the client gets the refusal
//! Door      ─ ended ─────► Endpoint     no token asked for: at once
//!           ─ refused ───►              the client gets the refusal
//! Endpoint  ─ ended ─────► Gate         the endpoint's rates; none: ProxyPre
//! ProxyPre  ─ ended ─────► Backends     skip_next: ProxyPost, with an empty response
//! Backends  ─ merged ────► ProxyPost    no script: the client gets it
//!           ─ partial ───►              the client gets it, and no script sees it;  a message of an agent has failed
//!           ─ failed ────►              the client gets the failure, which the log has
//! ProxyPost ─ ended ─────►              the client gets the response
//! ```
//! A phase without scripts, and a gate or a door that nobody has asked for, is passed at once: the next one follows in its place.
//! A failure of a stage ends the exchange in every phase; it is not an event. A pair of phase and event that is not in the
//! table cannot happen, and is [`Failure::Broken`].

use std::cell::RefCell;
use std::rc::Rc;

use super::bot;
use super::client_request::{context, proxy_request};
use super::ending::Ending;
use super::phase::{Answering, AtProxy, AtRouter, Phase};
use crate::bindings::{Context, ProxyResponse};
use crate::config::{Endpoint, OutputEncoding};
use crate::http::{Headers, Response};
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::format::apply_expression;
use crate::pipeline::gate::{Gate, Place};
use crate::pipeline::legs::{Legs, Sent};
use crate::pipeline::program::EndpointPlan;
use crate::pipeline::token::Door;

/// The event that ends a phase. It is small: an event is moved several times.
pub(super) enum Event {
    /// The client's request has come; the parameters of its endpoint, if it met one.
    Arrived(Vec<(String, Vec<u8>)>),
    /// The scripts of the phase's stage have run, or there are none.
    Ended,
    /// The request is not let in, and this is its answer.
    Refused(Box<Response>),
    /// All backends have answered.
    Merged(Rc<RefCell<ProxyResponse>>),
    /// Some backends have answered, others failed. The log has the reasons.
    Partial(Rc<RefCell<ProxyResponse>>, Box<Failure>),
    /// No backend has answered. The log has the reason.
    Failed(Box<Failure>),
}

/// The next phase, or the end.
pub(super) enum Transition {
    /// Another phase.
    To(Phase),
    /// The end. If the response that Envoy's route brought goes on to the client, the place that the request was sent to.
    End(Ending, Option<Sent>),
}

type Next = Result<Transition, Failure>;

/// The table. Takes the phase that ends.
pub(super) fn transition(phase: Phase, event: Event, basis: &Basis) -> Next {
    use Transition::{End, To};
    Ok(match (phase, event) {
        (Phase::Idle, Event::Arrived(params)) => arrived(params, basis)?,
        (Phase::Gate(gate), Event::Ended) => {
            let context = Rc::clone(gate.context());
            let stop = match gate.place() {
                Place::Service => at_service(&context.borrow().headers, basis),
                Place::Key => basis.endpoint().map(at_door),
                Place::Endpoint => Ok(Stop::Proxy),
            }?;
            stop.phase(context, basis)?
        }
        (Phase::Gate(_) | Phase::Door(_), Event::Refused(response)) => End(Ending::Refused(response), None),
        (Phase::Service(AtRouter { context, stage }), Event::Ended) => {
            drop(stage); // its scripts held the request
            let stop = after_service(&context.borrow().headers, basis)?;
            stop.phase(context, basis)?
        }
        (Phase::Door(door), Event::Ended) => at_endpoint(basis.endpoint()?).phase(Rc::clone(door.context()), basis)?,
        (Phase::Endpoint(AtRouter { context, stage }), Event::Ended) => {
            drop(stage); // the same
            after_endpoint(basis.endpoint()?).phase(context, basis)?
        }
        (Phase::ProxyPre(AtProxy { stage: Some(stage), .. }), Event::Ended) if stage.skips_next() => {
            let response = Rc::new(RefCell::new(ProxyResponse::empty()));
            To(Phase::ProxyPost(Box::new(Answering { stage, response, routed: None })))
        }
        (Phase::ProxyPre(AtProxy { request, stage }), Event::Ended) => {
            To(Phase::Backends(stage, Box::new(Legs::new(request))))
        }
        (Phase::Backends(Some(stage), mut legs), Event::Merged(response)) => {
            To(Phase::ProxyPost(Box::new(Answering { stage, response, routed: legs.take_routed() })))
        }
        (Phase::Backends(None, mut legs), Event::Merged(response)) => {
            respond(queried(response, basis)?, legs.take_routed())
        }
        // Data beside an error counts for nothing: KrakenD puts the message back into the queue.
        (Phase::Backends(..), Event::Partial(_, failure)) if basis.is_message() => End(Ending::Failed(failure), None),
        // If a backend fails, KrakenD answers with the data of the others, and the proxy's `post` does not run.
        (Phase::Backends(_, mut legs), Event::Partial(response, _)) => respond(response, legs.take_routed()),
        (Phase::Backends(..), Event::Failed(failure)) => End(Ending::Failed(failure), None),
        (Phase::ProxyPost(answering), Event::Ended) => {
            let Answering { response, routed, .. } = *answering;
            respond(queried(response, basis)?, routed)
        }
        _ => return Err(Failure::broken("an event that cannot happen in this phase")),
    })
}

/// The place where something waits for the client's request, or its end.
enum Stop {
    Gate(Place),
    Service,
    Bot,
    Door,
    Endpoint,
    Proxy,
    Router,
    Pass,
}

fn arrived(params: Vec<(String, Vec<u8>)>, basis: &Basis) -> Next {
    let client = basis.client.as_ref().or_broken("no request of a client")?;
    let stop = if basis.is_message() {
        Stop::Proxy
    } else if basis.program.config.service.rates.is_some() {
        Stop::Gate(Place::Service)
    } else {
        at_service(&client.headers, basis)?
    };
    match stop {
        // Mostly nothing waits for the request before the proxy: nobody shares it then.
        Stop::Proxy => Ok(Transition::To(at_proxy(context(client, params), basis)?)),
        stop => stop.phase(Rc::new(RefCell::new(context(client, params))), basis),
    }
}

fn at_service(headers: &Headers, basis: &Basis) -> Result<Stop, Failure> {
    if basis.program.service.is_some() { Ok(Stop::Service) } else { after_service(headers, basis) }
}

fn after_service(headers: &Headers, basis: &Basis) -> Result<Stop, Failure> {
    if bot::is_refused(basis, headers) {
        return Ok(Stop::Bot);
    }
    match basis.met_endpoint() {
        Some((endpoint, _)) if endpoint.api_keys.is_some() => Ok(Stop::Gate(Place::Key)),
        Some(endpoint) => Ok(at_door(endpoint)),
        None if basis.endpoint.is_some() => Err(Failure::broken("no endpoint")),
        None if basis.router.is_some() => Ok(Stop::Router),
        None => Ok(Stop::Pass),
    }
}

type Met<'a> = (&'a Endpoint, &'a EndpointPlan);

fn at_door((endpoint, plan): Met<'_>) -> Stop {
    if endpoint.validator.is_some() { Stop::Door } else { at_endpoint((endpoint, plan)) }
}

fn at_endpoint((endpoint, plan): Met<'_>) -> Stop {
    if plan.endpoint.is_some() { Stop::Endpoint } else { after_endpoint((endpoint, plan)) }
}

fn after_endpoint((endpoint, _): Met<'_>) -> Stop {
    if endpoint.rates.is_some() { Stop::Gate(Place::Endpoint) } else { Stop::Proxy }
}

impl Stop {
    // The phase that begins here.
    fn phase(self, context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
        let at_router = |context| AtRouter { context, stage: None };
        Ok(Transition::To(match self {
            Self::Gate(place) => Phase::Gate(Gate::new(&context, place)),
            Self::Service => Phase::Service(at_router(context)),
            Self::Door => Phase::Door(Door::new(&context)),
            Self::Endpoint => Phase::Endpoint(at_router(context)),
            // Unless a script still holds the client's request, nobody looks at it any more.
            Self::Proxy => {
                let context = Rc::try_unwrap(context);
                at_proxy(context.map_or_else(|held| held.borrow().clone(), RefCell::into_inner), basis)?
            }
            Self::Bot => return Ok(Transition::End(Ending::Refused(Box::new(bot::refusal(basis))), None)),
            Self::Router => return Ok(Transition::End(Ending::Router, None)),
            Self::Pass => return Ok(Transition::End(Ending::Pass(context), None)),
        }))
    }
}

fn at_proxy(context: Context, basis: &Basis) -> Result<Phase, Failure> {
    let (endpoint, plan) = basis.endpoint()?;
    let request = Rc::new(RefCell::new(proxy_request(context, endpoint, basis)?));
    Ok(match plan.proxy {
        Some(_) => Phase::ProxyPre(AtProxy { request, stage: None }),
        None => Phase::Backends(None, Box::new(Legs::new(request))),
    })
}

// Applies the endpoint's `modifier/jmespath` to the data, after the proxy's scripts.
fn queried(response: Rc<RefCell<ProxyResponse>>, basis: &Basis) -> Result<Rc<RefCell<ProxyResponse>>, Failure> {
    let (endpoint, _) = basis.endpoint()?;
    if let Some(expression) = &endpoint.jmespath
        && endpoint.output_encoding != OutputEncoding::NoOp
    {
        let data = apply_expression(expression, response.borrow().data.table(), &endpoint.limits)?;
        response.borrow_mut().data = data.into();
    }
    Ok(response)
}

// If the request left by Envoy's route, the response on it is held and is edited.
fn respond(response: Rc<RefCell<ProxyResponse>>, routed: Option<Sent>) -> Transition {
    match routed {
        Some(sent) => Transition::End(Ending::Deliver(response), Some(sent)),
        None => Transition::End(Ending::Answer(response), None),
    }
}
