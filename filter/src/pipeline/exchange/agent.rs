//! A message of an agent, which `lua-modifier agent` hands over as a request: what it is told by, what the pipeline sees of it, and
//! how its end is told. KrakenD acknowledges a message when its pipeline has given no error, whatever the response says: so the
//! status decides nothing, and a header of ours all.

use std::collections::BTreeMap;

use crate::bindings::{Context, ProxyRequest, ProxyResponse};
use crate::config::{Agent, Match};
use crate::http::{Body, Headers, Query, Request, Response, one_line};
use crate::pipeline::envoy_headers::{AGENT_HEADER, OUTCOME_HEADER};
use crate::pipeline::failure::Failure;
use crate::pipeline::port::Output;

const MESSAGE: &[u8] = b"message";
const DONE: &str = "done";
const FAILED: &str = "failed";
/// A service's whole response may be the text of an error.
const LONGEST: usize = 4096;

/// The agent that a request on a listener of agents is a message for. A page in a browser can make requests to this machine, and
/// cannot give them this header.
pub(super) fn find(agents: &[Agent], request: &Request) -> Match {
    let mut marks = request.headers.get_all(AGENT_HEADER);
    let is_message = request.method == "POST" && marks.next() == Some(MESSAGE) && marks.next().is_none();
    let found = agents.iter().position(|agent| agent.path == request.path).filter(|_| is_message);
    found.map_or(Match::NotFound, |index| Match::Endpoint { index, params: Vec::new() })
}

/// The request that KrakenD makes of a message: its body is all that there is (krakend-amqp, async/subscriber.go).
pub(super) fn message(context: &Context) -> ProxyRequest {
    ProxyRequest {
        method: String::new(),
        url: None,
        faults: None,
        query: Query::default(),
        path: Vec::new(),
        params: BTreeMap::new(),
        headers: Headers::new(),
        payload: context.payload.clone(),
        claims: None,
    }
}

/// The pipeline has given no error.
pub(super) fn done() -> Output {
    Output::Answer(Response { status: 200, headers: outcome(DONE), body: Body::Absent })
}

/// The same, where the service's response is held on Envoy's route. What nobody has read streams on behind it, so that the
/// connection can be used again; of the service's headers nothing does.
pub(super) fn delivered(response: &ProxyResponse) -> Output {
    if response.payload.body != Body::Unread {
        return done();
    }
    Output::Deliver(Response { status: 200, headers: outcome(DONE), body: Body::Unread })
}

/// The pipeline has given an error, perhaps beside data. The text is that of KrakenD's log.
pub(super) fn failed(failure: &Failure) -> Output {
    let text: String = one_line(&failure.to_string()).chars().take(LONGEST).collect();
    let mut headers = outcome(FAILED);
    headers.set("content-type", "text/plain; charset=utf-8");
    Output::Answer(Response { status: 500, headers, body: Body::Bytes(text.into_bytes()) })
}

fn outcome(word: &'static str) -> Headers {
    Headers::from_iter([(OUTCOME_HEADER, word)])
}
