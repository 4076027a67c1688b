//! An endpoint: its own keys, and those of the namespaces `proxy` and `modifier/lua-*`.

use super::row::Served::{AtMost, Texts};
use super::row::State::Lost;
use super::row::{Beyond, Row, by_hand, exact, not_needed};

pub(super) const KEYS: &[Row] = &[
    exact("endpoint"),
    exact("method"),
    exact("timeout"),
    exact("cache_ttl"),
    exact("output_encoding").except(&OUTPUT_ENCODINGS),
    exact("input_headers"),
    exact("input_query_strings"),
    exact("extra_config"),
    exact("backend"),
    exact("concurrent_calls").except(&Beyond::told_by_reader(AtMost(32), Lost, "more calls at a time are refused")),
];

pub(super) const OUTPUT_ENCODINGS: Beyond = Beyond::told_by_reader(
    Texts(&["", "json", "json-collection", "string", "negotiate", "no-op", "fast-json", "xml", "yaml"]),
    Lost,
    "this encoding is not written here: answer in one that is, or pass the backend's own through with no-op",
);

/// The namespace `proxy` of an endpoint.
pub(crate) const PROXY: &[Row] = &[
    exact("sequential"),
    exact("strategy"),
    exact("static").with(STATIC),
    exact("combiner").except(&Beyond::of(
        Texts(&["default"]),
        Lost,
        "a combiner of one's own is Go code: merge in a script, in \"post\" of modifier/lua-proxy",
    )),
    exact("flatmap_filter").with(super::backend::FLATMAP),
    by_hand("shadow", "it belongs to a backend: KrakenD does not look for it here"),
    by_hand("shadow_timeout", "it belongs to a backend: KrakenD does not look for it here"),
    exact("sequential_propagated_params"),
    by_hand("max_payload", "limits.body_bytes of extra_config[\"envoy/lua-modifier\"] of this endpoint"),
    by_hand("decompress_gzip", "Envoy's filter envoy.filters.http.decompressor, in front of this one"),
    not_needed("force_sandboxed_request", "each backend has a request of its own here"),
];

pub(crate) const STATIC: &[Row] = &[exact("data"), exact("strategy")];

/// The namespaces `modifier/lua-endpoint`, `modifier/lua-proxy` and `modifier/lua-backend`.
pub(crate) const LUA: &[Row] = &[
    exact("sources"),
    exact("md5"),
    exact("pre"),
    exact("post"),
    exact("live"),
    exact("allow_open_libs"),
    exact("skip_next"),
];
