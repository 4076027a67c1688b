//! The state of one message's body: whether it has ended, where the host keeps its pieces, and why they are held. From this
//! follows what becomes of each piece. Knows no exchange.
//!
//! A body that is read or replaced must be whole in the host's buffer: the answer is `Hold`. A body that only waits while a
//! call is out must not be: it may have any size, so the host stops its sender when the buffer is full (`HoldAndPushBack`). The
//! two answers differ in what Envoy shows afterwards. After `Hold`, the next callback of the body and the callback of a reply
//! see all bytes that are kept. After `HoldAndPushBack`, the next callback of the body sees only its own piece, and the
//! callback of a reply sees nothing that it could trust. So the last piece is answered with `Hold`, as no later callback could
//! bring the earlier pieces back into sight.
//!
//! | a piece comes while | answer | because |
//! | --- | --- | --- |
//! | nothing is held | `GoOn` | |
//! | a call is out, and nothing has asked for the body: not the last piece | `HoldAndPushBack` | any size waits, and streams on |
//! | the same: the last piece, of a body within `limits.body_bytes` | `Hold` | a script may still ask for the body, or replace it |
//! | the same: the last piece of a larger body | `HoldAndPushBack` | nothing may have the body whole, and with `Hold` it would be 413 |
//! | a script, or the fork of a request to several backends, has asked for the body | `Hold` | it must be whole in the buffer, or is 413 (500) |
//! | the same, earlier pieces are out of sight: not the last piece | `Hold` | the next callback sees all |
//! | the same: the last piece | `Hold` | no callback follows: the next tick reads the body |
//! | the body is to be replaced, not the last piece | `Hold`, emptied | only the new body goes on; the old body may have any size |
//! | the body is to be replaced, earlier pieces are out of sight | `Hold` | as for a body that is asked for |
//! | all of the body has come and been read, and another call is out | `Hold` | the body may be replaced |
//! | the client has had our answer | `Discard` | nothing needs the body |
//!
//! A request whose buffer Envoy finds too full while the module holds it is answered 413 by Envoy itself, and that answer
//! passes by: nothing has left for a backend.
//!
//! A response is treated like a request, except for the status when it is too large. A body that is larger than
//! `limits.body_bytes` and out of sight when it is asked for is refused at once: its sender may be stopped for good. Trailers
//! end a body without a piece: a body that is out of sight then streams on, but can neither be read nor replaced.

use super::host::BodyAnswer;

/// Where the host keeps the pieces that have come and have not gone on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    /// No piece is kept.
    #[default]
    Nowhere,
    /// The pieces are in the host's buffer, and hostcalls reach all of them.
    InSight,
    /// The pieces are in the host's buffer, and hostcalls reach none of them.
    OutOfSight,
}

/// The body of a message on its way.
#[derive(Debug, Default)]
pub(super) struct BodyState {
    /// The message was stopped in a callback of its own, and nothing has resumed it since.
    pub(super) held: bool,
    /// The whole body has come.
    pub(super) ended: bool,
    /// The exchange waits for the body.
    pub(super) reading: bool,
    /// The body that replaces this one, as soon as all of this one has come.
    pub(super) replacement: Option<Vec<u8>>,
    /// How many bytes the host keeps.
    pub(super) size: usize,
    kept: Kept,
}

impl BodyState {
    /// Notes a piece that has come. `shown`: the bytes that the host shows; `ends`: this is the last piece.
    pub(super) fn piece_came(&mut self, shown: usize, ends: bool) {
        let before = if self.kept == Kept::OutOfSight { self.size } else { 0 };
        self.size = before.saturating_add(shown);
        self.ended |= ends;
    }

    /// Is the whole body needed, to be read or to be replaced?
    pub(super) fn is_wanted(&self) -> bool {
        self.reading || self.replacement.is_some()
    }

    /// Do hostcalls reach all pieces that have come?
    pub(super) fn is_in_sight(&self) -> bool {
        self.kept != Kept::OutOfSight
    }

    /// Does the host keep more bytes than anything may have as a whole?
    pub(super) fn exceeds(&self, limit: u64) -> bool {
        u64::try_from(self.size).map_or(true, |size| size > limit)
    }

    /// Says what becomes of the piece that has just come. `limit`: the largest body that may be had whole, in bytes.
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

    /// Notes that the message goes on with all pieces that are kept.
    pub(super) fn released(&mut self) {
        self.held = false;
        self.kept = Kept::Nowhere;
    }
}
