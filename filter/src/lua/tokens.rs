//! Cuts Lua source into tokens, as gopher-lua's scanner does. Every byte belongs to exactly one token, so that the tokens can
//! be joined to the same text again. Never fails: text that is not Lua becomes tokens, too, and the compiler refuses it.

/// The kind of a token, as far as the dialect needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or a keyword.
    Name,
    /// A numeral.
    Number,
    /// A string in quotes.
    Quoted,
    /// White space or a comment.
    Gap,
    /// Punctuation (`...` is one token), a string in long brackets, or a stray character.
    Other,
}

/// One token: its kind, where it begins, and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// The tokens of a source, in order.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    at: usize,
}

/// Cuts a source into tokens.
pub(super) fn tokens(source: &str) -> Tokens<'_> {
    Tokens { rest: source, at: 0 }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        let (kind, length) = measure(self.rest, first);
        // Lengths end on character boundaries; if one should not, the single character becomes the token.
        let (text, rest) = self
            .rest
            .split_at_checked(length.max(first.len_utf8()))
            .or_else(|| self.rest.split_at_checked(first.len_utf8()))?;
        let token = Token { kind, at: self.at, text };
        self.rest = rest;
        self.at = self.at.saturating_add(text.len());
        Some(token)
    }
}

fn measure(rest: &str, first: char) -> (Kind, usize) {
    let second = rest.as_bytes().get(1).copied().unwrap_or(0);
    match first {
        'a'..='z' | 'A'..='Z' | '_' => (Kind::Name, run(rest, is_name)),
        '0'..='9' => (Kind::Number, numeral(rest)),
        '.' if second.is_ascii_digit() => (Kind::Number, numeral(rest)),
        '.' if rest.starts_with("...") => (Kind::Other, 3),
        '.' if second == b'.' => (Kind::Other, 2),
        '"' | '\'' => (Kind::Quoted, quoted(rest, first)),
        '[' => (Kind::Other, long_bracket(rest).unwrap_or(1)),
        '-' if second == b'-' => {
            let body = rest.get(2..).unwrap_or("");
            let length = long_bracket(body).unwrap_or_else(|| run(body, |byte| byte != b'\n'));
            (Kind::Gap, length.saturating_add(2))
        }
        _ if first.is_ascii_whitespace() => (Kind::Gap, run(rest, |byte| byte.is_ascii_whitespace())),
        _ => (Kind::Other, first.len_utf8()),
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

/// The length of a numeral. It ends where its grammar ends (`10do` is two tokens), unlike in Lua 5.4.
fn numeral(text: &str) -> usize {
    let tail = |from: usize| text.get(from..).unwrap_or("");
    if text.starts_with("0x") || text.starts_with("0X") {
        let digits = run(tail(2), |byte| byte.is_ascii_hexdigit() || byte == b'.').saturating_add(2);
        return digits.saturating_add(exponent(tail(digits), b'p'));
    }
    let mut length = run(text, |byte| byte.is_ascii_digit());
    if tail(length).starts_with('.') {
        let fraction = run(tail(length.saturating_add(1)), |byte| byte.is_ascii_digit());
        length = length.saturating_add(1).saturating_add(fraction);
    }
    length.saturating_add(exponent(tail(length), b'e'))
}

fn exponent(text: &str, letter: u8) -> usize {
    let mut bytes = text.bytes();
    if bytes.next().is_none_or(|byte| byte.to_ascii_lowercase() != letter) {
        return 0;
    }
    let sign = usize::from(matches!(bytes.next(), Some(b'+' | b'-')));
    let digits = text.get(sign.saturating_add(1)..).unwrap_or("");
    run(digits, |byte| byte.is_ascii_digit()).saturating_add(sign).saturating_add(1)
}

/// The length of a string in quotes; an unfinished string ends with its line.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                if let Some((_, '\r')) = chars.next() {
                    chars.next_if(|(_, next)| *next == '\n');
                }
            }
            '\n' | '\r' => return at,
            _ if char == quote => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// The length of `[[...]]`, `[==[...]==]` and so on, if the text begins with such a string.
fn long_bracket(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let level = run(inner, |byte| byte == b'=');
    let body = inner.get(level..)?.strip_prefix('[')?;
    let close = format!("]{}]", "=".repeat(level));
    let opening = text.len().saturating_sub(body.len());
    Some(body.find(&close).map_or(text.len(), |at| opening.saturating_add(at).saturating_add(close.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str) -> Vec<(Kind, &str)> {
        let all: Vec<_> = tokens(source).collect();
        assert_eq!(all.iter().map(|token| token.text).collect::<String>(), source);
        all.iter().filter(|token| token.kind != Kind::Gap).map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn every_kind_of_token_is_found() {
        use Kind::{Name, Number, Other, Quoted};
        assert_eq!(
            cut("x=f(...)..[==[ ]] ]==]--[[ no ]]'a\\'b' 0x1F-1.5e-3 --end\n.5"),
            [
                (Name, "x"),
                (Other, "="),
                (Name, "f"),
                (Other, "("),
                (Other, "..."),
                (Other, ")"),
                (Other, ".."),
                (Other, "[==[ ]] ]==]"),
                (Quoted, "'a\\'b'"),
                (Number, "0x1F"),
                (Other, "-"),
                (Number, "1.5e-3"),
                (Number, ".5"),
            ]
        );
    }

    #[test]
    fn a_numeral_ends_where_its_grammar_ends() {
        assert_eq!(cut("10do"), [(Kind::Number, "10"), (Kind::Name, "do")]);
        assert_eq!(cut("0x1Fg"), [(Kind::Number, "0x1F"), (Kind::Name, "g")]);
    }

    #[test]
    fn what_is_no_lua_passes_through() {
        for source in ["'open", "\"a\\", "[[open", "--[==[open", "é§\u{0}", "0x", "5e", "'\\\r\n'", "[=", "'é\\é'"]
        {
            cut(source);
        }
    }
}
