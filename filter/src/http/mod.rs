//! HTTP messages as plain data: headers, requests, responses, side calls, paths and queries.
//!
//! The lowest layer: it imports nothing of ours and knows neither Lua nor KrakenD nor Envoy.
//! Where several libraries would differ, things are written as Go's `net/http` and `net/url` write them, because KrakenD does.

mod block;
mod byte_set;
mod content_type;
mod decoded_path;
mod edits;
mod field;
mod field_name;
mod headers;
mod known_names;
mod message;
mod name_class;
pub mod names;
mod percent;
mod query;
mod received;
mod shared_block;
mod status;
mod url;
mod user_info;
mod wire_text;

pub use content_type::sniff;
pub use decoded_path::DecodedPath;
pub use edits::Edit;
pub use field::{FieldValue, frames_the_body, is_token, one_line};
pub use field_name::Name;
pub use headers::{Headers, canonical};
pub use known_names::KnownName;
pub use message::{Body, Call, CallError, Request, Response};
pub use name_class::NameClasses;
pub use percent::{decode_component, encode_component};
pub use query::Query;
pub use status::reason;
pub use url::{Url, UrlError, decode_path, encode_path, parse_target, parse_url};
pub use user_info::{UserInfo, authorize, without_credentials};
pub use wire_text::{WirePart, WireText};
