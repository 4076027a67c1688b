//! What the configuration says about a leg, found once for all that is done with the leg at a time.

use super::basis::Basis;
use super::failure::{Failure, OrBroken};
use super::program::BackendPlan;
use crate::config::{Backend, Endpoint};

/// A leg by its number, with its endpoint and its backend.
#[derive(Clone, Copy)]
pub(crate) struct Lane<'a> {
    pub(crate) leg: usize,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) backend: &'a Backend,
    pub(crate) plan: &'a BackendPlan,
}

impl<'a> Lane<'a> {
    /// The lane of this leg.
    ///
    /// # Errors
    /// The exchange has no such leg.
    pub(crate) fn of(leg: usize, basis: &'a Basis) -> Result<Self, Failure> {
        let (endpoint, plans) = basis.endpoint()?;
        let number = backend_of(leg, endpoint);
        let (backend, plan) = (endpoint.backends.get(number), plans.backends.get(number));
        Ok(Self {
            leg,
            endpoint,
            backend: backend.or_broken("no such backend")?,
            plan: plan.or_broken("a backend without a plan")?,
        })
    }
}

/// The number of the backend that a leg belongs to: a backend has as many legs as it gets calls.
pub(crate) fn backend_of(leg: usize, endpoint: &Endpoint) -> usize {
    match endpoint.concurrent_calls {
        1 => leg,
        calls => leg.checked_div(calls).unwrap_or(leg),
    }
}
