//! `consumer.max_rate`: a bucket of tokens as krakend-ratelimit has it (tokenbucket.go). It begins full, and is filled only
//! when it is empty. The caller gives it the time.

use std::time::{Duration, Instant};

/// A bucket that all workers of an agent take from.
pub(super) struct Bucket {
    fills_every: Duration,
    capacity: u64,
    tokens: u64,
    last_fill: Instant,
}

impl Bucket {
    /// A bucket for this number of messages a second.
    pub(super) fn new(rate: f64, now: Instant) -> Self {
        let rate = if rate.is_finite() { rate.clamp(1e-9, 1e9) } else { 1e9 };
        let capacity = (rate as u64).max(1);
        Self { fills_every: Duration::from_nanos((1e9 / rate) as u64), capacity, tokens: capacity, last_fill: now }
    }

    /// Takes a token. If there is none, the error is the time until the next token.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.tokens > 0 {
            self.tokens = self.tokens.saturating_sub(1);
            return Ok(());
        }
        let waited = now.saturating_duration_since(self.last_fill);
        let every = self.fills_every.as_nanos().max(1);
        let more = u64::try_from(waited.as_nanos().checked_div(every).unwrap_or_default()).unwrap_or(u64::MAX);
        if more == 0 {
            return Err(self.fills_every.saturating_sub(waited).max(Duration::from_nanos(1)));
        }
        let filled = u128::from(more).saturating_mul(every);
        let filled = Duration::from_nanos(u64::try_from(filled).unwrap_or(u64::MAX));
        self.last_fill = self.last_fill.checked_add(filled).unwrap_or(now);
        // KrakenD: if more tokens come than the bucket holds, it is full, and the token taken here is not subtracted.
        self.tokens = if more > self.capacity { self.capacity } else { more.saturating_sub(1) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_full_and_is_filled_once_it_is_empty() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut bucket = Bucket::new(2.5, start);
        assert_eq!([bucket.take(at(0)), bucket.take(at(0))], [Ok(()); 2]);
        assert_eq!(bucket.take(at(0)), Err(Duration::from_millis(400)));
        assert_eq!(bucket.take(at(100)), Err(Duration::from_millis(300)));
        assert_eq!(bucket.take(at(400)), Ok(()));
        assert_eq!(bucket.take(at(400)), Err(Duration::from_millis(400)));
        // Two more tokens have come: the first call takes one, the second call takes the other.
        assert_eq!([bucket.take(at(1200)), bucket.take(at(1200))], [Ok(()); 2]);
        assert!(bucket.take(at(1200)).is_err());
        // Far more tokens have come than the bucket holds: it is full although one token was taken.
        assert_eq!([(); 3].map(|()| bucket.take(at(60_000))), [Ok(()); 3]);
        assert!(bucket.take(at(60_000)).is_err());
    }

    #[test]
    fn odd_rates_make_odd_buckets_and_no_harm() {
        let now = Instant::now();
        for rate in [f64::NAN, f64::INFINITY, 1e300, 1e-300, 0.1] {
            let mut bucket = Bucket::new(rate, now);
            assert_eq!(bucket.take(now), Ok(()), "{rate}");
        }
        let mut slow = Bucket::new(0.1, now);
        assert_eq!([slow.take(now), slow.take(now)], [Ok(()), Err(Duration::from_secs(10))]);
    }
}
