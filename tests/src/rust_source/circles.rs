//! Circles between the files of one folder, or between its folders: such code cannot be read before other code that needs it. A
//! name that a `mod.rs` hands on counts for the file that defines it. If a type's methods are in another file than the type,
//! calls of them count as uses of that file. Knows nothing of the code's purpose.

use std::collections::{BTreeMap, BTreeSet};

use super::{paths, paths_at, tokens, without_tests};

/// The sources of one crate, by the path of their module: `["data", "list"]`.
pub struct Sources {
    files: BTreeMap<Module, Source>,
}

type Module = Vec<String>;

struct Source {
    /// The file's path in the crate, without the extension: `["data", "mod"]`.
    rooms: Vec<String>,
    code: Vec<String>,
    /// The imports, by the name that the file uses.
    imports: BTreeMap<String, Module>,
}

/// Files or folders of one folder that need each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle {
    /// The folder, such as `data`; empty for the top of the crate.
    pub folder: String,
    /// The names of the files or folders: `list`, `table`.
    pub rooms: BTreeSet<String>,
    /// The uses that make the circle: `list -> table: Fields`.
    pub ties: BTreeSet<String>,
}

impl Sources {
    /// Reads sources, each with its path in the crate: `data/list.rs`.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sources = BTreeMap::new();
        for (path, text) in files {
            let rooms: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            let is_test = rooms.iter().any(|room| room == "tests");
            let mut module = rooms.clone();
            module.pop_if(|last| last == "mod" || last == "lib" && rooms.len() == 1);
            let (code, imports) = (without_tests(&tokens(text)), BTreeMap::new());
            if !is_test {
                sources.insert(module, Source { rooms, code, imports });
            }
        }
        let mut sources = Self { files: sources };
        let imports = sources.files.keys().map(|module| (module.clone(), sources.imports(module)));
        for (module, imports) in imports.collect::<Vec<_>>() {
            sources.files.entry(module).and_modify(|source| source.imports = imports);
        }
        sources
    }

    /// Every circle of the crate.
    pub fn circles(&self) -> Vec<Circle> {
        let ties = self.ties();
        let folders: BTreeSet<&[String]> = self.files.values().flat_map(|source| above(&source.rooms)).collect();
        let mut circles = Vec::new();
        for folder in folders {
            // Each tie that connects two rooms of this folder.
            let room = |rooms: &Vec<String>| rooms.strip_prefix(folder).and_then(|below| below.first().cloned());
            let here: BTreeSet<(String, String, &str)> = ties
                .iter()
                .filter_map(|(from, to, name)| Some((room(from)?, room(to)?, name.as_str())))
                .filter(|(from, to, _)| from != to)
                .collect();
            circles.extend(rings(&here).into_iter().map(|rooms| {
                Circle {
                    folder: folder.join("/"),
                    ties: here
                        .iter()
                        .filter(|(from, to, _)| rooms.contains(from) && rooms.contains(to))
                        .map(|(from, to, name)| format!("{from} -> {to}: {name}"))
                        .collect(),
                    rooms,
                }
            }));
        }
        circles
    }

    /// Every use of a name from another file: both files, and the name.
    fn ties(&self) -> BTreeSet<(Vec<String>, Vec<String>, String)> {
        let mut ties = BTreeSet::new();
        for (module, source) in &self.files {
            let mut tie = |to: &Source, name: &str| {
                ties.insert((source.rooms.clone(), to.rooms.clone(), name.to_owned()));
            };
            for path in paths(&source.code, |word| self.begins_path(module, word)) {
                if let Some(found) = self.absolute(module, &path.parts).and_then(|path| self.find(&path, 0)) {
                    tie(found, &path.name);
                }
            }
            for guest in self.files.values() {
                for (of, method) in guest_methods(&guest.code) {
                    let knows = source.code.contains(&of) && source.rooms != guest.rooms;
                    if knows && calls(&source.code, &method) {
                        tie(guest, &method);
                    }
                }
            }
        }
        ties
    }

    /// Is this the first word of a path inside the crate?
    fn begins_path(&self, module: &Module, word: &str) -> bool {
        matches!(word, "crate" | "super" | "self") || self.files.contains_key(&below(module, word))
    }

    /// The imports of a file. `use` may also begin with a module that the file itself declares.
    fn imports(&self, module: &Module) -> BTreeMap<String, Module> {
        let code = &self.files[module].code;
        let uses = (0..code.len()).filter(|at| code[*at] == "use");
        let named = uses.flat_map(|at| paths_at(code, at + 1));
        let inside = named.filter(|path| path.parts.first().is_some_and(|word| self.begins_path(module, word)));
        inside.filter_map(|path| Some((path.name, self.absolute(module, &path.parts)?))).collect()
    }

    /// Turns a path in a file into a path from the top of the crate.
    fn absolute(&self, module: &Module, parts: &[String]) -> Option<Module> {
        let mut path = match parts.first()?.as_str() {
            "crate" => Vec::new(),
            "super" | "self" => module.clone(),
            declared => below(module, declared),
        };
        let is_super = |part: &&String| *part == "super";
        for _ in parts.iter().take_while(is_super) {
            path.pop()?;
        }
        path.extend(parts.iter().skip(1).skip_while(is_super).cloned());
        Some(path)
    }

    /// The file that defines the name at the end of a path, even if other files hand the name on.
    fn find(&self, path: &[String], hops: usize) -> Option<&Source> {
        let (mut module, mut rest) = (Vec::new(), path);
        while let Some((next, behind)) = rest.split_first() {
            let deeper = below(&module, next);
            if !self.files.contains_key(&deeper) {
                break;
            }
            (module, rest) = (deeper, behind);
        }
        let source = self.files.get(&module)?;
        match rest.first().and_then(|name| source.imports.get(name)) {
            Some(import) if hops < 8 => {
                let further = [import.as_slice(), &rest[1..]].concat();
                self.find(&further, hops + 1)
            }
            _ => Some(source),
        }
    }
}

