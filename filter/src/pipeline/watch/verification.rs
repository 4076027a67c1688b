//! Does Envoy's `jwt_authn` stand in front of this filter? A worker's guess, told once: nothing but a verified token proves it.

use std::cell::Cell;

/// What a worker has seen of verified tokens.
#[derive(Debug, Default)]
pub(crate) struct VerificationWatch {
    is_settled: Cell<bool>,
}

impl VerificationWatch {
    /// A verified token has come.
    pub(crate) fn verified(&self) {
        self.is_settled.set(true);
    }

    /// A token has come that looks good and was not verified, before any that was.
    pub(crate) fn missed(&self, whose: &str, provider: &str) {
        if !self.is_settled.replace(true) {
            log::warn!(
                "{whose} a token that looks good was not verified by the provider {provider}, and no token before it: does Envoy's filter \
                 envoy.filters.http.jwt_authn stand in front of this one, as `lua-modifier bundle` writes it, and does it get its keys? \
                 (Or the token is forged. This is told once.)"
            );
        }
    }
}
