//! `auth/*`: which clients may send requests, and with which credentials backends are called.

use super::place::{Namespace, backend, endpoint, front, service};
use super::row::Served::Texts;
use super::row::State::Lost;
use super::row::{Beyond, Row, approximate, by_hand, exact, lost, not_needed};
use super::traffic::ALL_WORKERS;

pub(super) const NAMESPACES: &[Namespace] = &[
    endpoint(exact("auth/validator").with(VALIDATOR)),
    service(
        not_needed("auth/validator", "it protects nothing by itself: it is one cache for all endpoints").explained(&[
            not_needed("shared_cache_duration", "each key set is kept once, for the shortest cache_duration of its endpoints"),
        ]),
    ),
    endpoint(by_hand("auth/signer", "").told("the service that issues tokens has to sign them, or a signing service that a script of modifier/lua-proxy asks by http_response.new")),
    service(exact("auth/api-keys").with(KEY_RING)),
    endpoint(exact("auth/api-keys").with(KEY_DOOR)),
    front(
        by_hand("auth/basic", "").told("Envoy's filter envoy.filters.http.basic_auth, in front of this one, checks users by {SHA} entries (htpasswd -s), and knows no bcrypt: make the entries anew, or let envoy.filters.http.ext_authz ask a service that has the old ones").explained(&[
            by_hand("htpasswd_path", "users.filename; Envoy reads {SHA} entries only (htpasswd -s)"),
            by_hand("users", "users, in the form of htpasswd -s"),
        ]),
    ),
    service(by_hand("auth/revoker", "").told("a service that knows revoked tokens, asked by Envoy's filter envoy.filters.http.ext_authz or by http_response.new in modifier/lua-endpoint")),
    backend(
        by_hand(
            "auth/client-credentials",
            "Envoy's filter envoy.filters.http.credential_injector, with the credential oauth2, among the http_filters of the backend's cluster",
        )
        .explained(CLIENT_CREDENTIALS),
    ),
    backend(
        by_hand(
            "auth/aws-sigv4",
            "Envoy's filter envoy.filters.http.aws_request_signing among the http_filters of the backend's cluster",
        )
        .explained(&[
            by_hand("service", "service_name"),
            by_hand("region", "region"),
            by_hand("assume_role_arn", "assume_role_credential_provider of credential_provider"),
            by_hand("sts_region", "it follows from assume_role_credential_provider"),
            not_needed("debug", "Envoy's log has a level of its own for it"),
        ]),
    ),
    backend(
        by_hand(
            "auth/gcp",
            "Envoy's filter envoy.filters.http.gcp_authn, with the audience in the metadata of the backend's cluster",
        )
        .explained(&[
            by_hand("audience", "audience in the cluster's metadata envoy.filters.http.gcp_authn"),
            lost("credentials_file", "tokens come from the metadata server of the machine only"),
            lost("credentials_json", "tokens come from the metadata server of the machine only"),
            lost("custom_claims", "tokens come from the metadata server of the machine only"),
        ]),
    ),
    backend(lost("auth/ntlm", "nothing of Envoy's speaks NTLM: a proxy in front of the backend has to")),
];

const VAULT: &str = "no vault decrypts a key set here: decrypt it beforehand; the module refuses this key";
const VERIFIED: &str =
    "Envoy's filter jwt_authn, in front of this one, verifies signatures: `lua-modifier bundle` writes it";

pub(crate) const VALIDATOR: &[Row] = &[
    exact("alg"),
    approximate("jwk_url", VERIFIED),
    approximate("jwk_local_path", VERIFIED),
    approximate("jwk_local_ca", VERIFIED),
    lost(
        "jwk_fingerprints",
        "Envoy has no pinned keys for the server of a key set: trust its authority by jwk_local_ca; the module refuses this key",
    ),
    not_needed("cipher_suites", "Envoy offers its own, which are as safe"),
    approximate("disable_jwk_security", "it also switches off the check of the server's certificate, as in KrakenD"),
    exact("issuer"),
    exact("audience"),
    approximate("auth_header_name", "two headers of this name are 401, where KrakenD takes the first"),
    exact("cookie_key"),
    approximate("cache", "Envoy keeps keys for some seconds also without it, and asks for them beforehand"),
    approximate(
        "cache_duration",
        "the shortest of all endpoints with the same key set holds for each of them, and a minute at most",
    ),
    not_needed(
        "failed_jwk_key_cooldown",
        "an unknown key makes nobody ask for keys: Envoy asks when its time has come",
    ),
    exact("leeway"),
    exact("roles"),
    exact("roles_key"),
    exact("roles_key_is_nested"),
    exact("scopes"),
    exact("scopes_key"),
    exact("scopes_matcher"),
    exact("propagate_claims"),
    exact("propagate_claims_preserve_array"),
    exact("key_identify_strategy").except(&Beyond::told_by_reader(
        Texts(&["", "kid"]),
        Lost,
        "Envoy finds a key by its kid only: the module refuses other strategies",
    )),
    lost("secret_url", VAULT),
    lost("cypher_key", VAULT),
    exact("operation_debug"),
];

pub(crate) const KEY_RING: &[Row] = &[
    exact("keys").with(KEY),
    exact("strategy"),
    approximate("identifier", BEARER),
    exact("hash"),
    exact("salt"),
    approximate(
        "propagate_role",
        "input_headers of an endpoint decide whether its backends get the header, and a remark says so",
    ),
];

pub(crate) const KEY: &[Row] = &[exact("key"), exact("roles")];

pub(crate) const KEY_DOOR: &[Row] = &[
    exact("roles"),
    exact("strategy"),
    approximate("identifier", BEARER),
    approximate("client_max_rate", ALL_WORKERS),
];

const BEARER: &str = "a header's value may begin with Bearer";

const CLIENT_CREDENTIALS: &[Row] = &[
    by_hand("client_id", "client_credentials.client_id"),
    by_hand("client_secret", "client_credentials.client_secret, a secret of Envoy's"),
    by_hand("token_url", "token_endpoint, with a cluster for its host"),
    by_hand("scopes", "scopes"),
    by_hand("endpoint_params", "endpoint_params"),
];
