//! The services behind the filter: they answer by rules, and remember the requests that came. Does not know which script or
//! stage sent a request, or why.

use std::time::Duration;

use host_sim::{Answer, Call, Headers, Request, Response, Upstreams};
use lua_modifier::config::OwnAddress;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::messages::pairs;
use super::rules::Rule;

/// A way in which a backend fails to answer.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fault {
    /// Nobody listens at the address.
    Refused,
    /// No answer ever comes.
    Timeout,
    /// The connection breaks.
    Reset,
}

// This is longer than any endpoint waits.
const NEVER: Duration = Duration::from_secs(3600);

/// A request that came to a backend, and the answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The call's number; `None`: the request came along the route.
    pub(crate) token: Option<u32>,
    pub(crate) cluster: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) delay: Duration,
    pub(crate) answer: Result<super::Message, Fault>,
    /// The number of the rule that answered, counted from 1; `None`: there are no rules, or no rule fits.
    pub(crate) rule: Option<usize>,
}

/// All backends.
pub(crate) struct Backends<'a> {
    /// The rules; `None`: all backends answer 200 `{}`.
    rules: Option<&'a [Rule]>,
    own: OwnAddress,
    asked: Vec<Asked>,
}

impl<'a> Backends<'a> {
    pub(crate) fn new(rules: Option<&'a [Rule]>, own: OwnAddress) -> Self {
        Backends { rules, own, asked: Vec::new() }
    }

    pub(crate) fn into_asked(self) -> Vec<Asked> {
        self.asked
    }

    fn arrive(&mut self, token: Option<u32>, cluster: &str, headers: &Headers, body: &[u8]) -> Answer {
        let mut asked = Self::asked(token, cluster, headers, body);
        let answer = self.answer(&mut asked);
        self.asked.push(asked);
        answer
    }

    fn asked(token: Option<u32>, cluster: &str, headers: &Headers, body: &[u8]) -> Asked {
        let pseudo = |name: &str| headers.get(name).unwrap_or_default().into_owned();
        Asked {
            token,
            cluster: cluster.to_owned(),
            method: pseudo(":method"),
            host: pseudo(":authority"),
            path: pseudo(":path"),
            headers: pairs(headers),
            body: String::from_utf8_lossy(body).into_owned(),
            delay: Duration::ZERO,
            answer: Err(Fault::Reset),
            rule: None,
        }
    }

    // If a rule names the gateway's host, the rule answers instead of the gateway.
    fn is_for_the_gateway(&self, scheme: &str, asked: &Asked) -> bool {
        let names_it = |rule: &Rule| rule.host.is_some() && rule.fits(&asked.method, &asked.host, &asked.path);
        self.own.is(scheme, &asked.host) && !self.rules.unwrap_or_default().iter().any(names_it)
    }

    fn answer(&self, asked: &mut Asked) -> Answer {
        let fitting = self
            .rules
            .map(|rules| rules.iter().enumerate().find(|(_, rule)| rule.fits(&asked.method, &asked.host, &asked.path)));
        let response = match fitting {
            // Without rules every request succeeds.
            None => Response::new(200).header("content-type", "application/json").body("{}"),
            Some(None) => Response::new(404).header("content-type", "text/plain").body("no rule fits"),
            Some(Some((index, rule))) => {
                asked.rule = Some(index.saturating_add(1));
                asked.delay = Duration::from_millis(rule.delay_ms);
                if let Some(fault) = rule.fault {
                    asked.answer = Err(fault);
                    return fails(fault, asked.delay);
                }
                respond(rule, asked)
            }
        };
        let response = fitting_the_request(&asked.method, response);
        asked.answer = Ok(super::Message::new(&response));
        Answer::after(asked.delay, response)
    }
}

fn respond(rule: &Rule, asked: &Asked) -> Response {
    let mut response = Response::new(rule.status.unwrap_or(200));
    for (name, value) in rule.headers.iter().flat_map(|(name, values)| values.values().iter().map(move |v| (name, v))) {
        response = response.header(name, value);
    }
    let json = if rule.echo { Some(echo(asked)) } else { rule.json.clone() };
    let (body, kind) = match (json, &rule.body) {
        (Some(json), _) => (json.to_string(), "application/json"),
        (None, Some(body)) => (body.clone(), "text/plain"),
        (None, None) => ("{}".to_owned(), "application/json"),
    };
    if !response.headers.contains("content-type") {
        response = response.header("content-type", kind);
    }
    response.body(body)
}

// In HTTP an answer to HEAD has no body, nor has an answer with these statuses. An answer to HEAD has the headers as to GET.
fn fitting_the_request(method: &str, mut response: Response) -> Response {
    let status = response.status();
    if method == "HEAD" || matches!(status, 204 | 304) {
        response.chunks.clear();
    }
    if status == 204 {
        response.headers.remove("content-length");
    }
    response
}

fn echo(asked: &Asked) -> Value {
    let headers: serde_json::Map<_, _> = asked.headers.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    json!({
        "method": asked.method, "host": asked.host, "path": asked.path, "headers": headers, "body": asked.body,
    })
}

fn fails(fault: Fault, delay: Duration) -> Answer {
    match fault {
        Fault::Refused => Answer::after(
            delay,
            Response::local(
                503,
                "upstream_reset_before_response_started{remote_connection_failure}",
                "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
            ),
        ),
        Fault::Timeout => Answer { after: NEVER, ..Answer::none() },
        Fault::Reset => Answer { after: delay, ..Answer::none() },
    }
}

/// The same request as the gateway gets it again. The headers that one Envoy would add for the next Envoy are not simulated.
fn again(headers: &Headers, body: &[u8]) -> Request {
    let mut request = Request { headers: headers.clone(), ..Request::default() };
    let stays = headers.iter().filter(|(name, _)| name.starts_with("x-envoy-") || *name == CLUSTER);
    stays.for_each(|(name, _)| request.headers.remove(name));
    request.headers.set("x-forwarded-proto", "http");
    if !body.is_empty() {
        request.chunks.push(body.to_vec());
    }
    request
}

const CLUSTER: &str = "x-lua-modifier-cluster";

impl Upstreams for Backends<'_> {
    fn to_itself(&mut self, token: Option<u32>, headers: &Headers, cluster: &str, body: &[u8]) -> Option<Request> {
        let routed = headers.get(CLUSTER).unwrap_or_default();
        let cluster = if token.is_some() { cluster } else { &*routed };
        let asked = Self::asked(token, cluster, headers, body);
        // A request along the route does not name its scheme.
        let scheme = headers.get(":scheme").filter(|_| token.is_some());
        if cluster.is_empty() || !self.is_for_the_gateway(scheme.as_deref().unwrap_or("http"), &asked) {
            return None;
        }
        self.asked.push(asked);
        Some(again(headers, body))
    }

    fn route(&mut self, request: &Request) -> Answer {
        let cluster = request.headers.get(CLUSTER).unwrap_or_default().into_owned();
        if cluster.is_empty() {
            // The request met no endpoint, so Envoy's own routes get it, and there are none.
            return Response::local(404, "route_not_found", "").into();
        }
        self.arrive(None, &cluster, &request.headers, &request.bytes())
    }

    fn call(&mut self, call: &Call) -> Answer {
        self.arrive(Some(call.token), &call.cluster, &call.headers, &call.body)
    }
}
