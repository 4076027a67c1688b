//! Texts made from values: quotes, joins, indents. Source: sprig's strings.go.

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::{print, quote};
use crate::value::{List, ListOf, Value};

pub(super) const ROWS: &[Row] = &[
    Row::variadic("cat", &[], Type::Any, cat),
    Row::fixed("fail", &[Type::String], |_, arguments| Err(arguments.text(0).to_owned())),
    Row::fixed("hello", &[], |_, _| Ok("Hello!".into())),
    Row::fixed("indent", &[Type::Int, Type::String], |host, arguments| Ok(indent(host, arguments)?.into())),
    Row::fixed("join", &[Type::String, Type::Any], join),
    Row::fixed("nindent", &[Type::Int, Type::String], |host, arguments| {
        Ok(format!("\n{}", indent(host, arguments)?).into())
    }),
    Row::fixed("plural", &[Type::String, Type::String, Type::Int], |_, arguments| {
        Ok(arguments.any(if arguments.int(2) == 1 { 0 } else { 1 }).clone())
    }),
    Row::variadic("quote", &[], Type::Any, |host, arguments| {
        spaced(arguments, |value| Ok(quote(&print(value, host.budget)?)))
    }),
    Row::fixed("sortAlpha", &[Type::Any], sort),
    Row::variadic("squote", &[], Type::Any, |host, arguments| {
        spaced(arguments, |value| Ok(format!("'{}'", print(value, host.budget)?)))
    }),
    Row::fixed("toString", &[Type::Any], |host, arguments| Ok(print(arguments.any(0), host.budget)?.into())),
    Row::fixed("toStrings", &[Type::Any], |host, arguments| Ok(strings(texts(host, arguments.any(0))?))),
];

/// A list that has the type of a list of texts in Go.
pub(super) fn strings(texts: Vec<String>) -> Value {
    Value::List(List::typed(ListOf::Strings, texts.into_iter().map(Value::from).collect()))
}

/// A value as a list of texts, without nil items.
pub(super) fn texts(host: &Host<'_>, value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(list) => {
            let items = list.items().iter().filter(|item| !matches!(item, Value::Nil));
            items.map(|item| print(item, host.budget)).collect()
        }
        other => Ok(vec![print(other, host.budget)?]),
    }
}

fn spaced(arguments: &[Value], show: impl Fn(&Value) -> Result<String, String>) -> Result<Value, String> {
    let shown = arguments.iter().filter(|value| !matches!(value, Value::Nil)).map(show);
    Ok(shown.collect::<Result<Vec<_>, _>>()?.join(" ").into())
}

fn cat(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    spaced(arguments, |value| print(value, host.budget))
}

fn indent(host: &Host<'_>, arguments: &[Value]) -> Result<String, String> {
    let (text, negative) = (arguments.text(1), |_| "strings: negative Repeat count".to_owned());
    let spaces = usize::try_from(arguments.int(0)).map_err(negative)?;
    let lines = text.matches('\n').count() + 1;
    host.budget.spend_text(spaces.saturating_mul(lines).saturating_add(text.len()))?;
    let pad = " ".repeat(spaces);
    Ok(format!("{pad}{}", text.replace('\n', &format!("\n{pad}"))))
}

fn join(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let (separator, parts) = (arguments.text(0), texts(host, arguments.any(1))?);
    let length = parts.iter().map(String::len).sum::<usize>();
    host.budget.spend_text(length.saturating_add(parts.len().saturating_mul(separator.len())))?;
    Ok(parts.join(separator).into())
}

fn sort(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let mut texts = match arguments.any(0) {
        list @ Value::List(_) => texts(host, list)?,
        other => vec![print(other, host.budget)?],
    };
    texts.sort();
    Ok(strings(texts))
}
