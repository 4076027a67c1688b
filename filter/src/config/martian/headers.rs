//! `header.Modifier`, `header.Append`, `header.Copy`, `header.Blacklist`, `header.Id`: the headers that they may change, and
//! the values that they may set.

use super::modifier::{Martian, Modifier};
use super::reading::Reading;
use crate::config::reader::{Node, Result, quoted};
use crate::http::{frames_the_body, is_token, parse_url};

/// In Go, `Host` is not a header: a request has a host, a response has none.
pub(super) const HOST: &str = "host";

pub(super) fn set(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let (name, value) = pair(node, reading)?;
    Ok(unless_host(&name.clone(), Modifier::SetHeader { name, value }))
}

pub(super) fn append(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let (name, value) = pair(node, reading)?;
    Ok(unless_host(&name.clone(), Modifier::AddHeader { name, value }))
}

pub(super) fn copy(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let (from, to) = (read_at(node, "from")?, set_at(node, "to", reading)?);
    let on_request = Some(Modifier::CopyHeader { from: from.clone(), to: to.clone() });
    let on_response = match (from.as_str(), to.as_str()) {
        (_, HOST) => None,
        (HOST, _) => Some(Modifier::SetHeader { name: to, value: String::new() }),
        _ => Some(Modifier::CopyHeader { from, to }),
    };
    Ok(Martian { on_request, on_response })
}

pub(super) fn blacklist(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    let mut names = Vec::new();
    if let Some(list) = node.get("names") {
        for item in list.items()? {
            let name = checked(&item)?;
            if frames_the_body(&name) {
                let words = "says how the body travels, which nobody can take away: it stays";
                reading.notices.warn(&item, format!("{} {words}", quoted(item.text()?)));
                continue;
            }
            names.push(name);
        }
    }
    let removed = |names: Vec<String>| (!names.is_empty()).then_some(Modifier::RemoveHeaders(names));
    let of_responses = names.iter().filter(|name| *name != HOST).cloned().collect();
    Ok(Martian { on_request: removed(names), on_response: removed(of_responses) })
}

pub(super) fn identify(node: &Node<'_>, reading: &mut Reading<'_>) -> Result<Martian> {
    // KrakenD's default.
    let name = match node.get("header").filter(|name| !name.is_idle()) {
        Some(_) => set_at(node, "header", reading)?,
        None => "x-krakend-id".to_owned(),
    };
    if name == HOST {
        return Err(node.error_at("header", "Host cannot carry an identifier"));
    }
    Ok(Martian { on_request: Some(Modifier::IdentifyRequest(name)), on_response: None })
}

/// The name of a header that is only read.
pub(super) fn read_at(node: &Node<'_>, key: &str) -> Result<String> {
    let name = node.get(key).ok_or_else(|| node.error_at(key, "is missing: the name of a header"))?;
    let checked = checked(&name)?;
    if frames_the_body(&checked) {
        return Err(name.error(
            "Content-Length and Transfer-Encoding say how the body travels: no modifier can read or set them here",
        ));
    }
    Ok(checked)
}

/// A text that can be the value of a header; empty if it is missing.
pub(super) fn value_at(node: &Node<'_>, key: &str) -> Result<String> {
    let Some(value) = node.get(key) else { return Ok(String::new()) };
    let text = value.text()?;
    if text.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
        let words = "has a line break or another control character, which no header can carry";
        return Err(value.error(format!("{} {words}", quoted(text))));
    }
    Ok(text.to_owned())
}

fn pair(node: &Node<'_>, reading: &Reading<'_>) -> Result<(String, String)> {
    let (name, value) = (set_at(node, "name", reading)?, value_at(node, "value")?);
    let is_host = |text: &str| parse_url(&format!("http://{text}/")).is_ok_and(|url| url.authority == text);
    if name == HOST && !value.is_empty() && !is_host(&value) {
        return Err(node.error_at("value", format!("{} is not a host (write it like \"name:port\")", quoted(&value))));
    }
    Ok((name, value))
}

/// The name of a header that may be set on a request or a response.
fn set_at(node: &Node<'_>, key: &str, reading: &Reading<'_>) -> Result<String> {
    let name = read_at(node, key)?;
    if ["x-envoy-", "x-lua-modifier-"].iter().any(|own| name.starts_with(own)) {
        let words = "is a header by which Envoy and this filter work: it cannot be set";
        return Err(node.error_at(key, format!("{} {words}", quoted(&name))));
    }
    match reading.bounds.dynamic_host {
        Some(host) if name == HOST => Err(node.error_at(
            key,
            format!(
                "Host cannot be changed where default_cluster serves the backend, as it may say there where the request goes: \
                 name a cluster for {} in clusters of extra_config[\"envoy/lua-modifier\"]",
                quoted(host)
            ),
        )),
        _ => Ok(name),
    }
}

fn checked(name: &Node<'_>) -> Result<String> {
    let text = name.text()?;
    if !is_token(text) {
        return Err(name.error(format!("{} is no name of a header", quoted(text))));
    }
    Ok(text.to_ascii_lowercase())
}

fn unless_host(name: &str, modifier: Modifier) -> Martian {
    let on_response = (name != HOST).then(|| modifier.clone());
    Martian { on_request: Some(modifier), on_response }
}
