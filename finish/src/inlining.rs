//! Keeps V8 from inlining. In Envoy V8 compiles the whole module at once with its optimizing compiler and has no counts of calls, so it
//! inlines each call that it meets, until a function has grown to three times its size: `dlmalloc` 61 times, the way of a panic
//! 137 times. That doubles the time until Envoy is ready and the compiled code, and LLVM has already inlined what is worth it.
//!
//! V8 subtracts the size of an inlined function from a budget (`NoLiftoffBudget` in its `inlining-tree.h`, seen in V8 13.8 and 14.6:
//! Envoy 1.36 and 1.40). So a function first calls fillers, which consist of `nop`: inlined, they take up the budget and become no code
//! at all. With an engine that does not inline, they are calls of empty functions.
//!
//! Knows the sizes of functions alone.

/// The sizes of the fillers, in bytes of their bodies.
pub(crate) const FILLERS: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

/// The bytes of a call of a filler.
const CALL: usize = 2;

/// A body below this size is small to V8.
const SMALL: usize = 50;

/// A function of any size may inline this many bytes. Functions with no more than that are left as they are.
const LEAST: f64 = 50.0;

/// V8 inlines this many calls into one function at most.
const CALLS: usize = 60;

/// The budget that V8 gives to each function of a module, as a multiple of the function's size.
pub(crate) struct Budget(f64);

impl Budget {
    /// The budget in a module with bodies of these sizes. It is 2, but 5 where most functions are small, because then a toolchain has not
    /// inlined them.
    pub(crate) fn of(sizes: &[usize]) -> Self {
        let small = sizes.iter().filter(|size| **size < SMALL).count() as f64 * 100.0 / sizes.len().max(1) as f64;
        let share = ((small - 25.0) / 25.0).clamp(0.0, 1.0);
        Self(2.0 + 3.0 * share)
    }

    /// The fillers, by their places in [`FILLERS`], that a function with a body of this size must call. What is left is less than the
    /// smallest filler.
    pub(crate) fn fillers(&self, size: usize) -> Vec<usize> {
        let mut left = self.0 * size as f64;
        let mut found = Vec::new();
        if left <= LEAST {
            return found;
        }
        while found.len() < CALLS
            && let Some(filler) = FILLERS.iter().rposition(|size| (*size as f64) < left)
        {
            // The call makes the body longer.
            left += self.0 * CALL as f64 - FILLERS.get(filler).map_or(0.0, |size| *size as f64);
            found.push(filler);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, FILLERS};

    fn left(budget: &Budget, size: usize) -> f64 {
        let calls = budget.fillers(size);
        let taken: usize = calls.iter().map(|filler| FILLERS[*filler]).sum();
        budget.0 * (size + 2 * calls.len()) as f64 - taken as f64
    }

    #[test]
    fn a_budget_is_used_up_to_less_than_the_smallest_filler() {
        let budget = Budget::of(&[100]);
        for size in 26..30_000 {
            let left = left(&budget, size);
            assert!((0.0..=32.0).contains(&left), "{size}: {left}");
        }
    }

    #[test]
    fn tiny_functions_are_left_as_they_are() {
        assert!(Budget::of(&[100]).fillers(25).is_empty());
    }

    #[test]
    fn a_module_of_small_functions_has_a_larger_budget() {
        let mut sizes = vec![100; 60];
        assert!((Budget::of(&sizes).0 - 2.0).abs() < 1e-9);
        sizes.extend([10; 36]); // 37.5 %
        assert!((Budget::of(&sizes).0 - 3.5).abs() < 1e-9);
        sizes.extend([10; 100]);
        assert!((Budget::of(&sizes).0 - 5.0).abs() < 1e-9);
    }

    #[test]
    fn more_calls_than_v8_inlines_are_not_made() {
        assert_eq!(Budget::of(&[100]).fillers(1_000_000).len(), 60);
    }
}
