//! A document that was read: its bytes, and its objects and arrays in one block of entries, which say where in the bytes their
//! texts lie. Tables, lists and values are made of it only when they are asked for (`part`): a collection costs half of the
//! instructions that a tree of it would. Knows no values, and nothing that a script may change.

use std::rc::Rc;

use super::text::Str;

/// The bytes of a document, and the entries of all its containers.
pub(super) struct Document {
    source: Rc<Vec<u8>>,
    /// The texts that had to be mended; mostly there are none.
    mended: Option<Rc<Vec<u8>>>,
    entries: Vec<Entry>,
}

/// The place of a text in the bytes of its document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    /// Where it starts. The highest bit says that it lies among the texts that had to be mended, and not in the source.
    start: u32,
    /// Its length. The highest bit says that it lies there as JSON writes it.
    len: u32,
}

/// The highest bit.
const FLAG: u32 = 1 << 31;

/// The entries of one container, in the block of all entries.
#[derive(Clone, Copy)]
pub(super) struct Span {
    from: u32,
    count: u32,
}

/// A value in a document.
#[derive(Clone, Copy)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Text),
    /// A number that a script computed: the bytes of an `i64`.
    Int([u8; 8]),
    /// The same for an `f64`.
    Float([u8; 8]),
    String(Text),
    List(Span),
    Table(Span),
}

/// A field of an object, or an item of an array, which has an empty key.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: Text,
    pub(super) node: Node,
}

/// The bytes in which a document's texts lie.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub(super) source: &'a [u8],
    pub(super) mended: &'a [u8],
}

impl Text {
    /// The key of an item.
    pub(super) const NONE: Self = Self { start: 0, len: 0 };

    /// A text of the source. `verbatim` says that it needs no escaping in JSON.
    #[inline]
    pub(super) fn in_source(start: usize, end: usize, verbatim: bool) -> Self {
        Self { start: narrow(start), len: narrow(end.wrapping_sub(start)) | if verbatim { FLAG } else { 0 } }
    }

    /// A text among those that had to be mended.
    pub(super) fn mended(start: usize, end: usize) -> Self {
        Self { start: narrow(start) | FLAG, len: narrow(end.wrapping_sub(start)) }
    }

    #[inline]
    fn start(self) -> usize {
        (self.start & !FLAG) as usize
    }

    #[inline]
    fn end(self) -> usize {
        self.start().wrapping_add(self.len())
    }

    /// Number of bytes.
    #[inline]
    pub(super) fn len(self) -> usize {
        (self.len & !FLAG) as usize
    }

    #[inline]
    fn is_mended(self) -> bool {
        self.start & FLAG != 0
    }

    /// Whether it lies in the source as JSON writes it.
    #[inline]
    pub(super) fn is_verbatim(self) -> bool {
        self.len & FLAG != 0
    }
}

impl Span {
    /// A container without entries.
    pub(super) const EMPTY: Self = Self { from: 0, count: 0 };

    /// Number of entries.
    pub(super) fn len(self) -> usize {
        self.count as usize
    }

    /// The entries from one place up to another.
    pub(super) fn new(from: usize, end: usize) -> Self {
        Self { from: narrow(from), count: narrow(end.wrapping_sub(from)) }
    }
}

/// `parse` refuses documents whose bytes, and so whose entries, do not fit.
#[inline]
#[allow(clippy::cast_possible_truncation)]
fn narrow(place: usize) -> u32 {
    place as u32 & !FLAG
}

