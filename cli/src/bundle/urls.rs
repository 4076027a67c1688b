//! The URLs that a script spells out, as far as they tell a host. Reads Lua's tokens, not their meaning: any string that begins
//! like a URL counts, wherever it stands, for scripts keep addresses in variables. A URL that a script puts together at run
//! time is not found here; URLs in comments do not count.

use full_moon::ast::LuaVersion;
use full_moon::tokenizer::{Lexer, LexerResult, Token, TokenType};

/// The URLs in the strings of a script, in order.
pub(super) fn literal(script: &str) -> Vec<String> {
    strings(script).into_iter().filter(|text| is_url(text)).collect()
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

fn strings(script: &str) -> Vec<String> {
    let mut lexer = Lexer::new_lazy(script, LuaVersion::lua54());
    let mut found = Vec::new();
    // The module has already judged the text that the lexer does not like: KrakenD's dialect is wider. The rest is still read.
    while let Some(read) = lexer.process_next() {
        let (LexerResult::Ok(token) | LexerResult::Recovered(token, _)) = read else { continue };
        match text_of(&token) {
            Word::Text(text) => found.push(text),
            Word::End => break,
            Word::Other => {}
        }
    }
    found
}

enum Word {
    Text(String),
    Other,
    End,
}

fn text_of(token: &Token) -> Word {
    match token.token_type() {
        TokenType::StringLiteral { literal, .. } => Word::Text(literal.to_string()),
        TokenType::Eof => Word::End,
        _ => Word::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_in_strings_of_every_kind_and_not_in_comments() {
        let script = "-- see http://comment/\n--[[ 'http://long-comment/' ]]\n\
            local base = \"HTTP://base:8080\"\n\
            http_response.new('https://one/' .. id)\n\
            http_response.all{ {[[http://two/x]]}, {[==[http://three]==]} }\n\
            print('not http://this', '\\d', \"say \\\"http://quoted\\\"\")";
        assert_eq!(literal(script), ["HTTP://base:8080", "https://one/", "http://two/x", "http://three"]);
    }

    #[test]
    fn a_script_that_is_no_lua_is_read_as_far_as_it_goes() {
        assert_eq!(literal("local a = 'http://one/' $ ? f('http://two/')"), ["http://one/", "http://two/"]);
    }
}
