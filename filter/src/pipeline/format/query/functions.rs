//! The functions of JMESPath. Of other expressions, they know only those that `&…` passes to a function.

use std::cmp::Ordering;

use jmespath::ast::Ast;

use super::arguments::{Argument, Arguments};
use super::charge::QueryError;
use super::compare::{equal, order};
use super::evaluate::{Evaluation, Found, listed};
use crate::data::{Number, Str, Table, Value, write};

type Function = fn(&mut Evaluation<'_>, &Arguments<'_>) -> Found;

/// Each function's name, its least and most arguments, and its code.
const FUNCTIONS: [(&str, usize, usize, Function); 26] = [
    ("abs", 1, 1, |_, of| Ok(Value::from(of.number(0)?.abs()))),
    ("avg", 1, 1, avg),
    ("ceil", 1, 1, |_, of| Ok(Value::from(of.number(0)?.ceil()))),
    ("contains", 2, 2, contains),
    ("ends_with", 2, 2, |_, of| Ok(Value::Bool(of.text(0)?.as_bytes().ends_with(of.text(1)?.as_bytes())))),
    ("floor", 1, 1, |_, of| Ok(Value::from(of.number(0)?.floor()))),
    ("join", 2, 2, join),
    ("keys", 1, 1, keys),
    ("length", 1, 1, length),
    ("map", 2, 2, map),
    ("max", 1, 1, |at, of| best(at, of, Ordering::Greater)),
    ("max_by", 2, 2, |at, of| best_by(at, of, Ordering::Greater)),
    ("merge", 1, usize::MAX, merge),
    ("min", 1, 1, |at, of| best(at, of, Ordering::Less)),
    ("min_by", 2, 2, |at, of| best_by(at, of, Ordering::Less)),
    ("not_null", 1, usize::MAX, not_null),
    ("reverse", 1, 1, reverse),
    ("sort", 1, 1, sort),
    ("sort_by", 2, 2, sort_by),
    ("starts_with", 2, 2, |_, of| Ok(Value::Bool(of.text(0)?.as_bytes().starts_with(of.text(1)?.as_bytes())))),
    ("sum", 1, 1, |at, of| Ok(Value::from(numbers(at, of)?.iter().sum::<f64>()))),
    ("to_array", 1, 1, to_array),
    ("to_number", 1, 1, to_number),
    ("to_string", 1, 1, to_string),
    ("type", 1, 1, |_, of| Ok(Value::from(of.value(0)?.kind()))),
    ("values", 1, 1, values),
];

/// Calls a function by its name.
pub(super) fn call(at: &mut Evaluation<'_>, name: &str, all: &[Argument<'_>]) -> Found {
    let Some((_, least, most, function)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        let name: String = name.chars().take(40).collect();
        return Err(QueryError::Wrong(format!("there is no function {name}()")));
    };
    let arguments = Arguments { function: name, all };
    arguments.counted(*least, *most)?;
    function(at, &arguments)
}

