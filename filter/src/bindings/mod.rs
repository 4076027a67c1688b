//! KrakenD's objects for scripts: `ctx`, `request`, `response`, `luaTable`, `luaList`, `luaNil`, `http_response` and
//! `custom_error`. Knows Lua, data and messages; nothing of configuration, of the order of stages, or of Envoy.

mod arguments;
mod convert;
mod ctx;
mod custom_error;
mod globals;
mod http_response;
mod list;
mod message;
mod object;
mod request;
mod response;
mod run;
mod scope;
mod table;

pub use ctx::Context;
pub use custom_error::{CustomError, SEPARATOR};
pub use http_response::WebResponse;
pub use message::Payload;
pub use request::ProxyRequest;
pub use response::{ProxyResponse, take};
pub use run::{Machine, Progress, Scripts, StageRun, StartError};
pub use scope::{Half, Printer, Scope, SideRequest, Stage, Wait};

use list::LuaList;
use table::LuaTable;
