//! Paths with slashes. Source: Go's path.

use crate::functions::arguments::Arguments;
use crate::functions::signature::{Row, Type};
use crate::value::Value;

const TEXT: &[Type] = &[Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("base", TEXT, |_, arguments| Ok(base(arguments.text(0)).into())),
    Row::fixed("osBase", TEXT, |_, arguments| Ok(base(arguments.text(0)).into())),
    Row::fixed("clean", TEXT, |_, arguments| Ok(clean(arguments.text(0)).into())),
    Row::fixed("osClean", TEXT, |_, arguments| Ok(clean(arguments.text(0)).into())),
    Row::fixed("dir", TEXT, |_, arguments| Ok(folder(arguments.text(0)).into())),
    Row::fixed("osDir", TEXT, |_, arguments| Ok(folder(arguments.text(0)).into())),
    Row::fixed("ext", TEXT, |_, arguments| Ok(extension(arguments.text(0)).into())),
    Row::fixed("osExt", TEXT, |_, arguments| Ok(extension(arguments.text(0)).into())),
    Row::fixed("isAbs", TEXT, |_, arguments| Ok(Value::Bool(arguments.text(0).starts_with('/')))),
    Row::fixed("osIsAbs", TEXT, |_, arguments| Ok(Value::Bool(arguments.text(0).starts_with('/')))),
];

fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some(base) if !base.is_empty() => base,
        _ => "/",
    }
}

fn folder(path: &str) -> String {
    clean(path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or_default())
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default()
}

fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match (absolute, path.is_empty()) {
        (true, _) => format!("/{path}"),
        (false, true) => ".".to_owned(),
        (false, false) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_by_go() {
        let cases =
            [("", "."), ("/", "/"), ("a/../..", ".."), ("/..", "/"), ("a//b/./c/..", "a/b"), ("../../a", "../../a")];
        cases.iter().for_each(|(path, wanted)| assert_eq!(clean(path), *wanted, "{path}"));
        assert_eq!([base(""), base("//"), base("a/b/"), base("x")], [".", "/", "b", "x"]);
        assert_eq!([folder("a/b"), folder("a"), folder("/a"), folder("")], ["a", ".", "/", "."]);
        assert_eq!([extension("a.b/c"), extension("c.tar.gz"), extension(".x")], ["", ".gz", ".x"]);
    }
}
