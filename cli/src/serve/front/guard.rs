//! `security/http`: refuses hosts that are not allowed, and redirects requests without TLS. Decides like unrolled/secure, and
//! like the script in front of Envoy's filters (`bundle/templates/front.lua`): a change here needs the same change there.

use std::fmt::Write;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use lua_modifier::config::{AllowedHosts, Guard, Hosts};

use super::asked::Asked;
use super::{Answer, Marks};

/// The answer to a request that goes no further.
pub(super) fn refusal(guard: &Guard, asked: &Asked<'_>) -> Option<Answer> {
    let (host, times) = host(guard, asked);
    if guard.hosts.as_ref().is_some_and(|hosts| !allows_host(hosts, &host, times)) {
        let headers = vec![
            ("content-type", HeaderValue::from_static("text/plain; charset=utf-8")),
            ("x-content-type-options", HeaderValue::from_static("nosniff")),
        ];
        let (status, body) = (StatusCode::INTERNAL_SERVER_ERROR, "Bad Host\n".to_owned());
        return Some(Answer { status, headers, body, why: ": this host is not in allowed_hosts" });
    }
    (guard.transport.redirects && !came_by_tls(guard, asked)).then(|| redirect(guard, asked, &host))
}

/// The header `Strict-Transport-Security`, if this request's response gets it.
pub(super) fn sts(guard: &Guard, asked: &Asked<'_>) -> Option<(&'static str, HeaderValue)> {
    let value = guard.transport.sts.as_ref()?.parse().ok()?;
    came_by_tls(guard, asked).then_some(("strict-transport-security", value))
}

// The host that the request is meant for, and how often the header came that names it.
fn host(guard: &Guard, asked: &Asked<'_>) -> (Vec<u8>, usize) {
    let named = guard.host_headers.iter().find(|name| !asked.first(name).is_empty());
    named.map_or((asked.host.clone(), 1), |name| (asked.first(name).to_vec(), asked.count(name)))
}

fn allows_host(hosts: &Hosts, host: &[u8], times: usize) -> bool {
    match &hosts.allowed {
        AllowedHosts::Names(names) => names.iter().any(|name| name.as_bytes() == host.to_ascii_lowercase()),
        AllowedHosts::Patterns(patterns) => {
            times == 1 && !host.contains(&b',') && patterns.iter().any(|pattern| pattern.is_in(host))
        }
    }
}

// This gateway speaks no TLS itself: a proxy in front of it may say that the client used TLS.
fn came_by_tls(guard: &Guard, asked: &Asked<'_>) -> bool {
    guard.transport.proof.iter().any(|(name, value)| asked.first(name) == value.as_bytes())
}

fn redirect(guard: &Guard, asked: &Asked<'_>, host: &[u8]) -> Answer {
    let host = guard.transport.host.as_ref().map_or(host, String::as_bytes);
    let slash = if asked.path.starts_with('/') { "" } else { "/" };
    let mut location = format!("https://{}{slash}", String::from_utf8_lossy(host));
    for byte in asked.path.bytes() {
        match byte {
            b'!'..=b'~' => location.push(char::from(byte)),
            _ => drop(write!(location, "%{byte:02X}")), // writing to a String cannot fail
        }
    }
    let mut headers = Marks::new();
    headers.extend(location.parse().ok().map(|value| ("location", value)));
    if matches!(asked.method, "GET" | "HEAD") {
        headers.push(("content-type", HeaderValue::from_static("text/html; charset=utf-8")));
    }
    let body = match asked.method {
        "GET" => format!("<a href=\"{}\">Moved Permanently</a>.\n\n", escaped(&location)),
        _ => String::new(),
    };
    Answer { status: StatusCode::MOVED_PERMANENTLY, headers, body, why: ": sent to https" }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&#34;").replace('\'', "&#39;")
}