fn below(module: &[String], name: &str) -> Module {
    [module, &[name.to_owned()]].concat()
}

/// The folders that contain a file, from the top.
fn above(rooms: &[String]) -> impl Iterator<Item = &[String]> {
    (0..rooms.len()).map(|depth| &rooms[..depth])
}

/// Methods of types that are defined in other files, each with its type.
fn guest_methods(code: &[String]) -> Vec<(String, String)> {
    let word = |at: usize| code.get(at).map_or("", String::as_str);
    let is_own = |name: &str| {
        code.windows(2).any(|pair| matches!(pair[0].as_str(), "struct" | "enum" | "union" | "trait") && pair[1] == name)
    };
    let mut methods = Vec::new();
    for at in (0..code.len()).filter(|at| word(*at) == "impl" && (*at == 0 || matches!(word(at - 1), "}" | ";" | "]")))
    {
        let Some(open) = (at..code.len()).find(|at| word(*at) == "{") else { continue };
        let (head, mut angles) = (&code[at + 1..open], 0);
        if head.iter().any(|token| token == "for") {
            continue;
        }
        let outside = head.iter().filter(|token| {
            angles += i32::from(*token == "<");
            let is_outside = angles == 0;
            angles -= i32::from(*token == ">");
            is_outside
        });
        let Some(name) = outside.take_while(|token| *token != "where").last() else { continue };
        if is_own(name) {
            continue;
        }
        let mut depth = 0;
        for at in open..code.len() {
            depth += match word(at) {
                "{" => 1,
                "}" => -1,
                _ => 0,
            };
            if depth == 0 {
                break;
            }
            if depth == 1 && word(at) == "fn" {
                methods.push((name.clone(), word(at + 1).to_owned()));
            }
        }
    }
    methods
}

fn calls(code: &[String], method: &str) -> bool {
    code.windows(3).any(|three| match [&three[0], &three[1], &three[2]].map(String::as_str) {
        [".", name, "(" | ":"] | [":", ":", name] => name == method,
        _ => false,
    })
}

