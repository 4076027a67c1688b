//! Calls that are under way: whose they are, when their time is over, and which answers are still missing.

use super::calls::SideCall;
use super::observe::Watcher;
use super::port::Ticket;
use super::task::Answer;
use crate::http::{Call, CallError, Response};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// Which part of an exchange waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A stage of the endpoint.
    Main,
    /// A backend's leg, by its number.
    Leg(usize),
}

/// What a call is for.
pub(super) enum Purpose {
    /// A script's side request; its place among those that were asked together.
    Side(Box<SideCall>, usize),
    /// A live source, likewise.
    Source(usize),
    /// A backend's own request.
    Backend,
}

/// One call under way.
pub(super) struct Flight {
    pub(super) owner: Owner,
    pub(super) purpose: Purpose,
}

/// What comes of a call.
pub(super) type Reply = Result<Response, CallError>;

/// All calls of an exchange.
#[derive(Default)]
pub(super) struct Flights {
    last: u32,
    // And from when on one that is lost is late.
    flights: BTreeMap<Ticket, (Flight, Duration)>,
    leaving: Vec<(Ticket, Call)>,
    waiting: BTreeMap<Owner, Vec<Option<Answer>>>,
    watch: Option<Rc<Watcher>>,
}

impl Flights {
    /// No calls yet, with somebody who wants to know of them.
    pub(super) fn watched(watch: Option<Rc<Watcher>>) -> Flights {
        Flights { watch, ..Flights::default() }
    }

    /// Lets a call leave at a time.
    pub(super) fn send(&mut self, now: Duration, call: Call, flight: Flight) {
        if let Some(watch) = &self.watch {
            watch.calls(flight.owner, &flight.purpose);
        }
        self.last = self.last.wrapping_add(1);
        let ticket = Ticket(self.last);
        self.flights.insert(ticket, (flight, now.saturating_add(call.timeout.saturating_sub(leeway(call.timeout)))));
        self.leaving.push((ticket, call));
    }

    /// The calls that nobody has sent yet.
    pub(super) fn leaving(&mut self) -> Vec<(Ticket, Call)> {
        std::mem::take(&mut self.leaving)
    }

    /// Whose call has come back at a time, and with what; nobody's if the exchange no longer waits for it.
    pub(super) fn landed(&mut self, now: Duration, ticket: Ticket, reply: Reply) -> Option<(Flight, Reply)> {
        let (flight, late) = self.flights.remove(&ticket)?;
        let reply = match reply {
            Err(CallError::Lost) if now >= late => Err(CallError::Timeout),
            reply => reply,
        };
        Some((flight, reply))
    }

    /// Notes that an owner waits for so many answers.
    pub(super) fn expect(&mut self, owner: Owner, answers: usize) {
        self.waiting.insert(owner, std::iter::repeat_with(|| None).take(answers).collect());
    }

    /// Takes one answer in; all of them in order as soon as none is missing.
    pub(super) fn answer(&mut self, owner: Owner, place: usize, answer: Answer) -> Option<Vec<Answer>> {
        let answers = self.waiting.get_mut(&owner)?;
        if let Some(slot) = answers.get_mut(place) {
            *slot = Some(answer);
        }
        if answers.iter().any(Option::is_none) {
            return None;
        }
        self.waiting.remove(&owner).map(|answers| answers.into_iter().flatten().collect())
    }

    /// Forgets everything: late replies will find nobody.
    pub(super) fn clear(&mut self) {
        self.flights.clear();
        self.leaving.clear();
        self.waiting.clear();
    }
}

// Envoy counts a call's time from the moment when its worker last looked at the clock, which is before all that the worker
// has done since: it gives up early by that much, and the more streams there are the earlier.
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
        let (cluster, method) = ("api".to_owned(), "GET".to_owned());
        let call = Call { cluster, method, url, headers: Default::default(), body: Vec::new(), timeout: ms(timeout) };
        let mut flights = Flights::default();
        flights.send(sent, call, Flight { owner: Owner::Main, purpose: Purpose::Backend });
        let (ticket, _) = flights.leaving().remove(0);
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
