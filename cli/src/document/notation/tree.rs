//! A document as a tree in which each value knows the place where it was written.

use std::ops::Range;
use std::rc::Rc;

/// The largest depth at which JSON is read.
pub(super) const DEEPEST: usize = 127;

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

/// The content of a value.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// The number in JSON's form.
    Number(String),
    Text(Text),
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Key>, Rc<Node>)>),
}

/// A text, and the style in which it was written.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) style: Style,
}

/// The key of a map.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) span: Range<usize>,
    pub(super) text: Text,
}

/// How the source may write a character of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::document) enum Style {
    /// The character itself; white space may be left out or folded.
    Plain,
    /// The same, and `''` for `'`.
    Doubled,
    /// The same, and escapes that begin with a backslash.
    Escaped,
}
