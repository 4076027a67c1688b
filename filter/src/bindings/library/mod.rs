//! Helpers that scripts would carry along as Lua otherwise: tables of functions, there where the configuration says
//! `"helpers": true`. One that cannot do what it is asked raises an error which begins with its name; what works for long is
//! charged before it works. Knows nothing of configuration, and of messages only what `debug.dump` shows.

mod base64;
mod dump;
mod hash;
mod json;
mod jwt;
mod price;
mod time;
mod url;
mod uuid;

use super::arguments::Method;

/// The helpers, by the global that holds them, each with its whole name. `debug` is added to what Lua's own holds.
pub(super) const LIBRARIES: [(&str, &[(&str, Method)]); 8] = [
    ("base64", &base64::FUNCTIONS),
    ("debug", &dump::FUNCTIONS),
    ("hash", &hash::FUNCTIONS),
    ("json", &json::FUNCTIONS),
    ("jwt", &jwt::FUNCTIONS),
    ("time", &time::FUNCTIONS),
    ("url", &url::FUNCTIONS),
    ("uuid", &uuid::FUNCTIONS),
];
