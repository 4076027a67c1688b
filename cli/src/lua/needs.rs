//! What scripts ask of their surroundings: files by their names, and variables of the environment. Knows which functions of
//! Lua's library ask, and nothing of which files and variables exist.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::constants::Piece;
use super::tree::{Act, Expr, Program, Span, What};

/// The function that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Dofile,
    Loadfile,
    Require,
    Open,
    Lines,
    Getenv,
}

const ASKERS: [(Option<&str>, &str, By); 6] = [
    (None, "dofile", By::Dofile),
    (None, "loadfile", By::Loadfile),
    (None, "require", By::Require),
    (Some("io"), "open", By::Open),
    (Some("io"), "lines", By::Lines),
    (Some("os"), "getenv", By::Getenv),
];

/// Functions that catch the errors of the function that they get.
const CATCHING: [&str; 2] = ["pcall", "xpcall"];

/// One place where a script asks for a file or a variable.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) by: By,
    /// The name that the script asks for; none if the name is made at run time.
    pub(crate) name: Option<String>,
    /// The function around this place, by its number in the program.
    pub(crate) function: usize,
    /// Where the name is written.
    pub(crate) span: Span,
    /// The function is called there, and nothing catches an error: if nothing has this name, the script fails.
    pub(crate) certain: bool,
}

/// All files and variables that a program asks for.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) all: Vec<Need>,
    /// Patterns of `package.path` that scripts add, like `/etc/krakend/lua/?.lua`.
    pub(crate) paths: Vec<String>,
    /// A part of `package.path` is made at run time.
    pub(crate) unknown_path: bool,
    /// Modules may come from other places than files.
    pub(crate) own_modules: bool,
    /// Variables that scripts themselves set.
    pub(crate) set: BTreeSet<String>,
}

impl By {
    /// The name of the function, as scripts write it.
    pub(crate) fn name(self) -> String {
        let row = ASKERS.iter().find(|(_, _, by)| *by == self);
        row.map(|(library, name, _)| library.map_or_else(|| (*name).to_owned(), |library| format!("{library}.{name}")))
            .unwrap_or_default()
    }
}

impl Needs {
    /// Finds what a program asks for.
    pub(crate) fn of(program: &Program) -> Self {
        let mut needs = Self::default();
        for (number, function) in program.functions.iter().enumerate() {
            program.each(function, &mut |expr| needs.look(program, expr, number, function.shielded));
        }
        for act in program.acts() {
            if let Act::Assign(to, value) = act
                && to.global_field() == Some(("package", "path"))
            {
                needs.path(&value.as_ref().map_or_else(|| vec![Piece::Unknown], |value| program.pieces(value)));
            }
        }
        // A script may replace one of these functions. Then its own function decides which files it reads.
        let is_replaced = |by: By| {
            ASKERS.iter().any(|(library, name, asker)| {
                *asker == by
                    && program.acts().any(|act| match act {
                        Act::Assign(to, _) => match library {
                            None => to.global() == Some(name),
                            Some(library) => to.global() == Some(library) || to.global_field() == Some((library, name)),
                        },
                        _ => false,
                    })
            })
        };
        needs.all.retain(|need| !is_replaced(need.by));
        needs
            .all
            .sort_by_key(|need| (program.functions.get(need.function).map(|function| function.text), need.span.start));
        needs
    }

    fn look(&mut self, program: &Program, expr: &Rc<Expr>, function: usize, shielded: bool) {
        let (called, arguments) = match &expr.what {
            What::Call(of, arguments) => (program.library(of), arguments),
            What::Method(_, _, _, arguments) => (None, arguments),
            What::Field(_, name, _) if expr.global_field().is_some_and(|(library, _)| library == "package") => {
                self.own_modules |= matches!(name.as_str(), "preload" | "loaded" | "loaders");
                return;
            }
            _ => return,
        };
        if let Some(by) = called.and_then(asker) {
            self.add(program, by, arguments, function, !shielded);
        }
        if called == Some((Some("os"), "setenv"))
            && let Some(name) = arguments.first().and_then(|name| program.constant(name))
        {
            self.set.insert(name);
        }
        // `pcall(require, "x")`, and `try(require, "x")` with a function of the script's own.
        let caught = called.is_some_and(|(library, name)| library.is_none() && CATCHING.contains(&name));
        for (place, argument) in arguments.iter().enumerate() {
            let Some(by) = program.library(argument).and_then(asker) else { continue };
            let behind = arguments.get(place.saturating_add(1)..).unwrap_or_default();
            let literal = behind.first().is_some_and(|name| program.constant(name).is_some());
            if caught || literal {
                self.add(program, by, behind, function, false);
            }
        }
    }

    fn add(&mut self, program: &Program, by: By, arguments: &[Rc<Expr>], function: usize, certain: bool) {
        let Some(asked) = arguments.first() else { return };
        // A file that the script writes need not exist before.
        let mode = arguments.get(1).filter(|_| by == By::Open).and_then(|mode| program.constant(mode));
        if mode.is_some_and(|mode| !mode.starts_with('r') || mode.contains('+')) {
            return;
        }
        let name = program.constant(asked);
        if name.is_none() && !could_be_text(asked) {
            return;
        }
        self.all.push(Need { by, name, function, span: asked.span.clone(), certain });
    }

