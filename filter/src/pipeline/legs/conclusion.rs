//! The common result of all backends, once all of them have ended: their merge, and what the endpoint adds to it.

use std::cell::RefCell;
use std::rc::Rc;

use smallvec::SmallVec;

use super::leg::Outcome;
use super::merge::{Part, merge};
use crate::bindings::{ProxyResponse, take};
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::port::Routed;
use crate::pipeline::rate::Draw;

/// An event of the backends. It is small: an event is moved several times.
pub(crate) enum LegsEvent {
    /// Something from outside must come first.
    Waits,
    /// A backend asks for a token.
    Draws(Draw),
    /// A copy of the request goes to the shadow backends; then the exchange goes on.
    Parts,
    /// The only backend's request leaves by Envoy's route.
    Leaves(Box<Routed>),
    /// No backend failed; this is the merged response.
    Merged(Rc<RefCell<ProxyResponse>>),
    /// Some backends failed; this is the response of the others, with all failures, which the log has.
    Partial(Rc<RefCell<ProxyResponse>>, Box<Failure>),
    /// There is no response; the log has the reason.
    Failed(Box<Failure>),
}

/// Concludes from the outcome of each backend, in their order; `None` stands for a backend that was never asked.
pub(super) fn conclude<'a>(
    basis: &Basis,
    outcomes: impl Iterator<Item = Option<&'a Outcome>>,
) -> Result<LegsEvent, Failure> {
    let (endpoint, plan) = basis.endpoint()?;
    let mut outcomes = outcomes.peekable();
    // Mostly there is one response, and nothing is added to it.
    if let Some(Some(Ok(response))) = outcomes.peek()
        && endpoint.backends.len() == 1
        && plan.flatmap.is_none()
        && plan.static_data.is_none()
    {
        return Ok(LegsEvent::Merged(Rc::clone(response)));
    }
    let outcomes: SmallVec<[Option<&Outcome>; 4]> = outcomes.collect();
    let first = outcomes.first().copied().flatten().or_broken("nothing to merge")?;
    // With several parallel backends, a panic would end KrakenD's whole process, which nobody wants to copy.
    if outcomes.len() == 1 || endpoint.is_sequence() {
        let mut failures = outcomes.iter().flatten().filter_map(|outcome| outcome.as_ref().err());
        if let Some(failure) = failures.find(|failure| matches!(failure, Failure::Panic { .. })) {
            return Ok(LegsEvent::Failed(Box::new(failure.clone())));
        }
    }
    let (response, failures) = match first {
        // There is nothing to merge: there is only one backend, or the first of a sequence failed.
        Ok(response) if outcomes.len() == 1 => (Some(take(Rc::clone(response))), Vec::new()),
        Err(failure) if outcomes.len() == 1 || endpoint.is_sequence() => (None, vec![failure.clone()]),
        _ => merged(&outcomes),
    };
    let response = match (&plan.flatmap, response) {
        // KrakenD leaves an incomplete response as it is.
        (Some(flatmap), Some(response)) if failures.is_empty() => {
            let most = basis.limits().body_bytes.saturating_mul(2).saturating_mul(outcomes.len() as u64);
            let data = flatmap.apply(response.data.table().clone(), most)?.into();
            Some(ProxyResponse { data, ..response })
        }
        (_, response) => response,
    };
    let response = match &plan.static_data {
        Some(data) => data.apply(response, !failures.is_empty()),
        None => response,
    };
    Ok(match (response, failures.len()) {
        (Some(response), 0) => LegsEvent::Merged(Rc::new(RefCell::new(response))),
        (Some(response), _) => LegsEvent::Partial(Rc::new(RefCell::new(response)), Box::new(Failure::All(failures))),
        (None, 1..) => LegsEvent::Failed(Box::new(failures.into_iter().next().or_broken("a failure")?)),
        (None, 0) => return Err(Failure::broken("backends that gave neither a response nor a failure")),
    })
}

fn merged(outcomes: &[Option<&Outcome>]) -> (Option<ProxyResponse>, Vec<Failure>) {
    let failures: Vec<Failure> =
        outcomes.iter().flatten().filter_map(|outcome| outcome.as_ref().err().cloned()).collect();
    let responses: Vec<_> = outcomes.iter().map(|outcome| outcome.and_then(|outcome| outcome.as_ref().ok())).collect();
    let parts = responses.iter().map(|response| {
        let response = response.as_ref()?.borrow();
        Some(Part { data: response.data.table().clone(), is_complete: response.complete })
    });
    let Some(merged) = merge(parts) else { return (None, vec![Failure::All(failures)]) };
    let only = merged.only.and_then(|only| responses.get(only).copied().flatten());
    let mut response = only.map_or_else(ProxyResponse::empty, |only| only.borrow().clone());
    response.data = merged.data.into();
    response.complete = merged.is_complete;
    response.named_errors = responses.iter().flatten().flat_map(|part| part.borrow().named_errors.clone()).collect();
    (Some(response), failures)
}
