//! One message of the fake Envoy: the part that is still to come, the part that is held, and the part that went on. As in
//! Envoy, held bytes can be had whole only after `Hold`; after `HoldAndPushBack` a callback has its own piece, and any other
//! access fails.

use std::cell::{Cell, RefCell, RefMut};

use super::super::{BodyAnswer, RawReply};

pub(super) type Pairs = Vec<(String, Vec<u8>)>;

/// One message on its way.
#[derive(Default)]
pub(super) struct FakeMessage {
    pub(super) headers: RefCell<Pairs>,
    pub(super) pieces: Vec<&'static str>,
    pub(super) trailers: bool,
    pub(super) brought: Cell<usize>,
    pub(super) came: Cell<bool>,
    pub(super) open: Cell<bool>,
    pub(super) held: RefCell<Vec<u8>>,
    /// The piece whose callback runs; it is not held yet.
    frame: RefCell<Option<Vec<u8>>>,
    pub(super) last: Cell<Option<BodyAnswer>>,
    /// The most bytes that are held: more of the body comes only when they have gone on. 0: no limit.
    pub(super) limit: Cell<usize>,
    trailers_came: Cell<bool>,
    pub(super) sent: RefCell<Vec<u8>>,
}

pub(super) fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

pub(super) fn raw_reply(headers: &[(&str, &str)], body: &str) -> RawReply {
    RawReply { headers: pairs(headers).into_iter().collect(), body: body.as_bytes().to_vec() }
}

impl FakeMessage {
    pub(super) fn new(headers: &[(&str, &str)], pieces: &[&'static str]) -> Self {
        Self { headers: RefCell::new(pairs(headers)), pieces: pieces.to_vec(), ..Self::default() }
    }

    pub(super) fn header(&self, name: &str) -> Vec<String> {
        let headers = self.headers.borrow();
        let values = headers.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }

    pub(super) fn sent(&self) -> String {
        String::from_utf8(self.sent.borrow().clone()).unwrap()
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// Trailers that have not come yet?
    pub(super) fn take_trailers(&self) -> bool {
        self.trailers && self.brought.get() == self.pieces.len() && !self.trailers_came.replace(true)
    }

    /// Is the sender stopped?
    pub(super) fn is_stopped(&self) -> bool {
        let (held, limit) = (self.held.borrow().len(), self.limit.get());
        limit > 0 && held > limit && self.last.get() == Some(BodyAnswer::HoldAndPushBack)
    }

    /// Takes a piece. Gives the number of bytes that are shown.
    pub(super) fn takes(&self, piece: &str) -> usize {
        let piece = piece.as_bytes().to_vec();
        if self.last.get() == Some(BodyAnswer::Hold) {
            self.held.borrow_mut().extend(piece);
            return self.held.borrow().len();
        }
        self.frame.borrow_mut().insert(piece).len()
    }

    /// The bytes that hostcalls reach.
    pub(super) fn shown(&self) -> RefMut<'_, Vec<u8>> {
        let frame = self.frame.borrow_mut();
        if frame.is_some() {
            return RefMut::map(frame, |frame| frame.get_or_insert_default());
        }
        assert_ne!(self.last.get(), Some(BodyAnswer::HoldAndPushBack), "a body is asked for that is out of sight");
        self.held.borrow_mut()
    }

    pub(super) fn note_piece(&self, answer: BodyAnswer) {
        let frame = self.frame.take().unwrap_or_default();
        if answer != BodyAnswer::Discard {
            self.held.borrow_mut().extend(frame);
        }
        self.last.set((answer != BodyAnswer::GoOn).then_some(answer));
        self.note(answer == BodyAnswer::GoOn);
    }

    pub(super) fn note(&self, goes_on: bool) {
        self.open.set(goes_on);
        if goes_on {
            self.last.set(None);
            self.sent.borrow_mut().append(&mut self.held.borrow_mut());
        }
    }
}
