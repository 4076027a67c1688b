//! A message of an agent, which `lua-modifier agent` hands over as a request: how the message is recognised, what the pipeline
//! sees of it, and how its end is reported. KrakenD acknowledges a message if its pipeline has given no error, whatever the
//! response says: so the status decides nothing, and only a header of the filter's own decides.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::bindings::{Payload, ProxyRequest, ProxyResponse};
use crate::config::{Agent, Match};
use crate::http::{Body, DecodedPath, Headers, Query, Request, Response, names, one_line};
use crate::pipeline::envoy_headers::{AGENT_HEADER, OUTCOME_HEADER};
use crate::pipeline::failure::Failure;
use crate::pipeline::port::Output;

const MESSAGE: &[u8] = b"message";
const DONE: &str = "done";
const FAILED: &str = "failed";
/// The longest text of an error: it may contain a service's whole response.
const LONGEST: usize = 4096;

/// The agent that a request on a listener of agents has a message for. A page in a browser can send requests to this machine,
/// but cannot add this header to them.
pub(super) fn find(agents: &[Agent], request: &Request) -> Match {
    let mut marks = request.headers.get_all(AGENT_HEADER);
    let is_message = request.method == "POST" && marks.next() == Some(MESSAGE) && marks.next().is_none();
    let found = agents.iter().position(|agent| agent.path == request.path).filter(|_| is_message);
    found.map_or(Match::NotFound, |index| Match::Endpoint { index, params: Vec::new() })
}

/// The request that KrakenD makes of a message: it has only a body (krakend-amqp, async/subscriber.go).
pub(super) fn message(payload: Payload) -> ProxyRequest {
    ProxyRequest {
        method: SmolStr::default(),
        url: None,
        faults: None,
        query: Query::default(),
        path: DecodedPath::default(),
        params: BTreeMap::new(),
        headers: Headers::new(),
        payload,
        claims: None,
    }
}

/// The answer if the pipeline has given no error.
pub(super) fn done() -> Output {
    Output::Answer(Response { status: 200, headers: outcome(DONE), body: Body::Absent })
}

/// The same answer, if the service's response is held on Envoy's route. If nobody has read its body, that body streams on after
/// it, so that the connection can be used again; none of the service's headers do.
pub(super) fn delivered(response: &ProxyResponse) -> Output {
    if response.payload.body != Body::Unread {
        return done();
    }
    Output::Deliver(Response { status: 200, headers: outcome(DONE), body: Body::Unread })
}

/// The answer if the pipeline has given an error, perhaps beside data. The text is the one in KrakenD's log.
pub(super) fn failed(failure: &Failure) -> Output {
    let text: String = one_line(&failure.to_string()).chars().take(LONGEST).collect();
    let mut headers = outcome(FAILED);
    headers.set(names::CONTENT_TYPE, "text/plain; charset=utf-8");
    Output::Answer(Response { status: 500, headers, body: Body::Bytes(text.into_bytes()) })
}

fn outcome(word: &'static str) -> Headers {
    Headers::from_iter([(OUTCOME_HEADER, word)])
}
