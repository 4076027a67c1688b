//! Carries out `modifier/martian` on the request that leaves for a backend and on the response that came, in the way that Go's
//! messages are changed: `Host` is a field of its own, and a header that is set keeps its place. Modifiers that can never be
//! sent were refused with the configuration; only those that depend on a message can fail here.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use super::outgoing::Outgoing;
use crate::bindings::Payload;
use crate::config::{Backend, Condition, Modifier, Plugin};
use crate::data::Value;
use crate::http::{Body, Headers, Query, Response, names};
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::Failure;
use crate::pipeline::format::go_text::request_error;
use crate::pipeline::watch::snapshot;

const HOST: &str = "host";

impl Outgoing {
    /// Lets the backend's `modifier/martian` change the request, which is about to leave.
    ///
    /// # Errors
    /// As [`edit_request`].
    pub(super) fn edit(&mut self, basis: &Basis, backend: &Backend, payload: &mut Payload) -> Result<(), Failure> {
        let Some(modifier) = backend.martian.as_ref().and_then(|martian| martian.on_request.as_ref()) else {
            return Ok(());
        };
        let watched = basis.program.watcher.as_ref().map(|watcher| (watcher, self.seen(payload)));
        edit_request(modifier, self, payload, basis.plugin())?;
        if let Some((watcher, before)) = watched {
            watcher.martian_edits(backend.number, before, self.seen(payload));
        }
        Ok(())
    }

    fn seen(&self, payload: &Payload) -> Value {
        let host = self.host.as_deref().unwrap_or(&self.url.authority);
        snapshot::leaving(&self.method, &self.url, host, &self.headers, payload)
    }
}

/// Changes a request that is about to leave.
///
/// # Errors
/// A second `Host`, in martian's words; a `Host` that cannot be sent, in the words of Go's client.
pub(super) fn edit_request(
    modifier: &Modifier,
    outgoing: &mut Outgoing,
    payload: &mut Payload,
    plugin: &Plugin,
) -> Result<(), Failure> {
    let host = outgoing.url.authority.to_string();
    let mut leaving = Leaving { host, outgoing, payload };
    leaving.apply(modifier).map_err(|message| Failure::Upstream { message })?;
    let Leaving { host, outgoing, .. } = leaving;
    outgoing.is_edited = true;
    if host.is_empty() || host == outgoing.url.authority {
        return Ok(());
    }
    let refused = |why: &str| Failure::Upstream { message: request_error(&outgoing.method, &outgoing.url, why) };
    if !host.bytes().all(may_be_in_host) {
        return Err(refused("http: invalid Host header"));
    }
    // A script may have sent the request to a host that the configuration does not name.
    if plugin.clusters.default.as_deref() == Some(outgoing.cluster.as_str()) {
        return Err(refused(
            "modifier/martian changes the Host, which default_cluster may take for the service's address",
        ));
    }
    outgoing.host = Some(host);
    Ok(())
}

/// Changes the response to a request with these headers. Gives `true` if the response has a new body.
pub(super) fn edit_response(modifier: &Modifier, asked: &Headers, response: &mut Response) -> bool {
    match modifier {
        Modifier::SetStatus(status) => response.status = *status,
        Modifier::SetBody { content_type, bytes } => {
            response.headers.set(names::CONTENT_TYPE, content_type.as_str());
            response.headers.remove(names::CONTENT_ENCODING);
            response.body = Body::Bytes(bytes.to_vec());
            return true;
        }
        Modifier::Group { all, .. } => {
            let mut is_new = false;
            for one in all {
                is_new |= edit_response(one, asked, response);
            }
            return is_new;
        }
        Modifier::If { condition, then, otherwise } => {
            let holds = match condition {
                Condition::HasValue { name, value } => name != HOST && has_value(&response.headers, name, value),
                Condition::Matches { .. } => matches(condition, asked),
            };
            let chosen = if holds { then } else { otherwise };
            return chosen.as_ref().is_some_and(|chosen| edit_response(chosen, asked, response));
        }
        other => edit_headers(other, &mut response.headers),
    }
    false
}

/// A request on its way through its modifiers.
struct Leaving<'a> {
    host: String,
    outgoing: &'a mut Outgoing,
    payload: &'a mut Payload,
}

