//! A request as an HTTP server hands it on, for worlds without a socket: the target is split, and values have no white space
//! around them. Knows nothing of the receiver.

use super::client;
use crate::cases::ClientRequest;

/// A request that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The host in the request, with its port if it names one.
    pub authority: String,
    /// The path with its query.
    pub path: String,
    /// All headers except `Host`.
    pub headers: Vec<(String, String)>,
}

impl Arrival {
    /// Makes it from a request as a client writes it. A target in absolute form names the host itself (RFC 9112, 3.2.2).
    pub fn of(request: &ClientRequest) -> Self {
        let mut headers: Vec<(String, String)> = client::headers(request);
        headers.iter_mut().for_each(|(_, value)| *value = value.trim_matches([' ', '\t']).to_owned());
        let (hosts, headers): (Vec<_>, Vec<_>) =
            headers.into_iter().partition(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = hosts.into_iter().next_back().map(|(_, value)| value).unwrap_or_default();
        let (authority, path) = match absolute(&request.path) {
            Some((authority, path)) => (authority.to_owned(), path),
            None => (host, request.path.clone()),
        };
        Self { authority, path, headers }
    }
}

/// Authority and path of a target in absolute form.
fn absolute(target: &str) -> Option<(&str, String)> {
    let (scheme, rest) = target.split_once("://")?;
    if !["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some((authority, format!("{slash}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(target: &str) -> (String, String) {
        let arrival = Arrival::of(&ClientRequest::new("GET", target));
        (arrival.authority, arrival.path)
    }

    #[test]
    fn a_target_in_absolute_form_names_the_host() {
        let of = |authority: &str, path: &str| (authority.to_owned(), path.to_owned());
        assert_eq!(arrived("/a?b=http://c/d"), of("gateway.test", "/a?b=http://c/d"));
        assert_eq!(arrived("http://other.test:1/a"), of("other.test:1", "/a"));
        assert_eq!(arrived("HTTPS://u:p@other.test?q"), of("u:p@other.test", "/?q"));
        assert_eq!(arrived("http://other.test"), of("other.test", "/"));
        assert_eq!(arrived("ftp://other.test/"), of("gateway.test", "ftp://other.test/"));
    }

    #[test]
    fn white_space_around_a_value_is_no_part_of_it() {
        let request = ClientRequest::new("GET", "/").header("X-A", " \t a b ").header("hOst", " h ");
        let arrival = Arrival::of(&request);
        assert_eq!((arrival.authority.as_str(), arrival.headers), ("h", vec![("X-A".into(), "a b".into())]));
    }
}
