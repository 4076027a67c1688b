//! Copies of requests for shadow backends, whose responses no client waits for. Each copy is an exchange that belongs to no
//! stream: it outlives the stream that it began with, and belongs to the worker. Events of shadows are queued; the edge lets
//! them be handled when no stream is in the middle of a callback: [`Shadows::play`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::host::{Caller, Refusal};
use super::local_replies;
use super::messages::{self, RawReply};
use crate::http::{Call, CallError, Response};
use crate::pipeline::{Carrier, Draw, Exchange, Input, Output, SharedData, Ticket, carry_out};

/// The most shadows that live at a time.
const MOST: usize = 1_000;
/// The most bytes of copied bodies in all shadows that live.
const MOST_BYTES: usize = 64 << 20;
/// How long after its time has run out a shadow is forgotten: nothing will come for it then.
const GRACE: Duration = Duration::from_secs(10);

/// The shadows of one worker.
#[derive(Default)]
pub struct Shadows {
    alive: RefCell<BTreeMap<u64, Shadow>>,
    last: Cell<u64>,
    bytes: Cell<usize>,
    // The exchange that waits for each call, by the call's token.
    waiting: RefCell<BTreeMap<u32, (u64, Ticket)>>,
    happened: RefCell<VecDeque<Happened>>,
    playing: Cell<bool>,
    // The number of requests that were not copied since the last tick.
    dropped: Cell<u64>,
}

struct Shadow {
    // `None` while the shadow is played.
    exchange: Option<Exchange>,
    bytes: usize,
    until: Duration,
}

/// An event of a shadow that is not handled yet.
enum Happened {
    /// The shadow begins.
    Begun(u64),
    /// The reply to one of the shadow's calls.
    Reply(u32, Result<Response, CallError>),
}

impl Shadows {
    /// Takes the shadow of an exchange, unless too many shadows, or too many bytes, are alive.
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

    /// A reply to a call has come, or will not come (`None`). `read` is only called if a shadow may wait for the reply.
    pub fn reply(&self, token: u32, read: impl FnOnce() -> Result<Option<RawReply>, Refusal>) {
        // While a call is being sent, its token is not known yet.
        if self.playing.get() || self.waiting.borrow().contains_key(&token) {
            let reply = local_replies::reply(read());
            self.happened.borrow_mut().push_back(Happened::Reply(token, reply));
        }
    }

    /// Has an event happened that must be played?
    pub fn has_news(&self) -> bool {
        !self.happened.borrow().is_empty()
    }

    /// Handles the queued events. Must be called when no callback of a stream runs, or at the end of one, with a host whose
    /// calls are the worker's own. The host may call back inside.
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
        // A shadow gives no answer to a client: nothing departs.
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

    /// Logs how many requests were not copied, and forgets the shadows for which nothing will come. The worker calls it from
    /// time to time.
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

    // A shadow has its body from the beginning.
    fn read_body(&mut self) -> Option<Input> {
        None
    }

    // The request was let in before the shadow was copied from it.
    fn verified(&mut self, _: &str) -> Option<Vec<u8>> {
        None
    }

    // Only a backend's rate is drawn here: no client's address is needed.
    fn draw(&mut self, draw: &Draw) -> bool {
        self.exchange.pool().draw(self.host, draw, || None)
    }

    // A shadow has no shadow of its own.
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
