//! The one loop around [`Exchange::handle`](super::Exchange::handle): carries out an exchange's outputs as far as is possible
//! at once. It plays Envoy's streams, and the tests' worlds too.

use std::collections::VecDeque;

use super::port::{Input, Output, Routed, Ticket};
use super::rate::Draw;
use crate::http::{Call, Response};

/// The surroundings of an exchange.
pub trait Carrier {
    /// Tells the exchange what happened; `None` if the exchange is gone.
    fn tell(&mut self, input: Input) -> Option<Output>;

    /// The whole body of the message that is under way, as [`Input::Body`], or an input that says why there is none. `None` if
    /// the body has not come: the exchange is told later.
    fn read_body(&mut self) -> Option<Input>;

    /// Takes the exchange's shadow, which then goes its own way and may live longer than the exchange.
    fn part(&mut self);

    /// The payload that Envoy's `jwt_authn` keeps under the name of a provider: the bytes of a `google.protobuf.Struct`, which
    /// no client and no script can write. `None` if no token was verified.
    fn verified(&mut self, provider: &str) -> Option<Vec<u8>>;

    /// Takes a token from a bucket, by [`Pool::draw`](super::Pool::draw). `false` if there was none.
    fn draw(&mut self, draw: &Draw) -> bool;

    /// Sends a call. Returns what is known at once, for example that the call was refused. Its reply is told later, as
    /// [`Input::Reply`].
    fn dispatch(&mut self, ticket: Ticket, call: Call) -> Vec<Input>;
}

/// The message with which an exchange acts on its stream for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// As [`Output::Send`].
    Send(Box<Routed>),
    /// As [`Output::Deliver`].
    Deliver(Response),
    /// As [`Output::Answer`].
    Answer(Response),
}

/// Tells an exchange what happened, and goes on until a message leaves for good, or until something must come from outside
/// first (`None`).
pub fn carry_out(carrier: &mut impl Carrier, input: Input) -> Option<Departure> {
    let (mut next, mut later) = (Some(input), VecDeque::new());
    while let Some(input) = next.take().or_else(|| later.pop_front()) {
        match carrier.tell(input)? {
            Output::Wait => {}
            Output::ReadBody => next = carrier.read_body(),
            Output::Shadow => {
                carrier.part();
                next = Some(Input::ShadowApart);
            }
            Output::ReadVerified(provider) => next = Some(Input::Verified(carrier.verified(&provider))),
            Output::Draw(draw) => next = Some(Input::Drawn(carrier.draw(&draw))),
            Output::Call(calls) => {
                for (ticket, call) in calls {
                    later.extend(carrier.dispatch(ticket, call));
                }
            }
            Output::Send(routed) => return Some(Departure::Send(routed)),
            Output::Deliver(response) => return Some(Departure::Deliver(response)),
            Output::Answer(response) => return Some(Departure::Answer(response)),
        }
    }
    None
}
