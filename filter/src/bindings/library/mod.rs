//! Helpers that scripts would otherwise bring along as Lua: tables of functions, if the configuration says `"helpers": true`. A
//! helper that fails raises an error that begins with its name; long work is charged before it is done. Knows nothing of
//! configuration, and of messages only what `debug.dump` shows.

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

/// The helpers, by the global that holds them, each with its whole name. `debug` is added to Lua's own `debug`.
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
