//! What is known of the body of one message: has all of it come, where does the host keep it, what is it held for; and so what
//! becomes of each piece. Knows no exchange.
//!
//! A body that is to be had whole, because it is read or replaced, must be in the host's buffer: `Hold`. One that merely waits
//! beside a call must not: it may be of any size, so its sender is stopped where the buffer is full, `HoldAndPushBack`. The two
//! differ in what Envoy shows afterwards. Behind `Hold` the next callback, and a reply's, sees all that is kept; behind
//! `HoldAndPushBack` the next callback sees its own piece alone, and a reply's sees nothing that could be trusted. So the last
//! piece is held by `Hold`, as no callback follows that could bring the rest back into sight.
//!
//! | a piece comes while | answer | because |
//! | --- | --- | --- |
//! | nothing is held | `GoOn` | |
//! | a call is out, and nothing has asked for the body: not the last piece | `HoldAndPushBack` | any size waits, and streams on |
//! | the same: the last piece, of a body within `limits.body_bytes` | `Hold` | a script may still ask for it, or replace it |
//! | the same: the last piece of a larger one | `HoldAndPushBack` | nothing may have it whole, and with `Hold` it would be 413 |
//! | a script, or the fork of a request to several backends, has asked for it | `Hold` | it must be in the buffer whole, or is 413 (500) |
//! | the same, pieces before it are out of sight: not the last piece | `Hold` | the next callback sees all |
//! | the same: the last piece | `Hold` | the next tick reads it, in the place of a callback |
//! | it is to be replaced, not the last piece | `Hold`, emptied | only the new body goes on; the old may be of any size |
//! | it is to be replaced, pieces before it are out of sight | `Hold` | as where it is asked for |
//! | all of it has come and been read, and another call is out | `Hold` | it may be replaced |
//! | the client has had our answer | `Discard` | nobody wants it |
//!
//! A response is the same as a request, but for the status where it is too large. What is larger than `limits.body_bytes` and
//! out of sight when it is asked for is refused at once: its sender may be stopped for good. Trailers end a body without a
//! piece: if it is out of sight then, it streams on, but can neither be read nor replaced.

use super::host::BodyAnswer;

/// Where the pieces are that have come and not gone on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    /// There are none.
    #[default]
    Nowhere,
    /// In the host's buffer, and hostcalls reach all of them.
    InSight,
    /// In the host's buffer, and hostcalls reach none of them.
    OutOfSight,
}

/// The body of a message on its way.
#[derive(Debug, Default)]
pub(super) struct BodyState {
    /// The message was stopped in a callback of its own, and nothing has resumed it since.
    pub(super) held: bool,
    /// All of it has come.
    pub(super) ended: bool,
    /// The exchange waits for it.
    pub(super) reading: bool,
    /// What goes out in its place, as soon as all of it has come.
    pub(super) replacement: Option<Vec<u8>>,
    /// How many bytes the host keeps.
    pub(super) size: usize,
    kept: Kept,
}

impl BodyState {
    /// A piece has come, and the host shows so many bytes; `ends`: the last one.
    pub(super) fn piece_came(&mut self, shown: usize, ends: bool) {
        let before = if self.kept == Kept::OutOfSight { self.size } else { 0 };
        self.size = before.saturating_add(shown);
        self.ended |= ends;
    }

    /// Must all of it be had at once?
    pub(super) fn is_wanted(&self) -> bool {
        self.reading || self.replacement.is_some()
    }

    /// Do hostcalls reach all of it that has come?
    pub(super) fn is_in_sight(&self) -> bool {
        self.kept != Kept::OutOfSight
    }

    /// Is more of it kept than may be had whole?
    pub(super) fn exceeds(&self, limit: u64) -> bool {
        u64::try_from(self.size).map_or(true, |size| size > limit)
    }

    /// What becomes of the piece that has just come. `limit`: what may be had whole.
    pub(super) fn answer(&mut self, goes_on: bool, answered: bool, limit: u64) -> BodyAnswer {
        self.held = !goes_on;
        let (kept, answer) = if goes_on {
            (Kept::Nowhere, BodyAnswer::GoOn)
        } else if answered {
            (self.kept, BodyAnswer::Discard)
        } else if self.is_wanted() || (self.ended && !self.exceeds(limit)) {
            (Kept::InSight, BodyAnswer::Hold)
        } else {
            (Kept::OutOfSight, BodyAnswer::HoldAndPushBack)
        };
        self.kept = kept;
        answer
    }

    /// The message goes on with all that is kept.
    pub(super) fn released(&mut self) {
        self.held = false;
        self.kept = Kept::Nowhere;
    }
}
