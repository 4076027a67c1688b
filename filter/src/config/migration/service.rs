//! The service: its own keys, and those of the namespace `router`.

use super::row::{Row, approximate, by_envoy, by_hand, exact, lost, not_needed};

const LISTENER: &str = "the address of the listener";
const POOLS: &str = "Envoy's clusters look after connections to backends";
const CLUSTER: &str = "it belongs into Envoy's cluster";
const CLIENT_ADDRESS: &str = "Envoy finds the client's address: see use_remote_address and xff_num_trusted_hops";
const LISTENER_TLS: &str = "tls_params in the transport_socket of Envoy's listener";
const CLUSTER_TLS: &str = "tls_params in the transport_socket of Envoy's cluster";

pub(super) const KEYS: &[Row] = &[
    exact("version"),
    exact("name"),
    exact("timeout"),
    exact("cache_ttl"),
    exact("output_encoding").except(&super::endpoint::OUTPUT_ENCODINGS),
    exact("host"),
    exact("extra_config"),
    exact("endpoints"),
    approximate(
        "async_agent",
        "`lua-modifier agent` takes the messages from the queue, beside Envoy, and hands each to a listener of its own that `lua-modifier bundle` \
         writes; istio and envoy-gateway have none, and there the command plays the scripts itself",
    ),
    by_envoy("port", LISTENER),
    by_envoy("listen_ip", LISTENER),
    by_hand("tls", "a transport_socket of type DownstreamTlsContext in Envoy's listener holds certificates, versions and ciphers")
        .explained(TLS),
    by_hand("client_tls", "a transport_socket of type UpstreamTlsContext in Envoy's cluster; `lua-modifier bundle` writes one that checks certificates for each https host")
        .told(CLUSTER)
        .explained(CLIENT_TLS),
    by_hand("allow_insecure_connections", "trust_chain_verification: ACCEPT_UNTRUSTED in the validation_context of Envoy's cluster")
        .told(CLUSTER),
    lost("plugin", "Go plugins do not run in Envoy"),
    by_hand("read_timeout", "").told("request_timeout of the connection manager of Envoy's listener is meant"),
    by_hand("read_header_timeout", "").told("request_headers_timeout of the connection manager of Envoy's listener is meant"),
    by_hand("write_timeout", "").told("stream_idle_timeout of the connection manager of Envoy's listener comes next to it"),
    by_hand("max_header_bytes", "").told("max_request_headers_kb of the connection manager of Envoy's listener is meant"),
    by_hand("dialer_timeout", "").told("connect_timeout of Envoy's cluster is meant"),
    lost("response_header_timeout", "").told("the endpoint's timeout holds"),
    not_needed("use_h2c", "Envoy's listeners take HTTP/2 without TLS by themselves"),
    not_needed("disable_rest", "any path is taken here"),
    not_needed("debug_endpoint", "there is no /__debug/ here"),
    not_needed("echo_endpoint", "there is no /__echo/ here"),
    not_needed("sequential_start", "nothing is started one after the other here"),
    not_needed("max_shutdown_wait_time", "Envoy drains by its own --drain-time-s"),
    not_needed("disable_compression", "no compression is asked for here, except by clients"),
    not_needed("disable_keep_alives", POOLS),
    not_needed("max_idle_connections", POOLS),
    not_needed("max_idle_connections_per_host", POOLS),
    not_needed("idle_connection_timeout", POOLS),
    not_needed("expect_continue_timeout", POOLS),
    not_needed("dialer_fallback_delay", POOLS),
    not_needed("dialer_keep_alive", POOLS),
    not_needed("dns_cache_ttl", "Envoy's clusters look up names by themselves"),
    not_needed("idle_timeout", "Envoy closes idle connections of clients by itself"),
];

const TLS: &[Row] = &[
    by_hand("public_key", "tls_certificates.certificate_chain"),
    by_hand("private_key", "tls_certificates.private_key"),
    by_hand("keys", "tls_certificates: one entry for each, which Envoy chooses by the name that clients ask for"),
    by_hand("enable_mtls", "require_client_certificate"),
    by_hand("ca_certs", "validation_context.trusted_ca"),
    by_hand("min_version", LISTENER_TLS),
    by_hand("max_version", LISTENER_TLS),
    by_hand("cipher_suites", LISTENER_TLS),
    by_hand("curve_preferences", LISTENER_TLS),
    not_needed("disable_system_ca_pool", "Envoy trusts what trusted_ca names, and nothing else"),
    by_hand("disabled", "no transport_socket at all"),
];

const CLIENT_TLS: &[Row] = &[
    by_envoy("ca_certs", "the clusters of https hosts: `--ca-file`"),
    by_hand("allow_insecure_connections", "trust_chain_verification: ACCEPT_UNTRUSTED in the validation_context"),
    not_needed("disable_system_ca_pool", "Envoy trusts what trusted_ca names, and nothing else"),
    by_hand("client_certs", "tls_certificates of the UpstreamTlsContext"),
    by_hand("min_version", CLUSTER_TLS),
    by_hand("max_version", CLUSTER_TLS),
    by_hand("cipher_suites", CLUSTER_TLS),
    by_hand("curve_preferences", CLUSTER_TLS),
];

/// The namespace `router`.
pub(crate) const ROUTER: &[Row] = &[
    exact("return_error_msg"),
    exact("disable_redirect_trailing_slash"),
    exact("disable_redirect_fixed_path"),
    exact("disable_handle_method_not_allowed"),
    exact("remove_extra_slash"),
    exact("auto_options"),
    exact("disable_path_decoding"),
    exact("disable_health"),
    exact("health_path"),
    exact("error_body"),
    by_hand("max_payload", "limits.body_bytes of extra_config[\"envoy/lua-modifier\"] bounds the bodies that scripts and encodings read; envoy.filters.http.buffer bounds all")
        .told("limits.body_bytes of extra_config[\"envoy/lua-modifier\"] is meant"),
    by_hand("forwarded_by_client_ip", "").told(CLIENT_ADDRESS),
    by_hand("remote_ip_headers", "").told(CLIENT_ADDRESS),
    by_hand("trusted_proxies", "").told(CLIENT_ADDRESS),
    by_hand("app_engine", "").told(CLIENT_ADDRESS),
    by_hand("decompress_gzip", "Envoy's filter envoy.filters.http.decompressor, in front of this one"),
    not_needed("hide_version_header", "there is no header with a version here"),
    not_needed("logger_skip_paths", "Envoy has access logs of its own, and filters for them"),
    not_needed("disable_access_log", "there is an access log only where Envoy is given one"),
    not_needed("max_multipart_memory", "forms are passed on as they are"),
    not_needed("use_h2c", "Envoy's listeners take HTTP/2 without TLS by themselves"),
    not_needed("disable_gzip", "nothing is compressed here"),
];
