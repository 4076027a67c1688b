//! From the client's request to the gateway's own: what `input_headers` and `input_query_strings` let through, the parameters
//! with their capital letters, and what KrakenD adds to every request.

use std::net::IpAddr;

use super::agent;
use crate::bindings::{Context, Payload, ProxyRequest};
use crate::config::{Endpoint, LetIn, OutputEncoding, param_key};
use crate::http::{FieldValue, Headers, Query, Request, Url, names, parse_target};
use crate::pipeline::basis::Basis;
use crate::pipeline::envoy_headers::OTHERS;
use crate::pipeline::failure::Failure;

// KrakenD forwards this one where nothing is listed (transport/http/server, HeadersToSend).
const FORWARDED_BY_DEFAULT: &str = names::CONTENT_TYPE.as_str();

/// The client's request as `ctx` shows it.
pub(super) fn context(request: &Request, params: Vec<(String, Vec<u8>)>) -> Context {
    let headers = request.headers.only(OTHERS);
    Context {
        query_as_read: None,
        faults: None,
        method: request.method.clone(),
        url: Some(parse_target(&request.path).unwrap_or_else(|_| Url { path: request.path.clone(), ..Url::default() })),
        host: FieldValue::from(request.authority.as_str()),
        params,
        headers,
        payload: Payload::new(request.body.clone()),
        claims: None,
    }
}

/// The gateway's request, as `modifier/lua-proxy` sees it first.
pub(super) fn proxy_request(context: Context, endpoint: &Endpoint, basis: &Basis) -> Result<ProxyRequest, Failure> {
    let Context { method, url, faults, host, params, headers, payload, claims, .. } = context;
    if basis.is_message() {
        return Ok(agent::message(payload));
    }
    if let Some(faults) = faults {
        let fault = faults.no_name.or(url.is_none().then_some(faults.no_url));
        fault.map_or(Ok(()), |message| Err(Failure::Panic { message }))?;
    }
    if endpoint.output_encoding == OutputEncoding::Negotiate {
        basis.accept.replace(headers.get_str(names::ACCEPT).map(str::to_owned));
    }
    let peer = basis.client.as_ref().map(|client| client.peer.as_str()).unwrap_or_default();
    let query = match (url.as_ref().and_then(|url| url.query.as_deref()), &endpoint.input_query_strings) {
        (None, _) => Query::default(),
        (Some(text), LetIn::All) => Query::parse(text.as_bytes()),
        (Some(text), LetIn::Listed(keys)) => Query::parse(text.as_bytes()).only(keys),
    };
    Ok(ProxyRequest {
        method,
        url: None,
        faults: None,
        query,
        path: url.as_ref().map(Url::decoded_path).unwrap_or_default(),
        params: params.into_iter().map(|(name, value)| (param_key(&name), value)).collect(),
        headers: forwarded(headers, host, &endpoint.input_headers, peer, &basis.plugin().user_agent),
        payload,
        claims,
    })
}

fn forwarded(mut headers: Headers, host: FieldValue, input: &LetIn, peer: &str, user_agent: &str) -> Headers {
    let client = FieldValue::from(client_address(&headers, peer));
    match input {
        LetIn::All => {}
        LetIn::Listed(names) if names.is_empty() => headers.retain(|name, _| name == FORWARDED_BY_DEFAULT),
        LetIn::Listed(names) => {
            headers.retain(|name, _| names.iter().any(|listed| listed.eq_ignore_ascii_case(name)));
        }
    }
    headers.set(names::FORWARDED_FOR, client);
    headers.set(names::FORWARDED_HOST, host);
    let name = if headers.contains(names::USER_AGENT) { names::FORWARDED_VIA } else { names::USER_AGENT };
    headers.set(name, user_agent.as_bytes());
    headers
}

// gin's ClientIP with every proxy trusted: the first address of X-Forwarded-For if all of them are addresses, else
// X-Real-Ip, else the peer.
fn client_address<'a>(headers: &'a Headers, peer: &'a str) -> &'a [u8] {
    let first = |name| {
        let mut items = headers.get(name)?.split(|byte| *byte == b',').map(address);
        let first = items.next()?;
        first.filter(|_| items.all(|item| item.is_some()))
    };
    first(names::FORWARDED_FOR).or_else(|| first(names::REAL_IP)).unwrap_or(peer.as_bytes())
}

// The address without the space around it.
fn address(text: &[u8]) -> Option<&[u8]> {
    let trimmed = text.trim_ascii();
    if is_usual_address(trimmed) {
        return Some(trimmed);
    }
    let trimmed = std::str::from_utf8(text).ok()?.trim();
    trimmed.parse::<IpAddr>().is_ok().then_some(trimmed.as_bytes())
}

// Is this IPv4? The library takes five times as long to say so, and most requests ask.
fn is_usual_address(text: &[u8]) -> bool {
    let (mut points, mut number, mut has_digits) = (0_u32, 0_u32, false);
    for byte in text {
        match byte {
            b'0'..=b'9' if !has_digits || number > 0 => {
                (number, has_digits) = (number * 10 + u32::from(*byte - b'0'), true);
                if number > 255 {
                    return false;
                }
            }
            b'.' if has_digits => (points, number, has_digits) = (points.saturating_add(1), 0, false),
            _ => return false,
        }
    }
    points == 3 && has_digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_addresses_are_those_that_the_library_takes() {
        let numbers = ["0", "9", "10", "99", "100", "199", "200", "249", "250", "255"];
        let others = ["", "00", "01", "256", "260", "300", "999", "1000", "a", "1a", "-1", "+1", " 1"];
        for number in numbers.iter().chain(&others) {
            for address in [
                format!("{number}.0.0.1"),
                format!("127.0.0.{number}"),
                format!("{number}.{number}.{number}.{number}"),
                format!("1.2.3.4.{number}"),
                format!("1.2.{number}"),
            ] {
                let (is_taken, fits) =
                    (address.parse::<std::net::Ipv4Addr>().is_ok(), is_usual_address(address.as_bytes()));
                assert_eq!(fits, is_taken, "{address}");
            }
        }
    }

    #[test]
    fn the_clients_address_is_the_first_that_was_forwarded() {
        let table = [
            (Some("10.0.0.1, 10.0.0.2"), None, "10.0.0.1"),
            (Some("nonsense, 10.0.0.2"), Some("10.9.9.9"), "10.9.9.9"),
            (Some("10.0.0.1,\u{a0}10.0.0.2\u{85} , 2001:db8::1"), None, "10.0.0.1"),
            (Some("\u{a0}10.0.0.1"), None, "10.0.0.1"),
            (Some("10.0.0.1,"), Some("::1"), "::1"),
            (Some(""), None, "127.0.0.1"),
            (None, None, "127.0.0.1"),
        ];
        for (forwarded, real, expected) in table {
            let named = [("x-forwarded-for", forwarded), ("x-real-ip", real)];
            let headers: Headers = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            assert_eq!(client_address(&headers, "127.0.0.1"), expected.as_bytes());
        }
    }
}
