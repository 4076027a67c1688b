//! Merges several backends' data into one. Later backends win, key by key at the top level only: nothing is merged deeper.
//! Knows nothing of how the data came, nor of failures.

use crate::data::Table;

/// The response of one backend.
pub(super) struct Part {
    /// The data, formatted and as the backend's scripts left it.
    pub data: Table,
    /// Whether the response called itself complete.
    pub is_complete: bool,
}

/// The merged responses of all backends.
pub(super) struct Merged {
    /// All data, in the first part's own table.
    pub data: Table,
    /// Whether every backend answered completely.
    pub is_complete: bool,
    /// The only backend that gave a response: that response keeps its headers, which a merge would lose.
    pub only: Option<usize>,
}

/// Merges in the order of the backends. `None` stands for a backend that failed or was not asked; if all are `None`, so is the
/// result.
///
/// KrakenD merges parallel answers in the order in which they arrive, so that equal keys are a race there.
#[must_use]
pub(super) fn merge(parts: impl IntoIterator<Item = Option<Part>>) -> Option<Merged> {
    let mut merged: Option<Merged> = None;
    let mut all_came = true;
    for (index, part) in parts.into_iter().enumerate() {
        merged = match (merged, part) {
            (merged, None) => {
                all_came = false;
                merged
            }
            (None, Some(Part { data, is_complete })) => Some(Merged { data, is_complete, only: Some(index) }),
            (Some(merged), Some(part)) => Some(combine(merged, part)),
        };
    }
    merged.map(|merged| Merged { is_complete: merged.is_complete && all_came, ..merged })
}

fn combine(merged: Merged, part: Part) -> Merged {
    let nothing_missing = !merged.data.is_nil() && !part.data.is_nil();
    let data = if merged.data.is_nil() { part.data } else { add(merged.data, &part.data) };
    data.make_real();
    Merged { data, is_complete: nothing_missing && merged.is_complete && part.is_complete, only: None }
}

fn add(data: Table, later: &Table) -> Table {
    for (key, value) in later.entries() {
        data.set(key, value);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::write_table;
    use crate::pipeline::format::decode;

    fn part(body: &str) -> Option<Part> {
        let data = decode(Encoding::Json, false, body).unwrap();
        Some(Part { data, is_complete: true })
    }

    fn shown(parts: Vec<Option<Part>>) -> (String, bool, Option<usize>) {
        let merged = merge(parts).unwrap();
        let json = String::from_utf8(write_table(&merged.data, 1000).unwrap()).unwrap();
        (json, merged.is_complete, merged.only)
    }

    const ONE: &str = r#"{"b1":1,"same":"one","deep":{"x":1}}"#;
    const TWO: &str = r#"{"b2":2,"same":"two","deep":{"y":2}}"#;

    #[test]
    fn the_later_backend_wins_and_nothing_is_merged_deeper() {
        let both = r#"{"b1":1,"b2":2,"deep":{"y":2},"same":"two"}"#;
        assert_eq!(shown(vec![part(ONE), part(TWO)]), (both.to_owned(), true, None));
    }

    #[test]
    fn one_that_failed_makes_the_rest_incomplete() {
        let two = r#"{"b2":2,"deep":{"y":2},"same":"two"}"#;
        assert_eq!(shown(vec![None, part(TWO)]), (two.to_owned(), false, Some(1)));
    }

    #[test]
    fn one_that_calls_itself_incomplete_makes_all_incomplete() {
        let half = Part { data: Table::new(), is_complete: false };
        let (_, is_complete, only) = shown(vec![Some(half), part(TWO), part(ONE)]);
        assert_eq!((is_complete, only), (false, None));
    }

    #[test]
    fn a_body_of_null_counts_as_missing() {
        let rows = [("null", "{\"a\":1}", "{\"a\":1}"), ("{\"a\":1}", "null", "{\"a\":1}"), ("null", "null", "{}")];
        for (first, second, data) in rows {
            assert_eq!(shown(vec![part(first), part(second)]), (data.to_owned(), false, None));
        }
    }

    #[test]
    fn if_all_failed_there_is_nothing() {
        assert!(merge([None, None]).is_none());
    }
}
