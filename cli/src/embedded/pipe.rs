//! A body on its way from the VM's thread to a connection: the thread pushes without waiting, the connection takes at its own
//! speed. The reader of the body's source asks for room first, so that a fast sender does not fill the memory.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::{Notify, mpsc, oneshot};

/// As long as this many bytes wait for a connection, the body's source is not read further.
const ROOM: usize = 256 * 1024;

/// The end that the VM's thread pushes into. If it is dropped without `end`, the body breaks off.
pub(crate) struct Inlet {
    parts: mpsc::UnboundedSender<Option<Bytes>>,
    room: Room,
}

/// The end that a connection reads.
pub(crate) struct Outlet {
    parts: Option<mpsc::UnboundedReceiver<Option<Bytes>>>,
    room: Room,
    ended: Option<oneshot::Sender<()>>,
    /// Goes with the body: it is dropped when the body has ended, or when its reader is gone.
    companion: Option<Box<dyn Companion>>,
}

/// A listener that is told how a body is read.
pub(crate) trait Companion: Send {
    fn passed(&mut self, bytes: usize);
    fn ended(&mut self);
    fn broken(&mut self);
}

/// The number of bytes that wait in a pipe.
#[derive(Clone, Default)]
pub(crate) struct Room(Arc<(AtomicUsize, Notify)>);

/// The error of a body that broke off.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body broke off")
    }
}

impl std::error::Error for Broken {}

pub(crate) fn pipe() -> (Inlet, Outlet) {
    let (sender, parts) = mpsc::unbounded_channel();
    let room = Room::default();
    let inlet = Inlet { parts: sender, room: room.clone() };
    (inlet, Outlet { parts: Some(parts), room, ended: None, companion: None })
}

impl Inlet {
    pub(crate) fn push(&self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            let size = bytes.len();
            self.room.0.0.fetch_add(size, Ordering::SeqCst);
            // If the reader is gone, the writer learns of it in another way.
            if self.parts.send(Some(bytes.into())).is_err() {
                self.room.made(size);
            }
        }
    }

    pub(crate) fn end(self) {
        let _ = self.parts.send(None);
    }

    pub(crate) fn room(&self) -> Room {
        self.room.clone()
    }
}

impl Room {
    /// Waits until there is room.
    pub(crate) async fn wait(&self) {
        while self.0.0.load(Ordering::SeqCst) >= ROOM {
            self.0.1.notified().await;
        }
    }

    fn made(&self, bytes: usize) {
        let less = |waiting: usize| Some(waiting.saturating_sub(bytes));
        let _ = self.0.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        self.0.1.notify_one();
    }
}

impl Outlet {
    /// An outlet without a body.
    pub(crate) fn empty() -> Self {
        Self { parts: None, room: Room::default(), ended: None, companion: None }
    }

    /// Is told when all of the body has been taken; an error means that this will never happen.
    pub(crate) fn when_ended(&mut self) -> oneshot::Receiver<()> {
        let (ended, told) = oneshot::channel();
        match self.parts {
            Some(_) => self.ended = Some(ended),
            None => drop(ended.send(())),
        }
        told
    }

    pub(crate) fn accompanied(mut self, mut companion: impl Companion + 'static) -> Self {
        if self.parts.is_none() {
            companion.ended();
        }
        self.companion = Some(Box::new(companion));
        self
    }
}

impl Body for Outlet {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let Some(parts) = &mut self.parts else { return Poll::Ready(None) };
        match std::task::ready!(parts.poll_recv(cx)) {
            Some(Some(bytes)) => {
                self.room.made(bytes.len());
                if let Some(companion) = &mut self.companion {
                    companion.passed(bytes.len());
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(None) => {
                self.parts = None;
                self.ended.take().map(|ended| ended.send(()));
                if let Some(companion) = &mut self.companion {
                    companion.ended();
                }
                Poll::Ready(None)
            }
            None => {
                if let Some(companion) = &mut self.companion {
                    companion.broken();
                }
                Poll::Ready(Some(Err(Broken)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.parts {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl Drop for Outlet {
    // The connection is gone, so nobody has to wait for room any more.
    fn drop(&mut self) {
        self.room.0.0.store(0, Ordering::SeqCst);
        self.room.0.1.notify_one();
    }
}
