//! What the backends have given together, once all of them have ended: their merge, and what the endpoint adds to it.

use super::leg::Outcome;
use super::merge::{Part, merge};
use crate::bindings::{ProxyResponse, take};
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::port::Routed;
use crate::pipeline::rate::Draw;

/// What has become of the backends.
pub(crate) enum LegsEvent {
    /// Something from outside must come first.
    Waits,
    /// A token for one of them is asked for.
    Draws(Draw),
    /// A copy of the request goes to backends for which nobody waits; then it goes on.
    Parts,
    /// The only backend's request leaves by Envoy's route.
    Leaves(Routed),
    /// All have ended: what they gave together.
    Merged(ProxyResponse),
    /// Some failed, of which the log knows: what the others gave, and all that failed.
    Partial(ProxyResponse, Failure),
    /// Nothing came; the log knows why.
    Failed(Failure),
}

/// Concludes from what came of each backend, in their order; none is a backend that was never asked.
pub(super) fn conclude<'a>(
    basis: &Basis,
    outcomes: impl Iterator<Item = Option<&'a Outcome>>,
) -> Result<LegsEvent, Failure> {
    let outcomes: Vec<Option<&Outcome>> = outcomes.collect();
    let (endpoint, plan) = basis.endpoint()?;
    let first = outcomes.first().copied().flatten().or_broken("nothing to merge")?;
    // Backends that are asked in parallel panic each for itself: KrakenD ends, which nobody wants.
    if outcomes.len() == 1 || endpoint.is_sequence() {
        let mut failures = outcomes.iter().flatten().filter_map(|outcome| outcome.as_ref().err());
        if let Some(failure) = failures.find(|failure| matches!(failure, Failure::Panic { .. })) {
            return Ok(LegsEvent::Failed(failure.clone()));
        }
    }
    let (response, failures) = match first {
        // Nothing to merge: an only backend, or a sequence that failed at once.
        Ok(response) if outcomes.len() == 1 => (Some(take(response)), Vec::new()),
        Err(failure) if outcomes.len() == 1 || endpoint.is_sequence() => (None, vec![failure.clone()]),
        _ => merged(&outcomes),
    };
    let response = match (&plan.flatmap, response) {
        // KrakenD does nothing to what is not whole.
        (Some(flatmap), Some(response)) if failures.is_empty() => {
            let most = basis.limits().body_bytes.saturating_mul(2).saturating_mul(outcomes.len() as u64);
            let data = flatmap.apply(response.data.clone(), most)?;
            Some(ProxyResponse { data, ..response })
        }
        (_, response) => response,
    };
    let response = match &plan.static_data {
        Some(data) => data.apply(response, !failures.is_empty()),
        None => response,
    };
    Ok(match (response, failures.len()) {
        (Some(response), 0) => LegsEvent::Merged(response),
        (Some(response), _) => LegsEvent::Partial(response, Failure::All(failures)),
        (None, 1..) => LegsEvent::Failed(failures.into_iter().next().or_broken("a failure")?),
        (None, 0) => return Err(Failure::broken("backends that gave neither a response nor a failure")),
    })
}

fn merged(outcomes: &[Option<&Outcome>]) -> (Option<ProxyResponse>, Vec<Failure>) {
    let failures: Vec<Failure> =
        outcomes.iter().flatten().filter_map(|outcome| outcome.as_ref().err().cloned()).collect();
    let responses: Vec<_> = outcomes.iter().map(|outcome| outcome.and_then(|outcome| outcome.as_ref().ok())).collect();
    let parts = responses.iter().map(|response| {
        let response = response.as_ref()?.borrow();
        Some(Part { data: response.data.clone(), is_complete: response.complete })
    });
    let Some(merged) = merge(parts) else { return (None, vec![Failure::All(failures)]) };
    let only = merged.only.and_then(|only| responses.get(only).copied().flatten());
    let mut response = only.map_or_else(ProxyResponse::empty, |only| only.borrow().clone());
    response.data = merged.data;
    response.complete = merged.is_complete;
    response.named_errors = responses.iter().flatten().flat_map(|part| part.borrow().named_errors.clone()).collect();
    (Some(response), failures)
}
