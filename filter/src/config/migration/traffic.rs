//! `qos/*` and `governance/*`: how much may be asked, and what happens when a backend fails.

use super::place::{Namespace, backend, endpoint, everywhere, front, service};
use super::row::{Row, approximate, by_hand, exact, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    endpoint(
        by_hand(
            "qos/ratelimit/router",
            "Envoy's filter envoy.filters.http.local_ratelimit, in front of this one, with a token bucket for the route",
        )
        .explained(RATE),
    ),
    endpoint(by_hand("qos/ratelimit/router/redis", GLOBAL).explained(REDIS_RATE)),
    service(
        by_hand(
            "qos/ratelimit/service",
            "Envoy's filter envoy.filters.http.local_ratelimit, in front of this one, with one token bucket for all routes",
        )
        .explained(RATE),
    ),
    service(by_hand("qos/ratelimit/service/redis", GLOBAL).explained(REDIS_RATE)),
    front(by_hand("qos/ratelimit/tiered", GLOBAL)),
    backend(
        by_hand(
            "qos/ratelimit/proxy",
            "Envoy's filter envoy.filters.http.local_ratelimit among the http_filters of the backend's cluster",
        )
        .explained(&[
            by_hand("max_rate", "token_bucket.tokens_per_fill"),
            by_hand("capacity", "token_bucket.max_tokens"),
            by_hand("every", "token_bucket.fill_interval"),
        ]),
    ),
    backend(
        approximate(
            "qos/circuit-breaker",
            "each worker of Envoy has a breaker of its own, so that as many times max_errors pass before all are open; `lua-modifier bundle` adds \
             outlier_detection, which counts for all workers, to the cluster of a host whose backends all have one",
        )
        .with(BREAKER),
    ),
    backend(
        by_hand("qos/circuit-breaker/http", "outlier_detection of the backend's cluster").explained(HTTP_BREAKER),
    ),
    backend(
        not_needed(
            "qos/http-cache",
            "backends are asked each time, and clients get what they get without it; Envoy's filter envoy.filters.http.cache does it, which its authors call work in progress",
        )
        .explained(&[
            not_needed("shared", "Envoy's cache is one for all requests"),
            not_needed("max_items", "an HTTP cache of Envoy's with bounds is file_system_http_cache"),
            not_needed("max_size", "an HTTP cache of Envoy's with bounds is file_system_http_cache"),
        ]),
    ),
    service(by_hand("governance/processors", GLOBAL)),
    everywhere(by_hand("governance/quota", GLOBAL)),
    service(not_needed("redis", "what it is for, rate limits and quotas of all instances, has a service of its own in Envoy")),
];

const GLOBAL: &str = "Envoy's filter envoy.filters.http.ratelimit, in front of this one, with a rate limit service that all instances ask";
const CLIENT: &str =
    "a descriptor for each client, with a token bucket; Envoy fills it in from the action that strategy and key name";

const RATE: &[Row] = &[
    by_hand("max_rate", "token_bucket.tokens_per_fill"),
    by_hand("capacity", "token_bucket.max_tokens"),
    by_hand("every", "token_bucket.fill_interval"),
    by_hand("client_max_rate", CLIENT),
    by_hand("client_capacity", CLIENT),
    by_hand("strategy", "an action in rate_limits: remote_address for ip, request_headers for header"),
    by_hand("key", "header_name of request_headers"),
    not_needed("num_shards", "Envoy looks after its buckets by itself"),
    not_needed("cleanup_period", "Envoy looks after its buckets by itself"),
    not_needed("cleanup_threads", "Envoy looks after its buckets by itself"),
];

const REDIS_RATE: &[Row] = &[
    by_hand("on_failure_allow", "failure_mode_deny"),
    by_hand("connection_name", "the rate limit service's own connection"),
    by_hand("connection_pool", "the rate limit service's own connection"),
];

pub(crate) const BREAKER: &[Row] =
    &[exact("interval"), exact("timeout"), exact("max_errors"), exact("name"), exact("log_status_change")];

const HTTP_BREAKER: &[Row] = &[
    by_hand("max_errors", "consecutive_5xx and consecutive_gateway_failure"),
    by_hand("interval", "interval"),
    approximate(
        "timeout",
        "base_ejection_time; with a single host set max_ejection_percent: 100, and the time grows each time",
    ),
    approximate(
        "valid_status_codes",
        "outlier_detection counts 5xx; http_protocol_options.outlier_detection of the cluster names other statuses",
    ),
    not_needed("name", "it stands in KrakenD's log only"),
    by_hand("log_status_change", "event_log_path of the cluster manager's outlier_detection"),
];
