//! Lists: JSON arrays with the semantics of a Go slice. A list is a length and a reference to items that other lists may share.
//! Setting an item changes it in all of these lists; growing and deleting change the length of this list only, until the script
//! sets the list back into the data.

use std::cell::RefCell;
use std::fmt;
use std::rc::{Rc, Weak};

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
pub(super) struct Backing(RefCell<Vec<Value>>);

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
            let _old = backing.0.borrow_mut().get_mut(index).map(|slot| std::mem::replace(slot, value));
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
                let mut items = backing.0.borrow_mut();
                items.truncate(self.len);
                items.resize(len, Value::Null);
            }
            _ => {
                let mut items = self.items();
                items.resize(len, Value::Null);
                self.backing = Some(Backing::of(items));
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
            let mut items = backing.0.borrow_mut();
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

    pub(super) fn with_items<R>(&self, see: impl FnOnce(&[Value]) -> R) -> R {
        match &self.backing {
            Some(backing) => {
                let items = backing.0.borrow();
                see(items.get(..self.len).unwrap_or_default())
            }
            None => see(&[]),
        }
    }

    pub(super) fn downgrade(&self) -> Option<Weak<Backing>> {
        self.backing.as_ref().map(Rc::downgrade)
    }
}

impl Backing {
    fn of(items: Vec<Value>) -> Rc<Self> {
        Rc::new(Self(RefCell::new(items)))
    }

    /// Removes all items, with a limited depth of the stack.
    pub(super) fn empty(&self) {
        release(self.0.take());
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        release(std::mem::take(self.0.get_mut()));
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        let len = items.len();
        Self { backing: Some(Backing::of(items)), len }
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
