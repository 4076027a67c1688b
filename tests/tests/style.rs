//! Rules for sources that no tool checks: the order of imports, and the length of files.

use std::fs;
use std::path::{Path, PathBuf};

use tests::repository;

/// The largest number of lines: a longer file mostly has two subjects.
const LONGEST: usize = 400;

/// The groups of imports at the top of a file, in their order, with an empty line between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// The standard library.
    Std,
    /// Other packages.
    Packages,
    /// Our own modules: from `super`, `crate`, or a module that the file declares.
    Own,
    /// Imports that the file exports again.
    HandedOn,
}

/// The groups of the imports at the top of a source, with `None` for an empty line between two of them.
fn groups(source: &str) -> Vec<Option<Group>> {
    let declared = |name: &str| source.lines().any(|line| line.ends_with(&format!("mod {name};")));
    let imports = |line: &&str| line.starts_with("use ") || is_handed_on(line);
    let (mut found, mut lines) = (Vec::new(), source.lines().skip_while(|line| !imports(line)));
    while let Some(line) = lines.next() {
        if line.is_empty() {
            found.push(None);
        } else if is_handed_on(line) {
            found.push(Some(Group::HandedOn));
        } else if let Some(path) = line.strip_prefix("use ") {
            let first = path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            found.push(Some(match first {
                "std" | "core" | "alloc" => Group::Std,
                "super" | "crate" | "self" => Group::Own,
                name if declared(name) => Group::Own,
                _ => Group::Packages,
            }));
        } else if !line.starts_with("#[") && !line.starts_with("// ") {
            break;
        }
        if imports(&line) && !line.ends_with(';') {
            // The rest of an import on several lines.
            let _ = lines.by_ref().find(|line| line.ends_with(';'));
        }
    }
    while found.last() == Some(&None) {
        found.pop();
    }
    found
}

fn is_handed_on(line: &str) -> bool {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    first.starts_with("pub") && rest.starts_with("use ")
}

/// Are imports in this order, with an empty line between two groups and nowhere else?
fn in_order(source: &str) -> bool {
    let (mut before, mut parted) = (None, false);
    groups(source).into_iter().all(|group| {
        let Some(group) = group else { return !std::mem::replace(&mut parted, true) };
        let parted = std::mem::take(&mut parted);
        let before = before.replace(group);
        before.is_none_or(|before| if parted { before < group } else { before == group })
    })
}

/// Every Rust source of the repository.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() && !path.is_symlink() {
            if name != "target" && !name.starts_with('.') {
                found.extend(sources(&path));
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    found
}

fn wrong(is_right: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let root = repository::root();
    let files = sources(root);
    assert!(files.len() > 300, "where have the sources gone?");
    let wrong = files.into_iter().filter(|file| !is_right(&fs::read_to_string(file).unwrap()));
    wrong.map(|file| file.strip_prefix(root).unwrap().to_owned()).collect()
}

#[test]
fn imports_stand_in_one_order() {
    let wrong = wrong(in_order);
    assert!(wrong.is_empty(), "the standard library, other packages, our own, what is handed on: {wrong:#?}");
}

#[test]
fn no_source_is_long() {
    let wrong = wrong(|source| source.lines().count() <= LONGEST);
    assert!(wrong.is_empty(), "more than {LONGEST} lines: {wrong:#?}");
}

#[test]
fn another_order_is_seen() {
    let right = [
        "",
        "use std::fs;\n",
        "mod a;\n\nuse std::fs;\nuse std::io;\n\nuse log::info;\n\nuse a::A;\nuse crate::b;\n\npub use a::B;\n\nfn f() {}",
        "use std::{\n    fs, io,\n};\n\nuse super::x;\n",
        "use crate::a;\n\n/// Text.\nuse std::fs;",
    ];
    right.iter().for_each(|source| assert!(in_order(source), "{source}"));
    let wrong = [
        "use log::info;\n\nuse std::fs;\n",
        "use std::fs;\nuse log::info;\n",
        "use std::fs;\n\nuse std::io;\n",
        "use crate::a;\nuse std::fs;\n\nfn f() {}",
        "pub use crate::a;\n\nuse crate::b;\n",
        "mod a;\n\nuse a::A;\n\nuse log::info;\n",
    ];
    wrong.iter().for_each(|source| assert!(!in_order(source), "{source}"));
}
