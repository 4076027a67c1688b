//! `flatmap_filter`: moves, appends and removals on data, as KrakenD does them on a flattened tree (krakend/flatmap, tree). The
//! operations are prepared once, at configuration. Knows nothing of the data's owner.

mod budget;
mod label;
mod moving;
mod tree;

use crate::config::FlatmapOp;
use crate::data::{Table, Value};
use crate::pipeline::failure::Failure;
use budget::Budget;
use label::{Path, path};
use tree::Node;

/// Operations that are ready to run.
pub(crate) struct Flatmap(Vec<Operation>);

enum Operation {
    Move(Path, Path),
    Append(Path, Path),
    Del(Vec<Path>),
}

impl Flatmap {
    /// Prepares the operations; `None` if there are none.
    pub(crate) fn new(operations: &[FlatmapOp]) -> Option<Self> {
        let ready = |operation: &FlatmapOp| match operation {
            FlatmapOp::Move(from, to) => Operation::Move(path(from), path(to)),
            FlatmapOp::Append(from, to) => Operation::Append(path(from), path(to)),
            FlatmapOp::Del(paths) => Operation::Del(paths.iter().map(|keys| path(keys)).collect()),
        };
        (!operations.is_empty()).then(|| Self(operations.iter().map(ready).collect()))
    }

    /// Applies the operations to data. The given data must not be used any more. No operation may make more than `most` bytes.
    ///
    /// # Errors
    /// An operation would make more than that, or data that nests deeper than allowed.
    pub(crate) fn apply(&self, data: Table, most: u64) -> Result<Table, Failure> {
        let mut root = Node::new(Value::Table(data));
        for operation in &self.0 {
            let mut budget = Budget::new(most);
            match operation {
                Operation::Move(from, to) => moving::moved(&mut root, from, to, &mut budget)?,
                Operation::Append(from, to) => append(&mut root, from, to, &mut budget)?,
                Operation::Del(paths) => paths.iter().try_for_each(|path| root.del(path, &mut budget))?,
            }
        }
        Ok(match root.to_value() {
            Value::Table(data) => data,
            // If nothing is left, KrakenD has no data, not empty data.
            _ => Table::nil(),
        })
    }
}

