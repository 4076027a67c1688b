//! Calls that are under way: whose they are, and which answers are still missing.

use super::calls::SideCall;
use super::observe::Watch;
use super::port::Ticket;
use super::task::Answer;
use crate::http::Call;
use std::collections::BTreeMap;
use std::rc::Rc;

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

/// All calls of an exchange.
#[derive(Default)]
pub(super) struct Flights {
    last: u32,
    flights: BTreeMap<Ticket, Flight>,
    leaving: Vec<(Ticket, Call)>,
    waiting: BTreeMap<Owner, Vec<Option<Answer>>>,
    watch: Option<Rc<Watch>>,
}

impl Flights {
    /// No calls yet, with somebody who wants to know of them.
    pub(super) fn watched(watch: Option<Rc<Watch>>) -> Flights {
        Flights { watch, ..Flights::default() }
    }

    /// Lets a call leave.
    pub(super) fn send(&mut self, call: Call, flight: Flight) {
        if let Some(watch) = &self.watch {
            watch.calls(flight.owner, &flight.purpose);
        }
        self.last = self.last.wrapping_add(1);
        let ticket = Ticket(self.last);
        self.flights.insert(ticket, flight);
        self.leaving.push((ticket, call));
    }

    /// The calls that nobody has sent yet.
    pub(super) fn leaving(&mut self) -> Vec<(Ticket, Call)> {
        std::mem::take(&mut self.leaving)
    }

    /// Whose call has come back; nobody's if the exchange no longer waits for it.
    pub(super) fn landed(&mut self, ticket: Ticket) -> Option<Flight> {
        self.flights.remove(&ticket)
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
