//! Slices of lists, as in Python: `[1:3]`, `[::-1]`. Knows no values.

/// The indexes of a slice of a list of `length` items, in order; `None` for a step of zero.
pub(super) fn indexes(length: usize, start: Option<i32>, stop: Option<i32>, step: i32) -> Option<Vec<usize>> {
    let length = i64::try_from(length).ok()?;
    let (step, forwards) = (i64::from(step), step > 0);
    let (least, most) = if forwards { (0, length) } else { (-1, length.saturating_sub(1)) };
    let place = |end: Option<i32>, otherwise: i64| {
        let Some(end) = end.map(i64::from) else { return otherwise };
        let end = if end < 0 { end.saturating_add(length) } else { end };
        end.clamp(least, most)
    };
    let mut at = place(start, if forwards { 0 } else { most });
    let stop = place(stop, if forwards { length } else { -1 });
    let mut found = Vec::new();
    if step == 0 {
        return None;
    }
    while if forwards { at < stop } else { at > stop } {
        found.push(usize::try_from(at).ok()?);
        at = at.saturating_add(step);
    }
    Some(found)
}

/// The place of an index, which may count from the end.
pub(super) fn index(length: usize, index: i32) -> Option<usize> {
    let from_end = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 { length.checked_sub(from_end) } else { usize::try_from(index).ok() }
}
