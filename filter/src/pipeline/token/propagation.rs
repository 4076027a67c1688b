//! Copies claims into a request: as headers (`propagate_claims`) and as parameters (`{JWT.sub}`), written as krakend-jose
//! writes them. Values that a client sent under these names are lost.

use super::permission::claim;
use super::validity::go_int;
use crate::bindings::Context;
use crate::config::Validator;
use crate::data::{List, Number, Table, Value, write};
use crate::pipeline::format::go_text;

/// Puts the claims into the request.
pub(super) fn propagate(claims: &Table, validator: &Validator, context: &mut Context) {
    for propagation in &validator.propagations {
        let value = claim(claims, &propagation.claim);
        let values = match (&value, validator.preserves_arrays) {
            (None, _) => vec![Vec::new()],
            (Some(Value::List(list)), true) => list.items().iter().map(printed).collect(),
            (Some(value), _) => vec![text(value)],
        };
        context.headers.set_all(&propagation.header, values);
    }
    for name in &validator.params {
        if let Some(value) = claims.get(name.as_bytes()) {
            context.params.push((format!("JWT.{name}"), text(&value)));
        }
    }
}

fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Number(number) => number_text(number.as_f64()).into_bytes(),
        Value::List(list) => list.items().iter().map(printed).collect::<Vec<_>>().join(&b','),
        other => write(&floats(other), usize::MAX).unwrap_or_default(),
    }
}

fn number_text(number: f64) -> String {
    const EPSILON: f64 = 1e-6;
    let rounded = number.round();
    if (number - rounded).abs() <= EPSILON { go_int(rounded).to_string() } else { format!("{number:.6}") }
}

fn printed(value: &Value) -> Vec<u8> {
    go_text::printed(&floats(value)).into_bytes()
}

// In Go, every number of a token is a float.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(Number::Float(number.as_f64())),
        Value::List(list) => Value::List(List::from(list.items().iter().map(floats).collect::<Vec<_>>())),
        Value::Table(table) => {
            let copy = Table::new();
            for (key, value) in table.entries() {
                copy.set(key, floats(&value));
            }
            Value::Table(copy)
        }
        other => other.clone(),
    }
}
