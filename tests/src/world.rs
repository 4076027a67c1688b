//! A world is where a case is played: the engine natively, the module in host-sim, the module in a real Envoy.
//! It says what was seen; whether that is right is not its business.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::case::Case;
use crate::observation::Outcome;

/// A place where cases are played.
pub trait World {
    /// The name in reports and in `cases/not_yet.json`.
    fn name(&self) -> &'static str;

    /// Is the case at this place among all, sorted by name, played here?
    fn takes(&self, _index: usize) -> bool {
        true
    }

    /// Plays the cases and says what became of each, in their order.
    fn play(&self, cases: &[Case]) -> Vec<Outcome>;
}

/// A file that an environment variable names; `make test` sets them.
pub fn file_from_env(name: &str) -> Result<PathBuf, String> {
    match std::env::var_os(name).map(PathBuf::from) {
        Some(path) if path.is_file() => path.canonicalize().map_err(|e| format!("{name}: {e}")),
        Some(path) => Err(format!("{name} names {}, which is no file: run `make test`", path.display())),
        None => Err(format!("{name} is not set: run `make test`")),
    }
}

/// The module: `LUA_MODIFIER_WASM`.
pub fn module_from_env() -> Result<PathBuf, String> {
    file_from_env("LUA_MODIFIER_WASM")
}

/// Does some work for every item on so many threads; the results come in the items' order.
///
/// A world that plays one case at a time is `one_by_one(cases, 2, |_, case| ...)`.
pub fn one_by_one<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(index, item);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::one_by_one;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(one_by_one(&items, 3, |index, item| index + item), (0..100).map(|n| 2 * n).collect::<Vec<_>>());
    }
}
