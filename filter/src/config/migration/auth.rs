//! `auth/*`: who may ask, and as whom backends are asked.

use super::place::{Namespace, backend, endpoint, front, service};
use super::row::Served::Texts;
use super::row::State::Lost;
use super::row::{Beyond, Row, approximate, by_hand, lost, not_needed};

pub(super) const NAMESPACES: &[Namespace] = &[
    endpoint(
        by_hand(
            "auth/validator",
            "Envoy's filter envoy.filters.http.jwt_authn, in front of this one, verifies tokens: a provider for each issuer, and a rule for each path that needs one",
        )
        .explained(VALIDATOR),
    ),
    service(
        by_hand("auth/validator", "it protects nothing by itself: it is one cache for all endpoints").explained(&[
            by_hand("shared_cache_duration", "cache_duration in remote_jwks of the providers of jwt_authn"),
        ]),
    ),
    endpoint(by_hand(
        "auth/signer",
        "the service that issues tokens has to sign them, or a signing service that a script of modifier/lua-proxy asks by http_response.new",
    )),
    front(
        by_hand("auth/api-keys", "Envoy's filter envoy.filters.http.api_key_auth, in front of this one")
            .explained(API_KEYS),
    ),
    front(
        by_hand("auth/basic", "Envoy's filter envoy.filters.http.basic_auth, in front of this one").explained(&[
            by_hand("htpasswd_path", "users.filename; Envoy reads {SHA} entries only (htpasswd -s)"),
            by_hand("users", "users, in the form of htpasswd -s"),
        ]),
    ),
    service(by_hand(
        "auth/revoker",
        "a service that knows revoked tokens, asked by Envoy's filter envoy.filters.http.ext_authz or by http_response.new in modifier/lua-endpoint",
    )),
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

const CLUSTER_TLS: &str = "the transport_socket of the cluster that serves the keys";
const PAYLOAD: &str =
    "Envoy's filter envoy.filters.http.rbac behind jwt_authn, on the metadata that payload_in_metadata names";
const VAULT: &str = "no key is decrypted by a vault here: give it to local_jwks as it is";

const VALIDATOR: &[Row] = &[
    not_needed("alg", "each key of the set says its own"),
    by_hand("jwk_url", "remote_jwks.http_uri of the provider, with a cluster for its host"),
    by_hand("jwk_local_path", "local_jwks.filename of the provider"),
    by_hand("jwk_local_ca", CLUSTER_TLS),
    by_hand("jwk_fingerprints", CLUSTER_TLS),
    by_hand("cipher_suites", CLUSTER_TLS),
    by_hand("disable_jwk_security", CLUSTER_TLS),
    by_hand("issuer", "issuer of the provider"),
    by_hand("audience", "audiences of the provider: Envoy is content with one of them, KrakenD wants all"),
    by_hand("auth_header_name", "from_headers of the provider"),
    by_hand("cookie_key", "from_cookies of the provider"),
    not_needed("cache", "remote_jwks keeps keys always"),
    by_hand("cache_duration", "remote_jwks.cache_duration of the provider"),
    by_hand("failed_jwk_key_cooldown", "remote_jwks.async_fetch.failed_refetch_duration"),
    by_hand("leeway", "clock_skew_seconds of the provider; Envoy's default is 60 seconds"),
    by_hand("roles", PAYLOAD),
    by_hand("roles_key", PAYLOAD),
    by_hand("roles_key_is_nested", PAYLOAD),
    by_hand("scopes", PAYLOAD),
    by_hand("scopes_key", PAYLOAD),
    by_hand("scopes_matcher", PAYLOAD),
    by_hand(
        "propagate_claims",
        "claim_to_headers of the provider; name the headers in input_headers of the endpoint, too",
    ),
    approximate("propagate_claims_preserve_array", "claim_to_headers writes a list as base64url of its JSON"),
    by_hand("key_identify_strategy", "jwt_authn finds keys by kid").except(&Beyond::of(
        Texts(&["", "kid"]),
        Lost,
        "jwt_authn finds keys by kid only",
    )),
    lost("secret_url", VAULT),
    lost("cypher_key", VAULT),
    not_needed("operation_debug", "Envoy's log has a level of its own for jwt"),
];

const API_KEYS: &[Row] = &[
    by_hand("keys", "credentials: a client name and a key for each"),
    by_hand("strategy", "key_sources: header, or query"),
    by_hand("identifier", "the name in key_sources"),
    by_hand("roles", "allowed_clients in typed_per_filter_config of the route"),
    by_hand("propagate_role", "forwarding.header hands the client's name on"),
    by_hand(
        "client_max_rate",
        "Envoy's filter envoy.filters.http.local_ratelimit, with a descriptor of the key's header",
    ),
    lost("hash", "credentials are plain text: keep hashed keys behind envoy.filters.http.ext_authz"),
    lost("salt", "credentials are plain text: keep hashed keys behind envoy.filters.http.ext_authz"),
];

const CLIENT_CREDENTIALS: &[Row] = &[
    by_hand("client_id", "client_credentials.client_id"),
    by_hand("client_secret", "client_credentials.client_secret, a secret of Envoy's"),
    by_hand("token_url", "token_endpoint, with a cluster for its host"),
    by_hand("scopes", "scopes"),
    by_hand("endpoint_params", "endpoint_params"),
];
