//! The door of an endpoint that asks for a token: the request presents one, Envoy is asked what it has verified in that place,
//! and the door opens or stays shut.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use super::jws::Jws;
use super::payload::Payload;
use super::presented::presented;
use super::refusal::Refusal;
use super::{permission, propagation, validity};
use crate::bindings::Context;
use crate::config::{KeySource, Validator};
use crate::http::{names, one_line};
use crate::pipeline::basis::Basis;
use crate::pipeline::failure::{Failure, OrBroken};

/// A request at the door.
pub(crate) struct Door {
    context: Rc<RefCell<Context>>,
    // The token, and the provider that verifies it. Boxed: a door is moved with its phase.
    token: Option<Box<(Jws, String)>>,
}

/// The door's decision.
pub(crate) enum Knock {
    /// The door asks for the payload that was verified under this provider's name.
    Ask(String),
    /// The request goes in.
    Open,
    /// The request does not go in.
    Shut(Refusal),
}

impl Door {
    /// The door for a request whose service-level scripts have run.
    pub(crate) fn new(context: &Rc<RefCell<Context>>) -> Self {
        Self { context: Rc::clone(context), token: None }
    }

    /// The request at the door.
    pub(crate) fn context(&self) -> &Rc<RefCell<Context>> {
        &self.context
    }

    /// Finds the request's token.
    pub(crate) fn knock(&mut self, basis: &Basis) -> Result<Knock, Failure> {
        let validator = validator(basis)?;
        let (token, provider) = match self.present(basis, validator)? {
            Ok(presented) => presented,
            Err(refusal) => return Ok(shut(basis, validator, refusal)),
        };
        self.token = Some(Box::new((token, provider.clone())));
        Ok(Knock::Ask(provider))
    }

    /// Takes the payload that was verified under the provider's name; `None` if nothing was.
    pub(crate) fn answer(&mut self, basis: &Basis, verified: Option<&[u8]>) -> Result<Knock, Failure> {
        let validator = validator(basis)?;
        let (token, provider) = *self.token.take().or_broken("an answer about no token")?;
        if let Err(refusal) = self.decide(basis, validator, &token, &provider, verified) {
            return Ok(shut(basis, validator, refusal));
        }
        let mut context = self.context.borrow_mut();
        propagation::propagate(&token.claims, validator, &mut context);
        context.claims = Some(token.payload.into());
        Ok(Knock::Open)
    }

    // The token, and the provider that verifies it. Envoy saw the request as it came: it did not see a token that a script has
    // moved.
    fn present(&self, basis: &Basis, validator: &Validator) -> Result<Result<(Jws, String), Refusal>, Failure> {
        let client = basis.client.as_ref().or_broken("no request of a client")?;
        let context = self.context.borrow();
        let presented_now = match presented(validator, &context.headers) {
            Ok(presented) => presented,
            // A script may have removed the token.
            Err(refusal) => {
                let was_there = presented(validator, &client.headers).is_ok();
                return Ok(Err(if was_there { Refusal::Changed } else { refusal }));
            }
        };
        if !presented_now.is_unchanged(validator, &client.headers) {
            return Ok(Err(Refusal::Changed));
        }
        let token = Jws::read(presented_now.text).ok_or(Refusal::Token("the token is none in compact form"));
        Ok(token.map(|token| (token, presented_now.place.provider(validator).to_owned())))
    }

    fn decide(
        &self,
        basis: &Basis,
        validator: &Validator,
        token: &Jws,
        provider: &str,
        verified: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let key_ids = match &validator.source {
            KeySource::File(path) => basis.plugin().key_ids.get(path).map(Vec::as_slice),
            KeySource::Url { .. } => None,
        };
        let validity = validity::check(token, validator, key_ids, now());
        let watch = &basis.program.verification;
        match verified.and_then(Payload::read) {
            None => {
                if validity.is_ok() {
                    watch.missed(&basis.name(false), provider);
                }
                return Err(Refusal::Token("no provider of Envoy's has verified the token"));
            }
            Some(payload) => {
                watch.verified();
                if !payload.is_of(&token.claims) {
                    return Err(Refusal::Token("what Envoy has verified in the place of the token is another one"));
                }
            }
        }
        validity?;
        permission::check(&token.claims, validator)
    }
}

fn validator(basis: &Basis) -> Result<&Validator, Failure> {
    basis.endpoint()?.0.validator.as_deref().or_broken("a door without a lock")
}

fn shut(basis: &Basis, validator: &Validator, refusal: Refusal) -> Knock {
    basis.program.ledger.refused(refusal.by());
    if refusal.always_told() || validator.operation_debug || basis.program.watcher.is_some() {
        let request_id = basis.client.as_ref().and_then(|client| client.headers.get_str(names::REQUEST_ID));
        let request_id = request_id.map(|id| format!(" request_id={}", one_line(id))).unwrap_or_default();
        log::warn!("{}[JWTValidator]{request_id} {}", basis.name(false), refusal.words());
    }
    Knock::Shut(refusal)
}

// Nanoseconds since 1970.
fn now() -> i128 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}
