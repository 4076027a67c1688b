//! `time`: moments as seconds since 1970, and their texts: RFC 3339, or a format of strftime. The clock is the host's. The only
//! time zones are UTC and the one that a text names.

use std::fmt::Write;
use std::time::SystemTime;

use chrono::format::{ParseErrorKind, ParseResult, Parsed, StrftimeItems, parse as parse_items};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use mlua::{Lua, Value};

use super::price::{Pace, charge};
use crate::bindings::arguments::{Arguments, Method, MethodError, MethodResult};
use crate::bindings::convert::to_text;
use crate::lua::work;

pub(super) const FUNCTIONS: [(&str, Method); 3] = [("time.now", now), ("time.format", format), ("time.parse", parse)];

/// `time.now()`: includes the fraction of the current second.
fn now(_: &Lua, _: &Arguments) -> MethodResult {
    let passed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(Some(Value::Number(passed.as_secs_f64())))
}

/// RFC 3339, to the second.
const RFC_3339: &str = "%Y-%m-%dT%H:%M:%SZ";

/// From the first second of the year 0 to the last one of 9999: years with four digits.
const FIRST: f64 = -62_167_219_200.0;
const BEHIND: f64 = 253_402_300_800.0;

/// `time.format(seconds, format)`
fn format(lua: &Lua, args: &Arguments) -> MethodResult {
    let seconds = args.number(1)?;
    let moment = moment(seconds).ok_or_else(|| {
        MethodError::of("time.format", format_args!("{seconds:?} is not within the years from 0 to 9999"))
    })?;
    if args.is_absent(2) {
        return Ok(Some(to_text(lua, moment.format(RFC_3339).to_string().as_bytes())?));
    }
    let text = args.with_bytes(2, |format| {
        charge_format(lua, format)?;
        formatted(moment, format).ok_or_else(|| no_format("time.format", format))
    })??;
    Ok(Some(to_text(lua, text.as_bytes())?))
}

/// `time.parse(text, format)`
fn parse(lua: &Lua, args: &Arguments) -> MethodResult {
    let fails = |text: &[u8], why: &dyn std::fmt::Display| {
        MethodError::of("time.parse", format_args!("{:?}: {why}", shown(text)))
    };
    let seconds = args.with_bytes(1, |text| {
        charge(lua, text.len(), Pace::Sums, 0)?;
        let written = std::str::from_utf8(text).map_err(|_| fails(text, &"is not UTF-8"))?;
        if args.is_absent(2) {
            let moment = DateTime::parse_from_rfc3339(written)
                .map_err(|error| fails(text, &format_args!("{error} (RFC 3339 is like 2026-01-31T09:30:00Z)")))?;
            return Ok(seconds_of(moment.naive_utc()));
        }
        args.with_bytes(2, |format| {
            charge_format(lua, format)?;
            match std::str::from_utf8(format).map(|format| parsed(written, format)) {
                Ok(Ok(moment)) => Ok(seconds_of(moment)),
                Ok(Err(error)) if error.kind() != ParseErrorKind::BadFormat => Err(fails(text, &error)),
                _ => Err(no_format("time.parse", format)),
            }
        })?
    })??;
    Ok(Some(Value::Number(seconds)))
}

/// The most bytes that one letter of a format may stand for: `%+` is the longest.
const LONGEST: usize = 20;

/// The number of instructions that take as long as one letter.
const PER_LETTER: usize = 8;

fn charge_format(lua: &Lua, format: &[u8]) -> Result<(), MethodError> {
    work(format.len().saturating_mul(PER_LETTER))?;
    Ok(charge(lua, 0, Pace::Letters, format.len().saturating_mul(LONGEST))?)
}

fn no_format(helper: &str, format: &[u8]) -> MethodError {
    MethodError::of(helper, format_args!("{:?} is no format of strftime", shown(format)))
}

/// As much of a text as fits into a message.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text.get(..64).unwrap_or(text)).into_owned()
}

fn moment(seconds: f64) -> Option<DateTime<Utc>> {
    if !(FIRST..BEHIND).contains(&seconds) {
        return None;
    }
    let whole = seconds.floor();
    let nanoseconds = ((seconds - whole) * 1e9).clamp(0.0, 999_999_999.0);
    DateTime::from_timestamp(whole as i64, nanoseconds as u32)
}

