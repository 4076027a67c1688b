//! The phases of an exchange, each with the data that only it needs. What is large is boxed: a phase is moved at each transition.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bindings::{Context, Half, ProxyRequest, ProxyResponse};
use crate::pipeline::basis::StageLabel;
use crate::pipeline::gate::Gate;
use crate::pipeline::legs::{Legs, Sent};
use crate::pipeline::stage::StageTask;
use crate::pipeline::token::Door;

/// The phase of an exchange.
#[derive(Default)]
pub(super) enum Phase {
    /// The client's request has not come.
    #[default]
    Idle,
    /// The request is at a gate: rates, or a key.
    Gate(Gate),
    /// `modifier/lua-endpoint` of the service.
    Service(AtRouter),
    /// The endpoint asks for a token.
    Door(Door),
    /// `modifier/lua-endpoint` of the endpoint.
    Endpoint(AtRouter),
    /// `modifier/lua-proxy` on the way in.
    ProxyPre(AtProxy),
    /// The backends; the proxy's stage, if there is one, waits for its `post`.
    Backends(Option<Box<StageTask>>, Box<Legs>),
    /// `modifier/lua-proxy` on the way out.
    ProxyPost(Box<Answering>),
    /// The response that Envoy's route brought goes on to the client, and may still break off.
    Delivered(Sent),
    /// The client has its answer, or Envoy's own routes serve it.
    Over,
}

/// The client's request before the gateway has made its own of it.
pub(super) struct AtRouter {
    pub(super) context: Rc<RefCell<Context>>,
    pub(super) stage: Option<Box<StageTask>>,
}

/// The gateway's own request.
pub(super) struct AtProxy {
    pub(super) request: Rc<RefCell<ProxyRequest>>,
    pub(super) stage: Option<Box<StageTask>>,
}

/// The proxy's stage and the response that its `post` sees.
pub(super) struct Answering {
    pub(super) stage: Box<StageTask>,
    pub(super) response: Rc<RefCell<ProxyResponse>>,
    /// The place that the request on Envoy's route was sent to, if one was.
    pub(super) routed: Option<Sent>,
}

impl Phase {
    /// The stage whose scripts run in this phase; a backend's is the legs' own.
    pub(super) fn stage(&mut self) -> Option<&mut StageTask> {
        match self {
            Self::Service(router) | Self::Endpoint(router) => router.stage.as_deref_mut(),
            Self::ProxyPre(proxy) => proxy.stage.as_deref_mut(),
            Self::ProxyPost(answering) => Some(&mut answering.stage),
            Self::Idle | Self::Gate(_) | Self::Door(_) | Self::Backends(..) | Self::Delivered(_) | Self::Over => None,
        }
    }

    /// The name of that stage in the log.
    pub(super) fn label(&self) -> Option<StageLabel> {
        match self {
            Self::Service(_) => Some(StageLabel::Service),
            Self::Endpoint(_) => Some(StageLabel::Endpoint),
            Self::ProxyPre(_) => Some(StageLabel::Proxy(Half::Pre)),
            Self::ProxyPost(_) => Some(StageLabel::Proxy(Half::Post)),
            Self::Idle | Self::Gate(_) | Self::Door(_) | Self::Backends(..) | Self::Delivered(_) | Self::Over => None,
        }
    }

    /// The place that the request on Envoy's route was sent to, if one was.
    pub(super) fn routed(&self) -> Option<&Sent> {
        match self {
            Self::Backends(_, legs) => legs.routed(),
            Self::ProxyPost(answering) => answering.routed.as_ref(),
            Self::Delivered(sent) => Some(sent),
            Self::Idle
            | Self::Gate(_)
            | Self::Service(_)
            | Self::Door(_)
            | Self::Endpoint(_)
            | Self::ProxyPre(_)
            | Self::Over => None,
        }
    }

    /// Has the exchange given its last output?
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Delivered(_) | Self::Over)
    }
}
