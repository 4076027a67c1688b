//! `security/*` and `validation/*`: which requests and responses may pass.

use super::place::{Namespace, endpoint, everywhere, front, inner, pipe, service};
use super::row::{Row, approximate, by_envoy, by_hand, exact, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    service(by_envoy("security/cors", FRONT).explained(CORS)),
    endpoint(not_needed("security/cors", AT_SERVICE)),
    service(by_envoy("security/http", FRONT).explained(HTTP)),
    endpoint(not_needed("security/http", AT_SERVICE)),
    front(exact("security/bot-detector").with(BOTS)),
    everywhere(by_hand("security/policies", "").told("Envoy's filter envoy.filters.http.rbac with CEL conditions, or a script: custom_error in modifier/lua-endpoint")),
    inner(by_hand("validation/cel", "").told("a script that leaves with custom_error, or Envoy's filter envoy.filters.http.rbac with a CEL condition")),
    pipe(by_hand("validation/json-schema", "").told("a script of modifier/lua-proxy that checks what it needs in body() and leaves with custom_error(message, 400), or the backend")),
    inner(by_hand("validation/response-json-schema", "").told("a script that checks data() in \"post\" and leaves with custom_error")),
];

const FRONT: &str = "a filter in front of all others, and into local_reply_config";
const AT_SERVICE: &str =
    "KrakenD reads it in the extra_config of the service only, and does nothing by it at an endpoint";

const CORS: &[Row] = &[
    approximate(
        "allow_origins",
        "of two headers Origin in one request neither is allowed, and patterns fit plain letters without commas only",
    ),
    by_envoy("allow_methods", FRONT),
    by_envoy("allow_headers", FRONT),
    by_envoy("expose_headers", FRONT),
    by_envoy("allow_credentials", FRONT),
    by_envoy("max_age", FRONT),
    by_envoy("allow_private_network", FRONT),
    by_envoy("options_passthrough", FRONT),
    not_needed(
        "options_success_status",
        "a preflight is answered 204, as by KrakenD, which does not heed this key either",
    ),
    not_needed("debug", "Envoy's log has a level of its own for it"),
];

const HTTP: &[Row] = &[
    approximate("allowed_hosts", NO_ALLOW),
    approximate(
        "allowed_hosts_are_regex",
        "an expression must fit the whole host: of alternatives KrakenD anchors each at one end only",
    ),
    by_envoy("host_proxy_headers", FRONT),
    approximate("ssl_redirect", NO_ALLOW),
    by_envoy("ssl_host", FRONT),
    by_envoy("ssl_proxy_headers", FRONT),
    by_envoy("sts_seconds", FRONT),
    by_envoy("sts_include_subdomains", FRONT),
    by_envoy("force_sts_header", FRONT),
    by_envoy("frame_deny", FRONT),
    by_envoy("custom_frame_options_value", FRONT),
    by_envoy("content_type_nosniff", FRONT),
    by_envoy("browser_xss_filter", FRONT),
    by_envoy("content_security_policy", FRONT),
    by_envoy("referrer_policy", FRONT),
    not_needed("hpkp_public_key", "KrakenD has removed it, and browsers read Public-Key-Pins no more"),
    by_envoy("is_development", FRONT),
];

const NO_ALLOW: &str = "where a path has no such method, the answer lacks KrakenD's header Allow";

pub(crate) const BOTS: &[Row] = &[
    exact("allow"),
    approximate("deny", AGENTS),
    approximate(
        "patterns",
        "an agent of more than 4,096 bytes is taken for a bot: matching takes longer for each byte",
    ),
    exact("empty_user_agent_is_bot"),
    approximate("cache_size", "answers of patterns are remembered without it, too, and bounded by bytes"),
];

const AGENTS: &str = "two lines of User-Agent are one in Envoy, joined by a comma; KrakenD looks at the first";
