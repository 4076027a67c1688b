//! Bots are not let in: `security/bot-detector` of the service and of an endpoint, decided behind the service's scripts, which may
//! change the agent, and in front of everything else of the endpoint, as in KrakenD.

use crate::config::Match;
use crate::http::{Body, Headers, Response, one_line};
use crate::pipeline::basis::Basis;
use crate::pipeline::format::router_answer::RouterAnswer;
use crate::pipeline::watch::RefusedBy;

/// Is the request, with these headers, one of a bot?
pub(super) fn is_refused(basis: &Basis, headers: &Headers) -> bool {
    let service = basis.program.bots.as_deref();
    let endpoint = basis.met_endpoint().and_then(|(_, plan)| plan.bots.as_deref());
    if service.is_none() && endpoint.is_none() {
        return false;
    }
    if basis.endpoint.is_none() && is_health_check(basis) {
        return false;
    }
    let agent = headers.get("user-agent").unwrap_or_default();
    let is_bot = [service, endpoint].into_iter().flatten().any(|judge| judge.is_bot(agent));
    if is_bot {
        basis.program.ledger.refused(RefusedBy::Bot);
        tell(basis, agent);
    }
    is_bot
}

// KrakenD's stands in front of everything that the service asks for, whoever answers it here.
fn is_health_check(basis: &Basis) -> bool {
    let routes = &basis.program.config.routes;
    basis.client.as_ref().is_some_and(|client| matches!(routes.find(&client.method, &client.path), Match::Health))
}

// A line for each would let anybody fill the log.
fn tell(basis: &Basis, agent: &[u8]) {
    const SHOWN: usize = 200;
    let level = if basis.program.watcher.is_some() { log::Level::Warn } else { log::Level::Debug };
    if log::log_enabled!(level) {
        let agent = String::from_utf8_lossy(agent.get(..SHOWN).unwrap_or(agent)).into_owned();
        log::log!(level, "{}[Botdetector] bot rejected: {:?}", basis.name(false), one_line(&agent));
    }
}

/// What a bot gets: KrakenD says nothing with it, but what its router has said before.
pub(super) fn refusal(basis: &Basis) -> Response {
    let mut headers = Headers::new();
    if let Some(allowed) = basis.router.as_ref().and_then(RouterAnswer::allow) {
        headers.set("allow", allowed);
    }
    Response { status: 403, headers, body: Body::Absent }
}
