//! Turns headers on the wire into headers as Envoy's filters see them, and back. Headers of a single connection are left out.

use host_sim::Headers;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::{request, response};

/// Headers that belong to one connection, not to the message.
const HOP_BY_HOP: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade"];

/// Headers that Envoy's router reads and does not pass on.
const ROUTERS_OWN: [&str; 3] = ["x-lua-modifier-cluster", "x-envoy-upstream-rq-timeout-ms", "x-envoy-original-path"];

/// The headers of a client's request; none if it names no host, because Envoy refuses such a request.
pub(crate) fn of_request(parts: &request::Parts) -> Option<Headers> {
    let named = parts.headers.get("host").map(HeaderValue::as_bytes).filter(|host| !host.is_empty());
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes()).or(named)?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = Headers::new();
    headers.add(":authority", authority);
    headers.add(":path", path);
    headers.add(":method", parts.method.as_str());
    headers.add(":scheme", "http");
    headers.add("x-forwarded-proto", "http");
    add_all(&mut headers, &parts.headers, &["host", "x-forwarded-proto"]);
    Some(headers)
}

/// The headers of a backend's response.
pub(crate) fn of_response(parts: &response::Parts) -> Headers {
    let mut headers = Headers::new();
    headers.add(":status", parts.status.as_str());
    add_all(&mut headers, &parts.headers, &[]);
    headers
}

fn add_all(headers: &mut Headers, map: &HeaderMap, but: &[&str]) {
    let named = connection_names(map);
    for (name, value) in map {
        let name = name.as_str();
        let hop = HOP_BY_HOP.contains(&name) || named.iter().any(|listed| listed == name);
        if !hop && !but.contains(&name) {
            headers.add(name, value.as_bytes());
        }
    }
}

// The header `Connection` names more headers that belong to this connection.
fn connection_names(map: &HeaderMap) -> Vec<String> {
    let listed = map.get_all("connection").iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The headers that go out, without pseudo-headers, and the names of headers that HTTP cannot carry.
pub(crate) fn outgoing(headers: &Headers) -> (HeaderMap, Vec<String>) {
    let (mut map, mut unfit) = (HeaderMap::new(), Vec::new());
    for (name, value) in headers.raw().filter(|(name, _)| !name.starts_with(':')) {
        if HOP_BY_HOP.contains(&name) || ROUTERS_OWN.contains(&name) {
            continue;
        }
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
            (Ok(name), Ok(value)) => drop(map.append(name, value)),
            _ => unfit.push(name.to_owned()),
        }
    }
    (map, unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_the_connection_stays_there() {
        let request = hyper::Request::builder().method("POST").uri("/a?b").header("Host", "h:1");
        let request = request.header("Connection", "close, X-Hop").header("X-Hop", "1").header("TE", "gzip");
        let request = request.header("X-Forwarded-Proto", "https").header("X-A", "1").header("X-A", "2");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let headers = of_request(&parts).unwrap();
        let pairs: Vec<_> = headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let wanted = [":authority=h:1", ":path=/a?b", ":method=POST", ":scheme=http", "x-forwarded-proto=http"];
        assert_eq!(pairs, [wanted.as_slice(), &["x-a=1", "x-a=2"]].concat());
    }

    #[test]
    fn what_routes_and_what_http_cannot_carry_does_not_go_out() {
        let headers: Headers = [
            (":path", "/"),
            ("x-a", "1"),
            ("x-b", "a\nb"),
            ("transfer-encoding", "chunked"),
            ("x-lua-modifier-cluster", "c"),
            ("x-envoy-upstream-rq-timeout-ms", "7"),
        ]
        .into_iter()
        .collect();
        let (map, unfit) = outgoing(&headers);
        assert_eq!((map.len(), map["x-a"].as_bytes(), unfit), (1, b"1".as_slice(), vec!["x-b".to_owned()]));
    }
}
