//! A script's side request as a call of the host, whichever URL redirects lead it to.

use std::time::Duration;

use super::redirect;
use crate::bindings::{SideRequest, WebResponse};
use crate::config::{Plugin, cluster_for};
use crate::http::{Body, Call, CallError, Response, Url, is_token, parse_url};
use crate::pipeline::format::go_text::request_error;

/// One side request under way, whichever URL it has come to.
#[derive(Clone, Debug)]
pub(crate) struct SideCall {
    call: Call,
    redirects: u32,
}

/// What a reply means for a side request.
pub(super) enum SideReply {
    /// It is the answer.
    Answer(Result<WebResponse, String>),
    /// It leads elsewhere: this call comes next.
    Redirect(Call),
}

const MAX_REDIRECTS: u32 = 10;

impl SideCall {
    /// The call for a script's request, or why it cannot be sent.
    pub(super) fn new(request: &SideRequest, plugin: &Plugin, timeout: Duration) -> Result<Self, String> {
        // KrakenD: an invalid method or URL fails before anything is sent.
        let method = if request.method.is_empty() { "GET" } else { &request.method };
        if !is_token(method) {
            return Err(format!("net/http: invalid method {method:?}"));
        }
        let url = parse_url(&request.url).map_err(|error| format!("parse {:?}: {}", request.url, error.reason))?;
        let mut headers = request.headers.clone();
        // KrakenD adds its own behind a script's, and Go's client sends the first.
        if !headers.contains("user-agent") {
            headers.set("user-agent", plugin.user_agent.as_bytes());
        }
        // Like Go's client, which sends the host of the URL.
        headers.remove("host");
        let call = Call {
            cluster: String::new(),
            method: method.to_owned(),
            url,
            headers,
            body: request.body.clone(),
            timeout,
        };
        let mut side = Self { call, redirects: 0 };
        side.address(plugin)?;
        match side.call.headers.fault() {
            Some(why) => Err(side.error(&why)),
            None => Ok(side),
        }
    }

    /// What is to be sent.
    pub(super) fn call(&self) -> Call {
        self.call.clone()
    }

    /// Takes a reply in.
    pub(super) fn take_reply(
        &mut self,
        reply: Result<Response, CallError>,
        plugin: &Plugin,
        limit: u64,
        left: Duration,
    ) -> SideReply {
        let response = match reply {
            Ok(response) => response,
            Err(error) => return SideReply::Answer(Err(self.error(&error.to_string()))),
        };
        if u64::try_from(response.body.bytes().len()).is_ok_and(|length| length > limit) {
            return SideReply::Answer(Err(
                self.error(&format!("the response is larger than {limit} bytes (limits.body_bytes)"))
            ));
        }
        let Some(location) = redirect::location(&response) else {
            return SideReply::Answer(Ok(web_response(response)));
        };
        if self.redirects >= MAX_REDIRECTS {
            return SideReply::Answer(Err(self.error(&format!("stopped after {MAX_REDIRECTS} redirects"))));
        }
        self.redirects = self.redirects.saturating_add(1);
        let followed = redirect::follow(&mut self.call, response.status, location).map_err(|why| self.error(&why));
        match followed.and_then(|()| self.address(plugin)) {
            Ok(()) => {
                self.call.timeout = left;
                SideReply::Redirect(self.call())
            }
            Err(why) => SideReply::Answer(Err(why)),
        }
    }

    fn address(&mut self, plugin: &Plugin) -> Result<(), String> {
        let Url { scheme, authority, .. } = &self.call.url;
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err(self.error(&format!("unsupported protocol scheme {scheme:?}")));
        }
        if authority.is_empty() {
            return Err(self.error("http: no Host in request URL"));
        }
        self.call.cluster = cluster_for(plugin, scheme, authority);
        Ok(())
    }

    fn error(&self, why: &str) -> String {
        request_error(&self.call.method, &self.call.url, why)
    }
}

fn web_response(response: Response) -> WebResponse {
    let body = match response.body {
        Body::Bytes(bytes) => bytes,
        Body::Absent | Body::Unread => Vec::new(),
    };
    WebResponse { status: response.status, headers: response.headers, body }
}
