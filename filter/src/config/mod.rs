//! The configuration: KrakenD's document, version 3, as typed values. Start at [`read`].
//!
//! Every error is one line that names its place. Decides here what does not depend on a request: hosts have their cluster,
//! patterns are in pieces, routes are a tree. Knows no Lua, no pipeline and no proxy.

mod alike;
mod api_keys;
mod async_agent;
mod backend;
mod bots;
mod breaker;
mod digest;
mod document;
mod duration;
mod encoding;
mod endpoint;
mod endpoint_path;
mod enforced;
mod flatmap;
mod front;
mod hosts;
mod jmespath;
mod listener;
mod long_list;
mod lua_block;
mod martian;
mod method;
pub mod migration;
mod namespaces;
mod notices;
mod own_address;
mod path_tree;
mod pattern;
mod plugin;
mod protection;
mod protobuf;
mod proxy;
mod rate;
mod reader;
mod redirect;
mod response_param;
mod router;
mod routes;
mod url_pattern;
mod validator;

#[cfg(test)]
mod tests;

pub use api_keys::{ApiKeys, KeyPlace, KeyRing, KnownKey};
pub use async_agent::{Agent, Amqp, Backoff, Connection, Consumer, Driver};
pub use backend::{Backend, Formatting};
pub use bots::{BotDetector, Listed};
pub use breaker::Breaker;
pub use digest::digest;
pub use document::{Configuration, Service, read};
pub use encoding::{Encoding, OutputEncoding};
pub use endpoint::{Endpoint, LetIn, Shadow};
pub use enforced::Enforced;
pub use flatmap::FlatmapOp;
pub use front::{AllowedHosts, Cors, Front, Guard, Hosts, Origins, Transport};
pub use hosts::{Clusters, ServiceHost};
pub use jmespath::Expression;
pub use listener::Listener;
pub use lua_block::{LuaBlock, Source};
pub use martian::{Condition, Martian, Modifier};
pub use own_address::OwnAddress;
pub use pattern::{Pattern, Subject};
pub use plugin::{Limits, LogLevel, Plugin, SourcesUrl, Unmatched, cluster_for};
pub use proxy::{StaticData, StaticStrategy};
pub use rate::{ClientKey, Rate, Rates};
pub use reader::ConfigError;
pub use response_param::ResponseParam;
pub use router::Router;
pub use routes::{Match, Routes};
pub use url_pattern::{Piece, UrlPattern, param_key};
pub use validator::{ClaimPath, KeySource, Place, Propagation, Provider, ScopesMatcher, Validator};
