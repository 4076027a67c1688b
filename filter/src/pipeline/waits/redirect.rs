//! Redirects as Go's HTTP client, and so KrakenD, follows them (net/http, `Client.do`): for side requests and for backends.
//! Knows neither the request's sender, nor what becomes of the last response.

use std::time::Duration;

use smol_str::SmolStr;

use crate::config::{Plugin, cluster_for};
use crate::http::{Call, Headers, Response, Url, authorize, names, parse_url, without_credentials};
use crate::pipeline::format::go_text::request_error;

/// A request and the redirects that it has followed.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    first: Call,
    // The method and the URL of the last request, if it is not the first.
    last: Option<(SmolStr, Url)>,
    sent: u32,
    // Whether the body can be sent once more.
    keeps_body: bool,
    lost_body: bool,
    lost_secrets: bool,
}

const MOST_REQUESTS: u32 = 10;

const SECRETS: [&str; 6] =
    ["authorization", "www-authenticate", "cookie", "cookie2", "proxy-authorization", "proxy-authenticate"];
const OF_THE_BODY: [&str; 4] = ["content-encoding", "content-language", "content-location", "content-type"];

/// Is the response a redirect to follow? 307 and 308 are only if the request had no body, or if it can be sent once more.
pub(crate) fn leads_on(response: &Response, keeps_body: bool) -> bool {
    let is_redirect = matches!(response.status, 301..=303) || (matches!(response.status, 307 | 308) && keeps_body);
    is_redirect && !location(&response.headers).is_empty()
}

impl Trail {
    /// The trail of a request that is out, or will be. `first` has no `Authorization` from the credentials in its URL: each URL
    /// brings its own.
    pub(crate) fn new(first: Call, keeps_body: bool) -> Self {
        Self { first, last: None, sent: 1, keeps_body, lost_body: false, lost_secrets: false }
    }

    /// The URL of the last request.
    pub(crate) fn url(&self) -> &Url {
        self.last.as_ref().map_or(&self.first.url, |(_, url)| url)
    }

    /// Is this response a redirect to follow?
    pub(super) fn goes_on(&self, response: &Response) -> bool {
        leads_on(response, self.keeps_body)
    }

    /// The call that a redirect leads to.
    ///
    /// # Errors
    /// In the words of Go's client: the `Location` cannot be followed, or there were too many redirects.
    pub(crate) fn follow(&mut self, response: &Response, plugin: &Plugin, left: Duration) -> Result<Call, String> {
        let location = location(&response.headers);
        let told = without_credentials(location);
        let target = parse_url(location)
            .map_err(|error| self.error(&format!("failed to parse Location header {told:?}: {}", error.reason)))?;
        let from = self.url();
        // A `Host` header of the request goes along to relative URLs only.
        let keeps_host = target.scheme.is_empty();
        let url = resolve(from, target);
        if self.sent >= MOST_REQUESTS {
            let why = format!("stopped after {MOST_REQUESTS} redirects");
            return Err(request_error(&self.first.method, &told, &why));
        }
        let referer = (!(from.scheme == "https" && url.scheme == "http")).then(|| from.without_user());
        self.sent = self.sent.saturating_add(1);
        let keeps = matches!(response.status, 307 | 308);
        let method = self.last.as_ref().map_or(&self.first.method, |(method, _)| method);
        let method = if keeps || matches!(method.as_str(), "GET" | "HEAD") {
            method.clone()
        } else {
            SmolStr::new_static("GET")
        };
        self.lost_body |= !keeps;
        self.lost_secrets |= !shares_secrets(&self.first.url.authority, &url.authority);
        self.last = Some((method.clone(), url.clone()));
        let cluster = self.cluster(plugin)?;
        let body = if self.lost_body { Vec::new() } else { self.first.body.clone() };
        let mut headers = self.headers(referer);
        if !keeps_host {
            headers.remove(names::HOST);
        }
        authorize(&mut headers, url.user.as_deref());
        Ok(Call { cluster, method, url, headers, body, timeout: left })
    }

