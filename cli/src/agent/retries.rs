//! `connection`: how often an agent connects again to a queue that it has lost, and how long it waits before each try (lura's
//! `backoff.go`, and `StartAgent` of krakend-amqp). Opens no connection.

use std::time::Duration;

use lua_modifier::config::{Backoff, Connection};

/// After a connection that held longer than this, the count of tries starts again.
const LONG: Duration = Duration::from_secs(5);
/// The longest delay. KrakenD has none: its delays grow without end, and its powers of two overflow to 0.
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// The tries of one agent.
pub(super) struct Retries {
    max: u64,
    strategy: Backoff,
    /// The number of the next try; none before the very first try, which does not wait.
    next: Option<u64>,
}

impl Retries {
    pub(super) fn new(connection: &Connection) -> Self {
        Self { max: connection.max_retries.unwrap_or(u64::MAX), strategy: connection.backoff_strategy, next: None }
    }

    /// The time to wait before the next try; none: no try is left.
    pub(super) fn delay(&self) -> Option<Duration> {
        match self.next {
            None => Some(Duration::ZERO),
            Some(number) => (number <= self.max).then(|| delay(self.strategy, number, random())),
        }
    }

    /// Counts a try that has ended; `held` is the time since it began.
    pub(super) fn ended(&mut self, held: Duration) {
        self.next = Some(match self.next {
            _ if held > LONG => 1,
            None => 0,
            Some(number) => number.saturating_add(1),
        });
    }
}

/// The delay before the try with this number. `random` is at least 0 and less than 1.
fn delay(strategy: Backoff, number: u64, random: f64) -> Duration {
    let power = u32::try_from(number).ok().and_then(|number| 1u64.checked_shl(number)).unwrap_or(u64::MAX);
    let seconds = match strategy {
        Backoff::Fallback => 1,
        Backoff::Linear | Backoff::LinearJitter => number,
        Backoff::Exponential | Backoff::ExponentialJitter => power,
    };
    let whole = Duration::from_secs(seconds).min(LONGEST_DELAY);
    match strategy {
        Backoff::LinearJitter | Backoff::ExponentialJitter => {
            // KrakenD: up to a third more or less, but at least a millisecond.
            let third = whole.as_millis() as f64 / 3.0 + 1.0;
            let millis = whole.as_millis() as f64 + third * (2.0 * random - 1.0);
            Duration::from_millis((millis as u64).max(1)).min(LONGEST_DELAY)
        }
        _ => whole,
    }
}

// The random seed of the standard library's hashes is random enough for a delay.
fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let number = std::collections::hash_map::RandomState::new().build_hasher().finish();
    (number >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(strategy: Backoff) -> [u64; 6] {
        [0, 1, 2, 8, 63, u64::MAX].map(|number| delay(strategy, number, 0.5).as_secs())
    }

    #[test]
    fn delays_grow_by_their_strategy_and_end_at_the_longest() {
        assert_eq!(seconds(Backoff::Fallback), [1; 6]);
        assert_eq!(seconds(Backoff::Linear), [0, 1, 2, 8, 63, 300]);
        assert_eq!(seconds(Backoff::Exponential), [1, 2, 4, 256, 300, 300]);
        assert_eq!(seconds(Backoff::LinearJitter), [0, 1, 2, 8, 63, 300]);
        assert_eq!(seconds(Backoff::ExponentialJitter), [1, 2, 4, 256, 300, 300]);
        let jitter = |random: f64| delay(Backoff::LinearJitter, 3, random).as_millis();
        assert_eq!((jitter(0.0), jitter(0.999_999)), (1999, 4000));
        assert_eq!(delay(Backoff::LinearJitter, 0, 0.0), Duration::from_millis(1));
        for _ in 0..100 {
            assert!((0.0..1.0).contains(&random()));
        }
    }

    #[test]
    fn tries_are_counted_until_a_connection_holds() {
        let connection = |max_retries| Connection { max_retries, ..Connection::default() };
        let (soon, late) = (Duration::from_secs(1), Duration::from_secs(6));
        let mut retries = Retries::new(&connection(Some(1)));
        assert_eq!(retries.delay(), Some(Duration::ZERO));
        let second = Some(Duration::from_secs(1));
        for (held, wanted) in [(soon, second), (soon, second), (late, second), (soon, None)] {
            retries.ended(held);
            assert_eq!(retries.delay(), wanted);
        }
        let mut endless = Retries::new(&connection(None));
        (0..1000).for_each(|_| endless.ended(soon));
        assert_eq!(endless.delay(), second);
    }
}
