//! An open stream as the VM's thread knows it: the two bodies that go out, and the task that ends with the stream.

use host_sim::{Headers, Left, Side, StreamId};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::pipe::{Inlet, Outlet, Room, pipe};
use super::worker::Answer;

/// An open stream. When it is dropped, bodies that are not finished break off.
pub(crate) struct Open {
    id: StreamId,
    answer: Option<oneshot::Sender<Answer>>,
    to_client: Option<Inlet>,
    to_backend: Option<Inlet>,
    route: Option<JoinHandle<()>>,
}

impl Open {
    pub(crate) fn new(id: StreamId, answer: oneshot::Sender<Answer>) -> Self {
        Self { id, answer: Some(answer), to_client: None, to_backend: None, route: None }
    }

    pub(crate) fn id(&self) -> StreamId {
        self.id
    }

    /// The room for more bytes of this side's body on its way out.
    pub(crate) fn room(&self, side: Side) -> Option<Room> {
        match side {
            Side::Request => self.to_backend.as_ref().map(Inlet::room),
            Side::Response => self.to_client.as_ref().map(Inlet::room),
        }
    }

    /// Passes more of the request on. If this part has the headers, returns headers and body for the request to the route.
    pub(crate) fn pass_request(&mut self, left: Left) -> Option<(Headers, Outlet)> {
        pass(left, &mut self.to_backend)
    }

    /// Passes more of the response on.
    pub(crate) fn pass_response(&mut self, left: Left) {
        if let Some((headers, body)) = pass(left, &mut self.to_client)
            && let Some(answer) = self.answer.take()
        {
            // If the client is gone, its connection reports that itself.
            let _ = answer.send(Answer { headers, body });
        }
    }

    /// Keeps the task of the route, so that it ends with the stream.
    pub(crate) fn follow(&mut self, route: JoinHandle<()>) {
        self.route = Some(route);
    }
}

fn pass(left: Left, way: &mut Option<Inlet>) -> Option<(Headers, Outlet)> {
    let mut begun = None;
    if let Some(headers) = left.headers {
        let outlet = if left.end && left.body.is_empty() {
            Outlet::empty()
        } else {
            let (inlet, outlet) = pipe();
            *way = Some(inlet);
            outlet
        };
        begun = Some((headers, outlet));
    }
    if let Some(inlet) = way {
        inlet.push(left.body);
    }
    if left.end
        && let Some(inlet) = way.take()
    {
        inlet.end();
    }
    begun
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(route) = &self.route {
            route.abort();
        }
    }
}
