//! Old names, and what they are called today. Knows nothing of what happens with the names.

/// Old names of namespaces that KrakenD still accepts.
const ALIASES: [(&str, &str); 37] = [
    ("github.com/devopsfaith/krakend-lua/router", "modifier/lua-endpoint"),
    ("github.com/devopsfaith/krakend-lua/proxy", "modifier/lua-proxy"),
    ("github.com/devopsfaith/krakend-lua/proxy/backend", "modifier/lua-backend"),
    ("github.com/devopsfaith/krakend/proxy", "proxy"),
    ("github_com/luraproject/lura/router/gin", "router"),
    ("github.com/devopsfaith/krakend/http", "backend/http"),
    ("github.com/devopsfaith/krakend-amqp/agent", "async/amqp"),
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

/// Old keys, of KrakenD's second version. KrakenD itself no longer reads them.
const RENAMED: [(&str, &str); 4] = [
    ("headers_to_pass", "input_headers"),
    ("querystring_params", "input_query_strings"),
    ("whitelist", "allow"),
    ("blacklist", "deny"),
];

/// The current name of a namespace.
#[must_use]
pub fn current_name(name: &str) -> &str {
    ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

/// The old names of a namespace.
pub(crate) fn old_names(name: &str) -> impl Iterator<Item = &'static str> {
    ALIASES.iter().filter(move |(_, new)| *new == name).map(|(old, _)| *old)
}

/// The current name of an old key.
#[must_use]
pub fn renamed(key: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(old, _)| *old == key).map(|(_, new)| *new)
}
