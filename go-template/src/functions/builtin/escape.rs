//! `html`, `js` and `urlquery`. Source: Go's text/template/funcs.go and net/url.

use std::fmt::Write;

use super::{Row, Type};
use crate::functions::Host;
use crate::text::{is_printable, print_all};
use crate::value::Value;

pub(super) const ROWS: &[Row] = &[
    Row::variadic("html", &[], Type::Any, |host, arguments| escaped(host, arguments, html)),
    Row::variadic("js", &[], Type::Any, |host, arguments| escaped(host, arguments, js)),
    Row::variadic("urlquery", &[], Type::Any, |host, arguments| escaped(host, arguments, url_query)),
];

fn escaped(host: &Host<'_>, arguments: &[Value], escape: fn(&str) -> String) -> Result<Value, String> {
    let missing = Value::from("<no value>");
    let shown = arguments.iter().map(|value| if matches!(value, Value::Nil) { &missing } else { value });
    Ok(escape(&print_all(shown, host.budget)?).into())
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' => escaped.push('\u{fffd}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        // Writing into a text does not fail.
        let _ = match character {
            '\\' | '\'' | '"' => write!(escaped, "\\{character}"),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => write!(escaped, "\\u{:04X}", u32::from(character)),
            _ if character.is_ascii() || is_printable(character) => write!(escaped, "{character}"),
            _ => write!(escaped, "\\u{:04X}", u32::from(character)),
        };
    }
    escaped
}

fn url_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                write!(escaped, "{}", char::from(byte))
            }
            b' ' => write!(escaped, "+"),
            _ => write!(escaped, "%{byte:02X}"),
        };
    }
    escaped
}
