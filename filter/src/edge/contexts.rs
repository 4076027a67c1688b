//! Finds the root or the stream that one of Envoy's context numbers stands for. Nothing is borrowed here while a callback runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::calls;
use super::root::Root;
use super::wasm_host::WasmHost;
use crate::envoy::Stream;

thread_local! {
    static CONTEXTS: RefCell<Contexts> = const { RefCell::new(Contexts::new()) };
}

struct Contexts {
    roots: BTreeMap<u32, Rc<RefCell<Root>>>,
    streams: BTreeMap<u32, Known>,
}

/// A stream, and the number of its root.
#[derive(Clone)]
struct Known {
    stream: Rc<Stream<WasmHost>>,
    root: u32,
}

impl Contexts {
    const fn new() -> Self {
        Self { roots: BTreeMap::new(), streams: BTreeMap::new() }
    }
}

/// Begins a context; it is a root's if it has no root of its own.
pub(super) fn create(context: u32, root: u32) {
    if root == 0 {
        let root = Rc::default();
        // The value that the new one replaces is dropped when nothing is borrowed any more.
        drop(CONTEXTS.with_borrow_mut(|contexts| contexts.roots.insert(context, root)));
    } else if let Some(stream) = with_root(root, |root| root.stream(context)).flatten() {
        let known = Known { stream: Rc::new(stream), root };
        drop(CONTEXTS.with_borrow_mut(|contexts| contexts.streams.insert(context, known)));
    }
}

/// Ends a context; it is not called any more.
pub(super) fn delete(context: u32) {
    let stream = CONTEXTS.with_borrow_mut(|contexts| contexts.streams.remove(&context));
    match stream {
        Some(known) => {
            known.stream.complete();
            known.stream.close().into_iter().for_each(calls::forget);
        }
        None => {
            with_root(context, Root::end);
            drop(CONTEXTS.with_borrow_mut(|contexts| contexts.roots.remove(&context)));
        }
    }
}

/// Tells the root with this number, if there is one.
pub(super) fn with_root<T>(context: u32, tell: impl FnOnce(&mut Root) -> T) -> Option<T> {
    let root = CONTEXTS.with_borrow(|contexts| contexts.roots.get(&context).cloned())?;
    let mut root = root.try_borrow_mut().ok()?;
    Some(tell(&mut root))
}

/// The stream with this number. The caller's `Rc` keeps the stream alive, even if it is deleted meanwhile.
pub(super) fn stream(context: u32) -> Option<Rc<Stream<WasmHost>>> {
    CONTEXTS.with_borrow(|contexts| contexts.streams.get(&context).map(|known| Rc::clone(&known.stream)))
}

/// The number of a stream's root; for a root's number, that number.
pub(super) fn root_of(context: u32) -> Option<u32> {
    CONTEXTS.with_borrow(|contexts| match contexts.streams.get(&context) {
        Some(known) => Some(known.root),
        None => contexts.roots.contains_key(&context).then_some(context),
    })
}