impl Leaving<'_> {
    fn apply(&mut self, modifier: &Modifier) -> Result<(), String> {
        match modifier {
            Modifier::SetHeader { name, value } if name == HOST => self.host.clone_from(value),
            Modifier::AddHeader { name, value } if name == HOST => {
                if !self.host.is_empty() {
                    return Err("proxyutil: illegal header multiple: Host".to_owned());
                }
                self.host.clone_from(value);
            }
            Modifier::CopyHeader { from, to } if from == HOST || to == HOST => {
                let headers = &mut self.outgoing.headers;
                if to != HOST {
                    headers.set(to, self.host.as_str());
                } else if from != HOST {
                    self.host = String::from_utf8_lossy(headers.get(from).unwrap_or_default()).into_owned();
                }
            }
            Modifier::RemoveHeaders(names) => {
                if names.iter().any(|name| name == HOST) {
                    self.host.clear();
                }
                edit_headers(modifier, &mut self.outgoing.headers);
            }
            Modifier::SetQuery { name, value } => {
                let url = Rc::make_mut(&mut self.outgoing.url);
                let mut query = Query::parse(url.query.as_deref().unwrap_or_default().as_bytes());
                query.set(name.as_bytes(), value.as_bytes());
                url.query = Some(query.encode());
            }
            Modifier::SetUrl { path, query } => {
                let url = Rc::make_mut(&mut self.outgoing.url);
                if let Some(path) = path {
                    url.path = path.into();
                }
                if query.is_some() {
                    url.query.clone_from(query);
                }
            }
            Modifier::SetBody { content_type, bytes } => {
                let headers = &mut self.outgoing.headers;
                headers.set(names::CONTENT_TYPE, content_type.as_str());
                headers.remove(names::CONTENT_ENCODING);
                self.payload.replace(bytes.to_vec());
            }
            Modifier::Group { all, goes_on } => return self.apply_all(all, *goes_on),
            Modifier::If { condition, then, otherwise } => {
                let holds = match condition {
                    Condition::HasValue { name, value } if name == HOST => !value.is_empty() && self.host == *value,
                    Condition::HasValue { name, value } => has_value(&self.outgoing.headers, name, value),
                    Condition::Matches { .. } => matches(condition, &self.outgoing.headers),
                };
                let chosen = if holds { then } else { otherwise };
                return chosen.as_ref().map_or(Ok(()), |chosen| self.apply(chosen));
            }
            other => edit_headers(other, &mut self.outgoing.headers),
        }
        Ok(())
    }

    fn apply_all(&mut self, all: &[Modifier], goes_on: bool) -> Result<(), String> {
        let mut errors = Vec::new();
        for modifier in all {
            match self.apply(modifier) {
                Err(error) if goes_on => errors.push(error),
                done => done?,
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
    }
}

// The changes of headers that are the same for requests and responses.
fn edit_headers(modifier: &Modifier, headers: &mut Headers) {
    match modifier {
        Modifier::SetHeader { name, value } => headers.set(name, value.as_str()),
        Modifier::AddHeader { name, value } => headers.append(name, value.as_str()),
        Modifier::RemoveHeaders(names) => names.iter().for_each(|name| headers.remove(name)),
        Modifier::CopyHeader { from, to } => {
            let value = headers.get(from).unwrap_or_default().to_vec();
            headers.set(to, value);
        }
        Modifier::IdentifyRequest(name) => {
            if headers.get(name).is_none_or(<[u8]>::is_empty) {
                headers.set(name, identifier());
            }
        }
        Modifier::AddCookie(pair) => {
            let own = headers.get(names::COOKIE).filter(|own| !own.is_empty());
            let all = own.map_or_else(|| pair.clone().into_bytes(), |own| [own, b"; ", pair.as_bytes()].concat());
            headers.set(names::COOKIE, all);
        }
        // These modifiers change no header, or more than headers.
        Modifier::SetQuery { .. }
        | Modifier::SetUrl { .. }
        | Modifier::SetStatus(_)
        | Modifier::SetBody { .. }
        | Modifier::Group { .. }
        | Modifier::If { .. } => {}
    }
}

fn has_value(headers: &Headers, name: &str, value: &str) -> bool {
    headers.get_all(name).any(|own| own == value.as_bytes())
}

fn matches(condition: &Condition, headers: &Headers) -> bool {
    let Condition::Matches { name, pattern } = condition else { return false };
    headers.get(name).is_some_and(|value| !value.is_empty() && pattern.is_in(value))
}

// The bytes that Go's client allows in `Host` (golang.org/x/net/http/httpguts, ValidHostHeader), except for a path.
fn may_be_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=[]_~".contains(&byte)
}