// If one of the two values is not a list, nothing changes.
fn append(root: &mut Node, from: &Path, to: &Path, budget: &mut Budget) -> Result<(), Failure> {
    let Value::List(more) = root.get(from, budget)? else { return Ok(()) };
    let Value::List(list) = root.get(to, budget)? else { return Ok(()) };
    let items = list.items().into_iter().chain(more.items()).collect();
    root.add(to, items, budget)?;
    root.del(from, budget)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::write_table;
    use crate::pipeline::format::decode;

    const BODY: &str = r#"{"a":{"b":1,"c":[{"x":1,"y":2},{"x":3}]},"l":[1,2],"m":[3],"s":"t","n":null}"#;

    // `move a.b c; del s`
    fn flatmap(text: &str) -> Flatmap {
        let keys = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        let operation = |text: &str| {
            let mut words = text.split_whitespace();
            let kind = words.next().unwrap();
            let mut paths: Vec<_> = words.map(keys).collect();
            match kind {
                "del" => FlatmapOp::Del(paths),
                "move" => FlatmapOp::Move(paths.remove(0), paths.remove(0)),
                _ => FlatmapOp::Append(paths.remove(0), paths.remove(0)),
            }
        };
        Flatmap::new(&text.split(';').map(operation).collect::<Vec<_>>()).unwrap()
    }

    fn data(body: &str) -> Table {
        decode(Encoding::Json, false, body).unwrap()
    }

    fn applied(text: &str, body: &str) -> String {
        let made = flatmap(text).apply(data(body), 10_000).unwrap();
        String::from_utf8(write_table(&made, 10_000).unwrap()).unwrap()
    }

    #[test]
    fn data_is_changed_as_krakends_tree_changes_it() {
        let table = [
            ("del a.b s n", r#"{"a":{"c":[{"x":1,"y":2},{"x":3}]},"l":[1,2],"m":[3]}"#),
            ("del a.* l.* n s", r#"{"a":null,"l":null,"m":[3]}"#),
            ("del a.c.*.x l.0 n s", r#"{"a":{"b":1,"c":[{"y":2},null]},"l":[2],"m":[3]}"#),
            ("del *.b *.c *.0 nope.deep s.x", r#"{"a":null,"l":[2],"m":null,"n":null,"s":"t"}"#),
            // Places in a list keep their numbers while operations follow each other.
            ("del l.0;del l.0;del l.1;del a s n", r#"{"l":null,"m":[3]}"#),
            ("move a.b moved;del a.c l m n s", r#"{"a":null,"moved":1}"#),
            ("move a.c.0 first;del l m n s", r#"{"a":{"b":1,"c":[{"x":3}]},"first":{"x":1,"y":2}}"#),
            ("move l q.r;del a m n s", r#"{"q":{"r":[1,2]}}"#),
            ("move a.c.*.x a.c.*.z;del l m n s a.b", r#"{"a":{"c":[{"y":2,"z":1},{"z":3}]}}"#),
            // With paths of the same length, only the last key changes its name: the rest of the second path does not matter.
            ("move a.b z.k;del a.c l m n s", r#"{"a":{"k":1}}"#),
            // A longer second path begins at the place where the first one ends.
            ("move a.c.*.x a.c.*.in.x;del l m n s a.b", r#"{"a":{"c":[{"in":{"x":1},"y":2},{"in":{"x":3}}]}}"#),
            ("move a.b q.w.e;del l m n s a.c", r#"{"a":{"w":{"e":1}}}"#),
            // A shorter second path begins at the top; if several values get the same key, the last one stays.
            ("move a.c.*.x last;del l m n s", r#"{"a":{"b":1,"c":[{"y":2},null]},"last":3}"#),
            ("move a.c.*.x *.last;del l m n s", r#"{"a":{"b":1,"c":[{"y":2},null],"last":3}}"#),
            ("move a.c.0 none.first;del a.c l m n s", r#"{"a":{"b":1},"first":{"x":1,"y":2}}"#),
            ("move a.b s.in.deep;del l m n a.c", r#"{"a":{"in":{"deep":1}},"s":"t"}"#),
            // A value that gets a key in a list becomes one more item; a value that gets a key in a scalar becomes its only
            // content.
            ("move a.c.0 l.first;del m n s a", r#"{"l":[1,2,{"x":1,"y":2}]}"#),
            ("move a.c.0 s.first;del l m n a", r#"{"s":{"first":{"x":1,"y":2}}}"#),
            ("append l m;del a n s", r#"{"m":[3,1,2]}"#),
            ("append nope m;append s l;append l nope;del a n s", r#"{"l":[1,2],"m":[3]}"#),
            ("append a.c.*.x l;del a n s", r#"{"l":[1,2,1,3],"m":[3]}"#),
            ("append l l;del a m n s", "null"),
            ("del *", "null"),
        ];
        for (text, wanted) in table {
            assert_eq!(applied(text, BODY), wanted, "{text}");
        }
    }

    #[test]
    fn data_that_is_empty_or_missing_stays_so() {
        for body in ["{}", "null"] {
            assert_eq!(applied("del a;move a b;move a.b c;move a b.c;append a b;del *", body), body);
        }
        assert_eq!(applied("append a b;del c", r#"{"a":[1],"b":[],"c":1}"#), r#"{"b":[1]}"#);
    }

    #[test]
    fn what_is_appended_to_a_list_that_has_lost_items_may_meet_others() {
        // In KrakenD, the list [2] has its item at place 1, and the second of the three is put there.
        assert_eq!(applied("del b.0;append a b", r#"{"a":[7,8],"b":[1,2]}"#), r#"{"b":[7,2,8]}"#);
    }

    #[test]
    fn what_grows_with_each_operation_meets_the_bound() {
        // A key `*` that holds everything behind `*` gets another name, so there is more behind `*` the next time.
        let doubles: Vec<String> = (0..40).map(|n| format!("append *.none *.p;move * n{n}")).collect();
        let refused = flatmap(&doubles.join(";")).apply(data(r#"{"a":{"p":[1]}}"#), 10_000).unwrap_err();
        assert!(refused.to_string().contains("flatmap_filter makes more than 10000 bytes"), "{refused}");
        let large = format!(r#"{{"a":[{}1],"b":[]}}"#, "\"0123456789\",".repeat(2_000));
        let refused = flatmap("append a b").apply(data(&large), 10_000).unwrap_err();
        assert_eq!(refused.to_string(), "flatmap_filter makes more than 10000 bytes of new data (limits.body_bytes)");
    }

    #[test]
    fn what_is_appended_through_a_wildcard_is_a_list_of_lists() {
        let made = flatmap("append a.*.l b").apply(data(r#"{"a":{"k":{"l":[{"x":1}]}},"b":[]}"#), 1_000).unwrap();
        assert_eq!(
            String::from_utf8(write_table(&made, 1_000).unwrap()).unwrap(),
            r#"{"a":{"k":null},"b":[[{"x":1}]]}"#
        );
    }

    #[test]
    fn data_that_contains_itself_ends() {
        let own = Table::new();
        own.set("me".into(), Value::Table(own.clone()));
        let list = crate::data::List::from(vec![Value::Table(own.clone())]);
        own.set("l".into(), Value::List(list));
        own.set("m".into(), Value::List(crate::data::List::from(vec![Value::Null])));
        assert!(flatmap("append l m").apply(own.clone(), 10_000).is_err());
        own.clear();
    }
}
