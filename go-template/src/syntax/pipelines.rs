//! Parses pipelines: `$x := operand operand | command`. Source: Go's text/template/parse/parse.go.

use std::rc::Rc;

use super::expression::{Command, Operand, Pipe, Term};
use super::number::Number;
use super::parser::Parser;
use super::quoted::unquote;
use super::token::{Kind, Token, Word};
use crate::error::Error;
use crate::text::quote;

/// The most parentheses inside parentheses. Each takes stack, while parsing and while evaluating; Go allows 10000.
const DEEPEST: usize = 100;

impl Parser<'_> {
    /// A pipeline up to `end`; takes `end`, too.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, Error> {
        let at = self.peek_but_space().at;
        let (variables, assigns) = self.variables(context)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_but_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharacterConstant
                | Kind::Complex
                | Kind::Word(Word::Dot | Word::Nil)
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.put_back(token);
                    commands.push(self.command()?);
                }
                _ => return Err(self.unexpected(&token, context)),
            }
        }
        if commands.is_empty() {
            return Err(self.error(&format!("missing value for {context}")));
        }
        for (stage, command) in commands.iter().enumerate().skip(1) {
            let constant = Term::is_constant(&command.first.term);
            if constant {
                return Err(self.error(&format!("non executable command in pipeline stage {}", stage + 1)));
            }
        }
        Ok(Pipe { at, variables, assigns, commands })
    }

    /// The variables in front of a pipeline, and whether it assigns to them.
    fn variables(&mut self, context: &str) -> Result<(Vec<Rc<str>>, bool), Error> {
        let mut variables = Vec::new();
        loop {
            let variable = self.peek_but_space();
            if variable.kind != Kind::Variable {
                return Ok((variables, false));
            }
            self.next_but_space();
            let behind = self.peek();
            let next = self.peek_but_space();
            let name: Rc<str> = variable.text.as_ref().into();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_but_space();
                    variables.push(name.clone());
                    self.tree().variables.push(name);
                    return Ok((variables, next.kind == Kind::Assign));
                }
                Kind::Character if next.text == "," => {
                    self.next_but_space();
                    variables.push(name.clone());
                    self.tree().variables.push(name);
                    if context != "range" || variables.len() > 1 {
                        return Err(self.error(&format!("too many declarations in {context}")));
                    }
                    let follows = self.peek_but_space().kind;
                    if !matches!(follows, Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis) {
                        return Err(self.error("range can only initialize variables"));
                    }
                }
                _ => {
                    // This is an argument, not a declaration. The space after it ends the operand.
                    if behind.kind == Kind::Space {
                        self.put_back(behind);
                    }
                    self.put_back(variable);
                    return Ok((variables, false));
                }
            }
        }
    }

    /// A command, with the `|` after it.
    fn command(&mut self) -> Result<Command, Error> {
        let at = self.peek_but_space().at;
        let mut operands = Vec::new();
        loop {
            self.peek_but_space();
            operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.put_back(token),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(&token, "operand")),
            }
            break;
        }
        let mut operands = operands.into_iter();
        let Some(first) = operands.next() else { return Err(self.error("empty command")) };
        Ok(Command { at, first, arguments: operands.collect() })
    }

    /// A term with the fields after it; `None` if the next token begins no term.
    fn operand(&mut self) -> Result<Option<Operand>, Error> {
        let Some(operand) = self.term()? else { return Ok(None) };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut fields: Vec<Rc<str>> = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(self.next().text.trim_start_matches('.').into());
        }
        // The place is that of the first field after the term, as in Go.
        let at = first.at;
        let term = match operand.term {
            Term::Field(mut before) => {
                before.append(&mut fields);
                Term::Field(before)
            }
            Term::Variable(name, mut before) => {
                before.append(&mut fields);
                Term::Variable(name, before)
            }
            term if term.is_constant() => {
                let term = quote(&Operand { at, term }.to_string());
                return Err(self.error(&format!("unexpected . after term {term}")));
            }
            term => Term::Chain(Box::new(Operand { at: operand.at, term }), fields),
        };
        Ok(Some(Operand { at, term }))
    }

    fn term(&mut self) -> Result<Option<Operand>, Error> {
        let token = self.next_but_space();
        let term = match token.kind {
            Kind::Identifier => match self.functions.complaint(&token.text) {
                Some(complaint) => return Err(self.error(&complaint)),
                None => Term::Function(token.text.as_ref().into()),
            },
            Kind::Word(Word::Dot) => Term::Dot,
            Kind::Word(Word::Nil) => Term::Nil,
            Kind::Variable => {
                let name: Rc<str> = token.text.as_ref().into();
                if !self.tree().variables.contains(&name) {
                    return Err(self.error(&format!("undefined variable {}", quote(&name))));
                }
                Term::Variable(name, Vec::new())
            }
            Kind::Field => Term::Field(vec![token.text.trim_start_matches('.').into()]),
            Kind::Bool => Term::Bool(token.text == "true"),
            Kind::CharacterConstant | Kind::Complex | Kind::Number => {
                let number = Number::parse(&token.text, token.kind);
                Term::Number(number.map_err(|message| self.error(&message))?)
            }
            Kind::LeftParenthesis => self.parenthesis()?,
            Kind::String | Kind::RawString => {
                Term::String { text: self.string(&token)?.into(), quoted: token.text.into_owned() }
            }
            _ => {
                self.put_back(token);
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: token.at, term }))
    }

    fn parenthesis(&mut self) -> Result<Term, Error> {
        if self.tree().depth >= DEEPEST {
            return Err(self.error(&format!("max expression depth exceeded: {DEEPEST} parentheses inside each other")));
        }
        self.tree().depth += 1;
        let pipe = self.pipeline("parenthesized pipeline", Kind::RightParenthesis);
        self.tree().depth -= 1;
        Ok(Term::Pipe(Box::new(pipe?)))
    }

    /// The contents of a token in quotes.
    pub(super) fn string(&mut self, token: &Token<'_>) -> Result<String, Error> {
        unquote(&token.text).ok_or_else(|| self.error("invalid syntax"))
    }
}

impl Term {
    /// Is it a value that cannot be called?
    fn is_constant(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Dot | Self::Nil | Self::Number(_) | Self::String { .. })
    }
}
