//! The namespaces that the filter serves itself.

use super::place::{Namespace, backend, endpoint, front, inner, service};
use super::row::exact;

pub(super) const NAMESPACES: &[Namespace] = &[
    front(exact("modifier/lua-endpoint").with(super::endpoint::LUA)),
    endpoint(exact("modifier/lua-proxy").with(super::endpoint::LUA)),
    backend(exact("modifier/lua-backend").with(super::endpoint::LUA)),
    inner(exact("modifier/jmespath").with(super::modifiers::JMESPATH)),
    service(exact("router").with(super::service::ROUTER)),
    endpoint(exact("proxy").with(super::endpoint::PROXY)),
    backend(exact("proxy").with(super::backend::PROXY)),
    backend(exact("backend/http").with(super::backend::HTTP)),
    front(exact("envoy/lua-modifier")),
];
