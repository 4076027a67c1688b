//! The tokens of a template's text. Source: Go's text/template/parse/lex.go.

use std::borrow::Cow;
use std::fmt;

use crate::text::quote;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An error; the token's text is the message.
    Error,
    Eof,
    Text,
    LeftDelimiter,
    RightDelimiter,
    LeftParenthesis,
    RightParenthesis,
    Space,
    Pipe,
    Assign,
    Declare,
    /// A character without another meaning, such as `,`.
    Character,
    Bool,
    Number,
    Complex,
    CharacterConstant,
    String,
    RawString,
    Field,
    Variable,
    Identifier,
    Word(Word),
}

/// A word of the language itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Block,
    Break,
    Continue,
    Define,
    Dot,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Word {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "nil" => Self::Nil,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

/// A token, its place, and its line.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: Cow<'t, str>,
    pub(super) at: usize,
    pub(super) line: usize,
}

impl fmt::Display for Token<'_> {
    /// Writes the token as Go's errors name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Eof => f.write_str("EOF"),
            Kind::Error => f.write_str(&self.text),
            Kind::Word(_) => write!(f, "<{}>", self.text),
            _ if self.text.len() > 10 => {
                write!(f, "{}...", quote(&self.text.chars().take(10).collect::<String>()))
            }
            _ => f.write_str(&quote(&self.text)),
        }
    }
}
