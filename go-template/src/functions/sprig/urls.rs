//! Splits URLs and puts them together. Source: sprig's url.go and Go's net/url.

use std::fmt::Write;

use crate::functions::arguments::{Arguments, NIL, kind};
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::{lossy, quote};
use crate::value::{Map, Value};

pub(super) const ROWS: &[Row] = &[
    Row::fixed("urlJoin", &[Type::Map], join),
    Row::fixed("urlParse", &[Type::String], |_, arguments| {
        let text = arguments.text(0);
        let shown = text.split('#').next().unwrap_or_default();
        parse(text).map_err(|reason| format!("unable to parse url: parse {}: {reason}", quote(shown)))
    }),
];

/// Characters besides letters, digits and `-_.~` that stay in each part.
const IN_PATH: &str = "$&+,/:;=@";
const IN_FRAGMENT: &str = "$&+,/:;=?@!()*";
const IN_USER: &str = "$&+,;=";

fn parse(text: &str) -> Result<Value, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (scheme, rest) = scheme(rest)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut opaque, mut host, mut user, mut path) = ("", String::new(), String::new(), rest);
    if !scheme.is_empty() && !rest.starts_with('/') {
        (opaque, path) = (rest, "");
    } else if let Some(behind) = rest.strip_prefix("//") {
        let end = behind.find('/').unwrap_or(behind.len());
        let (authority, behind) = behind.split_at(end);
        let (info, named) = authority.rsplit_once('@').map_or((None, authority), |(info, host)| (Some(info), host));
        user = match info {
            Some(info) => userinfo(info)?,
            None => String::new(),
        };
        (host, path) = (host_and_port(named)?, behind);
    } else if scheme.is_empty() && rest.split('/').next().is_some_and(|first| first.contains(':')) {
        return Err("first path segment in URL cannot contain colon".to_owned());
    }
    let hostname = match (host.strip_prefix('['), host.rsplit_once(':')) {
        (Some(inner), _) => inner.split(']').next().unwrap_or_default().to_owned(),
        (None, Some((name, port))) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host.clone(),
    };
    Ok(Value::map([
        ("scheme", scheme.into()),
        ("host", host.into()),
        ("hostname", hostname.into()),
        ("path", unescape(path)?.into()),
        ("query", query.into()),
        ("opaque", opaque.into()),
        ("fragment", unescape(fragment)?.into()),
        ("userinfo", user.into()),
    ]))
}

/// The scheme in small letters, and the text after its colon.
fn scheme(text: &str) -> Result<(String, &str), String> {
    let end = text.find(|next: char| !next.is_ascii_alphanumeric() && !"+-.".contains(next));
    match end.and_then(|end| text.split_at_checked(end)) {
        Some(("", rest)) if rest.starts_with(':') => Err("missing protocol scheme".to_owned()),
        Some((name, rest)) if rest.starts_with(':') && name.starts_with(|next: char| next.is_ascii_alphabetic()) => {
            Ok((name.to_ascii_lowercase(), rest.get(1..).unwrap_or_default()))
        }
        Some((name, rest)) if rest.starts_with(':') && !name.is_empty() => {
            Err("first path segment in URL cannot contain colon".to_owned())
        }
        _ => Ok((String::new(), text)),
    }
}

fn host_and_port(text: &str) -> Result<String, String> {
    let port = match text.rfind(']') {
        Some(end) => text.get(end + 1..).unwrap_or_default(),
        None => text.rfind(':').and_then(|colon| text.get(colon..)).unwrap_or_default(),
    };
    let valid =
        port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if !valid {
        return Err(format!("invalid port {} after host", quote(port)));
    }
    if let Some(wrong) = text.chars().find(|next| " \"<>\\^`{|}".contains(*next)) {
        return Err(format!("invalid character {} in host name", quote(&wrong.to_string())));
    }
    unescape(text)
}

/// `user:password`, with escapes where they are needed.
fn userinfo(text: &str) -> Result<String, String> {
    if !text.chars().all(|next| next.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(next)) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let escaped = |text: &str| Ok::<_, String>(escape(&unescape(text)?, IN_USER));
    match text.split_once(':') {
        Some((name, password)) => Ok(format!("{}:{}", escaped(name)?, escaped(password)?)),
        None => escaped(text),
    }
}

fn unescape(text: &str) -> Result<String, String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend(before.as_bytes());
        let digits = behind.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            let wrong: String = ['%'].into_iter().chain(behind.chars().take(2)).collect();
            return Err(format!("invalid URL escape {}", quote(&wrong)));
        };
        bytes.push(byte);
        rest = behind.get(2..).unwrap_or_default();
    }
    bytes.extend(rest.as_bytes());
    Ok(lossy(&bytes))
}

fn escape(text: &str, kept: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.~".contains(character) || kept.contains(character) {
            escaped.push(character);
        } else {
            // Writing into a text does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// An entry that must be a text if it is present.
fn part(map: &Map, key: &str) -> Result<String, String> {
    match map.get(key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.as_ref().to_owned()),
        Some(Value::Nil) => Err(NIL.to_owned()),
        Some(other) => Err(format!("unable to parse {key} key, must be of type string, but {} found", kind(&other))),
    }
}

fn join(_: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let empty = Map::default();
    let map = arguments.map(0).unwrap_or(&empty);
    let (scheme, host, path) = (part(map, "scheme")?, part(map, "host")?, part(map, "path")?);
    let (query, opaque, fragment) = (part(map, "query")?, part(map, "opaque")?, part(map, "fragment")?);
    let info = part(map, "userinfo")?;
    let user = userinfo(&info).map_err(|reason| {
        format!("unable to parse userinfo in dict: parse {}: {reason}", quote(&format!("proto://{info}@host")))
    })?;
    let mut url = if scheme.is_empty() { String::new() } else { format!("{scheme}:") };
    if opaque.is_empty() {
        let has_authority = !host.is_empty() || !user.is_empty();
        if has_authority || !scheme.is_empty() && !path.is_empty() {
            url.push_str("//");
        }
        if !user.is_empty() {
            url.push_str(&user);
            url.push('@');
        }
        url.push_str(&host);
        let path = if path == "*" { path } else { escape(&path, IN_PATH) };
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            url.push('/');
        }
        if url.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
            url.push_str("./");
        }
        url.push_str(&path);
    } else {
        url.push_str(&opaque);
    }
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query);
    }
    if !fragment.is_empty() {
        url.push('#');
        url.push_str(&escape(&fragment, IN_FRAGMENT));
    }
    Ok(url.into())
}
