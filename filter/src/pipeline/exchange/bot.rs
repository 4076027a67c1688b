//! Refuses bots: `security/bot-detector` of the service and of an endpoint. As in KrakenD, this is decided after the service's
//! scripts, which may change the agent, and before everything else of the endpoint.

use crate::config::Match;
use crate::http::{Body, Headers, Response, names, one_line};
use crate::pipeline::basis::Basis;
use crate::pipeline::format::router_answer::RouterAnswer;
use crate::pipeline::watch::RefusedBy;

/// Does the request with these headers come from a bot?
pub(super) fn is_refused(basis: &Basis, headers: &Headers) -> bool {
    let service = basis.program.bots.as_deref();
    let endpoint = basis.met_endpoint().and_then(|(_, plan)| plan.bots.as_deref());
    if service.is_none() && endpoint.is_none() {
        return false;
    }
    if basis.endpoint.is_none() && is_health_check(basis) {
        return false;
    }
    let agent = headers.get(names::USER_AGENT).unwrap_or_default();
    let is_bot = [service, endpoint].into_iter().flatten().any(|judge| judge.is_bot(agent));
    if is_bot {
        basis.program.ledger.refused(RefusedBy::Bot);
        tell(basis, agent);
    }
    is_bot
}

// KrakenD answers its health check before all that the service asks for; here the router or Envoy's own routes answer it.
fn is_health_check(basis: &Basis) -> bool {
    let routes = &basis.program.config.routes;
    basis.client.as_ref().is_some_and(|client| matches!(routes.find(&client.method, &client.path), Match::Health))
}

// A warning for each request would let any client fill the log.
fn tell(basis: &Basis, agent: &[u8]) {
    const SHOWN: usize = 200;
    let level = if basis.program.watcher.is_some() { log::Level::Warn } else { log::Level::Debug };
    if log::log_enabled!(level) {
        let agent = String::from_utf8_lossy(agent.get(..SHOWN).unwrap_or(agent)).into_owned();
        log::log!(level, "{}[Botdetector] bot rejected: {:?}", basis.name(false), one_line(&agent));
    }
}

/// The answer to a bot: as in KrakenD, it has no body, and only the header that the router has set before.
pub(super) fn refusal(basis: &Basis) -> Response {
    let mut headers = Headers::new();
    if let Some(allowed) = basis.router.as_ref().and_then(RouterAnswer::allow) {
        headers.set("allow", allowed);
    }
    Response { status: 403, headers, body: Body::Absent }
}
