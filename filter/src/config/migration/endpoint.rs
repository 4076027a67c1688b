//! An endpoint: its own keys, and those of the namespaces `proxy` and `modifier/lua-*`.

use super::row::Served::{AtMost, Texts};
use super::row::State::{ByHand, Lost};
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
    exact("concurrent_calls").except(&Beyond::of(
        AtMost(1),
        ByHand,
        "one call is made: retry_policy of Envoy's route, with per_try_timeout and hedge_policy, comes next to it",
    )),
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
    by_hand("flatmap_filter", super::backend::FLATMAP),
    by_hand("shadow", "it belongs to a backend; request_mirror_policies of Envoy's route mirror requests"),
    by_hand("shadow_timeout", "timeout of the cluster that request_mirror_policies name"),
    by_hand(
        "sequential_propagated_params",
        "name them in url_pattern ({resp0_id}), or have a script of modifier/lua-backend ask for them",
    ),
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
