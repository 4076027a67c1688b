//! Applies a backend's settings to its data before any script sees it: `target`, then `allow` or `deny`, then `mapping` (or
//! `flatmap_filter` in the place of these three), then `group`. The settings are prepared once, at configuration.

use std::collections::BTreeMap;

use super::flatmap::Flatmap;
use crate::config::Formatting;
use crate::data::{Str, Table, Value};
use crate::pipeline::failure::Failure;

/// The settings of one backend, ready to be applied.
#[derive(Default)]
pub(crate) struct Formatter {
    target: Vec<Str>,
    filter: Filter,
    mapping: Vec<(Str, Str)>,
    flatmap: Option<Flatmap>,
    group: Option<Str>,
}

#[derive(Default)]
enum Filter {
    #[default]
    None,
    Allow(Branch),
    Deny(Branch),
}

/// Dotted names as a tree. A name without a branch below it stands for the whole value.
#[derive(Default)]
struct Branch(BTreeMap<Str, Option<Self>>);

impl Formatter {
    /// Prepares the settings from the configuration; dots in `target`, `allow` and `deny` lead inwards. As in KrakenD, `deny`
    /// does not count beside `allow`, only the part before the first dot of a mapping's new name counts, and beside
    /// `flatmap_filter` `allow`, `deny` and `mapping` do not.
    #[must_use]
    pub(crate) fn new(settings: &Formatting) -> Self {
        let Formatting { group, target, allow, deny, mapping, flatmap } = settings;
        let filter = match (allow.as_slice(), deny.as_slice()) {
            ([], []) => Filter::None,
            ([], names) => Filter::Deny(Branch::denying(names)),
            (names, _) => Filter::Allow(Branch::allowing(names)),
        };
        let first = |name: &str| Str::from(name.split('.').next().unwrap_or_default());
        Self {
            target: if target.is_empty() { Vec::new() } else { target.split('.').map(Str::from).collect() },
            filter,
            mapping: mapping.iter().map(|(former, new)| (Str::from(former.as_str()), first(new))).collect(),
            flatmap: Flatmap::new(flatmap),
            group: (!group.is_empty()).then(|| Str::from(group.as_str())),
        }
    }

    /// Applies the settings to data. Works in place if it can: the given data must not be used any more. No operation of
    /// `flatmap_filter` may make more than `most` bytes.
    ///
    /// # Errors
    /// An operation would make more.
    pub(crate) fn apply(&self, data: Table, most: u64) -> Result<Table, Failure> {
        let data = self.extract(data);
        let data = match &self.flatmap {
            Some(flatmap) => flatmap.apply(data, most)?,
            None => self.filtered(data),
        };
        Ok(match &self.group {
            Some(group) => [(group.clone(), Value::Table(data))].into_iter().collect(),
            None => data,
        })
    }

    fn filtered(&self, data: Table) -> Table {
        match &self.filter {
            Filter::None => {}
            Filter::Allow(names) => names.keep_only(&data),
            Filter::Deny(names) => names.remove_from(&data),
        }
        for (former, new) in &self.mapping {
            if let Some(value) = data.get(former.as_bytes()) {
                data.set(new.clone(), value);
                data.remove(former.as_bytes());
            }
        }
        data
    }

    fn extract(&self, mut data: Table) -> Table {
        for part in &self.target {
            data = match data.get(part.as_bytes()) {
                Some(Value::Table(inner)) => inner,
                _ => return Table::new(),
            };
        }
        data
    }
}

impl Branch {
    /// Of `a` and `a.b`, the later one wins.
    fn allowing(names: &[String]) -> Self {
        let mut root = Self::default();
        for name in names {
            let (path, leaf) = split(name);
            let mut branch = &mut root;
            for part in path {
                let below = branch.0.entry(Str::from(part)).or_default();
                branch = below.get_or_insert_default();
            }
            branch.0.insert(Str::from(leaf), None);
        }
        root
    }

