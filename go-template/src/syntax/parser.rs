//! Looks at tokens, takes them, and reports errors at them. Source: Go's text/template/parse/parse.go.

use std::rc::Rc;

use super::lexer::Lexer;
use super::program::Source;
use super::token::{Kind, Token};
use crate::error::Error;

/// The facts about functions' names while a template is parsed.
pub(crate) trait FunctionNames {
    /// `None` if there is such a function; else the error about the name.
    fn complaint(&self, name: &str) -> Option<String>;
}

pub(super) struct Parser<'t> {
    pub(super) source: &'t Rc<Source>,
    pub(super) functions: &'t dyn FunctionNames,
    lexer: Lexer<'t>,
    /// The whole text, and the `define` or `block` that is being parsed: they do not share variables.
    trees: Vec<Tree<'t>>,
}

/// The state of one template while it is parsed.
#[derive(Default)]
pub(super) struct Tree<'t> {
    /// The newest token, and the tokens before it that were put back.
    newest: Option<Token<'t>>,
    put_back: Vec<Token<'t>>,
    pub(super) variables: Vec<Rc<str>>,
    /// The line on which the current action began.
    pub(super) action_line: Option<usize>,
    /// How many parentheses are open.
    pub(super) depth: usize,
    /// The number of loops around this place; `break` and `continue` need one.
    pub(super) loops: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(source: &'t Rc<Source>, functions: &'t dyn FunctionNames) -> Self {
        let mut parser = Self { source, functions, lexer: Lexer::new(&source.text), trees: Vec::new() };
        parser.open();
        parser
    }

    /// Begins a template inside the current one.
    pub(super) fn open(&mut self) {
        self.trees.push(Tree { variables: vec!["$".into()], ..Tree::default() });
    }

    pub(super) fn close(&mut self) {
        self.trees.pop();
    }

    pub(super) fn tree(&mut self) -> &mut Tree<'t> {
        if self.trees.is_empty() {
            self.open();
        }
        let last = self.trees.len().saturating_sub(1);
        // The list is not empty: `open` has added a tree.
        #[expect(clippy::indexing_slicing, reason = "the last of a list that is not empty")]
        &mut self.trees[last]
    }

    pub(super) fn next(&mut self) -> Token<'t> {
        if let Some(token) = self.tree().put_back.pop() {
            return token;
        }
        let token = self.lexer.next();
        self.tree().newest = Some(token.clone());
        token
    }

    pub(super) fn put_back(&mut self, token: Token<'t>) {
        self.tree().put_back.push(token);
    }

    pub(super) fn peek(&mut self) -> Token<'t> {
        let token = self.next();
        self.put_back(token.clone());
        token
    }

    pub(super) fn next_but_space(&mut self) -> Token<'t> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_but_space(&mut self) -> Token<'t> {
        let token = self.next_but_space();
        self.put_back(token.clone());
        token
    }

    /// The next token, which must be of this kind.
    pub(super) fn expect(&mut self, kind: Kind, context: &str) -> Result<Token<'t>, Error> {
        let token = self.next_but_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(&token, context)) }
    }

    pub(super) fn unexpected(&mut self, token: &Token<'t>, context: &str) -> Error {
        if token.kind != Kind::Error {
            return self.error_at(token.at, &format!("unexpected {token} in {context}"));
        }
        let began = match self.tree().action_line {
            Some(line) if line != token.line => {
                let place = format!("{}:{line}", self.source.name);
                // Go avoids "action in action".
                let words = if token.text.ends_with(" action") { " started at" } else { " in action started at" };
                format!("{words} {place}")
            }
            _ => String::new(),
        };
        self.error_at(token.at, &format!("{token}{began}"))
    }

    /// An error at the newest token.
    pub(super) fn error(&mut self, message: &str) -> Error {
        let at = self.tree().newest.as_ref().map_or(0, |token| token.at);
        self.error_at(at, message)
    }

    /// An error with the line of the newest token, as in Go. Its byte is in that line if the token is.
    fn error_at(&mut self, at: usize, message: &str) -> Error {
        let newest = self.tree().newest.as_ref();
        let (line, newest) = newest.map_or((1, 0), |token| (token.line, token.at));
        let line_of = |at: usize| 1 + self.source.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let offset = if line_of(at) == line { at } else { newest };
        let before = self.source.text.get(..offset).unwrap_or_default();
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
        Error {
            template: self.source.name.to_string(),
            line,
            column: Some(column),
            offset,
            execution: None,
            message: message.to_owned(),
        }
    }
}
