//! `qos/*` and `governance/*`: how many requests may come, and what happens if a backend fails.

use super::place::{Namespace, backend, endpoint, everywhere, front, service};
use super::row::{Row, approximate, by_hand, exact, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    endpoint(exact("qos/ratelimit/router").with(RATE)),
    endpoint(by_hand("qos/ratelimit/router/redis", GLOBAL).explained(REDIS_RATE)),
    service(exact("qos/ratelimit/service").with(RATE)),
    service(by_hand("qos/ratelimit/service/redis", GLOBAL).explained(REDIS_RATE)),
    front(by_hand("qos/ratelimit/tiered", GLOBAL)),
    backend(exact("qos/ratelimit/proxy").with(PROXY_RATE)),
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
    service(not_needed(
        "redis",
        "what it is for, rate limits and quotas of all instances, has a service of its own in Envoy",
    )),
];

const GLOBAL: &str = "Envoy's filter envoy.filters.http.ratelimit, in front of this one, with a rate limit service that all instances ask";
/// A difference that all rates have.
pub(super) const ALL_WORKERS: &str =
    "all workers of one Envoy count together, and go on counting when the configuration is loaded anew";
const CAPACITY: &str =
    "never more than this at once, where KrakenD lets through twice as many, and one more, after a pause";
const STRATEGY: &str = "the address of ip is the one that Envoy trusts (use_remote_address, xff_num_trusted_hops), not the first of X-Forwarded-For; a \
     strategy that KrakenD does not know is refused, where KrakenD limits no client";
const SLOTS: &str = "131,072 buckets for all rates of one Envoy: beyond these, clients share buckets";

pub(crate) const RATE: &[Row] = &[
    approximate("max_rate", ALL_WORKERS),
    approximate("capacity", CAPACITY),
    exact("every"),
    approximate("client_max_rate", SLOTS),
    approximate("client_capacity", CAPACITY),
    approximate("strategy", STRATEGY),
    exact("key"),
    not_needed("num_shards", SLOTS),
    not_needed("cleanup_period", SLOTS),
    not_needed("cleanup_threads", SLOTS),
];

pub(crate) const PROXY_RATE: &[Row] =
    &[approximate("max_rate", ALL_WORKERS), approximate("capacity", CAPACITY), exact("every")];

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
