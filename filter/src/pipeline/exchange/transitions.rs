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
use super::client_request::proxy_request;
use super::ending::Ending;
use super::phase::{Answering, AtProxy, AtRouter, Phase};
use crate::bindings::{Context, ProxyResponse};
use crate::config::OutputEncoding;
use crate::http::Response;
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::Failure;
use crate::pipeline::format::apply_expression;
use crate::pipeline::gate::{Gate, Place};
use crate::pipeline::legs::{Legs, Sent};
use crate::pipeline::token::Door;

/// The event that ends a phase. It is small: an event is moved several times.
pub(super) enum Event {
    /// The client's request has come, in the form of `ctx`.
    Arrived(Rc<RefCell<Context>>),
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
        (Phase::Idle, Event::Arrived(context)) if basis.is_message() => to_proxy(context, basis)?,
        (Phase::Idle, Event::Arrived(context)) if basis.program.config.service.rates.is_some() => {
            To(Phase::Gate(Gate::new(&context, Place::Service)))
        }
        (Phase::Idle, Event::Arrived(context)) => at_service(context, basis)?,
        (Phase::Gate(gate), Event::Ended) => {
            let context = Rc::clone(gate.context());
            match gate.place() {
                Place::Service => at_service(context, basis)?,
                Place::Key => at_door(context, basis)?,
                Place::Endpoint => to_proxy(context, basis)?,
            }
        }
        (Phase::Gate(_) | Phase::Door(_), Event::Refused(response)) => End(Ending::Refused(response), None),
        (Phase::Service(AtRouter { context, .. }), Event::Ended) => after_service(context, basis)?,
        (Phase::Door(door), Event::Ended) => at_endpoint(Rc::clone(door.context()), basis)?,
        (Phase::Endpoint(AtRouter { context, .. }), Event::Ended) => after_endpoint(context, basis)?,
        (Phase::ProxyPre(AtProxy { stage: Some(stage), .. }), Event::Ended) if stage.skips_next() => {
            let response = Rc::new(RefCell::new(ProxyResponse::empty()));
            To(Phase::ProxyPost(Answering { stage, response, routed: None }))
        }
        (Phase::ProxyPre(AtProxy { request, stage }), Event::Ended) => {
            To(Phase::Backends(stage, Box::new(Legs::new(request))))
        }
        (Phase::Backends(Some(stage), legs), Event::Merged(response)) => {
            let routed = legs.routed().cloned();
            To(Phase::ProxyPost(Answering { stage, response, routed }))
        }
        (Phase::Backends(None, legs), Event::Merged(response)) => {
            respond(queried(response, basis)?, legs.routed().cloned())
        }
        // Data beside an error counts for nothing: KrakenD puts the message back into the queue.
        (Phase::Backends(..), Event::Partial(_, failure)) if basis.is_message() => End(Ending::Failed(failure), None),
        // If a backend fails, KrakenD answers with the data of the others, and the proxy's `post` does not run.
        (Phase::Backends(_, legs), Event::Partial(response, _)) => respond(response, legs.routed().cloned()),
        (Phase::Backends(..), Event::Failed(failure)) => End(Ending::Failed(failure), None),
        (Phase::ProxyPost(Answering { response, routed, .. }), Event::Ended) => {
            respond(queried(response, basis)?, routed)
        }
        _ => return Err(Failure::broken("an event that cannot happen in this phase")),
    })
}

fn at_service(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    match basis.program.service {
        Some(_) => Ok(Transition::To(Phase::Service(AtRouter { context, stage: None }))),
        None => after_service(context, basis),
    }
}

fn after_service(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    if bot::is_refused(basis, &context.borrow().headers) {
        return Ok(Transition::End(Ending::Refused(Box::new(bot::refusal(basis))), None));
    }
    match basis.met_endpoint() {
        Some((endpoint, _)) if endpoint.api_keys.is_some() => {
            Ok(Transition::To(Phase::Gate(Gate::new(&context, Place::Key))))
        }
        Some(_) => at_door(context, basis),
        None if basis.endpoint.is_some() => Err(Failure::broken("no endpoint")),
        None if basis.router.is_some() => Ok(Transition::End(Ending::Router, None)),
        None => Ok(Transition::End(Ending::Pass(context), None)),
    }
}

fn at_door(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    match basis.endpoint()?.0.validator {
        Some(_) => Ok(Transition::To(Phase::Door(Door::new(&context)))),
        None => at_endpoint(context, basis),
    }
}

fn at_endpoint(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    match basis.endpoint()?.1.endpoint {
        Some(_) => Ok(Transition::To(Phase::Endpoint(AtRouter { context, stage: None }))),
        None => after_endpoint(context, basis),
    }
}

fn after_endpoint(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    match basis.endpoint()?.0.rates {
        Some(_) => Ok(Transition::To(Phase::Gate(Gate::new(&context, Place::Endpoint)))),
        None => to_proxy(context, basis),
    }
}

fn to_proxy(context: Rc<RefCell<Context>>, basis: &Basis) -> Next {
    let request = Rc::new(RefCell::new(proxy_request(context, basis)?));
    Ok(Transition::To(match basis.endpoint()?.1.proxy {
        Some(_) => Phase::ProxyPre(AtProxy { request, stage: None }),
        None => Phase::Backends(None, Box::new(Legs::new(request))),
    }))
}

// Applies the endpoint's `modifier/jmespath` to the data, after the proxy's scripts.
fn queried(response: Rc<RefCell<ProxyResponse>>, basis: &Basis) -> Result<Rc<RefCell<ProxyResponse>>, Failure> {
    let (endpoint, _) = basis.endpoint()?;
    if let Some(expression) = &endpoint.jmespath
        && endpoint.output_encoding != OutputEncoding::NoOp
    {
        let data = apply_expression(expression, &response.borrow().data, &endpoint.limits)?;
        response.borrow_mut().data = data;
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
