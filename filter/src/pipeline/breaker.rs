//! The circuit breaker of a backend, as sony/gobreaker has it: closed, until more errors come in a row than it may have; open, for
//! its time; then half-open, for one request, which decides. One for each worker: workers know nothing of each other.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::failure::Failure;
use crate::config::Breaker;
use crate::http::one_line;

/// A breaker and its state.
pub(crate) struct Circuit {
    setting: Breaker,
    state: RefCell<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Closed,
    Open,
    HalfOpen,
}

struct State {
    position: Position,
    // Counts up with each change of position and each new interval: what began before counts no more.
    generation: u64,
    // When the position, or the interval, ends; none: never, or it has not begun.
    until: Option<Duration>,
    errors_in_a_row: u64,
    // Of a half-open circuit: the one request that decides.
    is_tried: bool,
}

/// A request that was let through. Dropped without an outcome, as where the client leaves, it counts as none.
pub(crate) struct Pass {
    circuit: Rc<Circuit>,
    generation: u64,
}

impl Circuit {
    pub(crate) fn new(setting: &Breaker) -> Rc<Self> {
        let (position, generation, until) = (Position::Closed, 0, None);
        let state = State { position, generation, until, errors_in_a_row: 0, is_tried: false };
        Rc::new(Self { setting: setting.clone(), state: RefCell::new(state) })
    }

    /// May a request leave now?
    ///
    /// # Errors
    /// It may not, in gobreaker's words.
    pub(crate) fn pass(self: &Rc<Self>, now: Duration) -> Result<Pass, Failure> {
        let mut state = self.state.borrow_mut();
        self.look(&mut state, now);
        let refused = match state.position {
            Position::Open => Some("circuit breaker is open"),
            Position::HalfOpen if state.is_tried => Some("too many requests"),
            Position::Closed | Position::HalfOpen => None,
        };
        state.is_tried = state.position == Position::HalfOpen;
        match refused {
            Some(words) => Err(Failure::Upstream { message: words.to_owned() }),
            None => Ok(Pass { circuit: Rc::clone(self), generation: state.generation }),
        }
    }

    // What has changed by itself.
    fn look(&self, state: &mut State, now: Duration) {
        let is_over = state.until.is_some_and(|until| until < now);
        match state.position {
            Position::Closed if is_over => self.begin(state, Position::Closed, now),
            // The clock of an exchange says nothing before the first one.
            Position::Closed if state.generation == 0 => self.begin(state, Position::Closed, now),
            Position::Open if is_over => self.begin(state, Position::HalfOpen, now),
            Position::Closed | Position::Open | Position::HalfOpen => {}
        }
    }

    fn begin(&self, state: &mut State, position: Position, now: Duration) {
        if self.setting.log_status_change && state.position != position {
            let (name, from, to) = (one_line(&self.setting.name), state.position.word(), position.word());
            log::warn!("[CB] Circuit breaker named '{name}' went from '{from}' to '{to}'");
        }
        let time = match position {
            Position::Closed => self.setting.interval,
            Position::Open => Some(self.setting.timeout),
            Position::HalfOpen => None,
        };
        *state = State {
            position,
            generation: state.generation.wrapping_add(1).max(1),
            until: time.map(|time| now.saturating_add(time)),
            errors_in_a_row: 0,
            is_tried: false,
        };
    }

    fn ended(&self, generation: u64, now: Duration, is_good: bool) {
        let mut state = self.state.borrow_mut();
        self.look(&mut state, now);
        if state.generation != generation {
            return;
        }
        match (state.position, is_good) {
            (Position::Closed, true) => state.errors_in_a_row = 0,
            (Position::Closed, false) => {
                state.errors_in_a_row = state.errors_in_a_row.saturating_add(1);
                if state.errors_in_a_row > self.setting.max_errors {
                    self.begin(&mut state, Position::Open, now);
                }
            }
            (Position::HalfOpen, true) => self.begin(&mut state, Position::Closed, now),
            (Position::HalfOpen, false) => self.begin(&mut state, Position::Open, now),
            (Position::Open, _) => {}
        }
    }
}

impl Position {
    fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

impl Pass {
    /// What became of the request: is there a response?
    pub(crate) fn ended(self, now: Duration, is_good: bool) {
        self.circuit.ended(self.generation, now, is_good);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.circuit.state.borrow_mut();
        if state.position == Position::HalfOpen && state.generation == self.generation {
            state.is_tried = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circuit(interval: u64, timeout: u64, max_errors: u64) -> Rc<Circuit> {
        let interval = Some(Duration::from_secs(interval)).filter(|time| !time.is_zero());
        let timeout = Duration::from_secs(timeout);
        Circuit::new(&Breaker { name: "cb".to_owned(), interval, timeout, max_errors, log_status_change: true })
    }

    /// Plays `TIME OUTCOME` pairs: `+` a good one, `-` a bad one; says what each became.
    fn played(circuit: &Rc<Circuit>, events: &[(u64, bool)]) -> String {
        let one = |(at, is_good): &(u64, bool)| {
            let now = Duration::from_secs(*at);
            match circuit.pass(now) {
                Ok(pass) => {
                    pass.ended(now, *is_good);
                    if *is_good { '+' } else { '-' }
                }
                Err(failure) => failure.to_string().chars().next().unwrap(),
            }
        };
        events.iter().map(one).collect()
    }

    #[test]
    fn it_opens_behind_one_error_more_than_it_may_have_and_tries_again_after_its_time() {
        let (good, bad) = (true, false);
        let events = [(0, bad), (1, bad), (1, good), (2, bad), (3, bad), (4, bad), (5, good), (14, good)];
        assert_eq!(played(&circuit(0, 10, 2), &events), "--+---cc");
        let tried = [(0, bad), (5, good), (11, bad), (12, good), (21, good), (22, good), (23, bad), (24, good)];
        assert_eq!(played(&circuit(0, 10, 0), &tried), "-c-cc+-c");
    }

    #[test]
    fn an_interval_makes_errors_forgotten() {
        let bad = false;
        assert_eq!(played(&circuit(10, 60, 1), &[(5, bad), (16, bad), (17, bad), (18, bad)]), "---c");
        assert_eq!(played(&circuit(0, 60, 1), &[(5, bad), (16, bad), (17, bad), (18, bad)]), "--cc");
    }

    #[test]
    fn half_open_it_lets_one_through_at_a_time_and_one_that_is_left_counts_as_none() {
        let circuit = circuit(0, 10, 0);
        played(&circuit, &[(0, false)]);
        let at = Duration::from_secs;
        let first = circuit.pass(at(11)).unwrap();
        assert_eq!(circuit.pass(at(12)).map(|_| ()).unwrap_err().to_string(), "too many requests");
        drop(first);
        circuit.pass(at(13)).unwrap().ended(at(14), true);
        assert_eq!(played(&circuit, &[(15, true)]), "+");
    }

    #[test]
    fn what_began_before_it_opened_counts_no_more() {
        let circuit = circuit(0, 10, 0);
        let at = Duration::from_secs;
        let slow = circuit.pass(at(0)).unwrap();
        played(&circuit, &[(1, false)]);
        let trial = circuit.pass(at(12)).unwrap();
        slow.ended(at(12), true);
        trial.ended(at(13), false);
        assert_eq!(played(&circuit, &[(14, true)]), "c");
    }
}
