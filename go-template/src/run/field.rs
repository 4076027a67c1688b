//! Fields: entries of maps, and methods of the values that have some. Source: Go's text/template/exec.go (evalField).

use std::rc::Rc;

use super::evaluate::Piped;
use super::machine::Machine;
use crate::functions::Type;
use crate::slot::Slot;
use crate::syntax::{Node, Operand};
use crate::value::Value;

impl<'t> Machine<'t> {
    /// Follows fields; the last one may be a method with arguments.
    pub(super) fn fields(
        &mut self,
        receiver: Slot,
        names: &[Rc<str>],
        operand: &'t Operand,
        arguments: &'t [Operand],
        piped: Piped,
    ) -> Result<Slot, String> {
        let Some((last, before)) = names.split_last() else { return Ok(receiver) };
        let mut receiver = receiver;
        for name in before {
            receiver = self.field(receiver, name, operand, &[], None)?;
        }
        self.field(receiver, last, operand, arguments, piped)
    }

    fn field(
        &mut self,
        receiver: Slot,
        name: &str,
        operand: &'t Operand,
        arguments: &'t [Operand],
        piped: Piped,
    ) -> Result<Slot, String> {
        let type_name = receiver.type_name();
        let value = match receiver {
            Slot::Invalid => return Ok(Slot::Invalid),
            Slot::Boxed(Value::Nil) => return Err(format!("nil pointer evaluating {type_name}.{name}")),
            Slot::Boxed(value) | Slot::Concrete(value) => value,
        };
        match value {
            Value::Map(map) => {
                if !arguments.is_empty() || piped.is_some() {
                    return Err(format!("{name} is not a method but has arguments"));
                }
                let entry = map.get(name).map(|value| Slot::entry(value, map.of().holds_interfaces()));
                Ok(entry.unwrap_or(Slot::Invalid))
            }
            Value::Object(object) => {
                let mut values = Vec::new();
                for argument in arguments {
                    values.push(self.argument(Type::Any, argument)?.into_value());
                }
                values.extend(piped.map(Slot::into_value));
                match object.method(name, &values) {
                    Some(Ok(value)) => Ok(Slot::of(value)),
                    Some(Err(message)) => {
                        self.at = Node::Operand(operand);
                        Err(message)
                    }
                    None => Err(format!("can't evaluate field {name} in type {type_name}")),
                }
            }
            _ => Err(format!("can't evaluate field {name} in type {type_name}")),
        }
    }
}
