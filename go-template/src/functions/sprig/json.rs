//! JSON. Source: sprig's defaults.go.

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::text::{Style, to_json};
use crate::value::Value;

const ANY: &[Type] = &[Type::Any];
const TEXT: &[Type] = &[Type::String];

pub(super) const ROWS: &[Row] = &[
    Row::fixed("fromJson", TEXT, |host, arguments| Ok(from_json(host, arguments.text(0))?.unwrap_or(Value::Nil))),
    Row::fixed("mustFromJson", TEXT, |host, arguments| from_json(host, arguments.text(0))?),
    Row::fixed("mustToJson", ANY, |host, arguments| json(host, arguments, Style::Plain)),
    Row::fixed("mustToPrettyJson", ANY, |host, arguments| json(host, arguments, Style::Pretty)),
    Row::fixed("mustToRawJson", ANY, |host, arguments| json(host, arguments, Style::Raw)),
    Row::fixed("toJson", ANY, |host, arguments| or_empty(json(host, arguments, Style::Plain))),
    Row::fixed("toPrettyJson", ANY, |host, arguments| or_empty(json(host, arguments, Style::Pretty))),
    Row::fixed("toRawJson", ANY, |host, arguments| json(host, arguments, Style::Raw)),
];

fn json(host: &Host<'_>, arguments: &[Value], style: Style) -> Result<Value, String> {
    Ok(to_json(arguments.any(0), style, host.budget)?.into())
}

/// Gives an empty text if a value cannot be written as JSON; a limit stays an error.
fn or_empty(json: Result<Value, String>) -> Result<Value, String> {
    match json {
        Err(message) if message.starts_with("json: ") => Ok("".into()),
        json => json,
    }
}

/// The value of a JSON text, or what is wrong with the text.
fn from_json(host: &Host<'_>, text: &str) -> Result<Result<Value, String>, String> {
    host.budget.spend(text.len() / 4)?;
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(text);
    Ok(match parsed {
        Ok(json) => Ok(json.into()),
        Err(error) if error.is_eof() => Err("unexpected end of JSON input".to_owned()),
        Err(error) => Err(format!("no JSON: {error}")),
    })
}
