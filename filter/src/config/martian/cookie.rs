//! `cookie.Modifier`: adds a cookie, written as Go's `http.Cookie` writes it. A value that Go would leave out or change is
//! refused.

use std::fmt::Write;

use super::modifier::{Martian, Modifier};
use super::reading::Reading;
use crate::config::reader::{Node, Result, quoted};
use crate::http::is_token;

pub(super) fn add(node: &Node<'_>, _: &mut Reading<'_>) -> Result<Martian> {
    let name = node.text_at("name")?.ok_or_else(|| node.error_at("name", "is missing: the cookie's"))?;
    if !is_token(&name) {
        return Err(node.error_at("name", format!("{} is no name of a cookie", quoted(&name))));
    }
    let value = part_at(node, "value", |byte| !matches!(byte, b'"' | b';' | b'\\'))?;
    let pair = if value.contains([' ', ',']) { format!("{name}=\"{value}\"") } else { format!("{name}={value}") };
    let mut line = pair.clone();
    let mut attribute = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(line, "; {name}={value}");
        }
    };
    attribute("Path", &part_at(node, "path", |byte| byte != b';')?);
    let domain = part_at(node, "domain", |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))?;
    attribute("Domain", domain.strip_prefix('.').unwrap_or(&domain));
    match node.get("maxAge").map_or(Ok(0), |age| age.whole())? {
        0 => {}
        age => attribute("Max-Age", &age.max(0).to_string()),
    }
    for (key, name) in [("httpOnly", "; HttpOnly"), ("secure", "; Secure")] {
        if node.flag_at(key)? {
            line.push_str(name);
        }
    }
    let on_response = Some(Modifier::AddHeader { name: "set-cookie".to_owned(), value: line });
    Ok(Martian { on_request: Some(Modifier::AddCookie(pair)), on_response })
}

/// A part of a cookie, empty if it is missing: printable ASCII without the letters that would end it.
fn part_at(node: &Node<'_>, key: &str, may_have: impl Fn(u8) -> bool) -> Result<String> {
    let Some(part) = node.get(key) else { return Ok(String::new()) };
    let text = part.text()?;
    match text
        .chars()
        .find(|letter| !u8::try_from(*letter).is_ok_and(|byte| (0x20..0x7f).contains(&byte) && may_have(byte)))
    {
        Some(letter) => Err(part.error(format!("{} has {letter:?}, which a cookie's {key} cannot have", quoted(text)))),
        None => Ok(text.to_owned()),
    }
}
