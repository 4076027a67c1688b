//! Values as Go source writes them: `%#v`. Source: fmt/print.go.

use super::float::format_float;
use super::quote::quote;
use crate::limits::Budget;
use crate::value::Value;

/// A value in Go's syntax.
pub(super) fn go_syntax(value: &Value, budget: &Budget, depth: usize) -> Result<String, String> {
    Budget::depth_of_values(depth)?;
    budget.spend(1)?;
    let text = match value {
        Value::Nil if depth == 0 => "<nil>".to_owned(),
        Value::Nil => "interface {}(nil)".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) | Value::Int64(number) => number.to_string(),
        Value::Uint8(number) => format!("{number:#x}"),
        Value::Uint64(number) => format!("{number:#x}"),
        Value::Float(number) => format_float(*number, 'g', None),
        Value::Complex(real, imaginary) => {
            let sign = if *imaginary < 0.0 { "" } else { "+" };
            format!("({}{sign}{}i)", format_float(*real, 'g', None), format_float(*imaginary, 'g', None))
        }
        Value::String(text) => quote(text),
        Value::Object(object) => object.to_string(),
        Value::List(list) if list.is_nil() => format!("{}(nil)", value.type_name()),
        Value::List(list) => {
            let items: Result<Vec<_>, _> = list.items().iter().map(|item| go_syntax(item, budget, depth + 1)).collect();
            format!("{}{{{}}}", value.type_name(), items?.join(", "))
        }
        Value::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map.entries() {
                entries.push(format!("{}:{}", quote(&key), go_syntax(&item, budget, depth + 1)?));
            }
            format!("{}{{{}}}", value.type_name(), entries.join(", "))
        }
    };
    budget.spend_text(text.len())?;
    Ok(text)
}
