//! KrakenD's objects for scripts: `ctx`, `request`, `response`, `luaTable`, `luaList`, `luaNil`, `http_response` and
//! `custom_error`. Knows Lua, data and messages; nothing of configuration, of the order of stages, or of Envoy.

mod arguments;
mod containers;
mod convert;
mod ctx;
mod custom_error;
mod functions;
mod globals;
mod http_response;
mod kept;
mod list;
mod message_methods;
mod messages;
mod object;
mod request;
mod response;
mod run;
mod scope;
mod side_request;
mod table;

pub use custom_error::{CustomError, SEPARATOR};
pub use messages::{Context, Payload, ProxyRequest, ProxyResponse, take};
pub use run::{Machine, Progress, Scripts, StageRun, StartError};
pub use scope::{Half, Printer, Scope, Stage, Wait};
pub use side_request::{SideRequest, WebResponse};
