//! Calls that are under way: the purpose of each, and the end of its time.

use std::time::Duration;

use super::side_call::SideCall;
use crate::http::{Call, CallError, Response};
use crate::pipeline::port::Ticket;
use crate::pipeline::watch::CallKind;

/// The stage that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The stage of the exchange's own phase: the service's, the endpoint's or the proxy's.
    Main,
    /// The stage of a leg, by the leg's number.
    Leg(usize),
}

/// The purpose of a call.
pub(crate) enum Flight {
    /// A script's side request, and its number among the requests that were made together.
    Side(Owner, usize, Box<SideCall>),
    /// A live source, and its number likewise.
    Source(Owner, usize),
    /// The request to a backend, by the number of its leg.
    Backend(usize),
}

/// The result of a call.
pub(crate) type Reply = Result<Response, CallError>;

/// All calls of an exchange.
#[derive(Default)]
pub(super) struct Flights {
    last: u32,
    // The calls, each with the time after which a lost reply counts as a timeout. There are only a few at a time.
    under_way: Vec<(Ticket, Flight, Duration)>,
    leaving: Vec<(Ticket, Call)>,
}

impl Flights {
    /// Adds a call that leaves at this time.
    pub(super) fn send(&mut self, now: Duration, call: Call, flight: Flight) {
        self.last = self.last.wrapping_add(1);
        let ticket = Ticket(self.last);
        let late = now.saturating_add(call.timeout.saturating_sub(leeway(call.timeout)));
        self.under_way.push((ticket, flight, late));
        self.leaving.push((ticket, call));
    }

    /// Takes the calls that have not been sent yet.
    pub(super) fn take_leaving(&mut self) -> Vec<(Ticket, Call)> {
        std::mem::take(&mut self.leaving)
    }

    /// Takes a reply, and gives its call; `None` if the exchange does not wait for it, or no longer.
    pub(super) fn landed(&mut self, now: Duration, ticket: Ticket, reply: Reply) -> Option<(Flight, Reply)> {
        let at = self.under_way.iter().position(|(known, ..)| *known == ticket)?;
        let (_, flight, late) = self.under_way.swap_remove(at);
        let reply = match reply {
            Err(CallError::Lost) if now >= late => Err(CallError::Timeout),
            reply => reply,
        };
        Some((flight, reply))
    }

    /// Forgets the calls of a leg.
    pub(super) fn forget(&mut self, leg: usize) {
        self.under_way.retain(|(_, flight, _)| flight.leg() != Some(leg));
    }

    /// Forgets all calls: late replies have no effect.
    pub(super) fn clear(&mut self) {
        self.under_way.clear();
        self.leaving.clear();
    }
}

impl Flight {
    /// The observer's word for the call.
    pub(super) fn kind(&self, of_shadow: bool) -> CallKind {
        match self {
            Self::Side(..) => CallKind::Side,
            Self::Source(..) => CallKind::Source,
            Self::Backend(_) if of_shadow => CallKind::Shadow,
            Self::Backend(_) => CallKind::Backend,
        }
    }

    /// The leg that waits for the call.
    pub(super) fn leg(&self) -> Option<usize> {
        match self {
            Self::Side(Owner::Main, ..) | Self::Source(Owner::Main, _) => None,
            Self::Side(Owner::Leg(leg), ..) | Self::Source(Owner::Leg(leg), _) | Self::Backend(leg) => Some(*leg),
        }
    }
}

// Envoy counts a call's time from the moment when its worker last read the clock, which is before all work that the worker has
// done since. So it gives up earlier by that much, and with more streams still earlier.
fn leeway(timeout: Duration) -> Duration {
    timeout.mul_f64(0.1).min(MAX_LEEWAY)
}

const MAX_LEEWAY: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::parse_url;

    fn lost_after(timeout: u64, passed: u64) -> CallError {
        let (sent, ms) = (Duration::from_secs(7), Duration::from_millis);
        let url = parse_url("http://api/x").unwrap();
        let (cluster, method) = ("api".into(), "GET".into());
        let call = Call { cluster, method, url, headers: Default::default(), body: Vec::new(), timeout: ms(timeout) };
        let mut flights = Flights::default();
        flights.send(sent, call, Flight::Backend(0));
        let (ticket, _) = flights.take_leaving().remove(0);
        flights.landed(sent + ms(passed), ticket, Err(CallError::Lost)).unwrap().1.unwrap_err()
    }

    #[test]
    fn a_reply_that_is_lost_at_the_end_of_its_time_is_late() {
        let table = [(1000, 0, false), (1000, 899, false), (1000, 900, true), (1000, 2000, true)];
        let long = [(60_000, 59_749, false), (60_000, 59_750, true), (0, 0, true)];
        for (timeout, passed, is_late) in table.into_iter().chain(long) {
            let wanted = if is_late { CallError::Timeout } else { CallError::Lost };
            assert_eq!(lost_after(timeout, passed), wanted, "{passed} of {timeout} ms");
        }
    }
}
