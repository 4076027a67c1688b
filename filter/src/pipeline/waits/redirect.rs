//! Redirects as Go's HTTP client follows them, and so KrakenD's (net/http, redirectBehavior).

use crate::http::{Call, Response, Url, parse_url};

/// Where a response sends its reader; none if it is no redirect, or says not where to.
pub(super) fn location(response: &Response) -> Option<&str> {
    matches!(response.status, 301..=303 | 307 | 308)
        .then(|| response.headers.get_str("location").filter(|location| !location.is_empty()))
        .flatten()
}

/// Makes a call the one that follows: 301, 302 and 303 become GET without a body, 307 and 308 keep both.
///
/// # Errors
/// The location is no URL; the call is as it was.
pub(super) fn follow(call: &mut Call, status: u16, location: &str) -> Result<(), String> {
    let target = parse_url(location)
        .map_err(|error| format!("failed to parse Location header {location:?}: {}", error.reason))?;
    let came_from = call.url.authority.clone();
    // Go names where it came from, unless that was a secret kept by TLS.
    if !(call.url.scheme == "https" && target.scheme == "http") {
        call.headers.set("referer", call.url.to_string());
    }
    call.url = resolve(&call.url, target);
    if !matches!(status, 307 | 308) {
        if call.method != "HEAD" {
            call.method = "GET".to_owned();
        }
        call.body.clear();
        call.headers.remove("content-type");
    }
    if call.url.authority != came_from {
        for secret in ["authorization", "www-authenticate", "cookie", "cookie2"] {
            call.headers.remove(secret);
        }
    }
    Ok(())
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