    fn path(&mut self, pieces: &[Piece]) {
        for (place, piece) in pieces.iter().enumerate() {
            let text = match piece {
                Piece::Text(text) => text,
                Piece::Path => continue,
                Piece::Unknown => {
                    self.unknown_path = true;
                    continue;
                }
            };
            let mut patterns: Vec<&str> = text.split(';').collect();
            // Beside a part that is made at run time, a pattern is known only up to a semicolon.
            let known = |other: Option<&Piece>| matches!(other, None | Some(Piece::Path));
            if !known(pieces.get(place.saturating_add(1))) {
                patterns.pop();
            }
            let before = place.checked_sub(1).and_then(|before| pieces.get(before));
            if !known(before) && !patterns.is_empty() {
                patterns.remove(0);
            }
            let new = patterns.into_iter().filter(|pattern| !pattern.is_empty());
            self.paths.extend(new.map(str::to_owned));
        }
    }
}

fn asker((library, name): (Option<&str>, &str)) -> Option<By> {
    ASKERS.iter().find(|(of, known, _)| *of == library && *known == name).map(|(_, _, by)| *by)
}

fn could_be_text(expr: &Expr) -> bool {
    !matches!(expr.what, What::Nil | What::Function(_) | What::Table(_))
}

#[cfg(test)]
mod tests {
    use super::super::{Lowering, parse};
    use super::*;

    fn needs(script: &str) -> Needs {
        let tree = parse(script).unwrap();
        let mut lowering = Lowering::default();
        lowering.chunk([(0, &tree)]);
        Needs::of(&lowering.finish())
    }

    fn shown(script: &str) -> Vec<String> {
        let show = |need: Need| {
            let name = need.name.map_or_else(|| "?".to_owned(), |name| format!("{name:?}"));
            format!("{} {name}{}", need.by.name(), if need.certain { "" } else { " perhaps" })
        };
        needs(script).all.into_iter().map(show).collect()
    }

    #[test]
    fn names_that_are_written_out_are_found() {
        let table: [(&str, &[&str]); 14] = [
            ("dofile('lua/a.lua')", &["dofile \"lua/a.lua\""]),
            ("local m = require 'a.b'", &["require \"a.b\""]),
            ("local f = loadfile(\"caf\\195\\169 \\\"x\\\".lua\")", &["loadfile \"café \\\"x\\\".lua\""]),
            ("local open = io.open; local f = open([[a\\b]], 'rb')", &["io.open \"a\\\\b\""]),
            ("for l in io.lines('x') do end", &["io.lines \"x\""]),
            ("local dir = 'lua/'; dofile(dir .. 'x' .. '.lua')", &["dofile \"lua/x.lua\""]),
            ("local ok, m = pcall(require, 'cjson')", &["require \"cjson\" perhaps"]),
            ("pcall(function() dofile('x') end)", &["dofile \"x\" perhaps"]),
            ("try('a', dofile, 'x')", &["dofile \"x\" perhaps"]),
            ("dofile(dir .. 'x')", &["dofile ?"]),
            ("dofile() dofile(nil) io.open('out', 'w') io.open('both', 'r+')", &[]),
            ("local function require(n) end require('x')", &[]),
            ("function dofile(n) end dofile('x')", &[]),
            ("return os.getenv('HOME') or os.getenv(name)", &["os.getenv \"HOME\"", "os.getenv ?"]),
        ];
        for (script, expected) in table {
            let mut found = shown(script);
            found.sort();
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn patterns_of_the_path_are_those_that_are_wholly_known() {
        let table: [(&str, &[&str], bool); 6] = [
            ("package.path = './lua/?.lua'", &["./lua/?.lua"], false),
            ("package.path = '/etc/krakend/?.lua;' .. package.path", &["/etc/krakend/?.lua"], false),
            ("package.path = package.path .. ';a/?.lua;b/?/init.lua'", &["a/?.lua", "b/?/init.lua"], false),
            ("package.path = dir .. '/?.lua;a/?.lua;' .. package.path", &["a/?.lua"], true),
            ("package.path = 'a/?.lua;b/' .. dir .. '/?.lua'", &["a/?.lua"], true),
            ("local p = 'a/?.lua'; package.path = p .. ';' .. package.path", &["a/?.lua"], false),
        ];
        for (script, expected, unknown) in table {
            let found = needs(script);
            assert_eq!(found.paths, expected, "{script}");
            assert_eq!(found.unknown_path, unknown, "{script}");
        }
    }

    #[test]
    fn modules_may_come_from_elsewhere() {
        assert!(needs("package.preload['x'] = f").own_modules);
        assert!(needs("package.loaded.x = {}").own_modules);
        assert!(!needs("package.path = 'x'").own_modules);
        assert_eq!(needs("os.setenv('A', '1')").set, BTreeSet::from(["A".to_owned()]));
    }
}
