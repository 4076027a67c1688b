//! Absolute and relative URLs, and the percent-encoding of paths, as Go's `net/url` reads and writes them.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use smol_str::SmolStr;

use super::byte_set::ByteSet;
use super::decoded_path::DecodedPath;
use super::percent::{percent_decode, push_escaped};
use super::user_info::UserInfo;

/// A URL in its parts; a missing part is empty. Its text form hides a password: [`Url::written`] is for the script that wrote
/// the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The scheme in lower case: `http`.
    pub scheme: String,
    /// The credentials before the host, which are sent as `Authorization`. Boxed, because nearly no URL has them.
    pub user: Option<Box<UserInfo>>,
    /// Host and port as written: `api.internal:8080`.
    pub authority: SmolStr,
    /// Percent-encoded path.
    pub path: SmolStr,
    /// The text after `?`, as written.
    pub query: Option<String>,
    /// The text after `#`, as written: a script can read it back, but it is never sent.
    pub fragment: Option<String>,
}

/// The reason why a text is not a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError {
    /// Go's reason: `invalid URL escape "%zz"`.
    pub reason: String,
}

impl Url {
    /// Path and query as a request line carries them; `/` where the path is empty.
    pub fn path_and_query(&self) -> SmolStr {
        let path = if self.path.is_empty() { SmolStr::new_static("/") } else { self.path.clone() };
        match &self.query {
            Some(query) => format!("{path}?{}", encode_query(query)).into(),
            None => path,
        }
    }

    /// The URL with its credentials, for the script that reads it back.
    pub fn written(&self) -> String {
        self.with_user(self.user.as_ref().map(|user| user.written()))
    }

    /// The URL without its credentials.
    pub fn without_user(&self) -> String {
        self.with_user(None)
    }

    fn with_user(&self, user: Option<String>) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut out, user);
        out
    }

    fn write(&self, f: &mut impl Write, user: Option<impl Display>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(f, "{}:", self.scheme)?;
        }
        // In `shop:8080/x`, the part after such a scheme is what Go calls opaque.
        let is_opaque = self.authority.is_empty() && !self.path.is_empty() && !self.path.starts_with('/');
        if !is_opaque && (!self.scheme.is_empty() || !self.authority.is_empty() || user.is_some()) {
            f.write_str("//")?;
            if let Some(user) = user {
                write!(f, "{user}@")?;
            }
            f.write_str(&self.authority)?;
        }
        f.write_str(&self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        match &self.fragment {
            Some(fragment) => write!(f, "#{fragment}"),
            None => Ok(()),
        }
    }

    /// The percent-decoded path.
    pub fn decoded_path(&self) -> DecodedPath {
        match percent_decode(self.path.as_bytes()) {
            Some(Cow::Owned(bytes)) => bytes.into(),
            Some(Cow::Borrowed(_)) | None => self.path.clone().into(),
        }
    }
}

impl Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.user.as_ref())
    }
}

/// Reads `http://host:port/path?query#fragment` or a relative reference such as `/path?query`.
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    if is_plain_path(text) { Ok(Url { path: text.into(), ..Url::default() }) } else { parse_parts(text, true) }
}

/// Reads the target of a request, in which no authority stands without a scheme: `//a/b` is a path. If the text is nothing but a
/// path, the URL shares it.
pub fn parse_target(text: &SmolStr) -> Result<Url, UrlError> {
    if is_plain_path(text) { Ok(Url { path: text.clone(), ..Url::default() }) } else { parse_parts(text, false) }
}

// A path without an authority, a query, a fragment and escapes: the target of most requests.
fn is_plain_path(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| !rest.starts_with('/') && PATH_BYTES.contain(rest.as_bytes()))
}

fn parse_parts(text: &str, is_reference: bool) -> Result<Url, UrlError> {
    let fail = |reason: &str| Err(UrlError { reason: reason.to_owned() });
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return fail("net/url: invalid control character in URL");
    }
    let (rest, fragment) = split(text, '#');
    let (scheme, rest) = match split_scheme(rest) {
        Scheme::Named(scheme, rest) => (scheme.to_ascii_lowercase(), rest),
        Scheme::None => (String::new(), rest),
        Scheme::Missing => return fail("missing protocol scheme"),
    };
    let (rest, query) = split(rest, '?');
    // As in Go: three slashes begin a path.
    let has_authority = !scheme.is_empty() || is_reference && !rest.starts_with("///");
    let (authority, path) = match rest.strip_prefix("//").filter(|_| has_authority) {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    if scheme.is_empty() && authority.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
        return fail("first path segment in URL cannot contain colon");
    }
    let (user, authority) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(Box::new(user_info(user)?)), host),
        None => (None, authority),
    };
    if let Some(reason) = host_fault(authority) {
        return Err(UrlError { reason });
    }
    if let Some(bad) = broken_escape(authority).or_else(|| broken_escape(path)) {
        return Err(UrlError { reason: format!("invalid URL escape {bad:?}") });
    }
    let path = keep_encoded(path).into();
    Ok(Url { scheme, user, authority: authority.into(), path, query, fragment })
}

// The faults that Go's parseHost finds: an open bracket, a port that is not digits, a character that needs an escape.
fn host_fault(authority: &str) -> Option<String> {
    let name_end = if authority.starts_with('[') {
        let Some(end) = authority.rfind(']') else { return Some("missing ']' in host".to_owned()) };
        end.saturating_add(1)
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (name, port) = authority.split_at_checked(name_end)?;
    if !(port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))) {
        return Some(format!("invalid port {port:?} after host"));
    }
    let bad =
        name.chars().find(|letter| matches!(letter, ' ' | '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}'))?;
    Some(format!("invalid character {:?} in host name", bad.to_string()))
}

