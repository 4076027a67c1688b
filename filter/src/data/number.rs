//! Numbers. A number that no script touched keeps the text it had in the document; other numbers are written as Go writes them.

use std::fmt::Write as _;

use super::text::Str;

/// A JSON number.
#[derive(Clone, Debug)]
pub enum Number {
    /// As spelled in the document: `42.0`, `1e3`, twenty digits.
    Text(Str),
    /// Computed or set by a script (Go's float64).
    Float(f64),
    /// An integer that must keep its digits (Go's int: a number in a nested native table).
    Int(i64),
}

/// All integers up to this magnitude are exact in a float64.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// The nearest float64; infinite if the text is out of range.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // what a script sees is a float64, in KrakenD too
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Float(value) => *value,
            Self::Int(value) => *value as f64,
            Self::Text(text) => match short_integer(text.as_bytes()) {
                Some(value) => value,
                None => text.to_text().parse().unwrap_or(0.0),
            },
        }
    }

    /// The value, if it is written as an integer that fits 64 bits; `42.0` and `1e3` are not written so.
    #[must_use]
    pub fn as_i64_exact(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Float(_) => None,
            // "-0" is minus zero, which no integer can show.
            Self::Text(text) => match text.as_bytes() {
                b"-0" => None,
                _ => text.to_text().parse().ok(),
            },
        }
    }

    /// Whether JSON can write this number.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        !matches!(self, Self::Float(value) if !value.is_finite())
    }

    /// Appends the number as JSON; a number that is not finite appends nothing.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Int(value) => write_integer(*value, out),
            Self::Float(value) => write_float(*value, out),
        }
    }
}

/// Reads an integer of up to 15 digits: it is exact in a float64, and this is cheaper than the general parser.
fn short_integer(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    let mut value: u64 = 0;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    #[allow(clippy::cast_precision_loss)]
    Some(value as f64)
}

fn write_integer(value: i64, out: &mut Vec<u8>) {
    if let Ok(small @ 0..100) = u8::try_from(value) {
        if small >= 10 {
            out.push(b'0'.wrapping_add(small / 10));
        }
        return out.push(b'0'.wrapping_add(small % 10));
    }
    let mut digits = [0u8; 20];
    let mut rest = value.unsigned_abs();
    let mut start = digits.len();
    for slot in digits.iter_mut().rev() {
        #[allow(clippy::cast_possible_truncation)] // below ten
        let digit = (rest % 10) as u8;
        *slot = b'0'.wrapping_add(digit);
        start = start.saturating_sub(1);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Writes a float as Go's encoding/json does: the shortest digits, with an exponent below 1e-6 and from 1e21 on, without
/// leading zeros in the exponent.
fn write_float(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        return;
    }
    let size = value.abs();
    if value.fract() == 0.0 && size < EXACT && (value != 0.0 || value.is_sign_positive()) {
        #[allow(clippy::cast_possible_truncation)] // integral, and below 2^53
        return write_integer(value as i64, out);
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let _ = write!(text, "{value:e}");
        if let Some((digits, exponent)) = text.split_once('e') {
            out.extend_from_slice(digits.as_bytes());
            out.extend_from_slice(if exponent.starts_with('-') { b"e" } else { b"e+" });
            out.extend_from_slice(exponent.as_bytes());
        }
    } else {
        let _ = write!(text, "{value}");
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: &Number) -> String {
        let mut out = Vec::new();
        number.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    #[allow(clippy::approx_constant)] // the case's own digits
    fn floats_are_written_as_the_recorded_case_numbers_json_shows() {
        let rows: [(f64, &str); 26] = [
            (42.0, "42"),
            (1e300, "1e+300"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (0.1, "0.1"),
            (-0.0, "-0"),
            (0.0, "0"),
            (1e15, "1000000000000000"),
            (1e14, "100000000000000"),
            (123_456_789_012.0, "123456789012"),
            (1e16, "10000000000000000"),
            (1e17, "100000000000000000"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-5, "0.00001"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-10, "1.5e-10"),
            (100_000.0, "100000"),
            (3.141_592_653_589_79, "3.14159265358979"),
            (1.0 / 3.0, "0.3333333333333333"),
            (9_223_372_036_854_775_808.0, "9223372036854776000"),
            (-9_223_372_036_854_775_808.0, "-9223372036854776000"),
            (2_147_483_648.0, "2147483648"),
            (1e100, "1e+100"),
            (123_456_789.123, "123456789.123"),
            (5e-324, "5e-324"),
        ];
        for (value, text) in rows {
            assert_eq!(written(&Number::Float(value)), text);
        }
    }

    #[test]
    fn integers_are_written_plainly_up_to_both_ends() {
        for value in [0, 7, -7, 10, 99, 100, 255, 256, i64::MAX, i64::MIN].into_iter().chain(0..1_000) {
            assert_eq!(written(&Number::Int(value)), value.to_string());
        }
    }

    #[test]
    fn a_text_out_of_range_reads_as_infinite_but_is_written_as_it_came() {
        let number = Number::Text(Str::from("1e999"));
        assert!(number.as_f64().is_infinite());
        assert!(number.is_writable());
        assert_eq!(written(&number), "1e999");
    }

    #[test]
    fn only_integers_that_fit_64_bits_are_exact() {
        let exact = |text: &str| Number::Text(Str::from(text)).as_i64_exact();
        assert_eq!(exact("9007199254740993"), Some(9_007_199_254_740_993));
        assert_eq!(exact("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(exact("12345678901234567890"), None);
        assert_eq!(exact("42.0"), None);
        assert_eq!(exact("1e3"), None);
        assert_eq!(exact("-0"), None);
    }

    #[test]
    fn minus_zero_keeps_its_sign() {
        assert!(Number::Text(Str::from("-0")).as_f64().is_sign_negative());
    }
}
