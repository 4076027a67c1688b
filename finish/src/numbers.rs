//! New numbers for functions: those that are called most often in the text get the lowest, which take fewer bytes in each call. That
//! saves 6 KB. Knows no module.

use std::cmp::Reverse;

/// A new order of functions.
pub(crate) struct Numbers {
    /// The old number of each new one.
    order: Vec<usize>,
    /// The new number of each old one.
    new: Vec<u32>,
}

impl Numbers {
    /// The order for so many functions with these calls.
    pub(crate) fn of(count: usize, calls: impl Iterator<Item = u32>) -> Self {
        let mut counts = vec![0_u32; count];
        for called in calls {
            counts.get_mut(called as usize).into_iter().for_each(|calls| *calls += 1);
        }
        let mut order: Vec<usize> = (0..count).collect();
        // Functions with equally many calls keep their order.
        order.sort_by_key(|old| Reverse(counts.get(*old)));
        let mut new = vec![0; count];
        for (number, old) in (0..).zip(&order) {
            new.get_mut(*old).into_iter().for_each(|new| *new = number);
        }
        Self { order, new }
    }

    /// The new number of a function.
    pub(crate) fn new_of(&self, old: u32) -> u32 {
        self.new.get(old as usize).copied().unwrap_or(old)
    }

    /// What belongs to the functions, in the new order.
    pub(crate) fn in_order<'a, T>(&'a self, old: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.order.iter().filter_map(|number| old.get(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_most_comes_first() {
        let numbers = Numbers::of(4, [2, 1, 2, 9].into_iter());
        assert_eq!(numbers.in_order(&["a", "b", "c", "d"]).collect::<Vec<_>>(), [&"c", &"b", &"a", &"d"]);
        assert_eq!([0, 1, 2, 3].map(|old| numbers.new_of(old)), [2, 1, 0, 3]);
    }
}
