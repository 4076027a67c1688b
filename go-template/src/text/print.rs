//! Values as `{{.x}}`, `print` and `println` show them: by `%v`. Source: fmt/print.go.

use super::verbs::Printer;
use crate::limits::Budget;
use crate::value::Value;

/// A value by `%v`.
pub(crate) fn print(value: &Value, budget: &Budget) -> Result<String, String> {
    if let Value::String(text) = value {
        return Ok(text.as_ref().to_owned());
    }
    print_all([value], budget)
}

/// Values one after another, with a space between two values that are both no text: Go's `Sprint`.
pub(crate) fn print_all<'v>(values: impl IntoIterator<Item = &'v Value>, budget: &Budget) -> Result<String, String> {
    let (mut printer, mut after_text) = (Printer::new(budget), true);
    for value in values {
        let is_text = matches!(value, Value::String(_));
        if !after_text && !is_text {
            printer.out.push(' ');
        }
        after_text = is_text;
        printer.value(value, 'v')?;
    }
    printer.finish()
}

/// Values with spaces between them, and a line end: Go's `Sprintln`.
pub(crate) fn print_line(values: &[Value], budget: &Budget) -> Result<String, String> {
    let mut printer = Printer::new(budget);
    for (index, value) in values.iter().enumerate() {
        printer.out.push_str(if index > 0 { " " } else { "" });
        printer.value(value, 'v')?;
    }
    printer.out.push('\n');
    printer.finish()
}

/// The name of a value's type as `%T` gives it.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Nil => "<nil>",
        _ => value.type_name(),
    }
}
