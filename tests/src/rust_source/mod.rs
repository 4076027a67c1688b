//! Rust source as the layer test reads it: tokens without comments and texts, and the first parts of paths. It is not a parser,
//! but it shows which code names which.

pub mod circles;

/// Identifiers and single signs of the code; comments, strings and characters are left out.
pub fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        let word = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        if rest.starts_with(&['/', '/']) {
            at += rest.iter().take_while(|c| **c != '\n').count();
        } else if rest.starts_with(&['/', '*']) {
            at += block_comment(rest);
        } else if let Some(length) = raw_string(rest) {
            at += length;
        } else if rest[0] == '"' {
            at += quoted(rest, '"');
        } else if rest[0] == '\'' && (rest.get(2) == Some(&'\'') || rest.get(1) == Some(&'\\')) {
            at += quoted(rest, '\'');
        } else if word > 0 {
            tokens.push(rest[..word].iter().collect());
            at += word;
        } else {
            if !rest[0].is_whitespace() {
                tokens.push(rest[0].to_string());
            }
            at += 1;
        }
    }
    tokens
}

fn block_comment(text: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn raw_string(text: &[char]) -> Option<usize> {
    let prefix = text.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count();
    if prefix == 0 || prefix > 2 || text[prefix - 1] != 'r' {
        return None;
    }
    let hashes = text[prefix..].iter().take_while(|c| **c == '#').count();
    let begin = prefix + hashes;
    if text.get(begin) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = &text[begin + 1..];
    let length =
        body.windows(end.len()).position(|window| *window == *end).map_or(body.len(), |found| found + end.len());
    Some(begin + 1 + length)
}

fn quoted(text: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The code without its tests: items after `#[cfg(test)]` are left out.
pub fn without_tests(tokens: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if tokens[at..].starts_with(&MARK.map(str::to_owned)) {
            at += MARK.len();
            at += item(&tokens[at..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The length of the item that begins here: up to its `;`, or to the end of its braces.
fn item(tokens: &[String]) -> usize {
    let (mut depth, mut is_use) = (0, false);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "use" if depth == 0 => is_use = true,
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && (token == ";" || token == "}" && !is_use) {
            return at + 1;
        }
    }
    tokens.len()
}

/// A path in the code, and the name that the code uses for its end (with `use a::b as c`, that is `c`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// The parts: `super`, `list`, `List`.
    pub parts: Vec<String>,
    /// The name, such as `c`; `*` for a glob.
    pub name: String,
}

/// The path that begins here, or each path of its group.
pub fn paths_at(tokens: &[String], at: usize) -> Vec<NamedPath> {
    let mut found = Vec::new();
    read_path(tokens, at, &[], &mut found);
    found
}

fn read_path(tokens: &[String], mut at: usize, before: &[String], found: &mut Vec<NamedPath>) -> usize {
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    if token(at) == "{" {
        at += 1;
        while !matches!(token(at), "}" | "") {
            at = read_path(tokens, at, before, found);
            at += usize::from(token(at) == ",");
        }
        return at + 1;
    }
    let mut parts = before.to_vec();
    // `a::{self}` means `a`.
    if token(at) != "self" || before.is_empty() {
        parts.push(token(at).to_owned());
    }
    at += 1;
    let goes_on = is_path(tokens, at - 1) && token(at + 2) != "<";
    if goes_on {
        return read_path(tokens, at + 2, &parts, found);
    }
    let renamed = (token(at) == "as").then(|| token(at + 1).to_owned());
    at += if renamed.is_some() { 2 } else { 0 };
    let name = renamed.or_else(|| parts.last().cloned()).unwrap_or_default();
    found.push(NamedPath { parts, name });
    at
}

/// All paths in the code whose first word `begins` accepts.
pub fn paths(tokens: &[String], begins: impl Fn(&str) -> bool) -> Vec<NamedPath> {
    let starts = |at: &usize| begins(&tokens[*at]) && is_path(tokens, *at) && !behind_path(tokens, *at);
    (0..tokens.len()).filter(starts).flat_map(|at| paths_at(tokens, at)).collect()
}

/// The top modules of the crate that a source names, either by `crate::` or by climbing with `super::`.
///
/// `depth` is the number of modules above the code in the file: 1 for `folder/mod.rs`, 2 for `folder/file.rs`. `*` stands for a
/// glob of the whole crate.
pub fn own_modules(tokens: &[String], depth: usize) -> Vec<String> {
    let mut named = Vec::new();
    let mut braces = Vec::new(); // for each open brace: does it belong to a module?
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => braces.push(at >= 2 && tokens[at - 2] == "mod"),
            "}" => drop(braces.pop()),
            "crate" if is_path(tokens, at) => named.extend(named_behind(&tokens[at + 3..])),
            "super" if is_path(tokens, at) && !behind_path(tokens, at) => {
                let climbs = tokens[at..].chunks(3).take_while(|chunk| chunk[0] == "super").count();
                if climbs == depth + braces.iter().filter(|module| **module).count() {
                    named.extend(named_behind(tokens.get(at + 3 * climbs..).unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    named
}

/// The crates among `known` that a source names.
pub fn crates<'k>(tokens: &[String], known: &[&'k str]) -> Vec<&'k str> {
    let used = |name: &&&str| {
        let names = |(at, token): (usize, &String)| {
            let begins_use = at > 0 && matches!(tokens[at - 1].as_str(), "use" | "crate");
            token == *name && !behind_path(tokens, at) && (is_path(tokens, at) || begins_use)
        };
        tokens.iter().enumerate().any(names)
    };
    known.iter().filter(used).copied().collect()
}

fn is_path(tokens: &[String], at: usize) -> bool {
    tokens.get(at + 1..at + 3).is_some_and(|next| next == [":", ":"])
}

fn behind_path(tokens: &[String], at: usize) -> bool {
    at >= 2 && tokens[at - 2..at] == [":", ":"]
}

/// The first names of a path, or of each path in a group.
fn named_behind(tokens: &[String]) -> Vec<String> {
    if tokens.first().is_none_or(|token| token != "{") {
        return tokens.first().cloned().into_iter().collect();
    }
    let (mut depth, mut begins, mut named) = (0, false, Vec::new());
    for token in tokens {
        match token.as_str() {
            "{" => (depth, begins) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => begins = depth == 1,
            name if begins => {
                named.push(name.to_owned());
                begins = false;
            }
            _ => {}
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_not_code() {
        let source = "a /* crate::b /* c */ d */ \"crate::e\\\"\" r#\"f\"g\"# 'h' '\\'' <'i> // crate::j\nk";
        assert_eq!(tokens(source), ["a", "<", "'", "i", ">", "k"]);
    }

    #[test]
    fn modules_are_found_however_they_are_named() {
        let named = |source: &str, depth| own_modules(&tokens(source), depth);
        assert_eq!(named("use crate::http::{Headers, Method};", 2), ["http"]);
        assert_eq!(
            named("use crate::{config::{A, B}, lua, data as d}; fn f(x: crate::edge::E) {}", 2),
            ["config", "lua", "data", "edge"]
        );
        assert_eq!(named("pub(crate) struct S; use crate::*;", 2), ["*"]);
        assert_eq!(named("use super::lua; use super::super::edge::X;", 2), ["edge"]);
        assert_eq!(named("use super::{lua, data};", 1), ["lua", "data"]);
        assert_eq!(named("mod tests { use super::*; use super::super::edge; }", 1), ["edge"]);
    }

    #[test]
    fn tests_are_left_out() {
        let source = "#[cfg(test)] mod numbers; a #[cfg(test)] #[allow(x)] mod tests { fn f() { b } } c \
            #[cfg(test)] use d::{e, f}; g #[cfg(test)] fn h(i: [u8; 2]) -> j { k } l";
        assert_eq!(without_tests(&tokens(source)), ["a", "c", "g", "l"]);
    }

    #[test]
    fn paths_are_read_through_groups_and_new_names() {
        let read = |source: &str| {
            let paths = paths(&tokens(source), |word| matches!(word, "crate" | "super"));
            paths.into_iter().map(|path| format!("{} {}", path.parts.join("::"), path.name)).collect::<Vec<_>>()
        };
        assert_eq!(
            read("pub use super::list::{self, List as L, a::{b, c}};"),
            ["super::list list", "super::list::List L", "super::list::a::b b", "super::list::a::c c"]
        );
        assert_eq!(
            read("fn f(x: crate::a::B<u8>) { super::super::g::<X>(x) }"),
            ["crate::a::B B", "super::super::g g"]
        );
        assert_eq!(read("use crate::a::*; std::super_x::y; pub(super) fn f()"), ["crate::a::* *"]);
    }

    #[test]
    fn crates_are_found_in_paths_and_uses() {
        let used = |source: &str| crates(&tokens(source), &["mlua", "log"]);
        assert_eq!(used("use mlua; log::info!()"), ["mlua", "log"]);
        assert_eq!(used("fn f(log: u8) -> self::mlua::X { log }"), Vec::<&str>::new());
        assert_eq!(used("extern crate mlua;"), ["mlua"]);
    }
}
