//! Copies of requests for backends for which nobody waits: exchanges of their own, which no stream belongs to. They outlive the
//! stream that they began with, and so belong to the worker. What happens to them is queued, and done when the edge says that no
//! stream is in the middle of anything: [`Shadows::play`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::host::{Caller, Refusal};
use super::local_replies;
use super::messages::{self, RawReply};
use crate::http::{Call, CallError, Response};
use crate::pipeline::{Carrier, Draw, Exchange, Input, Output, SharedData, Ticket, carry_out};

/// More shadows than this do not live at a time.
const MOST: usize = 1_000;
/// Nor more bytes of bodies that they have copied.
const MOST_BYTES: usize = 64 << 20;
/// So long after its time is over, nothing will come for a shadow any more.
const GRACE: Duration = Duration::from_secs(10);

/// The shadows of one worker.
#[derive(Default)]
pub struct Shadows {
    alive: RefCell<BTreeMap<u64, Shadow>>,
    last: Cell<u64>,
    bytes: Cell<usize>,
    // By the tokens of their calls.
    waiting: RefCell<BTreeMap<u32, (u64, Ticket)>>,
    happened: RefCell<VecDeque<Happened>>,
    playing: Cell<bool>,
    // Since the last tick.
    dropped: Cell<u64>,
}

struct Shadow {
    // None while it is played.
    exchange: Option<Exchange>,
    bytes: usize,
    until: Duration,
}

/// What has happened to a shadow, and is not done yet.
enum Happened {
    /// It begins.
    Begun(u64),
    /// The reply to one of its calls.
    Reply(u32, Result<Response, CallError>),
}

impl Shadows {
    /// Takes the shadow of an exchange, unless too many are alive.
    pub(super) fn take(&self, of: &Exchange, now: Duration) {
        let bytes = of.copied_bytes();
        let all_bytes = self.bytes.get().saturating_add(bytes);
        if self.alive.borrow().len() >= MOST || all_bytes > MOST_BYTES {
            of.drop_shadow();
            self.dropped.set(self.dropped.get().saturating_add(1));
            return;
        }
        let Some(exchange) = of.shadow() else { return };
        self.bytes.set(all_bytes);
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        let until = now.saturating_add(exchange.time_left(now)).saturating_add(GRACE);
        self.alive.borrow_mut().insert(number, Shadow { exchange: Some(exchange), bytes, until });
        self.happened.borrow_mut().push_back(Happened::Begun(number));
    }

    /// The reply to a call has come, or is known not to come (`None`). It is only read if a shadow waits for it.
    pub fn reply(&self, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
        // While a call is being sent, its token is not known yet.
        if self.playing.get() || self.waiting.borrow().contains_key(&token) {
            let reply = local_replies::reply(read());
            self.happened.borrow_mut().push_back(Happened::Reply(token, reply));
        }
    }

    /// Has something happened that is to be played?
    pub fn has_news(&self) -> bool {
        !self.happened.borrow().is_empty()
    }

    /// Does what is to be done. To be called when no callback of a stream runs, or at its end, with a host whose calls are those
    /// of the worker itself. The host may call back inside.
    pub fn play(&self, host: &(impl Caller + SharedData), now: Duration) {
        if self.playing.replace(true) {
            return;
        }
        loop {
            let Some(happened) = self.happened.borrow_mut().pop_front() else { break };
            let (number, input) = match happened {
                Happened::Begun(number) => (number, Input::ShadowApart),
                Happened::Reply(token, reply) => match self.waiting.borrow_mut().remove(&token) {
                    Some((number, ticket)) => (number, Input::Reply(ticket, reply)),
                    None => continue,
                },
            };
            self.play_one(host, now, number, input);
        }
        self.playing.set(false);
    }

    fn play_one(&self, host: &(impl Caller + SharedData), now: Duration, number: u64, input: Input) {
        let taken = self.alive.borrow_mut().get_mut(&number).and_then(|shadow| shadow.exchange.take());
        let Some(exchange) = taken else { return };
        let mut carrier = ShadowCarrier { shadows: self, host, now, number, exchange };
        // A shadow gives no answer: nothing departs.
        carry_out(&mut carrier, input);
        let exchange = carrier.exchange;
        if exchange.is_over() {
            self.forget(number);
        } else if let Some(shadow) = self.alive.borrow_mut().get_mut(&number) {
            shadow.exchange = Some(exchange);
        }
    }

    fn forget(&self, number: u64) {
        let gone = self.alive.borrow_mut().remove(&number);
        let bytes = gone.as_ref().map_or(0, |shadow| shadow.bytes);
        self.bytes.set(self.bytes.get().saturating_sub(bytes));
        self.waiting.borrow_mut().retain(|_, (waiting, _)| *waiting != number);
    }

    /// From time to time: says how many were not sent, and forgets those for which nothing will come.
    pub(super) fn tick(&self, now: Duration) {
        match self.dropped.take() {
            0 => {}
            dropped => log::warn!(
                "{dropped} requests were not copied to their shadow backends: {MOST} shadows, or {MOST_BYTES} bytes of their \
                 bodies, are under way in this worker"
            ),
        }
        let late: Vec<u64> = {
            let alive = self.alive.borrow();
            alive.iter().filter(|(_, shadow)| shadow.until <= now).map(|(number, _)| *number).collect()
        };
        if !late.is_empty() {
            log::warn!("{} shadows ended without the replies that they waited for", late.len());
        }
        late.into_iter().for_each(|number| self.forget(number));
    }
}

/// One shadow as the exchange's carrier.
struct ShadowCarrier<'a, C> {
    shadows: &'a Shadows,
    host: &'a C,
    now: Duration,
    number: u64,
    exchange: Exchange,
}

impl<C: Caller + SharedData> Carrier for ShadowCarrier<'_, C> {
    fn tell(&mut self, input: Input) -> Option<Output> {
        Some(self.exchange.handle(self.now, input))
    }

    // It has its body from the beginning.
    fn read_body(&mut self) -> Option<Input> {
        None
    }

    // A shadow is of a request that was let in.
    fn verified(&mut self, _: &str) -> Option<Vec<u8>> {
        None
    }

    // Of a backend: no client is asked for.
    fn draw(&mut self, draw: &Draw) -> bool {
        self.exchange.pool().draw(self.host, draw, || None)
    }

    // A shadow has none.
    fn part(&mut self) {}

    fn dispatch(&mut self, ticket: Ticket, call: Call) -> Vec<Input> {
        match messages::dispatch(self.host, &call) {
            Ok(token) => {
                self.shadows.waiting.borrow_mut().insert(token, (self.number, ticket));
                Vec::new()
            }
            Err(error) => vec![Input::Reply(ticket, Err(error))],
        }
    }
}
