//! Headers as Envoy keeps them: an ordered list with lower-case names, pseudo-headers first, some names at most once. Values
//! are bytes. Knows nothing of modules.

use std::borrow::Cow;
use std::fmt;

// Envoy keeps these headers in fields of their own: a second value is always joined to the first with a comma (INLINE_*_HEADERS
// of envoy/http/header_map.h, and the headers that the stock filters register in addition).
const JOINED: [&str; 32] = [
    ":authority",
    ":method",
    ":path",
    ":scheme",
    ":status",
    "accept",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expect",
    "keep-alive",
    "origin",
    "pragma",
    "referer",
    "server",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-request-id",
];

/// An ordered multimap of headers with lower-case names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    entries: Vec<(String, Vec<u8>)>,
}

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first value as text; bytes that are not UTF-8 are replaced.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.bytes(name).map(String::from_utf8_lossy)
    }

    /// The first value as it is.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Every value, in order.
    pub fn all(&self, name: &str) -> Vec<Cow<'_, str>> {
        self.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Is there such a header?
    pub fn contains(&self, name: &str) -> bool {
        self.bytes(name).is_some()
    }

    /// Adds a value as Envoy does: after the other values, or joined to the value that is there.
    pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let name = String::from_utf8_lossy(name.as_ref()).to_ascii_lowercase();
        let value = value.as_ref();
        if JOINED.contains(&name.as_str())
            && let Some((_, present)) = self.entries.iter_mut().find(|(known, _)| *known == name)
        {
            present.push(b',');
            present.extend(value);
            return;
        }
        let place = match name.starts_with(':') {
            true => self.entries.iter().take_while(|(known, _)| known.starts_with(':')).count(),
            false => self.entries.len(),
        };
        self.entries.insert(place, (name, value.to_vec()));
    }

    /// Replaces all values with this one. As in Envoy, a pseudo-header keeps its place, and other headers go to the end.
    pub fn set(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.remove(&String::from_utf8_lossy(name.as_ref()));
        self.add(name, value);
    }

    /// Removes every value.
    pub fn remove(&mut self, name: &str) {
        self.entries.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value)))
    }

    /// Names and values in order, with the values as bytes.
    pub fn raw(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.entries.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The number of headers.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Are there no headers?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number in `:status`, or 0 if there is none.
    pub fn status(&self) -> u16 {
        self.get(":status").and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The number in `content-length`.
    pub fn content_length(&self) -> Option<u64> {
        self.get("content-length").and_then(|length| length.parse().ok())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.add(name, value);
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_pseudo_headers_come_first() {
        let headers: Headers = [("X-A", "1"), (":path", "/"), ("x-a", "2")].into_iter().collect();
        let pairs: Vec<_> = headers.iter().map(|(n, v)| (n.to_owned(), v.into_owned())).collect();
        assert_eq!(pairs, [(":path", "/"), ("x-a", "1"), ("x-a", "2")].map(|(n, v)| (n.into(), v.into())));
    }

    #[test]
    fn a_second_value_of_a_well_known_header_is_joined() {
        let headers: Headers = [("Accept", "a"), ("accept", "b")].into_iter().collect();
        assert_eq!(headers.all("accept"), ["a,b"]);
    }

    #[test]
    fn set_leaves_one_value() {
        let mut headers: Headers = [("x-a", "1"), ("x-a", "2")].into_iter().collect();
        headers.set("X-A", "3");
        assert_eq!(headers.all("x-a"), ["3"]);
    }
}
