//! A path whose escapes have been decoded: bytes, because an escape may stand for any byte.

use std::ops::Deref;

use smol_str::SmolStr;

/// A percent-decoded path. Most paths have no escape: then it shares the text that it was decoded from.
#[derive(Clone, Debug)]
pub struct DecodedPath(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Shared(SmolStr),
    Own(Vec<u8>),
}

impl Deref for DecodedPath {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::Shared(text) => text.as_bytes(),
            Kept::Own(bytes) => bytes,
        }
    }
}

impl Default for DecodedPath {
    fn default() -> Self {
        Self::from(SmolStr::default())
    }
}

impl From<SmolStr> for DecodedPath {
    fn from(text: SmolStr) -> Self {
        Self(Kept::Shared(text))
    }
}

impl From<Vec<u8>> for DecodedPath {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kept::Own(bytes))
    }
}
