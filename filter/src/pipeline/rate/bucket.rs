//! One bucket. All that is kept of it is when it will be full again: it holds fewer tokens by one for each interval until then. Knows
//! no clock but the numbers it is given, in nanoseconds.

use crate::config::Rate;

/// When a bucket will be full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) full_at: u128,
}

/// What came of asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// There was one, and the bucket has changed.
    Yes,
    /// There was none.
    No,
    /// There was none, and the bucket has changed: the clock has gone back.
    Mended,
}

impl Bucket {
    /// A full one.
    pub(super) fn full(now: u64) -> Self {
        Self { full_at: now.into() }
    }

    /// Is it the same as one that nobody has touched?
    pub(super) fn is_full(self, now: u64) -> bool {
        self.full_at <= now.into()
    }

    /// Asks for a token.
    pub(super) fn take(&mut self, rate: &Rate, now: u64) -> Taken {
        let (now, interval) = (u128::from(now), u128::from(rate.interval));
        let empty_at = now.saturating_add(interval.saturating_mul(rate.capacity.into()));
        // Emptier than empty it never was: the clock has gone back. It is empty now, and fills as ever.
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
