//! The namespaces that the filter serves itself.

use super::place::{Level, Namespace, backend, front, inner, pipe, service};
use super::row::exact;

pub(super) const NAMESPACES: &[Namespace] = &[
    front(exact("modifier/lua-endpoint").with(super::endpoint::LUA)),
    pipe(exact("modifier/lua-proxy").with(super::endpoint::LUA)),
    backend(exact("modifier/lua-backend").with(super::endpoint::LUA)),
    inner(exact("modifier/jmespath").with(super::modifiers::JMESPATH)),
    service(exact("router").with(super::service::ROUTER)),
    pipe(exact("proxy").with(super::endpoint::PROXY)),
    backend(exact("proxy").with(super::backend::PROXY)),
    backend(exact("backend/http").with(super::backend::HTTP)),
    Namespace { levels: &[Level::Service, Level::Endpoint, Level::Agent], row: exact("envoy/lua-modifier") },
];
