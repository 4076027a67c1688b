//! `telemetry/*` and `documentation/*`: features that no client and no backend notices.

use super::place::{Namespace, backend, everywhere, front, service};
use super::row::{Row, approximate, not_needed};

const OWN: &str = "Envoy has logs, metrics and traces of its own";
const METRICS: &str = "Envoy has logs, metrics and traces of its own: metrics in /stats/prometheus, under other names";

/// The rows of namespaces with these beginnings that have no row of their own.
pub(super) const FAMILIES: [Row; 2] = [approximate("telemetry/", OWN), not_needed("documentation/", DESCRIBES)];

const DESCRIBES: &str = "it describes the API, and serves nothing";

pub(super) const NAMESPACES: &[Namespace] = &[
    service(approximate("telemetry/logging", OWN).explained(&[
        approximate("level", "--component-log-level of Envoy, and log_level of extra_config[\"envoy/lua-modifier\"]"),
        approximate("prefix", "--log-format of Envoy"),
        approximate("format", "--log-format of Envoy"),
        approximate("custom_format", "--log-format of Envoy"),
        approximate("access_log_format", "access_log of the connection manager"),
        approximate("access_log_custom_format", "access_log of the connection manager"),
        approximate("stdout", "Envoy logs to standard error"),
        approximate("syslog", "what starts Envoy sends its log on"),
    ])),
    backend(approximate("telemetry/logging", OWN)),
    everywhere(approximate(
        "telemetry/opentelemetry",
        "Envoy has logs, metrics and traces of its own: traces go where `tracing` of the connection manager says, metrics where `stats_sinks` say, under other names",
    )),
    service(approximate(
        "telemetry/opencensus",
        "Envoy has logs, metrics and traces of its own: traces go where `tracing` of the connection manager says, metrics are in /stats/prometheus, under other names",
    )),
    service(approximate(
        "telemetry/opentelemetry-security",
        "Envoy's own: headers in the gRPC or HTTP service of `tracing`",
    )),
    service(approximate("telemetry/metrics", METRICS)),
    service(approximate("telemetry/influx", METRICS)),
    service(approximate("telemetry/ganalytics", OWN)),
    service(approximate("telemetry/instana", OWN)),
    service(approximate(
        "telemetry/newrelic",
        "Envoy has logs, metrics and traces of its own: `tracing` and `stats_sinks` speak OpenTelemetry, which New Relic takes",
    )),
    service(approximate(
        "telemetry/moesif",
        "Envoy has logs, metrics and traces of its own: access_log over gRPC or to a file",
    )),
    service(approximate(
        "telemetry/gelf",
        "Envoy has logs, metrics and traces of its own: what starts Envoy sends its log on",
    )),
    service(approximate(
        "telemetry/logstash",
        "Envoy has logs, metrics and traces of its own: --log-format writes JSON, too",
    )),
    front(not_needed("documentation/openapi", DESCRIBES)),
    front(not_needed("documentation/postman", DESCRIBES)),
];
