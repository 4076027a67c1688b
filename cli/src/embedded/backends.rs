//! Requests to backends, over HTTP, and calls, whose replies are read whole. Errors become the answers that Envoy would give,
//! in Envoy's words, because the module reads them.

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use host_sim::{Call, Headers, NoAnswer, Reply, Response};
use hyper::body::{Body, Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use super::headers::{of_response, outgoing};
use super::hosts::{Hosts, Origin};
use super::pipe::{Inlet, Outlet, pipe};
use super::terminal;

/// The longest time for connecting, as in `envoy/envoy.yaml`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// All backends, with the connections that are open to them.
pub(crate) struct Backends {
    client: Client<HttpsConnector<HttpConnector>, Outlet>,
    /// The size after which a call's reply is not read further. The module refuses a larger reply, and says so.
    largest_reply: usize,
}

impl Backends {
    pub(crate) fn new(largest_reply: usize, proper_case: bool) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.set_nodelay(true);
        let https =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).http1_title_case_headers(proper_case);
        let client = client.build(https);
        Self { client, largest_reply }
    }

    /// Makes a call of the module.
    pub(crate) async fn call(&self, hosts: &Hosts, call: Call) -> Reply {
        let scheme = call.headers.get(":scheme");
        let authority = call.headers.get(":authority").unwrap_or_default();
        let origin = hosts.find(&call.cluster, scheme.as_deref(), &authority);
        let body = whole(call.body.clone());
        let limit = call.timeout.unwrap_or(Duration::MAX);
        timeout(limit, self.reply(origin, &call.headers, body)).await.unwrap_or_else(|_| Ok(late()))
    }

    async fn reply(&self, origin: Option<Origin>, headers: &Headers, body: Outlet) -> Reply {
        let response = match self.ask(origin, headers, body).await {
            Ok(response) => response,
            Err(Failure { code: BROKEN, .. }) => return Err(NoAnswer),
            Err(failure) => return Ok(failure.local()),
        };
        let (parts, mut body) = response.into_parts();
        let mut chunks = Vec::new();
        let mut size = 0usize;
        while let Some(chunk) = next_chunk(&mut body).await {
            let chunk = chunk.map_err(|_| NoAnswer)?;
            size = size.saturating_add(chunk.len());
            chunks.push(chunk.to_vec());
            if size > self.largest_reply {
                break;
            }
        }
        Ok(Response { headers: of_response(&parts), chunks, ..Response::new(parts.status.as_u16()) })
    }

    /// Sends a request, and returns the response as soon as its headers have come.
    pub(crate) async fn ask(
        &self,
        origin: Option<Origin>,
        headers: &Headers,
        body: Outlet,
    ) -> Result<hyper::Response<Incoming>, Failure> {
        let authority = headers.get(":authority").unwrap_or_default();
        let origin = origin.ok_or_else(|| Failure::connecting(format!("{authority:?} is no host")))?;
        let path = headers.get(":path").unwrap_or_default();
        let (mut map, unfit) = outgoing(headers);
        for name in unfit {
            terminal::warn(&format!("the header {name} is not sent to {authority}: HTTP cannot carry its value"));
        }
        if let Ok(host) = hyper::header::HeaderValue::from_bytes(authority.as_bytes()) {
            map.insert("host", host);
        }
        let uri =
            hyper::Uri::builder().scheme(origin.scheme).authority(origin.authority()).path_and_query(path.as_ref());
        let uri = uri.build().map_err(|error| Failure::protocol(format!("{path:?} is no path: {error}")))?;
        let request = hyper::Request::builder().method(headers.get(":method").unwrap_or_default().as_ref()).uri(uri);
        let mut request = request.body(body).map_err(|error| Failure::protocol(error.to_string()))?;
        *request.headers_mut() = map;
        self.client.request(request).await.map_err(|error| Failure::of(&error))
    }
}

/// Envoy's answer when the time is up.
pub(crate) fn late() -> Response {
    Response::local(504, "response_timeout", "upstream request timeout")
}

/// A body whose bytes are all known already.
pub(crate) fn whole(bytes: Vec<u8>) -> Outlet {
    if bytes.is_empty() {
        return Outlet::empty();
    }
    let (inlet, outlet): (Inlet, Outlet) = pipe();
    inlet.push(bytes);
    inlet.end();
    outlet
}

/// The next piece of a body; none at its end; an error if it broke off.
pub(crate) async fn next_chunk(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
            Ok(frame) => match frame.into_data() {
                Ok(data) => return Some(Ok(data)),
                Err(_trailers) => {}
            },
            Err(error) => return Some(Err(error)),
        }
    }
}

const BROKEN: &str = "connection_termination";
const UNCONNECTED: &str = "remote_connection_failure";

/// The reason why there is no response: Envoy's status and code for it, and a description.
pub(crate) struct Failure {
    status: u16,
    code: &'static str,
    why: String,
}

impl Failure {
    fn connecting(why: String) -> Self {
        Self { status: 503, code: UNCONNECTED, why }
    }

    fn protocol(why: String) -> Self {
        Self { status: 502, code: "protocol_error", why }
    }

    fn of(error: &Error) -> Self {
        let mut source = error.source();
        let mut why = error.to_string();
        let mut garbage = false;
        while let Some(error) = source {
            garbage |= error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
            why = error.to_string();
            source = error.source();
        }
        let words = why.split(" (os error").next().unwrap_or_default().to_owned();
        match (error.is_connect(), garbage) {
            (true, _) => Self::connecting(words),
            (_, true) => Self::protocol(words),
            _ => Self { status: 503, code: BROKEN, why: words },
        }
    }

    /// Whether no connection was made, so that no server has seen the request.
    pub(crate) fn is_of_connecting(&self) -> bool {
        self.code == UNCONNECTED
    }

    /// The description of the failure in a few words.
    pub(crate) fn why(&self) -> &str {
        &self.why
    }

    /// Envoy's answer in place of the missing response.
    pub(crate) fn local(&self) -> Response {
        let reason = self.code.replace('_', " ");
        let text = format!(
            "upstream connect error or disconnect/reset before headers. reset reason: {reason}, transport failure \
             reason: {}",
            self.why
        );
        let words = self.why.replace(char::is_whitespace, "_");
        Response::local(self.status, &format!("upstream_reset_before_response_started{{{}|{words}}}", self.code), &text)
    }
}
