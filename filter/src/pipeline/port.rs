//! The engine's one door: what happened goes in, what should happen next comes out.

use std::time::Duration;

use super::rate::Draw;
use crate::http::{Call, CallError, Request, Response};

/// Names one call until its reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u32);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The headers of the client's request. Its body is `Absent` or `Unread`.
    Request(Request),
    /// All of the body that [`Output::ReadBody`] asked for.
    Body(Vec<u8>),
    /// The body that [`Output::ReadBody`] asked for is larger than `limits.body_bytes`, so nothing of it was kept.
    BodyTooLarge,
    /// What was verified under the name that [`Output::ReadVerified`] gave: the bytes of a `google.protobuf.Struct`; `None`: nothing.
    Verified(Option<Vec<u8>>),
    /// Was there a token in the bucket that [`Output::Draw`] named?
    Drawn(bool),
    /// The reply to a call, with all of its body.
    Reply(Ticket, Result<Response, CallError>),
    /// The headers of the response that Envoy's route brought, or why there is none. Its body is `Absent` or `Unread`.
    Response(Result<Response, CallError>),
    /// The shadow that [`Output::Shadow`] speaks of has been taken, and goes its own way. To the shadow itself: it begins.
    ShadowApart,
}

/// What should happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Hold the message that is under way and come back with all of its body.
    ReadBody,
    /// Come back with the payload that Envoy's `jwt_authn` has verified and keeps under this name.
    ReadVerified(String),
    /// Take a token from this bucket, which all workers of the host share, and come back.
    Draw(Draw),
    /// The request goes on along Envoy's route. A body that is `Unread` goes along untouched.
    Send(Routed),
    /// Send these calls, and come back with each reply.
    Call(Vec<(Ticket, Call)>),
    /// A copy of the request is for backends for which nobody waits: take it, by [`Exchange::shadow`](super::Exchange::shadow),
    /// let it go its own way, and come back.
    Shadow,
    /// Nothing new: other replies are still out.
    Wait,
    /// The response goes on to the client, edited. A body that is `Unread` goes along untouched.
    Deliver(Response),
    /// The client gets this in the place of any response.
    Answer(Response),
}

/// A request as it leaves by Envoy's route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The request itself.
    pub request: Request,
    /// The cluster that serves it; `None` for a request that met no endpoint, which Envoy's own routes may serve.
    pub cluster: Option<String>,
    /// How long the upstream may take; `None` leaves it to Envoy's route.
    pub timeout: Option<Duration>,
}
