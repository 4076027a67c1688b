//! Byte strings that cost nothing to copy: a slice of a shared buffer.
//! All strings of a parsed document share the document's own bytes. Knows no encoding.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// An immutable byte string, usually UTF-8. Ordered by bytes, as Go orders keys.
#[derive(Clone)]
pub struct Str {
    buffer: Rc<Vec<u8>>,
    start: u32,
    /// The length, and in the highest bit whether the text is known to need no escaping in JSON. Both are in one number,
    /// because documents consist of such strings, and a fourth field would make every value harder to move.
    len: u32,
}

const VERBATIM: u32 = 1 << 31;

/// The longest text, and so the largest document. Wasm's memory has no room for a larger document and its answer.
pub(super) const MAX_LEN: usize = 0x7fff_ffff;

impl Str {
    /// A slice of a shared buffer. `verbatim` says that it needs no escaping in JSON.
    #[must_use]
    pub fn slice(buffer: &Rc<Vec<u8>>, start: usize, end: usize, verbatim: bool) -> Self {
        Self {
            buffer: Rc::clone(buffer),
            start: clamp(start),
            len: clamp(end.saturating_sub(start)) | if verbatim { VERBATIM } else { 0 },
        }
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let start = self.start as usize;
        self.buffer.get(start..start.saturating_add(self.len())).unwrap_or_default()
    }

    /// The bytes as text; invalid UTF-8 is replaced.
    #[must_use]
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.len & !VERBATIM) as usize
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of the buffer that this string is a slice of.
    pub(super) fn origin_size(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn is_verbatim(&self) -> bool {
        self.len & VERBATIM != 0
    }
}

/// Limits an offset. `parse` refuses longer documents, and a script cannot make longer texts.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset.min(MAX_LEN)).unwrap_or(0)
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self::slice(&Rc::new(bytes), 0, len, false)
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_compared_by_bytes_wherever_they_lie() {
        let buffer = Rc::new(b"xxabcxx".to_vec());
        let inner = Str::slice(&buffer, 2, 5, true);
        assert_eq!(inner, Str::from("abc"));
        assert!(Str::from("Z") < Str::from("a"));
        assert!(Str::from("a") < Str::from("é"));
        assert!(Str::from("10") < Str::from("9"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        assert_eq!(Str::from(&b"\xffx"[..]).as_bytes(), b"\xffx");
    }
}