fn numbers(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Result<Vec<f64>, QueryError> {
    let list = of.list(0)?;
    at.charge.make(list.len(), 0)?;
    let number = |item: Value| match item {
        Value::Number(number) => Ok(number.as_f64()),
        other => Err(of.wrong_type(0, "an array of numbers", &format!("one with {}", other.kind()))),
    };
    list.items().into_iter().map(number).collect()
}

#[allow(clippy::cast_precision_loss)] // no list has 2^53 items
fn avg(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let numbers = numbers(at, of)?;
    Ok(if numbers.is_empty() { Value::Null } else { Value::from(numbers.iter().sum::<f64>() / numbers.len() as f64) })
}

fn contains(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    match of.value(0)? {
        Value::String(text) => {
            let Value::String(part) = of.value(1)? else { return Ok(Value::Bool(false)) };
            at.charge.text(text.len().saturating_add(part.len()))?;
            Ok(Value::Bool(text.to_text().contains(&*part.to_text())))
        }
        Value::List(list) => {
            let wanted = of.value(1)?;
            at.charge.steps(list.len())?;
            for item in list.items() {
                if equal(&item, wanted, at.charge)? {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        other => Err(of.wrong_type(0, "an array or a string", other.kind())),
    }
}

fn join(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let (glue, list) = (of.text(0)?, of.list(1)?);
    at.charge.steps(list.len())?;
    let items = list.items();
    let mut joined = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Value::String(text) = item else {
            return Err(of.wrong_type(1, "an array of strings", &format!("one with {}", item.kind())));
        };
        let glue = if index > 0 { glue.as_bytes() } else { b"" };
        at.charge.make(0, text.len().saturating_add(glue.len()))?;
        joined.extend_from_slice(glue);
        joined.extend_from_slice(text.as_bytes());
    }
    Ok(Value::String(joined.into()))
}

fn keys(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let table = of.table(0)?;
    at.charge.make(table.len(), 0)?;
    Ok(listed(table.keys().into_iter().map(Value::String).collect()))
}

fn values(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let table = of.table(0)?;
    at.charge.make(table.len(), 0)?;
    Ok(listed(table.entries().into_iter().map(|(_, value)| value).collect()))
}

#[allow(clippy::cast_precision_loss)] // nothing has a length of 2^53
fn length(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let length = match of.value(0)? {
        Value::String(text) => {
            at.charge.text(text.len())?;
            text.to_text().chars().count()
        }
        Value::List(list) => list.len(),
        Value::Table(table) => table.len(),
        other => return Err(of.wrong_type(0, "a string, an array or an object", other.kind())),
    };
    Ok(Value::from(length as f64))
}

fn map(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let (tree, list) = (of.expression(0)?, of.list(1)?);
    at.charge.make(list.len(), 0)?;
    Ok(listed(list.items().iter().map(|item| at.value(tree, item)).collect::<Result<_, _>>()?))
}

fn merge(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let merged = Table::new();
    for index in 0..of.all.len() {
        let table = of.table(index)?;
        at.charge.make(table.len(), 0)?;
        for (key, value) in table.entries() {
            merged.set(key, value);
        }
    }
    Ok(Value::Table(merged))
}

fn not_null(_: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    for index in 0..of.all.len() {
        match of.value(index)? {
            Value::Null => {}
            value => return Ok(value.clone()),
        }
    }
    Ok(Value::Null)
}

fn reverse(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    match of.value(0)? {
        Value::String(text) => {
            at.charge.make(0, text.len())?;
            Ok(Value::from(text.to_text().chars().rev().collect::<String>().as_str()))
        }
        Value::List(list) => {
            at.charge.make(list.len(), 0)?;
            Ok(listed(list.items().into_iter().rev().collect()))
        }
        other => Err(of.wrong_type(0, "an array or a string", other.kind())),
    }
}

/// The items of a list, each with its sort key; the keys are all numbers or all texts.
fn ranked(at: &mut Evaluation<'_>, of: &Arguments<'_>, by: Option<&Ast>) -> Result<Vec<(Value, Value)>, QueryError> {
    let list = of.list(0)?;
    at.charge.make(list.len(), 0)?;
    let mut ranked: Vec<(Value, Value)> = Vec::new();
    for item in list.items() {
        let rank = match by {
            Some(tree) => at.value(tree, &item)?,
            None => item.clone(),
        };
        let first = ranked.first().map_or(&rank, |(first, _)| first);
        if order(first, &rank).is_none() {
            return Err(of.wrong(format!("sorts numbers or strings, not {} beside {}", first.kind(), rank.kind())));
        }
        if let Value::String(text) = &rank {
            at.charge.text(text.len())?;
        }
        ranked.push((rank, item));
    }
    Ok(ranked)
}

fn sorted(at: &mut Evaluation<'_>, of: &Arguments<'_>, by: Option<&Ast>) -> Found {
    let mut ranked = ranked(at, of, by)?;
    // Each item is compared with about this many others.
    let rounds = usize::try_from(ranked.len().checked_ilog2().unwrap_or(0)).unwrap_or(0);
    at.charge.steps(ranked.len().saturating_mul(rounds))?;
    ranked.sort_by(|(one, _), (other, _)| order(one, other).unwrap_or(Ordering::Equal));
    Ok(listed(ranked.into_iter().map(|(_, item)| item).collect()))
}

fn sort(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    sorted(at, of, None)
}

fn sort_by(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    let by = of.expression(1)?;
    sorted(at, of, Some(by))
}

fn first_best(ranked: Vec<(Value, Value)>, wanted: Ordering) -> Value {
    let better = |best: (Value, Value), next: (Value, Value)| {
        if order(&next.0, &best.0) == Some(wanted) { next } else { best }
    };
    ranked.into_iter().reduce(better).map(|(_, item)| item).unwrap_or_default()
}

fn best(at: &mut Evaluation<'_>, of: &Arguments<'_>, wanted: Ordering) -> Found {
    Ok(first_best(ranked(at, of, None)?, wanted))
}

fn best_by(at: &mut Evaluation<'_>, of: &Arguments<'_>, wanted: Ordering) -> Found {
    let by = of.expression(1)?;
    Ok(first_best(ranked(at, of, Some(by))?, wanted))
}

fn to_array(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    match of.value(0)? {
        list @ Value::List(_) => Ok(list.clone()),
        other => {
            at.charge.make(1, 0)?;
            Ok(listed(vec![other.clone()]))
        }
    }
}

fn to_number(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    Ok(match of.value(0)? {
        number @ Value::Number(_) => number.clone(),
        Value::String(text) => {
            at.charge.text(text.len())?;
            let number = text.to_text().trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.map_or(Value::Null, Value::from)
        }
        _ => Value::Null,
    })
}

fn to_string(at: &mut Evaluation<'_>, of: &Arguments<'_>) -> Found {
    match of.value(0)? {
        text @ Value::String(_) => Ok(text.clone()),
        Value::Number(number) => {
            let mut digits = Vec::new();
            Number::write(number, &mut digits);
            Ok(Value::String(digits.into()))
        }
        other => {
            let left = at.charge.left();
            let text = write(other, left).map_err(|error| of.wrong(error.to_string()));
            // A text that did not fit is charged with all bytes that were left, which gives the limit's message.
            if text.is_err() {
                at.charge.make(0, left)?;
            }
            let text = text?;
            at.charge.make(0, text.len())?;
            Ok(Value::String(Str::from(text)))
        }
    }
}