    /// The cluster of the last request.
    ///
    /// # Errors
    /// No request can be sent to its URL.
    pub(super) fn cluster(&self, plugin: &Plugin) -> Result<SmolStr, String> {
        let Url { scheme, authority, .. } = self.url();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err(self.error(&format!("unsupported protocol scheme {scheme:?}")));
        }
        if authority.is_empty() {
            return Err(self.error("http: no Host in request URL"));
        }
        Ok(cluster_for(plugin, scheme, authority).into())
    }

    /// The error that Go's client gives for the last request: it names the method of the first one.
    pub(super) fn error(&self, why: &str) -> String {
        request_error(&self.first.method, self.url(), why)
    }

    // The headers of the first request, without the headers that were dropped on the way.
    fn headers(&self, referer: Option<String>) -> Headers {
        let lost = |name: &str| {
            (self.lost_body && OF_THE_BODY.contains(&name)) || (self.lost_secrets && SECRETS.contains(&name))
        };
        let mut headers = self.first.headers.clone();
        headers.retain(|name, _| !lost(name));
        // A `Referer` of the request itself stays.
        if let Some(referer) = referer.filter(|_| headers.get(names::REFERER).is_none_or(<[u8]>::is_empty)) {
            headers.set(names::REFERER, referer);
        }
        headers
    }
}

fn location(headers: &Headers) -> &str {
    headers.get_str(names::LOCATION).unwrap_or_default()
}

// Go sends secrets on to the same host name, whatever the port, and to its subdomains.
fn shares_secrets(first: &str, target: &str) -> bool {
    let (first_name, name) = (host_name(first), host_name(target));
    let is_below = || {
        let is_address = name.contains([':', '%']);
        !is_address && name.strip_suffix(first_name).is_some_and(|rest| rest.ends_with('.'))
    };
    first == target || first_name == name || is_below()
}

