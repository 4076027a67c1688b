//! One bucket. Only the time when it will be full again is kept: for each interval until then, the bucket lacks one token.
//! Knows no clock, only the numbers that it is given, in nanoseconds.

use crate::config::Rate;

/// The time when a bucket will be full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) full_at: u128,
}

/// The result of asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// There was a token, and the bucket has changed.
    Yes,
    /// There was no token.
    No,
    /// There was no token, and the bucket has changed, because the clock has gone back.
    Mended,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn full(now: u64) -> Self {
        Self { full_at: now.into() }
    }

    /// Is the bucket as full as an unused one?
    pub(super) fn is_full(self, now: u64) -> bool {
        self.full_at <= now.into()
    }

    /// Asks for a token.
    pub(super) fn take(&mut self, rate: &Rate, now: u64) -> Taken {
        let (now, interval) = (u128::from(now), u128::from(rate.interval));
        let empty_at = now.saturating_add(interval.saturating_mul(rate.capacity.into()));
        // A bucket is never emptier than empty, so the clock has gone back. The bucket is empty now, and fills as usual.
        if self.full_at > empty_at {
            self.full_at = empty_at;
            return Taken::Mended;
        }
        let full_at = self.full_at.max(now).saturating_add(interval);
        if full_at > empty_at {
            return Taken::No;
        }
        self.full_at = full_at;
        Taken::Yes
    }
}
