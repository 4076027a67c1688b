//! The facts that every part of an exchange may read and only the exchange itself may change: the program, the endpoint that
//! fits the request, the client's request, and the time. Failures are written to the log here, too.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::failure::{Failure, OrBroken};
use super::format::router_answer::RouterAnswer;
use super::lineage::Lineage;
use super::program::{EndpointPlan, Program};
use crate::bindings::Half;
use crate::config::{Endpoint, Limits, Listener, Plugin};
use crate::data::Cycles;
use crate::http::{Headers, Request, Url, names, one_line};

/// The facts of one exchange.
pub(crate) struct Basis {
    pub(crate) program: Rc<Program>,
    /// The client's request as it came; `None` before it came.
    pub(crate) client: Option<Request>,
    /// The number of the endpoint that fits the request.
    pub(crate) endpoint: Option<usize>,
    /// The router's answer if no endpoint fits; `None` if the request goes on along Envoy's own routes.
    pub(crate) router: Option<RouterAnswer>,
    /// The endpoints that the request has come through, if the gateway itself has sent it.
    pub(crate) lineage: Lineage,
    /// The time by the clock of the edge, or of whatever plays the exchange.
    pub(crate) now: Duration,
    /// The end of the endpoint's time, by the same clock.
    pub(crate) deadline: Duration,
    /// The exchange is a shadow: a copy of another exchange's request, for backends whose responses no client waits for.
    pub(crate) is_shadow: bool,
    /// The service on Envoy's route has switched protocols (101): the bytes that follow are not HTTP.
    pub(crate) switched: bool,
    /// The client's `Accept` header, as the endpoint's scripts left it; only if its endpoint negotiates.
    pub(crate) accept: RefCell<Option<String>>,
    // Made with the first stage: most exchanges have no stage, or only stages whose scripts do not touch data.
    cycles: OnceCell<Rc<RefCell<Cycles>>>,
}

/// A part of an exchange, by its name in the log: `proxy.pre`, `backend_0.post`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StageLabel {
    /// `modifier/lua-endpoint` of the service.
    Service,
    /// `modifier/lua-endpoint` of the endpoint.
    Endpoint,
    /// `modifier/lua-proxy`.
    Proxy(Half),
    /// A backend: one half of its scripts, or (`None`) the part between the halves.
    Backend(usize, Option<Half>),
}

impl Basis {
    /// The facts of an exchange whose request has not come.
    pub(crate) fn new(program: &Rc<Program>) -> Self {
        let (now, deadline) = (Duration::ZERO, Duration::ZERO);
        let cycles = OnceCell::new();
        Self {
            program: Rc::clone(program),
            client: None,
            endpoint: None,
            router: None,
            lineage: Lineage::default(),
            now,
            deadline,
            is_shadow: false,
            switched: false,
            accept: RefCell::new(None),
            cycles,
        }
    }

    /// The facts of a shadow that begins now; `None` if the endpoint has no shadow.
    pub(crate) fn shadow(&self) -> Option<Self> {
        let timeout = self.met_endpoint()?.0.shadow.as_ref()?.timeout;
        Some(Self {
            client: self.client.clone(),
            endpoint: self.endpoint,
            lineage: self.lineage.clone(),
            now: self.now,
            deadline: self.now.saturating_add(timeout),
            is_shadow: true,
            ..Self::new(&self.program)
        })
    }

    /// The plugin's own settings.
    pub(crate) fn plugin(&self) -> &Plugin {
        &self.program.config.plugin
    }

    /// The endpoint that fits the request, if any; a shadow's endpoint has the shadow backends only.
    pub(crate) fn met_endpoint(&self) -> Option<(&Endpoint, &EndpointPlan)> {
        let index = self.endpoint?;
        let (endpoint, plan) = (self.program.config.endpoints.get(index)?, self.program.endpoints.get(index)?);
        if self.is_shadow {
            return Some((&endpoint.shadow.as_ref()?.endpoint, plan.shadow.as_deref()?));
        }
        Some((endpoint, plan))
    }

    /// Is the exchange that of a message of an agent?
    pub(crate) fn is_message(&self) -> bool {
        self.endpoint.is_some() && self.plugin().listener == Listener::Agents
    }

    /// The endpoint of an exchange that must have one.
    #[track_caller]
    pub(crate) fn endpoint(&self) -> Result<(&Endpoint, &EndpointPlan), Failure> {
        self.met_endpoint().or_broken("no endpoint")
    }

    /// Marks a request that goes to the gateway itself, so that a loop ends.
    pub(crate) fn mark(&self, url: &Url, headers: &mut Headers) {
        if self.program.config.service.own_address.is(&url.scheme, &url.authority) {
            // The numbers are those of endpoints, which agents are not.
            headers.set(names::LINEAGE, self.lineage.continued(self.endpoint.filter(|_| !self.is_message())));
        }
    }

    /// The limits of scripts and messages.
    pub(crate) fn limits(&self) -> Limits {
        self.met_endpoint().map_or(self.plugin().limits, |(endpoint, _)| *endpoint.limits)
    }

    /// The containers that scripts put into each other. A stage's data outlives the stage: it becomes the client's response.
    pub(crate) fn cycles(&self) -> Rc<RefCell<Cycles>> {
        Rc::clone(self.cycles.get_or_init(Rc::default))
    }

    /// The rest of the endpoint's time.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_sub(self.now)
    }

    /// The exchange's name in the log: `[ENDPOINT: /users/{id}]`. At the service's stage no endpoint counts yet.
    pub(crate) fn name(&self, at_service: bool) -> String {
        match self.met_endpoint() {
            Some((endpoint, _)) if !at_service => format!("[ENDPOINT: {}]", endpoint.path),
            _ => "[SERVICE]".to_owned(),
        }
    }

    /// Writes one line about a failure into the log: the exchange, the failure and its place, the stage and the request.
    pub(crate) fn report(&self, failure: &Failure, stage: Option<StageLabel>) {
        let ledger = &self.program.ledger;
        let (level, shadow) = if self.is_shadow {
            ledger.shadow_failed();
            (log::Level::Warn, " shadow=true")
        } else {
            ledger.failed();
            (log::Level::Error, "")
        };
        let name = self.name(stage == Some(StageLabel::Service));
        let stage = stage.map(|stage| format!(" stage={stage}")).unwrap_or_default();
        let request_id = self.client.as_ref().and_then(|client| client.headers.get_str(names::REQUEST_ID));
        let request_id = request_id.map(|id| format!(" request_id={}", one_line(id))).unwrap_or_default();
        log::log!(level, "{name} {}{stage}{shadow}{request_id}", failure.log_line());
    }
}

impl fmt::Display for StageLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = |half: &Half| match half {
            Half::Pre => "pre",
            Half::Post => "post",
        };
        match self {
            Self::Service => f.write_str("service.pre"),
            Self::Endpoint => f.write_str("endpoint.pre"),
            Self::Proxy(of) => write!(f, "proxy.{}", half(of)),
            Self::Backend(index, None) => write!(f, "backend_{index}"),
            Self::Backend(index, Some(of)) => write!(f, "backend_{index}.{}", half(of)),
        }
    }
}
