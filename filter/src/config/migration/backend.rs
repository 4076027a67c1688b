//! A backend: its own keys, and those of the namespaces `backend/http` and `proxy`.

use super::row::Served::{AtMost, Texts};
use super::row::State::{Approximate, ByHand, Lost};
use super::row::{Beyond, Row, by_hand, exact};

/// An operation of `flatmap_filter`.
pub(crate) const FLATMAP: &[Row] = &[exact("type"), exact("args")];

pub(super) const KEYS: &[Row] = &[
    exact("host").except(&Beyond::of(
        AtMost(1),
        Approximate,
        "several hosts take turns in each of Envoy's workers by itself, and in no order over all of them",
    )),
    exact("url_pattern"),
    exact("method"),
    exact("encoding").except(&Beyond::told_by_reader(
        Texts(&["", "json", "no-op", "string", "safejson", "fast-json", "xml", "rss", "yaml"]),
        Lost,
        "this encoding is not read here: take string or no-op, and read the text in a script of modifier/lua-backend",
    )),
    exact("is_collection"),
    exact("group"),
    exact("target"),
    exact("allow"),
    exact("deny"),
    exact("mapping"),
    exact("input_headers"),
    exact("input_query_strings"),
    exact("extra_config"),
    exact("disable_host_sanitize"),
    exact("sd").except(&Beyond::of(
        Texts(&["", "static"]),
        ByHand,
        "a cluster of type STRICT_DNS looks its hosts up: name it in clusters of extra_config[\"envoy/lua-modifier\"] (SRV records need EDS)",
    )),
    by_hand("sd_scheme", "write the scheme into the host"),
];

/// The namespace `backend/http`.
pub(crate) const HTTP: &[Row] = &[exact("return_error_code"), exact("return_error_details")];

/// The namespace `proxy` of a backend.
pub(crate) const PROXY: &[Row] = &[exact("flatmap_filter").with(FLATMAP), exact("shadow"), exact("shadow_timeout")];
