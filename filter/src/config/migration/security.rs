//! `security/*` and `validation/*`: which requests and responses are let through.

use super::place::{Namespace, endpoint, everywhere, front, inner};
use super::row::{Row, approximate, by_hand, exact, lost, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    front(
        by_hand(
            "security/cors",
            "Envoy's filter envoy.filters.http.cors, in front of this one, with a CorsPolicy in typed_per_filter_config of the route; without it, browsers refuse scripts of other origins",
        )
        .told("Envoy's filter envoy.filters.http.cors is meant")
        .explained(CORS),
    ),
    front(
        by_hand(
            "security/http",
            "response_headers_to_add of Envoy's routes, and https_redirect of a virtual host for http",
        )
        .explained(HTTP),
    ),
    front(exact("security/bot-detector").with(BOTS)),
    everywhere(by_hand("security/policies", "").told("Envoy's filter envoy.filters.http.rbac with CEL conditions, or a script: custom_error in modifier/lua-endpoint")),
    inner(by_hand("validation/cel", "").told("a script that leaves with custom_error, or Envoy's filter envoy.filters.http.rbac with a CEL condition")),
    endpoint(by_hand("validation/json-schema", "").told("a script of modifier/lua-proxy that checks what it needs in body() and leaves with custom_error(message, 400), or the backend")),
    inner(by_hand("validation/response-json-schema", "").told("a script that checks data() in \"post\" and leaves with custom_error")),
];

const CORS: &[Row] = &[
    by_hand("allow_origins", "allow_origin_string_match"),
    by_hand("allow_methods", "allow_methods"),
    by_hand("allow_headers", "allow_headers"),
    by_hand("expose_headers", "expose_headers"),
    by_hand("allow_credentials", "allow_credentials"),
    by_hand("max_age", "max_age, in seconds"),
    by_hand("allow_private_network", "allow_private_network_access"),
    by_hand("options_passthrough", "forward_not_matching_preflights"),
    lost("options_success_status", "Envoy answers a preflight with 200"),
    not_needed("debug", "Envoy's log has a level of its own for it"),
];

const FRAME: &str = "response_headers_to_add: X-Frame-Options";
const STS: &str = "response_headers_to_add: Strict-Transport-Security";
const REDIRECT: &str = "https_redirect in a virtual host of a listener for http";

const HTTP: &[Row] = &[
    by_hand("allowed_hosts", "domains of Envoy's virtual hosts: what none of them names is 404"),
    by_hand("allowed_hosts_are_regex", "domains know * at an end only: write the hosts out"),
    by_hand("host_proxy_headers", "Envoy looks at :authority alone"),
    by_hand("ssl_redirect", REDIRECT),
    by_hand("ssl_host", REDIRECT),
    by_hand("ssl_proxy_headers", "x-forwarded-proto, trusted with use_remote_address and xff_num_trusted_hops"),
    by_hand("sts_seconds", STS),
    by_hand("sts_include_subdomains", STS),
    by_hand("force_sts_header", STS),
    by_hand("frame_deny", FRAME),
    by_hand("custom_frame_options_value", FRAME),
    by_hand("content_type_nosniff", "response_headers_to_add: X-Content-Type-Options"),
    by_hand("browser_xss_filter", "response_headers_to_add: X-XSS-Protection"),
    by_hand("content_security_policy", "response_headers_to_add: Content-Security-Policy"),
    by_hand("referrer_policy", "response_headers_to_add: Referrer-Policy"),
    by_hand("hpkp_public_key", "response_headers_to_add: Public-Key-Pins, which browsers read no more"),
    not_needed("is_development", "leave the headers out where you develop"),
];

pub(in crate::config) const BOTS: &[Row] = &[
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
