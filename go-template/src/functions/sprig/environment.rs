//! Variables of the environment, as the caller provides them. Source: Go's os/env.go.

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::Value;

const TEXT: &[Type] = &[Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("env", TEXT, |host, arguments| Ok(variable(host, arguments.text(0)).into())),
    Row::fixed("expandenv", TEXT, expand),
];

fn variable(host: &Host<'_>, name: &str) -> String {
    host.environment.and_then(|lookup| lookup(name)).unwrap_or_default()
}

/// Replaces `$NAME` and `${NAME}`.
fn expand(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    let (mut text, mut rest) = (String::new(), arguments.text(0));
    while let Some((before, behind)) = rest.split_once('$') {
        text.push_str(before);
        host.budget.spend(1)?;
        host.budget.length(text.len())?;
        let (name, length) = name(behind);
        match name {
            "" if length == 0 => text.push('$'),
            name => text.push_str(&variable(host, name)),
        }
        rest = behind.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok(text.into())
}

/// The name at the beginning of a text, and how many bytes it takes: wrong syntax is removed.
fn name(text: &str) -> (&str, usize) {
    let special = |next: char| matches!(next, '*' | '#' | '$' | '@' | '!' | '?' | '-' | '0'..='9');
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.find('}') {
            Some(0) => ("", 2),
            Some(end) => (inner.get(..end).unwrap_or_default(), end + 2),
            None => ("", 1),
        };
    }
    if text.starts_with(special) {
        return (text.get(..1).unwrap_or_default(), 1);
    }
    let end = text.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_a_shell_ends_them() {
        let cases = [
            ("HOME/x", ("HOME", 4)),
            ("{A}b", ("A", 3)),
            ("{}", ("", 2)),
            ("{A", ("", 1)),
            ("$x", ("$", 1)),
            ("1x", ("1", 1)),
            ("-", ("-", 1)),
            (" ", ("", 0)),
        ];
        cases.iter().for_each(|(text, wanted)| assert_eq!(name(text), *wanted, "{text}"));
    }
}