fn formatted(moment: DateTime<Utc>, format: &[u8]) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", moment.format(std::str::from_utf8(format).ok()?)).ok().map(|()| text)
}

/// The moment of a text, in UTC. Parts of the time of day that the format does not contain are zero.
fn parsed(text: &str, format: &str) -> ParseResult<NaiveDateTime> {
    let mut parsed = Parsed::new();
    parse_items(&mut parsed, text, StrftimeItems::new(format))?;
    if parsed.timestamp().is_none() {
        if parsed.hour_mod_12().is_none() && parsed.hour_div_12().is_none() {
            parsed.set_hour(0)?;
        }
        if parsed.minute().is_none() {
            parsed.set_minute(0)?;
        }
    }
    let ahead = parsed.offset().unwrap_or(0);
    let there = parsed.to_naive_datetime_with_offset(ahead)?;
    Ok(there.checked_sub_signed(TimeDelta::seconds(i64::from(ahead))).unwrap_or(there))
}

fn seconds_of(moment: NaiveDateTime) -> f64 {
    let moment = moment.and_utc();
    moment.timestamp() as f64 + f64::from(moment.timestamp_subsec_nanos()) / 1e9
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn written(seconds: f64, format: &str) -> Option<String> {
        formatted(moment(seconds)?, format.as_bytes())
    }

    #[test]
    fn moments_are_written_by_formats() {
        let rows = [
            (0.0, "%Y-%m-%d %H:%M:%S %z", "1970-01-01 00:00:00 +0000"),
            (1_769_851_800.0, "%a, %d %b %Y %H:%M:%S GMT", "Sat, 31 Jan 2026 09:30:00 GMT"),
            (1_769_851_800.25, "%s%.3f %j %U %%", "1769851800.250 031 04 %"),
            (-0.5, "%F %T%.3f", "1969-12-31 23:59:59.500"),
            (FIRST, "%Y", "0000"),
            (BEHIND - 1.0, "%F %T", "9999-12-31 23:59:59"),
        ];
        for (seconds, format, text) in rows {
            assert_eq!(written(seconds, format).as_deref(), Some(text), "{format}");
        }
        for seconds in [FIRST - 1.0, BEHIND, f64::NAN, f64::INFINITY, -1e300] {
            assert!(moment(seconds).is_none(), "{seconds}");
        }
        for format in ["%", "%Q", "%1000000000d", "%E", "%:", "%.", "%.1000f"] {
            assert_eq!(written(0.0, format), None, "{format}");
        }
    }

    #[test]
    fn texts_are_read_by_formats() {
        let rows = [
            ("1970-01-02", "%Y-%m-%d", 86_400.0),
            ("2026-01-31 09:30", "%Y-%m-%d %H:%M", 1_769_851_800.0),
            ("31/Jan/2026:10:30:00 +0100", "%d/%b/%Y:%H:%M:%S %z", 1_769_851_800.0),
            ("Sat, 31 Jan 2026 09:30:00 GMT", "%a, %d %b %Y %H:%M:%S GMT", 1_769_851_800.0),
            ("1769851800", "%s", 1_769_851_800.0),
            ("2026-01-31 9 PM", "%Y-%m-%d %I %p", 1_769_893_200.0),
            ("2026-031", "%Y-%j", 1_769_817_600.0),
        ];
        for (text, format, seconds) in rows {
            assert_eq!(parsed(text, format).map(seconds_of), Ok(seconds), "{text}");
        }
        for (text, format) in [
            ("", "%Y"),
            ("2026-02-30", "%Y-%m-%d"),
            ("12", "%H"),
            ("Sun, 31 Jan 2026", "%a, %d %b %Y"),
            ("99999999999999999999", "%s"),
            ("+262142-12-31 23:59:59 -2359", "%Y-%m-%d %H:%M:%S %z"),
        ] {
            let read = parsed(text, format);
            assert!(read.is_err() || text.starts_with('+'), "{text}: {read:?}");
        }
    }
}
