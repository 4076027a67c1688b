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
//! A failure of a stage ends the exchange in every phase; it is not an event. A pair of phase and event that is not in the
//! table cannot happen, and is [`Failure::Broken`].

use std::cell::RefCell;
use std::rc::Rc;

use super::bot;
use super::client_request::proxy_request;
use super::ending::Ending;
use super::phase::{Answering, AtProxy, AtRouter, Phase};
use crate::bindings::{Context, ProxyResponse, take};
use crate::config::{Endpoint, OutputEncoding};
use crate::http::Response;
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::Failure;
use crate::pipeline::format::apply_expression;
use crate::pipeline::gate::{Gate, Place};
use crate::pipeline::legs::{Legs, Sent};
use crate::pipeline::token::Door;

/// The event that ends a phase.
pub(super) enum Event {
    /// The client's request has come, in the form of `ctx`.
    Arrived(Rc<RefCell<Context>>),
    /// The scripts of the phase's stage have run, or there are none.
    Ended,
    /// The request is not let in, and this is its answer.
    Refused(Response),
    /// All backends have answered.
    Merged(ProxyResponse),
    /// Some backends have answered, others failed. The log has the reasons.
    Partial(ProxyResponse, Failure),
    /// No backend has answered. The log has the reason.
    Failed(Failure),
}

/// The next phase, or the end.
pub(super) enum Transition {
    /// Another phase.
    To(Phase),
    /// The end, and the phase in which nothing more can happen.
    End(Ending, Phase),
}

/// The table. Takes the phase that ends.
pub(super) fn transition(phase: Phase, event: Event, basis: &Basis) -> Result<Transition, Failure> {
    use Transition::{End, To};
    Ok(match (phase, event) {
        (Phase::Idle, Event::Arrived(context)) if basis.is_message() => to_proxy(context, basis)?,
        (Phase::Idle, Event::Arrived(context)) if basis.program.config.service.rates.is_some() => {
            To(Phase::Gate(Gate::new(&context, Place::Service)))
        }
        (Phase::Idle, Event::Arrived(context)) => To(Phase::Service(AtRouter { context, stage: None })),
        (Phase::Service(AtRouter { context, .. }), Event::Ended)
            if bot::is_refused(basis, &context.borrow().headers) =>
        {
            End(Ending::Refused(bot::refusal(basis)), Phase::Over)
        }
        (Phase::Gate(gate), Event::Ended) => {
            let context = Rc::clone(gate.context());
            match gate.place() {
                Place::Service => To(Phase::Service(AtRouter { context, stage: None })),
                Place::Key => To(door(context, basis.endpoint()?.0)),
                Place::Endpoint => to_proxy(context, basis)?,
            }
        }
        (Phase::Gate(_) | Phase::Door(_), Event::Refused(response)) => End(Ending::Refused(response), Phase::Over),
        (Phase::Service(AtRouter { context, .. }), Event::Ended) => match basis.met_endpoint() {
            Some((endpoint, _)) if endpoint.api_keys.is_some() => To(Phase::Gate(Gate::new(&context, Place::Key))),
            Some((endpoint, _)) => To(door(context, endpoint)),
            None if basis.endpoint.is_some() => return Err(Failure::broken("no endpoint")),
            None if basis.router.is_some() => End(Ending::Router, Phase::Over),
            None => End(Ending::Pass(context), Phase::Over),
        },
        (Phase::Door(door), Event::Ended) => {
            To(Phase::Endpoint(AtRouter { context: Rc::clone(door.context()), stage: None }))
        }
        (Phase::Endpoint(AtRouter { context, .. }), Event::Ended) => match basis.met_endpoint() {
            Some((endpoint, _)) if endpoint.rates.is_some() => To(Phase::Gate(Gate::new(&context, Place::Endpoint))),
            _ => to_proxy(context, basis)?,
        },
        (Phase::ProxyPre(AtProxy { stage: Some(stage), .. }), Event::Ended) if stage.skips_next() => {
            let response = Rc::new(RefCell::new(ProxyResponse::empty()));
            To(Phase::ProxyPost(Answering { stage, response, routed: None }))
        }
        (Phase::ProxyPre(AtProxy { request, stage }), Event::Ended) => To(Phase::Backends(stage, Legs::new(request))),
        (Phase::Backends(Some(stage), legs), Event::Merged(response)) => {
            let (response, routed) = (Rc::new(RefCell::new(response)), legs.routed().cloned());
            To(Phase::ProxyPost(Answering { stage, response, routed }))
        }
        (Phase::Backends(None, legs), Event::Merged(response)) => {
            respond(queried(response, basis)?, legs.routed().cloned())
        }
        // Data beside an error counts for nothing: KrakenD puts the message back into the queue.
        (Phase::Backends(..), Event::Partial(_, failure)) if basis.is_message() => {
            End(Ending::Failed(failure), Phase::Over)
        }
        // If a backend fails, KrakenD answers with the data of the others, and the proxy's `post` does not run.
        (Phase::Backends(_, legs), Event::Partial(response, _)) => respond(response, legs.routed().cloned()),
        (Phase::Backends(..), Event::Failed(failure)) => End(Ending::Failed(failure), Phase::Over),
        (Phase::ProxyPost(Answering { response, routed, .. }), Event::Ended) => {
            respond(queried(take(&response), basis)?, routed)
        }
        _ => return Err(Failure::broken("an event that cannot happen in this phase")),
    })
}

// The phase after the key, or without a key.
fn door(context: Rc<RefCell<Context>>, endpoint: &Endpoint) -> Phase {
    match endpoint.validator {
        Some(_) => Phase::Door(Door::new(&context)),
        None => Phase::Endpoint(AtRouter { context, stage: None }),
    }
}

fn to_proxy(context: Rc<RefCell<Context>>, basis: &Basis) -> Result<Transition, Failure> {
    let request = Rc::new(RefCell::new(proxy_request(context, basis)?));
    Ok(Transition::To(Phase::ProxyPre(AtProxy { request, stage: None })))
}

// Applies the endpoint's `modifier/jmespath` to the data, after the proxy's scripts.
fn queried(mut response: ProxyResponse, basis: &Basis) -> Result<ProxyResponse, Failure> {
    let (endpoint, _) = basis.endpoint()?;
    if let Some(expression) = &endpoint.jmespath
        && endpoint.output_encoding != OutputEncoding::NoOp
    {
        response.data = apply_expression(expression, &response.data, &endpoint.limits)?;
    }
    Ok(response)
}

// If the request left by Envoy's route, the response on it is held and is edited.
fn respond(response: ProxyResponse, routed: Option<Rc<Sent>>) -> Transition {
    match routed {
        Some(sent) => Transition::End(Ending::Deliver(response), Phase::Delivered(sent)),
        None => Transition::End(Ending::Answer(response), Phase::Over),
    }
}
