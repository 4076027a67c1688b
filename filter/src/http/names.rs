//! The names of headers that the gateway itself asks for or sets. They are constants, so that none is looked up.

use super::known_names::KnownName;

macro_rules! constants {
    ($($constant:ident = $name:literal;)*) => {
        $(#[doc = concat!("`", $name, "`")] pub const $constant: KnownName = KnownName::of($name);)*
    };
}

constants! {
    ACCEPT = "accept";
    AUTHORIZATION = "authorization";
    CONTENT_ENCODING = "content-encoding";
    CONTENT_LENGTH = "content-length";
    CONTENT_TYPE = "content-type";
    COOKIE = "cookie";
    DATE = "date";
    FORWARDED_FOR = "x-forwarded-for";
    FORWARDED_HOST = "x-forwarded-host";
    FORWARDED_PROTO = "x-forwarded-proto";
    FORWARDED_VIA = "x-forwarded-via";
    HOST = "host";
    LOCATION = "location";
    REAL_IP = "x-real-ip";
    REFERER = "referer";
    REQUEST_ID = "x-request-id";
    TRANSFER_ENCODING = "transfer-encoding";
    UPGRADE = "upgrade";
    USER_AGENT = "user-agent";

    // Envoy's own.
    ENVOY_ORIGINAL_PATH = "x-envoy-original-path";
    ENVOY_UPSTREAM_RQ_TIMEOUT_MS = "x-envoy-upstream-rq-timeout-ms";
    ENVOY_UPSTREAM_SERVICE_TIME = "x-envoy-upstream-service-time";

    // KrakenD's own, and ours.
    KRAKEND_COMPLETED = "x-krakend-completed";
    CLUSTER = "x-lua-modifier-cluster";
    LINEAGE = "x-lua-modifier-lineage";
}
