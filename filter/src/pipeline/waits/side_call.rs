//! A script's side request as a call of the host, with the redirects that it follows.

use std::time::Duration;

use smol_str::SmolStr;

use super::redirect::Trail;
use crate::bindings::{SideRequest, WebResponse};
use crate::config::Plugin;
use crate::http::{Call, CallError, Response, UrlError, authorize, is_token, names, parse_url, without_credentials};
use crate::pipeline::envoy_headers::AGENT_HEADER;

/// One side request under way, with the redirects that it has followed.
#[derive(Clone, Debug)]
pub(crate) struct SideCall {
    trail: Trail,
}

/// The meaning of a reply for a side request.
pub(super) enum SideReply {
    /// The reply is the answer.
    Answer(Result<WebResponse, String>),
    /// The reply is a redirect: this call comes next.
    Redirect(Call),
}

impl SideCall {
    /// The call for a script's request, or the reason why it cannot be sent.
    pub(super) fn new(request: SideRequest, plugin: &Plugin, timeout: Duration) -> Result<(Self, Call), String> {
        let SideRequest { method, url: text, mut headers, body } = request;
        // KrakenD: an invalid method or URL fails before anything is sent.
        let method = if method.is_empty() { SmolStr::new_static("GET") } else { method };
        if !is_token(&method) {
            return Err(format!("net/http: invalid method {method:?}"));
        }
        let wrong = |error: UrlError| format!("parse {:?}: {}", without_credentials(&text), error.reason);
        let url = parse_url(&text).map_err(wrong)?;
        // KrakenD adds its own value after the script's, and Go's client sends the first.
        if !headers.contains(names::USER_AGENT) {
            headers.set(names::USER_AGENT, plugin.user_agent.as_bytes());
        }
        // Go's client sends the URL's host.
        headers.remove(names::HOST);
        // No script makes a message of an agent.
        headers.remove(AGENT_HEADER);
        let mut call = Call { cluster: SmolStr::default(), method, url, headers, body, timeout };
        // A script's body is a text, which Go's client can send again and again.
        let trail = Trail::new(call.clone(), true);
        call.cluster = trail.cluster(plugin)?;
        authorize(&mut call.headers, call.url.user.as_deref());
        match call.headers.fault() {
            Some(why) => Err(trail.error(&why)),
            None => Ok((Self { trail }, call)),
        }
    }

    /// Takes a reply.
    pub(super) fn take_reply(
        &mut self,
        reply: Result<Response, CallError>,
        plugin: &Plugin,
        limit: u64,
        left: Duration,
    ) -> SideReply {
        let error = |why: &str| SideReply::Answer(Err(self.trail.error(why)));
        let response = match reply {
            Ok(response) => response,
            Err(why) => return error(&why.to_string()),
        };
        if u64::try_from(response.body.bytes().len()).is_ok_and(|length| length > limit) {
            return error(&format!("the response is larger than {limit} bytes (limits.body_bytes)"));
        }
        if !self.trail.goes_on(&response) {
            return SideReply::Answer(Ok(web_response(response)));
        }
        match self.trail.follow(&response, plugin, left) {
            Ok(call) => SideReply::Redirect(call),
            Err(why) => SideReply::Answer(Err(why)),
        }
    }
}

fn web_response(response: Response) -> WebResponse {
    WebResponse { status: response.status, headers: response.headers, body: response.body.into_bytes() }
}
