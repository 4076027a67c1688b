//! Times, only in UTC: with the machine's own zone, documents would differ between machines, and the tables of other zones are
//! not here. Source: sprig's date.go.

use std::time::SystemTime;

use crate::functions::arguments::Arguments;
use crate::functions::host::Host;
use crate::functions::signature::{Row, Type};
use crate::value::{Layout, Object, Time, Value, duration_text, parse_duration};

const ANY: &[Type] = &[Type::Any];
const FORMAT: &[Type] = &[Type::String, Type::Any];
const MODIFY: &[Type] = &[Type::String, Type::Time];
const READ: &[Type] = &[Type::String, Type::String];
const ZONED: &[Type] = &[Type::String, Type::Any, Type::String];

/// The layout of a date in HTML.
const DAY: &str = "2006-01-02";

pub(super) const ROWS: &[Row] = &[
    Row::fixed("ago", ANY, |host, arguments| {
        let since = now(host).since(time(host, arguments.any(0)));
        // Rounded to the second, halves away from zero.
        let seconds = (since.saturating_add(500_000_000 * since.signum())) / 1_000_000_000;
        Ok(duration_text(seconds.saturating_mul(1_000_000_000)).into())
    }),
    Row::fixed("date", FORMAT, |host, arguments| written(host, arguments.text(0), arguments.any(1), "UTC")),
    Row::fixed("dateInZone", ZONED, in_zone),
    Row::fixed("date_in_zone", ZONED, in_zone),
    Row::fixed("dateModify", MODIFY, |_, arguments| Ok(modified(arguments).unwrap_or(arguments.any(1).clone()))),
    Row::fixed("date_modify", MODIFY, |_, arguments| Ok(modified(arguments).unwrap_or(arguments.any(1).clone()))),
    Row::fixed("duration", ANY, |_, arguments| {
        let seconds = match arguments.any(0) {
            Value::String(text) => text.parse().unwrap_or_default(),
            Value::Int64(seconds) => *seconds,
            _ => 0i64,
        };
        Ok(duration_text(seconds.wrapping_mul(1_000_000_000)).into())
    }),
    Row::fixed("durationRound", ANY, |host, arguments| Ok(rounded(host, arguments.any(0)).into())),
    Row::fixed("htmlDate", ANY, |host, arguments| written(host, DAY, arguments.any(0), "UTC")),
    Row::fixed("htmlDateInZone", &[Type::Any, Type::String], |host, arguments| {
        written(host, DAY, arguments.any(0), arguments.text(1))
    }),
    Row::fixed("mustDateModify", MODIFY, |_, arguments| modified(arguments)),
    Row::fixed("must_date_modify", MODIFY, |_, arguments| modified(arguments)),
    Row::fixed("mustToDate", READ, |_, arguments| Layout::new(arguments.text(0)).read(arguments.text(1)).map(value)),
    Row::fixed("now", &[], |host, _| Ok(value(now(host)))),
    Row::fixed("toDate", READ, |_, arguments| {
        Ok(value(Layout::new(arguments.text(0)).read(arguments.text(1)).unwrap_or(Time::ZERO)))
    }),
    Row::fixed("unixEpoch", &[Type::Time], |host, arguments| {
        Ok(time(host, arguments.any(0)).seconds.to_string().into())
    }),
];

fn value(time: Time) -> Value {
    Value::Object(Object::Time(time))
}

fn now(host: &Host<'_>) -> Time {
    host.clock.map_or_else(SystemTime::now, |clock| clock()).into()
}

/// The time of a value: seconds since 1970, or a time; any other value gives the present time.
fn time(host: &Host<'_>, value: &Value) -> Time {
    match value {
        Value::Object(Object::Time(time)) => *time,
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_seconds(*seconds),
        _ => now(host),
    }
}

fn written(host: &Host<'_>, layout: &str, date: &Value, zone: &str) -> Result<Value, String> {
    if !matches!(zone, "" | "UTC" | "Local" | "GMT" | "Etc/UTC") {
        return Err(format!("the time zone {zone:?} is not known here: times are written in UTC only"));
    }
    Ok(Layout::new(layout).write(time(host, date)).into())
}

fn in_zone(host: &Host<'_>, arguments: &[Value]) -> Result<Value, String> {
    written(host, arguments.text(0), arguments.any(1), arguments.text(2))
}

fn modified(arguments: &[Value]) -> Result<Value, String> {
    let duration = parse_duration(arguments.text(0))?;
    match arguments.any(1) {
        Value::Object(Object::Time(time)) => Ok(value(time.add(duration))),
        other => Ok(other.clone()),
    }
}

/// The time in the largest unit of which there is more than one.
fn rounded(host: &Host<'_>, value: &Value) -> String {
    const SECOND: u64 = 1_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (SECOND * 86_400 * 365, "y"),
        (SECOND * 86_400 * 30, "mo"),
        (SECOND * 86_400, "d"),
        (SECOND * 3600, "h"),
        (SECOND * 60, "m"),
        (SECOND, "s"),
    ];
    let nanoseconds = match value {
        Value::String(text) => parse_duration(text).unwrap_or_default(),
        Value::Int64(nanoseconds) => *nanoseconds,
        Value::Object(Object::Time(time)) => now(host).since(*time),
        _ => 0,
    };
    let size = nanoseconds.unsigned_abs();
    let unit = UNITS.iter().find(|(unit, _)| size > *unit);
    unit.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit))
}
