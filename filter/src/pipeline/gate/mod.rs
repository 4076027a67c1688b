//! A gate on the way of a request: the rates of the service, the key that an endpoint asks for, the rates of the endpoint. It asks
//! for one token after the other, and is shut where one is missing.
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
use crate::http::{Body, Headers, Response, one_line};
use entry::{Entry, enter};
use whose::whose;

/// Where a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `qos/ratelimit/service`, in front of everything.
    Service,
    /// `auth/api-keys` of an endpoint, in front of its token and its scripts.
    Key,
    /// `qos/ratelimit/router`, behind the endpoint's scripts.
    Endpoint,
}

/// A request at a gate.
pub(crate) struct Gate {
    context: Rc<RefCell<Context>>,
    place: Place,
    // Whose token was asked for last.
    asked: Option<RefusedBy>,
}

/// What follows.
pub(crate) enum Passage {
    /// A token is asked for.
    Ask(Draw),
    /// The request goes on.
    Open,
    /// It does not: this is its answer.
    Shut(Response),
}

impl Gate {
    /// For a request that has come as far as this.
    pub(crate) fn new(context: &Rc<RefCell<Context>>, place: Place) -> Self {
        Self { context: Rc::clone(context), place, asked: None }
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The request at it.
    pub(crate) fn context(&self) -> &Rc<RefCell<Context>> {
        &self.context
    }

    /// The request comes to the gate.
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

    /// Was there a token?
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

    // KrakenD asks for the client's first: who is refused there takes nothing from others.
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

// KrakenD says nothing with it.
fn shut(basis: &Basis, refused: RefusedBy, words: &str) -> Passage {
    basis.program.ledger.refused(refused);
    let status = match refused {
        // krakend-ratelimit, router/gin/gin.go
        RefusedBy::Rate => 503,
        RefusedBy::Client => 429,
        // KrakenD's schema of auth/api-keys: for want of a role, too
        _ => 401,
    };
    // In a flood a line for each request would be a flood, too.
    if basis.program.watcher.is_some() {
        let request_id = basis.client.as_ref().and_then(|client| client.headers.get_str("x-request-id"));
        let request_id = request_id.map(|id| format!(" request_id={}", one_line(id))).unwrap_or_default();
        log::warn!("{}[{}]{request_id} {words}: {status}", basis.name(false), component(refused));
    }
    Passage::Shut(Response { status, headers: Headers::new(), body: Body::Absent })
}

// What KrakenD's log calls the part that refuses.
fn component(refused: RefusedBy) -> &'static str {
    match refused {
        RefusedBy::Key => "APIKey",
        _ => "Ratelimit",
    }
}
