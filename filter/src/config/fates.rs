//! What becomes of that which KrakenD knows and this filter does not serve: another part of Envoy does it, nothing is missed, or
//! it is lost. The tables of this file are the whole knowledge, for the module's log and for the command's notes alike.
//!
//! Knows names and words. Where a name may stand, and which are served, is known to those who read there.

/// What becomes of a key or a namespace that is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// `lua-modifier bundle` writes it into Envoy's configuration; the words say as what.
    Bundled(&'static str),
    /// No client and no backend notices; the words say why.
    Harmless(&'static str),
    /// It does not happen. The words say what to do instead; empty: nothing is known.
    Lost(&'static str),
}

use Fate::{Bundled, Harmless, Lost};

const LISTENER: &str = "the address of the listener";
const POOLS: &str = "Envoy's clusters look after connections to backends";
const CLUSTER: &str = "it belongs into Envoy's cluster";
const CLIENT_ADDRESS: &str = "Envoy finds the client's address: see use_remote_address and xff_num_trusted_hops";

const KEYS: [(&str, Fate); 36] = [
    // Of the service.
    ("port", Bundled(LISTENER)),
    ("listen_ip", Bundled(LISTENER)),
    ("use_h2c", Harmless("Envoy's listeners take HTTP/2 without TLS by themselves")),
    ("disable_rest", Harmless("any path is taken here")),
    ("debug_endpoint", Harmless("there is no /__debug/ here")),
    ("echo_endpoint", Harmless("there is no /__echo/ here")),
    ("sequential_start", Harmless("nothing is started one after the other here")),
    ("max_shutdown_wait_time", Harmless("Envoy drains by its own --drain-time-s")),
    ("disable_compression", Harmless("no compression is asked for here, except by clients")),
    ("disable_keep_alives", Harmless(POOLS)),
    ("max_idle_connections", Harmless(POOLS)),
    ("max_idle_connections_per_host", Harmless(POOLS)),
    ("idle_connection_timeout", Harmless(POOLS)),
    ("expect_continue_timeout", Harmless(POOLS)),
    ("dialer_fallback_delay", Harmless(POOLS)),
    ("dialer_keep_alive", Harmless(POOLS)),
    ("dns_cache_ttl", Harmless("Envoy's clusters look up names by themselves")),
    ("idle_timeout", Harmless("Envoy closes idle connections of clients by itself")),
    ("read_timeout", Lost("request_timeout of the connection manager of Envoy's listener is meant")),
    ("read_header_timeout", Lost("request_headers_timeout of the connection manager of Envoy's listener is meant")),
    ("write_timeout", Lost("stream_idle_timeout of the connection manager of Envoy's listener comes next to it")),
    ("max_header_bytes", Lost("max_request_headers_kb of the connection manager of Envoy's listener is meant")),
    ("response_header_timeout", Lost("the endpoint's timeout holds")),
    ("dialer_timeout", Lost("connect_timeout of Envoy's cluster is meant")),
    ("client_tls", Lost(CLUSTER)),
    ("allow_insecure_connections", Lost(CLUSTER)),
    // Of the router.
    ("logger_skip_paths", Harmless("Envoy has access logs of its own, and filters for them")),
    ("disable_access_log", Harmless("there is an access log only where Envoy is given one")),
    ("hide_version_header", Harmless("there is no header with a version here")),
    ("max_multipart_memory", Harmless("forms are passed on as they are")),
    ("disable_gzip", Harmless("nothing is compressed here")),
    ("max_payload", Lost("limits.body_bytes of extra_config[\"envoy/lua-modifier\"] is meant")),
    ("forwarded_by_client_ip", Lost(CLIENT_ADDRESS)),
    ("remote_ip_headers", Lost(CLIENT_ADDRESS)),
    ("trusted_proxies", Lost(CLIENT_ADDRESS)),
    ("app_engine", Lost(CLIENT_ADDRESS)),
];

/// By how a namespace begins.
const NAMESPACES: [(&str, Fate); 3] = [
    ("telemetry/", Harmless("Envoy has logs, metrics and traces of its own")),
    ("documentation/", Harmless("it describes the API, and serves nothing")),
    ("plugin/", Lost("Go plugins do not run in Envoy")),
];

/// Names of KrakenD's second version, and their names of today. KrakenD itself reads the old ones no more.
const RENAMED: [(&str, &str); 4] = [
    ("headers_to_pass", "input_headers"),
    ("querystring_params", "input_query_strings"),
    ("whitelist", "allow"),
    ("blacklist", "deny"),
];

/// The fate of a key that is not served.
pub(super) fn of_key(key: &str) -> Fate {
    KEYS.iter().find(|(known, _)| *known == key).map_or(Lost(""), |(_, fate)| *fate)
}

/// The fate of a namespace that is not served.
pub(super) fn of_namespace(name: &str) -> Fate {
    NAMESPACES.iter().find(|(start, _)| name.starts_with(start)).map_or(Lost(""), |(_, fate)| *fate)
}

/// What a key of long ago is called today.
pub(super) fn renamed(key: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(old, _)| *old == key).map(|(_, new)| *new)
}
