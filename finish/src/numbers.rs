//! New numbers for functions. Those that are called most often in the text get the lowest, which take fewer bytes in each call: that saves
//! 6 KB. Next come those that requests enter, so that V8 lays their code side by side: a request reads its code from fewer pages, which
//! is a tenth of the time that the module takes. Knows no module.

use std::cmp::Reverse;

/// A new order of functions.
pub(crate) struct Numbers {
    /// The old number of each new one.
    order: Vec<usize>,
    /// The new number of each old one.
    new: Vec<u32>,
}

impl Numbers {
    /// The order for so many functions with these calls, of which `entered` should lie together; so many numbers are `short`.
    pub(crate) fn of(count: usize, calls: impl Iterator<Item = u32>, short: usize, entered: &[usize]) -> Self {
        let mut counts = vec![0_u32; count];
        for called in calls {
            counts.get_mut(called as usize).into_iter().for_each(|calls| *calls += 1);
        }
        let mut order: Vec<usize> = (0..count).collect();
        // Functions with equally many calls keep their order.
        order.sort_by_key(|old| Reverse(counts.get(*old)));
        // Those that are entered stand behind the short numbers, in their own order.
        let mut places = vec![count; count];
        for (place, number) in entered.iter().enumerate() {
            places.get_mut(*number).into_iter().for_each(|known| *known = place);
        }
        if let Some(others) = order.get_mut(short..) {
            others.sort_by_key(|number| places.get(*number));
        }
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
        let numbers = Numbers::of(4, [2, 1, 2, 9].into_iter(), 4, &[]);
        assert_eq!(numbers.in_order(&["a", "b", "c", "d"]).collect::<Vec<_>>(), [&"c", &"b", &"a", &"d"]);
        assert_eq!([0, 1, 2, 3].map(|old| numbers.new_of(old)), [2, 1, 0, 3]);
    }

    #[test]
    fn what_is_entered_comes_behind_the_short_numbers() {
        let numbers = Numbers::of(5, [2, 1, 2].into_iter(), 1, &[4, 2, 0]);
        assert_eq!(numbers.in_order(&["a", "b", "c", "d", "e"]).copied().collect::<String>(), "ceabd");
    }
}
