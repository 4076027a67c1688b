//! The part that does `security/cors` and `security/http` in front of the filter: Envoy's Lua filter with a script of ours, and
//! what belongs to it. Writes down what the configuration says, and decides nothing about a request: the script decides, by
//! these tables.

use std::fmt::Write;

use lua_modifier::config::{AllowedHosts, Cors, Front, Guard, Origins};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::super::Trouble;
use super::yaml::Writer;

const SCRIPT: &str = include_str!("templates/front.lua");
/// The header that keeps the client's own `X-Forwarded-Proto`, because Envoy replaces that value with the true one.
const SAVED: &str = "x-lua-modifier-forwarded-proto";
/// The headers that depend on the request, by the names under which the script leaves them.
const OF_CORS: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "access-control-allow-private-network",
    "access-control-max-age",
];
const EXPOSED: &str = "access-control-expose-headers";
const STS: &str = "strict-transport-security";

/// The pieces of Envoy's configuration, as texts.
pub(super) struct FrontFilters {
    /// The filters, in the order in which they stand in front of the module.
    pub(super) filters: Vec<String>,
    /// The connection manager's `local_reply_config`.
    pub(super) replies: String,
    /// The connection manager's `early_header_mutation_extensions`.
    pub(super) saved: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    /// The namespaces with their places.
    blocks: String,
    both: bool,
    script: String,
    expressions: Vec<String>,
    headers: Vec<Shaped>,
    saved: &'static str,
}

/// A header of the answers that Envoy makes itself, in Envoy's format.
#[derive(Serialize)]
struct Shaped {
    name: String,
    value: String,
}

impl FrontFilters {
    /// None if the document has neither block.
    pub(super) fn new(front: &Front, writer: &Writer) -> Result<Option<Self>, Trouble> {
        if front.is_empty() {
            return Ok(None);
        }
        let shown = Value::from(Serde(shown(front)));
        let mut filters = Vec::new();
        if let Some(guard) = front.guard.as_ref().filter(|guard| !expressions(guard).is_empty()) {
            let headers = std::iter::once(":authority").chain(guard.host_headers.iter().map(String::as_str));
            for (number, header) in headers.enumerate() {
                filters.push(writer.fill("hosts", context! { front => shown.clone(), number, header })?);
            }
        }
        filters.push(writer.fill("front", context! { front => shown.clone() })?);
        let replies = writer.fill("replies", context! { front => shown.clone() })?;
        let saved = saves(front).then(|| writer.fill("saved", context! { front => shown })).transpose()?;
        Ok(Some(Self { filters, replies, saved }))
    }
}

// Envoy itself sets `X-Forwarded-Proto` by whether a request came by TLS, and removes the value that a client sent.
fn saves(front: &Front) -> bool {
    front.guard.iter().flat_map(|guard| &guard.transport.proof).any(|(name, _)| name == "x-forwarded-proto")
}

fn shown(front: &Front) -> Shown {
    let blocks: Vec<String> =
        front.blocks.iter().map(|block| format!("{} ({})", block.namespace, block.path)).collect();
    Shown {
        blocks: blocks.join(" and "),
        both: blocks.len() > 1,
        script: script(front),
        expressions: front.guard.as_ref().map(expressions).unwrap_or_default(),
        headers: headers(front),
        saved: SAVED,
    }
}

fn expressions(guard: &Guard) -> Vec<String> {
    match &guard.hosts {
        Some(hosts) if matches!(hosts.allowed, AllowedHosts::Patterns(_)) => hosts.written.clone(),
        _ => Vec::new(),
    }
}

/// The headers of every response.
fn always(front: &Front) -> Vec<(&str, &str)> {
    let vary = front.cors.as_ref().map(|_| ("vary", "Origin"));
    let own = front.guard.iter().flat_map(|guard| &guard.headers).map(|(name, value)| (*name, value.as_str()));
    vary.into_iter().chain(own).collect()
}

/// The headers of some responses only.
fn marked(front: &Front) -> Vec<&'static str> {
    let of_cors = front.cors.iter().flat_map(|cors| {
        // Headers for preflights are on no other response.
        let names = OF_CORS.into_iter().filter(|name| {
            cors.passes_preflights || ["access-control-allow-origin", "access-control-allow-credentials"].contains(name)
        });
        names.chain([EXPOSED])
    });
    let sts = front.guard.as_ref().and_then(|guard| guard.transport.sts.as_ref()).map(|_| STS);
    of_cors.chain(sts).collect()
}

