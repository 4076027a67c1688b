//! `extra_config`: which namespaces are served where, which are known to KrakenD only, and which must not be lost silently.
//!
//! The tables of this file are the whole knowledge, and `fates` has the words for what is not served; what stands inside a
//! namespace is read elsewhere.

use super::fates;
use super::notices::Notices;
use super::reader::{Node, Result, quoted};

pub(super) const PLUGIN: &str = "envoy/lua-modifier";
pub(super) const LUA_ENDPOINT: &str = "modifier/lua-endpoint";
pub(super) const LUA_PROXY: &str = "modifier/lua-proxy";
pub(super) const LUA_BACKEND: &str = "modifier/lua-backend";
pub(super) const PROXY: &str = "proxy";
pub(super) const ROUTER: &str = "router";
pub(super) const HTTP: &str = "backend/http";

/// Where an `extra_config` stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Service,
    Endpoint,
    Backend,
}

impl Level {
    fn serves(self) -> &'static [&'static str] {
        match self {
            Self::Service => &[LUA_ENDPOINT, ROUTER, PLUGIN],
            Self::Endpoint => &[LUA_ENDPOINT, LUA_PROXY, PROXY, PLUGIN],
            Self::Backend => &[LUA_BACKEND, HTTP],
        }
    }
}

/// What these namespaces do keeps people out. A configuration that loses one of them serves what it should not.
const PROTECTING: [&str; 5] = ["auth/", "security/", "validation/", "qos/", "governance/"];

/// The names of long ago, which KrakenD still takes.
const ALIASES: [(&str, &str); 36] = [
    ("github.com/devopsfaith/krakend-lua/router", LUA_ENDPOINT),
    ("github.com/devopsfaith/krakend-lua/proxy", LUA_PROXY),
    ("github.com/devopsfaith/krakend-lua/proxy/backend", LUA_BACKEND),
    ("github.com/devopsfaith/krakend/proxy", PROXY),
    ("github_com/luraproject/lura/router/gin", ROUTER),
    ("github.com/devopsfaith/krakend/http", HTTP),
    ("github.com/devopsfaith/krakend-jose/validator", "auth/validator"),
    ("github.com/devopsfaith/krakend-jose/signer", "auth/signer"),
    ("github.com/devopsfaith/krakend-oauth2-clientcredentials", "auth/client-credentials"),
    ("github.com/devopsfaith/krakend-apikeys", "auth/api-keys"),
    ("github_com/devopsfaith/krakend-apikeys", "auth/api-keys"),
    ("github_com/devopsfaith/bloomfilter", "auth/revoker"),
    ("github_com/devopsfaith/krakend-cors", "security/cors"),
    ("github.com/devopsfaith/krakend-cors", "security/cors"),
    ("github_com/devopsfaith/krakend-httpsecure", "security/http"),
    ("github.com/devopsfaith/krakend-httpsecure", "security/http"),
    ("github_com/devopsfaith/krakend-botdetector", "security/bot-detector"),
    ("github.com/devopsfaith/krakend-botdetector", "security/bot-detector"),
    ("github.com/devopsfaith/krakend-jsonschema", "validation/json-schema"),
    ("github.com/devopsfaith/krakend-cel", "validation/cel"),
    ("github.com/devopsfaith/krakend-ratelimit/juju/router", "qos/ratelimit/router"),
    ("github.com/devopsfaith/krakend-ratelimit/juju/proxy", "qos/ratelimit/proxy"),
    ("github.com/devopsfaith/krakend-ratelimit/rate/router", "qos/ratelimit/router"),
    ("github.com/devopsfaith/krakend-ratelimit/rate/proxy", "qos/ratelimit/proxy"),
    ("github.com/devopsfaith/krakend-circuitbreaker/gobreaker", "qos/circuit-breaker"),
    ("github.com/devopsfaith/krakend-httpcache", "qos/http-cache"),
    ("github.com/devopsfaith/krakend-martian", "modifier/martian"),
    ("github.com/devopsfaith/krakend-lambda", "backend/lambda"),
    ("github.com/devopsfaith/krakend/transport/http/client/graphql", "backend/graphql"),
    ("github.com/devopsfaith/krakend/transport/http/client/executor", "plugin/http-client"),
    ("github_com/devopsfaith/krakend/transport/http/server/handler", "plugin/http-server"),
    ("github.com/devopsfaith/krakend/proxy/plugin", "plugin/req-resp-modifier"),
    ("github_com/devopsfaith/krakend-gologging", "telemetry/logging"),
    ("github_com/devopsfaith/krakend-metrics", "telemetry/metrics"),
    ("github_com/devopsfaith/krakend-opencensus", "telemetry/opencensus"),
    ("github_com/devopsfaith/krakend-influx", "telemetry/influx"),
];

fn current_name(name: &str) -> &str {
    ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

/// The value of a namespace, under its name of today or of long ago.
pub(super) fn namespace<'b>(extra: &'b Node<'_>, name: &'static str) -> Option<Node<'b>> {
    let old = ALIASES.iter().filter(|(_, new)| *new == name).find_map(|(old, _)| extra.get(old));
    extra.get(name).or(old)
}

/// Goes through an `extra_config`: warns of what is not served, and refuses to lose what protects.
pub(super) fn check_namespaces(extra: &Node<'_>, level: Level, notices: &mut Notices) -> Result<()> {
    for (written, node) in extra.entries()? {
        let name = current_name(written);
        if name != written && extra.get(name).is_some() {
            return Err(node.error(format!("{} is the same namespace: keep one of them", quoted(name))));
        }
        if level.serves().contains(&name) {
            if node.value().is_object() {
                continue;
            }
            node.entries()?.for_each(drop);
        }
        if notices.ignores(name) || notices.ignores(written) {
            continue;
        }
        if name == PLUGIN {
            return Err(node.error("belongs to the extra_config of the service or of an endpoint"));
        }
        if PROTECTING.iter().any(|prefix| starts_with_any_case(name, prefix)) {
            return Err(node.error(format!(
                "{name} protects this API and is not enforced here: let Envoy do it and name {} in \
                 extra_config[\"{PLUGIN}\"].ignore, or remove it",
                quoted(written)
            )));
        }
        let served_elsewhere =
            [Level::Service, Level::Endpoint, Level::Backend].iter().any(|level| level.serves().contains(&name));
        // KrakenD knows `proxy` of a backend, too: flatmap_filter and shadow.
        match served_elsewhere && (level, name) != (Level::Backend, PROXY) {
            true => notices.warn(&node, format!("{name} has no effect at this level, as in KrakenD")),
            false => notices.tell(&node, name, fates::of_namespace(name)),
        }
    }
    Ok(())
}

fn starts_with_any_case(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
