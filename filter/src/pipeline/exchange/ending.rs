//! The end of an exchange: the answer to the client, or the request that goes on along Envoy's own routes.

use std::cell::RefCell;
use std::rc::Rc;

use super::agent;
use crate::bindings::{Context, ProxyResponse, take};
use crate::config::{Endpoint, OutputEncoding};
use crate::http::{Body, Response};
use crate::pipeline::basis::{Basis, StageLabel};
use crate::pipeline::envoy_headers::{GO_ON, OTHERS};
use crate::pipeline::failure::{Failure, OrBroken};
use crate::pipeline::format::render;
use crate::pipeline::format::router_answer::RouterAnswer;
use crate::pipeline::port::{Output, Routed};

/// The end of an exchange that did not fail on the way.
pub(super) enum Ending {
    /// The request met no endpoint: the service's edits apply, and Envoy's own routes decide.
    Pass(Rc<RefCell<Context>>),
    /// The request met no endpoint: KrakenD's router answers.
    Router,
    /// The request is not let in, and this is its answer.
    Refused(Box<Response>),
    /// The client gets the response, as an answer.
    Answer(Rc<RefCell<ProxyResponse>>),
    /// The same, where the upstream's response is held on Envoy's route: it is edited.
    Deliver(Rc<RefCell<ProxyResponse>>),
    /// The client gets the failure, which the log has.
    Failed(Box<Failure>),
}

impl Ending {
    /// The last output.
    ///
    /// # Errors
    /// The response cannot be written.
    pub(super) fn output(self, basis: &Basis) -> Result<Output, Failure> {
        Ok(match self {
            Self::Pass(context) => pass(basis, &context.borrow())?,
            Self::Router => {
                let said = basis.router.as_ref().or_broken("no answer of the router")?;
                answer(said.response(&basis.program.config.service.router))
            }
            Self::Refused(response) => answer(*response),
            Self::Answer(_) if basis.is_message() => agent::done(),
            Self::Deliver(response) if basis.is_message() => agent::delivered(&response.borrow()),
            Self::Answer(response) => {
                answer(render::render(take(response), basis.endpoint()?.0, basis.accept.borrow().as_deref())?)
            }
            Self::Deliver(response) => deliver(basis, take(response))?,
            Self::Failed(failure) => failed(basis, &failure, None),
        })
    }
}

fn pass(basis: &Basis, context: &Context) -> Result<Output, Failure> {
    let mut request = basis.client.clone().or_broken("no request of a client")?;
    request.headers.keep(GO_ON);
    let edited = context.headers.clone().mended();
    request.headers.extend_from(&edited, OTHERS);
    // Envoy cannot give a body to a request that came without one.
    if context.payload.replaced && request.body != Body::Absent {
        request.body = context.payload.body.clone();
    }
    Ok(Output::Send(Box::new(Routed { request, cluster: None, timeout: None })))
}

fn deliver(basis: &Basis, response: ProxyResponse) -> Result<Output, Failure> {
    let (endpoint, _) = basis.endpoint()?;
    if basis.switched {
        return switch(response, endpoint);
    }
    // A body of the upstream goes on as it is, whether a script has read it or not.
    let goes_on = endpoint.output_encoding == OutputEncoding::NoOp
        && response.payload.body != Body::Absent
        && !response.payload.replaced
        && response.data.is_empty();
    let mut rendered = render::render(response, endpoint, basis.accept.borrow().as_deref())?;
    rendered.headers = rendered.headers.mended();
    if goes_on {
        rendered.body = Body::Unread;
    }
    Ok(Output::Deliver(rendered))
}

// From here on, client and service speak another protocol, for example websocket: HTTP must not change the response.
fn switch(response: ProxyResponse, endpoint: &Endpoint) -> Result<Output, Failure> {
    let as_it_came = endpoint.output_encoding == OutputEncoding::NoOp
        && response.status == 101
        && !response.payload.replaced
        && response.data.is_empty();
    if !as_it_came {
        let words = "the service switched protocols (101): the status and the body of such a response cannot be changed, and \
                     its encoding must be no-op";
        return Err(Failure::script(words.to_owned()));
    }
    Ok(Output::Deliver(Response { status: 101, headers: response.headers.mended(), body: Body::Absent }))
}

/// The answer to a failure; `stage` is the stage that failed, if one did.
pub(super) fn failed(basis: &Basis, failure: &Failure, stage: Option<StageLabel>) -> Output {
    if basis.is_message() {
        return agent::failed(failure);
    }
    answer(match stage {
        Some(at @ (StageLabel::Service | StageLabel::Endpoint)) => {
            let mut response = render::failed_at_router(failure, at == StageLabel::Service, basis.plugin());
            // KrakenD's router sets this header before the scripts run.
            if let Some(allowed) = basis.router.as_ref().and_then(RouterAnswer::allow) {
                response.headers.set("allow", allowed);
            }
            response
        }
        _ => render::failed(failure, basis.program.config.service.router.return_error_msg, basis.plugin()),
    })
}

/// An answer whose headers are fit to be sent.
pub(super) fn answer(response: Response) -> Output {
    Output::Answer(Response { headers: response.headers.mended(), ..response })
}
