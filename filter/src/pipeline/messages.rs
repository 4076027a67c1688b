//! The messages that the scripts of a stage see. They belong to the exchange; stages share them.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bindings::{Context, ProxyRequest};

/// The messages that a stage's scripts can load on the way in: `ctx` at the router, `request` at the proxy and the backends.
#[derive(Clone, Default)]
pub(crate) struct Messages {
    pub(crate) context: Option<Rc<RefCell<Context>>>,
    pub(crate) request: Option<Rc<RefCell<ProxyRequest>>>,
}

impl Messages {
    /// The messages of `modifier/lua-endpoint`.
    pub(crate) fn of_router(context: &Rc<RefCell<Context>>) -> Self {
        Self { context: Some(Rc::clone(context)), request: None }
    }

    /// The messages of `modifier/lua-proxy` and `modifier/lua-backend`.
    pub(crate) fn of_proxy(request: &Rc<RefCell<ProxyRequest>>) -> Self {
        Self { context: None, request: Some(Rc::clone(request)) }
    }
}
