//! Evaluates pipelines, commands and operands. Source: Go's text/template/exec.go (evalPipeline, evalCommand, evalArg).

use super::block::Variable;
use super::machine::Machine;
use crate::functions::Type;
use crate::slot::Slot;
use crate::syntax::{Command, Node, Number, Operand, Pipe, Term};
use crate::value::Value;

/// The value that a pipeline passes to a command, if there is one.
pub(super) type Piped = Option<Slot>;

impl<'t> Machine<'t> {
    /// Evaluates a pipeline, and sets its variables.
    pub(super) fn pipe(&mut self, pipe: &'t Pipe) -> Result<Slot, String> {
        self.budget.spend(1)?;
        self.at = Node::Pipe(pipe);
        let mut piped: Piped = None;
        for command in &pipe.commands {
            piped = Some(self.command(command, piped)?.unboxed());
        }
        let slot = piped.unwrap_or(Slot::Invalid);
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, slot.clone())?;
            } else {
                self.variables.push(Variable { name: name.clone(), slot: slot.clone() });
            }
        }
        Ok(slot)
    }

    fn command(&mut self, command: &'t Command, piped: Piped) -> Result<Slot, String> {
        self.budget.spend(1)?;
        let (first, arguments) = (&command.first, command.arguments.as_slice());
        match &first.term {
            Term::Field(fields) => {
                self.at = Node::Operand(first);
                let dot = self.dot.clone();
                return self.fields(dot, fields, first, arguments, piped);
            }
            Term::Chain(inner, fields) => {
                self.at = Node::Operand(first);
                let receiver = self.chained(first, inner)?;
                return self.fields(receiver, fields, first, arguments, piped);
            }
            Term::Function(name) => {
                self.at = Node::Operand(first);
                return self.function(name, Node::Command(command), arguments, piped);
            }
            Term::Pipe(pipe) => {
                no_function(first, arguments, &piped)?;
                return self.pipe(pipe);
            }
            Term::Variable(name, fields) => {
                self.at = Node::Operand(first);
                let receiver = self.variable(name)?;
                if fields.is_empty() {
                    no_function(first, arguments, &piped)?;
                    return Ok(receiver);
                }
                return self.fields(receiver, fields, first, arguments, piped);
            }
            _ => {}
        }
        self.at = Node::Operand(first);
        no_function(first, arguments, &piped)?;
        match &first.term {
            Term::Nil => Err("nil is not a command".to_owned()),
            _ => self.constant(first),
        }
    }

    fn variable(&self, name: &str) -> Result<Slot, String> {
        let found = self.variables.iter().rev().find(|variable| *variable.name == *name);
        found.map(|variable| variable.slot.clone()).ok_or_else(|| format!("undefined variable: {name}"))
    }

    /// The value in front of the fields of a chain.
    fn chained(&mut self, chain: &Operand, inner: &'t Operand) -> Result<Slot, String> {
        if matches!(inner.term, Term::Nil) {
            return Err(format!("indirection through explicit nil in {chain}"));
        }
        self.operand(inner)
    }

    /// The value of an operand that is not a constant, whatever its type.
    fn operand(&mut self, operand: &'t Operand) -> Result<Slot, String> {
        self.budget.spend(1)?;
        self.at = Node::Operand(operand);
        match &operand.term {
            Term::Dot => Ok(self.dot.clone()),
            Term::Field(fields) => {
                let dot = self.dot.clone();
                self.fields(dot, fields, operand, &[], None)
            }
            Term::Variable(name, fields) => {
                let receiver = self.variable(name)?;
                self.fields(receiver, fields, operand, &[], None)
            }
            Term::Pipe(pipe) => self.pipe(pipe),
            Term::Function(name) => self.function(name, Node::Operand(operand), &[], None),
            Term::Chain(inner, fields) => {
                // An error of the fields is reported where their receiver ended, as in Go.
                let receiver = self.chained(operand, inner)?;
                self.fields(receiver, fields, operand, &[], None)
            }
            _ => self.constant(operand),
        }
    }

    /// An operand as an argument of this type.
    pub(super) fn argument(&mut self, wanted: Type, operand: &'t Operand) -> Result<Slot, String> {
        self.at = Node::Operand(operand);
        let (number, text) = match &operand.term {
            Term::Nil if wanted.can_be_nil() => return Ok(zero(wanted)),
            Term::Nil => return Err(format!("cannot assign nil to {}", wanted.name())),
            Term::Bool(_) | Term::Number(_) | Term::String { .. } if matches!(wanted, Type::Any | Type::Reflect) => {
                return self.constant(operand);
            }
            Term::Bool(truth) if wanted == Type::Bool => return Ok(Slot::Concrete(Value::Bool(*truth))),
            Term::Bool(_) => (None, None),
            Term::Number(number) => (Some(number), None),
            Term::String { text, .. } => (None, Some(text)),
            _ => {
                let slot = self.operand(operand)?;
                return valid(slot, wanted);
            }
        };
        let found = |what: &str| format!("expected {what}; found {operand}");
        let value = match wanted {
            Type::String => text.map(|text| Value::String(text.clone())).ok_or_else(|| found("string")),
            Type::Int => number.and_then(|number| number.integer).map(Value::Int).ok_or_else(|| found("integer")),
            Type::Float => number.and_then(|number| number.float).map(Value::Float).ok_or_else(|| found("float")),
            Type::Bool => Err(found("bool")),
            _ => Err(format!("can't handle {operand} for arg of type {}", wanted.name())),
        };
        value.map(Slot::Concrete)
    }

    fn constant(&self, operand: &Operand) -> Result<Slot, String> {
        let value = match &operand.term {
            Term::Dot => return Ok(self.dot.clone()),
            Term::Bool(truth) => Value::Bool(*truth),
            Term::String { text, .. } => Value::String(text.clone()),
            Term::Number(number) => return ideal(number),
            _ => return Err(format!("can't evaluate command {:?}", operand.to_string())),
        };
        Ok(Slot::Concrete(value))
    }
}

/// The value of a number constant if nothing determines its type.
fn ideal(number: &Number) -> Result<Slot, String> {
    let value = match *number {
        Number { complex: Some((real, imaginary)), .. } => Value::Complex(real, imaginary),
        Number { float: Some(float), .. } if number.is_float() => Value::Float(float),
        Number { integer: Some(integer), .. } => Value::Int(integer),
        _ => return Err(format!("{} overflows int", number.text)),
    };
    Ok(Slot::Concrete(value))
}

/// The zero value of this type.
fn zero(wanted: Type) -> Slot {
    if wanted == Type::Reflect { Slot::Invalid } else { Slot::Boxed(Value::Nil) }
}

/// The value, if it may be an argument of this type.
pub(super) fn valid(slot: Slot, wanted: Type) -> Result<Slot, String> {
    let got = match &slot {
        Slot::Invalid if wanted.can_be_nil() => return Ok(zero(wanted)),
        Slot::Invalid => return Err(format!("invalid value; expected {}", wanted.name())),
        // A nil in an interface is no nil of any other type.
        Slot::Boxed(Value::Nil) if !matches!(wanted, Type::Any | Type::Reflect) => "interface {}",
        Slot::Boxed(value) | Slot::Concrete(value) if !wanted.holds(value) => value.type_name(),
        _ => return Ok(slot),
    };
    Err(format!("wrong type for value; expected {}; got {got}", wanted.name()))
}

fn no_function(first: &Operand, arguments: &[Operand], piped: &Piped) -> Result<(), String> {
    if arguments.is_empty() && piped.is_none() {
        return Ok(());
    }
    Err(format!("can't give argument to non-function {}", first.bare()))
}
