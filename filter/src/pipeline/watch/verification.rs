//! Guesses whether Envoy's `jwt_authn` runs before this filter. Each worker logs its doubt once: only a verified token proves
//! that it runs.

use std::cell::Cell;

/// Whether a worker has settled the question.
#[derive(Debug, Default)]
pub(crate) struct VerificationWatch {
    is_settled: Cell<bool>,
}

impl VerificationWatch {
    /// Notes that a verified token has come.
    pub(crate) fn verified(&self) {
        self.is_settled.set(true);
    }

    /// Notes a token that looks good and was not verified; logs it if no verified token came before.
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