fn host_name(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn resolve(base: &Url, target: Url) -> Url {
    if !target.scheme.is_empty() || !target.authority.is_empty() {
        let scheme = if target.scheme.is_empty() { base.scheme.clone() } else { target.scheme };
        return Url { scheme, path: without_dots(&target.path).into(), ..target };
    }
    let (path, query) = match target.path.as_str() {
        "" => (base.path.to_string(), target.query.or_else(|| base.query.clone())),
        path if path.starts_with('/') => (path.to_owned(), target.query),
        path => {
            let folder = base.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            (format!("{folder}/{path}"), target.query)
        }
    };
    Url { path: without_dots(&path).into(), query, fragment: target.fragment, ..base.clone() }
}

// RFC 3986, 5.2.4, as in Go (net/url, resolvePath): `..` removes the segment before it.
fn without_dots(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut last = "";
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        last = segment;
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    if matches!(last, "." | "..") {
        kept.push("");
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_where_it_was_found() {
        let base = parse_url("http://api:1/v1/users?x=1").unwrap();
        let table = [
            ("https://b/c", "https://b/c"),
            ("https://b", "https://b"),
            ("https://b/x/../c", "https://b/c"),
            ("//b/c", "http://b/c"),
            ("/c?d", "http://api:1/c?d"),
            ("c", "http://api:1/v1/c"),
            ("./c/.", "http://api:1/v1/c/"),
            ("../c", "http://api:1/c"),
            ("../../../c/..", "http://api:1/"),
            ("?d", "http://api:1/v1/users?d"),
            ("#d", "http://api:1/v1/users?x=1#d"),
        ];
        for (location, target) in table {
            assert_eq!(resolve(&base, parse_url(location).unwrap()).to_string(), target, "{location}");
        }
    }

    #[test]
    fn secrets_go_along_to_the_same_name_and_below_it() {
        let table = [
            ("api", "api", true),
            ("api:1", "api:2", true),
            ("api", "v1.api:2", true),
            ("api", "other", false),
            ("api", "myapi", false),
            ("v1.api", "api", false),
            ("127.0.0.1:1", "localhost:1", false),
            ("[::1]:1", "[::1]:2", true),
        ];
        for (first, target, shared) in table {
            assert_eq!(shares_secrets(first, target), shared, "{first} {target}");
        }
    }

    fn redirect(status: u16, location: &str) -> Response {
        let headers = Headers::from_iter([("location", location)]);
        Response { status, headers, body: crate::http::Body::Absent }
    }

    fn first() -> Call {
        let headers = Headers::from_iter([("content-type", "text/plain"), ("authorization", "a"), ("x-own", "1")]);
        let url = parse_url("https://api/a").unwrap();
        let (cluster, method) = (SmolStr::default(), "POST".into());
        Call { cluster, method, url, headers, body: b"body".to_vec(), timeout: Duration::ZERO }
    }

    fn names(call: &Call) -> Vec<&str> {
        call.headers.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_was_lost_on_the_way_does_not_come_back() {
        let (plugin, left) = (Plugin::default(), Duration::from_secs(1));
        let mut trail = Trail::new(first(), true);
        let kept = trail.follow(&redirect(307, "/b"), &plugin, left).unwrap();
        assert_eq!((kept.method.as_str(), kept.body.as_slice()), ("POST", b"body".as_slice()));
        assert_eq!(kept.headers.get_str("referer"), Some("https://api/a"));
        let changed = trail.follow(&redirect(303, "http://other/c"), &plugin, left).unwrap();
        assert_eq!((changed.method.as_str(), changed.body.len()), ("GET", 0));
        assert_eq!(names(&changed), ["x-own"], "and no referer from https to http");
        let back = trail.follow(&redirect(307, "https://api/a"), &plugin, left).unwrap();
        assert_eq!((back.method.as_str(), names(&back)), ("GET", vec!["x-own", "referer"]));
    }

    #[test]
    fn credentials_stay_with_their_url() {
        let (plugin, left) = (Plugin::default(), Duration::from_secs(1));
        let first = Call { url: parse_url("http://me:secret@api/a").unwrap(), headers: Headers::new(), ..first() };
        let mut trail = Trail::new(first, true);
        let sent = |call: &Call| {
            let header = |name: &str| call.headers.get_str(name).unwrap_or_default().to_owned();
            (header("authorization"), header("referer"))
        };
        let mut follow = |location: &str| sent(&trail.follow(&redirect(302, location), &plugin, left).unwrap());
        assert_eq!(follow("b"), ("Basic bWU6c2VjcmV0".to_owned(), "http://api/a".to_owned()));
        assert_eq!(follow("http://you@api/c"), ("Basic eW91Og==".to_owned(), "http://api/b".to_owned()));
        assert_eq!(follow("http://api/d"), (String::new(), "http://api/c".to_owned()));
    }

    #[test]
    fn a_body_that_is_gone_keeps_307_and_308_from_being_followed() {
        for (status, keeps_body, goes_on) in
            [(307, true, true), (308, false, false), (302, false, true), (300, true, false)]
        {
            assert_eq!(Trail::new(first(), keeps_body).goes_on(&redirect(status, "/b")), goes_on, "{status}");
        }
        assert!(!Trail::new(first(), true).goes_on(&redirect(302, "")));
    }

    #[test]
    fn the_words_are_those_of_gos_client() {
        let (plugin, left) = (Plugin::default(), Duration::from_secs(1));
        let follow = |location: &str| Trail::new(first(), true).follow(&redirect(302, location), &plugin, left);
        assert_eq!(follow("ftp://b/").unwrap_err(), "Post \"ftp://b/\": unsupported protocol scheme \"ftp\"");
        assert_eq!(
            follow("http://%zz").unwrap_err(),
            "Post \"https://api/a\": failed to parse Location header \"http://%zz\": invalid URL escape \"%zz\""
        );
        let mut trail = Trail::new(first(), true);
        for _ in 1..10 {
            trail.follow(&redirect(302, "/1"), &plugin, left).unwrap();
        }
        let stopped = trail.follow(&redirect(302, "/1"), &plugin, left).unwrap_err();
        assert_eq!(stopped, "Post \"/1\": stopped after 10 redirects");
    }
}
