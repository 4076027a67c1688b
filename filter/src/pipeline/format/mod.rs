//! Bodies and data: how a backend's body becomes data, what its settings make of the data, and how data or a failure becomes
//! the client's response. Knows nothing of who called whom, and when.

mod decode;
mod encode;
mod flatmap;
mod formatter;
pub(crate) mod go_text;
mod gzip;
pub(crate) mod render;
pub(crate) mod router_answer;
mod static_data;

pub(crate) use decode::decode;
pub(crate) use flatmap::Flatmap;
pub(crate) use formatter::Formatter;
pub(crate) use gzip::inflate;
pub(crate) use static_data::Static;
