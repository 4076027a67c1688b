//! KrakenD's objects for scripts: `ctx`, `request`, `response`, `luaTable`, `luaList`, `luaNil`, `http_response` and
//! `custom_error`; and the library of helpers. Knows Lua, data and messages, but not the configuration, the order of stages, or
//! Envoy.

mod arguments;
mod claims;
mod containers;
mod convert;
mod ctx;
mod custom_error;
mod functions;
mod globals;
mod http_response;
mod kept;
mod library;
mod list;
mod machine;
mod message_methods;
mod messages;
mod object;
mod plain;
mod request;
mod response;
mod scope;
mod side_request;
mod stage_run;
mod table;

pub use custom_error::{CustomError, SEPARATOR};
pub use machine::{Machine, Reach, StartError};
pub use messages::{Context, Faults, Payload, ProxyRequest, ProxyResponse, take};
pub use scope::{Half, Printer, Scope, Stage, Wait};
pub use side_request::{SideRequest, WebResponse};
pub use stage_run::{Progress, Scripts, StageRun};