impl<'a> Bytes<'a> {
    /// The bytes of a text.
    #[inline]
    pub(super) fn of(self, text: Text) -> &'a [u8] {
        let bytes = if text.is_mended() { self.mended } else { self.source };
        bytes.get(text.start()..text.end()).unwrap_or_default()
    }

    /// The first eight bytes as a number, which is ordered as they are; zeros stand behind a text that is shorter. Inlined where keys
    /// are read: most of them take the short way.
    #[inline(always)]
    pub(super) fn first_word(self, text: Text) -> u64 {
        match self.source.get(text.start()..).and_then(<[u8]>::first_chunk::<8>) {
            Some(word) if !text.is_mended() => {
                let behind = if text.len() < 8 { u64::MAX >> (text.len() * 8) } else { 0 };
                u64::from_be_bytes(*word) & !behind
            }
            _ => self.first_bytes(text),
        }
    }

    #[cold]
    fn first_bytes(self, text: Text) -> u64 {
        self.of(text).iter().chain([0; 8].iter()).take(8).fold(0, |word, byte| word << 8 | u64::from(*byte))
    }
}

impl Document {
    /// A document with these bytes and entries.
    pub(super) fn new(source: Vec<u8>, mended: Vec<u8>, entries: Vec<Entry>) -> Rc<Self> {
        let mended = Some(mended).filter(|mended| !mended.is_empty()).map(Rc::new);
        Rc::new(Self { source: Rc::new(source), mended, entries })
    }

    /// Number of bytes that were read.
    pub(super) fn len(&self) -> usize {
        self.source.len()
    }

    /// The bytes of its texts.
    #[inline]
    pub(super) fn bytes(&self) -> Bytes<'_> {
        Bytes { source: &self.source, mended: self.mended.as_deref().map(Vec::as_slice).unwrap_or_default() }
    }

    /// The entries of a container.
    #[inline]
    pub(super) fn entries(&self, span: Span) -> &[Entry] {
        let from = span.from as usize;
        self.entries.get(from..from.wrapping_add(span.len())).unwrap_or_default()
    }

    /// A text that can be kept without the document's entries.
    pub(super) fn text(&self, text: Text) -> Str {
        let buffer = self.mended.as_ref().filter(|_| text.is_mended()).unwrap_or(&self.source);
        Str::slice(buffer, text.start(), text.end(), text.is_verbatim())
    }

    /// The piece of the source that is this field as JSON writes it, if there is one: a key, a colon, and a string or number,
    /// without white space and without a character that JSON from Go escapes.
    #[inline]
    pub(super) fn as_written(&self, field: &Entry) -> Option<&[u8]> {
        let before = field.key.start().checked_sub(1).filter(|_| field.key.is_verbatim())?;
        // Between the key and the text lies `":"` or `":`: if there is no room for anything else, nothing else lies there.
        let end = match field.node {
            Node::String(text) if text.is_verbatim() && text.start() == field.key.end().wrapping_add(3) => {
                text.end().wrapping_add(1)
            }
            Node::Number(text) if text.start() == field.key.end().wrapping_add(2) => text.end(),
            _ => return None,
        };
        self.source.get(before..end)
    }

    /// A text of the source with its quotes, if that is how JSON writes it.
    #[inline]
    pub(super) fn quoted(&self, text: Text) -> Option<&[u8]> {
        let before = text.start().checked_sub(1).filter(|_| text.is_verbatim())?;
        self.source.get(before..text.end().wrapping_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_no_larger_than_five_numbers() {
        assert!(size_of::<Entry>() <= 20, "{}", size_of::<Entry>());
    }

    #[test]
    fn first_words_are_ordered_as_the_texts() {
        let source = b"ab\0abcdefghiabcdefgh";
        let bytes = Bytes { source, mended: b"abcdefghz" };
        let texts: Vec<Text> = (0..source.len())
            .flat_map(|start| (start..=source.len()).map(move |end| Text::in_source(start, end, end % 2 == 0)))
            .chain((0..9).map(|start| Text::mended(start, 9)))
            .collect();
        for &a in &texts {
            for &b in &texts {
                let by_word = bytes.first_word(a).cmp(&bytes.first_word(b));
                assert_eq!(by_word.then_with(|| bytes.of(a).cmp(bytes.of(b))), bytes.of(a).cmp(bytes.of(b)));
            }
        }
    }
}