fn user_info(text: &str) -> Result<UserInfo, UrlError> {
    UserInfo::parse(text).map_err(|reason| UrlError { reason: reason.to_owned() })
}

enum Scheme<'a> {
    Named(&'a str, &'a str),
    None,
    Missing,
}

fn split_scheme(text: &str) -> Scheme<'_> {
    let Some((scheme, rest)) = text.split_once(':') else { return Scheme::None };
    let mut letters = scheme.bytes();
    match letters.next() {
        None => Scheme::Missing,
        Some(first) if !first.is_ascii_alphabetic() => Scheme::None,
        Some(_) if letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) => Scheme::Named(scheme, rest),
        Some(_) => Scheme::None,
    }
}

fn split(text: &str, at: char) -> (&str, Option<String>) {
    match text.split_once(at) {
        Some((front, back)) => (front, Some(back.to_owned())),
        None => (text, None),
    }
}

fn broken_escape(path: &str) -> Option<String> {
    let bytes = path.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').find_map(|(at, _)| {
        let escape = bytes.get(at..).map(|rest| rest.get(..3).unwrap_or(rest)).unwrap_or_default();
        let fine = escape.len() == 3 && escape.iter().skip(1).all(u8::is_ascii_hexdigit);
        (!fine).then(|| String::from_utf8_lossy(escape).into_owned())
    })
}

// As Go's EscapedPath: a path that is fully encoded stays as it is written; any other path is decoded and encoded anew.
fn keep_encoded(path: &str) -> String {
    if path.bytes().all(|byte| is_path_byte(byte) || matches!(byte, b'%' | b'[' | b']')) {
        return path.to_owned();
    }
    decode_path(path).map_or_else(|| path.to_owned(), |decoded| encode_path(&decoded))
}

// A query is sent as it is written, except for bytes that would end the request line.
fn encode_query(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    for byte in query.bytes() {
        if byte.is_ascii_graphic() { out.push(char::from(byte)) } else { push_escaped(byte, &mut out) }
    }
    out
}

/// Percent-encodes a decoded path as Go does: `a b` → `a%20b`; `/` stays.
pub fn encode_path(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path {
        if is_path_byte(*byte) { out.push(char::from(*byte)) } else { push_escaped(*byte, &mut out) }
    }
    out
}

/// The percent-decoded path; `None` where an escape is broken.
pub fn decode_path(path: &str) -> Option<Cow<'_, [u8]>> {
    percent_decode(path.as_bytes())
}

const PATH_BYTES: ByteSet = ByteSet::letters_and_digits_and(b"-_.~$&+,/:;=@!'()*");

fn is_path_byte(byte: u8) -> bool {
    PATH_BYTES.has(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_written_back() {
        for text in [
            "http://api:8080/v1/a%20b?x=1",
            "/t/8?q=1",
            "https://h",
            "http://h/?",
            "/p#frag",
            "x/y",
            "shop:8080/x",
            "////",
            "///x",
        ] {
            assert_eq!(parse_url(text).unwrap().to_string(), text);
        }
        assert_eq!(parse_url("http://h/a b").unwrap().to_string(), "http://h/a%20b");
        for text in ["/", "/a:b;c@d", "//h/x", "/a/b?", "/a#", "/%41", "/a b", "/[", "/é"] {
            assert_eq!(parse_url(text), parse_parts(text, true), "{text}");
        }
        let target = parse_target(&"//h/x".into()).unwrap();
        assert_eq!((target.authority.as_str(), target.path.as_str()), ("", "//h/x"));
        for (text, written, shown, without_user) in [
            ("HTTP://u:p%20w@h/", "http://u:p%20w@h/", "http://u:***@h/", "http://h/"),
            ("//u@/x", "//u@/x", "//***@/x", "/x"),
            ("//@", "//@", "//***@", ""),
        ] {
            let url = parse_url(text).unwrap();
            assert_eq!((&*url.written(), &*url.to_string(), &*url.without_user()), (written, shown, without_user));
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_gos_reason() {
        let table = [
            ("://bad", "missing protocol scheme"),
            ("http://u ser@h/", "net/url: invalid userinfo"),
            ("http://%zz", "invalid URL escape \"%zz\""),
            ("http://h/%zz", "invalid URL escape \"%zz\""),
            ("http://[::1", "missing ']' in host"),
            ("http://h:port/", "invalid port \":port\" after host"),
            ("http://[::1]x/", "invalid port \"x\" after host"),
            ("http://a b/", "invalid character \" \" in host name"),
            ("1a:b", "first path segment in URL cannot contain colon"),
            ("http://h/\u{1}", "net/url: invalid control character in URL"),
        ];
        for (text, reason) in table {
            assert_eq!(parse_url(text).unwrap_err().reason, reason, "{text}");
        }
    }

    #[test]
    fn paths_are_decoded_and_encoded() {
        assert_eq!(*decode_path("/u/a%20b+c").unwrap(), *b"/u/a b+c");
        assert_eq!(decode_path("/%"), None);
        assert_eq!(encode_path("/u/a b/é%".as_bytes()), "/u/a%20b/%C3%A9%25");
    }
}
