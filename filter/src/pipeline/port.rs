//! The engine's only door: an event goes in, and the next action comes out.

use std::time::Duration;

use smol_str::SmolStr;

use super::rate::Draw;
use crate::http::{Call, CallError, Request, Response};

/// A name for a call, until its reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u32);

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The headers of the client's request. Its body is `Absent` or `Unread`.
    Request(Request),
    /// The whole body that [`Output::ReadBody`] asked for.
    Body(Vec<u8>),
    /// The body that [`Output::ReadBody`] asked for is larger than `limits.body_bytes`, so nothing of it was kept.
    BodyTooLarge,
    /// The payload that was verified under the name in [`Output::ReadVerified`]: the bytes of a `google.protobuf.Struct`;
    /// `None` if nothing was verified.
    Verified(Option<Vec<u8>>),
    /// Whether there was a token in the bucket that [`Output::Draw`] named.
    Drawn(bool),
    /// The reply to a call, with its whole body.
    Reply(Ticket, Result<Response, CallError>),
    /// The headers of the response on Envoy's route, or the reason why there is none. Its body is `Absent` or `Unread`.
    Response(Result<Response, CallError>),
    /// Tells an exchange that the shadow of [`Output::Shadow`] has been taken; tells the shadow itself that it begins.
    ShadowApart,
}

/// The next action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Hold the message that is under way, and come back with its whole body.
    ReadBody,
    /// Come back with the payload that Envoy's `jwt_authn` has verified and keeps under this name.
    ReadVerified(String),
    /// Take a token from this bucket, which all workers of the host share, and come back.
    Draw(Draw),
    /// The request goes on along Envoy's route. A body that is `Unread` goes along untouched.
    Send(Box<Routed>),
    /// Send these calls, and come back with each reply.
    Call(Vec<(Ticket, Call)>),
    /// The request has a copy for shadow backends, whose responses no client waits for: take it, by
    /// [`Exchange::shadow`](super::Exchange::shadow), let it go its own way, and come back.
    Shadow,
    /// Do nothing: other replies are still out.
    Wait,
    /// The response goes on to the client, edited. A body that is `Unread` goes along untouched.
    Deliver(Response),
    /// The client gets this answer in the place of any response.
    Answer(Response),
}

/// A request as it leaves by Envoy's route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The request itself.
    pub request: Request,
    /// The cluster of the service; `None` for a request that fits no endpoint, which Envoy's own routes may serve.
    pub cluster: Option<SmolStr>,
    /// The longest time that the upstream may take; `None` leaves that to Envoy's route.
    pub timeout: Option<Duration>,
}