/// A random UUID (RFC 9562, version 4). The keys of the standard library's hashes are random and never repeat.
fn identifier() -> String {
    let half = || RandomState::new().hash_one(());
    let (high, low) = (half(), half());
    let (high, low) = ((high & !0xf000) | 0x4000, (low & !(3 << 62)) | (2 << 62));
    let digits = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::parse_url;

    fn outgoing(headers: &[(&str, &str)]) -> Outgoing {
        Outgoing {
            cluster: "api".into(),
            method: "GET".into(),
            url: Rc::new(parse_url("http://api:1/b?x=1&q=2").unwrap()),
            headers: headers.iter().copied().collect(),
            host: None,
            is_edited: false,
        }
    }

    fn edited(modifier: &Modifier, headers: &[(&str, &str)]) -> Result<Outgoing, String> {
        let mut outgoing = outgoing(headers);
        let done = edit_request(modifier, &mut outgoing, &mut Payload::absent(), &Plugin::default());
        done.map(|()| outgoing).map_err(|failure| failure.to_string())
    }

    fn set(name: &str, value: &str) -> Modifier {
        Modifier::SetHeader { name: name.to_owned(), value: value.to_owned() }
    }

    fn group(all: Vec<Modifier>, goes_on: bool) -> Modifier {
        Modifier::Group { all, goes_on }
    }

    fn second_host() -> Modifier {
        Modifier::AddHeader { name: HOST.to_owned(), value: "b".to_owned() }
    }

    #[test]
    fn the_host_is_a_field_of_its_own() {
        let copy = |from: &str, to: &str| Modifier::CopyHeader { from: from.to_owned(), to: to.to_owned() };
        let host = |modifier: &Modifier| edited(modifier, &[("x-host", "c"), ("x-bad", "a b")]).map(|done| done.host);
        assert_eq!(host(&set(HOST, "b")), Ok(Some("b".to_owned())));
        assert_eq!(host(&set(HOST, "api:1")), Ok(None), "where it goes anyway");
        assert_eq!(host(&copy("x-host", HOST)), Ok(Some("c".to_owned())));
        assert_eq!(host(&copy("x-none", HOST)), Ok(None));
        assert_eq!(
            host(&copy("x-bad", HOST)),
            Err("Get \"http://api:1/b?x=1&q=2\": http: invalid Host header".to_owned())
        );
        assert_eq!(host(&second_host()), Err("proxyutil: illegal header multiple: Host".to_owned()));
        let first = group(vec![Modifier::RemoveHeaders(vec![HOST.to_owned()]), second_host()], false);
        assert_eq!(host(&first), Ok(Some("b".to_owned())));
        let copied = edited(&copy(HOST, "x-copy"), &[]).unwrap();
        assert_eq!(copied.headers.get_str("x-copy"), Some("api:1"));
    }

    #[test]
    fn a_host_is_not_changed_where_it_may_say_where_the_request_goes() {
        let plugin = Plugin {
            clusters: crate::config::Clusters { default: Some("api".to_owned()), ..Default::default() },
            ..Plugin::default()
        };
        let edit = |modifier: &Modifier| {
            edit_request(modifier, &mut outgoing(&[]), &mut Payload::absent(), &plugin)
                .map_err(|failure| failure.to_string())
        };
        assert!(edit(&set(HOST, "b")).unwrap_err().contains("default_cluster"));
        assert_eq!(edit(&set("x-a", "b")), Ok(()));
    }

    #[test]
    fn a_group_stops_at_an_error_or_tells_all_of_them() {
        let twice = |goes_on| group(vec![second_host(), set("x-a", "1"), second_host()], goes_on);
        assert_eq!(edited(&twice(false), &[]).unwrap_err(), "proxyutil: illegal header multiple: Host");
        assert_eq!(edited(&twice(true), &[]).unwrap_err(), ["proxyutil: illegal header multiple: Host"; 2].join("\n"));
    }

    #[test]
    fn an_identifier_is_new_each_time_and_kept_where_there_is_one() {
        let ids: Vec<String> = (0..100).map(|_| identifier()).collect();
        for id in &ids {
            let bytes = id.as_bytes();
            assert_eq!((id.len(), bytes[8], bytes[14]), (36, b'-', b'4'), "{id}");
            assert!(b"89ab".contains(&bytes[19]), "{id}");
        }
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
        let identify = Modifier::IdentifyRequest("x-id".to_owned());
        assert_eq!(edited(&identify, &[("x-id", "mine")]).unwrap().headers.get_str("x-id"), Some("mine"));
        assert_eq!(edited(&identify, &[("x-id", "")]).unwrap().headers.get_str("x-id").map(str::len), Some(36));
    }

    #[test]
    fn cookies_stand_in_one_line() {
        let cookie = Modifier::AddCookie("a=1".to_owned());
        assert_eq!(edited(&cookie, &[]).unwrap().headers.get_str("cookie"), Some("a=1"));
        assert_eq!(edited(&cookie, &[("cookie", "b=2")]).unwrap().headers.get_str("cookie"), Some("b=2; a=1"));
    }

    #[test]
    fn the_query_is_written_anew_and_a_url_keeps_what_is_not_named() {
        let query = Modifier::SetQuery { name: "q".to_owned(), value: "a b".to_owned() };
        assert_eq!(edited(&query, &[]).unwrap().url.to_string(), "http://api:1/b?q=a+b&x=1");
        let path = Modifier::SetUrl { path: Some("/c%20d".to_owned()), query: None };
        assert_eq!(edited(&path, &[]).unwrap().url.to_string(), "http://api:1/c%20d?x=1&q=2");
    }
}
