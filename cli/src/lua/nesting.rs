//! Whether a text nests so deeply that no parser should follow it. Knows Lua's tokens, and nothing of how they belong together.

use full_moon::ast::LuaVersion;
use full_moon::tokenizer::{Lexer, LexerResult, Symbol, TokenType};

/// The largest depth of nested brackets and blocks. Lua's own compiler gives up at 200.
const DEEPEST: usize = 1000;
/// The largest number of operators in one expression: a parser nests them, too.
const LONGEST: usize = 10_000;

/// Whether the text nests too deeply.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut lexer = Lexer::new_lazy(text, LuaVersion::lua54());
    let (mut depth, mut operators) = (0_usize, 0_usize);
    while let Some(read) = lexer.process_next() {
        let (LexerResult::Ok(token) | LexerResult::Recovered(token, _)) = read else { return false };
        let symbol = match token.token_type() {
            TokenType::Symbol { symbol } => *symbol,
            TokenType::Eof => return false,
            _ => continue,
        };
        match symbol {
            Symbol::LeftParen | Symbol::LeftBrace | Symbol::LeftBracket => depth = depth.saturating_add(1),
            Symbol::RightParen | Symbol::RightBrace | Symbol::RightBracket => depth = depth.saturating_sub(1),
            Symbol::Do | Symbol::Then | Symbol::Function | Symbol::Repeat => {
                (depth, operators) = (depth.saturating_add(1), 0);
            }
            Symbol::End | Symbol::Until | Symbol::ElseIf => (depth, operators) = (depth.saturating_sub(1), 0),
            Symbol::Equal | Symbol::Semicolon | Symbol::Local | Symbol::Return => operators = 0,
            _ => operators = operators.saturating_add(1),
        }
        if depth > DEEPEST || operators > LONGEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_too_deep;

    #[test]
    fn deep_and_long_texts_are_told() {
        for (part, closing) in [("(", ")"), ("{", "}"), ("a[", "]"), ("do ", "end "), ("f(function() ", " end)")] {
            assert!(is_too_deep(&format!("x = {}1{}", part.repeat(2000), closing.repeat(2000))), "{part}");
            assert!(!is_too_deep(&format!("x = {}", format!("{part}{closing} ").repeat(2000))), "{part}");
        }
        for operator in [" + 1", " .. 'a'", " ^ 2", " and b"] {
            assert!(is_too_deep(&format!("x = 1{}", operator.repeat(20_000))), "{operator}");
        }
        assert!(is_too_deep(&format!("x = {} 1", "not ".repeat(20_000))));
        assert!(!is_too_deep(&"if a then b() elseif c then d() else e() end\n".repeat(5000)));
        assert!(!is_too_deep(&"local s = a .. b .. c; t = { f(s) }\n".repeat(5000)));
        assert!(!is_too_deep("x = [[((((]] -- ((((\n'(((("));
    }
}
