//! Cuts a template's text into tokens, one at a time. Source: Go's text/template/parse/lex.go; the lexer handles trim markers,
//! and later steps do not see them.

use std::borrow::Cow;

use super::token::{Kind, Token, Word};
use crate::text::{is_printable, quote};

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];
/// A trim marker: a minus and the space beside it.
const MARKER: usize = 2;

pub(super) struct Lexer<'t> {
    input: &'t str,
    /// Where the token begins.
    start: usize,
    /// How far the input has been read.
    at: usize,
    inside_action: bool,
    parentheses: usize,
    failed: bool,
    /// A place and its line: counting lines continues from there.
    counted: (usize, usize),
}

type Lexed<'t> = Result<Token<'t>, String>;

impl<'t> Lexer<'t> {
    pub(super) fn new(input: &'t str) -> Self {
        Self { input, start: 0, at: 0, inside_action: false, parentheses: 0, failed: false, counted: (0, 1) }
    }

    /// The next token. After an error, only the end follows.
    pub(super) fn next(&mut self) -> Token<'t> {
        if self.failed {
            return self.token_of(Kind::Eof, "EOF");
        }
        let lexed = if self.inside_action { self.action() } else { self.text() };
        lexed.unwrap_or_else(|message| {
            self.failed = true;
            Token { kind: Kind::Error, text: Cow::Owned(message), at: self.start, line: self.line_of_start() }
        })
    }

    fn rest(&self) -> &'t str {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn pending(&self) -> &'t str {
        self.input.get(self.start..self.at).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let accepted = self.peek().is_some_and(|next| valid.contains(next));
        if accepted {
            self.advance();
        }
        accepted
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn line_of_start(&mut self) -> usize {
        let (counted, line) = self.counted;
        let between = self.input.as_bytes().get(counted..self.start).unwrap_or_default();
        self.counted = (self.start, line + between.iter().filter(|byte| **byte == b'\n').count());
        self.counted.1
    }

    fn token_of(&mut self, kind: Kind, text: &'t str) -> Token<'t> {
        let token = Token { kind, text: Cow::Borrowed(text), at: self.start, line: self.line_of_start() };
        self.start = self.at;
        token
    }

    fn token(&mut self, kind: Kind) -> Token<'t> {
        self.token_of(kind, self.pending())
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
        self.start = self.at;
    }

    /// Reads the text outside actions, up to the next action.
    fn text(&mut self) -> Lexed<'t> {
        loop {
            let Some(length) = self.rest().find(LEFT) else {
                self.at = self.input.len();
                let is_text = self.at > self.start;
                return Ok(if is_text { self.token(Kind::Text) } else { self.token_of(Kind::Eof, "EOF") });
            };
            let (text, action) = self.rest().split_at(length);
            let trimmed = if has_left_marker(action.get(LEFT.len()..).unwrap_or_default()) {
                length - text.trim_end_matches(SPACES).len()
            } else {
                0
            };
            self.at += length - trimmed;
            let token = (length > trimmed).then(|| self.token(Kind::Text));
            self.skip(trimmed);
            if let Some(token) = token {
                return Ok(token);
            }
            if let Some(token) = self.left_delimiter()? {
                return Ok(token);
            }
        }
    }

    /// A delimiter; `None` if it belonged to a comment.
    fn left_delimiter(&mut self) -> Result<Option<Token<'t>>, String> {
        self.at += LEFT.len();
        let marker = if has_left_marker(self.rest()) { MARKER } else { 0 };
        if self.rest().get(marker..).unwrap_or_default().starts_with("/*") {
            self.skip(marker);
            self.comment()?;
            return Ok(None);
        }
        let token = self.token(Kind::LeftDelimiter);
        self.inside_action = true;
        self.skip(marker);
        self.parentheses = 0;
        Ok(Some(token))
    }

    fn comment(&mut self) -> Result<(), String> {
        let end = self.rest().get(2..).and_then(|text| text.find("*/")).ok_or("unclosed comment")?;
        self.at += 2 + end + 2;
        let (delimiter, trims) = self.at_right_delimiter();
        if !delimiter {
            return Err("comment ends before closing delimiter".to_owned());
        }
        self.at += if trims { MARKER } else { 0 } + RIGHT.len();
        self.skip(if trims { left_spaces(self.rest()) } else { 0 });
        Ok(())
    }

    /// Is there a right delimiter here, and does it trim the text after it?
    fn at_right_delimiter(&self) -> (bool, bool) {
        let rest = self.rest();
        if has_right_marker(rest) && rest.get(MARKER..).unwrap_or_default().starts_with(RIGHT) {
            return (true, true);
        }
        (rest.starts_with(RIGHT), false)
    }

    fn right_delimiter(&mut self, trims: bool) -> Token<'t> {
        if trims {
            self.skip(MARKER);
        }
        self.at += RIGHT.len();
        let token = self.token(Kind::RightDelimiter);
        if trims {
            self.skip(left_spaces(self.rest()));
        }
        self.inside_action = false;
        token
    }

    fn action(&mut self) -> Lexed<'t> {
        if let (true, trims) = self.at_right_delimiter() {
            if self.parentheses > 0 {
                return Err("unclosed left paren".to_owned());
            }
            return Ok(self.right_delimiter(trims));
        }
        let Some(next) = self.peek() else { return Err("unclosed action".to_owned()) };
        if SPACES.contains(&next) {
            return Ok(self.space());
        }
        if matches!(next, '+' | '-' | '0'..='9') {
            return self.number();
        }
        if is_alphanumeric(next) {
            return self.identifier();
        }
        self.advance();
        match next {
            '=' => Ok(self.token(Kind::Assign)),
            ':' if self.accept("=") => Ok(self.token(Kind::Declare)),
            ':' => Err("expected :=".to_owned()),
            '|' => Ok(self.token(Kind::Pipe)),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => self.quoted('\'', Kind::CharacterConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.name(Kind::Variable, Kind::Variable),
            '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                self.name(Kind::Field, Kind::Word(Word::Dot))
            }
            '.' => {
                self.at = self.start;
                self.number()
            }
            '(' => {
                self.parentheses += 1;
                Ok(self.token(Kind::LeftParenthesis))
            }
            ')' => {
                self.parentheses = self.parentheses.checked_sub(1).ok_or("unexpected right paren")?;
                Ok(self.token(Kind::RightParenthesis))
            }
            '!'..='~' => Ok(self.token(Kind::Character)),
            _ => Err(format!("unrecognized character in action: {}", code_point(next))),
        }
    }

    fn space(&mut self) -> Token<'t> {
        let spaces = left_spaces(self.rest());
        self.at += spaces;
        // The last space may belong to a trim marker.
        let last = self.at - 1;
        let from_last = self.input.get(last..).unwrap_or_default();
        if has_right_marker(from_last) && from_last.get(MARKER..).unwrap_or_default().starts_with(RIGHT) {
            self.at = last;
            if spaces == 1 {
                return self.right_delimiter(true);
            }
        }
        self.token(Kind::Space)
    }

    fn identifier(&mut self) -> Lexed<'t> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.advance();
        }
        self.terminated()?;
        Ok(match self.pending() {
            "true" | "false" => self.token(Kind::Bool),
            word => self.token(Word::of(word).map_or(Kind::Identifier, Kind::Word)),
        })
    }

    /// Reads what follows a dot or a dollar sign: a name, or nothing.
    fn name(&mut self, named: Kind, alone: Kind) -> Lexed<'t> {
        if self.at_terminator() {
            return Ok(self.token(alone));
        }
        while self.peek().is_some_and(is_alphanumeric) {
            self.advance();
        }
        self.terminated()?;
        Ok(self.token(named))
    }

    /// May a name end here?
    fn at_terminator(&self) -> bool {
        let ends = |next| SPACES.contains(&next) || matches!(next, '.' | ',' | '|' | ':' | ')' | '(');
        self.peek().is_none_or(ends) || self.rest().starts_with(RIGHT)
    }

    fn terminated(&self) -> Result<(), String> {
        match self.peek() {
            Some(next) if !self.at_terminator() => Err(format!("bad character {}", code_point(next))),
            _ => Ok(()),
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Lexed<'t> {
        loop {
            match self.advance() {
                Some('\\') if self.peek().is_some_and(|next| next != '\n') => {
                    self.advance();
                }
                None | Some('\n' | '\\') => return Err(unterminated.to_owned()),
                Some(next) if next == quote => return Ok(self.token(kind)),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Lexed<'t> {
        let length = self.rest().find('`').ok_or("unterminated raw quoted string")?;
        self.at += length + 1;
        Ok(self.token(Kind::RawString))
    }

    fn number(&mut self) -> Lexed<'t> {
        if !self.scan_number() {
            return Err(self.bad_number());
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || !self.pending().ends_with('i') {
                return Err(self.bad_number());
            }
            return Ok(self.token(Kind::Complex));
        }
        Ok(self.token(Kind::Number))
    }

    fn bad_number(&self) -> String {
        format!("bad number syntax: {}", quote(self.pending()))
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.advance();
            return false;
        }
        true
    }
}

fn has_left_marker(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|text| text.starts_with(SPACES))
}

fn has_right_marker(text: &str) -> bool {
    text.strip_prefix(SPACES).is_some_and(|text| text.starts_with('-'))
}

fn left_spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches(SPACES).len()
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// A character as Go's `%#U` writes it.
fn code_point(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    if is_printable(character) { format!("{number} '{character}'") } else { number }
}