/// The sets of rooms in which every room leads to every other.
fn rings(ties: &BTreeSet<(String, String, &str)>) -> BTreeSet<BTreeSet<String>> {
    let reached = |start: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(room) = open.pop() {
            let next = ties.iter().filter(|(from, _, _)| *from == room).map(|(_, to, _)| to.clone());
            open.extend(next.filter(|to| seen.insert(to.clone())));
        }
        seen
    };
    let reach: BTreeMap<String, BTreeSet<String>> =
        ties.iter().map(|(from, _, _)| (from.clone(), reached(from))).collect();
    let ring = |(room, to): (&String, &BTreeSet<String>)| {
        to.contains(room)
            .then(|| to.iter().filter(|other| reach.get(*other).is_some_and(|to| to.contains(room))).cloned().collect())
    };
    reach.iter().filter_map(ring).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let line = |circle: Circle| {
            let ties: Vec<String> = circle.ties.into_iter().collect();
            format!("{} [{}]", circle.folder, ties.join(", "))
        };
        Sources::new(files.iter().copied()).circles().into_iter().map(line).collect()
    }

    #[test]
    fn files_that_name_each_other_are_a_circle_however_they_do_it() {
        let face = ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;");
        for (b, c) in [
            ("use super::c::C; struct B;", "use crate::a::b::{self, B}; struct C;"),
            ("use super::C; struct B;", "struct C; fn f(b: super::B) {}"),
            ("struct B; fn f(c: crate::a::C) {}", "use crate::{a::B as D, x::Y}; struct C;"),
        ] {
            let rooms = |circle: &Circle| Vec::from_iter(circle.rooms.clone());
            let sources = Sources::new([face, ("a/b.rs", b), ("a/c.rs", c)]);
            assert_eq!(sources.circles().iter().map(rooms).collect::<Vec<_>>(), [["b", "c"]], "{b} {c}");
        }
    }

    #[test]
    fn what_a_mod_rs_defines_and_its_files_need_is_a_circle() {
        let found = circles(&[("a/mod.rs", "mod b; pub use b::B; struct A;"), ("a/b.rs", "struct B(super::A);")]);
        assert_eq!(found, ["a [b -> mod: A, mod -> b: B]"]);
    }

    #[test]
    fn folders_of_one_folder_are_rooms_like_files() {
        let found = circles(&[
            ("p/mod.rs", "mod legs; mod waits; mod exchange;"),
            ("p/exchange.rs", "use super::legs::Leg;"),
            ("p/legs/mod.rs", "mod leg; pub(super) use leg::Leg;"),
            ("p/legs/leg.rs", "use super::super::waits::Wait; pub struct Leg;"),
            ("p/waits/mod.rs", "mod wait; pub(super) use wait::Wait;"),
            ("p/waits/wait.rs", "use crate::p::legs::Leg; pub struct Wait;"),
        ]);
        assert_eq!(found, ["p [legs -> waits: Wait, waits -> legs: Leg]"]);
    }

    #[test]
    fn methods_that_stand_in_another_file_than_their_type_tie_those_who_call_them() {
        let found = circles(&[
            ("e/mod.rs", "mod exchange; mod legs;"),
            ("e/exchange.rs", "struct Exchange; impl Exchange { fn handle(&mut self) { self.fork() } }"),
            ("e/legs.rs", "use super::exchange::Exchange; impl Exchange { pub fn fork(&mut self) {} }"),
        ]);
        assert_eq!(found, ["e [exchange -> legs: fork, legs -> exchange: Exchange]"]);
    }

    #[test]
    fn a_house_without_circles_has_none() {
        let found = circles(&[
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B; use c::C;"),
            ("a/b.rs", "use super::C; use crate::b::X; struct B; impl Drop for C { fn f() {} } // use super::c"),
            ("a/c.rs", "struct C; #[cfg(test)] mod tests { use super::super::B; fn t() { B.f() } }"),
            ("a/tests/mod.rs", "use super::{B, C};"),
            ("b.rs", "struct X;"),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }
}
