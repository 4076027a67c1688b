//! Side requests of scripts as calls of the host, with the redirects that KrakenD's HTTP client follows.

use super::upstream::verb_error;
use crate::bindings::{SideRequest, WebResponse};
use crate::config::{Plugin, cluster_for};
use crate::http::{Body, Call, CallError, Response, Url, is_token, parse_url};
use std::time::Duration;

/// One side request under way, whichever URL it has come to.
#[derive(Clone, Debug)]
pub(super) struct SideCall {
    call: Call,
    redirects: u32,
}

/// What a reply means for a side request.
pub(super) enum Step {
    /// It is over.
    Over(Result<WebResponse, String>),
    /// It was sent elsewhere.
    Again(Call),
}

const MAX_REDIRECTS: u32 = 10;

impl SideCall {
    /// The call for a script's request, or why it cannot be sent.
    pub(super) fn new(request: &SideRequest, plugin: &Plugin, timeout: Duration) -> Result<SideCall, String> {
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
        let mut side = SideCall { call, redirects: 0 };
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
    pub(super) fn reply(
        &mut self,
        reply: Result<Response, CallError>,
        plugin: &Plugin,
        limit: u64,
        left: Duration,
    ) -> Step {
        let response = match reply {
            Ok(response) => response,
            Err(error) => return Step::Over(Err(self.error(&error.to_string()))),
        };
        if u64::try_from(response.body.bytes().len()).is_ok_and(|length| length > limit) {
            return Step::Over(Err(
                self.error(&format!("the response is larger than {limit} bytes (limits.body_bytes)"))
            ));
        }
        match self.redirect(&response, plugin) {
            None => Step::Over(Ok(web_response(response))),
            Some(Err(why)) => Step::Over(Err(why)),
            Some(Ok(())) => {
                self.call.timeout = left;
                Step::Again(self.call())
            }
        }
    }

    // Go's rules (net/http, redirectBehavior): 301, 302 and 303 become GET without a body, 307 and 308 keep both.
    fn redirect(&mut self, response: &Response, plugin: &Plugin) -> Option<Result<(), String>> {
        let keeps_method = match response.status {
            301..=303 => false,
            307 | 308 => true,
            _ => return None,
        };
        let location = response.headers.get_str("location").filter(|location| !location.is_empty())?;
        if self.redirects >= MAX_REDIRECTS {
            return Some(Err(self.error(&format!("stopped after {MAX_REDIRECTS} redirects"))));
        }
        self.redirects = self.redirects.saturating_add(1);
        let target = match parse_url(location) {
            Ok(target) => target,
            Err(error) => {
                return Some(Err(
                    self.error(&format!("failed to parse Location header {location:?}: {}", error.reason))
                ));
            }
        };
        let came_from = self.call.url.authority.clone();
        // Go names where it came from, unless that was a secret kept by TLS.
        if !(self.call.url.scheme == "https" && target.scheme == "http") {
            self.call.headers.set("referer", self.call.url.to_string());
        }
        self.call.url = resolve(&self.call.url, target);
        if !keeps_method {
            if self.call.method != "HEAD" {
                self.call.method = "GET".to_owned();
            }
            self.call.body.clear();
            self.call.headers.remove("content-type");
        }
        if self.call.url.authority != came_from {
            for secret in ["authorization", "www-authenticate", "cookie", "cookie2"] {
                self.call.headers.remove(secret);
            }
        }
        Some(self.address(plugin))
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
        verb_error(&self.call.method, &self.call.url, why)
    }
}

fn web_response(response: Response) -> WebResponse {
    let body = match response.body {
        Body::Bytes(bytes) => bytes,
        Body::Absent | Body::Unread => Vec::new(),
    };
    WebResponse { status: response.status, headers: response.headers, body }
}

fn resolve(base: &Url, target: Url) -> Url {
    if !target.scheme.is_empty() {
        return target;
    }
    if !target.authority.is_empty() {
        return Url { scheme: base.scheme.clone(), ..target };
    }
    let path = if target.path.is_empty() {
        base.path.clone()
    } else if target.path.starts_with('/') {
        target.path
    } else {
        let folder = base.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{}", target.path)
    };
    Url { scheme: base.scheme.clone(), authority: base.authority.clone(), path, ..target }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_where_it_was_found() {
        let base = parse_url("http://api:1/v1/users?x=1").unwrap();
        let table = [
            ("https://b/c", "https://b/c"),
            ("//b/c", "http://b/c"),
            ("/c?d", "http://api:1/c?d"),
            ("c", "http://api:1/v1/c"),
            ("?d", "http://api:1/v1/users?d"),
        ];
        for (location, target) in table {
            assert_eq!(resolve(&base, parse_url(location).unwrap()).to_string(), target);
        }
    }
}
