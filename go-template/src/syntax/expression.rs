//! Pipelines, commands and operands, and how Go writes them in its errors. Source: Go's text/template/parse/node.go.

use std::fmt;
use std::rc::Rc;

use super::number::Number;
use crate::text::quote;

/// `$x := command | command`.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) at: usize,
    /// The variables that the pipeline declares or assigns.
    pub(crate) variables: Vec<Rc<str>>,
    pub(crate) assigns: bool,
    pub(crate) commands: Vec<Command>,
}

/// `operand operand …`: a value, or a function with its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) at: usize,
    pub(crate) first: Operand,
    pub(crate) arguments: Vec<Operand>,
}

/// A term, perhaps with fields after it.
#[derive(Debug)]
pub(crate) struct Operand {
    pub(crate) at: usize,
    pub(crate) term: Term,
}

#[derive(Debug)]
pub(crate) enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String {
        quoted: String,
        text: Rc<str>,
    },
    /// `.a.b`
    Field(Vec<Rc<str>>),
    /// `$x.a.b`
    Variable(Rc<str>, Vec<Rc<str>>),
    Function(Rc<str>),
    Pipe(Box<Pipe>),
    /// `(…).a.b`
    Chain(Box<Operand>, Vec<Rc<str>>),
}

/// A part of a template that an error can name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'t> {
    /// A step without an expression of its own, such as `{{break}}`.
    Step(usize, &'static str),
    Pipe(&'t Pipe),
    /// A pipeline with its braces.
    Action(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
    Template(&'t super::Call),
}

impl Node<'_> {
    pub(crate) fn at(&self) -> usize {
        match self {
            Self::Step(at, _) => *at,
            Self::Pipe(pipe) | Self::Action(pipe) => pipe.at,
            Self::Command(command) => command.at,
            Self::Operand(operand) => operand.at,
            Self::Template(call) => call.at,
        }
    }
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(_, text) => f.write_str(text),
            Self::Pipe(pipe) => pipe.fmt(f),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::Command(command) => command.fmt(f),
            Self::Operand(operand) => operand.fmt(f),
            Self::Template(call) => call.fmt(f),
        }
    }
}

impl Operand {
    /// The text of the operand; a pipeline without its parentheses.
    pub(crate) fn bare(&self) -> String {
        match &self.term {
            Term::Pipe(pipe) => pipe.to_string(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            f.write_str(&self.variables.join(", "))?;
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            f.write_str(if index > 0 { " | " } else { "" })?;
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Dot => f.write_str("."),
            Term::Nil => f.write_str("nil"),
            Term::Bool(truth) => truth.fmt(f),
            Term::Number(number) => f.write_str(&number.text),
            Term::String { quoted, .. } => f.write_str(quoted),
            Term::Field(fields) => write_fields(f, fields),
            Term::Variable(name, fields) => {
                f.write_str(name)?;
                write_fields(f, fields)
            }
            Term::Function(name) => f.write_str(name),
            Term::Pipe(pipe) => write!(f, "({pipe})"),
            Term::Chain(operand, fields) => {
                operand.fmt(f)?;
                write_fields(f, fields)
            }
        }
    }
}

impl fmt::Display for super::Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[Rc<str>]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(f, ".{field}"))
}
