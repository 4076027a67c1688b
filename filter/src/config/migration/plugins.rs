//! `plugin/*`: Go code that KrakenD loads, from KrakenD itself and from others.

use super::place::{Namespace, backend, inner, service};
use super::row::{Row, by_hand, lost};

pub(super) const NAMESPACES: &[Namespace] = &[
    service(lost("plugin/http-server", GO_SERVER).told(GO).explained(SERVER)),
    backend(lost("plugin/http-client", GO_CLIENT).told(GO)),
    inner(lost("plugin/req-resp-modifier", GO_MODIFIER).told(GO).explained(MODIFIER)),
    inner(lost("plugin/middleware", GO_MODIFIER).told(GO)),
];

/// The row of `plugin/*` under any other name.
pub(super) const FAMILY: Row = lost("plugin/", GO);

const GO: &str = "Go plugins do not run in Envoy";
const GO_SERVER: &str = "Go plugins do not run in Envoy: a script of modifier/lua-endpoint of the service sees each request, too; a plugin that answers by itself is a service";
const GO_CLIENT: &str =
    "Go plugins do not run in Envoy: a script of modifier/lua-backend may do the same, or a service between";
const GO_MODIFIER: &str =
    "Go plugins do not run in Envoy: a script of modifier/lua-proxy or modifier/lua-backend may do the same";

// The plugins that come with KrakenD.
const SERVER: &[Row] = &[
    lost("name", ""),
    by_hand("geoip", "Envoy's filter envoy.filters.http.geoip, with the same database"),
    by_hand("ip-filter", "Envoy's filter envoy.filters.http.rbac, with remote_ip or direct_remote_ip"),
    by_hand("jwk-aggregator", "several providers of Envoy's jwt_authn, with requires_any"),
    by_hand("redis-ratelimit", "Envoy's filter envoy.filters.http.ratelimit, with a rate limit service"),
    by_hand("static-filesystem", "a server of files behind Envoy, with a route of its own"),
    by_hand("url-rewrite", "regex_rewrite in a route of Envoy's in front of this API's route"),
    by_hand("virtualhost", "virtual_hosts in Envoy's route_config, each with its domains"),
    by_hand("wildcard", "a route of Envoy's with a prefix, in front of this API's route"),
];

const MODIFIER: &[Row] = &[
    lost("name", ""),
    by_hand("content-replacer", "string.gsub in a script, on what data():get gives (allow_open_libs)"),
    by_hand("ip-filter", "Envoy's filter envoy.filters.http.rbac, with remote_ip or direct_remote_ip"),
    by_hand("response-schema-validator", "a script that checks data() in \"post\" and leaves with custom_error"),
];
