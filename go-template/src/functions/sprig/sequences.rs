//! Lists of integers. Source: sprig's numeric.go.

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::{List, ListOf, Value};

pub(super) const ROWS: &[Row] = &[
    Row::variadic("seq", &[], Type::Int, seq),
    Row::fixed("until", &[Type::Int], |host, arguments| {
        let end = arguments.int(0);
        integers(range(host, 0, end, if end < 0 { -1 } else { 1 })?)
    }),
    Row::fixed("untilStep", &[Type::Int, Type::Int, Type::Int], |host, arguments| {
        integers(range(host, arguments.int(0), arguments.int(1), arguments.int(2))?)
    }),
];

fn integers(numbers: Vec<i64>) -> Result<Value, String> {
    Ok(Value::List(List::typed(ListOf::Ints, numbers.into_iter().map(Value::Int).collect())))
}

/// The integers from `start` up to `stop`, without `stop`; none if the step leads away from `stop`.
fn range(host: &Host<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, String> {
    let (mut numbers, mut next) = (Vec::new(), start);
    if (stop < start) != (step < 0) || step == 0 {
        return Ok(numbers);
    }
    while if step < 0 { next > stop } else { next < stop } {
        host.budget.spend(1)?;
        numbers.push(next);
        let Some(following) = next.checked_add(step) else { break };
        next = following;
    }
    Ok(numbers)
}

/// A sequence of integers as a text, with the last integer included.
fn seq(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let down = |start, end| if end < start { -1 } else { 1 };
    let (start, end, increment, step) = match arguments {
        [Value::Int(end)] => (1, *end, down(1, *end), down(1, *end)),
        [Value::Int(start), Value::Int(end)] => (*start, *end, down(*start, *end), down(*start, *end)),
        [Value::Int(start), Value::Int(step), Value::Int(end)] => {
            if end < start && *step > 0 {
                return Ok("".into());
            }
            (*start, *end, down(*start, *end), *step)
        }
        _ => return Ok("".into()),
    };
    let numbers = range(host, start, end.saturating_add(increment), step)?;
    Ok(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ").into())
}
