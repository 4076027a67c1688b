//! Lists: JSON arrays with the semantics of a Go slice. A list is a length and a reference to items that other lists may share.
//! Setting an item changes it in all of these lists; growing and deleting change the length of this list only, until the script
//! sets the list back into the data.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::{Rc, Weak};

use super::part::Part;
use super::release::release;
use super::value::Value;

/// A JSON array. Clones share the items, not the length.
#[derive(Clone, Default)]
pub struct List {
    /// `None` is Go's nil slice: empty, and written as `null`.
    backing: Option<Rc<Backing>>,
    len: usize,
}

/// The items that lists share; never shorter than any of these lists.
pub(super) struct Backing(RefCell<Items>);

pub(super) enum Items {
    /// The items of an array in a document, until one of them is a container that is asked for, or they change.
    Read(Part),
    Made(Vec<Value>),
}

/// The error of a list that should grow to more items than are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The length that was asked for.
    pub asked: usize,
    /// The most that is allowed.
    pub limit: usize,
}

impl List {
    /// A list without items, written as `[]`.
    #[must_use]
    pub fn new() -> Self {
        Self::from(Vec::new())
    }

    /// Go's nil slice, which an empty native table inside another one becomes: it reads as empty and is written as `null`.
    #[must_use]
    pub fn nil() -> Self {
        Self::default()
    }

    /// Whether this is a nil slice.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.backing.is_none()
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The item at an index that counts from zero.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        if let Some(Items::Read(part)) = self.seen().as_deref() {
            let item = part.entries().get(..self.len)?.get(index)?;
            if let Some(scalar) = part.scalar(item.node) {
                return Some(scalar);
            }
        }
        self.with_items(|items| items.get(index).cloned())
    }

    /// A copy of the current items: the list may change while the caller walks over them.
    #[must_use]
    pub fn items(&self) -> Vec<Value> {
        self.with_items(<[Value]>::to_vec)
    }

    /// Sets an item. If the index is behind the end, the list grows, with nulls in between, up to `limit` items.
    ///
    /// # Errors
    /// [`TooLong`] if the list would have to grow beyond the limit; nothing is changed then.
    pub fn set(&mut self, index: usize, value: Value, limit: usize) -> Result<(), TooLong> {
        self.grow(index.saturating_add(1), limit)?;
        if let Some(backing) = &self.backing {
            // The old item is dropped after the borrow has ended: it may hold anything.
            let _old = backing.made().get_mut(index).map(|slot| std::mem::replace(slot, value));
        }
        Ok(())
    }

    /// Whether another list has the same items, so that this list would have to copy them to grow.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.backing.as_ref().is_some_and(|backing| Rc::strong_count(backing) > 1)
    }

    /// Makes the list at least `len` long, as KrakenD does when a script sets nil behind the end.
    ///
    /// # Errors
    /// [`TooLong`] if `len` is more than the limit; nothing is changed then.
    pub fn grow(&mut self, len: usize, limit: usize) -> Result<(), TooLong> {
        if len <= self.len {
            return Ok(());
        }
        if len > limit {
            return Err(TooLong { asked: len, limit });
        }
        // KrakenD copies at every step, and panics where Go left spare room. Here a list with items of its own grows in place,
        // and a list with shared items gets a copy of its own, as a script can see it in KrakenD.
        match &mut self.backing {
            Some(backing) if Rc::strong_count(backing) == 1 => {
                let mut items = backing.made();
                items.truncate(self.len);
                items.resize(len, Value::Null);
            }
            _ => {
                let mut items = self.items();
                items.resize(len, Value::Null);
                self.backing = Some(Backing::of(Items::Made(items)));
            }
        }
        self.len = len;
        Ok(())
    }

    /// Deletes an item. Lists that share the items see the later items move up, and a null in the last place; only this list
    /// gets shorter. An index behind the end changes nothing.
    pub fn del(&mut self, index: usize) {
        let Some(last) = self.len.checked_sub(1).filter(|last| index <= *last) else {
            return;
        };
        let deleted = self.backing.as_ref().and_then(|backing| {
            let mut items = backing.made();
            let moved = items.get_mut(index..=last)?;
            moved.rotate_left(1);
            moved.last_mut().map(std::mem::take)
        });
        drop(deleted);
        self.len = last;
    }

    /// Removes all items, in every list that shares them. This also cuts a cycle.
    pub fn clear(&mut self) {
        if let Some(backing) = &self.backing {
            backing.empty();
        }
        self.len = 0;
    }

    /// An array of a document.
    pub(super) fn of_part(part: Part) -> Self {
        let len = part.len();
        Self { backing: Some(Backing::of(Items::Read(part))), len }
    }

    /// The size of the document from which the list was read; zero if it was not read from one.
    pub(super) fn origin_size(&self) -> usize {
        match self.seen().as_deref() {
            Some(Items::Read(part)) => part.document.len(),
            Some(Items::Made(items)) => match items.first() {
                Some(Value::Table(first)) => first.origin_size(),
                _ => 0,
            },
            None => 0,
        }
    }

    /// The items as they are at the moment. There may be more than the list has.
    pub(super) fn seen(&self) -> Option<Ref<'_, Items>> {
        self.backing.as_ref().map(|backing| backing.0.borrow())
    }

    fn with_items<R>(&self, see: impl FnOnce(&[Value]) -> R) -> R {
        if let Some(backing) = self.backing.as_ref().filter(|backing| matches!(*backing.0.borrow(), Items::Read(_))) {
            drop(backing.made());
        }
        match self.seen().as_deref() {
            Some(Items::Made(items)) => see(items.get(..self.len).unwrap_or_default()),
            _ => see(&[]),
        }
    }

    pub(super) fn downgrade(&self) -> Option<Weak<Backing>> {
        self.backing.as_ref().map(Rc::downgrade)
    }
}

