//! Calls functions: checks the arguments against the parameters, as Go does before it calls. Source: Go's text/template/exec.go
//! (evalCall).

use super::evaluate::{Piped, valid};
use super::machine::Machine;
use crate::functions::{Body, Function, Type};
use crate::slot::Slot;
use crate::syntax::{Node, Operand};
use crate::value::Value;

impl<'t> Machine<'t> {
    /// Calls a function. The function's own errors are reported at `node`.
    pub(super) fn function(
        &mut self,
        name: &str,
        node: Node<'t>,
        operands: &'t [Operand],
        piped: Piped,
    ) -> Result<Slot, String> {
        let set = self.set;
        let Some(function) = set.functions.get(name) else {
            return Err(format!("{name:?} is not a defined function"));
        };
        self.count(name, function, operands.len(), piped.is_some())?;
        if let Body::Either(truth) = function.body {
            return self.either(truth, operands, piped);
        }
        let mut arguments = Vec::with_capacity(operands.len() + 1);
        for (index, operand) in operands.iter().enumerate() {
            arguments.push(self.argument(function.parameters.of(index), operand)?);
        }
        if let Some(piped) = piped {
            arguments.push(valid(piped, function.parameters.of(operands.len()))?);
        }
        self.pay(&arguments)?;
        self.call(name, function, operands, arguments).map_err(|message| {
            self.at = node;
            format!("error calling {name}: {message}")
        })
    }

    fn call(
        &self,
        name: &str,
        function: &Function,
        operands: &[Operand],
        arguments: Vec<Slot>,
    ) -> Result<Slot, String> {
        let values = |arguments: Vec<Slot>| -> Vec<Value> { arguments.into_iter().map(Slot::into_value).collect() };
        let slot = match &function.body {
            Body::Slots(body) => body(&self.host, &arguments)?,
            Body::Values(body) => Slot::of(body(&self.host, &values(arguments))?),
            Body::Caller(body) => Slot::of(body(&values(arguments))?),
            Body::Either(_) => return Err(format!("{name} was not called in its way")),
            Body::Call => {
                let (callee, argument) = (operands.first(), arguments.first());
                let value = argument.map_or(&Value::Nil, Slot::value);
                if matches!(value, Value::Nil) {
                    return Err("call of nil".to_owned());
                }
                let callee = match (callee, value) {
                    (Some(operand), _) => operand.bare(),
                    (None, Value::String(text)) => text.as_ref().to_owned(),
                    (None, other) => format!("<{} Value>", other.type_name()),
                };
                return Err(format!("non-function {callee} of type {}", value.type_name()));
            }
        };
        self.budget.spend_text(slot.value().as_str().map_or(0, str::len))?;
        Ok(slot)
    }

    fn count(&self, name: &str, function: &Function, given: usize, piped: bool) -> Result<(), String> {
        let (wanted, got) = (function.parameters.fixed.len(), given + usize::from(piped));
        match function.parameters.rest {
            Some(_) if got < wanted => {
                Err(format!("wrong number of args for {name}: want at least {wanted} got {given}"))
            }
            None if got != wanted => Err(format!("wrong number of args for {name}: want {wanted} got {got}")),
            _ => Ok(()),
        }
    }

    /// `and` and `or`.
    fn either(&mut self, truth: bool, operands: &'t [Operand], piped: Piped) -> Result<Slot, String> {
        let mut slot = Slot::Invalid;
        for operand in operands {
            slot = self.argument(Type::Reflect, operand)?;
            if slot.value().truth() == truth {
                return Ok(slot);
            }
        }
        Ok(piped.unwrap_or(slot))
    }

    /// Charges a call for the contents of its arguments: the function may look through all of them.
    fn pay(&self, arguments: &[Slot]) -> Result<(), String> {
        let held = |slot: &Slot| match slot.value() {
            Value::String(text) => text.len() / 16,
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => 0,
        };
        self.budget.spend(1 + arguments.iter().map(held).sum::<usize>())
    }
}
