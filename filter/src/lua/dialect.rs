//! The language of KrakenD's scripts (Lua 5.1 as gopher-lua reads it), rewritten for the compiler of Lua 5.4. Only code that
//! 5.4 would refuse or read in another way is changed; lines stay where they are. Knows no VM.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::tokens::{Kind, Token, tokens};

/// A source, rewritten for Lua 5.4.
#[derive(Debug)]
pub(super) struct Translation<'a> {
    code: Cow<'a, str>,
    pack: String,
}

impl<'a> Translation<'a> {
    /// Rewrites a source. Never fails: text that is not Lua stays as it is, and the compiler refuses it.
    pub(super) fn of(source: &'a str) -> Self {
        let pack = unused_name(source);
        let edits = edits(source, &pack);
        let code = if edits.is_empty() { Cow::Borrowed(source) } else { Cow::Owned(apply(source, edits)) };
        Translation { code, pack }
    }

    /// The source as a chunk of its own. Compile this first: only a chunk that compiles alone may be wrapped.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// A chunk that returns a maker: `maker(environment, table.pack)` gives the source as a function with that environment. The
    /// wrapper begins on the first line of the source, so that line numbers stay the same.
    pub(super) fn wrapped(&self) -> String {
        format!("return function(_ENV,{})return function(...){}\nend end", self.pack, self.code)
    }
}

/// The identifiers and keywords that a source mentions, without those that only name a field: `load` in `ctx.load()`.
pub(super) fn names(source: &str) -> BTreeSet<&str> {
    let mut before = "";
    let mut found = BTreeSet::new();
    for token in tokens(source).filter(|token| token.kind != Kind::Gap) {
        if token.kind == Kind::Name && !matches!(before, "." | ":") {
            found.insert(token.text);
        }
        before = token.text;
    }
    found
}

/// The most levels of nested blocks. Lua refuses more than 200; without a limit here, hostile text would take quadratic time.
const DEEPEST: usize = 250;

/// A replacement of some bytes of the source.
struct Rewrite<'a> {
    at: usize,
    length: usize,
    text: Cow<'a, str>,
}

/// The facts known about a block that is still open.
#[derive(Default)]
struct Block {
    /// The place behind the parameters, if this is a function with `...` and without a parameter called `arg`.
    vararg_body: Option<usize>,
    is_function: bool,
    mentions_arg: bool,
    uses_dots: bool,
}

/// The scanner's place in a function's head: before the parenthesis, or in the parameters.
enum Head {
    Name,
    Parameters { dots: bool, arg: bool },
}