impl Backing {
    fn of(items: Items) -> Rc<Self> {
        Rc::new(Self(RefCell::new(items)))
    }

    /// The items, no longer as a part of a document.
    fn made(&self) -> RefMut<'_, Vec<Value>> {
        RefMut::map(self.0.borrow_mut(), Items::made)
    }

    /// Removes all items, with a limited depth of the stack.
    pub(super) fn empty(&self) {
        release(self.0.replace(Items::Made(Vec::new())));
    }
}

impl Items {
    fn made(&mut self) -> &mut Vec<Value> {
        loop {
            match self {
                Self::Made(items) => return items,
                Self::Read(part) => *self = Self::Made(part.items()),
            }
        }
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        // A part of a document holds no container.
        if let Items::Made(items) = self.0.get_mut() {
            release(std::mem::take(items));
        }
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        let len = items.len();
        Self { backing: Some(Backing::of(Items::Made(items))), len }
    }
}

impl fmt::Debug for List {
    /// Shows only the size: a list may contain itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List({} items)", self.len)
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} items is longer than the {} allowed", self.asked, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(len: u32) -> List {
        List::from((0..len).map(|n| Value::from(f64::from(n))).collect::<Vec<_>>())
    }

    fn json(list: &List) -> String {
        String::from_utf8(super::super::write(&Value::List(list.clone()), 1000).unwrap()).unwrap()
    }

    #[test]
    fn an_item_set_within_the_list_shows_in_all_that_share_it() {
        let in_data = numbers(2);
        let mut script = in_data.clone();
        script.set(0, Value::from("chg"), 10).unwrap();
        assert_eq!(json(&in_data), r#"["chg",1]"#);
    }

    #[test]
    fn a_list_from_data_that_grows_must_be_set_back_whatever_its_length() {
        for len in 0..10 {
            let in_data = numbers(len);
            let mut script = in_data.clone();
            script.set(len as usize, Value::from("new"), 100).unwrap();
            assert_eq!((in_data.len(), script.len()), (len as usize, len as usize + 1));
            script.set(0, Value::from("apart"), 100).unwrap();
            assert!(!json(&in_data).contains("apart"));
        }
    }

    #[test]
    fn del_leaves_a_null_where_the_list_is_shared_and_not_where_it_is_set_back() {
        let in_data = numbers(3);
        let mut script = in_data.clone();
        script.del(0);
        assert_eq!(json(&in_data), "[1,2,null]");
        assert_eq!(json(&script), "[1,2]");
        script.del(7);
        assert_eq!(script.len(), 2);
    }

    #[test]
    fn a_list_grows_after_del() {
        let mut list = List::new();
        list.set(4, Value::from("e"), 10).unwrap();
        list.del(4);
        list.set(4, Value::from("again"), 10).unwrap();
        assert_eq!(json(&list), r#"[null,null,null,null,"again"]"#);
    }

    #[test]
    fn gaps_are_filled_with_null_and_absurd_indexes_are_refused() {
        let mut list = List::new();
        list.set(100_000, Value::from("x"), 1_000_000).unwrap();
        assert_eq!(list.len(), 100_001);
        let refused = list.set(usize::MAX, Value::Null, 1_000_000).unwrap_err();
        assert_eq!(refused.limit, 1_000_000);
        assert_eq!(list.len(), 100_001);
    }

    #[test]
    fn a_nil_list_is_written_as_null_until_it_grows() {
        let mut list = List::nil();
        assert_eq!(json(&list), "null");
        list.set(0, Value::Bool(true), 10).unwrap();
        assert_eq!(json(&list), "[true]");
    }
}
