//! Durations as Go writes them: `2s`, `500ms`, `1h2m3.5s`. Knows nothing of their use.

use std::time::Duration;

use super::reader::{Node, Result, quoted};

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),  // the micro sign
    ("\u{3bc}s", 1_000), // the Greek letter
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The duration behind a key. `None` if it is absent, empty or zero: KrakenD then takes its default.
pub(super) fn duration_at(node: &Node<'_>, key: &str) -> Result<Option<Duration>> {
    let Some(node) = node.get(key) else { return Ok(None) };
    let text = node.text()?;
    if text.is_empty() {
        return Ok(None);
    }
    let duration = parse(text).ok_or_else(|| {
        node.error(format!("{} is not a duration (write it like \"2s\", \"500ms\", \"1m30s\")", quoted(text)))
    })?;
    Ok((!duration.is_zero()).then_some(duration))
}

/// Parses a duration; `None` if the text is no duration, or a negative one.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, behind) = digits(rest);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => digits(behind),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(*scale)?)?.checked_add(part(fraction, *scale))?;
        rest = behind;
    }
    // Go counts in signed 64-bit nanoseconds.
    (total <= i64::MAX.unsigned_abs()).then(|| Duration::from_nanos(total))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn part(fraction: &str, scale: u64) -> u64 {
    let mut scale = scale;
    fraction.bytes().fold(0, |sum: u64, digit| {
        let here = scale.saturating_mul(u64::from(digit.saturating_sub(b'0'))) / 10;
        scale /= 10;
        sum.saturating_add(here)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let table = [
            ("2s", Some(2_000_000_000)),
            ("500ms", Some(500_000_000)),
            ("1h2m3.5s", Some(3_723_500_000_000)),
            ("1.5h", Some(5_400_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("+5s", Some(5_000_000_000)),
            ("7\u{b5}s", Some(7_000)),
            ("7\u{3bc}s1ns", Some(7_001)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("2", None),
            ("s", None),
            (".s", None),
            ("2 s", None),
            ("2S", None),
            ("2d", None),
            ("-2s", None),
            ("1e3s", None),
            ("", None),
            ("+", None),
            ("9999999999h", None),
            ("2562048h", None),
        ];
        for (text, nanos) in table {
            assert_eq!(parse(text), nanos.map(Duration::from_nanos), "{text}");
        }
    }
}