fn headers(front: &Front) -> Vec<Shaped> {
    // Where preflights pass, they have another `Vary`.
    let varies = front.cors.as_ref().is_some_and(|cors| cors.passes_preflights);
    let (of_request, always): (Vec<_>, Vec<_>) =
        always(front).into_iter().partition(|(name, _)| varies && *name == "vary");
    let always = always.into_iter();
    let always = always.map(|(name, value)| Shaped { name: name.to_owned(), value: value.replace('%', "%%") });
    let marked = of_request.into_iter().map(|(name, _)| name).chain(marked(front)).map(|name| {
        let value = format!("%DYNAMIC_METADATA(lua-modifier.front:{name})%");
        Shaped { name: name.to_owned(), value }
    });
    always.chain(marked).collect()
}

fn script(front: &Front) -> String {
    let mut text = String::new();
    let line = |text: &mut String, key: &str, value: &str| {
        let _ = writeln!(text, "  {key} = {value},"); // writing to a String cannot fail, here and below
    };
    match &front.cors {
        Some(cors) => {
            text += "local CORS = {\n";
            cors_table(cors, &mut |key, value| line(&mut text, key, &value));
            text += "}\n";
        }
        None => text += "local CORS = nil\n",
    }
    match &front.guard {
        Some(guard) => {
            text += "local HTTP = {\n";
            guard_table(guard, &mut |key, value| line(&mut text, key, &value));
            text += "}\n";
        }
        None => text += "local HTTP = nil\n",
    }
    let pair = |(one, other): (&str, &str)| format!("{{ {}, {} }}", quoted(one), quoted(other));
    let _ = writeln!(text, "-- The headers of every response, and of some.");
    let _ = writeln!(text, "local ALWAYS = {}", listed(always(front).into_iter().map(pair)));
    let _ = writeln!(text, "local MARKED = {}", listed(marked(front).into_iter().map(quoted)));
    let saved = if saves(front) { quoted(SAVED) } else { "nil".to_owned() };
    let _ = writeln!(text, "local SAVED = {saved}");
    text + SCRIPT
}

fn cors_table(cors: &Cors, line: &mut dyn FnMut(&str, String)) {
    match &cors.origins {
        Origins::Any => line("any", "true".to_owned()),
        Origins::These(names, patterns) => {
            line("origins", set(names));
            let pair = |(start, end): &(String, String)| format!("{{ {}, {} }}", quoted(start), quoted(end));
            line("patterns", listed(patterns.iter().map(pair)));
        }
    }
    line("methods", set(&cors.methods));
    if let Some(names) = &cors.headers {
        let place = |(number, name): (usize, &String)| format!("[{}] = {}", quoted(name), number.saturating_add(1));
        line("headers", listed(names.iter().enumerate().map(place)));
    }
    cors.exposed.iter().for_each(|exposed| line("exposed", quoted(exposed)));
    cors.max_age.iter().for_each(|seconds| line("max_age", quoted(&seconds.to_string())));
    line("credentials", cors.credentials.to_string());
    line("private_network", cors.private_network.to_string());
    line("passes_preflights", cors.passes_preflights.to_string());
    line("preflight_vary", quoted(cors.preflight_vary()));
}

fn guard_table(guard: &Guard, line: &mut dyn FnMut(&str, String)) {
    line("checks_hosts", guard.hosts.is_some().to_string());
    if let Some(AllowedHosts::Names(names)) = guard.hosts.as_ref().map(|hosts| &hosts.allowed) {
        line("hosts", set(names));
    }
    line("host_headers", listed(guard.host_headers.iter().map(|name| quoted(name))));
    let transport = &guard.transport;
    line("redirects", transport.redirects.to_string());
    transport.host.iter().for_each(|host| line("ssl_host", quoted(host)));
    let proof = |(name, value): &(String, String)| {
        let name = if name == "x-forwarded-proto" { SAVED } else { name };
        format!("{{ {}, {} }}", quoted(name), quoted(value))
    };
    line("proof", listed(transport.proof.iter().map(proof)));
    transport.sts.iter().for_each(|value| line("sts", quoted(value)));
}

fn set(names: &[String]) -> String {
    listed(names.iter().map(|name| format!("[{}] = true", quoted(name))))
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", items.join(", ")) }
}

/// A text as a Lua string, on one line, in plain letters.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => drop(write!(out, "\\{byte:03}")),
        }
    }
    out + "\""
}
