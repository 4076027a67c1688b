//! Makes values of a document: an object or array of it is a table or list that stays a part of the document until a script
//! changes it, or asks for a container in it. Knows no JSON text.

use std::rc::Rc;

use super::document::{Document, Entry, Node, Span};
use super::list::List;
use super::number::Number;
use super::sorted::{VERY_FEW, is_same, order};
use super::table::Table;
use super::text::Str;
use super::value::Value;

/// An object or array of a document. Fields of an object are sorted by their keys, which all differ.
pub(super) struct Part {
    pub(super) document: Rc<Document>,
    span: Span,
}

/// A value of a document. Each call makes a new table or list.
pub(super) fn value(document: &Rc<Document>, node: Node) -> Value {
    match node {
        Node::List(span) => Value::List(List::of_part(Part::new(document, span))),
        Node::Table(span) => Value::Table(Table::of_part(Part::new(document, span))),
        node => scalar(document, node).unwrap_or_default(),
    }
}

/// A value of a document, unless it is a container.
pub(super) fn scalar(document: &Document, node: Node) -> Option<Value> {
    Some(match node {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::Bool(value),
        Node::Number(text) => Value::Number(Number::Text(document.text(text))),
        Node::Int(bytes) => Value::Number(Number::Int(i64::from_ne_bytes(bytes))),
        Node::Float(bytes) => Value::Number(Number::Float(f64::from_ne_bytes(bytes))),
        Node::String(text) => Value::String(document.text(text)),
        Node::List(_) | Node::Table(_) => return None,
    })
}

impl Part {
    pub(super) fn new(document: &Rc<Document>, span: Span) -> Self {
        Self { document: Rc::clone(document), span }
    }

    /// The entries.
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        self.document.entries(self.span)
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.span.len()
    }

    /// The value of a key.
    #[inline]
    pub(super) fn find(&self, key: &[u8]) -> Option<Node> {
        let (fields, bytes) = (self.entries(), self.document.bytes());
        if fields.len() <= VERY_FEW {
            let found = |field: &&Entry| field.key.len() == key.len() && is_same(bytes.of(field.key), key);
            return fields.iter().find(found).map(|field| field.node);
        }
        let place = fields.binary_search_by(|field| order(bytes.of(field.key), key)).ok()?;
        fields.get(place).map(|field| field.node)
    }

    /// A value in it, unless it is a container: containers must be made once, so that they are the same in every place.
    pub(super) fn scalar(&self, node: Node) -> Option<Value> {
        scalar(&self.document, node)
    }

    /// All fields of an object. Each call makes new containers.
    pub(super) fn fields(&self) -> Vec<(Str, Value)> {
        self.entries().iter().map(|field| (self.document.text(field.key), value(&self.document, field.node))).collect()
    }

    /// All items of an array. Each call makes new containers.
    pub(super) fn items(&self) -> Vec<Value> {
        self.entries().iter().map(|item| value(&self.document, item.node)).collect()
    }
}
