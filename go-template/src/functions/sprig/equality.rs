//! Go's `reflect.DeepEqual`: values are equal only if their types are equal, too.

use crate::limits::Budget;
use crate::value::Value;

/// Are two values equal in type and contents?
pub(super) fn deep_equal(one: &Value, two: &Value, budget: &Budget, depth: usize) -> Result<bool, String> {
    Budget::depth_of_values(depth)?;
    budget.spend(1)?;
    Ok(match (one, two) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(one), Value::Bool(two)) => one == two,
        (Value::Int(one), Value::Int(two)) | (Value::Int64(one), Value::Int64(two)) => one == two,
        (Value::Uint8(one), Value::Uint8(two)) => one == two,
        (Value::Uint64(one), Value::Uint64(two)) => one == two,
        (Value::Float(one), Value::Float(two)) => one == two,
        (Value::Complex(one, i), Value::Complex(two, j)) => one == two && i == j,
        (Value::String(one), Value::String(two)) => one == two,
        (Value::Object(one), Value::Object(two)) => one == two,
        (Value::List(one), Value::List(two)) => {
            if one.of() != two.of() || one.is_nil() != two.is_nil() || one.len() != two.len() {
                return Ok(false);
            }
            for (one, two) in one.items().iter().zip(two.items()) {
                if !deep_equal(one, two, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(one), Value::Map(two)) => {
            if one.of() != two.of() || one.len() != two.len() {
                return Ok(false);
            }
            for ((key, one), (other, two)) in one.entries().iter().zip(two.entries()) {
                if *key != other || !deep_equal(one, &two, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}
