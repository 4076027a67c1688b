//! One message of the fake Envoy: what of it is still to come, what is held, and what went on.

use std::cell::{Cell, RefCell};

use bytes::Bytes;

use super::super::RawReply;

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
    pub(super) sent: RefCell<Vec<u8>>,
}

pub(super) fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

pub(super) fn raw_reply(headers: &[(&str, &str)], body: &str) -> RawReply {
    let headers = pairs(headers).into_iter().map(|(name, value)| (Bytes::from(name), Bytes::from(value)));
    RawReply { headers: headers.collect(), body: body.as_bytes().to_vec() }
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

    pub(super) fn note(&self, goes_on: bool) {
        self.open.set(goes_on);
        if goes_on {
            self.sent.borrow_mut().append(&mut self.held.borrow_mut());
        }
    }
}