    /// Of `a` and `a.b`, the shorter one wins: all of `a` is removed.
    fn denying(names: &[String]) -> Self {
        let mut root = Self::default();
        'names: for name in names {
            let (path, leaf) = split(name);
            let mut branch = &mut root;
            for part in path {
                let below = branch.0.entry(Str::from(part)).or_insert_with(|| Some(Self::default()));
                match below {
                    Some(inner) => branch = inner,
                    None => continue 'names,
                }
            }
            branch.0.insert(Str::from(leaf), None);
        }
        root
    }

    /// A table that becomes empty is removed, too.
    fn keep_only(&self, table: &Table) {
        table.retain(|key, value| match (self.0.get(key), value) {
            (None, _) => false,
            (Some(None), _) => true,
            (Some(Some(below)), Value::Table(inner)) => {
                below.keep_only(inner);
                !inner.is_empty()
            }
            (Some(Some(_)), _) => false,
        });
    }

    fn remove_from(&self, table: &Table) {
        for (name, below) in &self.0 {
            match (below, table.get(name.as_bytes())) {
                (None, Some(_)) => drop(table.remove(name.as_bytes())),
                (Some(below), Some(Value::Table(inner))) => below.remove_from(&inner),
                _ => {}
            }
        }
    }
}

/// Splits a dotted name into the way and its last part.
fn split(name: &str) -> (impl Iterator<Item = &str>, &str) {
    let (path, leaf) = match name.rsplit_once('.') {
        Some((path, leaf)) => (Some(path), leaf),
        None => (None, name),
    };
    (path.into_iter().flat_map(|path| path.split('.')), leaf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Encoding;
    use crate::data::write_table;
    use crate::pipeline::format::decode;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    fn none() -> Formatting {
        Formatting::default()
    }

    fn applied(settings: &Formatting, body: &str) -> String {
        let data = Formatter::new(settings).apply(decode(Encoding::Json, false, body).unwrap(), 1_000).unwrap();
        String::from_utf8(write_table(&data, 1000).unwrap()).unwrap()
    }

    const BODY: &str = r#"{"a":{"b":{"c":1,"d":2},"e":3},"f":4,"g":{},"h":[{"i":1}]}"#;

    #[test]
    fn allow_keeps_only_what_it_names_and_drops_what_gets_empty() {
        let rows: [(&[&str], &str); 8] = [
            (&["f"], r#"{"f":4}"#),
            (&["a.b.c", "f"], r#"{"a":{"b":{"c":1}},"f":4}"#),
            (&["a.b", "a.b.c"], r#"{"a":{"b":{"c":1}}}"#),
            (&["a.b.c", "a.b"], r#"{"a":{"b":{"c":1,"d":2}}}"#),
            (&["a.none"], "{}"),
            (&["f.deeper"], "{}"),
            (&["g.x", "g"], r#"{"g":{}}"#),
            (&["h.i"], "{}"),
        ];
        for (allow, data) in rows {
            assert_eq!(
                applied(&Formatting { allow: names(allow), deny: names(&["f"]), ..none() }, BODY),
                data,
                "{allow:?}"
            );
        }
    }

    #[test]
    fn deny_removes_what_it_names_and_leaves_what_gets_empty() {
        let rows: [(&[&str], &str); 5] = [
            (&["a", "h", "g"], r#"{"f":4}"#),
            (&["a.b.c", "a.b.d", "h", "f"], r#"{"a":{"b":{},"e":3},"g":{}}"#),
            (&["a", "a.b", "f.x", "h"], r#"{"f":4,"g":{}}"#),
            (&["a.b", "a", "h"], r#"{"f":4,"g":{}}"#),
            (&["x.y", "h.i"], BODY),
        ];
        for (deny, data) in rows {
            assert_eq!(applied(&Formatting { deny: names(deny), ..none() }, BODY), data, "{deny:?}");
        }
    }

    #[test]
    fn target_comes_first_then_the_filter_then_mapping_then_group() {
        let mapping = [("c".to_owned(), "renamed.x".to_owned())].into();
        let (target, allow, group) = ("a.b".to_owned(), names(&["c"]), "g".to_owned());
        let all = Formatting { target, allow, mapping, group, ..none() };
        assert_eq!(applied(&all, BODY), r#"{"g":{"renamed":1}}"#);
    }

    #[test]
    fn a_target_that_is_not_an_object_leaves_nothing() {
        for target in ["f", "x", "a.e", "h"] {
            assert_eq!(applied(&Formatting { target: target.to_owned(), ..none() }, BODY), "{}");
        }
    }

    #[test]
    fn no_settings_change_nothing() {
        assert_eq!(applied(&none(), BODY), BODY);
        assert_eq!(applied(&Formatting { group: "g".to_owned(), ..none() }, "null"), r#"{"g":null}"#);
    }
}
