//! A gate on the way of a request: the rates of the service, the key that an endpoint asks for, or the rates of the endpoint.
//! It asks for one token after the other, and stays shut if one is missing.
//!
//! ```text
//! gate ──► entry, whose
//! ```

mod entry;
#[cfg(test)]
mod tests;
mod whose;

use std::cell::RefCell;
use std::rc::Rc;

use super::basis::Basis;
use super::failure::{Failure, OrBroken};
use super::rate::{Draw, Whose};
use super::watch::RefusedBy;
use crate::bindings::Context;
use crate::config::Rates;
use crate::http::{Body, Headers, Response, names, one_line};
use entry::{Entry, enter};
use whose::whose;

/// The place of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `qos/ratelimit/service`, before everything else.
    Service,
    /// `auth/api-keys` of an endpoint, before its token check and its scripts.
    Key,
    /// `qos/ratelimit/router`, after the endpoint's scripts.
    Endpoint,
}

/// A request at a gate.
pub(crate) struct Gate {
    context: Rc<RefCell<Context>>,
    place: Place,
    // The bucket that the last token was asked from.
    asked: Option<RefusedBy>,
}

/// The gate's decision.
pub(crate) enum Passage {
    /// The gate asks for a token.
    Ask(Draw),
    /// The request goes on.
    Open,
    /// The request does not go on; this is its answer.
    Shut(Response),
}

impl Gate {
    /// A gate for a request that has come to it.
    pub(crate) fn new(context: &Rc<RefCell<Context>>, place: Place) -> Self {
        Self { context: Rc::clone(context), place, asked: None }
    }

    /// The place of this gate.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The request at this gate.
    pub(crate) fn context(&self) -> &Rc<RefCell<Context>> {
        &self.context
    }

    /// Asks the gate whether the request may go on.
    pub(crate) fn knock(&mut self, basis: &Basis) -> Result<Passage, Failure> {
        match self.place {
            Place::Service => self.ask_client(basis, basis.program.config.service.rates.as_ref()),
            Place::Endpoint => self.ask_client(basis, basis.endpoint()?.0.rates.as_deref()),
            Place::Key => {
                let keys = basis.endpoint()?.0.api_keys.as_ref().or_broken("a gate without keys")?;
                match enter(keys, &mut self.context.borrow_mut()) {
                    Entry::Open => Ok(Passage::Open),
                    Entry::Counted(rate, id) => {
                        self.asked = Some(RefusedBy::Client);
                        Ok(Passage::Ask(Draw { rate, whose: Whose::Key(id) }))
                    }
                    Entry::Shut(words) => Ok(shut(basis, RefusedBy::Key, words)),
                }
            }
        }
    }

    /// Takes the answer whether there was a token.
    pub(crate) fn answer(&mut self, basis: &Basis, is_there: bool) -> Result<Passage, Failure> {
        let asked = self.asked.take().or_broken("a token for which nobody has asked")?;
        if !is_there {
            return Ok(shut(basis, asked, "the rate is used up"));
        }
        match (self.place, asked) {
            (Place::Service, RefusedBy::Client) => Ok(self.ask_all(basis.program.config.service.rates.as_ref())),
            (Place::Endpoint, RefusedBy::Client) => Ok(self.ask_all(basis.endpoint()?.0.rates.as_deref())),
            _ => Ok(Passage::Open),
        }
    }

    // KrakenD asks for the client's token first: a client that is refused there takes no token from other clients.
    fn ask_client(&mut self, basis: &Basis, rates: Option<&Rates>) -> Result<Passage, Failure> {
        let rates = rates.or_broken("a gate without rates")?;
        let Some((key, rate)) = &rates.client else { return Ok(self.ask_all(Some(rates))) };
        let Some(whose) = whose(key, &self.context.borrow()) else {
            return Ok(shut(basis, RefusedBy::Client, "nothing tells whose it is"));
        };
        self.asked = Some(RefusedBy::Client);
        Ok(Passage::Ask(Draw { rate: *rate, whose }))
    }

    fn ask_all(&mut self, rates: Option<&Rates>) -> Passage {
        let Some(rate) = rates.and_then(|rates| rates.all) else { return Passage::Open };
        self.asked = Some(RefusedBy::Rate);
        Passage::Ask(Draw { rate, whose: Whose::Everybody })
    }
}

// The answer has no body, as in KrakenD.
fn shut(basis: &Basis, refused: RefusedBy, words: &str) -> Passage {
    basis.program.ledger.refused(refused);
    let status = match refused {
        // krakend-ratelimit, router/gin/gin.go
        RefusedBy::Rate => 503,
        RefusedBy::Client => 429,
        // KrakenD's schema of auth/api-keys: also for a missing role
        _ => 401,
    };
    // During a flood of requests, a line for each would flood the log, too.
    if basis.program.watcher.is_some() {
        let request_id = basis.client.as_ref().and_then(|client| client.headers.get_str(names::REQUEST_ID));
        let request_id = request_id.map(|id| format!(" request_id={}", one_line(id))).unwrap_or_default();
        log::warn!("{}[{}]{request_id} {words}: {status}", basis.name(false), component(refused));
    }
    Passage::Shut(Response { status, headers: Headers::new(), body: Body::Absent })
}

// The name that KrakenD's log has for the part that refuses.
fn component(refused: RefusedBy) -> &'static str {
    match refused {
        RefusedBy::Key => "APIKey",
        _ => "Ratelimit",
    }
}