fn edits<'a>(source: &'a str, pack: &'a str) -> Vec<Rewrite<'a>> {
    let mut edits = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut head: Option<Head> = None;
    let mut before: Option<Token<'_>> = None;
    for token in tokens(source) {
        if blocks.len() > DEEPEST {
            return Vec::new();
        }
        if token.kind == Kind::Gap {
            before = before.filter(|token| token.kind != Kind::Number);
            continue;
        }
        match (token.kind, &mut head) {
            (Kind::Quoted, _) => edits.extend(unescaped(token)),
            (Kind::Other, Some(Head::Name)) if token.text == "(" => {
                head = Some(Head::Parameters { dots: false, arg: false });
            }
            (_, Some(Head::Parameters { dots, .. })) if token.text == "..." => *dots = true,
            (_, Some(Head::Parameters { arg, .. })) if token.text == "arg" => *arg = true,
            (_, Some(Head::Parameters { dots, arg })) if token.text == ")" => {
                let end = token.at.saturating_add(1);
                blocks.push(Block {
                    vararg_body: (*dots && !*arg).then_some(end),
                    is_function: true,
                    ..Block::default()
                });
                head = None;
            }
            (Kind::Other, None) if token.text == "..." => {
                if let Some(function) = blocks.iter_mut().rev().find(|block| block.is_function) {
                    function.uses_dots = true;
                }
            }
            (Kind::Name, None) => {
                // 5.4 needs a gap behind a numeral: `for i = 1, 10do`.
                if before.is_some_and(|before| before.kind == Kind::Number && !before.text.ends_with(['e', 'E'])) {
                    edits.push(Rewrite { at: token.at, length: 0, text: Cow::Borrowed(" ") });
                }
                let is_field = before.is_some_and(|before| matches!(before.text, "." | ":"));
                match token.text {
                    "function" => head = Some(Head::Name),
                    "do" | "if" | "repeat" => blocks.push(Block::default()),
                    "end" | "until" => edits.extend(blocks.pop().and_then(|block| arg_table(&block, pack))),
                    "arg" if !is_field => {
                        if let Some(function) = blocks.iter_mut().rev().find(|block| block.vararg_body.is_some()) {
                            function.mentions_arg = true;
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        before = Some(token);
    }
    edits.sort_by_key(|edit| edit.at);
    edits
}

/// gopher-lua gives functions with `...` a local table `arg`, as Lua 5.0 did; in functions that also use `...`, `arg` is nil.
fn arg_table<'a>(block: &Block, pack: &str) -> Option<Rewrite<'a>> {
    let at = block.vararg_body.filter(|_| block.mentions_arg)?;
    let text = if block.uses_dots { " local arg ".to_owned() } else { format!(" local arg={pack}(...) ") };
    Some(Rewrite { at, length: 0, text: Cow::Owned(text) })
}

/// Rewrites escapes as gopher-lua reads them: an unknown escape is the character itself (`'a\.b'`, and also `'\x'`, which only
/// later versions know), and character codes wrap at 256.
fn unescaped(token: Token<'_>) -> Option<Rewrite<'_>> {
    let mut text = String::new();
    let mut changed = false;
    let mut rest = token.text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let digits: String = escape.chars().take(3).take_while(char::is_ascii_digit).collect();
        let mut behind = escape.chars();
        match behind.next() {
            Some('0'..='9') => {
                let code = digits.parse::<u16>().unwrap_or(0);
                changed |= code > 255;
                text.push_str(&format!("\\{:03}", code % 256));
                behind = escape.get(digits.len()..).unwrap_or("").chars();
            }
            Some(char @ ('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' | '"' | '\'' | '\n' | '\r')) => {
                text.push('\\');
                text.push(char);
            }
            Some(char) => {
                changed = true;
                text.push(char);
            }
            None => text.push('\\'),
        }
        rest = behind.as_str();
    }
    text.push_str(rest);
    changed.then_some(Rewrite { at: token.at, length: token.text.len(), text: Cow::Owned(text) })
}

fn apply(source: &str, edits: Vec<Rewrite<'_>>) -> String {
    let mut text = String::with_capacity(source.len().saturating_add(64));
    let mut from = 0;
    for edit in edits {
        text.push_str(source.get(from..edit.at).unwrap_or(""));
        text.push_str(&edit.text);
        from = edit.at.saturating_add(edit.length);
    }
    text.push_str(source.get(from..).unwrap_or(""));
    text
}

/// A name that the source does not mention, so that no script can reach or hide its value.
fn unused_name(source: &str) -> String {
    let taken: BTreeSet<u32> = tokens(source)
        .filter(|token| token.kind == Kind::Name)
        .filter_map(|token| token.text.strip_prefix("__pack")?.parse().ok())
        .collect();
    let free = (0..).find(|number| !taken.contains(number)).unwrap_or(u32::MAX);
    format!("__pack{free}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(source: &str) -> String {
        Translation::of(source).code().to_owned()
    }

    #[test]
    fn plain_lua_is_not_copied() {
        let source = "local t = {...} -- it's \\d\nreturn 'a\\n\\065' .. [[\\d]]";
        assert!(matches!(Translation::of(source).code, Cow::Borrowed(_)));
    }

    #[test]
    fn unknown_escapes_lose_their_backslash() {
        assert_eq!(translated(r"x = 'a\.b\d\\'"), r"x = 'a.bd\\'");
        assert_eq!(translated(r#"x = "\x41\z\u{e9}\é""#), r#"x = "x41zu{e9}é""#);
        assert_eq!(translated(r"x = '\300\065'"), r"x = '\044\065'");
        assert_eq!(translated("x = '\\d\\\n'"), "x = 'd\\\n'");
    }

    #[test]
    fn functions_that_mention_arg_get_it() {
        assert_eq!(
            translated("function f(a, ...)return arg.n end"),
            "function f(a, ...) local arg=__pack0(...) return arg.n end"
        );
        assert_eq!(
            translated("f = function(...) if x then for i=1,2 do g(function() return arg end) end end end"),
            "f = function(...) local arg=__pack0(...)  if x then for i=1,2 do g(function() return arg end) end end end"
        );
    }

    #[test]
    fn arg_is_nil_where_the_dots_are_used() {
        assert_eq!(translated("function f(...) return arg, ... end"), "function f(...) local arg  return arg, ... end");
        let inner = "function f(...) local a = arg; return function(...) return ... end end";
        assert!(translated(inner).starts_with("function f(...) local arg=__pack0(...) "));
    }

    #[test]
    fn arg_elsewhere_is_an_ordinary_name() {
        for source in [
            "print(arg)",
            "function f(arg, ...) return arg end",
            "function f(...) return t.arg end",
            "function f() return arg end",
            "function f(...) return ... end print(arg)",
            "repeat local x = arg until true",
        ] {
            assert_eq!(translated(source), source);
        }
    }

    #[test]
    fn a_numeral_may_touch_a_keyword() {
        assert_eq!(translated("for i=1,10do end"), "for i=1,10 do end");
        assert_eq!(translated("if x==5then end"), "if x==5 then end");
        assert_eq!(translated("x = 0x1F y = 5 z = 1"), "x = 0x1F y = 5 z = 1");
    }

    #[test]
    fn the_name_of_the_helper_is_one_that_the_source_lacks() {
        let text = Translation::of("__pack0 = 1; function f(...) return arg end").wrapped();
        assert!(text.starts_with("return function(_ENV,__pack1)return function(...)__pack0 = 1;"), "{text}");
        assert!(text.contains("local arg=__pack1(...)"), "{text}");
    }

    #[test]
    fn lines_stay_where_they_are() {
        let source = "local a = '\\d'\nfunction f(...)\n  return arg\nend\n";
        assert_eq!(translated(source).lines().count(), source.lines().count());
    }

    #[test]
    fn blocks_without_end_take_no_time() {
        let source = format!("function f(...) {} {} end", "do ".repeat(100_000), "arg ".repeat(100_000));
        assert_eq!(translated(&source), source);
    }

    #[test]
    fn nonsense_passes_through() {
        for source in ["end end until", "function", "function f(", "function f(...", "'\\", "((((", "function(...) arg"]
        {
            translated(source);
        }
    }
}
