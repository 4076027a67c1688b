//! The HTTP methods that KrakenD's router knows.

use super::reader::{Node, Result, listed, quoted};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The method behind the key `method`, in upper case, as KrakenD's router uses it.
pub(super) fn method_at(node: &Node<'_>, default: &str) -> Result<String> {
    let Some(node) = node.get("method") else { return Ok(default.to_owned()) };
    let method = node.text()?.to_ascii_uppercase();
    match method.as_str() {
        "" => Ok(default.to_owned()),
        known if METHODS.contains(&known) => Ok(method),
        _ => Err(node.error(format!("unknown method {} (known: {})", quoted(&method), listed(METHODS)))),
    }
}
