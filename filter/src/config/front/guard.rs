//! The namespace `security/http`: which hosts are answered, whether by TLS only, and the headers that tell browsers to be careful,
//! as krakend-httpsecure and unrolled/secure decide.
//!
//! Knows no request: whoever stands in front holds one against this.

use super::told::Told;
use crate::config::pattern::Pattern;
use crate::config::reader::{Node, Result, quoted};
use crate::http::is_token;

/// What the service asks of requests, and tells browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The hosts that are answered; none: all.
    pub hosts: Option<Hosts>,
    /// The headers whose first value may be the host that was meant, in lower case: the first that is there counts.
    pub host_headers: Vec<String>,
    /// What is done with requests that came without TLS.
    pub transport: Transport,
    /// The headers of every response, in lower case.
    pub headers: Vec<(&'static str, String)>,
}

/// The hosts that are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// As they are written.
    pub written: Vec<String>,
    /// By which they are known.
    pub allowed: AllowedHosts,
}

/// How hosts are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedHosts {
    /// By their names, in lower case, with the port where it is not the scheme's own.
    Names(Vec<String>),
    /// By expressions for the whole of a name.
    Patterns(Vec<Pattern>),
}

/// What is done with requests that came without TLS, and how they are told from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    /// Are they sent to `https`?
    pub redirects: bool,
    /// The host that they are sent to, in the place of their own.
    pub host: Option<String>,
    /// A request with one of these headers came by TLS: name in lower case, first value to the letter.
    pub proof: Vec<(String, String)>,
    /// `Strict-Transport-Security` of what came by TLS.
    pub sts: Option<String>,
}

pub(super) fn read(node: &Node<'_>, told: &mut Told) -> Result<Guard> {
    let hosts = hosts(node)?;
    let (mut transport, mut headers) = (transport(node)?, headers(node)?);
    let host_headers = names(node, "host_proxy_headers")?;
    let forces_sts = node.flag_at("force_sts_header")?;
    if node.flag_at("is_development")? {
        told.warn(
            node,
            "is_development is on: any host is answered, without TLS, too, and no Strict-Transport-Security is sent, as in KrakenD",
        );
        return Ok(Guard { hosts: None, host_headers: Vec::new(), transport: Transport::default(), headers });
    }
    if forces_sts {
        headers.extend(transport.sts.take().map(|value| ("strict-transport-security", value)));
    }
    let needs_host = hosts.is_some() || transport.redirects;
    let host_headers = if needs_host { host_headers } else { Vec::new() };
    if !host_headers.is_empty() {
        told.warn(
            node,
            "host_proxy_headers are believed from everybody, as in KrakenD: whoever reaches this gateway directly chooses the host by them",
        );
    }
    Ok(Guard { hosts, host_headers, transport, headers })
}

fn hosts(node: &Node<'_>) -> Result<Option<Hosts>> {
    let are_patterns = node.flag_at("allowed_hosts_are_regex")?;
    let written = node.texts_at("allowed_hosts")?;
    let Some(list) = node.get("allowed_hosts").filter(|_| !written.is_empty()) else { return Ok(None) };
    let mut patterns = Vec::new();
    for (item, text) in list.items()?.zip(&written) {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(item.error(format!("{} is no host", quoted(text))));
        }
        if are_patterns {
            // Alone, too: brackets that only fit around it would change what is anchored.
            Pattern::new(text).map_err(|why| item.error(why))?;
            patterns.push(Pattern::new(&format!("^(?:{text})$")).map_err(|why| item.error(why))?);
        }
    }
    let lower = || written.iter().map(|host| host.to_ascii_lowercase()).collect();
    let allowed = if are_patterns { AllowedHosts::Patterns(patterns) } else { AllowedHosts::Names(lower()) };
    Ok(Some(Hosts { written, allowed }))
}

fn transport(node: &Node<'_>) -> Result<Transport> {
    let seconds = node.get("sts_seconds").map(|seconds| seconds.whole()).transpose()?.unwrap_or(0);
    let subdomains = if node.flag_at("sts_include_subdomains")? { "; includeSubDomains" } else { "" };
    let host = value_at(node, "ssl_host")?;
    if let Some(host) = host.iter().find(|host| host.contains(['/', '?', '#', '@', '\\', ' '])) {
        return Err(node.error_at(
            "ssl_host",
            format!("{} is no host: write a name, with a port where it is not 443", quoted(host)),
        ));
    }
    Ok(Transport {
        redirects: node.flag_at("ssl_redirect")?,
        host,
        proof: proof(node)?,
        sts: (seconds != 0).then(|| format!("max-age={seconds}{subdomains}")),
    })
}

fn proof(node: &Node<'_>) -> Result<Vec<(String, String)>> {
    let Some(headers) = node.get("ssl_proxy_headers") else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (name, value) in headers.data_entries()? {
        if !is_token(name) {
            return Err(value.error(format!("{} is no name of a header", quoted(name))));
        }
        all.push((name.to_ascii_lowercase(), value.text()?.to_owned()));
    }
    Ok(all)
}

fn names(node: &Node<'_>, key: &str) -> Result<Vec<String>> {
    let names = node.texts_at(key)?;
    match names.iter().find(|name| !is_token(name)) {
        Some(name) => Err(node.error_at(key, format!("{} is no name of a header", quoted(name)))),
        None => Ok(names.iter().map(|name| name.to_ascii_lowercase()).collect()),
    }
}

fn headers(node: &Node<'_>) -> Result<Vec<(&'static str, String)>> {
    let denies = node.flag_at("frame_deny")?.then(|| "DENY".to_owned());
    let policy = value_at(node, "content_security_policy")?;
    if policy.as_ref().is_some_and(|policy| policy.contains("$NONCE") || policy.contains("%[1]s")) {
        let what = "must not say $NONCE: KrakenD puts a value of chance there that no backend learns, so that no page could use it";
        return Err(node.error_at("content_security_policy", what));
    }
    let all = [
        ("x-frame-options", value_at(node, "custom_frame_options_value")?.or(denies)),
        ("x-content-type-options", node.flag_at("content_type_nosniff")?.then(|| "nosniff".to_owned())),
        ("x-xss-protection", node.flag_at("browser_xss_filter")?.then(|| "1; mode=block".to_owned())),
        ("content-security-policy", policy),
        ("referrer-policy", value_at(node, "referrer_policy")?),
    ];
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

// A text for a header; none where it is empty.
fn value_at(node: &Node<'_>, key: &str) -> Result<Option<String>> {
    let text = node.text_at(key)?.filter(|text| !text.is_empty());
    let fits = |text: &str| text.trim() == text && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match text {
        Some(text) if !fits(&text) => {
            Err(node.error_at(key, format!("{} is no value of a header: plain letters on one line", quoted(&text))))
        }
        text => Ok(text),
    }
}
