//! Bodies and data: turns a backend's body into data, applies the backend's settings to it, and turns data or a failure into
//! the client's response. Knows nothing of calls and their order.

mod decode;
mod decode_error;
mod encode;
#[cfg(feature = "rss")]
mod feed;
mod flatmap;
mod formatter;
pub(crate) mod go_text;
mod gzip;
mod negotiate;
#[cfg(any(feature = "xml", feature = "yaml"))]
mod output;
#[cfg(feature = "jmespath")]
mod query;
#[cfg(not(feature = "jmespath"))]
#[path = "no_query.rs"]
mod query;
pub(crate) mod render;
pub(crate) mod router_answer;
mod static_data;
mod write_error;
#[cfg(feature = "xml")]
mod xml;
#[cfg(feature = "yaml")]
mod yaml;

#[cfg(test)]
pub(crate) use decode::decode;
pub(crate) use decode::decode_within;
pub(crate) use decode_error::DecodeError;
pub(crate) use flatmap::Flatmap;
pub(crate) use formatter::Formatter;
pub(crate) use gzip::inflate;
pub(crate) use query::apply as apply_expression;
pub(crate) use static_data::Static;
