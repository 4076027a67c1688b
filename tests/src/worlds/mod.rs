//! A world is where a case is played: the engine natively, the module in host-sim, in a real Envoy,
//! or in `lua-modifier serve`. It says what was seen; whether that is right is not its business.

mod backdrop;
mod front;
mod in_envoy;
mod in_host_sim;
mod in_serve;
mod natively;
mod shared_data;
mod surroundings;
mod verification;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::cases::{Case, Outcome};

pub use in_envoy::InEnvoy;
pub use in_host_sim::InHostSim;
pub use in_serve::InServe;
pub use natively::Natively;

/// A place where cases are played.
pub trait World {
    /// The name in reports and in `cases/not_yet.json`.
    fn name(&self) -> &'static str;

    /// Is the case at this place among all, sorted by name, played here?
    fn takes(&self, _index: usize) -> bool {
        true
    }

    /// Has the world what this case needs?
    fn suits(&self, _case: &Case) -> bool {
        true
    }

    /// Plays the cases and says what became of each, in their order.
    fn play(&self, cases: &[Case]) -> Vec<Outcome>;
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
